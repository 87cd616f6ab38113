"""Make a parution: a numbered, dated, permanent release of all datasets."""

from django.core.management.base import BaseCommand, CommandError

from programme.donnees.parutions.faire import DejaFaite, RienDeNeuf, faire
from programme.models import Parution


class Command(BaseCommand):
    help = (
        "Fait une parution : tous les jeux de données de cet instant, numérotés, datés et gardés "
        "sans fin, et ce qui a changé depuis la précédente. Rien si rien n’a changé."
    )

    def add_arguments(self, parser):
        parser.add_argument("--note", default="", help="Publiée avec elle : 500 signes au plus.")

    def handle(self, *args, note, **options):
        if len(note) > (limit := Parution._meta.get_field("note").max_length):
            raise CommandError(f"La note compte {len(note)} signes : {limit} au plus.")
        try:
            parution = faire(Parution.Par.COMMANDE, note=note)
        except RienDeNeuf as error:
            self.stdout.write(f"Aucune parution : {error}.")
        except DejaFaite as error:
            raise CommandError(f"Aucune parution : {error}.") from None
        else:
            count = parution.fichiers.count()
            self.stdout.write(f"Faite : {parution}, {count} fichiers.")
