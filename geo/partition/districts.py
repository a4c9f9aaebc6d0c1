"""Districts: parts of a site that each want a grid in their own direction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.frames import angle_between_deg, edge_vectors, frame_directions
from geo.shapes import polygon_parts

__all__ = ["group_banks", "split_bends"]

_ALIGNED_DEG = 12.0
_GAIN = 0.12
"""A site is split only if this share more of its outline then runs along a frame."""
_SMALLEST = 0.2
_DEPTH = 3
_CORNERS = 8
_REFLEX_DEG = 20.0
_NEIGHBOURS_M = 200.0
_FACING = 0.2


def group_banks(parts: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Parts of land that lie along each other, as on a river's two banks, belong to one grid.

    Parameters
    ----------
    parts : sequence of Polygon
        Metres.

    Returns
    -------
    list of Polygon or MultiPolygon
        The largest first.
    """
    group = list(range(len(parts)))
    for one in range(len(parts)):
        for two in range(one + 1, len(parts)):
            if shapely.distance(parts[one], parts[two]) > _NEIGHBOURS_M:
                continue
            small, large = sorted((parts[one], parts[two]), key=lambda part: part.area)
            facing = small.boundary.intersection(large.buffer(_NEIGHBOURS_M, quad_segs=2)).length
            if facing >= _FACING * small.length:
                old, new = group[two], group[one]
                group = [new if number == old else number for number in group]
    found = [
        shapely.union_all([part for part, own in zip(parts, group, strict=True) if own == number])
        for number in sorted(set(group))
    ]
    return sorted(found, key=lambda shape: (-round(shape.area, 3), shape.bounds))


def split_bends(land: Polygon, least_m2: float) -> tuple[list[Polygon], list[LineString]]:
    """Split a bent site into parts that are each along one frame.

    Parameters
    ----------
    land : Polygon
        Metres.
    least_m2 : float
        No part is smaller.

    Returns
    -------
    parts : list of Polygon
        One, if the site is not bent.
    cuts : list of LineString
        Between them, a little over at both ends.

    Notes
    -----
    A cut leads from a reflex corner straight across the land; of all such cuts the one is taken
    after which most of the outline runs along a frame. O(corners · vertices) a split.
    """
    return _split(land, least_m2, _DEPTH)


def _split(land: Polygon, least_m2: float, depth: int) -> tuple[list[Polygon], list[LineString]]:
    if depth == 0 or land.area < 2 * least_m2:
        return [land], []
    best: tuple[float, float, tuple[Polygon, Polygon], LineString] | None = None
    now = _aligned(land)
    for cut in _cuts(land):
        parts = polygon_parts(shapely.ops.split(land, cut))
        if len(parts) != 2 or min(part.area for part in parts) < max(least_m2, _SMALLEST * land.area):
            continue
        gain = sum(part.area * _aligned(part, cut) for part in parts) / land.area - now
        key = (-round(gain, 6), round(cut.length, 3))
        if gain > _GAIN and (best is None or key < best[:2]):
            best = (*key, (parts[0], parts[1]), cut)
    if best is None:
        return [land], []
    parts, cuts = [], [best[3]]
    for part in best[2]:
        more, further = _split(part, least_m2, depth - 1)
        parts += more
        cuts += further
    return parts, cuts


def _aligned(land: Polygon, cut: LineString | None = None) -> float:
    """Largest share of the outline that runs along or across one frame; the cut is not counted."""
    outline = land.exterior if cut is None else land.exterior.difference(cut.buffer(1.0))
    edges = edge_vectors(shapely.simplify(outline, 0.01 * np.sqrt(land.area)))
    length = np.hypot(edges[:, 0], edges[:, 1])
    if not length.sum():
        return 0.0
    bearing = np.degrees(np.arctan2(edges[:, 1], edges[:, 0]))
    return max(
        float(length[np.abs(angle_between_deg(bearing, angle)) <= _ALIGNED_DEG].sum() / length.sum())
        for angle in frame_directions(land)
    )


def _cuts(land: Polygon) -> list[LineString]:
    """Straight ways across the land from its sharpest reflex corners, on from each side and between."""
    ring = shapely.simplify(land.exterior, 0.02 * np.sqrt(land.area))
    xy = shapely.get_coordinates(shapely.orient_polygons(Polygon(ring)).exterior)[:-1]
    before, after = np.roll(xy, 1, axis=0) - xy, np.roll(xy, -1, axis=0) - xy
    turn = np.degrees(np.arctan2(_cross(before, after), (before * after).sum(axis=1))) % 360.0
    inner = 360.0 - turn  # angle inside the land, counter-clockwise ring
    reflex = np.flatnonzero(inner > 180.0 + _REFLEX_DEG)
    reflex = reflex[np.argsort(-np.round(inner[reflex], 6), kind="stable")][:_CORNERS]
    reach = 2 * float(np.hypot(*np.ptp(xy, axis=0)))
    cuts: list[LineString] = []
    for place in reflex.tolist():
        one = before[place] / np.hypot(*before[place])
        two = after[place] / np.hypot(*after[place])
        halving = -(one + two)
        ways = [-one, -two]
        if np.hypot(*halving) > 1e-6:
            ways.append(halving / np.hypot(*halving))
        for way in ways:
            ray = LineString([xy[place] - 0.5 * way, xy[place] + reach * way])
            inside = [part for part in shapely.get_parts(ray.intersection(land)) if part.length > 1.0]
            if inside:
                first = min(inside, key=lambda part: part.distance(shapely.Point(xy[place])))
                start, end = shapely.get_coordinates(first)[[0, -1]]
                cuts.append(LineString([start - 0.5 * way, end + 0.5 * way]))
    return cuts


def _cross(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    product: NDArray[np.float64] = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]
    return product
