"""The bases that are measured: filled once, kept from one run to the next."""

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from bench.outils import child
from tests import postgresql

PETITE = 2_000
# Short: the path of a Unix socket has 107 bytes at most; and PostgreSQL's own user must reach it.
DOSSIER = Path(tempfile.gettempdir()) / f"mesures-{os.geteuid()}"


class Bases:
    """{database: {"petite" or "grande": its address}}, filled when first asked for."""

    def __init__(self, lines, cluster=None):
        self.lines = {"petite": PETITE, "grande": lines}
        self.cluster = cluster
        self.noms = ("postgresql", "sqlite") if cluster else ("sqlite",)

    def url(self, base, size):
        """The address of a filled base."""
        lines = self.lines[size]
        if base == "sqlite":
            return self._filled(f"sqlite:///{DOSSIER}/mesures-{lines}.sqlite3", lines)
        name = f"mesures_{lines}"
        with postgresql.connect(self.cluster) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if not known.fetchone():
                connection.execute(f"CREATE DATABASE {name}")
            # As docs/exploitation.md advises.
            connection.execute(f"ALTER DATABASE {name} SET random_page_cost = 1.1")
        return self._filled(self.cluster.rpartition("/")[0] + f"/{name}", lines)

    def both(self, base):
        return {size: self.url(base, size) for size in self.lines}

    def empty(self, base):
        """The address of an empty base, made anew."""
        if base == "sqlite":
            for path in DOSSIER.glob("vide.sqlite3*"):
                path.unlink()
            return f"sqlite:///{DOSSIER}/vide.sqlite3"
        with postgresql.connect(self.cluster) as connection:
            connection.execute("DROP DATABASE IF EXISTS vide")
            connection.execute("CREATE DATABASE vide")
        return self.cluster.rpartition("/")[0] + "/vide"

    def _filled(self, url, lines):
        child("remplissage", url, lines)
        return url


@contextmanager
def ouvertes(lines):
    """The bases, on a server that is stopped and kept; without PostgreSQL, SQLite's alone."""
    DOSSIER.mkdir(exist_ok=True, mode=0o711)
    binaries = postgresql.find_binaries("initdb", "pg_ctl", "postgres", "psql")
    if binaries is None:
        yield Bases(lines)
        return
    with postgresql.cluster(binaries, DOSSIER / "pg") as url:
        yield Bases(lines, url)


def psql(url, statement):
    """Run a statement of psql's, what it says to nowhere; with the settings that suit it best."""
    root, base = url.split("@/", 1)[1].rsplit("/", 1)
    subprocess.run(
        ["psql", "-q", "-h", root, "-U", postgresql.USER, base],
        env={**os.environ, "PGOPTIONS": "-c jit=off"},
        input=statement.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
