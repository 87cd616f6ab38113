"""An address is read as a form is, and what was understood is written again in the links."""

import re

import pytest

from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    for code, nom in (
        ("01", "Ain"),
        ("19", "Corrèze"),
        ("2A", "Corse-du-Sud"),
        ("21", "Côte-d’Or"),
    ):
        f.DepartementFactory(code=code, nom=nom)


def canonical(response):
    return response.context["canonique"].partition("?")[2]


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ({"departement": "2a"}, "departement=2A"),
        ({"departement": "1"}, "departement=01"),
        ({"departement": " 01\u200b "}, "departement=01"),
        ({"statut": "REMONTE"}, "statut=remont%C3%A9"),
        ({"investissement_eur_min": "1 500 000 €"}, "investissement_eur_min=1500000"),
        ({"investissement_eur_min": "1500000,00"}, "investissement_eur_min=1500000"),
        ({"investissement_eur_min": "12 k€"}, "investissement_eur_min=12000"),
        ({"investissement_eur_max": "1,2 M€"}, "investissement_eur_max=1200000"),
        ({"mise_a_jour_du": "31.12.2024"}, "mise_a_jour_du=2024-12-31"),
        ({"mise_a_jour_au": "1er mars 2024"}, "mise_a_jour_au=2024-03-01"),
    ],
)
def test_what_is_understood_is_written_again(client, asked, written):
    response = client.get("/projets/", asked)
    assert response.status_code == 200
    assert canonical(response) == written


@pytest.mark.parametrize(
    ("asked", "nom", "shown"),
    [
        ({"investissement_eur_min": "1,5 M€"}, "investissement_eur_min", "1 500 000 €"),
        ({"emplois_crees_max": "1234"}, "emplois_crees_max", "1 234"),
        ({"mise_a_jour_du": "31.12.2024"}, "mise_a_jour_du", "2024-12-31"),
        ({"investissement_eur_min": "1.500"}, "investissement_eur_min", "1.500"),
    ],
)
def test_the_field_echoes_what_it_understood(client, asked, nom, shown):
    page = client.get("/projets/", asked)
    (found,) = re.findall(rf'name="{nom}"[^>]*value="([^"]*)"', page.content.decode())
    assert re.sub("[\u00a0\u202f]", " ", found) == shown
    # Sent again as it is shown, it asks for the same rows.
    again = client.get("/projets/", {nom: found})
    assert again.status_code == page.status_code
    if page.status_code == 200:
        assert canonical(again) == canonical(page)


def test_an_arrondissement_is_its_commune(client):
    paris = f.CommuneFactory(code="75056", nom="Paris")
    f.CommuneAncienneFactory(code="75113", nom="Paris 13e", commune=paris)
    projet = f.ProjetFactory(commune=paris, departement=paris.departement)
    response = client.get("/projets/", {"commune": "75113"})
    assert projet.beneficiaire in response.content.decode()
    assert canonical(response) == "commune=75056"


def test_an_intercommunalite_by_its_siren(client):
    body = f.IntercommunaliteFactory(siren="200054781")
    f.CommuneFactory(intercommunalite=body)
    for written in ("200 054 781", "20005478100014"):
        response = client.get("/communes/", {"intercommunalite": written})
        assert canonical(response) == "intercommunalite=200054781"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("200 054 782", "n’est pas un SIREN : son dernier chiffre, la clé, ne correspond pas"),
        ("2000547", "n’est pas un SIREN de neuf chiffres (7 ici)"),
        ("327834214", "n’est ni le nom ni le code d’une intercommunalité connue"),
    ],
)
def test_what_is_no_siren_of_an_intercommunalite_is_told(client, written, told):
    f.CommuneFactory()
    response = client.get("/communes/", {"intercommunalite": written})
    assert response.status_code == 400
    assert told in response.content.decode().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"investissement_eur_min": "1,5"},
            "Au moins : « 1,5 » : les montants sont en euros",
        ),
        ({"investissement_eur_min": "1.500"}, "se lit de deux façons"),
        ({"emplois_crees_max": "12 k€"}, "Au plus : « 12 k€ » : ce champ est un nombre"),
        ({"emplois_crees_min": "1" + "0" * 400}, "compte 401 chiffres"),
        ({"emplois_crees_min": "١٢"}, "avec les chiffres 0 à 9"),
        ({"emplois_crees_min": "NaN"}, "n’est pas un nombre"),
        ({"mise_a_jour_du": "31/02/2024"}, "Du : « 31/02/2024 » n’existe pas au calendrier"),
        ({"mise_a_jour_du": "mars 2024"}, "par exemple 01/03/2024"),
        ({"commune": "7511300000"}, "n’est ni le nom ni le code d’une commune connue"),
    ],
)
def test_what_is_not_understood_is_told(client, asked, told):
    response = client.get("/projets/", asked)
    assert response.status_code == 400
    assert told in response.content.decode().replace("\u00a0", " ")


@pytest.mark.usefixtures("places")
def test_the_two_of_corsica_come_after_19(client):
    shown = client.get("/projets/").content.decode()
    places = [shown.index(f"({code})") for code in ("01", "19", "2A", "21")]
    assert places == sorted(places)
