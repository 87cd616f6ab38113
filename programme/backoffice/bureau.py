"""What waits on the desk of an officer: drafts and proposals, by kind of record."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.text import capfirst

from programme.models import Publication
from programme.models.base import Publiable

ATTENTES = {"brouillons": Publication.BROUILLON, "a_valider": Publication.A_VALIDER}


def pending(site, request):
    """Rows of the desk: one per model that the agent may change and that has something waiting.

    Each is a dict: `nom`, `brouillons`, `a_valider` (counts), and the address of each list. One
    query per model, whatever the number of records.
    """
    counts = {name: Count("pk", filter=Q(publication=state)) for name, state in ATTENTES.items()}
    rows = []
    for model, admin in site._registry.items():
        if not issubclass(model, Publiable) or not admin.has_change_permission(request):
            continue
        found = admin.get_queryset(request).aggregate(**counts)
        if not any(found.values()):
            continue
        page = reverse(f"{site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist")
        links = {
            f"{name}_url": f"{page}?publication__exact={state}" for name, state in ATTENTES.items()
        }
        rows.append({"nom": capfirst(str(model._meta.verbose_name_plural)), **found, **links})
    return rows
