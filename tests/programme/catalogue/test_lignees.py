"""What phase 1 did, shown on the territories of phase 2 as such; the page and file of lignées."""

import json
from datetime import date

import pytest
from django.core.management import call_command

from territoires.lignees import Nature, comptes
from territoires.models import Lignee
from tests.factories import (
    CommuneFactory,
    ContratFactory,
    IntercommunaliteFactory,
    ProjetFactory,
    RattachementFactory,
    TerritoireFactory,
)
from tests.programme.catalogue.pages.outils import section, texte

pytestmark = pytest.mark.django_db

DEBUT = date(2023, 11, 9)


def territoire(nom, *intercommunalites, phase=1, **kwargs):
    made = TerritoireFactory(nom=nom, phase_id=phase, rattachement=None, **kwargs)
    for intercommunalite in intercommunalites:
        dated = {"debut": DEBUT, "certitude": "exacte"} if phase == 2 else {}
        RattachementFactory(territoire=made, intercommunalite=intercommunalite, **dated)
    return made


@pytest.fixture
def monde():
    """« Ancien » of phase 1, whose first intercommunalité is in « Héritier » with a new one."""
    gardee, quittee, neuve = (IntercommunaliteFactory() for _ in range(3))
    for body, habitants in ((gardee, 300), (quittee, 100), (neuve, 300)):
        CommuneFactory(intercommunalite=body, population=habitants)
    return {
        "gardee": gardee,
        "ancien": territoire("Ancien", gardee, quittee),
        "heritier": territoire("Héritier", gardee, neuve, phase=2, code="ti2-7501"),
        "sorti": territoire("Disparu", IntercommunaliteFactory()),
    }


def get(client, url, **parameters):
    response = client.get(url, parameters)
    assert response.status_code == 200, response.content.decode()[:300]
    return response


def rows(client, url, **parameters):
    """The rows of the JSON file of a list."""
    response = get(client, url, format="json", **parameters)
    return json.loads(b"".join(response.streaming_content))["results"]


def test_the_table_follows_the_map(monde):
    found = {
        (row.avant and row.avant.nom, row.apres and row.apres.nom): row
        for row in Lignee.objects.with_territoires()
    }
    row = found["Ancien", "Héritier"]
    assert (row.nature, row.communes) == (Nature.RECOMPOSE, 1)
    assert (row.part_habitants_avant, row.part_habitants_apres) == (0.75, 0.5)
    nouveau = territoire("Nouveau", IntercommunaliteFactory(), phase=2, code="ti2-7502")
    CommuneFactory(intercommunalite=nouveau.rattachements.get().intercommunalite)
    assert Lignee.objects.get(apres=nouveau).nature == Nature.NOUVEAU
    nouveau.rattachements.all().delete()
    assert not Lignee.objects.filter(apres=nouveau).exists()


def test_each_territory_is_counted_once(monde):
    found = {compte.nature: compte.nombre for compte in comptes()}
    assert found[Nature.RECOMPOSE] == 1
    assert sum(found.values()) == Lignee.objects.count()


def test_the_page_and_the_file_of_lignees(client, monde):
    page = texte(get(client, "/carte/lignees/"))
    assert "1 recomposé" in page
    assert "Ancien recomposé Héritier 1 75 % 50 %" in page
    found = rows(client, "/carte/lignees/", nature="recomposé")
    assert found == [
        {
            "phase1": monde["ancien"].pk,
            "phase2": "ti2-7501",
            "nature": "recomposé",
            "communes_communes": 1,
            "part_habitants_1": 0.75,
            "part_habitants_2": 0.5,
            "part_communes_1": 0.5,
            "part_communes_2": 0.5,
            "phase1_nom": "Ancien",
            "phase2_nom": "Héritier",
        }
    ]
    content = b"".join(get(client, "/carte/lignees/", format="csv").streaming_content).decode()
    header = content.splitlines()[0].removeprefix("\ufeff").split(",")
    assert header[:6] == [
        "phase1",
        "phase2",
        "nature",
        "communes_communes",
        "part_habitants_1",
        "part_habitants_2",
    ]


def test_a_region_keeps_the_lignees_of_either_side(client, monde):
    region = monde["ancien"].region_porteuse_id
    found = rows(client, "/carte/lignees/", region=region)
    assert [row["phase2"] for row in found if row["phase1"] == monde["ancien"].pk] == ["ti2-7501"]


def test_a_page_of_phase_1_says_what_it_is_today(client, monde):
    page = texte(get(client, monde["ancien"].get_absolute_url()))
    told = (
        "Sur la dernière liste connue : "
        "Héritier (recomposé : 1 commune partagée, 75 % des habitants d’ici)"
    )
    assert told in page
    assert "ses autres communes ne sont dans aucun territoire" in page
    assert page.index(told) < page.index("Son histoire")


def test_a_page_of_phase_1_without_an_heir_says_so(client, monde):
    CommuneFactory(intercommunalite=monde["sorti"].rattachements.get().intercommunalite)
    page = texte(get(client, monde["sorti"].get_absolute_url()))
    assert "Sur la dernière liste connue, ce n’est plus un Territoire d’industrie" in page


def test_one_that_was_united_tells_the_lignee_of_who_took_it_over(client, monde):
    parti = territoire("Réuni", successeur=monde["ancien"])
    page = texte(get(client, parti.get_absolute_url()))
    assert "Il a été réuni dans Ancien" in page
    assert "pour les communes de Ancien : Héritier (recomposé" in page


def test_a_page_of_phase_2_shows_what_phase_1_did_as_such(client, monde):
    place = monde["gardee"].communes.get()
    ProjetFactory(territoire=monde["ancien"], commune=place, objet="Four électrique")
    contrat = ContratFactory(territoire=monde["ancien"], intitule="Contrat d’avant")
    response = get(client, monde["heritier"].get_absolute_url())
    page = texte(response)
    assert "Recomposé ; en phase 1 : Ancien (1 commune partagée, 50 % des habitants d’ici)" in page
    assert "Projets de la phase 1 situés ici" in section(response, "projets")
    assert "Four électrique" in section(response, "projets")
    assert "signés par les territoires de la phase 1" in section(response, "contrat")
    assert contrat.get_absolute_url() in response.content.decode()
    assert "0 projet" not in page


def test_projects_are_found_by_place_and_said_to_be(client, monde):
    place = monde["gardee"].communes.get()
    ici = ProjetFactory(territoire=monde["ancien"], commune=place)
    ProjetFactory(territoire=monde["ancien"], commune=CommuneFactory())
    page = texte(get(client, "/projets/", territoire="ti2-7501"))
    assert "1 projet" in page
    assert "Trouvés par leur lieu" in page
    found = rows(client, "/projets/", territoire="ti2-7501")
    assert [row["code"] for row in found] == [ici.code]
    assert [row["territoire"] for row in found] == [monde["ancien"].pk]
    both = rows(client, "/projets/", territoire=["ti2-7501", monde["ancien"].pk])
    assert len(both) == 2
    assert "Trouvés par leur lieu" not in texte(
        get(client, "/projets/", territoire=monde["ancien"].pk)
    )


def test_contracts_are_found_by_lignee_and_said_to_be(client, monde):
    contrat = ContratFactory(territoire=monde["ancien"])
    ContratFactory(territoire=monde["sorti"])
    assert "Trouvés par lignée" in texte(get(client, "/contrats/", territoire="ti2-7501"))
    found = rows(client, "/contrats/", territoire="ti2-7501")
    assert [row["code"] for row in found] == [contrat.slug]


def test_the_list_of_phase_2_never_says_no_project(client, monde):
    place = monde["gardee"].communes.get()
    ProjetFactory(territoire=monde["ancien"], commune=place)
    ContratFactory(territoire=monde["ancien"], statut="signé")
    assert Lignee.objects.exists()  # what follows the factories waits to be read by the ORM
    [row] = rows(client, "/territoires/", phase="2")
    assert (row["nb_projets"], row["nb_contrats"]) == (None, None)
    assert (row["projets_phase1_ici"], row["contrats_phase1_lignee"]) == (1, 1)
    page = texte(get(client, "/territoires/", phase="2"))
    assert "Projets de la phase 1 situés ici" in page
    assert "0 projet" not in page
    for name, value, number in (
        ("projets_phase1", "oui", 1),
        ("projets_phase1", "non", 0),
        ("contrats_phase1", "signé", 1),
        ("contrats_phase1", "aucun contrat publié", 0),
    ):
        found = rows(client, "/territoires/", phase="2", **{name: value})
        assert len(found) == number, (name, value)


def test_what_phase_1_did_is_no_filter_of_its_own_territories(client, monde):
    response = client.get("/territoires/", {"projets_phase1": "oui", "format": "json"})
    assert response.status_code == 400
    assert "ajoutez phase=2" in response.json()["erreur"]
    [row, *_] = rows(client, "/territoires/")
    assert (row["projets_phase1_ici"], row["contrats_phase1_lignee"]) == (None, None)


def test_between_phases_the_map_is_compared_by_lignee(client, monde):
    asked = {"de": "2022-12-31", "a": "2023-11-09"}
    page = texte(get(client, "/carte/differences/", **asked))
    assert "1 recomposé" in page
    assert "Ancien recomposé Héritier 1 75 % 50 %" in page
    found = get(client, "/carte/differences/", format="json", **asked).json()
    assert [(row["nature"], row["de"]["nom"], row["a"]["nom"]) for row in found["lignees"]] == [
        ("recomposé", "Ancien", "Héritier")
    ]
    assert found["entrees"] == []
    within = get(client, "/carte/differences/", format="json", de="2020-01-01", a="2022-12-31")
    assert within.json()["lignees"] == []


@pytest.mark.parametrize(
    "url", ["/carte/lignees/", "/projets/?territoire=ti2-7501", "/territoires/?phase=2"]
)
def test_queries_do_not_grow(client, monde, url, django_assert_num_queries):
    def count():
        with django_assert_num_queries(100, exact=False) as captured:
            get(client, url)
        return len(captured)

    place = monde["gardee"].communes.get()
    ProjetFactory(commune=place)
    first = count()
    for number in range(4):
        ProjetFactory(commune=place)
        other = territoire(f"Autre {number}", IntercommunaliteFactory(), phase=2)
        ContratFactory(territoire=monde["ancien"])
        CommuneFactory(intercommunalite=other.rattachements.get().intercommunalite)
    assert count() == first


def test_a_base_loaded_before_the_table_gets_its_lignees_with_it(monde):
    assert Lignee.objects.exists()
    Lignee.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Lignee.objects.filter(nature=Nature.RECOMPOSE).exists()
