"""The lists in a browser: accessible, on a phone too, and whole without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.donnees import module_sur_monde
from tests.programme.catalogue.listes.outils import LISTES

pytestmark = [pytest.mark.une_base, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module", autouse=True)
def _world(bases, django_db_blocker):
    with django_db_blocker.unblock(), module_sur_monde(bases, _rows):
        yield


def _rows():
    for factory in LISTES.values():
        factory.create_batch(2)
    financement = factories.FinancementFactory()
    factories.ProjetFactory.create_batch(30, filiere="Bois", territoire=None)
    factories.ProjetFactory(
        filiere="", objet="", emplois_crees=None, departement=financement.projet.departement
    )


@pytest.mark.rendu
@pytest.mark.parametrize("liste", LISTES)
def test_every_list_is_accessible(page, axe, liste):
    page.goto(f"/{liste}/")
    # Folded filters are checked unfolded.
    page.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    axe(page)


@pytest.mark.rendu
@pytest.mark.parametrize(
    "query",
    [
        "filiere=Bois&emplois_crees_min=1&page=2",
        "filiere=Bois&q=introuvable",
        "emplois_crees_min=abc&regoin=84",
        "emplois_crees_min=abc&mise_a_jour_du=hier&commune=1&axe=x",
    ],
)
def test_filtered_empty_and_refused_pages_are_accessible(page, axe, query):
    page.goto(f"/projets/?{query}")
    axe(page)


def test_filtering_without_javascript(page_without_js):
    page = page_without_js
    page.goto("/projets/")
    page.locator("summary", has_text="Filière").click()
    page.get_by_role("checkbox", name="Bois").press("Space")
    page.get_by_label("Porteur, objet, commune, SIREN").fill("atelier")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projets : « atelier », Bois")
    expect(page).to_have_title(re.compile("^Projets : « atelier », Bois"))
    expect(page.get_by_role("checkbox", name="Bois")).to_be_checked()
    page.get_by_role("link", name="Page suivante").click()
    assert "filiere=Bois" in page.url
    page.get_by_role("link", name="Retirer le filtre Filière : Bois").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projets : « atelier »")


def test_sorting_by_keyboard(page):
    page.goto("/projets/?filiere=Bois")
    page.locator("thead").get_by_role("link", name="Emplois créés").focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Emplois créés")
    assert "filiere=Bois" in page.url
    page.locator("thead").get_by_role("link", name="Emplois créés").press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Emplois créés")


@pytest.mark.rendu
@pytest.mark.parametrize("address", ["/projets/?filiere=Bois", "/carte/", "/"])
def test_no_drawing_comes_from_a_data_address(page, address):
    """The policy would block it: whatever the DSFR draws so, our sheet draws from a file."""
    page.goto(address)
    drawings = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) =>
          [null, "::before", "::after"].map((part) => {
            const style = getComputedStyle(element, part);
            return style.backgroundImage + style.maskImage;
          }))"""
    )
    assert any("url(" in drawing for drawing in drawings)
    assert not [drawing for drawing in drawings if "data:" in drawing]


def test_going_back_keeps_the_filters(page):
    page.goto("/projets/?filiere=Bois&tri=-code&page=2")
    page.locator("tbody th a").first.click()
    page.wait_for_url(re.compile(r"/projets/[^?]+\?liste="))
    page.go_back()
    expect(page.get_by_role("checkbox", name="Bois")).to_be_checked()
    expect(page.locator(".fr-pagination [aria-current=page]")).to_have_text("2")


def test_on_a_phone_filters_fold_and_a_row_says_its_columns_one_after_another(page_phone):
    page = page_phone
    page.goto("/projets/")
    field = page.get_by_label("Porteur, objet, commune, SIREN")
    expect(field).to_be_hidden()
    page.get_by_text("Filtrer et trier").first.click()
    expect(field).to_be_visible()
    cell = page.locator("tbody td").first
    assert cell.evaluate("node => getComputedStyle(node).display") == "inline"
    said = "n => getComputedStyle(n, '::before').content"
    assert cell.evaluate(said) == "none"  # a place says what it is
    page.goto("/territoires/")
    number = page.locator("tbody td.nombre").first
    assert number.evaluate(said) == f'"{number.get_attribute("data-titre")} : "'


def test_beside_the_table_filters_are_never_folded(page):
    page.goto("/projets/")
    expect(page.get_by_label("Porteur, objet, commune, SIREN")).to_be_visible()


def test_a_wrong_value_is_pointed_at(page):
    page.goto("/projets/?emplois_crees_min=abc")
    expect(page.get_by_role("alert")).to_contain_text("« abc » n’est pas un nombre")
    expect(page.get_by_label("Au moins").first).to_have_value("abc")
