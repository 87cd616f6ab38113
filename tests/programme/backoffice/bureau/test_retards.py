"""The operators' commitments that are late."""

from datetime import date

import pytest

from programme.backoffice.bureau.retards import retards
from tests import factories as f

DAY = date(2022, 6, 15)


@pytest.fixture
def operateur(db):
    return f.OperateurFactory(nom="Opérateur témoin")


def reasons(agent):
    return [(r.engagement.code, r.operateur.nom, r.raisons) for r in retards(agent, DAY)]


def once(operateur, **values):
    """A commitment without a yearly rhythm, with a deadline."""
    given = {"echeance": date(2021, 12, 31), "precision_echeance": "année", "rythme": "",
             "code": "unique", **values}  # fmt: skip
    return f.EngagementFactory(operateur=operateur, **given)


def yearly(operateur, **values):
    return f.EngagementFactory(operateur=operateur, code="annuel", **values)


def test_a_deadline_that_passed_without_any_result(secretariat, operateur):
    once(operateur)
    said = "échéance passée (2021), aucune réalisation publiée"
    assert reasons(secretariat) == [("unique", "Opérateur témoin", [said])]


def test_a_deadline_to_come_is_not_late(secretariat, operateur):
    once(operateur, echeance=DAY, precision_echeance="jour")
    assert reasons(secretariat) == []


def test_a_deadline_that_passed_under_the_target(secretariat, operateur):
    made = once(operateur, cible=100_000_000, unite="EUR")
    f.RealisationFactory(engagement=made, annee=2020, valeur=30_000_000)
    f.RealisationFactory(engagement=made, annee=2021, valeur=20_000_000)
    ((_, _, (said,)),) = reasons(secretariat)
    assert said.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == (
        "échéance passée (2021) : 50 M€ sur 100 M€"
    )


def test_a_deadline_that_passed_with_its_target(secretariat, operateur):
    f.RealisationFactory(engagement=once(operateur, cible=20), annee=2021, valeur=20)
    assert reasons(secretariat) == []


def test_a_result_without_value_is_said(secretariat, operateur):
    f.RealisationFactory(engagement=once(operateur, cible=20), annee=2021, valeur=None)
    said = "échéance passée (2021), valeur non renseignée"
    assert reasons(secretariat) == [("unique", "Opérateur témoin", [said])]


def test_years_without_result_and_years_under_the_target(secretariat, operateur):
    made = yearly(operateur, echeance=date(2023, 1, 1), precision_echeance="jour")
    f.RealisationFactory(engagement=made, annee=2019, valeur=20)
    f.RealisationFactory(engagement=made, annee=2020, valeur=18)
    ((_, _, said),) = reasons(secretariat)
    assert said == ["non renseigné : 2021", "2020 : 18 sur 20\N{NO-BREAK SPACE}territoires"]


def test_the_year_under_way_is_not_late(secretariat, operateur):
    made = yearly(operateur, debut=2022, echeance=date(2023, 1, 1), precision_echeance="jour")
    f.RealisationFactory(engagement=made, annee=2022, valeur=3)
    assert reasons(secretariat) == []


def test_a_yearly_promise_never_reported(secretariat, operateur):
    yearly(operateur)
    said = ["aucune réalisation publiée"]
    assert reasons(secretariat) == [("annuel", "Opérateur témoin", said)]


def test_a_promise_without_date_nor_rhythm_is_never_late(secretariat, operateur):
    f.EngagementFactory(operateur=operateur, rythme="", cible=None)
    assert reasons(secretariat) == []


def test_a_draft_is_no_promise_and_delivers_nothing(secretariat, operateur):
    once(operateur, publication="brouillon")
    f.RealisationFactory(engagement=yearly(operateur), annee=2021, publication="brouillon")
    assert [code for code, *_ in reasons(secretariat)] == ["annuel"]


def test_a_common_promise_is_each_operator_s(secretariat, operateur):
    other = f.OperateurFactory(nom="Un autre")
    made = once(None, cible=1)
    f.RealisationFactory(engagement=made, operateur=operateur, annee=2021, valeur=1)
    assert [(code, nom) for code, nom, _ in reasons(secretariat)] == [("unique", other.nom)]


def test_an_operator_s_officer_reads_its_own(operateur):
    other = f.OperateurFactory(nom="Un autre")
    once(operateur)
    once(other, code="autre")
    once(None, code="commun")
    agent = f.ReferentAgentFactory(operateur=operateur)
    assert {code for code, *_ in reasons(agent)} == {"unique", "commun"}
    assert {nom for _, nom, _ in reasons(agent)} == {"Opérateur témoin"}


def test_it_costs_three_queries(secretariat, django_assert_num_queries):
    for count in (1, 4):
        for made in f.EngagementFactory.create_batch(count):
            f.RealisationFactory(engagement=made)
        with django_assert_num_queries(3):
            assert retards(secretariat, DAY)
