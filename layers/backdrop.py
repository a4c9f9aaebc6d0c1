"""The coarse roads of China as a backdrop: something to find one's way by where there are no tiles."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from data import REFERENCE

__all__ = ["road_segments"]

_STEP_E3 = 100  # 0.1°: about one pixel of a map on which the whole country is seen


@functools.lru_cache(maxsize=1)
def _roads() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Nodes (n, 2) in thousandths of a degree, and node numbers of the edges (m, 2)."""
    with np.load(REFERENCE / "china_roads_coarse.npz", allow_pickle=False) as stored:
        nodes = np.column_stack([stored["lon_e3"], stored["lat_e3"]])
        return nodes, np.column_stack([stored["u"], stored["v"]]).astype(np.int64)


def road_segments(bounds_deg: tuple[float, float, float, float] | None = None) -> NDArray[np.float64]:
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
        nodes = (nodes + _STEP_E3 // 2) // _STEP_E3 * _STEP_E3
        pieces = nodes[ends].reshape(-1, 4)
    else:
        west, south, east, north = (value * 1_000 for value in bounds_deg)
        lon, lat = nodes.T
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        pieces = nodes[ends[inside[ends].any(axis=1)]].reshape(-1, 4)
    turned = (pieces[:, 0] > pieces[:, 2]) | ((pieces[:, 0] == pieces[:, 2]) & (pieces[:, 1] > pieces[:, 3]))
    pieces = np.where(turned[:, None], pieces[:, [2, 3, 0, 1]], pieces)
    pieces = pieces[(pieces[:, :2] != pieces[:, 2:]).any(axis=1)]
    return np.unique(pieces, axis=0) / 1_000.0
