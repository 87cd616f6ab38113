"""Delete the files that no document names, nor any of its past versions; seal the others."""

from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from programme.models import Document
from programme.models.fichiers import digest

DOSSIER = "documents"
AGE = timedelta(days=1)
"""A file may be written a moment before its record is."""


class Command(BaseCommand):
    help = (
        "Supprime les fichiers qu’aucun document, présent ou passé, ne nomme : restes d’un dépôt "
        "interrompu. Note l’empreinte de ceux qui n’en ont pas. À lancer chaque jour."
    )

    def handle(self, *args, **options):
        storage = Document._meta.get_field("fichier").storage
        named = set(Document.objects.values_list("fichier", flat=True))
        named |= set(Document.history.values_list("fichier", flat=True))
        limit, count = timezone.now() - AGE, 0
        for path in list(_files(storage, DOSSIER)):
            if path not in named and storage.get_modified_time(path) < limit:
                storage.delete(path)
                count += 1
        self.stdout.write(
            f"Documents : {count} fichier(s) sans fiche supprimé(s), {_seal(storage)} scellé(s)."
        )


def _seal(storage):
    """Note the digests of the files that were not there when the others were; how many."""
    count = 0
    for document in Document.objects.filter(sha256="").exclude(fichier=""):
        if storage.exists(document.fichier.name):
            with storage.open(document.fichier.name, "rb") as file:
                sha256, size = digest(file)
            said = {"sha256": sha256, "octets": size}
            Document.objects.filter(pk=document.pk).update(**said)
            Document.history.filter(fichier=document.fichier.name).update(**said)
            count += 1
    return count


def _files(storage, folder):
    """The paths of all the files below `folder`."""
    if not storage.exists(folder):
        return
    folders, names = storage.listdir(folder)
    for name in names:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _files(storage, f"{folder}/{name}")
