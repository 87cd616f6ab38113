"""Who is told of a proposal: who answers it, then its author, an agent or somebody from outside."""

from programme.backoffice.avis import prevenir
from programme.backoffice.avis.regles import answerers
from programme.models import Avis
from programme.taches import courriels
from territoires.models import Agent

SIGNALEMENT = "account/email/signalement_message.txt"


def ask(proposition, record):
    """Tell who may answer."""
    told = answerers(record)
    prevenir(Avis.Genre.PROPOSITION, proposition, told, auteur=proposition.auteur)


def answered(proposition, address=""):
    """Tell the author what was answered, unless there is none, or it is who answers.

    address: that which somebody from outside left to be told, and that is kept no more.
    """
    if address:
        courriels.send(
            SIGNALEMENT, "Réponse à votre signalement", {"proposition": proposition}, to=[address]
        )
    author = Agent.objects.filter(pk=proposition.auteur_id)
    prevenir(Avis.Genre.REPONSE, proposition, author, auteur=proposition.repondant)
