"""« Depuis quand, avec quelle certitude »: the map in memory and the rows in SQL say the same."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoires.carte import carte_at, cartes_at, certitude_entree, debut_continu
from territoires.models import Certitude, Phase, Rattachement, Territoire
from tests.factories import IntercommunaliteFactory, TerritoireFactory

pytestmark = pytest.mark.django_db

PREMIER = date(2018, 11, 22)
jours = st.integers(0, 35).map(lambda n: PREMIER + timedelta(days=50 * n))
periodes = st.tuples(jours, st.none() | st.integers(1, 12), st.sampled_from(Certitude.values))


def test_the_least_sure_is_the_weakest_word():
    assert list(Certitude.values) == ["exacte", "reconstituée", "au plus tard"]
    assert Certitude.la_moins_sure(["exacte", "au plus tard", "reconstituée"]) == "au plus tard"
    assert Certitude.la_moins_sure(["reconstituée", "exacte"]) == "reconstituée"
    assert Certitude.la_moins_sure([]) == ""


def compare():
    """Each territory on the last day of its last presence: SQL and memory."""
    dated = {t.pk: t for t in Territoire.objects.with_dates()}
    rows = Territoire.objects.prefetch_related("rattachements__phase")
    for territoire in rows:
        members = list(territoire.rattachements.all())
        found = dated[territoire.pk]
        if not members:
            assert (found.debut, found.fin) == (None, None)
            continue
        open_ones = [r for r in members if r.terme is None]
        fin = None if open_ones else max(r.terme for r in members)
        last = max(r.debut for r in members) if fin is None else fin - timedelta(days=1)
        debut = debut_continu(members, last)
        assert (found.debut, found.fin) == (debut, fin)
        assert found.debut_certitude == certitude_entree(members, debut)
        assert found.sortie == (None if fin == territoire.phase.fin else fin)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(periodes, min_size=1, max_size=5), min_size=1, max_size=3))
def test_generated_rows_say_the_same_on_both_sides(territoires):
    Rattachement.objects.all().delete()
    Territoire.objects.all().delete()
    rows = []
    for number, members in enumerate(territoires):
        where = TerritoireFactory(rattachement=None, phase_id=1 + number % 2)
        shift = timedelta(days=2000 * (number % 2))  # rows of phase 2 begin in it
        rows += [
            Rattachement(
                territoire=where,
                intercommunalite=IntercommunaliteFactory(departements=[]),
                debut=debut + shift,
                fin=duree and debut + shift + timedelta(days=50 * duree),
                certitude=certitude,
            )
            for debut, duree, certitude in members
        ]
    Rattachement.objects.bulk_create(rows)
    compare()
    for day in {row.debut for row in rows} | {date(2023, 11, 9)}:
        carte = carte_at(day)
        assert {p.territoire for p in carte.attestes} == set(Territoire.objects.at(day))


def test_a_complete_list_gives_the_first_possible_day():
    listed = date(2021, 11, 23)
    row = TerritoireFactory(rattachement__debut=date(2022, 12, 31), rattachement__pas_avant=listed)
    classes = [
        cartes_at([day])[day].par_code[row.code].classe
        for day in (listed - timedelta(days=1), listed, date(2022, 12, 31), date(2023, 11, 9))
    ]
    assert classes == ["absent", "possible", "attesté", "absent"]


def test_nothing_is_possible_before_its_phase():
    debut = Phase.objects.get(pk=2).debut
    row = TerritoireFactory(phase_id=2, rattachement__debut=debut + timedelta(days=10))
    days = [debut + timedelta(days=n) for n in (-1, 0, 10)]
    cartes = cartes_at(days)
    classes = [cartes[day].par_code[row.code].classe for day in days]
    assert classes == ["absent", "possible", "attesté"]
