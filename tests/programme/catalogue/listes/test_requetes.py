"""The cost of a list does not grow with its rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories

from .outils import LISTES, ask

pytestmark = pytest.mark.django_db

# Version of the data, values of the filters, facets, count or totals, keys of the page, its rows;
# the titles of the sources, once a version; the version again, for the horizon of what documents
# give whole, or other datasets.
QUERIES = {
    "territoires": 13,  # who states the population, once a version
    "regions": 15,  # six of its charts
    "intercommunalites": 9,
    "communes": 9,
    "rattachements": 8,
    "contrats": 16,  # four of its charts, four of its map
    "projets": 18,  # what carries its sums, its chart and its own; the version of its horizon
    "operateurs": 7,  # one of its board: what other sources state
    "conventions": 7,
    "engagements": 8,  # the version, under which their statuses are kept
    "referents": 9,
    "jalons": 5,
}


@pytest.mark.parametrize("number", [1, 5])
@pytest.mark.parametrize("liste", LISTES)
def test_a_page(client, django_assert_num_queries, liste, number):
    LISTES[liste].create_batch(number)
    ask(client, liste)  # makes the version's row, once in the life of the site
    with django_assert_num_queries(QUERIES[liste]):
        response = ask(client, liste)
    assert response.context["totaux"]["lignes"] >= number


@pytest.mark.parametrize("number", [1, 5])
def test_a_page_with_every_kind_of_filter(client, django_assert_num_queries, number):
    financement = factories.FinancementFactory()
    factories.ProjetFactory.create_batch(number)
    parameters = {
        "q": "atelier",
        "axe": ["innover", "non renseigné"],
        "territoire": ["dans un territoire", "hors territoire"],
        "financeur": [financement.financeur.slug, "non renseigné"],
        "emplois_crees_min": "1",
        "mise_a_jour_du": "2021-01-01",
        "tri": "-investissement_eur",
    }
    client.get(reverse("projets"))
    with django_assert_num_queries(19):  # the words are looked for once
        response = client.get(reverse("projets"), parameters)
    assert response.context["totaux"]["lignes"] == number + 1


def test_rows_are_counted_once(client):
    factories.ProjetFactory.create_batch(2)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(reverse("projets"))
    sums = [q["sql"] for q in captured if 'SUM("programme_rangement"' in q["sql"]]
    # The classes of the chart are no total.
    sums = [sql for sql in sums if sql.startswith("SELECT COUNT")]
    counts = [q["sql"] for q in captured if q["sql"].startswith("SELECT COUNT(*)")]
    assert (len(sums), len(counts)) == (1, 0)


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_file_reads_no_value_of_a_filter(client, format):  # noqa: A002
    factories.ProjetFactory()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse("projets"), {"format": format})
        list(response)
    reads = [q["sql"] for q in captured if q["sql"].startswith("SELECT")]
    assert not [
        sql for sql in reads if "SELECT DISTINCT" in sql or sql.startswith('SELECT "territoires_')
    ]
