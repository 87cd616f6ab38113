"""Create one officer per role for a demonstration, with passwords printed once."""

import secrets

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from territoires.models import Agent, Operateur, Region, Role

DOMAINE = "demonstration.invalid"
# Without those that a reader takes for one another.
LETTRES = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# (local part of the address, function, role, codes of régions, code of the opérateur)
AGENTS = (
    ("national", "Administration nationale", Role.NATIONAL, (), None),
    ("secretariat.normandie", "Secrétariat du comité", Role.SECRETARIAT, ("28",), None),
    ("redacteur.normandie", "Rédaction", Role.REDACTEUR, ("28",), None),
    ("lecteur.normandie", "Lecture", Role.LECTEUR, ("28",), None),
    ("redacteur.bretagne", "Rédaction", Role.REDACTEUR, ("53",), None),
    # Both follow Lacq-Pau-Tarbes.
    ("secretariat.nouvelle-aquitaine", "Secrétariat du comité", Role.SECRETARIAT, ("75",), None),
    ("secretariat.occitanie", "Secrétariat du comité", Role.SECRETARIAT, ("76",), None),
    ("referent.bpifrance", "Référent national", Role.REFERENT, (), "bpifrance"),
)


class Command(BaseCommand):
    help = (
        "Crée un agent de démonstration par rôle et affiche leurs mots de passe, une seule fois. "
        "Refuse de tourner sans DEMONSTRATION=True."
    )

    def handle(self, *args, **options):
        if not settings.DEMONSTRATION:
            raise CommandError(
                "Ces comptes sont faits pour une démonstration, jamais pour un site ouvert au "
                "public. Sur votre poste, relancez avec DEMONSTRATION=True."
            )
        with transaction.atomic():
            made = [paire for ligne in AGENTS if (paire := self._creer(*ligne))]
        if not made:
            self.stdout.write("Aucun changement : les agents de démonstration existent déjà.")
            return
        self.stdout.write("Agents de démonstration ; leurs mots de passe ne reviendront pas :")
        width = max(len(agent.email) for agent, _ in made)
        for agent, password in made:
            self.stdout.write(f"  {agent.email:<{width}}  {password}  {agent.get_role_display()}")

    def _creer(self, local, fonction, role, regions, operateur):
        """The new agent and its password; None when the address is taken."""
        email = f"{local}@{DOMAINE}"
        if Agent.objects.filter(email__iexact=email).exists():
            return None
        try:
            places = [Region.objects.get(code=code) for code in regions]
            operateur = operateur and Operateur.objects.get(code=operateur)
        except (Region.DoesNotExist, Operateur.DoesNotExist) as error:
            raise CommandError(
                "Les régions et les opérateurs manquent : lancez d’abord charger_donnees."
            ) from error
        password = "".join(secrets.choice(LETTRES) for _ in range(16))
        place = ", ".join(region.nom for region in places) or (operateur and operateur.nom)
        agent = Agent.objects.create_user(
            email,
            password,
            nom=f"{role.capitalize()} (démonstration)",
            fonction=" – ".join(filter(None, (fonction, place))),
            role=role,
            operateur=operateur,
        )
        agent.regions.set(places)
        return agent, password
