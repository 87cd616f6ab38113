"""The API: addresses of records, codes, cursors, what it grants to each and what it refuses."""

import json
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from programme.donnees import debit
from programme.donnees.curseur import Ordre
from programme.donnees.jeux import JEUX
from programme.models import Projet
from tests import factories
from tests.programme.donnees.outils import FABRIQUES, assert_problem, body

pytestmark = pytest.mark.django_db
A_CODE = [jeu.code for jeu in JEUX.values() if jeu.colonne_cle]
REMEDE = "lettres sans accent, chiffres et tirets. Séparez plusieurs codes par des virgules."
SANS_CODE = sorted(set(JEUX) - set(A_CODE))


def read(client, url, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == 200, response.content.decode()
    return json.loads(body(response))


# --- Records ----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", A_CODE)
def test_each_row_of_a_dataset_with_codes_has_its_address(client, code):
    FABRIQUES[code].create_batch(2)
    jeu = JEUX[code]
    whole = read(client, jeu.get_file_url("json"))["results"]
    assert whole
    for row in whole:
        key = row[jeu.colonne_cle.nom]
        response = client.get(reverse("api_fiche", args=[code, key]))
        assert response.json() == row
        assert response["X-Total-Count"] == "1"
        assert response["Link"] == f'<http://testserver/api/v1/{code}/>; rel="collection"'
        page = read(client, f"/api/v1/{code}/?{jeu.colonne_cle.nom}={key}")
        assert (page["count"], page["results"]) == (1, [row])


def test_a_record_costs_the_same_whatever_there_is(client, django_assert_max_num_queries):
    factories.ProjetFactory.create_batch(5)
    url = reverse("api_fiche", args=["projets", Projet.objects.first().code])
    client.get(url)
    with django_assert_max_num_queries(4):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("code", SANS_CODE)
def test_a_dataset_without_codes_says_why_it_has_no_records(client, code):
    response = client.get(f"/api/v1/{code}/1/")
    names = ", ".join(JEUX[code].cle)
    sentence = (
        f"Une ligne du jeu « {JEUX[code].titre} » se reconnaît à plusieurs colonnes ({names}) : "
        f"elle n’a pas d’adresse. Le jeu : /api/v1/{code}/"
    )
    assert_problem(response, 404, sentence)


def test_a_record_that_is_not_public_is_not_there(client):
    draft = factories.ProjetFactory(publication="brouillon")
    for key in (draft.code, "FAI-9999"):
        sentence = f"Aucune ligne publiée du jeu « Projets » n’a pour code « {key} »."
        assert_problem(client.get(f"/api/v1/projets/{key}/"), 404, sentence)
    assert read(client, f"/api/v1/projets/?code={draft.code}")["results"] == []


def test_a_record_of_no_dataset(client):
    sentence = "Le jeu de données « secrets » n’existe pas. Les voir tous : /api/v1/"
    assert_problem(client.get("/api/v1/secrets/1/"), 404, sentence)


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", "/api/v1/projets/a/b/"])
def test_no_address_of_the_api_answers_with_a_page(client, path):
    assert_problem(client.get(path), 404, "Rien n’est publié à cette adresse.")


# --- Codes ------------------------------------------------------------------------------------


def test_codes_are_a_filter_of_the_list_and_of_its_files(client):
    chosen = [factories.ProjetFactory(code=code, axe="innover").code for code in ("A-1", "B-2")]
    factories.ProjetFactory(code="C-3")
    query = "code=A-1, B-2"
    for url in (f"/api/v1/projets/?{query}", f"/projets/?{query}&format=json"):
        assert [row["code"] for row in read(client, url)["results"]] == chosen
    page = client.get(f"/projets/?{query}")
    assert page.context["totaux"]["lignes"] == 2
    names = ", ".join(str(row) for row in Projet.objects.filter(code__in=chosen).order_by("code"))
    assert f"Fiches : {names}" in unescape(page.content.decode())
    assert "Fiches : code Z-9" in client.get("/projets/?code=Z-9").content.decode()
    assert 'name="code"' not in client.get("/projets/").content.decode()


def test_a_territory_is_found_by_its_code_whatever_its_phase(client):
    later = factories.RattachementFactory(territoire__phase_id=2).territoire
    assert read(client, f"/api/v1/territoires/?code={later.code}")["count"] == 1
    assert client.get(f"/territoires/?code={later.code}").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/projets/", "/api/v1/faits/"])
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("a b", f"code : « a b » n’est pas un code : {REMEDE}"),
        (
            ",".join(f"a{n}" for n in range(101)),
            "code : Au plus 100 codes à la fois : il y en a 101.",
        ),
    ],
)
def test_what_is_no_code_is_refused(client, path, value, sentence):
    assert_problem(client.get(path, {"code": value}), 400, sentence)


# --- Cursors ----------------------------------------------------------------------------------


def walk(client, url, name="next"):
    pages = [read(client, url)]
    while pages[-1][name]:
        assert len(pages) < 100, "the last page leads further"
        pages.append(read(client, pages[-1][name]))
    return pages


def keys_of(code, rows):
    return {json.dumps([row[name] for name in JEUX[code].cle]) for row in rows}


def codes(pages):
    return [row["code"] for page in pages for row in page["results"]]


TRIS = ["", "beneficiaire", "-emplois_crees", "emplois_crees", "-investissement_eur", "axe"]


@pytest.mark.parametrize("tri", TRIS)
def test_cursors_read_every_row_once_in_the_order_of_the_list(client, tri):
    for rank in range(11):
        factories.ProjetFactory(
            beneficiaire=("Éole", "acier", "Zinc")[rank % 3],
            emplois_crees=(None, 0, 12)[rank % 3],
            investissement_eur=rank * 1_000 or None,
            axe=("innover", "", "recruter")[rank % 3],
        )
    url = f"/api/v1/projets/?taille=2&tri={tri}"
    forth = walk(client, url)
    assert [page["count"] for page in forth] == [11] * 6
    whole = read(client, f"/projets/?format=json&tri={tri}")["results"]
    assert [row for page in forth for row in page["results"]] == whole
    assert forth[0]["previous"] is None
    back = walk(client, forth[-1]["previous"], "previous")
    assert codes(reversed(back)) == codes(forth[:-1])
    assert back[-1]["previous"] is None
    assert codes(walk(client, back[-1]["next"])) == codes(forth[1:])


def test_what_comes_and_goes_meanwhile_moves_nothing(client):
    for rank in range(6):
        factories.ProjetFactory(code=f"B-{rank}")
    first = read(client, "/api/v1/projets/?taille=2")
    factories.ProjetFactory(code="A-0")
    Projet.objects.filter(code="B-1").delete()
    assert codes(walk(client, first["next"])) == ["B-2", "B-3", "B-4", "B-5"]


def test_the_usual_cursor_is_that_of_any_dataset(client):
    for code, factory in FABRIQUES.items():
        factory.create_batch(3)
        whole = read(client, JEUX[code].get_api_url() + "?format=json")
        size = min(whole["count"] // 3 + 1, 500)
        pages = walk(client, f"{JEUX[code].get_api_url()}?taille={size}")
        read_rows = [row for page in pages for row in page["results"]]
        assert len(read_rows) == whole["count"], code
        assert keys_of(code, read_rows) == keys_of(code, whole["results"]), code


def test_a_link_header_says_the_same(client):
    factories.ProjetFactory.create_batch(3)
    response = client.get("/api/v1/projets/?taille=2")
    assert response["Link"] == f'<{response.json()["next"]}>; rel="next"'


def test_a_page_of_cursors_costs_the_same_whatever_there_is(client, django_assert_max_num_queries):
    factories.projets(12)
    second = read(client, "/api/v1/projets/?taille=2")["next"]
    read(client, second)
    with django_assert_max_num_queries(6):
        assert len(read(client, second)["results"]) == 2


@pytest.mark.parametrize("path", ["/api/v1/projets/", "/api/v1/faits/"])
def test_a_cursor_of_nobody_is_refused(client, path):
    factories.projets(3)
    other = read(client, "/api/v1/projets/?taille=1&tri=-code")["next"].partition("curseur=")[2]
    for cursor in ("x", "W10:abc", other.partition("&")[0]):
        response = client.get(f"{path}?curseur={cursor}")
        sentence = (
            "curseur : Ce curseur n’est pas de cette liste dans cet ordre : suivez « next » depuis "
            "curseur=debut."
        )
        assert_problem(response, 400, sentence)


@pytest.mark.parametrize(
    "query", ["curseur=debut&page=1", "curseur=debut&format=csv", "curseur=debut"]
)
def test_a_cursor_goes_with_json_alone_and_no_page(client, query):
    response = client.get(f"/projets/?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "Un curseur ne se donne qu’en JSON, et sans page" in response.content.decode()


def test_a_place_is_told_from_every_other(client):
    factories.projets(5)
    order = Ordre(Projet.objects.order_by("beneficiaire"))
    placed = order.placed(order.sorted())
    for rank, (_, place) in enumerate(placed):
        assert order.beyond(place).count() == len(placed) - rank - 1
        assert order.beyond(place, backwards=True).count() == rank


# --- Who asks, and how ------------------------------------------------------------------------


@pytest.fixture
def minute(monkeypatch, settings):
    """A process that grants two requests a minute; its clock is a list of seconds."""
    settings.API_PAR_MINUTE = 2
    clock = [600.0]
    monkeypatch.setattr(debit, "debit", debit.Debit(lambda: clock[0]))
    return clock


def test_who_asks_too_often_is_told_when_to_come_back(client, minute):
    minute[0] = 610.0
    told = [client.get("/api/v1/")["RateLimit"] for _ in range(2)]
    assert told == ['"minute";r=1;t=50', '"minute";r=0;t=50']
    response = client.get("/api/v1/")
    sentence = (
        "Plus de 2 demandes en une minute : redemandez dans 50 secondes. Un jeu entier se "
        "télécharge en une fois, avec format=csv."
    )
    assert_problem(response, 429, sentence)
    assert response["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert (response["RateLimit"], response["Retry-After"]) == ('"minute";r=0;t=50', "50")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "RateLimit" in response["Access-Control-Expose-Headers"]
    minute[0] = 660.0
    assert client.get("/api/v1/")["RateLimit"] == '"minute";r=1;t=60'


def test_a_refusal_for_haste_asks_nothing_of_the_database(
    client, minute, django_assert_num_queries
):
    for _ in range(2):
        client.get("/api/v1/")
    with django_assert_num_queries(0):
        assert client.get("/api/v1/projets/").status_code == 429


def test_addresses_are_counted_apart_and_pages_not_at_all(client, minute):
    for _ in range(3):
        client.get("/api/v1/")
        assert client.get("/projets/").status_code == 200
    assert client.get("/api/v1/", REMOTE_ADDR="192.0.2.7").status_code == 200
    here = [client.get("/api/v1/", REMOTE_ADDR=f"2001:db8::{n}").status_code for n in (1, 2, 3)]
    assert here == [200, 200, 429]


def test_the_counts_of_a_minute_have_a_bound(monkeypatch):
    monkeypatch.setattr(debit, "ADRESSES", 2)
    counted = debit.Debit(lambda: 0.0)
    assert [counted.count(name)[0] for name in ("a", "b", "c", "d", "a")] == [1, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        ("", "text/html", 406),
        ("", "text/html,*/*;q=0.8", 200),
        ("", "application/json", 200),
        ("?format=csv", "application/json", 406),
        ("?format=csv", "text/csv", 200),
        ("?format=geojson", "application/geo+json", 200),
        ("?format=xml", "text/html", 400),
    ],
)
def test_who_accepts_nothing_of_what_there_is_is_told_so(client, query, accept, status):
    response = client.get(f"/api/v1/projets/{query}", headers={"Accept": accept})
    body(response)
    assert response.status_code == status
    if status == 406:
        assert "que l’en-tête Accept n’admet pas" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/projets/", "/api/v1/projets/a/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_api_says_in_json_how_it_is_asked(path, method):
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.generic(method, path, headers={"Accept": "text/html,*/*"})
    allowed = response["Allow"]
    assert {"GET", "HEAD"} <= set(allowed.split(", ")) <= {"GET", "HEAD", "OPTIONS"}
    sentence = f"{method} : cette adresse ne se demande pas ainsi. Elle se lit : {allowed}."
    assert_problem(response, 405, sentence)


def test_the_same_answer_is_not_sent_twice(client):
    record = factories.ProjetFactory()
    for url in ("/api/v1/projets/", f"/api/v1/projets/{record.code}/", "/api/v1/openapi.json"):
        first = client.get(url)
        again = client.get(url, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert "RateLimit" in again


def test_the_page_of_a_dataset_and_the_api_count_the_same(client):
    for code, factory in FABRIQUES.items():
        factory.create_batch(2)
        jeu = JEUX[code]
        shown = client.get(jeu.get_absolute_url()).context["lignes"]
        whole = f"{jeu.entier}&" if jeu.entier else ""
        assert read(client, f"{jeu.get_api_url()}?{whole}taille=1")["count"] == shown, code
