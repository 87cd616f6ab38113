"""python -m tests.audit: what can be said of the dependencies without a network.

Each package of the locks has its digests, is installed in that version, and gives itself a licence
that is known to be free; nothing else is installed. What is known of their flaws is online:
`make audit-en-ligne`.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRES = re.compile(
    r"MIT|BSD|Apache|MPL|Mozilla|ISC|PSF|Python Software|LGPL|Zlib|Unlicense|HPND|0BSD|W3C|"
    r"Public Domain|GPL|Artistic",
    re.IGNORECASE,
)
# What a virtual environment holds before anything is asked of it.
OUTILS = {"pip", "setuptools", "wheel"}


def locked(text):
    """{name: (version, number of digests, whether it is for this machine)} of a lock."""
    found = {}
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if match := re.match(r"([a-z0-9._-]+)==(\S+)(?: ; (.*?))?(?: \\)?\n", block):
            name, version, marker = match.groups()
            found.setdefault(name, []).append((version, block.count("--hash=sha256:"), marker))
    return found


def licence(dist):
    """What a package says of its licence, in its own words."""
    said = dist.metadata
    told = [said.get("License-Expression") or "", (said.get("License") or "")[:200]]
    told += [line for line in said.get_all("Classifier") or [] if line.startswith("License")]
    files = [path for path in dist.files or [] if "LICEN" in path.name.upper()]
    if not any(told) and files:
        told = [files[0].read_text()[:200]]
    return " ".join(told)


def faults():
    """A sentence for each fault of the locks and of what is installed."""
    wanted = locked((ROOT / "requirements-dev.txt").read_text())
    wanted |= locked((ROOT / "requirements.txt").read_text())
    installed = {
        re.sub(r"[-_.]+", "-", dist.metadata["Name"]).lower(): dist
        for dist in metadata.distributions()
    }
    for name, versions in sorted(wanted.items()):
        for version, digests, marker in versions:
            if not digests:
                yield f"{name} {version} n’a aucune empreinte dans le verrou : refaites-le."
            if name not in installed and not marker:
                yield f"{name} {version} est au verrou et n’est pas installé."
        if name in installed and installed[name].version not in {v for v, *_ in versions}:
            yield f"{name} est installé en {installed[name].version}, hors du verrou."
    for name, dist in sorted(installed.items()):
        if name not in wanted and name not in OUTILS:
            yield f"{name} {dist.version} est installé et n’est dans aucun verrou."
        elif name in wanted and not LIBRES.search(licence(dist)):
            yield f"{name} : licence « {licence(dist).strip() or 'non dite'} », à lire."


def main():
    found = list(faults())
    print("\n".join(found) or "Dépendances : verrous, empreintes et licences sont en règle.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
