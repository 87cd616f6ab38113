"""Make the index of the search anew."""

from django.core.management.base import BaseCommand

from programme.catalogue.recherche.indexation import reindexer


class Command(BaseCommand):
    help = "Refait l’index de la recherche à partir de ce que le public peut voir."

    def handle(self, *args, **options):
        nombre = reindexer()
        self.stdout.write(self.style.SUCCESS(f"Index de la recherche : {nombre} entrées."))
