"""When what follows writes (the index, the version of the data) is done in a test.

A test that is rolled back never commits: there, the end of the outermost block of the application
stands for COMMIT. And what a factory writes is followed only when somebody reads what follows it,
in queries that nobody counts: the index of rows that no search looks for was most of their cost.
So is the index of what the application writes, unless the queries are being counted: then they are
those of production. What factories commit waits too, as long as only the thread of the test and the
live server read it (`patience`): until a request comes, or the thread reads what follows it.
"""

import sys
from contextlib import contextmanager, nullcontext

from django.core.signals import request_started
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.db.transaction import Atomic

from programme.backoffice.identite.droits_donnes import tell
from programme.bases import FinDeTransaction, premier
from programme.catalogue.recherche.signaux import indexer_sujets
from programme.donnees import ecriture
from programme.donnees.instantane import BEGIN
from programme.suivi_lignees import refaire
from programme.suivi_public import new_version
from programme.suivi_rangements import noter, ranger
from programme.suivi_rangements import refaire as refaire_rangements
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
    ranger: ("programme_rangement", "programme_retouche"),
    refaire_rangements: ("programme_rangement", "programme_retouche"),
    noter: ("programme_retouche",),
    tell: ("programme_tache",),
}
"""The tables that each work keeps."""


def _of_application(wrapper):
    return [block for block in wrapper.atomic_blocks if not block._from_testcase]


def _is_rolled_back(wrapper):
    """Whether the current test runs in one transaction, which the test case undoes."""
    return bool(wrapper.atomic_blocks) and wrapper.atomic_blocks[0]._from_testcase


SNAPSHOTS = {*BEGIN.values()}


class Attente:
    """What the factories wrote and nobody looked for yet."""

    def __init__(self):
        self.travaux = {}
        self.depth = 0
        self.en_cours = None
        self.patiente = False
        self.busy = False

    def oublier(self):
        self.travaux.clear()

    @contextmanager
    def patience(self):
        """Within it, what factories commit waits too."""
        before, self.patiente = self.patiente, True
        try:
            yield
        finally:
            self.patiente = before

    @contextmanager
    def paresse(self):
        """Within it, what follows writes waits to be read."""
        undone = _is_rolled_back(connection)
        if not (undone or self.depth or (self.patiente and not connection.in_atomic_block)):
            with transaction.atomic():
                yield
            return
        before = connection.travaux
        if not self.depth:
            # Of its own where it is committed: what fails forgets its own alone.
            self.en_cours = self.travaux if undone else {}
        connection.travaux = self.en_cours
        self.depth += 1
        try:
            with nullcontext() if undone else transaction.atomic():
                yield
            if self.depth == 1 and not undone:
                for travail, sujets in self.en_cours.items():
                    self.travaux.setdefault(travail, {}).update(sujets)
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
        self.lire(sql)
        return execute(sql, params, many, context)

    def ailleurs(self, execute, sql, params, many, context):
        """The same on another connection, which sees what is committed alone; a snapshot, what was
        before it began.
        """
        if self.patiente and sql in SNAPSHOTS and not self.busy:
            self.finir()
        elif self.patiente:
            self.lire(sql)
        return execute(sql, params, many, context)

    def suivre(self, connection, **kwargs):
        """Follow another connection: where a browser is driven, the thread of the tests has one."""
        if not {self.follow, self.ailleurs} & {*connection.execute_wrappers}:
            connection.execute_wrappers.append(self.ailleurs)

    def lire(self, sql):
        if self.travaux and not self.busy:
            for travail in [*self.travaux]:
                if any(table in sql for table in SUIVENT[travail]):
                    self._faire(travail)

    def finir(self):
        """Do all that waits."""
        while self.travaux:
            self._faire(premier(self.travaux))

    def sur_demande(self, **kwargs):
        """The live server reads what follows them, on a connection of its own."""
        if self.patiente and not (self.busy or _is_rolled_back(connection)):
            self.finir()

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


@contextmanager
def parenthese():
    """What is done within it is undone at its end, and each of its requests is a transaction."""
    attente.finir()
    block = transaction.atomic()
    block._from_testcase = True
    try:
        with block:
            yield
            transaction.set_rollback(True)
    finally:
        attente.oublier()


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
    if attente.depth and wrapper.travaux is attente.en_cours:
        return
    attente.garder_index(wrapper)
    _finir(wrapper)


def compile_query(queryset, connection):
    """As that of a file, which COPY reads around no wrapper."""
    sql, params = _compile_query(queryset, connection)
    attente.lire(sql)
    return sql, params


_compile_query = ecriture.compile_query
_leave = Atomic.__exit__
_finir = FinDeTransaction.finir


def install():
    """Once, before the first test."""
    FinDeTransaction.attend_la_fin = attend_la_fin
    FinDeTransaction.finir = finir
    modification.en_transaction = attend_la_fin
    Atomic.__exit__ = leave
    connection.execute_wrappers.append(attente.follow)
    ecriture.compile_query = compile_query
    connection_created.connect(attente.suivre)
    request_started.connect(attente.sur_demande)
