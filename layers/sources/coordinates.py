"""Coordinates as people write them, into longitude and latitude in WGS 84, or a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.area import CHINA_BOUNDS_DEG
from geo.datums import bd09_to_wgs84, gcj02_to_wgs84
from geo.errors import N_, ChoiceError, CrsError, Option
from layers.sources.custom_crs import LocalSystem, is_crs_file, load_crs_file
from layers.sources.readers.parcel_text import GRIDS

__all__ = ["Crs", "in_china_box", "parse_crs", "points_to_wgs84", "shapes_to_wgs84", "system_of_file"]

_WEB_MAPS = {
    "GCJ02": "GCJ-02",
    "GCJ": "GCJ-02",
    "火星坐标": "GCJ-02",
    "BD09": "BD-09",
    "BD09LL": "BD-09",
    "百度坐标": "BD-09",
}
_GEOGRAPHIC = {"WGS84": "EPSG:4326", "WGS1984": "EPSG:4326", "CGCS2000": "EPSG:4490"}
_LOCAL_WKT = re.compile(r"\s*(?:LOCAL_CS|ENGCRS|ENGINEERINGCRS)\[", re.IGNORECASE)
_OTHER_FILES = re.compile(r"\b(?:init|file)=|grids=(?!@null)", re.IGNORECASE)
"""What makes PROJ open a file that the text names: this process may read more than a stranger may."""
_MOST_ZONES = 20
_SAME_DATUM = ("World Geodetic System 1984", "China 2000", "China Geodetic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crs:
    """A coordinate system as the user or the file names it.

    Attributes
    ----------
    name : str
        ``EPSG:4326``, ``GCJ-02``, ``BD-09`` …
    crs : pyproj.CRS or None
        None for the web maps' shifted systems, and for a system of the user's own.
    local : LocalSystem or None
        The system that a file of the user describes.
    """

    name: str
    crs: pyproj.CRS | None
    local: LocalSystem | None = None

    @property
    def in_degrees(self) -> bool:
        """Whether its coordinates are longitudes and latitudes."""
        return self.local is None and (self.crs is None or bool(self.crs.is_geographic))

    @property
    def is_wgs84(self) -> bool:
        """Whether its coordinates are taken as they are: WGS 84 or CGCS2000, decimetres apart."""
        return self.name in {"", "EPSG:4326", "EPSG:4490", "OGC:CRS84"}

    @property
    def shifted(self) -> bool:
        """Whether places move on their way to WGS 84, by a web map's shift or a file's parameters."""
        if self.local is not None:
            return str(self.local.note["method"]) != "projection"
        return self.crs is None and bool(self.name)

    @property
    def approximate(self) -> bool:
        """Whether its datum has no public tie to WGS 84 (Xi'an 80, Beijing 54 …)."""
        if self.crs is None:
            return self.local is not None and self.local.approximate
        datum = self.crs.datum.name if self.crs.datum is not None else self.crs.geodetic_crs.name  # type: ignore[union-attr]
        return not any(known in datum.replace("_", " ") for known in _SAME_DATUM)

    @property
    def precision(self) -> str:
        """How far rows can be trusted because of a fit; empty where nothing was fitted."""
        return "" if self.local is None else self.local.precision

    @property
    def note(self) -> Mapping[str, object]:
        """What the user's file applies; empty for any other system."""
        return {} if self.local is None else self.local.note

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
        if self.local is not None:
            return self.local.zone_prefix
        operation = None if self.in_degrees or self.crs is None else self.crs.coordinate_operation
        for parameter in operation.params if operation is not None else ():
            if parameter.name == "False easting" and float(parameter.value) >= 1e6:
                return int(float(parameter.value) // 1e6)
        return None


def parse_crs(text: str) -> Crs:
    """Understand ``EPSG:n``, WGS84, CGCS2000, GCJ-02, BD-09, any definition that PROJ reads, or a file.

    Raises
    ------
    CrsError
        If nobody knows it.
    UsageError
        If the file (its name ends with .toml) does not describe a system.
    """
    if is_crs_file(text):
        local = load_crs_file(text.strip())
        return Crs(name=local.name, crs=None, local=local)
    plain = re.sub(r"[\s_-]", "", text).upper()
    if plain in _WEB_MAPS:
        return Crs(name=_WEB_MAPS[plain], crs=None)
    name = _GEOGRAPHIC.get(plain, text.strip())
    if _OTHER_FILES.search(name):
        raise _unknown(text)
    try:
        crs = pyproj.CRS.from_user_input(int(name) if name.isdigit() else name)
        if crs.is_compound:  # heights are left out everywhere
            crs = pyproj.CRS(crs.sub_crs_list[0])
    except (pyproj.exceptions.CRSError, ValueError):
        raise _unknown(text) from None
    if crs.is_bound and not (crs.coordinate_operation and crs.coordinate_operation.towgs84):
        raise _unknown(crs.name)  # tied by a grid, which is another file
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(
            N_("“{crs}” is no system of longitudes and latitudes and no projection of them"),
            hint=N_("give EPSG:n, WGS84, CGCS2000, GCJ-02 or BD-09"),
            where="--crs",
            crs=crs.name,
        )
    authority = crs.to_authority(min_confidence=100)
    return Crs(name=":".join(authority) if authority else crs.name, crs=crs)


def system_of_file(text: str) -> str:
    """Return what a table says of its own system, for `parse_crs`; empty where it says none.

    A drawing's own plane (LOCAL_CS) ties it to nothing, so that the system is asked for.

    Raises
    ------
    CrsError
        If it names a file: files are the user's to name, never a stranger's table's.
    """
    if is_crs_file(text):
        raise _unknown(text)
    return "" if _LOCAL_WKT.match(text) else text.strip()


def _unknown(text: str) -> CrsError:
    return CrsError(
        N_("unknown coordinate system “{crs}”"),
        hint=N_("give EPSG:n, WGS84, CGCS2000, GCJ-02 or BD-09"),
        where="--crs",
        crs=text[:200],
    )


def points_to_wgs84(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert coordinates (x = east or longitude, y = north or latitude) once, on entry."""
    if crs.local is not None:
        return crs.local.convert(x, y)
    if crs.name == "GCJ-02":
        return gcj02_to_wgs84(x, y)
    if crs.name == "BD-09":
        return bd09_to_wgs84(x, y)
    assert crs.crs is not None
    if crs.is_wgs84:
        return x, y
    turn = pyproj.Transformer.from_crs(crs.crs, "EPSG:4326", always_xy=True)
    lon, lat = turn.transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def shapes_to_wgs84(shapes: NDArray[np.object_], crs: Crs) -> NDArray[np.object_]:
    """Convert geometries once, on entry."""
    if crs.is_wgs84:
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
        N_(
            "the coordinates (first {x:.10g}, {y:.10g}) are no longitudes and latitudes, and no system is "
            "stated"
        ),
        hint=N_("state the coordinate system: --crs EPSG:n, or --crs FILE.toml for a local one"),
        about="crs",
        code="CRS_AMBIGUOUS",
        options=options,
        preview=preview,
        x=float(x[0]),
        y=float(y[0]),
    )


def ask_zone(
    x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs, preview: Sequence[Mapping[str, object]]
) -> ChoiceError | None:
    """Eastings with the number of a zone in front, in a system that has none there, or the other way round.

    Returns
    -------
    ChoiceError or None
        None where most eastings are of the stated system's kind, or fit no usual system.
    """
    operation = None if crs.crs is None else crs.crs.coordinate_operation
    if crs.in_degrees or operation is None or operation.method_name != "Transverse Mercator":
        return None
    numbers = np.floor(x / 1e6)
    other = numbers != (crs.zone_prefix or 0)
    if other.sum() <= 0.5 * len(x):
        return None
    number = int(np.median(numbers[other]))
    found = _candidates(float(np.median(x[other])), float(np.median(y[other])))
    if not found:
        return None
    twin = _twin(crs, number)  # what the file's maker meant as a rule
    found = [twin] if twin is not None else found
    return ChoiceError(
        N_("the eastings (first {x:.0f}) begin with {zone}, the number of a zone, and those of {crs} do not")
        if number
        else N_(
            "the eastings (first {x:.0f}) have no number of a zone in front, and those of {crs} have one"
        ),
        hint=N_("choose the system that the coordinates are in"),
        about="crs",
        code="CRS_AMBIGUOUS",
        where=crs.name,
        options=[Option(code, label, f"--crs {code}") for code, label in found],
        preview=preview,
        x=float(x[other][0]),
        zone=number,
        crs=crs.name,
    )


def _twin(crs: Crs, number: int) -> tuple[str, str] | None:
    """The system of the same zone and datum with its number in the eastings, or without: code and name."""
    code = (crs.crs.to_epsg() if crs.crs is not None else None) or 0
    for first, numbered, plain in GRIDS.values():
        for start, other in ((numbered, plain), (plain, numbered)):
            zone = first + code - start
            if 0 <= zone - first <= _MOST_ZONES and number == (zone if start == plain else 0):
                twin = parse_crs(f"EPSG:{other + zone - first}")
                return twin.name, str(twin.crs.name if twin.crs is not None else "")
    return None


def _candidates(east: float, north: float) -> list[tuple[str, str]]:
    """Usual systems in which a place has these coordinates and lies in China: code and name."""
    zone, offset = divmod(east, 1_000_000)
    zone = int(zone)
    if not 1_900_000 < north < 7_100_000:
        return []
    zones: list[tuple[int, str, int]] = []  # EPSG code, name, central meridian
    if 160_000 < offset < 840_000:
        if 25 <= zone <= 45:
            bases = (("CGCS2000", 4513), ("Xi'an 1980", 2349), ("Beijing 1954", 2401))
            zones = [(base + zone - 25, f"{datum} 3°, zone {zone}", 3 * zone) for datum, base in bases]
        elif 13 <= zone <= 23:
            bases = (("CGCS2000", 4491), ("Xi'an 1980", 2327), ("Beijing 1954", 21413))
            zones = [(base + zone - 13, f"{datum} 6°, zone {zone}", 6 * zone - 3) for datum, base in bases]
        elif zone == 0:
            # A 6° zone without its number is the 3° zone of the same meridian.
            zones = [
                (4534 + one - 25, f"CGCS2000 3°, central meridian {3 * one}°", 3 * one)
                for one in range(25, 46)
            ]
            zones += [(32600 + one, f"WGS 84 / UTM zone {one}N", 6 * one - 183) for one in range(43, 54)]
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
            found.append(("EPSG:3857", "Web Mercator (not Baidu's metres)"))
    return found
