"""The figures that a page shows, found in its markup: what the reader sees, not how it is made."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

SEULS = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
NOMBRE = re.compile(r"^(?:plus de |moins de |environ |près de )?\d[\d\s\u202f\u00a0,.]*(?!\S*-)")
BLOCS = {"section", "figure", "details", "main"}


@dataclass(eq=False)
class Element:
    """One element of a page, with its texts and its children in order."""

    nom: str
    attributs: dict
    parent: "Element | None" = None
    contenu: list = field(default_factory=list)

    @property
    def classes(self):
        return (self.attributs.get("class") or "").split()

    def tous(self):
        """The element, and all that it holds."""
        yield self
        for child in self.contenu:
            if isinstance(child, Element):
                yield from child.tous()

    @property
    def texte(self):
        """Its words, without those of the buttons and of what only a drawing shows."""
        if self.nom in ("button", "svg", "script"):
            return ""
        words = (c.texte if isinstance(c, Element) else c for c in self.contenu)
        return re.sub(r"[ \n]+", " ", "".join(words)).strip()

    @property
    def se_cite(self):
        return any(
            one.nom == "button" and one.attributs.get("name") == "chiffre" for one in self.tous()
        )

    def autour(self, *noms):
        """The nearest element around it with one of these names or classes; None without any."""
        around = self.parent
        while around is not None and not {around.nom, *around.classes} & {*noms}:
            around = around.parent
        return around


class _Lecteur(HTMLParser):
    def __init__(self):
        super().__init__()
        self.page = self.ici = Element("page", {})

    def handle_starttag(self, tag, attrs):
        one = Element(tag, dict(attrs), self.ici)
        self.ici.contenu.append(one)
        if tag not in SEULS:
            self.ici = one

    def handle_startendtag(self, tag, attrs):
        self.ici.contenu.append(Element(tag, dict(attrs), self.ici))

    def handle_endtag(self, tag):
        around = self.ici
        while around is not None and around.nom != tag:
            around = around.parent
        if around is not None:
            self.ici = around.parent

    def handle_data(self, data):
        self.ici.contenu.append(data)


def lue(html):
    """The `main` of a page, as an `Element`."""
    reader = _Lecteur()
    reader.feed(html)
    return next(one for one in reader.page.tous() if one.nom == "main")


def chiffres(main):
    """`(kind, words that name it, whether it is cited)` of each figure of a page.

    A key figure, a chart, a table of numbers, a term worth a number, a heading or a sentence that
    begins with one.
    """
    for one in main.tous():
        if "chiffre" in one.classes:
            yield "chiffre", _mots(one, "chiffre-libelle"), one.se_cite
        elif one.nom == "figure":
            yield "graphique", one.attributs.get("id", ""), one.se_cite
        elif one.nom == "table" and one.autour("figure") is None:
            if _nombres(one):
                yield "tableau", _titre(one), _autour_se_cite(one)
        elif one.autour("chiffre", "figure", "table") is not None:
            continue
        elif one.nom == "dd" and _commence(one):
            yield "terme", _dt(one), _autour_se_cite(one)
        elif one.nom in ("h1", "h2", "h3", "summary") and _commence(one):
            yield "titre", _sans_nombres(one.texte), _autour_se_cite(one)
        elif one.nom in ("p", "li") and _commence(one) and not one.autour("nav"):
            listed = one.autour("liste-resultats")
            cited = one.se_cite or (listed is not None and listed.se_cite)
            yield "phrase", _sans_nombres(one.texte), cited


def _commence(one):
    """Whether its words begin with a number that is no date and no code."""
    first = next((c for c in one.tous() if c is not one and c.nom in ("time", "code")), None)
    text = one.texte
    return bool(NOMBRE.match(text)) and not (first and text.startswith(first.texte))


def _autour_se_cite(one):
    """Whether what holds it is cited: itself, its section, the results of its list."""
    if one.se_cite:
        return True
    around = one.autour(*BLOCS, "liste-resultats", "engagement")
    return around is not None and around.nom != "main" and around.se_cite


def _nombres(table):
    cells = (one for one in table.tous() if one.nom == "td" and "nombre" in one.classes)
    return any(re.search(r"\d", cell.texte) for cell in cells)


def _mots(one, classe):
    return " ".join(c.texte for c in one.tous() if classe in c.classes)


def _titre(table):
    return next((_sans_nombres(one.texte) for one in table.tous() if one.nom == "caption"), "")


def _dt(dd):
    before = [c for c in dd.parent.contenu if isinstance(c, Element)]
    terms = [c for c in before[: before.index(dd)] if c.nom == "dt"]
    return terms[-1].texte if terms else ""


def _sans_nombres(text):
    return re.sub(r"[\s\u202f\u00a0]+", " ", re.sub(r"\d[\d\s\u202f\u00a0]*", "", text)).strip()[
        :60
    ]
