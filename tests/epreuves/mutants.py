"""Faults put on purpose in the files of the rules, one at a time: the test beside each sees it.

Each is tried in a copy of the project, where nothing else changes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Mutant:
    """`faute`: what goes wrong; `fichier` holds `avant` once; `essai` fails of `apres`."""

    nom: str
    faute: str
    fichier: str
    avant: str
    apres: str
    essai: str


MUTANTS = (
    Mutant(
        "certitude",
        "une entrée est aussi sûre que le plus sûr de ses membres",
        "territoires/models/phase.py",
        'return max(values, key=cls.values.index, default="")',
        'return min(values, key=cls.values.index, default="")',
        "tests/territoires/test_depuis_quand.py::test_the_least_sure_is_the_weakest_word",
    ),
    Mutant(
        "fusion",
        "une sortie vers un territoire qui n’est plus sur la carte est une fusion",
        "territoires/carte.py",
        "if successeur and successeur.presente:",
        "if successeur:",
        "tests/territoires/test_carte.py"
        "::TestDifferences::test_an_exit_towards_one_that_left_too_is_no_merger",
    ),
    Mutant(
        "dernier jour",
        "un membre l’est encore le jour de sa sortie",
        "territoires/models/territoire.py",
        "Q(fin__isnull=True) | Q(fin__gt=date)",
        "Q(fin__isnull=True) | Q(fin__gte=date)",
        "tests/territoires/test_rattachement.py::test_at_is_from_debut_until_the_day_before_fin",
    ),
    Mutant(
        "page pleine",
        "une page pleine en annonce toujours une autre",
        "programme/donnees/exports.py",
        "if page.has_next() else None",
        "if page.number < count // page.paginator.per_page + 1 else None",
        "tests/programme/donnees/test_fichiers.py::test_a_full_page_may_be_the_last",
    ),
    Mutant(
        "jour de la page",
        "la page d’hier vaut pour aujourd’hui",
        "programme/catalogue/cache.py",
        "-{self.version}-{compact(day)}-{where}",
        "-{self.version}-{where}",
        "tests/programme/catalogue/test_cache.py::test_a_new_day_is_a_new_answer",
    ),
    Mutant(
        "agent parti",
        "qui a quitté son service lit encore ce qui a été supprimé",
        "programme/backoffice/cadre/perimetre.py",
        "if not (agent.is_active and agent.is_staff):",
        "if False:",
        "tests/programme/backoffice/test_perimetre_admin.py"
        "::test_nothing_that_is_gone_was_inside_for_who_has_left",
    ),
    Mutant(
        "communs",
        "un référent ne voit pas ce qui est commun à tous les opérateurs",
        "territoires/perimetre.py",
        "for path in self.communs:",
        "for path in ():",
        "tests/programme/test_models_perimetre.py::test_what_no_operateur_owns_is_common_to_all",
    ),
    Mutant(
        "communs supprimés",
        "un référent ne retrouve pas ce qui était commun à tous les opérateurs",
        "programme/backoffice/cadre/perimetre.py",
        "for path in model.perimetre.communs",
        "for path in ()",
        "tests/programme/backoffice/test_perimetre_admin.py"
        "::test_what_is_gone_was_of_its_operateur_and_what_had_none_of_all",
    ),
    Mutant(
        "publication",
        "une ligne se montre dès qu’une seule de ses publications est faite",
        "programme/models/base.py",
        "condition &= visible",
        "condition |= visible",
        "tests/programme/test_models_publication.py"
        "::test_a_row_hides_with_each_publication_it_depends_on",
    ),
)


def _copy(folder):
    """The files of the project, with its environment and its kept databases."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    kept = ROOT / ".cache" / "essais"
    if kept.exists():
        shutil.copytree(kept, folder / ".cache" / "essais")


def _passes(folder, *essais):
    """Whether the tests pass; RuntimeError when they could not be run."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *essais],
        # Compiled once for all of them.
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"{essais}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.returncode == 0


def _is_seen(folder, mutant):
    """Whether the test fails of the fault."""
    path = folder / mutant.fichier
    sound = path.read_text(encoding="utf-8")
    if sound.count(mutant.avant) != 1:
        raise RuntimeError(f"{mutant.nom} : {mutant.fichier} a changé.")
    path.write_text(sound.replace(mutant.avant, mutant.apres), encoding="utf-8")
    try:
        return not _passes(folder, mutant.essai)
    finally:
        path.write_text(sound, encoding="utf-8")


ENTETE = """\
# Les fautes que les essais voient

Une règle dont la faute passe inaperçue n’est pas éprouvée. Chacune des fautes suivantes est mise
exprès dans une copie du projet, seule : l’essai nommé en face, qui passe sans elle, doit échouer.

    make epreuves ARGS=mutants       # refait ce tableau ; échoue si une faute passe inaperçue

Dernier passage : {le}.

| faute | où | vue par | |
|---|---|---|---|
"""


def main(options):
    """(text, whether every fault was seen)."""
    chosen = [one for one in MUTANTS if options.seulement in ("", one.nom)]
    lines, good = [], True
    with tempfile.TemporaryDirectory(prefix="mutants-") as root:
        folder = Path(root)
        _copy(folder)
        if not _passes(folder, *dict.fromkeys(mutant.essai for mutant in chosen)):
            raise RuntimeError("Un de ces essais échoue déjà sans faute.")
        for mutant in chosen:
            start = time.monotonic()
            seen = _is_seen(folder, mutant)
            good = good and seen
            print(f"{mutant.nom} : {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
            lines.append(
                f"| {mutant.faute} | `{mutant.fichier}` | `{mutant.essai.rpartition('::')[2]}` | "
                f"{'vue' if seen else '**passe inaperçue**'} |"
            )
    head = ENTETE.format(le=f"{datetime.now().astimezone():%d/%m/%Y}")
    return head + "\n".join(lines) + "\n", good and bool(chosen)
