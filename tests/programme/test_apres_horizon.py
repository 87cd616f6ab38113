"""After the last day that a source states, no page claims anything: nothing is attested, nothing
« still » so, nothing said of today.

What templates may write, and what the code may; `test_pages_reelles` reads the pages.
"""

import ast
import datetime
import re
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
AFFIRMATION = re.compile(
    r"\b(attestée?s?|toujours|aujourd[’']hui|actuellement|à ce jour)\b", re.IGNORECASE
)
ADMIS = {
    # Denied, or asked.
    "rien n’est attesté après": "c’est l’horizon lui-même",
    "rien n’est attesté. null": "la même phrase, dans la description de l’API",
    "Rien n’est attesté à cette date": "la même, d’un chiffre",
    "Rien ici ne dit ce qu’elles sont aujourd’hui": "le contraire d’une affirmation",
    "Et aujourd’hui ?": "une question ; la page qui répond dit la dernière liste connue",
    "rien au-delà d’aujourd’hui": "refus d’une date à venir",
    # Of the portal itself, which knows what it publishes.
    "dit ce qui est publié aujourd’hui": "ce que le portail publie, il le sait",
    "(ce qu’elle donne aujourd’hui peut avoir changé)": "une adresse du portail",
    "se lit tel qu’aujourd’hui": "ce qui n’a pas d’historique, sur une page qui se lit au passé",
    "Lire la page d’aujourd’hui": "de cette page, le lien vers celle du jour",
    "la carte intégrée sera toujours celle du jour": "ce que fait la page, à sa date",
    "La carte d’aujourd’hui": "un lien vers la carte du jour, qui dit son horizon",
    "d’aujourd’hui ou d’avant les fusions": "les noms de région que la recherche comprend",
    "sa commune d’aujourd’hui": "le code officiel géographique, millésimé à côté",
    # Words that the glossary or a dictionary defines.
    "Se dit d’un territoire": "définition",
    "(attesté)": "nom du terme du glossaire",
    "attesté, au plus tard, avenant": "les mots d’une lettre du glossaire, l’un après l’autre",
    "attesté Attested: a source states it": "le même, sur la page en anglais",
    "Classes : attesté": "définition des classes de la carte",
    "<em>attesté</em>": "la même, dans son gabarit",
    "attesté sur la carte ; présent": "définition de la colonne",
    "sa présence est attestée": "définition de la colonne",
    "attestés ce jour-là": "aide d’un filtre par date",
    "attesté à la date du chiffre": "règle d’un calcul, à la date de l’annonce",
    "attestés à la date du chiffre": "la même",
    "est attesté à cette date": "définition de « au plus tard », à la date dite",
    "n’est attestée que plus tard": "d’un jour passé, avant la liste qui l’atteste",
    "attestée, ou reconstituée, à cette date": "définition d’un chiffre de la carte",
    "ni toujours les mêmes noms": "« pas toujours » : n’affirme rien d’un jour",
    "atteste l’existence": "ce que fait une source, non un état",
}
"""Sentences that hold one of these words and claim nothing after the horizon, each with why."""

AVANT_L_HORIZON = {
    "templates/programme/carte/bilan.html": "`au_dela` écarte « attesté » après l’horizon",
    "templates/programme/carte/notes.html": "la même condition",
    "templates/programme/carte/changements.html": "titre de la colonne du jour d’une entrée",
    "templates/programme/carte/carte.html": "description de la page : à chaque date",
    "templates/programme/listes/etapes.html": "`attestee` l’écarte après l’horizon",
    "templates/programme/recherche/etapes.html": "étapes annoncées ; les pages le vérifient",
    "templates/programme/recherche/appartenance.html": "« possible » ; les pages le vérifient",
    "templates/programme/pages/portrait_membres.html": "définition de « au plus tard »",
    "territoires/carte.py": "les classes : `_presence` n’en donne pas après l’horizon",
    "programme/catalogue/carte/bilan.py": "compte des classes, nul après l’horizon",
    "programme/catalogue/carte/themes.py": "légende des classes",
    "programme/catalogue/carte/comparaison.py": "légende de « possible »",
    "programme/catalogue/carte/etat.py": "définition des classes",
}
"""Files that may write « attesté »: what keeps them from it after the horizon."""

MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
DATE = re.compile(rf"(?:(\d\d?)(?:er)? )?({'|'.join(MOIS)}) (\d{{4}})")


def unfounded(text, dernier=None):
    """The claims in `text` that no admitted sentence holds, with the words around.

    dernier: the day of the last list known; what is « attesté » of a day up to it is founded.
    """
    text = " ".join(text.split())
    found = []
    for hit in AFFIRMATION.finditer(text):
        around = text[max(0, hit.start() - 60) : hit.end() + 60]
        if not any(sentence in around for sentence in ADMIS) and not (
            dernier and "attest" in hit[0].lower() and _of_a_day_up_to(dernier, text[: hit.start()])
        ):
            found.append(around)
    return found


def _of_a_day_up_to(dernier, before):
    """Whether the last day that is named just before a claim is one that a list covers."""
    days = DATE.findall(before[-160:])
    if not days:
        return False
    day, month, year = days[-1]
    return datetime.date(int(year), MOIS.index(month) + 1, int(day or 1)) <= dernier


def words_of_page(body):
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", body, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body))


# --- What may be written ----------------------------------------------------------------------

TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*.html"))
    # Where one signs in, and the back-office: it shows the state of records as they are opened.
    if path.relative_to(ROOT / "templates").parts[0] not in {"admin", "account", "mfa"}
]
MODULES = [
    path
    for package in ("programme", "territoires")
    for path in sorted((ROOT / package).rglob("*.py"))
    if not {"backoffice", "administration", "migrations", "management", "demonstration"}
    & set(path.relative_to(ROOT).parts)
]


def _name(path):
    return str(path.relative_to(ROOT))


def _judge(name, texts):
    found = [claim for text in texts for claim in unfounded(text)]
    if name in AVANT_L_HORIZON:
        found = [claim for claim in found if "attest" not in claim.lower()]
    assert found == [], name


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_no_template_claims_anything_of_today(path):
    source = path.read_text()
    source = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    shown = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    _judge(_name(path), [shown])


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_module_claims_anything_of_today(path):
    tree = ast.parse(path.read_text())
    told = [
        node.value.value if isinstance(node.value, ast.Constant) else None
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
    ]
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    _judge(_name(path), [text for text in texts if text not in told])


def test_every_admitted_sentence_and_file_is_used():
    files = {_name(path): path.read_text() for path in (*TEMPLATES, *MODULES)}
    assert [name for name in AVANT_L_HORIZON if "ttest" not in files.get(name, "")] == []


def test_the_reading_finds_what_may_not_be_said():
    list_day = datetime.date(2024, 7, 4)
    claim = "Carte au 28 novembre 2026 : 146 attestés"
    assert unfounded(claim, list_day)
    assert unfounded("Lacq : toujours membre", list_day)
    assert unfounded("Aujourd’hui dans le territoire de Lacq", list_day)
    assert not unfounded("4 juillet 2024 : 183 attestés", list_day)
    assert not unfounded("4 juillet 2024 ; rien n’est attesté après cette date", list_day)
