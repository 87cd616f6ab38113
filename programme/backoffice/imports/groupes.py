"""The faults of a file by kind: how many rows, which, and one sentence with its remedy."""

import re
from dataclasses import dataclass, field

from programme.models import LigneImport

CITE = re.compile(r"«[^»]*»")
NOMBRE = re.compile(r"[0-9][0-9\s]*")
CITEES = 10


@dataclass
class Groupe:
    """Faults of one kind: `phrase` is that of the first row, `numeros` the rows.

    noms: what each row that is cited is called, where it has a better name than its number.
    """

    colonne: str
    lettre: str
    phrase: str
    numeros: list
    noms: dict = field(default_factory=dict)

    @property
    def nombre(self):
        return len(self.numeros)

    @property
    def cites(self):
        return self.numeros[:CITEES]

    @property
    def lignes(self):
        listed = ", ".join(str(self.noms.get(number, number)) for number in self.cites)
        return listed + (", …" if self.nombre > CITEES else "")


def grouper(lignes):
    """The `Groupe`s of the faults among the rows of an import, the largest first."""
    found = {}
    faults = lignes.filter(nature=LigneImport.Nature.ERREUR).order_by("numero", "pk")
    for number, column, letter, sentence in faults.values_list(
        "numero", "colonne", "lettre", "motif"
    ):
        # What was typed, and numbers, differ from row to row; the fault is the same.
        kind = column, NOMBRE.sub("0", CITE.sub("«»", sentence))
        group = found.setdefault(kind, Groupe(column, letter, sentence, []))
        group.numeros.append(number)
    return sorted(found.values(), key=lambda group: -group.nombre)
