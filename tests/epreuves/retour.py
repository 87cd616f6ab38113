"""The way back: a backup put back in an empty place, and a base led to the minute before a mistake.

Both on the real data. The second is PostgreSQL's own: what it archives as it writes (WAL), played
again over a copy of its files, up to a moment.
"""

import os
import platform
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import requests

from tests import postgresql
from tests.epreuves.site import fill, manage, served

COMPTES = ("programme_projet", "programme_contrat", "territoires_territoire", "territoires_commune")


def main(options):
    """`(the document, whether all came back)`."""
    rows, good = [], True
    for nom, drill in (
        ("sauvegarder, restaurer : SQLite", _archive_sqlite),
        ("sauvegarder, restaurer : PostgreSQL", _archive_postgresql),
        ("revenir à la minute d’avant : PostgreSQL", _minute_d_avant),
    ):
        if options.seulement in nom:
            said, passed = drill()
            rows.append(f"| {nom} | {said} | {'oui' if passed else 'NON'} |")
            good = good and passed
    return _document(rows), good


def _document(rows):
    day = f"{datetime.now().astimezone():%d/%m/%Y}"
    return f"""# Revenir en arrière

Refait pour de vrai, sur les données réelles ; [comment s’y prendre](exploitation.md).

    make epreuves ARGS="retour --ecrire"

Dernière fois : {day}, 2 cœurs partagés, Python {platform.python_version()}.

| | Ce qui a été fait | Tout est revenu |
|---|---|---|
{chr(10).join(rows)}
"""


# --- A backup, put back ---------------------------------------------------------------------------


def _archive_sqlite():
    with tempfile.TemporaryDirectory() as root:
        old, new = (f"sqlite:///{root}/{name}.sqlite3" for name in ("avant", "apres"))
        return _archive(old, new, Path(root))


def _archive_postgresql():
    with tempfile.TemporaryDirectory() as root, _cluster() as url:
        with postgresql.connect(url) as connection:
            connection.execute("CREATE DATABASE apres")
        return _archive(url, url.rsplit("/", 1)[0] + "/apres", Path(root))


def _archive(old, new, root):
    fill(old)
    begun = time.monotonic()
    manage(old, "sauvegarder", "--vers", str(root / "archives"))
    saved = time.monotonic()
    (archive,) = (root / "archives").iterdir()
    os.environ["MEDIA_ROOT"] = str(root / "media")
    try:
        manage(new, "restaurer", str(archive))
    finally:
        del os.environ["MEDIA_ROOT"]
    back = time.monotonic()
    again = manage(new, "charger_donnees")
    said = (
        f"{archive.stat().st_size // 1_000_000} Mo en {saved - begun:.0f} s, remis en "
        f"{back - saved:.0f} s ; recharger les données n’y change rien"
    )
    return said, "Aucun changement" in again and _serves(new, root)


# --- The minute before ----------------------------------------------------------------------------


def _minute_d_avant():
    with _cluster() as url:
        root = Path(url.split("@/", 1)[1].rsplit("/", 1)[0])
        wal = root / "wal"
        wal.mkdir()
        postgresql.own(wal)
        with postgresql.connect(url) as connection:
            connection.execute("ALTER SYSTEM SET archive_mode = on")
            connection.execute(f"ALTER SYSTEM SET archive_command = 'cp %p {wal}/%f'")
        postgresql.ctl(root, root / "data", "restart")
        fill(url)
        postgresql.tool(root, "pg_basebackup", "-h", root, "-U", postgresql.USER,
                        "-D", root / "base", "--checkpoint=fast")  # fmt: skip
        with postgresql.connect(url) as connection:
            connection.execute("UPDATE programme_projet SET objet = 'Écrit après la copie.'")
            before = _counts(connection)
            (moment,) = connection.execute("SELECT clock_timestamp()").fetchone()
            time.sleep(2)
            connection.execute("TRUNCATE programme_projet CASCADE")
            connection.execute("SELECT pg_switch_wal()")
            lost = _counts(connection)
        postgresql.ctl(root, root / "data", "stop")
        begun = time.monotonic()
        with (root / "base" / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"restore_command = 'cp {wal}/%f %p'\nrecovery_target_time = '{moment}'\n"
                "recovery_target_action = 'promote'\n"
            )
        (root / "base" / "recovery.signal").touch()
        postgresql.own(root / "base" / "recovery.signal")
        postgresql.ctl(root, root / "base", "start")
        try:
            after, written = _back(url)
            seconds = time.monotonic() - begun
            passed = after == before != lost and written == before["programme_projet"]
            passed = passed and _serves(url, root)
        finally:
            postgresql.ctl(root, root / "base", "stop")
            postgresql.ctl(
                root, root / "data", "start"
            )  # what the private cluster stops at its end
    said = (
        f"{before['programme_projet']} projets effacés d’un coup, {written} revenus avec ce qui "
        f"avait été écrit après la copie, en {seconds:.0f} s"
    )
    return said, passed


def _back(url):
    """The counts once the base is open again, and how many rows written after the copy it has."""
    with postgresql.connect(url) as connection:
        for _ in range(120):
            (recovering,) = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            if not recovering:
                break
            time.sleep(0.5)
        (written,) = connection.execute(
            "SELECT count(*) FROM programme_projet WHERE objet = 'Écrit après la copie.'"
        ).fetchone()
        return _counts(connection), written


def _counts(connection):
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in COMPTES
    }


# --- Tools ----------------------------------------------------------------------------------------


@contextmanager
def _cluster():
    binaries = postgresql.find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL manque : apt-get install postgresql")
    with postgresql.cluster(binaries) as url:
        yield url


def _serves(url, root):
    with served(url, root / "portail.log") as address:
        page = requests.get(f"{address}/projets/", timeout=60)
        state = requests.get(f"{address}/sante/pret", timeout=60).json()
    return page.status_code == 200 and state["etat"] == "ok"
