"""What the operators promised and delivered. A référent sees and changes its own operator's."""

from django.contrib import admin
from django.db.models import Count

from programme import models
from programme.backoffice.imports.vues import ImportMixin
from programme.backoffice.publication import LignesConsultees, PubliableAdmin
from programme.donnees.schema import today
from territoires.admin import TerritoireAdmin
from territoires.administration import FiltrePerimetre, FiltreRegion, FiltreRenseigne
from territoires.models import Operateur


class FiltreReferents(admin.SimpleListFilter):
    """Territories by the coverage of the operators' référents, today."""

    title = "référents en fonction"
    parameter_name = "couverture"

    def lookups(self, request, model_admin):
        return [
            ("manquants", "il en manque"),
            ("aucun", "aucun"),
            ("complets", "un par opérateur"),
        ]

    def queryset(self, request, queryset):
        if self.value() is None:
            return queryset
        present = models.Referent.objects.at(today()).order_by().values("territoire")
        if self.value() == "aucun":
            return queryset.exclude(pk__in=present)
        every = Operateur.objects.count()
        covered = present.annotate(n=Count("operateur", distinct=True)).filter(n__gte=every)
        if self.value() == "complets":
            return queryset.filter(pk__in=covered.values("territoire"))
        return queryset.exclude(pk__in=covered.values("territoire"))


# The list of territories is the map's, which knows nothing of référents.
TerritoireAdmin.list_filter = [*TerritoireAdmin.list_filter, FiltreReferents]


class OperateurFilterMixin:
    """By operator, which the référent of one has no use for."""

    def get_list_filter(self, request):
        filters = [*super().get_list_filter(request)]
        return filters if request.user.est_referent else [("operateur", FiltrePerimetre), *filters]


@admin.register(models.Convention)
class ConventionAdmin(OperateurFilterMixin, PubliableAdmin):
    list_display = ["intitule", "operateur", "signee_le", "publication"]
    list_filter = ["publication"]
    list_select_related = ["operateur"]
    historique_dans = ["operateur"]
    search_fields = ["intitule", "operateur__nom"]
    date_hierarchy = "signee_le"


class RealisationLignes(LignesConsultees):
    model = models.Realisation
    fields = readonly_fields = ["operateur", "an", "valeur", "publication"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("operateur", "engagement")


@admin.register(models.Engagement)
class EngagementAdmin(OperateurFilterMixin, PubliableAdmin):
    list_display = ["intitule", "operateur", "type", "cible", "unite", "echeance", "publication"]
    list_filter = ["publication", "type"]
    list_select_related = ["operateur"]
    search_fields = ["intitule", "=code", "operateur__nom"]
    date_hierarchy = "echeance"
    inlines = [RealisationLignes]


@admin.register(models.Realisation)
class RealisationAdmin(ImportMixin, OperateurFilterMixin, PubliableAdmin):
    importable = "realisations"
    list_display = ["engagement", "operateur", "an", "valeur", "publication"]
    list_filter = ["publication", "annee", ("valeur", FiltreRenseigne)]
    list_select_related = ["engagement", "operateur"]
    search_fields = ["engagement__intitule", "operateur__nom", "commentaire"]
    historique_dans = ["operateur"]
    autocomplete_fields = ["engagement"]


@admin.register(models.Referent)
class ReferentAdmin(ImportMixin, OperateurFilterMixin, PubliableAdmin):
    importable = "referents"
    list_display = ["nom", "operateur", "territoire", "fonction", "debut", "fin", "publication"]
    list_filter = ["publication", ("fin", FiltreRenseigne), FiltreRegion]
    list_select_related = ["operateur", "territoire"]
    search_fields = ["nom", "territoire__nom"]
    historique_dans = ["operateur", "territoire"]
    autocomplete_fields = ["territoire"]
    date_hierarchy = "debut"


@admin.register(models.Service)
class ServiceAdmin(OperateurFilterMixin, PubliableAdmin):
    list_display = ["intitule", "operateur", "code", "publication"]
    list_filter = ["publication"]
    list_select_related = ["operateur"]
    search_fields = ["intitule", "description", "=code"]
    historique_dans = ["operateur"]


@admin.register(models.TerritoirePrioritaire)
class TerritoirePrioritaireAdmin(OperateurFilterMixin, PubliableAdmin):
    list_display = ["territoire", "operateur", "an", "renforce", "publication"]
    list_filter = ["publication", "annee", "renforce"]
    list_select_related = ["territoire", "operateur"]
    search_fields = ["territoire__nom"]
    historique_dans = ["operateur", "territoire"]
    autocomplete_fields = ["territoire"]
