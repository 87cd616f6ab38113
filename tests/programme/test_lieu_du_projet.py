"""Where a project lies: its commune, else its département, else its territory."""

import pytest

from programme.models import Document, Financement, Projet
from tests import factories as f
from tests.programme.catalogue.pages.outils import texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def caen():
    departement = f.DepartementFactory(code="14", nom="Calvados", region__code="28")
    return f.CommuneFactory(code="14118", nom="Caen", departement=departement)


@pytest.fixture
def projet(caen):
    """One that says its commune alone: neither département nor territory."""
    return f.ProjetFactory(commune=caen, departement=None, territoire=None, publication="publié")


def test_a_project_at_caen_is_of_normandie_before_it_has_a_territory(client, projet, caen):
    normandie = caen.departement.region
    office = f.RedacteurFactory(regions=[normandie])
    other = f.RedacteurFactory(regions=[f.RegionFactory()])
    financement = f.FinancementFactory(projet=projet)
    document = f.DocumentFactory(projet=projet, territoire=None)
    for model, row in ((Projet, projet), (Financement, financement), (Document, document)):
        assert list(model.objects.visible_to(office)) == [row]
        assert list(model.objects.visible_to(other)) == []
    for query in ("region=28", "departement=14"):
        found = client.get(f"/projets/?{query}&format=json&page=1").json()["results"]
        assert [row["code"] for row in found] == [projet.code]
        assert (found[0]["region"], found[0]["departement"]) == ("28", "14")
        assert (found[0]["region_nom"], found[0]["departement_nom"]) == (
            normandie.nom,
            "Calvados",
        )
    row = next(
        r for r in client.get("/regions/?format=json&page=1").json()["results"] if r["code"] == "28"
    )
    assert row["nb_projets"] == 1
    assert "1 projet" in texte(client.get(normandie.get_absolute_url()))


def test_the_commune_comes_before_the_departement(projet):
    projet.departement = f.DepartementFactory()
    projet.save()
    assert list(Projet.objects.in_region(projet.commune.departement.region)) == [projet]
    assert not Projet.objects.in_region(projet.departement.region)


def test_without_place_the_territory_says_the_region(caen):
    territoire = f.TerritoireFactory()
    projet = f.ProjetFactory(commune=None, departement=None, territoire=territoire)
    assert list(Projet.objects.in_region(territoire.region_porteuse)) == [projet]
    nowhere = f.ProjetFactory(commune=None, departement=None, territoire=None)
    assert list(Projet.objects.in_region(None)) == [nowhere]
