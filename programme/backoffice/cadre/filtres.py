"""List filters that offer only what lies in the agent's perimeter."""

from django.contrib.admin import (
    AllValuesFieldListFilter,
    EmptyFieldListFilter,
    RelatedFieldListFilter,
    SimpleListFilter,
)

from territoires.models import Region
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
