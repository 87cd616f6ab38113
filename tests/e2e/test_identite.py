"""Signing in, in a real browser: application, access key, recovery code; axe on every page."""

import re

import pytest
from allauth.mfa.models import Authenticator

from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.identite.outils import code_now, path_in, with_totp

NOUVEAU = "Kp7!vatrEnz2-nouveau"
CONNEXION = "/admin/compte/connexion/"


@pytest.fixture
def agent(db, settings):
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    return f.NationalFactory(email="nadia@agents.example", nom="Nadia National")


def give_password(page, password=f.MOT_DE_PASSE):
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").fill("nadia@agents.example")
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Connexion").click()


def give_code(page, code):
    page.get_by_label("Code à six chiffres").fill(code)
    page.get_by_role("button", name="Continuer").click()


def see(page, heading):
    page.get_by_role("heading", name=heading, level=1).wait_for()


def at_the_desk(page):
    see(page, "Le bureau national")


@pytest.fixture
def authenticator():
    """`authenticator(page)`: the page's browser gets a virtual key that knows its holder."""

    def add(page):
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    return add


# --- Each way in --------------------------------------------------------------------------------


def test_a_new_agent_sets_up_an_application_then_comes_back_with_it(new_page, axe, agent):
    page = new_page()
    page.goto("/admin/")
    axe(page)
    give_password(page, "mauvais")
    page.get_by_text("Adresse électronique ou mot de passe inconnu").wait_for()
    axe(page)
    give_password(page)
    page.get_by_text("Activez un second facteur pour entrer").wait_for()
    axe(page)
    page.get_by_role("link", name="Activer une application").click()
    see(page, "Activer une application d’authentification")
    axe(page)
    secret = page.locator(".compte-secret").inner_text()
    page.get_by_label("Code à six chiffres").fill("000000")
    page.get_by_role("button", name="Activer").click()
    page.get_by_text("Ce code n’est pas le bon").wait_for()
    axe(page)
    page.get_by_label("Code à six chiffres").fill(code_now(secret))
    page.get_by_role("button", name="Activer").click()
    page.get_by_role("heading", name="Mes codes de secours").wait_for()
    axe(page)
    (recovery, *_) = page.locator(".compte-codes code").all_inner_texts()
    page.get_by_role("link", name="Je les ai notés : continuer").click()
    at_the_desk(page)
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_text("Vous êtes déconnecté.").wait_for()

    again = new_page()
    give_password(again)
    again.get_by_role("heading", name="Votre second facteur").wait_for()
    axe(again)
    give_code(again, "000000")
    again.get_by_text("Ce code n’est pas le bon").wait_for()
    axe(again)
    give_code(again, code_now(secret, steps=1))
    at_the_desk(again)

    lost = new_page()
    give_password(lost)
    give_code(lost, recovery)
    at_the_desk(lost)


def test_an_access_key_is_added_then_asked_for(page, axe, agent, authenticator):
    authenticator(page)
    give_password(page)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    see(page, "Ajouter une clé d’accès")
    axe(page)
    page.get_by_label("Nom de la clé").fill("Téléphone de Nadia")
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("heading", name="Mes codes de secours").wait_for()
    page.goto("/admin/compte/cles/")
    page.get_by_role("strong").filter(has_text="Téléphone de Nadia").wait_for()
    page.get_by_text("jamais utilisée").wait_for()
    axe(page)
    page.get_by_role("link", name="Renommer").click()
    see(page, "Renommer « Téléphone de Nadia »")
    axe(page)
    page.get_by_label("Nom de la clé").fill("Mon téléphone")
    page.get_by_role("button", name="Renommer").click()
    page.get_by_role("link", name="Retirer").click()
    see(page, "Retirer « Mon téléphone » ?")
    axe(page)
    page.get_by_role("button", name="Oui, retirer la clé").click()
    page.get_by_text("C’est votre seul second facteur").wait_for()
    page.goto("/admin/compte/deconnexion/")
    axe(page)
    page.get_by_role("button", name="Se déconnecter").click()

    give_password(page)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    at_the_desk(page)
    assert Authenticator.objects.get(type="webauthn").last_used_at


def test_an_access_key_may_replace_the_password(page, agent, authenticator):
    authenticator(page)
    give_password(page)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    page.get_by_text("Se connecter avec cette clé seule").click()
    page.get_by_role("button", name="Ajouter la clé").click()
    page.get_by_role("heading", name="Mes codes de secours").wait_for()
    page.context.clear_cookies()
    page.goto("/admin/programme/jalon/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.get_by_role("heading", name="Jalons").wait_for()


def test_a_key_that_is_not_given_is_said(page, axe, agent, authenticator):
    with_totp(agent)
    page.goto(CONNEXION)
    # No authenticator answers: the browser refuses at once.
    page.evaluate(
        "() => { navigator.credentials.get = () =>"
        " Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.get_by_text("La clé n’a pas été donnée, ou trop tard.").wait_for()
    axe(page)


def test_an_application_is_enough_without_javascript(page_without_js, agent):
    page = page_without_js
    with_totp(agent)
    page.goto("/admin/")
    assert page.get_by_role("button", name="Se connecter avec une clé d’accès").count() == 0
    give_password(page)
    give_code(page, code_now())
    at_the_desk(page)


def test_it_is_done_by_keyboard_alone(page, agent):
    with_totp(agent)
    page.goto("/admin/")
    page.get_by_label("Adresse électronique").focus()
    page.keyboard.type("nadia@agents.example")
    page.keyboard.press("Tab")
    page.keyboard.type(f.MOT_DE_PASSE)
    page.keyboard.press("Enter")
    page.get_by_label("Code à six chiffres").focus()
    page.wait_for_load_state()  # the form is whole: Enter sends it
    page.keyboard.type(code_now())
    page.keyboard.press("Enter")
    at_the_desk(page)


# --- The other pages ----------------------------------------------------------------------------


def test_an_invited_agent_chooses_a_password(page, axe, agent, settings):
    settings.SECOND_FACTEUR_OBLIGATOIRE = False
    give_password(page)
    page.goto("/admin/territoires/agent/add/")
    page.get_by_label("Adresse électronique").fill("marie@agents.example")
    page.get_by_role("textbox", name="Nom").first.fill("Marie Durand")
    page.get_by_label("Rôle").select_option("administrateur national")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_text("Une invitation part dans la minute à marie@agents.example").wait_for()
    page.get_by_role("link", name="Marie Durand").first.click()
    see(page, "Marie Durand")
    axe(page)
    page.get_by_role("link", name="Renvoyer l’invitation").click()
    see(page, "Renvoyer l’invitation")
    axe(page)
    page.get_by_role("button", name="Renvoyer l’invitation").click()
    page.get_by_text("Une invitation part dans la minute").wait_for()
    page.goto("/admin/programme/journalacces/")
    page.get_by_role("row", name=re.compile("invitation envoyée.*Marie Durand")).first.wait_for()
    axe(page)
    page.context.clear_cookies()

    first, again = [sent for sent in courrier() if "invitation" in sent.subject]
    page.goto(path_in(again))
    page.get_by_text("Compte de Marie Durand, marie@agents.example.").wait_for()
    axe(page)
    page.get_by_label("Nouveau mot de passe").fill("court")
    page.get_by_label("Le même mot de passe").fill("court")
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    page.get_by_text("il a 5 caractères").wait_for()
    axe(page)
    page.get_by_label("Nouveau mot de passe").fill(NOUVEAU)
    page.get_by_label("Le même mot de passe").fill(NOUVEAU)
    page.get_by_role("button", name="Choisir ce mot de passe").click()
    at_the_desk(page)
    page.goto(path_in(first))
    page.get_by_role("heading", name="Ce lien ne vaut plus").wait_for()
    axe(page)


def test_pages_of_the_account_are_accessible(page, axe, agent, settings):
    settings.SECOND_FACTEUR_OBLIGATOIRE = False
    settings.PROCONNECT = {"server_url": "http://127.0.0.1:9", "client_id": "x", "secret": "x"}
    for address in (
        CONNEXION,
        "/admin/compte/mot-de-passe/oublie/",
        "/admin/compte/mot-de-passe/oublie/envoye/",
        "/admin/compte/desactive/",
        "/admin/compte/proconnect/",  # nobody answers there
    ):
        page.goto(address)
        axe(page)
    with_totp(agent)
    give_password(page)
    give_code(page, code_now())
    at_the_desk(page)
    for address in (
        "/admin/compte/mot-de-passe/",
        "/admin/compte/second-facteur/",
        "/admin/compte/application/retirer/",
        "/admin/compte/codes/renouveler/",
        "/admin/compte/sessions/",
        "/admin/compte/confirmation/",
        "/admin/compte/second-facteur/confirmation/",
    ):
        page.goto(address)
        axe(page)
