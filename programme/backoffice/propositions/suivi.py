"""Which proposals wait for whom, and what is told of them on a desk."""

from datetime import timedelta

from django.db.models import CharField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.bureau.liens import Groupe, Lien, depuis_le
from programme.backoffice.droits import MODIFIER, PUBLIER, permission
from programme.backoffice.verrou import publisher_of, undelegated
from programme.models import Proposition, Referent
from programme.models.propositions import EN_MOTS, modeles
from territoires.models import Role, Territoire

LIGNES = 5
JOURS = 60
"""Days that an answer stays on a desk."""


def answering(model):
    """The permissions of whoever answers for the records of a model."""
    if model in EN_MOTS:
        return [permission(PUBLIER, Territoire)]
    return [publisher_of(model), permission(MODIFIER, model)]


def answers_for(agent, model):
    return all(agent.has_perm(needed) for needed in answering(model))


def responsible(agent, record):
    """Whether it is for `agent`, whose role answers for such records, to answer for this one."""
    model = type(record)
    if model not in EN_MOTS:
        return undelegated(agent, record) is None
    inside = EN_MOTS[model].condition(agent)
    return inside is not None and model._base_manager.filter(inside, pk=record.pk).exists()


def genres_of(agent):
    """The kinds of records whose proposals the agent's role answers."""
    return [model._meta.label_lower for model in modeles() if answers_for(agent, model)]


def a_repondre(agent):
    """The proposals that wait for an answer of the agent, or of who publishes with them."""
    return _of_theirs(agent, Proposition.objects.visible_to(agent)).en_attente()


def _of_theirs(agent, rows):
    """Those of `rows` that the agent, or who publishes with them, answers."""
    rows = rows.filter(genre__in=genres_of(agent))
    if agent.role == Role.SECRETARIAT:
        others = Referent.objects.filter(operateur__delegue_referents=False).order_by()
        keys = others.annotate(_cle=Cast("pk", CharField())).values("_cle")
        rows = rows.exclude(genre=Referent._meta.label_lower, cle__in=keys)
    return rows


def propositions(cadre):
    """Context of the desk: what waits for an answer, one's own, what others answered."""
    agent = cadre.agent
    genres = genres_of(agent)
    since = timezone.now() - timedelta(days=JOURS)
    found = {"propositions_a_repondre": None, "propositions_repondues": [], "mes_propositions": []}
    if genres:
        rows = _of_theirs(agent, Proposition.objects.visible_to(agent))
        if cadre.region:
            rows = rows.of_region(cadre.region)
        rows = rows.select_related("auteur", "repondant")
        waiting = rows.en_attente().order_by("deposee_le")
        # One more than is shown tells whether a count is needed.
        first = list(waiting[: LIGNES + 1])
        count = len(first) if len(first) <= LIGNES else waiting.count()
        found["propositions_a_repondre"] = Groupe(
            "Propositions à répondre",
            [_waits(row) for row in first[:LIGNES]],
            count,
            _list("repondre"),
        )
        others = rows.filter(repondue_le__gte=since).exclude(repondant=agent).exclude(auteur=agent)
        found["propositions_repondues"] = [
            _told(row) for row in others.order_by("-repondue_le")[:LIGNES]
        ]
    mine = agent.propositions.filter(repondue_le__isnull=True) | agent.propositions.filter(
        repondue_le__gte=since
    )
    mine = mine.select_related("repondant").order_by("-repondue_le", "-deposee_le")
    found["mes_propositions"] = [_told(row) for row in mine[: 2 * LIGNES]]
    found["mes_propositions_url"] = _list("miennes")
    return found


def _list(whose):
    return f"{reverse('admin:programme_proposition_changelist')}?pour={whose}"


def _waits(row):
    late = ", en retard" if row.est_en_retard else ""
    said = f"{row.resume}, par {row.qui} {depuis_le(row.deposee_le)}{late}"
    return Lien(row.nom, row.get_absolute_url(), said)


def _told(row):
    if row.est_en_attente:
        return Lien(row.nom, row.get_absolute_url(), f"{row.resume} : en attente")
    by = f" par {row.repondant}" if row.repondant else ""
    said = f" : « {row.reponse} »" if row.reponse else ""
    return Lien(row.nom, row.get_absolute_url(), f"{row.resume} : {row.etat}{by}{said}")
