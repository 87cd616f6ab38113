"""A file that nobody made for the portal: nineteen projects of another fund, untouched."""

import io
from datetime import date

import openpyxl
import pytest

from programme.models import Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    appliquer,
    classeur,
    classeur_ods,
    deposer,
    dits,
    ecrire,
    exporter,
    fichier,
    importer,
    lire,
    octets,
    refus,
)
from tests.programme.backoffice.outils import address, text_of

pytestmark = pytest.mark.django_db

COMMUNES = [
    ("14118", "Caen", "14"),
    ("14366", "Lisieux", "14"),
    ("61214", "L’Aigle", "61"),
    ("61169", "Flers", "61"),
]
NOMS = {"14": "Calvados", "61": "Orne"}
ENTETE = "Département;Code commune;Nom commune;Projet;Montant de l'aide"


@pytest.fixture
def communes(normandie, orne):
    places = {"61": orne, "14": f.DepartementFactory(code="14", nom="Calvados", region=normandie)}
    return [
        f.CommuneFactory(code=code, nom=nom, departement=places[place])
        for code, nom, place in COMMUNES
    ]


def contenu(codec="cp1252", entete=ENTETE):
    rows = [entete]
    for rank in range(19):
        code, nom, place = COMMUNES[rank % 4]
        amount = f"{rank + 1} 250,{rank:02}"
        rows.append(f'{NOMS[place]};{code};{nom.upper()};"Halle, lot {rank + 1}";{amount}')
    rows.insert(10, ";;;;")
    rows.append(";;;Total;207 100,71")
    return "\r\n".join(rows).replace("’", "'").encode(codec)


def colonnes(depot):
    return address(Projet, "import_colonnes", depot.pk)


def choix(client, depot):
    """What the step proposes, as a browser would send it."""
    form = client.get(colonnes(depot)).context["form"]
    return {bound.html_name: bound.value() or "" for bound in form}


def poser(client, content):
    response = deposer(client, "projets", content)
    depot = Import.objects.latest("pk")
    assert response["Location"] == colonnes(depot)
    return depot


CHOIX = {"colonne_4": "investissement_eur", "reprise_beneficiaire": "2"}


def test_nineteen_projects_of_another_fund_come_in_untouched(client, communes):
    depot = poser(client, contenu())
    typed = choix(client, depot)
    assert [typed[f"colonne_{rank}"] for rank in range(5)] == [
        "departement",
        "commune",
        "commune_nom",
        "objet",
        "?",
    ]
    refused = client.post(colonnes(depot), typed)
    assert refused.status_code == 400
    body = refused.content.decode()
    assert "Dites ce qu’est cette colonne" in body
    assert "Porteur : obligatoire pour une ligne nouvelle." in body

    response = client.post(colonnes(depot), {**typed, **CHOIX})
    assert response.status_code == 302
    depot.refresh_from_db()
    assert depot.nb_erreurs == 0, dits(depot)
    assert depot.nb_nouveaux == 19
    told = " ".join(depot.lecture)
    assert "Encodage lu : " in told
    assert "Ligne 22, « Total » : ligne de total, elle n’est pas lue." in told
    assert "Lignes vides, non lues : 11 (1 en tout)." in told
    assert "« Nom commune », est mise de côté : elle est calculée d’après « commune »" in told
    assert "Les codes des lignes nouvelles sont proposés : « r28- » et un numéro" in told
    assert "« 2 250,01 » est lu" in " ".join(dits(depot))
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    made = Projet.objects.order_by("code")
    assert made.count() == 19
    assert [made[0].code, made[18].code] == ["r28-001", "r28-019"]
    assert (made[0].beneficiaire, made[0].objet) == ("CAEN", "Halle, lot 1")
    assert (made[1].commune_id, made[1].departement_id) == ("14366", "14")
    assert (made[1].investissement_eur, made[0].investissement_eur) == (2250, 1250)
    assert made[18].investissement_eur == 19250


def test_a_fault_names_the_column_as_the_file_does(client, communes):
    depot = poser(client, contenu().replace(b"2 250,01", b"n.c."))
    client.post(colonnes(depot), {**choix(client, depot), **CHOIX})
    depot.refresh_from_db()
    [fault] = depot.lignes.filter(nature="erreur")
    assert (fault.colonne, fault.lettre) == ("Montant de l'aide", "E")
    assert fault.motif == (
        "« n.c. » n’est pas un nombre : écrivez un nombre entier, en chiffres, ainsi : 1 500 000, "
        "ou laissez vide si vous ne l’avez pas."
    )


def test_its_columns_are_remembered_and_nothing_is_made_twice(client, communes):
    depot = poser(client, contenu())
    client.post(colonnes(depot), {**choix(client, depot), **CHOIX})
    appliquer(client, "projets", depot)
    again = importer(client, "projets", contenu("utf-8-sig"))
    assert (again.etat, again.nb_nouveaux, again.nb_modifies) == (Import.Etat.A_CONFIRMER, 0, 0)
    assert again.nb_inchanges == 19
    assert "Colonnes lues comme dans « fichier.csv », déposé le" in " ".join(again.lecture)
    # Another layout: what a column was is proposed.
    other = poser(client, contenu(entete="Lieu;Code commune;Nom;Projet;Montant de l'aide"))
    typed = choix(client, other)
    assert typed["colonne_4"] == "investissement_eur"


# --- Values by code or by name --------------------------------------------------------------------


@pytest.mark.parametrize(
    "ecrit",
    [
        "14118",
        "Caen",
        "CAEN",
        "caen",
        "Caen (14)",
        "14118 Caen",
        "Caen - 14118",
        "CAEN CEDEX",
        14118.0,
    ],
)
def test_a_commune_by_its_code_or_its_name(client, projet, communes, ecrit):
    Projet.objects.update(territoire=None, departement=None, commune=None, code_postal="")
    Projet.objects.update(lon=None, lat=None, departement="61")
    depot = importer(
        client,
        "projets",
        classeur(["code", "commune", "departement"], [projet.code, ecrit, "Calvados"]),
    )
    assert depot.nb_erreurs == 0, dits(depot)
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    assert (projet.commune_id, projet.departement_id) == ("14118", "14")


def test_two_communes_of_one_name_are_told_apart_by_their_departement(client, projet, communes):
    f.CommuneFactory(code="61999", nom="Caen", departement=projet.departement)
    rows = [
        {"code": "n-1", "beneficiaire": "A", "commune": "Caen", "departement": "Orne"},
        {"code": "n-2", "beneficiaire": "B", "commune": "Caen", "departement": ""},
        {"code": "n-3", "beneficiaire": "C", "commune": "Lisieus", "departement": ""},
    ]
    depot = importer(client, "projets", fichier(*rows))
    told = dits(depot)
    assert not [line for line in told if line.startswith("Ligne 2, commune")]
    assert any("2 portent ce nom : écrivez le code, 14118, 61999." in line for line in told)
    assert any("Est-ce « Lisieux » (14366) ?" in line for line in told)


def test_a_financeur_whatever_its_case(client, projet):
    etat, region = f.FinanceurFactory(nom="État"), f.FinanceurFactory(nom="Région Normandie")
    rows = [
        {"projet": projet.code, "financeur": "ETAT", "montant_accorde_eur": "1"},
        {"projet": projet.code, "financeur": "region normandie", "montant_accorde_eur": "2"},
    ]
    depot = importer(client, "financements", fichier(*rows))
    assert dits(depot) == []
    appliquer(client, "financements", depot)
    assert set(projet.financements.values_list("financeur", flat=True)) == {etat.pk, region.pk}


# --- Where the table stands -----------------------------------------------------------------------


def test_a_title_above_and_notes_below_are_no_rows(client, projet):
    def sheet(book):
        book.append(["Projets de la région, mars 2026"])
        book.merge_cells("A1:C1")
        book.append([])
        for row in (["Code", "Objet", "SIREN"], [projet.code, "Four", None], ["Total", None, 1]):
            book.append(row)
        book.append(["Source : préfecture"])

    made = openpyxl.Workbook()
    sheet(made.active)
    depot = importer(client, "projets", octets(made), "fichier.xlsx")
    assert (depot.nb_erreurs, depot.nb_modifies) == (0, 1), dits(depot)
    told = " ".join(depot.lecture)
    assert "Feuille lue : « Sheet »." in told
    assert "L’en-tête est à la ligne 3" in told
    assert "« Total » : ligne de total" in told
    assert "« Source : préfecture » : note" in told


def test_a_file_without_any_row_is_refused_at_once(client, projet):
    response = deposer(client, "projets", b"x;y\n")
    assert response.status_code == 400
    assert refus(response)
    assert not Import.objects.exists()


def test_a_cell_that_cannot_be_read_is_no_example_of_its_column(client, communes):
    content = classeur(
        ["Nom du bénéficiaire", "Montant aide"], ["Forges", "1 250 000,50"], ["Fonderie", "=2*3"]
    )
    shown = text_of(client.get(colonnes(poser(client, content))))
    assert "1 250 000,50" in shown
    assert "object at 0x" not in shown
    # The list of one's imports agrees in number.
    listed = text_of(client.get(address(Projet, "importer")))
    assert "0 nouvelle, 0 modifiée, 0 inchangée" in listed


def test_what_is_chosen_wrongly_is_told_and_kept(client, communes):
    depot = poser(client, contenu())
    typed = {**choix(client, depot), **CHOIX, "colonne_2": "commune", "valeur_mise_a_jour": "hier"}
    response = client.post(colonnes(depot), typed)
    body = response.content.decode()
    assert "La colonne B est déjà « Commune » : gardez-en une." in body
    assert "« hier »" in body
    assert 'value="hier"' in body
    again = client.post(colonnes(depot), {**typed, "suite": ""})
    assert "Sans code, rien ne désigne les lignes" in again.content.decode()
    forged = client.post(colonnes(depot), {**typed, "colonne_0": "publication"})
    assert forged.status_code == 400
    depot.refresh_from_db()
    assert depot.correspondance is None


# --- A file to fill -------------------------------------------------------------------------------


def test_a_template_holds_what_the_agent_may_write(client, projet, bretagne):
    f.TerritoireFactory(code="ti-5301", nom="Ailleurs", region_porteuse=bretagne)
    page = client.get(address(Projet, "importer")).content.decode()
    assert address(Projet, "import_modele", "xlsx") in page
    content = client.get(address(Projet, "import_modele", "xlsx")).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    header = [cell.value for cell in book["Données"][1]]
    assert header[:4] == ["Code", "Porteur", "SIREN", "Objet"]
    assert "Publication" not in header
    words = {
        column[0].value: [c.value for c in column[1:] if c.value]
        for column in book["Listes"].columns
    }
    assert words["Axe"] == list(Projet.Axe.values)
    assert words["Territoire"] == ["Pays de l’Aigle"]
    rules = book["Données"].data_validations.dataValidation
    assert {rule.type for rule in rules} == {"list"}
    # Filled, it is read without a question.
    sheet = book["Données"]
    for name, value in {
        "Code": "neuf-1",
        "Porteur": "Forges",
        "Territoire": "Pays de l’Aigle",
    }.items():
        sheet.cell(2, header.index(name) + 1, value)
    depot = importer(client, "projets", octets(book), "rempli.xlsx")
    assert (depot.nb_erreurs, depot.nb_nouveaux) == (0, 1), dits(depot)


def test_a_template_as_text(client, projet):
    response = client.get(address(Projet, "import_modele", "csv"))
    assert lire(response.content, ";")[0][:2] == ["Code", "Porteur"]
    assert client.get(address(Projet, "import_modele", "doc")).status_code == 404


def test_an_export_is_never_asked_about(client, projet):
    header, rows = lire(exporter(client, "projets"))
    assert importer(client, "projets", ecrire(header, rows)).nb_inchanges == 1


def test_an_ods_is_read_as_the_others(client, projet):
    made = classeur_ods(
        "Feuille1",
        [["Code", "Objet", "Emplois créés", "Mise à jour"]],
        [[projet.code, "Four", 12, date(2026, 3, 6)]],
    )
    depot = importer(client, "projets", made, "fichier.ods")
    assert depot.lecture[0] == "Feuille lue : « Feuille1 »."
    appliquer(client, "projets", depot)
    projet.refresh_from_db()
    assert (projet.objet, projet.emplois_crees) == ("Four", 12)
    assert projet.mise_a_jour == date(2026, 3, 6)


def test_what_an_ods_hides_repeats_or_merges(client, projet):
    hidden = '<table:table-row table:visibility="collapse">'
    made = classeur_ods("F", [["Code", "Objet"]], [[projet.code, "Four"]], hidden)
    (row,) = importer(client, "projets", made, "fichier.ods").lignes.all()
    assert not row.acceptee
    many = '<table:table-row table:number-rows-repeated="1048576">'
    response = deposer(
        client, "projets", classeur_ods("F", [["Code", "Objet"]], [["x", "y"]], many)
    )
    assert "plus de 20000 lignes" in str(refus(response))
    blank = classeur_ods("F", [["Code", "Objet"]], [], many)
    deposer(client, "projets", blank)
    assert "n’a que son en-tête" in " ".join(dits(Import.objects.latest("pk")))
    document = classeur_ods("F", [["Code"]], [], mimetype="application/vnd.oasis.opendocument.text")
    assert "Ce fichier est un document" in str(refus(deposer(client, "projets", document)))
