"""Where the files of the parutions are kept: each content once, under its digest, for ever."""

import tempfile

from django.core.files import File
from django.core.files.storage import default_storage

from programme.models import FichierParution
from programme.models.fichiers import digest
from programme.models.parutions import DOSSIER, chemin


def brouillon():
    """A file of the disk to write in, gone once it is closed."""
    return tempfile.TemporaryFile()


def deposer(file):
    """Keep the content of an open file; (its SHA-256, its size in bytes)."""
    sha256, octets = digest(file)
    name = chemin(sha256)
    if not default_storage.exists(name):
        stored = default_storage.save(name, File(file))
        if stored != name:  # somebody kept the same content meanwhile
            default_storage.delete(stored)
    return sha256, octets


def ouvrir(sha256):
    """What was kept under a digest. Raises `OSError` when the disk lost it."""
    return default_storage.open(chemin(sha256), "rb")


def oublier(digests):
    """Delete the contents that no parution names any more; how many."""
    digests = set(digests)
    kept = FichierParution.objects.filter(sha256__in=digests)
    gone = digests - set(kept.values_list("sha256", flat=True))
    for sha256 in gone:
        default_storage.delete(chemin(sha256))
    return len(gone)


def chemins():
    """The path of every content that is kept."""
    if not default_storage.exists(DOSSIER):
        return
    for folder in default_storage.listdir(DOSSIER)[0]:
        for name in default_storage.listdir(f"{DOSSIER}/{folder}")[1]:
            yield f"{DOSSIER}/{folder}/{name}"
