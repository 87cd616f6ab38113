"""A row of one's own may name one of somebody else's: what may not be known keeps its name.

Lists and read-only pages show « hors de votre périmètre » in its place, and no search finds a row
by the name of what it may not tell. Forms do the same by themselves: see `formulaires`.
"""

from django.contrib.auth import get_user_model
from django.db.models import Q

from programme.backoffice.cadre.historique import MASQUE
from territoires.perimetre import TOUT


class Masque:
    """Stands for a related row that may not be named."""

    def __init__(self, pk):
        self.pk = pk

    def __str__(self):
        return MASQUE


def secret_links(model):
    """The relations of `model` that may lead to a row outside the perimeter that is not public.

    Those by which the row itself lies in the perimeter lead inside. Agents are named everywhere,
    as authors.
    """
    perimetre = model.perimetre
    paths = [*perimetre.regions, *perimetre.operateurs]
    return [
        field
        for field in model._meta.fields
        if field.is_relation
        and field.related_model is not get_user_model()
        and _has_secrets(field.related_model)
        and not (paths and all(path.split("__")[0] == field.name for path in paths))
    ]


def _has_secrets(model):
    perimetre = getattr(model, "perimetre", None)
    if perimetre is None:
        return False
    if getattr(model, "publication_lookups", ()):
        return True
    return TOUT not in (perimetre.regions, perimetre.operateurs)


def hide_names(agent, rows, names=None):
    """Put a `Masque` in place of each related row that `agent` may not know of.

    `names` are the relations that are shown; by default all. For rows that are shown and never
    saved. One query per relation, whatever the number of rows.
    """
    rows = list(rows)
    if agent.est_national or not rows:
        return
    for field in secret_links(type(rows[0])):
        if names is not None and field.name not in names:
            continue
        keys = {getattr(row, field.attname) for row in rows} - {None}
        if not keys:
            continue
        known = field.related_model._default_manager.known_to(agent).filter(pk__in=keys)
        hidden = keys - set(known.values_list("pk", flat=True))
        for row in rows:
            if (key := getattr(row, field.attname)) in hidden:
                field.set_cached_value(row, Masque(key))


def hide_in_form(request, ecran, obj, context):
    """Mask what the page of `obj` shows and does not let choose; the rest masks itself."""
    editable = ecran.has_change_permission(request, obj)
    names = ecran.get_readonly_fields(request, obj) if editable else None
    hide_names(request.user, [obj], names)
    for inline in context["inline_admin_formsets"]:
        names = inline.readonly_fields if inline.has_change_permission else None
        rows = [form.instance for form in inline.formset.initial_forms]
        hide_names(request.user, rows, names)


def searched_links(model, fields):
    """The secret links of `model` by which a search in `fields` finds its rows."""
    names = {path.lstrip("=^@").split("__")[0] for path in fields}
    return [field for field in secret_links(model) if field.name in names]


def own_words(model, fields):
    """The `fields` of a search that are the row's own, or lead to what is no secret."""
    closed = {field.name for field in searched_links(model, fields)}
    return [path for path in fields if path.lstrip("=^@").split("__")[0] not in closed]


def silent_rows(agent, model, fields):
    """The `Q` of the rows that name what `agent` may not know: found by their own words alone."""
    silent = Q()
    for field in [] if agent.est_national else searched_links(model, fields):
        known = field.related_model._default_manager.known_to(agent).values("pk")
        silent |= Q(**{f"{field.name}__isnull": False}) & ~Q(**{f"{field.name}__in": known})
    return silent
