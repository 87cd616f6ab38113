"""The map that other sites embed: framed anywhere, no cookie, links that leave the frame."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests.factories import TerritoireFactory

from .outils import LYON, PAU, member, page

pytestmark = pytest.mark.django_db

URL = reverse("integrer_carte")


@pytest.fixture
def pau():
    return member(TerritoireFactory(rattachement=None, nom="Lacq-Pau-Tarbes"), PAU, debut=LYON)


@pytest.mark.parametrize("query", [{}, {"date": "2019-03-06"}, {"date": "hier"}])
def test_any_site_may_frame_it(client, query):
    response = client.get(URL, query)
    assert "X-Frame-Options" not in response
    directives = dict(d.split(" ", 1) for d in response["Content-Security-Policy"].split("; "))
    assert directives["frame-ancestors"] == "*"
    assert directives["default-src"] == "'none'"
    assert not response.cookies


def test_no_other_page_may_be_framed(client):
    for name in ("carte", "differences"):
        response = client.get(reverse(name))
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_the_map_its_legend_and_its_table(client, pau):
    response = client.get(URL, {"date": "2019-03-06"})
    text = page(response)
    assert "Les Territoires d’industrie au 6 mars 2019" in text
    assert "1 attesté ." in text
    assert "attesté à cette date (1)" in text
    assert "Lacq-Pau-Tarbes" in text
    assert "attesté, depuis le 6 mars 2019 au plus tard" in text
    assert "Ce site n’est pas un site officiel." in text


def test_links_open_outside_the_frame(client, pau):
    html = client.get(URL, {"date": "2019-03-06"}).content.decode()
    leaving = [link for link in re.findall(r"<a [^>]*>", html) if 'href="#' not in link]
    assert len(leaving) == 3  # the shape, the row, the site
    assert all('target="_blank"' in link for link in leaving)


def test_same_filters_as_the_map(client, pau):
    assert (
        page(client.get(URL, {"q": "tarbes", "date": "2021-11-22"})).count("Lacq-Pau-Tarbes") == 2
    )
    assert "Lacq" not in page(client.get(URL, {"q": "orly", "date": "2021-11-22"}))


def test_a_bad_date_is_refused_in_words(client):
    response = client.get(URL, {"date": "hier"})
    assert response.status_code == 400
    assert "« hier » n’est pas une date" in page(response)


def test_files_are_not_here(client):
    response = client.get(URL, {"format": "json"})
    assert response.status_code == 400
    assert "Ce paramètre n’existe pas" in response.json()["erreur"]


def test_the_map_gives_the_lines_to_copy(client, pau):
    response = client.get(reverse("carte"), {"date": "2019-03-06", "couleur": "contrats"})
    code = re.search(r"<code>(.*?)</code>", response.content.decode(), re.DOTALL)[1]
    frame = unescape(unescape(re.search(r'src="([^"]+)"', unescape(code))[1]))
    assert frame.endswith(f"{URL}?date=2019-03-06&couleur=contrats")
    assert client.get(frame.split("://", 1)[1].split("/", 1)[1].join(["/", ""])).status_code == 200


def test_queries(client, django_assert_num_queries, pau):
    client.get(URL)
    # Version; territories, régions, lists, members, names; milestones; the phase; the colour.
    with django_assert_num_queries(10):
        client.get(URL)
