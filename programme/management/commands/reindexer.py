"""Make anew what is computed of the public records and kept: the index, the rangements."""

from django.core.management.base import BaseCommand

from programme.catalogue.recherche.indexation import reindexer
from programme.suivi_rangements import refaire


class Command(BaseCommand):
    help = (
        "Refait l’index de la recherche et les comptes des projets, d’après ce que voit le public."
    )

    def handle(self, *args, **options):
        nombre = reindexer()
        refaire()
        self.stdout.write(self.style.SUCCESS(f"Index de la recherche : {nombre} entrées."))
