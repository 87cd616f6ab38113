"""The page of a territory."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories import (
    AutreNomFactory,
    AvenantFactory,
    BassinCommuneFactory,
    BesoinMainOeuvreFactory,
    CommuneFactory,
    ContratFactory,
    DecisionFactory,
    DocumentFactory,
    MesureEmploiFactory,
    OperateurFactory,
    ProjetFactory,
    RattachementFactory,
    ReferentFactory,
    RegionFactory,
    SeanceFactory,
    ServiceFactory,
    TerritoireFactory,
)

from .outils import PUBLICATIONS_CACHEES, section, texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def territoire():
    return TerritoireFactory(nom="Pays de l’Aigle")


def fill(territoire, number):
    """One more of everything that the page shows."""
    membre = RattachementFactory(territoire=territoire).intercommunalite
    AutreNomFactory(territoire=territoire)
    contrat = ContratFactory(territoire=territoire)
    AvenantFactory(contrat=contrat)
    DecisionFactory(territoire=territoire, seance=SeanceFactory(date=date(2020, 1, 1 + number)))
    DocumentFactory(territoire=territoire)
    ProjetFactory(territoire=territoire)
    operateur = OperateurFactory()
    ServiceFactory(operateur=operateur)
    ReferentFactory(territoire=territoire, operateur=operateur)
    commune = CommuneFactory(intercommunalite=membre)
    BesoinMainOeuvreFactory(bassin=BassinCommuneFactory(commune=commune).bassin)
    MesureEmploiFactory(intercommunalite=membre)


def test_queries_do_not_grow(client, territoire, django_assert_num_queries):
    fill(territoire, 0)
    url = territoire.get_absolute_url()
    # Fourteen of the page (no neighbour to look for), one of the cache, three once a version.
    with django_assert_num_queries(21):
        client.get(url)
    for number in range(1, 5):
        fill(territoire, number)
    with django_assert_num_queries(21):
        client.get(url)


def test_a_sum_says_what_carries_it(client, territoire):
    for jobs in (2, 10, 40):
        ProjetFactory(territoire=territoire, emplois_crees=jobs)
    read = section(client.get(territoire.get_absolute_url()), "projets")
    assert "Emplois créés : 52 (3 sur 3 renseignés) (médiane : 10)" in read


def test_an_empty_territory_says_what_is_missing(client, territoire):
    read = texte(client.get(territoire.get_absolute_url()))
    assert "Aucun protocole ni contrat publié pour ce territoire" in read
    assert "Aucun projet publié dans ce territoire." in read
    assert (
        "ne dit L’élu du binôme ; l’industriel du binôme ; le chef de projet ; s’il était "
        "préfigurateur ; un protocole ou un contrat signé ; la feuille de route" in read
    )
    assert "Le bassin d’emploi des communes de ce territoire n’est pas renseigné." in read


def test_the_page_keeps_what_its_portrait_finds_and_leads_there(client, territoire):
    france = {"intercommunalite": None, "valeur": 11}
    MesureEmploiFactory(**france)
    MesureEmploiFactory(intercommunalite=territoire.rattachements.get().intercommunalite, valeur=20)
    response = client.get(territoire.get_absolute_url())
    assert section(response, "portrait").startswith("Portrait Plus industriel que la France.")
    leads = f'href="{territoire.get_portrait_url()}'
    assert f"{leads}#portrait" in response.text
    assert f"{leads}#membres" in response.text
    # Addresses that were given of what was here still lead to where it is told.
    for ancre in ("membres", "graphique-territoire-industrie", "metiers"):
        assert f'id="{ancre}"' in response.text
    portrait = client.get(territoire.get_portrait_url())
    assert 'id="graphique-territoire-industrie"' in portrait.text
    assert f'href="{territoire.get_absolute_url()}"' in portrait.text


def test_a_territory_without_a_figure_leads_to_its_members_alone(client, territoire):
    response = client.get(territoire.get_absolute_url())
    assert f"{territoire.get_portrait_url()}#portrait" not in response.text
    assert f"{territoire.get_portrait_url()}#membres" in response.text


def test_a_portrait_is_found_by_code_and_says_so_when_there_is_none(client, territoire):
    response = client.get(reverse("portrait", args=[territoire.code]))
    assert response.status_code == 301
    assert response["Location"] == territoire.get_portrait_url()
    absent = client.get(reverse("portrait", args=["inconnu"]))
    assert absent.status_code == 404
    assert "Aucun territoire à cette adresse." in texte(absent)
    refused = client.get(territoire.get_portrait_url() + "?format=json")
    assert refused.status_code == 400
    assert "Ce paramètre n’existe pas à cette adresse." in texte(refused)


def test_members_have_their_dates(client, territoire):
    RattachementFactory(
        territoire=territoire,
        intercommunalite__nom="CC de la Risle",
        debut=date(2019, 3, 6),
        certitude="exacte",
        fin=date(2021, 1, 1),
    )
    RattachementFactory(
        territoire=territoire,
        intercommunalite=None,
        commune=CommuneFactory(nom="Rugles", departement__code="27"),
        debut=date(2020, 10, 15),
        certitude="reconstituée",
    )
    read = section(client.get(territoire.get_portrait_url()), "membres")
    assert "CC de la Risle depuis le 6 mars 2019, jusqu’au 1er janvier 2021 20 000 12" in read
    assert (
        "Rugles (27) depuis le 15 octobre 2020 (date reconstituée), jusqu’à la fin de la phase : "
        "9 novembre 2023 (date reconstituée) 3 000 1" in read
    )
    assert "depuis le 14 novembre 2019 au plus tard, jusqu’à la fin de la phase" in read


def test_members_that_share_their_dates_say_them_once(client, territoire):
    RattachementFactory(territoire=territoire)
    read = section(client.get(territoire.get_portrait_url()), "membres")
    assert "2 membres : tous depuis le 14 novembre 2019 au plus tard, jusqu’à la fin" in read
    assert read.count("14 novembre 2019") == 1


def test_contract_and_timeline_are_in_order(client, territoire):
    contrat = ContratFactory(
        territoire=territoire, date_signature=date(2020, 4, 30), precision_signature="au plus tard"
    )
    AvenantFactory(contrat=contrat, numero=1, objet="Deux actions", date_signature=None)
    DecisionFactory(
        territoire=territoire,
        texte="Le comité ajuste la carte.",
        seance=SeanceFactory(date=date(2019, 12, 1)),
    )
    response = client.get(territoire.get_absolute_url())
    read = section(response, "contrat")
    assert "40 M€" in read
    steps = [
        "au plus tard le 14 novembre 2019 Entrée sur la carte",
        "1er décembre 2019 Le comité ajuste la carte.",
        "au plus tard le 30 avril 2020 Contrat de territoire signé",
        "date non renseignée Avenant n° 1 signé Deux actions",
    ]
    places = [read.index(step) for step in steps]
    assert places == sorted(places)


def test_projects_have_totals_that_say_what_they_rest_on(client, territoire):
    ProjetFactory(territoire=territoire, emplois_crees=20, investissement_eur=None)
    ProjetFactory(territoire=territoire, emplois_crees=None, investissement_eur=None)
    read = section(client.get(territoire.get_absolute_url()), "projets")
    assert "2 projets publiés" in read
    assert "Emplois créés : 20 (1 sur 2 renseignés)" in read
    assert "investissement : non renseigné" in read
    assert "les emplois créés de 1 sur 2 projets ; le montant de 2 sur 2 projets" in texte(
        client.get(territoire.get_absolute_url())
    )


def test_only_the_first_projects_are_listed_and_all_are_counted(client, territoire):
    ProjetFactory.create_batch(11, territoire=territoire)
    page = client.get(territoire.get_absolute_url())
    assert "Les 11 projets, avec filtres et exports" in texte(page)
    assert page.content.decode().count('data-titre="Porteur"') == 5


@pytest.mark.parametrize("publication", PUBLICATIONS_CACHEES)
def test_nothing_hidden_shows(client, territoire, publication):
    hidden = {"territoire": territoire, "publication": publication}
    contrat = ContratFactory(**hidden, intitule="Contrat secret")
    AvenantFactory(contrat=contrat, objet="Avenant secret")
    DecisionFactory(contrat=contrat, type="valider un contrat", texte="Décision secrète")
    ProjetFactory(**hidden, beneficiaire="Porteur secret", objet="Objet secret")
    ReferentFactory(**hidden, nom="Référent secret")
    DocumentFactory(**hidden, titre="Document secret")
    DocumentFactory(territoire=None, contrat=contrat, titre="Document secret du contrat")
    ServiceFactory(publication=publication, intitule="Service secret")
    DecisionFactory(
        territoire=territoire,
        texte="Décision secrète d’une séance",
        seance=SeanceFactory(publication=publication, date=date(2020, 2, 2)),
    )
    response = client.get(territoire.get_absolute_url())
    assert "secr" not in texte(response).lower()
    assert "aucun projet publié" in texte(response)
    assert "projet ajouté" not in texte(response)


def test_referents_are_those_of_today(client, territoire):
    bpi, bdt = OperateurFactory(nom="Bpifrance"), OperateurFactory(nom="Banque des Territoires")
    ReferentFactory(territoire=territoire, operateur=bpi, nom="Anne Roy", fonction="Chargée")
    ReferentFactory(territoire=territoire, operateur=bdt, nom="Paul Ancien", fin=date(2020, 1, 1))
    ServiceFactory(operateur=bdt, intitule="Ingénierie")
    page = client.get(territoire.get_absolute_url())
    read = section(page, "equipe")
    assert "Référent, Bpifrance Anne Roy, Chargée, depuis le 1er septembre 2019" in read
    assert "le référent de chaque opérateur : Banque des Territoires" in read
    assert "Banque des Territoires : Ingénierie" in section(page, "suite")
    assert "Paul Ancien" not in texte(page)


def test_a_territory_that_ended_says_so_with_its_successor(client):
    successor = TerritoireFactory(nom="Finistère")
    gone = TerritoireFactory(nom="Brest", successeur=successor, rattachement=None)
    RattachementFactory(territoire=gone, fin=date(2021, 12, 31))
    response = client.get(gone.get_absolute_url())
    assert response.status_code == 200
    read = texte(response)
    assert "n’est plus sur la carte depuis le 31 décembre 2021." in read
    assert "Il a été réuni dans Finistère" in read
    assert "Réuni dans Finistère" in section(response, "contrat")


def test_shared_territory_names_both_committees(client):
    bretagne, normandie = RegionFactory(code="53"), RegionFactory(code="28")
    territoire = TerritoireFactory(region_porteuse=normandie, regions=[bretagne])
    AutreNomFactory(territoire=territoire, nom="Baie du Mont")
    read = texte(client.get(territoire.get_absolute_url()))
    assert "Comités de pilotage régionaux : Bretagne, Normandie (région porteuse)." in read
    assert "Aussi connu sous 1 autre nom : Baie du Mont." in read


def test_what_changed_is_told_from_the_histories(client, territoire):
    projet = ProjetFactory(territoire=territoire)
    before, projet.objet = projet.objet, "Un autre objet"
    projet.save()
    read = section(client.get(territoire.get_absolute_url()), "journal")
    assert "1 territoire ajouté" in read
    assert "1 projet ajouté" in read
    assert f"{projet} : projet modifié" in read
    assert f"Objet : {before} → Un autre objet" in read
    assert "1 rattachement ajouté" in read


# --- Addresses --------------------------------------------------------------------------------


def test_a_code_leads_to_the_page_for_good(client, territoire):
    response = client.get(f"/territoires/{territoire.code}/")
    assert response.status_code == 301
    assert response["Location"] == territoire.get_absolute_url()


@pytest.mark.parametrize("fin", [None, date(2022, 3, 1)])
def test_another_name_leads_to_the_page_for_good(client, territoire, fin):
    AutreNomFactory(territoire=territoire, nom="Pays d’à côté", fin=fin)
    response = client.get("/territoires/pays-da-cote/")
    assert (response.status_code, response["Location"]) == (301, territoire.get_absolute_url())
    record = client.get("/territoires/pays-da-cote/?format=json").json()
    assert record["code"] == territoire.code


def test_a_name_that_two_had_leads_to_neither(client, territoire):
    for one in (territoire, TerritoireFactory()):
        AutreNomFactory(territoire=one, nom="Le même nom")
    assert client.get("/territoires/le-meme-nom/").status_code == 404


def test_the_address_to_cite_is_that_of_the_code(client, territoire, settings):
    read = texte(client.get(territoire.get_absolute_url()))
    assert f"{settings.SITE['url']}/territoires/{territoire.code}/" in read


def test_unknown_address(client):
    response = client.get("/territoires/nulle-part/")
    assert response.status_code == 404
    assert "Aucun territoire à cette adresse." in texte(response)
    assert "Retour à l’accueil" in texte(response)


def test_json_has_the_names_of_the_dataset(client, territoire):
    response = client.get(territoire.get_absolute_url(), {"format": "json"})
    record = response.json()
    assert record["code"] == territoire.code
    assert record["debut_certitude"] == "au plus tard"
    assert {"nom", "region_porteuse", "population", "nb_communes", "nb_projets"} <= set(record)
    by_code = client.get(f"/territoires/{territoire.code}/?format=json")
    assert by_code.json() == record


def test_another_format_is_refused_in_words(client, territoire):
    response = client.get(territoire.get_absolute_url(), {"format": "pdf"})
    assert response.status_code == 400
    assert "« pdf » n’existe pas. Valeurs possibles : json, atom." in texte(response)


def test_json_of_nothing(client):
    assert client.get(reverse("territoire", args=["x"]), {"format": "json"}).status_code == 404
