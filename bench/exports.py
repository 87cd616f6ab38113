"""Measure the files of open data against PostgreSQL's own COPY, in ratios of one alternating run.

    python -m tests.postgresql -- python -m bench.exports --lignes 100000

fills the database of `DATABASE_URL` (an empty PostgreSQL) and an SQLite file of the same rows with
the real data and copies of its projects. Then, round after round, each in a process of its own:
`psql` copies the rows of the dataset's own SELECT, as they are, to nowhere; the portal writes each
format of the same rows, counted, neutralised and digested, to nowhere; `valeurs` is a CSV of the
values of the communes, with their sources. JSON on standard output;
`rapport` is the time of psql over that of the portal: 1 is the limit.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from programme.environnement import valeurs

FORMATS = ("csv", "geojson", "xlsx", "valeurs")
XLSX_ROWS = 100_000  # XLSX is measured on this many rows at most
PROPRES = ("xlsx", "valeurs")  # measured on rows of their own; the others on all


def setup(url):
    """Django on the database at `url`."""
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
    import django

    django.setup()


# --- In a process of its own ------------------------------------------------------------------


def prepare(lines):
    """Fill the database, then say the SELECT of the dataset: what psql is to copy."""
    from django.db import connection

    from bench.remplissage import fill
    from programme.donnees.instantane import compile_query

    rows = fill(lines)
    selects = {}
    if connection.vendor == "postgresql":
        for name in ("tout", *PROPRES):
            jeu, queryset = rows_of(name)
            sql, params = compile_query(jeu.rows(queryset), connection)
            selects[name] = connection.ops.compose_sql(sql, params)
    return {"lignes": rows, "selects": selects}


def projects(limit=None):
    """The dataset, and its public rows: all, or about `limit` of them."""
    from programme.donnees.jeux import JEUX

    jeu = JEUX["projets"]
    queryset = jeu.published()
    if limit:
        last = queryset.order_by("pk").values_list("pk", flat=True)[limit - 1 : limit].first()
        queryset = queryset.filter(pk__lte=last) if last else queryset
    return jeu, queryset


def rows_of(sorte):
    """The dataset and the public rows that a format is measured on.

    `valeurs`: a CSV of the values of every commune, of which there are as many in any base.
    """
    from programme.donnees.jeux import JEUX

    if sorte == "valeurs":
        jeu = JEUX["valeurs"]
        return jeu, jeu.published().filter(jeu="communes")
    return projects(XLSX_ROWS if sorte == "xlsx" else None)


def write(sorte):
    """Write one format to nowhere: seconds, first block, bytes, and how much memory it took."""
    from django.test import RequestFactory

    from programme.donnees.exports import export_response

    request = RequestFactory(SERVER_NAME="localhost").get("/projets/", {"format": sorte})
    jeu, warm = projects(1)
    for _ in export_response(request, jeu, warm, "csv" if sorte == "valeurs" else sorte):
        pass  # imports and connections are not what is measured
    jeu, queryset = rows_of(sorte)
    before, first, size = peak_memory(), None, 0
    started = time.perf_counter()
    for block in export_response(request, jeu, queryset, "csv" if sorte == "valeurs" else sorte):
        if size == 0:
            first = time.perf_counter() - started
        size += len(block)
    return {
        "secondes": time.perf_counter() - started,
        "premier_octet_s": first,
        "octets": size,
        "memoire_mo": peak_memory() - before,
    }


def peak_memory():
    """The most memory this process has held so far, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


# --- The run ----------------------------------------------------------------------------------


def child(url, *arguments):
    """Run a part of this module on the database at `url`; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.exports", *map(str, arguments)],
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.PIPE,
        check=True,
    )
    # The load prints its progress before the last line, which is the answer.
    return json.loads(done.stdout.splitlines()[-1])


def psql(url, select):
    """Seconds that psql takes to copy the rows of `select` as CSV to nowhere."""
    database = valeurs.database(url)
    statement = f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER)"
    started = time.perf_counter()
    subprocess.run(
        ["psql", "-q", "-h", database["HOST"], "-U", database["USER"], database["NAME"]],
        input=statement.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def measure(postgresql, sqlite, lines, rounds):
    prepared = child(postgresql, "--preparer", lines)
    child(sqlite, "--preparer", lines)
    print(f"{prepared['lignes']} projets ; mesures…", file=sys.stderr)
    limits = {name: [] for name in ("tout", *PROPRES)}
    answers = {(base, sorte): [] for base in ("postgresql", "sqlite") for sorte in FORMATS}
    for _ in range(rounds):
        for name, seconds in limits.items():
            seconds.append(psql(postgresql, prepared["selects"][name]))
        for (base, sorte), measured in answers.items():
            url = postgresql if base == "postgresql" else sqlite
            measured.append(child(url, "--ecrire", sorte))
    result = {"projets": prepared["lignes"], "tours": rounds}
    result |= {f"psql_{name}_s": median(seconds) for name, seconds in limits.items()}
    for (base, sorte), measured in answers.items():
        limit = median(limits[sorte if sorte in PROPRES else "tout"])
        seconds = median(one["secondes"] for one in measured)
        result[f"{base}_{sorte}"] = {
            "rapport": round(limit / seconds, 3),
            "secondes": round(seconds, 3),
            "premier_octet_s": round(median(one["premier_octet_s"] for one in measured), 4),
            "memoire_mo": round(max(one["memoire_mo"] for one in measured), 1),
            "octets": measured[0]["octets"],
        }
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lignes", type=int, default=100_000, help="nombre de projets")
    parser.add_argument("--tours", type=int, default=3, help="tours de mesures alternées")
    parser.add_argument("--preparer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ecrire", choices=FORMATS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    url = os.environ.get("DATABASE_URL", "")
    if options.preparer or options.ecrire:
        setup(url)
        answer = prepare(options.preparer) if options.preparer else write(options.ecrire)
    elif not shutil.which("psql") or not url.startswith("postgres"):
        sys.exit("RIEN N’EST MESURÉ : il faut psql, et python -m tests.postgresql -- devant.")
    else:
        with tempfile.TemporaryDirectory() as directory:
            sqlite = f"sqlite:///{directory}/mesures.sqlite3"
            answer = measure(url, sqlite, options.lignes, options.tours)
    inside = options.preparer or options.ecrire
    print(json.dumps(answer, ensure_ascii=False, indent=None if inside else 1))


if __name__ == "__main__":
    main()
