"""The road skeleton of one district: straight lines in one frame, anchored at gates, streets between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.partition.frames import rotate

__all__ = ["ARTERIAL", "COLLECTOR", "LOCAL", "Street", "lay_skeleton"]

ARTERIAL, COLLECTOR, LOCAL = 0, 1, 2
_OVERSHOOT_M = 50.0
_HALVED = 0.62
"""A block wider than this share of the spacing is halved by a street."""
_BESIDE = 0.3
_LONG = 1.5
"""A line within the first share of the spacing of an existing road, over the second, runs beside it."""
_GATE_ROOM, _MARK_ROOM = 0.45, 0.8
"""Lines through gates, and where a neighbour's streets arrive, are no nearer than this to each other."""
_EQUAL_M = 1e-3
"""Distances that differ by less are equal: the first line counts."""
_SHIFTS = (0.0, -0.06, 0.06, -0.12, 0.12, -0.18, 0.18)
"""How far a line may move, in shares of the spacing, to miss what stands in its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """One line of the skeleton, or an existing road.

    Attributes
    ----------
    line : LineString
        Metres.
    rank : int
        `ARTERIAL`, `COLLECTOR` or `LOCAL`.
    hard : bool
        Existing roads: never given up.
    """

    line: LineString
    rank: int
    hard: bool = False


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A place where a line of one axis must lie."""

    value: float
    rank: int


def lay_skeleton(
    land: BaseGeometry,
    angle_deg: float,
    spacing_m: tuple[float, float],
    *,
    gates: Sequence[Point] = (),
    marks: Sequence[Point] = (),
    roads: BaseGeometry | None = None,
    blocked: BaseGeometry | None = None,
    alone: bool = True,
) -> list[Street]:
    """Lay main lines and the streets between them.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        District to serve, metres, near the origin.
    angle_deg : float
        Direction of the frame.
    spacing_m : tuple of float
        Wanted distance between main lines along the frame's first and second axis.
    gates : sequence of Point
        On the edge of the land: a main line runs through each that is not too near to another.
    marks : sequence of Point
        On the edge of the land, where streets of a neighbouring district arrive: lines go on there
        if that leaves room between lines.
    roads : lines, optional
        Existing roads in the district; lines close beside one are left out.
    blocked : optional
        Lines avoid it where moving a little is enough.
    alone : bool
        Without other roads around it, at least one main line runs in each direction.

    Returns
    -------
    list of Street
        Main lines first; lines reach beyond the land and are cut later.

    Notes
    -----
    A block between main lines is halved by a street each way. O(lines · vertices).
    """
    # Only points and lines are turned: a polygon may cross itself by rounding once it is.
    low_u, low_v, high_u, high_v = _turn(land.boundary, -angle_deg).bounds
    away = None if blocked is None else blocked.intersection(land)
    at_u, at_v = _anchors(land, angle_deg, gates, marks, spacing_m)
    u, u_rank = _fill(low_u, high_u, at_u, spacing_m[0], alone=alone)
    v, v_rank = _fill(low_v, high_v, at_v, spacing_m[1], alone=alone)
    if away is not None and not away.is_empty:
        u = _dodge(u, at_u, spacing_m[0], away, angle_deg, sideways=False)
        v = _dodge(v, at_v, spacing_m[1], away, angle_deg, sideways=True)
    near = None
    if roads is not None and not roads.is_empty:
        near = _turn(roads, -angle_deg).buffer(_BESIDE * min(spacing_m), cap_style="flat")
    streets: list[Street] = []
    reach = _OVERSHOOT_M

    def add(start: tuple[float, float], end: tuple[float, float], rank: int) -> None:
        line = LineString([start, end])
        if near is not None:
            twice = [part for part in _lines(line.intersection(near)) if part.length > _LONG * min(spacing_m)]
            if twice:
                line = line.difference(shapely.union_all(twice).buffer(0.5))
        streets.extend(Street(line=_turn(part, angle_deg), rank=rank) for part in _lines(line))

    for x, rank in zip(u, u_rank, strict=True):
        add((x, low_v - reach), (x, high_v + reach), rank)
    for y, rank in zip(v, v_rank, strict=True):
        add((low_u - reach, y), (high_u + reach, y), rank)
    edges_u = [low_u, *u, high_u]
    edges_v = [low_v, *v, high_v]
    for left, right in pairwise(edges_u):
        for bottom, top in pairwise(edges_v):
            wide, deep = right - left, top - bottom
            middle_u, middle_v = (left + right) / 2, (bottom + top) / 2
            if wide > _HALVED * spacing_m[0]:
                over = (reach if bottom == low_v else 0.0, reach if top == high_v else 0.0)
                add((middle_u, bottom - over[0]), (middle_u, top + over[1]), LOCAL)
            if deep > _HALVED * spacing_m[1]:
                over = (reach if left == low_u else 0.0, reach if right == high_u else 0.0)
                add((left - over[0], middle_v), (right + over[1], middle_v), LOCAL)
    return streets


def _fill(
    low: float, high: float, anchors: Sequence[_Anchor], spacing: float, *, alone: bool
) -> tuple[list[float], list[int]]:
    """Line positions and classes: anchored ones stay, gaps are filled evenly."""
    stops = [low, *(anchor.value for anchor in anchors), high]
    places: list[float] = []
    ranks: list[int] = []
    for place, (start, end) in enumerate(pairwise(stops)):
        count = max(1, round((end - start) / spacing))
        if alone and not anchors and count == 1:
            count = 2
        for step in range(1, count):
            places.append(start + (end - start) * step / count)
            ranks.append(COLLECTOR)
        if place < len(anchors):
            places.append(end)
            ranks.append(anchors[place].rank)
    if alone and places and ARTERIAL not in ranks:
        off = np.abs(np.array(places) - (low + high) / 2)
        ranks[int(np.argmax(off <= off.min() + _EQUAL_M))] = ARTERIAL
    return places, ranks


def _dodge(
    places: list[float],
    anchors: Sequence[_Anchor],
    spacing: float,
    away: BaseGeometry,
    angle_deg: float,
    *,
    sideways: bool,
) -> list[float]:
    """Lines moved aside where they would run into something; those that gates hold stay."""
    west, south, east, north = _turn(away.boundary, -angle_deg).bounds
    held = {anchor.value for anchor in anchors if anchor.rank == ARTERIAL}
    moved = []
    for place in places:
        if place in held:
            moved.append(place)
            continue
        options = [place + shift * spacing for shift in _SHIFTS]
        lines = [
            LineString([(west, x), (east, x)]) if sideways else LineString([(x, south), (x, north)])
            for x in options
        ]
        hit = [round(_turn(line, angle_deg).intersection(away).length, 1) for line in lines]
        moved.append(options[int(np.argmin(hit))])
    return moved


def _anchors(
    land: BaseGeometry,
    angle_deg: float,
    gates: Sequence[Point],
    marks: Sequence[Point],
    spacing: tuple[float, float],
) -> tuple[list[_Anchor], list[_Anchor]]:
    """Where lines are anchored along each axis; gates that are too near to others are left out."""
    at: tuple[list[_Anchor], list[_Anchor]] = ([], [])
    low_u, low_v, high_u, high_v = _turn(land.boundary, -angle_deg).bounds
    step = 0.05 * max(high_u - low_u, high_v - low_v)
    for point, rank in [*((gate, ARTERIAL) for gate in gates), *((mark, COLLECTOR) for mark in marks)]:
        axis = 1 if _faces_sideways(land, point, angle_deg, step) else 0
        turned = _turn(point, -angle_deg)
        value, gap = (turned.x, turned.y)[axis], spacing[axis]
        low, high = ((low_u, high_u), (low_v, high_v))[axis]
        if any(abs(value - other.value) < 1.0 for other in at[axis]):
            continue
        room = _GATE_ROOM if rank == ARTERIAL else _MARK_ROOM
        close = any(abs(value - other.value) < room * gap for other in at[axis])
        if close or min(value - low, high - value) < 0.55 * room * gap:
            continue
        at[axis].append(_Anchor(value, rank))
    by_value = [sorted(anchors, key=lambda anchor: anchor.value) for anchors in at]
    return by_value[0], by_value[1]


def _faces_sideways(land: BaseGeometry, gate: Point, angle_deg: float, step: float) -> bool:
    """Whether the land at a gate lies along the frame's first axis rather than its second."""
    around = gate.buffer(step).intersection(land)
    if around.is_empty:
        return False
    inwards = np.array([(around.centroid.x - gate.x, around.centroid.y - gate.y)])
    across, along = np.abs(rotate(inwards, -angle_deg)[0])
    return bool(across >= along - _EQUAL_M)


def _turn(shape: BaseGeometry, angle_deg: float) -> BaseGeometry:
    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return rotate(xy, angle_deg)

    return shapely.transform(shape, move)


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and not part.is_empty]
