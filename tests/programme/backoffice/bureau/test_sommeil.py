"""Contracts and projects that nobody has touched for six months."""

from datetime import date, timedelta

import pytest

from programme.backoffice.bureau.sommeil import il_y_a_six_mois
from tests import factories as f
from tests.programme.backoffice.bureau.outils import texte, vieillir

PAGE = "/admin/sans-changement/"


@pytest.fixture
def client(signed_in, secretariat):
    return signed_in(secretariat)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2022, 7, 15), date(2022, 1, 15)),
        (date(2022, 3, 10), date(2021, 9, 10)),
        (date(2022, 8, 31), date(2022, 2, 28)),
        (date(2024, 8, 30), date(2024, 2, 29)),
        (date(2022, 6, 1), date(2021, 12, 1)),
    ],
)
def test_six_months_before(day, before):
    assert il_y_a_six_mois(day) == before


def names(client, kind):
    return [line.nom for line in client.get(PAGE, {"type": kind}).context["lignes"]]


def test_the_longest_asleep_comes_first(client, territoire):
    awake, asleep, deep = f.ProjetFactory.create_batch(3, territoire=territoire)
    vieillir(awake, jours=170)
    vieillir(asleep, jours=200)
    vieillir(deep, jours=400)
    assert names(client, "projet") == [str(deep), str(asleep)]


def test_the_limit_is_the_day_six_months_ago(client, territoire, aujourd_hui):
    days = (aujourd_hui - il_y_a_six_mois(aujourd_hui)).days
    on_the_day, the_day_after = f.ProjetFactory.create_batch(2, territoire=territoire)
    vieillir(on_the_day, jours=days)
    vieillir(the_day_after, jours=days - 1)
    assert names(client, "projet") == [str(on_the_day)]


def test_a_change_of_its_rows_wakes_a_record(client, territoire):
    projet = f.ProjetFactory(territoire=territoire)
    contrats = f.ContratFactory.create_batch(3, territoire=territoire)
    vieillir(projet, *contrats, jours=300)
    share = f.FinancementFactory(projet=projet)
    f.SignataireFactory(contrat=contrats[0])
    amendment = f.AvenantFactory(contrat=contrats[1])
    assert names(client, "projet") == []
    assert names(client, "contrat") == [str(contrats[2])]
    vieillir(share, amendment, jours=250)
    assert names(client, "projet") == [str(projet)]
    assert len(names(client, "contrat")) == 2


def test_the_date_told_is_the_latest_of_the_record_and_its_rows(client, territoire, aujourd_hui):
    projet = f.ProjetFactory(territoire=territoire)
    share = f.FinancementFactory(projet=projet)
    vieillir(projet, jours=400)
    vieillir(share, jours=250)
    (line,) = client.get(PAGE, {"type": "projet"}).context["lignes"]
    told = aujourd_hui - timedelta(days=250)
    assert str(told.year) in line.mention
    assert str(told.day) in line.mention


def test_a_deleted_row_wakes_its_record(client, territoire):
    projet = f.ProjetFactory(territoire=territoire)
    share = f.FinancementFactory(projet=projet)
    vieillir(projet, share, jours=300)
    share.delete()
    assert names(client, "projet") == []


@pytest.mark.parametrize(
    ("factory", "values"),
    [
        (f.ProjetFactory, {"statut": "réalisé"}),
        (f.ProjetFactory, {"statut": "abandonné"}),
        (f.ProjetFactory, {"publication": "retiré"}),
        (f.ContratFactory, {"statut": "achevé"}),
        (f.ContratFactory, {"statut": "abandonné"}),
        (f.ContratFactory, {"publication": "retiré"}),
    ],
)
def test_what_is_over_sleeps_in_peace(client, territoire, factory, values):
    made = factory(territoire=territoire, **values)
    vieillir(made, jours=300)
    assert names(client, made._meta.model_name) == []


@pytest.mark.parametrize("publication", ["brouillon", "à valider", "publié"])
def test_drafts_sleep_too(client, territoire, publication):
    made = f.ProjetFactory(territoire=territoire, publication=publication)
    vieillir(made, jours=300)
    assert names(client, "projet") == [str(made)]


def test_another_region_s_are_not_shown(client, bretagne):
    vieillir(f.ProjetFactory(territoire__region_porteuse=bretagne), jours=300)
    assert names(client, "projet") == []


def test_what_no_history_tells_is_not_judged(client, territoire):
    f.ProjetFactory(territoire=territoire).history.all().delete()
    assert names(client, "projet") == []


def test_a_kind_that_does_not_sleep_is_refused(client, db):
    response = client.get(PAGE, {"type": "agent"})
    assert response.status_code == 404
    assert "Aucun enregistrement de ce genre sur ce bureau." in response.content.decode()


def test_an_operator_s_officer_may_not_read_it(signed_in, db):
    assert signed_in(f.ReferentAgentFactory()).get(PAGE).status_code == 403


def test_it_says_when_nothing_sleeps(client, db):
    assert texte(client.get(PAGE)).count("Aucun.") == 1


def test_it_costs_the_same_with_one_row_and_with_five(client, territoire, queries):
    vieillir(f.ProjetFactory(territoire=territoire), jours=300)
    one = queries(client, f"{PAGE}?type=projet")
    for _ in range(4):
        vieillir(f.ProjetFactory(territoire=territoire), jours=300)
    assert queries(client, f"{PAGE}?type=projet") == one
    assert one <= 8
