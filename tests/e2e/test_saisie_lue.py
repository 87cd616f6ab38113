"""What a field understands is said below it, while one types and without JavaScript."""

import os

import pytest
from playwright.sync_api import expect

from programme.models import Projet, Publication
from tests import factories as f
from tests.e2e.outils import signed_in
from tests.programme.backoffice.outils import address


@pytest.fixture
def projet(db):
    region = f.RegionFactory(code="28")
    departement = f.DepartementFactory(code="61", nom="Orne", region=region)
    return f.ProjetFactory(
        territoire=None,
        departement=departement,
        commune=None,
        code_postal="",
        siren="327834214",
        publication=Publication.BROUILLON,
    )


def test_the_echo_follows_what_is_typed(page, projet):
    signed_in(page, f.NationalFactory()).goto(address(Projet, "change", projet.pk))
    amount, echo = (
        page.locator("#id_investissement_eur"),
        page.locator("#id_investissement_eur_echo"),
    )
    assert amount.get_attribute("type") == "text"
    assert "id_investissement_eur_echo" in amount.get_attribute("aria-describedby")
    amount.fill("1,5 M€")
    expect(echo).to_have_text("Lu : 1 500 000 €")
    amount.fill("1.500")
    amount.press("Tab")
    expect(echo).to_contain_text("se lit de deux façons")
    amount.fill("1 500 000 €")
    amount.hover()
    page.mouse.wheel(0, 120)
    expect(amount).to_have_value("1 500 000 €")
    day = page.locator("#id_mise_a_jour")
    day.fill("01.03.2024")
    expect(page.locator("#id_mise_a_jour_echo")).to_have_text("Lu : 1er mars 2024")
    expect(page.locator(".field-mise_a_jour .calendrier")).to_be_visible()
    if folder := os.environ.get("CAPTURES"):
        page.screenshot(path=f"{folder}/saisie.png", full_page=True)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été modifié").wait_for()
    projet.refresh_from_db()
    assert projet.investissement_eur == 1_500_000


def test_without_javascript_the_page_that_comes_back_says_it(new_page, projet, axe):
    page = new_page(javascript=False)
    signed_in(page, f.NationalFactory()).goto(address(Projet, "change", projet.pk))
    expect(page.locator("#id_siren_echo")).to_have_text("Lu : 327 834 214")
    page.locator("#id_investissement_eur").fill("12 k€")
    page.locator("#id_siren").fill("327834215")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator("#id_investissement_eur_echo")).to_have_text("Lu : 12 000 €")
    expect(page.locator(".field-siren .errorlist, .errorlist").first).to_contain_text("la clé")
    expect(page.locator("#id_siren")).to_have_value("327834215")
