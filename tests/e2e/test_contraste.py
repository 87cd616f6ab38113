"""The contrast of a drawing is judged once; another colour, size or ground is another drawing."""

import pytest

from tests.e2e.contraste import Contraste

pytestmark = [pytest.mark.rendu, pytest.mark.django_db]

PAGE = """
<html lang="fr"><head><title>Essai</title></head><body>
<main><h1>Titre</h1><ul>{rows}</ul><p id="autre">Autre texte</p></main></body></html>
"""


@pytest.fixture
def judged(page, axe_script):
    """Function: `(violated texts, how many elements axe was asked of)`."""
    page.goto("/sante/")
    page.set_content(PAGE.format(rows="<li>Ligne de la liste</li>" * 30))
    page.evaluate(axe_script)
    contraste = Contraste()

    def judge(style=""):
        page.evaluate("(style) => document.querySelector('#autre').style = style", style)
        nodes = [node for one in contraste.violations(page) for node in one["nodes"]]
        return ["autre" in node["html"] for node in nodes], contraste.asked

    assert judge() == ([], 32)
    return judge


def test_what_is_drawn_alike_is_not_asked_again(judged):
    assert judged() == ([], 0)


@pytest.mark.parametrize(
    "style",
    [
        "color: #ccc",
        "background: #333",
        "background: #aaa; opacity: 0.4",
        "color: rgb(0 0 0 / 30%)",
    ],
)
def test_another_drawing_is_asked_until_it_passes(judged, style):
    assert judged(style) == ([True], 1)
    assert judged(style) == ([True], 1)
    assert judged() == ([], 0)


def test_a_ground_is_that_of_all_that_is_around(judged, page):
    page.evaluate("document.querySelector('ul').style.background = '#444'")
    assert judged() == ([False] * 30, 30)


def test_what_floats_is_asked_each_time(judged):
    floats = "position: absolute; top: 500px"
    assert judged(floats) == ([], 1)
    assert judged(floats) == ([], 1)


def test_what_axe_does_not_decide_is_not_known_to_pass(judged, page):
    page.evaluate("document.querySelector('#autre').textContent = '–'")
    assert judged("color: #ccc") == ([], 1)
    page.evaluate("document.querySelector('#autre').textContent = 'Des mots'")
    assert judged("color: #ccc") == ([True], 1)
