"""Rows of a spreadsheet that are no record: totals, notes, headers repeated, blank ones."""

import re

from programme.backoffice.imports.valeurs import is_empty, shown
from territoires.recherche.texte import plier

CITEES = 20
TOTAL = re.compile(r"(?:sous )?tota(?:l|ux)\b|ensemble\b|cumul\b|somme\b|moyenne\b")
NOTE = re.compile(r"(?:source|sources|nota|nb|note|lecture|champ|mise a jour)\b")
APPEL = re.compile(r"\s*(?:\*|\([0-9a-z]\))")


class Sautees:
    """Tells the rows to leave out, and says them afterwards."""

    def __init__(self, entete):
        self.entete = [plier(name) for name in entete]
        self.large = sum(map(bool, self.entete)) > 2
        self.autres, self.vides, self.derniere = [], [], None

    def prend(self, numero, cells):
        """Whether the row is no record; it is then noted."""
        if self.derniere is not None and numero > self.derniere + 1:
            self.vides += range(self.derniere + 1, numero)
        self.derniere = numero
        kind = self._kind([cell for cell in cells if not is_empty(cell)], cells)
        if kind:
            first = next(cell for cell in cells if not is_empty(cell))
            self.autres.append(f"Ligne {numero}, « {shown(first)} » : {kind}, elle n’est pas lue.")
        return bool(kind)

    def dites(self):
        """The sentences of what was left out."""
        yield from self.autres[:CITEES]
        if (more := len(self.autres) - CITEES) > 0:
            yield f"Et {more} autres lignes de total ou de note."
        if self.vides:
            listed = ", ".join(map(str, self.vides[:CITEES]))
            listed += ", …" if self.vides[CITEES:] else ""
            yield f"Lignes vides, non lues : {listed} ({len(self.vides)} en tout)."

    def _kind(self, filled, cells):
        words = [cell for cell in filled if isinstance(cell, str) and re.search(r"[^\W\d_]", cell)]
        if len(words) == 1 and self.large and len(filled) < max(3, len(self.entete) - 1):
            if TOTAL.match(plier(words[0])):
                return "ligne de total"
            alone = len(filled) == 1
            if alone and (NOTE.match(plier(words[0])) or APPEL.match(words[0])):
                return "note"
        folded = [plier(cell) if isinstance(cell, str) else "" for cell in cells]
        if len(words) > 1 and folded[: len(self.entete)] == self.entete:
            return "en-tête répété"
        return ""
