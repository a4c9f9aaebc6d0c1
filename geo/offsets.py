"""Whether points fit roads, or areas that they name, as they stand or only with a web map's shift undone."""

from __future__ import annotations

from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.datums import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_gcj02

__all__ = ["find_area_shift", "find_gcj02_shift"]

Floats = NDArray[np.float64]

_M_PER_DEG = 111_320.0
_BESIDE_M, _NEAR_M, _BLOCK_M = 60.0, 2_000.0, 500.0
_LEAST_BLOCKS, _MOST_POINTS = 20, 4_000
_LEAST_RATIO, _LEAST_Z = 1.3, 4.0
_TURNS_DEG = (30, 60, 90, 120, 150, 210, 240, 270, 300, 330)
_EDGE_M, _SURE_M, _EDGE_BLOCK_M, _STRAY = 1_500.0, 150.0, 1_000.0, 0.02
"""Points this near the edge of their area tell; half of the belief is lost over so many metres; points of one
block are one witness; so many of them name another area whatever the shift."""
_AREA_Z, _EDGE_SAMPLE, _EDGE_POINTS = 3.0, 40_000, 3_000
_AREA_TURNS_DEG = (60, 120, 180, 240, 300)
"""Directions into which the same step is taken for comparison: what any step gains is no evidence."""


def find_gcj02_shift(
    lon: ArrayLike, lat: ArrayLike, lines: NDArray[np.object_]
) -> Literal["points", "lines"] | None:
    """Tell whether points and lines are apart by the shift of GCJ-02.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)
        Places that stand beside roads as a rule, degrees.
    lines : ndarray of geometries
        Roads as they run, not generalised; degrees.

    Returns
    -------
    {"points", "lines"} or None
        Which of the two looks like GCJ-02 taken for WGS 84; None where there is no clear evidence.

    Notes
    -----
    Each place scores exp(−d / 60 m) for its distance d from the nearest line: as it stands, with GCJ-02
    undone, with GCJ-02 applied, and after steps of the same length in ten other directions. The
    shift is told when its mean score is 1.3 times that of the places as they stand, and higher than
    each of the others by four standard errors, counted over blocks of 500 m, of which there must be 20:
    places of one street are one witness. O(m log k) for at most 4,000 places and k lines.
    """
    x, y = (np.asarray(part, dtype=np.float64) for part in (lon, lat))
    lines = lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))]
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < _LEAST_BLOCKS or not len(lines):
        return None
    middle = np.cos(np.radians(np.median(y)))
    flat = shapely.transform(lines, lambda xy: xy * [_M_PER_DEG * middle, _M_PER_DEG])
    tree = shapely.STRtree(shapely.get_parts(flat))

    def plane(east: Floats, north: Floats) -> Floats:
        return np.column_stack([east * _M_PER_DEG * middle, north * _M_PER_DEG])

    here = plane(x, y)
    close = np.unique(tree.query(shapely.points(here), predicate="dwithin", distance=_NEAR_M)[0])
    close = close[:: max(1, -(-len(close) // _MOST_POINTS))]
    here, x, y = here[close], x[close], y[close]
    _, block = np.unique(np.floor(here / _BLOCK_M), axis=0, return_inverse=True)
    block = block.reshape(-1)
    if len(block) == 0 or block.max() + 1 < _LEAST_BLOCKS:
        return None

    def score(there: Floats) -> Floats:
        """Mean score of each block."""
        _, away = tree.query_nearest(shapely.points(there), return_distance=True, all_matches=False)
        return np.asarray(np.bincount(block, np.exp(-away / _BESIDE_M)) / np.bincount(block))

    steps = {"points": plane(*gcj02_to_wgs84(x, y)) - here, "lines": plane(*wgs84_to_gcj02(x, y)) - here}
    scores = {name: score(here + step) for name, step in steps.items()} | {"neither": score(here)}
    for turn in _TURNS_DEG:
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        scores[f"{turn}°"] = score(here + steps["points"] @ np.array([[c, s], [-s, c]]))
    for name in ("points", "lines"):
        others = [other for key, other in scores.items() if key != name]
        ratio = scores[name].mean() / max(scores["neither"].mean(), 1e-9)
        if ratio >= _LEAST_RATIO and min(_z(scores[name] - other) for other in others) >= _LEAST_Z:
            return "points" if name == "points" else "lines"
    return None


def find_area_shift(
    lon: ArrayLike, lat: ArrayLike, area: ArrayLike, areas: NDArray[np.object_]
) -> Literal["GCJ-02", "BD-09"] | None:
    """Tell whether points lie in the areas that they name only when the shift of a web map is undone.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)
        Degrees.
    area : array-like of shape (n,), int
        Position in `areas` of the one that each point is said to lie in; -1 where that is not known.
    areas : ndarray of polygons
        Degrees; may be generalised, by some hundred metres here and there.

    Returns
    -------
    {"GCJ-02", "BD-09"} or None
        What the points look like; None where there is no clear evidence.

    Notes
    -----
    Only points within 1.5 km of the edge of their area tell, at most 3,000 of them. The likelihood of
    a point d metres inside its area is a logistic curve of d / 150 m, with 2 % of points that name
    another area. The log of it is compared, block by block of 1 km, between the points with the shift
    undone, as they stand, and after steps of the same length in five other directions: the mean ratio
    must be three standard errors above 0 against each. Measured on points in finer outlines than those
    that are asked (docs/import.md). O(n), and O(m log k) for m points near edges of k corners.
    """
    x, y, own = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64), np.asarray(area)
    known = np.flatnonzero((own >= 0) & np.isfinite(x) & np.isfinite(y))
    known = known[:: max(1, -(-len(known) // _EDGE_SAMPLE))]
    if len(known) < _LEAST_BLOCKS:
        return None
    x, y, own = x[known], y[known], own[known]
    middle = np.cos(np.radians(np.median(y)))
    used, own = np.unique(own, return_inverse=True)
    flat = shapely.transform(areas[used], lambda xy: xy * [_M_PER_DEG * middle, _M_PER_DEG])
    edges = shapely.boundary(flat)
    shapely.prepare(flat)
    shapely.prepare(edges)

    def plane(east: Floats, north: Floats) -> NDArray[np.object_]:
        return np.asarray(shapely.points(east * _M_PER_DEG * middle, north * _M_PER_DEG))

    near = np.flatnonzero(shapely.dwithin(edges[own], plane(x, y), _EDGE_M))
    near = near[:: max(1, -(-len(near) // _EDGE_POINTS))]
    x, y, own = x[near], y[near], own[near]
    cells = np.floor(np.column_stack([x * middle, y]) * _M_PER_DEG / _EDGE_BLOCK_M)
    _, block = np.unique(cells, axis=0, return_inverse=True)
    block = block.reshape(-1)
    if len(block) == 0 or block.max() + 1 < _LEAST_BLOCKS:
        return None

    def likelihood(east: Floats, north: Floats) -> Floats:
        """Mean log likelihood of each block."""
        there = plane(east, north)
        away = shapely.distance(edges[own], there)
        inside = np.where(shapely.intersects(flat[own], there), away, -away)
        belief = _STRAY + (1 - _STRAY) / (1 + np.exp(-inside / _SURE_M))
        return np.asarray(np.bincount(block, np.log(belief)) / np.bincount(block))

    found = {"": likelihood(x, y)}
    for name, undone in (("GCJ-02", gcj02_to_wgs84), ("BD-09", bd09_to_wgs84)):
        there = undone(x, y)
        found[name] = likelihood(*there)
        east, north = (there[0] - x) * middle, there[1] - y
        for turn in _AREA_TURNS_DEG:
            c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            found[f"{name} {turn}°"] = likelihood(
                x + (c * east - s * north) / middle, y + s * east + c * north
            )
    for name in ("GCJ-02", "BD-09"):
        if min(_z(found[name] - other) for key, other in found.items() if key != name) >= _AREA_Z:
            return "GCJ-02" if name == "GCJ-02" else "BD-09"
    return None


def _z(difference: Floats) -> float:
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return float(difference.mean() / max(error, 1e-12))
