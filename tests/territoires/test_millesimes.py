"""Which communes make an intercommunalité, vintage by vintage."""

from datetime import date

import pytest

from territoires.millesimes import Geographies, communes_des_territoires, etat, millesime
from territoires.models import Commune, Territoire
from territoires.recherche.commune import Appartenances, commune_of
from tests.factories import (
    CommuneAncienneFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    MouvementCommuneFactory,
    RattachementFactory,
)

pytestmark = pytest.mark.django_db

PHASE_1, LISTE_2023, LISTE_2024 = date(2021, 11, 22), date(2023, 11, 9), date(2024, 7, 4)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2018, 11, 22), 2022),
        (date(2022, 12, 31), 2022),
        (date(2023, 11, 8), 2022),
        (LISTE_2023, 2023),
        (date(2024, 7, 3), 2023),
        (LISTE_2024, 2024),
        (date(2030, 1, 1), 2024),
    ],
)
def test_the_list_in_force_gives_its_geography(day, year):
    assert millesime(day) == year
    assert etat(day) == date(year, 1, 1)


@pytest.fixture
def moved():
    """A commune that left its intercommunalité on 1 January 2024, and came back in 2025."""
    commune = CommuneFactory(code="59192")
    joined = MouvementCommuneFactory(commune=commune)
    MouvementCommuneFactory(
        commune=commune,
        date=date(2025, 1, 1),
        quittee=joined.rejointe,
        rejointe=commune.intercommunalite,
    )
    return joined


def both(commune, day):
    """What SQL and memory say of the intercommunalité of a commune, when they agree."""
    siren = Geographies.toutes().intercommunalite(commune, day)
    assert siren == Commune.objects.at(day).get(pk=commune.pk).intercommunalite_alors
    return siren


def test_a_commune_belongs_where_the_list_in_force_puts_it(moved):
    assert both(moved.commune, PHASE_1) == moved.quittee_id
    assert both(moved.commune, date(2024, 1, 1)) == moved.quittee_id
    assert both(moved.commune, LISTE_2024) == moved.rejointe_id
    # A later change is told beside the answer, it does not make it.
    assert both(moved.commune, date(2026, 1, 1)) == moved.rejointe_id
    assert list(Commune.objects.at(LISTE_2024).membres([moved.quittee_id])) == []
    assert list(Commune.objects.at(LISTE_2024).membres([moved.rejointe_id])) == [moved.commune]


def test_its_territory_follows(moved):
    before = RattachementFactory(intercommunalite=moved.quittee, debut=PHASE_1)
    after = RattachementFactory(
        territoire__phase_id=2, intercommunalite=moved.rejointe, debut=LISTE_2023
    )
    known = Appartenances.of([moved.commune])
    assert known.rattachement(moved.commune, PHASE_1) == before
    assert known.rattachement(moved.commune, LISTE_2024) == after
    assert communes_des_territoires(PHASE_1) == {before.territoire_id: ["59192"]}
    assert communes_des_territoires(LISTE_2024) == {after.territoire_id: ["59192"]}


def test_it_belongs_since_the_list_that_put_it_there(moved):
    after = RattachementFactory(
        territoire__phase_id=2, intercommunalite=moved.rejointe, debut=LISTE_2023
    )
    known = Appartenances.of([moved.commune])
    assert known.rattachement(moved.commune, LISTE_2023) is None
    found = known.rattachement(moved.commune, date(2026, 1, 1))
    assert (found, found.debut, found.certitude) == (after, LISTE_2024, "exacte")
    after.refresh_from_db()
    assert after.debut == LISTE_2023


def test_a_commune_that_is_gone_leads_to_the_one_that_took_it_over():
    gone, heir = CommuneFactory(code="01039"), CommuneFactory(code="01138")
    MouvementCommuneFactory(commune=gone, date=date(2023, 1, 1), rejointe=None)
    CommuneAncienneFactory(
        code="01039", commune=heir, nature="commune-absorbee", jusqu_en=date(2023, 1, 1)
    )
    assert commune_of("01039") == heir
    assert set(Commune.objects.at(PHASE_1)) == {gone, heir}
    assert set(Commune.objects.at(LISTE_2023)) == {heir}
    known = Geographies.toutes()
    assert known.existe(gone, PHASE_1)
    assert not known.existe(gone, LISTE_2023)


def test_a_commune_that_is_gone_without_a_known_successor_is_itself():
    gone = CommuneFactory(code="16238")
    MouvementCommuneFactory(commune=gone, date=date(2025, 1, 1), rejointe=None)
    assert commune_of("16238") == gone
    assert Commune.objects.existantes(date(2024, 12, 31)).get() == gone
    assert not Commune.objects.existantes(date(2025, 1, 1))


def test_a_commune_that_is_restored_is_there_from_that_day():
    whole = CommuneFactory(code="85084")
    part = CommuneFactory(code="85165", intercommunalite=None)
    MouvementCommuneFactory(commune=part, quittee=None, rejointe=whole.intercommunalite)
    CommuneAncienneFactory(code="85165", commune=whole, jusqu_en=date(2024, 1, 1))
    assert set(Commune.objects.at(LISTE_2023)) == {whole}
    assert commune_of("85165") == part
    assert both(part, LISTE_2024) == whole.intercommunalite_id


def test_a_commune_by_itself_comes_before_its_intercommunalite():
    body = IntercommunaliteFactory()
    alone, other = (CommuneFactory(code=code, intercommunalite=body) for code in ("23019", "23020"))
    today = {"territoire__phase_id": 2, "debut": LISTE_2024}
    first = RattachementFactory(intercommunalite=body, **today)
    second = RattachementFactory(intercommunalite=None, commune=alone, **today)
    assert communes_des_territoires(LISTE_2024) == {
        first.territoire_id: [other.pk],
        second.territoire_id: [alone.pk],
    }


def test_queries_do_not_grow(django_assert_num_queries):
    communes = [MouvementCommuneFactory().commune for _ in range(3)]
    with django_assert_num_queries(2):
        known = Appartenances.of(communes)
        assert not any(known.rattachement(commune, PHASE_1) for commune in communes)


def test_inhabitants_follow_a_commune_that_moves(moved):
    """A territory has those of its communes in the geography of the list, not of its members'."""
    commune, left, joined = moved.commune, moved.quittee, moved.rejointe
    for body, population in ((left, 10_000), (joined, 20_000)):
        body.population = population
        body.save()
    commune.population = 700
    commune.save()
    one, other = (
        RattachementFactory(territoire__phase_id=2, intercommunalite=body, debut=LISTE_2023)
        for body in (left, joined)
    )

    def inhabitants(row, day):
        return Territoire.objects.with_members(day).get(pk=row.territoire_id).population

    assert [inhabitants(row, LISTE_2023) for row in (one, other)] == [10_000, 20_000]
    assert [inhabitants(row, LISTE_2024) for row in (one, other)] == [9_300, 20_700]


def test_inhabitants_of_a_commune_that_merges_stay():
    row = RattachementFactory(territoire__phase_id=2, debut=LISTE_2023)
    gone = CommuneFactory(intercommunalite=row.intercommunalite)
    MouvementCommuneFactory(
        commune=gone, date=date(2023, 1, 1), quittee=row.intercommunalite, rejointe=None
    )
    shown = Territoire.objects.with_members(LISTE_2024).get(pk=row.territoire_id)
    assert shown.population == row.intercommunalite.population
