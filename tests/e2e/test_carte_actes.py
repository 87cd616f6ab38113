"""The acts of a séance on the map in a real browser: axe, keyboard, without JavaScript."""

from datetime import date

import pytest

from programme.models import Decision
from territoires.ajustements import members_at
from tests import factories as f

from .test_backoffice import sign_in

LE = date(2022, 1, 10)


@pytest.fixture
def seance(db):
    normandie = f.RegionFactory(code="28")
    f.SecretariatFactory(regions=[normandie], email="sacha@agents.example")
    departement = f.DepartementFactory(region=normandie)
    f.IntercommunaliteFactory(nom="CC des Collines", siren="200000001", departements=[departement])
    return f.SeanceFactory(comite_regional=f.ComiteRegionalFactory(region=normandie), date=LE)


@pytest.fixture
def aigle(seance):
    return f.TerritoireFactory(nom="Pays de l’Aigle", region_porteuse=seance.comite.region)


def test_the_pages_are_accessible(page, axe, seance, aigle):
    sign_in(page)
    home = f"/admin/programme/seance/{seance.pk}/carte/"
    addresses = ["", "ajouter/", "reunir/"]
    addresses += [f"{act}/{aigle.pk}/" for act in ("rattacher", "detacher", "renommer", "retirer")]
    for address in addresses:
        page.goto(home + address)
        axe(page)
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_text("Rien n’est encore enregistré").wait_for()
    axe(page)


def test_a_member_is_attached_by_keyboard(page, seance, aigle):
    sign_in(page)
    page.goto(f"/admin/programme/seance/{seance.pk}/carte/rattacher/{aigle.pk}/")
    field = page.get_by_role("combobox", name="Intercommunalités")
    field.focus()
    field.press_sequentially("collines")
    page.get_by_role("option", name="CC des Collines").wait_for()
    field.press("ArrowDown")
    field.press("Enter")
    page.get_by_role("button", name="Voir l’aperçu").press("Enter")
    page.get_by_text("Pays de l’Aigle : gagne CC des Collines").wait_for()
    page.get_by_role("button", name="Enregistrer la décision").press("Enter")
    page.get_by_text("Décision enregistrée").wait_for()
    assert "200000001" in members_at(aigle, LE)


def test_a_member_is_attached_without_javascript(page_without_js, seance, aigle):
    page = page_without_js
    sign_in(page)
    page.goto(f"/admin/programme/seance/{seance.pk}/carte/rattacher/{aigle.pk}/")
    page.locator("[name=intercommunalites_code]").fill("200000001")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Enregistrer la décision").click()
    page.get_by_text("Décision enregistrée").wait_for()
    assert Decision.objects.get().ajustement["entrees"] == {aigle.pk: ["200000001"]}
