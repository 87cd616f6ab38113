"""Who gives rights: national administrators, to others, by invitation."""

import re
from datetime import timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from programme.backoffice.identite.jetons import Liens
from programme.models import JournalAcces
from territoires.models import Agent, Role
from tests import factories as f
from tests.courrier import courrier
from tests.programme.backoffice.identite.outils import CONNEXION, path_in, sign_in, words_of
from tests.programme.backoffice.outils import address, form_data, messages_of

NOUVEAU = "Kp7!vatrEnz2-nouveau"


@pytest.fixture
def client(signed_in, national):
    courrier().clear()
    return signed_in(national)


def new(client, **values):
    page = address(Agent, "add")
    data = {
        "email": "Marie.Durand@Agents.example",
        "nom": "Marie Durand",
        "role": Role.REDACTEUR,
        **values,
    }
    assert client.get(page).status_code == 200
    return client.post(page, data, follow=True)


@pytest.fixture
def invited(client, normandie):
    """(the new agent, the mail of its invitation)."""
    new(client, regions=["28"])
    (invitation,) = [message for message in courrier() if "invitation" in message.subject]
    courrier().clear()
    return Agent.objects.get(nom="Marie Durand"), invitation


# --- Invitation ---------------------------------------------------------------------------------


def test_a_new_agent_is_invited_and_no_password_is_typed(client, invited, normandie):
    agent, invitation = invited
    assert 'type="password"' not in client.get(address(Agent, "add")).content.decode()
    assert agent.email == "marie.durand@agents.example"
    assert list(agent.regions.all()) == [normandie]
    assert not agent.has_usable_password()
    assert agent.invitation_en_attente
    assert invitation.to == ["marie.durand@agents.example"]
    assert invitation.subject == "[Territoires d’industrie] Votre invitation"
    assert invitation.content_subtype == "plain"
    assert not getattr(invitation, "alternatives", None)
    for words in (
        "Nadia National vous invite",
        "ce rôle : rédacteur régional.",
        "valable 7 jours",
        "Territoires d’industrie\nhttp://127.0.0.1:8000",
        "Ce site n’est pas un site officiel.",
    ):
        assert words in invitation.body
    (line,) = JournalAcces.objects.filter(acte="invitation envoyée")
    assert (line.agent, line.auteur.nom) == (agent, "Nadia National")


@pytest.mark.django_db(transaction=True)
def test_the_administrator_is_told_that_it_left(client, normandie):
    words = words_of(new(client, role=Role.NATIONAL))
    assert (
        "Une invitation part dans la minute à marie.durand@agents.example ; son lien vaut 7 jours."
        in words
    )


def choose(link, password=NOUVEAU, again=None):
    """Follows the link of a mail as a new visitor, chooses a password: (client, response)."""
    visitor = Client()
    shown = visitor.get(link, follow=True)
    data = {"password1": password, "password2": again or password}
    return visitor, visitor.post(shown.request["PATH_INFO"], data, follow=True)


def test_the_link_opens_the_choice_of_a_password_then_the_second_factor(invited, obligatoire):
    agent, invitation = invited
    visitor = Client()
    shown = visitor.get(path_in(invitation), follow=True)
    words = words_of(shown)
    assert "Choisissez votre mot de passe" in words
    assert "Compte de Marie Durand, marie.durand@agents.example." in words
    assert "Vous choisirez ensuite un second facteur." in words
    assert "set-password" in shown.request["PATH_INFO"], "the key stays out of the address bar"
    visitor, response = choose(path_in(invitation))
    assert response.request["PATH_INFO"] == "/admin/compte/second-facteur/"
    assert response.context["user"] == agent
    agent.refresh_from_db()
    assert agent.check_password(NOUVEAU)
    assert not agent.invitation_en_attente


def test_the_link_serves_once(invited):
    _, invitation = invited
    choose(path_in(invitation))
    words = words_of(Client().get(path_in(invitation), follow=True))
    assert "Ce lien ne vaut plus" in words
    assert "Recevoir un nouveau lien" in words


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("court", None, "il a 5 caractères et il lui manque"),
        (NOUVEAU, "autre", "Les deux mots de passe ne sont pas les mêmes"),
        ("Marie.Durand2019", None, "ressemble trop à votre"),
    ],
)
def test_a_weak_password_is_refused_in_words(invited, password, again, sentence):
    agent, invitation = invited
    _, response = choose(path_in(invitation), password, again)
    assert sentence in words_of(response)
    agent.refresh_from_db()
    assert not agent.has_usable_password()


def test_an_invitation_lives_its_days_and_a_reset_one_hour(invited, monkeypatch, redacteur):
    agent, _ = invited
    made = Liens().make_token(agent), Liens().make_token(redacteur)
    now = Liens()._now()

    def valid_after(**delta):
        monkeypatch.setattr(Liens, "_now", lambda self: now + timedelta(**delta))
        return [
            Liens().check_token(who, token)
            for who, token in zip((agent, redacteur), made, strict=True)
        ]

    assert valid_after(minutes=50) == [True, True]
    assert valid_after(minutes=70) == [True, False]
    assert valid_after(days=6) == [True, False]
    assert valid_after(days=8) == [False, False]
    assert not Liens().check_token(redacteur, made[0])


def test_the_invitation_is_sent_again(client, invited):
    agent, first = invited
    change = address(Agent, "change", agent.pk)
    act = reverse("admin:territoires_agent_invitation", args=[agent.pk])
    words = words_of(client.get(change))
    assert "Renvoyer l’invitation" in words
    assert "invitation en attente" in words
    assert "Un nouveau lien, valable 7 jours, partira" in words_of(client.get(act))
    assert courrier() == [], "only a form sends it"
    response = client.post(act, follow=True)
    assert "Une invitation part dans la minute à marie.durand@agents.example" in words_of(response)
    (again,) = courrier()
    choose(path_in(again))
    assert "Ce lien ne vaut plus" in words_of(Client().get(path_in(first), follow=True))
    assert "Renvoyer l’invitation" not in words_of(client.get(change))
    assert "a déjà choisi son mot de passe : rien à envoyer" in words_of(
        client.post(act, follow=True)
    )


def test_the_page_of_an_agent_says_what_became_of_the_mail(client, invited, monkeypatch):
    agent, _ = invited
    page = address(Agent, "change", agent.pk)

    def refuse(self, messages):
        raise ConnectionRefusedError

    assert "Dernier courriel du portail : fait le" in words_of(client.get(page))
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    client.post(reverse("admin:territoires_agent_invitation", args=[agent.pk]))
    assert "Dernier courriel du portail : en attente depuis le" in words_of(client.get(page))
    courrier()
    words = words_of(client.get(page))
    assert "pas encore : le serveur de courriel ne répond pas (ConnectionRefusedError)" in words
    assert "nouvel essai le" in words


def test_an_inactive_agent_is_not_invited(client):
    agent = f.NationalFactory(nom="Parti", is_active=False)
    act = reverse("admin:territoires_agent_invitation", args=[agent.pk])
    assert "Parti est désactivé : rien à envoyer" in words_of(client.post(act, follow=True))


# --- Forgotten password -------------------------------------------------------------------------

OUBLIE = "/admin/compte/mot-de-passe/oublie/"


@pytest.mark.parametrize("email", ["NADIA@agents.example", "inconnue@agents.example"])
def test_known_or_not_the_answer_is_the_same(email, db):
    f.NationalFactory(email="Nadia@agents.example")
    response = Client().post(OUBLIE, {"email": email}, follow=True)
    assert "Si un compte est ouvert à cette adresse" in words_of(response)
    assert len(courrier()) == (email == "NADIA@agents.example")


def test_a_forgotten_password_is_chosen_again(db):
    agent = f.NationalFactory(email="nadia@agents.example", last_login=timezone.now())
    Client().post(OUBLIE, {"email": agent.email})
    (message,) = courrier()
    assert message.subject == "[Territoires d’industrie] Choisir un nouveau mot de passe"
    assert "Ouvrez ce lien dans l’heure ; il ne sert qu’une fois" in message.body
    _, response = choose(path_in(message))
    assert response.context["user"] == agent
    assert sign_in(Client(), agent.email, NOUVEAU).context["user"] == agent
    told = courrier()[-1]
    assert "vient d’être choisi par un lien reçu à cette adresse" in told.body
    assert "Adresse IP : 127.0.0.1" in told.body


def test_an_inactive_agent_gets_no_link(db):
    f.NationalFactory(email="parti@agents.example", is_active=False)
    Client().post(OUBLIE, {"email": "parti@agents.example"})
    assert courrier() == []


def test_a_mail_server_that_is_down_betrays_no_address(db, monkeypatch):
    def refuse(self, messages):
        raise ConnectionRefusedError

    f.NationalFactory(email="nadia@agents.example")
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    response = Client().post(OUBLIE, {"email": "nadia@agents.example"}, follow=True)
    assert "Si un compte est ouvert à cette adresse" in words_of(response)


def test_a_link_cut_short_is_said(db):
    response = Client().get("/admin/compte/mot-de-passe/lien/1-abc/")
    assert "Ce lien ne vaut plus" in words_of(response)
    assert "copiée en entier" in words_of(response)


def test_the_second_factor_is_asked_for_after_a_new_password(db):
    from tests.programme.backoffice.identite.outils import with_totp

    agent = f.NationalFactory(email="nadia@agents.example")
    with_totp(agent)
    Client().post(OUBLIE, {"email": agent.email})
    _, response = choose(path_in(courrier()[0]))
    assert response.request["PATH_INFO"] == "/admin/compte/second-facteur/demande/"


# --- Rights -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Ce rôle s’exerce dans une région au moins"),
        ({"role": Role.REFERENT}, "Un référent d’opérateur a un opérateur"),
        ({"role": Role.NATIONAL, "email": "marie"}, "adresse de courriel valide"),
    ],
)
def test_what_a_role_needs_is_asked_for(client, normandie, values, sentence):
    assert sentence in messages_of(new(client, **values))
    assert courrier() == []


def test_the_same_address_in_another_case_is_taken(client, normandie):
    f.AgentFactory(email="MARIE.durand@agents.example")
    response = new(client, role=Role.NATIONAL)
    assert "déjà" in messages_of(response)


def change(client, agent, **values):
    page = address(Agent, "change", agent.pk)
    data = {**form_data(client.get(page)), **values}
    return client.post(page, {key: value for key, value in data.items() if value is not None})


def test_rights_are_changed_and_kept_in_the_history(client, normandie, bretagne):
    agent = f.RedacteurFactory(regions=[normandie])
    assert change(client, agent, role=Role.SECRETARIAT, regions=["28", "53"]).status_code == 302
    agent.refresh_from_db()
    assert agent.role == Role.SECRETARIAT
    page = client.get(address(Agent, "history", agent.pk)).content.decode()
    assert "rédacteur régional → secrétariat régional" in page
    assert "Normandie → Bretagne, Normandie" in page


def test_nobody_takes_their_own_rights_away(client, national):
    for values in ({"is_active": None}, {"role": Role.LECTEUR}):
        assert "Vous ne pouvez pas vous retirer vos propres droits" in messages_of(
            change(client, national, **values)
        )
    assert Agent.objects.get(pk=national.pk).is_active


def test_the_hash_of_a_password_is_nowhere(client, national):
    for page in ("change", "history"):
        content = client.get(address(Agent, page, national.pk)).content.decode()
        assert national.password.rsplit("$", 1)[-1] not in content
    found = client.get(address(Agent, "changelist") + "?password__startswith=md5")
    assert found.status_code in {302, 400}


def test_nobody_types_the_password_of_another(client, redacteur):
    page = f"/admin/territoires/agent/{redacteur.pk}/password/"
    assert client.get(page, follow=True).status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL])
def test_nobody_else_gives_rights(signed_in, normandie, role):
    operateur = f.OperateurFactory() if role == Role.REFERENT else None
    agent = f.AgentFactory(role=role, operateur=operateur)
    client = signed_in(agent)
    for page in (
        address(Agent, "changelist"),
        address(Agent, "add"),
        address(Agent, "change", agent.pk),
        reverse("admin:territoires_agent_invitation", args=[agent.pk]),
        reverse("admin:territoires_agent_second_facteur", args=[agent.pk]),
    ):
        assert client.get(page).status_code == 403
        assert client.post(page, {"role": Role.NATIONAL}).status_code == 403


def test_an_agent_is_never_deleted(client, normandie):
    agent = f.RedacteurFactory(regions=[normandie])
    assert client.post(address(Agent, "delete", agent.pk), {"post": "yes"}).status_code == 403


def test_the_page_of_an_agent_says_how_they_come_in(client, redacteur):
    words = words_of(client.get(address(Agent, "change", redacteur.pk))).lower()
    assert re.search(r"mot de passe : ?choisi", words)
    assert re.search(r"second facteur : ?aucun", words)


# --- One's own password -------------------------------------------------------------------------


def test_everybody_changes_their_own_password(signed_in, redacteur):
    client = signed_in(redacteur)
    assert "Mon compte" in words_of(client.get("/admin/"))
    page = "/admin/compte/mot-de-passe/"
    assert f'href="{page}"' in client.get("/admin/compte/second-facteur/").content.decode()
    assert client.get("/admin/password_change/").url == page
    data = {"oldpassword": "mauvais", "password1": NOUVEAU, "password2": NOUVEAU}
    assert "Ce n’est pas votre mot de passe actuel." in words_of(client.post(page, data))
    version = redacteur.version
    client.post(page, data | {"oldpassword": f.MOT_DE_PASSE})
    redacteur.refresh_from_db()
    assert redacteur.check_password(NOUVEAU)
    assert redacteur.version == version
    assert "Le mot de passe de votre compte vient d’être changé." in courrier()[-1].body


def test_an_agent_of_proconnect_may_choose_one(signed_in, redacteur):
    Agent.objects.filter(pk=redacteur.pk).update(password="!", last_login=timezone.now())
    client = signed_in(Agent.objects.get(pk=redacteur.pk))
    page = client.get("/admin/compte/mot-de-passe/").url
    assert "Vous n’en avez pas encore" in words_of(client.get(page))
    response = client.post(page, {"password1": NOUVEAU, "password2": NOUVEAU}, follow=True)
    assert "Votre mot de passe est choisi." in words_of(response)
    assert sign_in(Client(), redacteur.email, NOUVEAU).request["PATH_INFO"] != CONNEXION
