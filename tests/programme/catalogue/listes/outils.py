"""What the tests of the lists share: asking for a page or a file, and reading it back."""

import csv
import io
import json
import re

import openpyxl
from django.urls import reverse

from tests import factories

# Every list, and what makes one row of it.
LISTES = {
    "territoires": factories.TerritoireFactory,
    "regions": factories.RegionFactory,
    "intercommunalites": factories.IntercommunaliteFactory,
    "communes": factories.CommuneFactory,
    "rattachements": factories.RattachementFactory,
    "contrats": factories.ContratFactory,
    "projets": factories.ProjetFactory,
    "operateurs": factories.OperateurFactory,
    "conventions": factories.ConventionFactory,
    "engagements": factories.EngagementFactory,
    "referents": factories.ReferentFactory,
    "jalons": factories.JalonFactory,
}


SANS_PAGE = {"engagements": {"tri": "code"}}
"""What is asked of a list whose bare address leads to another page, to have its own."""


def ask(client, name, **parameters):
    """The response of a list: `ask(client, "projets", axe=["innover", "attirer"])`.

    A parameter without a value is followed to the address that leaves it out.
    """
    return client.get(reverse(name), parameters or SANS_PAGE.get(name, {}), follow=True)


def rows(client, name, **parameters):
    """The rows of the JSON answer, with the keys of the published dataset."""
    response = ask(client, name, format="json", taille=500, **parameters)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def codes(client, name, column="code", **parameters):
    return [row[column] for row in rows(client, name, **parameters)]


def whole(response):
    return b"".join(response) if response.streaming else response.content


def read_csv(response):
    text = whole(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_xlsx(response):
    """The rows of the first sheet as dictionaries."""
    sheet = openpyxl.load_workbook(io.BytesIO(whole(response)), read_only=True).worksheets[0]
    header, *lines = sheet.iter_rows(values_only=True)
    return [dict(zip(header, line, strict=True)) for line in lines]


def read_geojson(response):
    return [feature["properties"] for feature in json.loads(whole(response))["features"]]


def text(response):
    """The words of a page, tags and runs of spaces left out."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words.replace("&nbsp;", " "))
