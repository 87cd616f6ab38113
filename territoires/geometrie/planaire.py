"""Arcs that meet at their ends and nowhere else, so that whatever they surround is valid.

Simplified outlines, rounded to a grid, cross where they ran close to each other, run over each
other, or come back to a point they have passed. What crosses loses the vertex that makes it
cross, as a coarser simplification would; what only touches is cut there, so that the point becomes
a node. Rings made of such arcs, cut where they come back to a node, are valid (OGC simple
features), and so is any union of the objects.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from .topologie import Anneau, Topologie, anneaux_de

Point = tuple[int, int]
Arc = list[Point]

CASE = 40  # grid steps of a cell of the index: a few segments each
PASSES = 30


def _turn(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _within(a: Point, b: Point, p: Point) -> bool:
    """Whether `p` lies on the segment, its ends excluded."""
    return (
        p not in (a, b)
        and _turn(a, b, p) == 0
        and min(a[0], b[0]) <= p[0] <= max(a[0], b[0])
        and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])
    )


def se_genent(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two segments cross, or one runs over a part of the other: not the same twice."""
    if {a, b} == {c, d}:
        return False
    if _within(a, b, c) or _within(a, b, d) or _within(c, d, a) or _within(c, d, b):
        return True
    one, two = _turn(a, b, c), _turn(a, b, d)
    three, four = _turn(c, d, a), _turn(c, d, b)
    return (one > 0 > two or one < 0 < two) and (three > 0 > four or three < 0 < four)


class _Index:
    """The segments of the arcs by the cells of a grid that they may cross."""

    def __init__(self, arcs: list[Arc]):
        self.arcs = list(arcs)  # as they are now: the caller replaces those it changes
        self.cells: dict[Point, list[tuple[int, int]]] = defaultdict(list)
        for number, arc in enumerate(arcs):
            for rank in range(len(arc) - 1):
                for cell in self._cells(arc[rank], arc[rank + 1]):
                    self.cells[cell].append((number, rank))

    @staticmethod
    def _cells(a: Point, b: Point) -> Iterator[Point]:
        for x in range(min(a[0], b[0]) // CASE, max(a[0], b[0]) // CASE + 1):
            for y in range(min(a[1], b[1]) // CASE, max(a[1], b[1]) // CASE + 1):
                yield x, y

    def segment(self, key: tuple[int, int]) -> tuple[Point, Point]:
        arc, rank = key
        return self.arcs[arc][rank], self.arcs[arc][rank + 1]

    def in_the_way(self, a: Point, b: Point, but=()) -> set[tuple[int, int]]:
        """The segments, but some, that get in the way of the segment a–b."""
        near = {key for cell in self._cells(a, b) for key in self.cells[cell]}
        return {key for key in near.difference(but) if se_genent(a, b, *self.segment(key))}

    def conflicts(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for number, arc in enumerate(self.arcs):
            for rank in range(len(arc) - 1):
                key = number, rank
                for other in self.in_the_way(arc[rank], arc[rank + 1], [key]):
                    if key < other:
                        yield key, other


def _without_repeats(arc: Arc) -> Arc:
    """The arc without two equal points in a row, nor a point that it leaves as it came."""
    kept: Arc = []
    for point in arc:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and kept[-2] == point:
            kept.pop()
            continue
        kept.append(point)
    return kept


def _removal(index: _Index, conflict) -> tuple[int, int] | None:
    """The vertex, as (arc, rank), whose loss ends a conflict at the least cost; None without."""
    best = None
    for number, rank in {(n, r + step) for n, r in conflict for step in (0, 1)}:
        arc = index.arcs[number]
        least = 4 if arc[0] == arc[-1] else 2
        if not 0 < rank < len(arc) - 1 or len(arc) <= least:
            continue
        before, point, after = arc[rank - 1 : rank + 2]
        gone = [(number, rank - 1), (number, rank)]
        old = set().union(*(index.in_the_way(*index.segment(key), gone) for key in gone))
        old |= {gone[1]} if se_genent(before, point, point, after) else set()
        new = index.in_the_way(before, after, gone) if before != after else set()
        cost = len(new) - len(old), abs(_turn(before, point, after)), number, rank
        if cost[0] < 0 and (best is None or cost < best):
            best = cost
    return best and best[2:]


def _insertion(index: _Index, conflict) -> tuple[int, int, Point] | None:
    """Where a segment passes over a vertex of the other: (arc, rank, that point); or None."""
    for one, other in (conflict, conflict[::-1]):
        for point in index.segment(other):
            if _within(*index.segment(one), point):
                return *one, point
    return None


def demele(arcs: list[Arc]) -> list[Arc]:
    """The same arcs, ends unmoved, none of which crosses or runs over another or itself.

    Raises ValueError for a knot that no vertex can untie.
    """
    arcs = [_without_repeats(arc) for arc in arcs]
    for _ in range(PASSES):
        index = _Index(arcs)
        touched: set[int] = set()
        stuck = None
        for conflict in sorted(index.conflicts()):
            if touched.intersection(number for number, _ in conflict):
                continue
            if removed := _removal(index, conflict):
                number, rank = removed
                arcs[number] = _without_repeats(arcs[number][:rank] + arcs[number][rank + 1 :])
            elif inserted := _insertion(index, conflict):
                number, rank, point = inserted
                arcs[number] = [*arcs[number][: rank + 1], point, *arcs[number][rank + 1 :]]
            else:
                stuck = conflict
                continue
            touched.add(number)
        if not touched:
            break
    if stuck or touched:
        raise ValueError(f"les contours se croisent encore : {stuck and index.segment(stuck[0])}")
    return arcs


def coupe(arcs: list[Arc]) -> list[list[Arc]]:
    """Each arc in pieces, cut wherever it meets another or itself again."""
    met: dict[Point, int] = defaultdict(int)
    for arc in arcs:
        for point in arc[1:-1]:
            met[point] += 1
        for point in {arc[0], arc[-1]}:
            met[point] += 2
    pieces = []
    for arc in arcs:
        cuts = [rank for rank in range(1, len(arc) - 1) if met[arc[rank]] > 1]
        bounds = [0, *cuts, len(arc) - 1]
        pieces.append([arc[a : b + 1] for a, b in pairwise(bounds)])
    return pieces


def planaire(topojson: dict) -> dict:
    """The topology with planar arcs; its objects keep their properties and order.

    An arc that no object has is left out; two that have become one are one. The rings of an object
    never come back to a node. Raises ValueError for an object that has no area left.
    """
    used = sorted({max(arc, ~arc) for arc in _arcs_of(topojson["objects"])})
    pieces = coupe(demele([_decoded(topojson["arcs"][number]) for number in used]))
    signed: dict[tuple[Point, ...], int] = {}
    arcs: list[Arc] = []
    numbers = {}
    for number, of_one in zip(used, pieces, strict=True):
        for piece in of_one:
            if tuple(piece) not in signed:
                signed[tuple(reversed(piece))] = ~len(arcs)
                signed[tuple(piece)] = len(arcs)
                arcs.append(piece)
        numbers[number] = [signed[tuple(piece)] for piece in of_one]
    result = topojson | {"arcs": [_encoded(arc) for arc in arcs]}
    topologie = Topologie(result)

    def renumber(ring: Anneau) -> Iterator[int]:
        for arc in ring:
            yield from numbers[arc] if arc >= 0 else (~n for n in reversed(numbers[~arc]))

    def mended(geometry: dict) -> dict:
        rings = [list(renumber(ring)) for ring in anneaux_de(geometry)]
        sewn = topologie.couds([{"type": "Polygon", "arcs": rings}])
        if not sewn:
            raise ValueError(f"il ne reste aucune surface à {geometry['properties']}")
        return geometry | {"type": "MultiPolygon", "arcs": topologie.emboites(sewn)}

    return result | {
        "objects": {
            couche: collection | {"geometries": [mended(g) for g in collection["geometries"]]}
            for couche, collection in topojson["objects"].items()
        }
    }


def _arcs_of(node) -> Iterator[int]:
    """Every arc index under a member of a topology, however deep."""
    if isinstance(node, int):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _arcs_of(item)
    elif isinstance(node, dict):
        for name, item in node.items():
            if name not in ("properties", "bbox"):
                yield from _arcs_of(item)


def _decoded(deltas) -> Arc:
    x = y = 0
    points = []
    for dx, dy in deltas:
        x, y = x + dx, y + dy
        points.append((x, y))
    return points


def _encoded(points: Arc) -> list[list[int]]:
    x = y = 0
    deltas = []
    for px, py in points:
        deltas.append([px - x, py - y])
        x, y = px, py
    return deltas
