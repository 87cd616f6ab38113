"""Documents, and what may be uploaded."""

from pathlib import PurePath

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html

from programme import models
from programme.backoffice.publication import (
    FormulairePubliable,
    LignesConsultees,
    PubliableAdmin,
)
from territoires.administration import FiltreRegion

TAILLE_MAX = 10 * 1024 * 1024
# First bytes of each kind of file: an extension alone proves nothing.
ZIP = (b"PK\x03\x04",)
SIGNATURES = {
    ".pdf": (b"%PDF-",),
    ".odt": ZIP,
    ".ods": ZIP,
    ".docx": ZIP,
    ".xlsx": ZIP,
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
}


def check_upload(upload):
    """Raise a `ValidationError` unless the upload is a document of a kind and size we accept."""
    extension = PurePath(upload.name).suffix.lower()
    if extension not in SIGNATURES:
        kinds = ", ".join(sorted(SIGNATURES))
        raise ValidationError(
            f"Le type « {extension or 'sans extension'} » n’est pas accepté. Types acceptés : "
            f"{kinds}."
        )
    if upload.size > TAILLE_MAX:
        raise ValidationError(
            f"Le fichier pèse {filesizeformat(upload.size)} ; la limite est de "
            f"{filesizeformat(TAILLE_MAX)}. Allégez-le, ou donnez son adresse."
        )
    upload.seek(0)
    head = upload.read(16)
    upload.seek(0)
    if not head.startswith(SIGNATURES[extension]):
        raise ValidationError(
            f"Le contenu du fichier n’est pas celui d’un « {extension} » : vérifiez que c’est le "
            "bon fichier, et enregistrez-le de nouveau dans ce format."
        )


class LienFichier(forms.ClearableFileInput):
    """Django's widget, whose link goes through our own door."""

    template_name = "admin/widgets/fichier.html"

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        stored = context["widget"]["is_initial"]
        context["widget"]["adresse"] = file_address(value.instance) if stored else ""
        context["widget"]["nom_fichier"] = PurePath(str(value)).name if stored else ""
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
    list_display = ["titre", "objet", "date", "fichier_ou_adresse", "publication"]
    list_filter = ["publication", FiltreRegion]
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
                    f"PDF, OpenDocument, Word, Excel ou image, {TAILLE_MAX // 1024 // 1024} Mo au "
                    "plus ; ou l’adresse du document sur un autre site."
                ),
            },
        ),
        ("Ce qu’il documente", {"fields": ["territoire", "contrat", "projet", "seance"]}),
        ("Publication", {"fields": ["publication"]}),
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "fichier":
            kwargs["widget"] = LienFichier
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="documente")
    def objet(self, obj):
        return obj.territoire or obj.contrat or obj.projet or obj.seance

    @admin.display(description="fichier ou adresse")
    def fichier_ou_adresse(self, obj):
        if obj.fichier:
            name = PurePath(obj.fichier.name).name
            return format_html('<a href="{}">{}</a>', file_address(obj), name)
        return format_html('<a href="{0}" rel="noopener">{0}</a>', obj.url)


class DocumentLignes(LignesConsultees):
    model = models.Document
    fields = readonly_fields = ["titre", "date", "publication"]
