"""Which of the real projects have sources that disagree, by another computation."""

import pytest

from programme.lieux import distance
from programme.models import Desaccord, Projet
from programme.models.desaccords import LOIN
from territoires.lecture import codes
from territoires.models import CodePostal, Commune
from tests.programme.backoffice.outils import text_of
from tests.programme.catalogue.listes.outils import ask, read_csv

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
    pytest.mark.lent,
]


def test_the_records_are_those_of_another_computation():
    """The same rule in Python, on every row."""
    communes = Commune.objects.in_bulk()
    of_postcode = {}
    for code, commune in CodePostal.objects.values_list("code", "commune"):
        of_postcode.setdefault(code, set()).add(communes[commune])

    def far(projet):
        here, known = communes.get(projet.commune_id), of_postcode.get(projet.code_postal)
        if not here or not known or None in {place.lon for place in (here, *known)}:
            return False
        away = (distance(here.lon, here.lat, other.lon, other.lat) for other in known)
        return min(away) > LOIN

    rows = list(Projet.objects.all())
    expected = {
        Desaccord.LIEU: {row.code for row in rows if far(row)},
        Desaccord.SIREN: {
            row.code for row in rows if row.siren and not codes.has_good_key(row.siren)
        },
        Desaccord.DOUBLON: {"fai-0765", "fai-0785"},
    }
    assert len(expected[Desaccord.LIEU]) == 35
    assert expected[Desaccord.SIREN] == {"fai-0471"}
    for kind, found in expected.items():
        assert set(Projet.objects.en_desaccord(kind).values_list("code", flat=True)) == found
    assert Projet.objects.en_desaccord().count() == 38


def test_two_places_look_swapped(client):
    page = text_of(client.get("/projets/fai-0590/", follow=True))
    assert "SOC FRANCAISE FABRICAT PAPIERS ONDULES sont à l’inverse" in page
    assert "les deux lieux semblent échangés" in page
    pairs = {
        frozenset({row.code, other.code})
        for row in Projet.objects.en_desaccord(Desaccord.LIEU)
        for other in Projet.objects.echanges(row)
    }
    assert pairs == {frozenset({"fai-0590", "fai-0685"})}


def test_what_is_said_twice_is_named_and_counted(client):
    assert "pour LAVERIE DE L'ILE" in text_of(client.get("/projets/fai-0785/", follow=True))
    assert "la source répète l’objet et les chiffres" in text_of(ask(client, "projets"))
    elsewhere = ask(client, "projets", desaccord="lieu")
    assert "la source répète" not in text_of(elsewhere)


def test_the_list_its_facet_and_its_file_agree(client):
    response = ask(client, "projets", desaccord="au moins un désaccord")
    assert response.context["totaux"]["lignes"] == 38
    rows = read_csv(ask(client, "projets", format="csv"))
    told = [row["desaccords"] for row in rows if row["desaccords"]]
    assert (len(rows), len(told), told.count("lieu")) == (1158, 38, 35)
