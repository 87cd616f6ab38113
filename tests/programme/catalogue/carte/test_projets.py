"""The projects as points: the same filters as their list, every commune named in the table."""

import re

import pytest
from django.urls import reverse

from programme.models import Publication
from tests.factories import CommuneFactory, DepartementFactory, ProjetFactory, RegionFactory

from .outils import page

pytestmark = pytest.mark.django_db

URL = reverse("carte_projets")
PAU, LONS = {"lon": -0.37, "lat": 43.3}, {"lon": -0.40, "lat": 43.32}
LILLE = {"lon": 3.06, "lat": 50.63}


@pytest.fixture
def bearn():
    return DepartementFactory(
        code="64", nom="Pyrénées-Atlantiques", region=RegionFactory(code="75")
    )


@pytest.fixture
def communes(bearn):
    """Pau with two projects, its neighbour Lons with one, Lille with one."""
    nord = DepartementFactory(code="59", nom="Nord", region=RegionFactory(code="32"))
    made = {}
    for nom, departement, place, number in (
        ("Pau", bearn, PAU, 2),
        ("Lons", bearn, LONS, 1),
        ("Lille", nord, LILLE, 1),
    ):
        made[nom] = CommuneFactory(nom=nom, departement=departement)
        ProjetFactory.create_batch(
            number, commune=made[nom], departement=departement, axe="innover", **place
        )
    return made


def points(response):
    """(title, link or "") of the points of the drawing."""
    return [
        (titre, url.replace("&amp;", "&"))
        for url, titre in re.findall(
            r'<(?:a class="carte-lien" href="([^"]*)"|g class="carte-muet"[^>]*)>\s*'
            r"<title>([^<]*)</title>\s*<circle",
            response.content.decode(),
        )
    ]


def test_neighbours_are_one_point_and_the_table_names_each(client, communes):
    response = client.get(URL)
    assert points(response) == [
        ("Pau, Lons : 3 projets", ""),
        (
            "Lille : 1 projet",
            f"{reverse('projets')}?departement=59&commune={communes['Lille'].code}",
        ),
    ]
    text = page(response)
    assert "4 projets dans 3 communes." in text
    assert "Pyrénées-Atlantiques 3 Pau (2), Lons" in text
    assert "Nord 1 Lille" in text


def test_every_link_leads_to_as_many_projects(client, communes):
    ProjetFactory(axe="innover", commune=None, departement=communes["Lille"].departement)
    ProjetFactory(axe="innover", commune=None, departement=None)
    response = client.get(URL, {"axe": "innover"})
    for departement in response.context["departements"]:
        for place in (departement, *departement.lieux):
            answer = client.get(f"{place.url}&format=json&page=1").json()
            assert answer["count"] == place.nombre


def test_a_region_or_a_departement_is_drawn_nearer(client, communes):
    whole = client.get(URL).context["dessin"].viewbox
    for query in ({"region": "75"}, {"departement": "64"}):
        response = client.get(URL, query)
        assert response.context["dessin"].contour
        assert response.context["dessin"].viewbox != whole
        assert "Lille" not in page(response)
    assert not client.get(URL, {"region": ["75", "32"]}).context["dessin"].contour


def test_projects_of_no_known_place_are_counted_not_drawn(client, communes):
    ProjetFactory(commune=None, departement=None, lon=None, lat=None)
    ProjetFactory(commune=communes["Pau"], lon=None, lat=None)
    ProjetFactory(publication=Publication.BROUILLON, commune=communes["Pau"], **PAU)
    response = client.get(URL)
    text = page(response)
    assert (
        "6 projets dans 3 communes, dont 4 situés ; la source ne donne pas le lieu de 2 autres."
        in text
    )
    assert "Non renseigné 1 commune non renseignée" in text
    assert points(response)[0][0] == "Pau, Lons : 3 projets"


def test_no_project(client):
    text = page(client.get(URL, {"q": "introuvable"}))
    assert "Aucun projet ne répond à tous ces filtres." in text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"axe": "inover"}, "Vouliez-vous dire « innover » ?"),
        ({"date": "2019-03-06"}, "Ce paramètre n’existe pas à cette adresse."),
        ({"emplois_crees_min": "beaucoup"}, "« beaucoup » n’est pas un nombre"),
    ],
)
def test_refusals(client, query, message):
    response = client.get(URL, query)
    assert response.status_code == 400
    assert message in page(response)


def test_the_list_leads_to_its_map_and_back(client, communes):
    response = client.get(reverse("projets"), {"axe": "innover", "tri": "code", "taille": "50"})
    assert response.context["carte"] == f"{URL}?axe=innover"
    assert client.get(response.context["carte"]).context["liste"] == (
        f"{reverse('projets')}?axe=innover"
    )


@pytest.mark.parametrize("number", [1, 4])
def test_queries_do_not_grow(client, django_assert_num_queries, bearn, number):
    for _ in range(number):
        ProjetFactory(commune=CommuneFactory(departement=bearn), departement=bearn)
    client.get(URL)
    with django_assert_num_queries(3):  # the version, twice; the communes
        client.get(URL)
