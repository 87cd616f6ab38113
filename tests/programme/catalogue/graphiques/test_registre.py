"""Each chart of the registry against its own table, its drawing, its page and the rows of its file.

A chart that is declared without a recount here fails: the recount reads the published file alone.
"""

from collections import Counter, defaultdict
from statistics import median

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from programme.catalogue.citer.citables import CITABLES
from programme.catalogue.graphiques import fonds
from programme.catalogue.graphiques.registre import DECLARATIONS, graphique
from programme.donnees.jeux import JEUX
from programme.models import Citation
from territoires.reponses import SANS_OBJET
from tests.programme.catalogue.pages.outils import mots, texte
from tests.programme.donnees.outils import read_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

CODES = sorted(DECLARATIONS)


@pytest.fixture(scope="module")
def dessins():
    """{code: chart}, each made once."""
    return {}


@pytest.fixture(params=CODES)
def dessin(request, dessins):
    code = request.param
    if code not in dessins:
        dessins[code] = graphique(code)
    return dessins[code]


# --- The rows of its file ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lus():
    return {}


@pytest.fixture
def lignes_du_fichier(client, lus):
    """Function: the rows of the file that a chart names."""

    def read(chart):
        address = chart.fichier.adresse(format="json")
        if address not in lus:
            lus[address] = read_json(client.get(address))["results"]
        return lus[address]

    return read


def par(rows, key, measure):
    """{value of `key`: (projects, how many tell `measure`, what they add up to or None)}."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row[measure])
    told = {k: [v for v in values if v is not None] for k, values in groups.items()}
    return {k: (len(groups[k]), len(v), sum(v) if v else None) for k, v in told.items()}


def du_graphique(chart):
    return {
        str(ligne.titre): tuple(ligne.valeurs[nom] for nom in ("projets", "dits", "somme"))
        for ligne in chart.lignes
    }


def renseignements(chart, rows):
    read = {
        "Filière": "filiere",
        "Commune": "commune",
        "Objet (lecture du portail)": "objet",
        "Emplois à créer": "emplois_crees",
        "Investissement": "investissement_eur",
        "Emplois maintenus": "emplois_maintenus",
    }
    for ligne in chart.lignes:
        said = read.get(ligne.titre)  # no file of projects has the aid
        told = sum(row[said] is not None for row in rows) if said else 0
        assert (ligne.valeurs["dits"], ligne.valeurs["tus"]) == (told, len(rows) - told)


def investissements(chart, rows):
    values = sorted(row["investissement_eur"] for row in rows if row["investissement_eur"])
    expected = Counter(
        next(r for r, top in enumerate(fonds.CLASSES[1:]) if value < top) for value in values
    )
    shown = [ligne.valeurs["projets"] for ligne in chart.lignes]
    assert shown == [expected[rank] for rank in range(min(expected), max(expected) + 1)]
    assert sum(ligne.valeurs["somme"] for ligne in chart.lignes) == sum(values)
    assert chart.forme.mediane == round(median(values))
    assert [one.valeur for one in chart.forme.grands] == values[::-1][:3]
    share = round(100 * sum(values[-3:]) / sum(values))
    assert f"Trois projets font {share} %" in chart.titre


def par_region(chart, rows):
    found = par(rows, lambda row: row["region"], "investissement_eur")
    names = {r["code"]: r["nom"] for r in JEUX["regions"].records(JEUX["regions"].published())}
    expected = {names.get(code, chart.lignes[-1].titre): told for code, told in found.items()}
    shown = du_graphique(chart)
    assert {k: v for k, v in shown.items() if v[0]} == expected
    assert {k: v for k, v in shown.items() if not v[0]} == {"Mayotte": (0, SANS_OBJET, SANS_OBJET)}
    assert next(iter(shown)) == "Auvergne-Rhône-Alpes"  # by name: the holes rank nobody


def par_filiere(chart, rows):
    expected = par(rows, lambda row: row["filiere"] or "non renseignée", "emplois_crees")
    assert du_graphique(chart) == expected


def par_taille(chart, rows):
    def named(row):
        return fonds.CATEGORIES.get(row["categorie"], row["categorie"])

    assert du_graphique(chart) == par(rows, named, "investissement_eur")
    for ligne in chart.lignes:
        told = [r["investissement_eur"] for r in rows if named(r) == ligne.titre]
        told = [value for value in told if value is not None]
        assert ligne.valeurs["mediane"] == (round(median(told)) if told else None)


def par_annee(chart, rows):
    expected = par(rows, lambda row: row["mise_a_jour"][:4], "emplois_crees")
    assert du_graphique(chart) == expected


def territoires(chart, rows):
    announced = [row["nb_territoires"] for row in rows if row["nb_territoires"] is not None]
    assert [ligne.valeurs["annonces"] for ligne in chart.lignes] == announced
    for ligne in chart.lignes:
        told = ("nommes", "reconstitues", "reste")
        assert sum(ligne.valeurs[nom] for nom in told) == ligne.valeurs["annonces"]


def contrats(chart, rows):
    signed = [r for r in rows if r["statut"] in ("signé", "en cours", "achevé")]
    signed = [r for r in signed if r["meme_acte"] is None]
    dated = Counter(row["date_signature"] for row in signed if row["date_signature"])
    shown = Counter()
    for ligne in chart.lignes:
        if ligne.jour:
            shown[ligne.jour.isoformat()] += ligne.valeurs["actes"]
    assert shown == dated
    last = [ligne for ligne in chart.lignes if ligne.jour][-1]
    assert last.valeurs["cumul"] == sum(dated.values())


def contrats_renseignes(chart, rows):
    columns = ("date_signature", "lieu", "nb_actions", "montant_eur", "date_fin")
    for ligne, column in zip(chart.lignes, columns, strict=True):
        told = sum(row[column] is not None for row in rows)
        assert (ligne.valeurs["dits"], ligne.valeurs["tus"]) == (told, len(rows) - told)


def regions_projets(chart, rows):
    names = {r["code"]: r["nom"] for r in JEUX["regions"].records(JEUX["regions"].published())}

    def named(row):
        return names.get(row["region"], chart.lignes[-1].titre)

    jobs, money = (par(rows, named, name) for name in ("emplois_crees", "investissement_eur"))
    for ligne in chart.lignes:
        if not ligne.valeurs["projets"]:
            assert ligne.titre not in jobs
            continue
        told = [ligne.valeurs[nom] for nom in ("projets", "dits", "emplois")]
        assert tuple(told) == jobs[ligne.titre]
        assert (ligne.valeurs["disent"], ligne.valeurs["somme"]) == money[ligne.titre][1:]
    assert next(iter(chart.lignes)).titre == "Auvergne-Rhône-Alpes"  # by name


def regions_contrats(chart, rows):
    told = Counter(row["region_porteuse_nom"] for row in rows if row["nb_contrats"])
    all_of_them = Counter(row["region_porteuse_nom"] for row in rows)
    for ligne in chart.lignes:
        expected = (told[ligne.titre], all_of_them[ligne.titre] - told[ligne.titre])
        assert (ligne.valeurs["dits"], ligne.valeurs["tus"]) == expected
    assert sum(ligne.valeurs["territoires"] for ligne in chart.lignes) == len(rows)


def promesses_par_operateur(chart, rows):
    shown = Counter()
    for ligne in chart.lignes:
        for mesure in chart.mesures:
            shown[mesure.titre] += ligne.valeurs[mesure.nom]
    assert shown == Counter(row["statut"] for row in rows)


def promesses_dans_le_temps(chart, rows):
    last = chart.lignes[-1].valeurs
    told = {mesure.titre: last[mesure.nom] for mesure in chart.mesures if last[mesure.nom]}
    assert told == Counter(row["statut"] for row in rows)
    assert {sum(ligne.valeurs.values()) for ligne in chart.lignes} == {len(rows)}


RECOMPTES = {
    "fonds-renseignements": renseignements,
    "fonds-investissements": investissements,
    "fonds-par-region": par_region,
    "fonds-par-filiere": par_filiere,
    "fonds-par-taille": par_taille,
    "fonds-par-annee": par_annee,
    "programme-territoires": territoires,
    "contrats-signes": contrats,
    "contrats-renseignements": contrats_renseignes,
    "regions-projets": regions_projets,
    "regions-contrats": regions_contrats,
    "promesses-par-operateur": promesses_par_operateur,
    "promesses-dans-le-temps": promesses_dans_le_temps,
}


def test_every_chart_is_recounted():
    assert sorted(RECOMPTES) == CODES


def test_the_file_says_what_the_chart_says(dessin, lignes_du_fichier):
    RECOMPTES[dessin.code](dessin, lignes_du_fichier(dessin))


# --- Its page, its table, its drawing ----------------------------------------------------------


def test_the_page_shows_the_chart_and_its_table(dessin, client):
    response = client.get(dessin.page)
    source = response.content.decode()
    assert f'id="{dessin.ancre}"' in source
    figure = source.split(f'id="{dessin.ancre}"')[1].split("</figure>")[0]
    words = mots(f"<{figure}")
    assert mots(dessin.titre) in texte(response)
    if f'href="{dessin.nombres}"' in figure:  # its numbers are on its own page
        words = texte(client.get(dessin.nombres))
    for ligne, _, cellules in dessin.rangees:
        said = [ligne.titre, ligne.note, *(strip_tags(told) for _, told in cellules)]
        assert mots(" ".join(map(str, said))) in words
    assert f'name="chiffre" value="{dessin.chiffre}' in figure
    assert dessin.chiffre in CITABLES
    assert reverse(DECLARATIONS[dessin.code].page) == dessin.page
    assert "<style" not in figure
    assert "style=" not in figure


def test_what_is_drawn_is_in_the_table(dessin):
    """A mark for each value drawn, none for a zero, each as long as its value."""
    drawn = [
        (mesure.trait, ligne.nombre(mesure))
        for ligne in dessin.lignes
        for mesure in dessin.dessinees
        if ligne.nombre(mesure)
    ]
    marks = (
        [mark for bar in dessin.forme.barres(dessin) for mark in bar]
        if dessin.en_barres
        else dessin.dessin.marques
    )
    boxes = Counter(m.attributs["class"] for m in marks if m.nom == "rect")
    if boxes:
        assert boxes == Counter(f"g-{trait}" for trait, _ in drawn)
        assert _proportional(dessin, marks)
    elif dessin.code == "fonds-investissements":
        dots = sum(m.nom == "circle" for m in marks)
        assert dots == sum(value for _, value in drawn)


def _proportional(chart, marks):
    """Whether the drawn lengths are to each other as the values are."""
    side = "width" if chart.en_barres else "height"
    sizes = [float(m.attributs[side].rstrip("%")) for m in marks if m.nom == "rect"]
    values = [
        float(ligne.nombre(mesure))
        for ligne in chart.lignes
        for mesure in chart.dessinees
        if ligne.nombre(mesure)
    ]
    scale = max(sizes) / max(values)
    return all(abs(s - v * scale) < 0.7 for s, v in zip(sizes, values, strict=True))


def test_a_citation_keeps_the_table_of_the_chart(dessin, client):
    """What is cited now is what the page shows now, row by row."""
    response = client.post(reverse("citer"), {"chiffre": dessin.chiffre, "requete": ""})
    assert response.status_code == 303, response.content.decode()
    kept = Citation.objects.get(pk=response["Location"].split("/")[-2])
    page = texte(client.get(response["Location"]))
    assert mots(dessin.titre) in page
    assert kept.lecture["tableau"] == [[_json(cell) for cell in row] for row in dessin.tableau]


def _json(cell):
    return cell if cell is None or isinstance(cell, int) else str(cell)


def test_the_image_stands_alone(dessin):
    image = dessin.svg("Lu le 3 mai 2022")
    assert image.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "Lu le 3 mai 2022" in image
    assert "class=" not in image
    assert "style" not in image


def test_the_list_of_a_row_has_its_projects(client, dessins):
    chart = dessins.setdefault("fonds-par-filiere", graphique("fonds-par-filiere"))
    ligne = chart.lignes[0]
    counted = read_json(client.get(f"{ligne.url}&format=json"))["count"]
    assert counted == ligne.valeurs["projets"]


def test_an_unknown_chart_is_not_made():
    with pytest.raises(KeyError):
        graphique("fonds-par-hasard")
