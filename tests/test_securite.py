"""docs/securite.md: each requirement of the ASVS once, with a proof that exists.

And what it says of our code as a whole.

The list is `docs/asvs.tsv`; the table of the document is written from it:
`ECRIRE_SECURITE=1 pytest tests/test_securite.py`.
"""

import ast
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from programme.backoffice.identite.mots_de_passe import RecommandationCnil
from tests.test_consistency import python_files

ROOT = Path(settings.BASE_DIR)
LISTE, DOCUMENT = ROOT / "docs" / "asvs.tsv", ROOT / "docs" / "securite.md"
DEBUT, FIN = "<!-- liste -->", "<!-- fin -->"
ETATS = ("tenu", "sans objet", "non tenu")
# ASVS 5.0.0, level 1 then level 2: how many requirements each chapter has.
CHAPITRES = {
    1: ("Encodage et assainissement", 8, 19), 2: ("Validation et règles de métier", 4, 7),
    3: ("Navigateur", 8, 11), 4: ("API et services", 2, 8), 5: ("Fichiers", 4, 5),
    6: ("Authentification", 13, 22), 7: ("Sessions", 6, 12), 8: ("Droits", 4, 3),
    9: ("Jetons", 4, 3), 10: ("OAuth et OpenID Connect", 5, 24), 11: ("Cryptographie", 3, 11),
    12: ("Communications", 3, 6), 13: ("Configuration", 1, 12), 14: ("Données", 2, 7),
    15: ("Code et dépendances", 3, 10), 16: ("Journaux et erreurs", 0, 16), 17: ("WebRTC", 0, 7),
}  # fmt: skip
LIGNES = [line.split("\t") for line in LISTE.read_text().splitlines()]
CHEMIN = re.compile(r"(?:[\w.-]+/)+[\w.-]*\w|\.?\w+\.(?:md|txt|toml)|Dockerfile|\.\w+[\w.]*\w")
EVALUE = {"eval", "exec", "compile", "__import__"}
DANGEREUX = {"pickle", "marshal", "shelve", "xml.etree", "xml.dom", "xml.sax", "lxml", "yaml"}


def test_each_requirement_is_there_once():
    ids = [line[0] for line in LIGNES]
    assert [key for key, count in Counter(ids).items() if count > 1] == []
    assert {len(line) for line in LIGNES} == {5}
    assert {line[3] for line in LIGNES} == set(ETATS)
    found = Counter((int(key.split(".")[0]), int(level)) for key, level, *_ in LIGNES)
    for chapter, (_, first, second) in CHAPITRES.items():
        assert (found[chapter, 1], found[chapter, 2]) == (first, second), chapter
    assert len(LIGNES) == 253


def test_each_has_its_proof_or_its_reason():
    for key, _, words, state, proof in LIGNES:
        assert words.strip(), key
        assert len(proof) > 8, key
        cited = [word for word in CHEMIN.findall(proof) if "/" in word or (ROOT / word).exists()]
        assert [path for path in cited if not (ROOT / path).exists()] == [], key
        if state != "tenu":
            assert " " in proof, f"{key}: a sentence says why"


def table():
    counts = Counter(line[3] for line in LIGNES)
    told = ", ".join(f"{counts[state]} « {state} »" for state in ETATS)
    lines = [f"Sur {len(LIGNES)} exigences : {told}.", ""]
    for chapter, (name, *_) in CHAPITRES.items():
        lines += [f"### {chapter}. {name}", "", "| | niveau | exigence | état | preuve ou raison |"]
        lines.append("|---|---|---|---|---|")
        for key, level, words, state, proof in LIGNES:
            if key.split(".")[0] == str(chapter):
                shown = f"**{state}**" if state == "non tenu" else state
                lines.append(f"| {key} | {level} | {words} | {shown} | {proof} |")
        lines.append("")
    return "\n".join(lines)


def test_the_document_holds_the_list():
    text = DOCUMENT.read_text()
    before, _, rest = text.partition(DEBUT)
    after = rest.partition(FIN)[2]
    wanted = f"{before}{DEBUT}\n{table()}{FIN}{after}"
    if os.environ.get("ECRIRE_SECURITE"):
        DOCUMENT.write_text(wanted)
    assert DOCUMENT.read_text() == wanted, "ECRIRE_SECURITE=1 pytest tests/test_securite.py"


# --- What it says of the whole code ---------------------------------------------------------------


@pytest.mark.parametrize("path", python_files, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_is_made_of_texts_nor_weak_or_dangerous_tools_used(path):
    """Neither eval, nor objects read from bytes, nor a lax reader of XML, nor weak digests."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            assert name not in EVALUE, name
            options = {(keyword.arg, ast.unparse(keyword.value)) for keyword in node.keywords}
            # A list of others' is read by the digest that they made it with: it says so.
            if name != "hashlib.sha1" or ("usedforsecurity", "False") not in options:
                assert name not in {"hashlib.md5", "hashlib.sha1", "random.random"}, name
            for given in options:
                assert given not in {("verify", "False"), ("shell", "True")}, name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            module = getattr(node, "module", None) or ""
            used = {module, *names, *(f"{module}.{name}" for name in names)}
            # One writes XML; the other reads what it has just written itself.
            if module == "xml.sax.saxutils" or (names, path.name) == (["pickle"], "formes.py"):
                continue
            assert not [one for one in used if one.startswith(tuple(DANGEREUX))], used
            if "xml.parsers" in module or "xml.parsers.expat" in names:
                assert path.name == "archive.py", "one module reads XML"


@pytest.mark.django_db
def test_a_password_of_any_length_is_taken():
    RecommandationCnil().validate("Une phrase assez longue pour que nul ne la trouve 7! " * 3)
