"""What `collectstatic` leaves out: the parts of packages that no page of ours loads.

They would be thousands of files to hash and compress. A file that one of our own refers to cannot
be left out unseen: the manifest refuses a reference to nothing.
"""

from django.apps import apps

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
    "icon-picker",
    "layout",
    "legacy",
    "utility",
]


def leave_out_unused():
    """Add `UNUSED` to the patterns that collectstatic ignores."""
    # Not a subclass in INSTALLED_APPS: pytest-django looks for the plain name there.
    staticfiles = apps.get_app_config("staticfiles")
    staticfiles.ignore_patterns = [*staticfiles.ignore_patterns, *UNUSED]
