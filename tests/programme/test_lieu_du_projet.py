"""Where a project lies: its commune, else its département, else its territory."""

from datetime import date

import pytest

from programme.lieux import Lieux, controler
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


# --- Outside any territory, or not known ------------------------------------------------------


def facette(client):
    response = client.get("/projets/")
    (critere,) = [c for c in response.context["criteres"] if c.nom == "territoire"]
    return {m.valeur: m.nombre for m in critere.modalites if m.nombre}


def test_outside_is_what_the_place_says_and_else_not_known(client, caen, projet):
    assert facette(client) == {"hors territoire": 1}
    assert "Hors de tout Territoire d’industrie" in texte(client.get(projet.get_absolute_url()))
    # The commune belongs to a territory: the project that names none is not outside.
    member = f.RattachementFactory(intercommunalite=caen.intercommunalite)
    assert facette(client) == {"non renseigné": 1}
    page = texte(client.get(projet.get_absolute_url()))
    assert "Hors de tout" not in page
    assert f"Territoire non renseigné : la commune est dans {member.territoire.nom}" in page
    # Nobody said where.
    nowhere = f.ProjetFactory(commune=None, departement=None, departement_cite="", territoire=None)
    assert facette(client) == {"non renseigné": 2}
    assert "hors" not in texte(client.get(nowhere.get_absolute_url())).lower()
    # Overseas outside the régions, where there is no territory.
    f.ProjetFactory(commune=None, departement=None, departement_cite="98", territoire=None)
    assert facette(client) == {"non renseigné": 2, "hors territoire": 1}


def test_a_laureate_lies_on_the_map_of_its_list(caen):
    """Its territory is that of the reference day of phase 1, whatever became of the member."""
    then = f.RattachementFactory(
        intercommunalite=caen.intercommunalite,
        debut=date(2019, 11, 14),
        fin=date(2022, 1, 1),
    )
    now = f.RattachementFactory(
        territoire__phase_id=2, intercommunalite=caen.intercommunalite, debut=date(2024, 7, 4)
    )
    laureate = Projet(commune=caen, mise_a_jour=date(2022, 3, 31))
    typed = Projet(commune=caen)
    lieux = Lieux([laureate, typed])
    for row, member in ((laureate, then), (typed, now)):
        assert lieux.completer(row, {"commune"})["territoire"] == (None, member.territoire_id)
        assert list(lieux.ecarts(row, {"commune", "territoire"})) == []


def test_a_departement_lies_in_its_territory(caen):
    territoire = f.TerritoireFactory()
    territoire.departements.set([f.DepartementFactory()])
    projet = Projet(departement=caen.departement, territoire=territoire)
    (ecart,) = Lieux([projet]).ecarts(projet, {"departement"})
    assert (ecart.champ, ecart.doute) == ("departement", False)
    assert "n’est pas un département du territoire" in ecart.phrase
    assert [told[1] for told in controler([projet])] == ["departement"]


def test_a_filter_finds_what_lies_in_a_commune_that_is_gone(client, projet, caen):
    heir = f.CommuneFactory(code="14999", nom="Grand-Caen", departement=caen.departement)
    f.MouvementCommuneFactory(commune=caen, rejointe=None)
    f.CommuneAncienneFactory(code="14118", commune=heir, nature="commune-absorbee")
    for code in ("14999", "14118"):
        found = client.get(f"/projets/?commune={code}&format=json&page=1").json()["results"]
        assert [row["code"] for row in found] == [projet.code]
