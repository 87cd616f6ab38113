"""What the loading commands share: one transaction, progress, a summary, one refusal."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from tqdm import tqdm

from territoires.chargement import ErreurDeChargement, charger
from territoires.chargement.cles import Cles
from territoires.models import ConflitDeVersion
from territoires.models.modification import Porte, annoncer
from territoires.signaux import donnees_chargees
from territoires.tour import seul


class CommandeDeChargement(BaseCommand):
    """Loads `fichiers`, in order, all or nothing. A second call changes nothing and says so."""

    fichiers = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "--dossier",
            type=Path,
            default=settings.FIXTURES_ROOT,
            help="le dossier des fichiers CSV (par défaut : %(default)s)",
        )

    def handle(self, *, dossier, **options):
        try:
            with seul("chargement", connection, self.stderr.write), transaction.atomic():
                annoncer(Porte.CHARGEMENT)
                bilans = self._charger(dossier)
                if any(bilan.a_change for bilan in bilans):
                    donnees_chargees.send(sender=type(self))
                    _count_rows_for_the_planner()
        except ErreurDeChargement as error:
            raise CommandError(
                f"{error}\nRien n’a été chargé : corrigez, puis relancez la commande."
            ) from error
        except ConflitDeVersion as error:
            raise CommandError(f"{error} Rien n’a été chargé : relancez la commande.") from error
        self._dire(bilans, options["verbosity"])

    def _charger(self, dossier):
        cles = Cles(self.fichiers)
        total = sum(_lignes(dossier / fichier.nom) for fichier in self.fichiers)
        bilans = []
        # disable=None: no bar where nobody watches.
        with tqdm(total=total, unit=" lignes", disable=None, leave=False) as bar:
            for fichier in self.fichiers:
                bar.set_description(fichier.nom)
                bilans.append(charger(fichier, dossier, cles, bar.update))
        return bilans

    def _dire(self, bilans, verbosity):
        if not verbosity:
            return
        for bilan in bilans:
            for remarque in bilan.remarques:
                self.stdout.write(self.style.WARNING(f"{bilan.fichier} : {remarque}"))
            if bilan.a_change or verbosity > 1:
                self.stdout.write(str(bilan))
        if not any(bilan.a_change for bilan in bilans):
            total = sum(sum(bilan.comptes.values()) for bilan in bilans)
            self.stdout.write(f"Aucun changement ({total} lignes relues).")


def _count_rows_for_the_planner():
    # A database that still believes its tables empty joins them row by row, for minutes.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _lignes(path):
    """About how many rows a file has, for the progress bar only."""
    try:
        return max(path.read_bytes().count(b"\n") - 1, 0)
    except OSError:
        return 0
