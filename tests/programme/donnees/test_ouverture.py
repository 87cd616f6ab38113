"""Open to the pages of other sites, and to the robots that the catalogue invites."""

import re

import pytest
from django.urls import reverse

from programme.donnees.jeux import JEUX
from tests import factories
from tests.programme.catalogue.pages.test_site import locations
from tests.programme.donnees.outils import body

pytestmark = pytest.mark.django_db
OTHER_SITE = {"HTTP_ORIGIN": "https://journal.example"}
DATA = [
    "/projets/?format=csv",
    "/projets/?format=json",
    "/projets/?format=json&page=9",
    "/projets/?format=xml",
    "/territoires/?format=geojson",
    "/carte/?format=geojson",
    "/carte/?format=topojson",
    "/api/v1/",
    "/api/v1/projets/",
    "/api/v1/secrets/",
    "/api/v1/openapi.json",
    "/donnees/datapackage.json",
    "/donnees/catalogue.jsonld",
    "/donnees/projets/schema.json",
    "/actualites/flux.atom",
    "/journal/flux.atom",
    "/agenda/agenda.ics",
    "/recherche/suggestions/?q=a",
]


@pytest.mark.parametrize("url", DATA)
def test_any_site_reads_the_data_without_credentials(client, url):
    response = client.get(url, **OTHER_SITE)
    body(response)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "X-Total-Count" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


@pytest.mark.parametrize("url", DATA)
def test_a_browser_that_asks_first_is_told_yes(client, url):
    asked = {
        "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET",
        "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "if-none-match",
    }
    response = client.options(url, **OTHER_SITE, **asked)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]
    assert "Authorization" not in response["Access-Control-Allow-Headers"]


def test_an_answer_kept_or_not_changed_is_open_too(client):
    first = client.get("/api/v1/", **OTHER_SITE)
    kept = client.get("/api/v1/", **OTHER_SITE)
    unchanged = client.get("/api/v1/", HTTP_IF_NONE_MATCH=first["ETag"], **OTHER_SITE)
    assert unchanged.status_code == 304
    for response in (first, kept, unchanged):
        assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("url", ["/admin/", "/admin/jsi18n/", "/admin/compte/connexion/", "/admin"])
def test_nothing_of_the_back_office_is_open(client, url):
    asked = {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}
    for response in (client.get(url, **OTHER_SITE), client.options(url, **OTHER_SITE, **asked)):
        assert "Access-Control-Allow-Origin" not in response


def test_neither_a_page_nor_a_post_is_open(client):
    assert "Access-Control-Allow-Origin" not in client.get("/projets/", **OTHER_SITE)
    assert "Access-Control-Allow-Origin" not in client.post("/api/v1/", **OTHER_SITE)


# --- Robots -----------------------------------------------------------------------------------


def allowed(robots, url):
    """Whether RFC 9309 lets a robot ask for `url`: the longest rule that matches wins."""
    rules = re.findall(r"^(Allow|Disallow): (.+)$", robots, re.MULTILINE)
    matching = [
        (len(rule), verb == "Allow")
        for verb, rule in rules
        if re.match(re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$"), url)
    ]
    return max(matching, default=(0, True))[1]


def test_robots_may_read_whatever_the_catalogue_and_the_site_map_list(client):
    factories.ProjetFactory()
    robots = client.get("/robots.txt").content.decode()
    catalogue = client.get(reverse("catalogue_dcat")).json()
    listed = [reverse("catalogue_dcat"), reverse("datapackage"), reverse("openapi")]
    for jeu in catalogue["dcat:dataset"]:
        listed.append(jeu["@id"])
        for distribution in jeu["dcat:distribution"]:
            listed += [
                distribution[key]["@id"]
                for key in ("dcat:accessURL", "dcat:downloadURL", "dct:conformsTo")
            ]
    listed += [
        resource["path"] for resource in client.get(reverse("datapackage")).json()["resources"]
    ]
    listed += [url for jeu in JEUX.values() for _, url in jeu.whole_files()]
    for index in locations(client.get("/sitemap.xml")):
        listed += locations(client.get(index))
    listed.append("/api/v1/projets/?format=json&page=2")
    for url in listed:
        assert allowed(robots, url.removeprefix("http://testserver")), url


@pytest.mark.parametrize(
    "url",
    [
        "/admin/",
        "/recherche/?q=forge",
        "/projets/?region=28&format=csv",
        "/projets/?format=csv&tri=-code",
        "/projets/fai-0001-forge/?format=json",
    ],
)
def test_robots_stay_out_of_the_rest(client, url):
    assert not allowed(client.get("/robots.txt").content.decode(), url)


def head_of(client, url):
    page = client.get(url).content.decode()
    canonical = re.search(r'<link rel="canonical" href="([^"]*)"', page)[1]
    return canonical, 'name="robots" content="noindex"' in page


@pytest.mark.parametrize(
    ("url", "canonical", "noindex"),
    [
        ("/projets/", "/projets/", False),
        ("/projets/?page=2", "/projets/", False),
        ("/projets/?tri=-code&taille=50", "/projets/", False),
        ("/projets/?axe=innover&tri=-code", "/projets/?axe=innover", False),
        ("/projets/?axe=innover&axe=recruter", "/projets/?axe=innover&amp;axe=recruter", True),
        ("/projets/?axe=innover&q=a&tri=-code", "/projets/?axe=innover&amp;q=a", True),
        ("/carte/?date=2019-03-06&couleur=presence", "/carte/?date=2019-03-06", False),
        ("/carte/?date=2019-03-06&q=orne", "/carte/?date=2019-03-06&amp;q=orne", True),
        ("/carte/projets/?axe=innover&q=a", "/carte/projets/?axe=innover&amp;q=a", True),
    ],
)
def test_one_address_for_one_set_of_rows(client, settings, url, canonical, noindex):
    factories.projets(30)
    assert head_of(client, url) == (settings.SITE["url"] + canonical, noindex)
