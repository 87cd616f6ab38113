"""The mails to agents, and the round that tells of coming séances and of late commitments."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from programme.backoffice.avis import AVIS, Rythme, ecrire, prevenir
from programme.backoffice.avis.regles import valent
from programme.backoffice.bureau.retards import retards
from programme.backoffice.droits import permission
from programme.models import Avis, Publication, RythmeAvis, Seance
from programme.taches import Abandon, Remise, courriels, genre
from programme.taches.minuteur import Cadence, tournee
from territoires.dates import iso
from territoires.models import Agent, Role

HEURE = 7  # in Paris
SEANCE_DANS = timedelta(days=7)
LUNDI = 0


@genre(AVIS)
def envoyer(charge):
    """Write to one agent what was not told, as they may read it now; no mail about nothing."""
    agent = Agent.objects.filter(pk=charge["agent"], is_active=True).first()
    if agent is None:
        return
    told = valent(agent, Avis.objects.filter(destinataire=agent).a_envoyer().order_by("cree_le"))
    # Claimed before it leaves: another task of the same agent tells them no second time.
    now = timezone.now()
    mine = [dit for dit in told if _waiting(dit.avis).update(envoye_le=now)]
    if not mine:
        return
    try:
        courriels.hand_over(_message(agent, mine, charge["message_id"]))
    except (Remise, Abandon):
        Avis.objects.filter(pk__in=[dit.avis.pk for dit in mine]).update(envoye_le=None)
        raise


def _waiting(avis):
    return Avis.objects.filter(pk=avis.pk).a_envoyer()


def _message(agent, told, message_id):
    first = told[0]
    subject = f"{first.phrase} : {first.nom}" if len(told) == 1 else f"{len(told)} avis"
    return courriels.compose(
        "admin/avis/courriel.txt",
        subject[:150],
        {"dits": told, "agent": agent},
        to=[agent.email],
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )


# --- Rounds -----------------------------------------------------------------------------------


@tournee("avis aux agents", Cadence.HEURE)
def passer(arret=lambda: False):
    """Once a day, from `HEURE` on: what is coming or late, then the mails of those due one."""
    now = timezone.localtime()
    if now.hour < HEURE:
        return "pas encore l’heure"
    today = now.date()
    annoncer_seances(today)
    annoncer_retards(today)
    asked = 0
    unsent = Avis.objects.filter(destinataire=OuterRef("pk")).a_envoyer()
    for agent in Agent.objects.filter(Exists(unsent), is_active=True).order_by("pk"):
        if arret():
            break
        asked += _prevoir(agent, today)
    return f"{asked} courriel(s) d’avis demandé(s)"


@transaction.atomic
def _prevoir(agent, today):
    kept, _ = RythmeAvis.objects.get_or_create(agent=agent)
    if not _due(kept, today):
        return 0
    mine = RythmeAvis.objects.filter(pk=kept.pk).exclude(prevu_le__gte=today)
    if not mine.update(prevu_le=today):
        return 0  # another clock did
    ecrire(agent.pk)
    return 1


def _due(kept, today):
    if kept.rythme == Rythme.JAMAIS:
        return False
    if kept.rythme == Rythme.SEMAINE:
        long_ago = kept.prevu_le is not None and kept.prevu_le <= today - timedelta(days=7)
        return today.weekday() == LUNDI or long_ago
    return True  # one that could not leave at once leaves with those of the day


def annoncer_seances(today):
    """Tell whoever reads a committee of its séance within the week; again when its day changes."""
    rows = Seance.objects.exclude(publication=Publication.RETIRE)
    coming = rows.filter(date__gte=today, date__lte=today + SEANCE_DANS)
    needed = permission("view", Seance)
    for seance in coming.select_related("comite_regional__region", "comite_national"):
        told = [
            agent.pk
            for agent in Agent.objects.filter(is_active=True)
            if agent.has_perm(needed) and _suit(agent, seance)
        ]
        agents = Agent.objects.filter(pk__in=told)
        prevenir(Avis.Genre.SEANCE, seance, agents, repere=iso(seance.date))


def _suit(agent, seance):
    """National administrators follow the national committee, as on their desk."""
    if agent.est_national:
        return seance.comite_national_id is not None
    return Seance.objects.visible_to(agent).filter(pk=seance.pk).exists()


def annoncer_retards(today):
    """Tell the référents of an opérateur of its commitments that are late; for each new reason."""
    for agent in Agent.objects.filter(is_active=True, role=Role.REFERENT):
        for late in retards(agent, today):
            said = " ; ".join(late.raisons)
            repere = hashlib.sha256(f"{late.operateur.pk} {said}".encode()).hexdigest()
            prevenir(
                Avis.Genre.RETARD,
                late.engagement,
                Agent.objects.filter(pk=agent.pk),
                repere=repere,
                precision=f"{late.operateur}, {said}",
            )
