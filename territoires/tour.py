"""One process at a time does what two would spoil: the next one waits for it, and says so."""

import fcntl
import tempfile
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import sleep
from zlib import crc32

ATTENTE = 1  # seconds between two looks


@contextmanager
def seul(nom, connection, dire):
    """Hold the turn of `nom`, one for each database, until the end of the block.

    nom: a command's name. dire: told once, in French, that somebody else has the turn. The turn of
    a process that dies is free at once.
    """
    take, leave = TOURS[connection.vendor](nom, connection)
    told = False
    while not take():
        if not told:
            dire(f"« {nom} » est déjà en cours sur cette base : celui-ci attend qu’il ait fini.")
            told = True
        sleep(ATTENTE)
    try:
        yield
    finally:
        leave()


def _postgresql(nom, connection):
    key = crc32(f"portail.{nom}".encode())

    def ask(function):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [key])
            return cursor.fetchone()[0]

    def leave():
        # One that was lost has given its turn back.
        if connection.is_usable():
            ask("pg_advisory_unlock")

    return lambda: ask("pg_try_advisory_lock"), leave


def _sqlite(nom, connection):
    base = sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:16]
    # Open for as long as the turn lasts.
    file = (Path(tempfile.gettempdir()) / f"portail-{base}-{nom}.verrou").open("a")

    def take():
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    return take, file.close


TOURS = {"postgresql": _postgresql, "sqlite": _sqlite}
