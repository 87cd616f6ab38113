"""Forget the digests of selections that nobody asked for any more."""

from django.core.management.base import BaseCommand

from programme.models import Preuve
from programme.models.preuves import JOURS


class Command(BaseCommand):
    help = (
        f"Oublie les empreintes des sélections que personne n’a demandées depuis {JOURS} jours ; "
        "à lancer chaque jour."
    )

    def handle(self, *args, **options):
        count = Preuve.objects.purge()
        self.stdout.write(f"Preuves : {count} sélection(s) de plus de {JOURS} jours oubliée(s).")
