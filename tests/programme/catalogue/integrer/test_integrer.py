"""Frames for other sites: they alone may be framed; each says its source, its date, its fault."""

import re
from html import unescape

import pytest
from django.urls import reverse

from programme.catalogue.citer.citables import CITABLES, LISTES
from tests import factories as f
from tests.programme.catalogue.citer.outils import requete_de

pytestmark = pytest.mark.django_db
URL = reverse("integrer")


def csp(response):
    return dict(d.split(" ", 1) for d in response["Content-Security-Policy"].split("; "))


def embeds(citation):
    return [
        "/integrer/chiffre/projets-emplois-crees/?region=53",
        "/integrer/chiffre/graphique-fonds-par-region/",
        "/integrer/tableau/projets/",
        f"/integrer/citation/{citation.pk}/",
        "/integrer/chiffre/inconnu/",
        "/integrer/tableau/inconnu/",
        "/integrer/tableau/financements/",
        "/integrer/citation/bcdfghjkmnpq/",
        "/integrer/ancien/cadre",
        "/integrer/tableau/projets/?regoin=53",
        "/integrer/chiffre/projets/?region=zzz",
    ]


def test_frames_and_frames_alone_may_be_framed(client):
    f.RegionFactory(code="53")
    citation = f.CitationFactory()
    for url in embeds(citation):
        response = client.get(url)
        assert "X-Frame-Options" not in response, url
        assert csp(response)["frame-ancestors"] == "*", url
        assert csp(response)["default-src"] == "'none'", url
        assert "frame-src" not in csp(response), url
        assert not response.cookies, url
        text = response.text
        assert "Ce site n’est pas un site officiel." in text, url
        assert '<time datetime="' in text, url
        assert '<meta name="robots" content="noindex">' in text, url
    for url in (URL, reverse("citer"), citation.get_absolute_url(), "/projets/"):
        response = client.get(url)
        assert response["X-Frame-Options"] == "DENY", url
        assert csp(response)["frame-ancestors"] == "'none'", url
    assert csp(client.get(URL))["frame-src"] == "'self'"
    assert "frame-src" not in csp(client.get("/projets/"))


@pytest.mark.parametrize(
    ("url", "status", "phrase"),
    [
        ("/integrer/chiffre/inconnu/", 404, "Ce cadre n’existe plus"),
        ("/integrer/citation/bcdfghjkmnpq/", 404, "Ce cadre n’existe plus"),
        ("/integrer/n/importe/quoi", 404, "Ce cadre n’existe plus"),
        ("/integrer/tableau/projets/?regoin=53", 400, "Vouliez-vous dire « region » ?"),
        ("/integrer/tableau/projets/?format=csv", 400, "retirez ce paramètre"),
        ("/integrer/tableau/projets/?page=2", 400, "page 2"),
        ("/integrer/chiffre/projets/?q=%00", 400, "caractère nul"),
        (f"{URL}?quoi=inconnu", 400, "ne s’intègre pas"),
        (f"{URL}?quoi=%3Cscript%3E", 400, "« &lt;script&gt; »"),
        (f"{URL}?citation=inconnu", 400, "Aucune citation n’a le code"),
        (f"{URL}?autre=1", 400, "n’existe pas à cette adresse"),
    ],
)
def test_what_cannot_be_shown_says_why(client, url, status, phrase):
    response = client.get(url)
    assert response.status_code == status
    assert phrase in response.text


def test_a_figure_is_that_of_its_page(client):
    f.ProjetFactory.create_batch(2, emplois_crees=21)
    f.ProjetFactory(emplois_crees=None)
    f.ProjetFactory(emplois_crees=5_000, publication="brouillon")
    text = client.get("/integrer/chiffre/projets-emplois-crees/").text
    assert "42\N{NO-BREAK SPACE}emplois créés" in text
    assert "3\N{NO-BREAK SPACE}projets, dont 1\N{NO-BREAK SPACE}qui ne le disent pas" in text


def test_a_table_is_bounded_and_leads_to_the_list(client, django_assert_max_num_queries):
    f.projets(30)
    with django_assert_max_num_queries(12):
        text = client.get("/integrer/tableau/projets/?tri=-emplois_crees").text
    assert text.count("<tr>") == 26
    assert "dont les 25 premières lignes" in text
    assert 'href="http://127.0.0.1:8000/projets/?tri=-emplois_crees"' in unescape(text)


@pytest.mark.parametrize("jeu", sorted(citable.code for citable in LISTES))
def test_any_list_has_its_frame(client, jeu):
    f.projets(2)
    response = client.get(f"/integrer/tableau/{jeu}/")
    assert response.status_code == 200
    assert csp(response)["frame-ancestors"] == "*"


def test_a_citation_stays_what_it_was(client):
    citation = f.CitationFactory(valeur=3, fiches=3, renseignees=3)
    text = client.get(f"/integrer/citation/{citation.pk}/").text
    assert "3\N{NO-BREAK SPACE}projets" in text
    assert "qui ne change pas" in text


@pytest.mark.parametrize("quoi", [*sorted(CITABLES), "tableau-projets", "tableau-contrats"])
def test_the_lines_to_copy_lead_to_a_frame_that_answers(client, quoi):
    requete = requete_de(quoi) if quoi in CITABLES else ""
    asked = {"quoi": quoi, "requete": requete and f"?{requete}"}
    text = client.get(URL, asked, follow=True).text  # an empty line is left out of the address
    shown = unescape(re.search(r'<iframe class="cadre-vu" src="([^"]+)"', text)[1])
    lines = unescape(re.search(r"<pre[^>]*><code>(.*?)</code>", text, re.DOTALL)[1])
    assert f'src="http://127.0.0.1:8000{shown}"' in lines
    assert re.search(r'title="[^"]+" *\n', lines)
    assert 'loading="lazy"' in lines
    assert 'width="100%"' in lines
    assert client.get(shown).status_code == 200


def test_the_address_of_a_filtered_list_is_its_filters(client):
    f.RegionFactory(code="53")
    asked = {"quoi": "tableau-projets", "requete": 'http://x/projets/?region=53&q="><b>'}
    text = client.get(URL, asked).text
    assert 'src="/integrer/tableau/projets/?region=53&amp;q=' in text
    assert "<b>" not in text
    then = client.get(URL, {"quoi": "tableau-projets", "au": "2021-05-01"}).text
    assert 'src="/integrer/tableau/projets/?au=2021-05-01"' in then
    alone = client.get(URL, {"quoi": "tableau-projets", "requete": "/projets/"}).text
    assert 'src="/integrer/tableau/projets/"' in alone
