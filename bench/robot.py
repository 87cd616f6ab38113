"""How long hostile requests take on a large base: tests/robot.py asks, as a visitor.

It follows the links of the home page and alters them; what its forms write is undone. A page counts
until it is whole, a file until its first block.
"""

import json
import os

from bench.outils import child

DEMANDES = 600
LENTES = 10
"""How many of the slowest are told, one a view at most."""


def measure(bases):
    """{database: {"demandes", "fautes", "statuts", "lentes": [[seconds, request]]}}."""
    return {
        base: child("robot", bases.url(base, "grande"), settings="bench.settings")
        for base in bases.noms
    }


def walk():
    from django.db import transaction
    from django.test import Client

    from tests.robot import Robot

    class Chronometre(Robot):
        def corps(self, response):
            if not response.streaming:
                return response.content
            first = next(response.streaming_content, b"")
            # As the test client ends it: the connection stays open.
            response._iterator.close()
            return first

    client = Client(SERVER_NAME="localhost")
    for path in ("/", "/projets/"):  # a process that has just begun reads its templates once
        client.get(path)
    robot = Chronometre(client, graine=1)
    with transaction.atomic():
        robot.marcher(["/"], demandes=DEMANDES)
        transaction.set_rollback(True)
    slowest = {}
    for seconds, asked, view in sorted(robot.durees, reverse=True):
        slowest.setdefault(view, [round(seconds, 2), asked])
    return {
        "demandes": robot.demandes,
        "fautes": [str(fault) for fault in robot.fautes],
        "statuts": dict(sorted(robot.statuts.items())),
        "lentes": [*slowest.values()][:LENTES],
    }


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    print(json.dumps(walk(), ensure_ascii=False))
