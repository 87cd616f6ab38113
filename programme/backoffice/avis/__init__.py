"""Officers are told: one engine, on the desk and by e-mail.

prevenir(Avis.Genre.PROPOSITION, proposition, who_may_answer(record), auteur=agent)
"""

from django.utils import timezone

from programme.models import Avis, RythmeAvis, Tache
from programme.taches import confier, courriels

AVIS = "avis"
"""The task that writes to one agent."""
Rythme = RythmeAvis.Rythme


def prevenir(genre, record, agents, *, auteur=None, repere="", precision=""):
    """Tell `agents` (a queryset) that something of this kind happened to `record`.

    In the caller's transaction. auteur: who did it, and is told nothing. repere: what tells this
    event from the next of its kind; the same is told once. precision: a sentence of our own.
    """
    told = agents.filter(is_active=True)
    if auteur is not None:
        told = told.exclude(pk=auteur.pk)
    keys = sorted(told.order_by().values_list("pk", flat=True).distinct())
    about = {"genre": genre, "modele": record._meta.label_lower, "cle": str(record.pk)}
    known = set(
        Avis.objects.filter(**about, repere=repere, destinataire__in=keys).values_list(
            "destinataire", flat=True
        )
    )
    fresh = [key for key in keys if key not in known]
    now = timezone.now()
    Avis.objects.bulk_create(
        [
            Avis(
                destinataire_id=key,
                **about,
                repere=repere,
                precision=precision[:300],
                auteur=auteur,
                cree_le=now,
            )
            for key in fresh
        ],
        ignore_conflicts=True,
    )
    at_once = RythmeAvis.objects.filter(agent__in=fresh, rythme=Rythme.AUSSITOT)
    for key in at_once.values_list("agent", flat=True):
        ecrire(key)


def ecrire(key):
    """Ask for a mail to one agent, unless one is about to leave."""
    soon = Tache.objects.waiting().filter(genre=AVIS, agent=key, essais=0)
    if not soon.exists():
        charge = {"agent": key, "message_id": courriels.message_id()}
        confier(AVIS, charge, agent_id=key)
