"""Net blocks: what streets and kept buildings leave of each atom, and which of them face each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.atoms import Atoms
from planning.zones.ground import Ground

__all__ = ["FACING_M", "count_pieces", "facing_pairs", "is_block", "near_pairs", "net_blocks", "road_surface"]

_LEAST_BLOCK_M2 = 1_200.0
_LEAST_WIDTH_M = 24.0
_BULK = 0.5
"""Half of a block, at least, is as wide as that."""
FACING_M = 20.0
"""Blocks on two sides of a street are one piece when they face each other over this length, metres."""
_REACH_M = 1.0
_CORNER = 1.5


def road_surface(ground: Ground, lines: Sequence[tuple[int, LineString]]) -> BaseGeometry:
    """Right of way of streets and existing roads on the land, kept buildings taken out."""
    widths = ground.widths
    buffers = [
        line.buffer(widths[rank] / 2, cap_style="square", join_style="mitre")
        for rank, line in (*lines, *((rank, line) for line, rank in ground.roads))
    ]
    if not buffers:
        return Polygon()
    return shapely.union_all(buffers).intersection(ground.land).difference(ground.kept)


def is_block(shape: Polygon) -> bool:
    """Whether a piece of land is large and wide enough to build on; a strip beside a road is not.

    Buildings that stand in it do not make it narrow.
    """
    if shape.area < _LEAST_BLOCK_M2:
        return False
    shape = Polygon(shape.exterior)
    core = shape.buffer(-_LEAST_WIDTH_M / 2, quad_segs=2)
    return bool(core.buffer(_LEAST_WIDTH_M / 2, quad_segs=2).area >= _BULK * shape.area)


def net_blocks(ground: Ground, atoms: Atoms, surface: BaseGeometry) -> NDArray[np.object_]:
    """Return the blocks that are left of each atom, as one shape; empty where it is none."""
    away = shapely.union(surface, ground.kept)
    shapely.prepare(away)
    rest = shapely.difference(atoms.faces, away)
    parts, owner = shapely.get_parts(rest, return_index=True)
    good = np.array([is_block(part) for part in parts], dtype=bool)
    blocks = np.full(len(atoms), shapely.Polygon(), dtype=object)
    for place in np.unique(owner[good]):
        blocks[place] = MultiPolygon(list(parts[good & (owner == place)]))
    return blocks


def facing_pairs(
    shapes: NDArray[np.object_],
    lines: Sequence[tuple[int, LineString]],
    widths: tuple[float, float, float],
    among: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Pairs of blocks that face each other across a street.

    Parameters
    ----------
    shapes : ndarray of n polygons
    lines : sequence of (rank, LineString)
        Axes of the streets.
    widths : tuple of float
        Rights of way by rank, metres.
    among : ndarray of shape (m, 2), optional
        Only these pairs are looked at; by default all that are near enough.

    Returns
    -------
    ndarray of shape (k, 2)
        i < j: both lie along the same `FACING_M` of a street. Neighbours round a crossing do not.
    """
    if among is None:
        near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=max(widths) + _REACH_M)
        among = near.T[near[0] < near[1]]
    facing = np.zeros(len(among))
    for rank, width in enumerate(widths):
        own = MultiLineString([line for one, line in lines if one == rank])
        if own.is_empty or not len(among):
            continue
        reach = shapely.buffer(shapes, width / 2 + _REACH_M, quad_segs=4)
        shapely.prepare(reach)
        shapely.prepare(own)
        along = shapely.intersection(reach, own)
        both = shapely.intersection(along[among[:, 0]], reach[among[:, 1]])
        facing += shapely.length(both)
    return among[facing >= FACING_M]


def near_pairs(
    shapes: NDArray[np.object_], gap_m: float, besides: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of blocks that look at each other across a narrow water or a verge, and along what length.

    Parameters
    ----------
    shapes : ndarray of n polygons
    gap_m : float
        How wide the gap may be.
    besides : ndarray of shape (m, 2)
        Neighbours across a street, i < j: they are not told again.
    """
    one, two = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m)
    size = len(shapes)
    fresh = (one < two) & ~np.isin(one * size + two, besides[:, 0] * size + besides[:, 1])
    one, two = one[fresh], two[fresh]
    outline, reach = shapely.boundary(shapes), shapely.buffer(shapes, gap_m, quad_segs=2)
    length = np.minimum(
        shapely.length(shapely.intersection(outline[one], reach[two])),
        shapely.length(shapely.intersection(outline[two], reach[one])),
    )
    # Round a crossing, corners alone are near: each shows at most the gap's width on two sides.
    real = length > _CORNER * gap_m
    return np.column_stack([one, two])[real], length[real]


def count_pieces(
    shapes: NDArray[np.object_],
    atom: NDArray[np.int64],
    pairs: NDArray[np.int64],
) -> int:
    """Pieces that some blocks make as a reader counts them: across the streets that they face each other on.

    Parameters
    ----------
    shapes : ndarray of n polygons
    atom : ndarray of shape (n,)
        Parts of one atom, with no more than a kept building between, are one piece.
    pairs : ndarray of shape (m, 2)
        Those that face each other.
    """
    _, first, own = np.unique(atom, return_index=True, return_inverse=True)
    pairs = np.vstack([pairs, np.column_stack([first[own], np.arange(len(shapes))])])
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(shapes), len(shapes)))
    return int(connected_components(graph, directed=False)[0])
