"""From a record to the list it was found in, as it was, and from one record to the next."""

import re
from html import unescape

import pytest
from django.db import OperationalError
from django.urls import reverse

from programme.catalogue import parcours, vues
from programme.catalogue.controles import TAILLES
from programme.catalogue.copies import copies
from programme.donnees.jeux import JEUX
from programme.models import Projet
from tests import factories
from tests.programme.catalogue.test_adresse import AU_NAVIGATEUR
from tests.programme.donnees.outils import FABRIQUES

pytestmark = pytest.mark.django_db
LIENS = re.compile(r'<a[^>]*rel="(prev|next)" href="([^"]*)"')


def links_of(page):
    return {rel: unescape(url) for rel, url in LIENS.findall(page)}


def rows_of(client, url):
    """The addresses of the records that a page of a list leads to, in order."""
    page = client.get(url)
    assert page.status_code == 200
    found = re.findall(r'href="([^"]*[?]liste=[^"]*)"', page.content.decode())
    return list(dict.fromkeys(map(unescape, found)))


def walk(client, url, rel="next"):
    """`(address, parcours)` of each record from `url` on."""
    found = []
    while url:
        assert len(found) < 100
        page = client.get(url)
        assert page.status_code == 200, url
        found.append((url, page.context["parcours"]))
        url = links_of(page.content.decode()).get(rel)
    return found


@pytest.mark.parametrize("code", list(parcours.FICHES))
def test_every_kind_of_record_leads_back_and_to_its_neighbours(client, code):
    FABRIQUES[code].create_batch(3)
    liste = reverse(JEUX[code].liste)
    rows = rows_of(client, liste)
    assert len(rows) == client.get(liste).context["totaux"]["lignes"]
    walked = walk(client, rows[0])
    assert [url for url, _ in walked] == rows
    assert [(p.rang, p.nombre) for _, p in walked] == [(n + 1, len(rows)) for n in range(len(rows))]
    assert {p.liste for _, p in walked} == {liste}
    back = walk(client, rows[-1], "prev")
    assert [url for url, _ in back] == rows[::-1]


@pytest.fixture
def pages_de_cinq(monkeypatch):
    """The shortest list that has a second page has six rows, instead of twenty-six to walk."""
    for module in (parcours, vues):
        monkeypatch.setattr(module, "TAILLES", (5, *TAILLES[1:]))


@pytest.mark.usefixtures("pages_de_cinq")
@pytest.mark.parametrize("tri", ["", "-code", "beneficiaire", "-emplois_crees"])
def test_the_list_is_the_one_that_was_left(client, tri):
    place = factories.TerritoireFactory()
    for rank in range(9):
        axe = "recruter" if rank == 3 else "innover"
        factories.ProjetFactory(territoire=place, axe=axe, emplois_crees=(None, 5, 0)[rank % 3])
    asked = f"axe=innover&tri={tri}" if tri else "axe=innover"
    second = rows_of(client, f"/projets/?{asked}&page=2")
    assert len(second) == 3  # two rows that a sort does not tell apart are on two pages
    walked = walk(client, rows_of(client, f"/projets/?{asked}")[0])
    assert [url for url, _ in walked[5:]] == second
    assert walked[4][1].liste == f"/projets/?{asked}"
    assert walked[5][1].liste == f"/projets/?{asked}&page=2"
    assert "Projets : innover : 6 sur 8" in client.get(second[0]).content.decode()


def test_the_size_of_the_pages_is_kept(client):
    factories.projets(60)
    last = rows_of(client, "/projets/?taille=50&page=2")[-1]
    assert client.get(last).context["parcours"].liste == "/projets/?taille=50&page=2"


def test_a_record_that_left_the_list_still_leads_back(client):
    project = factories.ProjetFactory(axe="innover")
    url = rows_of(client, "/projets/?axe=innover")[0]
    Projet.objects.update(axe="recruter")
    page = client.get(url)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Cette fiche n’est pas, ou n’est plus, dans cette liste." in text
    assert 'href="/projets/?axe=innover"' in text
    assert links_of(text) == {}
    assert "Dans la liste" not in client.get(project.get_absolute_url()).content.decode()


def test_a_draft_is_nobody_s_neighbour(client):
    factories.ProjetFactory(code="A-1")
    factories.ProjetFactory(code="A-2", publication="brouillon")
    factories.ProjetFactory(code="A-3")
    walked = walk(client, rows_of(client, "/projets/?tri=code")[0])
    assert [p.nombre for _, p in walked] == [2, 2]


PREFIXE = "La liste d’où vient cette adresse ne peut pas être relue."


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("couleur=bleu", "couleur : Ce paramètre n’existe pas à cette adresse."),
        ("axe=vendre", "axe : « vendre » n’est pas une valeur possible."),
        ("tri=couleur", "tri : Cette liste ne se trie pas ainsi."),
        ("page=2", "page n’y a pas de place."),
        ("axe=innover&format=csv", "format n’y a pas de place."),
        ("curseur=debut", "curseur n’y a pas de place."),
        ("q=\x00", "q : Ce paramètre contient un caractère nul : retirez-le."),
        ("rien", "rien : Ce paramètre n’existe pas"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_a_sentence(client, asked, why):
    address = factories.ProjetFactory().get_absolute_url()
    response = client.get(address, {"liste": asked}, headers=AU_NAVIGATEUR)
    text = unescape(response.content.decode())
    if asked == "rien":  # without a value, it asks for nothing
        assert response.status_code == 200
        return
    assert response.status_code == 400
    if "\x00" not in asked:
        assert f"{PREFIXE} {why}" in text
        assert "Retirez « liste »." in text
    machine = client.get(address, {"liste": asked, "format": "json"})
    assert machine.status_code == 400
    assert machine["Content-Type"] == "application/problem+json"


def test_the_same_record_is_the_same_page_for_robots_and_citations(client, settings):
    project = factories.ProjetFactory()
    page = client.get(project.get_absolute_url(), {"liste": "axe=innover"}).content.decode()
    canonical = re.search(r'<link rel="canonical" href="([^"]*)"', page)[1]
    assert canonical == settings.SITE["url"] + project.get_absolute_url()
    assert "Disallow: /*?*liste=" in client.get("/robots.txt").content.decode().splitlines()
    whole = client.get(project.get_absolute_url(), {"liste": "tout", "format": "json"}).json()
    assert whole == client.get(project.get_absolute_url(), {"format": "json"}).json()


def test_the_way_back_costs_the_same_whatever_the_list(client, django_assert_max_num_queries):
    factories.projets(60)
    address = Projet.objects.first().get_absolute_url()
    client.get(address)
    with django_assert_max_num_queries(40) as plain:
        client.get(address)
    with django_assert_max_num_queries(len(plain) + 6):
        client.get(address, {"liste": "tri=beneficiaire"})


# --- What is kept -----------------------------------------------------------------------------


@pytest.fixture
def kept(settings):
    settings.PAGES_KEPT = 10
    copies.forget_all()
    yield copies
    copies.forget_all()


def number(kept):
    return sum(len(place.copies) for place in kept._places.values())


def test_a_record_is_kept_once_whatever_list_led_to_it(client, kept):
    address = factories.ProjetFactory().get_absolute_url()
    for asked in ("tout", "axe=innover", "tri=code"):
        first = client.get(address, {"liste": asked})
        etag = first["ETag"]
        again = client.get(address, {"liste": asked}, headers={"If-None-Match": etag})
        assert again.status_code == 304
        assert client.get(address, {"liste": "zzz=1"}).status_code == 400
    assert number(kept) == 0
    plain = client.get(address)
    assert number(kept) == 1
    assert plain["ETag"] != etag
    client.get(address, {"liste": "zzz=1"})
    assert number(kept) == 1


def test_the_page_itself_stands_in_when_the_database_does_not_answer(client, kept, monkeypatch):
    address = factories.RegionFactory().get_absolute_url()
    client.get(address)

    def fails(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("programme.catalogue.pages.fiche.FicheView.answer", fails)
    client.raise_request_exception = False
    response = client.get(address, {"liste": "tout"})
    assert response.status_code == 200
    assert "La base de données ne répond pas" in response.content.decode()
