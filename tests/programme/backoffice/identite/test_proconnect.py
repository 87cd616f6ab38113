"""ProConnect: switched on by the environment, believed only after every check."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from programme.models import JournalAcces
from territoires.models import Agent
from tests import factories as f
from tests.programme.backoffice.identite import fournisseur
from tests.programme.backoffice.identite.outils import (
    CONNEXION,
    code_now,
    sign_in,
    with_totp,
    words_of,
)

pytestmark = pytest.mark.django_db
ENTREE = "/admin/compte/proconnect/"
RETOUR = "/admin/compte/proconnect/retour/"


@pytest.fixture
def provider(settings):
    with fournisseur.serve() as served:
        settings.PROCONNECT = {
            "server_url": served.url,
            "client_id": fournisseur.CLIENT_ID,
            "secret": fournisseur.SECRET,
        }
        yield served


@pytest.fixture
def with_application(agent, obligatoire):
    """The agent has an application, and the second factor is required."""
    with_totp(agent)


@pytest.fixture
def agent(db):
    return f.NationalFactory(email="Nadia@agents.example", nom="Nadia National")


def come_back(client, **query):
    """The whole round, as a browser makes it; the response of the portal's callback."""
    there = client.get(ENTREE, query)
    assert there.status_code == 302, words_of(there)
    back = requests.get(there.url, allow_redirects=False, timeout=60)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    assert parts.path == RETOUR
    return client.get(f"{parts.path}?{parts.query}", follow=True)


def signed_in_as(client):
    return client.session.get("_auth_user_id")


# --- Switched off -------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["server_url", "client_id", "secret"])
def test_it_is_offered_only_when_wholly_configured(client, settings, missing):
    settings.PROCONNECT = {"server_url": "x", "client_id": "x", "secret": "x"} | {missing: ""}
    assert "ProConnect" not in words_of(client.get(CONNEXION))
    assert client.get(ENTREE).status_code == 404
    assert client.get(RETOUR, {"code": "x", "state": "x"}).status_code == 404


def test_the_button_keeps_where_one_was_going(client, provider):
    response = client.get(CONNEXION, {"next": "/admin/programme/projet/?q=acier"})
    assert "S’identifier avec ProConnect" in words_of(response)
    assert f'href="{ENTREE}?next=/admin/programme/projet/%3Fq%3Dacier"' in response.content.decode()


# --- Let in -------------------------------------------------------------------------------------


def test_an_agent_comes_in_by_the_verified_address(client, provider, agent):
    response = come_back(client)
    assert response.redirect_chain[-1] == (reverse("admin:index"), 302)
    assert response.context["user"] == agent
    assert Agent.objects.count() == 1
    (identity,) = SocialAccount.objects.all()
    assert (identity.user, identity.uid, identity.extra_data) == (agent, "p-1", {})
    (line,) = JournalAcces.objects.filter(acte="connexion")
    assert (line.agent, line.detail) == (agent, "ProConnect")


def test_what_is_asked_is_what_proconnect_wants(client, provider, agent):
    there = client.get(ENTREE)
    sent = {name: value for name, (value,) in parse_qs(urlsplit(there.url).query).items()}
    assert sent["response_type"] == "code"
    assert sent["redirect_uri"] == f"http://testserver{RETOUR}"
    assert set(sent["scope"].split()) == {"openid", "given_name", "usual_name", "email", "uid"}
    assert json.loads(sent["claims"])["id_token"]["amr"] == {"essential": True}
    assert min(len(sent["state"]), len(sent["nonce"])) >= 32
    again = parse_qs(urlsplit(client.get(ENTREE).url).query)
    assert again["state"] != [sent["state"]]
    assert again["nonce"] != [sent["nonce"]]


def test_nothing_is_added_by_the_address(client, provider):
    there = client.get(
        ENTREE, {"auth_params": "prompt=none", "scope": "phone", "process": "connect"}
    )
    assert "prompt" not in there.url
    assert "phone" not in there.url


def test_one_goes_where_one_was_going_and_nowhere_else(client, provider, agent):
    page = "/admin/programme/projet/"
    assert come_back(client, next=page).redirect_chain[-1] == (page, 302)
    client.logout()
    response = come_back(client, next="https://ailleurs.invalid/")
    assert response.redirect_chain[-1] == (reverse("admin:index"), 302)


# --- The second factor --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acr", "amr"),
    [
        ("eidas2", []),
        ("eidas3", ["pop"]),
        ("https://proconnect.gouv.fr/assurance/self-asserted-2fa", None),
        ("https://proconnect.gouv.fr/assurance/consistency-checked-2fa", ["pwd"]),
        ("eidas1", ["pwd", "totp", "mfa"]),
    ],
)
def test_a_second_factor_given_there_is_not_asked_again(
    client, provider, with_application, acr, amr
):
    provider.acr, provider.amr = acr, amr
    response = come_back(client)
    assert response.redirect_chain[-1] == (reverse("admin:index"), 302)
    assert response.status_code == 200
    assert JournalAcces.objects.get(acte="connexion").detail == "second facteur + ProConnect"


@pytest.mark.parametrize(
    ("acr", "amr"),
    [("eidas1", ["pwd"]), (None, None), ("https://proconnect.gouv.fr/assurance/self-asserted", [])],
)
@pytest.mark.usefixtures("with_application")
def test_without_one_there_ours_is_asked(client, provider, agent, acr, amr):
    provider.acr, provider.amr = acr, amr
    response = come_back(client)
    assert response.request["PATH_INFO"] == "/admin/compte/second-facteur/demande/"
    assert signed_in_as(client) is None
    response = client.post(response.request["PATH_INFO"], {"code": code_now()}, follow=True)
    assert response.context["user"] == agent


def test_without_any_one_is_led_to_set_it_up(client, provider, agent, obligatoire):
    assert come_back(client).request["PATH_INFO"] == "/admin/compte/second-facteur/"


# --- The identity that is kept ------------------------------------------------------------------

AUTRE = "Ce compte est tenu par une autre identité ProConnect"


@pytest.fixture
def known(client, provider, agent):
    come_back(client)
    client.logout()
    return agent


@pytest.mark.parametrize(
    "person",
    [{"email": "nadia.autrement@agents.example"}, {"email": ""}, {"email_verified": False}],
)
def test_an_agent_is_known_again_whatever_the_address(client, provider, known, person):
    provider.person |= person
    assert come_back(client).context["user"] == known
    known.refresh_from_db()
    assert known.email.lower() == "nadia@agents.example", "theirs here does not follow"
    assert SocialAccount.objects.get().extra_data == {}, "nothing told of the person is kept"


def test_an_address_that_somebody_else_took_opens_nothing_of_theirs(client, provider, known):
    other = f.NationalFactory(email="autre@agents.example")
    provider.person["email"] = other.email
    assert come_back(client).context["user"] == known


def test_another_identity_with_the_same_address_is_refused(client, provider, known):
    provider.person["sub"] = "p-2"
    response = come_back(client)
    assert response.status_code == 403
    assert AUTRE in words_of(response)
    assert "demandez à l’administrateur national" in words_of(response)
    assert signed_in_as(client) is None
    assert SocialAccount.objects.get().uid == "p-1"
    (line,) = JournalAcces.objects.filter(acte="connexion refusée")
    assert line.detail == "ProConnect : compte tenu par une autre identité"
    assert line.agent == known


def test_an_agent_who_is_known_and_left_is_refused(client, provider, known):
    Agent.objects.filter(pk=known.pk).update(is_active=False)
    provider.person["email"] = "autrement@agents.example"
    response = come_back(client)
    assert response.status_code == 403
    assert "Ce compte est désactivé." in words_of(response)


def test_a_national_administrator_has_an_identity_forgotten(
    client, provider, known, signed_in, redacteur
):
    act = reverse("admin:territoires_agent_proconnect", args=[known.pk])
    change = reverse("admin:territoires_agent_change", args=[known.pk])
    assert signed_in(redacteur).post(act).status_code == 403
    admin = signed_in(f.NationalFactory())
    assert "Oublier l’identité ProConnect" in words_of(admin.get(change))
    assert "Assurez-vous d’abord" in words_of(admin.get(act))
    assert SocialAccount.objects.exists(), "nothing before it is confirmed"
    assert "est oubliée" in words_of(admin.post(act, follow=True))
    assert "Oublier l’identité ProConnect" not in words_of(admin.get(change))
    assert JournalAcces.objects.get(acte="identité ProConnect oubliée").agent == known
    provider.person["sub"] = "p-2"
    assert come_back(client).context["user"] == known
    assert SocialAccount.objects.get().uid == "p-2"


# --- Refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "sentence", "detail"),
    [
        (
            {"email": "inconnue@agents.example"},
            "Aucun compte n’est ouvert à votre adresse",
            "compte inconnu",
        ),
        ({"email": "parti@agents.example"}, "Ce compte est désactivé.", "compte désactivé"),
        (
            {"email_verified": False},
            "Votre adresse n’est pas confirmée",
            "adresse non vérifiée",
        ),
        ({"email": ""}, "Votre adresse n’est pas confirmée", "adresse non vérifiée"),
    ],
)
@pytest.mark.usefixtures("agent")
def test_who_has_no_open_account_is_told_why(client, provider, person, sentence, detail):
    f.NationalFactory(email="parti@agents.example", is_active=False)
    count = Agent.objects.count()
    provider.person |= person
    response = come_back(client)
    assert response.status_code == 403
    assert sentence in words_of(response)
    assert signed_in_as(client) is None
    assert Agent.objects.count() == count, "nobody gets an account by coming from elsewhere"
    assert JournalAcces.objects.get(acte="connexion refusée").detail == f"ProConnect : {detail}"


@pytest.mark.parametrize(
    "fault",
    [
        "state",
        "nonce",
        "signature",
        "algorithme",
        "cle",
        "audience",
        "expire",
        "issuer",
        "code",
        "sub",
        "userinfo-json",
        "userinfo-signature",
        "userinfo-500",
        "ailleurs",
        "userinfo-ailleurs",
    ],
)
def test_what_is_not_proved_is_refused(client, provider, agent, fault):
    if fault == "issuer":
        provider.faults.add(fault)
        response = client.get(ENTREE)
    else:
        provider.faults.add(fault)
        response = come_back(client)
    assert response.status_code == 401
    words = words_of(response)
    assert "ProConnect n’a pas confirmé votre identité" in words
    assert "Personne n’a été connecté." in words
    assert signed_in_as(client) is None
    (line,) = JournalAcces.objects.filter(acte="connexion refusée")
    assert line.detail == "ProConnect : réponse refusée"
    assert not [path for path, _ in provider.requests if "ailleurs" in path], "no one is followed"


def test_an_answer_serves_once(client, provider, agent):
    there = client.get(ENTREE)
    back = urlsplit(requests.get(there.url, allow_redirects=False, timeout=60).headers["Location"])
    assert client.get(f"{RETOUR}?{back.query}", follow=True).context["user"] == agent
    client.logout()
    assert client.get(f"{RETOUR}?{back.query}").status_code == 401


def test_the_answer_meant_for_another_browser_is_refused(client, provider, agent):
    from django.test import Client

    there = Client().get(ENTREE)
    back = urlsplit(requests.get(there.url, allow_redirects=False, timeout=60).headers["Location"])
    assert client.get(f"{RETOUR}?{back.query}").status_code == 401
    assert signed_in_as(client) is None


def test_who_gives_up_there_comes_back_to_sign_in(client, provider):
    provider.faults.add("annule")
    response = come_back(client)
    assert response.request["PATH_INFO"] == CONNEXION
    assert "Vous avez quitté ProConnect sans vous identifier." in words_of(response)


def test_a_provider_that_does_not_answer_is_said(client, settings):
    settings.PROCONNECT = {"server_url": "http://127.0.0.1:9", "client_id": "x", "secret": "x"}
    response = client.get(ENTREE)
    assert response.status_code == 401
    assert "entrez avec votre mot de passe" in words_of(response)


def test_only_reading_is_answered(client, provider):
    for page in (ENTREE, RETOUR):
        assert client.post(page).status_code == 405


# --- Leaving ------------------------------------------------------------------------------------


def test_leaving_offers_to_leave_proconnect_too(client, provider, agent):
    come_back(client)
    response = client.post("/admin/compte/deconnexion/")
    assert "Vous êtes déconnecté du portail" in words_of(response)
    url = response.context["url"]
    sent = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{provider.url}/session/end?")
    assert sent["id_token_hint"].count(".") == 2
    assert sent["post_logout_redirect_uri"] == f"http://testserver{CONNEXION}"
    assert len(sent["state"]) >= 32
    assert signed_in_as(client) is None


def test_leaving_after_a_password_says_nothing_of_proconnect(client, provider, agent):
    sign_in(client, agent.email)
    response = client.post("/admin/compte/deconnexion/", follow=True)
    assert response.request["PATH_INFO"] == CONNEXION
