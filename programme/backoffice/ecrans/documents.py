"""Documents: a file of ours, or an address."""

import logging

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.html import format_html

from programme import models
from programme.backoffice.cadre import FiltreDepartement, FiltreRegion, FiltreTerritoire
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.depots import DISQUE, TAILLE_MAX, TYPES, check_upload
from programme.backoffice.imports.vues import Importation
from programme.backoffice.publication import (
    FormulairePubliable,
    LignesConsultees,
    PubliableAdmin,
)
from programme.models.fichiers import FichierNonEnregistre

logger = logging.getLogger(__name__)


class LienFichier(forms.ClearableFileInput):
    """Django's widget, whose link goes through our own door; its tick is that of the box alone."""

    template_name = "admin/widgets/fichier.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        stored = context["widget"]["is_initial"]
        context["widget"]["retire"] = context["widget"]["attrs"].pop("checked", False)
        context["widget"]["adresse"] = file_address(value.instance) if stored else ""
        context["widget"]["nom_fichier"] = value.instance.nom_telechargement if stored else ""
        return context


def file_address(document):
    """The one door of the files: for the public when published, else for the perimeter."""
    return reverse("document", args=[document.pk])


class FormulaireDocument(FormulairePubliable):
    def clean_fichier(self):
        upload = self.cleaned_data.get("fichier")
        if isinstance(upload, UploadedFile):
            check_upload(upload)
        return upload


@admin.register(models.Document)
class DocumentAdmin(PubliableAdmin):
    form = FormulaireDocument
    importation = Importation("documents")
    list_display = ["titre", "objet", "date", "fichier_ou_adresse", "publication"]
    list_filter = ["publication", FiltreRegion, FiltreDepartement, FiltreTerritoire]
    list_select_related = [
        "territoire",
        "contrat",
        "projet",
        "seance__comite_regional__region",
        "seance__comite_national",
    ]
    search_fields = ["titre", "territoire__nom", "contrat__intitule", "projet__beneficiaire"]
    autocomplete_fields = ["territoire", "contrat", "projet", "seance"]
    historique_dans = ["territoire", "contrat", "projet", "seance"]
    date_hierarchy = "date"
    fieldsets = [
        (None, {"fields": ["titre", "date"]}),
        (
            "Fichier ou adresse",
            {
                "fields": ["fichier", "url"],
                "description": (
                    f"{TYPES}, {TAILLE_MAX // 1024 // 1024} Mo au "
                    "plus ; ou l’adresse du document sur un autre site."
                ),
            },
        ),
        ("Ce qu’il documente", {"fields": ["territoire", "contrat", "projet", "seance"]}),
        ("Publication", {"fields": ["publication"]}),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "fichier":
            # The length of the officer's name is judged with the rest of it, in our own words.
            kwargs |= {"widget": LienFichier, "max_length": None}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        try:
            super().save_model(request, obj, form, change)
        except FichierNonEnregistre as error:
            logger.exception("the file of a document was not written")
            told = "Rien n’a été enregistré : voyez le fichier ci-dessous."
            raise Refus(told, fichier=DISQUE) from error

    @admin.display(description="documente")
    def objet(self, obj):
        return obj.territoire or obj.contrat or obj.projet or obj.seance

    @admin.display(description="fichier ou adresse")
    def fichier_ou_adresse(self, obj):
        if obj.fichier:
            return format_html('<a href="{}">{}</a>', file_address(obj), obj.nom_telechargement)
        return format_html('<a href="{0}" rel="noopener">{0}</a>', obj.url)


class DocumentLignes(LignesConsultees):
    model = models.Document
    fields = readonly_fields = ["titre", "date", "publication"]
