"""The pages as they are served, of a small base and of a large one, in ratios of one run.

gunicorn (one worker each) is asked for the same pages of both in turn, round after round: first
after a change of the data, then kept in memory, then already known to the browser (304). Absolute
seconds drift with the machine; `rapport` is the time of an empty view behind the same middlewares
over that of the page: 1 is the limit. `contre_petite` is the time of a page of the large base over
that of the small one: what a list costs more for being longer. Datasette serves the same rows, and
is asked between ours for the same list, and for it filtered.
"""

import contextlib
import http.client
import json
import subprocess
import sys
import time
from statistics import median

from bench import fichiers
from bench.outils import child, environment, free_port, spread

PAGES = {
    "accueil": "/",
    "carte": "/carte/",
    "territoires": "/territoires/",
    "territoires_phase_2": "/territoires/?phase=2",
    "territoire": "/territoires/lacq-pau-tarbes/",
    "commune": "/communes/64445/",
    "regions": "/regions/",
    "region": "/regions/auvergne-rhone-alpes/",
    "fonds": "/fonds/",
    "chiffres": "/chiffres/",
    "contrats": "/contrats/",
    "journal": "/journal/",
    "carte_projets": "/carte/projets/",
    "projets": "/projets/",
    "projets_filtres": "/projets/?region=84",
    "projets_deux_filtres": "/projets/?region=84&axe=innover",
    "projets_bornes": "/projets/?investissement_eur_min=1000000",
    "projets_mots": "/projets/?q=bois",
    "projets_tries": "/projets/?tri=-investissement_eur",
    "projets_loin": "/projets/?page=40",
    "recherche": "/recherche/?q=saint+etienne",
    "recherche_repandue": "/recherche/?q=bois",
}
PAIRS = {
    "projets": "_size=25&_facet=region&_facet=axe&_facet=filiere&_facet=statut",
    "projets_filtres": "_size=25&region=84&_facet=axe&_facet=filiere&_facet=statut",
    "projets_tries": "_size=25&_sort_desc=investissement_eur&_facet=region&_facet=axe",
}
"""{page: what Datasette is asked for}: fewer counts than the page makes."""
REGLAGES = "bench.settings"
EMPTY = "/sante/vide/"
REPETITIONS = 20
ATTENTE = 600  # seconds that the slowest page may take


@contextlib.contextmanager
def served(url):
    """The site on the base of `url` behind gunicorn, one worker; yields its port."""
    port = free_port()
    own = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "1", "BASE_REQUETE": str(ATTENTE)}
    command = ["gunicorn", "--config", "python:programme.gunicorn", "--log-level", "warning"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command, "--timeout", str(ATTENTE), "programme.wsgi"],
        env=environment(url, REGLAGES) | own,
        stdout=sys.stderr,
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
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=ATTENTE)
    started = time.perf_counter()
    client.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    response = client.getresponse()
    size = len(response.read())
    seconds = time.perf_counter() - started
    client.close()
    if response.status != status:
        raise RuntimeError(f"{path}: {response.status} instead of {status}")
    return seconds, size, response.headers.get("ETag", "")


# --- The run ----------------------------------------------------------------------------------


def measure(bases, base, rounds):
    """{"vide_s": …, size: {page: {kind: figures}}, "contre_petite": …, "datasette": …}."""
    urls = bases.both(base)
    seconds = {
        size: {name: {"neuve": [], "gardee": [], "304": []} for name in PAGES} for size in urls
    }
    empty, sizes, peers = [], {}, {name: [] for name in PAIRS}
    with contextlib.ExitStack() as stack:
        ports = {size: stack.enter_context(served(url)) for size, url in urls.items()}
        peer = stack.enter_context(fichiers.datasette(bases))
        for port in ports.values():  # a process that has just begun reads its templates once
            get(port, PAGES["accueil"])
            get(port, PAGES["projets"])
        for _ in range(rounds):
            for url in urls.values():
                child("pages", url, settings=REGLAGES)
            time.sleep(1.1)  # the version is read at most once a second
            for name, path in PAGES.items():
                if peer and name in PAIRS:
                    peers[name].append(_asked(*peer, name))
                for size, port in ports.items():
                    told = seconds[size][name]
                    fresh, sizes[size, name], etag = get(port, path)
                    told["neuve"].append(fresh)
                    for _ in range(REPETITIONS):
                        empty.append(get(port, EMPTY)[0])
                        told["gardee"].append(get(port, path)[0])
                        known = {"If-None-Match": etag}
                        told["304"].append(get(port, path, status=304, **known)[0])
    limit = median(empty)
    pages = {
        size: {
            name: {kind: spread(times, limit) for kind, times in kinds.items()}
            | {"octets": sizes[size, name]}
            for name, kinds in names.items()
        }
        for size, names in seconds.items()
    }
    fresh = {size: {n: median(k["neuve"]) for n, k in seconds[size].items()} for size in seconds}
    return {
        "vide_s": round(limit, 5),
        "contre_petite": {n: round(fresh["grande"][n] / fresh["petite"][n], 2) for n in PAGES},
        # How many times longer Datasette takes than we do.
        "datasette": {n: spread(times, fresh["grande"][n]) for n, times in peers.items() if times},
        **pages,
    }


def _asked(_pid, port, name, page):
    return fichiers.read(port, f"/{name}/projets?{PAIRS[page]}", ATTENTE)[0]


def main():
    """Change the data: what is kept of them is of no more use."""
    import django

    django.setup()
    from programme.models import DonneesVersion

    DonneesVersion.objects.bump()
    print(json.dumps(True))


if __name__ == "__main__":
    main()
