"""No save overwrites a change its author has not seen; what was typed is kept."""

import pytest
from django.contrib.messages import get_messages

from programme.backoffice.ecrans.contrats import ContratAdmin
from programme.models import Avenant, Contrat, Publication, Signataire
from territoires.models import ConflitDeVersion
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of

LIST = "/admin/programme/contrat/"


@pytest.fixture
def contrat(contrats):
    return contrats.normand


@pytest.fixture
def page(contrat):
    return address(Contrat, "change", contrat.pk)


@pytest.fixture
def client(signed_in, redacteur):
    return signed_in(redacteur)


@pytest.fixture
def colleague(signed_in, secretariat):
    return signed_in(secretariat)


def save(client, page, **values):
    data = {**form_data(client.get(page)), **values}
    response = client.post(page, data)
    assert response.status_code == 302, messages_of(response)


def test_both_changed_the_same_field(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, lieu="Caen")
    response = client.post(page, {**opened, "lieu": "Rouen"})
    assert response.status_code == 200
    told = messages_of(response)
    assert "Sacha Secrétariat (le " in told
    assert "Changé aussi par Sacha Secrétariat" in told
    assert "L’Aigle → Caen." in told
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_what_each_changed_apart_is_merged_and_told(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, nb_actions=25, source="Compte rendu")
    response = client.post(page, {**opened, "lieu": "Rouen"}, follow=True)
    told = messages_of(response)
    assert "Fusionné avec ce qui a été enregistré depuis" in told
    assert "nombre d’actions : 10 → 25, par Sacha Secrétariat (le " in told
    assert "source : https://www.example.org/contrat → Compte rendu" in told
    contrat.refresh_from_db()
    assert (contrat.lieu, contrat.nb_actions, contrat.source) == ("Rouen", 25, "Compte rendu")
    reason = "fusionné avec la modification de Sacha Secrétariat"
    assert contrat.history.first().history_change_reason == reason


def test_a_third_change_meanwhile_is_refused_again(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, lieu="Caen")
    shown = form_data(client.post(page, {**opened, "lieu": "Rouen"}))
    save(colleague, page, lieu="Lisieux")
    assert "Caen → Lisieux" in messages_of(client.post(page, shown))
    contrat.refresh_from_db()
    assert contrat.lieu == "Lisieux"


@pytest.mark.parametrize("seen", [None, "", "abc", "-1", "99"])
def test_a_form_that_does_not_say_what_was_seen_is_refused(client, contrat, page, seen):
    data = {**form_data(client.get(page)), "lieu": "Rouen", "version_vue": seen}
    response = client.post(page, {k: v for k, v in data.items() if v is not None})
    assert response.status_code == 200
    assert messages_of(response)
    contrat.refresh_from_db()
    assert contrat.lieu == "L’Aigle"


def test_a_save_between_reading_and_writing_is_told_too(client, contrat, page, monkeypatch):
    """The UPDATE checks the version again: the form comes back as for any stale save."""
    data = {**form_data(client.get(page)), "lieu": "Rouen"}
    original = ContratAdmin.get_object

    def refuse(self, request, obj, form, change):
        raise ConflitDeVersion(obj)

    def committed_meanwhile(self, request, *args):
        if request.method == "POST" and calls:
            other = Contrat.objects.get(pk=contrat.pk)
            other.lieu = "Caen"
            other.save()
        calls.append(request.method)
        return original(self, request, *args)

    calls = []
    monkeypatch.setattr(ContratAdmin, "save_model", refuse)
    monkeypatch.setattr(ContratAdmin, "get_object", committed_meanwhile)
    response = client.post(page, data)
    assert calls == ["POST", "POST"]
    assert "L’Aigle → Caen." in messages_of(response)
    assert form_data(response)["lieu"] == "Rouen"
    contrat.refresh_from_db()
    assert contrat.lieu == "Caen"


def test_a_save_that_changes_nothing_makes_no_version(client, contrat, page):
    before = contrat.history.count()
    save(client, page)
    contrat.refresh_from_db()
    assert (contrat.version, contrat.history.count()) == (1, before)


def test_a_record_deleted_meanwhile_gives_back_what_was_typed(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    delete = address(Contrat, "delete", contrat.pk)
    shown = colleague.get(delete).context["empreinte"]
    colleague.post(delete, {"post": "yes", "empreinte": shown})
    response = client.post(page, {**opened, "lieu": "Mon lieu saisi"})
    assert response.status_code == 409
    content = response.content.decode()
    assert "Sacha Secrétariat (le " in content
    assert "Mon lieu saisi" in content


# --- Rows ------------------------------------------------------------------------------------


def row(contrat):
    return contrat.signataires.get()


def test_a_row_changed_meanwhile_is_refused(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, **{"signataires-0-fonction": "Vice-présidente"})
    response = client.post(page, {**opened, "signataires-0-fonction": "Maire"})
    assert "Président → Vice-présidente." in messages_of(response)
    assert row(contrat).fonction == "Vice-présidente"
    shown = form_data(response)
    assert shown["signataires-0-fonction"] == "Maire"
    assert client.post(page, shown).status_code == 302
    assert row(contrat).fonction == "Maire"


def test_another_row_may_change_meanwhile(client, colleague, contrat, page):
    """A change in one's own row does not wait for another's."""
    other = f.SignataireFactory(contrat=contrat, organisme="Zone", nom="Autre")
    opened = form_data(client.get(page))
    Signataire.objects.get(pk=other.pk)
    rank = next(k[12] for k, v in opened.items() if k.endswith("-nom") and v == "Autre")
    save(colleague, page, **{f"signataires-{rank}-fonction": "Vice-présidente"})
    # The other's row is in my form as it was: it stays as it now is.
    response = client.post(page, {**opened, "avenants-0-objet": "Mon objet"}, follow=True)
    assert "fonction : Président → Vice-présidente, par Sacha Secrétariat" in messages_of(response)
    assert contrat.avenants.get().objet == "Mon objet"
    other.refresh_from_db()
    assert other.fonction == "Vice-présidente"


def test_a_row_changed_meanwhile_is_not_deleted(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, **{"signataires-0-fonction": "Vice-présidente"})
    response = client.post(page, {**opened, "signataires-0-DELETE": "on"})
    told = messages_of(response)
    assert "l’a modifiée depuis que vous l’avez ouverte, elle n’a donc pas été supprimée" in told
    assert "fonction : Président → Vice-présidente." in told
    assert row(contrat).fonction == "Vice-présidente"
    # Read: what is asked again is done.
    assert client.post(page, form_data(response)).status_code == 302
    assert not contrat.signataires.exists()


def test_a_row_deleted_meanwhile_comes_back_as_a_new_one_when_typed_in(
    client, colleague, contrat, page
):
    opened = form_data(client.get(page))
    save(colleague, page, **{"signataires-0-DELETE": "on"})
    response = client.post(page, {**opened, "signataires-0-fonction": "Ma saisie"})
    assert response.status_code == 200
    told = messages_of(response)
    assert "Signataire « Signataire normande, pour" in told
    assert "ligne supprimée par Sacha Secrétariat (le " in told
    shown = form_data(response)
    assert "Ma saisie" in [value for name, value in shown.items() if name.endswith("-fonction")]
    assert not contrat.signataires.exists()
    assert client.post(page, shown).status_code == 302
    assert row(contrat).fonction == "Ma saisie"


def test_a_row_deleted_meanwhile_holds_nothing_up_when_untouched(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, **{"signataires-0-DELETE": "on"})
    response = client.post(page, {**opened, "lieu": "Rouen"}, follow=True)
    assert "ligne supprimée par Sacha Secrétariat" in messages_of(response)
    assert not contrat.signataires.exists()
    contrat.refresh_from_db()
    assert contrat.lieu == "Rouen"


def test_both_delete_the_same_row(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(colleague, page, **{"signataires-0-DELETE": "on"})
    assert client.post(page, {**opened, "signataires-0-DELETE": "on"}).status_code == 302
    assert not contrat.signataires.exists()


def test_a_row_added_meanwhile_stays(client, colleague, contrat, page):
    opened = form_data(client.get(page))
    save(
        colleague,
        page,
        **{
            "signataires-1-organisme": "Région",
            "signataires-1-nom": "Ajoutée",
            "signataires-1-id": "",
        },
    )
    assert client.post(page, {**opened, "lieu": "Rouen"}).status_code == 302
    assert contrat.signataires.filter(nom="Ajoutée").exists()
    assert contrat.signataires.count() == 2


# --- Deletion and acts --------------------------------------------------------------------------


def fingerprint_shown(response):
    return response.context["empreinte"]


def test_a_record_changed_meanwhile_is_not_deleted(client, colleague, contrat, page):
    delete = address(Contrat, "delete", contrat.pk)
    seen = fingerprint_shown(client.get(delete))
    save(colleague, page, lieu="Caen")
    response = client.post(delete, {"post": "yes", "empreinte": seen}, follow=True)
    assert "rien n’a été supprimé" in messages_of(response)
    assert Contrat.objects.filter(pk=contrat.pk).exists()


def test_a_row_added_meanwhile_is_not_deleted_unseen(client, contrat):
    delete = address(Contrat, "delete", contrat.pk)
    seen = fingerprint_shown(client.get(delete))
    f.AvenantFactory(contrat=contrat)
    response = client.post(delete, {"post": "yes", "empreinte": seen}, follow=True)
    assert "rien n’a été supprimé" in messages_of(response)
    assert Avenant.objects.filter(contrat=contrat).count() == 2


@pytest.mark.parametrize("empreinte", [None, "", "abc"])
def test_a_deletion_that_shows_nothing_seen_is_refused(client, contrat, empreinte):
    data = {"post": "yes"} | ({} if empreinte is None else {"empreinte": empreinte})
    client.post(address(Contrat, "delete", contrat.pk), data)
    client.post(LIST, {"action": "delete_selected", "_selected_action": [contrat.pk], **data})
    assert Contrat.objects.filter(pk=contrat.pk).exists()


def test_what_was_seen_is_deleted(client, contrat):
    delete = address(Contrat, "delete", contrat.pk)
    seen = fingerprint_shown(client.get(delete))
    assert client.post(delete, {"post": "yes", "empreinte": seen}).status_code == 302
    assert not Contrat.objects.filter(pk=contrat.pk).exists()


def test_a_bulk_deletion_deletes_what_was_seen(client, contrat):
    data = {"action": "delete_selected", "_selected_action": [contrat.pk]}
    shown = client.post(LIST, data)
    assert "Supprimer 1 contrat et" in shown.content.decode()
    confirmed = {**data, "post": "yes", "empreinte": fingerprint_shown(shown)}
    assert client.post(LIST, confirmed).status_code == 302
    assert not Contrat.objects.filter(pk=contrat.pk).exists()


def test_an_act_on_rows_changed_meanwhile_is_refused(client, colleague, contrat, page):
    data = {"action": "proposer", "_selected_action": [contrat.pk]}
    seen = client.post(LIST, data).context["empreinte"]
    save(colleague, page, lieu="Caen")
    response = client.post(LIST, {**data, "post": "yes", "empreinte": seen})
    assert "a été modifié depuis" in messages_of(response)
    contrat.refresh_from_db()
    assert contrat.publication == Publication.BROUILLON


def test_a_conflict_anywhere_else_is_a_page_not_an_error(signed_in, national, monkeypatch):
    """Whatever view lets it through, the officer reads a sentence."""
    agent = f.AgentFactory(password="!")

    def conflict(agent, **kwargs):
        raise ConflitDeVersion(agent)

    monkeypatch.setattr("programme.backoffice.identite.liens.invite", conflict)
    response = signed_in(national).post(f"/admin/territoires/agent/{agent.pk}/invitation/")
    assert response.status_code == 409
    assert "votre enregistrement n’a pas été fait" in response.content.decode()
    assert not list(get_messages(response.wsgi_request))
