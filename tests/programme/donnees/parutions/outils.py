"""What the tests of the parutions share: scripts run as a reader runs them."""

import subprocess
import sys

from programme.donnees.parutions.archive import SCRIPTS
from programme.donnees.parutions.faire import faire
from programme.models import Parution


def paraitre(**options):
    return faire(Parution.Par.COMMANDE, **options)


def lancer(script, *arguments, cwd):
    """What a script says, run by the bare interpreter: it has nothing of ours at hand."""
    command = [sys.executable, "-I", "-X", "utf8", SCRIPTS / f"{script}.py", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def contenu(parution, genre, jeu, forme):
    found = parution.fichiers.get(genre=genre, jeu=jeu, format=forme)
    with found.open() as file:
        return file.read()


def appliques(parution, forme, folder, jeux=None):
    """Assert that the deltas of `parution`, applied to the one before, make it byte for byte."""
    script = {"csv": "appliquer", "json": "appliquer_json"}[forme]
    deltas = parution.fichiers.filter(genre="écarts", format=forme)
    deltas = deltas.filter(jeu__in=jeux) if jeux else deltas
    assert deltas
    for delta in deltas:
        told = parution.precedente, "données", delta.jeu, forme
        (folder / "avant").write_bytes(contenu(*told))
        (folder / "ecarts").write_bytes(contenu(parution, "écarts", delta.jeu, forme))
        done = lancer(script, "avant", "ecarts", "apres", cwd=folder)
        assert not done.returncode, done.stderr
        after = contenu(parution, "données", delta.jeu, forme)
        assert (folder / "apres").read_bytes() == after, delta.jeu
