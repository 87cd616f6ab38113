"""Two who write at the very same moment, one of whom corrects an act: one true sentence each."""

import threading
import time
from datetime import date

import pytest
from django.db import connection, connections
from django.test import Client

from programme.models import Contrat, Decision
from territoires import corrections
from territoires.ajustements import Ajustement
from territoires.corrections import Correction
from territoires.models import Territoire
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, text_of

LE = date(2022, 1, 10)
ENSEMBLE = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)


@pytest.fixture
def trace(normandie, national):
    """That of an act that made a territory, « Bocage »."""
    membre = f.IntercommunaliteFactory(departements=[f.DepartementFactory(region=normandie)])
    acte = Ajustement.ajouter(
        "ti-2899", "Bocage", normandie.pk, [membre.pk], le=LE, source="Comité"
    )
    seance = f.SeanceFactory(comite_regional=f.ComiteRegionalFactory(region=normandie), date=LE)
    decision = Decision(seance=seance, type=Decision.Type.CARTE, texte="Bocage entre sur la carte.")
    decision.ajustement, decision.auteur = acte.to_json(), national
    decision.save()
    decision.appliquer()
    return decision.trace


@pytest.fixture
def contrat(contrats):
    return contrats.normand


def corriger(trace, agent):
    client = Client()
    client.force_login(agent)
    motif = {"motif": "Le comité n’a jamais décidé cela."}
    return client.post(f"/admin/territoires/modification/{trace.pk}/corriger/", motif)


def nommer(contrat, agent):
    """Save the contract with « Bocage » as its territory; `send` does it, the page is open."""
    client = Client()
    client.force_login(agent)
    page = address(Contrat, "change", contrat.pk)
    data = {**form_data(client.get(page)), "territoire": "ti-2899"}
    return lambda: client.post(page, data)


def somebody_waits():
    """Until another session of this database waits for a lock; other databases have theirs."""
    waiting = """
        SELECT count(*) FROM pg_locks asked
        JOIN pg_locks held USING (pid) JOIN pg_database ON pg_database.oid = held.database
        WHERE NOT asked.granted AND datname = current_database()
    """
    with connection.cursor() as cursor:
        for _ in range(300):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits")


def together(monkeypatch, one, other):
    """The answers of two acts: `other` begins when `one` has written, and waits for its COMMIT."""
    written, answers = threading.Event(), {}
    situer = corrections.situer

    def held(codes):
        situer(codes)
        if not written.is_set():
            written.set()
            somebody_waits()

    def run(name, act):
        try:
            answers[name] = act()
        finally:
            connections.close_all()

    monkeypatch.setattr(corrections, "situer", held)
    first = threading.Thread(target=run, args=["one", one])
    first.start()
    assert written.wait(timeout=60)
    second = threading.Thread(target=run, args=["other", other])
    second.start()
    for thread in (first, second):
        thread.join(timeout=60)
    return answers["one"], answers["other"]


@ENSEMBLE
@pytest.mark.django_db(transaction=True)
def test_two_correct_the_same_act(monkeypatch, trace, national):
    late = f.NationalFactory(nom="Tom Tard")

    first, second = together(
        monkeypatch, lambda: corriger(trace, national), lambda: corriger(trace, late)
    )

    assert (first.status_code, second.status_code) == (302, 409)
    told = text_of(second)
    assert "Cet acte est déjà corrigé, depuis le " in told
    assert "par Nadia National" in told
    trace.refresh_from_db()
    assert trace.corrigee.auteur == national
    assert not Territoire.objects.filter(pk="ti-2899").exists()
    assert Territoire.history.filter(modification=trace.corrigee).count() == 1


@ENSEMBLE
@pytest.mark.django_db(transaction=True)
def test_a_contract_is_saved_on_what_is_being_corrected(
    monkeypatch, trace, contrat, national, redacteur
):
    send = nommer(contrat, redacteur)

    first, second = together(monkeypatch, lambda: corriger(trace, national), send)

    assert (first.status_code, second.status_code) == (302, 200)
    assert "vient d’être supprimé par une autre personne" in text_of(second)
    contrat.refresh_from_db()
    assert contrat.territoire_id != "ti-2899"


def between(monkeypatch, act):
    """Once the correction has read that nothing hinders it, and before it writes: `act`."""
    hindrance, done = Correction.empechement, []

    def empechement(self):
        found = hindrance(self)
        if found is None and not done:
            done.append(act())
        return found

    monkeypatch.setattr(Correction, "empechement", empechement)


@pytest.mark.django_db
def test_a_contract_saved_first_is_named(monkeypatch, trace, contrat, national, redacteur):
    send = nommer(contrat, redacteur)
    client = Client()
    client.force_login(national)
    client.get(f"/admin/territoires/modification/{trace.pk}/corriger/")
    # Read by the view, then by the correction itself: it is between that and its writing.
    calls = []
    between(monkeypatch, lambda: calls.append(send()))

    refused = corriger(trace, national)

    assert [answer.status_code for answer in calls] == [302]
    assert refused.status_code == 409
    told = text_of(refused)
    assert "« Bocage », que cet acte a fait, est nommé par un autre enregistrement (contrat" in told
    assert Territoire.objects.filter(pk="ti-2899").exists()
    trace.refresh_from_db()
    assert trace.corrigee is None


@pytest.mark.django_db
def test_what_does_not_depend_on_the_act_hinders_nothing(monkeypatch, trace, national):
    def another_field():
        bocage = Territoire.objects.get(pk="ti-2899")
        bocage.chef_de_projet = "Camille Martin"
        bocage.save()

    between(monkeypatch, another_field)

    assert corriger(trace, national).status_code == 302
    assert not Territoire.objects.filter(pk="ti-2899").exists()
