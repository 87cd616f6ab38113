"""Links sent by e-mail, with which an agent chooses a password: invited, or who forgot theirs."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings

from programme.backoffice.identite.jetons import Liens
from programme.backoffice.identite.journal import record
from programme.models import JournalAcces
from programme.taches import confier, courriels, genre
from territoires.models import Agent

OUBLIE = "lien de mot de passe"


def _link(agent):
    key = f"{user_pk_to_url_str(agent)}-{Liens().make_token(agent)}"
    return get_adapter().get_reset_password_from_key_url(key)


def invite(agent, *, by):
    courriels.send(
        "account/email/invitation_message.txt",
        "Votre invitation",
        {"agent": agent, "par": by, "url": _link(agent), "jours": settings.INVITATION_JOURS},
        to=[agent.email],
        agent=agent,
        duree=timedelta(days=settings.INVITATION_JOURS),
    )
    record(JournalAcces.Acte.INVITATION, agent=agent, auteur=by)


def ask(email):
    """Somebody forgot the password of the account of `email`, if there is one.

    Nothing is looked up here: the page takes the same time whether it is known or not.
    """
    confier(OUBLIE, {"email": email}, duree=_hour())


@genre(OUBLIE)
def send_link(charge):
    for agent in Agent.objects.with_email(charge["email"]).filter(is_active=True):
        courriels.send(
            "account/email/mot_de_passe_oublie_message.txt",
            "Choisir un nouveau mot de passe",
            {"agent": agent, "url": _link(agent)},
            to=[agent.email],
            agent=agent,
            duree=_hour(),
        )


def tell_reset(agent, *, by):
    """Tell an agent that an administrator removed their second factors."""
    courriels.send(
        "account/email/second_facteur_message.txt",
        "Votre second facteur a été réinitialisé",
        {"agent": agent, "par": by},
        to=[agent.email],
        agent=agent,
    )


def _hour():
    """How long a link to choose another password is good."""
    return timedelta(seconds=settings.REINITIALISATION_DUREE)
