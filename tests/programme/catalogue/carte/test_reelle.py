"""The pages of the map on the real facts: the figures of its milestones, and its weight."""

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from .outils import page

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.lent,
    pytest.mark.usefixtures("donnees_reelles"),
]

# date, announced, attested, possible, the day by which all those are attested
JALONS = [
    ("2018-11-22", 124, 38, 105, "14 novembre 2019"),
    ("2019-03-06", 136, 48, 95, "14 novembre 2019"),
    ("2019-07-01", 141, 59, 84, "14 novembre 2019"),
    ("2019-09-24", 144, 62, 84, "14 novembre 2019"),
    ("2019-11-14", 146, 146, 0, None),
    ("2020-10-15", 148, 148, 0, None),
    ("2021-11-22", 146, 146, 0, None),
    ("2022-12-31", 149, 149, 0, None),
    ("2023-11-09", 183, 183, 0, None),
    ("2024-07-04", 183, 183, 0, None),
]
RECONSTITUES = {"2019-11-14": (64, "82 reconstitués"), "2021-11-22": (145, "1 reconstitué")}
"""Whom no list nor document says on the map that day: told apart."""


@pytest.mark.parametrize("expected", JALONS, ids=lambda expected: expected[0])
def test_milestones(client, expected):
    day, annonce, attestes, possibles, limite = expected
    answer = client.get(reverse("carte"), {"date": day, "format": "json"}).json()
    assert {key: answer[key] for key in ("date", "annonce", "attestes", "possibles")} == {
        "date": day,
        "annonce": annonce,
        "attestes": attestes,
        "possibles": possibles,
    }
    classes = [territoire["classe"] for territoire in answer["territoires"]]
    assert classes.count("attesté") == attestes
    assert classes.count("possible") == possibles
    assert len(classes) == (183 if day >= "2023-11-09" else 152)
    assert (answer["horizon"], answer["derniers_connus"]) == ("2024-07-04", 0)
    text = page(client.get(reverse("carte"), {"date": day}))
    sentence = f"{annonce} annoncés ; {attestes} attestés"
    if day == "2024-07-04":
        sentence = f"annoncés (dernier nombre connu, 9 novembre 2023 ) ; {attestes} attestés"
    if day in RECONSTITUES:
        named, rebuilt = RECONSTITUES[day]
        sentence += f" , dont {named} par une liste ou un document et {rebuilt}"
    if limite:
        sentence += f" ; {possibles} dont l’entrée est attestée au plus tard le {limite}"
    assert f"{sentence} ." in text


def test_timeline(client):
    etapes = client.get(reverse("carte")).context["etapes"]
    numbers = [etape.jalon.nb_territoires for etape in etapes]
    assert numbers == [124, 136, 141, 144, 146, 148, 146, 149, 183]
    assert [etape.courante for etape in etapes] == [False] * 8 + [True]


def test_after_the_last_list_nothing_is_attested(client):
    answer = client.get(reverse("carte"), {"format": "json"}).json()
    assert {key: answer[key] for key in ("annonce", "attestes", "possibles")} == {
        "annonce": 183,
        "attestes": 0,
        "possibles": 0,
    }
    assert (answer["horizon"], answer["derniers_connus"]) == ("2024-07-04", 183)
    assert {t["classe"] for t in answer["territoires"]} == {"dernière liste connue"}
    text = page(client.get(reverse("carte"), {"couleur": "presence"}))
    assert "183 sur la dernière liste connue , 4 juillet 2024" in text
    assert "183 territoires de la dernière liste connue" in text
    assert "attestés" not in text


def test_no_caption_adds_possible_to_attested(client):
    text = page(client.get(reverse("carte"), {"date": "2019-03-06"}))
    assert "48 territoires attestés, 95 territoires possibles" in text
    assert "143" not in text


def test_brest_morlaix_and_quimper_become_finistere(client):
    answer = client.get(
        reverse("differences"), {"de": "2020-10-15", "a": "2021-11-22", "format": "json"}
    ).json()
    assert [t["code"] for t in answer["entrees"]] == ["ti-5313"]
    assert [t["nom"] for t in answer["sorties"]] == [
        "Pays de Brest",
        "Pays de Morlaix",
        "Pays de Quimper",
    ]
    [fusion] = answer["fusions"]
    assert fusion["successeur"]["code"] == "ti-5313"
    assert len(fusion["predecesseurs"]) == 3
    assert (fusion["gagnes"], fusion["perdus"]) == ([], [])
    assert len(answer["membres"]) == 9


@pytest.mark.parametrize(
    ("de", "a", "entrees", "sorties"),
    [
        ("2018-11-22", "2019-03-06", 10, 0),
        ("2019-03-06", "2019-07-01", 11, 0),
        ("2019-07-01", "2019-09-24", 3, 0),
        ("2019-09-24", "2019-11-14", 84, 0),
        ("2019-11-14", "2020-10-15", 2, 0),
    ],
)
def test_entries_between_milestones(client, de, a, entrees, sorties):
    answer = client.get(reverse("differences"), {"de": de, "a": a, "format": "json"}).json()
    assert (len(answer["entrees"]), len(answer["sorties"])) == (entrees, sorties)


FONT = "fonts/figtree-latin.woff2"


def weight(client, url):
    """Compressed bytes of a page and of all it loads; its font as it is, its icons left out."""
    html = client.get(url).content
    loaded = {part.split('"')[0] for part in html.decode().split('"/static/')[1:]} - {FONT}
    files = [Path(finders.find(path)).read_bytes() for path in loaded]
    texts = sum(len(gzip.compress(text, 6)) for text in [html, *files])
    return texts + Path(finders.find(FONT)).stat().st_size


# Measured, in kilobytes: 166, 167, 208, 160 and 154; most of it is the DSFR and the outlines.
@pytest.mark.parametrize(
    ("name", "query", "limit"),
    [
        ("carte", "?date=2019-03-06", 185_000),
        ("carte", "?couleur=contrats", 185_000),
        ("differences", "?de=2018-11-22&a=2021-11-22", 230_000),
        ("integrer_carte", "", 180_000),
        ("carte_projets", "", 180_000),
    ],
)
def test_a_page_weighs_less_than_250_kb(client, name, query, limit):
    assert 90_000 < weight(client, reverse(name) + query) < limit
