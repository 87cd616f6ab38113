"""The status of a promise: dates, grace, evidence before and after the deadline, and none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programme.promesses.regle import GRACE, Preuve, Promesse, Statut, juger, statut

FIN_2022 = date(2022, 12, 31)
LIMITE = FIN_2022 + GRACE


@pytest.mark.parametrize(
    ("echeance", "preuve", "atteinte", "jour", "attendu"),
    [
        (FIN_2022, False, None, date(2020, 1, 1), Statut.RIEN),
        (FIN_2022, False, None, LIMITE, Statut.RIEN),
        (FIN_2022, False, None, LIMITE + timedelta(days=1), Statut.ECHU),
        (FIN_2022, True, None, date(2020, 1, 1), Statut.EN_COURS),
        (FIN_2022, True, None, LIMITE, Statut.EN_COURS),
        (FIN_2022, True, None, LIMITE + timedelta(days=1), Statut.ECHU),
        (FIN_2022, True, 2021, date(2021, 6, 1), Statut.TENU),
        (FIN_2022, True, 2022, date(2030, 1, 1), Statut.TENU),
        (FIN_2022, True, 2023, date(2023, 6, 1), Statut.TENU_APRES),
        (FIN_2022, True, 2024, date(2030, 1, 1), Statut.TENU_APRES),
        (None, False, None, date(2030, 1, 1), Statut.RIEN),
        (None, True, None, date(2030, 1, 1), Statut.SANS_ECHEANCE),
        (None, True, 2020, date(2030, 1, 1), Statut.TENU),
    ],
)
def test_the_status(echeance, preuve, atteinte, jour, attendu):
    assert statut(echeance=echeance, preuve=preuve, atteinte=atteinte, jour=jour) == attendu


def test_what_the_years_add_up_to_reaches_the_target():
    promesse = Promesse(FIN_2022, 400)
    preuves = [Preuve(2019, 100), Preuve(2020, 250), Preuve(2021, 50)]
    kept = juger(promesse, preuves, date(2023, 1, 1))
    assert (kept.statut, kept.atteinte, kept.realise, kept.ecart) == (Statut.TENU, 2021, 400, 0)
    before = juger(promesse, preuves, date(2020, 12, 31))
    assert (before.statut, before.realise, before.ecart) == (Statut.EN_COURS, 350, -50)


def test_a_target_by_territory_is_reached_in_one_year_not_by_adding_years_up():
    promesse = Promesse(None, 1, {2019: 146, 2020: 148}, cumul=False)
    short = juger(promesse, [Preuve(2019, 100), Preuve(2020, 100)], date(2021, 1, 1))
    assert (short.statut, short.realise) == (Statut.SANS_ECHEANCE, 100)
    assert juger(promesse, [Preuve(2019, 146)], date(2021, 1, 1)).atteinte == 2019
    assert juger(promesse, [Preuve(2020, 146)], date(2021, 1, 1)).atteinte is None


def test_those_who_answer_the_same_year_are_added_up():
    promesse = Promesse(None, 1, {2020: 40}, cumul=False)
    assert juger(promesse, [Preuve(2020, 20), Preuve(2020, 20)], date(2021, 1, 1)).atteinte == 2020


def test_evidence_without_a_number_is_evidence_and_reaches_nothing():
    told = juger(Promesse(None, None), [Preuve(2020)], date(2021, 1, 1))
    assert (told.statut, told.realise, told.ecart) == (Statut.SANS_ECHEANCE, None, None)
    zero = juger(Promesse(FIN_2022, 10), [Preuve(2020, 0)], date(2021, 1, 1))
    assert (zero.statut, zero.realise, zero.ecart) == (Statut.EN_COURS, 0, -10)


def test_a_rhythm_without_an_end_is_never_kept_for_good():
    promesse = Promesse(None, 20, sans_fin=True)
    assert juger(promesse, [Preuve(2020, 25)], date(2030, 1, 1)).statut == Statut.SANS_ECHEANCE


def test_evidence_of_a_year_to_come_is_not_read_yet():
    promesse = Promesse(FIN_2022, 10)
    assert juger(promesse, [Preuve(2022, 10)], date(2021, 12, 31)).statut == Statut.RIEN
    assert juger(promesse, [Preuve(2022, 10)], date(2022, 1, 1)).statut == Statut.TENU


def test_a_map_that_had_no_territory_reaches_nothing():
    promesse = Promesse(None, 1, {2018: 0}, cumul=False)
    assert juger(promesse, [Preuve(2018, 0)], date(2021, 1, 1)).atteinte is None


PREUVES = st.lists(
    st.builds(Preuve, st.integers(2018, 2030), st.none() | st.integers(0, 100)), max_size=6
)
JOURS = st.dates(date(2018, 1, 1), date(2035, 1, 1))


@given(PREUVES, JOURS, st.none() | st.dates(date(2019, 1, 1), date(2025, 1, 1)))
def test_every_promise_has_one_status_that_only_evidence_or_time_changes(preuves, jour, echeance):
    promesse = Promesse(echeance, 100)
    here = juger(promesse, preuves, jour)
    assert here.statut in Statut
    assert here == juger(promesse, preuves[::-1], jour)  # in whatever order it is told
    if here.atteinte is not None:  # what was kept stays so
        later = juger(promesse, preuves, jour.replace(year=2036, day=1))
        assert later.statut == here.statut
    told = [p for p in preuves if p.annee <= jour.year]
    if not told:
        assert here.statut in {Statut.RIEN, Statut.ECHU}
