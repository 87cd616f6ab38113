"""Régions and départements in every list: nobody lost, one order, names beside codes."""

import pytest
from django.urls import reverse

from programme.donnees.jeux import JEUX
from tests import factories

from .outils import LISTES, ask, read_csv, rows

pytestmark = pytest.mark.django_db

CODES = ("19", "2A", "2B", "21")
FILTRES = ("region", "departement")


def offered(client, liste, nom):
    """`{value: number}` of a filter; None when the list has no such filter."""
    shown = {c.nom: c for c in ask(client, liste).context["criteres"]}
    found = shown.get(nom)
    return found and {modalite.valeur: modalite.nombre for modalite in found.modalites}


@pytest.mark.parametrize("nom", FILTRES)
@pytest.mark.parametrize("liste", LISTES)
def test_no_record_is_lost_by_a_filter(client, liste, nom):
    """Each is found by one of the values that the filter offers, « non renseigné » included."""
    LISTES[liste].create_batch(2)
    factories.TerritoireFactory().departements.clear()
    factories.IntercommunaliteFactory().departements.clear()
    factories.ProjetFactory(commune=None, departement=None, territoire=None)
    values = offered(client, liste, nom)
    if values is None:
        pytest.skip("no such filter")
    key = JEUX[liste].cle[0]
    found = {
        row[key]
        for value, number in values.items()
        if number
        for row in rows(client, liste, **{nom: value})
    }
    assert found == {row[key] for row in rows(client, liste)} != set()


@pytest.mark.parametrize("liste", LISTES)
def test_departements_come_in_one_order(client, liste):
    for code in ("21", "2B", "19", "2A"):
        factories.DepartementFactory(code=code)
    LISTES[liste]()
    if (values := offered(client, liste, "departement")) is not None:
        assert [value for value in values if value in CODES] == list(CODES)


def test_files_have_the_same_order(client):
    places = [factories.DepartementFactory(code=code) for code in ("21", "2B", "19", "2A")]
    body = factories.IntercommunaliteFactory(departements=places)
    for place in places:
        factories.CommuneFactory(code=f"{place.code}001", departement=place, intercommunalite=body)
    (row,) = [r for r in rows(client, "intercommunalites") if r["siren"] == body.pk]
    assert row["departements"] == list(CODES)
    assert row["departements_noms"] == [
        place.nom for place in sorted(places, key=lambda p: CODES.index(p.code))
    ]
    communes = read_csv(ask(client, "communes", format="csv"))
    assert [row["departement"] for row in communes if row["departement"] in CODES] == list(CODES)


def test_a_name_stands_beside_each_code_in_files():
    """Of a région or a département, in any dataset that gives its code."""
    for jeu in JEUX.values():
        for nom in ("region", "departement", "regions", "departements", "region_porteuse"):
            beside = f"{nom}_noms" if nom.endswith("s") else f"{nom}_nom"
            assert (nom in jeu.noms) <= (beside in jeu.noms), (jeu.code, nom)


def test_the_desk_has_the_same_order(admin_client):
    for code in ("21", "2B", "19", "2A"):
        factories.DepartementFactory(code=code)
    page = admin_client.get(reverse("admin:territoires_departement_changelist"))
    assert [row.pk for row in page.context["cl"].result_list] == list(CODES)
