"""The checked tables of imports and stages: their columns, meanings and units."""

from __future__ import annotations

from geo.schema import Column, TableSchema

__all__ = ["ACCEPTED", "DUPLICATES", "FACILITIES", "FIRMS", "GATES", "REJECTS", "ROADS", "SCHEMAS"]

_ROW = Column(meaning="line, row or feature of the source, from 1, the header included", kind="count")
_LON = Column(meaning="longitude, WGS 84", unit="deg", kind="number")
_LAT = Column(meaning="latitude, WGS 84", unit="deg", kind="number")
_PRECISION = Column(meaning="how far the location can be trusted, as the source says", kind="text")

FIRMS = TableSchema(
    name="firms",
    meaning="a firm that was accepted",
    geometry=frozenset({"Point"}),
    columns={
        "id": Column(meaning="identifier of the firm, else its source row", kind="text"),
        "name": Column(meaning="name of the firm, as written in the source", kind="text"),
        "source_row": _ROW,
        "lon": _LON,
        "lat": _LAT,
        "precision": _PRECISION,
        "synthetic": Column(meaning="true when the firm was made by a generator", kind="flag"),
        "in_area": Column(
            meaning="true when it lies within the stated distance at a point of its own: metric figures "
            "use these",
            kind="flag",
        ),
        "industry": Column(
            meaning="industry as text, else its code of GB/T 4754", kind="text", required=False
        ),
        "industry_code": Column(meaning="code of GB/T 4754, as written", kind="text", required=False),
        "code_edition": Column(
            meaning="edition of GB/T 4754 that the code is of: 2011, 2017, or not known",
            kind="text",
            required=False,
        ),
        "chain": Column(
            meaning="industry chain, a file of data/catalogues/chains; empty where none or several fit",
            kind="text",
            required=False,
        ),
        "stage": Column(meaning="stages of the chain that fit, a bar between", kind="text", required=False),
        "chain_match": Column(
            meaning="the code or word by which the chain was found", kind="text", required=False
        ),
        "product": Column(
            meaning="what the firm makes, as written: tells stages of one code apart",
            kind="text",
            required=False,
        ),
        "township": Column(meaning="township or street office", kind="text", required=False),
        "status": Column(meaning="registration status, as written", kind="text", required=False),
        "closed": Column(
            meaning="true when the register says that the firm is closed: figures leave it out unless asked",
            kind="flag",
            required=False,
        ),
        "credit_code": Column(meaning="unified social credit code, as written", kind="text", required=False),
        "founded": Column(
            meaning="when it was founded: year, month or day, as much as is known",
            kind="text",
            required=False,
        ),
        "address": Column(meaning="address, as written", kind="text", required=False),
        "employees": Column(meaning="staff", unit="persons", kind="number", required=False),
    },
)

FACILITIES = TableSchema(
    name="facilities",
    meaning="a port, an airport or whatever else firms want to be near",
    geometry=frozenset({"Point"}),
    columns={
        "id": Column(meaning="identifier, else the source row", kind="text"),
        "name": Column(meaning="name, else the identifier", kind="text"),
        "kind": Column(meaning="seaport, river_port, airport, or a kind of one's own", kind="text"),
        "lon": _LON,
        "lat": _LAT,
        "precision": _PRECISION,
        "source": Column(meaning="where the location comes from", kind="text"),
    },
)

ROADS = TableSchema(
    name="roads",
    meaning="a stretch of an existing road, its centre line",
    geometry=frozenset({"LineString", "MultiLineString"}),
    columns={
        "source_row": _ROW,
        "class": Column(
            meaning="class, as written: 高速, 快速, 主干, 国道, 省道, expressway, motorway, trunk, primary, "
            "arterial are main roads; 高速, expressway and motorway are expressways",
            kind="text",
            required=False,
        ),
        "name": Column(meaning="name of the road", kind="text", required=False),
    },
)

GATES = TableSchema(
    name="gates",
    meaning="a gate of the park",
    geometry=frozenset({"Point"}),
    columns={
        "source_row": _ROW,
        "kind": Column(meaning="port, expressway, town or rail", kind="text", required=False),
        "name": Column(meaning="name of the gate", kind="text", required=False),
    },
)

SCHEMAS = (FIRMS, FACILITIES, ROADS, GATES)

ACCEPTED = TableSchema(
    name="accepted",
    meaning="a record that was accepted, in source order: the columns of the source as text, then these",
    geometry=frozenset(
        {
            "Point",
            "LineString",
            "Polygon",
            "MultiPoint",
            "MultiLineString",
            "MultiPolygon",
            "GeometryCollection",
        }
    ),
    columns={
        "source_row": _ROW,
        "lon": Column(
            meaning="longitude, WGS 84; of a line or area: of a point on it", unit="deg", kind="number"
        ),
        "lat": Column(
            meaning="latitude, WGS 84; of a line or area: of a point on it", unit="deg", kind="number"
        ),
        "precision": Column(
            meaning="how far the location can be trusted, as the source says; else: as given", kind="text"
        ),
        "flags": Column(meaning="codes of what was noticed, a semicolon between", kind="text"),
    },
)

REJECTS = TableSchema(
    name="rejects",
    meaning="a record that was rejected, in source order",
    columns={
        "source_row": _ROW,
        "code": Column(meaning="why, as in codes.md", kind="text"),
        "column": Column(meaning="the column that is to blame; geometry for a shape", kind="text"),
        "text": Column(meaning="the row as it was written, at most 500 characters", kind="text"),
        "message": Column(meaning="the code in a sentence", kind="text"),
    },
)

DUPLICATES = TableSchema(
    name="duplicates",
    meaning="a row that seems to be one firm with the others of its group; all of them are kept",
    columns={
        "group": Column(meaning="number of the group, in the order of the table", kind="count"),
        "source_row": _ROW,
        "reason": Column(
            meaning="row: every cell is the same; id, credit_code: the same one; name: the same name, spelt "
            "alike but for its legal form and punctuation, within 200 m",
            kind="text",
        ),
        "id": Column(meaning="identifier, as written", kind="text"),
        "name": Column(meaning="name, as written", kind="text"),
    },
)
