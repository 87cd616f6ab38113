"""The search page, its JSON, and the suggestions."""

from datetime import date

import pytest
from django.urls import reverse

from programme.catalogue.recherche.indexation import reindexer
from programme.catalogue.recherche.moteur import MAXIMUM
from programme.catalogue.recherche.rubriques import RUBRIQUES, rubriques
from programme.models import EntreeIndex, Projet, Publication
from territoires.models import Commune, Operateur
from tests.factories import (
    CodePostalFactory,
    CommuneAncienneFactory,
    CommuneFactory,
    ContratFactory,
    DepartementFactory,
    FaitFactory,
    IntercommunaliteFactory,
    OperateurFactory,
    PersonneFactory,
    ProjetFactory,
    RattachementFactory,
    RegionFactory,
    TermeFactory,
    TerritoireFactory,
)
from tests.programme.catalogue.pages.outils import texte
from tests.programme.donnees.outils import body

pytestmark = pytest.mark.django_db
URL = "/recherche/"


def search(client, **parameters):
    response = client.get(URL, parameters)
    assert response.status_code == 200
    return response


def as_json(client, **parameters):
    return search(client, format="json", **parameters).json()


@pytest.fixture
def aigle():
    interco = IntercommunaliteFactory(nom="CC des Pays de L'Aigle", population=25_000)
    place = CommuneFactory(nom="L'Aigle", code="61214", population=8_000, intercommunalite=interco)
    territoire = TerritoireFactory(
        nom="Pays de l’Aigle", slug="pays-de-l-aigle", phase_id=2, rattachement=None
    )
    RattachementFactory(territoire=territoire, intercommunalite=interco)
    return place, interco, territoire


# --- Page -------------------------------------------------------------------------------------


def test_an_empty_search_explains_itself(client):
    page = texte(search(client))
    assert "Ce que l’on peut chercher" in page
    assert "résultat" not in page


def test_a_capped_answer_says_so_and_leads_to_the_lists_that_have_all(client):
    place = DepartementFactory()
    Commune.objects.bulk_create(
        Commune(code=f"9{n:04d}", nom=f"Forges {n}", departement=place) for n in range(MAXIMUM + 1)
    )
    reindexer()
    response = search(client, q="forges")
    page = texte(response)
    assert "Plus de 1 000 résultats, de 1 à 25" in page
    said = "précisez par un autre mot, un département ou un type, ou ouvrez la liste qui les a tous"
    assert f"{said} : les projets, les contrats." in page
    assert '<a href="/projets/?q=forges">les projets</a>' in body(response).decode()


def test_the_page_says_the_territory_of_a_place_and_since_when(client, aigle):
    response = search(client, q="l'aigle")
    page = texte(response)
    assert "Recherche : « l'aigle »" in page
    assert "3 résultats" in page
    told = "Dans le territoire Pays de l’Aigle (phase 2), depuis le 14 novembre 2019 au plus tard."
    assert told in page
    assert page.index("commune L'Aigle") < page.index("territoire d’industrie Pays de l’Aigle")
    assert 'href="/communes/61214/?liste=recherche' in response.content.decode()


def test_the_page_says_plainly_that_there_is_none(client):
    CommuneFactory(nom="Bernay")
    told = "Dans aucun territoire, d’après la dernière liste connue."
    assert told in texte(search(client, q="bernay"))


def test_the_page_says_why_a_commune_answers(client):
    place = CommuneFactory(nom="Arboys en Bugey")
    CommuneAncienneFactory(commune=place, nom="Arbignieu")
    page = texte(search(client, q="arbignieu"))
    assert "Comprend Arbignieu (98" in page
    assert "Comprend" not in texte(search(client, q="arboys"))


@pytest.mark.parametrize(
    ("nature", "jusqu_en", "phrase"),
    [
        ("nom", date(1955, 3, 31), "S’appelait Ambérieu jusqu’en 1955."),
        ("nom", None, "S’est appelée Ambérieu."),
        (
            "commune-absorbee",
            date(1971, 1, 1),
            "A absorbé Ambérieu (01999), commune jusqu’en 1971",
        ),
        ("commune-absorbee", None, "A absorbé Ambérieu (01999), commune autrefois."),
        ("code", None, "A porté le code 01999."),
    ],
)
def test_a_past_name_says_until_when(client, nature, jusqu_en, phrase):
    place = CommuneFactory(nom="Bugey-sur-Ain")
    CommuneAncienneFactory(
        commune=place, nom="Ambérieu", code="01999", nature=nature, jusqu_en=jusqu_en
    )
    asked = "01999" if nature == "code" else "ambérieu"
    assert phrase in texte(search(client, q=asked))
    assert phrase in texte(client.get(place.get_absolute_url()))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("97150", "Ce lieu est à Saint-Martin, hors des 18 régions"),
        ("Nouméa", "Ce lieu est en Nouvelle-Calédonie, hors des 18 régions"),
        ("98800 Nouméa", "Ce lieu est en Nouvelle-Calédonie, hors des 18 régions"),
        ("noumea cedex", "Ce lieu est en Nouvelle-Calédonie, hors des 18 régions"),
        ("Polynésie Française", "Ce lieu est en Polynésie française, hors des 18 régions"),
    ],
)
def test_overseas_places_without_territory_are_told(client, asked, said):
    assert said in texte(search(client, q=asked))
    assert said in as_json(client, q=asked)["remarque"]


@pytest.mark.parametrize("asked", ["97400", "98", "61300", "saint martin"])
def test_other_places_are_not(client, asked):
    assert "hors des 18 régions" not in texte(search(client, q=asked))


def test_a_departement_leads_to_its_territories(client):
    DepartementFactory(code="2A", nom="Corse-du-Sud")
    found = as_json(client, q="corse du sud")["results"][0]
    assert (found["type"], found["code"]) == ("département", "2A")
    assert found["url"] == "http://testserver/territoires/?departement=2A"
    assert client.get(found["url"]).status_code == 200


def test_projects_and_acts_say_their_territory(client):
    ProjetFactory(beneficiaire="Fonderie", territoire=None)
    inside = ProjetFactory(beneficiaire="Fonderie", objet="Four électrique")
    page = texte(search(client, q="fonderie"))
    assert "Hors de tout territoire." in page
    assert f"Four électrique Territoire {inside.territoire.nom}" in page
    acte = ContratFactory(intitule="Carros")
    page = texte(search(client, q="carros"))
    assert f"Contrat de territoire – Carros Territoire {acte.territoire.nom}" in page


def test_nothing_found_helps(client):
    page = texte(search(client, q="qsdfgh"))
    assert "Aucun résultat" in page
    assert "Moins de mots trouvent davantage." in page


def test_a_slip_is_told(client):
    CommuneFactory(nom="Châtellerault")
    page = texte(search(client, q="chatelleraut"))
    assert "Aucun résultat exact pour « chatelleraut »." in page
    assert "Vouliez-vous dire « Châtellerault » ?" in page
    assert "1 résultat" in page


def test_what_is_typed_is_escaped(client):
    body = search(client, q='"><script>alert(1)</script>').content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


def test_pages_and_types_keep_the_search(client):
    for number in range(30):
        CommuneFactory(nom=f"Forges {number}", intercommunalite=None)
    OperateurFactory(nom="Forges")
    first = search(client, q="forges", type="commune")
    page = texte(first)
    assert "30 résultats, de 1 à 25" in page
    assert "Opérateur (1)" in page
    assert "?q=forges&amp;type=commune&amp;page=2" in first.content.decode()
    second = texte(search(client, q="forges", type="commune", page=2))
    assert "30 résultats, de 26 à 30" in second


def test_tracking_parameters_are_ignored(client):
    assert search(client, q="x", utm_source="lettre").status_code == 200


# --- Queries ----------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_answers(client, django_assert_num_queries):
    def make(number):
        for _ in range(number):
            place = CommuneFactory(nom="Forges-les-Bains")
            CommuneAncienneFactory(commune=place, nom="Vieilles Forges")
            RattachementFactory(
                intercommunalite=IntercommunaliteFactory(nom="Forges"),
                territoire=TerritoireFactory(nom="Forges", phase_id=2, rattachement=None),
            )
            ProjetFactory(beneficiaire="Forges")
            ContratFactory(intitule="Forges")
            OperateurFactory(nom=f"Forges {Operateur.objects.count()}")

    for number in (1, 3):
        make(number)
        # The data’s version; counts; entries; communes, intercommunalités, territories; movements;
        # rattachements. Of one answer alone, the card: its list, its dates, its projects, its
        # members, its contracts; once a version, the glossary and what it says of itself.
        with django_assert_num_queries(18 if number == 1 else 13):
            search(client, q="forges")


# --- JSON -------------------------------------------------------------------------------------


def test_json_has_the_public_keys(client, aigle):
    place, _, territoire = aigle
    found = as_json(client, q="l'aigle")
    assert list(found) == ["count", "next", "previous", "results"]
    assert found["count"] == 3
    assert found["results"][0] == {
        "type": "commune",
        "code": place.code,
        "nom": "L'Aigle",
        "url": "http://testserver/communes/61214/",
        "precision": f"{place.departement.nom} ({place.departement.code})",
        "territoire": {"code": territoire.code, "nom": "Pays de l’Aigle", "phase": 2},
    }
    assert [row["type"] for row in found["results"]] == [
        "commune",
        "intercommunalité",
        "territoire",
    ]


def test_json_pages_follow_each_other(client):
    for number in range(5):
        CommuneFactory(nom=f"Forges {number}", intercommunalite=None)
    first = as_json(client, q="forges", type="commune", taille=2)
    assert first["previous"] is None
    seen = [row["nom"] for row in first["results"]]
    while first["next"]:
        first = client.get(first["next"]).json()
        seen += [row["nom"] for row in first["results"]]
    assert seen == [f"Forges {number}" for number in range(5)]
    assert first["previous"].startswith("http://testserver/recherche/?q=forges")


def test_json_tells_a_slip(client):
    CommuneFactory(nom="Châtellerault")
    found = as_json(client, q="chatelleraut")
    assert found["correction"] == "Châtellerault"
    assert [row["nom"] for row in found["results"]] == ["Châtellerault"]


def test_json_of_an_empty_search(client):
    assert as_json(client) == {"count": 0, "next": None, "previous": None, "results": []}


def test_every_result_has_a_page(client, aigle):
    place, _, territoire = aigle
    DepartementFactory(nom="Aigle", region=RegionFactory(nom="Aigle en Ouche"))
    OperateurFactory(nom="Aigle Développement")
    ProjetFactory(beneficiaire="Aigle International", territoire=territoire, commune=place)
    ContratFactory(intitule="Aigle", territoire=territoire)
    PersonneFactory(nom="Camille Aigle")
    TermeFactory(mot="aigle")
    FaitFactory(intitule="Sites de L’Aigle")
    found = as_json(client, q="aigle", taille=100)["results"]
    assert {row["type"] for row in found} == set(EntreeIndex.Type.values)
    for row in found:
        assert client.get(row["url"]).status_code == 200, row


def test_a_fact_of_another_source_is_found_with_its_hedge(client):
    FaitFactory(
        intitule="Rebond industriel : enveloppe", valeur=260_000_000, unite="EUR", nature="plus de"
    )
    [found] = as_json(client, q="rebond industriel")["results"]
    assert (found["type"], found["precision"]) == ("fait", "plus de\xa0260\xa0M€, 23 mars 2021")
    FaitFactory(intitule="Rebond caché", publication="brouillon")
    assert as_json(client, q="rebond caché")["count"] == 0


@pytest.mark.parametrize("words", [words for r in RUBRIQUES for words in r.expressions])
def test_a_page_of_the_site_is_found_by_the_words_of_people(client, words):
    found = rubriques(f"Le {words.upper()}")
    assert found, words
    assert client.get(found[0].url).status_code == 200
    assert f"Page du site : {found[0].titre}" in texte(search(client, q=words))


def test_words_that_name_no_page_name_none():
    assert rubriques("carte mère") == rubriques("Lacq") == []


@pytest.mark.parametrize(
    "asked",
    ["ville de L’Aigle", "mairie Aigle", "je cherche L’Aigle", "Territoire d’industrie L’Aigle"],
)
def test_what_a_name_is_typed_with_does_not_hide_it(client, aigle, asked):
    place, _, territoire = aigle
    found = {row["code"] for row in as_json(client, q=asked)["results"]}
    assert found & {place.pk, territoire.pk}


# --- Bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"q": "a" * 201}, "Une recherche a 200 caractères au plus : abrégez-la."),
        ({"q": "a\x00b"}, "Ce paramètre contient un caractère nul : retirez-le."),
        ({"q": ["a", "b"]}, "Ce paramètre est donné plusieurs fois : gardez une seule valeur."),
        ({"q": "a", "typ": "commune"}, "Vouliez-vous dire « type » ?"),
        ({"q": "a", "type": "ville"}, "« ville » n’existe pas. Valeurs possibles : région,"),
        ({"q": "a", "page": "0"}, "Un numéro de page est un nombre entier à partir de 1."),
        ({"q": "a", "page": "7"}, "La page 7 n’existe pas : demandez la page 1, la seule."),
        ({"q": "a", "taille": "900"}, "page compte"),
        ({"q": "a", "format": "csv"}, "« csv » n’existe pas. Valeurs possibles : json."),
    ],
)
def test_bad_input_is_told(client, parameters, sentence):
    response = client.get(URL, parameters)
    assert response.status_code == 400
    assert sentence in response.content.decode() or sentence in texte(response)
    machine = client.get(URL, {**parameters, "format": parameters.get("format", "json")})
    assert machine.status_code == 400
    told = machine.json()["erreur"] if "json" in machine["Content-Type"] else texte(machine)
    assert sentence in told


def test_what_was_typed_is_kept_when_refused(client):
    response = client.get(URL, {"q": "a" * 201})
    assert f'value="{"a" * 201}"' in response.content.decode()


# --- Suggestions ------------------------------------------------------------------------------


def test_suggestions_are_few_and_lead_somewhere(client, aigle, django_assert_num_queries):
    url = reverse("suggestions")
    with django_assert_num_queries(6):  # the places too, and the data's version
        found = client.get(url, {"q": "l'aig"}).json()
    assert found["correction"] == ""
    assert found["results"][0] == {
        "type": "commune",
        "nom": "L'Aigle",
        "precision": EntreeIndex.objects.get(type="commune").precision
        + ", dans le territoire Pays de l’Aigle",
        "url": "/communes/61214/",
    }
    assert len(found["results"]) == 3
    assert client.get(url).json() == {"correction": "", "results": []}


def test_suggestions_say_why_a_commune_answers(client, django_assert_num_queries):
    place = CommuneFactory(nom="La Tour-en-Maurienne")
    CommuneAncienneFactory(commune=place, nom="Le Châtel", code="98001")
    with django_assert_num_queries(6):
        found = client.get(reverse("suggestions"), {"q": "le chât"}).json()
    precision = EntreeIndex.objects.get(code=place.code).precision
    assert [row["precision"] for row in found["results"]] == [
        f"{precision}, comprend Le Châtel (98001), commune déléguée, dans aucun territoire"
    ]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"q": "a" * 201}, "q : Une recherche a 200 caractères au plus : abrégez-la."),
        ({"q": "\x00"}, "caractère nul"),
        ({"autre": "x"}, "Ce paramètre n’existe pas"),
    ],
)
def test_suggestions_refuse_bad_input(client, parameters, sentence):
    response = client.get(reverse("suggestions"), parameters)
    assert response.status_code == 400
    assert sentence in response.json()["erreur"]


# --- Nothing unpublished ----------------------------------------------------------------------


@pytest.mark.parametrize("state", [s for s in Publication if s != Publication.PUBLIE])
def test_nothing_unpublished_shows(client, state):
    ProjetFactory(beneficiaire="Fonderie secrète", publication=state)
    withdrawn = ProjetFactory(beneficiaire="Fonderie secrète")
    Projet.objects.filter(pk=withdrawn.pk).update(publication=state)
    for answer in (
        search(client, q="fonderie"),
        search(client, q="fonderie", format="json"),
        client.get(reverse("suggestions"), {"q": "fonder"}),
        client.get(reverse("suggestions"), {"q": "fondrie"}),
    ):
        assert "secrète" not in answer.content.decode()
    reindexer()
    assert as_json(client, q="secrète")["count"] == 0


# --- A postcode is not the INSEE code of another place ----------------------------------------


@pytest.fixture
def dieppe_et_critot(db):
    seine_maritime = DepartementFactory(code="76")
    dieppe = CommuneFactory(code="76217", nom="Dieppe", departement=seine_maritime)
    critot = CommuneFactory(code="76200", nom="Critot", departement=seine_maritime)
    CodePostalFactory(commune=dieppe, code="76200")
    CodePostalFactory(commune=critot, code="76680")
    reindexer()
    return dieppe, critot


def test_a_postcode_answers_for_its_communes_alone(client, dieppe_et_critot):
    response = client.get("/recherche/", {"q": "76200"})
    assert [r.entree.nom for r in response.context["resultats"]] == ["Dieppe"]
    page = " ".join(response.content.decode().split())
    assert "Réponses pour le code postal 76200. C’est aussi le code INSEE de" in page
    assert "Critot (76)" in page
    answer = client.get("/recherche/", {"q": "76200", "format": "json"}).json()
    assert answer["count"] == 1
    assert answer["remarque"] == "76200 est aussi le code INSEE de Critot (76)."
    suggested = client.get("/recherche/suggestions/", {"q": "76200"}).json()["results"]
    assert [row["nom"] for row in suggested] == ["Dieppe"]


def test_an_insee_code_that_is_no_postcode_answers_for_its_commune(client, dieppe_et_critot):
    response = client.get("/recherche/", {"q": "76217"})
    assert [r.entree.nom for r in response.context["resultats"]] == ["Dieppe"]
    assert "code INSEE de" not in response.content.decode()
