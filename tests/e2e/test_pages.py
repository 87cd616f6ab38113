"""The pages of one record and the home page in a real browser."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE

pytestmark = [
    pytest.mark.une_base,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]

TERRITOIRE = "/territoires/lacq-pau-tarbes/"
PAGES = [
    "/",
    TERRITOIRE,
    f"{TERRITOIRE}portrait/",
    "/filtrer/projets/",
    "/carte/filtrer/",
    "/graphiques/graphique-contrats-signes/",
    "/regions/normandie/",
    "/contrats/protocole-carros/",
    "/projets/fai-0001-3d-medical/",
    "/operateurs/bpifrance/",
    "/fonds/",
    "/chiffres/",
    "/programme/",
    "/en/",
    "/glossaire/",
    "/actualites/",
    "/agenda/",
    "/plan-du-site/",
    "/suivre/",
    "/suivre/?adresse=/projets/",
    "/accessibilite/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/nulle-part/",
    "/actualites/?page=zzz",
]
LARGEST_PAGE = 250_000  # bytes, compressed, everything that the page loads
MOST_REQUESTS = 25
MOST_ELEMENTS = 1500


@pytest.mark.rendu
@pytest.mark.parametrize("url", PAGES)
def test_axe(page, axe, url):
    page.goto(url)
    axe(page)


@pytest.mark.rendu
def test_axe_tells_what_is_wrong_and_at_which_width(page, axe):
    page.goto("/glossaire/")  # where an element is called `axe`
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    with pytest.raises(AssertionError, match=r"at 1280 px:\s+- image-alt \(critical\)"):
        axe(page)
    with pytest.raises(AssertionError, match=r"at 360 px:\s+- image-alt \(critical\)"):
        axe(page, widths=[PHONE])


@pytest.mark.rendu
@pytest.mark.parametrize("url", PAGES[:11])
def test_pages_are_light(page, url):
    """As sent compressed, fonts as they are; the live server itself compresses nothing."""
    weights = {}

    def weigh(response):
        body = response.body() if response.status == 200 else b""
        stored = response.url.endswith(".woff2")
        weights[response.url] = len(body) if stored else len(gzip.compress(body))

    page.on("response", weigh)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert sum(weights.values()) <= LARGEST_PAGE, heaviest
    assert len(weights) <= MOST_REQUESTS, sorted(weights)
    assert page.evaluate("document.querySelectorAll('*').length") <= MOST_ELEMENTS


def test_first_tab_skips_to_the_content(page):
    page.goto(TERRITOIRE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_menu_of_a_phone_opens_without_javascript(new_page):
    page = new_page(width=PHONE, javascript=False)
    page.goto("/")
    menu = page.get_by_role("navigation", name="Menu principal")
    link = menu.get_by_role("link", name="Projets")
    assert not link.is_visible()
    menu.get_by_text("Menu").click()
    link.click()
    assert page.url.endswith("/projets/")


def test_search_without_javascript(page_without_js):
    page_without_js.goto("/")
    page_without_js.get_by_label("Commune, code postal").fill("L'Aigle")
    page_without_js.get_by_role("button", name="Rechercher").click()
    assert "/recherche/?q=L%27Aigle" in page_without_js.url


def test_contents_of_the_page_lead_to_its_sections(page):
    page.goto("/programme/")
    place = page.get_by_role("navigation", name="Sur cette page").get_by_role("link").first
    target = place.get_attribute("href")
    place.click()
    assert page.url.endswith(target)
    assert page.locator(target).is_visible()


def test_rows_are_cards_on_a_phone_and_stay_a_table(page_phone):
    page_phone.goto(TERRITOIRE)
    page_phone.get_by_role("link", name="Habitants, communes et dates de chacun").click()
    table = page_phone.get_by_role("table", name="Membres du territoire")
    expect(table.get_by_role("row")).to_have_count(11)  # the header and ten members
    first = table.get_by_role("row").nth(1)
    assert first.bounding_box()["width"] <= PHONE
    assert first.get_by_role("cell").first.bounding_box()["height"] < 60


def test_what_is_printed_leaves_out_the_navigation(page):
    page.goto(TERRITOIRE)
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation", name="Menu principal").is_visible()
    assert page.locator("h1").is_visible()


def test_a_table_written_line_by_line_is_still_read_as_a_table(page_phone):
    """What the browser tells a screen reader, without a role written anywhere."""
    page_phone.goto("/projets/")
    table = page_phone.locator("table").first
    assert table.evaluate("table => getComputedStyle(table).display") == "block"
    told = page_phone.context.new_cdp_session(page_phone).send("Accessibility.getFullAXTree")
    roles = [node["role"]["value"] for node in told["nodes"] if not node["ignored"]]
    rows = table.locator("tr").count()
    assert (roles.count("row"), roles.count("rowheader"), roles.count("columnheader")) == (
        rows,
        rows - 1,
        table.locator("thead th").count(),
    )
