"""The commune of a project gives the rest as soon as it is chosen, in the form itself."""

from datetime import date

import pytest
from playwright.sync_api import expect

from programme.models import Projet
from tests import factories as f
from tests.e2e.outils import signed_in
from tests.programme.backoffice.outils import address

pytestmark = pytest.mark.une_base


@pytest.fixture
def caen(db):
    departement = f.DepartementFactory(
        code="14", nom="Calvados", region=f.RegionFactory(code="28", nom="Normandie")
    )
    commune = f.CommuneFactory(code="14118", nom="Caen", departement=departement)
    f.CodePostalFactory(commune=commune, code="14000")
    f.RattachementFactory(
        territoire__phase_id=2,
        territoire__nom="Caen industriel",
        intercommunalite=commune.intercommunalite,
        debut=date(2024, 7, 4),
    )
    return commune


def test_choosing_a_commune_fills_in_the_rest(page, caen):
    signed_in(page, f.NationalFactory()).goto(address(Projet, "add"))
    field = page.get_by_role("combobox", name="Commune")
    field.fill("Caen")
    page.get_by_role("listbox", name="Commune").get_by_role("option").first.click()
    expect(page.locator(".field-d_apres_la_commune .readonly")).to_contain_text(
        f"Calvados (14), Normandie ; {caen.intercommunalite.nom} ; territoire : Caen industriel"
    )
    expect(page.locator("#id_departement")).to_have_value("Calvados (14)")
    expect(page.locator("#id_territoire")).to_have_value("Caen industriel")
    expect(page.locator("[name=code_postal]")).to_have_value("14000")
    # What was filled in may be changed, and what was typed stays.
    page.locator("[name=code_postal]").fill("14050")
    field.fill("14118")
    page.get_by_role("listbox", name="Commune").get_by_role("option").first.click()
    expect(page.locator("[name=code_postal]")).to_have_value("14050")
