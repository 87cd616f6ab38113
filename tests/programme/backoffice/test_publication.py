"""Who publishes, and who changes what is published."""

import pytest

from programme.backoffice.cadre.doublons import PAS_UN_DOUBLON
from programme.models import Contrat, Publication, Realisation, Seance, Signataire
from tests import factories as f
from tests.programme.backoffice.outils import act_address, address, form_data, messages_of

LIST = "/admin/programme/contrat/"


@pytest.fixture
def editor(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def publisher(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.fixture
def publie(normandie):
    return f.ContratFactory(territoire__region_porteuse=normandie, intitule="Acte publié")


def post(client, instance, **values):
    page = address(type(instance), "change", instance.pk)
    return client.post(page, {**form_data(client.get(page)), **values})


def state(instance):
    return type(instance).objects.get(pk=instance.pk).publication


def test_an_editor_is_offered_no_publication(editor):
    offered = editor.get(address(Contrat, "add")).context["adminform"].form.fields["publication"]
    assert [value for value, _ in offered.widget.choices] == ["brouillon", "à valider"]


@pytest.mark.parametrize("forged", ["publié", "retiré"])
def test_an_editor_cannot_publish_by_a_forged_post(editor, contrats, forged):
    assert post(editor, contrats.normand, publication=forged, lieu="Caen").status_code == 302
    contrats.normand.refresh_from_db()
    assert (contrats.normand.publication, contrats.normand.lieu) == ("brouillon", "Caen")
    page = act_address(contrats.normand, {"publié": "publier", "retiré": "retirer"}[forged])
    assert editor.post(page, {"version_vue": contrats.normand.version}).status_code == 403
    assert state(contrats.normand) == "brouillon"


def test_an_editor_cannot_add_a_published_record(editor, contrats):
    page = address(Contrat, "add")
    data = {
        **form_data(editor.get(page)),
        "territoire": contrats.normand.territoire_id,
        "type": "contrat",
        "intitule": "Nouveau",
        "publication": "publié",
        PAS_UN_DOUBLON: "on",
    }
    assert "Votre rôle" in messages_of(editor.post(page, data))
    assert editor.post(page, {**data, "publication": "brouillon"}).status_code == 302
    assert Contrat.objects.get(intitule="Nouveau").slug == "contrat-nouveau"


@pytest.mark.parametrize("publication", ["publié", "retiré"])
def test_an_editor_reads_what_is_published_and_is_told_why(editor, publie, publication):
    Contrat.objects.filter(pk=publie.pk).update(publication=publication)
    page = address(Contrat, "change", publie.pk)
    content = editor.get(page).content.decode()
    assert f"est {publication} : votre rôle (rédacteur régional)" in content
    assert 'name="_save"' not in content
    refused = editor.post(page, {"intitule": "X", "version_vue": 1})
    assert "ne se change plus sans validation" in messages_of(refused)
    assert Contrat.objects.get(pk=publie.pk).intitule == publie.intitule
    assert editor.post(address(Contrat, "delete", publie.pk), {"post": "yes"}).status_code == 403


def test_rows_follow_their_contract(editor, publie):
    signataire = f.SignataireFactory(contrat=publie)
    page = address(Signataire, "change", signataire.pk)
    refused = editor.post(page, {"nom": "X"})
    assert "ne se change plus sans validation" in messages_of(refused)
    assert Signataire.objects.get().nom == signataire.nom


def test_a_row_cannot_be_added_to_a_published_contract(editor, publie):
    page = address(Signataire, "add")
    data = {**form_data(editor.get(page)), "contrat": publie.pk, "organisme": "Région"}
    response = editor.post(page, data)
    assert "est publié : votre rôle" in messages_of(response)
    assert not Signataire.objects.exists()


def test_a_row_cannot_be_moved_to_a_published_contract(editor, contrats, publie):
    signataire = contrats.normand.signataires.get()
    response = post(editor, signataire, contrat=publie.pk)
    assert "est publié : votre rôle" in messages_of(response)
    signataire.refresh_from_db()
    assert signataire.contrat == contrats.normand


def test_the_secretariat_changes_what_is_published(publisher, publie):
    assert post(publisher, publie, lieu="Caen").status_code == 302


# --- Many at once -----------------------------------------------------------------------------


def act(client, action, rows, **extra):
    data = {"action": action, "_selected_action": [row.pk for row in rows], **extra}
    return client.post(LIST, data)


def test_an_act_shows_what_it_will_do_then_does_it(publisher, contrats, publie):
    rows = [contrats.normand, publie]
    shown = act(publisher, "publier", rows)
    content = shown.content.decode()
    assert "Ces enregistrements passeront à « publié » : 1." in content
    assert "C’est déjà fait : l’état est « publié »." in content
    assert state(contrats.normand) == "brouillon"
    done = act(publisher, "publier", rows, post="yes", empreinte=shown.context["empreinte"])
    assert "Enregistrements passés à « publié » : 1." in messages_of(publisher.get(LIST))
    assert done.status_code == 302
    assert state(contrats.normand) == "publié"
    newest = contrats.normand.history.first()
    assert (newest.history_user.nom, newest.publication) == ("Sacha Secrétariat", "publié")
    assert newest.history_change_reason == "publié"


def test_an_act_leaves_aside_what_may_not_move(editor, publie):
    shown = act(editor, "proposer", [publie])
    assert "Aucun de ces enregistrements ne peut passer" in shown.content.decode()
    assert "votre rôle (rédacteur régional)" in shown.content.decode()
    act(editor, "proposer", [publie], post="yes", empreinte=shown.context["empreinte"])
    assert state(publie) == "publié"


def test_what_is_locked_is_not_deleted_with_others(editor, contrats, publie):
    shown = act(editor, "delete_selected", [contrats.normand, publie])
    assert "Rien n’a été supprimé" in shown.content.decode()
    forged = act(
        editor,
        "delete_selected",
        [contrats.normand, publie],
        post="yes",
        empreinte=shown.context["empreinte"],
    )
    assert forged.status_code == 403
    assert Contrat.objects.count() == 3


# --- Operators ------------------------------------------------------------------------------------


def test_an_operator_proposes_what_it_delivered(signed_in, db):
    agent = f.ReferentAgentFactory()
    client = signed_in(agent)
    engagement = f.EngagementFactory(operateur=None)
    page = address(Realisation, "add")
    data = {
        **form_data(client.get(page)),
        "engagement": engagement.pk,
        "operateur": agent.operateur.pk,
        "annee": 2021,
        "valeur": 12,
        "publication": "publié",
    }
    assert "Votre rôle" in messages_of(client.post(page, data))
    assert client.post(page, {**data, "publication": "à valider"}).status_code == 302
    assert Realisation.objects.get().publication == Publication.A_VALIDER


def test_the_author_of_a_decision_is_who_records_it(publisher, secretariat, normandie):
    seance = f.SeanceFactory(comite_regional__region=normandie, publication="brouillon")
    values = {"decisions-0-type": "autre", "decisions-0-texte": "Le comité prend acte."}
    assert post(publisher, seance, **values).status_code == 302
    assert seance.decisions.get().auteur == secretariat


def test_the_seances_of_the_national_committee_are_not_a_regions(publisher):
    f.SeanceFactory(comite_regional=None, comite_national=f.ComiteNationalFactory(nom="Comité X"))
    assert "Comité X" not in publisher.get(address(Seance, "changelist")).content.decode()
