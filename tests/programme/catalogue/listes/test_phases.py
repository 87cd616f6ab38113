"""`/territoires/` is the catalogue of phase 1 on its day; the rest is a click away."""

import pytest

from territoires.carte import carte_at
from territoires.models import Territoire
from tests.programme.donnees.outils import read_json

from .outils import ask, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]


@pytest.mark.parametrize(
    ("query", "count", "phases"),
    [
        ({}, 146, {1}),
        ({"date": "2019-03-06"}, 48, {1}),
        ({"date": "2022-12-31"}, 149, {1}),
        ({"date": "2023-11-09"}, 183, {2}),
        ({"phase": "1"}, 146, {1}),
        ({"phase": "2"}, 183, {2}),
        ({"phase": "1", "tous": "1"}, 152, {1}),
        ({"phase": "2", "tous": "1"}, 183, {2}),
        ({"tous": "1"}, 335, {1, 2}),
    ],
)
def test_machine_answers(client, query, count, phases):
    answer = read_json(ask(client, "territoires", **query, format="json"))
    assert answer["count"] == count
    assert {row["phase"] for row in answer["results"]} == phases
    assert all(row["code_anct"] for row in answer["results"])


def test_the_catalogue_says_its_phase_and_its_day(client):
    said = text(ask(client, "territoires"))
    assert "Phase 1 (2018-2023), carte au 22 novembre 2021" in said
    assert "146 territoires" in said
    assert "Voir la liste : Phase 2 (2023-2027)" in said


def test_the_strip_has_every_milestone_announced_and_attested(client):
    etapes = ask(client, "territoires").context["etapes"]
    assert [(e.jalon.nb_territoires, e.nommes, e.reconstitues) for e in etapes] == [
        (124, 38, 0),
        (136, 48, 0),
        (141, 59, 0),
        (144, 62, 0),
        (146, 64, 82),
        (148, 148, 0),
        (146, 145, 1),
        (149, 149, 0),
        (183, 183, 0),
    ]
    for etape in etapes:
        deduced = {p.territoire for p in carte_at(etape.jalon.date).reconstitues}
        assert deduced == set(Territoire.objects.reconstitues(etape.jalon.date))
    assert [e.jalon.nb_territoires for e in etapes if e.courante] == [146]


def test_a_day_after_the_last_list_is_not_attested(client):
    said = text(ask(client, "territoires", date="2026-11-28"))
    assert "183 sur la dernière liste connue" in said
    assert "183 attestés ." not in said


def test_an_unknown_phase_is_refused_in_words(client):
    response = ask(client, "territoires", phase="3", format="json")
    assert response.status_code == 400
    assert "« 3 » n’est pas une valeur possible" in response.content.decode()
