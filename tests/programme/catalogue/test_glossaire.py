"""The glossary, linked where a page first says a word: in prose, once, and nowhere else."""

import re

import pytest
from django.urls import reverse

from programme.catalogue.glossaire import lier
from programme.models import Publication, Terme

TERMES = (
    ("avenant", "avenant", ""),
    ("comite-de-pilotage", "comité de pilotage", "COPIL"),
    ("protocole", "protocole d’accord", ""),
    ("reseau-consulaire", "réseau consulaire", ""),
    ("eti", "ETI", "entreprise de taille intermédiaire"),
    ("france-relance", "France Relance", "plan de relance"),
    ("projet", "projet", ""),
)
LIEN = '<a href="/glossaire/#{}">{}</a>'


@pytest.mark.parametrize(
    ("html", "linked"),
    [
        ("<p>Un avenant, puis un avenant.</p>", [("avenant", "avenant")]),
        ("<p>Avenants signés.</p>", [("avenant", "Avenants")]),
        ("<dd>Les comités de pilotage.</dd>", [("comite-de-pilotage", "comités de pilotage")]),
        ("<p>Le COPIL.</p>", [("comite-de-pilotage", "COPIL")]),
        ("<p>Les réseaux consulaires</p>", [("reseau-consulaire", "réseaux consulaires")]),
        ("<p>Protocoles d’accord</p>", [("protocole", "Protocoles d’accord")]),
        ("<li>un protocole d&#x27;accord</li>", [("protocole", "protocole d&#x27;accord")]),
        (
            "<p>Une ETI, sous France Relance</p>",
            [("eti", "ETI"), ("france-relance", "France Relance")],
        ),
        ("<p><strong>Un avenant</strong></p>", [("avenant", "avenant")]),
    ],
)
def test_a_word_is_linked_as_the_text_writes_it(html, linked):
    found = lier(html, TERMES)
    assert re.findall(r'<a href="/glossaire/#([^"]+)">([^<]+)</a>', found) == linked
    assert re.sub(r"</?a\b[^>]*>", "", found) == html


@pytest.mark.parametrize(
    "html",
    [
        '<p><a href="/x/">Un avenant</a></p>',
        "<h2>Avenants</h2>",
        "<p><button>avenant</button></p>",
        "<details><summary>Les avenants</summary></details>",
        "<table><tr><td><p>avenant</p></td></tr></table>",
        "<svg><title>avenant</title><text>avenant</text></svg>",
        "<form><p>avenant</p></form>",
        '<p lang="en">avenant</p>',
        '<li class="chiffre"><p>avenant</p></li>',
        "<p><dfn>avenant</dfn></p>",
        '<p title="un avenant">rien</p>',
        "<div>avenant</div>",
        "<p>avenante, contre-avenant, sous-eti, yéti, Copil</p>",
        "<p>Un projet.</p>",
        "<!-- <p>avenant</p> -->",
    ],
)
def test_what_is_no_prose_stays_as_it_is(html):
    assert lier(html, TERMES) == html


def test_a_word_that_the_page_links_already_is_not_linked_twice():
    html = f"<p>Un avenant.</p><h2>{LIEN.format('avenant', 'Avenant')}</h2>"
    assert lier(html, TERMES) == html


def test_after_what_is_closed_prose_goes_on():
    html = '<p>Voir <a href="/x/">un lien</a><br> puis l’avenant.</p>'
    assert lier(html, TERMES) == html.replace("l’avenant", "l’" + LIEN.format("avenant", "avenant"))


def test_without_a_published_word_a_page_is_not_touched():
    assert lier("<p>avenant</p>", ()) == "<p>avenant</p>"


@pytest.mark.django_db
def test_a_page_links_what_is_published(client):
    for code, mot, publication in (
        ("protocole", "protocole d’accord", Publication.PUBLIE),
        ("contrat-de-territoire", "contrat de territoire", Publication.BROUILLON),
        ("projet", "projet", Publication.PUBLIE),
    ):
        Terme.objects.create(code=code, mot=mot, definition="Vu.", publication=publication)
    text = client.get(reverse("contrats")).text
    assert re.findall(r"/glossaire/#([a-z-]+)", text) == ["protocole"]
