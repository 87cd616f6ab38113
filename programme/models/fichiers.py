"""A file of ours: its name on disk is unique, the officer's name and its digest are data.

The file of a record is never deleted with it, nor when another takes its place: the history may
put the record back. `entretien` deletes what no record and no history names any more.
"""

import hashlib
import re
import unicodedata
from pathlib import PurePath
from uuid import uuid4

from django.db import models
from django.db.models.fields.files import FieldFile

from programme.stockage import StockageAbsent

LONGUEUR_DU_NOM = 200
BLOC = 1 << 16
EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")
INTERDITS = re.compile(r'[<>:"/\\|?*]')
RESERVES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for its devices, whatever their extension."""


class FichierNonEnregistre(Exception):
    """The disk did not take the file; nothing is left of it."""


class FichierAbime(Exception):
    """The file is gone, or is not any more what was deposited; the message says which."""


def digest(file):
    """(SHA-256 in hexadecimal, number of bytes) of an open file, read from its beginning."""
    sha256, size = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(BLOC):
        sha256.update(block)
        size += len(block)
    file.seek(0)
    return sha256.hexdigest(), size


def readable(name):
    """An officer's file name as it is kept: no folder, nothing invisible."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    name = name.strip()
    if len(name) > LONGUEUR_DU_NOM:
        suffix = PurePath(name).suffix[:LONGUEUR_DU_NOM]
        name = name[: LONGUEUR_DU_NOM - len(suffix)] + suffix
    return name


def safe(name, otherwise):
    """A name under which any system can keep a download; `otherwise` when nothing is left."""
    name = INTERDITS.sub("-", readable(name)).strip(" .")
    if not name or not PurePath(name).suffix:
        return otherwise
    return f"document-{name}" if RESERVES.fullmatch(name) else name


def unique_path(document, filename):
    """Where an uploaded document is stored, below MEDIA_ROOT: never where another was."""
    extension = PurePath(filename).suffix.lower()
    extension = extension if EXTENSION.fullmatch(extension) else ""
    return f"documents/{document.date.year}/{uuid4().hex}{extension}"


class FichierScelle(FieldFile):
    """Notes on its record the name, the digest and the size of what it stores."""

    def save(self, name, content, save=True):
        self.instance.sha256, self.instance.octets = digest(content)
        self.instance.nom_fichier = readable(name)
        try:
            super().save(name, content, save)
        except OSError as error:
            raise FichierNonEnregistre(str(error)) from error

    def open_checked(self):
        """The file, open at its beginning. Raises `FichierAbime` unless it is what was stored."""
        try:
            file = self.storage.open(self.name, "rb")
        except StockageAbsent:
            raise  # nothing is lost: it is to be asked for again
        except OSError:
            raise FichierAbime("il a disparu du disque") from None
        # Without a digest, the file came back after the migration that noted them.
        known = self.instance.sha256, self.instance.octets
        if known[0] and digest(file) != known:
            file.close()
            raise FichierAbime("il n’est plus celui qui a été déposé")
        return file


class ChampFichier(models.FileField):
    """A file whose record has `nom_fichier`, `sha256` and `octets`, declared after it."""

    attr_class = FichierScelle

    def pre_save(self, model_instance, add):
        file = super().pre_save(model_instance, add)
        if not file:
            model_instance.nom_fichier = model_instance.sha256 = ""
            model_instance.octets = None
        return file
