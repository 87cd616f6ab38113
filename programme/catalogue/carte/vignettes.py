"""The map in small, one drawing an announcement: what was on it, and what may have been.

Each class is one shape, without the borders inside it: a small drawing has no room for names.
"""

from dataclasses import dataclass

from programme.models import Jalon
from territoires.carte import Carte
from territoires.dates import iso
from territoires.geometrie import trace
from territoires.geometrie.trace import ENSEMBLE

from .dessin import HAUTEUR, LARGEUR

PREMIERES = 2
"""How many of the first announcements are drawn; then the reference of a phase, and the last."""


@dataclass(frozen=True)
class Vignette:
    """The map of one announcement: path data of those on it, and of the possible ones."""

    jalon: Jalon
    presents: str
    possibles: str
    nombre: int
    nombre_possible: int

    @property
    def parametres(self):
        return f"?date={iso(self.jalon.date)}"


@dataclass(frozen=True)
class Planche:
    """The small maps side by side, on one ground that is drawn once."""

    viewbox: str
    fonds: list[str]
    vignettes: list[Vignette]


def jalons_en_petit(jalons, references):
    """The announcements that are drawn, in their order. references: days of reference."""
    kept = [*jalons[:PREMIERES], *(j for j in jalons if j.date in references), *jalons[-1:]]
    return sorted(dict.fromkeys(kept), key=lambda jalon: jalon.date)


def planche(jalons, cartes):
    """The `Planche` of some announcements; `cartes`: the map of each of their days."""
    tr, unite = trace(), trace().pas_ensemble
    return Planche(
        viewbox=f"0 0 {LARGEUR // unite} {HAUTEUR // unite}",
        fonds=[tr.d("regions", frozenset([c]), ENSEMBLE) for c in tr.topologie.objets["regions"]],
        vignettes=[_vignette(jalon, cartes[jalon.date]) for jalon in jalons],
    )


def _vignette(jalon, carte: Carte):
    return Vignette(
        jalon,
        _shape(carte.presents),
        _shape(carte.possibles),
        len(carte.presents),
        len(carte.possibles),
    )


def _shape(presences):
    codes = frozenset().union(*(presence.codes_membres for presence in presences))
    known = trace().connus(codes)
    return trace().d("membres", known, ENSEMBLE) if known else ""
