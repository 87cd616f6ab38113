"""The records that words find, by the index of the search."""

import json

import numpy as np
from django.db import connections
from django.db.models import Aggregate, BooleanField, Func, TextField
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


def keys(texte, type_, avant=None):
    """The primary keys of every record of `type_` that the words of `texte` find: for an `__in`.

    The words are read as the search of the site reads them, but a list is never cut short. The
    commune of a project, which the search takes as a mere context, finds it here. Read once, unless
    they are `BEAUCOUP`: each count of a list would look for them again.

    avant: (keys found before, keys of the records that changed since), to read these alone again.
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
    if type_ not in _KEYS:
        read = list(rows[: BEAUCOUP + 1])
        return rows if len(read) > BEAUCOUP else parmi(read, "text", rows.db)
    known, changed = avant or ((), ())
    asked = entries.filter(identifiant__in=map(str, changed)) if avant else entries
    read = _nombres(asked.aggregate(cles=Ensemble(_KEYS[type_]))["cles"])
    read = np.union1d(known, read) if avant else read
    many = rows if len(read) > BEAUCOUP else parmi(ecrites(read), "bigint", rows.db)
    many.cles = read  # for who needs no query to know them
    return many


class Ensemble(Aggregate):
    """The numbers of a column in one text, with a comma between two: sixty thousand rows are long
    to read one by one.
    """

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s::text, ',')"
    output_field = TextField()

    def as_sqlite(self, compiler, connection, **extra):
        template = "%(function)s(%(expressions)s)"
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", template=template)


def _nombres(text):
    return np.array(json.loads(f"[{text or ''}]"), dtype=np.int64)


def ecrites(keys):
    """An array of keys as a database reads it, with brackets of its own around."""
    return ",".join(map(str, keys.tolist()))


class Parmi(Func):
    """Whether a column has one of these keys, an array: the database sees how many, and walks the
    order of a page rather than sorting what so many keys find.
    """

    template = "%(expressions)s = ANY(%%s::bigint[])"
    arity = 1
    output_field = BooleanField()

    def __init__(self, column, keys):
        super().__init__(column)
        self.keys = ecrites(keys)

    def as_sql(self, compiler, connection, **extra):
        sql, params = super().as_sql(compiler, connection, **extra)
        return sql, (*params, f"{{{self.keys}}}")

    def as_sqlite(self, compiler, connection, **extra):
        column, params = compiler.compile(self.source_expressions[0])
        sql = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a column of ours
        return sql, (*params, f"[{self.keys}]")


def parmi(keys, kind, using):
    """A subquery of these keys: one parameter, however many they are. kind: their SQL type; keys:
    a list of texts, or numbers as they are `ecrites`.
    """
    written = isinstance(keys, str)
    if connections[using].vendor == "sqlite":
        asked = f"[{keys}]" if written else json.dumps(keys)
        return RawSQL("SELECT value FROM json_each(%s)", [asked])
    asked = f"{{{keys}}}" if written else keys
    return RawSQL(f"SELECT unnest(%s::{kind}[])", [asked])  # noqa: S611
