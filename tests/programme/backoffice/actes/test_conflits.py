"""Two officers act at once: one act is done, the other officer reads what happened."""

import threading

import pytest
from django.db import connection, connections
from django.test import Client

from programme.backoffice.ecrans.contrats import ContratAdmin
from programme.models import Contrat, Decision, Signataire
from territoires.models import ConflitDeVersion
from tests import factories as f
from tests.programme.backoffice.outils import (
    act,
    act_address,
    act_data,
    address,
    form_data,
    text_of,
)

S = Contrat.Statut


@pytest.fixture
def colleague(signed_in, normandie):
    return signed_in(f.SecretariatFactory(nom="Camille Petit", regions=[normandie]))


def fresh(contrat):
    return Contrat.objects.get(pk=contrat.pk)


def test_an_act_on_a_record_changed_meanwhile_asks_again(publisher, colleague, contrat, seance):
    page = act_address(contrat, "valider")
    opened = act_data(publisher.get(page))
    form = address(Contrat, "change", contrat.pk)
    colleague.post(form, {**form_data(colleague.get(form)), "lieu": "Caen"})
    response = publisher.post(page, {**opened, "seance": seance.pk, "texte": "Mon texte"})
    assert response.status_code == 409
    told = text_of(response)
    assert "Camille Petit (le " in told
    assert "a modifié cet enregistrement pendant que vous aviez cette page ouverte" in told
    assert "lieu de signature : L’Aigle → Caen." in told
    assert fresh(contrat).statut == S.EN_PREPARATION
    assert not Decision.objects.exists()
    shown = act_data(response)
    assert shown["texte"] == "Mon texte"
    # Having read, one confirms.
    assert publisher.post(page, shown).status_code == 302
    assert fresh(contrat).statut == S.VALIDE
    assert Decision.objects.get().texte == "Mon texte"


@pytest.mark.parametrize(("typed", "shown"), [(None, "Caen"), ("Alençon", "Alençon")])
def test_what_an_act_took_from_the_record_follows_it(publisher, colleague, contrat, typed, shown):
    """A field that nobody touched in the form of the act never puts an old value back."""
    seance = f.SeanceFactory(comite_regional__region=contrat.territoire.region_porteuse)
    act(publisher, contrat, "valider", seance=seance.pk)
    page = act_address(contrat, "signer")
    opened = act_data(publisher.get(page))
    assert opened["lieu"] == "L’Aigle"
    form = address(Contrat, "change", contrat.pk)
    colleague.post(form, {**form_data(colleague.get(form)), "lieu": "Caen"})
    rows = {"signataires-0-organisme": "Région", "signataires-0-nom": "Anne Petit"}
    sent = {**opened, **rows, "date_signature": "2022-06-01"} | ({"lieu": typed} if typed else {})
    response = publisher.post(page, sent)
    assert response.status_code == 409
    assert "lieu de signature : L’Aigle → Caen." in text_of(response)
    again = act_data(response)
    assert again["lieu"] == shown
    assert again["signataires-0-nom"] == "Anne Petit"
    assert publisher.post(page, again).status_code == 302
    assert fresh(contrat).lieu == shown


def test_an_act_done_by_another_meanwhile_is_told(publisher, colleague, contrat, seance):
    page = act_address(contrat, "valider")
    opened = act_data(publisher.get(page))
    act(colleague, contrat, "valider", seance=seance.pk)
    response = publisher.post(page, {**opened, "seance": seance.pk, "texte": "Mon texte"})
    assert response.status_code == 409
    told = text_of(response)
    assert "Camille Petit (le " in told
    assert "statut : en préparation → validé en comité." in told
    assert "C’est déjà fait : l’état est « validé en comité »." in told
    assert "Mon texte" in told
    assert str(seance) in told
    assert Decision.objects.count() == 1


def test_a_record_deleted_meanwhile_gives_back_what_was_typed(publisher, contrat, seance):
    page = act_address(contrat, "valider")
    opened = act_data(publisher.get(page))
    contrat.delete()
    response = publisher.post(page, {**opened, "seance": seance.pk, "texte": "Mon texte"})
    assert response.status_code == 409
    assert "a supprimé « contrat de territoire – Acte normande »" in text_of(response)
    assert "Mon texte" in text_of(response)
    assert str(seance) in text_of(response)
    assert publisher.get(page).status_code == 404


def test_a_record_deleted_meanwhile_gives_back_the_rows_too(publisher, contrat, seance):
    Contrat.objects.filter(pk=contrat.pk).update(statut=S.VALIDE, seance=seance)
    page = act_address(contrat, "signer")
    typed = {
        "date_signature": "2022-06-01",
        "lieu": "Caen <b>",
        "signataires-0-organisme": "Région Normandie",
        "signataires-1-signe_le": "pas une date",
    }
    data = act_data(publisher.get(page)) | typed
    contrat.delete()
    for sent in (data, typed | {"signataires-TOTAL_FORMS": "x"}):
        response = publisher.post(page, sent)
        assert response.status_code == 409
        told = text_of(response)
        assert "Date de signature 1er juin 2022" in told
        assert "Lieu de signature Caen <b>" in told
        assert "signataires-0" not in told
    told = text_of(publisher.post(page, data))
    assert "Signataire 1 Pour Région Normandie" in told
    assert "Signataire 2 Signé le pas une date" in told


@pytest.mark.parametrize("forged", ["x", "0", "' OR 1=1", "99999999999999999999"])
def test_a_forged_seance_is_given_back_as_it_was_sent(publisher, contrat, seance, bretagne, forged):
    hidden = f.SeanceFactory(comite_regional__region=bretagne)
    page = act_address(contrat, "valider")
    contrat.delete()
    for sent in (forged, str(hidden.pk)):
        response = publisher.post(page, {"seance": sent, "texte": "Mon texte"})
        assert response.status_code == 409
        assert f"Séance {sent} Texte" in text_of(response)


@pytest.mark.parametrize("seen", [None, "", "abc", "-1", "99"])
def test_an_act_that_does_not_say_what_was_seen_is_refused(publisher, contrat, seance, seen):
    data = {"version_vue": seen, "seance": seance.pk, "texte": "Mon texte"}
    sent = {name: value for name, value in data.items() if value is not None}
    response = publisher.post(act_address(contrat, "valider"), sent)
    assert response.status_code in {200, 409}
    assert "ne dit pas quelle version vous aviez sous les yeux" in text_of(response)
    assert fresh(contrat).statut == S.EN_PREPARATION
    assert act_data(response)["texte"] == "Mon texte"


def test_a_save_between_reading_and_writing_is_told_too(publisher, contrat, seance, monkeypatch):
    """The other saves after our check: the UPDATE refuses, and the page is read again."""
    original = ContratAdmin.get_object

    def refuse(self, *args, **kwargs):
        raise ConflitDeVersion(self)

    def committed_meanwhile(self, request, *args):
        if request.method == "POST" and calls:
            other = Contrat.objects.get(pk=contrat.pk)
            other.lieu = "Caen"
            other.save()
        calls.append(request.method)
        return original(self, request, *args)

    page = act_address(contrat, "valider")
    data = {**act_data(publisher.get(page)), "seance": seance.pk}
    calls = []
    monkeypatch.setattr(Contrat, "valider", refuse)
    monkeypatch.setattr(ContratAdmin, "get_object", committed_meanwhile)
    response = publisher.post(page, data)
    assert calls == ["POST", "POST"]
    assert response.status_code == 409
    assert "lieu de signature : L’Aigle → Caen." in text_of(response)
    assert fresh(contrat).statut == S.EN_PREPARATION
    assert not Decision.objects.exists()


def test_a_row_that_fails_undoes_the_whole_act(publisher, contrat, seance, monkeypatch):
    act(publisher, contrat, "valider", seance=seance.pk)
    contrat.refresh_from_db()
    page = act_address(contrat, "signer")
    rows = {"signataires-0-organisme": "Région", "signataires-0-nom": "Anne"}
    data = {**act_data(publisher.get(page)), **rows, "date_signature": "2022-06-01"}

    def taken_meanwhile(self, *args, **kwargs):
        # Another officer wrote the same signatory a moment before.
        known = contrat.signataires.get()
        Signataire.objects.bulk_create(
            [Signataire(contrat=contrat, organisme=known.organisme, nom=known.nom)]
        )

    monkeypatch.setattr(Signataire, "save", taken_meanwhile)
    response = publisher.post(page, data)
    assert response.status_code == 200
    assert "Ce signataire est déjà dans la liste." in text_of(response) or (
        "deux lignes se contredisent" in text_of(response)
    )
    assert fresh(contrat).statut == S.VALIDE
    assert act_data(response)["signataires-0-nom"] == "Anne"


@pytest.mark.django_db(transaction=True)
def test_of_two_acts_at_the_same_moment_one_is_done(normandie, secretariat, contrats):
    if connection.vendor == "sqlite":
        pytest.skip("in memory, SQLite has one connection")
    contrat = contrats.normand
    seance = f.SeanceFactory(comite_regional__region=normandie)
    clients = []
    for agent in (secretariat, f.SecretariatFactory(regions=[normandie])):
        client = Client()
        client.force_login(agent)
        clients.append(client)
    page = act_address(contrat, "valider")
    data = {**act_data(clients[0].get(page)), "seance": seance.pk}
    ready, answers = threading.Barrier(2), []

    def send(client):
        try:
            ready.wait()
            answers.append(client.post(page, data).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert Decision.objects.count() == 1
