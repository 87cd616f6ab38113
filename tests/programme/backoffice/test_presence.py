"""Who has a record open: told to who may see it, gone after a minute, no table written."""

import time
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programme.backoffice.cadre import presence
from programme.models import Contrat
from programme.pannes.cache_redis import MemoireAbsente
from tests import factories as f
from tests.programme.backoffice.outils import address, text_of


@pytest.fixture
def fiche(contrats):
    return address(Contrat, "change", contrats.normand.pk)


@pytest.fixture
def battement(contrats):
    return address(Contrat, "presence", contrats.normand.pk)


@pytest.fixture
def horloge(monkeypatch):
    """`horloge(61)`: so many seconds later, for the memory of presences."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def later(seconds):
        now[0] += seconds

    return later


def test_a_page_that_is_opened_says_who_has_it_open(signed_in, secretariat, redacteur, fiche):
    first = signed_in(secretariat).get(fiche)
    assert '<p id="presence" class="encart" role="status" hidden></p>' in first.content.decode()
    second = text_of(signed_in(redacteur).get(fiche))
    assert "Ouverte aussi, en ce moment, par Sacha Secrétariat." in second
    assert "René Rédacteur" in text_of(signed_in(secretariat).get(fiche)).partition("Contrat")[2]


def test_it_is_gone_after_a_minute(signed_in, secretariat, redacteur, battement, horloge):
    signed_in(secretariat).post(battement)
    reader = signed_in(redacteur)
    horloge(presence.DUREE - 1)
    assert "Sacha Secrétariat" in reader.get(battement).json()["phrase"]
    horloge(2)
    assert reader.get(battement).json() == {"phrase": ""}
    assert not [key for key in caches["presence"]._cache if caches["presence"]._has_expired(key)]


def test_a_page_that_stays_open_is_still_there(
    signed_in, secretariat, redacteur, battement, horloge
):
    writer = signed_in(secretariat)
    for _ in range(4):
        assert writer.post(battement).json() == {"phrase": ""}
        horloge(presence.BATTEMENT)
    response = signed_in(redacteur).get(battement)
    assert "Sacha Secrétariat" in response.json()["phrase"]
    assert "no-store" in response["Cache-Control"]


def test_asking_is_not_having_it_open(signed_in, secretariat, redacteur, battement):
    signed_in(secretariat).get(battement)
    assert signed_in(redacteur).get(battement).json() == {"phrase": ""}


def test_another_record_is_another_page(signed_in, national, secretariat, contrats, battement):
    signed_in(national).get(address(Contrat, "change", contrats.breton.pk))
    assert signed_in(secretariat).post(battement).json() == {"phrase": ""}


def test_who_may_not_see_the_record_is_told_nothing(signed_in, secretariat, contrats, battement):
    signed_in(secretariat).post(battement)
    breton = signed_in(f.SecretariatFactory(regions=[contrats.breton.territoire.region_porteuse]))
    referent = signed_in(f.ReferentAgentFactory(operateur=f.OperateurFactory()))
    for client, status in ((breton, 404), (referent, 403)):
        for response in (client.get(battement), client.post(battement)):
            assert response.status_code == status
            assert "Sacha" not in response.content.decode()
    assert signed_in(secretariat).delete(battement).status_code == 405


def test_many_are_counted(normandie):
    names = [f"Agent {rank}" for rank in range(1, 8)]
    assert "Agent 5 et 2 autres" in presence.phrase(names)
    assert presence.phrase(names[:1]).startswith("Ouverte aussi, en ce moment, par Agent 1. ")
    assert presence.phrase([]) == ""


def test_nothing_is_written_in_the_base(signed_in, secretariat, battement):
    client = signed_in(secretariat)
    client.post(battement)
    with CaptureQueriesContext(connection) as captured:
        client.post(battement)
    assert not [
        query["sql"] for query in captured if not query["sql"].lstrip().startswith("SELECT")
    ]


def test_the_table_of_the_base_forgets_within_the_minute(
    settings, secretariat, contrats, monkeypatch
):
    table = {"BACKEND": "programme.pannes.cache_partage.CachePartage", "LOCATION": "cache_partage"}
    settings.CACHES = settings.CACHES | {"presence": table}
    presence.battre(contrats.normand, secretariat)
    assert presence.oublier() == "0 signe(s) de plus d’une minute effacé(s)"
    later = timezone.now() + timedelta(seconds=presence.DUREE + 2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert presence.oublier() == "1 signe(s) de plus d’une minute effacé(s)"
    assert presence.presents(contrats.normand, f.NationalFactory()) == []


def test_a_memory_that_is_silent_is_said_and_the_page_opens(
    signed_in, secretariat, fiche, battement, monkeypatch
):
    def silent(*args, **kwargs):
        raise MemoireAbsente("ConnectionError")

    client = signed_in(secretariat)
    monkeypatch.setattr(LocMemCache, "set", silent)
    monkeypatch.setattr(LocMemCache, "get_many", silent)
    page = client.get(fiche)
    assert page.status_code == 200
    assert presence.SILENCE in text_of(page)
    response = client.post(battement)
    assert (response.status_code, response.json()) == (503, {"phrase": presence.SILENCE})


def test_seeing_as_another_is_not_being_there(signed_in, national, redacteur, secretariat, fiche):
    client = signed_in(national)
    page = f"/admin/territoires/agent/{redacteur.pk}/voir-comme/"
    assert client.post(page, {"motif": "Il ne voit pas son contrat"}).status_code == 302
    assert client.get(fiche).status_code == 200
    assert "Ouverte aussi" not in text_of(signed_in(secretariat).get(fiche))


def test_a_new_record_has_no_presence(signed_in, secretariat):
    page = signed_in(secretariat).get(address(Contrat, "add")).content.decode()
    assert "presence" not in page


# --- Pages about many records ---------------------------------------------------------------------


@pytest.fixture
def normands(contrats):
    """Two contracts of Normandie, in one territory."""
    one = contrats.normand
    other = f.ContratFactory(
        territoire=one.territoire, intitule="Acte d’Avre", publication=one.publication
    )
    return one, other


def fusion(normands):
    return f"{address(Contrat, 'fusionner', normands[0].pk)}?avec={normands[1].pk}"


def choisir(client, records, **data):
    """The page that asks for one value for many."""
    page = address(Contrat, "changelist")
    keys = [record.pk for record in records]
    data = {"action": "modifier_ensemble", "_selected_action": keys, **data}
    return client.post(page, data)


@pytest.mark.parametrize("page", ["fusion", "ensemble", "apercu"])
def test_a_page_about_many_says_who_has_one_open(signed_in, secretariat, national, normands, page):
    signed_in(national).get(address(Contrat, "change", normands[1].pk))
    client = signed_in(secretariat)
    if page == "fusion":
        shown = client.get(fusion(normands))
    elif page == "ensemble":
        shown = choisir(client, normands)
    else:
        value = {"colonne": "lieu", "valeur": "Caen"}
        shown = client.get(choisir(client, normands, **value)["Location"])
    said = f"Ouverte aussi, en ce moment : « {normands[1]} », par {national}."
    assert said in text_of(shown)
    again = client.post(shown.context["presence_url"]).json()
    assert again["phrase"].startswith(said)


def test_a_page_about_many_has_them_all_open(signed_in, secretariat, national, normands, horloge):
    signed_in(secretariat).get(fusion(normands))
    reader = signed_in(national)
    for one in normands:
        told = reader.get(address(Contrat, "change", one.pk))
        assert "Ouverte aussi, en ce moment, par Sacha Secrétariat." in text_of(told)
    horloge(presence.DUREE + 1)
    told = reader.get(address(Contrat, "change", normands[0].pk))
    assert "Ouverte aussi" not in text_of(told)


def test_what_is_elsewhere_is_told_to_nobody(signed_in, national, secretariat, contrats):
    signed_in(national).get(address(Contrat, "change", contrats.breton.pk))
    client = signed_in(secretariat)
    page = address(Contrat, "presences")
    for asked in (str(contrats.breton.pk), f"{contrats.breton.pk},x", "", "x" * 50):
        assert client.post(page, QUERY_STRING=f"fiches={asked}").json() == {"phrase": ""}
    assert client.put(page).status_code == 405


def test_a_page_about_many_costs_one_question_of_the_memory(
    signed_in, secretariat, national, normands
):
    records = list(normands)
    with CaptureQueriesContext(connection) as few:
        presence.presents_ensemble(records[:1], secretariat)
    with CaptureQueriesContext(connection) as more:
        presence.presents_ensemble(records, secretariat)
    assert len(few) == len(more)
