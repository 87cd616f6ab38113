"""A rédacteur's day in a real browser: proposes, is answered, and the public sees it."""

import pytest

from programme.models import Proposition
from tests import factories as f
from tests.e2e.outils import signed_in


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def contrat(normandie):
    made = f.ContratFactory(
        territoire__region_porteuse=normandie,
        territoire__nom="Pays de l’Aigle",
        intitule="Pays de l’Aigle",
        lieu="Alençon",
    )
    f.SignataireFactory(contrat=made, organisme="Région Normandie", nom="Ada Martin")
    return made


@pytest.fixture
def projet(contrat):
    return f.ProjetFactory(
        territoire=contrat.territoire, beneficiaire="Aciers de l’Iton", emplois_crees=None
    )


@pytest.fixture
def redactrice(new_page, normandie):
    return signed_in(new_page(), f.RedacteurFactory(regions=[normandie], nom="Rose Rédactrice"))


@pytest.fixture
def secretariat(new_page, normandie):
    return signed_in(new_page(), f.SecretariatFactory(regions=[normandie], nom="Sacha Secrétaire"))


def change(record):
    return f"/admin/programme/{record._meta.model_name}/{record.pk}/change/"


def test_a_day_of_a_redactrice(redactrice, secretariat, page, axe, projet):
    contrat = projet.territoire.contrats.get()
    # She proposes on a published contract: a field, and a row.
    redactrice.goto(change(contrat))
    redactrice.get_by_text("Vous proposez, qui publie répond.").wait_for()
    axe(redactrice)
    redactrice.get_by_label("Lieu de signature").fill("Mortagne-au-Perche")
    redactrice.get_by_label("Fonction, ligne 1").fill("présidente")
    redactrice.get_by_role("button", name="Proposer ces modifications").click()
    redactrice.get_by_role("link", name="Pourquoi ce changement").click()
    axe(redactrice)
    redactrice.get_by_label("Pourquoi ce changement").fill("Le contrat signé, page 2.")
    redactrice.get_by_role("button", name="Proposer ces modifications").click()
    redactrice.get_by_text("Votre proposition est envoyée.").wait_for()
    axe(redactrice)
    # And on a project; a telephone number beside a name is refused on the way.
    redactrice.goto(f"/admin/territoires/territoire/{contrat.territoire_id}/change/")
    redactrice.locator("#id_chef_de_projet").fill("Chloé Petit 06 12 34 56 78")
    redactrice.get_by_label("Pourquoi ce changement").fill("Arrivée ce mois-ci.")
    redactrice.get_by_role("button", name="Proposer ces modifications").click()
    redactrice.get_by_text("un numéro de téléphone ne s’y écrit pas").first.wait_for()
    redactrice.locator("#id_chef_de_projet").fill("Chloé Petit")
    redactrice.get_by_role("button", name="Proposer ces modifications").click()
    redactrice.get_by_text("Votre proposition est envoyée.").wait_for()
    redactrice.goto(change(projet))
    redactrice.get_by_label("Emplois créés").fill("40")
    redactrice.get_by_label("Pourquoi ce changement").fill("Bilan du porteur.")
    redactrice.get_by_role("button", name="Proposer ces modifications").click()
    redactrice.get_by_text("Votre proposition est envoyée.").wait_for()
    page.goto(contrat.get_absolute_url())
    assert "Mortagne-au-Perche" not in page.content()

    # The secretariat answers: whole, amended in the form, refused.
    secretariat.goto("/admin/")
    secretariat.get_by_role("heading", name="Propositions à répondre (3)").wait_for()
    axe(secretariat)
    secretariat.get_by_role("link", name="contrat de territoire – Pays de l’Aigle").first.click()
    axe(secretariat)
    secretariat.get_by_label("Votre réponse à qui propose").fill("Merci, vérifié.")
    secretariat.get_by_role("button", name="Accepter ce qui est coché").click()
    secretariat.get_by_text("acceptée.", exact=False).first.wait_for()
    axe(secretariat)
    on_projet = Proposition.objects.about(projet).get()
    secretariat.goto(on_projet.get_absolute_url())
    secretariat.get_by_role("link", name="Amender dans le formulaire").click()
    secretariat.get_by_text("le formulaire en est rempli").wait_for()
    axe(secretariat)
    secretariat.get_by_label("Emplois créés").fill("38")
    secretariat.get_by_label("Votre mot à qui propose").fill("38 d’après le bilan.")
    secretariat.get_by_role("button", name="Enregistrer, et répondre").click()
    secretariat.get_by_text("Amendé").wait_for()
    on_territoire = Proposition.objects.about(contrat.territoire).get()
    secretariat.goto(on_territoire.get_absolute_url())
    secretariat.get_by_role("button", name="Refuser").click()
    secretariat.get_by_text("Dites pourquoi vous refusez").wait_for()
    secretariat.get_by_label("Votre réponse à qui propose").fill("Pas encore nommée.")
    secretariat.get_by_role("button", name="Refuser").click()
    secretariat.get_by_text("refusée : votre réponse est envoyée").wait_for()

    # She reads the answers on her desk; the public sees what was accepted, and nothing else.
    redactrice.goto("/admin/")
    mine = redactrice.get_by_role("region", name="Mes propositions")
    mine.get_by_text("acceptée par Sacha Secrétaire : « Merci, vérifié. »").wait_for()
    mine.get_by_text("« 38 d’après le bilan. »").wait_for()
    mine.get_by_text("« Pas encore nommée. »").wait_for()
    axe(redactrice)
    redactrice.goto(f"/admin/programme/contrat/{contrat.pk}/history/")
    redactrice.get_by_role("heading", name="Propositions").wait_for()
    axe(redactrice)
    page.goto(contrat.get_absolute_url())
    page.get_by_text("Mortagne-au-Perche").first.wait_for()
    page.get_by_text("présidente").first.wait_for()
    page.goto(contrat.territoire.get_absolute_url())
    assert "Chloé Petit" not in page.content()


def test_three_columns_on_a_phone(new_page, normandie, axe, contrat):
    made = f.PropositionFactory(record=contrat)
    contrat.lieu = "Flers"
    contrat.save()
    agent = f.SecretariatFactory(regions=[normandie], nom="Sacha Secrétaire")
    page = signed_in(new_page(width=360), agent)
    page.goto(made.get_absolute_url())
    page.get_by_text("Changé depuis par").wait_for()
    axe(page)
    page.get_by_role("link", name="Amender dans le formulaire").click()
    page.get_by_role("heading", name="Changé par deux personnes").wait_for()
    axe(page)
    page.get_by_label("Garder cette valeur").check()
    page.get_by_role("button", name="Enregistrer, et répondre").click()
    page.get_by_text("Rien de ce qui est proposé ne serait enregistré").wait_for()
