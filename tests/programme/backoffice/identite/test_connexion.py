"""Sign-in by e-mail and password."""

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib import auth
from django.test import Client
from django.urls import reverse

from programme.backoffice.identite.sessions import OUVERTE
from programme.models import JournalAcces
from tests import factories as f
from tests.programme.backoffice.identite.outils import CONNEXION, sign_in, words_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["marie.durand@agents.example", " MARIE.Durand@Agents.Example"])
def test_the_case_of_the_address_does_not_matter(client, typed):
    agent = f.NationalFactory(email="Marie.Durand@agents.example")
    response = sign_in(client, typed)
    assert response.redirect_chain == [(reverse("admin:index"), 302)]
    assert response.context["user"] == agent


def test_the_page_is_in_french_and_names_the_address(client):
    response = client.get(CONNEXION)
    words = words_of(response)
    assert "Adresse électronique" in words
    assert "Mot de passe oublié ?" in words
    assert 'lang="fr"' in response.content.decode()
    assert "ProConnect" not in words
    assert "Démonstration : le second" not in words


def test_a_demonstration_says_that_it_asks_for_no_second_factor(client, settings):
    settings.DEMONSTRATION = True
    assert "le second facteur n’est pas exigé ici" in words_of(client.get(CONNEXION))


@pytest.mark.parametrize("email", ["inconnue@agents.example", "marie@agents.example"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client, email):
    f.NationalFactory(email="marie@agents.example")
    response = sign_in(client, email, "mauvais")
    assert "Adresse électronique ou mot de passe inconnu." in words_of(response)
    assert email in response.content.decode()
    assert "mauvais" not in response.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"login": "", "password": "x"}, "Donnez l’adresse électronique de votre compte."),
        ({"login": "marie@agents.example", "password": ""}, "Donnez votre mot de passe."),
        ({"login": "marie", "password": "x"}, "Saisissez une adresse de courriel valide."),
        ({"login": "marie\x00@agents.example", "password": "x"}, "adresse de courriel valide"),
    ],
)
def test_what_is_missing_is_named(client, data, sentence):
    assert sentence in words_of(client.post(CONNEXION, data))


def test_an_inactive_agent_is_told_why_only_with_the_right_password(client):
    f.NationalFactory(email="marie@agents.example", is_active=False)
    assert "Ce compte est désactivé." in words_of(sign_in(client, "marie@agents.example"))
    assert "désactivé" not in words_of(sign_in(client, "marie@agents.example", "mauvais"))
    assert "_auth_user_id" not in client.session


def test_an_open_session_ends_when_the_agent_is_deactivated(signed_in, national):
    client = signed_in(national)
    assert client.get(reverse("admin:index")).status_code == 200
    type(national).objects.filter(pk=national.pk).update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302


def test_signing_in_is_no_change_of_the_agent(client):
    agent = f.NationalFactory()
    before = agent.history.count()
    sign_in(client, agent.email)
    agent.refresh_from_db()
    assert agent.last_login is not None
    assert (agent.version, agent.history.count()) == (1, before)


def test_nothing_is_shown_before_signing_in(client, contrats):
    page = f"/admin/programme/contrat/{contrats.normand.pk}/change/"
    response = client.get(page, follow=True)
    assert response.redirect_chain == [
        (f"/admin/login/?next={page}", 302),
        (
            f"{CONNEXION}?next=%2Fadmin%2Fprogramme%2Fcontrat%2F{contrats.normand.pk}%2Fchange%2F",
            302,
        ),
    ]
    assert "Acte normande" not in response.content.decode()


def test_one_comes_back_to_the_page_that_was_asked_for(client, national):
    page = "/admin/programme/contrat/?publication__exact=brouillon"
    response = sign_in(client, national.email, follow=False, next=page)
    assert (response.status_code, response.url) == (302, page)


@pytest.mark.parametrize(
    "elsewhere", ["https://ailleurs.invalid/", "//ailleurs.invalid", "javascript:alert(1)"]
)
def test_one_is_never_sent_elsewhere(client, national, elsewhere):
    response = sign_in(client, national.email, follow=False, next=elsewhere)
    assert response.url == reverse("admin:index")
    response = client.get("/admin/login/", {"next": elsewhere})
    assert "ailleurs" not in client.get(response.url, follow=True).request["PATH_INFO"]


def test_nobody_signs_up(client):
    for path in ("inscription", "signup", "email"):
        assert client.get(f"/admin/compte/{path}/").status_code == 302  # the admin's: to sign in
    assert "crire" not in words_of(client.get(CONNEXION)).replace("Récrire", "")


def test_leaving_ends_the_session_and_says_so(client, national):
    sign_in(client, national.email)
    assert client.get("/admin/compte/deconnexion/").status_code == 200
    assert client.get(reverse("admin:index")).status_code == 200, "a link signs nobody out"
    response = client.post(reverse("admin:logout"), follow=True)
    assert "Vous êtes déconnecté." in words_of(response)
    assert "_auth_user_id" not in client.session


def test_no_cookie_before_the_page_to_sign_in(client):
    for page in ("/", "/territoires/", "/donnees/"):
        assert not client.get(page).cookies
    assert set(client.get(CONNEXION).cookies) == {"csrftoken"}


def test_pages_of_identity_are_kept_by_no_cache(client, national):
    assert "no-store" in client.get(CONNEXION)["Cache-Control"]
    client.force_login(national)
    for name in ("mfa_index", "usersessions_list"):
        response = client.get(reverse(name))
        assert "no-store" in response["Cache-Control"]
        assert "ETag" not in response


def test_signing_in_costs_the_page_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(CONNEXION)


def test_rights_come_from_the_role_at_every_word_of_the_backend(national, normandie):
    """Django's own words would look for groups and permissions, which agents do not have."""
    redacteur = f.RedacteurFactory(regions=[normandie])
    (backend,) = auth.get_backends()
    for agent, may in ((national, True), (redacteur, False)):
        assert agent.has_perm("territoires.change_agent") is may
        assert ("territoires.change_agent" in backend.get_user_permissions(agent)) is may
        assert ("territoires.change_agent" in backend.get_all_permissions(agent)) is may
        assert backend.get_group_permissions(agent) == frozenset()
        assert backend.has_module_perms(agent, "programme")
    assert set(backend.with_perm("territoires.change_agent")) == {national}
    assert set(backend.with_perm("programme.view_contrat")) == {national, redacteur}


async def _asked(backend, agent):
    return (
        await backend.aget_user_permissions(agent),
        await backend.aget_all_permissions(agent),
        await backend.aget_group_permissions(agent),
        await backend.ahas_perm(agent, "territoires.change_agent"),
        await backend.ahas_module_perms(agent, "territoires"),
    )


def test_rights_are_the_same_when_asked_asynchronously(national):
    (backend,) = auth.get_backends()
    rights = backend.get_all_permissions(national)
    # Nothing here waits: one step ends the coroutine, in or out of a browser's event loop.
    with pytest.raises(StopIteration) as done:
        _asked(backend, national).send(None)
    assert done.value.value == (rights, rights, frozenset(), True, True)


def test_closing_other_sessions_asks_who_is_there(client, national, monkeypatch):
    """A browser left open is not enough, once some minutes have passed since signing in."""
    sign_in(client, national.email)
    other = Client()
    sign_in(other, national.email)
    page = reverse("usersessions_list")
    assert "Fermer les autres sessions" in words_of(client.get(page))
    session = client.session
    session[OUVERTE] -= 3_600
    for method in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        method["at"] -= 3_600
    session.save()
    asked = client.post(page, follow=True)
    assert asked.request["PATH_INFO"] == reverse("account_reauthenticate")
    assert other.get(page).status_code == 200
    client.post(asked.redirect_chain[-1][0], {"password": f.MOT_DE_PASSE}, follow=True)
    assert other.get(page).status_code == 302
    assert client.get(page).status_code == 200
    assert JournalAcces.objects.filter(acte=JournalAcces.Acte.SESSIONS).count() == 1
