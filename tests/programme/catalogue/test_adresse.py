"""The same mistake in an address has the same answer everywhere."""

import pytest
from django.urls import reverse

from programme.catalogue.copies import copies
from tests import factories as f
from tests.adresses import texte
from tests.programme.donnees.outils import assert_problem
from tests.test_urls import EXAMPLES, SONDES, WITHOUT_ARGUMENT

INCONNU = "Ce paramètre n’existe pas à cette adresse. Retirez-le."
# The state of the server reads no parameter, and nothing of it is kept.
ADRESSES = sorted(
    {reverse(name) for name in WITHOUT_ARGUMENT if name not in SONDES}
    | {reverse(name, kwargs=kwargs) for name, kwargs in EXAMPLES.items()}
)
AU_NAVIGATEUR = {"accept": "text/html,*/*;q=0.8"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADRESSES)
def test_an_unknown_parameter_is_refused(client, address, settings):
    """Nor is anything kept for it, or for what no view reads: anybody can invent a million."""
    settings.PAGES_KEPT = 100
    copies.forget_all()
    for sent in ("1", "2"):
        response = client.get(address, {"zzz": sent}, headers=AU_NAVIGATEUR)
        assert response.status_code == 400
        assert INCONNU in texte(response)
        client.get(address, {"utm_source": sent}, headers=AU_NAVIGATEUR)
    kept = [key for place in copies._places.values() for key in place.copies]
    copies.forget_all()
    assert kept == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "factory",
    [
        f.TerritoireFactory,
        f.RegionFactory,
        f.ContratFactory,
        f.ProjetFactory,
        f.OperateurFactory,
        f.CommuneFactory,
        f.IntercommunaliteFactory,
    ],
)
def test_the_page_of_a_record_refuses_the_same(client, factory):
    address = factory().get_absolute_url()
    refused = client.get(address, {"zzz": "1"}, headers=AU_NAVIGATEUR)
    assert refused.status_code == 400
    assert INCONNU in texte(refused)
    other = client.get(address, {"format": "zzz"}, headers=AU_NAVIGATEUR)
    assert other.status_code == 400
    followed = {f.TerritoireFactory, f.ContratFactory, f.ProjetFactory}
    known = "json, atom" if factory in followed else "json"
    assert f"« zzz » n’existe pas. Valeurs possibles : {known}." in texte(other)
    twice = client.get(address, {"format": ["json", "json"]})
    assert twice.status_code == 400
    assert "donné plusieurs fois" in twice.json()["erreur"]
    assert client.get(address, {"utm_source": "lettre"}).status_code == 200


@pytest.mark.parametrize("address", ["/api/v1/projets/", "/donnees/datapackage.json"])
@pytest.mark.django_db
def test_a_machine_is_answered_in_its_own_language(client, address):
    assert_problem(client.get(address, {"zzz": "1"}), 400, f"zzz : {INCONNU}")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("zzz=1", "zzz: This parameter does not exist at this address: remove it or check"),
        ("axe=innover&axe=vendre", "axe: This value does not exist; `erreur` lists those that do."),
        ("q=a&q=b", "q: This parameter is given several times: keep one value."),
        ("q=%00", "q: This parameter contains a null character: remove it."),
        ("q=" + "a" * 8_000, "adresse: The address is too long: remove filters."),
        ("page=9", "page: This page does not exist: follow `next` from the first one."),
        ("emplois_crees_min=zz", "emplois_crees: This value cannot be read; `erreur` says why"),
    ],
)
def test_english_is_spoken_to_who_prefers_it(client, query, sentence):
    asked = {"Accept-Language": "de, en-GB;q=0.8, fr;q=0.5"}
    response = client.get(f"/api/v1/projets/?{query}", headers=asked)
    told = response.json()
    assert (response.status_code, told["title"], told["status"]) == (400, "Bad Request", 400)
    assert response["Content-Language"] == "en"
    assert told["detail"].startswith(sentence)
    assert told["erreur"] == client.get(f"/api/v1/projets/?{query}").json()["detail"]


@pytest.mark.parametrize("asked", ["", "fr", "en;q=0.3, fr", "de", "en;q=0", "*", "zz zz;;q=,"])
@pytest.mark.django_db
def test_french_is_spoken_to_everybody_else(client, asked):
    response = client.get("/api/v1/projets/?zzz=1", headers={"Accept-Language": asked})
    assert_problem(response, 400, f"zzz : {INCONNU}")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["journal", "actualites", "recherche", "projets"])
@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("0", "Un numéro de page est un nombre entier à partir de 1."),
        ("deux", "Un numéro de page est un nombre entier à partir de 1."),
        ("2", "La page 2 n’existe pas : demandez la page 1, la seule."),
    ],
)
def test_a_page_that_is_none(client, name, page, sentence):
    response = client.get(reverse(name), {"page": page})
    assert response.status_code == 400
    assert sentence in texte(response)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/projets/?q=bois&region=&tri=&filiere=", "/projets/?q=bois"),
        ("/territoires/?phase=&tri=", "/territoires/"),
        ("/carte/?date=2019-03-06&region=&q=+", "/carte/?date=2019-03-06"),
        ("/recherche/?q=", "/recherche/"),
    ],
)
def test_what_a_form_left_empty_leaves_the_address(client, sent, kept):
    """A form without JavaScript sends each of its fields."""
    response = client.get(sent, headers=AU_NAVIGATEUR)
    assert (response.status_code, response.headers["Location"]) == (302, kept)
    assert client.get(kept, headers=AU_NAVIGATEUR).status_code == 200


@pytest.mark.django_db
def test_a_file_and_a_mistake_are_answered_at_once(client):
    assert client.get("/projets/?region=&format=json").status_code == 200
    assert client.get("/projets/?region=&zzz=1", headers=AU_NAVIGATEUR).status_code == 400
