"""Import a complete list of the territories' members, in the layout of ANCT's lists."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from territoires import lecture
from territoires.carte_a_venir import CarteAVenir
from territoires.liste_membres import COLUMNS, adjustment, read


def _day(text):
    try:
        return lecture.jour(text)
    except lecture.ValeurRefusee as error:
        raise CommandError(f"--date : écrivez AAAA-MM-JJ ; {error}") from None


class Command(BaseCommand):
    help = (
        "Montre ce que changerait une liste complète de membres à une date, puis l’importe avec "
        f"--appliquer. Colonnes : {', '.join(COLUMNS)}."
    )

    def add_arguments(self, parser):
        parser.add_argument("fichier", type=Path, help="le fichier CSV ou XLSX")
        parser.add_argument("--date", required=True, help="premier jour de la liste, AAAA-MM-JJ")
        parser.add_argument("--source", required=True, help="d’où vient la liste ; publiée")
        parser.add_argument("--appliquer", action="store_true", help="importer, tout ou rien")

    def handle(self, fichier, **options):
        day = _day(options["date"])
        try:
            liste = read(fichier.read_bytes())
            self.stdout.write("\n".join(liste.remarques))
            act = adjustment(liste, day, options["source"])
            if act.est_vide:
                self.stdout.write("Aucun changement : cette liste est déjà la carte de ce jour.")
                return
            self._tell(act, day)
            if options["appliquer"]:
                act.appliquer()
        except OSError as error:
            raise CommandError(f"{fichier} : fichier illisible ({error.strerror}).") from None
        except ValidationError as error:
            raise CommandError(f"{fichier}\n" + "\n".join(error.messages)) from None
        done = "Liste importée." if options["appliquer"] else "Rien n’est importé : --appliquer."
        self.stdout.write(done)

    def _tell(self, act, day):
        carte = CarteAVenir.lire()
        carte.faire(act)
        territories = len(carte.carte_at(day, carte.territoires).presents)
        self.stdout.write(act.en_mots().replace(". ", ".\n"))
        self.stdout.write(
            f"Territoires sur la carte ensuite : {territories} ; "
            f"membres qui entrent : {sum(map(len, act.entrees.values()))}, "
            f"qui sortent : {sum(map(len, act.sorties.values()))}."
        )
