"""What a screen reader is given along the main journeys: the accessibility tree, kept in `arbres/`.

Numbers and days are left out, so that only what changes for a person changes a tree. To write them
again, then read what changed: `ECRIRE_ARBRES=1 pytest tests/e2e/test_arbres.py`.
"""

import os
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import DESKTOP, PHONE

pytestmark = [
    pytest.mark.rendu,
    pytest.mark.django_db,
    pytest.mark.usefixtures("donnees_reelles"),
]
ARBRES = Path(__file__).parent / "arbres"
ETAPES = {
    # A citizen: the way in, the answer, its follow-up, a report.
    "entete": ("/", DESKTOP, "header"),
    "menu-telephone": ("/", PHONE, "header"),
    "accueil-question": ("/", DESKTOP, "main form"),
    "reponse": ("/communes/64445/", DESKTOP, ".carton, .tete > div >> nth=0"),
    "suivre": ("/suivre/?adresse=/projets/", DESKTOP, "main"),
    "signaler": ("/signaler/projets/fai-0001/", DESKTOP, "main"),
    # A journalist: the filters, an empty list, a chart and its table.
    "filtres": ("/projets/?region=53&axe=innover", DESKTOP, ".filtres"),
    "liste-vide": ("/projets/?region=06&axe=simplifier", DESKTOP, ".liste-resultats"),
    "graphique": ("/operateurs/", DESKTOP, "figure >> nth=0"),
    # An officer: signing in.
    "connexion": ("/admin/compte/connexion/", DESKTOP, "main"),
    "pied": ("/", DESKTOP, "footer"),
}
"""{name: (address, width, what is read of it)}; a step is added where a journey gains one."""
MOIS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
JOUR = re.compile(rf"(?:\d{{1,2}}(?:er)? )?(?:{MOIS}) \d{{4}}")
NOMBRE = re.compile(r"(?<!level=)(?:\d[\d\u202f\u00a0 ,.]*\d|\d)")


def stable(tree):
    """A tree without its days, its numbers and the addresses of its links."""
    lines = [line for line in tree.splitlines() if not line.strip().startswith("- /url:")]
    return NOMBRE.sub("0", JOUR.sub("JOUR", "\n".join(lines))) + "\n"


@pytest.mark.parametrize("name", ETAPES)
def test_a_screen_reader_is_given_the_same(new_page, name):
    address, width, where = ETAPES[name]
    page = new_page(width=width)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    found = stable(page.locator(where).first.aria_snapshot())
    kept = ARBRES / f"{name}.txt"
    if os.environ.get("ECRIRE_ARBRES"):
        kept.write_text(found, encoding="utf-8")
    assert found == kept.read_text(encoding="utf-8"), f"{address}: ECRIRE_ARBRES=1 writes it again"


def test_no_tree_is_kept_of_nothing():
    assert {path.stem for path in ARBRES.iterdir()} == set(ETAPES)
