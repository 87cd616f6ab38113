"""List filters that offer only what lies in the agent's perimeter."""

from django.contrib.admin import (
    AllValuesFieldListFilter,
    EmptyFieldListFilter,
    RelatedFieldListFilter,
    SimpleListFilter,
)
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import Q
from django.utils.text import capfirst

from territoires.models import Departement, Region, Territoire
from territoires.reponses import NON_RENSEIGNE


class FiltrePerimetre(RelatedFieldListFilter):
    """As Django's filter on a relation, its choices limited to `visible_to`."""

    def field_choices(self, field, request, model_admin):
        rows = field.related_model._default_manager.visible_to(request.user)
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": rows.values("pk")}
        )


class FiltreOperateur(FiltrePerimetre):
    """By operator, which the référent of one has no use for."""


def is_useful(asked, agent):
    """Whether an item of a `list_filter` is of any use to `agent`."""
    is_operateur = isinstance(asked, tuple) and asked[1] is FiltreOperateur
    return not (is_operateur and agent.est_referent)


class FiltreValeurs(AllValuesFieldListFilter):
    """The values in use, the absence of one among them under its name."""

    vide = NON_RENSEIGNE

    def choices(self, changelist):
        labels = dict(self.field.flatchoices) | {"": self.vide, "None": self.vide}
        for choice in super().choices(changelist):
            yield {**choice, "display": labels.get(choice["display"] or "", choice["display"])}

    def has_output(self):
        return True


class FiltreRenseigne(EmptyFieldListFilter):
    """« non renseigné » or « renseigné », for fields whose absence is a task."""

    def __init__(self, field, *args, **kwargs):
        super().__init__(field, *args, **kwargs)
        self.title = f"{field.verbose_name}, renseigné ou non"


def filtres_declares(jeu):
    """The list filters of the columns that filter the public list of their dataset too."""
    kinds = [(column, column.type.is_text) for column in jeu.colonnes if column.filtre]
    return [(column.champ, FiltreValeurs if text else FiltreRenseigne) for column, text in kinds]


class FiltreRegion(SimpleListFilter):
    """By région, by the lookups of the model's own perimeter; offers the agent's régions."""

    title = "région"
    parameter_name = "region"

    def lookups(self, request, model_admin):
        rows = Region.objects.all()
        if not request.user.est_national and not request.user.est_referent:
            rows = rows.filter(agents=request.user)
        return [(region.pk, region.nom) for region in rows]

    def queryset(self, request, queryset):
        return queryset.of_region(self.value()) if self.value() else queryset


# --- Where a record lies --------------------------------------------------------------------------

A_LA_COMMUNE = "commune__departement"
"""How a record that has a place of its own reaches its département."""


def _perimeter_paths(model, end):
    """What comes before `end` in the lookups by which rows of `model` reach a région."""
    return [path.removesuffix(end) for path in model.perimetre.regions if path.endswith(end)]


class FiltreParmi(SimpleListFilter):
    """One value among too many for a list of links: a list to choose in, and a button.

    `groupes(agent)` gives [(name of a group or "", [(value, words)])]. `chemins`: the lookups from
    a row to its territories, `places` to what has a place of its own, where the perimeter of the
    model does not tell them.
    """

    template = "admin/filtre_parmi.html"
    chemins = places = ()

    @classmethod
    def par(cls, *chemins, places=()):
        """The same filter, of rows that lie where these relations lead."""
        ways = {"chemins": [f"{c}__" for c in chemins], "places": [f"{p}__" for p in places]}
        return type(cls.__name__, (cls,), ways)

    def __init__(self, request, params, model, model_admin):
        self.offerts = self.groupes(request.user)
        super().__init__(request, params, model, model_admin)
        mine = {self.parameter_name, PAGE_VAR, ERROR_FLAG}
        self.autres = [
            (name, value)
            for name, values in request.GET.lists()
            if name not in mine
            for value in values
        ]

    def lookups(self, request, model_admin):
        return [choice for _, choices in self.offerts for choice in choices]

    def groupes(self, agent):
        raise NotImplementedError

    def condition(self, model, value):
        """The `Q` of the rows of `model` that lie in the place `value`."""
        raise NotImplementedError

    def has_output(self):
        return bool(self.offerts or self.value())  # what is asked and not offered is told

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        if self.value() not in dict(self.lookup_choices):
            raise IncorrectLookupParameters(f"{self.title} : {self.value()}")
        here = self.condition(queryset.model, self.value())
        return queryset.filter(pk__in=queryset.model._base_manager.filter(here).values("pk"))

    def get_facet_counts(self, pk_attname, filtered_qs):
        return {}  # hundreds of counts would be no help to choose one

    def choices(self, changelist):
        yield {"selected": not self.value(), "display": "Tous", "value": ""}
        for value, words in self.lookup_choices:
            yield {"selected": self.value() == value, "display": words, "value": value}

    def choix(self):
        """[(name of a group, [(value, words, whether it is chosen)])], for the template."""
        return [
            (name, [(value, words, value == self.value()) for value, words in choices])
            for name, choices in self.offerts
        ]

    def territoires(self, model):
        """The lookups from a row of `model` to its territories; "" for a territory itself."""
        return self.chemins or _perimeter_paths(model, "regions")


class FiltreTerritoire(FiltreParmi):
    """By territory, those of the agent's perimeter, phase by phase."""

    title = "territoire"
    parameter_name = "territoire"

    def groupes(self, agent):
        rows = Territoire.objects.visible_to(agent).order_by("-phase", "nom", "pk")
        groups = {}
        for code, nom, phase in rows.values_list("pk", "nom", "phase__nom"):
            groups.setdefault(capfirst(phase), []).append((code, nom))
        return list(groups.items())

    def condition(self, model, value):
        here = Q()
        for path in self.territoires(model):
            here |= Q(**{path.removesuffix("__") or "pk": value})
        return here


class FiltreDepartement(FiltreParmi):
    """By département: that of a record's own place, else those of its territory."""

    title = "département"
    parameter_name = "departement"

    def groupes(self, agent):
        rows = Departement.objects.all()
        if not agent.est_national and not agent.est_referent:
            theirs = Territoire.objects.visible_to(agent).values("departements")
            rows = rows.filter(Q(region__agents=agent) | Q(pk__in=theirs)).distinct()
        return [("", [(code, f"{nom} ({code})") for code, nom in rows.values_list("pk", "nom")])]

    def condition(self, model, value):
        placed = self.places or _perimeter_paths(model, f"{A_LA_COMMUNE}__region")
        here = Q()
        for start in placed:
            here |= Q(**{f"{start}{A_LA_COMMUNE}": value})
            here |= Q(**{f"{start}commune__isnull": True, f"{start}departement": value})
        for path in self.territoires(model):
            if path.removesuffix("territoire__") not in placed:
                here |= Q(**{f"{path}departements": value})
        return here
