"""The programme: what is done in the territories, and the site that tells it."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    name = "programme"
    verbose_name = "programme"
