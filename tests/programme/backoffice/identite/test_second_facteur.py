"""The second factor: required, set up, asked for, lost."""

import re
import time
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programme.backoffice.identite import chiffrement, second_facteur
from programme.backoffice.identite.sessions import OUVERTE
from programme.models import JournalAcces
from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.identite.outils import (
    CONNEXION,
    SECRET,
    code_now,
    path_in,
    sign_in,
    with_totp,
    words_of,
)

pytestmark = pytest.mark.django_db
DEMANDE = "/admin/compte/second-facteur/demande/"
ACTIVER = "/admin/compte/application/activer/"
INDEX = "/admin/compte/second-facteur/"


def give(client, code, **kwargs):
    return client.post(DEMANDE, {"code": code}, follow=True, **kwargs)


# --- Asked for ----------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(client, national):
    with_totp(national)
    response = sign_in(client, national.email)
    assert response.request["PATH_INFO"] == DEMANDE
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_code_of_the_application_opens(client, national):
    with_totp(national)
    sign_in(client, national.email)
    response = give(client, code_now())
    assert response.redirect_chain[-1] == (reverse("admin:index"), 302)
    assert response.context["user"] == national


def test_next_is_kept_through_the_second_factor(client, national):
    with_totp(national)
    sign_in(client, national.email, next="/admin/programme/projet/")
    assert give(client, code_now()).redirect_chain[-1] == ("/admin/programme/projet/", 302)


@pytest.mark.parametrize("code", ["000000", "", "abcdef", "123456789012", "\x00"])
def test_a_wrong_code_is_refused_in_words(client, national, code):
    with_totp(national)
    sign_in(client, national.email)
    words = words_of(give(client, code))
    sentences = (
        "Ce code n’est pas le bon",
        "Donnez le code.",
        "Le caractère nul n’est pas autorisé.",
    )
    assert any(sentence in words for sentence in sentences)
    assert "_auth_user_id" not in client.session


def test_a_code_serves_once(national):
    with_totp(national)
    code = code_now()
    first, second = Client(), Client()
    sign_in(first, national.email)
    assert give(first, code).context["user"] == national
    sign_in(second, national.email)
    assert "il a déjà servi" in words_of(give(second, code))


def test_a_recovery_code_opens_once(national):
    code, *_ = with_totp(national)
    first, second = Client(), Client()
    sign_in(first, national.email)
    assert give(first, code).context["user"] == national
    sign_in(second, national.email)
    assert "Ce code n’est pas le bon" in words_of(give(second, code))


def test_one_may_give_up(client, national):
    with_totp(national)
    sign_in(client, national.email)
    client.post("/admin/compte/deconnexion/", {"next": CONNEXION})
    assert client.get(DEMANDE).status_code == 302


# --- Required -----------------------------------------------------------------------------------


def test_without_one_every_page_leads_to_set_it_up(client, national, contrats, obligatoire):
    response = sign_in(client, national.email)
    assert response.request["PATH_INFO"] == INDEX
    assert "Activez un second facteur pour entrer" in words_of(response)
    pages = [
        reverse("admin:index"),
        reverse("admin:programme_contrat_changelist"),
        reverse("admin:programme_contrat_change", args=[contrats.normand.pk]),
        reverse("admin:autocomplete"),
        "/admin/nulle-part/",
    ]
    for page in pages:
        for response in (client.get(page), client.post(page, {"_save": "x"})):
            assert (response.status_code, response.url) == (302, INDEX), page


def test_without_one_an_agent_is_nobody_elsewhere(client, national, obligatoire):
    document = f.DocumentFactory(publication="brouillon")
    sign_in(client, national.email)
    assert client.get(f"/documents/{document.pk}/").status_code == 404
    assert client.get("/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_once_set_up_one_goes_where_one_was_going(client, national, obligatoire):
    page = reverse("admin:programme_projet_changelist")
    sign_in(client, national.email, next=page)
    shown = client.get(ACTIVER)
    secret = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", shown.content.decode())[1]
    response = client.post(ACTIVER, {"code": code_now(secret)}, follow=True)
    assert response.request["PATH_INFO"] == "/admin/compte/codes/"
    words = words_of(response)
    assert "L’application d’authentification est activée." in words
    assert len(re.findall(r"<code>\d{8}</code>", response.content.decode())) == 10
    assert f'href="{page}"' in response.content.decode()
    assert client.get(page).status_code == 200
    assert [message.subject for message in courrier()] == [
        "[Territoires d’industrie] Second facteur ajouté"
    ]


def test_the_code_to_scan_is_drawn_within_the_policy(client, national):
    sign_in(client, national.email)
    response = client.get(ACTIVER)
    svg = re.search(r"<svg xmlns.*?</svg>", response.content.decode(), re.DOTALL)[0]
    assert "style" not in svg
    assert "href" not in svg
    assert "data:" not in svg


def test_a_wrong_code_activates_nothing(client, national):
    sign_in(client, national.email)
    client.get(ACTIVER)
    assert "Ce code n’est pas le bon" in words_of(client.post(ACTIVER, {"code": "000000"}))
    assert not Authenticator.objects.exists()


def test_the_guard_costs_no_query(entered, settings):
    """It reads the session, which the page reads anyway."""
    page = reverse("admin:programme_jalon_changelist")
    with CaptureQueriesContext(connection) as free:
        assert entered.get(page).status_code == 200
    settings.SECOND_FACTEUR_OBLIGATOIRE = True
    with CaptureQueriesContext(connection) as guarded:
        assert entered.get(page).status_code == 200
    assert len(guarded) == len(free)


def test_a_password_asked_again_is_no_second_factor(client, national, obligatoire):
    sign_in(client, national.email)
    client.post("/admin/compte/confirmation/", {"password": f.MOT_DE_PASSE})
    assert client.get(reverse("admin:index")).url == INDEX


# --- Kept ---------------------------------------------------------------------------------------


def test_secrets_are_encrypted_in_the_database(national):
    with_totp(national)
    totp = Authenticator.objects.get(user=national, type="totp")
    codes = Authenticator.objects.get(user=national, type="recovery_codes")
    assert SECRET not in str(totp.data)
    assert chiffrement.decrypt(totp.data["secret"]) == SECRET
    assert len(chiffrement.decrypt(codes.data["seed"])) == 80


def test_secrets_outlive_a_change_of_the_sites_key(national, settings):
    with_totp(national)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "une autre clé, tout aussi longue que la précédente, pour le test"
    assert Authenticator.objects.get(user=national, type="totp").wrap().validate_code(code_now())


@pytest.fixture
def cle_changee(settings):
    """Changes the site's key; the former one is kept among the fallbacks if asked."""

    def change(*, kept=False):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
        settings.SECRET_KEY = "une autre clé, tout aussi longue que la précédente, pour le test"

    return change


def test_a_factor_that_no_key_reads_is_said_with_the_way_on(client, national, cle_changee):
    with_totp(national)
    cle_changee()
    sign_in(client, national.email)
    response = give(client, code_now())
    assert response.status_code == 200
    assert "demandez à un administrateur national de réinitialiser" in words_of(response)
    assert "_auth_user_id" not in client.session


def test_a_session_of_the_former_key_is_over_and_what_was_typed_comes_to_the_sign_in(
    client, national, cle_changee
):
    sign_in(client, national.email)
    cle_changee()
    response = client.post("/admin/programme/source/add/", {"titre": "x"}, follow=True)
    assert response.status_code == 200
    assert response.request["PATH_INFO"] == CONNEXION


def test_a_link_of_the_former_key_leads_to_a_new_one(client, national, cle_changee):
    client.post("/admin/compte/mot-de-passe/oublie/", {"email": national.email})
    link = path_in(courrier()[-1])
    cle_changee()
    response = client.get(link, follow=True)
    assert "Recevoir un nouveau lien" in words_of(response)


def test_signing_in_with_a_former_key_writes_with_the_new_one(client, national, cle_changee):
    with_totp(national)
    cle_changee(kept=True)
    sign_in(client, national.email)
    give(client, code_now())
    assert chiffrement.reencrypt() == (0, [])
    assert not Authenticator.objects.filter(user=national, data={}).exists()


def test_the_command_writes_with_the_new_key(national, cle_changee, settings, capsys):
    with_totp(national)
    cle_changee(kept=True)
    call_command("rechiffrer_seconds_facteurs")
    assert "2 chiffré(s)" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    assert Authenticator.objects.get(user=national, type="totp").wrap().validate_code(code_now())


def test_the_command_names_what_is_lost_and_takes_it_away_when_told(national, cle_changee, capsys):
    with_totp(national)
    cle_changee()
    call_command("rechiffrer_seconds_facteurs")
    assert f"illisible : {national.email}" in capsys.readouterr().out
    assert Authenticator.objects.filter(user=national).count() == 2
    call_command("rechiffrer_seconds_facteurs", retirer_illisibles=True)
    assert not Authenticator.objects.filter(user=national).exists()
    assert JournalAcces.objects.filter(acte=JournalAcces.Acte.FACTEUR_RETIRE).count() == 1


def test_codes_that_no_key_reads_are_replaced(client, national, cle_changee):
    """Somebody whose access key still opens."""
    with_totp(national)
    cle_changee()
    Authenticator.objects.create(user=national, type="webauthn", data={"name": "Clé"})
    client.force_login(national)
    session = client.session
    session[OUVERTE] = time.time()
    session.save()
    with mock.patch("allauth.mfa.webauthn.internal.auth.WebAuthn.__init__", return_value=None):
        assert "ne peut plus les lire" in words_of(client.get(INDEX))
    for page in ("/admin/compte/codes/", "/admin/compte/codes/renouveler/"):
        response = client.get(page)
        assert response.status_code == 409
        assert "ne se lisent plus" in words_of(response)
    client.post("/admin/compte/codes/renouveler/")
    assert client.get("/admin/compte/codes/").status_code == 200


# --- Changed ------------------------------------------------------------------------------------


@pytest.fixture
def entered(client, national):
    with_totp(national)
    sign_in(client, national.email)
    give(client, code_now())
    return client


def test_the_last_one_is_not_removed_while_it_is_required(entered, national, obligatoire):
    response = entered.get("/admin/compte/application/retirer/")
    assert "C’est votre seul second facteur" in words_of(response)
    entered.post("/admin/compte/application/retirer/")
    assert Authenticator.objects.filter(user=national, type="totp").exists()


def test_it_is_removed_where_it_is_free(entered, national):
    response = entered.post("/admin/compte/application/retirer/", follow=True)
    assert "L’application d’authentification est retirée." in words_of(response)
    assert not Authenticator.objects.filter(user=national).exists()
    request = type("Request", (), {"session": entered.session})
    assert not second_facteur.was_given(request, national)


@pytest.mark.django_db(transaction=True)
def test_new_codes_end_the_old_ones(entered, national):
    old, *_ = (
        Authenticator.objects.get(user=national, type="recovery_codes").wrap().generate_codes()
    )
    page = "/admin/compte/codes/renouveler/"
    assert "10 codes restants ne vaudront plus" in words_of(entered.get(page))
    response = entered.post(page, follow=True)
    assert "Voici vos nouveaux codes de secours" in words_of(response)
    assert old not in response.content.decode()


def test_codes_are_downloaded_as_text(entered, national):
    response = entered.get("/admin/compte/codes/telecharger/")
    assert response["Content-Type"].startswith("text/plain")
    assert len(re.findall(r"^\d{8}$", response.content.decode(), re.MULTILINE)) == 10


def test_after_five_minutes_one_confirms_before_a_change(entered):
    session = entered.session
    session["identite_ouverte"] -= 301
    session.save()
    response = entered.get("/admin/compte/application/retirer/", follow=True)
    words = words_of(response)
    assert "Confirmez que c’est bien vous" in words
    assert "Ce n’est pas votre mot de passe." in words_of(
        entered.post("/admin/compte/confirmation/", {"password": "mauvais"})
    )
    response = entered.post(
        "/admin/compte/confirmation/",
        {"password": f.MOT_DE_PASSE, "next": "/admin/compte/application/retirer/"},
        follow=True,
    )
    assert "Oui, retirer l’application" in words_of(response)


def test_codes_are_hidden_from_a_session_left_open(entered):
    session = entered.session
    session["identite_ouverte"] -= 301
    session.save()
    for page in ("/admin/compte/codes/", "/admin/compte/codes/telecharger/"):
        response = entered.get(page, follow=True)
        assert "Confirmez que c’est bien vous" in words_of(response)
        assert not re.findall(r"\b\d{8}\b", words_of(response))


# --- Lost ---------------------------------------------------------------------------------------


def test_an_administrator_resets_it(signed_in, national, redacteur, client):
    with_totp(redacteur)
    sign_in(client, redacteur.email)
    give(client, code_now())
    assert client.get(reverse("admin:index")).status_code == 200
    courrier().clear()

    admin = signed_in(national)
    change = reverse("admin:territoires_agent_change", args=[redacteur.pk])
    act = reverse("admin:territoires_agent_second_facteur", args=[redacteur.pk])
    assert "Réinitialiser le second facteur" in words_of(admin.get(change))
    assert "Assurez-vous d’abord" in words_of(admin.get(act))
    response = admin.post(act, follow=True)
    assert "activera un nouveau second facteur" in words_of(response)
    assert "second facteur : aucun" in words_of(response).lower()
    assert not Authenticator.objects.filter(user=redacteur).exists()
    assert client.get(reverse("admin:index")).status_code == 302, "the session has ended"
    (told,) = courrier()
    assert told.to == [redacteur.email]
    assert "Nadia National vient de retirer les seconds facteurs" in told.body


def test_nobody_else_resets_it(signed_in, national, redacteur):
    with_totp(national)
    act = reverse("admin:territoires_agent_second_facteur", args=[national.pk])
    client = signed_in(redacteur)
    assert client.get(act).status_code == 403
    assert client.post(act).status_code == 403
    assert Authenticator.objects.filter(user=national).exists()
    assert signed_in(national).get(act.replace(str(national.pk), "999")).status_code == 404
