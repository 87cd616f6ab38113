"""Streaming replicas of PostgreSQL (`DATABASE_REPLICAS`), for what anybody may read.

A request that takes one has it in place of "default", from its first query to the last byte of its
answer: nothing that reads knows of it. A replica is taken only when it holds the version of the
data that the page is kept under; one that lags, or does not answer, is left out until it does.
Officers, forms and whoever has a session read the primary, where they see what they just wrote.
"""

from contextlib import contextmanager, suppress
from itertools import count
from threading import local
from time import monotonic

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from programme.models import DonneesVersion
from programme.pannes import limites
from programme.pannes.pouls import RECUL

ATTENTE = 1  # seconds given to the question of a version
SILENCE = 4
"""Seconds that a request waits for a replica that says nothing; the primary answers it then."""

_fil = local()
_tours = count()


class Replique:
    """One of them, as this process last saw it."""

    def __init__(self, alias):
        self.alias = alias
        self.forget_all()

    def forget_all(self):
        self.numero, self.vue, self._until = -1, True, 0.0

    def holds(self, version):
        """Whether it has all that was published at `version`; it is asked once a second, so that
        few wait for one that says nothing any more.
        """
        if monotonic() >= self._until:
            self.read()
        return self.vue and self.numero >= version

    def read(self):
        """Its `DonneesVersion`; None when it does not answer."""
        self._until = monotonic() + settings.DONNEES_VERSION_TTL
        try:
            with sur(self.alias), limites.briefly(ATTENTE):
                version = DonneesVersion.objects.first() or DonneesVersion(numero=0)
        except (DatabaseError, InterfaceError):
            self.leave_out()
            return None
        self.numero, self.vue = version.numero, True
        return version

    def leave_out(self):
        """Ask it nothing for a moment."""
        self.vue, self._until = False, monotonic() + RECUL
        with suppress(DatabaseError, InterfaceError):
            connections[self.alias].close()


repliques = [Replique(alias) for alias in settings.DATABASES if alias != DEFAULT_DB_ALIAS]


def prendre(version):
    """Read on one that holds `version` until the end of the request: that `Replique`, or None."""
    first = next(_tours) if repliques else 0
    for place in range(len(repliques)):
        one = repliques[(first + place) % len(repliques)]
        if one.holds(version):
            _put(connections[one.alias])
            return one
    return None


def rendre(**kwargs):
    """The primary again."""
    if primary := vars(_fil).pop("primaire", None):
        connections[DEFAULT_DB_ALIAS] = primary


@contextmanager
def sur(alias):
    """What is asked inside is asked of `alias`."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[alias]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


@contextmanager
def primaire():
    """What is written inside is written, whatever the request reads on."""
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = getattr(_fil, "primaire", before)
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def _put(connection):
    if not hasattr(_fil, "primaire"):
        _fil.primaire = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connection


def connect():
    """Nothing is asked of whoever has no replica."""
    if repliques:
        for signal in (request_started, request_finished):
            signal.connect(rendre, dispatch_uid="programme.repliques")
