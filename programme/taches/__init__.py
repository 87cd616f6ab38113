"""What a request asks for and does not do itself: kept in its transaction, done by the clock.

    @genre("courriel")
    def envoyer(charge): ...

    confier("courriel", {"subject": …})

A task is done once or more: who does it dies between the doing and the writing of it, and it is
done again. So what it does must bear being done twice.
"""

import json

from django.utils import timezone

from programme.chiffrement import Chiffre, Illisible
from programme.models import Tache

CHIFFRE = Chiffre("taches")
GENRES = {}
LONGS = set()
"""Kinds that last minutes: between two of its steps each calls `minuteur.laisser_passer`."""


class Abandon(Exception):
    """Trying again would change nothing; the sentence says why."""


class Remise(Exception):
    """Not this time; the sentence says why."""


class Indisponible(Remise):
    """What tasks of this kind need does not answer: none of them is tried before the next round."""


def genre(nom, *, long=False):
    """Declares the function that does the tasks of the kind `nom`: it is given their `charge`."""

    def declare(function):
        GENRES[nom] = function
        if long:
            LONGS.add(nom)
        return function

    return declare


def confier(nom, charge, *, agent_id=None, agent=None, duree=None):
    """Ask for a task, in the caller's transaction; returns its `Tache`.

    nom: one of `GENRES`. charge: what JSON can hold. agent, or its key: the one whom it is about.
    duree: a timedelta after which it would be of no use.
    """
    if nom not in GENRES:
        raise ValueError(f"Aucune fonction ne fait « {nom} ».")
    now = timezone.now()
    return Tache.objects.create(
        genre=nom,
        charge=CHIFFRE.encrypt(json.dumps(charge)),
        agent_id=agent.pk if agent else agent_id,
        demandee_le=now,
        essai_le=now,
        perime_le=now + duree if duree else None,
    )


def charge_of(tache):
    """What was given to `confier`. Raises `Abandon` when no key of the site reads it any more."""
    try:
        return json.loads(CHIFFRE.decrypt(tache.charge))
    except Illisible:
        raise Abandon("illisible : la clé du site a changé") from None
