"""The committee's desk and its dossier in a real browser: axe, keyboard, paper."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as f
from tests.e2e.test_backoffice import sign_in

WITHOUT_READER = "pdftotext is not installed (apt-get install poppler-utils): NO PDF WAS READ"


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def agent(normandie):
    return f.SecretariatFactory(regions=[normandie], email="sacha@agents.example")


@pytest.fixture
def comite(normandie, agent):
    """A committee whose desk and dossier have something in every section."""
    today = timezone.localdate()
    made = f.ComiteRegionalFactory(region=normandie)
    last = f.SeanceFactory(comite_regional=made, date=today - timedelta(days=30))
    f.SeanceFactory(
        comite_regional=made, date=today + timedelta(days=9), ordre_du_jour="Projets de l’année"
    )
    territoire = f.TerritoireFactory(region_porteuse=normandie, nom="Pays de l’Aigle")
    f.DecisionFactory(seance=last, type="ajuster la carte", territoire=territoire)
    signed = f.ContratFactory(territoire=territoire, montant_eur=1_000, statut="signé")
    asleep = f.ProjetFactory(territoire=territoire, statut="remonté", objet="Four électrique")
    old = {signed: 60, asleep: 300}
    for row, days in old.items():
        row.history.update(history_date=timezone.now() - timedelta(days=days))
    signed.montant_eur, signed.date_fin = 2_000, today - timedelta(days=1)
    signed.save()
    signed.history.filter(montant_eur=2_000).update(history_user=agent)
    f.ProjetFactory(territoire=territoire, publication="à valider", objet="Atelier neuf")
    f.FinancementFactory(projet=asleep, enveloppe=f.EnveloppeFactory(region=normandie))
    f.EngagementFactory()
    f.ReferentFactory(territoire=territoire, debut=today)
    return made


@pytest.fixture
def dossier(comite):
    return f"/admin/programme/comiteregional/{comite.pk}/dossier/"


@pytest.mark.rendu
def test_pages_are_accessible(page, axe, comite, dossier):
    sign_in(page)
    axe(page)
    for address in [
        "/admin/incomplets/",
        "/admin/incomplets/?regle=projet-statut",
        "/admin/sans-changement/?type=projet",
        dossier,
    ]:
        page.goto(address)
        axe(page)


@pytest.mark.rendu
def test_an_empty_desk_is_accessible(page, axe, agent):
    sign_in(page)
    axe(page)
    page.goto("/admin/incomplets/")
    axe(page)


def test_the_dossier_is_one_click_away_by_keyboard(page, comite):
    sign_in(page)
    link = page.get_by_role("link", name="Préparer le dossier de COPIL")
    link.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="2. Décisions à prendre").wait_for()
    page.get_by_role("button", name="Imprimer ou enregistrer en PDF").wait_for()


def test_without_javascript(page_without_js, agent, comite, normandie):
    page = page_without_js
    agent.regions.add(f.RegionFactory(code="53"))
    sign_in(page)
    page.get_by_label("Région", exact=True).select_option("28")
    page.get_by_role("button", name="Afficher").click()
    page.get_by_role("link", name="Préparer le dossier de COPIL").click()
    page.get_by_role("heading", name="Dossier de COPIL").wait_for()
    assert page.get_by_role("button", name="Imprimer").count() == 0
    assert page.get_by_text("Ctrl + P").is_visible()


@pytest.mark.parametrize("address", ["/admin/", "/contrats/"])
def test_what_is_folded_on_a_phone_is_open_on_a_wide_screen(page, comite, address):
    sign_in(page)
    page.goto(address)
    assert page.url.endswith(address)
    shown = "all => all.map(one => one.checkVisibility())"
    summaries = page.locator("details.pli-etroit > summary")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert True not in summaries.evaluate_all(shown)
    page.set_viewport_size({"width": 360, "height": 800})
    folded = summaries.evaluate_all(shown)
    assert folded
    assert False not in folded


def test_a_rule_leads_to_the_records_and_to_the_list(page, comite):
    sign_in(page)
    page.get_by_role("link", name="Sans statut : projets").click()
    page.get_by_role("heading", name="Projets sans statut : 1").wait_for()
    page.get_by_role("link", name="Ouvrir la même liste").click()
    told = "Projets : statut non renseigné ; publication brouillon, à valider ou publié"
    page.get_by_role("heading", name=told).wait_for()
    assert page.locator("#result_list tbody tr").count() == 1


def test_the_dossier_on_paper(page, dossier, tmp_path):
    """A4 pages with what the committee reads, and without what only a screen shows."""
    if shutil.which("pdftotext") is None:
        pytest.skip(WITHOUT_READER)
    sign_in(page)
    page.goto(dossier)
    path = tmp_path / "dossier.pdf"
    page.pdf(path=str(path), prefer_css_page_size=True)
    read = subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True
    )
    pages = read.stdout.split("\f")[:-1]
    words = " ".join(read.stdout.split())
    for told in [
        "Comité de pilotage régional – Normandie",
        "site non officiel",
        "1. Ce qui a changé depuis la dernière séance",
        "2. Décisions à prendre",
        "3. État de la région",
        "Four électrique",
        "Atelier neuf",
        "Observations",
    ]:
        assert told in words, told
    for hidden in ["Se déconnecter", "Voir le site", "Ctrl + P", "Imprimer", "http"]:
        assert hidden not in words, hidden
    assert len(pages) <= 2


def test_a_busy_dossier_fits_in_six_pages(page, normandie, dossier, tmp_path):
    """A year of everything in eight territories: a meeting reads it, and knows what is left out."""
    if shutil.which("pdfinfo") is None:
        pytest.skip(WITHOUT_READER)
    today = timezone.localdate()
    waiting = {"date_signature": None, "precision_signature": "", "publication": "à valider"}
    for _ in range(8):
        here = {"territoire": f.TerritoireFactory(region_porteuse=normandie)}
        work = "Construire un atelier de traitement de surface pour la filière aéronautique"
        proposed = {"statut": "remonté", "publication": "à valider", "objet": work}
        f.ProjetFactory.create_batch(4, **here, **proposed)
        f.ContratFactory.create_batch(2, **here, statut="en préparation", **waiting)
        ended = f.ContratFactory(**here, statut="en cours", date_fin=today - timedelta(days=3))
        begun = f.ProjetFactory(**here, statut="engagé")
        for row in (ended, begun):
            row.history.update(history_date=timezone.now() - timedelta(days=60))
        ended.montant_eur, ended.date_fin = 10_000_000, today - timedelta(days=1)
        begun.investissement_eur, begun.statut = 5, "abandonné"
        for row in (ended, begun):
            row.save()
        f.AvenantFactory(contrat=ended)
        f.DocumentFactory(**here, publication="à valider")
        f.EnveloppeFactory(region=normandie, publication="à valider")
    sign_in(page)
    page.goto(dossier)
    path = tmp_path / "dossier.pdf"
    page.pdf(path=str(path), prefer_css_page_size=True)
    read = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True)
    number = int(read.stdout.partition("Pages:")[2].split()[0])
    assert number <= 6
    assert page.get_by_text("10 montrés sur 33").first.is_visible()
