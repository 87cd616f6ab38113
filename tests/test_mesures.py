"""What `make bench` writes of what it measured, and what it takes up again."""

import json
import re

from django.urls import resolve

from bench import tables
from bench.outils import spread
from bench.pages import PAGES
from tests import empreintes


def page(seconds):
    return {kind: spread(seconds, 0.001) for kind in ("neuve", "gardee", "304")}


def etape(seconds, memory):
    return {"secondes": seconds, "memoire_mo": memory, "collegue_s": 0.5}


def found():
    return {
        "le": "30/11/2026",
        "machine": {"coeurs": 2, "processeur": "x86_64", "python": "3.11.2"},
        "projets": 100_000,
        "parties": {name: {"tours": 3, "mesures": part} for name, part in parts().items()},
    }


def parts():
    return {
        "fichiers": {
            "limites": {"tout": spread([1.0, 1.2, 1.1], 1.1)},
            "postgresql": {
                "csv": spread([2.0, 2.4, 2.2], 1.1)
                | {"premier_octet_s": 0.02, "memoire_mo": 1.5, "octets": 52_000_000}
                | {"rapport_neutralise": 0.9}
            },
        },
        "pages_sqlite": {
            "vide_s": 0.001,
            "petite": {"projets": page([0.1])},
            "grande": {"projets": page([0.2, 0.25, 0.3])},
            "contre_petite": {"projets": 2.5},
            "datasette": {"projets": spread([1.0], 0.25)},
        },
        "imports": {
            "sqlite": {
                "ajouter": {
                    "lignes": 10_000,
                    "lire": etape(20.0, 30.0),
                    "appliquer": etape(25.0, 10.0) | {"rapport": 0.2},
                },
                "modifier": {"lignes": 10_000, "lire": etape(5.0, 1.0)},
                "rien": {"lignes": 11_158, "lire": etape(9.0, 1.0)},
            }
        },
        "robot": {
            "postgresql": {
                "demandes": 601,
                "fautes": [],
                "statuts": {"200": 601},
                "lentes": [[1.25, "GET /projets/?q=a|b"]],
            }
        },
    }


def test_a_ratio_is_that_of_medians_with_their_spread():
    assert spread([4, 1, 2], 1) == {"rapport": 0.5, "secondes": 2, "de_a": [1, 4]}


def test_the_table_says_each_figure_with_its_spread():
    text = tables.written(json.loads(json.dumps(found())))
    assert "# Mesures à 100\u00a0000 projets" in text
    assert "Le 30/11/2026 : 2 cœurs partagés" in text
    assert "| 0,5 (0,9) | 2,2 (2–2,4) | 0,02 s | 1,5 Mo | 52 |" in text
    assert "| projets | 0,1 (0,1–0,1) | 0,25 (0,2–0,3) | 2,5 | 0,004 | 0,004 | 4 |" in text
    assert "| SQLite : ajouter | 10\u00a0000 | 20 s | 25 s | 0,2 | 0,5 s | 30 Mo |" in text
    assert "| SQLite : rien | 11\u00a0158 | 9 s |  |  | 0,5 s | 1 Mo |" in text
    assert "| PostgreSQL | 601 | 0 | 1,25 | `GET /projets/?q=a%7Cb` |" in text
    assert "## Pages, SQLite, 3 tours" in text
    assert "## Pages, PostgreSQL" not in text  # what was not measured is not there


def test_what_the_measures_ask_for_are_addresses_of_the_site():
    for path in PAGES.values():
        resolve(path.split("?")[0])


def test_what_was_measured_is_taken_up_until_the_project_changes(tmp_path):
    before = empreintes.projet("bench/resultats")
    new = empreintes.Path(__file__).with_name("essai_de_mesure.txt")
    kept = new.parents[1] / "bench" / "resultats" / "essai.md"
    kept.parent.mkdir(exist_ok=True)
    try:
        kept.write_text("mesuré")
        assert empreintes.projet("bench/resultats") == before
        new.write_text("changé")
        assert empreintes.projet("bench/resultats") != before
    finally:
        new.unlink(missing_ok=True)
        kept.unlink()
    assert re.fullmatch(r"[0-9a-f]{16}", before)
