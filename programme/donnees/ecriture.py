"""How a file is written: text made by the database, passed on in blocks of 64 KB.

Every writer, here, in `geojson` and in `xlsx`, is a generator of bytes that ends by returning the
number of rows it wrote; none of them ever holds the file.
"""

import json
import re

from django.core.exceptions import EmptyResultSet
from django.core.serializers.json import DjangoJSONEncoder

from programme.donnees.expressions import LIMITE, JsonRecord, Texts, cell
from programme.donnees.instantane import compile_query
from territoires import moment

BLOCK = 1 << 16
BOM = "\ufeff"
COPY_CSV = "FORMAT csv, DELIMITER '{}'"
# JSON text holds neither of these characters: it comes out as it is, a row a line.
COPY_TEXT = "FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'"


def write_csv(jeu, queryset, connection, separateur=","):
    """UTF-8 with a byte order mark, a header, line feeds; quoted where needed, as COPY does."""
    yield (BOM + separateur.join(jeu.noms) + "\n").encode()
    cells = {colonne.alias: cell(colonne) for colonne in jeu.colonnes}
    if connection.vendor == "postgresql":
        rows = jeu.annotated(queryset, **cells).values_list(*cells)
        return (yield from copy(connection, rows, COPY_CSV.format(separateur)))
    rows = jeu.annotated(queryset, c_ligne=Texts(*cells.values())).values_list("c_ligne")
    return (yield from fetch(connection, rows, csv_lines(separateur, len(cells))))


def write_json(jeu, queryset, connection, metadata):
    """Every row, in the envelope of a page of the API that would hold them all.

    metadata: what comes first, `Metadonnees.as_json`.
    """
    head = json.dumps({**metadata, "next": None, "previous": None}, cls=DjangoJSONEncoder)
    yield f'{head[:-1]}, "results": [\n'.encode()
    record = JsonRecord(*(colonne.expression() for colonne in jeu.colonnes), colonnes=jeu.colonnes)
    rows = jeu.annotated(queryset, c_ligne=record).values_list("c_ligne")
    written = yield from without_last_comma(write_lines(connection, rows))
    yield b"]}\n"
    return written


def without_last_comma(blocks):
    """Lines that all end with a comma, but the last: the items of a JSON array."""
    kept = None
    while True:
        try:
            block = next(blocks)
        except StopIteration as end:
            if kept is not None:
                yield kept.removesuffix(b",\n") + b"\n"
            return end.value
        if kept is not None:
            yield kept
        kept = block


def write_lines(connection, rows):
    """The only text of each row of the queryset `rows`, a line each."""
    if connection.vendor == "postgresql":
        return (yield from copy(connection, rows, COPY_TEXT))
    return (yield from fetch(connection, rows, text_lines))


def copy(connection, rows, options):
    """What PostgreSQL's COPY says of the queryset `rows`."""
    try:
        sql, params = compile_query(rows, connection)
    except EmptyResultSet:
        return 0
    # COPY takes no parameter from the protocol: the driver writes them into the statement.
    sql = moment.traduire(sql, connection)
    statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT ({options})", params)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as lines:
            yield from in_blocks(lines)
        return cursor.rowcount


def fetch(connection, rows, as_lines):
    """The rows of SQLite's, written by `as_lines`, which takes rows and yields texts."""
    try:
        sql, params = compile_query(rows, connection)
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        counted = Counted(cursor)
        yield from in_blocks(line.encode() for line in as_lines(counted))
    return counted.count


class Counted:
    """An iterator that knows how many items it has given."""

    def __init__(self, items):
        self.items = iter(items)
        self.count = 0

    def __iter__(self):
        return self

    def __next__(self):
        item = next(self.items)
        self.count += 1
        return item


def text_lines(rows):
    """The only text of each row, as a line."""
    for (text,) in rows:
        yield f"{text}\n"


def _special(separateur):
    return re.compile(f'["\n\r{separateur}]')


def csv_row(separateur):
    """Function that writes a row of texts as a line of CSV, quoted as COPY quotes."""
    special = _special(separateur)

    def quoted(cell):
        return '"{}"'.format(cell.replace('"', '""')) if special.search(cell) else cell

    return lambda cells: f"{separateur.join(map(quoted, cells))}\n"


def csv_lines(separateur, number):
    """The same of many rows of one text: `number` cells, with `LIMITE`s between them.

    No text of ours holds an invisible character; rather no file than one whose columns moved.
    """
    special, row = _special(separateur), csv_row(separateur)

    def lines(rows):
        for (cells,) in rows:
            if cells.count(LIMITE) != number - 1:
                raise ValueError(f"a cell holds U+{ord(LIMITE):04X}")
            # Many have nothing to quote: the whole line is looked at, not each cell.
            if special.search(cells):
                yield row(cells.split(LIMITE))
            else:
                yield f"{cells.replace(LIMITE, separateur)}\n"

    return lines


def in_blocks(pieces):
    """The bytes of `pieces` in blocks of about 64 KB; a larger piece is a block by itself."""
    block = bytearray()
    for piece in pieces:
        block += piece
        if len(block) >= BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
