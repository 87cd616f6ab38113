"""Do what the clock asks: once, for a timer of the system, or each minute."""

import os
import signal
from time import sleep

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from programme.taches import minuteur


def _wait():
    close_old_connections()
    sleep(1)


class Command(BaseCommand):
    help = (
        "Fait ce qui est dû : envoie les courriels en attente, situe les territoires au jour "
        "nouveau, oublie ce qui ne se garde pas. À lancer chaque minute, ou une fois avec --boucle."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--boucle",
            action="store_true",
            help="Ne rend pas la main : passe chaque minute, jusqu’à l’arrêt de qui l’a lancé.",
        )

    def handle(self, *args, boucle, **options):
        if not boucle:
            for nom, said in minuteur.passer().items():
                self.stdout.write(f"{nom} : {said}")
            return
        stopped = []
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *args: stopped.append(True))
        parent = os.getppid()
        self.stdout.write("Le minuteur passe chaque minute.")
        self.stdout.flush()
        minuteur.boucler(
            # What is being done is finished first; and nobody is left behind by who started it.
            arret=lambda: bool(stopped) or os.getppid() != parent,
            attendre=_wait,
        )
