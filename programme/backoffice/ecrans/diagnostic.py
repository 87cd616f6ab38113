"""What is only read: the diagnosis, loaded from public files, and the proofs of sent files."""

from django.contrib import admin

from programme import models
from territoires.administration import LectureSeuleAdmin


@admin.register(models.BassinEmploi)
class BassinEmploiAdmin(LectureSeuleAdmin):
    list_display = ["nom", "code", "departement"]
    list_filter = ["departement__region"]
    list_select_related = ["departement"]
    search_fields = ["nom", "=code"]


@admin.register(models.BassinTerritoire)
class BassinTerritoireAdmin(LectureSeuleAdmin):
    list_display = ["territoire", "bassin", "nb_communes_communes", "nb_communes_territoire"]
    list_select_related = ["territoire", "bassin"]
    search_fields = ["territoire__nom", "bassin__nom"]


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
