"""Home."""

from datetime import date

import pytest

from tests.factories import (
    ChiffreAnnonceFactory,
    EngagementFactory,
    FinancementFactory,
    JalonFactory,
    ProjetFactory,
    RealisationFactory,
    TerritoireFactory,
)

from .outils import PUBLICATIONS_CACHEES, texte

pytestmark = pytest.mark.django_db
FONDS = "etat-fonds-acceleration"


@pytest.fixture
def _one_of_each():
    financement = FinancementFactory(
        projet=ProjetFactory(emplois_crees=8), financeur__slug=FONDS, financeur__nom="État (fonds)"
    )
    JalonFactory(nb_territoires=136)
    ChiffreAnnonceFactory(indicateur="territoires")
    RealisationFactory()
    return financement.financeur


def test_empty_site_answers(client):
    read = texte(client.get("/"))
    assert "Votre commune est-elle dans un Territoire d’industrie ?" in read
    assert "Aucun événement publié." in read


@pytest.mark.usefixtures("_one_of_each")
def test_queries_do_not_grow(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        client.get("/?une")
    for number in range(5):
        TerritoireFactory()
        JalonFactory(nb_territoires=140 + number)
        ChiffreAnnonceFactory(indicateur="territoires", valeur=number)
        RealisationFactory()
        ProjetFactory()
    with django_assert_max_num_queries(11):
        client.get("/?cinq")


def test_figures_are_computed_from_published_records_and_beside_the_announced_ones(client):
    announced = {"date": date(2021, 11, 1), "precision_date": "mois"}
    ChiffreAnnonceFactory(
        indicateur="projets_fonds_acceleration", valeur=1400, nature="plus de", **announced
    )
    ChiffreAnnonceFactory(indicateur="territoires", valeur=146, **announced)
    financement = FinancementFactory(
        projet=ProjetFactory(emplois_crees=8), financeur__slug=FONDS, financeur__nom="État (fonds)"
    )
    same = {"financeur": financement.financeur}
    FinancementFactory(projet=ProjetFactory(emplois_crees=None), **same)
    FinancementFactory(projet=ProjetFactory(publication="brouillon", emplois_crees=500), **same)
    ProjetFactory(emplois_crees=70)  # not paid by the fund
    read = texte(client.get("/"))
    assert (
        "2 projets de la phase 1 publiés, lauréats du fonds d’accélération, sur plus de 1 400 "
        "annoncés" in read
    )
    assert "8 créations d’emplois dans ces projets renseignées par 1 projet sur 2." in read
    assert "annoncé : 146, novembre 2021." in read


def test_commitments_that_are_followed(client):
    engagement = EngagementFactory()
    assert "aucune réalisation publiée" in texte(client.get("/"))
    RealisationFactory(engagement=engagement, valeur=12)
    RealisationFactory(engagement=engagement, annee=2021, valeur=13)
    assert "1 engagements" not in texte(client.get("/?b"))
    assert "une réalisation est publiée pour 1" in texte(client.get("/?b"))


def test_map_steps_lead_to_the_map_at_their_date(client):
    JalonFactory(date=date(2019, 3, 6), nb_territoires=136)
    JalonFactory(date=date(2019, 11, 14), nb_territoires=146)
    JalonFactory(date=date(2999, 1, 1), nb_territoires=999)
    page = client.get("/").content.decode()
    assert "/carte/?date=2019-03-06" in page
    assert page.count('aria-current="true"') == 1
    assert "999" not in page


@pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
def test_nothing_hidden_shows(client, publication):
    JalonFactory(intitule="Annonce secrète", nb_territoires=777, publication=publication)
    ChiffreAnnonceFactory(indicateur="territoires", valeur=888, publication=publication)
    read = texte(client.get("/"))
    assert "secrète" not in read
    assert "777" not in read
    assert "888" not in read


def test_search_works_without_script(client):
    page = client.get("/").content.decode()
    assert (
        '<form class="fr-search-bar fr-search-bar--lg" role="search" action="/recherche/"' in page
    )
    assert 'name="q"' in page


def test_the_site_says_that_it_is_not_official(client, settings):
    assert "Ce site n’est pas un site officiel." in texte(client.get("/"))
    settings.SITE = {**settings.SITE, "officiel": True}
    official = client.get("/?officiel")
    assert "n’est pas un site officiel" not in texte(official)
    assert 'class="fr-logo"' in official.content.decode()
