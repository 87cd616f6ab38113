"""The pages of open data, the descriptions for machines, the proof of a file."""

import hashlib
import json

import pytest
from django.urls import reverse

from programme.donnees.jeux import JEUX
from programme.models import DonneesVersion, Preuve, Publication
from tests import factories
from tests.programme.donnees.outils import FABRIQUES, body

pytestmark = pytest.mark.django_db


def test_the_page_lists_every_dataset_with_its_rows(client, django_assert_num_queries):
    factories.ProjetFactory.create_batch(3)
    factories.ProjetFactory(publication=Publication.BROUILLON)
    for _ in range(2):
        DonneesVersion.objects.bump()
        # The version, thrice; the counts; the last parution; once a version, the promises, and what
        # every page knows: it, the sources, the glossary, of which version.
        with django_assert_num_queries(10):
            response = client.get(reverse("donnees"))
        factories.ProjetFactory.create_batch(5)
    page = response.content.decode()
    for jeu in JEUX.values():
        assert jeu.get_absolute_url() in page
        assert jeu.titre in page
    counts = {jeu.code: lignes for jeu, lignes, _ in response.context["jeux"]}
    assert counts["projets"] == 8
    assert counts["enveloppes"] == 0
    assert "Licence Ouverte 2.0" in page


@pytest.mark.parametrize("code", JEUX)
def test_the_page_of_a_dataset_is_its_dictionary(client, code, django_assert_max_num_queries):
    FABRIQUES[code].create_batch(2)
    with django_assert_max_num_queries(10):  # the sources, the glossary, once a version
        response = client.get(reverse("donnees_jeu", args=[code]))
    page = response.content.decode()
    jeu = JEUX[code]
    assert response.context["lignes"] == jeu.published().count()
    for colonne in jeu.colonnes:
        assert f"<code>{colonne.nom}</code>" in page


@pytest.mark.parametrize("code", JEUX)
def test_every_whole_file_is_where_its_page_says(client, code):
    FABRIQUES[code].create_batch(2)
    rows = JEUX[code].published().count()
    for words, url, _ in client.get(reverse("donnees_jeu", args=[code])).context["fichiers"]:
        response = client.get(url)
        assert response.status_code == 200, words
        assert response["X-Total-Count"] == str(rows), words
        assert body(response)


def test_the_page_of_a_dataset_shows_the_digest_of_the_file_sent(client):
    factories.ProjetFactory()
    page = reverse("donnees_jeu", args=["projets"])
    assert "calculée au premier téléchargement" in client.get(page).content.decode()
    content = body(client.get(JEUX["projets"].get_file_url("csv")))
    assert hashlib.sha256(content).hexdigest() in client.get(page).content.decode()
    factories.ProjetFactory()
    assert hashlib.sha256(content).hexdigest() not in client.get(page).content.decode()


def test_a_dataset_that_does_not_exist(client):
    assert client.get(reverse("donnees_jeu", args=["secrets"])).status_code == 404
    assert client.get(reverse("donnees_schema", args=["secrets"])).status_code == 404


# --- Descriptions -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", JEUX)
def test_the_table_schema_has_the_columns_of_the_dataset(client, code):
    schema = client.get(reverse("donnees_schema", args=[code])).json()
    assert [field["name"] for field in schema["fields"]] == JEUX[code].noms
    types = {"string", "integer", "number", "date", "boolean"}
    assert {field["type"] for field in schema["fields"]} <= types
    assert set(schema.get("primaryKey", [])) <= set(JEUX[code].noms)


@pytest.mark.parametrize("code", JEUX)
def test_the_rows_obey_the_table_schema(client, code):
    """What the schema requires is there, and a closed list holds every value."""
    FABRIQUES[code].create_batch(2)
    fields = client.get(reverse("donnees_schema", args=[code])).json()["fields"]
    for row in client.get(reverse("api_jeu", args=[code])).json()["results"]:
        for field in fields:
            constraints = field.get("constraints", {})
            value = row[field["name"]]
            assert value is not None or not constraints.get("required"), field["name"]
            assert value is None or value in constraints.get("enum", [value]), field["name"]


def test_a_required_column_cannot_be_null_in_the_database():
    """« obligatoire » is a promise of the model, not of the rows of the day."""
    for jeu in JEUX.values():
        for colonne in jeu.colonnes:
            path = colonne.source or colonne.nom
            if not colonne.obligatoire or not isinstance(path, str):
                continue
            fields = {field.name: field for field in jeu.modele._meta.get_fields()}
            first = fields.get(path.split("__")[0])
            # An annotation is counted, never null.
            assert first is None or not first.null, f"{jeu.code}.{colonne.nom}"


def test_the_data_package_names_every_dataset(client):
    package = client.get(reverse("datapackage")).json()
    assert [resource["name"] for resource in package["resources"]] == list(JEUX)
    assert package["licenses"][0]["name"] == "etalab-2.0"
    factories.ProjetFactory()
    projets = next(r for r in package["resources"] if r["name"] == "projets")
    response = client.get(projets["path"])
    header = body(response).decode("utf-8-sig").splitlines()[0]
    assert header.split(",") == [field["name"] for field in projets["schema"]["fields"]]


def test_the_catalogue_is_dcat(client):
    response = client.get(reverse("catalogue_dcat"))
    assert response["Content-Type"] == "application/ld+json"
    catalogue = response.json()
    assert catalogue["@type"] == ["dcat:Catalog"]
    assert [jeu["dct:identifier"] for jeu in catalogue["dcat:dataset"]] == list(JEUX)
    for jeu in catalogue["dcat:dataset"]:
        for distribution in jeu["dcat:distribution"]:
            assert distribution["dcat:accessURL"]["@id"].startswith("http://testserver/")


# --- API --------------------------------------------------------------------------------------


def test_the_root_of_the_api_names_every_dataset(client):
    found = client.get(reverse("api")).json()
    assert [jeu["code"] for jeu in found["jeux"]] == list(JEUX)
    for jeu in found["jeux"]:
        assert client.get(jeu["url"]).status_code == 200


def test_the_api_is_the_list_with_its_filters(client):
    for axe in ("innover", "innover", "recruter"):
        factories.ProjetFactory(axe=axe)
    chosen = client.get("/api/v1/projets/", {"axe": "innover"}).json()
    assert chosen["count"] == 2
    whole = json.loads(body(client.get("/projets/", {"axe": "innover", "format": "json"})))
    assert chosen == whole
    assert client.get("/projets/", {"axe": "innover", "format": "json", "page": 1}).json() == chosen
    files = [client.get(path, {"axe": "innover", "format": "csv"}) for path in
             ("/api/v1/projets/", "/projets/")]  # fmt: skip
    assert body(files[0]) == body(files[1])


def test_the_api_refuses_what_the_list_refuses(client):
    response = client.get("/api/v1/projets/", {"couleur": "bleu"})
    assert response.status_code == 400
    assert "couleur" in response.content.decode()


def test_the_api_without_a_list_refuses_an_unknown_parameter(client):
    response = client.get("/api/v1/sources/", {"couleur": "bleu"})
    assert response.status_code == 400
    assert response.json()["erreur"].startswith(
        "couleur : Ce paramètre n’existe pas à cette adresse."
    )


def test_an_unknown_dataset_of_the_api(client):
    response = client.get("/api/v1/secrets/")
    assert response.status_code == 404
    assert "« secrets » n’existe pas" in response.json()["erreur"]


def test_the_api_only_reads(client):
    for method in (client.post, client.put, client.delete, client.patch):
        assert method("/api/v1/projets/").status_code == 405


def test_openapi_describes_every_dataset_and_the_filters_of_its_list(client):
    found = client.get(reverse("openapi")).json()
    assert found["openapi"].startswith("3.1")
    lists = [path for path in found["paths"] if path.count("/") == 4]
    assert lists == [jeu.get_api_url() for jeu in JEUX.values()]
    records = {path for path in found["paths"] if "{" in path}
    assert records == {
        f"{jeu.get_api_url()}{{{jeu.colonne_cle.nom}}}/" for jeu in JEUX.values() if jeu.colonne_cle
    }
    for jeu in JEUX.values():
        row = found["components"]["schemas"][jeu.code]
        assert list(row["properties"]) == jeu.noms
    projets = found["paths"]["/api/v1/projets/"]["get"]["parameters"]
    assert {"format", "page", "taille", "tri", "region", "axe"} <= {p["name"] for p in projets}
    factories.ProjetFactory()
    for parameter in projets:
        # Known to the list: whatever it thinks of the value, it does not call it unknown.
        answer = client.get("/api/v1/projets/", {parameter["name"]: "1"})
        assert "n’existe pas à cette adresse" not in answer.content.decode(), parameter["name"]


# --- Proof ------------------------------------------------------------------------------------


def test_a_downloaded_file_is_recognised_by_its_digest(client):
    factories.ProjetFactory.create_batch(2)
    content = body(client.get("/projets/", {"format": "csv", "axe": "innover"}))
    sha256 = hashlib.sha256(content).hexdigest()
    response = client.get(reverse("preuves"), {"sha256": f" {sha256.upper()} "}, follow=True)
    assert response.redirect_chain == [(reverse("preuve", args=[sha256]), 302)]
    page = response.content.decode()
    assert "/projets/?format=csv&amp;axe=innover" in page
    assert sha256 in page


def test_a_file_changed_by_one_character_is_not_recognised(client):
    factories.ProjetFactory()
    content = body(client.get("/projets/", {"format": "csv"})) + b" "
    sha256 = hashlib.sha256(content).hexdigest()
    response = client.get(reverse("preuve", args=[sha256]))
    assert response.status_code == 404
    assert "Aucun fichier envoyé par ce portail n’a cette empreinte" in response.content.decode()


def test_a_digest_of_another_form_is_refused_in_words(client):
    response = client.get(reverse("preuves"), {"sha256": "abc"})
    assert response.status_code == 400
    page = response.content.decode()
    assert "Une empreinte SHA-256 compte 64 signes" in page
    assert 'value="abc"' in page


def test_a_proof_is_public_and_changes_no_version(client):
    factories.ProjetFactory()
    before = DonneesVersion.objects.current().numero
    body(client.get("/projets/", {"format": "csv"}))
    assert Preuve.objects.count() == 1
    assert DonneesVersion.objects.current().numero == before
