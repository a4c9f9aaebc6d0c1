"""Edges: land and streets noded once into faces, and who lies on either side of each line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.partition.skeleton import LOCAL, Street

__all__ = ["AT_GATE_M", "GRID_M", "Edges", "node_lines"]

GRID_M = 1e-6
"""Noding is snapped to this grid, metres: far below any survey, far above rounding errors."""
AT_GATE_M = 1.0
"""A street comes to a gate when it is this near, metres."""
_ON_LINE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Noded lines, from node to node.

    Attributes
    ----------
    lines : ndarray of m LineString
    ends : ndarray of shape (m, 2)
        Node numbers.
    sides : ndarray of shape (m, 2)
        Faces on either side; −1 outside the land. Equal on a hard street that ends inside a face.
    rank : ndarray of shape (m,)
        Class of the street, −1 where the outline is no street.
    hard : ndarray of shape (m,), bool
        Never given up: existing roads.
    nodes : ndarray of shape (k, 2)
        Metres.
    outer : ndarray of shape (k,), bool
        Whether a node lies on the outline of the land.
    gate_edges : tuple of ndarrays
        For each gate the streets that come to it.
    bridges : ndarray of b LineString
        Pieces of streets over gaps in the land, from node to node.
    bridge_ends : ndarray of shape (b, 2)
        Node numbers.
    bridge_rank : ndarray of shape (b,)
    """

    lines: NDArray[np.object_]
    ends: NDArray[np.int64]
    sides: NDArray[np.int64]
    rank: NDArray[np.int64]
    hard: NDArray[np.bool_]
    nodes: NDArray[np.float64]
    outer: NDArray[np.bool_]
    gate_edges: tuple[NDArray[np.int64], ...]
    bridges: NDArray[np.object_]
    bridge_ends: NDArray[np.int64]
    bridge_rank: NDArray[np.int64]

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
        pairs = np.vstack([self.ends[kept], self.bridge_ends[self.spans(kept)]])
        graph = coo_array(
            (np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])),
            shape=(len(self.nodes), len(self.nodes)),
        )
        _, node_piece = connected_components(graph, directed=False)
        names, own = np.unique(node_piece[self.ends[kept, 0]], return_inverse=True)
        piece[kept] = own
        return len(names), piece

    def spans(self, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Bridges that have a street of some edges at both ends."""
        used = np.zeros(len(self.nodes), dtype=bool)
        used[self.ends[kept].ravel()] = True
        return np.asarray(used[self.bridge_ends].all(axis=1))


def node_lines(
    land: BaseGeometry, streets: Sequence[Street], gates: Sequence[Point]
) -> tuple[NDArray[np.object_], Edges]:
    """Node land and streets into faces and edges; without bridges yet.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Metres.
    streets : sequence of Street
    gates : sequence of Point
        On the outline.

    Returns
    -------
    faces : ndarray of Polygon
        The faces of one polygonize of one noded set of lines, so that they cover the land exactly.
    edges : Edges

    Notes
    -----
    A soft street that ends inside a face leads nowhere and is left out; a hard one stays.
    O(n log n) in the number of vertices.
    """
    net = shapely.union_all([land.boundary, *(street.line for street in streets)], grid_size=GRID_M)
    lines = np.asarray(shapely.get_parts(net), dtype=object)
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    faces = np.asarray(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    shapely.prepare(land)
    faces = faces[shapely.contains(land, shapely.point_on_surface(faces))]
    sides = _sides(lines, faces)
    loose = np.flatnonzero((sides < 0).all(axis=1) | (sides[:, 0] == sides[:, 1]))
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    rank, hard = _ranks(middles, streets)
    if len(loose):  # streets that end inside a face: polygonize does not say in which
        home, face = shapely.STRtree(faces).query(middles[loose], predicate="within")[:, ::1]
        sides[loose] = -1
        sides[loose[home]] = face[:, None]
    on_outline = (sides < 0).any(axis=1)
    rank[on_outline & ~hard] = -1
    ends_inside = sides[:, 0] == sides[:, 1]
    real = ~ends_inside | (hard & (sides >= 0).all(axis=1))
    lines, sides, rank, hard = lines[real], sides[real], rank[real], hard[real]
    nodes, ends = _nodes(lines)
    outer = np.zeros(len(nodes), dtype=bool)
    outer[ends[(sides < 0).any(axis=1)].ravel()] = True
    streets_now = np.flatnonzero(rank >= 0)
    at_gates = tuple(streets_now[shapely.distance(lines[streets_now], gate) < AT_GATE_M] for gate in gates)
    return faces, Edges(
        lines=lines,
        ends=ends,
        sides=sides,
        rank=rank,
        hard=hard,
        nodes=nodes,
        outer=outer,
        gate_edges=at_gates,
        bridges=np.empty(0, dtype=object),
        bridge_ends=np.empty((0, 2), dtype=np.int64),
        bridge_rank=np.empty(0, dtype=np.int64),
    )


def _ranks(
    middles: NDArray[np.object_], streets: Sequence[Street]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Class of each line, by the streets that run through its middle, and whether one of them is hard."""
    rank = np.full(len(middles), LOCAL, dtype=np.int64)
    hard = np.zeros(len(middles), dtype=bool)
    if streets:
        own = np.array([street.line for street in streets], dtype=object)
        edge, street = shapely.STRtree(own).query(middles, predicate="dwithin", distance=_ON_LINE_M)
        np.minimum.at(rank, edge, np.array([one.rank for one in streets])[street])
        np.logical_or.at(hard, edge, np.array([one.hard for one in streets])[street])
    return rank, hard


def _nodes(lines: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    coordinates = shapely.get_coordinates(np.concatenate([first, last]))
    nodes, number = np.unique(coordinates, axis=0, return_inverse=True)
    return nodes, number.reshape(2, -1).T.astype(np.int64)


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
