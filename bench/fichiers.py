"""The files of open data against PostgreSQL's own COPY and the tools that others use.

Round after round, each in a process of its own and to nowhere: `psql` copies the rows of the
dataset's own SELECT, as they are (the limit) and neutralised as the portal does; the portal writes
each format, counted, neutralised and digested; the peers write the same columns of the same rows.
`valeurs` is a CSV of the values of the communes, with their sources, against a COPY of their own.
What is slow is measured on `RESTREINTES` projects at most, against a COPY of as many.
"""

import contextlib
import csv
import http.client
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.bases import DOSSIER, psql
from bench.outils import PAIRS, child, free_port, peak_memory, spread

RESTREINTES = 100_000
CHOIX = {"tout": None, "restreint": RESTREINTES, "valeurs": None}
"""{rows that are written: how many at most}."""


# --- In a process of its own ------------------------------------------------------------------


def rows_of(choice):
    """The dataset and its public rows: all the projects, some, or the values of every commune."""
    from programme.donnees.jeux import JEUX

    if choice == "valeurs":
        jeu = JEUX["valeurs"]
        return jeu, jeu.published().filter(jeu="communes")
    jeu = JEUX["projets"]
    rows = jeu.published()
    if limit := CHOIX[choice]:
        last = rows.order_by("pk").values_list("pk", flat=True)[limit - 1 : limit].first()
        rows = rows.filter(pk__lte=last) if last else rows
    return jeu, rows


def select(choice, *, neutralised=False):
    """The dataset's own SELECT, parameters written in."""
    from django.db import connection

    from programme.donnees.expressions import cell
    from programme.donnees.instantane import compile_query

    jeu, rows = rows_of(choice)
    if neutralised:
        cells = {colonne.alias: cell(colonne) for colonne in jeu.colonnes}
        rows = jeu.annotated(rows, **cells).values_list(*cells)
    else:
        rows = jeu.rows(rows)
    sql, params = compile_query(rows, connection)
    if connection.vendor == "postgresql":
        return connection.ops.compose_sql(sql, params)
    return connection.ops.last_executed_query(None, sql, params)


def portail(format):  # noqa: A002
    """Function: the blocks of a file of the portal's."""

    def blocks(choice):
        from django.test import RequestFactory

        from programme.donnees.exports import export_response

        request = RequestFactory(SERVER_NAME="localhost").get("/projets/", {"format": format})
        return export_response(request, *rows_of(choice), format)

    return blocks


def iterateur(choice):
    """What Django's documentation shows: a line of `csv.writer` at a time."""
    jeu, rows = rows_of(choice)
    line = io.StringIO()
    writer = csv.writer(line)
    for row in jeu.rows(rows).iterator(chunk_size=2000):
        writer.writerow(row)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def import_export(choice):
    """django-import-export's CSV of the columns of the model and of what it points to."""
    from import_export import fields, resources

    jeu, rows = rows_of(choice)
    names = [colonne.nom for colonne in jeu.colonnes]

    class Ressource(resources.ModelResource):
        class Meta:
            model = jeu.modele
            fields = ()

    resource = Ressource()
    resource.fields = {
        name: fields.Field(attribute=alias, column_name=name)
        for name, alias in zip(names, (c.alias for c in jeu.colonnes), strict=True)
    }
    annotated = jeu.annotated(rows, **{c.alias: c.expression() for c in jeu.colonnes})
    yield resource.export(annotated).csv.encode()


def openpyxl(choice):
    """openpyxl's own stream of rows, then its file."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    jeu, rows = rows_of(choice)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(jeu.noms))
    for row in jeu.rows(rows).iterator(chunk_size=2000):
        sheet.append(
            [ILLEGAL_CHARACTERS_RE.sub("", v) if isinstance(v, str) else _plain(v) for v in row]
        )
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while block := file.read(1 << 16):
            yield block


def _plain(value):
    return value if value is None or isinstance(value, int | float) else str(value)


def sqlite3(choice):
    """The command line of SQLite's own, on the same SELECT."""
    from django.conf import settings

    with subprocess.Popen(
        ["sqlite3", "-readonly", "-csv", str(settings.DATABASES["default"]["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as shell:
        shell.stdin.write(f"{select(choice)};".encode())
        shell.stdin.close()
        while block := shell.stdout.read1(1 << 16):
            yield block


SORTES = {
    # name: (databases, rows, blocks of)
    "csv": (("postgresql", "sqlite"), "tout", portail("csv")),
    "json": (("postgresql", "sqlite"), "tout", portail("json")),
    "geojson": (("postgresql", "sqlite"), "tout", portail("geojson")),
    "xlsx": (("postgresql", "sqlite"), "restreint", portail("xlsx")),
    "valeurs": (("postgresql", "sqlite"), "valeurs", portail("csv")),
    "pair_sqlite3": (("sqlite",), "tout", sqlite3),
    "pair_iterateur": (("postgresql",), "restreint", iterateur),
    "pair_import_export": (("postgresql",), "restreint", import_export),
    "pair_openpyxl": (("postgresql",), "restreint", openpyxl),
}


def write(kind):
    """Write one to nowhere: seconds, first block, bytes, and how much memory it took."""
    _, choice, blocks = SORTES[kind]
    for _ in portail("csv")("restreint"):
        break  # imports and connections are not what is measured
    before, first, size = peak_memory(), None, 0
    started = time.perf_counter()
    for block in blocks(choice):
        if first is None:
            first = time.perf_counter() - started
        size += len(block)
    seconds = time.perf_counter() - started
    return told(seconds, first, size, peak_memory() - before)


def told(seconds, first, size, memory):
    return {"secondes": seconds, "premier_octet_s": first, "octets": size, "memoire_mo": memory}


# --- Datasette, which serves a copy of the rows -------------------------------------------------


def copy_flat(path):
    """The rows of the dataset as a table of its own, with an index on what is counted."""
    import sqlite3 as base

    jeu, rows = rows_of("tout")
    with contextlib.closing(base.connect(path)) as flat:
        columns = ", ".join(f'"{name}"' for name in jeu.noms)
        flat.execute(f"CREATE TABLE projets (id INTEGER PRIMARY KEY, {columns})")
        places = ", ".join("?" * (len(jeu.noms) + 1))
        plain = (
            [rank, *map(_plain_text, row)]
            for rank, row in enumerate(jeu.rows(rows).iterator(chunk_size=2000), 1)
        )
        flat.executemany(f"INSERT INTO projets VALUES ({places})", plain)
        for name in ("region", "axe", "investissement_eur"):
            flat.execute(f'CREATE INDEX par_{name} ON projets ("{name}")')
        flat.execute("ANALYZE")
        flat.commit()


def _plain_text(value):
    return value if isinstance(value, str) else _plain(value)


@contextlib.contextmanager
def datasette(bases):
    """Datasette, tuned, on a copy of the large base: (process, port, base); None without it."""
    if not PAIRS.exists():
        yield None
        return
    path = DOSSIER / f"plat-{bases.lines['grande']}.sqlite3"
    if not path.exists():
        child("fichiers", bases.url("sqlite", "grande"), "--copier", path)
    port = free_port()
    tuned = {
        "default_page_size": 25, "facet_time_limit_ms": 60_000, "sql_time_limit_ms": 600_000,
        "max_csv_mb": 0, "num_sql_threads": 2, "cache_size_kb": 65_536,
    }  # fmt: skip
    flags = [word for name, value in tuned.items() for word in ("--setting", name, str(value))]
    # `--immutable`: it counts the rows once, when it starts.
    server = subprocess.Popen(
        [PAIRS, "-m", "datasette", "serve", "--immutable", path, "--port", str(port), *flags],
        stdout=sys.stderr,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                read(port, "/-/versions.json")
                break
            time.sleep(0.1)
        yield server.pid, port, path.stem
    finally:
        server.terminate()
        server.wait(10)


def read(port, path, limit=600):
    """(seconds, seconds to the first byte, bytes) of an answer; raises RuntimeError but for 200."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=limit)
    started, first, size = time.perf_counter(), None, 0
    client.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = client.getresponse()
    while block := response.read(1 << 16):
        first = first or time.perf_counter() - started
        size += len(block)
    client.close()
    if response.status != http.client.OK:
        raise RuntimeError(f"{path}: {response.status}")
    return time.perf_counter() - started, first, size


# --- The run ----------------------------------------------------------------------------------


def measure(bases, rounds):
    """{"limites": …, database: {kind: figures}} of the large base."""
    urls = {base: bases.url(base, "grande") for base in bases.noms}
    if "postgresql" not in urls:
        sys.exit("RIEN N’EST MESURÉ : il faut PostgreSQL et psql, contre quoi tout se compare.")
    selects = child("fichiers", urls["postgresql"], "--choix")
    limits = {name: [] for name in selects}
    absent = {"pair_sqlite3": not shutil.which("sqlite3"), "pair_import_export": not PAIRS.exists()}
    measured = {
        (base, kind): []
        for kind, (of_bases, _, _) in SORTES.items()
        for base in of_bases
        if not absent.get(kind)
    }
    with datasette(bases) as peer:
        if peer:
            measured["sqlite", "pair_datasette"] = []
        for _ in range(rounds):
            for name, sql in selects.items():
                started = time.perf_counter()
                psql(urls["postgresql"], f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)")
                limits[name].append(time.perf_counter() - started)
            for (base, kind), found in measured.items():
                if kind == "pair_datasette":
                    found.append(_stream(*peer))
                    continue
                found.append(_apart(urls[base], kind))
    result = {"limites": {name: spread(times, median(times)) for name, times in limits.items()}}
    for (base, kind), found in measured.items():
        choice = SORTES[kind][1] if kind in SORTES else "tout"
        seconds = [each["secondes"] for each in found]
        line = spread(seconds, median(limits[choice]))
        if f"{choice}_neutralise" in limits:
            neutral = median(limits[f"{choice}_neutralise"])
            line["rapport_neutralise"] = round(neutral / median(seconds), 3)
        line["premier_octet_s"] = round(median(each["premier_octet_s"] for each in found), 4)
        line["memoire_mo"] = round(max(each["memoire_mo"] for each in found), 1)
        line["octets"] = found[0]["octets"]
        result.setdefault(base, {})[kind] = line
    return result


def _apart(url, kind):
    # It is installed beside the portal's environment, and finds it.
    python = PAIRS if kind == "pair_import_export" else sys.executable
    return child("fichiers", url, "--ecrire", kind, python=python)


def _stream(pid, port, name):
    before = peak_memory(pid)
    seconds, first, size = read(port, f"/{name}/projets.csv?_stream=on&_size=max")
    return told(seconds, first, size, peak_memory(pid) - before)


def main(arguments):
    import django

    django.setup()
    act, *rest = arguments
    if act == "--choix":
        answer = {name: select(name) for name in CHOIX}
        answer |= {f"{name}_neutralise": select(name, neutralised=True) for name in CHOIX}
    elif act == "--copier":
        answer = copy_flat(Path(rest[0]))
    else:
        answer = write(rest[0])
    print(json.dumps(answer))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
    main(sys.argv[1:])
