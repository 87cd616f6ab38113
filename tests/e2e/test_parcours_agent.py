"""A new officer's first day, from the invitation to a restored amount, in one browser.

`ECRIRE_CAPTURES=1 pytest tests/e2e/test_parcours_agent.py` writes again the pictures that
`docs/backoffice/README.md` shows.
"""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from programme.models import Contrat, Decision
from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.identite.outils import code_now, path_in, with_totp

CAPTURES = Path(django_settings.BASE_DIR) / "docs" / "backoffice"
MOT_DE_PASSE = "Kp7!vatrEnz2-nouveau"


@pytest.fixture
def capture():
    """`capture(page, name)`: a picture for the documentation, when it is asked for."""
    written = os.environ.get("ECRIRE_CAPTURES")

    def take(page, name):
        if written:
            page.evaluate("document.fonts.ready")
            page.screenshot(path=CAPTURES / f"{name}.png", animations="disabled")

    return take


@pytest.fixture
def national(db, settings):
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    agent = f.NationalFactory(email="nadia@agents.example", nom="Nadia National")
    with_totp(agent)
    return agent


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28", nom="Normandie")


@pytest.fixture
def contrat(normandie, national):
    """In preparation; its amount was 2 500 000 € yesterday, and lost four zeros today."""
    made = f.ContratFactory(
        territoire__region_porteuse=normandie,
        territoire__nom="Pays de l’Aigle",
        intitule="Pays de l’Aigle",
        statut=Contrat.Statut.EN_PREPARATION,
        date_signature=None,
        precision_signature="",
        montant_eur=2_500_000,
        publication="brouillon",
    )
    made.history.update(history_date=timezone.now() - timedelta(days=1))
    made.montant_eur = 250
    made._history_user = national
    made.save()
    f.SeanceFactory(comite_regional__region=normandie, date=date(2022, 5, 3))
    return made


def enter(page, email, password):
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Connexion").click()


def test_the_first_day_of_a_new_officer(new_page, capture, national, normandie, contrat):
    theirs = new_page()
    enter(theirs, national.email, f.MOT_DE_PASSE)
    theirs.get_by_label("Code à six chiffres").fill(code_now())
    theirs.get_by_role("button", name="Continuer").click()
    theirs.get_by_role("heading", name="Le bureau national").wait_for()
    theirs.goto("/admin/territoires/agent/add/")
    theirs.get_by_label("Adresse électronique").fill("marie@agents.example")
    theirs.get_by_role("textbox", name="Nom").first.fill("Marie Durand")
    theirs.get_by_label("Rôle").select_option("secrétariat régional")
    theirs.get_by_label("Normandie").check()
    capture(theirs, "1-invitation")
    theirs.get_by_role("button", name="Enregistrer", exact=True).click()
    theirs.get_by_text("Une invitation part dans la minute à marie@agents.example").wait_for()

    # Marie chooses a password, then gives a second factor.
    page = new_page()
    (invitation,) = [m for m in courrier() if m.to == ["marie@agents.example"]]
    page.goto(path_in(invitation))
    page.get_by_label("Nouveau mot de passe").fill(MOT_DE_PASSE)
    page.get_by_label("Le même mot de passe").fill(MOT_DE_PASSE)
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    page.get_by_role("link", name="Activer une application").click()
    page.get_by_label("Code à six chiffres").wait_for()
    capture(page, "2-second-facteur")
    secret = page.locator(".compte-secret").inner_text()
    page.get_by_label("Code à six chiffres").fill(code_now(secret))
    page.get_by_role("button", name="Activer").click()
    page.get_by_role("link", name="Je les ai notés : continuer").click()
    page.get_by_role("heading", name="Le bureau du comité").wait_for()
    capture(page, "3-bureau")

    # She validates the contract in a séance.
    page.goto(f"/admin/programme/contrat/{contrat.pk}/change/")
    page.get_by_role("heading", name="Actes").wait_for()
    capture(page, "4-actes")
    page.get_by_role("link", name="Valider en comité").click()
    page.get_by_label("Séance").select_option(index=1)
    capture(page, "5-validation")
    page.get_by_role("button", name="Valider en comité").click()
    page.get_by_text("validé en comité, séance du 3 mai 2022").first.wait_for()
    decision = Decision.objects.get()
    assert (decision.contrat, decision.auteur.nom) == (contrat, "Marie Durand")

    # She publishes it: the public sees it, with the amount that is wrong.
    public = new_page()
    assert public.goto(contrat.get_absolute_url()).status == 404
    page.get_by_role("link", name="Publier").click()
    page.get_by_role("button", name="Publier").click()
    page.get_by_text("» : publié.").wait_for()
    public.goto(contrat.get_absolute_url())
    public.get_by_text("validé en comité").first.wait_for()
    public.get_by_text("250 €").first.wait_for()

    # She gives back yesterday's amount; the public sees it at once, and the journal says so.
    page.get_by_role("link", name="Historique").first.click()
    page.get_by_role("link", name="Rétablir montant (euros) : 2").wait_for()
    capture(page, "6-historique")
    page.get_by_role("link", name="Rétablir montant (euros) : 2").click()
    page.get_by_role("checkbox", name="Montant (euros)").wait_for()
    capture(page, "7-retablir")
    page.get_by_role("button", name="Rétablir").click()
    page.get_by_text("rétablie.").first.wait_for()
    contrat.refresh_from_db()
    assert contrat.montant_eur == 2_500_000
    newest = contrat.history.first()
    assert newest.history_user.nom == "Marie Durand"
    assert "rétabli" in newest.history_change_reason
    public.reload()
    public.locator("dl.fiche").get_by_text("2 500 000 €", exact=False).first.wait_for()
    capture(public, "8-page-publique")
