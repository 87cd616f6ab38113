"""python -m tests.epreuves [family…] [--ecrire]: run the drills, print their tables.

`--ecrire` writes what a family prints into its document (docs/fiabilite.md).
"""

import argparse
import importlib
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# Family: the document that holds its table.
FAMILLES = {
    "pannes": "docs/fiabilite.md",
    "mutants": "docs/mutants.md",
    "essais": "docs/essais.md",
    "retour": "docs/retour.md",
    "lighthouse": "docs/lighthouse.md",
    "echelle": "docs/passage-a-l-echelle.md",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("familles", nargs="*", help=f"parmi {', '.join(FAMILLES)} ; toutes sinon")
    parser.add_argument("--ecrire", action="store_true", help="écrire le document de la famille")
    parser.add_argument("--seulement", default="", help="une seule épreuve, par son nom")
    options = parser.parse_args()
    # An interrupted run still gives back what it broke.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    good = True
    for name in options.familles or FAMILLES:
        if name not in FAMILLES:
            parser.error(f"« {name} » n’existe pas ; familles : {', '.join(FAMILLES)}.")
        text, passed = importlib.import_module(f"tests.epreuves.{name}").main(options)
        print(text)
        if options.ecrire:
            (ROOT / FAMILLES[name]).write_text(text)
        good = good and passed
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
