"""Delete the lines of the journal of access that are older than they may be."""

from django.conf import settings
from django.core.management.base import BaseCommand

from programme.models import JournalAcces


class Command(BaseCommand):
    help = (
        "Efface du journal des accès les lignes plus vieilles que JOURNAL_ACCES_JOURS ; "
        "à lancer chaque jour, avec clearsessions."
    )

    def handle(self, *args, **options):
        count = JournalAcces.objects.purge()
        days = settings.JOURNAL_ACCES_JOURS
        self.stdout.write(
            f"Journal des accès : {count} ligne(s) de plus de {days} jours effacée(s)."
        )
