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

_TOUCH_M = 0.02
_STRAIGHT_TRIES = 24
_OFF_M = 6.0
"""A way keeps this far off the outline, where it can."""
_STEP_M = 5 * _OFF_M
"""Length of its steps from there to what lies at the outline, in a sharp corner, too."""
_MEET_M = 0.01
_PASSES, _FINE = 4, 40
"""How often a way is pulled tight, an even number; corners are cut at so many places along it."""


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
        From the start to where it leads; None where land is cut off.

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
        if length[place] > _TOUCH_M and whole.covers(way) and way.difference(solid).length <= _STEP_M:
            return way
    goal = shapely.union_all(lines)
    for part in polygon_parts(inner):
        if part.distance(start) < _STEP_M and part.distance(goal) < 0.1:
            bent = _through(part, start, goal)
            if bent is not None and whole.covers(LineString(bent)):
                return LineString(_tight(bent, solid))
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
    ends = shapely.distance(triangles, goal) < _MEET_M
    queue = _departures(start, triangles)
    done: dict[int, tuple[int, NDArray[np.float64]]] = {}
    count = len(queue)
    while queue:
        far, _, number, point, before = heapq.heappop(queue)
        if number in done:
            continue
        done[number] = (before, point)
        if ends[number]:
            last = shapely.shortest_line(Point(point), goal.intersection(triangles[number].buffer(_MEET_M)))
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


def _departures(
    start: BaseGeometry, triangles: NDArray[np.object_]
) -> list[tuple[float, int, int, NDArray[np.float64], int]]:
    """Entries of a heap: every triangle that the start is in, and where in it the way leaves the start.

    A start outside all of them leaves from where it is nearest to the nearest one.
    """
    far = np.round(shapely.distance(triangles, start), 6)
    homes = np.flatnonzero(far < _MEET_M)
    if not len(homes):
        home = int(np.argmin(far))
        leave = shapely.shortest_line(start, triangles[home].centroid).coords[0]
        return [(0.0, 0, home, np.array(leave), -1)]
    inside = shapely.intersection(start, shapely.buffer(triangles[homes], _MEET_M))
    to_middle = shapely.shortest_line(inside, shapely.centroid(triangles[homes]))
    leaves = shapely.get_coordinates(shapely.get_point(to_middle, 0))
    return [(0.0, count, int(home), leaves[count], -1) for count, home in enumerate(homes)]


def _tight(way: NDArray[np.float64], solid: BaseGeometry) -> NDArray[np.float64]:
    """Cut corners without leaving the land, from one end and from the other in turn."""
    for _ in range(_PASSES):
        fine = shapely.get_coordinates(shapely.segmentize(LineString(way), LineString(way).length / _FINE))
        kept = [0]
        while kept[-1] < len(fine) - 1:
            ahead = len(fine) - 1
            while ahead > kept[-1] + 1 and not solid.covers(LineString(fine[[kept[-1], ahead]])):
                ahead -= 1
            kept.append(ahead)
        way = fine[kept][::-1]
    return way
