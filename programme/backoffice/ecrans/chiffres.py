"""What was announced, and the sources that say so."""

from django.contrib import admin

from programme import models
from programme.backoffice.publication import PubliableAdmin
from territoires.administration import BackofficeAdmin


@admin.register(models.Source)
class SourceAdmin(BackofficeAdmin):
    list_display = ["titre", "code", "editeur", "date"]
    search_fields = ["titre", "editeur", "code"]
    date_hierarchy = "date"

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj is not None else []


@admin.register(models.ChiffreAnnonce)
class ChiffreAnnonceAdmin(PubliableAdmin):
    list_display = ["indicateur", "nature", "valeur", "unite", "date", "publication"]
    list_filter = ["publication", "nature", "indicateur"]
    search_fields = ["indicateur", "unite", "contexte", "source"]
    date_hierarchy = "date"


@admin.register(models.Jalon)
class JalonAdmin(PubliableAdmin):
    list_display = ["intitule", "date", "nb_territoires", "publication"]
    list_filter = ["publication"]
    search_fields = ["intitule", "lieu", "source"]
    date_hierarchy = "date"
