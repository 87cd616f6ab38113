"""The site as it was published at a moment: the same queries, read over the histories.

    with moment.a(instant):
        Projet.objects.published().count()

Each statement of the block is sent with common table expressions that bear the names of the tables
it reads and hold their rows of then: a name without a schema is that of the expression first, on
PostgreSQL as on SQLite. No query is written twice, nothing is created in the database, a replica
that only reads will do. What keeps its past states instead of a history (`models.etats`) is read
with them, what has neither (communes, intercommunalités…) as it is;
what is computed from what has one and kept is `derivee`. Nothing is written in the block.

The moment belongs to the thread, or to the context, that entered the block: what is written after
the response was returned, as a file is, runs in `retenu`.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from territoires.dates import iso

_instant: ContextVar[datetime.datetime | None] = ContextVar("moment", default=None)
_bloc: ContextVar[dict | None] = ContextVar("bloc", default=None)

LIT = re.compile(r"[\s(]*(SELECT|WITH)\b", re.IGNORECASE)
ECRIT = re.compile(r"[\s(]*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|COPY)\b", re.IGNORECASE)
WITH = re.compile(r"\s*WITH\s+", re.IGNORECASE)
NOM = re.compile(r"\w+")


class EcritureAuPasse(DatabaseError):
    """Something was to be written while the past was read: a fault of the program."""


# --- The moment -------------------------------------------------------------------------------


@contextmanager
def a(instant: datetime.datetime | None):
    """Within the block the database is read as it was published at `instant`, included.

    None: as it is now.
    """
    token, kept = _instant.set(instant), _bloc.set({})
    try:
        yield
    finally:
        _instant.reset(token)
        _bloc.reset(kept)


def maintenant():
    """Within the block the present is read again, and may be written."""
    return a(None)


def actuel() -> datetime.datetime | None:
    """The moment that is read; None for the present."""
    return _instant.get()


def bloc() -> dict:
    """What is kept for as long as the block that reads a moment, and no longer."""
    return {} if (kept := _bloc.get()) is None else kept


def today() -> datetime.date:
    """The day, in France, of what is read: today, or that of the moment."""
    instant = actuel()
    return timezone.localdate(instant) if instant else timezone.localdate()


def cle(key: str) -> str:
    """The key under which what was read at this moment is kept."""
    instant = actuel()
    return f"{key}@{iso(instant)}" if instant else key


def retenu(blocks: Iterator, instant: datetime.datetime | None) -> Iterator:
    """`blocks`, each of them made at `instant`, whoever asks for it and when."""
    end = object()
    while True:
        with a(instant):
            block = next(blocks, end)
        if block is end:
            return
        yield block


# --- What is computed and kept ----------------------------------------------------------------

_derivees: dict[str, Callable[[Any], str]] = {}


class Lisant(str):
    """A query that reads other tables, as they were at the moment."""

    __slots__ = ()


def derivee(model, corps):
    """Tell the rows of `model`, which are computed from others and kept, at the moment.

    corps: function of a connection that gives the query of its columns, `lignes` or a `Lisant`,
    called in the block when a statement reads the table.
    """
    _derivees[model._meta.db_table] = corps


def lignes(model, rows, connection) -> str:
    """The query of `rows`, tuples of the columns of `model` in the order of its fields."""
    fields = model._meta.concrete_fields
    casts = ", ".join(
        f'CAST(column{rank} AS {field.cast_db_type(connection)}) AS "{field.column}"'
        for rank, field in enumerate(fields, 1)
    )
    told = ", ".join(
        f"({', '.join(_constant(value, connection) for value in row)})"
        for row in rows or [[None] * len(fields)]
    ).replace("%", "%%")  # the statement is given parameters
    return f"SELECT {casts} FROM (VALUES {told}) v WHERE {len(rows)} > 0"  # noqa: S608


def ecrite(sql, params, connection) -> str:
    """A compiled query with its parameters written in it: values of ours, or typed by nobody."""
    constants = tuple(_constant(value, connection) for value in params)
    # What it becomes a part of is given parameters: a per cent sign would be taken for one.
    return (sql % constants).replace("%", "%%")


def _constant(value, connection):
    """A value in SQL: a number, a text, a day, or nothing."""
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'{}'".format(value.replace("'", "''"))
    if isinstance(value, datetime.date):
        return f"{'' if connection.vendor == 'sqlite' else 'DATE '}'{iso(value)}'"
    return str(value) if isinstance(value, int) else repr(value)


# --- The statements ---------------------------------------------------------------------------


def au_passe(execute, sql, params, many, context):
    """For `execute_wrappers`: send each statement to the moment that is read."""
    return execute(traduire(sql, context["connection"]), params, many, context)


def traduire(sql: str, connection) -> str:
    """The statement `sql` as it is to be sent at the moment that is read.

    Raises `EcritureAuPasse` for what would write.
    """
    instant = actuel()
    if instant is None:
        return sql
    if ECRIT.match(sql):
        raise EcritureAuPasse("nothing is written while the past is read")
    if not LIT.match(sql):
        return sql
    names = set(NOM.findall(sql))
    bodies = {table: _derivees[table](connection) for table in sorted(names & _derivees.keys())}
    for body in bodies.values():
        names |= set(NOM.findall(body)) if isinstance(body, Lisant) else set()
    lines = [f"{name} AS {body}" for name, body in _expressions(names, bodies, instant, connection)]
    if not lines:
        return sql
    rest = WITH.sub(", ", sql, count=1) if WITH.match(sql) else f" {sql}"
    return f"WITH {', '.join(lines)}{rest}"


def _expressions(names, derived, instant, connection):
    quote = connection.ops.quote_name
    vendor, hint = connection.vendor, _hint(connection)
    when = litteral(instant, connection)
    # On PostgreSQL an expression sees those before it: first those that read the whole histories.
    for table in sorted(names & _tables().keys()):
        yield quote(table), f"{hint}({_tables()[table](vendor).format(instant=when)})"
    for table, body in derived.items():
        yield quote(table), f"{hint}({body})"
    for table in sorted(names & _journaux().keys()):
        rows = f"SELECT * FROM {place(table, vendor)} WHERE {_journaux()[table]} <= {when}"  # noqa: S608
        yield quote(table), f"{hint}({rows})"


def _hint(connection):
    """Rows are looked for where the statement needs them, not all read first."""
    if connection.vendor == "sqlite" and connection.Database.sqlite_version_info < (3, 35):
        return ""
    return "NOT MATERIALIZED "


def litteral(instant, connection):
    """A moment in SQL."""
    value = connection.ops.adapt_datetimefield_value(instant)
    return f"'{value}'" if connection.vendor == "sqlite" else f"TIMESTAMPTZ '{iso(value)}'"


def place(table, vendor):
    """The table itself, whatever expression bears its name."""
    return f'main."{table}"' if vendor == "sqlite" else f'"{table}"'


@cache
def _journaux():
    """{table: its column of moments} of what is told of the past: it ends at the moment."""
    found = {model.history.model._meta.db_table: "history_date" for model in _lus()}
    return found | {apps.get_model("territoires.Modification")._meta.db_table: "instant"}


def _lus():
    """The models whose past is read: who may sign in, and as what, is of today alone."""
    from territoires.historiques import suivis  # noqa: PLC0415 - the connections come first

    return [model for model in suivis() if model._meta.label != settings.AUTH_USER_MODEL]


@cache
def _tables():
    """{table: function of the vendor} that writes the rows of each table that has a past."""
    found = {
        model._meta.db_table: lru_cache(lambda vendor, m=model: _states(m, vendor))
        for model in apps.get_models()
        if hasattr(model, "etats_gardes")
    }
    for model in _lus():
        history = model.history.model
        found[model._meta.db_table] = lru_cache(lambda vendor, m=model: _rows(m, vendor))
        for field in history._history_m2m_fields:
            through = getattr(model, field.name).through
            kept = history._meta.apps.get_model(
                through._meta.app_label, f"Historical{through.__name__}"
            )
            found[through._meta.db_table] = lru_cache(
                lambda vendor, m=model, t=through, k=kept: _links(m, t, k, vendor)
            )
    return found


def _rows(model, vendor):
    """What the last record of each row says at the moment, unless it went."""
    kept = {field.column for field in model.history.model._meta.concrete_fields}
    columns = ", ".join(
        f'h."{column}"' if column in kept else f'NULL AS "{column}"'
        for column in (field.column for field in model._meta.concrete_fields)
    )
    return f"SELECT {columns} FROM {_last(model, vendor)}"  # noqa: S608


def _links(model, through, history, vendor):
    columns = ", ".join(
        f'l.m2m_history_id AS "{field.column}"' if field.primary_key else f'l."{field.column}"'
        for field in through._meta.concrete_fields
    )
    links = place(history._meta.db_table, vendor)
    last = f"SELECT h.history_id FROM {_last(model, vendor)}"  # noqa: S608
    return f"SELECT {columns} FROM {links} l WHERE l.history_id IN ({last})"  # noqa: S608


def _last(model, vendor):
    """The records of a history that say what there was at `{instant}`."""
    table, pk = place(model.history.model._meta.db_table, vendor), model._meta.pk.column
    later = (
        f'n."{pk}" = h."{pk}" AND n.history_date <= {{instant}} '
        "AND (n.history_date, n.history_id) > (h.history_date, h.history_id)"
    )
    return (
        f"{table} h WHERE h.history_date <= {{instant}} AND h.history_type <> '-' "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM {table} n WHERE {later})"
    )


def _states(model, vendor):
    """The rows of today that said the same at the moment, and what the others said then."""
    label, pk = model._meta.label, model._meta.pk.column
    table = place(model._meta.db_table, vendor)
    states = place(apps.get_model("territoires.EtatAncien")._meta.db_table, vendor)
    names = [field.column for field in model._meta.concrete_fields]
    today = ", ".join(f'h."{name}"' for name in names)
    if vendor == "sqlite":
        source = f"{states} e"
        then = ", ".join(f"""json_extract(e.valeurs, '$."{name}"')""" for name in names)
    else:
        source = f"{states} e CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, e.valeurs) r"
        then = ", ".join(f'r."{name}"' for name in names)
    later = f"n.modele = '{label}' AND n.jusque > {{instant}}"
    return (
        f"SELECT {today} FROM {table} h WHERE NOT EXISTS "  # noqa: S608
        f'(SELECT 1 FROM {states} n WHERE {later} AND n.cle = CAST(h."{pk}" AS text)) '
        f"UNION ALL SELECT {then} FROM {source} WHERE e.modele = '{label}' "
        "AND e.jusque > {instant} AND e.valeurs IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {states} n WHERE {later} AND n.cle = e.cle "
        "AND (n.jusque, n.id) < (e.jusque, e.id))"
    )
