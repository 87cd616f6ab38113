"""From outlines in degrees to arcs in the drawing space, at two levels of detail.

`detail` keeps every point, in units of 100 m, for near drawings. `ensemble`, for the whole of
France, is simplified (Visvalingam) and written in steps of 500 m: half the weight, and less than
a pixel apart at the size the map is shown. Arcs are simplified one by one between fixed ends, so
neighbours still share exactly the same line.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from .cadres import LOUPE, METROPOLE, cadre_de
from .topologie import Anneau, Topologie, anneaux_de, contient, milieu
from .trace import project

Point = tuple[float, float]

PAS_ENSEMBLE = 5  # units: 500 m
POPULATION = 3_000  # inhabitants of the least town that a map may name
AIRE_NEGLIGEABLE = 90  # square units: 0.9 km² on the mainland


def _twice_area(a: Point, b: Point, c: Point) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))


def simplifie(points: list[Point], aire: float) -> list[Point]:
    """Visvalingam–Whyatt: drop the point with the smallest triangle until none is under `aire`.

    The ends stay; a closed arc keeps at least a triangle.
    """
    points = list(points)
    least = 4 if points[0] == points[-1] else 2
    while len(points) > least:
        smallest, index = min(
            (_twice_area(*points[i - 1 : i + 2]), i) for i in range(1, len(points) - 1)
        )
        if smallest >= 2 * aire:
            break
        del points[index]
    return points


def arrondit(points: list[Point], pas: int) -> list[tuple[int, int]]:
    """Points in whole steps, without two equal ones in a row."""
    rounded: list[tuple[int, int]] = []
    for x, y in points:
        point = (round(x / pas), round(y / pas))
        if not rounded or rounded[-1] != point:
            rounded.append(point)
    return rounded


def _deltas(points: list[tuple[int, int]]) -> list[int]:
    """Flat and relative: x0, y0, dx, dy, dx, dy…"""
    flat = list(points[0])
    for (x1, y1), (x2, y2) in pairwise(points):
        flat += (x2 - x1, y2 - y1)
    return flat


def _niveaux(points: list[Point]) -> tuple[list, list]:
    return arrondit(points, 1), arrondit(simplifie(points, AIRE_NEGLIGEABLE), PAS_ENSEMBLE)


def _flat(ring: Anneau, ensemble: list) -> bool:
    """Whether simplifying has reduced a ring to a line or a point."""
    points = [p for a in ring for p in (ensemble[a] if a >= 0 else ensemble[~a][::-1])]
    return not sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(points))


def _degenerate_arcs(topologie: Topologie, ensemble: list) -> Iterator[int]:
    """Arcs of the rings that have no area left."""
    for objets in topologie.objets.values():
        for geometry in objets.values():
            for ring in anneaux_de(geometry):
                if _flat(ring, ensemble):
                    yield from (max(arc, ~arc) for arc in ring)


def _shapes_without_area(topologie: Topologie, ensemble: list) -> Iterator[dict]:
    """An islet may be less than a step; a whole shape may not."""
    for objets in topologie.objets.values():
        for geometry in objets.values():
            if all(_flat(ring, ensemble) for ring in anneaux_de(geometry)):
                yield geometry["properties"]


def _arcs_of_the_loupe(topologie: Topologie) -> set[int]:
    """Arcs of the région shown enlarged, of its départements and of the members inside it."""
    region = topologie.objets["regions"][LOUPE.region]
    (outline, *_) = map(topologie.contour, anneaux_de(region))
    shown = [region]
    shown += [
        geometry
        for geometry in topologie.objets["departements"].values()
        if geometry["properties"]["region"] == LOUPE.region
    ]
    for geometry in topologie.objets["membres"].values():
        (contour, *_) = map(topologie.contour, anneaux_de(geometry))
        if contient(outline, milieu(contour)):
            shown.append(geometry)
    return {max(arc, ~arc) for geometry in shown for ring in anneaux_de(geometry) for arc in ring}


def construire(topojson: dict) -> dict:
    """The content of `dessin.json`: the arcs of the topology, in the same order, as drawn.

    `detail` and `ensemble` hold one list of relative integers per arc; `loupe` the same for the
    arcs of Île-de-France in their enlarged frame, by arc number.
    Raises ValueError for a point outside every frame, or an outline without any area.
    """
    topologie = Topologie(topojson)
    detail, ensemble, projected = [], [], []
    for arc in topologie.arcs:
        cadre = cadre_de(*arc[0])
        if cadre is None:
            raise ValueError(f"le point {arc[0]} n’est dans aucun cadre")
        projected.append(cadre.project(*map(list, zip(*arc, strict=True))))
    for points in projected:
        fine, coarse = _niveaux(points)
        detail.append(fine)
        ensemble.append(coarse)
    for arc in set(_degenerate_arcs(topologie, ensemble)):
        ensemble[arc] = arrondit(projected[arc], PAS_ENSEMBLE)
    flat = next(_shapes_without_area(topologie, ensemble), None)
    if flat is not None:
        raise ValueError(f"il ne reste aucune surface à {flat}")

    loupe = {}
    for arc in sorted(_arcs_of_the_loupe(topologie)):
        scale = [LOUPE.place(*METROPOLE.origine_de(*point)) for point in projected[arc]]
        fine, coarse = _niveaux(scale)
        loupe[str(arc)] = [_deltas(fine), _deltas(coarse)]
    return {
        "pas_ensemble": PAS_ENSEMBLE,
        "detail": [_deltas(points) for points in detail],
        "ensemble": [_deltas(points) for points in ensemble],
        "loupe": loupe,
    }


def placer(communes: Iterable[tuple[str, int, float, float]]) -> list[list]:
    """The content of `villes.json`: `[name, x, y, frame]`, the most populous first.

    communes: name, inhabitants, longitude and latitude (WGS84). Those that have fewer inhabitants
    than `POPULATION`, or no place in the drawing, are left out.
    """
    towns = [row for row in communes if row[1] >= POPULATION]
    towns.sort(key=lambda row: (-row[1], row[0]))
    placed = ((nom, project(lon, lat)) for nom, _, lon, lat in towns)
    return [[nom, place.x, place.y, place.cadre] for nom, place in placed if place]
