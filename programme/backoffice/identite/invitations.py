"""An agent is invited by e-mail: a link, good for some days, to choose a password."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings

from programme.backoffice.identite import courriels
from programme.backoffice.identite.jetons import Liens
from programme.backoffice.identite.journal import record
from programme.models import JournalAcces


def invite(agent, *, by):
    """Send the invitation. Raises `OSError` (SMTP's errors among them) when no mail leaves."""
    key = f"{user_pk_to_url_str(agent)}-{Liens().make_token(agent)}"
    context = {
        "agent": agent,
        "par": by,
        "url": get_adapter().get_reset_password_from_key_url(key),
        "jours": settings.INVITATION_JOURS,
    }
    template = "account/email/invitation_message.txt"
    courriels.send(template, "Votre invitation", context, to=[agent.email])
    record(JournalAcces.Acte.INVITATION, agent=agent, auteur=by)


def tell_reset(agent, *, by):
    """Tell an agent that an administrator removed their second factors."""
    courriels.send(
        "account/email/second_facteur_message.txt",
        "Votre second facteur a été réinitialisé",
        {"agent": agent, "par": by},
        to=[agent.email],
    )
