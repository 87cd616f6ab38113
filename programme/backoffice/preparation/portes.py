"""From the page of what may be done now, the ways to prepare it for a séance to come."""

from django.urls import reverse
from django.utils import timezone

from programme.backoffice.droits import MODIFIER, permission
from programme.models import (
    Contrat,
    DecisionPreparee,
    Projet,
    Proposition,
    Publication,
    Seance,
)

GENRES = {"contrat": Contrat, "projet": Projet, "proposition": Proposition}
"""What a prepared decision may be about, by the name of its field, beside the map."""
A_VENIR = 3
"""Séances that a page offers."""


def may_prepare(agent):
    """Whether the agent's role prepares séances, published or not."""
    return agent.has_perm(permission(MODIFIER, DecisionPreparee))


def suit(seance, proposition):
    """Whether the committee of a séance follows the record that is proposed on."""
    comite = seance.comite_regional
    if comite is None:
        return True
    return Proposition.objects.of_region(comite.region).filter(pk=proposition.pk).exists()


def seances_a_venir(agent, record):
    """The séances to come that may decide about `record` and that the agent may prepare."""
    if not may_prepare(agent):
        return []
    mine = Seance.objects.visible_to(agent).exclude(publication=Publication.RETIRE)
    mine = mine.filter(date__gte=timezone.localdate()).order_by("date", "pk")
    mine = mine.select_related("comite_regional__region", "comite_national")
    if isinstance(record, Proposition):
        return [one for one in mine[: 2 * A_VENIR] if suit(one, record)][:A_VENIR]
    return mine.competent_for(record)[:A_VENIR]


def portes(agent, record, nom):
    """[(séance, address)] of the pages that prepare the act `nom` on `record`, or a proposition."""
    kind = record._meta.model_name
    if kind not in GENRES:
        return []
    return [
        (
            seance,
            reverse("admin:programme_seance_preparer_acte", args=[seance.pk, kind, record.pk, nom]),
        )
        for seance in seances_a_venir(agent, record)
    ]
