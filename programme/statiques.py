"""What `collectstatic` leaves out, and what it makes of the DSFR's style sheet.

The parts of packages that no page of ours loads would be thousands of files to hash and compress.
A file that one of our own refers to cannot be left out unseen: the manifest refuses a reference to
nothing.

The DSFR's code is under the MIT licence, which anybody may use; the État's marks in it (Marianne,
bloc-marque, FranceConnect, favicon) are the État's alone. Unless `SITE_OFFICIEL` is on, they are
neither collected nor left in the style sheet.
"""

import hashlib
import re
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

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
    "dsfr/dist/dsfr.min.css",
    "dsfr/dist/dsfr.print.min.css",
    "dsfr/dist/dsfr/*",
    "dsfr/dist/scheme/*",
    "icon-picker",
    "layout",
    "legacy",
    "utility",
]
OF_THE_ETAT = [
    "Marianne*",
    "Spectral*",
    "dsfr/dist/favicon/*",
    "theme-etat.css",
]

DSFR = "dsfr/dist/dsfr.main.min.css"
FONT_FACE = re.compile(r"@font-face\{[^{}]*\}")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
MARK = re.compile(r"\.fr-logo|\.fr-connect(?!-group)")
FONT = re.compile(r"font-family:(?:Marianne|Spectral)[^;}]*;?")
DRAWING = re.compile(r"""url\((["'])data:image/svg\+xml[^,]*,(.*?)\1\)""")


def leave_out_unused():
    """Add to the patterns that collectstatic ignores what this site does not load."""
    # Not a subclass in INSTALLED_APPS: pytest-django looks for the plain name there.
    staticfiles = apps.get_app_config("staticfiles")
    staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *left_out()]


def left_out():
    return UNUSED if settings.SITE["officiel"] else UNUSED + OF_THE_ETAT


def without_marks(css):
    """The DSFR's minified sheet without the fonts and the marks of the État."""

    def keep(rule):
        selectors = [one for one in rule[1].split(",") if not MARK.search(one)]
        return f"{','.join(selectors)}{{{rule[2]}}}" if selectors else ""

    return RULE.sub(keep, FONT.sub("", FONT_FACE.sub("", css)))


def with_drawings_in_files(css):
    """The sheet with each `data:` drawing, which `img-src 'self'` refuses, in a file; the files."""
    files = {}

    def move(drawing):
        body = unquote(drawing[2])
        name = f"dessins/{hashlib.sha256(body.encode()).hexdigest()[:12]}.svg"
        files[name] = body
        return f'url("{name}")'

    return DRAWING.sub(move, css), files


class DsfrAdapte:
    """Before a storage hashes what was collected: a DSFR that suits this site."""

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run and DSFR in paths:
            paths = paths | {name: (self, name) for name in self._adapt_dsfr()}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _adapt_dsfr(self):
        """Write the sheet anew, and its drawings beside it; the names of all."""
        with self.open(DSFR) as file:
            css = file.read().decode()
        if not settings.SITE["officiel"]:
            css = without_marks(css)
        css, drawings = with_drawings_in_files(css)
        folder = DSFR.rpartition("/")[0]
        written = {f"{folder}/{name}": body for name, body in drawings.items()} | {DSFR: css}
        for name, body in written.items():
            self.delete(name)
            self.save(name, ContentFile(body.encode()))
        return written


class Statiques(DsfrAdapte, CompressedManifestStaticFilesStorage):
    """What production serves."""
