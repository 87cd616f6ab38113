"""Django's `migrate`, that does not make the whole site wait behind it for a busy table.

A migration that waits for its lock holds back every page that comes after it. It gives up instead,
in words: each migration is done whole or not at all, so it is enough to start again. Two of them,
when two machines are deployed at once, do not meet: the second waits, and finds nothing to do.
"""

from dataclasses import replace

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections

from programme.pannes import limites
from programme.pannes.causes import Panne, panne_of
from territoires.tour import seul

OCCUPEE = (
    "Une table est occupée depuis plus de {:g} secondes (MIGRATION_VERROU) : la migration en cours "
    "n’a rien changé, les précédentes sont faites. Relancez migrate ; s’il le faut, quand personne "
    "n’écrit."
)


class Command(migrate.Command):
    def handle(self, *args, **options):
        connection = connections[options["database"]]
        limits = replace(limites.current(), verrou=settings.MIGRATION_VERROU)
        with limites.during(limits):
            limites.tell(connection)
            try:
                with seul("migrate", connection, self.stderr.write):
                    super().handle(*args, **options)
            except OperationalError as error:
                if panne_of(error) is not Panne.OCCUPEE:
                    raise
                raise CommandError(OCCUPEE.format(settings.MIGRATION_VERROU)) from error
        limites.tell(connection)
