"""That a committee validated is written by who may validate, whatever the door."""

import pytest

from programme.models import Contrat, Decision, Projet, Publication, Seance
from tests import factories as f
from tests.programme.backoffice.outils import act_address, address, form_data, messages_of

pytestmark = pytest.mark.django_db
RESERVEE = "choisissez « autre », ou demandez-le au secrétariat du comité"
Type = Decision.Type
# Who may write a decision of each type, in a draft séance of their région.
TYPES = {Type.CONTRAT: False, Type.PROJET: False, Type.CARTE: False, Type.AUTRE: True}


@pytest.fixture
def place(normandie, contrats):
    seance = f.SeanceFactory(comite_regional__region=normandie, publication=Publication.BROUILLON)
    territoire = contrats.normand.territoire
    projet = f.ProjetFactory(territoire=territoire, publication=Publication.BROUILLON)
    return {
        "seance": seance,
        "territoire": territoire,
        "contrat": contrats.normand,
        "projet": projet,
    }


@pytest.fixture
def writer(signed_in, redacteur):
    return signed_in(redacteur)


def about(place, kind):
    """What a decision of a type names."""
    names = {Type.CONTRAT: "contrat", Type.PROJET: "projet", Type.CARTE: "territoire"}
    return {names[kind]: place[names[kind]].pk} if kind in names else {}


def own_page(client, place, kind):
    page = address(Decision, "add")
    sent = form_data(client.get(page)) | {
        "seance": place["seance"].pk,
        "type": kind,
        "texte": "Oui",
    }
    return client.post(page, sent | about(place, kind))


def line_of_a_seance(client, place, kind):
    page = address(Seance, "change", place["seance"].pk)
    sent = form_data(client.get(page)) | {"decisions-TOTAL_FORMS": "1"}
    line = {"type": kind, "texte": "Oui", **about(place, kind)}
    return client.post(page, sent | {f"decisions-0-{name}": value for name, value in line.items()})


def decision(place, kind):
    return f.DecisionFactory(
        seance=place["seance"],
        type=kind,
        texte="Non",
        **{f"{name}_id": key for name, key in about(place, kind).items()},
    )


def change_of_its_page(client, place, kind):
    page = address(Decision, "change", decision(place, kind).pk)
    return client.post(page, form_data(client.get(page)) | {"texte": "Oui"})


def change_of_type(client, place, kind):
    page = address(Decision, "change", decision(place, Type.AUTRE).pk)
    sent = form_data(client.get(page)) | {"type": kind, "texte": "Oui"}
    return client.post(page, sent | about(place, kind))


DOORS = [own_page, line_of_a_seance, change_of_its_page, change_of_type]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("kind", "allowed"), TYPES.items())
def test_a_redacteur_writes_no_validation(writer, place, door, kind, allowed):
    response = door(writer, place, kind)
    written = Decision.objects.filter(type=kind, texte="Oui").exists()
    assert written == allowed, messages_of(response) if response.context else ""
    if not allowed:
        assert response.status_code == 200
        assert RESERVEE in messages_of(response)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", TYPES)
def test_a_secretariat_writes_all(signed_in, secretariat, place, door, kind):
    door(signed_in(secretariat), place, kind)
    assert Decision.objects.filter(type=kind, texte="Oui").exists()


@pytest.mark.parametrize(("kind", "allowed"), TYPES.items())
def test_a_redacteur_removes_no_validation(signed_in, redacteur, place, kind, allowed):
    client = signed_in(redacteur)
    row = decision(place, kind)
    page = address(Decision, "delete", row.pk)
    assert client.get(page).status_code == (200 if allowed else 403)
    page = address(Seance, "change", place["seance"].pk)
    response = client.post(page, form_data(client.get(page)) | {"decisions-0-DELETE": "on"})
    assert Decision.objects.filter(pk=row.pk).exists() != allowed
    if not allowed:
        assert RESERVEE in messages_of(response)


def test_the_rest_of_a_seance_that_validated_is_still_written(signed_in, redacteur, place):
    decision(place, Type.CONTRAT)
    client = signed_in(redacteur)
    page = address(Seance, "change", place["seance"].pk)
    response = client.post(page, form_data(client.get(page)) | {"lieu": "Caen"})
    place["seance"].refresh_from_db()
    assert place["seance"].lieu == "Caen", messages_of(response) if response.context else ""


@pytest.mark.parametrize(("model", "nom"), [(Contrat, "valider"), (Projet, "contractualiser")])
def test_the_acts_are_closed_to_a_redacteur(signed_in, redacteur, place, model, nom):
    record = place[model._meta.model_name]
    for answer in (signed_in(redacteur).get, signed_in(redacteur).post):
        assert answer(act_address(record, nom)).status_code == 403
    assert not Decision.objects.exists()


def test_what_is_published_is_proposed_without_a_validation(signed_in, redacteur, place):
    seance = place["seance"]
    Seance.objects.filter(pk=seance.pk).update(publication=Publication.PUBLIE)
    response = line_of_a_seance(signed_in(redacteur), place, Type.CONTRAT)
    assert RESERVEE in messages_of(response)
    assert not Decision.objects.exists()
