"""The screens of the geography and of what a load last read: nobody edits them."""

from django.contrib import admin
from django.utils import timezone

from programme.backoffice.cadre import LectureSeuleAdmin
from territoires import models


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


@admin.register(models.EtatAncien)
class EtatAncienAdmin(LectureSeuleAdmin):
    """What reference rows said before they changed, for those who read the past."""

    list_display = ["modele", "cle", "jusque"]
    list_filter = ["modele"]
    search_fields = ["=cle"]
