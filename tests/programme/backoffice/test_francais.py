"""Every screen of every role speaks French: no English, no jargon, no raw value, no odd number.

And each is valid HTML, where `tests/balisage.py` can tell.
"""

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.urls import NoReverseMatch, reverse

from programme.models import Publication
from tests import factories as f
from tests.balisage import fautes
from tests.programme.backoffice import monde
from tests.programme.backoffice.outils import address

# Words of Django and of English that would be seen if a sentence were left untranslated.
ANGLAIS = (
    "the|this|that|your|you|are|have|has|been|please|with|from|select|selected|object|objects|"
    "add|added|changed|save|saved|delete|deleted|remove|removed|yes|none|true|false|empty|"
    "successfully|search|filter|filters|home|error|errors|currently|unknown|all|any|today|"
    "welcome|password|login|logout|user|users|username|history|view|site admin|permission denied|"
    "required|field|fields|enter|valid|invalid|choose|available|and|or not|next|previous|page not"
)
ENGLISH = re.compile(rf"(?<![\w./@-])(?:{ANGLAIS})(?![\w/@-]|\.\w)", re.IGNORECASE)
MARQUES = {
    "un objet générique": re.compile(r"\bobjets? (?:suppl|généri)|\bL[’']objet\b|\(s\)|\(e\)"),
    "une valeur brute": re.compile(r"\b(?:None|True|False|NULL|nan|undefined)\b"),
    "une date de machine": re.compile(r"(?<![\w«/-])\d{4}-\d{2}-\d{2}(?![\w/-])"),
    "une apostrophe droite": re.compile(r"[a-zà-ÿ]'[a-zà-ÿ]"),
    "un signe sans espace": re.compile(r"[a-zà-ÿ)»][:;?!](?=\s|$)"),
    "un grand nombre sans espace": re.compile(r"(?<![\w-])[1-9]\d{6,}(?![\w-])"),
    "un nom de classe": re.compile(r"\b\w+ object \(|<\w+:|&lt;\w+:"),
}
# What people and data wrote, in the tests' own rows.
TOLERES = {"Bpifrance", "site"}
ATTRIBUTS = ("title", "alt", "aria-label", "placeholder")
IGNORES = {"script", "style", "textarea", "svg"}


class Textes(HTMLParser):
    """The texts that a person reads on a page, those of attributes and of buttons included."""

    def __init__(self, html):
        super().__init__()
        self.found, self.skipped = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.skipped += tag in IGNORES
        self.found += [attrs[name] for name in ATTRIBUTS if attrs.get(name)]
        if tag == "input" and attrs.get("type") in {"submit", "button"}:
            self.found.append(attrs.get("value", ""))
        if attrs.get("data-inline-formset"):
            self.found += re.findall(r'Text": "([^"]*)', attrs["data-inline-formset"])

    def handle_endtag(self, tag):
        self.skipped -= tag in IGNORES

    def handle_data(self, data):
        if not self.skipped and data.strip():
            self.found.append(" ".join(data.split()))


def data_of(rows):
    """Every text of the rows themselves: what is in them is not ours to judge."""
    texts = set()
    for row in rows.values():
        texts.add(str(row))
        texts |= {str(getattr(row, field.attname)) for field in row._meta.concrete_fields}
    return {text for text in texts if len(text) > 1}


def any_of(data):
    """What finds a text of the rows inside another, the longest first."""
    known = sorted((text for text in data if len(text) > 3), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, known)))


def faults(html, data, known):
    found = []
    for text in Textes(html).found:
        if text in data:
            continue
        said = known.sub("…", text)
        if word := ENGLISH.search(said):
            found.append(f"anglais « {word.group()} » : {text}")
        found += [f"{what} : {text}" for what, mark in MARQUES.items() if mark.search(said)]
    return found


def addresses(model, row, *, every):
    """Pages of a model, whoever may open them; `every`: those that say the same to all too."""
    yield f"{address(model, 'changelist')}?tout=1"
    yield address(model, "add")
    yield address(model, "change", row.pk)
    if not every:
        return
    yield f"{address(model, 'changelist')}?q=introuvable&_facets=True"
    for page in ("delete", "history", "supprimes", "carte"):
        args = [] if page == "supprimes" else [row.pk]
        try:
            yield address(model, page, *args)
        except NoReverseMatch:
            continue
    if hasattr(model, "history"):
        yield address(model, "version", row.pk, row.history.first().history_id)


ROLES = ["national", "secretariat", "redacteur", "referent", "lecteur"]


@pytest.fixture
def operateur(db):
    return f.OperateurFactory()


@pytest.fixture
def agents(national, secretariat, redacteur, normandie, operateur):
    return {
        "national": national,
        "secretariat": secretariat,
        "redacteur": redacteur,
        "referent": f.ReferentAgentFactory(operateur=operateur),
        "lecteur": f.LecteurFactory(regions=[normandie]),
    }


@pytest.mark.une_base
@pytest.mark.parametrize("role", ROLES)
def test_every_screen_is_in_french(signed_in, agents, normandie, operateur, role):
    client = signed_in(agents[role])
    rows = monde.rows(normandie, operateur, Publication.BROUILLON)
    data = data_of(rows) | TOLERES | {agent.nom for agent in agents.values()}
    known = any_of(data)
    found = {}
    pages = ["/admin/", reverse("mfa_index"), reverse("usersessions_list")]
    for model in admin.site._registry:
        pages += addresses(model, rows[model], every=role == "national")
    for page in pages:
        response = client.get(page)
        assert response.status_code in {200, 302, 403, 404}, page
        for fault in [*faults(response.text, data, known), *fautes(response.text)]:
            found.setdefault(fault, page)
    assert list(found.items()) == []
