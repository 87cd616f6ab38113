"""`docs/verite.md` is true: each page that it names says the value, with its hedge."""

import os
import re
from functools import cache
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests import verite
from tests.verite import Document, Ligne

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

BLOCS = {
    *("p", "li", "dt", "dd", "tr", "caption", "h1", "h2", "h3", "h4", "title", "figcaption"),
    *("article", "aside", "dl", "div", "footer", "form", "header", "main", "nav", "ol", "section"),
    *("details", "summary", "table", "tbody", "thead", "ul"),
}
ENTIERS = {"dd", "li", "tr"}
"""Blocks that keep together what is inside them: a line of a table, an item of a list."""
RESERVES = ("plus de", "près de", "environ", "au moins", "moins de", "quelque", "une")
DOCUMENTS, ORDINAIRES = verite.lire()
LIGNES = [(document.code, ligne) for document in DOCUMENTS for ligne in document.lignes]


class Blocs(HTMLParser):
    """The texts of a page: one a paragraph, an item of a list or a line of a table.

    A `dt` goes with the `dd` that follows it; a title with what follows it.
    """

    def __init__(self, html):
        super().__init__()
        self.textes, self.courant, self.dans, self.titres = [], [], [], {}
        self.muet = 0
        self.feed(html)
        self.clore()

    def clore(self):
        text = verite.plat("".join(self.courant)).strip(" |")
        self.courant = []
        if text:
            self.textes.append(" ".join([*self.titres.values(), text]))
        return text

    def handle_starttag(self, tag, attrs):
        self.muet += tag in ("script", "style")
        if tag in BLOCS and not self.dans:
            self.clore()
        if tag in ENTIERS:
            self.dans.append(tag)
        if tag in ("td", "th", "br", "p", "li"):
            self.courant.append(" | ")  # 146 in a cell and 146 in the next are no 146 146

    def handle_endtag(self, tag):
        self.muet -= tag in ("script", "style")
        if tag in ENTIERS and self.dans:
            self.dans.pop()
        if tag in BLOCS and not self.dans:
            text = self.clore()
            if tag in ("h2", "h3", "dt"):
                later = {"h2": ("h3", "dt"), "h3": ("dt",), "dt": ()}[tag]
                for name in later:
                    self.titres.pop(name, None)
                self.titres[tag] = text
            elif tag == "dl":
                self.titres.pop("dt", None)

    def handle_data(self, data):
        if not self.muet:
            self.courant.append(data)


def blocs(html):
    return Blocs(html).textes


@pytest.fixture(scope="module")
def page():
    """The blocks of a page of the site, none of a page that is not there; asked for once."""
    client = Client()

    @cache
    def read(url):
        response = client.get(url)
        return blocs(response.content.decode()) if response.status_code == 200 else []

    return read


def words(text):
    return re.compile(verite.entier(text), re.IGNORECASE)


def says(bloc, ligne):
    """Whether a block has the value with its hedge, or with the words that tell it from another.

    A number that has no hedge must stand without.
    """
    if ligne.formulation_la and not words(ligne.formulation_la).search(bloc):
        return False
    hedged = ligne.formulation_la.lower().startswith(RESERVES)
    bare = ligne.valeur[:1].isdigit() and not hedged
    before = "".join(rf"(?<!\b{word} )" for word in RESERVES) if bare else ""
    return bool(re.search(before + words(ligne.valeur).pattern, bloc, re.IGNORECASE))


def test_each_page_says_the_value_with_its_hedge(page):
    wrong = [
        f"verite.md, ligne {ligne.numero} : {ligne.page} ne dit pas « {ligne.valeur} »"
        + (f" avec « {ligne.formulation_la} »" if ligne.formulation_la else "")
        for _, ligne in LIGNES
        if ligne.page and not any(says(bloc, ligne) for bloc in page(ligne.page))
    ]
    assert wrong == []


def test_every_line_has_a_page_and_a_value_or_a_reason():
    assert [code for code, *_ in LIGNES] != []
    for _, ligne in LIGNES:
        assert ligne.raison or (ligne.page.startswith("/") and ligne.valeur), ligne.numero


def test_nothing_of_the_texts_is_forgotten():
    """Where the five documents are: they are not in this repository."""
    if not (folder := os.environ.get("TEXTES_SOURCES")):
        pytest.skip("TEXTES_SOURCES ne dit pas où sont les documents")
    assert list(verite.verifier(folder)) == []


# --- The instruments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "forgotten"),
    [
        ("Plus de 300 élus.", []),
        ("Près de 12 élus.", ["12", "Près"]),
        ("Plus de 300 élus, et une trentaine d'autres.", ["trentaine"]),
        ("Plus de 300 élus, dit Camille Martin.", ["Camille", "Martin"]),
        ("Plus de 300 élus, puis 1 300.", ["1 300"]),
    ],
)
def test_the_script_finds_what_the_table_forgets(text, forgotten):
    document = Document("000_ab", [Ligne(1, ("300 élus",), page="/", valeur="300")])
    found = list(verite.fautes(document, text, {"Plus"}))
    assert all(any(f"« {word}" in sentence for sentence in found) for word in forgotten)
    assert bool(found) == bool(forgotten)


def test_an_entry_that_no_text_has_is_a_fault():
    document = Document("000_ab", [Ligne(7, ("400",))])
    assert list(verite.fautes(document, "rien", set())) == [
        "000_ab, ligne 7 : « 400 » n’est pas dans le texte."
    ]


@pytest.mark.parametrize(
    ("html", "valeur", "reserve", "found"),
    [
        ("<p>plus de 300 élus</p>", "300", "plus de", True),
        ("<p>300 élus</p><p>plus de</p>", "300", "plus de", False),
        ("<p>1 300 élus</p>", "300", "plus de", False),
        ("<p>plus de 300 élus</p>", "300", "", False),
        ("<p>plus de 300 élus</p><p>300</p>", "300", "", True),
        ("<tr><td>300</td><td>300</td></tr>", "300", "", True),
        ("<tr><td>plus de</td><td>300<p>élus</p></td></tr>", "300", "plus de", True),
        ("<dl><dt>Recruter</dt><dd>en 2019</dd></dl>", "2019", "recruter", True),
    ],
)
def test_a_value_is_found_with_its_hedge_in_one_block(html, valeur, reserve, found):
    ligne = Ligne(1, ("300",), page="/", valeur=valeur, formulation_la=reserve)
    assert any(says(bloc, ligne) for bloc in blocs(html)) == found
