"""The door of the files: a document is sent to whoever may see its record, and to nobody else."""

from django.db.models import F
from django.http import FileResponse
from django.views.decorators.http import require_safe

from programme.catalogue.pages.fiche import Introuvable
from programme.models import Document


@require_safe
def document(request, pk):
    """The file of a published document, or of one that the signed-in agent's perimeter holds."""
    rows = Document.objects.filter(pk=pk).exclude(fichier="")
    public = rows.published().first()
    found = public or rows.visible_to(request.user).first()
    if found is None or not found.fichier.storage.exists(found.fichier.name):
        raise Introuvable("Aucun document publié à cette adresse.")
    response = FileResponse(found.fichier.open("rb"), as_attachment=True)
    if public is None:
        response["Cache-Control"] = "private, no-store"
    return response


def pieces(documents):
    """The documents as the partial that lists them reads them."""
    return documents.values("date", "url", "fichier", numero=F("pk"), texte=F("titre"))
