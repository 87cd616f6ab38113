"""A date goes with what it stands for, and `territoires.dates` alone writes one."""

import ast
import re

import pytest
from django.db.models import DateField, DateTimeField

from programme.donnees.jeux import JEUX
from programme.donnees.schema import Type
from programme.models import Precision
from territoires.models import Certitude
from tests.test_consistency import OUR_MODELS, ROOT, python_files, template_files

WRITER = ROOT / "territoires" / "dates.py"
DATES = {
    field.name
    for model in OUR_MODELS
    for field in model._meta.get_fields()
    if isinstance(field, DateField | DateTimeField)
}
PRECISE = {name for model in OUR_MODELS for name in getattr(model, "precisions", {})}
"""Names of fields that, somewhere, have a precision beside them."""
DAYS = {
    # Of the same name as one that has a precision, and a day by their nature: no model says more.
    "avenant.date_signature",
    "bilan.date",
    "carte.bilan.date",
    "carte.date",
    "date",
    "document.date",
    "found.a.date",
    "found.de.date",
    "operateur.referent_debut",
    "phase.debut",
    "referent.debut",
    "referent.fin",
    "dated.fin",
    "self.date",
    "suivi.promesse.echeance",
    "vue.date",
}
NO_DATES = {"engagement.debut", "fact.quand", "graphique.jour", "saisie.date", "work.quand"}
"""A year, words already, what was typed: no date, under the name of one."""
FILTERS = re.compile(r"\|(date|time|timesince|timeuntil|naturaltime|naturalday)\b|{%\s*now\b")
PRINTED = re.compile(r"{{\s*([\w.]+)((?:\|[^}]*)?)\s*}}")
DAY_TAG = re.compile(r"{%\s*(?:jour|le)\s+([\w.]+)\s*%}")
WORDS = ("date_in_words", "le", "depuis", "en_chiffres")


def _last(name):
    return name.rpartition(".")[2]


def _is_date(name):
    return "." in name and _last(name) in DATES and name not in NO_DATES


def _dotted(node):
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


@pytest.mark.parametrize("path", template_files, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_write_dates_in_one_way(path):
    text = path.read_text()
    assert [found.group(0) for found in FILTERS.finditer(text)] == []
    raw = [
        name
        for name, filters in PRINTED.findall(text)
        if _is_date(name) and not re.search(r"\|(iso|\w+_en_mots)\b", filters)
    ]
    assert raw == []
    vague = [name for name in DAY_TAG.findall(text) if _last(name) in PRECISE - DAYS]
    assert [name for name in vague if name not in DAYS] == []


def _faults(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            spec = ast.unparse(node.format_spec) if node.format_spec else ""
            if re.search("%[a-zA-Z]", spec) or _is_date(_dotted(node.value)):
                yield ast.unparse(node.value)
        elif isinstance(node, ast.Attribute) and node.attr in ("strftime", "isoformat"):
            yield ast.unparse(node)
        elif isinstance(node, ast.Name) and node.id in ("date_format", "time_format"):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.search(r"{\w*:%", node.value):
                yield node.value
        elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
            name = _dotted(node.args[0])
            if _last(_dotted(node.func)) in WORDS and _last(name) in PRECISE and name not in DAYS:
                yield ast.unparse(node)


@pytest.mark.parametrize(
    "path",
    [path for path in python_files if path != WRITER and "migrations" not in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_code_writes_dates_in_one_way(path):
    assert list(_faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize("model", OUR_MODELS, ids=lambda model: model.__name__)
def test_a_precision_says_which_date_it_is_of(model):
    kinds = ([*Precision.choices], [*Certitude.choices])
    told = {f.name for f in model._meta.get_fields() if getattr(f, "choices", None) in kinds}
    assert set(getattr(model, "precisions", {}).values()) == told


@pytest.mark.parametrize("jeu", JEUX.values(), ids=lambda jeu: jeu.code)
def test_a_file_gives_the_precision_of_its_dates(jeu):
    read = {column.source or column.nom for column in jeu.colonnes}
    for column in jeu.colonnes:
        precision = getattr(jeu.modele, "precisions", {}).get(column.source or column.nom)
        if column.type is Type.DATE and precision:
            assert precision in read
