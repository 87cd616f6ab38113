"""A whole member list: exact differences, errors by row, nothing imported when one is wrong."""

import csv
import io
import unicodedata
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from territoires import liste_membres
from territoires.corrections import Correction
from territoires.liste_membres import COLUMNS, ListeErronee, read
from territoires.models import Intercommunalite, Rattachement, Territoire
from territoires.models.modification import tracer
from tests.factories import (
    CommuneAncienneFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    RattachementFactory,
    RegionFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db
LE = date(2022, 1, 10)


def as_file(rows, encoding="utf-8", delimiter=","):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def adjustment(content, le, source):
    return liste_membres.adjustment(read(content), le, source)


def as_workbook(rows, change=lambda sheet: None):
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    for row in rows:
        book.active.append([row[column] for column in COLUMNS])
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def current_rows():
    """The map as it stands, in the layout of the list."""
    return [
        {
            "id_ti": row.territoire_id,
            "lib_ti": row.territoire.nom,
            "insee_reg": row.territoire.region_porteuse_id,
            "siren_groupement": row.intercommunalite_id or "",
            "lib_groupement": str(row.membre),
            "type": row.nature,
            "insee_com": row.commune_id or "",
        }
        for row in Rattachement.objects.at(LE).select_related("territoire", "intercommunalite")
    ]


@pytest.fixture
def brest():
    territoire = TerritoireFactory(nom="Brest")
    RattachementFactory(territoire=territoire)
    return territoire


@pytest.fixture
def morlaix():
    return TerritoireFactory(nom="Morlaix", region_porteuse=TerritoireFactory().region_porteuse)


def test_the_same_list_changes_nothing(brest, morlaix):
    assert adjustment(as_file(current_rows()), LE, "liste").est_vide


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ";"), ("cp1252", ";"), ("utf-8", "\t")]
)
def test_lists_are_read_as_spreadsheets_write_them(brest, encoding, delimiter):
    brest.nom = "Brest – Iroise"
    brest.save()

    assert adjustment(as_file(current_rows(), encoding, delimiter), LE, "liste").est_vide


def test_differences_are_exactly_the_lists(brest, morlaix):
    rows = current_rows()
    gone = rows.pop(0)
    commune = CommuneFactory()
    rows.append({**rows[0], "siren_groupement": "", "type": "COM", "insee_com": commune.pk})
    new = IntercommunaliteFactory()
    rows.append(
        {
            "id_ti": "TI-5399",
            "lib_ti": "Finistère",
            "insee_reg": brest.region_porteuse_id,
            "siren_groupement": new.pk,
            "lib_groupement": new.nom,
            "type": "CC",
            "insee_com": "",
        }
    )

    act = adjustment(as_file(rows), LE, "liste de 2022")
    act.appliquer()

    assert act.creations == {
        "ti-5399": {
            "nom": "Finistère",
            "region_porteuse": brest.region_porteuse_id,
            "code_anct": "ti-5399",
        }
    }
    assert act.sorties == {gone["id_ti"]: [gone["siren_groupement"]]}
    assert act.entrees == {rows[0]["id_ti"]: [commune.pk], "ti-5399": [new.pk]}
    assert adjustment(as_file(rows), LE, "liste de 2022").est_vide


def test_a_merger_is_read_from_the_members(brest, morlaix):
    rows = current_rows()
    for row in rows:
        if row["id_ti"] in {brest.pk, morlaix.pk}:
            row |= {
                "id_ti": "ti-5399",
                "lib_ti": "Finistère",
                "insee_reg": brest.region_porteuse_id,
            }

    adjustment(as_file(rows), LE, "liste").appliquer()

    assert set(Territoire.objects.get(pk="ti-5399").predecesseurs.all()) == {brest, morlaix}


def test_a_new_name_is_a_renaming(brest):
    rows = [row | {"lib_ti": "Pays de Brest"} for row in current_rows()]

    assert adjustment(as_file(rows), LE, "liste").noms == {brest.pk: ["Brest", "Pays de Brest"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"siren_groupement": "123456789"},
            "Ligne 2, colonne siren_groupement : le SIREN « 123456789 » n’est celui",
        ),
        (
            {"siren_groupement": "12"},
            "Ligne 2, colonne siren_groupement : « 12 » n’est pas un SIREN",
        ),
        ({"insee_com": "99ZZZ"}, "Ligne 2, colonne insee_com : « 99ZZZ » n’est pas le code INSEE"),
        ({"insee_reg": "00"}, "Ligne 2, colonne insee_reg : « 00 » n’est pas le code d’une région"),
        ({"id_ti": "Brest"}, "Ligne 2, colonne id_ti : « Brest » n’est pas un code de territoire"),
        ({"lib_ti": ""}, "Ligne 2, colonne lib_ti : le nom du territoire est vide"),
    ],
)
def test_a_wrong_row_names_its_line_and_column(brest, change, message):
    rows = current_rows()
    rows[0] |= change

    with pytest.raises(ListeErronee) as raised:
        adjustment(as_file(rows), LE, "liste")

    assert any(str(erreur).startswith(message) for erreur in raised.value.erreurs)


def test_a_member_in_two_territories_is_refused(brest, morlaix):
    rows = current_rows()
    mine = next(row for row in rows if row["id_ti"] == brest.pk)
    theirs = next(row for row in rows if row["id_ti"] == morlaix.pk)
    rows.append(theirs | {"siren_groupement": mine["siren_groupement"]})

    with pytest.raises(ListeErronee, match="est déjà membre de « Brest » à la ligne"):
        adjustment(as_file(rows), LE, "liste")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Le fichier est vide"),
        (b"nom;valeur\na;b\n", "Il manque la colonne id_ti"),
        (",".join(COLUMNS).encode(), "aucune ligne"),
        (b"PK\x03\x04\0\0", "Ce classeur est abîmé"),
        (b"x" * 10_000_000, "dépasse 1 Mo"),
        (",".join(COLUMNS).encode() + b'\n"a,b', "un guillemet n’est pas refermé"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content, message):
    with pytest.raises(ValidationError, match=message):
        adjustment(content, LE, "liste")


def test_a_workbook_is_a_list_too_and_the_encoding_of_a_csv_is_told(brest, morlaix):
    assert adjustment(as_workbook(current_rows()), LE, "liste").est_vide
    assert read(as_file(current_rows(), "cp1252")).remarques[0].startswith("Encodage lu : ")


def test_what_the_spreadsheet_hides_is_refused_in_a_complete_list(brest, morlaix):
    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True

    with pytest.raises(ListeErronee) as refused:
        adjustment(as_workbook(current_rows(), hide), LE, "liste")
    assert [(fault.ligne, fault.colonne) for fault in refused.value.erreurs] == [
        (1, "insee_reg"),
        (3, "id_ti"),
    ]


def test_a_name_whose_letters_were_lost_is_refused(brest):
    rows = [{**current_rows()[0], "lib_ti": "Pays de l\ufffdAigle"}]
    with pytest.raises(ListeErronee, match="une lettre perdue"):
        adjustment(as_file(rows), LE, "liste")


def test_the_past_is_not_rewritten(brest):
    RattachementFactory(debut=date(2022, 3, 1), territoire=brest)
    rows = current_rows()[:1]

    with pytest.raises(ValidationError, match="La carte a déjà changé le 10/01/2022 ou après"):
        adjustment(as_file(rows), LE, "liste")


def test_two_territories_that_swap_their_codes_get_them_back(brest, morlaix):
    """Neither the act nor its correction may meet one code twice on its way."""
    for territoire, code in ((brest, "ti-5301"), (morlaix, "ti-5302")):
        territoire.code_anct = code
        territoire.save()
    swapped = {brest.pk: "ti-5302", morlaix.pk: "ti-5301"}
    rows = [row | {"id_ti": swapped.get(row["id_ti"], row["id_ti"])} for row in current_rows()]
    with tracer("carte", brest, None) as trace:
        adjustment(as_file(rows), LE, "liste").appliquer()
    codes = Territoire.objects.filter(pk__in=swapped).values_list("pk", "code_anct")
    assert dict(codes) == swapped

    Correction(trace).faire(None, "Une erreur.")

    assert dict(codes.all()) == {brest.pk: "ti-5301", morlaix.pk: "ti-5302"}


def test_a_member_named_by_its_communes_is_the_same(brest, morlaix):
    """A list may name the communes of an intercommunalité, another the intercommunalité itself."""
    rows = current_rows()
    theirs = [row for row in rows if row["id_ti"] == brest.pk]
    for row in theirs:
        row["lib_ti"] = "Iroise"
    mine = theirs[0]
    whole = Intercommunalite.objects.get(pk=mine["siren_groupement"])
    communes = [CommuneFactory(intercommunalite=whole) for _ in range(4)]
    rows.remove(mine)
    rows += [mine | {"siren_groupement": "", "insee_com": commune.pk} for commune in communes[:3]]

    act = adjustment(as_file(rows), LE, "liste")

    assert act.noms == {brest.pk: ["Brest", "Iroise"]}
    assert act.creations == {}
    assert act.entrees == {brest.pk: sorted(commune.pk for commune in communes[:3])}
    assert act.sorties == {brest.pk: [whole.pk]}


# --- Read as everything else is -----------------------------------------------------------------


def test_codes_come_back_from_a_spreadsheet(brest):
    """Zeros that it ate, numbers, signs that were pasted, another composition of the accents."""
    ain = RegionFactory(code="01", nom="Région d’essai")
    commune = CommuneFactory(code="01004", nom="Ambérieu-en-Bugey")
    rows = current_rows()
    wanted = {
        "id_ti": "ti-5399",
        "lib_ti": "Pays d’Ambérieu",
        "insee_reg": ain.pk,
        "siren_groupement": "",
        "lib_groupement": commune.nom,
        "type": "COM",
        "insee_com": commune.pk,
    }
    written = wanted | {
        "id_ti": "TI-5399\u200b",
        "lib_ti": unicodedata.normalize("NFD", " Pays d’Ambérieu\u00ad"),
        "insee_reg": 1,
        "insee_com": 1004,
    }
    siren = rows[0]["siren_groupement"]
    rows[0]["siren_groupement"] = f"{siren[:3]}\u00a0{siren[3:6]} {siren[6:]}"
    act = adjustment(as_workbook([*rows, written]), LE, "liste")
    assert act.creations["ti-5399"] == {
        "nom": "Pays d’Ambérieu",
        "region_porteuse": "01",
        "code_anct": "ti-5399",
    }
    assert act.entrees == {"ti-5399": ["01004"]}
    assert act.sorties == {}


def test_a_commune_of_before_is_that_of_today_and_the_preview_says_so(brest):
    today = CommuneFactory(code="75056", nom="Paris")
    CommuneAncienneFactory(code="75113", nom="Paris 13e", commune=today)
    rows = [*current_rows()]
    rows.append({**rows[0], "siren_groupement": "", "type": "COM", "insee_com": "75113"})
    liste = read(as_file(rows))
    assert liste.rows[-1]["insee_com"] == "75056"
    assert liste.remarques[-1] == "Commune 75113 : lue 75056, Paris, sa commune d’aujourd’hui."


@pytest.mark.parametrize(
    ("column", "written", "told"),
    [
        ("lib_ti", "x" * 500, "a 500 caractères ; le nom d’un territoire en a"),
        ("lib_ti", "Pays d’AmbÃ©rieu", "impossible en français"),
        ("id_ti", "x" * 500, "n’est pas un code de territoire comme ti-7505"),
        ("id_ti", "", "n’est pas un code de territoire comme ti-7505"),
        ("insee_reg", "x" * 500, "n’est pas le code d’une région"),
        ("insee_reg", "", "n’est pas le code d’une région"),
        ("siren_groupement", "x" * 500, "n’est pas un SIREN de neuf chiffres"),
        ("siren_groupement", "", "le SIREN du groupement, ou le code de la commune, est vide"),
        ("siren_groupement", "327834215", "son dernier chiffre, la clé, ne correspond pas"),
        ("siren_groupement", "2,00E+08", "le tableur a remplacé le code par un nombre arrondi"),
        ("insee_com", "x" * 500, "n’est pas le code INSEE d’une commune"),
        ("insee_com", "1er mars", "n’est pas le code INSEE d’une commune"),
    ],
)
def test_what_a_column_does_not_take_is_told(brest, column, written, told):
    rows = [current_rows()[0] | {column: written}]
    with pytest.raises(ListeErronee) as refused:
        adjustment(as_file(rows), LE, "liste")
    (fault,) = [fault for fault in refused.value.erreurs if fault.colonne == column]
    assert told in fault.message
