"""What of a page is no valid HTML, cheaply: the faults that the Nu HTML Checker found in our pages.

It judges everything itself (tests/programme/test_validite_reelle.py), in minutes and in Java.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

IMPLICITES = {
    "table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tfoot": "rowgroup", "tr": "row",
    "ul": "list", "ol": "list", "li": "listitem", "nav": "navigation", "main": "main",
    "button": "button", "article": "article", "aside": "complementary", "h1": "heading",
    "h2": "heading", "h3": "heading", "dialog": "dialog", "img": "img", "hr": "separator",
}  # fmt: skip
CELLULES = {"td": {"cell"}, "th": {"columnheader", "rowheader", "cell"}}
CHAMPS = {"input", "select", "textarea", "button", "meter", "output", "progress"}
# What ends a paragraph that is open.
BLOCS = {
    "div", "p", "ul", "ol", "dl", "table", "form", "fieldset", "section", "article", "details",
    "figure", "header", "footer", "main", "nav", "pre", "blockquote", "hr", "h1", "h2", "h3", "h4",
}  # fmt: skip
ADRESSES = {"href", "src", "action"}
PAS_ENCODE = re.compile(r'[\s"<>\\^`{|}\x00-\x1f]|%(?![0-9a-fA-F]{2})')
NOMBRES = {"width", "height"}
DES_NOMBRES = {"img", "iframe", "canvas", "video"}


@dataclass
class Tableau:
    """The widths of its rows, and whether a cell goes over several of them."""

    widths: list[int] = field(default_factory=list)
    spans: bool = False


class Balisage(HTMLParser):
    """Reads a page: `fautes`, a sentence for each."""

    def __init__(self, markup):
        super().__init__()
        self.fautes, self.ids, self.pour, self.controles = [], set(), [], set()
        self.tableaux, self.choix, self.option, self.paragraphe = [], None, None, False
        self.feed(markup)
        self.fautes += [f"label for={name}" for name in self.pour if name not in self.controles]

    def handle_starttag(self, tag, attrs):
        told = self.get_starttag_text()
        attrs = dict(attrs)
        if (identifier := attrs.get("id")) is not None:
            if identifier in self.ids:
                self.fautes.append(f"id répété : {told}")
            self.ids.add(identifier)
        self._attributs(tag, attrs, told)
        if tag in BLOCS:
            self.paragraphe = tag == "p"
        if tag in CHAMPS and attrs.get("type") != "hidden":
            self.controles.add(identifier)
        if tag == "label" and "for" in attrs:
            self.pour.append(attrs["for"])
        self._choix(tag, attrs, told)
        if tag == "table":
            self.tableaux.append(Tableau())
        elif tag == "tr" and self.tableaux:
            self.tableaux[-1].widths.append(0)
        elif tag in CELLULES and self.tableaux and self.tableaux[-1].widths:
            self.tableaux[-1].widths[-1] += int(attrs.get("colspan") or 1)
            self.tableaux[-1].spans |= "rowspan" in attrs

    def _attributs(self, tag, attrs, told):
        role = attrs.get("role")
        if role and (role == IMPLICITES.get(tag) or role in CELLULES.get(tag, ())):
            self.fautes.append(f"rôle que l’élément dit : {told}")
        if attrs.get("type") == "hidden" and any(name.startswith("aria-") for name in attrs):
            self.fautes.append(f"champ caché décrit : {told}")
        if "checked" in attrs and attrs.get("type") not in {"checkbox", "radio"}:
            self.fautes.append(f"coché sans case : {told}")
        for name in ADRESSES & attrs.keys():
            if PAS_ENCODE.search(attrs[name] or ""):
                self.fautes.append(f"adresse non encodée : {told}")
        for name in NOMBRES & attrs.keys():
            if tag in DES_NOMBRES and not attrs[name].isdigit():
                self.fautes.append(f"{name} n’est pas un nombre : {told}")

    def _choix(self, tag, attrs, told):
        if tag == "select":
            single = "multiple" not in attrs and int(attrs.get("size") or 1) < 2
            self.choix = told if "required" in attrs and single else None
        elif tag == "option":
            if self.choix and attrs.get("value"):
                self.fautes.append(f"premier choix non vide : {self.choix}")
            self.choix = None
            self.option = None if attrs.get("label") else ""

    def handle_data(self, data):
        if self.option is not None:
            self.option += data

    def handle_endtag(self, tag):
        if tag == "p":
            if not self.paragraphe:
                self.fautes.append(f"</p> d’un paragraphe déjà fermé, ligne {self.getpos()[0]}")
            self.paragraphe = False
        elif tag == "option":
            if self.option is not None and not self.option.strip():
                self.fautes.append(f"choix sans mot, ligne {self.getpos()[0]}")
            self.option = None
        elif tag == "select":
            if self.choix:
                self.fautes.append(f"liste obligatoire et vide : {self.choix}")
            self.choix = None
        elif tag == "table" and self.tableaux:
            table = self.tableaux.pop()
            if len(set(table.widths)) > 1 and not table.spans:
                self.fautes.append(f"lignes inégales {table.widths}, ligne {self.getpos()[0]}")


def fautes(markup):
    """What a page has that is not valid, a sentence for each."""
    return Balisage(markup).fautes
