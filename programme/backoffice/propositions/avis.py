"""Who is told of a proposal by e-mail: who answers it, then its author."""

from django.db.models import Q

from programme.backoffice.droits import roles_with
from programme.backoffice.verrou import publisher_of
from programme.taches import courriels
from territoires.models import Agent, Role

SIGNALEMENT = "account/email/signalement_message.txt"
MESSAGE = "account/email/proposition_message.txt"


def answerers(record):
    """The agents who may answer a proposal on `record`, national administrators left out.

    They are told when nobody else may: a région's own officers answer for it.
    """
    told = Agent.objects.filter(is_active=True, role__in=roles_with(publisher_of(type(record))))
    condition = Q(pk__in=[])
    rows = type(record)._default_manager
    for agent in told.exclude(role=Role.NATIONAL).prefetch_related("regions"):
        if rows.visible_to(agent).filter(pk=record.pk).exists():
            condition |= Q(pk=agent.pk)
    near = told.filter(condition)
    return near if near.exists() else told.filter(role=Role.NATIONAL)


def ask(proposition, record):
    """Tell who may answer."""
    _send(proposition, answerers(record), "Une proposition attend une réponse")


def answered(proposition, address=""):
    """Tell the author what was answered, unless there is none, or it is who answers.

    address: that which somebody from outside left to be told, and that is kept no more.
    """
    if address:
        courriels.send(
            SIGNALEMENT, "Réponse à votre signalement", {"proposition": proposition}, to=[address]
        )
    author = proposition.auteur
    if author is None or author == proposition.repondant:
        return
    told = Agent.objects.filter(pk=author.pk, is_active=True)
    _send(proposition, told, f"Votre proposition est {proposition.etat}")


def _send(proposition, agents, subject):
    addresses = sorted(agents.values_list("email", flat=True))
    courriels.send(MESSAGE, subject, {"proposition": proposition}, bcc=addresses)
