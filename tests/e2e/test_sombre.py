"""The dark colours of the theme, for whoever asks the browser for them; paper stays light."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

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


def colour(page, name):
    """What a variable of the theme is drawn as, as "rgb(…)"."""
    return page.evaluate(
        """(name) => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.color = `var(${name})`;
          const drawn = getComputedStyle(probe).color;
          probe.remove();
          return drawn;
        }""",
        name,
    )


@pytest.mark.parametrize("choice", ["", "dark"])
def test_paper_is_light(sombre, choice):
    sombre.goto("/chiffres/")
    sombre.get_by_label("Apparence").select_option(choice)
    assert colour(sombre, "--fond") == "rgb(22, 26, 27)"
    sombre.emulate_media(media="print", color_scheme="dark")
    assert colour(sombre, "--fond") == "rgb(255, 255, 255)"
    assert ground(sombre) == "rgba(0, 0, 0, 0)"


def test_the_system_decides_without_javascript(page_without_js):
    for scheme, drawn in (("dark", "rgb(22, 26, 27)"), ("light", "rgb(255, 255, 255)")):
        page_without_js.emulate_media(color_scheme=scheme)
        page_without_js.goto("/chiffres/")
        assert ground(page_without_js) == drawn
    assert not page_without_js.locator("#apparence").is_visible()


def test_a_reader_chooses_for_all_pages_and_gives_the_choice_back(page, axe):
    page.emulate_media(color_scheme="light")
    page.goto("/chiffres/")
    assert ground(page) == "rgb(255, 255, 255)"
    assert page.evaluate("localStorage.length") == 0, "nothing is kept that nobody asked"
    page.get_by_label("Apparence").select_option("Sombre")
    assert ground(page) == "rgb(22, 26, 27)"
    session = signed_in(page, f.NationalFactory())
    for url in ("/projets/?region=84", "/admin/"):
        session.goto(url)
        assert ground(session) == "rgb(22, 26, 27)", url
        assert session.get_by_label("Apparence").input_value() == "dark"
        axe(session)
    session.get_by_label("Apparence").select_option("Comme l’appareil")
    assert ground(session) == "rgb(255, 255, 255)"
    session.emulate_media(color_scheme="dark")
    assert ground(session) == "rgb(22, 26, 27)"
    session.get_by_label("Apparence").select_option("Claire")
    session.goto("/chiffres/")
    assert ground(session) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("url", PUBLIC)
def test_the_identity_of_the_etat_has_its_night(sombre, axe, url):
    # Its hues alone: the drawings of its marks are files once collected, its type preloaded.
    neutre, etat = (
        Path(finders.find(f"css/{name}.css")).read_text() for name in ("site-neutre", "theme-etat")
    )
    hues = etat[etat.index(":root") :].replace("--police:", "--autre-police:")
    sombre.route(
        "**/css/site-neutre*.css",
        lambda route: route.fulfill(body=neutre + hues, content_type="text/css"),
    )
    sombre.goto(url)
    assert ground(sombre) == "rgb(22, 26, 27)"
    assert colour(sombre, "--accent") == "rgb(133, 133, 246)"
    sombre.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    axe(sombre)
