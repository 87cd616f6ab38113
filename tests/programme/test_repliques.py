"""What visitors read on a replica; what the primary answers in its place, or alone."""

from contextlib import contextmanager

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programme.bases import repliques
from programme.catalogue.version import version_reader
from programme.exploitation import etat
from programme.models import DonneesVersion, Preuve
from programme.models.citations import ALPHABET, LONGUEUR
from programme.pannes.pouls import pouls_de
from tests import factories as f
from tests.programme.donnees.outils import body

ALIAS = "replique_1"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]


@contextmanager
def declared(**changed):
    """A replica of the test's database: itself, where nothing can be written."""
    known = getattr(connections._connections, ALIAS, None)
    made = connections[DEFAULT_DB_ALIAS].copy(ALIAS)
    made.settings_dict["OPTIONS"]["options"] = "-c default_transaction_read_only=on"
    made.settings_dict |= changed
    connections[ALIAS] = made
    pouls_de(ALIAS).forget_all()
    one = repliques.Replique(ALIAS)
    repliques.repliques.append(one)
    repliques.connect()
    try:
        yield one
    finally:
        repliques.rendre()
        made.close()
        repliques.repliques.remove(one)
        del connections[ALIAS]
        if known:
            connections[ALIAS] = known


@pytest.fixture
def replique(settings):
    settings.DONNEES_VERSION_TTL = 60  # what was read once is known
    with declared() as one:
        yield one


def read_on(client, path):
    """The response, and how many statements each database was sent for it."""
    there, here = CaptureQueriesContext(connections[ALIAS]), CaptureQueriesContext(connection)
    with there, here:
        response = client.get(path)
        content = body(response)
    return response, content, len(there), len(here)


def test_a_visitor_reads_on_the_replica(replique, client):
    f.TerritoireFactory(nom="Lacq-Pau-Tarbes")
    version_reader.current()
    response, content, there, here = read_on(client, reverse("territoires"))
    assert response.status_code == 200
    assert "Lacq-Pau-Tarbes" in content.decode()
    assert there > 3
    assert here == 0
    assert connection.alias == DEFAULT_DB_ALIAS
    assert repliques.rendre() is None


def test_an_officer_reads_what_she_just_wrote(replique, client):
    agent = f.AgentFactory()
    client.force_login(agent)
    _, _, there, here = read_on(client, reverse("territoires"))
    assert there == 0
    assert here > 3


def test_what_a_secret_address_opens_is_asked_of_the_primary(replique, client):
    version_reader.current()
    _, _, there, _ = read_on(client, reverse("suivre"))
    assert there == 0


def test_a_file_is_read_there_to_its_last_byte_and_proved_here(replique, client):
    f.ProjetFactory.create_batch(3)
    version_reader.current()
    response, content, there, _ = read_on(client, f"{reverse('projets')}?format=csv")
    assert len(content.splitlines()) == 4
    assert there > 1
    assert response["X-Preuve"]
    assert Preuve.objects.get().lignes == 3
    assert connection.alias == DEFAULT_DB_ALIAS


def test_one_that_lags_is_left_out_until_it_has_caught_up(replique, client, monkeypatch):
    f.TerritoireFactory()
    late = DonneesVersion(numero=DonneesVersion.objects.current().numero - 1)
    with monkeypatch.context() as patch:
        patch.setattr(DonneesVersion.objects.__class__, "first", lambda self: late)
        assert replique.read() is late
    _, _, there, here = read_on(client, reverse("territoires"))
    assert (there, here > 3) == (0, True)
    replique._until = 0.0  # a second later
    _, _, there, _ = read_on(client, reverse("territoires"))
    assert there > 3


def test_one_that_is_gone_costs_a_visitor_nothing_but_its_time(client):
    f.TerritoireFactory(nom="Lacq-Pau-Tarbes")
    with declared(HOST="127.0.0.1", PORT="9") as gone:
        response = client.get(reverse("territoires"))
        assert response.status_code == 200
        assert "Lacq-Pau-Tarbes" in response.content.decode()
        assert not gone.vue


def test_one_that_goes_in_the_middle_is_replaced_by_the_primary(replique):
    client = Client(raise_request_exception=False)
    f.TerritoireFactory(nom="Lacq-Pau-Tarbes")
    assert replique.holds(version_reader.current())

    def gone(execute, sql, params, many, context):
        connections[ALIAS].connection.close()
        return execute(sql, params, many, context)

    with connections[ALIAS].execute_wrapper(gone):
        response = client.get(reverse("territoires"))
    assert response.status_code == 200
    assert "Lacq-Pau-Tarbes" in response.content.decode()
    assert not replique.vue


def test_what_is_not_there_yet_is_asked_of_the_primary(replique, client):
    version_reader.current()
    response, _, there, here = read_on(client, reverse("citation", args=[ALPHABET[0] * LONGUEUR]))
    assert response.status_code == 404
    assert there
    assert here


def test_visitors_go_on_without_the_primary(replique, client, monkeypatch):
    f.TerritoireFactory(nom="Lacq-Pau-Tarbes")
    version_reader.current()
    version_reader._until = 0.0
    port = {**connection.settings_dict, "HOST": "127.0.0.1", "PORT": "9"}
    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(connections[DEFAULT_DB_ALIAS], "settings_dict", port)
        response = client.get(reverse("territoires"))
        assert response.status_code == 200
        assert "Lacq-Pau-Tarbes" in response.content.decode()
        assert "Page gardée" not in response.content.decode()
        assert version_reader.is_sure


def test_the_watch_says_which_one_lags_or_is_gone(replique):
    DonneesVersion.objects.bump()
    assert not [told for told in etat.lire().alertes() if "réplique" in told]
    known = etat.lire()
    late = known.__class__(**{**vars(known), "repliques": {ALIAS: known.version - 1}})
    assert any("replique_1 en est à la version" in told for told in late.alertes())
    with declared(HOST="127.0.0.1", PORT="9"):
        assert any("replique_1 ne répond pas" in told for told in etat.lire().alertes())


def test_without_replicas_nothing_is_taken(client):
    assert repliques.prendre(1) is None
    assert Client().get(reverse("accueil")).status_code == 200
