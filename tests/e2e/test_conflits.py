"""Two officers in two browsers: what each changed apart merges, a clash asks, nothing is lost."""

import time

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from programme.models import Contrat
from tests import factories as f

RENE, SACHA = "rene@agents.example", "sacha@agents.example"
LONG = "Une phrase assez longue pour tenir sur plusieurs lignes d’un téléphone. " * 6


@pytest.fixture
def normandie(db):
    return f.RegionFactory(code="28")


@pytest.fixture
def contrat(normandie):
    f.RedacteurFactory(regions=[normandie], email=RENE, nom="René Rédacteur")
    f.SecretariatFactory(regions=[normandie], email=SACHA, nom="Sacha Secrétariat")
    made = f.ContratFactory(
        territoire__region_porteuse=normandie,
        territoire__nom="Pays de l’Aigle",
        statut="signé",
        publication="à valider",
    )
    f.SignataireFactory(contrat=made, nom="Dominique Lefèvre", organisme="Zone", fonction="Maire")
    return made


@pytest.fixture
def address(contrat):
    return f"/admin/programme/contrat/{contrat.pk}/change/"


def give_password(page, email):
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(f.MOT_DE_PASSE)
    page.get_by_role("button", name="Connexion").click()


def opens(page, email, address):
    page.goto(f"/admin/login/?next={address}")
    give_password(page, email)
    page.locator("#id_lieu").wait_for()
    return page


@pytest.fixture
def two(new_page, address):
    """René's page and Sacha's, on the same contract, opened at the same moment."""
    return opens(new_page(), RENE, address), opens(new_page(), SACHA, address)


def save(page):
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_load_state()


def saved(page):
    save(page)
    page.get_by_text("a été modifié").first.wait_for()


def stored(contrat, *names):
    contrat.refresh_from_db()
    return tuple(getattr(contrat, name) for name in names)


def test_what_each_changed_apart_is_merged(two, axe, contrat):
    mine, theirs = two
    theirs.locator("#id_lieu").fill("Caen")
    saved(theirs)
    mine.locator("#id_nb_actions").fill("31")
    saved(mine)
    mine.get_by_text("lieu de signature : L’Aigle → Caen, par Sacha Secrétariat").wait_for()
    expect(mine.locator("#id_lieu")).to_have_value("Caen")
    assert stored(contrat, "lieu", "nb_actions") == ("Caen", 31)
    axe(mine)


@pytest.mark.parametrize("choice", ["Garder ma saisie", "Prendre cette valeur"])
def test_a_clash_shows_three_columns_then_keeps_what_is_chosen(two, axe, contrat, choice):
    mine, theirs = two
    theirs.locator("#id_source").fill(f"Leur {LONG}")
    theirs.locator("#id_lieu").fill("Caen")
    saved(theirs)
    mine.locator("#id_source").fill(f"Ma {LONG}")
    mine.locator("#id_nb_actions").fill("31")
    save(mine)
    table = mine.get_by_role("table", name="Trois valeurs")
    cells = table.get_by_role("row").nth(1).get_by_role("cell")
    assert "https://www.example.org/contrat" in cells.nth(0).inner_text()
    assert "Sacha Secrétariat (le" in cells.nth(1).inner_text()
    assert "Leur Une phrase" in cells.nth(1).inner_text()
    assert "Ma Une phrase" in cells.nth(2).inner_text()
    mine.get_by_text("lieu de signature : L’Aigle → Caen").wait_for()
    assert stored(contrat, "nb_actions", "lieu") == (10, "Caen")
    axe(mine)
    table.get_by_label(choice).check()
    saved(mine)
    kept = "Ma Une" if choice == "Garder ma saisie" else "Leur Une"
    assert stored(contrat, "nb_actions", "lieu") == (31, "Caen")
    assert contrat.source.startswith(kept)


def test_rows_merge_clash_and_come_back(two, axe, contrat):
    mine, theirs = two
    theirs.locator("#id_signataires-0-fonction").fill("Vice-présidente")
    saved(theirs)
    mine.locator("#id_signataires-0-fonction").fill("Présidente")
    save(mine)
    row = mine.get_by_role("table", name="Trois valeurs").get_by_role("row").nth(1)
    assert "signataire « Dominique Lefèvre, pour Zone »" in row.inner_text()
    axe(mine)
    saved(mine)
    assert contrat.signataires.get().fonction == "Présidente"

    theirs.reload()
    theirs.locator("#id_signataires-0-DELETE").check()
    saved(theirs)
    mine.locator("#id_signataires-0-fonction").fill("Maire honoraire")
    save(mine)
    mine.get_by_text("ligne supprimée par Sacha Secrétariat").wait_for()
    expect(mine.locator("#id_signataires-0-fonction")).to_have_value("Maire honoraire")
    axe(mine)
    saved(mine)
    assert contrat.signataires.get().fonction == "Maire honoraire"


def test_a_record_deleted_meanwhile(two, axe, contrat):
    mine, theirs = two
    mine.locator("#id_lieu").fill("Rouen la normande")
    mine.locator("#id_signataires-0-fonction").fill("Présidente")
    theirs.goto(f"/admin/programme/contrat/{contrat.pk}/delete/")
    theirs.get_by_role("button", name="Oui").click()
    theirs.wait_for_load_state()
    save(mine)
    mine.get_by_text("Sacha Secrétariat (le").wait_for()
    assert "Lieu de signature" in mine.locator("dl").first.inner_text()
    mine.get_by_text("Rouen la normande").wait_for()
    mine.get_by_text("Présidente").wait_for()
    axe(mine)


def test_published_meanwhile_what_was_typed_is_proposed(two, axe, contrat):
    mine, theirs = two
    mine.locator("#id_montant_eur").fill("1234567")
    theirs.get_by_role("link", name="Publier").click()
    theirs.get_by_role("button", name="Publier").click()
    theirs.get_by_text("» : publié.").wait_for()
    save(mine)
    mine.get_by_text("ne se change plus sans validation").wait_for()
    assert "234" in mine.locator("#id_montant_eur").input_value()
    axe(mine)
    mine.get_by_label("Pourquoi ce changement").fill("L’avenant le dit.")
    mine.get_by_role("button", name="Proposer ces modifications").click()
    mine.get_by_text("Votre proposition est envoyée.").wait_for()
    assert stored(contrat, "montant_eur") == (40_000_000,)


def expire(page):
    page.wait_for_load_state("networkidle")  # what is on its way would save its session over ours
    session = Session.objects.get()
    store = session.get_session_store_class()(session.session_key)
    store["identite_vue"] = int(time.time()) - 7200
    store.save()


def test_a_form_sent_after_the_session_expired(new_page, axe, contrat, address):
    page = opens(new_page(), RENE, address)
    page.locator("#id_lieu").fill("Rouen")
    page.locator("#id_signataires-1-organisme").fill("Région Normandie")
    expire(page)
    save(page)
    page.get_by_text("Votre saisie est gardée").wait_for()
    axe(page)
    give_password(page, RENE)
    page.get_by_text("Votre session avait expiré : rien n’a été enregistré").wait_for()
    expect(page.locator("#id_lieu")).to_have_value("Rouen")
    expect(page.locator("#id_signataires-1-organisme")).to_have_value("Région Normandie")
    axe(page)
    assert stored(contrat, "lieu") == ("L’Aigle",)
    saved(page)
    assert stored(contrat, "lieu") == ("Rouen",)
    assert contrat.signataires.count() == 2


def test_an_act_sent_after_the_session_expired(new_page, axe, contrat, normandie):
    seance = f.SeanceFactory(comite_regional__region=normandie)
    Contrat.objects.update(
        statut="validé en comité", seance=seance, date_signature=None, precision_signature=""
    )
    page = opens(new_page(), SACHA, f"/admin/programme/contrat/{contrat.pk}/acte/signer/")
    page.get_by_label("Date de signature").fill("2022-06-01")
    row = page.get_by_role("group", name="Nouveau signataire 2", exact=True)
    row.get_by_label("Pour").fill("Région Normandie")
    row.get_by_label("Nom").fill("Anne Martin")
    expire(page)
    page.get_by_role("button", name="Signer").click()
    page.get_by_text("Votre saisie est gardée").wait_for()
    give_password(page, SACHA)
    page.get_by_text("Votre session avait expiré : rien n’a été enregistré").wait_for()
    expect(page.get_by_label("Date de signature")).to_have_value("2022-06-01")
    expect(row.get_by_label("Nom")).to_have_value("Anne Martin")
    axe(page)
    assert stored(contrat, "statut") == ("validé en comité",)
    page.get_by_role("button", name="Signer").click()
    page.get_by_text("» : signé").wait_for()
    assert contrat.signataires.filter(nom="Anne Martin").exists()


def test_signing_in_again_in_another_tab(new_page, contrat, address):
    page = opens(new_page(), RENE, address)
    page.locator("#id_lieu").fill("Rouen")
    tab = page.context.new_page()
    tab.goto("/admin/")
    tab.get_by_role("button", name="Se déconnecter").click()
    tab.get_by_text("Vous êtes déconnecté").wait_for()
    opens(tab, RENE, address)
    save(page)
    page.get_by_text("Votre session avait expiré").wait_for()
    expect(page.locator("#id_lieu")).to_have_value("Rouen")
    saved(page)
    assert stored(contrat, "lieu") == ("Rouen",)


def test_all_of_it_without_javascript(new_page, contrat, address):
    mine = opens(new_page(width=360, javascript=False), RENE, address)
    theirs = opens(new_page(javascript=False), SACHA, address)
    theirs.locator("#id_lieu").fill("Caen")
    theirs.locator("#id_nb_actions").fill("25")
    saved(theirs)
    mine.locator("#id_lieu").fill("Rouen")
    save(mine)
    mine.get_by_text("nombre d’actions : 10 → 25").wait_for()
    mine.get_by_label("Prendre cette valeur").check()
    saved(mine)
    assert stored(contrat, "lieu", "nb_actions") == ("Caen", 25)
