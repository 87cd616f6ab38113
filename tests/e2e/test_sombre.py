"""The dark colours of the theme, for whoever asks the browser for them; paper stays light."""

import pytest

from tests import factories as f
from tests.e2e.outils import signed_in

pytestmark = [pytest.mark.rendu, pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]

PUBLIC = [
    "/",
    "/projets/?region=84",
    "/projets/?emplois_crees_min=abc",
    "/territoires/lacq-pau-tarbes/",
    "/admin/compte/connexion/",
]
ADMIN = [
    "/admin/",
    "/admin/programme/projet/",
    "/admin/programme/projet/add/",
]


@pytest.fixture
def sombre(page):
    page.emulate_media(color_scheme="dark")
    return page


def ground(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("url", PUBLIC)
def test_public_pages(sombre, axe, url):
    sombre.goto(url)
    assert ground(sombre) == "rgb(22, 26, 27)"
    sombre.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    axe(sombre)


def test_back_office(sombre, axe):
    session = signed_in(sombre, f.NationalFactory())
    for url in ADMIN:
        session.goto(url)
        assert ground(session) == "rgb(22, 26, 27)", url
        axe(session)


def test_paper_is_light(sombre):
    sombre.goto("/chiffres/")
    sombre.emulate_media(media="print", color_scheme="dark")
    assert sombre.evaluate("getComputedStyle(document.body).getPropertyValue('--fond')") == "#fff"
    assert ground(sombre) == "rgba(0, 0, 0, 0)"
