"""What was announced, and the sources that say so."""

from django.contrib import admin

from programme import models
from programme.backoffice.cadre import FicheAdmin
from programme.backoffice.publication import PubliableAdmin


@admin.register(models.Source)
class SourceAdmin(FicheAdmin):
    list_display = ["titre", "code", "editeur", "date"]
    search_fields = ["titre", "editeur", "code"]
    date_hierarchy = "date"

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj is not None else []


@admin.display(description="énoncé", ordering="valeur")
def enonce(obj):
    """The figure that a source states, with its hedge."""
    return obj.enonce


@admin.register(models.ChiffreAnnonce)
class ChiffreAnnonceAdmin(PubliableAdmin):
    list_display = ["indicateur", enonce, "date", "publication"]
    list_filter = ["publication", "nature", "indicateur"]
    search_fields = ["indicateur", "unite", "contexte", "source"]
    date_hierarchy = "date"


@admin.register(models.Fait)
class FaitAdmin(PubliableAdmin):
    list_display = ["intitule", enonce, "theme", "date", "publication"]
    list_filter = ["publication", "phase", "theme", "nature"]
    search_fields = ["intitule", "contexte", "source", "=code"]
    date_hierarchy = "date"


@admin.register(models.Confrontation)
class ConfrontationAdmin(PubliableAdmin):
    list_display = ["sujet", "nature", "valeur_a", "valeur_b", "publication"]
    list_filter = ["publication", "nature"]
    search_fields = ["sujet", "source_a", "source_b", "=code"]
    fieldsets = [
        (None, {"fields": ["sujet", "code", "nature"]}),
        (
            "Première source",
            {"fields": ["valeur_a", ("date_a", "precision_a"), "perimetre_a", "source_a"]},
        ),
        (
            "Seconde source",
            {"fields": ["valeur_b", ("date_b", "precision_b"), "perimetre_b", "source_b"]},
        ),
        (None, {"fields": ["remarque"]}),
        ("Publication", {"fields": ["publication"]}),
    ]


@admin.register(models.Jalon)
class JalonAdmin(PubliableAdmin):
    list_display = ["intitule", "date", "nb_territoires", "publication"]
    list_filter = ["publication"]
    search_fields = ["intitule", "lieu", "source"]
    date_hierarchy = "date"
