"""The long proofs whole, on both databases: all that the suite draws a sample of, or shares.

The databases go side by side, each file by file: one worker each keeps every core at work, where a
file has seldom two tests to share. What passed is written down: what is interrupted begins again
where it stopped, for as long as nothing of the project changes.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests import empreintes, postgresql

ROOT = Path(__file__).resolve().parent.parent.parent
MARQUES = "epreuve or hypothesis or rendu or une_base"
PYTEST = [
    sys.executable, "-m", "pytest", "-q", "-m", MARQUES, "--hypothesis-profile", "epreuves",
]  # fmt: skip


class Carnet:
    """What passed, of the project as it is: `{(database, file): number of tests}`."""

    def __init__(self):
        self.path = ROOT / ".cache" / "epreuves" / f"{empreintes.projet()}.txt"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        self.passed = {tuple(told[:2]): int(told[2]) for told in map(str.split, lines)}

    def write(self, base, file, number):
        self.passed[base, file] = number
        with self.path.open("a") as lines:
            lines.write(f"{base} {file} {number}\n")


@contextmanager
def bases():
    """`(name, environment)` of each database; PostgreSQL is left out where it is not installed."""
    plain = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    found = [("SQLite", plain)]
    binaries = postgresql.find_binaries()
    if binaries is None:
        print("PostgreSQL is not installed: NOTHING IS PROVED ON IT", file=sys.stderr)
        yield found
        return
    with postgresql.cluster(binaries) as url:
        yield [*found, ("PostgreSQL", {**plain, "DATABASE_URL": url})]


def _files(env, word):
    """The files that have such tests, and `word` in their name."""
    told = subprocess.run(
        [*PYTEST, "--collect-only", "tests"],
        cwd=ROOT, env=env, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    names = dict.fromkeys(line.partition("::")[0] for line in told.splitlines() if "::" in line)
    return [name for name in names if word in name]


def _run(env, file, jobs):
    """(how many tests passed, whether none failed)."""
    done = subprocess.run(
        [*PYTEST, "-n", str(jobs), file],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
    return int(passed[1]) if passed else 0, done.returncode == 0


DOCUMENT = ROOT / "docs" / "essais.md"
ENTETE = """\
# Les essais longs, entiers

Ce que la suite essaie sur un échantillon, ou sur une seule des deux bases : entrelacements, filtres
et formats, impression, propriétés sur d’autres exemples, dessin des pages.

    make epreuves ARGS=essais        # reprend où il s’est arrêté, tant que rien n’a changé

Le nombre de cas, et le jour de leur dernier passage.

| fichier | {bases} | le |
|---|{rules}---|
"""


def _pass(base, env, names, carnet, jobs):
    """The pairs `(base, file)` that failed."""
    failed = []
    for file in names:
        if (base, file) in carnet.passed:
            continue
        number, good = _run(env, file, jobs)
        print(f"{base} {file} : {number}", file=sys.stderr, flush=True)
        if good:
            carnet.write(base, file, number)
        else:
            failed.append((base, file))
    return failed


def main(options):
    """(text, whether all passed); `--seulement`: the files that have this word in their name.

    What the other files did last time stays in the table, with its day.
    """
    carnet = Carnet()
    with bases() as found, ThreadPoolExecutor(len(found)) as pool:
        names = _files(found[0][1], options.seulement)
        jobs = max(1, int(os.environ.get("JOBS", "2")) // len(found))
        each = [pool.submit(_pass, *base, names, carnet, jobs) for base in found]
        failed = [pair for one in each for pair in one.result()]
    known = [base for base, _ in found]
    today = f"{datetime.now().astimezone():%d/%m/%Y}"
    lines = _told() | {file: _line(file, known, carnet, failed, today) for file in names}
    head = ENTETE.format(bases=" | ".join(known), rules="---|" * len(known))
    return head + "".join(lines[file] for file in sorted(lines)), not failed


def _told():
    """{file: its line of the document}, of those that are still there."""
    lines = DOCUMENT.read_text().splitlines(keepends=True) if DOCUMENT.exists() else []
    found = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    return {file: line for file, line in found.items() if (ROOT / file).exists()}


def _line(file, known, carnet, failed, today):
    told = [
        "**échec**" if (base, file) in failed else str(carnet.passed.get((base, file), "–"))
        for base in known
    ]
    return f"| `{file}` | {' | '.join(told)} | {today} |\n"
