"""Provinces, cities and counties: their names, a point on each, and which county a point lies in."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from data import REFERENCE
from geo.area import CHINA_BOUNDS_DEG, StudyArea

__all__ = [
    "BORDER_M",
    "CITY",
    "COAST",
    "COAST_M",
    "COUNTY",
    "LAND_BORDER",
    "OUTLINE_M",
    "PROVINCE",
    "TEN_DASH",
    "Counties",
    "counties",
    "county_of",
    "off_land_m",
    "sea_and_abroad",
    "stored_outlines",
    "units",
]

COUNTY, CITY, PROVINCE, COAST, LAND_BORDER, TEN_DASH = range(6)
"""What a stretch of the outlines for maps divides; the first three lie within the country."""
OUTLINE_M = 700.0
"""Nineteen of twenty points on these outlines lie within this of those of a finer source (docs/data.md)."""
COAST_M = 3_000.0
"""Quays and new land lie up to so far outside the coast as it is drawn; of a hundred places, one more."""
BORDER_M = 2_000.0
"""Nearer to a border on land than this, as it is drawn, a point may lie on either side."""
_WEST, _SOUTH, _CELL = 73.0, 3.0, 0.025
_TOLD_M = 100_000.0
_SQUARE_M, _TOUCH = 500.0, 1e-9


@functools.lru_cache(maxsize=1)
def units() -> pd.DataFrame:
    """Return every unit of data/reference/admin_units.csv, by its code.

    Returns
    -------
    DataFrame
        Index adcode (text of six digits); level (province, city, county), name, short (name without
        what kind of unit it is, empty where that is one character), parent (adcode, empty
        for a province), lon, lat (degrees, CGCS2000): a point inside the unit, not its seat.
    """
    table = pd.read_csv(REFERENCE / "admin_units.csv", dtype=str, keep_default_na=False, index_col="adcode")
    return table.astype({"lon": float, "lat": float})


def stored_points(stored: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Return the points of a file of outlines, which holds differences from one to the next.

    Parameters
    ----------
    stored : mapping of str to ndarray
        ``xy``: bytes of n differences in longitude and latitude, shape (2, 4, n);
        ``steps_in_degree``: what they are counted in.

    Returns
    -------
    ndarray of shape (n, 2), degrees
    """
    steps = np.ascontiguousarray(stored["xy"].transpose(2, 0, 1)).view("<i4")[:, :, 0]
    return np.asarray(np.cumsum(steps, axis=0, dtype=np.int64) / int(stored["steps_in_degree"]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counties:
    """Outlines of n counties, and what makes looking them up fast.

    Attributes
    ----------
    adcode : ndarray of shape (n,), text of six digits
    shapes : ndarray of n MultiPolygon, degrees CGCS2000
    cells : ndarray of int16
        Of a grid over the country: number from 1 of the county that holds the whole cell, 0 where
        an outline runs through it, -1 where there is none.
    tree : STRtree of `shapes`
    """

    adcode: NDArray[np.str_]
    shapes: NDArray[np.object_]
    cells: NDArray[np.int16]
    tree: shapely.STRtree


@functools.lru_cache(maxsize=1)
def counties() -> Counties:
    """Return the county outlines of data/reference/admin_counties.npz.

    Notes
    -----
    Cities without counties (东莞, 中山, 儋州, 嘉峪关) and Macau are among them under their own codes.
    """
    with np.load(REFERENCE / "admin_counties.npz", allow_pickle=False) as stored:
        offsets = tuple(stored[name].astype(np.int64) for name in ("ring", "polygon", "unit"))
        made = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, stored_points(stored), offsets)
        shapes = np.asarray(made, dtype=object)
        shapely.prepare(shapes)
        return Counties(
            adcode=stored["adcode"].astype("U6"),
            shapes=shapes,
            cells=stored["cells"],
            tree=shapely.STRtree(shapes),
        )


def county_of(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.str_]:
    """Tell in which county points lie.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)
        Degrees, CGCS2000 or WGS 84, which are the same here. What is not finite lies nowhere.

    Returns
    -------
    ndarray of shape (n,), text
        adcode; empty where no county of China is. A point on a line between two counties is
        given to the one with the lower code.

    Notes
    -----
    The outlines are generalised: within `OUTLINE_M` of one the neighbour may be meant. O(n) for points
    whose cell of 0.025° lies in one county as a whole, about nine of ten; the rest are tried against
    the outlines near them. A million points take about half a second.
    """
    found = counties()
    number = _county_numbers(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    names = np.append(found.adcode, "")
    return np.asarray(names[number])


def off_land_m(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Tell how far points lie outside the counties, and whether what they left is a coast.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)

    Returns
    -------
    distance_m : ndarray of shape (n,)
        0 inside a county; to within 2 %.
    by_coast : ndarray of shape (n,), bool
        Whether the nearest stretch of the outline is a coast, not a border on land; false inside.

    Notes
    -----
    O(m log k) for m points outside and k stretches of the outline.
    """
    x, y = (np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in (lon, lat))
    distance, by_coast = np.zeros(len(x)), np.zeros(len(x), dtype=bool)
    outside = _outside(x, y)
    if len(outside):
        coast, border = _to_outlines(_all_china().metric_xy(x[outside], y[outside]))
        distance[outside] = np.minimum(coast, border)
        by_coast[outside] = coast < border
    return distance, by_coast


def sea_and_abroad(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell at once which points lie in the sea off China, beyond doubt, and which across a border on land.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)

    Returns
    -------
    sea, abroad : ndarray of shape (n,), bool
        At sea is what lies in no county, more than `COAST_M` from a coast and at most 100 km off it:
        farther out another country's land could be meant, which these outlines do not know. Abroad is
        what lies in no county, nearer to a border than to a coast and more than `BORDER_M` beyond it.
    """
    x, y = (np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in (lon, lat))
    sea, abroad = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    outside = _outside(x, y)
    if len(outside):
        sea[outside], abroad[outside] = _settle(_all_china().metric_xy(x[outside], y[outside]))
    return sea, abroad


def _settle(xy: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of n places outside all counties lie in the sea, and which across a border.

    Many places share few squares: what holds for a square as a whole is asked once.
    """
    numbers = np.floor(xy / _SQUARE_M).astype(np.int64)
    _, first, own = np.unique(numbers[:, 0] * 2**32 + numbers[:, 1], return_index=True, return_inverse=True)
    middles = np.asarray((numbers[first] + 0.5) * _SQUARE_M, dtype=np.float64)
    coast, border = _to_outlines(middles)
    reach = _SQUARE_M / math.sqrt(2)  # of a place from the middle of its square
    cuts = [coast - border, coast - COAST_M, coast - _TOLD_M, border - BORDER_M]
    is_sure = np.all([np.abs(cut) > 2 * reach for cut in cuts], axis=0)
    coast, border = coast[own], border[own]
    open_ = np.flatnonzero(~is_sure[own])
    coast[open_], border[open_] = _to_outlines(xy[open_])
    sea = (coast < border) & (coast > COAST_M) & (coast <= _TOLD_M)
    return sea, (coast >= border) & (border > BORDER_M)


def _outside(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.intp]:
    """Positions of the points that lie in no county."""
    return np.flatnonzero((_county_numbers(lon, lat) == -1) & np.isfinite(lon) & np.isfinite(lat))


def _county_numbers(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position of the county in `counties`, -1 where there is none."""
    found = counties()
    high, wide = found.cells.shape
    with np.errstate(invalid="ignore"):
        column, row = np.floor((lon - _WEST) / _CELL), np.floor((lat - _SOUTH) / _CELL)
        inside = (column >= 0) & (column < wide) & (row >= 0) & (row < high)  # false where not finite
    cell = np.full(lon.shape, -1, dtype=np.int64)
    cell[inside] = found.cells[row[inside].astype(np.int64), column[inside].astype(np.int64)]
    number = np.where(cell > 0, cell - 1, -1)
    open_ = np.flatnonzero(cell == 0)
    if len(open_):
        # The counties that a cell touches are looked up once for all points in it.
        x, y = lon[open_], lat[open_]
        names, own = np.unique(row[open_] * wide + column[open_], return_inverse=True)
        south, west = _SOUTH + names // wide * _CELL, _WEST + names % wide * _CELL
        where, county = found.tree.query(
            shapely.box(west - _TOUCH, south - _TOUCH, west + _CELL + _TOUCH, south + _CELL + _TOUCH)
        )
        order = np.lexsort((county, where))
        county, begin = county[order], np.searchsorted(where[order], np.arange(len(names) + 1))
        left = np.arange(len(open_))
        for nth in range(int(np.diff(begin).max(initial=0))):  # the lowest code first
            at = begin[own[left]] + nth
            left, at = left[at < begin[own[left] + 1]], at[at < begin[own[left] + 1]]
            hit = shapely.intersects_xy(found.shapes[county[at]], x[left], y[left])
            number[open_[left[hit]]] = county[at[hit]]
            left = left[~hit]
    return number


@functools.lru_cache(maxsize=1)
def _all_china() -> StudyArea:
    """In Lambert's conformal cone, standard parallels 25° and 47°: distances to 2 %."""
    west, south, east, north = CHINA_BOUNDS_DEG
    return StudyArea.around((west, east), (south, north))


def _to_outlines(xy: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances of places in metres of all China from the coast and from the border on land."""
    points = shapely.points(xy)
    coast, border = (
        tree.query_nearest(points, all_matches=False, return_distance=True)[1] for tree in _outer_lines()
    )
    return coast, border


@functools.lru_cache(maxsize=1)
def _outer_lines() -> tuple[shapely.STRtree, shapely.STRtree]:
    """Stretches of outline with a county on one side alone, in metres: the coast, the border on land."""
    with np.load(REFERENCE / "admin_counties.npz", allow_pickle=False) as stored:
        begin, is_coast = np.cumsum(stored["outer"], dtype=np.int64), stored["coast"].astype(bool)
        xy = _all_china().metric_xy(*stored_points(stored).T)
    stretches = shapely.linestrings(np.stack([xy[begin], xy[begin + 1]], axis=1))
    return shapely.STRtree(stretches[is_coast]), shapely.STRtree(stretches[~is_coast])


@functools.lru_cache(maxsize=1)
def stored_outlines() -> tuple[NDArray[np.uint8], NDArray[np.object_]]:
    """Return the outlines for maps: what each divides (`COUNTY` to `TEN_DASH`), and its line in degrees."""
    with np.load(REFERENCE / "admin_outlines.npz", allow_pickle=False) as stored:
        offsets = (stored["line"].astype(np.int64),)
        lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, stored_points(stored), offsets)
        return stored["kind"], np.asarray(lines, dtype=object)
