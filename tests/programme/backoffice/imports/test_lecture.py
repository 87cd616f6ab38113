"""What the preview says of the file itself: its encoding, what is hidden, what is set aside."""

from dataclasses import replace

import openpyxl
import pytest

from programme.backoffice.imports.declarations import IMPORTABLES
from programme.donnees.schema import Colonne, Type
from programme.models import Import, Projet
from tests.programme.backoffice.imports.outils import (
    MODELES,
    agir,
    appliquer,
    changes,
    deposer,
    dits,
    fichier,
    importer,
    octets,
    page,
    refus,
)

pytestmark = pytest.mark.django_db


def test_the_encoding_is_told_at_the_head_of_the_preview(client, projet):
    contenu = "code;objet\raigle-1;Capacité d'un bâtiment à l'été\r".encode("mac_roman")
    depot = importer(client, "projets", contenu)
    assert changes(depot) == {2: [["Objet", projet.objet, "Capacité d'un bâtiment à l'été"]]}
    assert depot.lecture[0].startswith("Encodage lu : Mac Roman (Excel pour Mac)")
    assert depot.lecture[0] in client.get(page("projets", depot)).content.decode()


def test_letters_that_were_lost_are_a_fault_of_their_row(client, projet):
    rows = [{"code": "aigle-1", "objet": "capacit\ufffd"}, {"code": "x", "objet": "capacitÃ©"}]
    depot = importer(client, "projets", fichier(*rows))
    assert depot.etat == Import.Etat.ERRONE
    assert [said[:40] for said in dits(depot)][:1] == ["Ligne 2, objet (B) : ce texte contient «"]


def test_lost_letters_that_the_record_has_already_are_no_change(client, projet):
    Projet.objects.update(objet="capacit\ufffd")
    depot = importer(client, "projets", fichier({"code": "aigle-1", "objet": "capacit\ufffd"}))
    assert (depot.etat, depot.nb_inchanges) == (Import.Etat.A_CONFIRMER, 1)


def workbook(hide):
    book = openpyxl.Workbook()
    for row in (["code", "objet"], ["aigle-1", "Nouveau"]):
        book.active.append(row)
    hide(book.active)
    return octets(book)


def hide_row(sheet):
    sheet.row_dimensions[2].hidden = True


def hide_column(sheet):
    sheet.column_dimensions["B"].hidden = True


@pytest.mark.parametrize("hide", [hide_row, hide_column])
def test_what_is_hidden_is_told_and_waits_for_a_choice(client, projet, hide):
    depot = importer(client, "projets", workbook(hide), "fichier.xlsx")
    (row,) = depot.lignes.all()
    assert not row.acceptee
    assert "masquée dans le classeur" in row.motif
    assert "coché" in depot.lecture[1]
    shown = client.get(page("projets", depot)).content.decode()
    assert depot.lecture[1] in shown
    assert row.motif in shown
    assert " checked" not in shown

    appliquer(client, "projets", depot)
    assert Projet.objects.get().objet != "Nouveau"


def test_a_hidden_row_that_was_chosen_stays_so_when_the_file_is_read_again(client, projet):
    depot = importer(client, "projets", workbook(hide_row), "fichier.xlsx")
    key = str(depot.lignes.get().pk)
    agir(client, "projets", depot, "choisir", vue=key, garder=key)
    agir(client, "projets", depot, "analyser")
    key = str(depot.lignes.get().pk)
    assert depot.lignes.get().acceptee
    agir(client, "projets", depot, "appliquer", vue=key, garder=key)
    assert depot.etat == Import.Etat.APPLIQUE
    assert Projet.objects.get().objet == "Nouveau"


# --- Only what is declared ----------------------------------------------------------------------


@pytest.mark.parametrize("genre", IMPORTABLES.values(), ids=lambda genre: genre.code)
def test_each_column_of_the_dataset_is_writable_protected_or_set_aside(genre):
    """A new published column is set aside until somebody declares it; no column is two things."""
    written = {nom for nom in genre.ecrits if genre.protection(nom) is None}
    for column in genre.complet.colonnes:
        kinds = [
            column.nom in written,
            genre.protection(column.nom) is not None,
            genre.ecartee(column.nom) != "",
            column.nom in {"identifiant", "version"},
        ]
        assert kinds.count(True) == 1, column.nom
    declared = genre.ecrits.keys() | genre.proteges.keys() | genre.calculees.keys()
    assert declared <= set(genre.complet.noms)
    for nom in genre.ecrits:
        assert genre.champ(nom).editable, nom


@pytest.fixture
def nouvelle_colonne(monkeypatch):
    """A column that was added to the dataset, and that nobody declared for imports."""
    genre = IMPORTABLES["projets"]
    column = Colonne("publication_le", Type.TEXTE, "Publié le", "…", source="localisation")
    jeu = replace(genre.jeu, colonnes=(*genre.jeu.colonnes, column))
    monkeypatch.setitem(IMPORTABLES, "projets", replace(genre, jeu=jeu))


@pytest.mark.usefixtures("nouvelle_colonne")
def test_a_column_that_nobody_declared_is_set_aside_with_a_sentence(client, projet):
    row = {"code": "aigle-1", "objet": "Neuf", "publication_le": "x" * 500, "zzz": "1"}
    depot = importer(client, "projets", fichier(row))
    assert [name for name, _, _ in changes(depot)[2]] == ["Objet"]
    aside, unknown = depot.lecture[1:]
    assert aside == (
        "La colonne C, « publication_le », est mise de côté : elle ne se change pas par un "
        "fichier, rien n’en est importé."
    )
    assert unknown == (
        "La colonne D, « zzz », est mise de côté : elle est inconnue ici, rien n’en est importé."
    )
    appliquer(client, "projets", depot)
    assert Projet.objects.get().objet == "Neuf"


@pytest.mark.usefixtures("nouvelle_colonne")
def test_a_new_row_says_nothing_of_a_column_set_aside(client, projet):
    row = {"code": "n-1", "beneficiaire": "N", "departement": "61", "publication_le": "x" * 500}
    depot = importer(client, "projets", fichier(row))
    assert dits(depot) == []
    appliquer(client, "projets", depot)
    assert Projet.objects.get(code="n-1").localisation != "x" * 500


def test_a_computed_column_that_follows_its_origin_says_nothing_more(client, projet):
    row = {"code": "aigle-1", "territoire": "", "territoire_nom": ""}
    depot = importer(client, "projets", fichier(row))
    assert [name for name, _, _ in changes(depot)[2]] == ["Territoire"]
    assert depot.lecture[1].endswith("calculée d’après « territoire », rien n’en est importé.")


def test_a_column_that_its_author_may_not_write_is_refused(client, projet, monkeypatch):
    from programme.backoffice.ecrans.projets import ProjetAdmin

    before = ProjetAdmin.get_readonly_fields
    monkeypatch.setattr(
        ProjetAdmin,
        "get_readonly_fields",
        lambda self, request, obj=None: [*before(self, request, obj), "objet"],
    )
    depot = importer(client, "projets", fichier({"code": "aigle-1", "objet": "Neuf"}))
    assert "ne modifie pas cette colonne" in dits(depot)[0]
    new = {"code": "n-1", "beneficiaire": "N", "departement": "61", "objet": "Neuf"}
    depot = importer(client, "projets", fichier(new))
    assert "ne modifie pas cette colonne" in dits(depot)[0].lower()
    assert Projet.objects.count() == 1


# --- Refusals on the spot ------------------------------------------------------------------------


@pytest.mark.parametrize("genre", MODELES)
@pytest.mark.parametrize(
    ("contenu", "told"),
    [
        ("code;contrat;é".encode() + b"\n\xe9", "Ligne 2 : le fichier est en UTF-8, mais"),
        (b"code;contrat\na;capacit\xa9", "L’encodage du fichier n’est pas reconnu"),
        (b"code\0;contrat", "ni un texte CSV ni un classeur XLSX"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence_and_nothing_is_kept(
    national_client, genre, contenu, told
):
    response = deposer(national_client, genre, contenu)
    assert response.status_code == 400
    assert told in refus(response)[0]
    assert not Import.objects.exists()
