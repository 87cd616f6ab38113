"""Writes the journal of access: who signed in, who was refused, who was given which right."""

from allauth.core.internal.httpkit import get_client_ip
from django.core.exceptions import ImproperlyConfigured
from simple_history.models import HistoricalRecords

from programme.models import JournalAcces
from territoires.models import Agent

NAVIGATEUR_LENGTH = JournalAcces._meta.get_field("navigateur").max_length
DETAIL_LENGTH = JournalAcces._meta.get_field("detail").max_length


def current_request():
    """The request being answered, or None in a command."""
    return getattr(HistoricalRecords.context, "request", None)


def record(acte, *, agent=None, adresse="", auteur=None, request=None, **said):
    """Add one line. `said`: `detail`, `avant`, `apres`. The author is who is signed in, if any."""
    request = request or current_request()
    user = getattr(request, "user", None)
    if auteur is None and isinstance(user, Agent):
        auteur = user
    return JournalAcces.objects.create(
        acte=acte,
        agent=agent,
        adresse=adresse or (agent.email if agent else ""),
        auteur=auteur,
        ip=_ip(request),
        navigateur=(request.META.get("HTTP_USER_AGENT", "") if request else "")[:NAVIGATEUR_LENGTH],
        detail=said.pop("detail", "")[:DETAIL_LENGTH],
        **said,
    )


def _ip(request):
    try:
        return get_client_ip(request) if request else None
    except ImproperlyConfigured:  # fewer proxies in the header than the settings tell
        return None
