"""The search box in a real browser: by keyboard, by mouse, on a phone, without JavaScript."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.factories import (
    AutreNomFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    JalonFactory,
    ProjetFactory,
    RattachementFactory,
    TerritoireFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def data():
    # A body whose outline is known, so that the map is drawn.
    interco = IntercommunaliteFactory(
        siren="248600413", nom="CA Grand Châtellerault", nature="CA", population=83_000
    )
    territoire = TerritoireFactory(
        nom="Grand Châtellerault", slug="grand-chatellerault", rattachement=None
    )
    AutreNomFactory(territoire=territoire, nom="Grand Châtelleraut")
    RattachementFactory(territoire=territoire, intercommunalite=interco)
    place = CommuneFactory(
        code="86066",
        nom="Châtellerault",
        population=31_000,
        intercommunalite=interco,
        lon=0.55,
        lat=46.82,
    )
    ProjetFactory(commune=place, territoire=territoire)
    JalonFactory(date=date(2018, 11, 22), nb_territoires=124)
    CommuneFactory(code="29083", nom="Île-de-Sein", intercommunalite=None, departement__code="29")


def box(page):
    return page.get_by_role("combobox", name=re.compile("Commune, code postal"))


def test_suggestions_by_keyboard(page, axe):
    page.goto("/recherche/")
    field = box(page)
    field.press_sequentially("châtell")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Châtellerault")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    first = options.first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    expect(field).to_be_focused()
    axe(page)
    field.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "false")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("châtell")
    field.press("ArrowDown")  # opens the list again
    expect(options.first).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/communes/86066/")


def test_enter_without_a_choice_searches(page):
    page.goto("/recherche/")
    field = box(page)
    field.press_sequentially("châtellerault")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("Enter")
    page.wait_for_url("**/recherche/?q=*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("châtellerault")


def test_suggestions_by_mouse_on_a_phone(page_phone):
    page_phone.goto("/recherche/")
    box(page_phone).press_sequentially("grand ch")
    option = page_phone.get_by_role("option").filter(has_text="territoire d’industrie")
    option.click()
    page_phone.wait_for_url("**/territoires/grand-chatellerault/")


def test_the_number_of_suggestions_is_announced(page):
    page.goto("/recherche/")
    box(page).press_sequentially("qsdfgh")
    expect(page.get_by_role("status")).to_have_text("Aucune suggestion. ")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_without_javascript_the_box_is_a_form(page_without_js):
    page = page_without_js
    page.goto("/recherche/")
    field = page.get_by_role("textbox", name=re.compile("Commune, code postal"))
    field.fill("chatelleraut")
    field.press("Enter")
    card = page.get_by_role("region", name="Réponse")
    expect(card).to_contain_text("Oui")
    expect(card).to_contain_text("Grand Châtellerault")
    card.get_by_role("link", name="Châtellerault", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Châtellerault")


@pytest.mark.rendu
@pytest.mark.parametrize(
    "url",
    [
        "/recherche/",
        "/recherche/?q=châtellerault",
        "/recherche/?q=chatelleraut",
        "/recherche/?q=qsdfgh",
        f"/recherche/?q={'a' * 201}",
        "/communes/86066/",
        "/communes/29083/",
        "/intercommunalites/248600413/",
    ],
)
def test_no_axe_violation(page, axe, url):
    page.goto(url)
    axe(page)
