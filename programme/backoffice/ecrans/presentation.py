"""What the page of the programme says: persons in function, statements, words."""

from django.contrib import admin

from programme import models
from programme.backoffice.publication import PubliableAdmin


@admin.register(models.Personne)
class PersonneAdmin(PubliableAdmin):
    list_display = ["nom", "fonction", "date", "publication"]
    list_filter = ["publication"]
    search_fields = ["nom", "fonction", "=code"]
    date_hierarchy = "date"


@admin.register(models.Affirmation)
class AffirmationAdmin(PubliableAdmin):
    list_display = ["titre", "rubrique", "ordre", "date", "publication"]
    list_filter = ["publication", "rubrique"]
    search_fields = ["titre", "texte", "=code"]
    autocomplete_fields = ["personne"]
    date_hierarchy = "date"


@admin.register(models.Terme)
class TermeAdmin(PubliableAdmin):
    list_display = ["mot", "autres_noms", "publication"]
    list_filter = ["publication"]
    search_fields = ["mot", "autres_noms", "definition"]
