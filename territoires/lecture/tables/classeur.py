"""XLSX and ODS: values as they are typed in the cells of one sheet, read within bounds."""

import posixpath
import re
from dataclasses import dataclass

from territoires.lecture.tables.archive import (
    ABIME,
    STRICT,
    TEXTE_TROP_LONG,
    Archive,
    Lecteur,
    local,
)
from territoires.lecture.tables.feuille import TEXTE_MAX, Feuille, rank_of
from territoires.lecture.tables.ods import ContenuODS
from territoires.lecture.tables.tableau import (
    FichierRefuse,
    Illisible,
    Tableau,
    holds_nothing,
    letters,
    limited,
)
from territoires.lecture.texte import en_texte

FEUILLE = "Données"
NOTICE = "À propos"
STRICT_NAMESPACE = "http://purl.oclc.org/ooxml/"
FORMATS_MAX = 100_000
LISTED = 5
TITRE_LARGE = 3
"""Columns that a title covers at least: two may be those of a header."""
CELLULES = re.compile(
    r"(?P<gauche>[A-Z]{1,3})(?P<haut>[0-9]{1,7}):(?P<droite>[A-Z]{1,3})(?P<bas>[0-9]{1,7})"
)
# The numbers of the formats of Excel that show a day, whatever the language.
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
NOT_A_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def lire_classeur(contenu):
    """The `Tableau` of a workbook. Raises `FichierRefuse` when it is not one, or is ambiguous."""
    archive = Archive(contenu)
    rows, told = (_ods(archive) if archive.is_ods else _xlsx(archive)).choose()
    if merged := _hides_something(rows):
        raise FichierRefuse(
            f"Des cellules sont fusionnées ({', '.join(merged[:3])}) : défusionnez-les "
            "(Accueil, Fusionner et centrer), une valeur par cellule, puis enregistrez de nouveau."
        )
    lines = list(limited(rows.lines))
    number, names = lines[0]
    header = [_header(number, name) for name in names]
    hidden_columns = frozenset(
        rank for rank in range(len(header)) if rows.is_hidden_column(rank + 1)
    )
    hidden_rows = frozenset(n for n, _ in lines[1:] if rows.is_hidden_row(n))
    told += _hidden(header, hidden_columns, hidden_rows, filtered=rows.filtered)
    return Tableau(header, lines[1:], len(lines), tuple(told), hidden_rows, hidden_columns)


def _xlsx(archive):
    book = archive.parse("xl/workbook.xml", Classeur())
    if book.is_strict:
        raise FichierRefuse(STRICT)
    return _Feuilles(archive, book, archive.parse("xl/_rels/workbook.xml.rels", Liens()))


def _ods(archive):
    if "content.xml" not in archive.names:
        raise FichierRefuse(ABIME)
    if "META-INF/manifest.xml" in archive.names:
        archive.parse("META-INF/manifest.xml", Manifeste())
    content = archive.parse("content.xml", ContenuODS())
    hidden = content.hidden_styles
    sheets = [Onglet(s.nom, str(rank), s.style in hidden) for rank, s in enumerate(content.sheets)]
    return _FeuillesODS(sheets, content.sheets)


def _hides_something(rows):
    """The merged cells of a table; a long title, alone in its row, hides nothing."""
    filled = {
        number: sum(not holds_nothing(cell) for cell in cells) for number, cells in rows.lines
    }
    return [one for one in rows.merged if not _is_title(one, filled)]


def _is_title(reference, filled):
    """Whether merged cells are one row, of which nothing else is filled: « A1:F1 »."""
    found = CELLULES.fullmatch(reference)
    if found is None or found["haut"] != found["bas"]:
        return False
    large = rank_of(found["droite"]) - rank_of(found["gauche"]) + 1
    return large >= TITRE_LARGE and filled.get(int(found["haut"]), 0) <= 1


def _header(number, cell):
    if isinstance(cell, Illisible):
        raise FichierRefuse(f"Ligne {number} : {cell.phrase}")
    return en_texte(cell)


def _hidden(header, columns, rows, *, filtered):
    """The sentences of what the spreadsheet does not show."""
    told = []
    if columns:
        names = ", ".join(f"« {header[rank]} » ({letters(rank + 1)})" for rank in sorted(columns))
        told.append(
            f"Masqué dans le classeur : colonne {names}. Une ligne qu’elle change n’est pas "
            "cochée d’avance."
        )
    if rows:
        numbers = sorted(rows)
        listed = ", ".join(map(str, numbers[:20])) + (", …" if len(numbers) > 20 else "")
        how = "masquées, ou écartées par un filtre" if filtered else "masquées"
        told.append(
            f"Lignes {how} dans le classeur : {listed} ({len(numbers)} en tout). Elles ne sont "
            "pas cochées d’avance."
        )
    return told


@dataclass(frozen=True)
class Onglet:
    """A sheet as the workbook names it."""

    nom: str
    lien: str
    is_hidden: bool


class Classeur(Lecteur):
    """`xl/workbook.xml`: the sheets in order, and which calendar counts the days."""

    def __init__(self):
        self.is_strict, self.since_1904, self.sheets = False, False, []

    def start(self, name, attributes):
        self.is_strict = self.is_strict or name.startswith(STRICT_NAMESPACE)
        said = {local(key): value for key, value in attributes.items()}
        if local(name) == "workbookPr":
            self.since_1904 = said.get("date1904", "").lower() in {"1", "true"}
        elif local(name) == "sheet":
            hidden = said.get("state", "visible") != "visible"
            self.sheets.append(Onglet(said.get("name", ""), said.get("id", ""), hidden))


class Liens(Lecteur):
    """`xl/_rels/workbook.xml.rels`: where the parts of the workbook are."""

    def __init__(self):
        self.sheets, self.texts, self.styles = {}, "", ""

    def start(self, name, attributes):
        if local(name) != "Relationship":
            return
        path = attributes.get("Target", "")
        path = path.lstrip("/") if path.startswith("/") else posixpath.normpath(f"xl/{path}")
        kind = attributes.get("Type", "").rpartition("/")[2]
        if kind == "worksheet":
            self.sheets[attributes.get("Id", "")] = path
        elif kind == "sharedStrings":
            self.texts = path
        elif kind == "styles":
            self.styles = path


class Textes(Lecteur):
    """`xl/sharedStrings.xml`: the texts that cells name by their rank; phonetic signs left out."""

    def __init__(self):
        self.texts, self.parts, self.length = [], [], 0
        self.inside, self.phonetic = False, 0

    def start(self, name, attributes):
        name = local(name)
        if name == "rPh":
            self.phonetic += 1
        elif name == "t":
            self.inside = not self.phonetic

    def text(self, data):
        if self.inside:
            self.parts.append(data)
            self.length += len(data)
            if self.length > TEXTE_MAX:
                raise FichierRefuse(TEXTE_TROP_LONG)

    def end(self, name):
        name = local(name)
        if name == "t":
            self.inside = False
        elif name == "rPh":
            self.phonetic -= 1
        elif name == "si":
            self.texts.append("".join(self.parts))
            self.parts, self.length = [], 0


class Styles(Lecteur):
    """`xl/styles.xml`: the ranks of the formats of cells that show a day."""

    def __init__(self):
        self.codes, self.formats, self.within = {}, [], False

    def start(self, name, attributes):
        name = local(name)
        if name == "numFmt":
            self.codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            self.within = True
        elif name == "xf" and self.within:
            self.formats.append(attributes.get("numFmtId", "0"))
            if len(self.formats) > FORMATS_MAX:
                raise FichierRefuse(ABIME)

    def end(self, name):
        if local(name) == "cellXfs":
            self.within = False

    @property
    def dates(self):
        known = {number: self._is_date(number) for number in set(self.formats)}
        return frozenset(rank for rank, number in enumerate(self.formats) if known[number])

    def _is_date(self, number):
        if number in self.codes:
            return (
                re.search("[dmyhs]", NOT_A_CODE.sub("", self.codes[number]), re.IGNORECASE)
                is not None
            )
        return number.isascii() and number.isdigit() and len(number) < 4 and int(number) in DATES


class Manifeste(Lecteur):
    """`META-INF/manifest.xml` of an ODS: whether its parts are encrypted."""

    def start(self, name, attributes):
        if local(name) == "encryption-data":
            raise FichierRefuse(
                "Ce classeur est protégé par un mot de passe : ôtez la protection, puis "
                "enregistrez-le de nouveau."
            )


class _Feuilles:
    """The sheets of a workbook, each read once and when it is needed."""

    def __init__(self, archive, book, links):
        self.archive, self.book, self.links = archive, book, links
        self.sheets = book.sheets
        self.texts = self._optional(links.texts, Textes()).texts
        self.dates = self._optional(links.styles, Styles()).dates

    def _optional(self, name, reader):
        return self.archive.parse(name, reader) if name in self.archive.names else reader

    def choose(self):
        """(its rows, sentences) of « Données », else of the only one shown that is filled."""
        sheets = [sheet for sheet in self.sheets if sheet.nom != NOTICE and self._path(sheet)]
        read = [sheet for sheet in sheets if sheet.nom == FEUILLE][:1] or sheets
        filled = {sheet: rows for sheet in read if (rows := self._read(sheet)).lines}
        if not filled:
            raise FichierRefuse(VIDE)
        shown = [sheet for sheet in filled if not sheet.is_hidden]
        if not shown:
            self._refuse_hidden(next(iter(filled)))
        if len(shown) > 1:
            raise FichierRefuse(
                f"Le classeur a plusieurs feuilles remplies ({_listed(shown)}) : gardez-en une "
                f"seule, ou nommez « {FEUILLE} » celle à importer."
            )
        others = [sheet for sheet in sheets if sheet is not shown[0]]
        told = f"Feuille lue : « {shown[0].nom} »."
        told += f" Non lue : {_listed(others)}." if others else ""
        return filled[shown[0]], [told]

    def _refuse_hidden(self, sheet):
        raise FichierRefuse(
            f"La feuille « {sheet.nom} » est masquée dans le classeur : affichez-la (clic droit "
            "sur un onglet, Afficher), vérifiez-la, puis enregistrez de nouveau."
        )

    def _path(self, sheet):
        """The path of a sheet of cells; empty for a chart."""
        path = self.links.sheets.get(sheet.lien, "")
        return path if path in self.archive.names else ""

    def _read(self, sheet):
        reader = Feuille(self.texts, self.dates, since_1904=self.book.since_1904)
        return self.archive.parse(self._path(sheet), reader)


class _FeuillesODS(_Feuilles):
    """Those of an ODS, which one part holds."""

    def __init__(self, sheets, read):
        self.sheets, self.read = sheets, read

    def _path(self, sheet):
        return sheet.lien

    def _read(self, sheet):
        return self.read[int(sheet.lien)]


def _listed(sheets):
    names = [f"« {sheet.nom} »{' (masquée)' if sheet.is_hidden else ''}" for sheet in sheets]
    return ", ".join(names[:LISTED])


VIDE = "Le classeur est vide : exportez la liste, et partez de ce fichier."
