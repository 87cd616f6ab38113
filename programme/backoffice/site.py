"""The admin site of the committees."""

from django.contrib import admin


class BackofficeSite(admin.AdminSite):
    site_header = "Espace des comités"
    site_title = "Territoires d’industrie"
    index_title = "Le bureau du comité"
    site_url = "/"
    empty_value_display = "non renseigné"
