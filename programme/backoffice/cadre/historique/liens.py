"""Whose changes the page of a record tells: its own, and those of the rows that belong to it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.forms.models import _get_foreign_key
from django.utils.text import capfirst

from territoires.historiques import of_related, of_row

FICHE = "fiche"


@dataclass(frozen=True)
class Fil:
    """One kind of rows: its name in addresses and on the page, and its historical records.

    `field` is the foreign key by which they belong to the record of primary key `key`; None for
    the record itself. `admin` is their own screen.
    """

    nom: str
    titre: str
    records: Any
    admin: Any
    key: Any
    field: Any = None


def related_fields(model_admin):
    """The foreign keys by which rows belong to a record of `model_admin`, in a stable order.

    Those of its inlines, and those that another screen names in its `historique_dans`.
    """
    model, site = model_admin.model, model_admin.admin_site
    fields = [
        _get_foreign_key(model, inline.model, inline.fk_name) for inline in model_admin.inlines
    ]
    for relation in model._meta.related_objects:
        if relation.field not in fields and site.is_registered(relation.related_model):
            other = site.get_model_admin(relation.related_model)
            if relation.field.name in getattr(other, "historique_dans", ()):
                fields.append(relation.field)
    return fields


def threads(model_admin, request, key):
    """The `Fil`s of one record: its own first, then those that the agent may look at."""
    model = model_admin.model
    own = capfirst(str(model._meta.verbose_name))
    found = [Fil(FICHE, own, of_row(model, key), model_admin, key)]
    for field in related_fields(model_admin):
        other = model_admin.beside(field.model)
        if not other.has_view_permission(request):
            continue
        records = of_related(field, key)
        condition = _inside(request.user, field)
        if condition is None:
            continue
        if condition:
            rows = field.model.history.filter(condition)
            records = records.filter(history_id__in=rows.order_by().values("history_id"))
        name = field.remote_field.get_accessor_name()
        title = capfirst(str(field.model._meta.verbose_name_plural))
        found.append(Fil(name, title, records, other, key, field))
    return found


def _inside(agent, field):
    """The `Q` of the historical records that the agent may see; None for none of them.

    Empty when the rows are in the perimeter because the record that they belong to is.
    """
    child, parent = field.model.perimetre, field.related_model.perimetre
    condition = child.condition(agent)
    if not condition:
        return condition
    kind = "operateurs" if agent.est_referent else "regions"
    through = {f"{field.name}__{path}".removesuffix("__pk") for path in getattr(parent, kind)}
    return Q() if through <= set(getattr(child, kind)) else condition
