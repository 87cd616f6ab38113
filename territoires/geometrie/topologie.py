"""A TopoJSON topology: rings, merged outlines, neighbours, GeoJSON and TopoJSON extracts.

Arcs are shared by the objects that touch: what two members have in common is an arc that
both use, once in each direction. Merging members is therefore exact: their common arcs go.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise

# An arc index `i` means arc i walked forward; `~i` the same arc walked backward (TopoJSON).
Anneau = list[int]


def anneaux_de(geometry: dict) -> Iterator[Anneau]:
    """The rings of a Polygon or MultiPolygon, as lists of directed arc indices."""
    polygones = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for polygone in polygones:
        yield from polygone


def aire_signee(ring: list[tuple[float, float]]) -> float:
    """Twice the signed area of a closed ring, positive when counter-clockwise (y upwards)."""
    return sum(
        x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def contient(ring: list[tuple[float, float]], point: tuple[float, float]) -> bool:
    """True when the point lies inside the ring (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def dedans(ring: list[tuple[float, float]]) -> tuple[float, float]:
    """A point inside the ring, on none of its edges."""
    heights = sorted({y for _, y in ring})
    low, high = max(pairwise(heights), key=lambda pair: pair[1] - pair[0])
    y = (low + high) / 2
    crossed = sorted(
        (x2 - x1) * (y - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (y1 > y) != (y2 > y)
    )
    return (crossed[0] + crossed[1]) / 2, y


def milieu(ring: list[tuple[float, float]]) -> tuple[float, float]:
    """The centre of gravity of the area inside a ring."""
    x = y = total = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        x, y, total = x + (x1 + x2) * cross, y + (y1 + y2) * cross, total + cross
    return x / (3 * total), y / (3 * total)


class Topologie:
    """The three layers of `fixtures/geo/contours.topojson` (WGS84 degrees, longitude first).

    Layers are `regions` and `departements`, by INSEE code, and `membres`, by SIREN or commune
    code. An unknown layer or code raises KeyError.
    """

    _IDENTIFIANTS = {"regions": "code", "departements": "code", "membres": "id"}

    def __init__(self, topojson: dict):
        self.brut = topojson
        self.objets = {
            couche: {
                geometry["properties"][cle]: geometry
                for geometry in topojson["objects"][couche]["geometries"]
            }
            for couche, cle in self._IDENTIFIANTS.items()
        }

    @cached_property
    def arcs(self) -> list[list[tuple[float, float]]]:
        """Every arc as points in degrees, at the source's resolution (about 400 m)."""
        (kx, ky), (tx, ty) = (self.brut["transform"][c] for c in ("scale", "translate"))
        decoded = []
        for deltas in self.brut["arcs"]:
            x = y = 0
            points = []
            for dx, dy in deltas:
                x, y = x + dx, y + dy
                points.append((round(x * kx + tx, 5), round(y * ky + ty, 5)))
            decoded.append(points)
        return decoded

    @cached_property
    def _utilisateurs(self) -> dict[int, set[str]]:
        """Members by the (undirected) arcs of their outline."""
        users: dict[int, set[str]] = {}
        for code, geometry in self.objets["membres"].items():
            for ring in anneaux_de(geometry):
                for arc in ring:
                    users.setdefault(max(arc, ~arc), set()).add(code)
        return users

    @cached_property
    def vides(self) -> list[Anneau]:
        """Holes of a région that no other région fills: communes that the source lacks."""
        users: dict[int, set[str]] = {}
        for code, geometry in self.objets["regions"].items():
            for ring in anneaux_de(geometry):
                for arc in ring:
                    users.setdefault(max(arc, ~arc), set()).add(code)
        return [
            hole
            for code in self.objets["regions"]
            for _exterior, *holes in self.polygones("regions", [code])
            for hole in holes
            if all(len(users[max(arc, ~arc)]) == 1 for arc in hole)
        ]

    def points(self, arc: int) -> list[tuple[float, float]]:
        """The points of a directed arc."""
        return self.arcs[arc] if arc >= 0 else self.arcs[~arc][::-1]

    def contour(self, ring: Anneau) -> list[tuple[float, float]]:
        """The points of a ring, the first not repeated at the end."""
        return [point for arc in ring for point in self.points(arc)[:-1]]

    def anneaux(self, couche: str, codes: Iterable[str]) -> list[Anneau]:
        """Rings of the merged outline of the objects: arcs that two of them share vanish.

        A ring never touches itself at a node: where it would, it is cut into two.
        """
        objets = [self.objets[couche][code] for code in sorted(set(codes))]
        return list(anneaux_de(objets[0])) if len(objets) == 1 else self.couds(objets)

    def couds(self, geometries: Iterable[dict]) -> list[Anneau]:
        """Rings around these geometries together, sewn from the arcs that only one side has."""
        kept: dict[int, None] = {}
        for geometry in geometries:
            for ring in anneaux_de(geometry):
                for arc in ring:
                    if ~arc in kept:
                        del kept[~arc]
                    else:
                        kept[arc] = None
        return list(self._sew(kept))

    def _sew(self, arcs: Iterable[int]) -> Iterator[Anneau]:
        """Closed rings from directed arcs in any order."""
        leaving: dict[tuple[float, float], list[int]] = {}
        for arc in arcs:
            leaving.setdefault(self.points(arc)[0], []).append(arc)
        while leaving:
            start = next(iter(leaving))
            walk: list[int] = []
            visited = {start: 0}
            node = start
            while node in leaving:
                arc = leaving[node].pop()
                if not leaving[node]:
                    del leaving[node]
                walk.append(arc)
                node = self.points(arc)[-1]
                if node in visited:  # a loop is closed: it is a ring of its own
                    cut = visited[node]
                    for passed in walk[cut:]:
                        visited.pop(self.points(passed)[0], None)
                    yield walk[cut:]
                    del walk[cut:]
                visited[node] = len(walk)

    def voisins(self, membres: Iterable[str]) -> set[str]:
        """Members that share at least one arc with these, themselves excluded."""
        own = set(membres)
        found: set[str] = set()
        for code in own:
            for ring in anneaux_de(self.objets["membres"][code]):
                for arc in ring:
                    found |= self._utilisateurs[max(arc, ~arc)]
        return found - own

    def polygones(self, couche: str, codes: Iterable[str]) -> list[list[Anneau]]:
        """The merged outline, largest polygon first: each an exterior ring, then its holes."""
        return self.emboites(self.anneaux(couche, codes))

    def emboites(self, rings: list[Anneau]) -> list[list[Anneau]]:
        """Rings as polygons, largest first: each an exterior ring, then its holes."""
        areas = {id(ring): aire_signee(self.contour(ring)) for ring in rings}
        rings.sort(key=lambda ring: -abs(areas[id(ring)]))
        # In the source all exteriors turn one way and all holes the other.
        clockwise = areas[id(rings[0])] < 0
        polygons = [[ring] for ring in rings if (areas[id(ring)] < 0) == clockwise]
        for hole in rings:
            if (areas[id(hole)] < 0) != clockwise:
                inside = dedans(self.contour(hole))
                # An island in the hole may hold this point too, but is smaller than the hole.
                around = [
                    polygon
                    for polygon in polygons
                    if abs(areas[id(polygon[0])]) > abs(areas[id(hole)])
                    and contient(self.contour(polygon[0]), inside)
                ]
                # Without any, it is what is left between two members that overlap: nothing.
                if around:
                    around[-1].append(hole)
        return polygons

    def multipolygone(self, couche: str, codes: Iterable[str]) -> dict:
        """GeoJSON MultiPolygon of the merged outline (RFC 7946: exteriors counter-clockwise)."""
        return {
            "type": "MultiPolygon",
            "coordinates": [
                [self._ring(ring, exterior=ring is polygon[0]) for ring in polygon]
                for polygon in self.polygones(couche, codes)
            ],
        }

    def _ring(self, arcs: Anneau, *, exterior: bool) -> list[list[float]]:
        points = [list(point) for point in self.contour(arcs)]
        if (aire_signee(points) > 0) != exterior:
            points.reverse()
        return [*points, points[0]]

    def extrait(self, couches: dict[str, list[tuple[Iterable[str], dict]]]) -> dict:
        """TopoJSON of merged members: `{layer: [(member codes, properties), …]}`.

        Arcs stay shared between the layers and are renumbered; coordinates stay quantized.
        """
        numeros: dict[int, int] = {}

        def renumber(arc: int) -> int:
            numero = numeros.setdefault(max(arc, ~arc), len(numeros))
            return numero if arc >= 0 else ~numero

        objects = {}
        for couche, formes in couches.items():
            geometries = []
            for codes, properties in formes:
                polygons = self.polygones("membres", codes)
                geometries.append(
                    {
                        "type": "MultiPolygon",
                        "arcs": [[[renumber(a) for a in ring] for ring in p] for p in polygons],
                        "properties": properties,
                    }
                )
            objects[couche] = {"type": "GeometryCollection", "geometries": geometries}
        return {
            "type": "Topology",
            "transform": self.brut["transform"],
            "objects": objects,
            "arcs": [self.brut["arcs"][numero] for numero in numeros],
        }
