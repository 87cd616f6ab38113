"""The words of a list: a place by its name, what the order is, why there is nothing."""

import pytest
from django.urls import reverse

from programme.models import Publication
from tests import factories

from .outils import ask, codes, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def homonymes():
    aude, seine = (factories.DepartementFactory(code=c, nom=n) for c, n in
                   (("11", "Aude"), ("93", "Seine-Saint-Denis")))  # fmt: skip
    return [
        factories.CommuneFactory(code="11339", nom="Saint-Denis", departement=aude),
        factories.CommuneFactory(code="93066", nom="Saint-Denis", departement=seine),
    ]


@pytest.mark.parametrize(
    "words", ["Caen", "caen", "14118", " 14118 ", "Caen (14)", "CAEN (Calvados)"]
)
def test_a_commune_is_filtered_by_the_words_people_use(client, words):
    calvados = factories.DepartementFactory(code="14", nom="Calvados")
    caen = factories.CommuneFactory(code="14118", nom="Caen", departement=calvados)
    projet = factories.ProjetFactory(commune=caen)
    factories.ProjetFactory()
    assert codes(client, "projets", commune=words) == [projet.code]
    response = ask(client, "projets", commune=words)
    assert "Commune : Caen (14)" in text(response)
    assert 'value="Caen (14)"' in response.content.decode()


def test_a_name_that_several_have_asks_which(client, homonymes):
    response = ask(client, "projets", commune="saint denis")
    assert response.status_code == 400
    assert "Plusieurs s’appellent « saint denis »" in text(response)
    assert "« Saint-Denis (11) » ; « Saint-Denis (93) »" in text(response)
    projet = factories.ProjetFactory(commune=homonymes[1])
    factories.ProjetFactory(commune=homonymes[0])
    assert codes(client, "projets", commune="Saint-Denis (93)") == [projet.code]


def test_a_name_that_nobody_has_is_told_with_the_nearest(client):
    factories.CommuneFactory(nom="Châtellerault", departement__code="86")
    response = ask(client, "projets", commune="Chatelerault")
    assert response.status_code == 400
    assert "Vouliez-vous dire « Châtellerault (86) » ?" in text(response)
    response = ask(client, "projets", commune="xyzxyz")
    assert "n’est ni le nom ni le code d’une commune connue" in text(response)


def test_an_earlier_name_leads_to_the_commune_of_today(client):
    commune = factories.CommuneFactory(nom="Mortagne")
    factories.CommuneAncienneFactory(commune=commune, nom="Loisé", code="61231")
    projet = factories.ProjetFactory(commune=commune)
    for words in ("Loisé", "61231"):
        assert codes(client, "projets", commune=words) == [projet.code]


def test_an_intercommunalite_by_its_name_too(client):
    body = factories.IntercommunaliteFactory(nom="CC du Pays de L’Aigle", siren="246100382")
    commune = factories.CommuneFactory(intercommunalite=body)
    factories.CommuneFactory()
    for words in ("Pays de l’Aigle", "CC du Pays de L’Aigle", "246100382"):
        assert codes(client, "communes", intercommunalite=words) == [commune.code]
    assert "CC du Pays de L’Aigle (246100382)" in text(
        ask(client, "communes", intercommunalite="246100382")
    )


@pytest.mark.parametrize(
    ("liste", "words"),
    [
        ("projets", "Code (de A à Z), sans autre choix"),
        ("territoires", "Nom (de A à Z), sans autre choix"),
        ("contrats", "Signature (de la plus récente à la plus ancienne), sans autre choix"),
    ],
)
def test_the_usual_order_says_what_it_is(client, liste, words):
    page = text(client.get(reverse("filtrer", args=[liste])))
    assert words in page
    assert f"Trier : {words.removesuffix(', sans autre choix')}" in text(ask(client, liste))
    assert "Ordre habituel" not in page


def test_nothing_published_is_not_the_fault_of_a_filter(client):
    factories.ProjetFactory(publication=Publication.BROUILLON)
    for parameters in ({}, {"axe": "innover"}):
        page = text(ask(client, "projets", **parameters))
        assert "Rien n’est encore publié dans cette liste" in page
        assert "Retirer un" not in page


def test_one_filter_that_keeps_nothing_is_named(client):
    factories.ProjetFactory.create_batch(3, axe="recruter")
    page = text(ask(client, "projets", axe="innover"))
    assert "Ce filtre ne garde aucune ligne" in page
    assert "Sans lui, la liste compte 3 projets" in page


def test_each_filter_says_what_it_keeps_alone_and_what_is_left_without_it(client):
    factories.ProjetFactory.create_batch(2, axe="recruter", filiere="Bois")
    response = ask(client, "projets", axe="innover", filiere="Bois")
    page = text(response)
    assert "« Axe : innover » ne garde rien, même seul ; sans lui , 2 projets" in page
    assert "« Filière : Bois » : seul, il garde 2 projets ; sans lui , aucun projet" in page
    assert [part.url for part in response.context["vide"]["parts"]] == [
        "?filiere=Bois",
        "?axe=innover",
    ]


def test_a_filter_that_makes_no_sense_alone_says_what_is_left_without_it(client):
    factories.TerritoireFactory()
    factories.TerritoireFactory(phase_id=2)
    page = text(ask(client, "territoires", phase="2", projets_phase1="oui"))
    assert "« Projets de la phase 1 situés ici : au moins un » ; sans lui , 1 territoire" in page


def test_when_no_single_filter_is_to_blame(client):
    factories.ProjetFactory(axe="recruter", filiere="Bois")
    factories.ProjetFactory(axe="recruter", filiere="Eau")
    page = text(ask(client, "projets", axe="innover", q="introuvable", filiere="Eau"))
    assert "« Filière : Eau » : seul, il garde 1 projet ; sans lui , aucun projet" in page
    assert "Sans aucun filtre, la liste compte 2 projets" in page


def test_a_value_that_is_a_code_is_told_by_its_name(client):
    bretagne = factories.RegionFactory(code="53", nom="Bretagne")
    commune = factories.CommuneFactory(code="35238", nom="Rennes")
    factories.TerritoireFactory(region_porteuse=bretagne, regions=[bretagne])
    factories.ProjetFactory(commune=commune, siren="810565101")
    assert "Bretagne (53)" in text(ask(client, "valeurs", colonne="region_porteuse"))
    assert "Rennes" in text(ask(client, "valeurs", colonne="commune", jeu="projets"))
    assert "810565101" in text(ask(client, "valeurs", colonne="siren", jeu="projets"))
    kept = ask(client, "valeurs", colonne="region_porteuse", format="csv")
    written = kept.getvalue().decode()
    assert ",53," in written
    assert "Bretagne (53)" not in written
