"""History, restoration and journal in a real browser: axe, keyboard, without JavaScript."""

import pytest

from programme.models import Contrat
from tests import factories as f
from tests.e2e.test_backoffice import sign_in


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28", nom="Normandie")


@pytest.fixture
def agent(normandie):
    return f.SecretariatFactory(regions=[normandie], email="sacha@agents.example")


@pytest.fixture
def contrat(normandie, agent):
    """Published, its amount changed yesterday's way, one row deleted."""
    made = f.ContratFactory(
        territoire__region_porteuse=normandie,
        territoire__nom="Pays de l’Aigle",
        intitule="Pays de l’Aigle",
        montant_eur=40_000_000,
    )
    f.SignataireFactory(contrat=made)
    f.AvenantFactory(contrat=made, objet="Un objet très long, " * 30)
    made.montant_eur, made.source = 12_000, "Une source sans espace " + "x" * 300
    made._history_user = agent
    made.save()
    return made


def deleted(normandie):
    gone = f.ContratFactory(
        territoire__region_porteuse=normandie, intitule="Effacé par erreur", statut="signé"
    )
    f.SignataireFactory(contrat=gone)
    pk = gone.pk
    gone.delete()
    return pk


@pytest.mark.rendu
def test_pages_are_accessible(page, axe, agent, contrat, normandie):
    pk = deleted(normandie)
    sign_in(page)
    first = contrat.history.last().history_id
    base = f"/admin/programme/contrat/{contrat.pk}/history/"
    for address in (
        base,
        f"{base}?du=2022-05-03&au=2022-05-01",
        f"{base}{first}/",
        f"{base}{first}/retablir/",
        "/admin/programme/contrat/supprimes/",
        f"/admin/programme/contrat/{pk}/history/",
        f"/admin/programme/contrat/{pk}/recreer/",
    ):
        page.goto(address)
        axe(page)


def test_yesterday_s_amount_is_restored_by_keyboard(page, agent, contrat):
    sign_in(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/history/")
    link = page.get_by_role("link", name="Rétablir montant (euros) : 40")
    link.focus()
    link.press("Enter")
    box = page.get_by_role("checkbox", name="Montant (euros)")
    box.wait_for()
    box.focus()
    box.press("Space")
    assert not box.is_checked()
    box.press("Space")
    button = page.get_by_role("button", name="Rétablir")
    button.focus()
    button.press("Enter")
    page.get_by_text("rétablie.").first.wait_for()
    contrat.refresh_from_db()
    assert contrat.montant_eur == 40_000_000


def test_all_is_done_without_javascript(page_without_js, axe, agent, contrat, normandie):
    page = page_without_js
    pk = deleted(normandie)
    sign_in(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/history/")
    page.get_by_label("Quoi").select_option("signataires")
    page.get_by_role("button", name="Filtrer").click()
    assert page.get_by_text("montant").count() == 0
    page.goto(f"/admin/programme/contrat/{contrat.pk}/history/{contrat.history.last().pk}/")
    page.get_by_role("link", name="Rétablir toute cette version").click()
    page.get_by_role("checkbox", name="Source").uncheck()
    page.get_by_role("button", name="Rétablir").click()
    page.get_by_text("rétablie.").first.wait_for()
    contrat.refresh_from_db()
    assert contrat.montant_eur == 40_000_000
    assert contrat.source.startswith("Une source")

    page.goto("/admin/programme/contrat/supprimes/")
    page.get_by_role("link", name="Rétablir l’enregistrement").click()
    page.get_by_role("button", name="Rétablir l’enregistrement").click()
    page.get_by_text("est rétabli").first.wait_for()
    assert Contrat.objects.get(pk=pk).signataires.count() == 1


@pytest.fixture
def changed(normandie):
    """A published contract whose amount changed since, and a project."""
    made = f.ContratFactory(territoire__region_porteuse=normandie, montant_eur=40_000_000)
    made.montant_eur, made.lieu = 12_000, "Un lieu sans espace " + "x" * 170
    made.save()
    f.ProjetFactory(territoire=made.territoire)
    return made


@pytest.mark.rendu
def test_the_journal_is_accessible(page, axe, changed):
    for address in (
        "/journal/",
        "/journal/?genre=contrats",
        "/journal/?du=2022-05-03&au=2022-05-01",
        "/journal/?genre=sources&region=28",
        changed.get_absolute_url(),
    ):
        page.goto(address)
        axe(page)


def test_the_journal_is_filtered_without_javascript(page_without_js, changed):
    page = page_without_js
    page.goto("/journal/")
    page.get_by_label("Quoi").select_option("contrats")
    page.get_by_role("button", name="Filtrer").click()
    page.get_by_text("40 000 000 → 12 000").first.wait_for()
    assert page.get_by_text("projet ajouté").count() == 0
    link = page.get_by_role("link", name="lien permanent").first
    link.focus()
    link.press("Enter")
    page.wait_for_url("**#contrats-*")
    page.get_by_text("40 000 000 → 12 000").first.wait_for()
