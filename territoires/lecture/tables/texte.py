"""CSV, as every spreadsheet writes it: separated by `,`, `;` or a tab, as the first line says."""

import csv
import io
import re

from territoires.lecture.tables.encodage import decode
from territoires.lecture.tables.tableau import FichierRefuse, Tableau, limited

SEPARATEURS = ",;\t"
SEPARATEUR_DIT = re.compile(r"sep=(.)(?:\r\n|\r|\n)", re.IGNORECASE)
FIN_DE_LIGNE = re.compile(r"\r\n|\r|\n")
ENTRE_GUILLEMETS = re.compile(r'"[^"]*"')
LONGEST_CELL = 1_000_000


def lire_texte(contenu):
    """The `Tableau` of a CSV. Raises `FichierRefuse` when it is no text."""
    text, encodage = decode(contenu)
    separateur = None
    # Excel's own first line, which it does not show.
    if said := SEPARATEUR_DIT.match(text):
        separateur, text = said[1], text[said.end() :]
    separateur = separateur or separator_of(text)
    csv.field_size_limit(LONGEST_CELL)
    rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separateur, strict=True))
    _, entete = next(limited(rows), (1, list[str]()))
    total = max(text.count("\n"), text.count("\r"), 1)
    told = f"Encodage lu : {encodage}. Vérifiez les accents ci-dessous."
    return Tableau(entete, limited(rows), total, remarques=(told,))


def separator_of(text):
    """What separates the names of the first line, those between quotes apart."""
    header = FIN_DE_LIGNE.split(text.lstrip("\r\n"), maxsplit=1)[0]
    header = ENTRE_GUILLEMETS.sub("", header)
    return max(SEPARATEURS, key=header.count)


def _rows(reader):
    """Pairs (rank of the row, cells): a cell of several lines makes one row, as on the screen."""
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FichierRefuse(_broken(number, str(error))) from None


def _broken(number, error):
    if "field limit" in error:
        return (
            f"Ligne {number} : une cellule dépasse un million de caractères. Il manque sans doute "
            "un guillemet ou des fins de ligne : ouvrez le fichier dans votre tableur et "
            "enregistrez-le de nouveau."
        )
    return (
        f"Ligne {number} : un guillemet n’est pas refermé, ou la ligne n’est pas du CSV "
        f"({error}). Ouvrez le fichier dans votre tableur et enregistrez-le de nouveau."
    )
