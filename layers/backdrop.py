"""The coarse roads of China as a backdrop: something to find one's way by where there are no tiles."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from data import REFERENCE

__all__ = ["road_segments"]

_STEP_E3 = 100  # 0.1°: about one pixel of a map on which the whole country is seen

_MOST_CELLS = 10_000  # more than there are cells between the poles
_BITS = 31


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
