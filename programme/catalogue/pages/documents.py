"""The door of the files: a document is sent to whoever may see its record, and to nobody else."""

import logging

from django.db.models import F
from django.http import FileResponse
from django.views.decorators.http import require_safe

from programme.catalogue.pages.fiche import Introuvable
from programme.models import Document
from programme.models.fichiers import FichierAbime

logger = logging.getLogger(__name__)
# A document that is withdrawn leaves every cache within the minute: none may show it after, be it
# while it asks again or because the site does not answer.
PUBLIC = "public, max-age=0, s-maxage=60, must-revalidate"


@require_safe
def document(request, pk):
    """The file of a published document, or of one that the signed-in agent's perimeter holds."""
    rows = Document.objects.filter(pk=pk).exclude(fichier="")
    public = rows.published().first()
    found = public or rows.visible_to(request.user).first()
    if found is None:
        raise Introuvable("Aucun document publié à cette adresse.")
    try:
        file = found.fichier.open_checked()
    except FichierAbime as error:
        # Never the wrong file under the right name: the exploiter has a backup.
        logger.critical("document %s: %s (%s)", found.pk, error, found.fichier.name)
        raise Introuvable(
            "Le fichier de ce document ne peut pas être envoyé : "
            f"{error}. L’exploitant du portail en est averti."
        ) from None
    response = FileResponse(file, as_attachment=True, filename=found.nom_telechargement)
    response["Cache-Control"] = "private, no-store" if public is None else PUBLIC
    return response


def pieces(documents):
    """The documents as the partial that lists them reads them."""
    return documents.values("date", "url", "fichier", numero=F("pk"), texte=F("titre"))
