"""Park boundaries: one outline in WGS 84, or the sentence that says what is wrong with it."""

from __future__ import annotations

import re

import geopandas as gpd
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.validation import explain_validity

from geo.errors import N_, GeometryError
from geo.shapes import polygon_parts
from layers.sources.importer import Imported

__all__ = ["check_boundary", "to_boundary"]

_PLACE = re.compile(r"\[(?P<x>\S+) (?P<y>\S+)\]")


_MOST_PARTS = 200
_SLIVER = 1e-3
"""Neighbours that were digitised one by one overlap by less than this share of the smaller one."""


def to_boundary(imported: Imported | gpd.GeoDataFrame) -> Polygon | MultiPolygon:
    """Return the boundary that a table holds, in WGS 84.

    Parameters
    ----------
    imported : Imported or GeoDataFrame
        With one outline: a row, or several rows that are parts of one park without overlapping.

    Raises
    ------
    GeometryError
        If it is empty, crosses itself (the place is told), is no polygon, or several rows overlap:
        which one is meant cannot be told.
    """
    table = imported.table if isinstance(imported, Imported) else imported
    if len(table) > _MOST_PARTS:
        raise GeometryError(
            N_("the file holds {count} outlines, and a park has at most {most} parts"),
            hint=N_("keep the one that is meant in a file of its own"),
            count=len(table),
            most=_MOST_PARTS,
        )
    parts: list[Polygon] = []
    for place, shape in enumerate(table.geometry, start=1):
        row = int(table["source_row"].iloc[place - 1]) if "source_row" in table else place
        parts += polygon_parts(check_boundary(shape, where=f"feature {row}"))
    whole = shapely.union_all(parts)
    if sum(part.area for part in parts) - whole.area > _SLIVER * min(part.area for part in parts):
        raise GeometryError(
            N_("the file holds {count} outlines that overlap"),
            hint=N_("keep the one that is meant in a file of its own"),
            count=len(table),
        )
    joined = polygon_parts(whole)
    return joined[0] if len(joined) == 1 else MultiPolygon(joined)


def check_boundary(shape: object, *, where: str = "") -> Polygon | MultiPolygon:
    """Return a polygon that can be a boundary, without heights; see `to_boundary` for the errors."""
    if not isinstance(shape, (Polygon, MultiPolygon)):
        kind = getattr(shape, "geom_type", "nothing")
        raise GeometryError(
            N_("a boundary must be a polygon, this is a {kind_name}"),
            hint=N_("close the outline"),
            where=where,
            code="WRONG_GEOMETRY",
            kind_name=kind,
        )
    if not shape.is_empty and not shape.is_valid:
        reason = explain_validity(shape)
        place = _PLACE.search(reason)
        lon, lat = (float(place["x"]), float(place["y"])) if place else (float("nan"),) * 2
        raise GeometryError(
            N_("the boundary crosses itself near {lon:.6f}, {lat:.6f}"),
            hint=N_("move the corner there, or draw the outline again"),
            where=where,
            lon=lon,
            lat=lat,
        )
    if shape.is_empty or shape.area == 0:
        raise GeometryError(
            N_("the boundary encloses no area"), hint=N_("draw it again"), where=where, code="EMPTY_GEOMETRY"
        )
    flat: Polygon | MultiPolygon = shapely.force_2d(shape)
    return flat
