"""Roads and borders of China as a backdrop: something to find one's way by where there are no tiles."""

from __future__ import annotations

import functools

import numpy as np
import shapely
from numpy.typing import NDArray

from data import REFERENCE
from layers.admin import CITY, COUNTY, stored_outlines

__all__ = ["border_lines", "border_segments", "road_segments", "room_around"]

Bounds = tuple[float, float, float, float]
_COUNTRY_STEP_DEG = 0.03
"""About a third of a pixel where the whole country is seen."""
_WIDE_DEG, _MARGIN_DEG = 10.0, 0.5
"""What spans more is shown with the whole country, all else with this much around it, or its own size."""

_STEP_E3 = 100  # 0.1°: about one pixel of a map on which the whole country is seen

_MOST_CELLS = 10_000  # more than there are cells between the poles
_BITS = 31


@functools.lru_cache(maxsize=1)
def _roads() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Nodes (n, 2) in thousandths of a degree, and node numbers of the edges (m, 2)."""
    with np.load(REFERENCE / "china_roads_coarse.npz", allow_pickle=False) as stored:
        nodes = np.column_stack([stored["lon_e3"], stored["lat_e3"]])
        return nodes, np.column_stack([stored["u"], stored["v"]]).astype(np.int64)


def road_segments(bounds_deg: Bounds | None = None) -> NDArray[np.float64]:
    """Return the built-in coarse roads as straight pieces.

    Parameters
    ----------
    bounds_deg : tuple of float, optional
        West, south, east, north: pieces with an end inside, as they are stored (to about 100 m).
        By default the whole country, its nodes moved to a grid of 0.1° and what falls together
        merged: a picture, not data.

    Returns
    -------
    ndarray of shape (m, 4)
        Longitude and latitude of both ends, degrees WGS 84; no piece twice.

    Notes
    -----
    OpenStreetMap contributors, ODbL; see NOTICE. O(m log m) in the number of pieces.
    """
    nodes, ends = _roads()
    if bounds_deg is None:
        cells = (nodes + _STEP_E3 // 2) // _STEP_E3
        ends = (cells[:, 0] * _MOST_CELLS + cells[:, 1]).astype(np.int64)[ends]
    else:
        west, south, east, north = (value * 1_000 for value in bounds_deg)
        lon, lat = nodes.T
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        ends = ends[inside[ends].any(axis=1)]
    low, high = ends.min(axis=1), ends.max(axis=1)
    pairs = np.unique((low << _BITS | high)[low != high])
    ends = np.column_stack([pairs >> _BITS, pairs & (1 << _BITS) - 1])
    if bounds_deg is None:
        nodes_deg = np.stack([ends // _MOST_CELLS, ends % _MOST_CELLS], axis=-1) * (_STEP_E3 / 1_000)
    else:
        nodes_deg = nodes[ends] / 1_000
    pieces: NDArray[np.float64] = np.asarray(nodes_deg, dtype=np.float64).reshape(-1, 4)
    return pieces


def room_around(bounds_deg: Bounds | None) -> Bounds | None:
    """Return the part of the country that a map of some bounds shows; None for all of it."""
    if bounds_deg is None:
        return None
    west, south, east, north = bounds_deg
    span = max(east - west, north - south)
    if span > _WIDE_DEG:
        return None
    margin = max(_MARGIN_DEG, span)
    return (west - margin, south - margin, east + margin, north + margin)


@functools.lru_cache(maxsize=8)
def border_lines(
    bounds_deg: Bounds | None = None,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the built-in borders as lines: a sketch that nobody has reviewed.

    Parameters
    ----------
    bounds_deg : tuple of float, optional
        West, south, east, north: lines are cut to them. By default the whole country without cities
        and counties, simplified to what is seen where all of it is shown.

    Returns
    -------
    main : ndarray of LineString
        Coast with Taiwan and the islands, land border, provinces and the ten dashes of the South China
        Sea; degrees, CGCS2000.
    minor : ndarray of LineString
        Borders of cities and counties; none for the whole country.

    Notes
    -----
    Source and precision: docs/data.md. O(n) in the number of corners.
    """
    kind, lines = stored_outlines()
    is_minor = np.isin(kind, (CITY, COUNTY))
    if bounds_deg is None:
        main = shapely.simplify(lines[~is_minor], _COUNTRY_STEP_DEG)
        return np.asarray(main[shapely.length(main) > 0], dtype=object), np.empty(0, dtype=object)
    return _cut(lines[~is_minor], bounds_deg), _cut(lines[is_minor], bounds_deg)


def border_segments(bounds_deg: Bounds | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `border_lines` as straight pieces.

    Returns
    -------
    main, minor : ndarrays of shape (m, 4)
        Longitude and latitude of both ends, degrees.
    """
    main, minor = border_lines(bounds_deg)
    return _pieces(main), _pieces(minor)


def _cut(lines: NDArray[np.object_], bounds_deg: Bounds) -> NDArray[np.object_]:
    """What of some lines lies within bounds."""
    near = lines[shapely.intersects(lines, shapely.box(*bounds_deg))]
    parts = np.asarray(shapely.get_parts(shapely.clip_by_rect(near, *bounds_deg)), dtype=object)
    cut: NDArray[np.object_] = parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING]
    return cut


def _pieces(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    if not len(lines):
        return np.empty((0, 4))
    xy, line = shapely.get_coordinates(lines, return_index=True)
    whole = line[1:] == line[:-1]
    return np.hstack([xy[:-1][whole], xy[1:][whole]])
