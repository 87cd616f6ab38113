"""Admin of the map and of the operators. Rights are those of the role: see the back-office."""

from django.contrib import admin
from django.utils import timezone

from territoires import models
from territoires.administration import (
    AdresseMixin,
    BackofficeAdmin,
    FiltreRegion,
    FiltreRenseigne,
    LectureSeuleAdmin,
    LignesEnTable,
)
from territoires.administration.formulaires import FormulaireBackoffice

# --- Geography: loaded by commands -------------------------------------------------------------


@admin.register(models.Region)
class RegionAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code"]
    search_fields = ["nom", "=code"]


@admin.register(models.Departement)
class DepartementAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code", "region"]
    list_filter = ["region"]
    list_select_related = ["region"]
    search_fields = ["nom", "=code"]


@admin.register(models.Intercommunalite)
class IntercommunaliteAdmin(LectureSeuleAdmin):
    list_display = ["nom", "siren", "nature", "nb_communes", "population"]
    list_filter = ["nature", "departements__region"]
    search_fields = ["nom", "=siren"]


@admin.register(models.Commune)
class CommuneAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code", "departement", "intercommunalite", "population"]
    list_filter = ["departement__region"]
    list_select_related = ["departement", "intercommunalite"]
    search_fields = ["nom", "=code", "=codes_postaux__code", "=anciennes__code"]

    def get_search_results(self, request, queryset, search_term):
        """A form offers the communes of today; one that is gone is found by its code of before."""
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.existantes(timezone.localdate())
        return super().get_search_results(request, queryset, search_term)


@admin.register(models.CodePostal)
class CodePostalAdmin(LectureSeuleAdmin):
    list_display = ["code", "commune"]
    list_select_related = ["commune"]
    search_fields = ["=code", "commune__nom"]


@admin.register(models.CommuneAncienne)
class CommuneAncienneAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code", "nature", "commune"]
    list_filter = ["nature"]
    list_select_related = ["commune"]
    search_fields = ["nom", "=code", "commune__nom"]


@admin.register(models.MouvementCommune)
class MouvementCommuneAdmin(LectureSeuleAdmin):
    list_display = ["commune", "date", "quittee", "rejointe"]
    list_filter = ["date"]
    list_select_related = ["commune", "quittee", "rejointe"]
    search_fields = ["commune__nom", "=commune__code"]


@admin.register(models.LigneChargee)
class LigneChargeeAdmin(LectureSeuleAdmin):
    """What the last load read, to tell what a file changes from what an officer changed."""

    list_display = ["fichier", "cle", "objet"]
    list_filter = ["fichier"]
    search_fields = ["cle", "=objet"]


# --- Territories -------------------------------------------------------------------------------


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
class TerritoireAdmin(AdresseMixin, BackofficeAdmin):
    """A shared territory is open to each of its régions; each decides for itself alone."""

    form = FormulaireTerritoire
    list_display = ["nom", "code", "region_porteuse", "depuis", "elu", "chef_de_projet"]
    list_filter = [
        "phase",
        FiltreRegion,
        "prefigurateur",
        ("elu", FiltreRenseigne),
        ("chef_de_projet", FiltreRenseigne),
    ]
    list_select_related = ["region_porteuse"]
    search_fields = ["nom", "=code", "autres_noms__nom"]
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
                "fields": [
                    "region_porteuse",
                    "regions",
                    "departements",
                    "prefigurateur",
                    "pilote",
                    "successeur",
                    "source_entree",
                    "source_sortie",
                    "remarque",
                ],
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
    OF_THE_COMMITTEE = [
        "nom",
        "region_porteuse",
        "regions",
        "departements",
        "code_anct",
        "prefigurateur",
        "pilote",
        "successeur",
        "source_entree",
        "source_sortie",
        "remarque",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_dates()

    def get_readonly_fields(self, request, obj=None):
        fields = list(super().get_readonly_fields(request, obj))
        if obj is not None:
            fields += ["code", "phase"]
            if not request.user.has_perm("territoires.ajuster_territoire"):
                fields += self.OF_THE_COMMITTEE
        return fields

    @admin.display(description="sur la carte depuis", ordering="debut")
    def depuis(self, obj):
        return obj.debut


@admin.register(models.Rattachement)
class RattachementAdmin(BackofficeAdmin):
    list_display = ["membre", "territoire", "debut", "certitude", "fin"]
    list_filter = ["certitude", ("fin", FiltreRenseigne), FiltreRegion]
    list_select_related = ["intercommunalite", "commune", "territoire"]
    search_fields = ["intercommunalite__nom", "commune__nom", "territoire__nom"]
    autocomplete_fields = ["territoire", "intercommunalite", "commune"]
    date_hierarchy = "debut"

    @admin.display(description="membre")
    def membre(self, obj):
        return obj.membre


@admin.register(models.AutreNom)
class AutreNomAdmin(BackofficeAdmin):
    list_display = ["nom", "territoire", "fin"]
    list_filter = [FiltreRegion]
    list_select_related = ["territoire"]
    search_fields = ["nom", "territoire__nom"]
    autocomplete_fields = ["territoire"]


# --- Who ---------------------------------------------------------------------------------------


@admin.register(models.Operateur)
class OperateurAdmin(BackofficeAdmin):
    list_display = ["nom", "nom_actuel", "code"]
    search_fields = ["nom", "nom_actuel", "=code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj is not None else []
