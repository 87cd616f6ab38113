"""The acts of a life-cycle in a real browser: keyboard, without JavaScript, phone, axe."""

from datetime import date

import pytest

from programme.models import Contrat, Decision
from tests import factories as f
from tests.e2e.test_backoffice import sign_in

S = Contrat.Statut


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture(autouse=True)
def agent(normandie):
    return f.SecretariatFactory(regions=[normandie], email="sacha@agents.example", nom="Sacha")


@pytest.fixture
def seance(normandie):
    return f.SeanceFactory(comite_regional__region=normandie, date=date(2022, 5, 3))


@pytest.fixture
def contrat(normandie):
    return f.ContratFactory(
        territoire__region_porteuse=normandie,
        territoire__nom="Pays de l’Aigle",
        statut=S.EN_PREPARATION,
        date_signature=None,
        precision_signature="",
        publication="brouillon",
    )


def record(contrat):
    return f"/admin/programme/contrat/{contrat.pk}/change/"


def page_of(contrat, nom):
    return f"/admin/programme/contrat/{contrat.pk}/acte/{nom}/"


def test_the_panel_and_the_pages_are_accessible(page, axe, contrat, seance):
    projet = f.ProjetFactory(territoire=contrat.territoire, statut="remonté")
    sign_in(page)
    page.goto(record(contrat))
    axe(page)
    page.get_by_text("Pourquoi pas les autres").first.click()
    page.get_by_text("ne peut pas devenir « signé »").wait_for()
    axe(page)
    for nom in ("valider", "abandonner", "publier", "clore"):
        page.goto(page_of(contrat, nom))
        axe(page)
    page.goto(page_of(contrat, "abandonner"))
    page.get_by_role("button", name="Abandonner").click()
    page.get_by_text("Dites le motif, en quelques mots.").wait_for()
    axe(page)
    page.goto(f"/admin/programme/projet/{projet.pk}/change/")
    axe(page)
    for nom in ("contractualiser", "preciser", "retirer"):
        page.goto(f"/admin/programme/projet/{projet.pk}/acte/{nom}/")
        axe(page)


def test_the_pages_of_a_signed_contract_are_accessible(page, axe, contrat, seance):
    contrat.valider(seance)
    sign_in(page)
    page.goto(page_of(contrat, "revenir"))
    axe(page)
    page.goto(page_of(contrat, "signer"))
    axe(page)
    page.get_by_label("Nom").first.fill("Anne Martin")
    page.get_by_role("button", name="Signer").click()
    page.get_by_text("Dites pour quel organisme").wait_for()
    axe(page)
    Contrat.objects.update(statut=S.SIGNE)
    f.AvenantFactory(contrat=contrat, version_avant=1, nb_actions_avant=10)
    for nom in ("commencer", "avenant"):
        page.goto(page_of(contrat, nom))
        axe(page)
    page.goto(record(contrat))
    axe(page)


def test_a_contract_is_validated_by_keyboard(page, contrat, seance):
    sign_in(page)
    page.goto(record(contrat))
    page.get_by_role("link", name="Valider en comité").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Valider en comité").wait_for()
    field = page.get_by_label("Séance")
    field.focus()
    page.keyboard.press("ArrowDown")
    # Past the day and the committee of a séance that nobody has recorded.
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.locator("#id_texte:focus").count():
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("Le comité valide, à l’unanimité.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("validé en comité, séance du 3 mai 2022.", exact=False).first.wait_for()
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.seance) == (S.VALIDE, seance)
    assert Decision.objects.get().texte == "Le comité valide, à l’unanimité."


def test_the_life_of_a_contract_without_javascript(page_without_js, contrat, seance):
    page = page_without_js
    sign_in(page)
    page.goto(record(contrat))
    page.get_by_role("link", name="Valider en comité").click()
    page.get_by_label("Séance").select_option(str(seance))
    page.get_by_role("button", name="Valider en comité").click()
    page.get_by_role("link", name="Signer").click()
    page.get_by_label("Date de signature").fill("2022-06-01")
    first = page.get_by_role("group", name="Signataire 1", exact=True)
    first.get_by_label("Pour").fill("Région Normandie")
    first.get_by_label("Nom").fill("Anne Martin")
    page.get_by_role("button", name="Plus de signataires").click()
    sixth = page.get_by_role("group", name="Signataire 6", exact=True)
    sixth.get_by_label("Pour").fill("État")
    sixth.get_by_label("Nom").fill("Luc Petit")
    page.get_by_role("button", name="Signer").click()
    page.get_by_role("link", name="Ajouter un avenant").click()
    page.get_by_label("Objet").fill("Deux actions de plus")
    page.get_by_label("Nombre d’actions après").fill("12")
    page.get_by_role("button", name="Ajouter un avenant").click()
    page.get_by_role("link", name="tout le contrat avant l’avenant n° 1").click()
    page.get_by_role("heading", name="Version n° 3").wait_for()
    page.goto(record(contrat))
    page.get_by_role("link", name="Publier").click()
    page.get_by_role("button", name="Publier").click()
    page.get_by_text("» : publié.").wait_for()
    page.goto(contrat.get_absolute_url())
    page.get_by_text("avant l’avenant : 10 ; après : 12").wait_for()
    contrat.refresh_from_db()
    assert (contrat.statut, contrat.nb_actions, contrat.signataires.count()) == (S.SIGNE, 12, 2)


def test_two_officers_act_at_once(new_page, contrat, seance, normandie):
    f.SecretariatFactory(regions=[normandie], email="camille@agents.example", nom="Camille Petit")
    mine, theirs = new_page(), new_page()
    sign_in(mine)
    mine.goto(page_of(contrat, "valider"))
    theirs.goto(f"/admin/login/?next={page_of(contrat, 'valider')}")
    theirs.get_by_label("Adresse électronique").fill("camille@agents.example")
    theirs.get_by_label("Mot de passe").fill(f.MOT_DE_PASSE)
    theirs.get_by_role("button", name="Connexion").click()
    theirs.get_by_label("Séance").select_option(str(seance))
    theirs.get_by_role("button", name="Valider en comité").click()
    theirs.get_by_text("validé en comité, séance du 3 mai 2022.").first.wait_for()
    mine.get_by_label("Séance").select_option(str(seance))
    mine.get_by_label("Texte de la décision").fill("Mon texte à moi")
    mine.get_by_role("button", name="Valider en comité").click()
    mine.get_by_text("Camille Petit (le").wait_for()
    mine.get_by_text("C’est déjà fait : l’état est « validé en comité ».").wait_for()
    mine.get_by_text("Mon texte à moi").wait_for()
    assert Decision.objects.count() == 1


def test_the_panel_on_a_phone(page_phone, contrat, seance):
    sign_in(page_phone)
    page_phone.goto(record(contrat))
    page_phone.get_by_role("link", name="Valider en comité").click()
    page_phone.get_by_label("Séance").select_option(str(seance))
    page_phone.get_by_role("button", name="Valider en comité").click()
    page_phone.get_by_role("link", name="Remettre en préparation").wait_for()
