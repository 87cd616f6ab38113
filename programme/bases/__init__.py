"""The two databases, with one word more: what follows many writes is done once, before COMMIT.

    a_la_fin(indexer, projet, contrat)

calls `indexer([projet, contrat, …])` with each subject that the transaction told it, once, at its
end and inside it: readers see the writes and what follows them together, or neither. Outside a
transaction it is called at once.

And whatever reads at a moment (`territoires.moment`) sends its statements there.
"""

from django.db import DEFAULT_DB_ALIAS, connections

from territoires import moment


def a_la_fin(travail, *sujets, using=DEFAULT_DB_ALIAS):
    """Call `travail(list of subjects)` once, at the end of the current transaction."""
    connection = connections[using]
    connection.travaux.setdefault(travail, {}).update(dict.fromkeys(sujets))
    if not connection.attend_la_fin():
        connection.finir()


_premiers = set()


def d_abord(travail):
    """Decorator of a work that is done before all others, which may hold what it waits for."""
    _premiers.add(travail)
    return travail


def premier(travaux):
    """Which of these works is done before the others."""
    return min(travaux, key=lambda one: one not in _premiers)


def attend(travail, using=DEFAULT_DB_ALIAS):
    """Whether `travail` is to be called already at the end of the current transaction."""
    return travail in connections[using].travaux


def ecritures_depuis(using=DEFAULT_DB_ALIAS):
    """Since when something is being written that nobody else sees yet; None when nothing is.

    What it writes bears moments after this one, and shows once it is committed: the past is settled
    before it alone.
    """
    return connections[using].ecritures_depuis()


class FinDeTransaction:
    """For a `DatabaseWrapper`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.travaux = {}

    def attend_la_fin(self):
        """Whether a COMMIT is to come."""
        return self.in_atomic_block

    def finir(self):
        """Do what waits, and what that asks for in turn."""
        while self.travaux:
            travail = premier(self.travaux)
            travail(list(self.travaux.pop(travail)))

    def commit(self):
        try:
            self.finir()
        except BaseException:
            self.rollback()
            raise
        super().commit()

    def rollback(self):
        self.travaux.clear()
        super().rollback()

    def close(self):
        self.travaux.clear()
        super().close()


class Moments:
    """For a `DatabaseWrapper`: the moment that is read holds on each of its connections."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(moment.au_passe)


class MomentsFeatures:
    """For its features: what stands for a table of then has no primary key."""

    def allows_group_by_selected_pks_on_model(self, model):
        return moment.actuel() is None and super().allows_group_by_selected_pks_on_model(model)
