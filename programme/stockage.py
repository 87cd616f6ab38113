"""Where uploaded files are kept: each whole or not at all, under a name that is ours."""

import os
from pathlib import Path, PurePath
from uuid import uuid4

from django.core.files.storage import FileSystemStorage
from django.core.files.uploadhandler import TemporaryFileUploadHandler

PARTIEL = ".partiel"
"""How the name of a file ends while it is being written."""


class StockageAbsent(OSError):
    """The server of the files does not answer, or refuses: another machine than a disk of ours."""


class StockageEntier(FileSystemStorage):
    """Writes beside, then renames: a full disk or a power cut leaves no half of a file."""

    def _save(self, name, content):
        partial = str(PurePath(name).with_name(f".{uuid4().hex}{PARTIEL}"))
        try:
            super()._save(partial, content)
            with Path(self.path(partial)).open("rb") as written:
                os.fsync(written.fileno())
            Path(self.path(partial)).replace(self.path(name))
        except OSError:
            Path(self.path(partial)).unlink(missing_ok=True)
            raise
        return name


def noms(storage, dossier=""):
    """The names of the files of a storage, or of those below `dossier`; half-written ones too."""
    if dossier and not storage.exists(dossier):
        return
    try:
        folders, files = storage.listdir(dossier)
    except FileNotFoundError:  # the folder of a site that has kept nothing yet
        return
    for name in sorted(files):
        yield f"{dossier}/{name}" if dossier else name
    for name in sorted(folders):
        yield from noms(storage, f"{dossier}/{name}" if dossier else name)


class TeleversementTemporaire(TemporaryFileUploadHandler):
    """Django puts the extension that was sent in the name of its own file: it may have no end."""

    def new_file(self, field_name, file_name, *args, **kwargs):
        super().new_file(field_name, "televerse", *args, **kwargs)
        self.file_name = self.file.name = file_name
