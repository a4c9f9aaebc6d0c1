"""Edges: land and streets noded once into faces, and who lies on either side of each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.partition.skeleton import ARTERIAL, COLLECTOR, LOCAL, Street

__all__ = ["GRID_M", "Edges", "node_streets"]

GRID_M = 1e-6
"""Noding is snapped to this grid, metres: far below any survey, far above rounding errors."""
_ON_LINE_M = 0.05
_AT_GATE_M = 1.0
_OVER_M = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Noded lines, from node to node.

    Attributes
    ----------
    lines : ndarray of m LineString
    ends : ndarray of shape (m, 2)
        Node numbers.
    sides : ndarray of shape (m, 2)
        Faces on either side; −1 outside the land.
    rank : ndarray of shape (m,)
        Class of the street, −1 on the outline.
    hard : ndarray of shape (m,), bool
        Never given up: existing roads, and the way in at a gate.
    bridges : ndarray of b LineString
        Pieces of main streets over gaps in the land.
    bridge_ends : ndarray of shape (b, 2)
        Node numbers.
    """

    lines: NDArray[np.object_]
    ends: NDArray[np.int64]
    sides: NDArray[np.int64]
    rank: NDArray[np.int64]
    hard: NDArray[np.bool_]
    bridges: NDArray[np.object_]
    bridge_ends: NDArray[np.int64]

    def pieces(self, kept: NDArray[np.bool_]) -> tuple[int, NDArray[np.int64]]:
        """Pieces that the network of some edges has.

        Parameters
        ----------
        kept : ndarray of shape (m,), bool

        Returns
        -------
        count : int
        piece : ndarray of shape (m,)
            Of each edge; −1 where it is not kept.
        """
        piece = np.full(len(kept), -1, dtype=np.int64)
        if not kept.any():
            return 0, piece
        size = int(max(self.ends.max(), self.bridge_ends.max(initial=0))) + 1
        used = np.zeros(size, dtype=bool)
        used[self.ends[kept].ravel()] = True
        spans = self.bridge_ends[used[self.bridge_ends].all(axis=1)]
        pairs = np.vstack([self.ends[kept], spans])
        graph = coo_array(
            (np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size)
        )
        _, node_piece = connected_components(graph, directed=False)
        names, own = np.unique(node_piece[self.ends[kept, 0]], return_inverse=True)
        piece[kept] = own
        return len(names), piece


def node_streets(
    land: BaseGeometry, streets: Sequence[Street], gates: Sequence[Point], bridge_m: float
) -> tuple[NDArray[np.object_], Edges]:
    """Node land and streets into faces and edges; connect what is not connected.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Metres.
    streets : sequence of Street
    gates : sequence of Point
        On the outline; a gate that no street comes to gets a connector.
    bridge_m : float
        Main streets bridge gaps in the land up to this long.

    Returns
    -------
    faces : ndarray of Polygon
        The faces of one polygonize of one noded set of lines, so that they cover the land exactly.
    edges : Edges

    Notes
    -----
    Streets that are joined to no other are connected by the shortest straight way inside the land
    if they are hard. O(n log n) in the number of vertices, a few times over.
    """
    laid = list(streets)
    for _ in range(4):
        faces, edges = _node(land, laid, gates, bridge_m)
        more = _connectors(land, edges, gates)
        if not more:
            break
        laid += more
    return faces, edges


def _node(
    land: BaseGeometry, streets: Sequence[Street], gates: Sequence[Point], bridge_m: float
) -> tuple[NDArray[np.object_], Edges]:
    net = shapely.union_all([land.boundary, *(street.line for street in streets)], grid_size=GRID_M)
    lines = np.asarray(shapely.get_parts(net), dtype=object)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    shapely.prepare(land)
    faces = faces[shapely.contains(land, shapely.point_on_surface(faces))]
    sides = _sides(lines, faces)
    real = (sides >= 0).any(axis=1) & (sides[:, 0] != sides[:, 1])
    lines, sides = lines[real], sides[real]
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    nodes = shapely.get_coordinates(np.concatenate([first, last]))
    places, number = np.unique(nodes, axis=0, return_inverse=True)
    ends = number.reshape(2, -1).T.astype(np.int64)
    rank = np.full(len(lines), -1, dtype=np.int64)
    hard = np.zeros(len(lines), dtype=bool)
    inner = np.flatnonzero((sides >= 0).all(axis=1))
    if len(inner):
        rank[inner] = LOCAL
        own = np.array([street.line for street in streets], dtype=object)
        middles = shapely.line_interpolate_point(lines[inner], 0.5, normalized=True)
        edge, street = shapely.STRtree(own).query(middles, predicate="dwithin", distance=_ON_LINE_M)
        np.minimum.at(rank, inner[edge], np.array([one.rank for one in streets])[street])
        np.logical_or.at(hard, inner[edge], np.array([one.hard for one in streets])[street])
    for gate in gates:
        _hold(gate, lines, inner, rank, hard)
    gaps, gap_ends = _bridges(land, streets, bridge_m, places)
    return faces, Edges(
        lines=lines, ends=ends, sides=sides, rank=rank, hard=hard, bridges=gaps, bridge_ends=gap_ends
    )


def _hold(
    gate: Point,
    lines: NDArray[np.object_],
    inner: NDArray[np.int64],
    rank: NDArray[np.int64],
    hard: NDArray[np.bool_],
) -> None:
    """Make the way in at a gate hard."""
    if not len(inner):
        return
    near = inner[shapely.distance(lines[inner], gate) < _AT_GATE_M]
    if len(near):
        hard[near[np.argmin(rank[near])]] = True


def _sides(lines: NDArray[np.object_], faces: NDArray[np.object_]) -> NDArray[np.int64]:
    """Faces on either side of each line, by the line's first segment: coordinates are equal to the bit."""
    starts = shapely.get_coordinates(shapely.get_point(lines, 0)).tolist()
    seconds = shapely.get_coordinates(shapely.get_point(lines, 1)).tolist()
    known: dict[tuple[float, float, float, float], int] = {}
    for place, (one, two) in enumerate(zip(starts, seconds, strict=True)):
        known[(*one, *two)] = place
        known[(*two, *one)] = place
    sides = np.full((len(lines), 2), -1, dtype=np.int64)
    rings, owner = shapely.get_rings(faces, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    segments = np.hstack([coordinates[:-1], coordinates[1:]])[follows].tolist()
    for segment, face in zip(segments, owner[ring[:-1][follows]].tolist(), strict=True):
        edge = known.get(tuple(segment))
        if edge is not None:
            sides[edge, 0 if sides[edge, 0] < 0 else 1] = face
    return sides


def _bridges(
    land: BaseGeometry, streets: Sequence[Street], bridge_m: float, nodes: NDArray[np.float64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Pieces of main streets over gaps in the land, both ends on it."""
    gaps: list[LineString] = []
    ends: list[NDArray[np.int64]] = []
    if bridge_m > 0 and len(nodes):
        whole = land.geom_type == "Polygon"
        hull = shapely.Polygon(land.exterior) if whole else shapely.convex_hull(land)
        tree = shapely.STRtree(shapely.points(nodes))
        solid = land.buffer(0.01)
        for street in streets:
            if street.rank == LOCAL:
                continue
            for gap in shapely.get_parts(street.line.intersection(hull).difference(solid)):
                if gap.geom_type != "LineString" or not 1.0 < gap.length <= bridge_m:
                    continue
                feet = shapely.points([gap.coords[0], gap.coords[-1]])
                (found, node), distance = tree.query_nearest(
                    feet, max_distance=0.1, return_distance=True, all_matches=False
                )
                if len(found) == 2 and distance.max() < 0.1:
                    gaps.append(gap)
                    ends.append(node[np.argsort(found)])
    return (
        np.array(gaps, dtype=object),
        np.array(ends, dtype=np.int64) if ends else np.empty((0, 2), dtype=np.int64),
    )


def _connectors(land: BaseGeometry, edges: Edges, gates: Sequence[Point]) -> list[Street]:
    """Streets that are missing: to gates no street comes to, and between hard streets and the rest."""
    inner = edges.rank >= 0
    if not inner.any():
        return []
    added: list[Street] = []
    lines = edges.lines[inner]
    solid = land.buffer(0.05)
    shapely.prepare(solid)
    for gate in gates:
        if shapely.distance(lines, gate).min() >= _AT_GATE_M:
            way = _shortest(gate, lines, solid)
            if way is not None:
                added.append(Street(line=way, rank=ARTERIAL, hard=True))
    _, piece = edges.pieces(inner)
    for part in shapely.get_parts(land):
        shapely.prepare(part)
        here = inner & shapely.covers(part.buffer(0.05), edges.lines)
        own = [number for number in np.unique(piece[here]) if edges.hard[here & (piece == number)].any()]
        if not own:
            continue
        length = {
            number: shapely.length(edges.lines[piece == number]).sum() for number in np.unique(piece[here])
        }
        trunk = max(length, key=lambda number: (round(length[number], 3), -number))
        for number in own:
            if number == trunk:
                continue
            way = _shortest(
                shapely.union_all(edges.lines[here & (piece == number)]),
                edges.lines[here & (piece == trunk)],
                solid,
            )
            if way is not None:
                added.append(Street(line=way, rank=COLLECTOR, hard=True))
    return added


def _shortest(start: BaseGeometry, lines: NDArray[np.object_], land: BaseGeometry) -> LineString | None:
    """Shortest straight way inside the land, a little over at both ends so that it meets what it leads to."""
    ways = shapely.shortest_line(start, lines)
    length = shapely.length(ways)
    for place in np.argsort(np.round(length, 3), kind="stable"):
        if length[place] > _OVER_M and land.covers(ways[place]):
            (x0, y0), (x1, y1) = ways[place].coords
            dx, dy = (x1 - x0) / length[place] * _OVER_M, (y1 - y0) / length[place] * _OVER_M
            return LineString([(x0 - dx, y0 - dy), (x1 + dx, y1 + dy)])
    return None
