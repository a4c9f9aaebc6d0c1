"""The study area: one metric CRS inside, WGS 84 at the edges. Nothing else reprojects.

Which metric CRS
----------------
* in China, up to 6° wide: the CGCS2000 3-degree Gauss–Krüger zone of the centre
  (EPSG 4534–4554, named by central meridian). Plans, tables and drawings then agree with
  the survey. CGCS2000 and WGS 84 are taken as the same datum here (they differ by
  decimetres; EPSG:9999-style null transformation, as PROJ does).
* elsewhere, up to 6° wide: a transverse Mercator on the centre's meridian, scale 1.
* wider: Lambert conformal conic with standard parallels 25° and 47° in China (elsewhere at
  one sixth and five sixths of the latitude range); its scale error is stated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import geopandas as gpd
import numpy as np
import pyproj
import pyproj.network
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, CrsError, GeometryError

__all__ = [
    "CHINA_BOUNDS_DEG",
    "WGS84",
    "StudyArea",
    "cgcs2000_zone",
    "geodesic_area_m2",
    "geodesic_distance_m",
    "metric_crs",
    "to_wgs84_table",
]

# Whatever the environment says: nothing is fetched at run time.
pyproj.network.set_network_enabled(False)  # type: ignore[attr-defined]

WGS84 = pyproj.CRS.from_epsg(4326)
CHINA_BOUNDS_DEG = (73.4, 17.9, 135.1, 53.6)
"""West, south, east and north of mainland China with Hainan and Taiwan, degrees."""
_WIDEST_ZONE_DEG, _FIRST_ZONE_DEG = 6.0, 73.5
_WORST_SCALE = 0.1
"""What a plane may stretch; the national Lambert stays below 0.02."""
_GEOD = pyproj.Geod(ellps="WGS84")


def cgcs2000_zone(lon_deg: float) -> pyproj.CRS:
    """Return the CGCS2000 3-degree zone (named by central meridian) for a longitude.

    Parameters
    ----------
    lon_deg : float
        Longitude from 73.5° up to 136.5°; on the border of two zones, the eastern one.

    Raises
    ------
    CrsError
        If the longitude has no such zone.
    """
    zone = math.floor(lon_deg / 3 + 0.5)
    if not 25 <= zone <= 45:
        raise CrsError(
            N_("longitude {lon:.3f}° lies outside the CGCS2000 3-degree zones 25 to 45"),
            hint=N_("give a coordinate system for the study area"),
            lon=lon_deg,
        )
    return pyproj.CRS.from_epsg(4534 + zone - 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyArea:
    """A boundary and the metric CRS in which everything about it is measured.

    Attributes
    ----------
    boundary : Polygon, MultiPolygon or None
        In `crs`, metres; None when the area is only an extent of points.
    crs : pyproj.CRS
        Projected, metres, x = east, y = north (as GeoPandas orders axes).
    scale_error : float
        Largest deviation of the point scale from 1 over the area (0.0004 = 40 cm per km).
    """

    boundary: BaseGeometry | None
    crs: pyproj.CRS
    scale_error: float

    @classmethod
    def from_wgs84(cls, boundary: BaseGeometry, crs: Any = None) -> Self:
        """Choose the CRS for a boundary in longitude and latitude.

        Parameters
        ----------
        boundary : Polygon or MultiPolygon
            In degrees, WGS 84.
        crs : optional
            Anything that `pyproj.CRS.from_user_input` takes; must be in metres.

        Raises
        ------
        GeometryError
            If the boundary is empty or its coordinates are no degrees.
        CrsError
            If `crs` is not projected in metres or unknown.
        """
        return cls._over(boundary.bounds, crs, boundary)

    @classmethod
    def around(cls, lon_deg: ArrayLike, lat_deg: ArrayLike, crs: Any = None) -> Self:
        """Choose the CRS for points in longitude and latitude (degrees, WGS 84)."""
        lon = np.asarray(lon_deg, dtype=float)
        lat = np.asarray(lat_deg, dtype=float)
        if lon.size == 0:
            raise GeometryError(
                N_("there are no points to lay a study area around"), hint=N_("upload a firm table first")
            )
        return cls._over((lon.min(), lat.min(), lon.max(), lat.max()), crs, None)

    @classmethod
    def _over(
        cls, bounds: tuple[float, float, float, float], crs: Any, boundary: BaseGeometry | None
    ) -> Self:
        west, south, east, north = bounds
        if not (np.isfinite(bounds).all() and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise GeometryError(
                N_("the coordinates {bounds} are no longitudes and latitudes"),
                hint=N_("state the coordinate system of the file"),
                bounds=tuple(round(float(value), 3) for value in bounds),
            )
        chosen = metric_crs(crs) if crs is not None else _default_crs(west, south, east, north)
        metric = None
        if boundary is not None:
            metric = _transform(boundary, WGS84, chosen)
        error = _scale_error(chosen, bounds)
        if crs is None and not error <= _WORST_SCALE:
            raise CrsError(
                N_(
                    "the places lie too far apart for one plane: lengths would be more than {percent:.0%} off"
                ),
                hint=N_("give the boundary of a park, or the firms of one country"),
                percent=_WORST_SCALE,
            )
        if crs is not None and not error <= _WORST_SCALE:
            raise CrsError(
                N_("{crs} does not fit the place: lengths there would be more than {percent:.0%} off"),
                hint=N_("give a coordinate system of the place, or none"),
                where=str(crs),
                crs=chosen.name,
                percent=_WORST_SCALE,
            )
        return cls(boundary=metric, crs=chosen, scale_error=error)

    @property
    def crs_name(self) -> str:
        """Name of the CRS with its EPSG code where it has one."""
        code = self.crs.to_epsg()
        if code:
            return f"{self.crs.name} (EPSG:{code})"
        if self.crs.name != "unknown":
            return str(self.crs.name)
        operation = self.crs.coordinate_operation
        method = operation.method_name if operation is not None else "projection"
        return f"{method}, {self.crs.to_string()}"

    def to_metric(self, thing: Any) -> Any:
        """Bring a table (any CRS) or a geometry (WGS 84) into the area's CRS."""
        if isinstance(thing, BaseGeometry):
            return _transform(thing, WGS84, self.crs)
        return _table_to(thing, self.crs)

    def metric_xy(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
        """Bring n places in degrees (WGS 84) into the area's CRS: array of shape (n, 2), metres."""
        turn = pyproj.Transformer.from_crs(WGS84, self.crs, always_xy=True)
        return np.column_stack(turn.transform(np.asarray(lon_deg, float), np.asarray(lat_deg, float)))

    def to_wgs84(self, thing: Any) -> Any:
        """Bring a table (any CRS) or a geometry (area's CRS) to WGS 84."""
        if isinstance(thing, BaseGeometry):
            return _transform(thing, self.crs, WGS84)
        return to_wgs84_table(thing)

    def deliver(self, table: gpd.GeoDataFrame, out_crs: Any = None) -> gpd.GeoDataFrame:
        """Bring a table into the delivery CRS: `out_crs`, else the area's own."""
        return _table_to(table, self.crs if out_crs is None else metric_crs(out_crs))


def to_wgs84_table(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `table` in WGS 84 longitude and latitude.

    CGCS2000 geographic coordinates pass unchanged: the frames differ by less than the
    precision of any planning document.
    """
    return _table_to(table, WGS84)


def geodesic_area_m2(shape: BaseGeometry) -> float:
    """Area on the WGS 84 ellipsoid of a shape in degrees, m² (Karney 2013), holes taken off."""
    total = 0.0
    for part in getattr(shape, "geoms", [shape]):
        total += abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(part))[0])
    return total


def geodesic_distance_m(
    lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike
) -> NDArray[np.float64]:
    """Distance on the WGS 84 ellipsoid between pairs of points in degrees, metres (Karney 2013)."""
    return np.asarray(_GEOD.inv(lon1, lat1, lon2, lat2)[2], dtype=np.float64)


def _table_to(table: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    if table.crs is None:
        raise CrsError(
            N_("the table has no coordinate system"), hint=N_("state it when the file is imported")
        )
    return table.copy() if table.crs == crs else table.to_crs(crs)


def _transform(shape: BaseGeometry, source: pyproj.CRS, target: pyproj.CRS) -> BaseGeometry:
    turn = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return shapely.transform(shape, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))


def metric_crs(value: Any) -> pyproj.CRS:
    """Return the coordinate system that a user names, which must be projected and in metres.

    Raises
    ------
    CrsError
        If nobody knows it, or it is not in metres.
    """
    named = value.strip() if isinstance(value, str) else value
    if isinstance(named, str) and named.isdecimal():
        named = int(named)
    try:
        crs = pyproj.CRS.from_user_input(named)
    except (pyproj.exceptions.CRSError, ValueError):
        raise CrsError(
            N_("unknown coordinate system “{crs}”"),
            hint=N_("give a code such as EPSG:4548"),
            where=str(value),
            crs=value,
        ) from None
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise CrsError(
            N_("{crs} is not a projected coordinate system in metres"),
            hint=N_("give a code such as EPSG:4548"),
            where=str(value),
            crs=crs.name,
        )
    return crs


def _default_crs(west: float, south: float, east: float, north: float) -> pyproj.CRS:
    lon, lat = (west + east) / 2, (south + north) / 2
    china_west, china_south, china_east, china_north = CHINA_BOUNDS_DEG
    in_china = china_west <= lon <= china_east and china_south <= lat <= china_north
    if east - west <= _WIDEST_ZONE_DEG:
        # China's westernmost tip lies a hair outside the first zone and is surveyed in it.
        return cgcs2000_zone(max(lon, _FIRST_ZONE_DEG)) if in_china else _local_mercator(lon, lat)
    low, high = (25.0, 47.0) if in_china else (south + (north - south) / 6, north - (north - south) / 6)
    if abs(low + high) < 1.0:  # a cone needs its parallels on one side of the equator
        return pyproj.CRS.from_proj4(f"+proj=merc +lon_0={lon:.6f} +lat_ts={high:.6f} +datum=WGS84 +units=m")
    return pyproj.CRS.from_proj4(
        f"+proj=lcc +lat_1={low:.6f} +lat_2={high:.6f} +lat_0={lat:.6f} +lon_0={lon:.6f}"
        " +datum=WGS84 +units=m"
    )


def _local_mercator(lon: float, lat: float) -> pyproj.CRS:
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m"
    )


def _scale_error(crs: pyproj.CRS, bounds: tuple[float, float, float, float]) -> float:
    west, south, east, north = bounds
    lon, lat = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
    factors = pyproj.Proj(crs).get_factors(lon.ravel(), np.clip(lat.ravel(), -89.9, 89.9))
    scales = np.concatenate([np.ravel(factors.meridional_scale), np.ravel(factors.parallel_scale)])
    return float(np.max(np.abs(scales - 1.0)))
