"""The SQL of the exports that SQLite and PostgreSQL do not write the same way.

Everything in this package that differs between the two databases is here or in `instantane`.
The classes below put together SQL of compiled expressions and of constants of this project; what
a person typed stays in parameters.
"""

import json

from django.conf import settings
from django.db import connections
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, Replace
from django.urls import reverse

from programme.colonnes import Lignes, lignes
from programme.donnees.neutralisation import APOSTROPHE, sql_is_dangerous
from programme.donnees.schema import SEPARATEUR_LISTE, Type
from programme.models import Rangement
from territoires.models import rang_du_departement

DECIMALES = 6
"""Digits after the point of a decimal number: a longitude to the nearest 11 centimetres."""


def count_of(queryset, path):
    """How many rows of `queryset` have the outer row at `path`; 0 when none has."""
    counted = queryset.order_by().values(path).annotate(_count=Count("pk")).values("_count")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def count_among(queryset, path, among):
    """The same; null when `among`, whose rows tell, has none: nobody told, and that is no zero."""
    told = Exists(among.order_by())
    return Case(When(told, then=count_of(queryset, path)), output_field=IntegerField())


def count_told(queryset, path):
    """The same; null when no row has it, where the rows that we know of are not all there are."""
    return NullIf(count_of(queryset, path), Value(0), output_field=IntegerField())


class NombreSelon(Func):
    """How many rangements have the outer row's `key` as their `nom`; 0 when none has.

    All of them are counted once for the whole statement, which costs less than one count a row: a
    JSON object of the counts, read by key. In memory where that may be; a file, which has a
    connection of its own, counts what its snapshot holds.
    """

    output_field = IntegerField()

    def __init__(self, nom, key):
        """nom: a column of the rangements."""
        self.nom = nom
        counted = Rangement.objects.order_by().exclude(**{nom: None}).values(_cle=F(nom))
        counted = counted.annotate(_nombre=Count("pk")).values("_cle", "_nombre")
        super().__init__(Subquery(counted, output_field=IntegerField()), F(key))

    def as_sqlite(self, compiler, connection, **extra):
        read = "JSON_EXTRACT({all}, '$.\"' || {key} || '\"')"
        return self._lookup(compiler, connection, "JSON_GROUP_OBJECT", read)

    def as_postgresql(self, compiler, connection, **extra):
        read = "CAST(CAST({all} AS json) ->> {key} AS integer)"
        return self._lookup(compiler, connection, "JSON_OBJECT_AGG", read)

    def _lookup(self, compiler, connection, aggregate, read):
        rangements, wanted = self.source_expressions
        key, key_params = compiler.compile(wanted)
        ours = connection is connections[connection.alias]
        if ours and isinstance(rows := lignes(), Lignes):
            counts = {value: number for value, number in rows.nombres(self.nom).items() if value}
            everything, params = "%s", [json.dumps(counts)]
        else:
            counted, params = compiler.compile(rangements)
            everything = f"(SELECT {aggregate}(_cle, _nombre) FROM {counted} _comptes)"  # noqa: S608
        return f"COALESCE({read.format(all=everything, key=key)}, 0)", [*params, *key_params]


LISTES = {
    "postgresql": f"ARRAY_TO_STRING(ARRAY({{}}), '{SEPARATEUR_LISTE}')",
    # GROUP_CONCAT reads its rows in the order of the subquery.
    "sqlite": f"(SELECT GROUP_CONCAT(v, '{SEPARATEUR_LISTE}') FROM ({{}}))",  # noqa: S608
}


def joined(subquery, vendor):
    """The SQL of the values `v` of a subquery, in its order, joined by `SEPARATEUR_LISTE`."""
    return LISTES[vendor].format(subquery)


class ListOf(Subquery):
    """The values of a one-column subquery, in its order, joined by `SEPARATEUR_LISTE`."""

    output_field = TextField()

    def as_sql(self, compiler, connection, template=None, **extra):
        template = joined("%(subquery)s", connection.vendor)
        return super().as_sql(compiler, connection, template, **extra)


def list_of(queryset, path):
    """The distinct codes at `path` (or of this expression) in `queryset`, sorted, as one text."""
    value = F(path) if isinstance(path, str) else path
    return ListOf(queryset.values(v=value).distinct().order_by("v"))


def sources_of(queryset, path="source"):
    """What the rows of `queryset` cite at `path`, each text once, as one source text."""
    cited = list_of(queryset, path)
    return Replace(cited, Value(SEPARATEUR_LISTE), Value(" ; "), output_field=TextField())


def codes_of(queryset, path):
    """The codes at `path`, one a row, départements in the order 19, 2A, 2B, 21."""
    return ListOf(queryset.order_by(rang_du_departement(path)).values(v=F(path)))


def names_of(queryset, path, order):
    """The names at `path` in `queryset`, one a row, in the order of the codes at `order`."""
    return ListOf(
        queryset.order_by(order).values(v=Replace(path, Value(SEPARATEUR_LISTE), Value("/")))
    )


class Neutralised(Func):
    """A free text, with an apostrophe in front when a spreadsheet could take it for a formula."""

    output_field = TextField()
    arity = 1

    def as_postgresql(self, compiler, connection, **extra):
        return self._case(compiler, "ASCII")

    def as_sqlite(self, compiler, connection, **extra):
        return self._case(compiler, "UNICODE")

    def _case(self, compiler, code_point):
        (source,) = self.source_expressions
        if any(isinstance(part, Subquery) for part in source.flatten()):
            sql, params = compiler.compile(source)
            case, _ = self._written("t", [], code_point)
            # A limit keeps it apart: it is asked once, not once a branch.
            return f"(SELECT {case} FROM (SELECT {sql} AS t LIMIT 1) _texte)", params  # noqa: S608
        return self._written(*compiler.compile(source), code_point)

    def _written(self, sql, params, code_point):
        return (
            # From A to ~, nearly every text: no need to look any further.
            (
                f"CASE WHEN {code_point}({sql}) BETWEEN 65 AND 126 THEN {sql} "
                f"WHEN {sql_is_dangerous(sql)} THEN '{APOSTROPHE * 2}' || {sql} "
                f"ELSE NULLIF({sql}, '') END"
            ),
            [*params] * 5,
        )


class Adresse(Func):
    """A public address made of its parts; null when one of them is."""

    output_field = TextField()
    template = "(%(expressions)s)"
    arg_joiner = " || "


def page_of(view, path):
    """Source of a column: the full address of the page `view` of the record at `path`.

    path: of its slug or code, or the expression of what names it in addresses.

    The site's own address, `SITE_URL`, comes first: a file that is carried elsewhere still says
    where its rows can be read.
    """

    def source():
        before, after = reverse(view, args=["-"]).rsplit("-", 1)
        named = F(path) if isinstance(path, str) else path
        return Adresse(Value(settings.SITE["url"] + before), named, Value(after))

    return source


def anchor_of(view, path):
    """The same, for a record that is told on the page `view`, at the anchor that `path` names."""

    def source():
        before = f"{settings.SITE['url']}{reverse(view)}#"
        return Adresse(Value(before), F(path), Value(""))

    return source


class OuiNon(Func):
    """A boolean in words; null stays null."""

    output_field = TextField()
    arity = 1

    def as_sql(self, compiler, connection, **extra):
        sql, params = compiler.compile(self.source_expressions[0])
        return (
            f"CASE WHEN {sql} THEN 'oui' WHEN NOT {sql} THEN 'non' END",
            [*params, *params],
        )


class SixDecimals(Func):
    """A decimal number as text, rounded half up to six decimals, without useless zeros."""

    output_field = TextField()
    arity = 1

    def as_sqlite(self, compiler, connection, **extra):
        sql, params = compiler.compile(self.source_expressions[0])
        # SQLite rounds the number as it is written, like a cast to numeric; + 0.0 undoes a -0.
        text = f"RTRIM(RTRIM(PRINTF('%%.{DECIMALES}f', ROUND({sql}, {DECIMALES}) + 0.0), '0'), '.')"
        return f"CASE WHEN {sql} IS NOT NULL THEN {text} END", [*params, *params]

    def as_postgresql(self, compiler, connection, **extra):
        sql, params = compiler.compile(self.source_expressions[0])
        return f"TRIM_SCALE(ROUND(({sql})::numeric, {DECIMALES}))", params


LIMITE = "\x1f"
"""Between the cells of a row that SQLite gives as one text: the separator of units."""


class Texts(Func):
    """Values as one text, a `LIMITE` between two of them: an empty one for null.

    To make one text of a row costs SQLite less than to give each of its cells.
    """

    output_field = TextField()

    def as_sqlite(self, compiler, connection, **extra):
        compiled = [compiler.compile(source) for source in self.source_expressions]
        pattern = LIMITE.join(["%%s"] * len(compiled))
        cells = ", ".join(sql for sql, _ in compiled)
        params = [param for _, of_one in compiled for param in of_one]
        return f"PRINTF('{pattern}', {cells})", params


def cell(colonne):
    """What a spreadsheet shows of a column: numbers and dates typed, the rest as text."""
    if colonne.type.is_free_text:
        return Neutralised(colonne.raw_expression())
    if colonne.type is Type.BOOLEEN:
        return OuiNon(colonne.expression())
    if colonne.type is Type.NOMBRE:
        return SixDecimals(colonne.expression())
    return colonne.expression()


class JsonRecord(Func):
    """One row as the text of a JSON object and the comma that follows it: a source per column."""

    output_field = TextField()

    def __init__(self, *sources, colonnes=(), **extra):
        super().__init__(*sources, **extra)
        self.colonnes = colonnes

    def as_postgresql(self, compiler, connection, **extra):
        return self._line(compiler, _PostgresJson)

    def as_sqlite(self, compiler, connection, **extra):
        return self._line(compiler, _SqliteJson)

    def _line(self, compiler, json):
        compiled = [compiler.compile(source) for source in self.source_expressions]
        sql, params = self._object(compiled, json)
        return f"CAST({sql} AS TEXT) || ','", params

    def _object(self, values, json):
        """The object of the compiled `values`, keyed by the columns' names."""
        members, params = [], []
        for colonne, (sql, value_params) in zip(self.colonnes, values, strict=True):
            text, repeats = json.value(colonne.type, sql)
            members.append(f"'{colonne.nom}', {text}")
            params.extend([*value_params] * repeats)
        return json.object(", ".join(members)), params


class JsonFeature(JsonRecord):
    """One row as the text of a GeoJSON feature and the comma that follows it.

    Sources: the identifier, the longitude, the latitude, then one per column.
    """

    def _line(self, compiler, json):
        compiled = [compiler.compile(source) for source in self.source_expressions]
        (key, key_params), (lon, lon_params), (lat, lat_params), *values = compiled
        properties, params = self._object(values, json)
        point = f"""'{{"type": "Point", "coordinates": [' || {lon} || ', ' || {lat} || ']}}'"""
        # Put together as text: an object made of objects is written twice.
        feature = (
            f"""'{{"type": "Feature", "id": ' || {json.quoted(key)} || ', "geometry": ' || """
            f"""COALESCE({point}, 'null') || ', "properties": ' || {properties} || '}},'"""
        )
        return feature, [*key_params, *lon_params, *lat_params, *params]


class _PostgresJson:
    @staticmethod
    def object(members):
        return f"JSON_BUILD_OBJECT({members})"

    @staticmethod
    def quoted(sql):
        return f"TO_JSON({sql})"

    @staticmethod
    def value(type_, sql):
        """The SQL of one member's value, and how often it holds `sql`."""
        if type_.is_list:
            return f"COALESCE(STRING_TO_ARRAY({sql}, '{SEPARATEUR_LISTE}'), ARRAY[]::text[])", 1
        return sql, 1


class _SqliteJson:
    @staticmethod
    def object(members):
        return f"JSON_OBJECT({members})"

    @staticmethod
    def quoted(sql):
        return f"JSON_QUOTE({sql})"

    @staticmethod
    def value(type_, sql):
        """The SQL of one member's value, and how often it holds `sql`."""
        if type_.is_list:
            items = f"REPLACE(JSON_QUOTE({sql}), '{SEPARATEUR_LISTE}', '\",\"')"
            return f"JSON(CASE WHEN {sql} IS NULL THEN '[]' ELSE '[' || {items} || ']' END)", 2
        if type_ is Type.BOOLEEN:
            return f"JSON(CASE WHEN {sql} THEN 'true' WHEN NOT {sql} THEN 'false' END)", 2
        return sql, 1
