"""A stranger's correction in a real browser, from the report to the public answer."""

import pytest
from django.utils import timezone

from programme.catalogue.signaler import jetons
from tests import factories as f
from tests.e2e.outils import signed_in


@pytest.fixture
def contrat(db):
    normandie = f.RegionFactory(code="28")
    return f.ContratFactory(
        territoire__region_porteuse=normandie, intitule="Pays de l’Aigle", montant_eur=1_200_000
    )


def test_the_pages_of_a_report_are_accessible(page, axe, contrat, monkeypatch):
    monkeypatch.setattr(jetons, "DELAI", 0)
    where = f"/signaler/contrats/{contrat.slug}/"
    for url in (
        where,
        f"{where}?champ=statut",
        "/signaler/contrats/",
        f"{where}?champ=montant_eur",
    ):
        page.goto(url)
        axe(page)
    page.get_by_label("Montant").fill("un million et demi")
    page.get_by_role("button", name="Envoyer le signalement").click()
    page.get_by_text("Rien n’a été envoyé").wait_for()
    axe(page)
    page.get_by_label("Montant").fill("1,5 M€")
    page.get_by_label("Ce qui est faux, et pourquoi").fill("Le contrat dit 1,5 M€.")
    page.get_by_label("Votre source").fill("Page 3")
    page.get_by_role("button", name="Envoyer le signalement").click()
    page.get_by_role("heading", name="Votre signalement n°").wait_for()
    axe(page)
    page.get_by_role("button", name="Retirer mon signalement").click()
    page.get_by_text("[retiré par son auteur]").wait_for()
    f.PropositionFactory(
        record=contrat,
        auteur=None,
        visibilite="publique",
        etat="refusée",
        reponse="Le contrat dit bien cela.",
        repondue_le=timezone.now(),
    )
    page.goto("/signaler/")
    axe(page)


def test_from_the_report_to_the_public_answer(page_without_js, new_page, axe, contrat, monkeypatch):
    monkeypatch.setattr(jetons, "DELAI", 0)  # the browser types faster than anybody reads
    stranger = page_without_js
    stranger.goto(contrat.get_absolute_url())
    place = stranger.locator("#corriger")
    place.get_by_role("link", name="Signaler une erreur").click()
    stranger.get_by_role("link", name="Montant").first.click()
    stranger.get_by_text("Valeur publiée :").wait_for()
    # What is wrong is said beside what was typed.
    stranger.get_by_label("Montant").fill("un million et demi")
    stranger.get_by_label("Ce qui est faux, et pourquoi").fill("Vu page 3, 06 12 34 56 78.")
    stranger.get_by_role("button", name="Envoyer le signalement").click()
    stranger.get_by_text("Rien n’a été envoyé").wait_for()
    stranger.get_by_label("Montant").fill("1,5 M€")
    stranger.get_by_label("Votre source").fill("Le contrat signé, page 3")
    stranger.get_by_role("button", name="Envoyer le signalement").click()
    stranger.get_by_role("heading", name="Votre signalement n°").wait_for()
    stranger.get_by_text("lu : 1 500 000 €").wait_for()
    assert "06 12" not in stranger.content()
    assert "[numéro de téléphone masqué]" in stranger.content()
    followed = stranger.url
    assert stranger.context.cookies() == []
    stranger.goto("/signaler/")
    stranger.get_by_text("Aucune correction demandée n’a encore de réponse.").wait_for()

    officer = signed_in(
        new_page(), f.SecretariatFactory(regions=[contrat.territoire.region_porteuse])
    )
    officer.goto("/admin/")
    officer.get_by_role("heading", name="Propositions à répondre (1)").wait_for()
    officer.get_by_role("link", name="Pays de l’Aigle").first.click()
    officer.get_by_text("Ce signalement vient du public.").wait_for()
    axe(officer)
    officer.get_by_label("Ce que le public lira du motif").fill("Le contrat dit 1,5 M€, page 3.")
    officer.get_by_label("Votre réponse à qui signale").fill("Corrigé, merci.")
    officer.get_by_role("button", name="Accepter ce qui est coché").click()
    officer.get_by_text("Occulter ce qui en est public").wait_for()

    stranger.goto(followed)
    stranger.get_by_text("Corrigé, merci.").wait_for()
    stranger.get_by_role("link", name="Les corrections demandées et leurs réponses").click()
    stranger.get_by_text("Le contrat dit 1,5 M€, page 3.").wait_for()
    stranger.get_by_text("le jour même").first.wait_for()
    stranger.get_by_role("link", name="La modification, dans le journal").click()
    stranger.get_by_text("1 500 000").first.wait_for()
    stranger.goto(contrat.get_absolute_url())
    stranger.get_by_role("link", name="1 correction demandée").click()
    stranger.get_by_text("Corrigé, merci.").wait_for()
