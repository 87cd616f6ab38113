"""The data package, as frictionless reads it: the description itself, then each file against it."""

import json

import pytest
from django.urls import reverse
from frictionless import Package, Resource

from programme.donnees.jeux import JEUX
from tests import factories
from tests.programme.donnees.outils import body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("donnees_reelles")]
LONGS = {"communes", "bassins", "emploi", "besoins", "valeurs"}
"""Datasets of thousands of rows, which take minutes to be read cell by cell."""
MOTS = ["=1+1", '"cité", et ; coupé', "l’été\nd’après", "0012", "\u202eeuros", "NULL", "-"]


@pytest.fixture
def paquet(client):
    return client.get(reverse("datapackage")).json()


def errors(client, tmp_path, resource):
    """What frictionless says against the file of a resource, kept beside as its reader would."""
    response = client.get(resource["path"])
    kept = tmp_path / f"{resource['name']}.csv"
    kept.write_bytes(body(response))
    told = {**resource, "path": kept.name}
    report = Resource.from_descriptor(told, basepath=str(tmp_path)).validate()
    assert report.tasks[0].stats.get("rows", 0) == int(response["X-Total-Count"])
    return report.flatten(["rowNumber", "fieldName", "code", "message"])


def test_the_description_is_a_data_package(paquet):
    assert list(Package.metadata_validate(paquet)) == []
    assert {resource["name"] for resource in paquet["resources"]} == set(JEUX)


@pytest.mark.parametrize(
    "codes",
    [set(JEUX) - LONGS, pytest.param(LONGS, marks=pytest.mark.epreuve)],
    ids=["courts", "longs"],
)
def test_every_file_keeps_what_its_schema_says(client, tmp_path, paquet, codes):
    asked = [resource for resource in paquet["resources"] if resource["name"] in codes]
    found = {each["name"]: errors(client, tmp_path, each) for each in asked}
    assert found == {code: [] for code in codes}


def test_a_hostile_text_keeps_the_schema_too(client, tmp_path, paquet):
    for text in MOTS:
        factories.ProjetFactory(objet=text, beneficiaire=text)
    (resource,) = [each for each in paquet["resources"] if each["name"] == "projets"]
    assert errors(client, tmp_path, resource) == []


def test_a_file_that_breaks_its_schema_is_seen(client, tmp_path, paquet):
    (resource,) = [each for each in paquet["resources"] if each["name"] == "regions"]
    told = json.loads(json.dumps(resource))
    (field,) = [each for each in told["schema"]["fields"] if each["name"] == "nom"]
    field["type"] = "date"
    assert {name for _, name, *_ in errors(client, tmp_path, told)} == {"nom"}
