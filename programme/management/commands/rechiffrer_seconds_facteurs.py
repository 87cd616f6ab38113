"""Write the secrets of second factors with the current key, so that the former one can go."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from programme.backoffice.identite.chiffrement import reencrypt
from programme.backoffice.identite.journal import record
from programme.models import JournalAcces


class Command(BaseCommand):
    help = (
        "Après un changement de SECRET_KEY, l’ancienne étant dans SECRET_KEY_FALLBACKS : chiffre "
        "avec la nouvelle clé les secrets des seconds facteurs, et nomme ceux qu’aucune ne lit."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--retirer-illisibles",
            action="store_true",
            help="Retire les seconds facteurs qu’aucune clé ne lit : leurs agents en activeront "
            "de nouveaux à leur prochaine connexion.",
        )

    @transaction.atomic
    def handle(self, *args, retirer_illisibles, **options):
        rewritten, unreadable = reencrypt()
        self.stdout.write(f"Seconds facteurs : {rewritten} chiffré(s) avec la clé actuelle.")
        agents = {row.user for row in unreadable}
        for agent in sorted(agents, key=lambda agent: agent.email):
            self.stdout.write(f"  illisible : {agent.email}")
        if unreadable and retirer_illisibles:
            Authenticator.objects.filter(pk__in=[row.pk for row in unreadable]).delete()
            for agent in agents:
                detail = "illisibles depuis un changement de clé"
                record(JournalAcces.Acte.FACTEUR_RETIRE, agent=agent, detail=detail)
            self.stdout.write(f"{len(unreadable)} retiré(s).")
        elif unreadable:
            self.stdout.write(
                "Remettez la clé d’avant dans SECRET_KEY_FALLBACKS si vous l’avez encore ; sinon "
                "relancez avec --retirer-illisibles."
            )
