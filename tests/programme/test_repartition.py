"""What carries a sum: the median of what is told, the three largest, over the rows of a list."""

from html import unescape
from statistics import median

import pytest
from django.urls import reverse

from programme.models import Projet
from programme.models.base import Publication
from tests import factories

pytestmark = pytest.mark.django_db


def tell(name, *values):
    for rank, value in enumerate(values):
        factories.ProjetFactory(beneficiaire=f"Fonderie n° {rank}", **{name: value})


def of(rows, name):
    rows = Projet.objects.published() if rows is None else rows
    return rows.repartitions(rows.totaux())[name]


@pytest.mark.parametrize(
    "values",
    [[7], [7, 8], [3, 1, 2], [0, 0, 5, 12], [12, 12, 12, 12, 400, 750, 400, 1]],
)
def test_the_median_and_the_largest_are_those_of_what_is_told(values):
    tell("emplois_crees", *values)
    factories.ProjetFactory(emplois_crees=None)
    factories.ProjetFactory(emplois_crees=9_999, publication=Publication.BROUILLON)
    found = of(None, "emplois_crees")
    assert (found.dits, found.somme) == (len(values), sum(values))
    assert found.mediane == round(median(values))
    assert [one.valeur for one in found.grands] == sorted(values, reverse=True)[:3]
    assert len(found.nommes) == (3 if len(values) > 6 else 0)


def test_nothing_told_carries_nothing():
    factories.ProjetFactory(emplois_crees=None)
    found = of(None, "emplois_crees")
    assert (found.dits, found.mediane, found.grands, found.part) == (0, None, (), None)
    assert of(Projet.objects.none(), "investissement_eur").dits == 0


def test_a_row_that_two_links_reach_counts_once():
    tell("investissement_eur", 10, 20, 30)
    factories.FinancementFactory.create_batch(2, projet=Projet.objects.first())
    rows = Projet.objects.published().filter(financements__isnull=False)
    assert of(rows, "investissement_eur").dits == 1


def test_a_list_says_what_carries_its_sums_and_cites_it(client):
    tell("investissement_eur", *(1_000_000 * n for n in (1, 1, 2, 2, 3, 3, 80)))
    factories.ProjetFactory.create_batch(2, investissement_eur=None)
    page = unescape(client.get(reverse("projets")).text).replace("\N{NO-BREAK SPACE}", " ")
    assert "médiane : 2 M€ ; les trois plus grands en font 93 %" in page
    assert "Investissement, 7 projets qui le disent : la moitié ne dépasse pas 2 000 000 €" in page
    assert ">Fonderie n° 6</a>, 80 M€" in page
    assert "on ne sait rien : ni petits, ni grands" in page
    asked = {"chiffre": "projets-investissement-mediane"}
    told = unescape(client.get(client.post(reverse("citer"), asked)["Location"]).text)
    assert "9 projets, dont 2 sans montant" in told.replace("\N{NO-BREAK SPACE}", " ")
    assert "Fonderie n° 6" in told


def test_of_two_projects_no_middle_is_told(client):
    tell("emplois_crees", 4, 6)
    assert "Ce qui porte ces sommes" not in client.get(reverse("projets")).text
