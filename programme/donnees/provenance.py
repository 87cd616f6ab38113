"""Where a published value comes from, and how it was come by.

A column declares what it knows, its dataset the rest; the dataset `valeurs`, the pages of the
sources and the lines « Source » of the lists read it here.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Value

SOURCE = "source"
LECTURE = "lecture du portail"
CALCUL = "calculé par le portail"
SAISIE = "saisi en comité"
D_APRES_COMMUNE = "calculé d’après la commune"
D_APRES_MEMBRES = "calculé d’après les membres"
MODES = (SOURCE, LECTURE, CALCUL, D_APRES_COMMUNE, D_APRES_MEMBRES, SAISIE)
"""How a value was come by: as its source says it, read in it, computed, or typed by a committee."""


@dataclass(frozen=True)
class Provenance:
    """What a column knows of its values.

    source: ORM path, expression, or function that makes one, of the text that names the sources.
    date: that of the day on which they state the value; without it, the source's own. mode: one
    of `MODES`.
    """

    source: Any = "source"
    date: Any = None
    mode: str = SOURCE

    def expression(self):
        if isinstance(self.source, str):
            return F(self.source)
        return self.source if hasattr(self.source, "resolve_expression") else self.source()


def citing(code):
    """The pattern of a source text that cites this very code: `banque-1` is not in `banque-10`."""
    return rf"(^|[^a-z0-9_-]){re.escape(code)}([^a-z0-9_-]|$)"


def constantes(source):
    """The texts of a source that a column declares, not its rows; none otherwise."""
    if isinstance(source, Case):
        return [text for each in source.cases for text in constantes(each.result)] + constantes(
            source.default
        )
    return [source.value] if isinstance(source, Value) else []


# An address, or what may be a source's code with the extension it sometimes carries.
REFERENCE = re.compile(
    r"(?P<url>https?://[^\s;,<>\"]*[^\s;,<>\".)])|(?P<code>[0-9a-z]+(?:[-_][0-9a-z]+)+)(?:\.txt)?"
)


def codes(text):
    """What may be the code of a document in a source text, in its order; addresses hold none."""
    return [match["code"] for match in REFERENCE.finditer(text) if match["code"]]


def in_words(text, titles):
    """A source text with the title of each document in place of its code."""
    for code in sorted(titles, key=len, reverse=True):
        text = re.sub(
            citing(code), lambda found, code=code: f"{found[1]}{titles[code]}{found[2]}", text
        )
    return text


def of_files(jeu, titles):
    """Who states a whole dataset, in words: its documents by their titles, or what it says."""
    return in_words(" ; ".join(jeu.documents), titles) or jeu.source


def of_jeu(jeu):
    """The `Provenance` of a dataset's columns that declare none; None when it has none either."""
    if jeu.provenance is not None:
        return jeu.provenance
    names = {field.name for field in jeu.modele._meta.fields}
    return Provenance() if "source" in names and "titre" not in names else None


def of_colonne(jeu, colonne):
    """The `Provenance` of a column's values; None when they are no statement of their own.

    What names the row, the words beside a code, an address of ours, the source itself.
    """
    if colonne.provenance is not None:
        return colonne.provenance
    whole = of_jeu(jeu)
    beside = {*jeu.cle, "source", "source_date", "url"}
    if whole is None or colonne.nom in beside or is_label(colonne):
        return None
    path = colonne.source or colonne.nom
    if field_of(jeu, colonne) or (isinstance(path, str) and "__" in path):
        return whole
    return Provenance(whole.source, whole.date, CALCUL)


def field_of(jeu, colonne):
    """The model's field that a column publishes; None for what is computed."""
    path = colonne.source or colonne.nom
    if not isinstance(path, str):
        return None
    return {field.name: field for field in jeu.modele._meta.fields}.get(path)


def is_label(colonne):
    """Whether a column only says in words what a code beside it says."""
    path = colonne.source if isinstance(colonne.source, str) else ""
    return path.endswith("__nom") or colonne.nom.endswith(("_nom", "_noms"))


def stated(jeu):
    """`(rank, column, provenance)` of the columns whose values are statements."""
    found = ((rank, col, of_colonne(jeu, col)) for rank, col in enumerate(jeu.colonnes))
    return [(rank, col, provenance) for rank, col, provenance in found if provenance]
