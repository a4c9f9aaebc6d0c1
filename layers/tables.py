"""The checked tables that stages take: their columns, meanings and units."""

from __future__ import annotations

from geo.schema import Column, TableSchema

__all__ = ["FACILITIES", "FIRMS", "PARKS", "ROADS", "SCHEMAS"]

_LON = Column(meaning="longitude, WGS 84", unit="deg", kind="number")
_LAT = Column(meaning="latitude, WGS 84", unit="deg", kind="number")

FIRMS = TableSchema(
    name="firms",
    geometry=frozenset({"Point"}),
    columns={
        "id": Column(meaning="identifier of the firm, else its source row", kind="text"),
        "name": Column(meaning="name of the firm, as written in the source", kind="text"),
        "source_row": Column(meaning="line, row or feature of the source, from 1", kind="count"),
        "lon": _LON,
        "lat": _LAT,
        "precision": Column(meaning="how far the location can be trusted", kind="text"),
        "synthetic": Column(meaning="true when the firm was made by a generator", kind="flag"),
        "in_area": Column(
            meaning="true when it lies within the stated distance", kind="flag", required=False
        ),
        "industry": Column(meaning="industry as text or GB/T 4754 class", kind="text", required=False),
        "township": Column(meaning="township or street office", kind="text", required=False),
        "employees": Column(meaning="staff", unit="persons", kind="number", required=False),
    },
)

FACILITIES = TableSchema(
    name="facilities",
    geometry=frozenset({"Point"}),
    columns={
        "id": Column(meaning="identifier", kind="text"),
        "name": Column(meaning="name", kind="text"),
        "kind": Column(meaning="seaport, river_port, airport, interchange, road, …", kind="text"),
        "lon": _LON,
        "lat": _LAT,
        "precision": Column(meaning="how far the location can be trusted", kind="text"),
        "source": Column(meaning="where the location comes from", kind="text"),
    },
)

ROADS = TableSchema(
    name="roads",
    geometry=frozenset({"LineString", "MultiLineString"}),
    columns={
        "class": Column(meaning="expressway, arterial, collector, local …", kind="text", required=False),
        "name": Column(meaning="name of the road", kind="text", required=False),
        "width_m": Column(meaning="right of way", unit="m", kind="number", required=False),
    },
)

PARKS = TableSchema(
    name="parks",
    geometry=frozenset({"Polygon", "MultiPolygon"}),
    columns={
        "id": Column(meaning="identifier", kind="text"),
        "name": Column(meaning="name of the park", kind="text"),
        "sketch": Column(meaning="true for an outline that nobody surveyed (示意图)", kind="flag"),
    },
)

SCHEMAS = (FIRMS, FACILITIES, ROADS, PARKS)
