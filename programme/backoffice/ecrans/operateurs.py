"""What the operators promised and delivered. A référent sees and changes its own operator's."""

from django.contrib import admin

from programme import models
from programme.backoffice.cadre import (
    FicheAdmin,
    FiltreDepartement,
    FiltreOperateur,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
)
from programme.backoffice.imports.vues import Importation
from programme.backoffice.publication import LignesConsultees, PubliableAdmin
from territoires.models import Operateur, Role


@admin.register(Operateur)
class OperateurAdmin(FicheAdmin):
    list_display = ["nom", "nom_actuel", "code"]
    search_fields = ["nom", "nom_actuel", "=code"]

    def get_readonly_fields(self, request, obj=None):
        """An opérateur's own agents say one thing of it: whether it delegates its référents."""
        if obj is None:
            return []
        return ["code"] if request.user.est_national else ["code", "nom", "nom_actuel", "missions"]


@admin.register(models.Convention)
class ConventionAdmin(PubliableAdmin):
    list_display = ["intitule", "operateur", "signee_le", "publication"]
    list_filter = [("operateur", FiltreOperateur), "publication"]
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
class EngagementAdmin(PubliableAdmin):
    list_display = ["intitule", "operateur", "type", "cible", "unite", "echeance", "publication"]
    list_filter = [("operateur", FiltreOperateur), "publication", "type"]
    list_select_related = ["operateur"]
    search_fields = ["intitule", "=code", "operateur__nom"]
    date_hierarchy = "echeance"
    inlines = [RealisationLignes]


@admin.register(models.Realisation)
class RealisationAdmin(PubliableAdmin):
    importation = Importation("realisations")
    list_display = ["engagement", "operateur", "an", "valeur", "publication"]
    list_filter = [
        ("operateur", FiltreOperateur),
        "publication",
        "annee",
        ("valeur", FiltreRenseigne),
    ]
    list_select_related = ["engagement", "operateur"]
    search_fields = ["engagement__intitule", "operateur__nom", "commentaire"]
    historique_dans = ["operateur"]
    autocomplete_fields = ["engagement"]


@admin.register(models.Referent)
class ReferentAdmin(PubliableAdmin):
    importation = Importation("referents")
    list_display = ["nom", "operateur", "territoire", "fonction", "debut", "fin", "publication"]
    list_filter = [
        ("operateur", FiltreOperateur),
        "publication",
        ("fin", FiltreRenseigne),
        FiltreRegion,
        FiltreDepartement,
        FiltreTerritoire,
    ]
    list_select_related = ["operateur", "territoire"]
    search_fields = ["nom", "territoire__nom"]
    historique_dans = ["operateur", "territoire"]
    autocomplete_fields = ["territoire"]
    date_hierarchy = "debut"

    def choices_for(self, request, db_field):
        """A secretariat names those of the opérateurs that delegate it."""
        rows = super().choices_for(request, db_field)
        if db_field.name == "operateur" and request.user.role == Role.SECRETARIAT:
            rows = rows.filter(pk__in=request.user.delegations)
        return rows

    def has_add_permission(self, request):
        if not super().has_add_permission(request):
            return False
        return request.user.role != Role.SECRETARIAT or bool(request.user.delegations)


@admin.register(models.Service)
class ServiceAdmin(PubliableAdmin):
    list_display = ["intitule", "operateur", "code", "publication"]
    list_filter = [("operateur", FiltreOperateur), "publication"]
    list_select_related = ["operateur"]
    search_fields = ["intitule", "description", "=code"]
    historique_dans = ["operateur"]


@admin.register(models.TerritoirePrioritaire)
class TerritoirePrioritaireAdmin(PubliableAdmin):
    list_display = ["territoire", "operateur", "an", "renforce", "publication"]
    list_filter = [
        ("operateur", FiltreOperateur),
        "publication",
        "annee",
        "renforce",
        FiltreDepartement.par("territoire"),
        FiltreTerritoire.par("territoire"),
    ]
    list_select_related = ["territoire", "operateur"]
    search_fields = ["territoire__nom"]
    historique_dans = ["operateur", "territoire"]
    autocomplete_fields = ["territoire"]
