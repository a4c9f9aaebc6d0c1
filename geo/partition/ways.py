"""A way from here to there that stays on the land: straight where that is possible, else round corners."""

from __future__ import annotations

import heapq

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.shapes import polygon_parts

__all__ = ["shortest_way"]

_OVER_M = 0.02
_STRAIGHT_TRIES = 24
_OFF_M = 6.0
"""A way keeps this far off the outline, where it can."""
_STEP_M = 5 * _OFF_M
"""Length of its steps from there to what lies at the outline, in a sharp corner, too."""


def shortest_way(start: BaseGeometry, lines: NDArray[np.object_], land: BaseGeometry) -> LineString | None:
    """Find a short way from a shape to the nearest of some lines that does not leave the land.

    Parameters
    ----------
    start : Point or lines
    lines : ndarray of LineString
        Where it may lead.
    land : Polygon or MultiPolygon
        Metres; start and lines lie in it.

    Returns
    -------
    LineString or None
        A little over at both ends, so that it meets what it leads to; None where land is cut off.

    Notes
    -----
    The way keeps off the outline where the land is wide enough. The straight ways to the nearest
    lines come first; else it goes through a triangulation of the land and is then pulled tight,
    which is short though not always the shortest. O(n log n) in the number of vertices.
    """
    inner = land.buffer(-_OFF_M)
    inside = shapely.intersection(lines, inner)
    inside = inside[~shapely.is_empty(inside)]
    own = start.intersection(inner)
    if len(inside):
        way = _find(start if own.is_empty else own, inside, inner, land)
        if way is not None:
            return way
    return _find(start, lines, land, land)


def _find(
    start: BaseGeometry, lines: NDArray[np.object_], inner: BaseGeometry, land: BaseGeometry
) -> LineString | None:
    """A way in the inner land, but for a step at its start: straight, or through triangles."""
    solid, whole = inner.buffer(0.05), land.buffer(0.05)
    shapely.prepare(solid)
    shapely.prepare(whole)
    straight = shapely.shortest_line(start, lines)
    length = shapely.length(straight)
    for place in np.argsort(np.round(length, 3), kind="stable")[:_STRAIGHT_TRIES]:
        way = straight[place]
        if length[place] > _OVER_M and whole.covers(way) and way.difference(solid).length <= _STEP_M:
            return _overshoot(shapely.get_coordinates(way))
    goal = shapely.union_all(lines)
    for part in polygon_parts(inner):
        if part.distance(start) < _STEP_M and part.distance(goal) < 0.1:
            bent = _through(part, start, goal)
            if bent is not None and whole.covers(LineString(bent)):
                return _overshoot(_tight(bent, solid))
    return None


def _through(part: BaseGeometry, start: BaseGeometry, goal: BaseGeometry) -> NDArray[np.float64] | None:
    """Way over the edges of a triangulation, from middle to middle."""
    triangles = np.asarray(shapely.get_parts(shapely.constrained_delaunay_triangles(part)), dtype=object)
    corners = shapely.get_coordinates(triangles).reshape(len(triangles), 4, 2)[:, :3]
    owners: dict[tuple[tuple[float, float], ...], list[int]] = {}
    for number, own in enumerate(corners.tolist()):
        for place in range(3):
            side = tuple(sorted((tuple(own[place]), tuple(own[(place + 1) % 3]))))
            owners.setdefault(side, []).append(number)
    doors: list[list[tuple[int, NDArray[np.float64]]]] = [[] for _ in triangles]
    for side, both in owners.items():
        if len(both) == 2:
            middle = np.mean(side, axis=0)
            doors[both[0]].append((both[1], middle))
            doors[both[1]].append((both[0], middle))
    home = int(np.argmin(np.round(shapely.distance(triangles, start), 6)))
    ends = shapely.distance(triangles, goal) < 0.01
    leave = np.array(shapely.shortest_line(start, triangles[home].centroid).coords[0])
    queue: list[tuple[float, int, int, NDArray[np.float64], int]] = [(0.0, 0, home, leave, -1)]
    done: dict[int, tuple[int, NDArray[np.float64]]] = {}
    count = 0
    while queue:
        far, _, number, point, before = heapq.heappop(queue)
        if number in done:
            continue
        done[number] = (before, point)
        if ends[number]:
            last = shapely.shortest_line(Point(point), goal.intersection(triangles[number].buffer(0.01)))
            trace = [np.array(last.coords[-1])]
            while number >= 0:
                number, point = done[number]
                trace.append(point)
            return np.array(trace[::-1])
        for other, middle in doors[number]:
            if other not in done:
                count += 1
                heapq.heappush(
                    queue, (far + float(np.hypot(*(middle - point))), count, other, middle, number)
                )
    return None


def _tight(way: NDArray[np.float64], solid: BaseGeometry) -> NDArray[np.float64]:
    """Leave out corners that can be cut without leaving the land."""
    kept = [0]
    while kept[-1] < len(way) - 1:
        ahead = len(way) - 1
        while ahead > kept[-1] + 1 and not solid.covers(LineString(way[[kept[-1], ahead]])):
            ahead -= 1
        kept.append(ahead)
    return way[kept]


def _overshoot(way: NDArray[np.float64]) -> LineString | None:
    """A little over at both ends."""
    steps = np.hypot(*np.diff(way, axis=0).T)
    way = way[np.append(True, steps > 1e-9)]
    if len(way) < 2:
        return None
    first, last = way[0] - way[1], way[-1] - way[-2]
    way = way.copy()
    way[0] += first / np.hypot(*first) * _OVER_M
    way[-1] += last / np.hypot(*last) * _OVER_M
    return LineString(way)
