"""What a page offers is what comes: as many rows as announced, and a proof for every file."""

import hashlib
import io
import json
import re
from itertools import pairwise

import openpyxl
import pytest
from django.conf import settings
from django.urls import reverse

from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from tests import factories
from tests.programme.catalogue.listes.outils import SANS_PAGE
from tests.programme.donnees.outils import FABRIQUES, body, export, read_csv, read_json

pytestmark = pytest.mark.django_db
ROWS = 103
"""More than a page of the list, and than one of the API."""


def rows_of(response, content):
    """How many rows the file holds, read as its type says."""
    kind = response["Content-Type"].split(";")[0]
    if kind == "text/csv":
        return len(content.decode("utf-8-sig").splitlines()) - 1
    if "spreadsheetml" in kind:
        return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].max_row - 1
    data = json.loads(content)
    if "results" in data:
        assert data["count"] == len(data["results"])
        return len(data["results"])
    if "objects" in data:
        return sum(len(layer["geometries"]) for layer in data["objects"].values())
    for name in ("features", "territoires"):
        if name in data:
            return len(data[name])
    return sum(len(rows) for rows in data.values() if isinstance(rows, list))


def assert_whole_and_proved(client, url, rows=None):
    response = client.get(url)
    assert response.status_code == 200, url
    content = body(response)
    found = rows_of(response, content)
    assert response["X-Total-Count"] == str(found), url
    assert rows in (None, found), url
    page = client.get(reverse("preuve", args=[hashlib.sha256(content).hexdigest()]))
    assert page.status_code == 200, url
    assert page.context["preuve"].lignes == found


@pytest.mark.parametrize("code", JEUX)
def test_every_file_of_the_page_of_a_dataset(client, code):
    FABRIQUES[code].create_batch(3)
    response = client.get(reverse("donnees_jeu", args=[code]))
    words = [words for words, *_ in response.context["fichiers"]]
    assert words[:4] == ["CSV", "CSV pour Excel (point-virgule)", "Excel (XLSX)", "JSON"]
    for _, url, _ in response.context["fichiers"]:
        assert_whole_and_proved(client, url, response.context["lignes"])


@pytest.mark.parametrize("code", [code for code, jeu in JEUX.items() if jeu.liste])
def test_every_file_of_a_list(client, code):
    FABRIQUES[code].create_batch(3)
    path = reverse(JEUX[code].liste)
    response = client.get(path, SANS_PAGE.get(code, {}))
    assert len(response.context["exports"]) == len(JEUX[code].offres)
    for _, url in response.context["exports"]:
        assert_whole_and_proved(client, path + url, response.context["totaux"]["lignes"])


def test_a_list_longer_than_a_page_is_downloaded_whole_from_any_of_its_pages(client):
    factories.projets(ROWS)
    response = client.get("/projets/", {"taille": 50, "page": 2, "tri": "-code"})
    assert response.context["totaux"]["lignes"] == ROWS
    for _, url in response.context["exports"]:
        assert "taille" not in url
        assert_whole_and_proved(client, f"/projets/{url}", ROWS)


def test_the_api_still_answers_page_by_page(client):
    factories.projets(ROWS)
    first = client.get("/api/v1/projets/").json()
    assert (first["count"], len(first["results"])) == (ROWS, 100)
    last = client.get(first["next"]).json()
    assert len(last["results"]) == 3
    assert last["next"] is None


def test_the_whole_json_says_what_the_pages_say(client):
    factories.FinancementFactory.create_batch(4)
    whole = json.loads(body(client.get("/projets/?format=json")))
    assert whole == client.get("/api/v1/projets/").json()


def test_every_file_of_the_map(client):
    factories.RattachementFactory.create_batch(2)
    factories.JalonFactory(date="2019-03-06", nb_territoires=136)
    factories.JalonFactory(date="2019-11-14", nb_territoires=146)
    response = client.get("/carte/")
    assert "CSV pour Excel (point-virgule)" in dict(response.context["fichiers"])
    for _, url in response.context["fichiers"]:
        assert_whole_and_proved(client, f"/carte/{url}")
    response = client.get("/carte/differences/")
    for _, url in response.context["fichiers"]:
        assert_whole_and_proved(client, f"/carte/differences/{url}")


def test_beside_each_csv_there_is_one_for_excel(client):
    """Wherever a page links a CSV, the next link is the same file with semicolons."""
    projet = factories.ProjetFactory(territoire=factories.RattachementFactory().territoire)
    pages = ["/donnees/", "/projets/", "/territoires/", "/carte/", "/carte/differences/"]
    pages += ["/donnees/projets/", projet.territoire.get_absolute_url()]
    for page in pages:
        links = re.findall(r'href="([^"]*format=[^"]*)"', client.get(page).content.decode())
        for link, following in pairwise([*links, ""]):
            if link.endswith("format=csv"):
                assert following == f"{link}&amp;separateur=point-virgule", page


# --- Columns ------------------------------------------------------------------------------------


def test_a_name_stands_beside_each_code_of_a_region_or_of_a_departement():
    for jeu in JEUX.values():
        for nom in jeu.noms:
            if nom in ("region", "departement", "region_porteuse", "territoire"):
                owed = f"{nom}_nom"
            elif nom in ("regions", "departements"):
                owed = f"{nom}_noms"
            else:
                continue
            # Of a territory, the name is owed where the row is about it alone.
            assert owed in jeu.noms or nom == "territoire", f"{jeu.code}.{owed}"


@pytest.mark.parametrize("code", [code for code, jeu in JEUX.items() if "url" in jeu.noms])
def test_the_address_of_a_row_is_a_page_that_answers(client, code, settings):
    settings.SITE = {**settings.SITE, "url": "https://portail.example"}
    FABRIQUES[code].create_batch(2)
    for row in read_json(export(code, "json"))["results"]:
        if code != "sources" and row["url"] is not None:
            root, path = row["url"][:23], row["url"][23:]
            assert root == "https://portail.example"
            assert client.get(path).status_code == 200


def test_every_record_that_has_a_page_says_its_address():
    for jeu in JEUX.values():
        # A figure, a fact and a confrontation have a place on a page, not a page.
        on_a_page = jeu.code in {"chiffres", "faits", "confrontations"}
        if hasattr(jeu.modele, "get_absolute_url") and not on_a_page:
            assert "url" in jeu.noms, jeu.code


def test_the_address_of_a_record_is_its_own(client):
    projet = factories.ProjetFactory()
    [row] = read_csv(export("projets", "csv"))
    assert row["url"] == settings.SITE["url"] + projet.get_absolute_url()


def test_what_a_journalist_needs_of_a_project():
    contrat = factories.ContratFactory()
    projet = factories.ProjetFactory(code_postal="14380", contrat=contrat)
    for nom in ('=Banque "des" Territoires', "A|B"):
        factories.FinancementFactory(projet=projet, financeur__nom=nom)
    [row] = read_json(export("projets", "json"))["results"]
    assert row["code_postal"] == "14380"
    assert row["departement_nom"] == projet.departement.nom
    assert row["region_nom"] == projet.departement.region.nom
    assert row["contrat"] == contrat.slug
    assert sorted(row["financeur"]) == ['=Banque "des" Territoires', "A/B"]
    [cells] = read_csv(export("projets", "csv"))
    assert cells["financeur"] == '\'=Banque "des" Territoires|A/B'
    assert JEUX["projets"].colonne("financeur").type is Type.NOMS


@pytest.mark.parametrize("publication", ["brouillon", "à valider", "retiré"])
def test_a_contract_that_is_not_public_is_not_told_by_its_project(publication):
    contrat = factories.ContratFactory(publication=publication)
    factories.ProjetFactory(contrat=contrat)
    [row] = read_json(export("projets", "json"))["results"]
    assert row["contrat"] is None


def test_names_come_in_the_order_of_their_codes():
    departements = [
        factories.DepartementFactory(code=code, nom=nom)
        for code, nom in (("61", "Orne"), ("2A", "Corse-du-Sud"), ("01", "Ain"))
    ]
    factories.RattachementFactory(territoire__departements=departements)
    [row] = read_json(export("territoires", "json"))["results"]
    assert row["departements"] == ["01", "2A", "61"]
    assert row["departements_noms"] == ["Ain", "Corse-du-Sud", "Orne"]
