"""« Le programme » and the glossary: what sources say, each sentence with its day and source."""

import re

import pytest
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext

from programme.catalogue.recherche.indexation import reindexer
from programme.models import Affirmation, Publication
from tests import factories as f

pytestmark = pytest.mark.django_db
Rubrique = Affirmation.Rubrique


def text(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("url", ["/programme/", "/glossaire/"])
def test_an_empty_base_says_so(client, url):
    assert "non renseigné" in text(client, url) or "Aucun mot" in text(client, url)


def test_a_sentence_comes_with_its_day_and_source(client):
    f.SourceFactory(code="001_abc", titre="Communiqué de novembre")
    f.AffirmationFactory(
        titre="Recruter",
        texte="Trouver qui embaucher.",
        date="2021-11-01",
        precision_date="mois",
        source="001_abc",
    )
    assert "Recruter Trouver qui embaucher. novembre 2021 – Communiqué de novembre" in text(
        client, "/programme/"
    )


def test_a_person_is_told_in_function_at_a_date(client):
    f.PersonneFactory(nom="Camille Martin", fonction="déléguée", role="mandatée")
    assert "6 mars 2019 : 1 personne Camille Martin , déléguée : mandatée" in text(
        client, "/programme/"
    )


def test_what_a_hidden_person_declared_is_hidden_too(client):
    hidden = f.PersonneFactory(nom="Xyloglyphe", publication=Publication.BROUILLON)
    f.AffirmationFactory(rubrique=Rubrique.DECLARATION, personne=hidden, texte="Xylophone")
    shown = text(client, "/programme/") + client.get("/api/v1/affirmations/").content.decode()
    assert "Xylo" not in shown


def test_an_operator_names_once_the_sources_of_what_is_said(client):
    f.SourceFactory(code="004_abc", titre="Communiqué de mars")
    operateur = f.OperateurFactory(nom="Bpifrance")
    f.EngagementFactory.create_batch(2, operateur=operateur, source="004_abc")
    f.AffirmationFactory(rubrique=Rubrique.OPERATEUR, operateur=operateur, source="004_abc")
    assert text(client, "/programme/").count("Communiqué de mars") == 1


def fill(number):
    for _ in range(number):
        operateur = f.OperateurFactory()
        f.AffirmationFactory(rubrique=Rubrique.OPERATEUR, operateur=operateur)
        f.AffirmationFactory(rubrique=Rubrique.DECLARATION, personne=f.PersonneFactory())
        f.EngagementFactory(operateur=operateur)
        f.ServiceFactory(operateur=operateur)
        f.ComiteRegionalFactory()
        f.TermeFactory()


def cost(client, url):
    """How many queries a page asks once the titles of the sources are known."""
    client.get(f"{url}?premiere")
    with CaptureQueriesContext(connection) as asked:
        client.get(f"{url}?seconde")
    return len(asked)


@pytest.mark.parametrize("url", ["/programme/", "/glossaire/"])
def test_the_number_of_queries_is_that_of_the_page(client, url):
    fill(1)
    one = cost(client, url)
    fill(4)
    assert cost(client, url) == one > 0


def test_a_word_leads_to_its_definition():
    shown = Template('{% load portail %}{% mot "vte" "le VTE" %}').render(Context())
    assert shown == '<a href="/glossaire/#vte">le VTE</a>'


@pytest.mark.parametrize("asked", ["camille martin", "deleguee"])
def test_the_search_finds_a_person_in_function(client, asked):
    f.PersonneFactory(code="martin", nom="Camille Martin", fonction="déléguée")
    f.PersonneFactory(nom="Camille Martin", fonction="élue", publication=Publication.RETIRE)
    reindexer()
    (found,) = client.get("/recherche/", {"q": asked, "format": "json"}).json()["results"]
    assert (found["type"], found["nom"]) == ("personne", "Camille Martin")
    assert found["url"].endswith("/programme/#martin")


def test_the_search_finds_a_word_by_its_acronym(client):
    f.TermeFactory(code="bmo", mot="besoins en main-d’œuvre", autres_noms="BMO, enquête")
    reindexer()
    (found,) = client.get("/recherche/", {"q": "bmo", "format": "json"}).json()["results"]
    assert (found["type"], found["url"].rpartition("/")[2]) == ("mot", "#bmo")
