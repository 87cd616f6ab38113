"""The records that words find, by the index of the search."""

import json

from django.db import connections
from django.db.models import BooleanField, Func
from django.db.models.expressions import RawSQL

from programme.catalogue.recherche import passe
from programme.catalogue.recherche.moteur import Lecture, chercher
from programme.models import EntreeIndex
from programme.models.index import tous, un_de
from territoires import moment
from territoires.recherche.texte import plier, racine

NO_LIMIT = 2**31 - 1
HOMONYMES = 6
BEAUCOUP = 100_000
Type = EntreeIndex.Type
# The column of the index that holds the key of a record.
_KEYS = {Type.PROJET: "projet", Type.CONTRAT: "contrat"}


def named(texte, type_):
    """Primary keys of the records of `type_` that have this very name, or had it or this code."""
    for sort in "na":
        names = [f"{sort}_{cle.replace(' ', '_')}" for cle in Lecture.of(texte).cles if cle]
        if names and (found := _keys_of(un_de(*names), type_)):
            return found
    return []


def nearest(texte, type_):
    """Primary keys of the records of `type_` that the search of the site answers, best first."""
    return [entree.identifiant for entree in chercher(texte, type_).entrees[:HOMONYMES]]


def _keys_of(expression, type_):
    if moment.actuel() and type_ in passe.models():
        return passe.identifiants(expression, type_)
    with moment.maintenant():  # what has no past is found as today
        asked = tous(expression, f"t_{plier(type_)}")
        entries = EntreeIndex.objects.matching(asked, limit=NO_LIMIT)
        return list(entries.values_list("identifiant", flat=True))


def keys(texte, type_):
    """The primary keys of every record of `type_` that the words of `texte` find: for an `__in`.

    The words are read as the search of the site reads them, but a list is never cut short. The
    commune of a project, which the search takes as a mere context, finds it here. Read once, unless
    they are `BEAUCOUP`: each count of a list would look for them again.
    """
    lecture = Lecture.of(texte)
    found = lecture.expressions()
    if type_ == Type.PROJET:
        words = [(mot, racine(mot)) for mot in lecture.mots]
        found = (*found, tous(*(un_de(*two, *(f"c_{mot}" for mot in two)) for two in words)))
    if moment.actuel():
        return _keys_of(un_de(*found), type_)
    entries = EntreeIndex.objects.filter(type=type_).having(un_de(*found))
    rows = entries.values_list(_KEYS.get(type_, "identifiant"), flat=True)
    read = list(rows[: BEAUCOUP + 1])
    kind = "bigint" if type_ in _KEYS else "text"
    return rows if len(read) > BEAUCOUP else parmi(read, kind, rows.db)


class Parmi(Func):
    """Whether a column has one of these keys, which are known: the database sees how many, and
    walks the order of a page rather than sorting what so many keys find.
    """

    template = "%(expressions)s = ANY(%%s::bigint[])"
    arity = 1
    output_field = BooleanField()

    def __init__(self, column, keys):
        super().__init__(column)
        self.keys = keys

    def as_sql(self, compiler, connection, **extra):
        sql, params = super().as_sql(compiler, connection, **extra)
        return sql, (*params, self.keys)

    def as_sqlite(self, compiler, connection, **extra):
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a column of ours
        return sql, (*params, json.dumps(self.keys))


def parmi(keys, kind, using):
    """A subquery of these keys: one parameter, however many they are. kind: their SQL type."""
    if connections[using].vendor == "sqlite":
        found = RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])
    else:
        found = RawSQL(f"SELECT unnest(%s::{kind}[])", [keys])  # noqa: S611
    found.cles = keys  # for who needs no query to know them
    return found
