"""The assessment of accessibility: whole, proved, and what the site says of itself."""

import re

import pytest
from django.conf import settings

from programme import accessibilite
from programme.management.commands import ecrire_rgaa
from tests.programme.catalogue.pages.outils import texte

PAR_THEME = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
"""How many criteria each theme of RGAA 4.1 has."""
A_LA_MAIN = re.compile(r"^manuel : .+, \d{1,2} \w+ \d{4}$")


def test_every_criterion_is_there_once():
    expected = [f"{t}.{n}" for t, count in enumerate(PAR_THEME, 1) for n in range(1, count + 1)]
    assert [critere.code for critere in accessibilite.criteres()] == expected
    assert len(expected) == 106
    assert len(accessibilite.THEMES) == len(PAR_THEME)


@pytest.mark.parametrize("critere", accessibilite.criteres(), ids=lambda critere: critere.code)
def test_a_criterion_is_proved_or_says_what_is_wrong(critere):
    assert critere.titre
    assert critere.etat in accessibilite.ETATS
    assert critere.remarque if critere.etat == "NC" else critere.preuves
    for proof in critere.preuves:
        path, _, name = proof.partition("::")
        if not name:
            assert A_LA_MAIN.match(proof), proof
            continue
        source = (settings.BASE_DIR / path).read_text(encoding="utf-8")
        assert re.search(rf"^(?:def|class) {re.escape(name)}\b", source, re.MULTILINE), proof


def test_the_document_is_of_today():
    written = ecrire_rgaa.FICHIER.read_text(encoding="utf-8")
    assert written == ecrire_rgaa.document(), "python manage.py ecrire_rgaa"


@pytest.mark.django_db
def test_the_statement_says_what_the_assessment_says(client):
    read = texte(client.get("/accessibilite/"))
    conform, wrong = accessibilite.en_etat("C"), accessibilite.en_etat("NC")
    assert f"Des 106 critères, {len(conform)} sont respectés, {len(wrong)} ne le sont pas" in read
    assert f"{accessibilite.taux()} % des critères qui s’appliquent" in read
    assert "notre propre évaluation" in read
    for critere in wrong:
        assert f"(critère {critere.code})" in read


# --- What can be read in the markup ------------------------------------------------------------

NOMME = re.compile(r'aria-label(?:ledby)?="[^"]+"')


CACHE = re.compile(r"<td\b[^>]*aria-hidden=\"true\".*?</td>", re.DOTALL)


def _drawings(page):
    for image in re.findall(r"<img\b[^>]*>", page):
        if " alt=" not in image:
            yield f"1.1 : {image}"
    for drawing in re.findall(r"<svg\b[^>]*>", CACHE.sub("", page)):
        told = 'role="group"' in drawing or 'role="img"' in drawing
        if 'aria-hidden="true"' not in drawing and not (told and NOMME.search(drawing)):
            yield f"1.2 : {drawing}"


def _tables(page):
    for table in re.findall(r"<table\b.*?</table>", page, re.DOTALL):
        opening = table[: table.index(">")]
        if "<caption" not in table and not NOMME.search(opening):
            yield f"5.4 : {opening}"
        for header in re.findall(r"<th\b[^>]*>", table):
            if "scope=" not in header:
                yield f"5.6 : {header}"


def _links(page):
    for link in re.findall(r"<a\b[^>]*>.*?</a>", page, re.DOTALL):
        words = re.sub(r"<[^>]+>", "", link).strip()
        if not words and not NOMME.search(link) and " alt=" not in link:
            yield f"6.2 : {link}"


def _fields(page):
    labels = set(re.findall(r'<label\b[^>]* for="([^"]+)"', page))
    for field in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if re.search(r'type="(?:hidden|submit|button)"', field):
            continue
        identifier = re.search(r' id="([^"]+)"', field)
        if not (identifier and identifier[1] in labels) and not NOMME.search(field):
            yield f"11.1 : {field}"
        if 'type="email"' in field and "autocomplete=" not in field:
            yield f"11.13 : {field}"


def _groups(page):
    for group in re.findall(r"<fieldset\b.*?</fieldset>", page, re.DOTALL):
        if "<legend" not in group and not NOMME.search(group[: group.index(">")]):
            yield f"11.6 : {group[:120]}"


def _areas(page):
    if not page.startswith("<!DOCTYPE html>"):
        yield "8.1 : pas de type de document"
    for area in ("<header", "<main", "<footer", "<nav"):
        if area not in page:
            yield f"9.2 : pas de {area}>"


def faults(page):
    """What a page of the sample has that its criteria refuse."""
    for judge in (_areas, _drawings, _tables, _links, _fields, _groups):
        yield from judge(page)


@pytest.mark.parametrize(
    ("markup", "criterion"),
    [
        ("<img src='a.png'>", "1.1"),
        ('<svg viewBox="0 0 1 1"></svg>', "1.2"),
        ('<table><tr><th scope="col">x</th></tr></table>', "5.4"),
        ("<table><caption>x</caption><tr><th>x</th></tr></table>", "5.6"),
        ('<a href="/"><span></span></a>', "6.2"),
        ('<input type="text" id="a">', "11.1"),
        ('<label for="a">x</label><input type="email" id="a">', "11.13"),
        ("<fieldset><p>x</p></fieldset>", "11.6"),
    ],
)
def test_a_fault_is_seen(markup, criterion):
    page = f"<!DOCTYPE html><header></header><nav></nav><main>{markup}</main><footer></footer>"
    assert [told.partition(" ")[0] for told in faults(page)] == [criterion]
