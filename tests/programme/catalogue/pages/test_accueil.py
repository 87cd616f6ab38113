"""Home."""

from datetime import date

import pytest

from territoires.models import Lignee
from tests.factories import (
    ChiffreAnnonceFactory,
    EngagementFactory,
    FaitFactory,
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
    # Six for the promises and one for the glossary, kept for each version of the data; the rest for
    # the parts of the page.
    with django_assert_max_num_queries(24):
        client.get("/?une")
    for number in range(5):
        TerritoireFactory()
        JalonFactory(nb_territoires=140 + number)
        ChiffreAnnonceFactory(indicateur="territoires", valeur=number)
        RealisationFactory()
        ProjetFactory()
    with django_assert_max_num_queries(24):
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


def test_what_was_promised_is_counted_by_computed_status(client):
    due = {"precision_echeance": "jour", "rythme": "", "cible": 10}
    EngagementFactory(echeance=date(2019, 12, 31), **due)
    kept = EngagementFactory(echeance=date(2020, 12, 31), **due)
    RealisationFactory(engagement=kept, annee=2020, valeur=12)
    read = texte(client.get("/"))
    assert "Sur 2 engagements, 1 est tenu d’après ce qui est publié ; pour un, rien" in read
    assert "1 tenu 1 échu sans preuve publiée" in read


def test_the_news_are_dated_and_sourced_the_latest_first(client):
    JalonFactory(date=date(2023, 11, 9), intitule="Phase 2")
    FaitFactory(
        date=date(2025, 5, 27), precision_date="jour", intitule="Budget de l’année", source="x-1"
    )
    FaitFactory(date=date(2999, 1, 1), precision_date="jour", intitule="À venir")
    read = texte(client.get("/"))
    assert "À venir" not in read
    assert read.index("27 mai 2025 Budget de l’année : ") < read.index("9 novembre 2023 Phase 2")
    assert "Hors chargement des sources, aucun territoire, contrat, projet" in read


def test_the_map_says_what_phase_2_kept(client):
    old = TerritoireFactory(nom="Ancien", phase_id=1)
    new = TerritoireFactory(nom="Neuf", phase_id=2)
    heir = TerritoireFactory(nom="Suite", phase_id=2)
    Lignee.objects.all().delete()
    Lignee.objects.create(apres=new, nature="nouveau", communes=3)
    Lignee.objects.create(avant=old, apres=heir, nature="identique", communes=3)
    read = texte(client.get("/"))
    assert "1 territoire prolonge la phase 1, 1 est entièrement nouveau" in read


def test_with_nothing_each_part_says_so(client):
    read = texte(client.get("/"))
    for said in (
        "Aucun territoire n’est publié : la carte est vide.",
        "Aucun nombre de territoires n’est publié : la carte n’a pas d’étapes.",
        "Aucun événement publié.",
        "Aucun engagement n’est publié.",
        "aucune source publiée ne les compte.",
        "Combien de territoires, annonce après annonce",
    ):
        assert said in read


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
