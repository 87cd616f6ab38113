"""The map: where and who. It knows nothing of what is done there."""

from functools import cache

from django.apps import AppConfig
from simple_history.manager import HistoryManager


class TerritoiresConfig(AppConfig):
    name = "territoires"
    verbose_name = "territoires et agents"

    def ready(self):
        # `model.history` makes a class each time it is read, and each save reads it: one is enough.
        HistoryManager.from_queryset = staticmethod(cache(HistoryManager.from_queryset))
