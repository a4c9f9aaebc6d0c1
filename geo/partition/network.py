"""One network: ways to what no street comes to, and bridges between banks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.partition.edges import AT_GATE_M, Edges, node_lines
from geo.partition.skeleton import COLLECTOR, LOCAL, Street
from geo.partition.ways import shortest_way
from geo.shapes import polygon_parts

__all__ = ["node_streets"]

_WORTH_M = 80.0
"""A stretch of new streets shorter than this that meets no other is given up, not connected."""
_FOOT_M = 0.1
_OVER_M, _NODE_M = 0.02, 0.5
_AHEAD_M = 300.0
"""An existing road that ends on the way is led on if a street or the outline is this near ahead."""
_AROUND_M = 8.0
_ROUNDS = 6


def node_streets(
    land: BaseGeometry,
    streets: Sequence[Street],
    gates: Sequence[Point],
    bridge_m: float,
    *,
    barred: BaseGeometry | None = None,
    kept: BaseGeometry | None = None,
) -> tuple[NDArray[np.object_], Edges]:
    """Node land and streets into faces and edges; connect what is not connected.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Metres. Its parts are banks.
    streets : sequence of Street
    gates : sequence of Point
        On the outline; a gate that no street comes to gets a way.
    bridge_m : float
        Banks are joined by bridges up to this long; existing roads bridge whatever they cross.
    barred : optional
        Where no new bridge may stand.
    kept : optional
        Buildings that ways go round where they can.

    Returns
    -------
    faces : ndarray of Polygon
    edges : Edges

    Notes
    -----
    Every bank gets a street, every gate a way to it, and stretches of streets that meet no other
    are connected within their bank. O(n log n) in the number of vertices, a few times over.
    """
    laid = list(streets)
    banks = polygon_parts(land)
    faces, edges = node_lines(land, laid, gates)
    for _ in range(_ROUNDS + len(gates)):
        more = _missing(banks, edges, gates, kept)
        if not more:
            break
        laid += more
        faces, edges = node_lines(land, laid, gates)
    return faces, _bridged(banks, laid, edges, bridge_m, barred or shapely.Polygon())


def _missing(
    banks: Sequence[BaseGeometry], edges: Edges, gates: Sequence[Point], kept: BaseGeometry | None
) -> list[Street]:
    """Streets that are missing: through banks without any, to gates, between stretches of a bank."""
    added = _led_on(banks, edges)
    _, piece = edges.pieces(edges.rank >= 0)
    middles = shapely.line_interpolate_point(edges.lines, 0.5, normalized=True)
    for bank in banks:
        near = bank.buffer(0.05)
        shapely.prepare(near)
        here = (edges.rank >= 0) & shapely.contains(near, middles)
        if not here.any():
            added.append(Street(line=_midline(bank), rank=LOCAL))
            continue
        ways = [
            _way(gate, edges.lines[here], bank, kept)
            for gate, own in zip(gates, edges.gate_edges, strict=True)
            if not len(own) and bank.distance(gate) < AT_GATE_M
        ]
        found = [way for way in ways if way is not None]
        more = [min(found, key=lambda way: round(way.length, 3))] if found else []  # gates may share it
        held = edges.hard.copy()
        held[np.concatenate([*edges.gate_edges, np.empty(0, dtype=np.int64)])] = True
        numbers = np.unique(piece[here])
        length = {number: shapely.length(edges.lines[here & (piece == number)]).sum() for number in numbers}
        trunk = max(numbers, key=lambda number: (round(length[number], 3), -number))
        for number in numbers:
            own = here & (piece == number)
            if number == trunk or (length[number] < _WORTH_M and not held[own].any()):
                continue
            way = _way(shapely.union_all(edges.lines[own]), edges.lines[here & ~own], bank, kept)
            if way is not None:
                more.append(way)
        fitted = [_fitted(way, edges, gates) for way in more]
        added += [Street(line=way, rank=COLLECTOR) for way in fitted if way is not None]
    return added


def _way(
    start: BaseGeometry, lines: NDArray[np.object_], bank: BaseGeometry, kept: BaseGeometry | None
) -> LineString | None:
    """A way that goes round buildings, if there is one; else one that does not."""
    if kept is not None and not kept.is_empty:
        round_them = shortest_way(start, lines, bank.difference(kept.buffer(_AROUND_M, join_style="mitre")))
        if round_them is not None:
            return round_them
    return shortest_way(start, lines, bank)


def _fitted(way: LineString, edges: Edges, gates: Sequence[Point]) -> LineString | None:
    """A way that ends in a node or a gate that is there already, else a little beyond what it meets."""
    used = edges.nodes[np.unique(edges.ends[edges.rank >= 0])]
    places = np.vstack([used, *(shapely.get_coordinates(gate) for gate in gates)])
    xy = shapely.get_coordinates(way)
    xy = xy[np.append(True, np.hypot(*np.diff(xy, axis=0).T) > 1e-9)]
    if len(xy) < 2:
        return None
    far, near = cKDTree(places).query(xy[[0, -1]])
    ends = ((0, xy[0] - xy[1]), (-1, xy[-1] - xy[-2]))
    for (place, step), distance, node in zip(ends, far, near, strict=True):
        if distance < _NODE_M:
            xy[place] = places[node]
        else:
            xy[place] += step / np.hypot(*step) * _OVER_M
    return LineString(xy)


def _led_on(banks: Sequence[BaseGeometry], edges: Edges) -> list[Street]:
    """Existing roads that end inside a face, led straight on to what is ahead of them."""
    streets = edges.rank >= 0
    meeting = np.bincount(edges.ends[streets].ravel(), minlength=len(edges.nodes))
    tree = shapely.STRtree(edges.lines)
    solid = shapely.multipolygons(list(banks)).buffer(0.05)
    shapely.prepare(solid)
    added: list[Street] = []
    for edge in np.flatnonzero(streets & edges.hard & (edges.sides[:, 0] == edges.sides[:, 1])):
        xy = shapely.get_coordinates(edges.lines[edge])
        for node, end in ((edges.ends[edge, 0], xy[1::-1]), (edges.ends[edge, 1], xy[-2:])):
            if meeting[node] != 1 or edges.outer[node]:
                continue
            step = (end[1] - end[0]) / np.hypot(*(end[1] - end[0]))
            ray = LineString([end[1] + step * _FOOT_M, end[1] + step * _AHEAD_M])
            hits = shapely.intersection(edges.lines[tree.query(ray, predicate="intersects")], ray)
            if not len(hits):
                continue
            far = float(shapely.distance(hits, Point(end[1])).min()) + _OVER_M
            way = LineString([end[1] - step * _OVER_M, end[1] + step * far])
            if solid.covers(shapely.line_interpolate_point(way, [0.5, 1.0], normalized=True)).all():
                added.append(Street(line=way, rank=COLLECTOR))
    return added


def _midline(bank: BaseGeometry) -> LineString:
    """The line through the middle of a bank along its longer direction, from outline to outline."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(bank))
    along, across = box[1] - box[0], box[2] - box[1]
    if np.hypot(*along) < np.hypot(*across):
        along = across
    inside = shapely.get_coordinates(shapely.point_on_surface(bank))[0]
    cut = LineString([inside - along, inside + along]).intersection(bank)
    longest = max(shapely.get_parts(cut), key=lambda part: (round(part.length, 3), part.bounds))
    return shapely.transform(longest, lambda xy: xy + (xy - inside) / np.hypot(*(xy - inside).T)[:, None])


def _bridged(
    banks: Sequence[BaseGeometry],
    streets: Sequence[Street],
    edges: Edges,
    bridge_m: float,
    barred: BaseGeometry,
) -> Edges:
    """Bridges where streets cross between banks; else between the nearest ends of streets."""
    used = np.zeros(len(edges.nodes), dtype=bool)
    used[edges.ends[edges.rank >= 0].ravel()] = True
    feet = np.flatnonzero(used & edges.outer)
    if len(banks) < 2 or not len(feet):
        return edges
    points = shapely.points(edges.nodes[feet])
    home = np.full(len(edges.nodes), -1, dtype=np.int64)
    for number, bank in enumerate(banks):
        home[feet[shapely.distance(points, bank) < _FOOT_M]] = number
    spans = _along_streets(streets, edges, feet, home, banks, bridge_m, barred)
    joined = _Sets(len(banks))
    for one, two, _ in spans:
        joined.unite(int(home[one]), int(home[two]))
    spans += _between_ends(edges, feet, home, banks, joined, bridge_m, barred)
    if not spans:
        return edges
    return replace(
        edges,
        bridges=np.array([LineString(edges.nodes[[one, two]]) for one, two, _ in spans], dtype=object),
        bridge_ends=np.array([(one, two) for one, two, _ in spans], dtype=np.int64),
        bridge_rank=np.array([rank for _, _, rank in spans], dtype=np.int64),
    )


def _along_streets(
    streets: Sequence[Street],
    edges: Edges,
    feet: NDArray[np.int64],
    home: NDArray[np.int64],
    banks: Sequence[BaseGeometry],
    bridge_m: float,
    barred: BaseGeometry,
) -> list[tuple[int, int, int]]:
    """Where a main street or an existing road runs over a gap from one bank to another."""
    tree = cKDTree(edges.nodes[feet])
    land = shapely.multipolygons(list(banks))
    spans: dict[tuple[int, int], int] = {}
    for street in streets:
        if street.rank == LOCAL and not street.hard:
            continue
        for gap in shapely.get_parts(street.line.difference(land)):
            if gap.geom_type != "LineString" or gap.length <= 1.0:
                continue
            if not street.hard and (gap.length > bridge_m or gap.intersects(barred)):
                continue
            far, own = tree.query(shapely.get_coordinates(gap)[[0, -1]])
            one, two = sorted(int(node) for node in feet[own])
            if far.max() < _FOOT_M and home[one] != home[two]:
                spans[one, two] = min(street.rank, spans.get((one, two), LOCAL))
    return [(one, two, rank) for (one, two), rank in sorted(spans.items())]


def _between_ends(
    edges: Edges,
    feet: NDArray[np.int64],
    home: NDArray[np.int64],
    banks: Sequence[BaseGeometry],
    joined: _Sets,
    bridge_m: float,
    barred: BaseGeometry,
) -> list[tuple[int, int, int]]:
    """Shortest bridges between ends of streets on banks that nothing joins yet."""
    spans: list[tuple[int, int, int]] = []
    if bridge_m <= 0 or joined.count() < 2:
        return spans
    inner = shapely.multipolygons(list(banks)).buffer(-0.5)
    shapely.prepare(inner)
    pairs = cKDTree(edges.nodes[feet]).query_pairs(bridge_m, output_type="ndarray")
    pairs = feet[pairs[home[feet[pairs[:, 0]]] != home[feet[pairs[:, 1]]]]]
    length = np.hypot(*(edges.nodes[pairs[:, 0]] - edges.nodes[pairs[:, 1]]).T)
    for place in np.argsort(np.round(length, 3), kind="stable"):
        one, two = (int(node) for node in pairs[place])
        if joined.same(int(home[one]), int(home[two])):
            continue
        span = LineString(edges.nodes[[one, two]])
        if not span.intersects(inner) and not span.intersects(barred):
            spans.append((one, two, COLLECTOR))
            joined.unite(int(home[one]), int(home[two]))
    return spans


class _Sets:
    """Disjoint sets of banks."""

    def __init__(self, count: int) -> None:
        self._first = list(range(count))

    def same(self, one: int, two: int) -> bool:
        """Whether two banks are joined."""
        return self._first[one] == self._first[two]

    def unite(self, one: int, two: int) -> None:
        """Join two banks."""
        old, new = self._first[two], self._first[one]
        self._first = [new if first == old else first for first in self._first]

    def count(self) -> int:
        """Sets that there are."""
        return len(set(self._first))
