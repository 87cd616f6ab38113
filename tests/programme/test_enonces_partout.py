"""Wherever an announced figure or a promise is printed, its hedge is there too."""

import ast
import csv
import io
import re

import pytest

from programme.catalogue.pages.accueil import ANNONCES
from programme.catalogue.pages.fonds import INDICATEURS_DU_FONDS
from programme.donnees.jeux import JEUX
from tests import factories as f
from tests.adresses import pages
from tests.programme.catalogue.pages.outils import texte
from tests.test_consistency import ROOT, python_files, template_files

WRITER = ROOT / "programme" / "enonces.py"
OTHER_VALUES = {
    *("cote.valeur", "erreur.cible", "filtre.valeur", "modalite.valeur", "part.valeur"),
    *("e.valeur", "grand.valeur"),
}
"""Words of a source, a field in error, choices of a filter, a share, what a citation says in words,
what one record tells: no announced figure."""
NAME = r"([\w.]+\.(?:valeur|cible))\b"
PRINTED = re.compile(rf"{{{{\s*{NAME}|{{%\s*(?!if|elif|with|include)\w+\s+{NAME}")
NUMBER, PROMISE = 7_777, 8_888


@pytest.mark.parametrize("path", template_files, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_prints_a_bare_figure(path):
    names = {one or two for one, two in PRINTED.findall(path.read_text())}
    assert names - OTHER_VALUES == set()


def _bare(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            printed = node.value
            if isinstance(printed, ast.Attribute) and printed.attr in {"valeur", "cible"}:
                yield ast.unparse(printed)


@pytest.mark.parametrize(
    "path",
    [path for path in python_files if path != WRITER and "migrations" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_code_writes_one(path):
    # The address of a figure on its page is made of its value, and read by nobody.
    assert set(_bare(ast.parse(path.read_text()))) <= {"self.valeur"}


@pytest.fixture
def hedged(db):
    """A hedged figure of every indicator that a page shows, a fact, a promise."""
    for code in {*ANNONCES, *INDICATEURS_DU_FONDS, "protocoles_signes", "autre_chose"}:
        f.ChiffreAnnonceFactory(indicateur=code, valeur=NUMBER, nature="plus de", unite="projets")
    f.FaitFactory(valeur=NUMBER, nature="plus de", unite="projets")
    f.FaitFactory(valeur=NUMBER, nature="plus de", indicateur="protocoles_signes")
    f.EngagementFactory(cible=PROMISE, approximatif=True, rythme="par an", debut=2019)


@pytest.mark.usefixtures("hedged")
def test_no_page_feed_or_answer_drops_a_hedge(client):
    seen = 0
    for page in pages():
        read = texte(client.get(page)).lower()
        for number, hedge in ((NUMBER, "plus de"), (PROMISE, "environ")):
            shown = f"{number // 1000} {number % 1000}"
            found = [read[max(m.start() - 12, 0) : m.end()] for m in re.finditer(shown, read)]
            # Nothing is recounted here: the whole figure is the gap, with its own sign.
            bare = [w for w in found if f"{hedge} {shown}" not in w and f"−{shown}" not in w]
            assert bare == [], page
            seen += len(found)
    assert seen > 20


@pytest.mark.usefixtures("hedged")
@pytest.mark.parametrize("code", ["chiffres", "faits", "engagements"])
def test_a_file_gives_the_hedge_beside_the_number(client, code):
    body = client.get(JEUX[code].get_file_url("csv")).getvalue().decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(body)):
        if code == "engagements":
            assert row["approximatif"] == "oui"
        else:
            assert row["enonce"] == f"plus de {NUMBER} {row['unite']}"
            assert (row["nature"], row["valeur"]) == ("plus de", str(NUMBER))
