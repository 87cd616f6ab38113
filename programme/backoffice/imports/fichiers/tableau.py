"""What a file is once open: its header, and its rows as they come."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

LIGNES_MAX = 20_000


class FichierRefuse(ValidationError):
    """The file is not a table that can be read at all; the sentences say why and what to do."""


class Illisible:
    """Stands in a row for a cell whose reading failed, with the sentence that says why."""

    def __init__(self, phrase):
        self.phrase = phrase


@dataclass(frozen=True)
class Tableau:
    """entete: the texts of the first row. lignes: pairs (number as a spreadsheet shows it, cells).

    A cell is a `str` (stripped when empty only), a number, a date, a boolean, None, or `Illisible`.
    Rows without any value are left out. `total` is about how many rows will come, for the progress.
    """

    entete: list
    lignes: Iterable
    total: int


def letters(rank):
    """The name of a column from its rank: 1 → A, 27 → AA."""
    name = ""
    while rank:
        rank, rest = divmod(rank - 1, 26)
        name = chr(65 + rest) + name
    return name


def limited(rows):
    """The rows that hold something; raises beyond `LIGNES_MAX` of them."""
    count = 0
    for number, cells in rows:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        count += 1
        if count > LIGNES_MAX:
            raise FichierRefuse(
                f"Le fichier a plus de {LIGNES_MAX} lignes : coupez-le en plusieurs fichiers, "
                "chacun avec la ligne d’en-tête."
            )
        yield number, cells
