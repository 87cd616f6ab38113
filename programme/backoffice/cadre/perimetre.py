"""The admin side of the one rule of access: `visible_to` at every door.

A row must be in the agent's perimeter before and after a save; what a form offers to choose is in
it too; values that lie outside are kept, whatever is posted.
"""

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models import Q
from django.forms import Textarea
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import (
    ParmiField,
    ParmiPlusieursField,
    chercheur,
    lecture_de,
)
from programme.backoffice.cadre.widgets import (
    Autocompletion,
    AutocompletionMultiple,
    CasesACocher,
)
from programme.models.base import Absorbable
from territoires.models import Region
from territoires.perimetre import TOUT


class Refus(Exception):
    """A save that may not stand: it is undone, and its French reason goes to the form.

    fautes: {field: why}, told beside the fields.
    """

    def __init__(self, raison, **fautes):
        super().__init__(raison)
        self.fautes = fautes


def is_inside(agent, instance):
    """Whether the saved row of `instance` lies in the agent's perimeter now."""
    return type(instance)._default_manager.visible_to(agent).filter(pk=instance.pk).exists()


def _owned_values(agent):
    """(name of the perimeter's paths, values the agent holds)."""
    if agent.est_referent:
        return "operateurs", [agent.operateur_id]
    return "regions", [region.pk for region in agent.regions.all()]


def was_inside(agent, record):
    """Whether a row that may be gone was in the perimeter: read from a historical `record`.

    Its relations are followed to the rows they name, which may be gone too.
    """
    model = record.instance_type
    if not (agent.is_active and agent.is_staff):
        return False
    if agent.est_national or model.perimetre.condition(agent) == Q():
        return True
    kind, values = _owned_values(agent)
    if kind == "operateurs" and any(
        getattr(record, f"{path}_id") is None for path in model.perimetre.communs
    ):
        return True
    return any(_leads_inside(record, path, values) for path in getattr(model.perimetre, kind))


def _linked(record, field):
    """The keys that a historical record's many-to-many named; none when it is not kept."""
    if not hasattr(record, field.name):
        return set()
    if record.history_type == "-":
        # The links are gone before the row is: those that the version before had.
        record = record.prev_record or record
    target = f"{field.m2m_reverse_field_name()}_id"
    return {getattr(link, target) for link in getattr(record, field.name).all()}


def _leads_inside(record, path, values):
    first, _, rest = path.partition("__")
    model = record.instance_type
    field = model._meta.pk if first == "pk" else model._meta.get_field(first)
    if field.many_to_many:
        return not rest and _linked(record, field) & set(values) != set()
    value = getattr(record, field.attname)
    if value is None:
        return False
    if not rest:
        return value in values
    parent = field.related_model
    if parent._base_manager.filter(pk=value).exists():
        return parent._base_manager.filter(pk=value, **{f"{rest}__in": values}).exists()
    gone = parent.history.filter(**{parent._meta.pk.attname: value}).first()
    return gone is not None and _leads_inside(gone, rest, values)


def would_be_inside(agent, instances):
    """The set of indexes of `instances`, rows of one model not saved yet, that lie inside.

    One query per path of the perimeter, however many rows.
    """
    everyone = set(range(len(instances)))
    if not instances or agent.est_national:
        return everyone
    model = type(instances[0])
    kind, values = _owned_values(agent)
    paths = getattr(model.perimetre, kind)
    if paths == TOUT:
        return everyone
    found = set()
    for path in paths:
        first, _, rest = path.partition("__")
        field = model._meta.get_field(first)
        keys = [getattr(row, field.attname) for row in instances]
        inside = set(values)
        if rest:
            targets = field.related_model._base_manager.filter(pk__in={k for k in keys if k})
            inside = set(targets.filter(**{f"{rest}__in": values}).values_list("pk", flat=True))
        found |= {index for index, key in enumerate(keys) if key in inside}
    return found


WIDGETS = {
    models.TextField: {"widget": Textarea(attrs={"rows": 3})},
    models.URLField: {"assume_scheme": "https"},
}


class PerimetreMixin:
    """Scoped rows, permissions and choices, for a ModelAdmin and for an inline.

    `choix_propres` names the fields whose choices must lead to one of the agent's own régions,
    with the lookups that lead there from the chosen row (`{"regions": ["pk"]}`). Other relations
    offer whatever `visible_to` shows.
    """

    choix_propres = {}
    formfield_overrides = WIDGETS
    tour = None
    """The `Tour` of the request that this copy of the screen serves."""

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return rows.visible_to(request.user)

    def choices_for(self, request, db_field):
        """The rows that the agent may choose for a relation."""
        model = db_field.remote_field.model
        rows = model._default_manager.visible_to(request.user)
        if self.admin_site.is_registered(model):
            # The names of the choices are made of what their own list loads.
            related = self.admin_site.get_model_admin(model).get_list_select_related(request)
            rows = rows.select_related(*related) if related else rows
        if issubclass(model, Absorbable):
            rows = rows.filter(absorbe_par__isnull=True)
        lookups = self.choix_propres.get(db_field.name)
        if lookups and not request.user.est_national:
            own = Q()
            regions = Region.objects.filter(agents=request.user)
            for lookup in lookups:
                own |= Q(**{f"{lookup}__in": regions})
            rows = rows.filter(pk__in=model._base_manager.filter(own).values("pk"))
        return rows

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self.choices_for(request, db_field))
        typed = db_field.name in self.get_autocomplete_fields(request)
        if typed:
            kwargs.setdefault("widget", Autocompletion(db_field, self.admin_site))
            kwargs.setdefault("form_class", ParmiField)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if typed and field is not None:
            field.chercher = chercheur(self.admin_site, db_field.related_model, request)
        elif field is not None and field.required and _adds(request):
            # Whoever has one to choose, their own, has chosen.
            only = list(field.queryset[:2])
            field.initial = only[0].pk if len(only) == 1 else field.initial
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self.choices_for(request, db_field))
        typed = db_field.name in self.get_autocomplete_fields(request)
        if typed:
            kwargs.setdefault("widget", AutocompletionMultiple(db_field, self.admin_site))
            kwargs.setdefault("form_class", ParmiPlusieursField)
        else:
            kwargs.setdefault("widget", CasesACocher(groupe=capfirst(db_field.verbose_name)))
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if typed and field is not None:
            field.chercher = chercheur(self.admin_site, db_field.related_model, request)
        return field

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        read = lecture_de(db_field)
        field = super().formfield_for_dbfield(db_field, request, **{**read, **kwargs})
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Without the links that open small windows: a related row has its own screen.
            field.widget = field.widget.widget
        if field is not None:
            field.help_text = self.admin_site.help_of(db_field)
        return field

    def check_saved(self, request, instances):
        """Raise `Refus` unless every saved row still lies in the agent's perimeter."""
        saved = {instance.pk for instance in instances}
        inside = self.model._default_manager.visible_to(request.user).filter(pk__in=saved)
        if inside.count() != len(saved):
            raise Refus(
                f"Cet enregistrement ({self.opts.verbose_name}) sortirait de votre périmètre : "
                "choisissez des valeurs qui relèvent de vos régions ou de votre opérateur."
            )


def _adds(request):
    """Whether the page is that of a new record."""
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_add")


COMPARAISONS = {
    "exact", "isempty", "isnull", "in", "year", "month", "day", "gte", "lt", "lte", "gt",
}  # fmt: skip


def compares(lookup, name):
    """Whether what follows `name` is the key of the row, or a comparison, and nothing more."""
    *keys, last = lookup.removeprefix(f"{name}__").split("__")
    return last in COMPARAISONS and len(keys) <= 1 and set(keys) <= {"id", "pk", "code", "siren"}
