"""WSGI entry point, served by gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402 - settings first

from programme.pannes import limites  # noqa: E402

limites.serve()
# Every view now, and not at the first request: workers share what was imported before them, the
# first visitor does not wait for it, and none of them mixes the code of two releases.
get_resolver().url_patterns  # noqa: B018
