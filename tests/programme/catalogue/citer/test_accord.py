"""Over the real data: what a page prints beside « Citer » is what is cited, then and again."""

import re
from html import unescape

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import number_format

from programme.catalogue.citer import vues
from programme.catalogue.citer.citables import CITABLES
from programme.catalogue.pages.indicateurs import lignes_du_fonds
from programme.models import Citation, Projet
from territoires.models import Region

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]
BOUTON = re.compile(r'name="chiffre" value="([^"?]+)(\??[^"]*)"')
PAGES = [
    "/",
    "/fonds/",
    "/regions/normandie/",
    "/territoires/lacq-pau-tarbes/",
    "/projets/?region=84&emplois_crees_min=10",
    "/contrats/",
    "/carte/?date=2021-11-22",
    "/chiffres/",
    "/operateurs/",
    "/operateurs/bpifrance/",
    "/contrats/contrat-terres-de-montaigu/",
    "/carte/lignees/",
    "/carte/differences/?de=2020-10-15&a=2021-11-22",
]


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    vues.demandes.forget_all()


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_offers_to_cite_is_on_it(client, page):
    text = client.get(page).text
    offered = [(code, unescape(query)) for code, query in BOUTON.findall(text)]
    assert offered
    for code, query in dict.fromkeys(offered):
        vues.demandes.forget_all()
        response = client.post(reverse("citer"), {"chiffre": f"{code}{query}"})
        assert response.status_code == 303, (code, query)
        citation = Citation.objects.get(pk=response["Location"].split("/")[-2])
        told = unescape(client.get(response["Location"]).text)
        assert "redonne la valeur citée" in told, (code, query)
        assert "Inchangé depuis" in told, (code, query)
        if CITABLES[code].est_un_graphique:
            assert citation.lecture["constat"] in unescape(text)
        elif citation.valeur is not None and _counts(citation):
            number = number_format(citation.valeur, force_grouping=True)
            assert re.search(rf"(?<!\d){number}(?!\d)", unescape(text)), (code, query)


def _counts(citation):
    """Whether its value is written in full on the page, and not as « 5,4 Md€ »."""
    units = CITABLES[citation.citable].unite, citation.lecture["unite"]
    return not any(unit.startswith("EUR") for unit in units)


def test_the_fund_and_the_regions_are_the_lists_that_they_cite():
    """Their pages count rows by words of their own: the lists that are cited have the same."""

    def listed(query):
        from programme.catalogue.listes.filters import ProjetFilter

        return ProjetFilter(QueryDict(query), Projet.objects.published()).qs

    fonds = lignes_du_fonds().values_list("pk", flat=True)
    assert set(listed("financeur=etat-fonds-acceleration").values_list("pk", flat=True)) == {*fonds}
    for region in Region.objects.all():
        here = Projet.objects.published().in_region(region).values_list("pk", flat=True)
        assert set(listed(f"region={region.pk}").values_list("pk", flat=True)) == {*here}
