"""The programme: what is done in the territories, and the site that tells it."""

from django.apps import AppConfig, apps

# Parts of the DSFR that no page loads: they would be thousands of files to hash and compress.
UNUSED_STATIC_FILES = [
    "*.map",
    "*.md",
    "*.scss",
    "artwork",
    "*.legacy*",
    "legacy",
    "analytics*",
    "component",
    "icon-picker",
    "layout",
    "dsfr_version",
]


class ProgrammeConfig(AppConfig):
    name = "programme"
    verbose_name = "programme"

    def ready(self):
        # Not a subclass in INSTALLED_APPS: pytest-django looks for the plain name there.
        staticfiles = apps.get_app_config("staticfiles")
        staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *UNUSED_STATIC_FILES]
