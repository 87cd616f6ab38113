"""A figure is cited from its list, and shown in the page of another site."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

pytestmark = [
    pytest.mark.une_base,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]


class Hote(BaseHTTPRequestHandler):
    """Another site, whose only page is `body`."""

    body = ""

    def do_GET(self):
        sent = self.body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *args):
        pass


@pytest.fixture
def hote():
    server = HTTPServer(("127.0.0.1", 0), Hote)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_a_figure_cited_is_framed_elsewhere(new_page, axe, live_server, settings, hote):
    settings.SITE = {**settings.SITE, "url": live_server.url}
    page = new_page(javascript=False)
    page.goto("/projets/?region=84")
    page.get_by_role("button", name="Citer : emplois créés").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Emplois créés")
    value = page.locator(".citation-valeurs .chiffre-valeur").first.inner_text()
    page.get_by_role("link", name="Intégrer").click()
    shown = page.locator("iframe").content_frame
    expect(shown.locator(".chiffre-valeur")).to_have_text(value)
    lines = page.get_by_label("Lignes à copier", exact=True).inner_text()
    Hote.body = (
        '<!DOCTYPE html><html lang="fr"><title>Hôte</title><link rel="icon" href="data:,">'
        f"<h1>Chez nous</h1>{lines}"
    )
    page.route(hote, lambda route: route.continue_())
    page.goto(hote)
    frame = page.locator("iframe").content_frame
    expect(frame.locator(".chiffre-valeur")).to_have_text(value)
    expect(frame.get_by_text("Ce site n’est pas un site officiel.")).to_be_visible()
    assert page.context.cookies() == []


@pytest.mark.rendu
@pytest.mark.parametrize(
    "url",
    [
        "/citer/",
        "/integrer/?quoi=projets-emplois-crees",
        "/integrer/?quoi=zzz",
        "/integrer/tableau/projets/",
        "/integrer/chiffre/graphique-fonds-par-region/",
    ],
)
def test_axe(page, axe, url):
    page.goto(url)
    axe(page)


@pytest.mark.rendu
def test_axe_of_a_citation(page, axe):
    page.goto("/fonds/")
    page.get_by_role("button", name="Citer").last.click()
    expect(page.locator(".citation-image")).to_be_visible()
    axe(page)
