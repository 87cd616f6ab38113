"""The real data of `fixtures/`, loaded once per process into a database of their own.

    pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

points the default connection of a whole module at a copy of it, and back after. Each test is still
rolled back; after a test that commits (`transaction=True`, `live_server`), a new copy is made.
The other modules keep their empty database.
"""

import gzip
import sqlite3
from contextlib import closing, contextmanager
from unittest import mock

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase

FIXTURE = "donnees_reelles"


class MemoirePartagee:
    """SQLite in memory: a database is the name of a shared cache, kept by an open connection."""

    def __init__(self):
        self.main = connection.settings_dict["NAME"]
        self.kept = {}

    def nom(self, role):
        return self.main.replace("memorydb_default", f"memorydb_{role}")

    def _gardee(self, name):
        if name not in self.kept:
            with self.ouvrir(name):
                params = connection.get_connection_params()
                self.kept[name] = connection.get_new_connection(params)
        return self.kept[name]

    def copier(self, source, target):
        self._gardee(source).backup(self._gardee(target))

    def restaurer(self, dossier, target):
        """Make `target` of the base kept in `dossier`."""
        with closing(sqlite3.connect(":memory:")) as source:
            source.deserialize(gzip.decompress((dossier / "sqlite.sqlite3.gz").read_bytes()))
            source.backup(self._gardee(target))

    @contextmanager
    def ouvrir(self, name):
        """Point the default connection at database `name`; the one before is only set aside."""
        before, raw = connection.settings_dict["NAME"], connection.connection
        connection.settings_dict["NAME"], connection.connection = name, None
        try:
            yield
        finally:
            if connection.connection is not None:
                connection.connection.close()
            connection.settings_dict["NAME"], connection.connection = before, raw

    def fermer(self):
        for raw in self.kept.values():
            raw.close()


class Serveur:
    """PostgreSQL: a database is copied as a template, when nobody is connected to it."""

    def __init__(self):
        self.main = connection.settings_dict["NAME"]
        self.made = set()

    def nom(self, role):
        return f"{self.main}_{role}"

    def _execute(self, *statements):
        connection.close()
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def copier(self, source, target):
        quoted = connection.ops.quote_name
        self.made.add(target)
        self._execute(
            f"DROP DATABASE IF EXISTS {quoted(target)} WITH (FORCE)",
            f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)}",
        )

    def restaurer(self, dossier, target):
        """Make `target` of the base kept in `dossier`."""
        self.copier("template0", target)
        statements = gzip.decompress((dossier / "postgresql.sql.gz").read_bytes())
        # A connection of its own: a dump changes the settings of its session.
        with self.ouvrir(target):
            raw = connection.get_new_connection(connection.get_connection_params())
        with raw:
            raw.execute(statements)

    @contextmanager
    def ouvrir(self, name):
        """Point the default connection, and those of new threads, at database `name`."""
        before = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before

    def fermer(self):
        quoted = connection.ops.quote_name
        self._execute(*(f"DROP DATABASE {quoted(name)} WITH (FORCE)" for name in self.made))


@pytest.fixture(scope="session")
def bases(django_db_setup, django_db_blocker):
    """The database server of this process, for those who need databases beside the empty one."""
    with django_db_blocker.unblock():
        made = Serveur() if connection.vendor == "postgresql" else MemoirePartagee()
        yield made
        made.fermer()


@contextmanager
def module_sur_copie(bases, role):
    """The default connection on a copy of the database `role`, renewed after whoever commits."""

    def renew(*_):
        bases.copier(bases.nom(role), bases.nom("copie"))
        ContentType.objects.clear_cache()

    renew()
    # Instead of emptying the tables after a test that commits.
    with (
        mock.patch.object(TransactionTestCase, "_fixture_teardown", renew),
        bases.ouvrir(bases.nom("copie")),
    ):
        yield
    ContentType.objects.clear_cache()


@pytest.fixture(scope="session")
def _base_reelle(bases, django_db_blocker):
    """A pristine database of the real data."""
    with django_db_blocker.unblock():
        bases.copier(bases.main, bases.nom("reelle"))
        with bases.ouvrir(bases.nom("reelle")):
            call_command("charger_donnees", verbosity=0)


@pytest.fixture(scope="module", name=FIXTURE)
def _donnees_reelles(bases, _base_reelle, django_db_blocker):
    """The module runs on a copy of the real data; see the top of this file."""
    with django_db_blocker.unblock(), module_sur_copie(bases, "reelle"):
        yield


def pytest_collection_modifyitems(items):
    """Refuse a module where only some tests ask for the real data: order would decide."""
    by_module = {}
    for item in items:
        asks = by_module.setdefault(item.path, {True: [], False: []})
        asks[FIXTURE in getattr(item, "fixturenames", ())].append(item.name)
    for path, asks in by_module.items():
        if asks[True] and asks[False]:
            raise pytest.UsageError(
                f"{path.name}: {FIXTURE} is for a whole module (pytestmark = usefixtures), "
                f"but {asks[False][0]} does not ask for it."
            )
