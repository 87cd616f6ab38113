"""Check a backup, or put it back in an empty place."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from programme.exploitation.sauvegarde import SauvegardeImpossible, restaurer, verifier
from territoires.dates import moment_in_words


class Command(BaseCommand):
    help = (
        "Vérifie une sauvegarde, puis la restaure dans une base (DATABASE_URL) et un dossier "
        "(MEDIA_ROOT) vides. Ensuite : python manage.py migrate."
    )

    def add_arguments(self, parser):
        parser.add_argument("archive", help="Le fichier que « sauvegarder » a fait.")
        parser.add_argument("--cle", help="Le fichier de la clé secrète age, si elle est chiffrée.")
        parser.add_argument(
            "--verifier", action="store_true", help="Vérifie l’archive et n’écrit rien."
        )

    def handle(self, *args, archive, cle, **options):
        act, said = (verifier, "Entière") if options["verifier"] else (restaurer, "Restaurée")
        try:
            manifeste = act(archive, _secret(cle))
        except SauvegardeImpossible as error:
            raise CommandError(str(error)) from None
        moment = moment_in_words(datetime.fromisoformat(manifeste["moment"]))
        files = len(manifeste["contenu"]) - 1
        self.stdout.write(f"{said} : la base et {files} fichier(s) du {moment}.")


def _secret(path):
    """The identity in a file that `age-keygen` wrote; "" without a file."""
    if not path:
        return ""
    try:
        lines = Path(path).read_text().split()
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"--cle : {path} ne se lit pas. Donnez le fichier de la clé.") from None
    return next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), path)
