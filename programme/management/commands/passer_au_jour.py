"""Do what a new day asks, without waiting for its first visitor."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from programme.jour import changer


class Command(BaseCommand):
    help = (
        "Situe les territoires dont un membre est entré ou sorti depuis la veille. La première "
        "demande du jour le fait d’elle-même ; à lancer après minuit pour ne pas l’attendre."
    )

    def handle(self, *args, **options):
        codes = changer(timezone.localdate())
        self.stdout.write(f"Territoires situés de nouveau : {', '.join(codes) or 'aucun'}.")
