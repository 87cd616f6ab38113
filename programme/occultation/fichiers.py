"""Uploaded files: whether one holds what is masked, and what is left of one that is withdrawn."""

import io
import re
import zipfile
import zlib

from django.core.files.base import ContentFile
from django.utils import timezone

from programme.models import Document, Import
from programme.models.fichiers import digest, unique_path
from programme.occultation import pdf
from territoires.lecture.tables import FichierRefuse
from territoires.lecture.tables.encodage import decode

LE_PLUS = 100_000_000
"""Bytes that are read of one file, once decompressed."""
NOM = "document-retire.txt"
FIN_DE_TEXTE = re.compile(rb"</(?:w:p|a:p|text:p|text:h|si|c|row)>|<w:(?:br|tab)/>")
BALISE = re.compile(rb"<[^>]*>")
ILLISIBLE = None


def contient(content, masque):
    """Whether the bytes of a file hold it; None when they do not read, or not surely."""
    if content.startswith(b"PK"):
        return _zip(content, masque)
    if content.startswith(b"%PDF"):
        return True if _in_pdf(content, masque) else ILLISIBLE
    if (text := _text(content)) is not None:
        return _said(text, masque)
    return True if _said(content.decode("latin-1"), masque) else ILLISIBLE


def _said(text, masque):
    # A spreadsheet keeps a number without its first zero.
    return masque.est_dans(text) or masque.est_dans(
        re.sub(r"(?<!\d)(?=[1-9]\d{8}(?!\d))", "0", text)
    )


def _text(content):
    try:
        return decode(content)[0]
    except FichierRefuse:
        return None


def _zip(content, masque):
    """A workbook or a document is a zip of XML, where a word may be cut in runs."""
    read = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                read += member.file_size
                if read > LE_PLUS:
                    return ILLISIBLE
                part = archive.read(member)
                if member.filename.endswith((".xml", ".rels")):
                    part = BALISE.sub(b"", FIN_DE_TEXTE.sub(b"\n", part))
                if (text := _text(part)) and _said(text, masque):
                    return True
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error):
        return ILLISIBLE
    return False


def _in_pdf(content, masque):
    """Whether it is found in its text; what is drawn in it as a picture is never read."""
    return any(_said(text, masque) for text in pdf.textes(content, LE_PLUS))


# --- Imports ----------------------------------------------------------------------------------


def oublier_imports(masque):
    """Forget the deposited files that hold it, or that do not read; how many."""
    count = 0
    for depot in Import.objects.filter(contenu__isnull=False).order_by("pk").iterator(1):
        if contient(bytes(depot.contenu), masque) is False:
            continue
        depot.lignes.all().delete()
        said = f"Ce fichier a été oublié ({masque.marque}) : il contenait une donnée occultée."
        depot.remarques = [*depot.remarques, f"{said} Retirez-la, puis déposez-le de nouveau."]
        if depot.est_ouvert:
            depot.etat = Import.Etat.EXPIRE
        depot.contenu = None
        depot.save(update_fields=["contenu", "etat", "remarques"])
        count += 1
    return count


# --- Documents --------------------------------------------------------------------------------


def documents_a_lire(masque):
    """`(path, whether it holds it)` of each uploaded file that does, or does not read (None)."""
    paths = Document.objects.exclude(fichier="").values_list("fichier", flat=True)
    past = Document.history.exclude(fichier="").values_list("fichier", flat=True)
    storage = Document._meta.get_field("fichier").storage
    for path in sorted({*paths, *past}):
        try:
            with storage.open(path) as file:
                held = contient(file.read(LE_PLUS), masque)
        except OSError:
            continue  # it is gone already
        if held is not False:
            yield path, held


def retirer(path, masque, raison):
    """Put a note in place of a file, at the same address; whoever calls deletes it afterwards."""
    storage = Document._meta.get_field("fichier").storage
    said = f"Ce document a été retiré : il contenait une donnée personnelle {masque.marque}.\n"
    note = ContentFile(f"{said}Motif : {raison}\n".encode())
    sha256, octets = digest(note)
    rows = Document.objects.filter(fichier=path)
    first = rows.first() or Document(date=timezone.localdate())
    new = storage.save(unique_path(first, NOM), note)
    rows.update(fichier=new, nom_fichier=NOM, sha256=sha256, octets=octets)
    # What it was keeps its digest: whoever holds the file can still show where it came from.
    Document.history.filter(fichier=path).update(fichier=new)


def effacer(paths):
    storage = Document._meta.get_field("fichier").storage
    for path in paths:
        storage.delete(path)
