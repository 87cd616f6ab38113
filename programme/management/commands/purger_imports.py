"""Forget the files of imports that were never applied, once they are too old."""

from django.core.management.base import BaseCommand

from programme.models import Import
from programme.models.imports import JOURS_GARDES


class Command(BaseCommand):
    help = "Oublie le contenu des imports restés sans suite ; à lancer chaque jour."

    def handle(self, *args, **options):
        count = Import.objects.purge()
        self.stdout.write(
            f"Imports : {count} fichier(s) de plus de {JOURS_GARDES} jours oublié(s)."
        )
