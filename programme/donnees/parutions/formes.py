"""The two forms of a dataset in a parution, CSV and JSON: read and written row by row.

Both hold what the exports of the site hold, in one order: that of the keys, compared as text,
character by character. So a row that moves in the list of the site moves nothing here, and whoever
applies what changed to a file makes the next one, byte for byte.
"""

import csv
import heapq
import io
import json
import pickle
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain, islice

from django.core.serializers.json import DjangoJSONEncoder

from programme.donnees.comparaison import cle
from programme.donnees.ecriture import BOM, Counted, csv_row, write_csv, write_json

csv.field_size_limit(1 << 30)  # by default a text of 128 KB stops the reading
LOT = 20_000
"""Rows that are held in memory at once, to be sorted."""


def triees(lignes, noms):
    """Rows in the order of their keys, however many: what memory does not hold waits on disk."""
    with ExitStack() as stack:
        parts = []
        lignes = iter(lignes)
        while lot := sorted(((cle(ligne, noms), ligne) for ligne in islice(lignes, LOT)), key=_key):
            if len(lot) < LOT and not parts:
                yield from (ligne for _, ligne in lot)
                return
            part = stack.enter_context(tempfile.TemporaryFile())
            for pair in lot:
                pickle.dump(pair, part, pickle.HIGHEST_PROTOCOL)
            part.seek(0)
            parts.append(_read(part, len(lot)))
        yield from (ligne for _, ligne in heapq.merge(*parts, key=_key))


def _key(pair):
    return pair[0]


def _read(part, count):
    for _ in range(count):
        yield pickle.load(part)  # noqa: S301 - our own, written above


@dataclass
class Table:
    """What a file holds. entete: what the form says before its rows. lignes: dictionaries."""

    colonnes: list
    lignes: object
    entete: dict = field(default_factory=dict)


class Csv:
    nom = "csv"

    @staticmethod
    def exporter(jeu, queryset, connection, metadata):
        return write_csv(jeu, queryset, connection)

    @staticmethod
    def lire(file):
        """The table of an open binary file."""
        rows = csv.reader(io.TextIOWrapper(_Prete(file), encoding="utf-8-sig", newline=""))
        colonnes = next(rows)
        return Table(colonnes, (dict(zip(colonnes, row, strict=True)) for row in rows))

    @staticmethod
    def ecrire(file, table):
        """Write a table, sorted, in an open binary file; how many rows."""
        rows = Counted([ligne.get(nom, "") for nom in table.colonnes] for ligne in table.lignes)
        write_rows(file, chain([table.colonnes], rows))
        return rows.count


def write_rows(file, rows):
    """Write texts as the exports of the site do: Python’s own leaves a lone `\\r` bare."""
    file.write(BOM.encode())
    for line in map(csv_row(","), rows):
        file.write(line.encode())


class Json:
    nom = "json"

    @staticmethod
    def exporter(jeu, queryset, connection, metadata):
        return write_json(jeu, queryset, connection, metadata)

    @staticmethod
    def lire(file):
        """The same; a file without any row does not say its columns."""
        file.seek(0)
        head = file.readline().decode()
        entete = json.loads(head.rstrip().removesuffix('"results": [').rstrip(" ,") + "}")
        lignes = _lines(file)
        first = next(lignes, None)
        if first is None:
            return Table([], (), entete)
        return Table(list(first), chain([first], lignes), entete)

    @staticmethod
    def ecrire(file, table):
        file.write(f'{dumps(table.entete)[:-1]}, "results": [\n'.encode())
        before, count = b"", 0
        for ligne in table.lignes:
            row = {nom: ligne.get(nom) for nom in table.colonnes}
            file.write(before + dumps(row).encode())
            before = b",\n"
            count += 1
        file.write((b"\n" if count else b"") + b"]}\n")
        return count


FORMES = {forme.nom: forme for forme in (Csv, Json)}


def dumps(value):
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def _lines(file):
    for line in iter(file.readline, b""):  # an iterator of Django's begins again
        if line.startswith(b"]}"):
            return
        yield json.loads(line.rstrip().removesuffix(b","))


class _Prete(io.RawIOBase):
    """An open file that a reader of text may let go of without closing it."""

    def __init__(self, file):
        self.file = file
        file.seek(0)

    def readable(self):
        return True

    def readinto(self, buffer):
        block = self.file.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)
