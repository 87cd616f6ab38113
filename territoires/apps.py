"""The map: where and who. It knows nothing of what is done there."""

from django.apps import AppConfig


class TerritoiresConfig(AppConfig):
    name = "territoires"
    verbose_name = "territoires et agents"
