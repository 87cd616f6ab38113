"""CSV: UTF-8 with or without its mark, UTF-16, Windows-1252; separated by `,`, `;` or a tab."""

import csv
import io
import re

from programme.backoffice.imports.fichiers.tableau import FichierRefuse, Tableau, limited

SEPARATEURS = ",;\t"
SEPARATEUR_DIT = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
LONGEST_CELL = 1_000_000
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def lire_texte(contenu):
    """The `Tableau` of a CSV. Raises `FichierRefuse` when it is no text."""
    text = decode(contenu)
    separateur = None
    # Excel's own first line, which it does not show.
    if said := SEPARATEUR_DIT.match(text):
        separateur, text = said[1], text[said.end() :]
    header, _, _ = text.lstrip("\r\n").partition("\n")
    separateur = separateur or max(SEPARATEURS, key=header.count)
    csv.field_size_limit(LONGEST_CELL)
    rows = _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separateur, strict=True))
    entete = next(rows, (1, []))[1]
    return Tableau(entete, limited(rows), max(text.count("\n"), 1))


def decode(contenu):
    """The text of a file's bytes, whatever the encoding a spreadsheet chose."""
    if contenu.startswith(UTF16):
        try:
            return contenu.decode("utf-16")
        except UnicodeDecodeError:
            raise FichierRefuse(NO_TEXT) from None
    if b"\0" in contenu[:4096]:
        raise FichierRefuse(NO_TEXT)
    try:
        return contenu.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252: a typographer's quote is worth more than those.
        return contenu.decode("cp1252", errors="replace")


NO_TEXT = (
    "Ce fichier n’est ni un texte CSV ni un classeur XLSX : ouvrez-le dans votre tableur et "
    "enregistrez-le dans un de ces formats."
)


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
            raise FichierRefuse(
                f"Ligne {number} : un guillemet n’est pas refermé, ou la ligne n’est pas du CSV "
                f"({error}). Ouvrez le fichier dans votre tableur et enregistrez-le de nouveau."
            ) from None
