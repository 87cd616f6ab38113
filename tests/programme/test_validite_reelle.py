"""Pages of every kind are valid for the Nu HTML Checker, without a warning.

Those of visitors and of the back-office, on the real data, refusals and forms sent with mistakes
among them: `make epreuves ARGS="essais --seulement validite"`.
"""

import os

import pytest

from programme.models import Publication
from territoires.models import Region
from tests import factories as f
from tests.programme.backoffice.monde import rows
from tests.programme.test_robot import PUBLIQUES, client_of
from tests.robot import Robot
from tests.vnu import MISSING, find_vnu, judged

pytestmark = [
    pytest.mark.epreuve,
    pytest.mark.une_base(ensemble=True),
    pytest.mark.lent,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]


class Lecteur(Robot):
    """A robot that keeps every page that it is answered; it leaves out and mistypes in forms."""

    hostiles = ["", "x"]
    variantes = {"formulaire": 1}

    def __init__(self, client):
        super().__init__(client, graine=1)
        self.pages = {}

    def _parametre(self, address, forms):
        """No form to send: nothing is altered."""

    def raison(self, method, response, body):
        if body and "text/html" in response.get("Content-Type", ""):
            asked = response.request
            address = f"{method} {asked['PATH_INFO']}?{asked['QUERY_STRING']}"
            self.pages[f"{response.status_code} {address}"] = body.decode()
        return super().raison(method, response, body)


@pytest.fixture(scope="session")
def vnu():
    command = find_vnu()
    if command is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return command


@pytest.mark.parametrize(
    ("role", "demandes"), [("personne", 400), ("national", 400), ("rédacteur", 200)]
)
def test_pages_are_valid_to_the_nu_html_checker(vnu, role, demandes):
    region = Region.objects.get(code="28")
    rows(region, f.OperateurFactory(), Publication.BROUILLON)
    reader = Lecteur(client_of(role, region))
    departs = PUBLIQUES if role == "personne" else ["/admin/"]
    reader.marcher(departs, demandes=demandes, variantes=1)
    assert len(reader.vues) > 50, "it goes everywhere"
    told = judged(vnu, reader.pages)
    assert {what: list(where.items())[:3] for what, where in told.items()} == {}
