"""The page in English: its language, its figures, what it says when nothing is published."""

import csv
import re
from datetime import date

import pytest
from django.conf import settings

from programme import enonces
from programme.catalogue.pages import anglais
from programme.models import ChiffreAnnonce, Financeur
from programme.promesses.regle import Statut
from territoires.dates import in_english
from tests.factories import (
    AffirmationFactory,
    ChiffreAnnonceFactory,
    ContratFactory,
    EngagementFactory,
    FinancementFactory,
    FinanceurFactory,
    ProjetFactory,
    TermeFactory,
    TerritoireFactory,
)

from .outils import PUBLICATIONS_CACHEES, section, texte

FONDS = "etat-fonds-acceleration"
ADRESSE = "/en/"


def paid(**fields):
    kept = Financeur.objects.filter(slug=FONDS).first() or FinanceurFactory(slug=FONDS)
    return FinancementFactory(projet=ProjetFactory(**fields), financeur=kept)


@pytest.mark.django_db
class TestPage:
    def test_says_its_language_and_that_of_what_is_french(self, client):
        page = client.get(ADRESSE).content.decode()
        assert '<html lang="en">' in page
        for around in ('<header class="fr-header entete" ', '<div class="fr-skiplinks" '):
            assert f'{around}lang="fr"' in page
        assert re.search(r"<footer[^>]* lang=\"fr\"", page)
        assert 'content="en_GB"' in page

    def test_home_and_it_know_each_other_and_every_page_leads_to_it(self, client):
        for address in ("/", ADRESSE):
            page = client.get(address).content.decode()
            assert re.search(r'<link rel="alternate" hreflang="en" href="http[^"]*/en/">', page)
            assert re.search(r'<link rel="alternate" hreflang="fr" href="http[^"]*/">', page)
        assert (
            'href="/en/" hreflang="en" lang="en">In English<'
            in client.get("/glossaire/").content.decode()
        )
        assert "/en/</loc>" in client.get("/sitemap-pages.xml").content.decode()

    def test_an_empty_site_states_nothing(self, client):
        read = texte(client.get(ADRESSE))
        assert "No statement about the programme is published." in read
        assert "Invested by the firms in these projects not stated" in read
        assert "none announced" in read

    def test_figures_are_computed_with_what_carries_them(self, client):
        paid(emplois_crees=8, investissement_eur=1_234_567)
        paid(emplois_crees=None, investissement_eur=None)
        ProjetFactory(emplois_crees=100)  # the fund pays nothing for it
        ContratFactory()
        EngagementFactory(cible=None)
        ChiffreAnnonceFactory(
            indicateur="projets_fonds_acceleration",
            valeur=1400,
            nature="plus de",
            unite="projets",
            date=date(2021, 11, 1),
            precision_date="mois",
        )
        read = section(client.get(ADRESSE), "figures")
        assert "published here one by one 2 more than 1,400 announced, November 2021" in read
        assert "Invested by the firms in these projects €1,234,567 stated by 1 of 2" in read
        assert "Jobs to be created by these projects 8 stated by 1 of 2" in read
        assert "Contracts and protocols published 1" in read
        assert re.search(r"Promises made by the operators of the programme 1 1 ", read)

    @pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
    def test_a_sentence_goes_with_what_it_translates(self, client, publication):
        said = AffirmationFactory(
            code="nature-methode", date=date(2021, 11, 1), precision_date="mois"
        )
        TermeFactory(code="porteur", mot="porteur")
        read = texte(client.get(ADRESSE))
        assert "make a diagnosis, then a roadmap" in read
        assert "source, November 2021 : " in read
        assert "porteur Who carries a project" in read
        said.publication = publication
        said.save()
        assert "make a diagnosis" not in texte(client.get(ADRESSE))

    def test_a_region_is_counted_by_the_territories_that_it_carries(self, client):
        here = TerritoireFactory(phase_id=2, rattachement__debut=date(2023, 11, 9))
        past = TerritoireFactory()  # of phase 1: on no map of today
        read = section(client.get(ADRESSE), "look")
        assert f"{here.region_porteuse.nom} : 1 territory, projects" in read
        assert past.region_porteuse.nom not in read

    def test_queries_do_not_grow(self, client, django_assert_max_num_queries):
        def fill():
            paid()
            TerritoireFactory()
            ContratFactory()
            EngagementFactory()
            ChiffreAnnonceFactory(
                indicateur="projets_fonds_acceleration", valeur=ChiffreAnnonce.objects.count()
            )

        fill()
        with django_assert_max_num_queries(24):
            client.get(f"{ADRESSE}?une")
        for _ in range(4):
            fill()
        with django_assert_max_num_queries(24):
            client.get(f"{ADRESSE}?cinq")


def test_every_sentence_and_word_is_of_a_row_that_the_site_loads():
    def codes(name):
        with (settings.BASE_DIR / "fixtures" / name).open(encoding="utf-8") as file:
            return {row["code"] for row in csv.DictReader(file)}

    assert {*anglais.PROGRAMME, *anglais.OPERATEURS} <= codes("affirmations.csv")
    assert set(anglais.MOTS) <= codes("glossaire.csv")


def test_every_hedge_and_status_has_its_english():
    assert set(anglais.STATUTS) == set(Statut)
    for nature in ChiffreAnnonce.Nature:
        assert enonces.in_english(nature.value, 20, euros=False).endswith("20")


@pytest.mark.parametrize(
    ("nature", "value", "euros", "said"),
    [
        ("plus de", 1400, False, "more than 1,400"),
        ("une trentaine de", 30, False, "about 30"),
        ("exact", 5_400_000_000, True, "€5.4\xa0billion"),
        ("environ", 850_000_000, True, "about €850\xa0million"),
        ("près de", 1_234_567, True, "nearly €1,234,567"),
    ],
)
def test_an_announced_figure_keeps_its_hedge(nature, value, euros, said):
    assert enonces.in_english(nature, value, euros) == said


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("jour", "6 March 2019"),
        ("mois", "March 2019"),
        ("année", "2019"),
        ("au plus tard", "at the latest on 6 March 2019"),
        ("reconstituée", "6 March 2019 (inferred)"),
        ("", "6 March 2019 (precision not stated)"),
    ],
)
def test_a_date_keeps_what_it_stands_for(precision, said):
    assert in_english(date(2019, 3, 6), precision) == said
