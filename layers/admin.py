"""Provinces, cities and counties: their names, a point on each, and which county a point lies in."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from data import REFERENCE
from geo.area import CHINA_BOUNDS_DEG, WGS84, StudyArea

__all__ = [
    "CITY",
    "COAST",
    "COAST_M",
    "COUNTY",
    "LAND_BORDER",
    "OUTLINE_M",
    "PROVINCE",
    "TEN_DASH",
    "Counties",
    "at_sea",
    "counties",
    "county_of",
    "off_land_m",
    "stored_outlines",
    "units",
]

COUNTY, CITY, PROVINCE, COAST, LAND_BORDER, TEN_DASH = range(6)
"""What a stretch of the outlines for maps divides; the first three lie within the country."""
OUTLINE_M = 700.0
"""Nineteen of twenty points on these outlines lie within this of those of a finer source (docs/data.md)."""
COAST_M = 3_000.0
"""Quays and new land lie up to so far outside the coast as it is drawn; of a hundred places, one more."""
_WEST, _SOUTH, _CELL = 73.0, 3.0, 0.025
_TOLD_M = 100_000.0


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
    outside = np.flatnonzero((_county_numbers(x, y) == -1) & np.isfinite(x) & np.isfinite(y))
    if len(outside):
        tree, coast = _outer_line()
        points = shapely.points(_plane(x[outside], y[outside]))
        nearest, away = tree.query_nearest(points, all_matches=False, return_distance=True)
        distance[outside] = away
        by_coast[outside] = coast[nearest[1]]
    return distance, by_coast


def at_sea(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points lie in the sea off China, beyond doubt.

    Parameters
    ----------
    lon, lat : array-like of shape (n,)

    Returns
    -------
    ndarray of shape (n,), bool
        True for what lies in no county, more than `COAST_M` from a coast and at most 100 km off it.
        Farther out another country's land could be meant, which these outlines do not know.
    """
    distance, by_coast = off_land_m(lon, lat)
    return by_coast & (distance > COAST_M) & (distance <= _TOLD_M)


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
        x, y = lon[open_], lat[open_]
        point, county = found.tree.query(shapely.points(x, y))
        hit = shapely.intersects_xy(found.shapes[county], x[point], y[point])
        lowest = np.full(len(open_), len(found.adcode), dtype=np.int64)
        np.minimum.at(lowest, point[hit], county[hit])
        number[open_] = np.where(lowest < len(found.adcode), lowest, -1)
    return number


@functools.lru_cache(maxsize=1)
def _all_china() -> StudyArea:
    """In Lambert's conformal cone, standard parallels 25° and 47°: distances to 2 %."""
    west, south, east, north = CHINA_BOUNDS_DEG
    return StudyArea.around((west, east), (south, north))


def _plane(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees in metres of all China, shape (n, 2)."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=WGS84)
    xy: NDArray[np.float64] = shapely.get_coordinates(_all_china().to_metric(points).geometry.to_numpy())
    return xy


@functools.lru_cache(maxsize=1)
def _outer_line() -> tuple[shapely.STRtree, NDArray[np.bool_]]:
    """Stretches of outline with a county on one side alone, in metres, and which of them are a coast."""
    with np.load(REFERENCE / "admin_counties.npz", allow_pickle=False) as stored:
        begin = np.cumsum(stored["outer"], dtype=np.int64)
        xy = _plane(*stored_points(stored).T)
        return shapely.STRtree(shapely.linestrings(np.stack([xy[begin], xy[begin + 1]], axis=1))), stored[
            "coast"
        ]


@functools.lru_cache(maxsize=1)
def stored_outlines() -> tuple[NDArray[np.uint8], NDArray[np.object_]]:
    """Return the outlines for maps: what each divides (`COUNTY` to `TEN_DASH`), and its line in degrees."""
    with np.load(REFERENCE / "admin_outlines.npz", allow_pickle=False) as stored:
        offsets = (stored["line"].astype(np.int64),)
        lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, stored_points(stored), offsets)
        return stored["kind"], np.asarray(lines, dtype=object)
