"""Give the officers of the demonstration something to do, or take it all away."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from programme.demonstration.exemples import exemples
from programme.demonstration.registre import Indelebile, Registre, retirer
from programme.management.commands.creer_agents_demonstration import AGENTS, DOMAINE
from territoires.models import Agent


class Command(BaseCommand):
    help = (
        "Crée les exemples fictifs du bureau de chaque agent de démonstration, tous en brouillon. "
        "Refuse de tourner sans DEMONSTRATION=True. Avec --retirer, les enlève tous."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--retirer",
            action="store_true",
            help="retire tous les exemples, avec leur historique et ce qui s’y rattache",
        )

    def handle(self, *, retirer, **options):
        (self._retirer if retirer else self._creer)()

    def _creer(self):
        if not settings.DEMONSTRATION:
            raise CommandError(
                "Ces exemples sont faits pour une démonstration, jamais pour un site ouvert au "
                "public. Sur votre poste, relancez avec DEMONSTRATION=True."
            )
        emails = {f"{local}@{DOMAINE}" for local, *_ in AGENTS}
        if Agent.objects.filter(email__in=emails).count() < len(emails):
            raise CommandError(
                "Les agents de démonstration manquent : lancez d’abord creer_agents_demonstration."
            )
        registre = Registre()
        with transaction.atomic():
            exemples(registre, DOMAINE)
        if registre.nouveaux:
            self.stdout.write(f"Exemples fictifs créés : {registre.nouveaux}, tous en brouillon.")
        else:
            self.stdout.write("Aucun changement : les exemples fictifs existent déjà.")

    def _retirer(self):
        try:
            count, detached = retirer()
        except Indelebile as error:
            raise CommandError(str(error)) from error
        for record in detached:
            self.stdout.write(f"« {record} » ne nomme plus d’exemple fictif.")
        self.stdout.write(f"Exemples fictifs retirés : {count}.")
