"""Forget what is not kept any more, and say what was."""

from django.core.management.base import BaseCommand, CommandError

from programme.exploitation.entretien import EntretienIncomplet, en_lignes, entretenir


class Command(BaseCommand):
    help = (
        "Oublie ce qui ne se garde pas (sessions, journal des accès, imports, preuves, tâches, "
        "suivis, avis, signalements, fichiers sans fiche) et dit ce qu’il a retiré. Le minuteur le "
        "fait chaque jour."
    )

    def handle(self, *args, **options):
        try:
            self.stdout.write(en_lignes(entretenir()))
        except EntretienIncomplet as error:
            self.stdout.write(en_lignes(error.dit))
            raise CommandError(str(error)) from None
