"""Sign-in by e-mail."""

import pytest
from django.urls import reverse

from tests import factories as f

LOGIN = "/admin/login/"


def sign_in(client, email, password=f.MOT_DE_PASSE):
    return client.post(LOGIN, {"username": email, "password": password}, follow=True)


@pytest.mark.parametrize("typed", ["marie.durand@agents.example", "MARIE.Durand@Agents.Example"])
def test_the_case_of_the_address_does_not_matter(client, db, typed):
    agent = f.NationalFactory(email="Marie.Durand@agents.example")
    response = sign_in(client, typed)
    assert response.redirect_chain == [(reverse("admin:index"), 302)]
    assert response.context["user"] == agent


def test_the_page_is_in_french_and_names_the_address(client, db):
    content = client.get(LOGIN).content.decode()
    assert "Adresse électronique" in content
    assert "Se connecter" in content
    assert 'lang="fr"' in content


@pytest.mark.parametrize("email", ["inconnue@agents.example", "marie@agents.example"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client, db, email):
    f.NationalFactory(email="marie@agents.example")
    content = sign_in(client, email, "mauvais").content.decode()
    assert "Adresse électronique ou mot de passe inconnu." in content


def test_an_inactive_agent_is_told_why_only_with_the_right_password(client, db):
    f.NationalFactory(email="marie@agents.example", is_active=False)
    assert "Ce compte est désactivé." in sign_in(client, "marie@agents.example").content.decode()
    wrong = sign_in(client, "marie@agents.example", "mauvais").content.decode()
    assert "désactivé" not in wrong
    assert "_auth_user_id" not in client.session


def test_an_open_session_ends_when_the_agent_is_deactivated(signed_in, national):
    client = signed_in(national)
    assert client.get(reverse("admin:index")).status_code == 200
    type(national).objects.filter(pk=national.pk).update(is_active=False)
    assert client.get(reverse("admin:index")).status_code == 302


def test_signing_in_is_no_change_of_the_agent(client, db):
    agent = f.NationalFactory()
    before = agent.history.count()
    sign_in(client, agent.email)
    agent.refresh_from_db()
    assert agent.last_login is not None
    assert (agent.version, agent.history.count()) == (1, before)


def test_nothing_is_shown_before_signing_in(client, contrats):
    response = client.get(f"/admin/programme/contrat/{contrats.normand.pk}/change/")
    assert response.status_code == 302
    assert response.url.startswith(LOGIN)
