"""A file that cannot be loaded: the message names file, line, column, remedy; nothing is loaded."""

import pytest
from django.core.management import CommandError

from territoires.models import Region, Territoire
from tests.territoires.outils_chargement import LIGNES, Dossier

pytestmark = pytest.mark.django_db

# file, text of a good row, what spoils it, beginning of the message
VALEURS = [
    ("regions.csv", "28,Normandie", ",Normandie", "ligne 2, colonne « code » : la valeur manque"),
    ("regions.csv", "Normandie,", "Normandie ,", "ligne 2, colonne « nom » : « Normandie  »"),
    ("regions.csv", ",bretagne", ",en bretagne", "ligne 3, colonne « slug » : « en bretagne »"),
    ("regions.csv", "28,Nor", "2800,Nor", "ligne 2, colonne « code » : « 2800 »"),
    ("regions.csv", "53,", "28,", "ligne 3, colonne « code » : « 28 » est déjà à la ligne 2"),
    (
        "departements.csv",
        "61,Orne,28",
        "61,Orne,29",
        "ligne 2, colonne « region » : « 29 » ne désigne aucun enregistrement (région). Corrigez",
    ),
    (
        "intercommunalites.csv",
        "L'Aigle,CC,",
        "L'Aigle,CX,",
        "ligne 2, colonne « nature » : « CX » est inconnu. Écrivez : CC, CA, CU, METRO, EPT.",
    ),
    ("intercommunalites.csv", "61 27", "61 99", "ligne 2, colonne « departements » : « 99 »"),
    ("intercommunalites.csv", "25000", "25 000", "ligne 2, colonne « population » : « 25 000 »"),
    ("intercommunalites.csv", "25000", "-5", "ligne 2, colonne « population » : « -5 »"),
    (
        "communes.csv",
        "48.7646",
        "48°45",
        "ligne 2, colonne « lat » : « 48°45 » n’est",
    ),
    ("communes.csv", "48.7646", "inf", "ligne 2, colonne « lat » : « inf » n’est pas un nombre"),
    (
        "projets.csv",
        "2021-03-02",
        "02/03/2021",
        "ligne 2, colonne « mise_a_jour » : « 02/03/2021 » n’est pas une date. Écrivez-la année-",
    ),
    ("projets.csv", "2021-03-02", "2021-02-30", "ligne 2, colonne « mise_a_jour »"),
    ("financements.csv", "fai-0001", "fai-9", "ligne 2, colonne « projet » : « fai-9 »"),
]

REGLES = [
    (
        "intercommunalites.csv",
        "200068443,",
        "20006844,",
        "ligne 3, colonne « siren » : Le SIREN compte neuf chiffres, sans espace.",
    ),
    (
        "territoires.csv",
        "ti-2808,1,",
        "ti-28,1,",
        "ligne 3, colonne « code » : Le code d’un territoire a la forme ti-7505, ou ti2-7505 en",
    ),
    ("territoires.csv", ",argentan,", ",pays-de-l-aigle,", "ligne 3, colonne « phase, slug » : "),
    (
        "rattachements.csv",
        "2021-11-22",
        "2019-11-14",
        "ligne 3, colonne « debut, fin » : La fin d’un rattachement vient après son début.",
    ),
    (
        "rattachements.csv",
        "ti-2808,200068443",
        "ti-2808,200068468",
        "ligne 3, colonne « intercommunalite » : Cette intercommunalité est déjà membre d’un terr",
    ),
    (
        "projets.csv",
        "48.7,0.6",
        "48.7,",
        "ligne 2, colonne « lat, lon » : Donnez la longitude et la latitude, ou aucune des deux.",
    ),
]


@pytest.fixture
def dossier(tmp_path):
    return Dossier(tmp_path)


def refus(dossier):
    with pytest.raises(CommandError) as refused:
        dossier.charger()
    assert str(refused.value).endswith("Rien n’a été chargé : corrigez, puis relancez la commande.")
    assert not Region.objects.exists()
    return str(refused.value)


@pytest.mark.parametrize(("nom", "bon", "mauvais", "message"), VALEURS)
def test_wrong_value(dossier, nom, bon, mauvais, message):
    dossier.remplacer(nom, bon, mauvais)
    assert refus(dossier).startswith(f"{nom}, {message}")


@pytest.mark.parametrize(("nom", "bon", "mauvais", "message"), REGLES)
def test_row_that_breaks_a_rule(dossier, nom, bon, mauvais, message):
    """The database refuses a whole batch; the message still finds the line."""
    dossier.remplacer(nom, bon, mauvais)
    assert refus(dossier).startswith(f"{nom}, {message}")


def test_a_part_loaded_before_what_it_names(dossier):
    with pytest.raises(CommandError, match="lancez charger_donnees, qui charge aussi ce qui pré"):
        dossier.charger("charger_carte")
    assert not Territoire.objects.exists()


def test_a_rule_broken_by_a_changed_row(dossier):
    dossier.charger()
    dossier.remplacer("territoires.csv", ",argentan,", ",pays-de-l-aigle,")
    dossier.remplacer("regions.csv", "Bretagne", "Breizh")
    with pytest.raises(CommandError, match=r"territoires\.csv, ligne 3, colonne « phase, slug »"):
        dossier.charger()
    assert Territoire.objects.get(pk="ti-2808").slug == "argentan"
    assert Region.objects.get(pk="53").nom == "Bretagne"


def test_every_wrong_value_of_a_file_is_listed(dossier):
    dossier.poser("regions.csv", [f"{code},,r," for code in range(10, 25)])
    lines = refus(dossier).splitlines()
    assert lines[0].startswith("regions.csv, ligne 2, colonne « nom »")
    assert lines[9].startswith("regions.csv, ligne 11, colonne « nom »")
    assert lines[10] == "… et 5 autres erreurs."


def test_header_is_strict(dossier):
    dossier.remplacer("regions.csv", "code,nom,slug", "code,libelle,slug")
    assert refus(dossier).startswith(
        "regions.csv, ligne 1 : l’en-tête n’est pas celui attendu : il manque nom ; libelle en "
        "trop. Écrivez : code,nom,slug"
    )


def test_order_of_columns_is_strict(dossier):
    dossier.remplacer("regions.csv", "code,nom,slug", "nom,code,slug")
    assert "les colonnes ne sont pas dans l’ordre" in refus(dossier)


@pytest.mark.parametrize("line", ["28,Normandie", "28,Normandie,normandie,,trop"])
def test_wrong_number_of_values(dossier, line):
    dossier.poser("regions.csv", [line])
    assert refus(dossier).startswith(
        f"regions.csv, ligne 2 : {len(line.split(','))} valeurs au lieu de 4. Vérifiez les virgules"
    )


def test_unclosed_quotation_mark(dossier):
    dossier.poser("regions.csv", ['28,"Normandie,normandie'])
    assert "regions.csv, ligne 2 : ce n’est pas du CSV" in refus(dossier)


def test_line_numbers_count_lines_inside_a_text(dossier):
    first, second = LIGNES["projets.csv"]
    dossier.poser("projets.csv", [first.replace("Un atelier", '"Un\natelier"'), second + ",trop"])
    assert refus(dossier).startswith("projets.csv, ligne 4 : 23 valeurs au lieu de 22")


def test_file_that_is_not_utf8(dossier):
    (dossier.path / "regions.csv").write_bytes("code,nom,slug\n28,Éire,e\n".encode("latin-1"))
    assert refus(dossier).startswith("regions.csv, ligne 2 : le texte n’est pas en UTF-8.")


def test_byte_order_mark_of_a_spreadsheet_is_accepted(dossier):
    path = dossier.path / "regions.csv"
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert "regions.csv : 2 créées" in dossier.charger()


def test_missing_file(dossier):
    (dossier.path / "metiers.csv").unlink()
    assert refus(dossier).startswith("metiers.csv : fichier introuvable dans ")


def test_last_file_wrong_loads_nothing_of_the_first(dossier):
    dossier.remplacer("besoins_main_oeuvre.csv", "C0X30", "Z0Z00")
    message = refus(dossier)
    assert message.startswith("besoins_main_oeuvre.csv, ligne 2, colonne « metier » : « Z0Z00 »")
    assert not Territoire.objects.exists()
