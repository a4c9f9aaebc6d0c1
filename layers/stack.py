"""Everything that one run looks at: checked tables in one metric CRS, and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.area import StudyArea
from geo.errors import N_, GeometryError, SchemaError
from geo.offsets import find_gcj02_shift
from layers.boundaries import to_boundary
from layers.facilities import builtin_facilities, to_facilities
from layers.firms import has_a_point, to_firms

if TYPE_CHECKING:
    from layers.sources.importer import Imported, ImportReport

__all__ = ["SITE_KINDS", "LayerStack", "build_stack", "study_area"]

SITE_KINDS = ("gates", "roads", "water", "exclusions", "flood", "housing", "buildings")
"""Inputs beside firms, boundary and facilities that the zoning takes in this order of the contract."""
_SITE_COLUMNS = {"kind": "kind", "road_class": "class", "name": "name"}
"""Role → column of the site's tables, as in `layers.tables`."""
_WIDE_DEG = 6.0
_NEARBY_M = 20_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerStack:
    """Checked tables in the area's CRS.

    Attributes
    ----------
    area : StudyArea
        Its CRS is that of every table here; its boundary is the park's, if there is one.
    firms : GeoDataFrame or None
        Schema `FIRMS`; `in_area` says which lie within the stated distance.
    site : Mapping of str to GeoDataFrame
        Gates, roads, water, exclusions, flood, housing, buildings: what was given.
    facilities : GeoDataFrame
        Schema `FACILITIES` in WGS 84 (they are far apart: only geodesic distances are taken).
    reports : Mapping of str to ImportReport
        What the import said of each input.
    within_km : float or None
        Firms farther than this from the park are outside the study area.
    facilities_source : str
        ``built-in`` or the name of the user's table.
    sketch : bool
        Whether the boundary says of itself that nobody surveyed it (示意图).
    with_closed : bool
        Whether firms that are closed by their status count in figures.
    fingerprint : str
        SHA-256 over every input's bytes and answers.
    """

    area: StudyArea
    firms: gpd.GeoDataFrame | None
    site: Mapping[str, gpd.GeoDataFrame]
    facilities: gpd.GeoDataFrame
    reports: Mapping[str, ImportReport]
    within_km: float | None
    facilities_source: str
    fingerprint: str
    sketch: bool = False
    with_closed: bool = False

    @property
    def boundary(self) -> BaseGeometry | None:
        """The park's outline in the area's CRS."""
        return self.area.boundary

    @property
    def firms_in_area(self) -> gpd.GeoDataFrame | None:
        """The firms that metric figures use."""
        if self.firms is None:
            return None
        counted = self.firms["in_area"] if self.with_closed else self.firms["in_area"] & ~self.firms["closed"]
        return self.firms[counted]

    @property
    def firms_counted(self) -> gpd.GeoDataFrame | None:
        """The firms in the area, and those known to their county or city alone, who may be in it."""
        if self.firms is None:
            return None
        near = self.firms["in_area"] | ~has_a_point(self.firms["precision"])
        return self.firms[near if self.with_closed else near & ~self.firms["closed"]]

    @property
    def closed_in_area(self) -> int:
        """Number of firms near enough to count that are closed by their status."""
        return 0 if self.firms is None else int((self.firms["in_area"] & self.firms["closed"]).sum())

    @property
    def registered_addresses(self) -> int:
        """Number of firms whose address is where they are registered, which need not be where they work."""
        report = self.reports.get("firms")
        notices = report.warnings if report is not None else ()
        return sum(one.count for one in notices if one.code == "REGISTERED_ADDRESS")

    @property
    def bounds_deg(self) -> tuple[float, float, float, float] | None:
        """West, south, east and north of the park and the firms that count; None where there are none."""
        spots = [] if self.boundary is None else [self.area.to_wgs84(self.boundary).bounds]
        firms = self.firms_in_area
        if firms is not None and len(firms):
            lon, lat = firms["lon"].to_numpy(dtype=float), firms["lat"].to_numpy(dtype=float)
            spots.append((lon.min(), lat.min(), lon.max(), lat.max()))
        if not spots:
            return None
        west, south, east, north = np.array(spots).T
        return (float(west.min()), float(south.min()), float(east.max()), float(north.max()))

    @property
    def synthetic(self) -> bool:
        """Whether any firm was made by a generator."""
        return self.firms is not None and bool(self.firms["synthetic"].any())


def build_stack(
    imports: Mapping[str, Imported],
    *,
    within_km: float | None = None,
    crs: object = None,
    with_closed: bool = False,
) -> LayerStack:
    """Turn imported tables into one stack in one metric CRS.

    Parameters
    ----------
    imports : mapping of str to Imported
        Keys: firms, boundary, facilities and those of `SITE_KINDS`; all optional, but firms or
        boundary must be there.
    within_km : float, optional
        With a boundary: firms farther than this from it are outside the study area.
    crs : optional
        Metric CRS wanted by the user; by default chosen by `StudyArea`.
    with_closed : bool
        Whether firms that are closed by their status count in figures.

    Raises
    ------
    SchemaError
        If there is neither a firm nor a boundary.
    GeometryError, CrsError
        From the boundary or the CRS.
    """
    boundary = to_boundary(imports["boundary"]) if "boundary" in imports else None
    firms_in = imports.get("firms")
    if boundary is None and (firms_in is None or firms_in.table.empty):
        raise SchemaError(
            N_("there is neither a firm with a location nor a boundary"),
            hint=N_("give one of the two"),
            code="NO_ROWS",
        )
    area = study_area(boundary, firms_in.table if firms_in is not None else None, crs)
    firms = None
    reports = {name: one.report for name, one in imports.items()}
    if firms_in is not None:
        within_m = within_km * 1000 if within_km is not None and boundary is not None else None
        firms = to_firms(firms_in, area, within_m=within_m, around=area.boundary)
        if boundary is None:
            firms = firms.assign(in_area=firms["in_area"] & _inside_extent(firms_in.table))
        pointed = has_a_point(firms["precision"])
        far = int((~firms["in_area"] & pointed).sum())
        report = firms_in.report.noticed("OUTSIDE_STUDY_AREA", far)
        reports["firms"] = report.noticed("COUNTY_PRECISION", int((~pointed).sum()))
        told = any(notice.code == "LOOKS_SHIFTED" for notice in firms_in.report.warnings)
        if not told and "roads" in imports and _look_shifted(firms_in.table[pointed], imports["roads"].table):
            reports["firms"] = reports["firms"].noticed("LOOKS_SHIFTED", int(pointed.sum()))
    facilities = (
        to_facilities(imports["facilities"].table, imports["facilities"].roles)
        if "facilities" in imports
        else builtin_facilities()
    )
    site = {kind: _site_table(kind, imports[kind], area) for kind in SITE_KINDS if kind in imports}
    return LayerStack(
        area=area,
        firms=firms,
        site=MappingProxyType(site),
        facilities=facilities,
        reports=MappingProxyType(reports),
        within_km=within_km if boundary is not None else None,
        facilities_source="user" if "facilities" in imports else "built-in",
        fingerprint=_fingerprint(imports, within_km, area, with_closed=with_closed),
        sketch=_is_sketch(imports.get("boundary")),
        with_closed=with_closed,
    )


def study_area(
    boundary: BaseGeometry | None, firms: gpd.GeoDataFrame | None, crs: object = None
) -> StudyArea:
    """Lay the study area around the park, else around the firms.

    Firms that are spread wider than 6° are looked at in China alone, where some lie there:
    no plane holds several continents.
    """
    if boundary is not None:
        return StudyArea.from_wgs84(boundary, crs)
    assert firms is not None
    own = firms[_inside_extent(firms)]
    return StudyArea.around(own["lon"], own["lat"], crs)


def _look_shifted(firms: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> bool:
    """Whether firms and the roads that a user gave are apart by the shift of the web maps."""
    return find_gcj02_shift(firms["lon"], firms["lat"], roads.geometry.to_numpy()) is not None


def _inside_extent(firms: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Without a park: all firms at points of their own, or those in China when they span continents.

    The import has flagged what lies outside China, by the country's name where there is one.
    """
    pointed = has_a_point(firms["precision"])
    if not pointed.any():  # points of counties still say where to look
        pointed = np.ones(len(firms), dtype=bool)
    if np.ptp(firms["lon"].to_numpy(dtype=float)[pointed]) <= _WIDE_DEG:
        return pointed
    inside = pointed & ~firms["flags"].str.contains("OUTSIDE_CHINA").to_numpy(dtype=bool)
    return inside if inside.any() else pointed


def _site_table(kind: str, imported: Imported, area: StudyArea) -> gpd.GeoDataFrame:
    """The shapes of an input in the area's CRS, with the columns that were known by their names.

    Raises
    ------
    GeometryError
        If nothing of it lies anywhere near the park: most likely its coordinate system is another.
    """
    table, roles = imported.table, imported.roles
    known = {column: table[roles[role]] for role, column in _SITE_COLUMNS.items() if role in roles}
    metric = area.to_metric(
        gpd.GeoDataFrame(
            {"source_row": table["source_row"], **known}, geometry=table.geometry.to_numpy(), crs=table.crs
        )
    )
    # On the far side of the globe a projection has no answer.
    metric = metric[np.isfinite(metric.geometry.bounds.to_numpy()).all(axis=1)].reset_index(drop=True)
    if area.boundary is None:
        return metric
    away_m = min(shapely.distance(metric.geometry.to_numpy(), area.boundary), default=np.inf)
    if away_m > _NEARBY_M:
        raise GeometryError(
            N_("nothing in “{kind_name}” lies within {most:g} km of the park"),
            hint=N_("check the coordinate system of both files"),
            where=kind,
            code="OUTSIDE_STUDY_AREA",
            kind_name=kind,
            most=_NEARBY_M / 1_000,
        )
    return metric


def _is_sketch(boundary: Imported | None) -> bool:
    if boundary is None or "sketch" not in boundary.table:
        return False
    return bool(boundary.table["sketch"].astype(str).str.casefold().isin(["true", "1", "yes", "是"]).any())


def _fingerprint(
    imports: Mapping[str, Imported], within_km: float | None, area: StudyArea, *, with_closed: bool
) -> str:
    digest = hashlib.sha256()
    for name in sorted(imports):
        report = imports[name].report
        digest.update(f"{name}\0{report.sha256}\0{report.crs}\0{report.encoding}\0{report.layer}\0".encode())
        digest.update(f"{report.accepted}\0{sorted(imports[name].roles.items())}\0".encode())
        said = imports[name].options
        if said.code_edition or said.dates:
            digest.update(f"{said.code_edition}\0{said.dates}\0".encode())
    if with_closed:
        digest.update(b"with closed firms\0")
    digest.update(f"{within_km}\0{area.crs.to_wkt()}".encode())
    if area.boundary is not None:
        digest.update(shapely.to_wkb(shapely.normalize(area.boundary)))
    return digest.hexdigest()
