"""One sheet of a workbook: its rows, what is hidden, merged or computed, within bounds."""

import math
import re
from datetime import datetime, timedelta

from territoires.lecture.tables.archive import ABIME, TEXTE_TROP_LONG, Lecteur, local
from territoires.lecture.tables.tableau import (
    COLONNES_MAX,
    LIGNES_DECRITES_MAX,
    FichierRefuse,
    Illisible,
    too_many_blank_rows,
    too_wide,
)

TEXTE_MAX = 32_767 * 7
"""Characters of one cell: Excel's own limit, each of them perhaps escaped as `_x000D_`."""
TEXTES_EN_TOUT_MAX = 20_000_000
"""Characters of all the cells, a text that many of them name counted each time."""
TROP_DE_TEXTE = (
    "Les textes de la feuille dépassent vingt millions de caractères : coupez-la en plusieurs "
    "fichiers, chacun avec la ligne d’en-tête."
)
SANS_VALEUR = (
    "la cellule est une formule dont le résultat n’est pas enregistré : "
    "collez-y la valeur (copier, collage spécial, valeurs)."
)
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ECHAPPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
JOUR_UN, JOUR_UN_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
JOURS_MAX = 2_900_000
MERGED_MAX = 1_000
LIGNE_MAX = 1_048_576


class Feuille(Lecteur):
    """Reads a worksheet: `lines` are pairs (number, cells), rows that hold nothing left out."""

    def __init__(self, texts, dates, *, since_1904):
        self.texts, self.dates = texts, dates
        self.day_one = JOUR_UN_1904 if since_1904 else JOUR_UN
        self.lines, self.merged, self.filtered = [], [], False
        self.hidden_rows, self.shown_rows, self.hidden_columns = set(), set(), []
        self.all_hidden = False
        self.number = self.column = self.described = self.characters = 0
        self.cells, self.parts = {}, None
        self.attributes, self.value, self.inline, self.has_formula = {}, None, [], False
        self.phonetic = 0
        self.starts = {
            "c": self._cell, "row": self._row, "v": self._collect, "t": self._collect,
            "f": self._formula, "rPh": self._start_phonetic, "col": self._columns,
            "mergeCell": self._merge, "autoFilter": self._filter, "sheetFormatPr": self._defaults,
        }  # fmt: skip
        self.kinds = {
            "s": self._shared, "b": self._boolean, "e": self._error, "n": self._number,
            "d": instant,
        }  # fmt: skip
        self.ends = {
            "c": self._end_cell, "row": self._end_row, "v": self._end_value, "t": self._end_text,
            "rPh": self._end_phonetic,
        }  # fmt: skip

    # --- What expat calls -----------------------------------------------------------------------

    def start(self, name, attributes):
        if handler := self.starts.get(local(name)):
            handler(attributes)

    def end(self, name):
        if handler := self.ends.get(local(name)):
            handler()

    def text(self, data):
        if self.parts is not None:
            self.parts.append(data)

    # --- Rows -----------------------------------------------------------------------------------

    def _row(self, attributes):
        self.described += 1
        number = whole(attributes.get("r", self.number + 1))
        if number <= self.number or number > LIGNE_MAX:
            raise FichierRefuse(ABIME)
        if self.described > LIGNES_DECRITES_MAX:
            raise FichierRefuse(too_many_blank_rows(len(self.lines)))
        self.number, self.column, self.cells = number, 0, {}
        if _is_true(attributes.get("hidden")) or _is_zero(attributes.get("ht")):
            self.hidden_rows.add(number)
        elif "ht" in attributes or "hidden" in attributes:
            self.shown_rows.add(number)

    def _end_row(self):
        if not self.cells:
            return
        cells = [None] * max(self.cells)
        for column, value in self.cells.items():
            cells[column - 1] = value
        self.lines.append((self.number, cells))
        self.cells = {}

    # --- Cells ----------------------------------------------------------------------------------

    def _cell(self, attributes):
        reference = attributes.get("r")
        if reference is None:
            column = self.column + 1
        elif found := REFERENCE.fullmatch(reference):
            column = rank_of(found[1])
        else:
            raise FichierRefuse(ABIME)
        if column <= self.column:
            raise FichierRefuse(ABIME)
        self.column, self.attributes = column, attributes
        self.value, self.inline, self.has_formula = None, [], False

    def _collect(self, _):
        if not self.phonetic:
            self.parts = []

    def _formula(self, _):
        self.has_formula = True

    def _end_value(self):
        self.value = "".join(self.parts or ())
        self.parts = None

    def _end_text(self):
        if self.parts is not None:
            self.inline.append("".join(self.parts))
            if sum(map(len, self.inline)) > TEXTE_MAX:
                raise FichierRefuse(TEXTE_TROP_LONG)
        self.parts = None

    def _start_phonetic(self, _):
        self.phonetic += 1

    def _end_phonetic(self):
        self.phonetic -= 1

    def _end_cell(self):
        value = self._value()
        if value is None or value == "":
            return
        if self.column > COLONNES_MAX:
            raise FichierRefuse(too_wide(self.number))
        if isinstance(value, str):
            self.characters += len(value)
            if len(value) > TEXTE_MAX:
                raise FichierRefuse(TEXTE_TROP_LONG)
            if self.characters > TEXTES_EN_TOUT_MAX:
                raise FichierRefuse(TROP_DE_TEXTE)
        self.cells[self.column] = value

    def _value(self):
        kind = self.attributes.get("t", "n")
        if kind == "inlineStr":
            return _plain("".join(self.inline))
        if self.value is None or (self.value == "" and kind != "str"):
            return Illisible(SANS_VALEUR) if self.has_formula else None
        return self.kinds.get(kind, _plain)(self.value)

    def _shared(self, value):
        rank = whole(value)
        if rank >= len(self.texts):
            raise FichierRefuse(ABIME)
        return _plain(self.texts[rank])

    def _boolean(self, value):
        return value.strip() == "1"

    def _error(self, value):
        return Illisible(
            f"la cellule affiche l’erreur {value[:20]} : corrigez-la dans votre tableur."
        )

    def _number(self, value):
        text = value.strip()
        try:
            number = int(text) if len(text) < 18 and text.lstrip("-").isdigit() else float(text)
        except ValueError:
            raise FichierRefuse(ABIME) from None
        if not math.isfinite(number):
            raise FichierRefuse(ABIME)
        if whole(self.attributes.get("s", 0)) in self.dates and 0 <= number <= JOURS_MAX:
            return self._date(number)
        return number

    def _date(self, serial):
        """The instant that a spreadsheet counts in days, to the second: a float is not exact."""
        seconds = round((serial % 1) * 86_400)
        if serial < 1:
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
        if self.day_one is JOUR_UN and serial < 60:
            serial += 1  # Excel believes in the 29th of February 1900
        return self.day_one + timedelta(days=int(serial), seconds=seconds)

    # --- What is hidden, merged, filtered -------------------------------------------------------

    def _columns(self, attributes):
        first, last = (
            whole(attributes.get("min", 0)),
            whole(attributes.get("max", 0)),
        )
        if _is_true(attributes.get("hidden")) or _is_zero(attributes.get("width")):
            self.hidden_columns.append((first, min(last, COLONNES_MAX)))
            if len(self.hidden_columns) > 16_384:
                raise FichierRefuse(ABIME)

    def _defaults(self, attributes):
        self.all_hidden = _is_true(attributes.get("zeroHeight"))

    def _merge(self, attributes):
        if len(self.merged) < MERGED_MAX:
            self.merged.append(attributes.get("ref", "")[:20])

    def _filter(self, _):
        self.filtered = True

    def is_hidden_row(self, number):
        return number in self.hidden_rows or (self.all_hidden and number not in self.shown_rows)

    def is_hidden_column(self, column):
        return any(first <= column <= last for first, last in self.hidden_columns)


def whole(text):
    """A number of the file's own bookkeeping. Raises `FichierRefuse` when it is none."""
    text = str(text).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise FichierRefuse(ABIME)
    return int(text)


def rank_of(name):
    """The rank of a column from its name: A → 1, AA → 27."""
    rank = 0
    for letter in name:
        rank = rank * 26 + ord(letter) - 64
    return rank


def _is_true(text):
    return text in {"1", "true"}


def _is_zero(text):
    try:
        return text is not None and float(text) == 0
    except ValueError:
        return False


def instant(text):
    try:
        return datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        raise FichierRefuse(ABIME) from None


def _plain(text):
    return ECHAPPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
