"""An applied import undone in one act, while nobody changed what it wrote; and published in one."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from programme.models import Import, Projet, Publication
from tests import factories as f
from tests.programme.backoffice.imports.outils import (
    agir,
    appliquer,
    fichier,
    importer,
    page,
)
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def applique(client, projet, territoire):
    rows = [
        {"code": projet.code, "objet": "Four neuf", "emplois_crees": 77},
        {"code": "aigle-2", "beneficiaire": "Tissages", "objet": "Métier", "emplois_crees": ""},
    ]
    depot = importer(
        client, "projets", fichier(*({**row, "territoire": territoire.pk} for row in rows[1:]))
    )
    appliquer(client, "projets", depot)
    depot = importer(client, "projets", fichier(*rows[:1]))
    appliquer(client, "projets", depot)
    rows = [
        {"code": projet.code, "beneficiaire": "Forges", "territoire": territoire.pk},
        {"code": "aigle-3", "beneficiaire": "Verrerie", "territoire": territoire.pk},
    ]
    depot = importer(client, "projets", fichier(*rows))
    appliquer(client, "projets", depot)
    assert depot.etat == Import.Etat.APPLIQUE
    return depot


def annuler(client, depot):
    return agir(client, "projets", depot, "annuler")


def test_an_import_is_undone_in_one_act(client, projet, applique):
    shown = client.get(page("projets", applique)).content.decode()
    assert "Annuler cet import" in shown
    assert shown.count("csrfmiddlewaretoken") >= 2, "each form is sent with its token"
    annuler(client, applique)
    assert applique.etat == Import.Etat.ANNULE, applique.remarques
    assert sorted(Projet.objects.values_list("code", "beneficiaire")) == [
        ("aigle-1", "Forges de l’Iton"),
        ("aigle-2", "Tissages"),
    ]
    projet.refresh_from_db()
    assert (projet.objet, projet.emplois_crees) == ("Four neuf", 77)
    record = projet.history.first()
    assert record.history_change_reason == "annulation de l’import fichier.csv"
    assert record.history_user.nom == "Sacha Secrétariat"
    assert Projet.history.filter(code="aigle-3").first().history_type == "-"
    assert "L’import est annulé" in client.get(page("projets", applique)).content.decode()
    assert "déjà annulé" in "".join(_again(client, applique))


def _again(client, depot):
    annuler(client, depot)
    return depot.remarques


def test_the_same_file_is_imported_undone_and_imported_again(client, projet, territoire):
    content = fichier({"code": "aigle-9", "beneficiaire": "N", "territoire": territoire.pk})
    for _ in range(2):
        depot = importer(client, "projets", content)
        assert depot.nb_nouveaux == 1
        appliquer(client, "projets", depot)
        annuler(client, depot)
        assert depot.etat == Import.Etat.ANNULE
    assert not Projet.objects.filter(code="aigle-9").exists()


def test_what_somebody_changed_since_is_named_and_nothing_is_undone(
    client, projet, applique, national
):
    changed = Projet.objects.get(code="aigle-3")
    changed.objet, changed._history_user = "Mieux", national
    changed.save()
    annuler(client, applique)
    assert applique.etat == Import.Etat.APPLIQUE
    told = "\n".join(applique.remarques)
    assert "rien n’a changé" in told
    assert "« Verrerie – Mieux » a été modifié depuis, par Nadia National (le " in told
    assert Projet.objects.get(code="aigle-1").beneficiaire == "Forges"
    assert told.split("\n")[0] in client.get(page("projets", applique)).content.decode()


def test_what_was_added_to_a_new_row_is_told(client, applique):
    f.FinancementFactory(projet=Projet.objects.get(code="aigle-3"), financeur=f.FinanceurFactory())
    annuler(client, applique)
    assert applique.etat == Import.Etat.APPLIQUE
    assert "inancements : 1, ajoutés depuis aux lignes nouvelles." in "\n".join(applique.remarques)
    assert Projet.objects.filter(code="aigle-3").exists()


def test_a_row_that_was_deleted_since_is_told(client, applique):
    Projet.objects.get(code="aigle-3").delete()
    annuler(client, applique)
    assert applique.etat == Import.Etat.APPLIQUE
    assert "n enregistrement a été supprimé" in "\n".join(applique.remarques)


def test_nobody_else_undoes_it(national_client, redacteur, signed_in, applique):
    assert annuler(national_client, applique).status_code == 403
    assert annuler(signed_in(redacteur), applique).status_code == 404
    assert applique.etat == Import.Etat.APPLIQUE


def test_rights_of_now_are_those_of_the_undoing(client, secretariat, bretagne, applique):
    secretariat.regions.set([bretagne])
    annuler(client, applique)
    assert applique.etat == Import.Etat.APPLIQUE
    assert "n’est plus de votre périmètre" in "\n".join(applique.remarques)


def test_an_editor_undoes_its_drafts_and_nothing_published(redacteur, signed_in, projet):
    client = signed_in(redacteur)
    depot = importer(client, "projets", fichier({"code": projet.code, "objet": "Autre"}))
    appliquer(client, "projets", depot)
    Projet.objects.update(publication=Publication.PUBLIE)
    annuler(client, depot)
    assert "est publié : votre rôle (rédacteur régional)" in "\n".join(depot.remarques)
    Projet.objects.update(publication=Publication.BROUILLON)
    annuler(client, depot)
    assert depot.etat == Import.Etat.ANNULE
    projet_ = Projet.objects.get(code=projet.code)
    assert projet_.objet == projet.objet


def test_new_rows_are_published_in_one_act(client, applique):
    shown = client.get(page("projets", applique))
    offered = shown.context["publiables"]
    new = Projet.objects.get(code="aigle-3")
    assert offered["cles"] == [new.pk]
    data = {"action": offered["acte"], ACTION_CHECKBOX_NAME: offered["cles"]}
    confirm = client.post(offered["adresse"], data)
    assert "Verrerie" in confirm.content.decode()
    data |= {"post": "yes", "empreinte": confirm.context["empreinte"]}
    client.post(offered["adresse"], data)
    new.refresh_from_db()
    assert new.publication == Publication.PUBLIE
    assert client.get(page("projets", applique)).context["publiables"] is None


def test_an_editor_proposes_the_new_rows(redacteur, signed_in, projet, territoire):
    client = signed_in(redacteur)
    row = {"code": "aigle-4", "beneficiaire": "N", "territoire": territoire.pk}
    depot = importer(client, "projets", fichier(row))
    appliquer(client, "projets", depot)
    assert client.get(page("projets", depot)).context["publiables"]["acte"] == "proposer"


def test_the_pages_are_the_author_s(client, redacteur, signed_in, projet):
    depot = importer(client, "projets", fichier({"code": projet.code, "objet": "x"}))
    columns = address(Projet, "import_colonnes", depot.pk)
    assert client.get(columns).status_code == 200
    assert signed_in(redacteur).get(columns).status_code == 404
    appliquer(client, "projets", depot)
    assert client.get(columns).status_code == 409
