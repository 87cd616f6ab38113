"""The back-office in a real browser: sign-in, keyboard, without JavaScript, axe."""

import pytest
from playwright.sync_api import expect

from programme.models import Contrat
from tests import factories as f


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def agent(normandie):
    return f.SecretariatFactory(regions=[normandie], email="sacha@agents.example")


@pytest.fixture
def contrat(normandie):
    made = f.ContratFactory(
        territoire__region_porteuse=normandie, territoire__nom="Pays de l’Aigle", statut="signé"
    )
    f.SignataireFactory(contrat=made)
    return made


def sign_in(page):
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").fill("Sacha@agents.example")
    page.get_by_label("Mot de passe").fill(f.MOT_DE_PASSE)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_role("heading", name="Le bureau du comité").wait_for()


def test_pages_are_accessible(page, axe, agent, contrat):
    page.goto("/admin/login/")
    axe(page)
    sign_in(page)
    axe(page)
    addresses = [
        "/admin/programme/contrat/",
        "/admin/programme/contrat/add/",
        f"/admin/programme/contrat/{contrat.pk}/change/",
        f"/admin/programme/contrat/{contrat.pk}/history/",
        f"/admin/programme/contrat/{contrat.pk}/delete/",
        f"/admin/territoires/territoire/{contrat.territoire_id}/change/",
        "/admin/programme/contrat/supprimes/",
        "/admin/password_change/",
    ]
    for address in addresses:
        page.goto(address)
        axe(page)


def test_errors_of_a_form_are_accessible(page, axe, agent, contrat):
    sign_in(page)
    page.goto("/admin/programme/contrat/add/")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Corrigez").first.wait_for()
    axe(page)


def test_a_territory_is_chosen_by_keyboard(page, agent, contrat, normandie, bretagne_territoire):
    f.TerritoireFactory(nom="Pays de Bray", region_porteuse=normandie)
    sign_in(page)
    page.goto("/admin/programme/contrat/add/")
    field = page.get_by_role("combobox", name="Territoire")
    field.focus()
    field.press_sequentially("pays")
    page.get_by_role("option", name="Pays de Bray").wait_for()
    offered = page.get_by_role("listbox", name="Territoire").get_by_role("option")
    assert offered.all_inner_texts() == ["Pays de Bray", "Pays de l’Aigle"]
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Pays de l’Aigle")
    page.get_by_label("Type").select_option("protocole")
    page.get_by_label("Intitulé").fill("Pays de l’Aigle")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été ajouté").wait_for()
    made = Contrat.objects.get(type="protocole")
    assert (made.territoire, made.publication) == (contrat.territoire, "brouillon")


@pytest.fixture
def bretagne_territoire(db):
    return f.TerritoireFactory(nom="Pays breton", region_porteuse=f.RegionFactory(code="53"))


def test_what_is_typed_without_choosing_is_no_choice(page, agent, contrat):
    sign_in(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    field = page.get_by_role("combobox", name="Territoire")
    field.fill("n’importe quoi")
    page.get_by_label("Intitulé").focus()
    page.get_by_text("« n’importe quoi » n’est pas encore choisi").wait_for()
    expect(field).to_have_value("n’importe quoi")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("« n’importe quoi » ne désigne rien parmi vos choix").first.wait_for()
    expect(field).to_have_value("n’importe quoi")
    contrat.refresh_from_db()
    assert contrat.territoire.nom == "Pays de l’Aigle"
    assert contrat.history.count() == 1


def test_several_are_chosen_and_taken_away(page, agent, contrat, normandie):
    orne = f.DepartementFactory(code="61", nom="Orne", region=normandie)
    sign_in(page)
    page.goto(f"/admin/territoires/territoire/{contrat.territoire_id}/change/")
    before = contrat.territoire.departements.get()
    page.get_by_role("button", name=f"Retirer {before}").click()
    field = page.get_by_role("combobox", name="Départements")
    field.press_sequentially("orn")
    page.get_by_role("option", name="Orne (61)").click()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été modifié").wait_for()
    assert list(contrat.territoire.departements.all()) == [orne]


def test_a_row_is_added(page, agent, contrat):
    sign_in(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    page.get_by_role("button", name="Ajouter un signataire").click()
    page.locator("#id_signataires-2-organisme").fill("Région Normandie")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été modifié").wait_for()
    assert contrat.signataires.count() == 2


def test_everything_is_done_without_javascript(page_without_js, agent, contrat, normandie):
    page = page_without_js
    other = f.TerritoireFactory(nom="Pays de Bray", region_porteuse=normandie)
    sign_in(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    page.locator("input[name=territoire_code]").fill(other.code)
    page.locator("#id_signataires-1-organisme").fill("Région Normandie")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("a été modifié").wait_for()
    contrat.refresh_from_db()
    assert contrat.territoire == other
    assert contrat.signataires.count() == 2
