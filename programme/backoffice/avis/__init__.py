"""Officers are told: one engine, on the desk and by e-mail.

prevenir(Avis.Genre.PROPOSITION, proposition, who_may_answer(record), auteur=agent)
"""

from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.utils import timezone

from programme.backoffice.droits import MODIFIER, permission, roles_with
from programme.models import Avis, RythmeAvis, Tache
from programme.taches import confier, courriels
from territoires.models import Role

AVIS = "avis"
"""The task that writes to one agent."""
Rythme = RythmeAvis.Rythme
LOT = 5_000
_ensemble: ContextVar[list | None] = ContextVar("ensemble", default=None)


def prevenir(genre, record, agents, *, auteur=None, repere="", precision="", autres=0):
    """Tell `agents` (a queryset) that something of this kind happened to `record`.

    In the caller's transaction. auteur: who did it, and is told nothing. repere: what tells this
    event from the next of its kind; the same is told once. precision: a sentence of our own.
    autres: how many more records the same act changed; within `en_un`, they are counted.
    """
    told = agents.filter(is_active=True)
    if auteur is not None:
        told = told.exclude(pk=auteur.pk)
    keys = sorted(told.order_by().values_list("pk", flat=True).distinct())
    about = {"genre": genre, "modele": record._meta.label_lower, "cle": str(record.pk)}
    event = {"repere": repere, "precision": precision[:300], "auteur": auteur}
    made = [Avis(destinataire_id=key, **about, **event, autres=autres) for key in keys]
    if (together := _ensemble.get()) is not None:
        together += made
    else:
        _garder(made)


@contextmanager
def en_un():
    """What is told within the block is one act: one notice of a kind for each agent. Yields the
    notices, kept at the end of the block.
    """
    made = []
    token = _ensemble.set(made)
    try:
        yield made
    finally:
        _ensemble.reset(token)
    first = {}
    for avis in made:
        known = first.setdefault((avis.destinataire_id, avis.genre, avis.modele), avis)
        known.autres += known is not avis
    _garder(list(first.values()))


def prevenir_ensemble(genre, model, keys, *, auteur, precision):
    """Tell that one act changed the records of these keys to the agents who may change them, one
    notice each: it names the first of those that are theirs, and counts the others.
    """
    keys, repere = sorted(keys), uuid4().hex
    needed = roles_with(permission(MODIFIER, model))
    agents = get_user_model().objects.filter(is_active=True, role__in=needed)
    for agent in agents.exclude(role=Role.NATIONAL):
        mine = []
        for start in range(0, len(keys), LOT):
            part = model._default_manager.visible_to(agent).filter(pk__in=keys[start : start + LOT])
            mine += part.order_by("pk").values_list("pk", flat=True).distinct()
        if mine:
            record = model._base_manager.get(pk=mine[0])
            one = get_user_model().objects.filter(pk=agent.pk)
            told = {"auteur": auteur, "repere": repere, "precision": precision}
            prevenir(genre, record, one, **told, autres=len(mine) - 1)


def _garder(made):
    """Those that are not known yet, and the mails of who is told at once."""
    fresh = []
    for event, rows in groupby(made, _evenement):
        told = Avis.objects.filter(**dict(zip(EVENEMENT, event, strict=True)))
        known = set(told.values_list("destinataire", flat=True))
        fresh += [avis for avis in rows if avis.destinataire_id not in known]
    now = timezone.now()
    for avis in fresh:
        avis.cree_le = now
    Avis.objects.bulk_create(fresh, ignore_conflicts=True)
    keys = {avis.destinataire_id for avis in fresh}
    at_once = RythmeAvis.objects.filter(agent__in=keys, rythme=Rythme.AUSSITOT)
    for key in at_once.values_list("agent", flat=True):
        ecrire(key)


EVENEMENT = ("genre", "modele", "cle", "repere")


def _evenement(avis):
    return tuple(str(getattr(avis, name)) for name in EVENEMENT)


def ecrire(key):
    """Ask for a mail to one agent, unless one is about to leave."""
    soon = Tache.objects.waiting().filter(genre=AVIS, agent=key, essais=0)
    if not soon.exists():
        charge = {"agent": key, "message_id": courriels.message_id()}
        confier(AVIS, charge, agent_id=key)
