"""Odd GeoJSON and GeoPackages."""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import LineString, Point

from tests.layers.corpus import Odd, accept, ask, refuse

__all__ = ["DOCUMENTS", "PACKAGES"]

POINT = {"type": "Point", "coordinates": [118.4, 24.7]}
SQUARE = [[118, 24], [119, 24], [119, 25], [118, 25], [118, 24]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def document(*features: object, **more: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def text(*geometries: object, **more: object) -> str:
    return json.dumps(document(*(feature(one, 名称="甲") for one in geometries), **more), ensure_ascii=False)


def beside(geometry: object) -> str:
    """A document whose second feature has this geometry; the first is good."""
    return text(POINT, geometry)


def crs(name: object) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


def collection(*geometries: object) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": list(geometries)}


def lines(*one_each: str) -> str:
    return "\n".join(one_each)


ONE, TWO = (json.dumps(feature(POINT, 名称=name), ensure_ascii=False) for name in "甲乙")
NESTED: dict[str, Any] = POINT
for _ in range(30):
    NESTED = collection(NESTED)
PROPERTIES = feature(
    POINT, zero="007", long=350583198001011234, whole=3.0, part=0.1, yes=True, none=None, list=[1, "甲"], deep={"a": 1}, 名="NA"
)  # fmt: skip
DOCUMENTS: list[Odd] = [
    accept("a collection", text(POINT), 1, warned=("CRS_ASSUMED",)),
    accept("a feature", json.dumps(feature(POINT)), 1),
    accept("a bare geometry", json.dumps(POINT), 1),
    accept("a geometry of nothing beside another", beside(None), 1, {"EMPTY_GEOMETRY": 1}),
    accept("a point of nothing", beside({"type": "Point", "coordinates": []}), 1, {"EMPTY_GEOMETRY": 1}),
    accept("a polygon of nothing", beside({"type": "Polygon", "coordinates": []}), 1, {"EMPTY_GEOMETRY": 1}),
    accept("a feature without geometry", json.dumps(document(feature(POINT), {"type": "Feature", "properties": {}})), 1, {"EMPTY_GEOMETRY": 1}),
    accept("coordinates in words", beside({"type": "Point", "coordinates": ["118.4", "24.7"]}), 1, {"INVALID_GEOMETRY": 1}),
    accept("one coordinate", beside({"type": "Point", "coordinates": [118.4]}), 1, {"INVALID_GEOMETRY": 1}),
    accept("an unknown type", beside({"type": "Circle", "coordinates": [118, 24], "radius": 5}), 1, {"INVALID_GEOMETRY": 1}),
    accept("a geometry that is a text", beside("POINT (118 24)"), 1, {"INVALID_GEOMETRY": 1}),
    accept("features that are null", json.dumps(document(feature(POINT), None)), 1, {"INVALID_GEOMETRY": 1}),
    accept("features that are numbers", json.dumps(document(feature(POINT), 7, "x")), 1, {"INVALID_GEOMETRY": 2}),
    accept("heights", text({"type": "Point", "coordinates": [118.4, 24.7, 99.5]}, polygon([[*place, 5] for place in SQUARE])), 2),
    accept("heights and measures", text({"type": "Point", "coordinates": [118.4, 24.7, 99.5, 1]}), 1),
    accept("collections in collections", text(collection(POINT, collection(polygon(SQUARE)))), 1),
    accept("collections thirty deep", text(NESTED), 1),
    accept("a bow tie", text(polygon([[118, 24], [119, 25], [119, 24], [118, 25], [118, 24]])), 1, warned=("REPAIRED_GEOMETRY",)),
    accept("a bow tie as a boundary", text(polygon([[118, 24], [119, 25], [119, 24], [118, 25], [118, 24]])), 1, kind="boundary"),
    accept("a ring that is not closed", beside(polygon(SQUARE[:-1])), 1, {"INVALID_GEOMETRY": 1}),
    accept("a ring of two corners", beside(polygon([[118, 24], [119, 24], [118, 24]])), 1, {"INVALID_GEOMETRY": 1}),
    accept("a hole outside", text(polygon(SQUARE, [[120, 24], [121, 24], [121, 25], [120, 24]])), 1, warned=("REPAIRED_GEOMETRY",)),
    accept("a line of one place", beside({"type": "LineString", "coordinates": [[118, 24]]}), 1, {"INVALID_GEOMETRY": 1}),
    accept("rings the other way round", text(polygon(SQUARE[::-1])), 1),
    accept("a coordinate that is no number", beside({"type": "Point", "coordinates": [float("nan"), 24]}), 1, {"NONFINITE_COORD": 1}),
    accept("a coordinate beyond all numbers", beside({"type": "Point", "coordinates": "HUGE"}).replace('"HUGE"', "[1e400, 24]"), 1, {"NONFINITE_COORD": 1}),
    accept("a point at 0, 0", beside({"type": "Point", "coordinates": [0, 0]}), 1, {"NULL_ISLAND": 1}),
    accept("a point at 190, 24", beside({"type": "Point", "coordinates": [190, 24]}), 1, {"OUT_OF_RANGE": 1}),
    ask("latitude first", text({"type": "Point", "coordinates": [24.7, 118.4]}), "axes"),
    accept("latitude first, stated", text({"type": "Point", "coordinates": [24.7, 118.4]}), 1, axes="yx"),
    ask("metres and no system", text({"type": "Point", "coordinates": [500_000, 2_730_000]}), "crs"),
    accept("metres and a system", text({"type": "Point", "coordinates": [500_000, 2_730_000]}, crs=crs("urn:ogc:def:crs:EPSG::4548")), 1),
    accept("CGCS2000 by name", text(POINT, crs=crs("urn:ogc:def:crs:EPSG::4490")), 1),
    accept("CRS84 by name", text(POINT, crs=crs("urn:ogc:def:crs:OGC:1.3:CRS84")), 1),
    accept("a system that is null", text(POINT, crs=None), 1),
    accept("a system that is a bare text", text({"type": "Point", "coordinates": [500_000, 2_730_000]}, crs="EPSG:4548"), 1),
    accept("a system as older programs write it", text({"type": "Point", "coordinates": [500_000, 2_730_000]}, crs={"type": "EPSG", "properties": {"code": 4548}}), 1),
    refuse("a link to a system", text(POINT, crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}), "UNSAFE"),
    refuse("a system that nobody knows", text(POINT, crs=crs("EPSG:999999")), "CRS_AMBIGUOUS"),
    refuse("a system without a name", text(POINT, crs=crs(5)), "NOT_THIS_FORMAT"),
    accept("properties of every kind", json.dumps(document(PROPERTIES)), 1, cells={"zero": ["007"], "long": ["350583198001011234"], "whole": ["3"], "part": ["0.1"], "yes": ["true"], "none": [""], "list": ['[1, "甲"]'], "deep": ['{"a": 1}'], "名": ["NA"]}),
    accept("no properties", json.dumps(document({"type": "Feature", "properties": None, "geometry": POINT})), 1),
    accept("a name of the feature", json.dumps(document({**feature(POINT), "id": "007"})), 1, cells={"id": ["007"]}),
    accept("a key twice", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"1","a":"2"},"geometry":{"type":"Point","coordinates":[118,24]}}]}', 1, cells={"a": ["2"]}),
    accept("features of different columns", json.dumps(document(feature(POINT, a=1), feature(POINT, b=2))), 2, cells={"a": ["1", ""], "b": ["", "2"]}),
    accept("half a character", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":"\\ud800"},"geometry":{"type":"Point","coordinates":[118,24]}},' + json.dumps(feature(POINT)) + "]}", 1, {"UNDECODABLE_TEXT": 1}),
    accept("GeoJSON in GB 18030", text(POINT).encode("gb18030"), 1, cells={"名称": ["甲"]}),
    accept("GeoJSON in UTF-16", text(POINT).encode("utf-16"), 1, cells={"名称": ["甲"]}),
    accept("GeoJSON with a mark", b"\xef\xbb\xbf" + text(POINT).encode(), 1, cells={"名称": ["甲"]}),
    accept("members that nobody knows", text(POINT, bbox=[1, 2], name="层", 备注={"a": 1}), 1),
    accept("lines among firms", text(POINT, {"type": "LineString", "coordinates": [[118, 24], [119, 25]]}), 1, {"WRONG_GEOMETRY": 1}, kind="firms"),
    accept("points of one point each", text({"type": "MultiPoint", "coordinates": [[118.4, 24.7]]}), 1, kind="firms"),
    refuse("points as a boundary", text(POINT), "WRONG_GEOMETRY", kind="boundary"),
    refuse("a collection of nothing", text(), "NO_ROWS"),
    refuse("features without a place", text(None, None), "EMPTY_GEOMETRY"),
    refuse("JSON of something else", '{"a": 1}', "NOT_THIS_FORMAT"),
    refuse("a list", "[1, 2]", "NOT_THIS_FORMAT"),
    refuse("a list of features", json.dumps([feature(POINT)]), "NOT_THIS_FORMAT"),
    accept("one feature a line", lines(ONE, TWO, ONE), 3, cells={"名称": ["甲", "乙", "甲"]}, rows=[1, 2, 3]),
    accept("one feature a line, with blank ones", "\ufeff\n" + lines(ONE, "", TWO, "", ""), 2, rows=[2, 4]),
    accept("one feature a line in GB 18030 with Windows' ends", lines(ONE, TWO).replace("\n", "\r\n").encode("gb18030"), 2, cells={"名称": ["甲", "乙"]}),
    accept("features behind separators", f"\x1e{ONE}\n\x1e{json.dumps(json.loads(TWO), indent=1)}\n", 2, rows=[1, 2]),
    accept("geometries one a line", lines(ONE, json.dumps(POINT)), 2),
    accept("one feature a line, one of them broken off", lines(ONE, TWO, ONE[:40]), 2, {"NOT_JSON": 1}, rows=[1, 2]),
    accept("one feature a line, among them other things", lines(ONE, "5", '"x"', "[]", '{"a":1}', "null", TWO), 2, {"INVALID_GEOMETRY": 4, "EMPTY_GEOMETRY": 1}),
    accept("one feature a line with a geometry of nothing", lines(ONE, json.dumps(feature(None))), 1, {"EMPTY_GEOMETRY": 1}),
    refuse("features of two systems one a line", lines(ONE, json.dumps(feature(POINT) | {"crs": crs("EPSG:4490")})), "NOT_THIS_FORMAT"),
    refuse("a link to a system on a line", lines(ONE, json.dumps(feature(POINT) | {"crs": {"type": "link", "properties": {"href": "http://127.0.0.1/"}}})), "UNSAFE"),
    refuse("collections one a line", lines(text(POINT), text(POINT)), "NOT_THIS_FORMAT"),
    refuse("other JSON one a line", lines('{"a": 1}', '{"a": 2}'), "NOT_THIS_FORMAT"),
    refuse("TopoJSON", '{"type":"Topology","objects":{},"arcs":[]}', "NOT_THIS_FORMAT"),
    refuse("JSON of another maker", '{"geometryType":"esriGeometryPoint","features":[{"attributes":{},"geometry":{"x":1,"y":2}}]}', "NOT_THIS_FORMAT"),
    refuse("a comma too many", '{"type":"FeatureCollection","features":[],}', "NOT_THIS_FORMAT"),
    refuse("a comment", "// made by hand\n" + text(POINT), "NO_COLUMN"),
    refuse("brackets without end", "[" * 100_000, "NOT_THIS_FORMAT"),
    refuse("an algorithm of GDAL", '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/passwd"}', "NOT_THIS_FORMAT"),
]  # fmt: skip


def package(
    *layers: str,
    sql: tuple[str, ...] = (),
    geometry: object = None,
    system: str | None = "EPSG:4326",
    rows: int = 1,
) -> Callable[[Path], bytes]:
    """A GeoPackage with these layers, changed by these statements."""

    def make(folder: Path) -> bytes:
        path = folder / "made.gpkg"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # without a system is what is meant
            for layer in layers:
                shapes = [geometry if geometry is not None else Point(118.4, 24.7)] * rows
                table = gpd.GeoDataFrame(
                    {"名称": ["甲"] * rows, "数": list(range(rows))}, geometry=shapes, crs=system
                )
                table.to_file(path, layer=layer, driver="GPKG")
        connection = sqlite3.connect(path)
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name in [name for (name,) in triggers if sql]:  # they call functions that GDAL alone knows
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in sql:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()

    return make


def database(*statements: str) -> Callable[[Path], bytes]:
    """A database that is no GeoPackage."""
    return package(sql=statements)


# Header, system 4326, circular string of three corners.
ARC = "47500001E61000000108000000030000000000000000805D4000000000000038400000000000905D4000000000001038400000000000A05D400000000000003840"
PACKAGES: list[Odd] = [
    accept("a GeoPackage", package("层"), 1, cells={"名称": ["甲"], "数": ["0"]}),
    ask("two layers", package("一", "二"), "layer"),
    accept("two layers, one of them stated", package("一", "二"), 1, layer="二"),
    refuse("a stated layer that is not there", package("一"), "NOT_THIS_FORMAT", layer="三"),
    accept("a layer in metres", package("层", geometry=Point(500_000, 2_730_000), system="EPSG:4548"), 1),
    accept("a layer without a system", package("层", system=None), 1, warned=("CRS_ASSUMED",)),
    ask("a layer in metres without a system", package("层", geometry=Point(500_000, 2_730_000), system=None), "crs"),
    accept("a geometry that is missing", package("层", rows=2, sql=("UPDATE 层 SET geom = NULL WHERE 数 = 1",)), 1, {"EMPTY_GEOMETRY": 1}),
    accept("an arc", package("层", geometry=LineString(SQUARE), sql=(f"UPDATE 层 SET geom = x'{ARC}'",)), 1),
    refuse("a layer without rows", package("层", sql=("DELETE FROM 层",)), "NO_ROWS"),
    refuse("a view", package("层", sql=("CREATE VIEW v AS SELECT * FROM 层",)), "UNSAFE"),
    refuse("a trigger", package("层", sql=("CREATE TRIGGER mine AFTER INSERT ON 层 BEGIN DELETE FROM 层; END",)), "UNSAFE"),
    refuse("a virtual table", package("层", sql=("CREATE VIRTUAL TABLE words USING fts4(content)",)), "UNSAFE"),
    refuse("a database of something else", database("CREATE TABLE a (b)"), "NOT_THIS_FORMAT"),
    refuse("a GeoPackage that breaks off", lambda folder: package("层")(folder)[:5_000], "NOT_THIS_FORMAT"),
    refuse("a GeoPackage of zeros", b"SQLite format 3\0" + bytes(5_000), "NOT_THIS_FORMAT"),
]  # fmt: skip
