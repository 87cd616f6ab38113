"""A day of each kind of officer, in a real browser, from their desk to what they came to do."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from programme.models import Contrat, Projet, Publication, Realisation, Referent, Seance
from territoires.models import Modification
from tests import factories as f
from tests.e2e.outils import signed_in


@pytest.fixture
def region(db):
    """Normandie, and its committee."""
    made = f.RegionFactory(code="28", nom="Normandie")
    f.ComiteRegionalFactory(region=made)
    return made


@pytest.fixture
def territoire(region):
    return f.TerritoireFactory(region_porteuse=region, nom="Pays de l’Aigle")


def desk(page, agent):
    signed_in(page, agent).goto("/admin/")
    return page


def test_the_first_day_of_a_redactrice_of_paca(new_page):
    """She begins a project from its territory, proposes it, and reads what she is to correct."""
    paca = f.RegionFactory(code="93", nom="Provence-Alpes-Côte d’Azur")
    f.TerritoireFactory(region_porteuse=paca, nom="Étang de Berre")
    page = desk(new_page(), f.RedacteurFactory(regions=[paca], nom="Zoé Rédactrice"))
    secretariat = f.SecretariatFactory(regions=[paca], nom="Malik Secrétaire")
    page.get_by_role("heading", name="Par où commencer").wait_for()
    page.get_by_role("link", name="Voir vos territoires").click()
    page.get_by_role("link", name="Étang de Berre").click()
    page.get_by_role("link", name="Ajouter un projet").click()
    page.locator("#id_beneficiaire").fill("Chantiers de Berre")
    page.locator("#id_objet").fill("Une cale de mise à l’eau")
    page.locator("#id_investissement_eur").fill("1,2 M€")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Chantiers de Berre").first.wait_for()
    made = Projet.objects.get()
    assert (made.territoire.nom, made.investissement_eur) == ("Étang de Berre", 1_200_000)
    assert made.publication == Publication.BROUILLON

    page.goto(f"/admin/programme/projet/{made.pk}/change/")
    page.get_by_role("link", name="Proposer à la validation").click()
    page.get_by_label("Votre mot à qui publie").fill("Vu au conseil du 3 mai")
    page.get_by_role("button", name="Proposer à la validation").click()
    page.get_by_text("à valider").first.wait_for()

    theirs = desk(new_page(), secretariat)
    theirs.get_by_role("link", name="Chantiers de Berre").first.click()
    theirs.get_by_role("link", name="Remettre en brouillon").click()
    theirs.get_by_label("Ce qui est à corriger").fill("Le SIREN manque")
    theirs.get_by_role("button", name="Remettre en brouillon").click()
    theirs.get_by_text("» : remis en brouillon.").wait_for()

    page.goto("/admin/")
    page.get_by_text("Le SIREN manque").first.wait_for()


def test_a_seance_of_the_secretariat_of_normandie(new_page, page, region, territoire):
    """She records it, validates a contract in it, prints its dossier, and publishes it."""
    contrat = f.ContratFactory(
        territoire=territoire, intitule="Pays de l’Aigle", statut=Contrat.Statut.EN_PREPARATION,
        date_signature=None, precision_signature="", publication=Publication.BROUILLON,
    )  # fmt: skip
    desk(page, f.SecretariatFactory(regions=[region]))
    day = timezone.localdate()
    page.get_by_role("link", name="Enregistrer la prochaine séance").click()
    page.locator("#id_comite_regional").select_option(index=1)
    page.locator("#id_date").fill(f"{day:%d/%m/%Y}")
    page.locator("#id_compte_rendu").fill("Le contrat du Pays de l’Aigle")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Normandie").first.wait_for()
    seance = Seance.objects.get()

    page.goto("/admin/")
    page.get_by_role("link", name="Séance ce jour : préparer son dossier").click()
    page.get_by_role("heading", name="2. Décisions à prendre").wait_for()
    page.get_by_role("link", name="Pays de l’Aigle").first.click()
    page.get_by_role("link", name="Valider en comité").click()
    page.get_by_label("Séance").select_option(str(seance.pk))
    page.get_by_role("button", name="Valider en comité").click()
    page.get_by_text("validé en comité").first.wait_for()
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance) == (Contrat.Statut.VALIDE, seance)

    page.goto(f"/admin/programme/seance/{seance.pk}/change/")
    page.get_by_role("link", name="Publier").click()
    page.get_by_role("button", name="Publier").click()
    page.get_by_text("» : publié.").wait_for()
    public = new_page()
    public.goto(region.get_absolute_url())
    public.get_by_text("Le contrat du Pays de l’Aigle").first.wait_for()


def test_a_day_of_the_referent_of_an_operateur(page, territoire):
    """They name a référent, and say what was held of a promise; nothing of others is offered."""
    engagement = f.EngagementFactory(intitule="Accompagner 10 PME")
    agent = f.ReferentAgentFactory(operateur=engagement.operateur, nom="Omar Référent")
    desk(page, agent)
    page.get_by_role("heading", name="Le bureau de l’opérateur").wait_for()
    page.get_by_role("link", name="Nommer un référent").click()
    page.locator("input[role=combobox]").fill("aigle")
    page.get_by_role("option", name="Pays de l’Aigle").click()
    page.locator("#id_nom").fill("Éloïse d’Ys")
    page.locator("#id_debut").fill("3 mai 2022")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Éloïse d’Ys").first.wait_for()
    made = Referent.objects.get()
    assert (made.operateur, made.debut) == (agent.operateur, date(2022, 5, 3))

    page.goto("/admin/")
    page.get_by_role("link", name="Dire ce qui a été tenu").first.click()
    page.locator("input[role=combobox]").fill("pme")
    page.get_by_role("option", name="Accompagner 10 PME").click()
    page.locator("#id_annee").fill("2022")
    page.locator("#id_valeur").fill("7")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Accompagner 10 PME").first.wait_for()
    assert (Realisation.objects.get().valeur, Realisation.objects.get().annee) == (7, 2022)


def test_a_national_administrator_merges_then_corrects(page, territoire):
    """Two records of one project become one; that was a mistake, and is corrected as one."""
    one = f.ProjetFactory(territoire=territoire, beneficiaire="Forges de l’Iton", siren="")
    two = f.ProjetFactory(territoire=territoire, beneficiaire="Les Forges de l’Iton", siren="")
    desk(page, f.NationalFactory())
    page.keyboard.press("Control+k")
    page.keyboard.type(two.code)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Les Forges de l’Iton").first.click()
    page.get_by_role("link", name="Fusionner avec un doublon").click()
    page.get_by_role("link", name="Comparer avec").first.click()
    page.get_by_role("heading", name="Ce qui suit").wait_for()
    page.get_by_role("button", name="Fusionner").click()
    page.get_by_text("est fusionné dans").first.wait_for()
    assert Projet.objects.filter(absorbe_par__isnull=False).count() == 1

    merged = Modification.objects.get(acte="fusionner")
    page.goto(reverse("admin:territoires_modification_change", args=[merged.pk]))
    page.get_by_role("link", name="Corriger").first.click()
    page.get_by_label("Motif").fill("Deux ateliers, deux projets")
    page.get_by_role("button", name="Corriger").click()
    page.get_by_text("corrig").first.wait_for()
    for row in (one, two):
        row.refresh_from_db()
        assert (row.absorbe_par, row.publication) == (None, Publication.PUBLIE)
