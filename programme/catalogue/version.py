"""The number of the data's version, as this process last read it."""

from threading import Lock, Thread
from time import monotonic

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from programme.bases import repliques
from programme.models import DonneesVersion
from programme.pannes import limites

ATTENTE = 1  # seconds given to this one question
RECUL = 3.0  # seconds without asking it, when it had no answer


class VersionReader:
    """Reads the number at most once in `DONNEES_VERSION_TTL` seconds a process.

    One thread reads and the others go on with the last number: nothing is locked during the SQL.
    When the database does not answer, the last number stays, `is_sure` becomes false, and nobody
    waits any more: it is asked for again aside.
    """

    def __init__(self):
        self._lock = Lock()  # around the choice of who reads
        self.forget_all()

    def forget_all(self):
        self._number = None
        self.plancher = 0
        self._until = 0.0
        self._reading = False
        self.is_sure = True

    def current(self):
        """The last number that could be read. Raises `DatabaseError` when none ever was."""
        if self._is_mine_to_read():
            self._read()
        if self._number is None:
            return DonneesVersion.objects.current().numero
        return self._number

    def _is_mine_to_read(self):
        with self._lock:
            if self._reading or monotonic() < self._until:
                return False
            self._reading = True
            return True

    def _read(self):
        if self.is_sure or connection.connection is not None:
            self._ask()
        else:
            # Nobody answered a moment ago: no visitor waits for the proof of the contrary.
            Thread(target=self._ask_aside, daemon=True).start()

    def _ask_aside(self):
        try:
            self._ask()
        finally:
            connection.close()

    def _ask(self):
        try:
            with limites.briefly(ATTENTE):
                version = DonneesVersion.objects.current()
        except (DatabaseError, InterfaceError):
            if not connection.in_atomic_block:
                connection.close()  # what it was left in is of no use to the page
            self._learn(self._from_a_replica(), RECUL)
        else:
            self._learn(version, settings.DONNEES_VERSION_TTL)
        finally:
            self._reading = False

    def _learn(self, version, seconds):
        self._until = monotonic() + seconds
        self.is_sure = version is not None
        if version:
            self._number, self.plancher = version.numero, version.plancher

    def _from_a_replica(self):
        """While the primary is gone nothing is published: one that has the last version will do."""
        known = self._number or 0
        read = (one.read() for one in repliques.repliques)
        return next((each for each in read if each and each.numero >= known), None)


version_reader = VersionReader()
