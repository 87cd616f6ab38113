"""Imports in a real browser: deposit, preview, errors, result; keyboard, no JavaScript, axe."""

import pytest

from programme.backoffice.imports import progression
from programme.models import Import, Projet
from tests import factories as f
from tests.programme.backoffice.imports.outils import fichier


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def agent(normandie):
    return f.SecretariatFactory(regions=[normandie], email="sacha@agents.example")


@pytest.fixture
def projets(normandie):
    territoire = f.TerritoireFactory(nom="Pays de l’Aigle", region_porteuse=normandie)
    return [
        f.ProjetFactory(code=f"aigle-{rank}", territoire=territoire, emplois_crees=rank)
        for rank in range(3)
    ]


def sign_in(page):
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").fill("sacha@agents.example")
    page.get_by_label("Mot de passe").fill(f.MOT_DE_PASSE)
    page.get_by_role("button", name="Connexion").click()
    page.get_by_role("heading", name="Le bureau du comité").wait_for()


def deposit(page, content):
    page.goto("/admin/programme/projet/importer/")
    page.get_by_label("Fichier CSV, XLSX ou ODS").set_input_files(
        {"name": "projets.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Lire le fichier").click()


def changed(projets):
    rows = [(p.code, p.beneficiaire, p.emplois_crees + 10) for p in projets]
    names = ("Code", "Porteur", "Emplois créés", "Territoire")
    rows.append(("aigle-neuf", "Forges neuves", ""))
    return fichier(*(dict(zip(names, (*row, "Pays de l’Aigle"), strict=True)) for row in rows))


def test_from_the_list_to_the_result(page, axe, agent, projets):
    sign_in(page)
    page.goto("/admin/programme/projet/")
    axe(page)
    page.get_by_role("link", name="Importer").click()
    axe(page)
    deposit(page, changed(projets))
    page.get_by_text("Rien n’est encore enregistré.").wait_for()
    axe(page)
    page.get_by_label("Accepter la ligne 3").uncheck()
    page.get_by_role("button", name="Appliquer l’import").click()
    page.get_by_text("L’import est appliqué").wait_for()
    axe(page)
    stored = Projet.objects.order_by("code").values_list("code", "emplois_crees")
    assert dict(stored) == {"aigle-0": 10, "aigle-1": 1, "aigle-2": 12, "aigle-neuf": None}


def test_errors_are_read_and_accessible(page, axe, agent, projets):
    sign_in(page)
    deposit(page, b"code;emploi_cree\naigle-0;3\n")
    page.get_by_text("Est-ce « emplois_crees » ?").wait_for()
    axe(page)
    page.get_by_role("link", name="Changer les colonnes").click()
    page.get_by_role("button", name="Lire le fichier ainsi").wait_for()
    axe(page)
    deposit(page, fichier({"code": "aigle-0", "emplois_crees": "douze", "statut": "engagé"}))
    page.get_by_text("« douze »").first.wait_for()
    page.get_by_role("link", name="Télécharger la liste des erreurs").wait_for()
    assert page.get_by_role("button", name="Appliquer l’import").count() == 0
    axe(page)


def test_progress_leads_to_the_result(page, axe, agent, projets, monkeypatch):
    monkeypatch.setattr(progression, "PETIT", 0)
    sign_in(page)
    deposit(page, changed(projets))
    page.get_by_text("Rien n’est encore enregistré.").wait_for()
    assert page.url.endswith(f"/importer/{Import.objects.get().pk}/")


def test_all_is_done_without_javascript_on_a_phone(new_page, axe, agent, projets, monkeypatch):
    monkeypatch.setattr(progression, "PETIT", 0)
    page = new_page(width=360, javascript=False)
    sign_in(page)
    deposit(page, changed(projets))
    page.get_by_text("Lignes lues : 4.").wait_for()
    page.get_by_role("link", name="Voir le résultat").click()
    page.get_by_label("Accepter la ligne 2").uncheck()
    page.get_by_role("button", name="Garder ces choix").click()
    assert not page.get_by_label("Accepter la ligne 2").is_checked()
    page.get_by_role("button", name="Appliquer l’import").click()
    page.get_by_text("L’import est appliqué.").wait_for()
    page.get_by_role("link", name="Voir le résultat").click()
    page.get_by_text("L’import est appliqué, le").wait_for()
    assert Projet.objects.get(code="aigle-0").emplois_crees == 0
    assert Projet.objects.get(code="aigle-1").emplois_crees == 11


def test_all_is_done_by_keyboard(page, agent, projets):
    sign_in(page)
    deposit(page, changed(projets))
    box = page.get_by_label("Accepter la ligne 2")
    box.focus()
    page.keyboard.press("Space")
    assert not box.is_checked()
    page.get_by_role("button", name="Appliquer l’import").focus()
    page.keyboard.press("Enter")
    page.get_by_text("L’import est appliqué").wait_for()
    assert Projet.objects.get(code="aigle-0").emplois_crees == 0
