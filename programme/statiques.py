"""What `collectstatic` leaves out, and what it puts together.

The parts of packages that no page of ours loads would be thousands of files to hash and compress.
A file that one of our own refers to cannot be left out unseen: the manifest refuses a reference to
nothing. The DSFR is loaded from what `programme/dsfr_reduit.py` keeps of it.

A public page loads one sheet, made of ours one after another: a finder makes it wherever static
files are found, so that what a developer, a test and production load is the same.
"""

import atexit
import re
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

UNUSED = [
    "*.map",
    "*.md",
    "*.scss",
    "*.legacy*",
    "analytics*",
    "artwork",
    "component",
    "core",
    "django_tables2",
    "dsfr/dist/*.css",
    "dsfr/dist/*.js",
    "dsfr/dist/icons*",
    "icon-picker",
    "layout",
    "legacy",
    "utility",
]
OF_THE_ETAT = [
    "Marianne*",
    "Spectral*",
    "dsfr/dist/favicon/*",
    "dsfr-reduit/etat.css",
    "dsfr-reduit/dessins/etat-*",
    "theme-etat.css",
    "site-etat.css",
]
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NEAR = re.compile(r"""url\((["']?)(?=dessins/|icones/)""")


def leave_out_unused():
    """Add to the patterns that collectstatic ignores what this site does not load."""
    # Not a subclass in INSTALLED_APPS: pytest-django looks for the plain name there.
    staticfiles = apps.get_app_config("staticfiles")
    staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *left_out()]


def left_out():
    return UNUSED if settings.SITE["officiel"] else UNUSED + OF_THE_ETAT


def _parts(*theme):
    ours = (f"css/{name}.css" for name in ("commun", "portail", "carte", "papier"))
    return "dsfr-reduit/dsfr.css", "css/theme.css", *theme, *ours


PAQUETS = {
    "css/site-neutre.css": _parts("css/theme-neutre.css"),
    "css/site-etat.css": _parts("dsfr-reduit/etat.css", "css/theme-etat.css"),
}
"""{sheet of the public pages: the sheets it is made of, in order}."""


def paquet(name):
    """The text of a sheet of `PAQUETS`: its parts without comments, paper's for paper alone."""
    return "".join(_part(part) for part in PAQUETS[name])


def _part(name):
    text = COMMENT.sub("", (Path(settings.BASE_DIR) / "static" / name).read_text(encoding="utf-8"))
    text = "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())
    if name.startswith("dsfr-reduit/"):
        text = NEAR.sub(r"url(\1../dsfr-reduit/", text)
    return f"@media print {{\n{text}}}\n" if name == "css/papier.css" else text


@cache
def _folder():
    folder = mkdtemp(prefix="paquets-")
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


class PaquetsFinder(BaseFinder):
    """Finds the sheets of `PAQUETS`, written anew each time in a folder of the process."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(location=_folder())
        self.storage.prefix = ""

    def _written(self, name):
        path = Path(_folder()) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(paquet(name), encoding="utf-8")
        return str(path)

    def find(self, path, find_all=False, **kwargs):
        if path not in PAQUETS:
            return []
        return [self._written(path)] if find_all or kwargs.get("all") else self._written(path)

    def list(self, ignore_patterns):
        for name in PAQUETS:
            if Path(name).name not in ignore_patterns:
                self._written(name)
                yield name, self.storage
