"""What `collectstatic` leaves out.

The parts of packages that no page of ours loads would be thousands of files to hash and compress.
A file that one of our own refers to cannot be left out unseen: the manifest refuses a reference to
nothing. The DSFR is loaded from what `programme/dsfr_reduit.py` keeps of it.
"""

from django.apps import apps
from django.conf import settings

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
]


def leave_out_unused():
    """Add to the patterns that collectstatic ignores what this site does not load."""
    # Not a subclass in INSTALLED_APPS: pytest-django looks for the plain name there.
    staticfiles = apps.get_app_config("staticfiles")
    staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *left_out()]


def left_out():
    return UNUSED if settings.SITE["officiel"] else UNUSED + OF_THE_ETAT
