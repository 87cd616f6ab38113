"""Whatever anybody asks for by GET, the database does not grow without bound."""

import random

import pytest
from django.apps import apps
from django.urls import reverse

from programme.donnees import exports
from programme.models import Preuve, preuves
from tests import factories
from tests.programme.donnees.outils import body
from tests.test_urls import MODELS_WITH_PAGE, WITHOUT_ARGUMENT

pytestmark = pytest.mark.django_db
BORNEES = {"programme.Preuve", "programme.DonneesVersion"}
"""What a reading may write: so many a day, and one row."""


def counts():
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.label not in BORNEES
    }


def test_no_address_leaves_a_row(client):
    records = [getattr(factories, f"{model.__name__}Factory")() for model in MODELS_WITH_PAGE]
    addresses = [reverse(name) for name in WITHOUT_ARGUMENT]
    addresses += [record.get_absolute_url() for record in records]
    client.get("/")
    before = counts()
    draw = random.Random(2027)
    queries = "", "?q={}", "?format=csv&q={}", "?page={}"
    for address in addresses:
        page = address.partition("#")[0]
        query = draw.choice(queries).format(draw.random())
        body(client.get(f"{page}{query}", headers={"x-forwarded-for": str(draw.random())}))
    assert counts() == before
    assert "sessionid" not in client.cookies


def test_digests_of_selections_are_bounded(client, monkeypatch):
    factories.ProjetFactory()
    for module in (preuves, exports):
        monkeypatch.setattr(module, "SELECTIONS_PAR_ADRESSE", 4)
    monkeypatch.setattr(preuves, "SELECTIONS_PAR_JOUR", 6)
    for visitor in range(5):
        for rank in range(6):
            body(
                client.get(
                    f"/projets/?format=csv&emplois_crees_max={1_000 + visitor * 10 + rank}",
                    REMOTE_ADDR=f"192.0.2.{visitor}",
                )
            )
            body(
                client.get(
                    f"/projets/?format=json&emplois_crees_max={1_000 + visitor * 10 + rank}",
                    REMOTE_ADDR=f"192.0.2.{visitor}",
                )
            )
    assert 0 < Preuve.objects.filter(entiere=False).count() <= 6
