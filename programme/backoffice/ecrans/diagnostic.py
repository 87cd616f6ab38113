"""What is only read: the diagnosis, loaded from public files, and the proofs of sent files."""

from django.contrib import admin

from programme import models
from programme.backoffice.cadre import LectureSeuleAdmin


@admin.register(models.BassinEmploi)
class BassinEmploiAdmin(LectureSeuleAdmin):
    list_display = ["__str__", "code", "departement"]
    list_filter = ["departement__region"]
    list_select_related = ["departement"]
    search_fields = ["nom", "=code"]


@admin.register(models.BassinCommune)
class BassinCommuneAdmin(LectureSeuleAdmin):
    list_display = ["commune", "bassin"]
    list_select_related = ["commune", "bassin"]
    search_fields = ["commune__nom", "bassin__nom", "=bassin__code"]


@admin.register(models.MesureEmploi)
class MesureEmploiAdmin(LectureSeuleAdmin):
    list_display = ["indicateur", "annee", "intercommunalite", "valeur"]
    list_filter = ["indicateur", "annee"]
    list_select_related = ["intercommunalite"]
    search_fields = ["intercommunalite__nom", "=intercommunalite__siren"]


@admin.register(models.Metier)
class MetierAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code"]
    search_fields = ["nom", "=code"]


@admin.register(models.BesoinMainOeuvre)
class BesoinMainOeuvreAdmin(LectureSeuleAdmin):
    list_display = ["metier", "bassin", "an", "projets", "difficiles", "saisonniers"]
    list_filter = ["annee"]
    list_select_related = ["metier", "bassin"]
    search_fields = ["metier__nom", "bassin__nom"]


@admin.register(models.Preuve)
class PreuveAdmin(LectureSeuleAdmin):
    list_display = ["jeu", "format", "lignes", "produite_le", "sha256"]
    list_filter = ["jeu", "format"]
    search_fields = ["=sha256", "adresse"]
    date_hierarchy = "produite_le"
