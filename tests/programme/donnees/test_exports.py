"""Every format says the same rows, the same words, and nothing that is not public."""

import csv
import io
from datetime import date

import openpyxl
import pytest
from django.db import connection

from programme.donnees import horizon
from programme.donnees.expressions import LIMITE
from programme.donnees.jeux import JEUX
from programme.donnees.neutralisation import neutralise, restore
from programme.donnees.schema import Type
from programme.models import Projet, Publication
from territoires.lecture.texte import ValeurRefusee, texte
from territoires.models import Territoire
from tests import factories
from tests.programme.donnees.outils import (
    FABRIQUES,
    body,
    export,
    read_csv,
    read_json,
    read_xlsx,
)

pytestmark = pytest.mark.django_db


def test_every_dataset_has_a_factory():
    assert set(FABRIQUES) == set(JEUX)


@pytest.mark.parametrize("code", JEUX)
def test_every_format_has_the_columns_of_the_schema(code):
    FABRIQUES[code]()
    names = JEUX[code].noms
    assert list(read_csv(export(code, "csv"))[0]) == names
    assert list(read_xlsx(export(code, "xlsx"))[0][0]) == names
    assert list(read_json(export(code, "json"))["results"][0]) == names
    assert list(read_json(export(code, "geojson"))["features"][0]["properties"]) == names


@pytest.mark.parametrize("code", JEUX)
def test_every_format_says_the_same(code):
    """CSV, XLSX, JSON and GeoJSON of three rows, value by value."""
    FABRIQUES[code].create_batch(3)
    jeu = JEUX[code]
    expected = [as_texts(jeu, row) for row in read_json(export(code, "json"))["results"]]
    assert expected
    assert read_csv(export(code, "csv")) == expected
    features = read_json(export(code, "geojson"))["features"]
    assert [as_texts(jeu, feature["properties"]) for feature in features] == expected
    header, *rows = read_xlsx(export(code, "xlsx"))[0]
    assert [as_texts(jeu, dict(zip(header, row, strict=True))) for row in rows] == expected


def as_texts(jeu, row):
    """A row of any format as the texts of the CSV."""
    texts = {}
    for colonne in jeu.colonnes:
        value = row[colonne.nom]
        if isinstance(value, bool):
            value = "oui" if value else "non"
        elif isinstance(value, list):
            value = "|".join(value)
        elif hasattr(value, "isoformat"):
            value = value.isoformat()[:10]
        elif isinstance(value, float):
            value = f"{value:.6f}".rstrip("0").rstrip(".")
        texts[colonne.nom] = "" if value is None else str(value)
    return texts


def test_rows_of_a_territory():
    bretagne = factories.RegionFactory(code="53")
    normandie = factories.RegionFactory(code="28")
    territoire = factories.TerritoireFactory(
        rattachement=None,
        nom="Pays de l’Aigle, « l’Orne »",
        region_porteuse=normandie,
        regions=[bretagne, normandie],
        departements=[factories.DepartementFactory(code=code) for code in ("61", "2A", "01")],
    )
    factories.RattachementFactory(
        territoire=territoire, debut=date(2019, 11, 14), certitude="au plus tard"
    )
    factories.ProjetFactory.create_batch(2, territoire=territoire)
    factories.ProjetFactory(territoire=territoire, publication=Publication.BROUILLON)

    row = read_json(export("territoires", "json"))["results"][0]

    assert row["nom"] == "Pays de l’Aigle, « l’Orne »"
    assert row["region_porteuse"] == "28"
    assert row["regions"] == ["28", "53"]
    assert row["departements"] == ["01", "2A", "61"]
    assert row["debut"] == "2019-11-14"
    assert row["debut_certitude"] == "au plus tard"
    assert row["fin"] == "2023-11-09"
    assert row["population"] == 20_000
    assert row["nb_communes"] == 12
    assert row["nb_projets"] == 2
    assert read_csv(export("territoires", "csv"))[0]["regions"] == "28|53"


def test_a_list_without_value_is_empty():
    factories.RattachementFactory(territoire__departements=[])
    assert read_json(export("territoires", "json"))["results"][0]["departements"] == []
    feature = read_json(export("territoires", "geojson"))["features"][0]
    assert feature["properties"]["departements"] == []
    assert read_csv(export("territoires", "csv"))[0]["departements"] == ""


@pytest.mark.parametrize("state", set(Publication) - {Publication.PUBLIE})
def test_a_record_that_is_not_published_is_in_no_dataset(state):
    secret = "Projet encore secret"
    contrat = factories.ContratFactory(publication=state, intitule=secret)
    factories.SignataireFactory(contrat=contrat, organisme=secret)
    factories.AvenantFactory(contrat=contrat, objet=secret)
    projet = factories.ProjetFactory(publication=state, beneficiaire=secret, code="SECRET-1")
    factories.FinancementFactory(projet=projet)
    engagement = factories.EngagementFactory(publication=state, intitule=secret)
    factories.RealisationFactory(engagement=engagement, commentaire=secret)
    factories.ConventionFactory(publication=state, intitule=secret)
    factories.ReferentFactory(publication=state, nom=secret)
    factories.ServiceFactory(publication=state, intitule=secret)
    factories.TerritoirePrioritaireFactory(publication=state, source=secret)
    factories.ChiffreAnnonceFactory(publication=state, contexte=secret)
    factories.JalonFactory(publication=state, intitule=secret)
    factories.EnveloppeFactory(publication=state, intitule=secret)

    for code in JEUX:
        for sorte in ("csv", "json", "geojson"):
            text = body(export(code, sorte)).decode()
            assert secret not in text, (code, sorte)
            assert "SECRET-1" not in text, (code, sorte)


def test_codes_stay_text_in_a_workbook():
    region = factories.RegionFactory(code="01")
    departement = factories.DepartementFactory(code="02", region=region)
    factories.ProjetFactory(
        siren="012345678", commune=factories.CommuneFactory(departement=departement)
    )
    rows, workbook = read_xlsx(export("projets", "xlsx"))
    row = dict(zip(*rows, strict=True))
    assert (row["siren"], row["departement"], row["region"]) == ("012345678", "02", "01")
    sheet = workbook.worksheets[0]
    kinds = {cell.value: cell.data_type for cell in sheet[2] if cell.value is not None}
    assert kinds["012345678"] == "s"
    assert "f" not in kinds.values()
    assert all(cell.hyperlink is None for cell in sheet[2])


def test_a_date_of_a_workbook_is_a_date():
    factories.ProjetFactory(mise_a_jour=date(2022, 3, 31))
    rows, workbook = read_xlsx(export("projets", "xlsx"))
    row = dict(zip(*rows, strict=True))
    assert row["mise_a_jour"].date() == date(2022, 3, 31)
    column = JEUX["projets"].noms.index("mise_a_jour") + 1
    assert workbook.worksheets[0].cell(2, column).number_format == r"yyyy\-mm\-dd"


TEXTS = [
    'Dit « l’Aigle », "guillemets" et point-virgule ; fin',
    "deux\nlignes\r\net une virgule, encore",
    "tabulation\tau milieu",
    "élève œuvre Ÿ € 𝄞 日本 \u202fﬁn",
    "_x0041_ et <balise> & esperluette ]]>",
    "'apostrophe",
    "''",
    "=1+1",
    ' =HYPERLINK("https://exemple.fr";"ici")',
    "'=2+2",
    "'' =3",
    "-12",
    "+33 1 02 03 04 05",
    "@SOMME(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\u00a0=1",
    "＝1+1",
    "\\.",
    "\\N",
    "NULL",
    "50 %s %% {}",
    "espaces autour  ",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_comes_back_from_every_format(text):
    factories.ProjetFactory(objet=text)
    assert read_json(export("projets", "json"))["results"][0]["objet"] == text
    assert read_json(export("projets", "geojson"))["features"][0]["properties"]["objet"] == text
    for name, delimiter in (("virgule", ","), ("point-virgule", ";")):
        cell = read_csv(export("projets", "csv", separateur=name), delimiter)[0]["objet"]
        assert cell == neutralise(text)
        assert restore(cell) == text
    rows, workbook = read_xlsx(export("projets", "xlsx"))
    column = JEUX["projets"].noms.index("objet")
    assert restore(openpyxl.utils.escape.unescape(rows[1][column])) == text
    assert workbook.worksheets[0].cell(2, column + 1).data_type == "s"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL gives its own lines")
def test_a_cell_that_holds_the_limit_of_cells_moves_no_column():
    """No door lets it in; a base written by hand gets no file rather than a false one."""
    with pytest.raises(ValeurRefusee, match=r"invisible \(U\+001F\)"):
        texte(f"Bois{LIMITE}laine")
    factories.ProjetFactory(objet=f"Bois{LIMITE}laine")
    with pytest.raises(ValueError, match=r"a cell holds U\+001F"):
        body(export("projets", "csv"))


def test_a_huge_text_is_whole_and_excel_says_what_it_cuts():
    text = 'é;"\n' * 2_500_000
    factories.ProjetFactory(objet=text)
    assert read_json(export("projets", "geojson"))["features"][0]["properties"]["objet"] == text
    previous = csv.field_size_limit(20_000_000)
    try:
        assert read_csv(export("projets", "csv"))[0]["objet"] == text
    finally:
        csv.field_size_limit(previous)
    cell = dict(zip(*read_xlsx(export("projets", "xlsx"))[0], strict=True))["objet"]
    assert len(cell) == 32_767
    assert cell.endswith("voir le fichier CSV]")


def test_an_empty_text_and_a_missing_value_are_the_same_empty_cell():
    factories.ProjetFactory(objet="", siren="", commune=None, emplois_crees=None)
    row = read_csv(export("projets", "csv"))[0]
    assert {row[name] for name in ("objet", "siren", "commune", "emplois_crees")} == {""}
    assert b'""' not in body(export("projets", "csv"))
    row = read_json(export("projets", "json"))["results"][0]
    assert {row[name] for name in ("objet", "siren", "commune", "emplois_crees")} == {None}


def test_zero_is_not_a_missing_value():
    factories.ProjetFactory(emplois_crees=0)
    assert read_csv(export("projets", "csv"))[0]["emplois_crees"] == "0"


@pytest.mark.parametrize(
    ("longitude", "text"),
    [(2.53925, "2.53925"), (-61.5, "-61.5"), (7.0, "7"), (0.1234565, "0.123457"), (0.0, "0")],
)
def test_coordinates_are_the_same_text_on_both_databases(longitude, text):
    factories.ProjetFactory(lon=longitude, lat=48)
    row = read_csv(export("projets", "csv"))[0]
    assert (row["longitude"], row["latitude"]) == (text, "48")


def test_geojson_has_points_and_says_how_many():
    factories.ProjetFactory(code="A", lon=2.5, lat=48.25)
    factories.ProjetFactory(code="B", lon=None, lat=None)
    found = read_json(export("projets", "geojson"))
    assert found["type"] == "FeatureCollection"
    assert found["lignes"] == 2
    first, second = found["features"]
    assert (first["type"], first["id"]) == ("Feature", "A")
    assert first["geometry"] == {"type": "Point", "coordinates": [2.5, 48.25]}
    assert second["geometry"] is None


@pytest.mark.parametrize("sorte", ["csv", "xlsx", "json", "geojson"])
def test_an_empty_selection_is_a_whole_file(sorte):
    for queryset in (Projet.objects.none(), Projet.objects.filter(code="absent")):
        response = export("projets", sorte, queryset)
        assert response["X-Total-Count"] == "0"
        content = body(response)
        if sorte == "csv":
            assert content.decode("utf-8-sig") == ",".join(JEUX["projets"].noms) + "\n"
        elif sorte in ("json", "geojson"):
            rows = "results" if sorte == "json" else "features"
            assert read_json(export("projets", sorte, queryset))[rows] == []
        else:
            assert openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row == 1


def test_the_order_asked_for_is_the_order_of_the_file():
    for name in ("Zinc", "Acier", "Métal"):
        factories.ProjetFactory(beneficiaire=name)
    queryset = Projet.objects.published().order_by("-beneficiaire")
    for read in (read_csv, lambda r: read_json(r)["results"]):
        sorte = "csv" if read is read_csv else "json"
        names = [row["beneficiaire"] for row in read(export("projets", sorte, queryset))]
        assert names == ["Zinc", "Métal", "Acier"]


def test_ties_keep_the_same_order_from_page_to_page():
    factories.ProjetFactory.create_batch(7, beneficiaire="Même nom")
    queryset = Projet.objects.published().order_by("beneficiaire")
    pages = [
        read_json(export("projets", "json", queryset, taille=3, page=page))["results"]
        for page in (1, 2, 3)
    ]
    codes = [row["code"] for page in pages for row in page]
    assert codes == [row["code"] for row in read_csv(export("projets", "csv", queryset))]
    assert len(set(codes)) == 7


def test_a_row_reached_twice_by_a_join_is_in_the_file_once():
    territoire = factories.RattachementFactory().territoire
    factories.ProjetFactory.create_batch(2, territoire=territoire)
    twice = Territoire.objects.filter(projets__isnull=False).distinct().order_by("-nom")
    assert len(read_csv(export("territoires", "csv", twice))) == 1


@pytest.mark.parametrize("sorte", ["csv", "xlsx", "json", "geojson"])
def test_the_number_of_queries_does_not_grow_with_the_rows(sorte, django_assert_num_queries):
    # A file: the version, the count, the rows, then its proof, written in two; the selection of a
    # visitor also counts the proofs of the day. A page: the count, the rows. The sources are read
    # once a version: which one it is, for rows that cite some, is one more.
    expected = {"territoires": 6, "projets": 6, "rattachements": 5}
    for count in (1, 5):
        factories.RattachementFactory.create_batch(count)
        factories.ProjetFactory.create_batch(count)
        horizon.connues()
        for code, queries in expected.items():
            with django_assert_num_queries(queries + (sorte == "xlsx")):
                body(export(code, sorte))
            if sorte == "json":
                with django_assert_num_queries(2 + (code == "projets")):
                    body(export(code, sorte, page=1))


def test_a_type_for_every_column():
    for jeu in JEUX.values():
        for colonne in jeu.colonnes:
            assert isinstance(colonne.type, Type)
            assert colonne.titre
            assert colonne.description.endswith((".", "»"))
