"""Who gives rights: national administrators, to others."""

import pytest

from territoires.models import Agent, Role
from tests import factories as f
from tests.programme.backoffice.outils import address, form_data, messages_of


@pytest.fixture
def client(signed_in, national):
    return signed_in(national)


def new(client, **values):
    page = address(Agent, "add")
    data = {
        "email": "Marie.Durand@Agents.example",
        "nom": "Marie Durand",
        "role": Role.REDACTEUR,
        "usable_password": "true",
        "password1": f.MOT_DE_PASSE,
        "password2": f.MOT_DE_PASSE,
        **values,
    }
    assert client.get(page).status_code == 200
    return client.post(page, data)


def test_a_new_agent_signs_in_and_holds_its_region(client, normandie, signed_in):
    assert new(client, regions=["28"]).status_code == 302
    agent = Agent.objects.get(email="marie.durand@agents.example")
    assert list(agent.regions.all()) == [normandie]
    assert agent.check_password(f.MOT_DE_PASSE)
    assert signed_in(agent).get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Ce rôle s’exerce dans une région au moins"),
        ({"role": Role.REFERENT}, "Un référent d’opérateur a un opérateur"),
        ({"role": Role.NATIONAL, "password2": "autre"}, "ne correspondent pas"),
        (
            {"role": Role.NATIONAL, "password1": "court", "password2": "court"},
            "trop court",
        ),
    ],
)
def test_what_a_role_needs_is_asked_for(client, normandie, values, sentence):
    assert sentence in messages_of(new(client, **values))


def test_the_same_address_in_another_case_is_taken(client, normandie):
    f.AgentFactory(email="MARIE.durand@agents.example")
    response = new(client, role=Role.NATIONAL)
    assert "déjà" in messages_of(response)


def change(client, agent, **values):
    page = address(Agent, "change", agent.pk)
    data = {**form_data(client.get(page)), **values}
    data.pop("password", None)
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


def test_a_password_is_given_by_an_administrator(client, normandie):
    agent = f.RedacteurFactory(regions=[normandie])
    other = "Un-autre-mot-de-passe-2020"
    data = {"password1": other, "password2": other, "usable_password": "true"}
    assert client.post(f"/admin/territoires/agent/{agent.pk}/password/", data).status_code == 302
    agent.refresh_from_db()
    assert agent.check_password(other)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NATIONAL])
def test_nobody_else_gives_rights(signed_in, normandie, role):
    operateur = f.OperateurFactory() if role == Role.REFERENT else None
    agent = f.AgentFactory(role=role, operateur=operateur)
    client = signed_in(agent)
    for page in (
        address(Agent, "changelist"),
        address(Agent, "add"),
        address(Agent, "change", agent.pk),
        f"/admin/territoires/agent/{agent.pk}/password/",
    ):
        assert client.get(page).status_code == 403
        assert client.post(page, {"role": Role.NATIONAL}).status_code == 403


def test_an_agent_is_never_deleted(client, normandie):
    agent = f.RedacteurFactory(regions=[normandie])
    assert client.post(address(Agent, "delete", agent.pk), {"post": "yes"}).status_code == 403


def test_everybody_changes_their_own_password(signed_in, redacteur):
    client = signed_in(redacteur)
    assert "Changer mon mot de passe" in client.get("/admin/").content.decode()
    other = "Un-autre-mot-de-passe-2020"
    data = {"old_password": f.MOT_DE_PASSE, "new_password1": other, "new_password2": other}
    assert client.post("/admin/password_change/", data).status_code == 302
    redacteur.refresh_from_db()
    assert redacteur.check_password(other)
