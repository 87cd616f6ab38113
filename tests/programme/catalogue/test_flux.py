"""Atom: the journal, each filtered list, each territory, contract and project."""

import re
from xml.etree import ElementTree

import pytest

from programme.catalogue.journal import flux
from programme.donnees.jeux import JEUX
from programme.models import Projet
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")


def read(client, url):
    """The feed, that says of itself all that RFC 4287 asks for."""
    response = client.get(url)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.content)
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"{ATOM}{name}"), name
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        assert INSTANT.fullmatch(element.findtext(f"{ATOM}updated"))
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"alternate", "self"}
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    return feed


def titles(feed):
    return [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]


def test_a_filtered_list_tells_what_changed_in_its_rows(client):
    factories.ProjetFactory(beneficiaire="Forge", axe="innover")
    factories.ProjetFactory(beneficiaire="Scierie", axe="recruter")
    factories.ProjetFactory(beneficiaire="Secret", axe="innover", publication="brouillon")
    feed = read(client, "/projets/?axe=innover&tri=-code&format=atom")
    assert len(titles(feed)) == 1
    assert titles(feed)[0].startswith("Forge")
    assert feed.findtext(f"{ATOM}title").endswith("Projets : innover")
    alternate = feed.find(f"{ATOM}link[@rel='alternate']").get("href")
    assert alternate == "http://testserver/projets/?axe=innover"
    assert "Secret" not in client.get("/projets/?format=atom").content.decode()
    page = client.get("/projets/?axe=innover").content.decode()
    assert 'href="?axe=innover&amp;format=atom"' in page


def test_an_entry_keeps_its_name_and_its_instant(client):
    project = factories.ProjetFactory(axe="innover")
    first = read(client, "/projets/?axe=innover&format=atom").find(f"{ATOM}entry")
    project.emplois_crees = 12
    project.save()
    again = read(client, "/projets/?axe=innover&format=atom").findall(f"{ATOM}entry")
    assert ElementTree.tostring(again[-1]) == ElementTree.tostring(first)
    assert first.findtext(f"{ATOM}updated") < again[0].findtext(f"{ATOM}updated")


def test_many_rows_are_found_as_few_are(client, monkeypatch):
    for _ in range(3):
        factories.ProjetFactory(axe="innover")
    few = titles(read(client, "/projets/?axe=innover&format=atom"))
    monkeypatch.setattr(flux, "CLES", 1)
    assert titles(read(client, "/projets/?axe=innover&format=atom")) == few


def test_a_feed_without_entries_dates_from_the_data(client):
    once, again = (read(client, "/projets/?format=atom") for _ in range(2))
    assert once.findtext(f"{ATOM}updated") == again.findtext(f"{ATOM}updated")


@pytest.mark.parametrize("code", [code for code, jeu in JEUX.items() if jeu.liste])
def test_every_list_whose_rows_have_a_history_has_its_feed(client, code):
    path = client.get(JEUX[code].get_api_url()) and JEUX[code].get_file_url("json").split("?")[0]
    response = client.get(path, {"format": "atom"})
    if code in flux.genres():
        assert response.status_code == 200
        read(client, f"{path}?format=atom")
    else:
        assert response.status_code == 400
        assert "« atom » n’existe pas" in response.content.decode()


@pytest.mark.parametrize(
    "factory", [factories.ProjetFactory, factories.ContratFactory, factories.TerritoireFactory]
)
def test_a_record_has_its_feed(client, factory):
    record = factory()
    address = record.get_absolute_url()
    assert titles(read(client, f"{address}?format=atom"))
    assert 'href="?format=atom"' in client.get(address).content.decode()


def test_a_record_without_a_journal_has_no_feed(client):
    response = client.get(factories.RegionFactory().get_absolute_url(), {"format": "atom"})
    assert response.status_code == 400
    assert "« atom » n’existe pas. Valeurs possibles : json." in response.content.decode()


def test_the_journal_is_followed_as_it_is_filtered(client):
    factories.ProjetFactory(beneficiaire="Forge")
    factories.JalonFactory(intitule="Bilan")
    feed = read(client, "/journal/flux.atom?genre=jalons")
    assert [title for title in titles(feed) if "Bilan" not in title] == []
    assert len(titles(read(client, "/journal/flux.atom"))) > len(titles(feed))
    page = client.get("/journal/?genre=jalons").content.decode()
    assert 'href="/journal/flux.atom?genre=jalons"' in page
    assert client.get("/journal/flux.atom?genre=zzz").status_code == 400


def test_a_feed_costs_the_same_whatever_there_is(client, django_assert_max_num_queries):
    Projet.objects.all().delete()
    factories.projets(12)
    read(client, "/projets/?axe=innover&format=atom")
    with django_assert_max_num_queries(12):
        client.get("/projets/?axe=innover&format=atom")
