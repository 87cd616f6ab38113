"""403, in words: which right an agent lacks, without a word of the record that was asked for."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError

from programme.backoffice import droits
from programme.backoffice.cadre.perimetre import is_inside
from programme.backoffice.pourquoi.mots import VERBES, Personne, manque, pluriel
from programme.backoffice.pourquoi.recherche import model_of
from programme.backoffice.publication import lock_on
from programme.catalogue.pages.erreurs import in_the_back_office, page

# What a page of the admin asks for; another page of a record is an act, that changes it.
ACTIONS = {
    "add": droits.AJOUTER,
    "delete": droits.SUPPRIMER,
    "changelist": droits.VOIR,
    "history": droits.VOIR,
    "version": droits.VOIR,
    "supprimes": droits.VOIR,
}


def acces_refuse(request, exception):
    return page(request, 403, _why(request) if in_the_back_office(request) else "")


def _why(request):
    match = request.resolver_match
    model = model_of(admin.site, match)
    if model is None:
        return ""
    asked = match.url_name.rpartition("_")[2]
    action = ACTIONS.get(asked, droits.MODIFIER)
    if asked == "change" and request.method in {"GET", "HEAD"}:
        action = droits.VOIR
    personne = Personne(request.user, True)
    if missing := manque(personne, action, model):
        return f"Il faut pouvoir {VERBES[action]} les {pluriel(model)} : {missing}."
    row = _row_inside(request, model, match.kwargs)
    return (row is not None and lock_on(request.user, row)) or ""


def _row_inside(request, model, kwargs):
    """The row of the address, when it lies in the agent's perimeter."""
    try:
        key = model._meta.pk.to_python(unquote(str(kwargs.get("object_id", kwargs.get("pk", "")))))
    except ValidationError:
        return None
    row = model._base_manager.filter(pk=key).first()
    return row if row is not None and is_inside(request.user, row) else None
