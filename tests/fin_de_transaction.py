"""When what follows writes (the index, the version of the data) is done in a test.

A test that is rolled back never commits: there, the end of the outermost block of the application
stands for COMMIT. And what a factory writes is followed only when somebody reads what follows it,
in queries that nobody counts: the index of rows that no search looks for was most of their cost.
So is the index of what the application writes, unless the queries are being counted: then they are
those of production.
"""

import sys
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.transaction import Atomic

from programme.backoffice.identite.droits_donnes import tell
from programme.bases import FinDeTransaction
from programme.catalogue.recherche.signaux import indexer_sujets
from programme.suivi_lignees import refaire
from programme.suivi_public import new_version
from territoires import moment
from territoires.models import modification

SUIVENT = {
    indexer_sujets: (
        "programme_entreeindex",
        "programme_motindex",
        "programme_trigrammeindex",
    ),
    new_version: ("programme_donneesversion",),
    refaire: ("territoires_lignee",),
    tell: ("programme_tache",),
}
"""The tables that each work keeps."""


def _of_application(wrapper):
    return [block for block in wrapper.atomic_blocks if not block._from_testcase]


def _is_rolled_back(wrapper):
    """Whether the current test runs in one transaction, which the test case undoes."""
    return bool(wrapper.atomic_blocks) and wrapper.atomic_blocks[0]._from_testcase


class Attente:
    """What the factories wrote and nobody looked for yet."""

    def __init__(self):
        self.travaux = {}
        self.depth = 0
        self.busy = False

    def oublier(self):
        self.travaux.clear()

    @contextmanager
    def paresse(self):
        """Within it, what follows writes waits to be read."""
        if not _is_rolled_back(connection):
            with transaction.atomic():
                yield
            return
        before, connection.travaux = connection.travaux, self.travaux
        self.depth += 1
        try:
            yield
        finally:
            self.depth -= 1
            connection.travaux = before
            if not (self.depth or _of_application(connection)):
                _forget_saves(connection)

    def garder_index(self, wrapper):
        """The index of what the application wrote waits too."""
        counted = self.busy or wrapper.force_debug_cursor
        if indexer_sujets in wrapper.travaux and _is_rolled_back(wrapper) and not counted:
            sujets = wrapper.travaux.pop(indexer_sujets)
            self.travaux.setdefault(indexer_sujets, {}).update(sujets)

    def follow(self, execute, sql, params, many, context):
        """Around each query: first do what it would read."""
        if self.travaux and not self.busy:
            for travail in [*self.travaux]:
                if any(table in sql for table in SUIVENT[travail]):
                    self._faire(travail)
        return execute(sql, params, many, context)

    def _faire(self, travail):
        counted, connection.force_debug_cursor = connection.force_debug_cursor, False
        self.busy = True
        try:
            # Where a moment is read, what was written before it began is followed as of now.
            with moment.maintenant():
                travail(list(self.travaux.pop(travail)))
        finally:
            self.busy = False
            connection.force_debug_cursor = counted


attente = Attente()


def attend_la_fin(wrapper):
    return bool(attente.depth or _of_application(wrapper))


def _forget_saves(wrapper):
    """A block of the application is one save, and what a factory makes; a whole test is not."""
    kept = [one for one in wrapper.run_on_commit if not isinstance(one[1], modification.Marque)]
    wrapper.run_on_commit = kept


def leave(block, exc_type, exc_value, traceback):
    """As `Atomic.__exit__`; the end of the outermost block of the application is a COMMIT."""
    wrapper = transaction.get_connection(block.using)
    is_outermost = _is_rolled_back(wrapper) and _of_application(wrapper) == [block]
    if is_outermost and not attente.depth:
        if exc_type is not None or wrapper.needs_rollback:
            wrapper.travaux.clear()
        else:
            try:
                wrapper.finir()
            except BaseException:
                _leave(block, *sys.exc_info())
                raise
    if is_outermost and not attente.depth:
        _forget_saves(wrapper)
    return _leave(block, exc_type, exc_value, traceback)


def finir(wrapper):
    """As `FinDeTransaction.finir`, without the index that nobody looks for."""
    attente.garder_index(wrapper)
    _finir(wrapper)


_leave = Atomic.__exit__
_finir = FinDeTransaction.finir


def install():
    """Once, before the first test."""
    FinDeTransaction.attend_la_fin = attend_la_fin
    FinDeTransaction.finir = finir
    modification.en_transaction = attend_la_fin
    Atomic.__exit__ = leave
    connection.execute_wrappers.append(attente.follow)
