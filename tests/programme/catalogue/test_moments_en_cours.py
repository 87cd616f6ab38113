"""What is read at a moment is the same ever after, also while a long transaction writes."""

import hashlib
import random
import sqlite3
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ConnectionHandler
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.bases import ecritures_depuis
from programme.catalogue import moments
from programme.catalogue.citer import vues
from programme.catalogue.suivre.envois import _fin
from programme.models import DonneesVersion, Projet
from tests.factories import ProjetFactory
from tests.programme.donnees.outils import body

BEFORE = timedelta(microseconds=1)
sur_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite in memory refuses a second writer at once"
)


class Redacteur(threading.Thread):
    """Writes each of `rows` in one transaction, which ends when it is told to."""

    def __init__(self, rows):
        super().__init__()
        self.rows, self.written, self.may_end = rows, threading.Event(), threading.Event()
        self.error = None

    def run(self):
        try:
            with transaction.atomic():
                for row in self.rows:
                    row.emplois_crees = (row.emplois_crees or 0) + 1
                    row.save()
                self.written.set()
                assert self.may_end.wait(60)
        except Exception as error:  # noqa: BLE001 - told by the main thread
            self.error = error
        finally:
            self.written.set()
            connections.close_all()

    def __enter__(self):
        self.start()
        assert self.written.wait(60)
        assert self.error is None
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.may_end.set()
        self.join(60)
        assert self.error is None


def read(moment, form):
    response = Client().get("/projets/", {"au": moment.isoformat(), "format": form})
    return response.status_code, hashlib.sha256(body(response)).hexdigest()


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr(moments, "ATTENTE", 0)
    vues.demandes.forget_all()


@sur_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_answer_once_given_never_changes():
    draw = random.Random(11)
    rows = [ProjetFactory(emplois_crees=3) for _ in range(3)]
    start = timezone.now()
    given = {}
    for _ in range(4):
        with Redacteur(draw.sample(rows, 2)) as writer:
            asked = [start + (timezone.now() - start) * draw.random() for _ in range(3)]
            for moment in [*asked, timezone.now(), ecritures_depuis() - BEFORE]:
                form = draw.choice(["csv", "json"])
                status, digest = read(moment, form)
                assert status in (200, 400)
                if status == 200:
                    given[moment, form] = digest
            writer.end()
        for each in rows:
            each.refresh_from_db()
        for (moment, form), digest in given.items():
            assert read(moment, form) == (200, digest), moment
    assert len(given) > 6


@sur_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_is_being_written_is_told_with_the_remedy():
    row = ProjetFactory(emplois_crees=3)
    with Redacteur([row]) as writer:
        address = {"au": timezone.now().isoformat()}
        page = Client().get("/projets/", address)
        assert page.status_code == 400
        assert "Demandez un moment d’avant elle, ou le même dans une minute" in page.text
        told = Client().get("/api/v1/projets/", address)
        assert (told.status_code, told["Content-Type"]) == (400, "application/problem+json")
        assert _fin() <= ecritures_depuis()
        writer.end()
    assert Client().get("/projets/", address).status_code == 200
    assert ecritures_depuis() is None


@sur_postgresql
@pytest.mark.django_db(transaction=True)
def test_nothing_is_cited_that_would_read_otherwise():
    rows = [ProjetFactory(emplois_crees=3) for _ in range(2)]
    with Redacteur(rows[:1]) as writer:
        DonneesVersion.objects.filter().update(modifie_le=timezone.now())
        asked = {"chiffre": "projets", "requete": ""}
        refused = Client().post(reverse("citer"), asked)
        assert refused.status_code == 503
        assert "Recommencez" in refused.text
        writer.end()
    kept = Client().post(reverse("citer"), asked)
    assert kept.status_code == 303
    assert "redonne la valeur citée" in Client().get(kept["Location"]).text


@sur_postgresql
@pytest.mark.django_db(transaction=True)
def test_it_waits_for_a_short_one(monkeypatch):
    monkeypatch.setattr(moments, "ATTENTE", 60)
    with Redacteur([ProjetFactory(emplois_crees=3)]) as writer:
        threading.Timer(0.2, writer.may_end.set).start()
        asked = timezone.now()
        assert Client().get("/projets/", {"au": asked.isoformat()}).status_code == 200
        writer.end()
    assert Projet.objects.get().emplois_crees == 4


@pytest.mark.django_db
def test_an_old_moment_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert moments.mouvant(timezone.now() - 2 * moments.TRANSACTION) is None


@sur_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["client backend", "autovacuum worker"])
def test_the_upkeep_of_the_server_keeps_nobody_waiting(kind):
    """PostgreSQL shows a vacuum that shortens a table as a writer, for as long as it works."""
    since = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY VIEW pg_stat_activity AS SELECT current_database() AS datname,"
            " pg_backend_pid() + 1 AS pid, 1 AS backend_xid, %s::text AS backend_type,"
            " %s::timestamptz AS xact_start",
            [kind, since],
        )
    assert ecritures_depuis() == (since if kind == "client backend" else None)


@pytest.mark.django_db
def test_a_file_of_sqlite_has_one_writer(tmp_path):
    path = tmp_path / "base.sqlite3"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE territoires_modification (instant datetime)")
    writer.execute("INSERT INTO territoires_modification VALUES ('2026-05-01 10:00:00.500000')")
    known = {"default": {"ENGINE": "programme.bases.sqlite3", "NAME": path}}
    base = ConnectionHandler(known)["default"]
    try:
        assert base.ecritures_depuis() is None
        writer.execute("BEGIN IMMEDIATE")
        assert base.ecritures_depuis().isoformat() == "2026-05-01T10:00:00.500001+00:00"
        writer.execute("ROLLBACK")
        assert base.ecritures_depuis() is None
    finally:
        base.close()
        writer.close()
