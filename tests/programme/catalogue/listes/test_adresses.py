"""What a list answers to an address it cannot read: 400, the parameter, the remedy."""

import json

import pytest
from django.urls import reverse

from programme.models import Publication
from tests import factories

from .outils import LISTES, SANS_PAGE, ask, text, whole

pytestmark = pytest.mark.django_db

BAD = [
    ("projets", {"region": "999"}, "region", "n’est pas une valeur possible"),
    ("projets", {"axe": "inover"}, "axe", "Vouliez-vous dire « innover » ?"),
    ("projets", {"axe": ["innover", "zzz"]}, "axe", "Valeurs possibles : attirer"),
    ("projets", {"territoire": "ti-9999"}, "territoire", "n’est pas une valeur possible"),
    ("projets", {"emplois_crees_min": "abc"}, "emplois_crees", "n’est pas un nombre"),
    ("projets", {"emplois_crees_max": "-1"}, "emplois_crees", "Au plus : « -1 »"),
    ("projets", {"emplois_crees_min": "1e400"}, "emplois_crees", "écriture abrégée"),
    ("projets", {"emplois_crees_min": "9" * 400}, "emplois_crees", "compte 400 chiffres"),
    (
        "projets",
        {"emplois_crees_min": "9", "emplois_crees_max": "2"},
        "emplois_crees",
        "échangez-les",
    ),
    ("projets", {"emplois_crees": "5"}, "emplois_crees", "La seule valeur possible est"),
    ("projets", {"mise_a_jour_du": "2021-02-30"}, "mise_a_jour", "n’existe pas au calendrier"),
    ("projets", {"mise_a_jour_au": "hier"}, "mise_a_jour", "n’est pas une date"),
    ("projets", {"commune": "99999"}, "commune", "n’est ni le nom ni le code d’une commune connue"),
    ("projets", {"q": "a" * 201}, "q", "gardez-en au plus 200"),
    ("projets", {"page": "0"}, "page", "à partir de 1"),
    ("projets", {"page": "deux"}, "page", "à partir de 1"),
    ("projets", {"page": "2"}, "page", "La page 2 n’existe pas : demandez la page 1, la seule."),
    ("projets", {"taille": "26"}, "taille", "25, 50 ou 100"),
    ("projets", {"tri": "siren"}, "tri", "Tris possibles : code, beneficiaire"),
    ("projets", {"tri": "--code"}, "tri", "Tris possibles"),
    ("projets", {"regoin": "84"}, "regoin", "Vouliez-vous dire « region » ?"),
    ("projets", {"inconnu": "1"}, "inconnu", "Retirez-le."),
    ("projets", {"page": ["1", "1"]}, "page", "donné plusieurs fois"),
    ("projets", {"q": "a\x00b"}, "q", "caractère nul"),
    ("projets", {"region\x00": "84"}, "region", "caractère nul"),
    ("territoires", {"date": "2019-13-01"}, "date", "n’existe pas au calendrier"),
    ("territoires", {"tous": "oui"}, "tous", "Écrivez 1"),
    ("territoires", {"tous": "1", "date": "2019-11-14"}, "tous", "pas les deux"),
    ("territoires", {"referent_manquant": "sncf"}, "referent_manquant", "valeur possible"),
    ("communes", {"intercommunalite": "1"}, "intercommunalite", "pas un SIREN de neuf chiffres"),
    ("communes", {"intercommunalite": "zz"}, "intercommunalite", "n’est ni le nom ni le code"),
]
WORDS = ("liste", "parameters", "nom", "sentence")
# A file has no page, and JSON has its own limits.
OF_FILES = [case for case in BAD if case[2] not in {"page", "taille"}]


@pytest.mark.une_base
@pytest.mark.parametrize(WORDS, BAD)
def test_a_page_says_what_is_wrong(client, liste, parameters, nom, sentence):
    response = ask(client, liste, **parameters)
    assert response.status_code == 400
    assert sentence in text(response)
    assert 'role="alert"' in response.content.decode()


@pytest.mark.une_base
@pytest.mark.parametrize(WORDS, OF_FILES)
def test_a_machine_is_told_in_a_sentence(client, liste, parameters, nom, sentence):
    as_json = ask(client, liste, format="json", **parameters)
    as_csv = ask(client, liste, format="csv", **parameters)
    assert (as_json.status_code, as_csv.status_code) == (400, 400)
    for said in (as_json.json()["erreur"], as_csv.content.decode()):
        assert said.startswith(nom)
        assert sentence in said


@pytest.mark.parametrize("value", ["0", "501", "x"])
def test_json_has_its_own_sizes(client, value):
    response = ask(client, "projets", format="json", taille=value)
    assert response.status_code == 400
    assert "taille" in response.json()["erreur"]


def test_json_page_out_of_range(client):
    response = ask(client, "projets", format="json", page=2)
    assert response.status_code == 400
    assert "page" in response.json()["erreur"]


def test_unknown_format_names_the_others(client):
    response = ask(client, "projets", format="pdf")
    assert response.status_code == 400
    assert response.content.decode() == (
        "format : « pdf » n’existe pas. Valeurs possibles : csv, xlsx, json, geojson, atom.\n"
    )
    response = client.get(reverse("projets"), {"format": "pdf"}, headers={"accept": "text/html"})
    assert "Valeurs possibles : csv, xlsx, json, geojson, atom." in text(response)


def test_geojson_of_what_has_no_place_has_no_geometry(client):
    engagement = factories.EngagementFactory()
    response = ask(client, "engagements", format="geojson")
    (feature,) = json.loads(whole(response))["features"]
    assert feature["geometry"] is None
    assert feature["properties"]["code"] == engagement.code


def test_separator_of_a_csv(client):
    response = ask(client, "projets", format="csv", separateur="tabulation")
    assert response.status_code == 400
    assert "Valeurs possibles : virgule, point-virgule." in response.content.decode()


@pytest.mark.parametrize("size", [10_000, 10_000_000])
@pytest.mark.parametrize("format", ["", "csv", "json"])
def test_an_endless_address(client, size, format):  # noqa: A002
    response = client.get(f"{reverse('projets')}?format={format}&q={'a' * size}")
    assert response.status_code == 400
    assert "retirez des filtres" in response.content.decode()
    assert len(response.content) < 100_000


def test_an_endless_list_of_parameters(client):
    query = "&".join(f"a{i}=1" for i in range(1_200))
    response = client.get(f"{reverse('projets')}?{query}")
    assert response.status_code == 400


def test_broken_encoding_is_no_crash(client):
    response = client.get(f"{reverse('projets')}?axe=%ff%fe&region=%ED%A0%80")
    assert response.status_code == 400


def test_what_was_typed_is_not_lost(client):
    response = ask(client, "projets", q="atelier", axe="innover", emplois_crees_min="beaucoup")
    page = response.content.decode()
    assert 'value="beaucoup"' in page
    assert 'value="atelier"' in page
    assert 'value="innover" checked' in page


def test_a_value_that_moved_to_another_filter_keeps_its_rows(client):
    theme = factories.ProjetFactory(axe="", thematique="transition écologique")
    factories.ProjetFactory()
    response = ask(client, "projets", axe="transition")
    assert [row["slug"] for row in response.context["table"].data] == [theme.slug]
    assert "thematique=transition" in response.content.decode()
    refused = ask(client, "projets", axe=["innover", "transition"])
    assert refused.status_code == 400


def test_markup_is_shown_as_typed(client):
    response = ask(client, "projets", axe="<script>alert(1)</script>")
    assert response.status_code == 400
    assert "<script>alert" not in response.content.decode()


def test_empty_parameters_say_nothing(client):
    factories.ProjetFactory()
    empty = {"q": "", "region": "", "emplois_crees_min": " ", "page": "", "tri": ""}
    response = client.get("/projets/", empty, follow=True)
    assert response.redirect_chain == [("/projets/", 302)]
    assert response.context["titre"] == "Projets"


def test_parameters_of_mailings_are_ignored(client):
    assert ask(client, "projets", utm_source="lettre", fbclid="x").status_code == 200


@pytest.mark.parametrize("liste", LISTES)
def test_a_head_request_is_answered(client, liste):
    assert client.head(reverse(liste), SANS_PAGE.get(liste, {})).status_code == 200


@pytest.mark.parametrize("liste", LISTES)
def test_an_empty_list_says_so(client, liste):
    parameters = {"operateurs": {"q": "zzz"}}.get(liste, {})
    response = ask(client, liste, **parameters)
    assert response.status_code == 200
    assert "Rien n’est encore publié dans cette liste" in text(response)


@pytest.mark.parametrize(
    ("liste", "factory"),
    [
        ("projets", factories.ProjetFactory),
        ("contrats", factories.ContratFactory),
        ("conventions", factories.ConventionFactory),
        ("engagements", factories.EngagementFactory),
        ("referents", factories.ReferentFactory),
        ("jalons", factories.JalonFactory),
    ],
)
@pytest.mark.parametrize(
    "publication", [Publication.BROUILLON, Publication.A_VALIDER, Publication.RETIRE]
)
def test_what_is_not_published_is_nowhere(client, liste, factory, publication):
    factory(publication=publication)
    assert ask(client, liste).context["totaux"]["lignes"] == 0
    assert ask(client, liste, format="json", page=1).json()["count"] == 0


def test_a_draft_does_not_show_in_the_facets(client):
    factories.ProjetFactory(filiere="Secrète", publication=Publication.BROUILLON)
    factories.ProjetFactory()
    assert "Secrète" not in ask(client, "projets").content.decode()


def test_a_draft_contract_does_not_show_in_the_facets_of_territories(client):
    contrat = factories.ContratFactory(publication=Publication.BROUILLON)
    response = ask(client, "territoires", contrat=contrat.statut)
    assert response.context["totaux"]["lignes"] == 0
    response = ask(client, "territoires", contrat="aucun contrat publié")
    assert response.context["totaux"]["lignes"] == 1
