"""How CSV and GeoJSON are written: text made by the database, passed on in blocks of 64 KB.

Every writer, here and in `xlsx`, is a generator of bytes that ends by returning the number of rows
it wrote; none of them ever holds the file.
"""

import json

from django.core.exceptions import EmptyResultSet
from django.db.models import F, FloatField, Value

from programme.donnees.expressions import CsvLine, JsonFeature, cell
from programme.donnees.instantane import compile_query

BLOCK = 1 << 16
BOM = "\ufeff"
COPY_CSV = "FORMAT csv, DELIMITER '{}'"
# JSON text holds neither of these characters: it comes out as it is, a row a line.
COPY_JSON = "FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01'"
NULLE_PART = Value(None, output_field=FloatField())


def write_csv(jeu, queryset, connection, separateur=","):
    """UTF-8 with a byte order mark, a header, line feeds; quoted where needed, as COPY does."""
    yield (BOM + separateur.join(jeu.noms) + "\n").encode()
    cells = {colonne.alias: cell(colonne) for colonne in jeu.colonnes}
    if connection.vendor == "postgresql":
        rows = jeu.annotated(queryset, **cells).values_list(*cells)
        return (yield from _copy(connection, rows, COPY_CSV.format(separateur)))
    line = CsvLine(*cells.values(), colonnes=jeu.colonnes, separateur=separateur)
    rows = jeu.annotated(queryset, c_ligne=line).values_list("c_ligne")
    return (yield from _fetch(connection, rows))


def write_geojson(jeu, queryset, connection):
    """A FeatureCollection, one feature a line; its last member, `lignes`, is their number."""
    head = json.dumps({"type": "FeatureCollection", "name": jeu.code})
    yield f'{head[:-1]}, "features": [\n'.encode()
    point = jeu.geometrie
    feature = JsonFeature(
        jeu.colonne(jeu.cle[0]).expression() if len(jeu.cle) == 1 else F("pk"),
        F(point.longitude) if point else NULLE_PART,
        F(point.latitude) if point else NULLE_PART,
        *(colonne.expression() for colonne in jeu.colonnes),
        colonnes=jeu.colonnes,
    )
    rows = jeu.annotated(queryset, c_ligne=feature).values_list("c_ligne")
    if connection.vendor == "postgresql":
        count = yield from _without_last_comma(_copy(connection, rows, COPY_JSON))
    else:
        count = yield from _without_last_comma(_fetch(connection, rows))
    yield f'], "lignes": {count}}}\n'.encode()
    return count


def _copy(connection, rows, options):
    """What PostgreSQL's COPY says of the queryset `rows`."""
    try:
        sql, params = compile_query(rows, connection)
    except EmptyResultSet:
        return 0
    # COPY takes no parameter from the protocol: the driver writes them into the statement.
    statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT ({options})", params)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as lines:
            yield from in_blocks(lines)
        return cursor.rowcount


def _fetch(connection, rows):
    """The one text of each row of SQLite's, as lines."""
    try:
        sql, params = compile_query(rows, connection)
    except EmptyResultSet:
        return 0
    count = 0

    def lines(cursor):
        nonlocal count
        for (line,) in cursor:
            count += 1
            yield f"{line}\n".encode()

    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        yield from in_blocks(lines(cursor))
    return count


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


def _without_last_comma(blocks):
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
