"""Save the database and the files of one moment, in one archive that can be checked alone."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from programme.exploitation.sauvegarde import (
    SauvegardeImpossible,
    en_mots,
    sauvegarder,
)
from programme.taches import minuteur


class Command(BaseCommand):
    help = (
        "Sauvegarde la base et les fichiers d’un même instant dans une archive vérifiable. Le "
        "minuteur le fait chaque jour quand le réglage SAUVEGARDES donne un dossier."
    )

    def add_arguments(self, parser):
        kept = settings.SAUVEGARDES
        parser.add_argument("--vers", default=kept["dossier"], help="Le dossier où l’écrire.")
        parser.add_argument(
            "--pour",
            default=kept["cle"],
            help="Une clé publique age (age1…) : seule la clé secrète qui va avec la lira.",
        )

    def handle(self, *args, vers, pour, **options):
        if not vers:
            raise CommandError("Donnez un dossier par --vers, ou par le réglage SAUVEGARDES.")
        try:
            path, manifeste = sauvegarder(Path(vers).absolute(), pour)
        except SauvegardeImpossible as error:
            raise CommandError(str(error)) from None
        said = en_mots(path, manifeste)
        minuteur.noter(minuteur.SAUVEGARDE, said)
        self.stdout.write(f"{said}.")
