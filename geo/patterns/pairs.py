"""Pairs of points within a distance, in blocks, and the weights that correct for the edge of a window."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.patterns.window import Floats, Window

__all__ = ["close_pairs", "isotropic_weights", "translation_weights"]

_BLOCK = 250_000
Indices = NDArray[np.intp]


def close_pairs(points: Floats, reach_m: float) -> Iterator[tuple[Indices, Indices, Floats]]:
    """Pairs i ≠ j at most `reach_m` apart, each once, in blocks of bounded size.

    Yields
    ------
    i, j, distance : ndarrays of shape (pairs,)

    Notes
    -----
    Points sorted by x: the partners of a point are the next ones until x is too far. Exact;
    O(n log n) and the candidates in a strip as wide as the reach.
    """
    order = np.argsort(points[:, 0], kind="stable")
    x, y = points[order].T
    last = np.searchsorted(x, x + reach_m * (1 + 1e-12), side="right")
    counts = last - np.arange(len(x)) - 1
    total = np.cumsum(counts)
    start = 0
    while start < len(x):
        before = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + _BLOCK, side="right")))
        count = counts[start:stop]
        i = np.repeat(np.arange(start, stop), count)
        j = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count) + i + 1
        across, up = x[j] - np.repeat(x[start:stop], count), y[j] - np.repeat(y[start:stop], count)
        distance = np.sqrt(across * across + up * up)
        near = distance <= reach_m
        yield order[i[near]], order[j[near]], distance[near]
        start = stop


def isotropic_weights(
    points: Floats, index: Indices, distance: Floats, window: Window, most: float
) -> Floats:
    """One over the share of the circle around a point, through its partner, that lies in the window.

    Notes
    -----
    Exact for polygons with holes: seen from inside, each directed edge takes away the angle of its
    part within the circle, with the sign of its turn. O(pairs · edges near enough).
    """
    gone = np.zeros(len(index))
    for ax, ay, bx, by in window.edges:
        length = math.hypot(bx - ax, by - ay)
        ux, uy = (bx - ax) / length, (by - ay) / length
        off_x, off_y = ax - points[:, 0], ay - points[:, 1]
        side = off_x * uy - off_y * ux  # signed distance of the line, positive with the point on its left
        from_t = off_x * ux + off_y * uy
        height = np.abs(side)
        beside = np.maximum(np.maximum(from_t, -(from_t + length)), 0.0)
        hit = np.flatnonzero(np.hypot(height, beside)[index] < distance)
        if not len(hit):
            continue
        who = index[hit]
        low, high = np.arctan2(from_t, height), np.arctan2(from_t + length, height)
        half = np.arccos(height[who] / distance[hit])
        angle = np.minimum(high[who], half) - np.maximum(low[who], -half)
        gone[hit] += np.where(side[who] < 0, -1.0, 1.0) * angle
    return np.asarray(1 / np.maximum(1 - gone / (2 * math.pi), 1 / most))


def translation_weights(shift: Floats, window: Window, most: float) -> Floats:
    """Area of the window over that of its overlap with itself shifted, for each shift.

    Notes
    -----
    A formula on a rectangle; exact intersections of polygons otherwise (some 20–100 µs each).
    """
    if window.is_rectangle:
        west, south, east, north = window.bounds
        overlap = (east - west - np.abs(shift[:, 0])) * (north - south - np.abs(shift[:, 1]))
    else:
        rings = shapely.get_coordinates(window.shape)
        moved = np.repeat(np.array([window.shape], dtype=object), len(shift))
        coordinates = (rings[None, :, :] + shift[:, None, :]).reshape(-1, 2)
        overlap = shapely.area(
            shapely.intersection(window.shape, shapely.set_coordinates(moved, coordinates))
        )
    return np.asarray(np.minimum(window.area_m2 / np.maximum(overlap, 1e-300), most))
