"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from WGS 84.

Converted once, on entry. The forward formulas are the published ones (they were never released
officially; the constants are those of every open implementation); the inverse is iterated until
it moves by less than a tenth of a millimetre.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["bd09_to_wgs84", "gcj02_to_wgs84", "wgs84_to_bd09", "wgs84_to_gcj02"]

Floats = NDArray[np.float64]

_A = 6_378_245.0  # semi-major axis of the Krasovsky 1940 ellipsoid, m
_EE = 0.006_693_421_622_965_943
_X_PI = np.pi * 3000.0 / 180.0
_TOLERANCE_DEG = 1e-9  # 0.1 mm
_MAX_ROUNDS = 30
_BOUNDS_DEG = (72.004, 0.8293, 137.8347, 55.8271)
"""Outside these the shift is not applied (west, south, east, north), as in every implementation."""


def wgs84_to_gcj02(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS 84 longitude and latitude (degrees, any shape) to GCJ-02.

    Notes
    -----
    O(n). Outside China's bounding box the coordinates are returned as they are.
    """
    lon, lat = np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    d_lat = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
        + (wave + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
        + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    d_lon = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
        + (wave + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
        + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    )  # fmt: skip
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    d_lat = d_lat * 180.0 / (_A * (1.0 - _EE) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180.0 / (_A / np.sqrt(magic) * np.cos(phi) * np.pi)
    west, south, east, north = _BOUNDS_DEG
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def gcj02_to_wgs84(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Undo `wgs84_to_gcj02` by fixed-point iteration, to better than a millimetre.

    Notes
    -----
    The shift changes by less than 1 % of the step, so each round gains two digits or more;
    O(n) with fewer than ten rounds.
    """
    lon, lat = np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    west, south, east, north = _BOUNDS_DEG
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(_MAX_ROUNDS):
        there_lon, there_lat = wgs84_to_gcj02(guess_lon, guess_lat)
        step_lon, step_lat = np.where(inside, lon - there_lon, 0.0), np.where(inside, lat - there_lat, 0.0)
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        if max(np.abs(step_lon).max(initial=0.0), np.abs(step_lat).max(initial=0.0)) < _TOLERANCE_DEG:
            break
    return guess_lon, guess_lat


def wgs84_to_bd09(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS 84 to BD-09 (Baidu), degrees."""
    return _gcj02_to_bd09(*wgs84_to_gcj02(lon_deg, lat_deg))


def bd09_to_wgs84(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Undo `wgs84_to_bd09`, to better than a millimetre."""
    lon, lat = np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)
    guess_lon, guess_lat = lon - 0.0065, lat - 0.006
    for _ in range(_MAX_ROUNDS):
        there_lon, there_lat = _gcj02_to_bd09(guess_lon, guess_lat)
        step_lon, step_lat = lon - there_lon, lat - there_lat
        guess_lon, guess_lat = guess_lon + step_lon, guess_lat + step_lat
        if max(np.abs(step_lon).max(initial=0.0), np.abs(step_lat).max(initial=0.0)) < _TOLERANCE_DEG:
            break
    return gcj02_to_wgs84(guess_lon, guess_lat)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
