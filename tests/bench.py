"""Measure the site as it is served, in ratios of one alternating run; JSON on standard output.

    python -m tests.postgresql -- python -m tests.bench --lignes 100000

fills the database of `DATABASE_URL` (an empty PostgreSQL) with the real data and copies of its
projects, starts gunicorn on it, and asks the same things in turn, round after round. Absolute
seconds drift with the machine; the ratios are what to compare:

- a file against `COPY` of as many columns of the same rows, read by this process;
- a page against `/sante/`, the emptiest view behind the same middlewares.
"""

import argparse
import contextlib
import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db import connection, transaction

FILES = {"csv": "/projets/?format=csv", "json": "/projets/?format=json&taille=500"}
PAGES = {
    "accueil": "/",
    "projets": "/projets/",
    "projets_filtres": "/projets/?region=84",
    "territoires": "/territoires/",
    "recherche": "/recherche/?q=saint+etienne",
}
EMPTY = "/sante/"
REPETITIONS = 20


def fill(lines):
    """Load the real data, then copy its projects until there are `lines` of them; the count."""
    from programme.models import DonneesVersion, Projet

    call_command("migrate", verbosity=0)
    call_command("charger_donnees", verbosity=0)
    real = Projet.objects.count()
    columns = [f.column for f in Projet._meta.concrete_fields if f.column not in ("id", "code")]
    copied = ", ".join("p.slug || '-' || n" if c == "slug" else f'p."{c}"' for c in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Projet._meta.db_table} (code, {names}) "
            "WITH RECURSIVE copies (n) AS "
            "(SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < %s) "
            f"SELECT 'B' || n || '-' || p.id, {copied} "
            f"FROM {Projet._meta.db_table} p CROSS JOIN copies LIMIT %s",
            [max(lines // real, 0) + 1, max(lines - real, 0)],
        )
        DonneesVersion.objects.bump()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Projet.objects.published().count()


@contextlib.contextmanager
def served():
    """The site behind gunicorn, one worker; yields (port, worker's process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}
    command = ["gunicorn", "--config", "python:programme.gunicorn", "--log-level", "warning"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command, "programme.wsgi"], env=environment, stdout=sys.stderr
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                if get(port, EMPTY)["status"] == 200:
                    break
            time.sleep(0.1)
        else:
            raise RuntimeError("the site did not start")
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        server.terminate()
        server.wait(10)


def get(port, path, **headers):
    """Seconds to the first byte and to the last, bytes, status and ETag of one answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    started = time.perf_counter()
    client.request("GET", path, headers=headers)
    response = client.getresponse()
    size = len(response.read(1))
    first = time.perf_counter() - started
    lines = 0
    while block := response.read(1 << 16):
        size += len(block)
        lines += block.count(b"\n")
    total = time.perf_counter() - started
    client.close()
    etag = response.headers.get("ETag", "")
    return {
        "status": response.status, "first": first, "total": total,
        "bytes": size, "lines": lines, "etag": etag,
    }  # fmt: skip


def copy():
    """Seconds that PostgreSQL needs to give the published rows' own columns as CSV; and bytes."""
    from programme.models import Projet

    sql, parameters = Projet.objects.published().order_by("code").query.sql_with_params()
    started, size = time.perf_counter(), 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)", parameters) as blocks,
    ):
        for block in blocks:
            size += len(block)
    return time.perf_counter() - started, size


def resident(pid):
    """Peak memory of a process since `forget_peak`, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def forget_peak(pid):
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def measure_files(port, pid, rounds):
    limit, files = [], {name: [] for name in FILES}
    growth = dict.fromkeys(FILES, 0.0)
    for _ in range(rounds):
        limit.append(copy()[0])
        for name, path in FILES.items():
            forget_peak(pid)
            before = resident(pid)
            files[name].append(expect(get(port, path), 200, path))
            growth[name] = max(growth[name], resident(pid) - before)
    best = median(limit)
    return {"copy_s": best} | {
        name: {
            "secondes": median(one["total"] for one in answers),
            "rapport_a_copy": best / median(one["total"] for one in answers),
            "premier_octet_s": median(one["first"] for one in answers),
            "octets": answers[0]["bytes"],
            "lignes": answers[0]["lines"],
            "memoire_mo": growth[name],
        }
        for name, answers in files.items()
    }


def measure_pages(port, rounds):
    """For each page: first answer after a change of data, answer kept in memory, 304."""
    from programme.models import DonneesVersion

    empty = []
    pages = {name: {"neuve": [], "gardee": [], "304": []} for name in PAGES}
    for _ in range(rounds):
        DonneesVersion.objects.bump()
        time.sleep(1.1)  # the version is read at most once a second
        for name, path in PAGES.items():
            first = expect(get(port, path), 200, path)
            pages[name]["neuve"].append(first)
            for _ in range(REPETITIONS):
                empty.append(expect(get(port, EMPTY), 200, EMPTY)["total"])
                pages[name]["gardee"].append(expect(get(port, path), 200, path))
                again = get(port, path, **{"If-None-Match": first["etag"]})
                pages[name]["304"].append(expect(again, 304, path))
    base = median(empty)
    return {"sante_s": base} | {
        name: {
            kind: {
                "secondes": median(one["total"] for one in answers),
                "rapport_a_sante": base / median(one["total"] for one in answers),
            }
            for kind, answers in kinds.items()
        }
        | {"octets": kinds["neuve"][0]["bytes"]}
        for name, kinds in pages.items()
    }


def expect(answer, status, path):
    if answer["status"] != status:
        raise RuntimeError(f"{path}: {answer['status']} instead of {status}")
    return answer


def main():
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lignes", type=int, default=20_000, help="nombre de projets")
    parser.add_argument("--tours", type=int, default=5, help="tours de mesures alternées")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "programme.settings")
    import django

    django.setup()
    if connection.vendor != "postgresql":
        sys.exit("Mesures sur PostgreSQL seulement : python -m tests.postgresql -- …")
    lines = fill(options.lignes)
    print(f"{lines} projets ; mesures…", file=sys.stderr)
    with served() as (port, pid):
        result = {
            "machine": {"coeurs": os.cpu_count(), "python": platform.python_version()},
            "projets": lines,
            "tours": options.tours,
            "fichiers": measure_files(port, pid, options.tours),
            "pages": measure_pages(port, options.tours),
        }
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1, default=str)
    print()


if __name__ == "__main__":
    main()
