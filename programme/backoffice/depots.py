"""What may be deposited: names, kinds and sizes of files, each refused in words."""

import zipfile
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from programme.models.fichiers import LONGUEUR_DU_NOM, RESERVES, readable

TAILLE_MAX = 10 * 1024 * 1024
TYPES = "PDF, OpenDocument, Word, Excel ou image"
DISQUE = (
    "Le fichier n’a pas pu être écrit sur le disque du portail, plein ou en panne : rien n’a été "
    "enregistré. Choisissez-le de nouveau dans un moment ; si cela se répète, prévenez "
    "l’administrateur du site."
)
PARTIES_MAX = 5_000
# Bytes of its parts, once decompressed: before its weight counts, then for each of its bytes.
DECOMPRESSE_D_ABORD, DECOMPRESSE_PAR_OCTET = 10 * 1024 * 1024, 100
# Where a part declares what XML may be made to do; no office file does.
DECLARATIONS, TETE = (b"<!DOCTYPE", b"<!ENTITY"), 4096
RENOMMER = "Renommez le fichier, puis choisissez-le de nouveau."
# First bytes of each kind of file: an extension alone proves nothing.
SIGNATURES = {
    ".pdf": b"%PDF-",
    ".odt": b"PK\x03\x04",
    ".ods": b"PK\x03\x04",
    ".docx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
}
# What proves the kind of a zip: a part of it, and what that part begins with.
PARTIES = {
    ".odt": ("mimetype", b"application/vnd.oasis.opendocument.text"),
    ".ods": ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
    ".docx": ("word/document.xml", b""),
    ".xlsx": ("xl/workbook.xml", b""),
}
BROKEN = (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError, ValueError)


def check_upload(upload):
    """Raise a `ValidationError` unless the upload is a document of a kind and size we accept."""
    extension = _check_name(upload.name)
    if upload.size > TAILLE_MAX:
        raise ValidationError(
            f"Le fichier pèse {filesizeformat(upload.size)} ; la limite est de "
            f"{filesizeformat(TAILLE_MAX)}. Allégez-le, ou donnez son adresse."
        )
    upload.seek(0)
    head = upload.read(16)
    sound = head.startswith(SIGNATURES[extension])
    if sound and extension in PARTIES:
        sound = _check_zip(upload, *PARTIES[extension])
    upload.seek(0)
    if not sound:
        raise ValidationError(
            f"Le contenu du fichier n’est pas celui d’un « {extension} » : vérifiez que c’est le "
            "bon fichier, et enregistrez-le de nouveau dans ce format."
        )


def _check_name(given):
    """The extension of a name that every system can keep."""
    name = readable(given)
    if len(given) > LONGUEUR_DU_NOM:
        raise ValidationError(
            f"Le nom du fichier a {len(given)} caractères ; la limite est de {LONGUEUR_DU_NOM}. "
            f"{RENOMMER}"
        )
    if name.startswith("."):
        raise ValidationError(f"Le nom « {name} » commence par un point. {RENOMMER}")
    if RESERVES.fullmatch(name):
        raise ValidationError(f"« {name} » est un nom que Windows se réserve. {RENOMMER}")
    extension = PurePath(name).suffix.lower()
    if extension not in SIGNATURES:
        kinds = ", ".join(sorted(SIGNATURES))
        raise ValidationError(
            f"Le type « {extension or 'sans extension'} » n’est pas accepté. Types acceptés : "
            f"{kinds}."
        )
    return extension


def _check_parts(archive, weight):
    """Raise `ValidationError` for what would harm whoever opens it: a bomb, entities of XML."""
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > DECOMPRESSE_D_ABORD + DECOMPRESSE_PAR_OCTET * weight:
        raise ValidationError(
            "Ce fichier, une fois décompressé, est démesuré : gardez-en l’utile, ou enregistrez-le "
            "en PDF, puis choisissez-le de nouveau."
        )
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as file:
                head = file.read(TETE).replace(b"\0", b"")  # UTF-16 too
            if any(said in head for said in DECLARATIONS):
                raise ValidationError(
                    "Ce fichier déclare des entités XML, ce qu’aucun traitement de texte n’écrit : "
                    "enregistrez-le de nouveau dans le vôtre, ou en PDF."
                )


def _check_zip(upload, part, beginning):
    """Whether a zip holds `part`. Raises `ValidationError` when it holds macros too."""
    try:
        with zipfile.ZipFile(upload) as archive:
            names = archive.namelist()
            if len(names) > PARTIES_MAX or part not in names:
                return False
            _check_parts(archive, upload.size)
            with archive.open(part) as file:
                sound = file.read(len(beginning)) == beginning
    except BROKEN:
        return False
    if any(name.endswith("vbaProject.bin") for name in names):
        raise ValidationError(
            "Ce fichier contient des macros : enregistrez-le sans elles (.docx ou .xlsx), ou en "
            "PDF, puis choisissez-le de nouveau."
        )
    return sound
