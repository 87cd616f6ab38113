"""Does what waits: each task claimed by one process, tried again later and later, then given up."""

import logging
from contextvars import ContextVar
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from programme.models import Tache
from programme.taches import GENRES, LONGS, Abandon, Indisponible, Remise, charge_of

ATTENTES = [timedelta(minutes=5), timedelta(minutes=30), *[timedelta(hours=n) for n in (2, 8, 24)]]
"""Until the next try, after the first that failed, the second… Two days in all."""
logger = logging.getLogger(__name__)
_longue: ContextVar[Tache | None] = ContextVar("longue", default=None)
"""The long task that is being done, and lets others pass."""


def executer(arret=lambda: False):
    """Try every task that is due; what was done, in words.

    arret: asked between two tasks, whether to stop there.
    """
    told = dict.fromkeys(Tache.Etat, 0)
    unavailable = set(LONGS) if _longue.get() else set()
    while not arret() and (tache := Tache.objects.due().exclude(genre__in=unavailable).first()):
        if _claim(tache):
            told[_try(tache, unavailable)] += 1
    return (
        f"{told[Tache.Etat.FAITE]} faite(s), {told[Tache.Etat.ATTENTE]} à reprendre, "
        f"{told[Tache.Etat.ABANDONNEE]} abandonnée(s)"
    )


def prolonger():
    """Whether a long task is being done: nobody else begins it for a while more."""
    if (tache := _longue.get()) is None:
        return False
    mine = Tache.objects.waiting().filter(pk=tache.pk, essais=tache.essais + 1)
    mine.update(essai_le=timezone.now() + ATTENTES[0])
    return True


def _claim(tache):
    """Take it for this process: whoever dies in the middle leaves it to the next try."""
    wait = ATTENTES[min(tache.essais, len(ATTENTES) - 1)]
    mine = Tache.objects.waiting().filter(pk=tache.pk, essais=tache.essais)
    return mine.update(essais=F("essais") + 1, essai_le=timezone.now() + wait) == 1


def _try(tache, unavailable):
    token = _longue.set(tache if tache.genre in LONGS else _longue.get())
    try:
        if tache.perime_le and tache.perime_le <= timezone.now():
            raise Abandon("périmée avant d’avoir pu être faite")
        GENRES[tache.genre](charge_of(tache))
    except Abandon as error:
        return _over(tache, Tache.Etat.ABANDONNEE, str(error))
    except Remise as error:
        if isinstance(error, Indisponible):
            unavailable.add(tache.genre)
        logger.warning("a task is put off: %s %s, %s", tache.genre, tache.pk, error)
        return _later(tache, str(error))
    except Exception as error:
        logger.exception("a task failed: %s %s", tache.genre, tache.pk)
        return _later(tache, type(error).__name__)
    finally:
        _longue.reset(token)
    return _over(tache, Tache.Etat.FAITE, "")


def _later(tache, erreur):
    if tache.essais >= len(ATTENTES):
        return _over(tache, Tache.Etat.ABANDONNEE, erreur)
    Tache.objects.filter(pk=tache.pk).update(erreur=erreur[:200])
    return Tache.Etat.ATTENTE


def _over(tache, etat, erreur):
    Tache.objects.filter(pk=tache.pk).update(
        etat=etat, erreur=erreur[:200], charge="", terminee_le=timezone.now()
    )
    return etat
