"""« Pourquoi ne vois-je pas… ? », and the portal seen as another agent, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from programme.models import JournalAcces, Publication
from tests import factories as f

BANDEAU = "Vous voyez le portail comme"


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def agents(normandie):
    f.NationalFactory(email="nadia@agents.example", nom="Nadia National")
    return f.RedacteurFactory(
        email="rene@agents.example", nom="René Rédacteur", regions=[normandie]
    )


@pytest.fixture
def contrat(normandie):
    f.ContratFactory(
        territoire__region_porteuse=f.RegionFactory(code="53"),
        intitule="Pays de Fougères",
        publication=Publication.BROUILLON,
    )
    return f.ContratFactory(
        territoire__region_porteuse=normandie, territoire__nom="Pays de l’Aigle",
        intitule="Pays de l’Aigle",
    )  # fmt: skip


DESK = re.compile("^Le bureau (du comité|national)$")


def sign_in(page, email):
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(f.MOT_DE_PASSE)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_role("heading", name=DESK).wait_for()


def test_an_officer_asks_by_keyboard(page, axe, agents, contrat):
    sign_in(page, "rene@agents.example")
    page.get_by_role("link", name="Pourquoi ne vois-je pas… ?").press("Enter")
    page.get_by_role("heading", name="Pourquoi ne vois-je pas… ?", level=1).wait_for()
    axe(page)
    field = page.get_by_label("Ce que vous cherchez")
    field.fill("pays de l'aigle")
    field.press("Enter")
    page.get_by_role("heading", name="contrat de territoire – Pays de l’Aigle").wait_for()
    page.get_by_text("est publié : votre rôle (rédacteur régional)").first.wait_for()
    axe(page)
    field = page.get_by_label("Ce que vous cherchez")
    field.fill("pays de fougeres")
    field.press("Enter")
    page.get_by_text("Rien de visible pour vous ne correspond.").wait_for()
    axe(page)
    page.get_by_label("Ce que vous cherchez").fill("")
    page.get_by_role("button", name="Dire pourquoi").click()
    page.get_by_text("Donnez un nom, un code ou une adresse").wait_for()
    axe(page)


def test_the_ways_to_the_page_are_accessible(page, axe, agents, contrat):
    sign_in(page, "rene@agents.example")
    page.goto("/admin/programme/contrat/?q=fougeres")
    axe(page)
    page.get_by_role("link", name="Pourquoi ne vois-je pas ce que je cherche ?").click()
    page.get_by_text("Rien de visible pour vous ne correspond.").wait_for()
    expect(page.get_by_label("Genre d’enregistrement")).to_have_value("programme.contrat")
    for address in ("/admin/territoires/agent/", "/admin/programme/contrat/0/change/"):
        page.goto(address)
        axe(page)
        page.get_by_role("link", name="Pourquoi ne vois-je pas cette page ?").wait_for()


def test_a_locked_record_leads_to_its_reason_without_javascript(page_without_js, agents, contrat):
    page = page_without_js
    sign_in(page, "rene@agents.example")
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    page.get_by_role("link", name="Pourquoi… ?").click()
    page.get_by_text("est publié : votre rôle (rédacteur régional)").first.wait_for()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_portal_is_seen_as_another_agent(new_page, axe, agents, contrat, javascript):
    page = new_page(javascript=javascript)
    check = axe if javascript else lambda page: None
    sign_in(page, "nadia@agents.example")
    page.goto(f"/admin/territoires/agent/{agents.pk}/change/")
    page.get_by_role("link", name="Voir le portail comme cet agent").press("Enter")
    page.get_by_role("heading", name="Voir le portail comme cet agent").wait_for()
    check(page)
    page.get_by_label("Motif").fill("   ")
    page.get_by_role("button", name="Voir comme René Rédacteur").press("Enter")
    page.get_by_text("Dites pourquoi : le motif est écrit").wait_for()
    check(page)
    page.get_by_label("Motif").fill("René ne trouve pas un contrat")
    page.get_by_label("Motif").press("Enter")
    banner = page.get_by_role("region", name="Vue comme un autre agent")
    banner.wait_for()
    assert BANDEAU in banner.inner_text()
    check(page)
    for address in ("/", "/territoires/", "/admin/programme/contrat/", "/nulle-part/"):
        page.goto(address)
        banner.wait_for()
        check(page)
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    lock = page.locator(".proposition-annonce")
    lock.get_by_text("est publié : votre rôle (rédacteur régional)").wait_for()
    page.goto("/admin/compte/second-facteur/")
    page.get_by_role("heading", name="Le compte de René Rédacteur n’est qu’à").wait_for()
    check(page)
    page.goto("/admin/programme/contrat/add/")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_role("heading", name="Lecture seule : rien n’a été enregistré").wait_for()
    check(page)
    page.goto("/territoires/")
    page.get_by_role("button", name="Quitter cette vue").press("Enter")
    page.get_by_text("Vous ne voyez plus le portail comme René Rédacteur.").wait_for()
    assert not banner.count()
    end = JournalAcces.objects.get(acte=JournalAcces.Acte.FIN_VUE_COMME)
    assert end.detail == "quittée ; écritures refusées : 1"
