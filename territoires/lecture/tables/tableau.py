"""What a file is once open: its header, its rows as they come, and what there is to say of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError

LIGNES_MAX = 20_000
"""Rows that hold something."""
LIGNES_DECRITES_MAX = 100_000
"""Rows, those that hold nothing included."""
COLONNES_MAX = 256


class FichierRefuse(ValidationError):
    """The file is not a table that can be read at all; the sentences say why and what to do."""


class Illisible:
    """Stands in a row for a cell whose reading failed, with the sentence that says why."""

    def __init__(self, phrase):
        self.phrase = phrase

    def __str__(self):
        return self.phrase


@dataclass(frozen=True)
class Tableau:
    """entete: the texts of the first row. lignes: pairs (number as a spreadsheet shows it, cells).

    A cell is a `str` (stripped when empty only), a number, a date, a boolean, None, or `Illisible`.
    Rows without any value are left out. `total` is about how many rows will come, for the progress.
    remarques: sentences for the head of a preview: the encoding that was read, what is hidden.
    masquees, colonnes_masquees: the numbers of the rows, the ranks from 0 of the columns, that the
    spreadsheet does not show.
    """

    entete: list
    lignes: Iterable
    total: int
    remarques: tuple = ()
    masquees: frozenset = field(default_factory=frozenset)
    colonnes_masquees: frozenset = field(default_factory=frozenset)

    def avec(self, lignes):
        """The same table with other rows."""
        return replace(self, lignes=lignes)

    def sous(self, entete, lignes, remarque):
        """The same from a header that stands lower, with a sentence that says so."""
        return replace(self, entete=entete, lignes=lignes, remarques=(*self.remarques, remarque))


def letters(rank):
    """The name of a column from its rank: 1 → A, 27 → AA."""
    name = ""
    while rank:
        rank, rest = divmod(rank - 1, 26)
        name = chr(65 + rest) + name
    return name


def holds_nothing(cell):
    return cell is None or (isinstance(cell, str) and not cell.strip())


def limited(rows):
    """The rows that hold something; raises beyond the bounds on their number and their width."""
    count = 0
    for rank, (number, cells) in enumerate(rows, 2):
        if rank > LIGNES_DECRITES_MAX:
            raise FichierRefuse(too_many_blank_rows(count))
        if len(cells) > COLONNES_MAX:
            raise FichierRefuse(too_wide(number))
        if all(map(holds_nothing, cells)):
            continue
        count += 1
        if count > LIGNES_MAX:
            raise FichierRefuse(
                f"Le fichier a plus de {LIGNES_MAX} lignes : coupez-le en plusieurs fichiers, "
                "chacun avec la ligne d’en-tête."
            )
        yield number, cells


def too_wide(number):
    return (
        f"Ligne {number} : plus de {COLONNES_MAX} colonnes. Gardez les colonnes utiles, et "
        "supprimez les autres."
    )


def too_many_blank_rows(filled):
    return (
        f"Le fichier décrit plus de {LIGNES_DECRITES_MAX} lignes, presque toutes vides "
        f"({filled} remplies) : supprimez les lignes vides, ou copiez le tableau seul dans un "
        "fichier neuf."
    )
