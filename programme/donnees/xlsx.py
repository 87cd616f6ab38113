"""A workbook written as it goes: a zip of XML parts, never seekable, never held in memory.

Texts are inline strings: no cell is a formula or a link, and a code keeps its zeros. Dates are
dates shown AAAA-MM-JJ. Beyond Excel's limit of rows the data go on in another sheet.
"""

import re
import zipfile
from datetime import date
from functools import lru_cache
from itertools import islice, zip_longest
from xml.sax.saxutils import escape

from django.core.exceptions import EmptyResultSet

from programme.donnees.ecriture import BLOCK, Counted, in_blocks
from programme.donnees.expressions import DECIMALES, cell
from programme.donnees.instantane import compile_query
from programme.donnees.schema import Type
from territoires.dates import iso

TEMPLATE_ROWS = 5_000  # of a workbook to fill, that have lists
ROWS_PER_SHEET = 1_048_575  # Excel's 1 048 576, less the header
LONGEST_TEXT = 32_767  # characters of a cell, in Excel
CUT = " […] [texte coupé : Excel n’admet pas plus de 32 767 caractères, voir le fichier CSV]"
LARGEST_NUMBER = 10**15  # beyond, Excel rounds
EPOCH = date(1899, 12, 30)
FIRST_DAY = date(1900, 3, 1)  # before, Excel's calendar is wrong
# What XML cannot hold, and what would read like such an escape.
UNSAFE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
MARKUP = re.compile("[&<>]|_x")

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'<styleSheet xmlns="{MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/>'
    '<xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf fontId="1" applyFont="1"/>'
    '<xf numFmtId="49" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
DATE_STYLE, HEADER_STYLE, TEXT_STYLE = 1, 2, 3
WIDTHS = {Type.CODE: 12, Type.DATE: 12, Type.ENTIER: 14, Type.BOOLEEN: 8, Type.NOMBRE: 12}


def write_xlsx(jeu, queryset, connection, *, lignes, notice):
    """The rows of a queryset, then a sheet « À propos » made of the pairs of `notice`.

    lignes: the number of rows to come; it tells the range that the filter buttons cover.
    """
    return (yield from _write(jeu, _rows(jeu, queryset, connection), lignes, notice))


def write_computed_xlsx(tableau, *, notice):
    """The same workbook of rows that no table holds.

    tableau: an object with `noms`, `colonnes`, as a `Jeu` has them, and `lignes`, tuples in their
    order; free texts already neutralised.
    """
    rows = _as_xml(tableau.colonnes, tableau.lignes)
    return (yield from _write(tableau, rows, len(tableau.lignes), notice))


def _write(jeu, rows, lignes, notice):
    out, rows = _Blocks(), Counted(rows)
    number = max(1, -(-lignes // ROWS_PER_SHEET))
    sheets = ["Données", *(f"Données {rank}" for rank in range(2, number + 1)), "À propos"]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for rank in range(number):
            last = min(lignes - rank * ROWS_PER_SHEET, ROWS_PER_SHEET) + 1
            with _part(archive, f"xl/worksheets/sheet{rank + 1}.xml") as part:
                part.write(_sheet_head(jeu).encode())
                for block in in_blocks(islice(rows, ROWS_PER_SHEET)):
                    part.write(block)
                    yield from out.full_blocks()
                part.write(_sheet_tail(jeu, last).encode())
        with _part(archive, f"xl/worksheets/sheet{len(sheets)}.xml") as part:
            part.write(_notice_sheet(notice).encode())
        for name, text in _package(sheets):
            with _part(archive, name) as part:
                part.write((XML + text).encode())
    yield from out.rest()
    return rows.count


def write_template(tableau, listes, *, notice):
    """A workbook to fill: a header, and lists of the words that its columns admit.

    tableau: an object with `noms` and `colonnes`. listes: {rank of a column, from 0: its words};
    they stand in a sheet « Listes », since a cell's own list holds 255 characters.
    """
    out, sheets = _Blocks(), ["Données", "Listes", "À propos"]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for rank, text in enumerate(
            (
                f"{_sheet_head(tableau)}</sheetData>{_validations(listes)}</worksheet>",
                _lists_sheet(tableau, listes),
                _notice_sheet(notice),
            ),
            1,
        ):
            with _part(archive, f"xl/worksheets/sheet{rank}.xml") as part:
                part.write(text.encode())
        for name, text in _package(sheets):
            with _part(archive, name) as part:
                part.write((XML + text).encode())
    yield from out.rest()


def _validations(listes):
    if not listes:
        return ""
    rules = "".join(
        '<dataValidation type="list" allowBlank="1" showErrorMessage="1" errorStyle="warning" '
        'errorTitle="Mot inattendu" error="Choisissez un mot de la liste, ou vérifiez le code." '
        f'sqref="{(column := _letters(rank + 1))}2:{column}{TEMPLATE_ROWS}">'
        f"<formula1>Listes!${(place := _letters(at))}$2:${place}${len(words) + 1}</formula1>"
        "</dataValidation>"
        for at, (rank, words) in enumerate(listes.items(), 1)
    )
    return f'<dataValidations count="{len(listes)}">{rules}</dataValidations>'


def _lists_sheet(tableau, listes):
    header = "".join(_text(tableau.noms[rank], HEADER_STYLE) for rank in listes)
    rows = "".join(
        "<row>" + "".join("<c/>" if word is None else _code(word) for word in words) + "</row>"
        for words in zip_longest(*listes.values())
    )
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetData><row>{header}</row>{rows}</sheetData>'
        "</worksheet>"
    )


class _Blocks:
    """The file object the zip is written to; it gives back what it received."""

    def __init__(self):
        self.buffer = bytearray()

    def write(self, data):
        self.buffer += data
        return len(data)

    def flush(self):
        pass

    def full_blocks(self):
        if len(self.buffer) >= BLOCK:
            yield from self.rest()

    def rest(self):
        block = bytes(self.buffer)
        self.buffer.clear()
        yield block


def _part(archive, name):
    # Opened by its name, a part is dated 1980: the same rows make the same file.
    return archive.open(name, "w", force_zip64=name.startswith("xl/worksheets"))


def _rows(jeu, queryset, connection):
    """Each row as the XML of a line of the sheet."""
    cells = {
        colonne.alias: colonne.expression() if colonne.type is Type.NOMBRE else cell(colonne)
        for colonne in jeu.colonnes
    }
    try:
        sql, params = compile_query(
            jeu.annotated(queryset, **cells).values_list(*cells), connection
        )
    except EmptyResultSet:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        yield from _as_xml(jeu.colonnes, cursor)


def _as_xml(colonnes, rows):
    makers = [_maker(colonne.type) for colonne in colonnes]
    for row in rows:
        line = "".join(
            [
                "<c/>" if value is None else make(value)
                for make, value in zip(makers, row, strict=True)
            ]
        )
        yield f"<row>{line}</row>".encode()


def _maker(type_):
    """The function that writes a cell of this type; few words are written over and over."""
    make = MAKERS.get(type_, _text)
    return lru_cache(maxsize=1_000)(make) if type_ in REPEATED else make


def _text(value, style=0):
    mark = f' s="{style}"' if style else ""
    if len(value) > LONGEST_TEXT:
        value = value[: LONGEST_TEXT - len(CUT)] + CUT
    if value.isprintable() and value.strip() == value and not MARKUP.search(value):
        return f'<c{mark} t="inlineStr"><is><t>{value}</t></is></c>'
    value = escape(UNSAFE.sub(lambda found: f"_x{ord(found[0]):04X}_", value))
    return f'<c{mark} t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def _code(value):
    # In the format « text », so that editing the cell does not turn 01 into 1.
    return _text(value, TEXT_STYLE)


def _integer(value):
    return f"<c><v>{value}</v></c>" if abs(value) < LARGEST_NUMBER else _text(str(value))


def _number(value):
    return f"<c><v>{round(value, DECIMALES)}</v></c>"


def _date(value):
    day = value if isinstance(value, date) else date.fromisoformat(value)
    if day < FIRST_DAY:
        return _text(iso(day))
    return f'<c s="{DATE_STYLE}"><v>{(day - EPOCH).days}</v></c>'


MAKERS = {
    Type.CODE: _code,
    Type.LISTE: _code,
    Type.ENTIER: _integer,
    Type.NOMBRE: _number,
    Type.DATE: _date,
}
REPEATED = {Type.CODE, Type.CHOIX, Type.LISTE, Type.NOMS, Type.DATE}


def _sheet_head(jeu):
    columns = "".join(
        f'<col min="{rank}" max="{rank}" width="{WIDTHS.get(colonne.type, 24)}" customWidth="1"/>'
        for rank, colonne in enumerate(jeu.colonnes, 1)
    )
    header = "".join(_text(name, HEADER_STYLE) for name in jeu.noms)
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{columns}</cols><sheetData><row>{header}</row>"
    )


def _sheet_tail(jeu, last):
    column = _letters(len(jeu.colonnes))
    return f'</sheetData><autoFilter ref="A1:{column}{last}"/></worksheet>'


def _notice_sheet(notice):
    rows = "".join(
        f"<row>{_text(name, HEADER_STYLE)}{_text(str(value))}</row>" for name, value in notice
    )
    return (
        f'{XML}<worksheet xmlns="{MAIN}"><cols><col min="1" max="1" width="28" customWidth="1"/>'
        f'<col min="2" max="2" width="110" customWidth="1"/></cols>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _letters(rank):
    """The name of a column from its rank: 1 → A, 27 → AA."""
    name = ""
    while rank:
        rank, rest = divmod(rank - 1, 26)
        name = chr(65 + rest) + name
    return name


def _package(sheets):
    """Names and texts of the parts that tie the sheets together."""
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{CONTENT}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{CONTENT}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{CONTENT}.styles+xml"/>'
            f"{overrides}</Types>"
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
            f'<Relationship Id="rId{len(sheets) + 1}" Type="{DOCUMENT}/styles" '
            'Target="styles.xml"/></Relationships>'
        ),
    )
    named = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1)
    )
    yield (
        "xl/workbook.xml",
        f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{named}</sheets></workbook>',
    )
    yield "xl/styles.xml", STYLES
