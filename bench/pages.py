"""Measure the pages as they are served, in ratios of one alternating run; JSON on standard output.

    python -m tests.postgresql -- python -m bench.pages --lignes 100000

fills the database of `DATABASE_URL` with the real data and copies of its projects, starts gunicorn
on it (one worker), and asks for the same pages in turn, round after round: first after a change of
the data, then kept in memory, then already known to the browser (304). Absolute seconds drift with
the machine; `rapport` is the time of an empty view behind the same middlewares over that of the
page: 1 is the limit.
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
from statistics import median

import django

PAGES = {
    "accueil": "/",
    "carte": "/carte/",
    "territoires": "/territoires/",
    "territoire": "/territoires/lacq-pau-tarbes/",
    "projets": "/projets/",
    "projets_filtres": "/projets/?region=84",
    "recherche": "/recherche/?q=saint+etienne",
}
EMPTY = "/sante/vide/"
REPETITIONS = 20


@contextlib.contextmanager
def served():
    """The site behind gunicorn, one worker; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1"}
    command = ["gunicorn", "--config", "python:programme.gunicorn", "--log-level", "warning"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command, "programme.wsgi"], env=environment, stdout=sys.stderr
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                get(port, EMPTY)
                break
            time.sleep(0.1)
        else:
            raise RuntimeError("the site did not start")
        yield port
    finally:
        server.terminate()
        server.wait(10)


def get(port, path, *, status=200, **headers):
    """(seconds to the last byte, bytes as sent, ETag) of one answer, compressed."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    started = time.perf_counter()
    client.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    response = client.getresponse()
    size = len(response.read())
    seconds = time.perf_counter() - started
    client.close()
    if response.status != status:
        raise RuntimeError(f"{path}: {response.status} instead of {status}")
    return seconds, size, response.headers.get("ETag", "")


def measure(port, rounds):
    from programme.models import DonneesVersion

    empty, sizes = [], {}
    seconds = {name: {"neuve": [], "gardee": [], "304": []} for name in PAGES}
    for _ in range(rounds):
        DonneesVersion.objects.bump()
        time.sleep(1.1)  # the version is read at most once a second
        for name, path in PAGES.items():
            fresh, sizes[name], etag = get(port, path)
            seconds[name]["neuve"].append(fresh)
            for _ in range(REPETITIONS):
                empty.append(get(port, EMPTY)[0])
                seconds[name]["gardee"].append(get(port, path)[0])
                known = {"If-None-Match": etag}
                seconds[name]["304"].append(get(port, path, status=304, **known)[0])
    limit = median(empty)
    pages = {
        name: {
            kind: {
                "secondes": round(median(times), 5),
                "rapport": round(limit / median(times), 3),
            }
            for kind, times in kinds.items()
        }
        | {"octets": sizes[name]}
        for name, kinds in seconds.items()
    }
    return {"vide_s": round(limit, 5), **pages}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lignes", type=int, default=20_000, help="nombre de projets")
    parser.add_argument("--tours", type=int, default=5, help="tours de mesures alternées")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    django.setup()
    from bench.remplissage import fill

    lines = fill(options.lignes)
    print(f"{lines} projets ; mesures…", file=sys.stderr)
    with served() as port:
        pages = measure(port, options.tours)
    machine = {"coeurs": os.cpu_count(), "python": platform.python_version()}
    result = {"machine": machine, "projets": lines, "tours": options.tours, "pages": pages}
    json.dump(result, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
