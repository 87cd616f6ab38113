"""Who has signed, on the map of the list of contracts: the same rows, words and counts."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from programme.models import Contrat, Publication
from tests.factories import ContratFactory, RegionFactory, TerritoireFactory

from .outils import GRAND_ORLY, PAU, SACLAY, member, page

pytestmark = pytest.mark.django_db

URL = reverse("contrats")
DEBUT = date(2019, 3, 6)
PREPARE = {
    "statut": Contrat.Statut.EN_PREPARATION,
    "date_signature": None,
    "precision_signature": "",
}
FORME = re.compile(
    r'<(?:a class="carte-lien" href="([^"]*)"|g class="carte-muet")[^>]*>\s*<title>([^<]*)</title>'
)


@pytest.fixture
def territoires():
    """Pau, of which two acts are known, Orly, one that is prepared, Saclay, none."""
    made = {}
    for nom, siren in (("Pau", PAU), ("Orly", GRAND_ORLY), ("Saclay", SACLAY)):
        made[nom] = TerritoireFactory(rattachement=None, nom=nom)
        member(made[nom], siren, debut=DEBUT)
    ContratFactory(territoire=made["Pau"], **PREPARE)
    ContratFactory(territoire=made["Pau"], statut=Contrat.Statut.SIGNE)
    ContratFactory(territoire=made["Orly"], **PREPARE)
    ContratFactory(territoire=made["Saclay"], publication=Publication.BROUILLON)
    return made


def shapes(response):
    found = FORME.findall(response.text)
    return [(title, unescape(url)) for url, title in found]


def test_each_territory_once_under_its_furthest_status(client, territoires):
    response = client.get(URL)
    orly = territoires["Orly"].contrats.get()
    assert shapes(response) == [
        ("aucun acte de cette liste", ""),
        ("Pau : signé", f"?territoire={territoires['Pau'].code}"),
        ("Orly : en préparation", f"{orly.get_absolute_url()}?liste=tout"),
    ]
    said = page(response)
    assert "La carte de ces contrats : 2 territoires" in said
    assert "signé (1) en préparation (1) aucun acte de cette liste (1)" in said
    assert "Signé Pau En préparation Orly" in said


def test_the_map_is_of_the_rows_that_the_filters_keep(client, territoires):
    response = client.get(URL, {"statut": "en préparation"})
    assert [title for title, _ in shapes(response)][1:] == [
        "Orly : en préparation",
        "Pau : en préparation",
    ]
    cited = {"chiffre": "contrats-territoires?statut=signé"}
    citation = page(client.get(client.post(reverse("citer"), cited)["Location"]))
    assert "1 territoire" in citation
    assert "Statut le plus avancé Territoires signé 1" in citation


def test_one_region_is_seen_near_with_its_neighbours_by_name(client, territoires):
    region = RegionFactory(code="75", nom="Nouvelle-Aquitaine")
    territoires["Pau"].regions.add(region)
    response = client.get(URL, {"region": "75"})
    assert [title for title, _ in shapes(response)] == ["Pau : signé"]
    assert response.context["carte"].dessin.contour


def test_without_an_act_there_is_no_map(client):
    assert "carte-contrats" not in client.get(URL).text


def test_what_has_no_known_outline_is_named(client):
    ContratFactory(territoire=TerritoireFactory(nom="Îles du Ponant"))
    assert "Contour inconnu, absent du dessin : Îles du Ponant : " in page(client.get(URL))
