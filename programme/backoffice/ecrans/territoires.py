"""The screens of territories, of their members and of their other names."""

from django.contrib import admin
from django.db.models import Count

from programme.backoffice.actes.deposer import Depots
from programme.backoffice.cadre import (
    FicheAdmin,
    FiltreDepartement,
    FiltreRegion,
    FiltreRenseigne,
    FiltreTerritoire,
    LignesEnTable,
)
from programme.backoffice.cadre.ajouts import Ajouts
from programme.backoffice.cadre.formulaires import FormulaireBackoffice
from programme.backoffice.imports.vues import Importation
from programme.backoffice.publication import DependanceAdmin
from programme.models import Referent
from territoires import models
from territoires.moment import today

SUR_LA_CARTE = [
    "region_porteuse",
    "regions",
    "departements",
    "prefigurateur",
    "pilote",
    "successeur",
    "source_entree",
    "source_sortie",
    "remarque",
]
"""What a regional committee decides, beside the name and the code of the list."""


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
        present = Referent.objects.at(today()).order_by().values("territoire")
        if self.value() == "aucun":
            return queryset.exclude(pk__in=present)
        every = models.Operateur.objects.count()
        covered = present.annotate(n=Count("operateur", distinct=True)).filter(n__gte=every)
        if self.value() == "complets":
            return queryset.filter(pk__in=covered.values("territoire"))
        return queryset.exclude(pk__in=covered.values("territoire"))


class RattachementLignes(LignesEnTable):
    model = models.Rattachement
    fields = ["intercommunalite", "commune", "debut", "certitude", "fin", "fin_certitude", "source"]
    autocomplete_fields = ["intercommunalite", "commune"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("intercommunalite", "commune")


class AutreNomLignes(LignesEnTable):
    model = models.AutreNom
    fields = ["nom", "fin"]


class FormulaireTerritoire(FormulaireBackoffice):
    def clean(self):
        cleaned = super().clean()
        leader, regions = cleaned.get("region_porteuse"), cleaned.get("regions")
        if leader and regions is not None and leader not in regions:
            self.add_error(
                "regions", f"La région porteuse ({leader}) fait partie des régions du territoire."
            )
        return cleaned


@admin.register(models.Territoire)
class TerritoireAdmin(DependanceAdmin):
    """A shared territory is open to each of its régions; each decides for itself alone.

    The public reads it as it is saved: who may not publish it proposes.
    """

    form = FormulaireTerritoire
    ajouts = Ajouts(
        ("programme.Projet", "territoire"),
        ("programme.Contrat", "territoire"),
        ("programme.Document", "territoire"),
    )
    depots = Depots("territoire")
    importation = Importation("binomes")
    adresse_depuis = ("nom",)
    list_display = ["nom", "code", "region_porteuse", "depuis", "elu", "chef_de_projet"]
    list_filter = [
        "phase",
        FiltreRegion,
        FiltreDepartement,
        "prefigurateur",
        ("elu", FiltreRenseigne),
        ("chef_de_projet", FiltreRenseigne),
        FiltreReferents,
    ]
    list_select_related = ["region_porteuse"]
    search_fields = ["nom", "code__commence", "autres_noms__nom"]
    autocomplete_fields = ["successeur", "departements"]
    inlines = [RattachementLignes, AutreNomLignes]
    choix_propres = {
        "regions": ["pk"],
        "region_porteuse": ["pk"],
        "departements": ["region"],
    }
    fieldsets = [
        (None, {"fields": ["code", "phase", "code_anct", "nom", "slug"]}),
        (
            "Sur la carte",
            {
                "fields": SUR_LA_CARTE,
                "description": "Ce que décide le comité de pilotage régional.",
            },
        ),
        (
            "Binôme et chef de projet",
            {
                "fields": [
                    ("elu", "fonction_elu"),
                    ("industriel", "fonction_industriel"),
                    "chef_de_projet",
                ],
                "description": "Nom et fonction seulement : ils se voient sur le site.",
            },
        ),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_dates()

    def get_readonly_fields(self, request, obj=None):
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None:
            fields += ["code", "phase"]
            if not request.user.has_perm("territoires.ajuster_territoire"):
                fields += ["nom", "code_anct", *SUR_LA_CARTE]
        return fields

    @admin.display(description="sur la carte depuis", ordering="debut")
    def depuis(self, obj):
        return obj.debut


@admin.register(models.Rattachement)
class RattachementAdmin(FicheAdmin):
    list_display = ["membre", "territoire", "debut", "certitude", "fin"]
    list_filter = [
        "certitude",
        ("fin", FiltreRenseigne),
        FiltreRegion,
        FiltreDepartement,
        FiltreTerritoire,
    ]
    list_select_related = ["intercommunalite", "commune", "territoire"]
    search_fields = ["intercommunalite__nom", "commune__nom", "territoire__nom"]
    autocomplete_fields = ["territoire", "intercommunalite", "commune"]
    date_hierarchy = "debut"

    @admin.display(description="membre")
    def membre(self, obj):
        return obj.membre


@admin.register(models.AutreNom)
class AutreNomAdmin(DependanceAdmin):
    list_display = ["nom", "territoire", "fin"]
    list_filter = [FiltreRegion, FiltreDepartement, FiltreTerritoire]
    list_select_related = ["territoire"]
    search_fields = ["nom", "territoire__nom"]
    autocomplete_fields = ["territoire"]
