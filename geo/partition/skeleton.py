"""The road skeleton: straight lines in one frame, anchored at gates, streets between them."""

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

__all__ = ["ARTERIAL", "COLLECTOR", "LOCAL", "Street", "lay_skeleton", "street_union"]

ARTERIAL, COLLECTOR, LOCAL = 0, 1, 2
_OVERSHOOT_M = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """One straight line of the skeleton, or an existing road.

    Attributes
    ----------
    line : LineString
        Metres.
    rank : int
        `ARTERIAL`, `COLLECTOR` or `LOCAL`.
    hard : bool
        Existing roads and connectors to gates: never given up.
    """

    line: LineString
    rank: int
    hard: bool = False


def lay_skeleton(
    land: BaseGeometry,
    angle_deg: float,
    spacing_m: tuple[float, float],
    gates: Sequence[Point] = (),
    existing: Sequence[tuple[LineString, int]] = (),
) -> list[Street]:
    """Lay main lines and the streets between them.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Land that can be built on, metres, near the origin.
    angle_deg : float
        Direction of the frame.
    spacing_m : tuple of float
        Wanted distance between main lines along the frame's first and second axis.
    gates : sequence of Point
        On the edge of the land: a main line runs through each, or a connector leads to it.
    existing : sequence of (LineString, rank)
        Existing roads; main lines close beside one are left out.

    Returns
    -------
    list of Street
        Main lines first; lines reach beyond the land and are cut later.

    Notes
    -----
    A block between main lines is halved by a street each way. At least one main line runs in
    each direction, so that the network is one. O(lines · vertices).
    """
    turned = shapely.transform(land, lambda xy: rotate(xy, -angle_deg))
    low_u, low_v, high_u, high_v = turned.bounds
    at_u, at_v, loose = _anchors(turned, [_turn(gate, -angle_deg) for gate in gates], spacing_m)
    u, u_main = _fill(low_u, high_u, at_u, spacing_m[0])
    v, v_main = _fill(low_v, high_v, at_v, spacing_m[1])
    near = None
    if existing:
        roads = [_turn(line, -angle_deg) for line, _ in existing]
        near = shapely.union_all(roads).buffer(0.3 * min(spacing_m), cap_style="flat")
    streets: list[Street] = []
    reach = _OVERSHOOT_M

    def add(start: tuple[float, float], end: tuple[float, float], rank: int, *, hard: bool = False) -> None:
        line = LineString([start, end])
        if near is not None and not hard:
            beside = [part for part in _lines(line.intersection(near)) if part.length > 0.6 * min(spacing_m)]
            if beside:
                line = line.difference(shapely.union_all(beside).buffer(0.5))
        streets.extend(Street(line=_turn(part, angle_deg), rank=rank, hard=hard) for part in _lines(line))

    for place, x in enumerate(u):
        add((x, low_v - reach), (x, high_v + reach), ARTERIAL if u_main[place] else COLLECTOR)
    for place, y in enumerate(v):
        add((low_u - reach, y), (high_u + reach, y), ARTERIAL if v_main[place] else COLLECTOR)
    for gate in loose:
        add(*_connector(gate, u, v, turned), ARTERIAL, hard=True)
    for line, rank in existing:
        streets.append(Street(line=line, rank=rank, hard=True))
    edges_u = [low_u, *u, high_u]
    edges_v = [low_v, *v, high_v]
    for left, right in pairwise(edges_u):
        for bottom, top in pairwise(edges_v):
            wide, deep = right - left, top - bottom
            middle_u, middle_v = (left + right) / 2, (bottom + top) / 2
            if wide > 0.62 * spacing_m[0]:
                over = (reach if bottom == low_v else 0.0, reach if top == high_v else 0.0)
                add((middle_u, bottom - over[0]), (middle_u, top + over[1]), LOCAL)
            if deep > 0.62 * spacing_m[1]:
                over = (reach if left == low_u else 0.0, reach if right == high_u else 0.0)
                add((left - over[0], middle_v), (right + over[1], middle_v), LOCAL)
    return streets


def street_union(
    streets: Sequence[Street], rank: int | None = None, *, hard: bool | None = None
) -> BaseGeometry:
    """Union of the lines of one rank, or of the hard ones."""
    chosen = [
        street.line
        for street in streets
        if (rank is None or street.rank == rank) and (hard is None or street.hard == hard)
    ]
    return shapely.union_all(chosen) if chosen else shapely.GeometryCollection()


def _fill(
    low: float, high: float, anchors: Sequence[float], spacing: float
) -> tuple[list[float], list[bool]]:
    """Line positions: anchored ones stay, gaps are filled evenly; the middle line is a main one."""
    stops = [low, *sorted(anchors), high]
    places: list[float] = []
    main: list[bool] = []
    for place, (start, end) in enumerate(pairwise(stops)):
        count = max(1, round((end - start) / spacing))
        if not anchors and count == 1:
            count = 2
        for step in range(1, count):
            places.append(start + (end - start) * step / count)
            main.append(False)
        if place < len(stops) - 2:
            places.append(end)
            main.append(True)
    if not any(main) and places:
        main[int(np.argmin([abs(one - (low + high) / 2) for one in places]))] = True
    return places, main


def _anchors(
    land: BaseGeometry, gates: Sequence[Point], spacing: tuple[float, float]
) -> tuple[list[float], list[float], list[Point]]:
    """Where lines are anchored at gates along each axis, and gates that need a connector."""
    at_u: list[float] = []
    at_v: list[float] = []
    loose: list[Point] = []
    low_u, low_v, high_u, high_v = land.bounds
    for gate in gates:
        sideways = _faces_sideways(land, gate)
        lines, value, gap, low, high = (
            (at_v, gate.y, spacing[1], low_v, high_v)
            if sideways
            else (at_u, gate.x, spacing[0], low_u, high_u)
        )
        if any(abs(value - other) < 1.0 for other in lines):
            continue
        close = any(abs(value - other) < 0.45 * gap for other in lines)
        if close or value - low < 0.25 * gap or high - value < 0.25 * gap:
            loose.append(gate)
        else:
            lines.append(value)
    return at_u, at_v, loose


def _faces_sideways(land: BaseGeometry, gate: Point) -> bool:
    """Whether a gate leads out along the frame's first axis rather than its second."""
    step = 0.05 * max(land.bounds[2] - land.bounds[0], land.bounds[3] - land.bounds[1])
    inside = [
        land.intersection(LineString([(gate.x + s * dx, gate.y + s * dy) for s in (0, step)])).length
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    return bool(abs(inside[0] - inside[1]) >= abs(inside[2] - inside[3]))


def _connector(
    gate: Point, u: Sequence[float], v: Sequence[float], land: BaseGeometry
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Shortest straight way inside the land from a gate to a main line of the frame."""
    ends = [(x, gate.y) for x in u] + [(gate.x, y) for y in v]
    best = min(
        ends,
        key=lambda end: (
            round(LineString([(gate.x, gate.y), end]).difference(land.buffer(1.0)).length, 1),
            abs(end[0] - gate.x) + abs(end[1] - gate.y),
        ),
    )
    length = max(abs(best[0] - gate.x) + abs(best[1] - gate.y), 1e-9)
    out = (gate.x - (best[0] - gate.x) / length * 2.0, gate.y - (best[1] - gate.y) / length * 2.0)
    return out, best


def _turn(shape: BaseGeometry, angle_deg: float) -> BaseGeometry:
    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return rotate(xy, angle_deg)

    return shapely.transform(shape, move)


def _lines(shape: BaseGeometry) -> list[LineString]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and not part.is_empty]
