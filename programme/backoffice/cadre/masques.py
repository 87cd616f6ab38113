"""A row of one's own may name one of somebody else's: what may not be known keeps its name.

Lists and read-only pages show « hors de votre périmètre » in its place, and no search finds a row
by the name of what it may not tell. Forms do the same by themselves: see `formulaires`.
"""

from copy import copy

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


class MasqueMixin:
    """For a ModelAdmin: its list, its read-only pages and rows, its search."""

    own_words_only = False

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        if request.method == "GET":
            hide_names(request.user, changelist.result_list)
        return changelist

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj is not None:
            # What a form lets choose, it masks by itself; the rest is shown as it is.
            editable = self.has_change_permission(request, obj)
            names = self.get_readonly_fields(request, obj) if editable else None
            hide_names(request.user, [obj], names)
            for inline in context["inline_admin_formsets"]:
                names = inline.readonly_fields if inline.has_change_permission else None
                rows = [form.instance for form in inline.formset.initial_forms]
                hide_names(request.user, rows, names)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def _searched_links(self, request):
        names = {path.lstrip("=^@").split("__")[0] for path in super().get_search_fields(request)}
        return [field for field in secret_links(self.model) if field.name in names]

    def get_search_fields(self, request):
        fields = super().get_search_fields(request)
        if not self.own_words_only:
            return fields
        closed = {field.name for field in self._searched_links(request)}
        return [path for path in fields if path.lstrip("=^@").split("__")[0] not in closed]

    def get_search_results(self, request, queryset, search_term):
        """As Django's; a row that names what may not be known is found by its own words alone."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        silent = Q()
        for field in [] if request.user.est_national else self._searched_links(request):
            known = field.related_model._default_manager.known_to(request.user).values("pk")
            silent |= Q(**{f"{field.name}__isnull": False}) & ~Q(**{f"{field.name}__in": known})
        if not search_term or not silent:
            return found, duplicates
        quiet = copy(self)
        quiet.own_words_only = True
        own, _ = super(MasqueMixin, quiet).get_search_results(
            request, queryset.filter(silent), search_term
        )
        found = Q(pk__in=found.filter(~silent).order_by().values("pk"))
        return queryset.filter(found | Q(pk__in=own.order_by().values("pk"))), False
