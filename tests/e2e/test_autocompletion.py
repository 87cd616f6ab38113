"""Choosing among many rows: by keyboard, by screen reader, on a phone, when the network fails."""

import re

import pytest
from playwright.sync_api import expect

from programme.models import Contrat
from tests import factories as f
from tests.e2e.conftest import PHONE
from tests.e2e.outils import signed_in
from tests.programme.backoffice.outils import address

CHOIX = "**/admin/autocomplete/**"


@pytest.fixture
def region(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def agent(region):
    return f.SecretariatFactory(regions=[region])


@pytest.fixture
def territoires(region):
    names = ("Pays de Bray", "Pays de l’Aigle", "Vallée de la Bresle")
    return [f.TerritoireFactory(nom=name, region_porteuse=region) for name in names]


@pytest.fixture
def form(page, agent, territoires):
    signed_in(page, agent).goto(address(Contrat, "add"))
    return page


def field_of(page):
    return page.get_by_role("combobox", name="Territoire")


def options(page):
    return page.get_by_role("listbox", name="Territoire").get_by_role("option")


def status_of(page):
    return page.locator(".field-territoire .etat")


def chosen(page):
    return page.locator("select[name=territoire]").evaluate("field => field.value")


def test_the_field_tells_what_it_is(form):
    field = field_of(form)
    assert field.get_attribute("id") == "id_territoire"
    assert field.get_attribute("aria-autocomplete") == "list"
    assert field.get_attribute("aria-expanded") == "false"
    assert field.get_attribute("aria-describedby") == "id_territoire_helptext"
    form.get_by_text("Territoire :", exact=True).click()
    assert field.evaluate("field => field === document.activeElement")


def test_arrows_walk_the_list_and_enter_chooses(form, territoires):
    field = field_of(form)
    field.focus()
    field.press("ArrowDown")
    options(form).first.wait_for()
    assert options(form).all_inner_texts() == [t.nom for t in territoires]
    assert status_of(form).inner_text() == "3 résultats"
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    assert form.locator(f"#{active}").inner_text() == "Pays de Bray"
    assert form.locator(f"#{active}").get_attribute("aria-selected") == "true"
    field.press("ArrowUp")
    assert form.locator("[aria-selected=true]").inner_text() == "Vallée de la Bresle"
    field.press("Home")
    assert field.get_attribute("aria-activedescendant") is None
    assert options(form).first.is_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Pays de Bray")
    assert chosen(form) == territoires[0].pk
    assert field.get_attribute("aria-expanded") == "false"
    assert form.url.endswith("/add/"), "Enter chose; it did not send the form"


def test_escape_closes_then_gives_the_choice_back(form, territoires):
    field = field_of(form)
    field.press_sequentially("bray")
    form.get_by_role("option", name="Pays de Bray").click()
    field.press_sequentially("xx")
    status_of(form).get_by_text("Aucun résultat pour « Pays de Brayxx »").wait_for()
    field.press("Escape")
    expect(field).to_have_value("Pays de Bray")
    assert chosen(form) == territoires[0].pk


def test_tab_leaves_what_was_typed_and_says_that_it_is_no_choice(form):
    field = field_of(form)
    field.press_sequentially("pays")
    options(form).first.wait_for()
    field.press("ArrowDown")
    field.press("Tab")
    expect(field).to_have_value("pays")
    assert field.get_attribute("aria-invalid") == "true"
    assert "« pays » n’est pas encore choisi" in status_of(form).inner_text()
    assert chosen(form) == ""
    assert form.locator("#id_type").evaluate("field => field === document.activeElement")
    assert options(form).count() == 0


def test_enter_chooses_the_only_answer_and_never_sends_the_form(form, territoires):
    field = field_of(form)
    field.press_sequentially("bray")
    field.press("Enter")
    expect(field).to_have_value("Pays de Bray")
    assert chosen(form) == territoires[0].pk
    assert form.url.endswith("/add/")


def test_enter_shows_the_first_of_several_answers(form, territoires):
    field = field_of(form)
    field.press_sequentially("pays")
    field.press("Enter")
    status_of(form).get_by_text("Entrée choisit « Pays de Bray »").wait_for()
    field.press("Enter")
    assert chosen(form) == territoires[0].pk


def test_enter_on_nothing_known_stays_with_a_message(form):
    field = field_of(form)
    field.press_sequentially("zzz")
    field.press("Enter")
    status_of(form).get_by_text("Aucun résultat pour « zzz »").wait_for()
    field.press("Enter")
    expect(field).to_have_value("zzz")
    assert form.url.endswith("/add/")


def test_a_form_sent_with_a_text_that_is_no_choice_says_what_to_choose(form):
    field = field_of(form)
    field.press_sequentially("pays")
    options(form).first.wait_for()
    form.locator("#id_intitule").fill("Protocole du Bray")
    form.get_by_role("button", name="Enregistrer", exact=True).click()
    told = form.locator(".field-territoire .errorlist")
    told.wait_for()
    assert "« pays » n’est pas encore un choix" in told.inner_text()
    assert "« Pays de Bray », « Pays de l’Aigle »" in told.inner_text()
    expect(field_of(form)).to_have_value("pays")
    expect(form.locator("#id_intitule")).to_have_value("Protocole du Bray")


def test_emptying_the_field_empties_the_choice(form):
    field = field_of(form)
    field.press_sequentially("bray")
    form.get_by_role("option", name="Pays de Bray").click()
    assert chosen(form) != ""
    field.fill("")
    assert chosen(form) == ""


def test_an_answer_that_is_none_is_told_and_asked_again(form):
    form.route(CHOIX, lambda route: route.fulfill(body="<p>La page de connexion</p>"))
    field = field_of(form)
    field.press_sequentially("bray")
    status_of(form).get_by_text("La recherche n’a pas répondu").wait_for()
    assert status_of(form).get_attribute("role") == "status"
    form.unroute(CHOIX)
    field.press("ArrowDown")
    form.get_by_role("option", name="Pays de Bray").wait_for()


def test_a_slow_answer_never_replaces_a_later_one(form):
    held = []

    def hold(route):
        if "term=p&" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    form.route(CHOIX, hold)
    field = field_of(form)
    field.press_sequentially("p")
    status_of(form).get_by_text("Recherche en cours").wait_for()
    field.press_sequentially("ays de b")
    form.get_by_role("option", name="Pays de Bray").wait_for()
    for route in held:
        route.abort()
    assert options(form).all_inner_texts() == ["Pays de Bray"]


def test_more_rows_than_shown_is_told(form, region):
    for rank in range(25):
        f.TerritoireFactory(nom=f"Pays n° {rank}", region_porteuse=region)
    field = field_of(form)
    field.press_sequentially("pays")
    status_of(form).get_by_text(re.compile("Les 20 premiers")).wait_for()


def test_a_row_that_is_added_chooses_too(page, agent, region):
    projet = f.ProjetFactory(territoire__region_porteuse=region)
    financeur = f.FinanceurFactory(nom="Région Normandie")
    signed_in(page, agent).goto(address(type(projet), "change", projet.pk))
    page.get_by_role("button", name="Ajouter un financement").click()
    field = page.locator("#id_financements-1-financeur")
    field.press_sequentially("normandie")
    page.get_by_role("option", name="Région Normandie").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été modifié").wait_for()
    assert projet.financements.get().financeur == financeur


def test_the_list_stays_on_a_phone_s_screen(new_page, axe, agent, territoires):
    page = new_page(width=PHONE)
    signed_in(page, agent).goto(address(Contrat, "add"))
    field = field_of(page)
    field.press_sequentially("pays")
    options(page).first.wait_for()
    box = page.get_by_role("listbox").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE
    axe(page, widths=[PHONE])


def test_without_javascript_a_name_is_typed_then_chosen(new_page, agent, territoires):
    page = new_page(javascript=False)
    signed_in(page, agent).goto(address(Contrat, "add"))
    typed = page.get_by_label("Nom ou code de ce qui est choisi").first
    typed.fill("pays")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("« pays » n’est pas encore un choix").first.wait_for()
    expect(page.get_by_label("Nom ou code de ce qui est choisi").first).to_have_value("pays")
    page.locator("select[name=territoire]").select_option(label="Pays de l’Aigle")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Ce champ est obligatoire").first.wait_for()
    assert chosen(page) == territoires[1].pk
