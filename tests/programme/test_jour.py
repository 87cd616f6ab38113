"""A decision that takes effect later situates its territory on its day, without anybody."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from programme import jour as module
from programme.jour import Jour, changer, jour
from programme.models import Contrat, DonneesVersion, Projet
from territoires.ajustements import Ajustement
from territoires.situation import situer
from tests import factories as f

pytestmark = pytest.mark.django_db
LE = date(2030, 1, 1)


@pytest.fixture
def at(monkeypatch):
    """`at(day, hour)`: the clock says so, in universal time; a process begins."""

    def set_clock(day, hour=12):
        moment = datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        jour.oublier()

    return set_clock


@pytest.fixture
def bretagne():
    return f.RegionFactory(code="53")


def epci(region):
    return f.IntercommunaliteFactory(departements=[f.DepartementFactory(region=region)])


@pytest.fixture
def aigle(at):
    """A territory of Normandie, situated on the eve."""
    at(date(2029, 12, 31))
    normandie = f.RegionFactory(code="28")
    made = f.TerritoireFactory(nom="Pays de l’Aigle", phase_id=2, region_porteuse=normandie)
    made.rattachements.all().delete()
    f.RattachementFactory(
        territoire=made, intercommunalite=epci(normandie), debut=date(2023, 11, 9)
    )
    situer()
    changer(timezone.localdate())
    return made


def regions(territoire):
    return sorted(territoire.regions.values_list("pk", flat=True))


def rattacher(territoire, membre):
    Ajustement.rattacher(territoire, [membre.pk], le=LE, source="Comité").appliquer()


def test_a_member_to_come_brings_its_committee_on_its_day(at, aigle, bretagne):
    contrat, projet = f.ContratFactory(territoire=aigle), f.ProjetFactory(territoire=aigle)
    agent = f.SecretariatFactory(regions=[bretagne])
    rattacher(aigle, epci(bretagne))
    Client().get("/")
    assert regions(aigle) == ["28"]
    assert not Contrat.objects.visible_to(agent).filter(pk=contrat.pk).exists()
    version = DonneesVersion.objects.get().numero

    at(date(2029, 12, 31), hour=23)  # past midnight in Paris
    desk = Client()
    desk.force_login(agent)
    page = desk.get("/admin/programme/contrat/").content.decode()

    assert contrat.intitule in page
    assert regions(aigle) == ["28", "53"]
    assert Projet.objects.visible_to(agent).filter(pk=projet.pk).exists()
    assert DonneesVersion.objects.get().numero > version
    assert "Pays de l’Aigle" in Client().get("/territoires/?phase=2&region=53").content.decode()


def test_a_member_that_leaves_later_takes_its_region_on_its_day(at, aigle, bretagne):
    membre = epci(bretagne)
    f.RattachementFactory(territoire=aigle, intercommunalite=membre, debut=date(2023, 11, 9))
    situer([aigle.pk])
    Ajustement.detacher(aigle, [membre.pk], le=LE, source="Comité").appliquer()
    assert regions(aigle) == ["28", "53"]

    at(date(2030, 3, 1))  # nobody came for two months
    Client().get("/")

    assert regions(aigle) == ["28"]


def test_a_day_is_done_once_by_whoever_comes_first(at, aigle, bretagne):
    rattacher(aigle, epci(bretagne))
    at(LE)
    Client().get("/")
    aigle.regions.set(["28"])  # what a second time would show

    for _ in range(2):
        Jour().passer()

    assert regions(aigle) == ["28"]


def test_a_day_without_change_makes_no_version(at, aigle):
    version = DonneesVersion.objects.get().numero
    at(LE)
    Client().get("/")
    assert DonneesVersion.objects.get().numero == version
    assert DonneesVersion.objects.get().jour == LE


def test_a_base_that_refuses_keeps_no_page_back(at, aigle, monkeypatch):
    calls = []

    def refuse(today):
        calls.append(today)
        raise OperationalError("read-only")

    monkeypatch.setattr(module, "changer", refuse)
    at(LE)
    assert [Client().get("/").status_code for _ in range(3)] == [200, 200, 200]
    assert calls == [LE]


def test_the_command_does_it_without_a_visitor(at, aigle, bretagne, capsys):
    rattacher(aigle, epci(bretagne))
    at(LE)
    call_command("passer_au_jour")
    assert f"Territoires situés de nouveau : {aigle.pk}." in capsys.readouterr().out
    call_command("passer_au_jour")
    assert "aucun" in capsys.readouterr().out
    assert regions(aigle) == ["28", "53"]


def test_the_first_day_known_changes_no_territory(aigle, bretagne):
    DonneesVersion.objects.update(jour=None)
    aigle.regions.add(bretagne)  # by hand, whatever its members say
    assert changer(timezone.localdate()) == []
    assert bretagne in aigle.regions.all()
    assert DonneesVersion.objects.current().jour == timezone.localdate()
