"""The site as the layout sees it: near the origin, with what may not be built on known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, GeometryError, InfeasibleError
from geo.partition.atoms import GRID_M
from geo.partition.skeleton import ARTERIAL, COLLECTOR
from geo.shapes import polygon_parts
from layers.roads import MAIN_ROADS

__all__ = ["CLASSES", "LEAST_ATOM_M2", "Ground", "SiteInputs", "read_ground"]

CLASSES = ("arterial", "collector", "local")
"""Names of the road classes, by rank."""
LEAST_ATOM_M2 = 3_600.0
"""No block is planned smaller than this, metres from road axis to road axis: 60 m × 60 m."""
_NARROW_M = 12.0
"""Land narrower than a local street carries neither blocks nor streets."""
_SPECK_M2 = 25.0
_ON_OUTLINE_M = 0.05
_RIVER_M = 10.0
"""Width of water that is given as a line."""
_WIDEST_M = (36.0, 24.0, 15.0)
_NARROWEST_M = (24.0, 18.0, 12.0)
_FULL_WIDTH_KM2 = 2.0
_SMALL_KM2 = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteInputs:
    """What is known of a site; what is None is unknown, and said to be.

    Attributes
    ----------
    site : Polygon or MultiPolygon
        The park's outline, metres.
    crs : pyproj.CRS
        Metric CRS of everything here.
    gates : GeoDataFrame of points, optional
        With `kind`: port, expressway, town or rail.
    roads : GeoDataFrame of lines, optional
        Existing roads: kept where they are.
    water, exclusions, flood : GeoDataFrame of polygons (water: lines too), optional
        Never built on.
    housing : GeoDataFrame, optional
        Sensitive neighbours.
    buildings : GeoDataFrame of polygons, optional
        Kept as they stand.
    firms : GeoDataFrame of points, optional
        Counted in the zones, for information.
    """

    site: BaseGeometry
    crs: pyproj.CRS
    gates: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    exclusions: gpd.GeoDataFrame | None = None
    flood: gpd.GeoDataFrame | None = None
    housing: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    firms: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A site, metres, moved by a whole number of metres so that coordinates are small.

    Attributes
    ----------
    origin : ndarray of shape (2,)
        What was taken off.
    site, land, water, excluded, kept : geometries
        `land` is the site less water and exclusions; `kept` are buildings that stay.
    core : geometry
        The land without spikes and specks that neither a block nor a street fits on. Its parts
        are banks.
    roads : tuple of (LineString, rank)
        Existing roads on the land and across water and exclusions, in the site.
    gates : tuple of Point
        On the outline, where there is land behind it.
    gate_kinds : tuple of str
    housing : geometry or None
        None when it is not known.
    given : tuple of str
        Names of the inputs that were given.
    """

    origin: NDArray[np.float64]
    site: BaseGeometry
    land: BaseGeometry
    core: BaseGeometry
    water: BaseGeometry
    excluded: BaseGeometry
    kept: BaseGeometry
    roads: tuple[tuple[LineString, int], ...]
    gates: tuple[Point, ...]
    gate_kinds: tuple[str, ...]
    housing: BaseGeometry | None
    given: tuple[str, ...]

    @property
    def widths(self) -> tuple[float, float, float]:
        """Rights of way by class, metres; narrower on small sites."""
        size = self.core.area / 1e6
        share = min(max((size - _SMALL_KM2) / (_FULL_WIDTH_KM2 - _SMALL_KM2), 0.0), 1.0)
        arterial, collector, local = (
            float(round(narrow + (wide - narrow) * share))
            for narrow, wide in zip(_NARROWEST_M, _WIDEST_M, strict=True)
        )
        return arterial, collector, local

    def back(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Move shapes to where they belong."""
        origin = self.origin
        moved: NDArray[np.object_] = np.asarray(
            shapely.transform(shapes, lambda xy: xy + origin), dtype=object
        )
        return moved


def read_ground(inputs: SiteInputs) -> Ground:
    """Move the site near the origin and take out what may not be built on.

    Raises
    ------
    GeometryError
        If the site is no usable polygon.
    InfeasibleError
        If nothing of it can be built on.
    """
    if inputs.site.geom_type not in ("Polygon", "MultiPolygon") or inputs.site.is_empty:
        raise GeometryError(N_("the site is no polygon"), hint=N_("draw its outline"), code="WRONG_GEOMETRY")
    if not inputs.site.is_valid:
        raise GeometryError(N_("the outline of the site crosses itself"), hint=N_("draw it again"))
    west, south, _, _ = inputs.site.bounds
    origin = np.floor([west, south])
    site = shapely.set_precision(_near(inputs.site, origin), GRID_M)
    water = _areas(inputs.water, origin, site, _RIVER_M)
    excluded = _areas(inputs.exclusions, origin, site).union(_areas(inputs.flood, origin, site))
    excluded = excluded.difference(water)
    kept = _areas(inputs.buildings, origin, site).difference(water).difference(excluded)
    land = shapely.set_precision(site.difference(water.union(excluded)), GRID_M)
    core = _core(land)
    if core.is_empty:
        raise InfeasibleError(
            N_(
                "nothing of the site's {site:.2f} ha can be built on: {water:.2f} ha water, "
                "{excluded:.2f} ha excluded, the rest narrower than {narrow:g} m or less than {block:.2f} ha"
            ),
            hint=N_("choose another site, or check the exclusion layers"),
            where="boundary",
            site=site.area / 1e4,
            water=water.area / 1e4,
            excluded=excluded.area / 1e4,
            narrow=_NARROW_M,
            block=LEAST_ATOM_M2 / 1e4,
        )
    gates, kinds = _gates(inputs.gates, origin, site, core, kept)
    housing = _shapes(inputs.housing, origin)
    return Ground(
        origin=origin,
        site=site,
        land=land,
        core=core,
        water=water,
        excluded=excluded,
        kept=kept,
        roads=tuple(_roads(inputs.roads, origin, site)),
        gates=tuple(gates),
        gate_kinds=tuple(kinds),
        housing=shapely.union_all(housing) if housing else None,
        given=tuple(
            name
            for name in ("gates", "roads", "water", "exclusions", "flood", "housing", "buildings")
            if getattr(inputs, name) is not None
        ),
    )


def _near(shape: BaseGeometry, origin: NDArray[np.float64]) -> BaseGeometry:
    return shapely.transform(shape, lambda xy: xy - origin)


def _shapes(table: gpd.GeoDataFrame | None, origin: NDArray[np.float64]) -> list[BaseGeometry]:
    """Valid shapes of a table, empty ones left out."""
    if table is None:
        return []
    shapes = [shape for shape in table.geometry if shape is not None and not shape.is_empty]
    return [shapely.make_valid(_near(shape, origin)) for shape in shapes]


def _areas(
    table: gpd.GeoDataFrame | None, origin: NDArray[np.float64], site: BaseGeometry, width_m: float = 0.0
) -> BaseGeometry:
    """What a table covers of the site; lines are widened where they count, else left out."""
    shapes = [
        shape if shape.area else shape.buffer(width_m / 2)
        for shape in _shapes(table, origin)
        if width_m or shape.area
    ]
    covered = shapely.union_all(shapes).intersection(site) if shapes else shapely.Polygon()
    return shapely.union_all(polygon_parts(covered))


def _core(land: BaseGeometry) -> BaseGeometry:
    """Land without spikes, necks and specks: what an opening by a disc of a street's width leaves."""
    reach = _NARROW_M / 2
    opened = land.buffer(-reach, join_style="mitre").buffer(reach * 1.001, join_style="mitre")
    narrow = [part for part in polygon_parts(land.difference(opened)) if part.area > _SPECK_M2]
    core = land.difference(shapely.union_all(narrow)) if narrow else land
    parts = [part for part in polygon_parts(core) if part.area >= LEAST_ATOM_M2]
    parts = [part for part in parts if not part.buffer(-reach).is_empty]
    return shapely.set_precision(shapely.union_all(parts), GRID_M)


def _roads(
    table: gpd.GeoDataFrame | None, origin: NDArray[np.float64], site: BaseGeometry
) -> list[tuple[LineString, int]]:
    """Existing roads in the site, with the class that their names say."""
    if table is None:
        return []
    near = site.buffer(_ON_OUTLINE_M / 10)
    roads: list[tuple[LineString, int]] = []
    for row in table.rename(columns={"class": "road_class"}).itertuples():
        if row.geometry is None or row.geometry.is_empty:
            continue
        # A road that follows the outline lies on it, not now on this and now on that side of it.
        line = shapely.snap(_near(row.geometry, origin), site.boundary, _ON_OUTLINE_M)
        inside = shapely.set_precision(line, GRID_M).intersection(near)
        roads.extend((part, _rank(row)) for part in _line_parts(inside))
    return roads


def _line_parts(shape: BaseGeometry) -> list[LineString]:
    """Lines of any geometry, collections of collections too."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in parts if part.geom_type in ("LineString", "LinearRing") and part.length > 0]


def _rank(row: Any) -> int:
    """Class of an existing road by its name: the main ones keep the widest right of way."""
    name = str(getattr(row, "road_class", "")).casefold()
    return ARTERIAL if any(word in name for word in MAIN_ROADS) else COLLECTOR


def _gates(
    table: gpd.GeoDataFrame | None,
    origin: NDArray[np.float64],
    site: BaseGeometry,
    core: BaseGeometry,
    kept: BaseGeometry,
) -> tuple[list[Point], list[str]]:
    """Gates on the outline: to each that is given the nearest point of it that has open land behind."""
    if table is None:
        return [], []
    edge = core.boundary.intersection(site.boundary.buffer(_ON_OUTLINE_M))
    if edge.is_empty:
        edge = core.boundary
    open_edge = edge.difference(kept.buffer(_NARROW_M))
    edge = edge if open_edge.is_empty else open_edge
    gates, kinds = [], []
    for place, shape in enumerate(table.geometry):
        if shape is None or shape.is_empty:
            continue
        nearest = shapely.ops.nearest_points(edge, _near(shape.centroid, origin))[0]
        gates.append(shapely.set_precision(nearest, GRID_M))
        kind = table["kind"].iloc[place] if "kind" in table else "town"
        kinds.append("" if pd.isna(kind) else str(kind).strip().lower())
    return gates, kinds
