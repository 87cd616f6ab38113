"""The clock makes the parution of the month: one and only one, whatever the number of clocks."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from programme.donnees.parutions import taches
from programme.models import Parution, Tache
from programme.taches import execution, minuteur
from tests import factories
from tests.programme.donnees.parutions.outils import paraitre

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
JOURS = 40


@pytest.fixture
def horloge(monkeypatch):
    def put(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    put(datetime(2027, 3, 10, 6, tzinfo=PARIS))
    rounds = {nom: minuteur.TOURNEES[nom] for nom in ("file d’attente", "parution")}
    monkeypatch.setattr(minuteur, "TOURNEES", rounds)
    return put


def forty_days(horloge, change):
    """Two clocks pass four times a day for forty days; `change()` is called each day."""
    start = datetime(2027, 3, 10, 6, tzinfo=PARIS)
    for rank in range(JOURS * 4):
        horloge(start + timedelta(hours=6 * rank))
        if rank % 4 == 0:
            change(rank)
        for _ in range(2):
            minuteur.passer()


def test_forty_days_make_one(horloge):
    projet = factories.ProjetFactory(code="P1")
    paraitre()

    def change(rank):
        projet.objet = f"Le four n° {rank}."
        projet.save()

    forty_days(horloge, change)
    first, second = Parution.objects.order_by("numero")
    assert first.par == Parution.Par.COMMANDE
    assert second.par == Parution.Par.MINUTEUR
    assert timezone.localtime(second.faite_le).date().isoformat() == "2027-04-01"
    assert second.mois.isoformat() == "2027-04-01"


def test_forty_days_without_a_change_make_none(horloge):
    factories.ProjetFactory(code="P1")
    paraitre()
    forty_days(horloge, lambda rank: None)
    assert Parution.objects.count() == 1
    (tache,) = Tache.objects.filter(genre=taches.PARUTION)
    assert tache.etat == Tache.Etat.ABANDONNEE
    assert tache.erreur.startswith("rien n’a changé depuis la parution n° 1")


def test_the_first_of_all_waits_for_the_first_of_the_month(horloge):
    factories.ProjetFactory(code="P1")
    assert taches.demander_du_mois() == (
        "La première parution sera faite le premier du mois qui vient."
    )
    forty_days(horloge, lambda rank: None)
    (only,) = Parution.objects.all()
    assert timezone.localtime(only.faite_le).date().isoformat() == "2027-04-01"


def test_asked_twice_it_is_made_once(horloge):
    horloge(datetime(2027, 4, 1, tzinfo=PARIS))
    projet = factories.ProjetFactory(code="P1")
    for _ in range(2):
        taches.demander_du_mois()
    execution.executer()
    assert Parution.objects.count() == 1
    projet.objet = "Un autre four."
    projet.save()
    taches.demander_du_mois()
    execution.executer()
    assert Parution.objects.count() == 1, "that of the month is made"


def test_one_that_failed_is_tried_again(horloge, monkeypatch):
    horloge(datetime(2027, 4, 1, 6, tzinfo=PARIS))
    factories.ProjetFactory(code="P1")
    faire = taches.faire

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taches, "faire", full)
    taches.demander_du_mois()
    assert "1 à reprendre" in execution.executer()
    assert not Parution.objects.exists()
    monkeypatch.setattr(taches, "faire", faire)
    horloge(datetime(2027, 4, 1, 7, tzinfo=PARIS))
    assert "1 faite(s)" in execution.executer()
    assert Parution.objects.count() == 1
