"""How long anything waits, on the real database: its own limits, and ours when it says nothing."""

import os
import signal
from contextlib import contextmanager
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from programme.pannes import limites
from programme.pannes.cache_partage import CachePartage
from programme.pannes.causes import Panne, panne_of
from programme.pannes.limites import Limites
from programme.pannes.pouls import Pouls, pouls
from tests import factories as f
from tests.programme.backoffice.identite.outils import sign_in

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'")
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


@contextmanager
def another(limits):
    """A connection of its own, opened with these limits."""
    made = connection.copy()
    try:
        with limites.during(limits):
            made.ensure_connection()
        yield made
    finally:
        made.close()


def asked(connection, sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()[0]


@on_postgresql
def test_a_request_has_the_limits_of_the_settings(settings):
    settings.BASE_LIMITES = {"connexion": 2, "requete": 7, "verrou": 3, "transaction": 50}
    with another(limites.requests()) as made:
        assert asked(made, "SHOW statement_timeout") == "7s"
        assert asked(made, "SHOW lock_timeout") == "3s"
        assert asked(made, "SHOW idle_in_transaction_session_timeout") == "50s"
        assert asked(made, "SHOW jit") == "off"
        assert made.connection.limite == 9


@on_postgresql
def test_a_file_and_a_command_take_their_time():
    for limits in (limites.files(), limites.COMMANDES):
        with another(limits) as made:
            assert asked(made, "SHOW statement_timeout") == "0"


@on_sqlite
def test_sqlite_waits_for_a_lock_as_long_as_it_was_told(settings):
    settings.BASE_LIMITES = settings.BASE_LIMITES | {"verrou": 3}
    with another(limites.requests()) as made:
        assert asked(made, "PRAGMA busy_timeout") == 3000
    with another(limites.COMMANDES) as made:
        assert asked(made, "PRAGMA busy_timeout") == 60_000


@on_postgresql
@pytest.mark.parametrize(
    ("limits", "statements", "panne"),
    [
        (Limites(requete=0.5), ["SELECT pg_sleep(600)"], Panne.OCCUPEE),
        (
            Limites(verrou=0.05),
            ["BEGIN", "LOCK TABLE programme_donneesversion IN ACCESS EXCLUSIVE MODE"],
            Panne.OCCUPEE,
        ),
        (
            Limites(),
            ["BEGIN READ ONLY", "DELETE FROM programme_donneesversion"],
            Panne.LECTURE_SEULE,
        ),
    ],
    ids=["slow", "locked", "read-only"],
)
def test_what_the_server_refuses_is_named(limits, statements, panne):
    connection.cursor().execute("LOCK TABLE programme_donneesversion IN ROW EXCLUSIVE MODE")
    *before, last = statements
    with another(limits) as made:
        for statement in before:
            made.cursor().execute(statement)
        with pytest.raises(DatabaseError) as caught:
            made.cursor().execute(last)
    assert panne_of(caught.value) is panne


@on_postgresql
def test_a_server_that_says_nothing_is_left():
    """Its process is stopped: it can enforce no limit of its own."""
    with another(Limites(silence=0.3)) as made:
        pid = asked(made, "SELECT pg_backend_pid()")
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(OperationalError) as caught:  # it answers nothing until the end
                asked(made, "SELECT 1")
            assert panne_of(caught.value) is Panne.ABSENTE
            assert made.connection.closed
        finally:
            os.kill(pid, signal.SIGCONT)


@on_postgresql
def test_nobody_calls_again_at_once_who_does_not_answer():
    with another(Limites()) as made:
        made.close()
        pouls.lost()
        with pytest.raises(OperationalError, match="a moment ago"):
            made.ensure_connection()
        pouls.found()
        made.ensure_connection()


def test_one_thread_in_a_while_calls_who_did_not_answer(monkeypatch):
    felt, now = Pouls(), [100.0]
    monkeypatch.setattr("programme.pannes.pouls.monotonic", lambda: now[0])
    assert felt.may_call()
    felt.lost()
    assert not felt.may_call()
    now[0] += 3.1
    assert felt.may_call()
    assert not felt.may_call()
    felt.found()
    assert felt.may_call()


def test_a_shorter_limit_holds_for_what_is_asked_inside():
    assert limites.silence(60) == 60
    with limites.briefly(1):
        assert limites.silence(60) == 1
        assert limites.silence(0.5) == 0.5
        assert limites.silence(0) == 1
        with limites.briefly(30):
            assert limites.silence(60) == 1


@on_postgresql
def test_a_connection_opened_in_haste_is_not_hasty_for_ever():
    with limites.briefly(1), another(Limites(silence=9)) as made:
        assert made.connection.limite == 9


# --- migrate ------------------------------------------------------------------------------------


def test_migrate_gives_up_a_busy_table_in_words(monkeypatch, settings):
    settings.MIGRATION_VERROU = 4

    def wait(self, *args, **options):
        question = {"postgresql": "SHOW lock_timeout", "sqlite": "PRAGMA busy_timeout"}
        assert asked(connection, question[connection.vendor]) in ("4s", 4000)
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(migrate.Command, "handle", wait)
    with pytest.raises(CommandError, match=r"occupée depuis plus de 4 secondes.*Relancez migrate"):
        call_command("migrate", verbosity=0)


# --- The shared cache ---------------------------------------------------------------------------


@contextmanager
def read_only():
    """The database refuses to write, for real."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            connection.cursor().execute("PRAGMA query_only = OFF")
    else:
        with transaction.atomic():
            connection.cursor().execute("SET TRANSACTION READ ONLY")
            try:
                yield
            finally:
                transaction.set_rollback(True)


@pytest.fixture
def shared(settings):
    settings.CACHES = settings.CACHES | {
        "default": {
            "BACKEND": "programme.pannes.cache_partage.CachePartage",
            "LOCATION": "cache_partage",
        }
    }
    return CachePartage("cache_partage", {})


def test_a_key_that_is_taken_is_no_failure(shared):
    assert shared.add("clef", 1)
    assert not shared.add("clef", 2)
    assert shared.get("clef") == 1


def test_a_write_that_fails_is_one(shared):
    with read_only(), pytest.raises(DatabaseError) as caught:
        shared.add("clef", 1)
    assert panne_of(caught.value) is Panne.LECTURE_SEULE


def test_read_only_is_never_told_as_too_many_attempts(shared, client):
    agent = f.AgentFactory()
    client.raise_request_exception = False
    with read_only():
        response = sign_in(client, agent.email)
    assert response.status_code == 503
    assert "Lecture seule" in response.text
    assert "Trop de demandes" not in response.text


def test_health_says_that_nothing_can_be_written(shared, client):
    with read_only():
        told = client.get("/sante/")
    assert told.status_code == 200
    assert told.json()["etat"] == "lecture seule"


def test_threads_share_one_pulse():
    seen = []
    pouls.lost()
    thread = Thread(target=lambda: seen.append(pouls.may_call()))
    thread.start()
    thread.join()
    assert seen == [False]
