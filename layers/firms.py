"""Firms: from an imported table to what the stages take."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.area import StudyArea, geodesic_distance_m
from layers.sources.cells import parse_numbers
from layers.sources.dates import parse_dates
from layers.sources.importer import Imported
from layers.sources.industries import find_chains, read_editions
from layers.tables import FIRMS

__all__ = ["has_a_point", "to_firms"]

_FLAT_M = 200_000.0
"""Up to here a plane's distances are true to a thousandth or two."""
_COARSE = {
    "county", "city", "prefecture", "district", "province", "country",
    "县", "县级", "区县", "区县级", "县区", "市", "市级", "地市", "地级市", "城市", "省", "省级", "国家",
}  # fmt: skip
"""Precisions at which many firms share one point that none of them stands on."""
_YES = {"true", "1", "yes", "y", "是", "合成", "synthetic"}


def to_firms(
    imported: Imported,
    area: StudyArea,
    *,
    within_m: float | None = None,
    around: BaseGeometry | None = None,
) -> gpd.GeoDataFrame:
    """Return the accepted firms in the area's CRS.

    Parameters
    ----------
    imported : Imported
        Of kind firms, or any with points.
    area : StudyArea
    within_m : float, optional
        Firms farther than this from `around` are outside the study area.
    around : Polygon or MultiPolygon, optional
        Usually the park, in the area's CRS.

    Returns
    -------
    GeoDataFrame, schema `FIRMS`
        All accepted rows, those outside the area too, with `in_area`; of a firm whose place is known
        to its county alone nobody can say that it lies within a distance.

    Raises
    ------
    SchemaError
        If the table breaks its promise.

    Notes
    -----
    O(n). A projection far outside its zone is meaningless: such rows are outside the area by
    their longitude and latitude already and keep whatever finite coordinates come out. A firm on
    the other side of the globe never counts, whatever the distance.
    """
    table, roles = imported.table, imported.roles
    text = {role: table[column].astype(str).str.strip() for role, column in roles.items() if column in table}
    identifiers = text.get("id", pd.Series("", index=table.index))
    rows = table["source_row"].astype(str)
    firms = gpd.GeoDataFrame(
        {
            "id": identifiers.where(identifiers != "", rows),
            "name": text.get("name", pd.Series("", index=table.index)),
            "source_row": table["source_row"],
            "lon": table["lon"],
            "lat": table["lat"],
            "precision": table["precision"],
            "synthetic": text["synthetic"].str.casefold().isin(_YES) if "synthetic" in text else False,
        },
        geometry=_project(table, area),
        crs=area.crs,
    )
    for role in ("industry", "industry_code", "product", "township", "status", "credit_code", "address"):
        if role in text:
            firms[role] = text[role].where(text[role] != "", None)
    if "founded" in text:
        founded = parse_dates(text["founded"], imported.options.dates)[0]
        firms["founded"] = founded.where(founded != "", None)
    firms["closed"] = table["flags"].str.contains("CLOSED_FIRM", regex=False).to_numpy(dtype=bool)
    if "industry" in text or "industry_code" in text:
        _add_chains(firms, imported, text)
    if "employees" in text:
        firms["employees"] = parse_numbers(text["employees"].tolist())[0]
    firms["in_area"] = True
    if within_m is not None and around is not None:
        firms["in_area"] = _within(firms, area, around, within_m)
    firms["in_area"] &= has_a_point(firms["precision"])
    FIRMS.check(firms)
    return firms


def has_a_point(precision: pd.Series) -> NDArray[np.bool_]:
    """Tell which positions are places of their own, not points that stand for a county or city.

    Parameters
    ----------
    precision : Series of n texts
        As the import says it: county and city where an address was all there was, or whatever a
        column of the source says (县级, province …).

    Returns
    -------
    ndarray of shape (n,), bool
    """
    return np.asarray(~precision.astype(str).str.strip().str.casefold().isin(_COARSE), dtype=bool)


def _add_chains(firms: gpd.GeoDataFrame, imported: Imported, text: Mapping[str, pd.Series]) -> None:
    """Add the edition of the codes, chain and stage; a code names an industry that has no words."""
    editions = read_editions(imported.table, imported.roles, imported.options.code_edition)
    if "industry_code" in text:
        firms["code_edition"] = editions.where(editions != "", None)
        firms["industry"] = firms.get("industry", firms["industry_code"]).fillna(firms["industry_code"])
    for name, cells in find_chains(text, editions).items():
        firms[str(name)] = cells


def _within(
    firms: gpd.GeoDataFrame, area: StudyArea, around: BaseGeometry, within_m: float
) -> NDArray[np.bool_]:
    """Which firms lie at most a distance from a shape: in the plane, on the ellipsoid where that is far."""
    points = firms.geometry.to_numpy()
    # Beyond a quarter of the globe a projection may fold back onto the park.
    centre = area.to_wgs84(around.centroid)
    found: NDArray[np.bool_] = np.abs(firms["lon"].to_numpy(dtype=float) - centre.x) < 60
    if within_m <= _FLAT_M:
        shapely.prepare(around)
        return np.asarray(found & shapely.dwithin(points, around, within_m), dtype=bool)
    places = np.flatnonzero(found)
    nearest = shapely.get_point(shapely.shortest_line(points[places], around), -1)
    edge = gpd.GeoDataFrame(geometry=nearest, crs=area.crs)
    lon, lat = (get(area.to_wgs84(edge).geometry.to_numpy()) for get in (shapely.get_x, shapely.get_y))
    own = firms.iloc[places]
    found[places] = geodesic_distance_m(own["lon"], own["lat"], lon, lat) <= within_m
    return found


def _project(table: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoSeries:
    points = area.to_metric(table[["geometry"]]).geometry
    xy = np.column_stack([shapely.get_x(points.to_numpy()), shapely.get_y(points.to_numpy())])
    # Where the projection has no answer (the far side of the earth) any far point serves.
    xy[~np.isfinite(xy).all(axis=1)] = 1e8
    return gpd.GeoSeries(shapely.points(xy), index=table.index, crs=area.crs)
