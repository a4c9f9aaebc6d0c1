"""Positions that are kept but say little: a stand-in, the sea, another county, one place for many."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geo.datums import bd09_to_wgs84, gcj02_to_wgs84
from geo.offsets import find_area_shift
from layers.addresses import find_units
from layers.admin import OUTLINE_M, counties, county_of, sea_and_abroad, units
from layers.sources.checked import Rows
from layers.sources.same_place import sharing_rows

__all__ = ["COUNTRY_POINTS", "MANY_FIRMS", "check_positions"]

Flags = NDArray[np.bool_]

COUNTRY_POINTS = (
    (104.195397, 35.86166), (114.109497, 22.396428), (113.543873, 22.198745), (120.960515, 23.69781),
    (105.0, 35.0),
)  # fmt: skip
"""Longitude and latitude that geocoders give for no more than “China”, “Hong Kong”, “Macau”, “Taiwan”
(Google's canonical list of countries), and the round figures of The World Factbook."""
MANY_FIRMS = 5
"""From this number on firms at one address or on one point are worth a word."""
_SAME_DEG = 1e-4
_M_PER_DEG = 111_320.0
_KINDS = ("any", "firms", "facilities")
_PLACED_BY_ADDRESS = ("LOCATED_BY_COUNTY", "LOCATED_BY_CITY")


def check_positions(rows: Rows, roles: Mapping[str, str], kind: str) -> None:
    """Flag positions that cannot mean what they say; none is moved.

    Parameters
    ----------
    rows : Rows
        Placed. Flags are added: CENTROID_FALLBACK, SAME_ADDRESS, IN_SEA,
        OUTSIDE_CHINA (across a border on land), OTHER_COUNTY and, to all
        points alike, LOOKS_SHIFTED.
    roles : mapping of str to str
        Role → column; the address counts where there is one.
    kind : str
        What the rows are; only points of firms, facilities and of anything are looked at.

    Notes
    -----
    O(n log n). Rows that were placed by their address are passed over: their place says so itself.
    """
    if kind not in _KINDS:
        return
    looked_at = rows.good & (shapely.get_type_id(rows.shapes) == 0)
    for code in _PLACED_BY_ADDRESS:
        looked_at &= ~rows.flagged(code)
    places = np.flatnonzero(looked_at)
    if not len(places):
        return
    lon, lat = rows.lon[places], rows.lat[places]
    _flag(rows, places, _stand_ins(lon, lat), "CENTROID_FALLBACK")
    sea, abroad = sea_and_abroad(lon, lat)
    _flag(rows, places, sea, "IN_SEA")
    _flag(rows, places, abroad, "OUTSIDE_CHINA")
    shared = sharing_rows(lon, lat)
    many = _shared(pd.DataFrame({"lon": lon[shared], "lat": lat[shared]}, index=shared), "lon", len(places))
    if "address" in roles:
        address = rows.source[roles["address"]].iloc[places].str.strip().reset_index(drop=True)
        many |= _shared(address[address != ""].to_frame("address"), "address", len(places))
        named = find_units(address)["adcode"]
        _flag(rows, places, _elsewhere(lon, lat, named), "OTHER_COUNTY")
        _flag(rows, places, np.full(len(places), _are_shifted(lon, lat, named)), "LOOKS_SHIFTED")
    if kind != "facilities":
        _flag(rows, places, many, "SAME_ADDRESS")


def _flag(rows: Rows, places: NDArray[np.intp], hit: Flags, code: str) -> None:
    if hit.any():
        rows.flag(rows.at(places[hit]), code)


def _stand_ins(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Flags:
    """Whether points lie, to 10 m, where a geocoder puts what it cannot find.

    The stand-ins are taken as WGS 84 and as GCJ-02 and BD-09 that have been undone.
    """
    table = units()
    country = np.array(COUNTRY_POINTS)
    x, y = np.append(country[:, 0], table["lon"]), np.append(country[:, 1], table["lat"])
    known = np.vstack(
        [np.column_stack([x, y]), np.column_stack(gcj02_to_wgs84(x, y)), np.column_stack(bd09_to_wgs84(x, y))]
    )
    # A cell of the grid and those around it are as many whole numbers: a million rows are one look-up.
    cells = np.floor(known / _SAME_DEG).astype(np.int64)
    around = np.array([(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)])
    own = np.column_stack([lon, lat])
    close = np.isin(_key(np.floor(own / _SAME_DEG).astype(np.int64)), _key(cells[:, None, :] + around))
    if close.any():
        away, _ = cKDTree(known).query(own[close], p=np.inf)
        close[close] = away <= _SAME_DEG
    return close


def _key(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(cells[..., 0] * 10_000_000 + cells[..., 1])


def _shared(table: pd.DataFrame, column: str, count: int) -> Flags:
    """Which of so many rows share all columns of the table with enough others."""
    hit = np.zeros(count, dtype=bool)
    repeated = table[table.duplicated(keep=False)]
    if len(repeated):
        sizes = repeated.groupby(list(table.columns), sort=False)[column].transform("size")
        hit[repeated.index[sizes >= MANY_FIRMS]] = True
    return hit


def _are_shifted(lon: NDArray[np.float64], lat: NDArray[np.float64], unit: pd.Series) -> bool:
    """Whether points lie in the counties that their addresses name only when a web map's shift is undone."""
    named, names = pd.factorize(unit)
    number = pd.Index(counties().adcode).get_indexer(names)
    return find_area_shift(lon, lat, number[named], counties().shapes) is not None


def _elsewhere(lon: NDArray[np.float64], lat: NDArray[np.float64], unit: pd.Series) -> Flags:
    """Whether points lie in another county or city than their addresses name, and not just beside it."""
    named, names = pd.factorize(unit)
    here, codes = pd.factorize(county_of(lon, lat))
    # Of all pairs of a unit named and a county found there are few different ones.
    pairs, own = np.unique(named * len(codes) + here, return_inverse=True)
    wanted, found = names[pairs // len(codes)], codes[pairs % len(codes)]
    unlike = [
        bool(one) and bool(two) and one not in _units_above(two)
        for one, two in zip(wanted, found, strict=True)
    ]
    suspect = np.flatnonzero(np.array(unlike, dtype=bool)[own])
    hit = np.zeros(len(lon), dtype=bool)
    hit[suspect] = True
    shapes = _shapes_of()
    for number in np.unique(named[suspect]):  # near the line the neighbour may be meant
        there = suspect[named[suspect] == number]
        hit[there] = ~_near(lon[there], lat[there], shapes.get(str(names[number]), []))
    return hit


@functools.lru_cache(maxsize=4_000)
def _units_above(county: str) -> frozenset[str]:
    """A county's code and those of the city and the province above it."""
    above = _parents()
    city = above.get(county, "")
    return frozenset({county, city, above.get(city, "")}) - {""}


@functools.lru_cache(maxsize=1)
def _parents() -> dict[str, str]:
    return {str(code): str(parent) for code, parent in units()["parent"].items()}


@functools.lru_cache(maxsize=1)
def _shapes_of() -> dict[str, list[shapely.Geometry]]:
    """Code of a county, city or province → its counties' outlines."""
    found: dict[str, list[shapely.Geometry]] = {}
    for code, shape in zip(counties().adcode, counties().shapes, strict=True):
        for unit in _units_above(str(code)):
            found.setdefault(unit, []).append(shape)
    return found


def _near(lon: NDArray[np.float64], lat: NDArray[np.float64], shapes: list[shapely.Geometry]) -> Flags:
    """Whether points lie within `OUTLINE_M` of shapes; a little more to the north and south."""
    near = np.zeros(len(lon), dtype=bool)
    for shape in shapes:
        wide = OUTLINE_M / (_M_PER_DEG * np.cos(np.radians(lat)))
        west, south, east, north = shape.bounds
        close = (lon >= west - wide) & (lon <= east + wide) & (lat >= south - wide) & (lat <= north + wide)
        close &= ~near
        if close.any():
            near[close] = shapely.dwithin(shape, shapely.points(lon[close], lat[close]), wide[close])
    return near
