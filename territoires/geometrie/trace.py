"""The drawn geometry: paths, boxes and centres in the drawing space, loaded once per process."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from .cadres import LOUPE, METROPOLE, cadre_de
from .topologie import Anneau, Topologie, aire_signee, anneaux_de, contient, milieu

DETAIL, ENSEMBLE = "detail", "ensemble"


@dataclass(frozen=True, slots=True)
class Boite:
    """A bounding box in the drawing space, and the frame it lies in."""

    x: int
    y: int
    largeur: int
    hauteur: int
    cadre: str

    @property
    def cotes(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.largeur, self.hauteur

    @property
    def droite(self) -> int:
        return self.x + self.largeur

    @property
    def bas(self) -> int:
        return self.y + self.hauteur

    def touche(self, other: "Boite") -> bool:
        """True when the two boxes overlap."""
        return (
            self.x <= other.droite
            and other.x <= self.droite
            and self.y <= other.bas
            and other.y <= self.bas
        )

    def __or__(self, other: "Boite") -> "Boite":
        x, y = min(self.x, other.x), min(self.y, other.y)
        droite, bas = max(self.droite, other.droite), max(self.bas, other.bas)
        return Boite(x, y, droite - x, bas - y, self.cadre)


class Trace:
    """Outlines as SVG path data.

    `niveau` is DETAIL (1 unit of the drawing space) or ENSEMBLE (`pas_ensemble` units: to be
    drawn in a group scaled by it).
    """

    def __init__(self, topologie: Topologie, dessin: dict):
        self.topologie = topologie
        self.pas_ensemble: int = dessin["pas_ensemble"]
        self._arcs = {DETAIL: dessin[DETAIL], ENSEMBLE: dessin[ENSEMBLE]}
        self._loupe = {
            int(arc): {DETAIL: detail, ENSEMBLE: ensemble}
            for arc, (detail, ensemble) in dessin["loupe"].items()
        }
        self.d = lru_cache(maxsize=4096)(self._d)
        self.boite = lru_cache(maxsize=4096)(self._boite)
        self.contours = lru_cache(maxsize=64)(self._contours)

    def connus(self, membres: Iterable[str]) -> frozenset[str]:
        """Those of the members that have an outline: one that joined since may have none yet."""
        return frozenset(membres).intersection(self.topologie.objets["membres"])

    def points(self, arc: int, niveau: str, *, loupe: bool = False) -> list[tuple[int, int]]:
        """A directed arc in whole units of the level."""
        numero = max(arc, ~arc)
        flat = self._loupe[numero][niveau] if loupe else self._arcs[niveau][numero]
        x = y = 0
        points = []
        for dx, dy in zip(flat[::2], flat[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        return points if arc >= 0 else points[::-1]

    def _contours(self, couche: str, codes: frozenset[str], niveau: str, loupe: bool = False):
        """The rings of the merged outline of the objects, as points, not closed."""
        if loupe:
            codes = frozenset(code for code in codes if self._dans_la_loupe(couche, code))
        return [
            self._ligne(ring, niveau, loupe=loupe) for ring in self.topologie.anneaux(couche, codes)
        ]

    def _ligne(self, ring: Anneau, niveau: str, *, loupe: bool = False) -> list[tuple[int, int]]:
        return [p for arc in ring for p in self.points(arc, niveau, loupe=loupe)[:-1]]

    def vides(self, niveau: str, vue: Boite | None = None) -> str:
        """Path data of the gaps of the source, to be filled as land; only those in `vue`."""
        drawn = []
        for ring in self.topologie.vides:
            x, y = self.points(ring[0], DETAIL)[0]
            if vue is None or vue.touche(Boite(x, y, 0, 0, vue.cadre)):
                drawn.append(chemin(self._ligne(ring, niveau)))
            if vue is None and all(max(arc, ~arc) in self._loupe for arc in ring):
                drawn.append(chemin(self._ligne(ring, niveau, loupe=True)))
        return "".join(drawn)

    def _dans_la_loupe(self, couche: str, code: str) -> bool:
        rings = anneaux_de(self.topologie.objets[couche][code])
        return all(max(arc, ~arc) in self._loupe for ring in rings for arc in ring)

    def _d(self, couche: str, codes: frozenset[str], niveau: str = DETAIL, loupe: bool = False):
        """Path data of the merged outline of the objects, empty when nothing is in the frame.

        `loupe` draws what lies in the enlarged Île-de-France in its frame, instead of in place.
        """
        return "".join(chemin(ring) for ring in self._contours(couche, codes, niveau, loupe=loupe))

    def _boite(self, couche: str, codes: frozenset[str]) -> Boite:
        """The bounding box of the objects, at their place at the general scale.

        Raises ValueError when there is no object, or when they lie in more than one frame.
        """
        cadres = {
            cadre_de(*self.topologie.points(ring[0])[0]).code
            for ring in self.topologie.anneaux(couche, codes)
        }
        if len(cadres) != 1:
            raise ValueError(f"{len(cadres)} cadres pour {sorted(codes)}")
        points = [p for ring in self.contours(couche, codes, DETAIL) for p in ring]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return Boite(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), cadres.pop())

    def centre(self, couche: str, codes: frozenset[str]) -> tuple[int, int]:
        """The centre of gravity of the largest part of the objects: where to write a name."""
        rings = self.contours(couche, codes, DETAIL)
        x, y = milieu(max(rings, key=lambda ring: abs(aire_signee(ring))))
        return round(x), round(y)


def chemin(ring: list[tuple[int, int]]) -> str:
    """SVG path data of a closed ring: one absolute point, then relative ones, shortest form."""
    (x0, y0), *rest = ring
    x, y = x0, y0
    steps = []
    for x1, y1 in rest:
        if (x1, y1) != (x, y):
            steps.append(f"{x1 - x} {y1 - y}")
            x, y = x1, y1
    return f"M{x0} {y0}l{' '.join(steps)}z".replace(" -", "-")


@lru_cache(maxsize=1)
def trace() -> Trace:
    """The geometry of `fixtures/geo/`, read at the first call and kept by the process."""
    folder: Path = settings.FIXTURES_ROOT / "geo"
    topojson, dessin = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("contours.topojson", "dessin.json")
    )
    return Trace(Topologie(topojson), dessin)


@dataclass(frozen=True, slots=True)
class Position:
    """A point in the drawing space, and the code of the frame it lies in."""

    x: int
    y: int
    cadre: str


def project(lon: float, lat: float) -> Position | None:
    """A point in degrees (WGS84) at its place in the drawing.

    None outside the areas of the 18 régions: the drawing has no place for it.
    """
    cadre = cadre_de(lon, lat)
    if cadre is None:
        return None
    [(x, y)] = cadre.project([lon], [lat])
    return Position(round(x), round(y), cadre.code)


@lru_cache(maxsize=1)
def villes() -> list[tuple[str, Position]]:
    """The towns that a map may name and their places, the most populous first."""
    path: Path = settings.FIXTURES_ROOT / "geo" / "villes.json"
    stored = json.loads(path.read_text(encoding="utf-8"))["villes"]
    return [(nom, Position(x, y, cadre)) for nom, x, y, cadre in stored]


def agrandie(position: Position) -> Position | None:
    """The same point in the enlarged Île-de-France; None when it does not lie in that région."""
    if position.cadre != METROPOLE.code or not any(
        contient(ring, (position.x, position.y))
        for ring in trace().contours("regions", frozenset([LOUPE.region]), DETAIL)
    ):
        return None
    x, y = LOUPE.place(*METROPOLE.origine_de(position.x, position.y))
    return Position(round(x), round(y), LOUPE.code)
