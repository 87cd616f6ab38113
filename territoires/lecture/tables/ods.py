"""ODS: the sheets of a LibreOffice workbook, read in one pass and within the bounds of the others.

A row or a cell that is repeated is written once with its count: blank ones are by the million.
"""

import math

from territoires.lecture.tables.archive import ABIME, TEXTE_TROP_LONG, Lecteur, local
from territoires.lecture.tables.feuille import (
    MERGED_MAX,
    TEXTE_MAX,
    TEXTES_EN_TOUT_MAX,
    TROP_DE_TEXTE,
    instant,
    whole,
)
from territoires.lecture.tables.tableau import (
    COLONNES_MAX,
    LIGNES_MAX,
    FichierRefuse,
    Illisible,
    letters,
    too_wide,
)

CACHES = {"collapse", "filter"}
REPETEES_MAX = LIGNES_MAX + 1


class FeuilleODS:
    """One sheet, as `Feuille` is: `lines` are pairs (number, cells)."""

    def __init__(self, nom, style):
        self.nom, self.style = nom, style
        self.lines, self.merged, self.filtered = [], [], False
        self.hidden_rows, self.hidden_columns = set(), []
        self.number = self.columns = 0

    def is_hidden_row(self, number):
        return number in self.hidden_rows

    def is_hidden_column(self, column):
        return any(first <= column <= last for first, last in self.hidden_columns)


class ContenuODS(Lecteur):
    """`content.xml`: `sheets`, in order, and the names of the styles that hide one."""

    def __init__(self):
        self.sheets, self.hidden_styles = [], set()
        self.sheet, self.style = None, ""
        self.cells, self.column, self.row = {}, 0, {}
        self.cell, self.paragraphs, self.aside = None, [], 0
        self.long = self.characters = 0  # of the cell, of all
        self.starts = {
            "style": self._style, "table-properties": self._properties, "table": self._table,
            "table-column": self._columns, "table-row": self._row, "table-cell": self._cell,
            "covered-table-cell": self._covered, "p": self._paragraph, "s": self._blanks,
            "tab": self._tab, "line-break": self._break, "annotation": self._annotation,
        }  # fmt: skip
        self.ends = {
            "table": self._end_table, "table-row": self._end_row, "table-cell": self._end_cell,
            "covered-table-cell": self._end_covered, "annotation": self._end_annotation,
        }  # fmt: skip

    def start(self, name, attributes):
        if handler := self.starts.get(local(name)):
            handler({local(key): value for key, value in attributes.items()})

    def end(self, name):
        if handler := self.ends.get(local(name)):
            handler()

    def text(self, data):
        if self.cell is not None and self.paragraphs and not self.aside:
            self._add(data)

    # --- Sheets, columns, rows --------------------------------------------------------------------

    def _style(self, said):
        self.style = said.get("name", "")

    def _properties(self, said):
        if said.get("display") == "false":
            self.hidden_styles.add(self.style)

    def _table(self, said):
        if self.sheet is None and self.cell is None:
            self.sheet = FeuilleODS(said.get("name", ""), said.get("style-name", ""))
            self.sheets.append(self.sheet)

    def _end_table(self):
        if self.cell is None:
            self.sheet = None

    def _columns(self, said):
        if self.sheet is None:
            return
        first = self.sheet.columns + 1
        self.sheet.columns += max(1, whole(said.get("number-columns-repeated", 1)))
        if said.get("visibility") in CACHES and first <= COLONNES_MAX:
            self.sheet.hidden_columns.append((first, self.sheet.columns))

    def _row(self, said):
        self.row, self.cells, self.column = said, {}, 0

    def _end_row(self):
        sheet = self.sheet
        if sheet is None:
            return
        times = max(1, whole(self.row.get("number-rows-repeated", 1)))
        first, sheet.number = sheet.number + 1, sheet.number + times
        if not self.cells:
            return
        cells = [None] * max(self.cells)
        for column, value in self.cells.items():
            cells[column - 1] = value
        for number in range(first, first + min(times, REPETEES_MAX)):
            sheet.lines.append((number, cells))
            if self.row.get("visibility") in CACHES:
                sheet.hidden_rows.add(number)
                sheet.filtered = sheet.filtered or self.row["visibility"] == "filter"
        if len(sheet.lines) > 2 * REPETEES_MAX:
            raise FichierRefuse(
                f"Le fichier a plus de {LIGNES_MAX} lignes : coupez-le en plusieurs fichiers, "
                "chacun avec la ligne d’en-tête."
            )

    # --- Cells ------------------------------------------------------------------------------------

    def _cell(self, said):
        if self.cell is None:
            self.cell, self.paragraphs, self.long = said, [], 0

    def _covered(self, said):
        self._cell(said)

    def _end_cell(self):
        said, self.cell = self.cell or {}, None
        times = max(1, whole(said.get("number-columns-repeated", 1)))
        first, self.column = self.column + 1, self.column + times
        value, sheet = self._value(said), self.sheet
        if value is None or value == "" or sheet is None:
            return
        if self.column > COLONNES_MAX:
            raise FichierRefuse(too_wide(sheet.number + 1))
        _note_merge(sheet, said, first)
        for column in range(first, self.column + 1):
            self.cells[column] = value

    def _end_covered(self):
        said, self.cell = self.cell or {}, None
        self.column += max(1, whole(said.get("number-columns-repeated", 1)))

    def _value(self, said):
        kind = said.get("value-type", "")
        text = "\n".join("".join(parts) for parts in self.paragraphs)
        if kind in {"float", "currency", "percentage"}:
            return _number(said.get("value", ""))
        if kind == "date":
            return instant(said.get("date-value", ""))
        if kind == "boolean":
            return said.get("boolean-value") == "true"
        if text.startswith(("#", "Err:")) and said.get("formula"):
            return Illisible(
                f"la cellule affiche l’erreur {text[:20]} : corrigez-la dans votre tableur."
            )
        return said.get("string-value") or text

    # --- Texts ------------------------------------------------------------------------------------

    def _paragraph(self, _):
        if self.cell is not None and not self.aside:
            self.paragraphs.append([])

    def _blanks(self, said):
        count = whole(said.get("c", 1))
        if count > TEXTE_MAX:
            raise FichierRefuse(TEXTE_TROP_LONG)
        self.text(" " * count)

    def _tab(self, _):
        self.text("\t")

    def _break(self, _):
        self.text("\n")

    def _annotation(self, _):
        self.aside += 1

    def _end_annotation(self):
        self.aside -= 1

    def _add(self, data):
        self.paragraphs[-1].append(data)
        self.long += len(data)
        self.characters += len(data)
        if self.long > TEXTE_MAX:
            raise FichierRefuse(TEXTE_TROP_LONG)
        if self.characters > TEXTES_EN_TOUT_MAX:
            raise FichierRefuse(TROP_DE_TEXTE)


def _number(text):
    try:
        number = float(text)
    except ValueError:
        raise FichierRefuse(ABIME) from None
    if not math.isfinite(number):
        raise FichierRefuse(ABIME)
    return int(number) if number.is_integer() and abs(number) < 10**15 else number


def _note_merge(sheet, said, column):
    wide = whole(said.get("number-columns-spanned", 1))
    high = whole(said.get("number-rows-spanned", 1))
    if (wide > 1 or high > 1) and len(sheet.merged) < MERGED_MAX:
        number = sheet.number + 1
        sheet.merged.append(
            f"{letters(column)}{number}:{letters(column + wide - 1)}{number + high - 1}"
        )
