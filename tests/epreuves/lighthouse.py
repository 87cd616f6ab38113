"""What Lighthouse says of five pages, on the real data, with the emulated phone it is used to."""

import json
import os
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from tests.e2e.conftest import find_chromium
from tests.epreuves.site import fill, served

OUTIL = Path(__file__).resolve().parents[2] / ".cache/outils/node_modules/lighthouse/cli/index.js"
ABSENT = (
    "Lighthouse n’est pas là : AUCUNE PAGE N’A ÉTÉ MESURÉE "
    "(apt-get install nodejs npm chromium, puis make epreuves).\n"
)
PAGES = {
    "Accueil": "/",
    "Territoire": "/territoires/lacq-pau-tarbes/",
    "Projets": "/projets/",
    "Carte": "/carte/",
    "Commune": "/communes/64445/",
}
NOTES = {
    "performance": "Vitesse",
    "accessibility": "Accessibilité",
    "best-practices": "Bonnes pratiques",
    "seo": "Référencement",
}
REPRISES = 3
"""How many times it may fail to see a page before it is said: its trace is lost now and then."""
PLANCHER, FOIS = 95, 3
"""The least that each note may be, the best time; how many times a page is measured.

What else the machine does takes from the speed, and adds nothing to it.
"""


def main(options):
    """`(the document, whether every note is high enough)`."""
    node, chromium = shutil.which("node"), find_chromium()
    if node is None or chromium is None or not OUTIL.exists():
        return ABSENT, True
    found = {}
    with tempfile.TemporaryDirectory() as root:
        url = f"sqlite:///{root}/portail.sqlite3"
        fill(url)
        with served(url, Path(root) / "portail.log") as site:
            for name, path in PAGES.items():
                if options.seulement in name:
                    command = [node, str(OUTIL), f"{site}{path}"]
                    runs = [_notes(command, chromium) for _ in range(FOIS)]
                    found[name] = [[run[note] for run in runs] for note in NOTES]
    good = all(max(notes) >= PLANCHER for page in found.values() for notes in page)
    return _document(found), good


def _notes(command, chromium):
    switches = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"
    asked = [
        *command, "--quiet", "--output=json", f"--only-categories={','.join(NOTES)}",
        f"--chrome-flags={switches}",
    ]  # fmt: skip
    around = {**os.environ, "CHROME_PATH": chromium}
    for _ in range(REPRISES):
        done = subprocess.run(asked, env=around, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
    else:
        raise RuntimeError(f"Lighthouse n’a pas mesuré {command[-1]} :\n{done.stderr[-2_000:]}")
    told = json.loads(done.stdout)["categories"]
    return {note: round(told[note]["score"] * 100) for note in NOTES}


def _said(notes):
    """The best of the notes, and the worst where they differ."""
    best, worst = max(notes), min(notes)
    return str(best) if best == worst else f"{best} (au pire {worst})"


def _document(found):
    rows = [
        f"| {name} | `{PAGES[name]}` | {' | '.join(map(_said, notes))} |"
        for name, notes in found.items()
    ]
    return f"""# Ce que Lighthouse mesure

Sur les données réelles, avec le téléphone et le réseau lents que Lighthouse imite ; la meilleure de
{FOIS} mesures, et la pire : ce que la machine fait d’autre ralentit. Sous {PLANCHER}, l’épreuve
échoue.

    make epreuves ARGS="lighthouse --ecrire"

Dernière fois : {datetime.now().astimezone():%d/%m/%Y}, 2 cœurs partagés.

| Page | Adresse | {" | ".join(NOTES.values())} |
|---|---|{"---:|" * len(NOTES)}
{chr(10).join(rows)}
"""
