"""Coordinates as people write them, into longitude and latitude in WGS 84, or a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.area import CHINA_BOUNDS_DEG
from geo.datums import bd09_to_wgs84, gcj02_to_wgs84
from geo.errors import N_, ChoiceError, CrsError, Option

__all__ = ["Crs", "in_china_box", "parse_crs", "parse_numbers", "points_to_wgs84", "shapes_to_wgs84"]

_DMS = re.compile(
    r"^\s*(?P<side>[NSEW]|[东西]经?|[南北]纬?)?\s*(?P<deg>\d{1,3})\s*[°度d]\s*(?:(?P<min>\d{1,2}(?:\.\d+)?)\s*['′’分m]\s*)?"
    r"(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒s]|'')?\s*)?(?P<end>[NSEW东西南北])?\s*$",
    re.IGNORECASE,
)
_SIDED = re.compile(
    r"^(?P<side>[NSEW]|[东西]经?|[南北]纬?)?\s*(?P<deg>\d{1,3}\.\d+|\d{1,3})\s*[°度]?\s*(?P<end>[NSEW东西南北])?$",
    re.IGNORECASE,
)
_FULL_WIDTH = {ord("０") + place: str(place) for place in range(10)} | str.maketrans(
    "．，－＋　−\xa0ＥＷＮＳ", ".,-+ - EWNS"
)
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
_WEB_MAPS = {
    "GCJ02": "GCJ-02",
    "GCJ": "GCJ-02",
    "火星坐标": "GCJ-02",
    "BD09": "BD-09",
    "BD09LL": "BD-09",
    "百度坐标": "BD-09",
}
_GEOGRAPHIC = {"WGS84": "EPSG:4326", "WGS1984": "EPSG:4326", "CGCS2000": "EPSG:4490"}
_SAME_DATUM = ("World Geodetic System 1984", "China 2000", "China Geodetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crs:
    """A coordinate system as the user or the file names it.

    Attributes
    ----------
    name : str
        ``EPSG:4326``, ``GCJ-02``, ``BD-09`` …
    crs : pyproj.CRS or None
        None for the web maps' shifted systems.
    """

    name: str
    crs: pyproj.CRS | None

    @property
    def in_degrees(self) -> bool:
        """Whether its coordinates are longitudes and latitudes."""
        return self.crs is None or bool(self.crs.is_geographic)

    @property
    def approximate(self) -> bool:
        """Whether its datum has no public tie to WGS 84 (Xi'an 80, Beijing 54 …)."""
        if self.crs is None:
            return False
        datum = self.crs.datum.name if self.crs.datum is not None else self.crs.geodetic_crs.name  # type: ignore[union-attr]
        return not any(known in datum.replace("_", " ") for known in _SAME_DATUM)

    @property
    def home_deg(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the area that a projection is meant for, if it says so."""
        if self.in_degrees or self.crs is None or self.crs.area_of_use is None:
            return None
        west, south, east, north = self.crs.area_of_use.bounds
        return (float(west), float(south), float(east), float(north))

    @property
    def zone_prefix(self) -> int | None:
        """The millions of the easting where they are the number of the zone (39 in 39 542 000)."""
        operation = None if self.in_degrees or self.crs is None else self.crs.coordinate_operation
        for parameter in operation.params if operation is not None else ():
            if parameter.name == "False easting" and float(parameter.value) >= 1e6:
                return int(float(parameter.value) // 1e6)
        return None


def parse_crs(text: str) -> Crs:
    """Understand ``EPSG:n``, WGS84, CGCS2000, GCJ-02, BD-09 or any definition that PROJ reads.

    Raises
    ------
    CrsError
        If nobody knows it.
    """
    plain = re.sub(r"[\s_-]", "", text).upper()
    if plain in _WEB_MAPS:
        return Crs(name=_WEB_MAPS[plain], crs=None)
    name = _GEOGRAPHIC.get(plain, text.strip())
    try:
        crs = pyproj.CRS.from_user_input(int(name) if name.isdigit() else name)
    except (pyproj.exceptions.CRSError, ValueError):
        raise CrsError(
            N_("unknown coordinate system “{crs}”"),
            hint=N_("give EPSG:n, WGS84, CGCS2000, GCJ-02 or BD-09"),
            where="--crs",
            crs=text,
        ) from None
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(
            N_("“{crs}” is no system of longitudes and latitudes and no projection of them"),
            hint=N_("give EPSG:n, WGS84, CGCS2000, GCJ-02 or BD-09"),
            where="--crs",
            crs=crs.name,
        )
    authority = crs.to_authority(min_confidence=100)
    return Crs(name=":".join(authority) if authority else crs.name, crs=crs)


def parse_numbers(texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Read decimal numbers and degrees–minutes–seconds.

    Parameters
    ----------
    texts : sequence of n str
        Full-width digits, thousands separators and a degree sign are understood.

    Returns
    -------
    values : ndarray of shape (n,)
        NaN where there is none.
    codes : ndarray of shape (n,)
        Empty, or MISSING_COORD, BAD_NUMBER, NONFINITE_COORD.
    """
    series = pd.Series(list(texts), dtype="object")
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    codes = np.full(len(series), "", dtype=object)
    rest = np.flatnonzero(~np.isfinite(values))  # plain numbers need no second look
    if len(rest):
        values[rest], codes[rest] = _parse_odd_numbers(series.iloc[rest])
    return values, codes


def _parse_odd_numbers(series: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    series = series.astype(str).str.translate(_FULL_WIDTH).str.strip()
    cleaned = series.str.rstrip("°度").str.strip()
    grouped = cleaned.str.match(_GROUPED)
    if grouped.any():
        cleaned = cleaned.where(~grouped, cleaned.str.replace(",", ""))
    values = pd.to_numeric(cleaned, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    codes = np.full(len(series), "", dtype=object)
    empty = (series == "").to_numpy()
    codes[empty] = "MISSING_COORD"
    words = cleaned.str.lower()
    odd = np.isinf(values) | words.str.match(r"^[+-]?(nan|inf|infinity)$").to_numpy(dtype=bool)
    codes[odd & ~empty] = "NONFINITE_COORD"
    for place in np.flatnonzero(np.isnan(values) & (codes == "")):
        angle = _angle(series.iloc[place])
        if angle is None:
            codes[place] = "BAD_NUMBER"
        else:
            values[place] = angle
    values[codes != ""] = np.nan
    return values, codes


def _angle(text: str) -> float | None:
    found = _DMS.match(text) or _SIDED.match(text)
    if found is None:
        return None
    parts = found.groupdict()
    minutes, seconds = float(parts.get("min") or 0), float(parts.get("sec") or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    side = (parts["side"] or parts["end"] or "").upper()
    angle = float(parts["deg"]) + minutes / 60 + seconds / 3600
    return -angle if side[:1] in {"S", "W", "南", "西"} else angle


def points_to_wgs84(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert coordinates (x = east or longitude, y = north or latitude) once, on entry."""
    if crs.name == "GCJ-02":
        return gcj02_to_wgs84(x, y)
    if crs.name == "BD-09":
        return bd09_to_wgs84(x, y)
    assert crs.crs is not None
    if crs.name in {"EPSG:4326", "EPSG:4490", "OGC:CRS84"}:
        return x, y
    turn = pyproj.Transformer.from_crs(crs.crs, "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def shapes_to_wgs84(shapes: NDArray[np.object_], crs: Crs) -> NDArray[np.object_]:
    """Convert geometries once, on entry."""
    if crs.name in {"EPSG:4326", "EPSG:4490", "OGC:CRS84"}:
        return shapes
    moved = shapely.transform(shapes, lambda xy: np.column_stack(points_to_wgs84(xy[:, 0], xy[:, 1], crs)))
    return np.asarray(moved, dtype=object)


def in_china_box(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points lie in the box around China; a first sieve, not a border."""
    west, south, east, north = CHINA_BOUNDS_DEG
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def ask_crs(
    x: NDArray[np.float64], y: NDArray[np.float64], preview: Sequence[Mapping[str, object]]
) -> ChoiceError:
    """Coordinates that are no degrees, and nobody said what they are: propose, never guess."""
    east, north = float(np.nanmedian(x)), float(np.nanmedian(y))
    options = [Option(code, label, f"--crs {code}") for code, label in _candidates(east, north)]
    options += [  # planners' X is north
        Option(f"{code} yx", f"{label}, X = north", f"--crs {code} --axes yx")
        for code, label in _candidates(north, east)
    ]
    return ChoiceError(
        N_("the coordinates (first {x:g}, {y:g}) are no longitudes and latitudes, and no system is stated"),
        hint=N_("state the coordinate system: --crs EPSG:n"),
        about="crs",
        code="CRS_AMBIGUOUS",
        options=options,
        preview=preview,
        x=float(x[0]),
        y=float(y[0]),
    )


def _candidates(east: float, north: float) -> list[tuple[str, str]]:
    """Usual systems in which a place has these coordinates and lies in China: code and name."""
    zone, offset = divmod(east, 1_000_000)
    zone = int(zone)
    if not 1_900_000 < north < 7_100_000:
        return []
    zones: list[tuple[int, str, int]] = []  # EPSG code, name, central meridian
    if 160_000 < offset < 840_000:
        if 25 <= zone <= 45:
            zones = [(4513 + zone - 25, f"CGCS2000 3°, zone {zone}", 3 * zone)]
        elif 13 <= zone <= 23:
            zones = [(4491 + zone - 13, f"CGCS2000 6°, zone {zone}", 6 * zone - 3)]
        elif zone == 0:
            # A 6° zone without its number is the 3° zone of the same meridian.
            zones = [
                (4534 + one - 25, f"CGCS2000 3°, central meridian {3 * one}°", 3 * one)
                for one in range(25, 46)
            ]
    found = []
    if zones:
        # All zones are one projection: what differs is the meridian from which the longitude counts.
        lon, lat = points_to_wgs84(np.array([offset]), np.array([north]), parse_crs("EPSG:4534"))
        found = [
            (f"EPSG:{number}", label)
            for number, label, meridian in zones
            if in_china_box(lon - 75.0 + meridian, lat)[0]
        ]
    if 8_000_000 < east < 15_100_000:
        lon, lat = points_to_wgs84(np.array([east]), np.array([north]), parse_crs("EPSG:3857"))
        if in_china_box(lon, lat)[0]:
            found.append(("EPSG:3857", "Web Mercator"))
    return found
