"""Who belongs to a territory at a date, since when, and what the members add up to."""

from datetime import date, timedelta

import pytest

from territoires.models import Rattachement, Territoire
from tests.factories import (
    CommuneFactory,
    IntercommunaliteFactory,
    RattachementFactory,
    RegionFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db

DEBUT, FIN = date(2019, 11, 14), date(2021, 11, 22)


@pytest.mark.parametrize(
    ("day", "member"),
    [
        (date(2019, 11, 13), False),
        (DEBUT, True),
        (date(2021, 11, 21), True),
        (FIN, False),  # the first day outside
        (date(2024, 1, 1), False),
    ],
)
def test_at_is_from_debut_until_the_day_before_fin(day, member):
    row = RattachementFactory(debut=DEBUT, fin=FIN)
    assert Rattachement.objects.at(day).filter(pk=row.pk).exists() is member
    assert Territoire.objects.at(day).filter(pk=row.territoire_id).exists() is member


def test_without_fin_a_member_stays():
    row = RattachementFactory(debut=DEBUT, territoire__phase_id=2)
    assert row in Rattachement.objects.at(date(2100, 1, 1))


def test_nobody_is_a_member_after_the_phase():
    row = RattachementFactory(debut=DEBUT)
    end = row.phase.fin
    assert row in Rattachement.objects.at(end - timedelta(days=1))
    assert row not in Rattachement.objects.at(end)
    assert row.terme == end
    shown = Territoire.objects.with_dates().with_members(end).get()
    assert (shown.fin, shown.sortie, shown.nb_membres) == (end, None, 1)


def test_a_territory_comes_once_whatever_its_members():
    territoire = TerritoireFactory()
    RattachementFactory.create_batch(3, territoire=territoire)
    assert list(Territoire.objects.at(DEBUT)) == [territoire]


def test_dates_of_a_territory_are_those_of_its_members():
    row = RattachementFactory(debut=date(2020, 10, 15), certitude="exacte", fin=FIN)
    RattachementFactory(territoire=row.territoire, debut=DEBUT, certitude="au plus tard", fin=FIN)
    dated = Territoire.objects.with_dates().get()
    assert (dated.debut, dated.debut_certitude, dated.fin) == (DEBUT, "au plus tard", FIN)


def test_a_territory_with_one_open_member_has_no_end():
    row = RattachementFactory(debut=DEBUT, fin=FIN)
    RattachementFactory(territoire=row.territoire, debut=DEBUT)
    assert Territoire.objects.with_dates().get().sortie is None


def test_a_territory_without_member_has_no_date_and_is_on_no_map():
    TerritoireFactory(rattachement=None)
    dated = Territoire.objects.with_dates().with_members(DEBUT).get()
    assert (dated.debut, dated.debut_certitude, dated.fin) == (None, None, None)
    assert (dated.population, dated.nb_communes, dated.nb_membres) == (None, None, None)
    assert not Territoire.objects.at(DEBUT).exists()


def members(**epci):
    """A territory of one intercommunalité until FIN, and one commune since FIN."""
    left = RattachementFactory(
        debut=DEBUT,
        fin=FIN,
        intercommunalite=IntercommunaliteFactory(**{"population": 100, "nb_communes": 5, **epci}),
    )
    RattachementFactory(
        territoire=left.territoire,
        debut=FIN,
        intercommunalite=None,
        commune=CommuneFactory(population=7),
    )
    return left.territoire


@pytest.mark.parametrize(("day", "sums"), [(DEBUT, (100, 5, 1)), (FIN, (7, 1, 1))])
def test_members_are_added_up_at_a_date(day, sums):
    members()
    row = Territoire.objects.with_members(day).get()
    assert (row.population, row.nb_communes, row.nb_membres) == sums


def test_a_territory_that_left_shows_its_last_members():
    row = RattachementFactory(debut=DEBUT, fin=date(2020, 1, 1))
    last = RattachementFactory(territoire=row.territoire, debut=date(2020, 1, 1), fin=FIN)
    shown = Territoire.objects.with_members(date(2024, 1, 1)).get()
    assert (shown.population, shown.nb_membres) == (last.intercommunalite.population, 1)


def test_an_unknown_population_is_not_zero():
    members(population=None)
    assert Territoire.objects.with_members(DEBUT).get().population is None


def test_a_territory_over_two_regions_comes_once():
    one, two = RegionFactory(), RegionFactory()
    shared = TerritoireFactory(region_porteuse=one, regions=[two])
    TerritoireFactory()
    assert list(Territoire.objects.in_regions([one, two])) == [shared]


def test_nature_and_name_of_a_member():
    epci = RattachementFactory(intercommunalite__nom="CC des Forges")
    commune = RattachementFactory(intercommunalite=None, commune=CommuneFactory(nom="L’Aigle"))
    assert (epci.nature, commune.nature) == ("CC", "COM")
    assert str(epci) == f"CC des Forges – {epci.territoire}"
    assert commune.membre.nom == "L’Aigle"
