"""Several files deposited at once on a record: each becomes a document of it, in one act.

A file that is refused is named with its reason, and the others are kept: a browser would make one
choose them all again.
"""

import logging
from pathlib import PurePath

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst

from programme.backoffice.cadre.champs import JourField, RetenuMixin
from programme.backoffice.cadre.composition import Piece
from programme.backoffice.cadre.pages import headline
from programme.backoffice.cadre.perimetre import Refus
from programme.backoffice.depots import DISQUE, TAILLE_MAX, TYPES, check_upload
from programme.backoffice.verrou import remplace
from programme.models import Document
from programme.models.fichiers import FichierNonEnregistre, digest, readable
from programme.templatetags.portail import pluriel
from territoires.models.modification import tracer

ACTE = "deposer"
AU_PLUS = 20
"""Files that one sending takes."""
EN_TOUT = 20
"""Megabytes of one sending, which what stands in front takes (`client_max_body_size`)."""
logger = logging.getLogger(__name__)


class PlusieursFichiers(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name)


class FichiersField(forms.Field):
    """Files, each judged by its content; at least one, and never more than `AU_PLUS`.

    Its value is `(those that may be kept, [(name, why not)] of the others)`.
    """

    widget = PlusieursFichiers

    def clean(self, uploads):
        if not uploads:
            raise ValidationError("Choisissez au moins un fichier.", code="required")
        if len(uploads) > AU_PLUS:
            raise ValidationError(
                f"{len(uploads)} fichiers à la fois : la limite est de {AU_PLUS}. Déposez-les en "
                "plusieurs fois."
            )
        kept, refused = [], []
        for upload in uploads:
            try:
                check_upload(upload)
            except ValidationError as error:
                refused.append((readable(upload.name), " ".join(error.messages)))
            else:
                kept.append(upload)
        return kept, refused


class DepotForm(RetenuMixin, forms.Form):
    fichiers = FichiersField(
        label="Fichiers",
        help_text=f"{TYPES}. {AU_PLUS} fichiers au plus, de {TAILLE_MAX // 1024 // 1024} Mo "
        f"chacun et de {EN_TOUT} Mo en tout. Le titre de chaque document est le nom de son "
        "fichier ; il se corrige ensuite sur sa fiche.",
    )
    date = JourField(
        label="Date des documents",
        genre="jour",
        help_text="La même pour tous ; elle se corrige ensuite sur la fiche de chacun.",
        error_messages={"required": "Dites de quel jour sont ces documents."},
    )


class Depots(Piece):
    """Of a record that has documents: the page that takes several files.

    relation: the field of `Document` that names the record.
    """

    def __init__(self, relation):
        self.relation = relation

    def urls(self):
        view = self.admin_site.admin_view(self.deposer_view)
        return [path("<path:object_id>/deposer/", view, name=self.address_name(ACTE))]

    def context(self, request, obj):
        may = obj is not None and self._may(request, obj)
        return {"depots_url": self.ecran.page_address(ACTE, obj.pk) if may else ""}

    def _may(self, request, obj):
        return self._documents.has_add_permission(request) and remplace(obj) is None

    @property
    def _documents(self):
        return self.ecran.beside(Document)

    def deposer_view(self, request, object_id):
        """What to choose (GET); the sound files are kept, the others named (POST)."""
        if not self.ecran.has_view_permission(request):
            raise PermissionDenied
        record = self.ecran.get_object(request, unquote(object_id))
        if record is None:
            return self.ecran._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self._may(request, record):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else self.ecran.tour.rendue
        form = DepotForm(sent, request.FILES or None, initial={"date": timezone.localdate()})
        status = 200
        if request.method == "POST":
            if form.is_valid() and self._keep(request, record, form):
                return HttpResponseRedirect(self.ecran.page_address("change", record.pk))
            status = 400
        context = {
            "title": "Déposer des fichiers",
            "subtitle": headline(record),
            "form": form,
            "retour": self.ecran.page_address("change", record.pk),
        }
        return self.ecran.render_page(request, "admin/actes/deposer.html", context, status)

    def _keep(self, request, record, form):
        """Keep the sound files in one act, and tell the others; False when none was kept."""
        uploads, refused = form.cleaned_data["fichiers"]
        made = []
        try:
            with tracer(ACTE, record, request.user) as trace:
                known = self._known(record)
                for upload in uploads:
                    seal = digest(upload)[0]
                    if twin := known.get(seal):
                        refused.append((readable(upload.name), f"c’est le fichier de « {twin} »."))
                        continue
                    made.append(self._document(record, upload, form.cleaned_data["date"]))
                    known[seal] = made[-1].titre
                if not made:
                    raise Refus("")
                self._documents.check_saved(request, made)
                told = pluriel(len(made), "document déposé,documents déposés")
                trace.texte = f"{record} : {told}"
        except Refus as refus:
            self._refuse(form, refused, str(refus))
        except FichierNonEnregistre:
            logger.exception("the file of a document was not written")
            form.add_error("fichiers", DISQUE)
        else:
            self.ecran.message_user(request, f"« {record} » : {told}, en brouillon.")
            for name, why in refused:
                self.ecran.message_user(request, _told(name, why), messages.WARNING)
            return True
        return False

    def _known(self, record):
        """{SHA-256: title} of the files of the record."""
        rows = Document.objects.filter(**{self.relation: record}).exclude(sha256="")
        return dict(rows.values_list("sha256", "titre"))

    def _document(self, record, upload, date):
        made = Document(titre=_title(upload.name), date=date, fichier=upload)
        setattr(made, self.relation, record)
        made._change_reason = "déposé avec d’autres"
        made.full_clean()
        made.save()
        return made

    @staticmethod
    def _refuse(form, refused, reason):
        for sentence in filter(None, [reason, *(_told(name, why) for name, why in refused)]):
            form.add_error("fichiers", sentence)


def _title(name):
    """« Feuille de route » of « feuille_de_route.pdf »: what its author calls it, for a person."""
    words = PurePath(readable(name)).stem.replace("_", " ").split()
    return capfirst(" ".join(words))[:200]


def _told(name, why):
    return f"« {name} » n’a pas été déposé : {why}"
