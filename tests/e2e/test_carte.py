"""The map in a real browser: keyboard, zoom, hover, without JavaScript, and in another's page."""

import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.urls import reverse

from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = [
    pytest.mark.une_base,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]

CARTE, DIFFERENCES, INTEGRER = map(reverse, ("carte", "differences", "integrer_carte"))
LYON = f"{CARTE}?date=2019-03-06"


def view(page):
    """The part of the drawing that is seen: x, y, width, height."""
    return [float(n) for n in page.locator("svg.carte-dessin").get_attribute("viewBox").split()]


def focused(page):
    """What has the focus: its code if it is a shape, else its text."""
    return page.evaluate(
        "document.activeElement.dataset.code ?? document.activeElement.textContent.trim()"
    )


def tab_to(page, wanted, limit=60):
    """Press Tab until `wanted(page)`; the number of presses."""
    for count in range(1, limit + 1):
        page.keyboard.press("Tab")
        if wanted(page):
            return count
    pytest.fail(f"{limit} presses of Tab, and still on « {focused(page)} »")


@pytest.mark.rendu
@pytest.mark.parametrize(
    "url",
    [
        CARTE,
        LYON,
        f"{CARTE}?date=2019-03-06&couleur=contrats&region=53&region=76",
        f"{CARTE}?date=hier",
        DIFFERENCES,
        f"{DIFFERENCES}?de=2021-01-01&a=2020-01-01",
        INTEGRER,
        f"{reverse('carte_projets')}?region=75",
    ],
)
def test_axe(page, axe, url):
    page.goto(url)
    axe(page)


ECRANS = 6


@pytest.mark.rendu
@pytest.mark.parametrize("url", [CARTE, LYON, f"{reverse('carte_projets')}?region=75"])
def test_the_page_is_no_longer_than_six_screens_of_a_telephone(page_phone, url):
    """The table scrolls beside its map; on paper, all of its rows are there (`test_papier`)."""
    page_phone.goto(url)
    height = page_phone.evaluate("document.documentElement.scrollHeight")
    assert height <= ECRANS * page_phone.viewport_size["height"], height


@pytest.mark.rendu
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_names_of_towns_keep_their_size_on_the_screen(new_page, width):
    page = new_page(width=width)
    page.goto(CARTE)
    name = page.locator(".carte-nom", has_text="Toulouse")
    before = name.bounding_box()
    page.get_by_role("button", name="Agrandir la carte").click()
    zoomed = name.bounding_box()
    assert zoomed["height"] == pytest.approx(before["height"], rel=0.1)


@pytest.mark.rendu
def test_axe_with_everything_unfolded(page, axe):
    page.goto(LYON)
    page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
    axe(page)


def test_the_whole_page_by_keyboard(page):
    page.goto(LYON)
    tab_to(page, lambda p: focused(p) == "Passer la carte")
    page.keyboard.press("Tab")
    first = focused(page)
    assert re.fullmatch(r"ti-\d{4}", first), "one stop for the whole map"
    page.keyboard.press("ArrowDown")
    below = focused(page)
    assert below != first
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    last = focused(page)
    assert last not in {first, below}
    page.keyboard.press("Home")
    assert focused(page) == first
    page.keyboard.press("Tab")
    assert focused(page) == "+"
    page.keyboard.press("Enter")
    assert view(page)[2] < 1900
    tab_to(page, lambda p: p.evaluate("document.activeElement.id") == "champ-date")
    tab_to(page, lambda p: focused(p) == "Afficher")
    tab_to(page, lambda p: focused(p) == "Filtrer les territoires")
    page.keyboard.press("Enter")
    tab_to(page, lambda p: p.evaluate("document.activeElement.name") == "q")
    page.keyboard.type("pau")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=pau**")
    assert page.locator("#tableau [data-code]").count() == 1
    tab_to(page, lambda p: focused(p).startswith("ti-"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/**")


def test_the_map_can_be_skipped(page):
    page.goto(LYON)
    tab_to(page, lambda p: focused(p) == "Passer la carte")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "tableau"


def test_zoom_and_pan(page):
    page.goto(CARTE)
    whole = view(page)
    more, less, all_ = (
        page.get_by_role("button", name=name)
        for name in ("Agrandir la carte", "Réduire la carte", "Revenir à la carte entière")
    )
    assert less.get_attribute("aria-disabled") == "true"
    more.click()
    more.click()
    near = view(page)
    assert near[2] == pytest.approx(whole[2] / 1.6**2, rel=0.01)
    box = page.locator("svg.carte-dessin").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 40, steps=4)
    page.mouse.up()
    moved = view(page)
    assert moved[0] < near[0]
    assert moved[1] < near[1]
    assert page.url.endswith(CARTE), "a drag follows no link"
    less.click()
    assert view(page)[2] == pytest.approx(whole[2] / 1.6, rel=0.01)
    all_.click()
    assert view(page) == pytest.approx(whole, abs=0.2)


def test_a_shape_and_its_row_answer_each_other(page):
    page.goto(LYON)
    row = page.locator('#tableau [data-code="ti-7505"]')
    shape = page.locator('a.carte-lien[data-code="ti-7505"]')
    row.hover()
    assert "carte-actif" in shape.get_attribute("class")
    label = page.locator(".carte-etiquette")
    assert label.text_content() == shape.get_attribute("aria-label")
    page.mouse.move(0, 0)
    assert "carte-actif" not in shape.get_attribute("class")
    shape.focus()
    assert "carte-ligne-active" in row.get_attribute("class")


def test_without_javascript_only_zoom_is_lost(page_without_js):
    page = page_without_js
    page.goto(LYON)
    assert page.locator("a.carte-lien").count() == 143
    assert page.locator("#tableau [data-code]").count() == 143
    assert page.locator(".carte-outils").count() == 0
    page.get_by_role("link", name="148 territoires annoncés").click()
    assert page.locator("a.carte-lien").count() == 148
    page.get_by_label("Carte au", exact=True).fill("2021-11-22")
    page.get_by_label("Couleur").select_option("contrats")
    page.get_by_role("button", name="Afficher").click()
    assert "contrat signé (26)" in page.locator(".carte-legende").inner_text()
    page.locator("a.carte-lien").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/territoires/**")


@pytest.mark.rendu
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_drawing_fits_the_screen(new_page, width):
    page = new_page(width=width)
    page.goto(LYON)
    box = page.locator("svg.carte-dessin").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["height"] <= page.viewport_size["height"]


class Host(BaseHTTPRequestHandler):
    """Another site, whose only page is `body`. A real one: Chromium checks where it stands."""

    body = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.body.encode())

    def log_message(self, *args):
        pass


@pytest.fixture
def host(new_page, live_server, settings):
    """Function that opens, at some width, a page of another site that holds the lines to copy."""
    settings.SITE = {**settings.SITE, "url": live_server.url}
    server = HTTPServer(("127.0.0.1", 0), Host)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"

    def open_host(width):
        page = new_page(width=width)
        page.goto(LYON)
        lines = page.locator(".carte-code code").inner_text()
        Host.body = (
            '<!DOCTYPE html><html lang="fr"><title>Hôte</title><link rel="icon" href="data:,">'
            f"<h1>Chez nous</h1>{lines}"
        )
        page.route(address, lambda route: route.continue_())
        page.goto(address)
        return page

    yield open_host
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_lines_to_copy_show_the_map_at_its_height(host, width):
    page = host(width)
    element = page.locator("iframe")
    page.wait_for_function("document.querySelector('iframe').height !== '900'")
    frame = element.content_frame
    assert frame.locator("h1").inner_text() == "Les Territoires d’industrie au 6 mars 2019"
    assert frame.locator("a.carte-lien").count() == 143

    def hidden():
        return frame.locator("html").evaluate("(root) => root.scrollHeight - root.clientHeight")

    assert hidden() <= 1, "nothing to scroll in the frame"
    before = int(element.get_attribute("height"))
    frame.get_by_text("La même carte en tableau").click()
    page.wait_for_function(f"document.querySelector('iframe').height > {before + 1000}")
    assert hidden() <= 1
    assert page.context.cookies() == []


def test_a_link_of_the_frame_opens_outside_it(host, live_server):
    page = host(DESKTOP)
    shape = page.locator("iframe").content_frame.locator('a.carte-lien[data-code="ti-7505"]')
    with page.context.expect_page() as opened:
        shape.focus()
        page.keyboard.press("Enter")
    opened.value.wait_for_load_state()
    assert opened.value.url.startswith(f"{live_server.url}/territoires/")
    assert page.url.startswith("http://127.0.0.1"), "the other site's page stays"
