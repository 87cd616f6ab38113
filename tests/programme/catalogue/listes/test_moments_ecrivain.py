"""Every answer of a moment says the same while somebody commits edits as fast as they can.

On PostgreSQL the writer is a thread with a connection of its own. SQLite in memory locks the
readers out while one writes: there the writer commits before each answer.
"""

import random
import threading
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from programme.models import Contrat, Projet
from tests.factories import ContratFactory, FinancementFactory, TerritoireFactory, projets

from .test_donnees_reelles import offered
from .test_moments_reels import TEXTES, draw, told

pytestmark = pytest.mark.django_db(transaction=True)

LISTES = ("projets", "territoires", "contrats", "rattachements")


class Ecrivain(threading.Thread):
    """Commits one edit after the other until it is told to stop; `faits`: how many."""

    def __init__(self):
        super().__init__()
        self.dice, self.faits, self.faute = random.Random(23), 0, None
        self.over = threading.Event()

    def edit(self):
        dice = self.dice
        if dice.random() < 0.2:
            row = dice.choice(Contrat.objects.all())
            row.intitule = f"{dice.choice(TEXTES)} {dice.randint(1, 99)}"
        else:
            row = dice.choice(Projet.objects.all())
            row.beneficiaire = f"{dice.choice(TEXTES)} {dice.randint(1, 999)}"
            row.emplois_crees = dice.choice([None, 0, dice.randint(1, 900)])
            row.filiere = dice.choice(["Bois", "Cuir", ""])
            row.publication = dice.choice(["retiré", "publié", "publié"])
        row.save()
        self.faits += 1

    def run(self):
        try:
            while not self.over.is_set():
                self.edit()
        except Exception as error:  # noqa: BLE001 - told by the thread of the test
            self.faute = error
        finally:
            connection.close()


class ClientDerange(Client):
    """Somebody commits an edit before each of its answers."""

    def __init__(self, ecrivain):
        super().__init__()
        self.ecrivain = ecrivain

    def request(self, **request):
        self.ecrivain.edit()
        return super().request(**request)


@contextmanager
def derange():
    """`(client, writer)`: what the client reads, the writer changes meanwhile."""
    ecrivain = Ecrivain()
    if connection.vendor == "sqlite":
        yield ClientDerange(ecrivain), ecrivain
        return
    ecrivain.start()
    try:
        yield Client(), ecrivain
    finally:
        ecrivain.over.set()
        ecrivain.join()
    assert ecrivain.faute is None


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param(4, id="échantillon"),
        pytest.param(20, id="tout", marks=pytest.mark.epreuve),
    ],
)
def test_all_agree_while_somebody_writes(filters):
    projets(12)
    TerritoireFactory.create_batch(2)
    ContratFactory.create_batch(2)
    FinancementFactory(projet=Projet.objects.first())
    dice, quiet = random.Random(20260502), Client()
    asked = [(liste, draw(dice, liste, offered)) for _ in range(filters // 4) for liste in LISTES]
    known, then = [told(quiet, *each) for each in asked], timezone.localtime().isoformat()
    with derange() as (client, ecrivain):
        for (liste, parameters), said in zip(asked, known, strict=True):
            assert told(client, liste, {**parameters, "au": then}) == said, (liste, parameters)
        meanwhile = ecrivain.faits
    assert meanwhile >= filters
    assert [told(quiet, *each) for each in asked] != known
