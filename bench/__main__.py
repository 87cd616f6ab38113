"""python -m bench [part…] --lignes 100000: measure, then write the answer and its table.

Each part is kept as soon as it is measured: a run that was interrupted begins again where it
stopped, for as long as nothing of the project changes (`--refaire` measures again). JSON in
`bench/resultats/`, the table that people read beside it.
"""

import argparse
import json
import os
import platform
import signal
import sys
import time
from functools import partial

from bench import fichiers, imports, pages, robot, tables
from bench.bases import ouvertes
from bench.outils import RACINE
from tests.empreintes import projet

RESULTATS = RACINE / "bench" / "resultats"


def parts(bases, options):
    """{name: (rounds, what measures it)}."""
    rounds = options.tours
    of_pages = {base: partial(pages.measure, bases, base, rounds) for base in bases.noms}
    return {
        "fichiers": (rounds, partial(fichiers.measure, bases, rounds)),
        **{f"pages_{base}": (rounds, measure) for base, measure in of_pages.items()},
        "imports": (1, partial(imports.measure, bases, options.lignes)),
        "robot": (1, partial(robot.measure, bases)),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parties", nargs="*", help="toutes sinon")
    parser.add_argument("--lignes", type=int, default=20_000, help="projets de la grande base")
    parser.add_argument("--tours", type=int, default=3, help="tours de mesures alternées")
    parser.add_argument("--refaire", action="store_true", help="mesurer de nouveau")
    options = parser.parse_args()
    # An interrupted run still stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kept = RACINE / ".cache" / "mesures" / f"{projet(RESULTATS)}-{options.lignes}"
    kept.mkdir(parents=True, exist_ok=True)
    with ouvertes(options.lignes) as bases:
        known = parts(bases, options)
        unknown = set(options.parties) - set(known)
        if unknown:
            parser.error(f"« {unknown.pop()} » n’existe pas ; parties : {', '.join(known)}.")
        for name in options.parties or known:
            path = kept / f"{name}.json"
            if options.refaire or not path.exists():
                print(f"{name}…", file=sys.stderr)
                rounds, measure = known[name]
                found = {"tours": rounds, "mesures": measure()}
                path.write_text(json.dumps(found, ensure_ascii=False))
    found = {
        "le": time.strftime("%d/%m/%Y"),
        "machine": {
            "coeurs": os.cpu_count(),
            "processeur": platform.machine(),
            "python": platform.python_version(),
        },
        "projets": options.lignes,
        "parties": {path.stem: json.loads(path.read_text()) for path in sorted(kept.iterdir())},
    }
    RESULTATS.mkdir(exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
    (RESULTATS / f"{options.lignes}.json").write_text(text)
    table = tables.written(found)
    (RESULTATS / f"{options.lignes}.md").write_text(table)
    print(table)


if __name__ == "__main__":
    main()
