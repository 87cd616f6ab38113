"""Databases made once and kept: the migrated one, and that of the real data of `fixtures/`.

Each is kept from run to run under the digest of what makes it (`empreintes`), in `.cache/essais/`
for SQLite, as a template of its server for PostgreSQL.

    pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

points the default connection of a whole module at a copy of it, and back after. Each test is still
rolled back; after a test that commits (`transaction=True`, `live_server`), a new copy is made.
The other modules keep their empty database.
"""

import fcntl
import gzip
import os
import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from unittest import mock

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core import management
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import TransactionTestCase

from tests import empreintes
from tests.fin_de_transaction import attente

FIXTURE = "donnees_reelles"
CACHE = settings.BASE_DIR / ".cache" / "essais"
MODELE = "modele_"
GARDES = 3
"""Kept databases of one role, at most: those of the branches that one goes between."""


@contextmanager
def un_seul(role):
    """One process at a time makes the database of a role; the others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{connection.vendor}-{role}.verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        yield


class MemoirePartagee:
    """SQLite in memory: a database is the name of a shared cache, kept by an open connection."""

    def __init__(self):
        self.main = connection.settings_dict["NAME"]
        self.vide = self.nom("vide")
        self.kept = {}
        self.modeles = set()

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

    def modele(self, role, empreinte, make):
        """The name of a database kept under `role` and `empreinte`; `make(name)` makes it."""
        name, path = self.nom(role), CACHE / f"{role}-{empreinte}.sqlite3"
        if name in self.modeles:
            return name
        self.modeles.add(name)
        with un_seul(role):
            if not path.exists():
                make(name)
                new = path.with_suffix(f".{os.getpid()}")
                with closing(sqlite3.connect(new)) as file:
                    self._gardee(name).backup(file)
                new.replace(path)
                self._oublier(role)
        path.touch()
        with closing(sqlite3.connect(path)) as file:
            file.backup(self._gardee(name))
        return name

    def _oublier(self, role):
        kept = sorted(CACHE.glob(f"{role}-*.sqlite3"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-GARDES]:
            path.unlink(missing_ok=True)

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

    vide = "template0"

    def __init__(self):
        self.main = connection.settings_dict["NAME"]
        self.made = set()
        self.modeles = set()

    def nom(self, role):
        return f"{self.main}_{role}"

    def _execute(self, *statements):
        """Run statements outside any database of ours; the rows of the last one, if any."""
        connection.close()
        with connection._nodb_cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def modele(self, role, empreinte, make):
        """The name of a database kept under `role` and `empreinte`; `make(name)` makes it."""
        prefix = f"{MODELE}{role}_"
        name, new = f"{prefix}{empreinte}", f"{self.main}_{role}"
        if name in self.modeles:
            return name
        self.modeles.add(name)
        with un_seul(role):
            kept = [n for (n,) in self._execute("SELECT datname FROM pg_database")]
            if name not in kept:
                make(new)
                self.made.discard(new)
                quoted = connection.ops.quote_name
                older = [n for n in kept if n.startswith(prefix)]
                self._execute(
                    *(f"DROP DATABASE {quoted(n)} WITH (FORCE)" for n in older),
                    f"ALTER DATABASE {quoted(new)} RENAME TO {quoted(name)}",
                )
        return name

    def copier(self, source, target):
        quoted = connection.ops.quote_name
        if target != self.main:
            self.made.add(target)
        # Files as they are, where the server can: a log of every page costs more.
        strategy = "STRATEGY file_copy" if connection.pg_version >= 150_000 else ""
        self._execute(
            f"DROP DATABASE IF EXISTS {quoted(target)} WITH (FORCE)",
            f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)} {strategy}",
        )

    def restaurer(self, dossier, target):
        """Make `target` of the base kept in `dossier`."""
        self.copier(self.vide, target)
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


@cache
def _serveur():
    """The server of this process; asked first when the name of its main database is known."""
    return Serveur() if connection.vendor == "postgresql" else MemoirePartagee()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The empty database of the tests is a copy of the one kept, instead of being migrated."""
    create, command = connection.creation.create_test_db, management.call_command
    # Read now: a migration first read under a test's clock would keep that clock as its default.
    MigrationLoader(None)

    def migrate(name):
        bases = _serveur()
        bases.copier(bases.vide, name)
        with bases.ouvrir(name):
            command("migrate", verbosity=0, interactive=False, run_syncdb=True)
            command("createcachetable")

    def renew(*_):
        bases = _serveur()
        bases.copier(bases.modele("migree", empreintes.migree(), migrate), bases.main)

    def call(name, *args, **kwargs):
        # The table of the cache comes with the copy.
        if name == "migrate":
            renew()

    def create_copy(*args, **kwargs):
        with mock.patch.object(management, "call_command", call):
            return create(*args, **kwargs)

    with (
        mock.patch.object(connection.creation, "create_test_db", create_copy),
        _renewed_by(renew),
    ):
        yield


@pytest.fixture(scope="session")
def bases(django_db_setup, django_db_blocker):
    """The database server of this process, for those who need databases beside the empty one."""
    with django_db_blocker.unblock():
        yield _serveur()
        _serveur().fermer()


def _renewed_by(renew):
    """After a test that commits, a new copy: cheaper than to empty a hundred tables."""
    return mock.patch.object(TransactionTestCase, "_fixture_teardown", renew)


@contextmanager
def module_sur_copie(bases, source):
    """The default connection on a copy of the database `source`, renewed after who commits."""

    def renew(*_):
        bases.copier(source, bases.nom("copie"))
        ContentType.objects.clear_cache()

    renew()
    with _renewed_by(renew), bases.ouvrir(bases.nom("copie")):
        yield
    ContentType.objects.clear_cache()


@contextmanager
def module_sur_monde(bases, make):
    """The default connection on rows that `make()` writes once; given back after who commits."""
    world = bases.nom("monde")
    bases.copier(bases.main, world)
    with bases.ouvrir(world), attente.patience():
        make()
        attente.finir()
    with module_sur_copie(bases, world):
        yield


@pytest.fixture(scope="session")
def _base_reelle(bases, django_db_blocker):
    """The name of a pristine database of the real data."""

    def load(name):
        bases.copier(bases.main, name)
        with bases.ouvrir(name):
            management.call_command("charger_donnees", verbosity=0)

    with django_db_blocker.unblock():
        return bases.modele("reelle", empreintes.reelle(), load)


@pytest.fixture(scope="module", name=FIXTURE)
def _donnees_reelles(bases, _base_reelle, django_db_blocker):
    """The module runs on a copy of the real data; see the top of this file."""
    with django_db_blocker.unblock(), module_sur_copie(bases, _base_reelle):
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
