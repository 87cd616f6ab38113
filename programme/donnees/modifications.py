"""The last day that what the public sees of a dataset changed, as the journal tells it.

A draft changes nothing, as everywhere: the rule is that of the journal. A dataset whose rows have
no history, or restate those of others, changed at the latest with the version of the data.
"""

from django.core.cache import caches
from django.db.models import Q
from django.utils import timezone

from programme.catalogue.journal.lignes import groups
from programme.catalogue.journal.regle import genres
from programme.donnees.horizon import connues
from programme.donnees.schema import today


def modifiees(read=None):
    """`{code of a dataset: day}` of those that the journal tells: one query for each version."""
    version = (read or connues)()["version"].numero
    return caches["memoire"].get_or_set(f"modifications-{version}-{today()}", _read)


def _read():
    found = {}
    for day, code, *_ in groups({code: Q() for code in genres()}):
        found.setdefault(code, day)  # the latest comes first
    return found


def jour(jeu, read=None):
    """The last day on which `jeu` changed in public."""
    known = modifiees(read)
    if not jeu.selon and jeu.code in genres():
        return known.get(jeu.code)
    return timezone.localdate((read or connues)()["version"].modifie_le)
