"""Layers as GIS programs export them: every geometry taken, set aside with its reason, or the layer asked about."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
    mapping,
)

Outcome = Callable[..., tuple[str, object]]
SHAPES = [
    Point(118.4, 24.7),
    MultiPoint([(118.4, 24.7), (118.5, 24.8)]),
    LineString([(118.4, 24.7), (118.5, 24.8)]),
    MultiLineString([[(118.4, 24.7), (118.5, 24.8)], [(118.6, 24.7), (118.6, 24.8)]]),
    box(118.4, 24.7, 118.5, 24.8),
    MultiPolygon([box(118.4, 24.7, 118.5, 24.8), box(118.6, 24.7, 118.7, 24.8)]),
    GeometryCollection([Point(118.4, 24.7), box(118.4, 24.7, 118.5, 24.8)]),
]


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: object, **members: object) -> bytes:
    return json.dumps(
        {"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False
    ).encode()


POINT = {"type": "Point", "coordinates": [118.4, 24.7]}


def test_every_type_of_geometry_is_taken_as_it_is(outcome: Outcome) -> None:
    how, got = outcome(collection(*(feature(mapping(shape), n=n) for n, shape in enumerate(SHAPES))))
    assert how == "taken"
    assert [shape.equals(own) for shape, own in zip(got.table.geometry, SHAPES, strict=True)] == [True] * 7  # type: ignore[attr-defined]
    inside = shapely.points(got.table["lon"], got.table["lat"])  # type: ignore[attr-defined]
    assert (shapely.distance(inside, got.table.geometry.to_numpy()) < 1e-12).all()  # type: ignore[attr-defined]


def test_a_kind_takes_its_own_types_and_sets_the_others_aside(outcome: Outcome) -> None:
    data = collection(*(feature(mapping(shape)) for shape in SHAPES))
    for kind, count in (("firms", 1), ("roads", 2), ("parks", 2), ("boundary", 2), ("rail", 3)):
        how, got = outcome(data, kind=kind)
        assert how == "taken"
        assert got.report.accepted == count  # type: ignore[attr-defined]
        assert got.report.reasons == {"WRONG_GEOMETRY": 7 - count}  # type: ignore[attr-defined]


def test_a_multipoint_of_one_point_is_that_point(outcome: Outcome) -> None:
    how, got = outcome(collection(feature(mapping(MultiPoint([(118.4, 24.7)])))), kind="firms")
    assert how == "taken"
    assert got.table.geometry.geom_type.tolist() == ["Point"]  # type: ignore[attr-defined]


def test_heights_and_measures_are_left_out(outcome: Outcome) -> None:
    line = {"type": "LineString", "coordinates": [[118.4, 24.7, 12.0], [118.5, 24.8, 13.0, 7.0]]}
    how, got = outcome(collection(feature(line), feature({"type": "Point", "coordinates": [118.4, 24.7, 5]})))
    assert how == "taken"
    assert not got.table.geometry.has_z.any()  # type: ignore[attr-defined]


BAD = {
    "null geometry": (feature(None, n=1), "EMPTY_GEOMETRY"),
    "no geometry": ({"type": "Feature", "properties": {"n": 1}}, "EMPTY_GEOMETRY"),
    "no coordinates": (feature({"type": "Point", "coordinates": []}), "EMPTY_GEOMETRY"),
    "empty collection": (feature({"type": "GeometryCollection", "geometries": []}), "EMPTY_GEOMETRY"),
    "coordinates as text": (feature({"type": "Point", "coordinates": ["118.4", "24.7"]}), "INVALID_GEOMETRY"),
    "one coordinate": (feature({"type": "Point", "coordinates": [118.4]}), "INVALID_GEOMETRY"),
    "a type of nobody": (feature({"type": "Circle", "coordinates": [118.4, 24.7]}), "INVALID_GEOMETRY"),
    "an open ring": (feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}), "INVALID_GEOMETRY"),
    "a ring of two places": (feature({"type": "Polygon", "coordinates": [[[118, 24], [119, 24], [118, 24], [118, 24]]]}), "INVALID_GEOMETRY"),
    "not a feature": (17, "INVALID_GEOMETRY"),
    "a list for a type": (feature({"type": ["Point"], "coordinates": [118, 24]}), "INVALID_GEOMETRY"),
    "properties that are a list": ({"type": "Feature", "properties": [1], "geometry": None}, "EMPTY_GEOMETRY"),
    "nothing": (None, "INVALID_GEOMETRY"),
    "half a character": (feature(POINT, name="\ud800甲"), "UNDECODABLE_TEXT"),
    "half a character in a key": (feature(POINT, **{"\udfff": "甲"}), "UNDECODABLE_TEXT"),
    "a NUL": (feature(POINT, name="甲\0乙"), "UNDECODABLE_TEXT"),
    "north of the pole": (feature({"type": "Point", "coordinates": [118.4, 99.0]}), "OUT_OF_RANGE"),
    "swapped": (feature({"type": "Point", "coordinates": [24.7, 118.4]}), "SWAPPED_AXES"),
    "null island": (feature({"type": "Point", "coordinates": [0, 0]}), "NULL_ISLAND"),
}  # fmt: skip


@pytest.mark.parametrize(("bad", "code"), BAD.values(), ids=BAD.keys())
def test_one_bad_feature_costs_one_row(bad: object, code: str, outcome: Outcome) -> None:
    features = [feature(POINT, name="好"), bad, feature(POINT, name="也好"), feature(POINT, name="还好")]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    how, got = outcome(data)
    assert how == "taken"
    assert got.report.reasons == {code: 1}  # type: ignore[attr-defined]
    assert got.rejects["source_row"].tolist() == [2]  # type: ignore[attr-defined]
    assert got.table["name"].tolist() == ["好", "也好", "还好"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (collection(), "NO_ROWS"),
        (collection(feature(None), feature(None)), "EMPTY_GEOMETRY"),
        (b"[1, 2, 3]", "NOT_THIS_FORMAT"),
        (b'{"type": ["A", "B"], "x": [1, 2]}', "NOT_THIS_FORMAT"),
        (b'{"type": {"type": "Point"}}', "NOT_THIS_FORMAT"),
        (b'{"type": "Topology", "objects": {}}', "NOT_THIS_FORMAT"),
        (b'{"displayFieldName": "", "features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}]}', "NOT_THIS_FORMAT"),
        (b'{"type": "FeatureCollection", "features": 5}', "NOT_THIS_FORMAT"),
        (b'{"type": "FeatureCollection", "features": [', "NOT_THIS_FORMAT"),
        (collection(feature(POINT)) + b"\n" + collection(feature(POINT)), "NOT_THIS_FORMAT"),
        (collection(feature(POINT), crs={"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}), "UNSAFE"),
        (collection(feature(POINT), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::999999"}}), "CRS_AMBIGUOUS"),
        (collection(feature(POINT), crs={"type": "name", "properties": "http://127.0.0.1:9/x"}), "UNSAFE"),
        (collection(feature(POINT), crs=["EPSG:4326"]), "NOT_THIS_FORMAT"),
        (b"[" * 100_000 + b"]" * 100_000, "NOT_THIS_FORMAT"),
        (b'{"type": "Feature", "geometry": ' + b'{"type": "GeometryCollection", "geometries": [' * 900 + b"]}" * 900 + b"}", "NOT_THIS_FORMAT"),
        (b'{"type": "Feature", "properties": {"a": ' + b"9" * 5_000 + b'}, "geometry": null}', "NOT_THIS_FORMAT"),
        (b"\xff\xfe" + b"{\x00", "NOT_THIS_FORMAT"),
    ],
)  # fmt: skip
def test_what_is_no_geojson_is_refused_in_one_sentence(data: bytes, code: str, outcome: Outcome) -> None:
    how, error = outcome(data)
    assert (how, error.code) == ("refused", code)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(POINT).encode(),
        json.dumps(feature(POINT)).encode(),
        collection(feature(POINT)),
        collection(feature(POINT)).decode().encode("utf-8-sig"),
        collection(feature(POINT)).decode().encode("utf-16"),
        b"\n\n "
        + collection(feature(POINT), bbox=[118, 24, 119, 25], name="层", xy_coordinate_resolution=1e-9),
    ],
)
def test_one_point_is_one_point_however_it_is_wrapped(data: bytes, outcome: Outcome) -> None:
    how, got = outcome(data, kind="firms")
    assert how == "taken"
    assert (got.table["lon"].tolist(), got.table["lat"].tolist()) == ([118.4], [24.7])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "crs"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326"), ("EPSG:4326", "EPSG:4326"), ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("GCJ-02", "GCJ-02"), ("BD09", "BD-09"), (None, "EPSG:4326"),
    ],
)  # fmt: skip
def test_a_named_system_is_taken_at_its_word(name: str | None, crs: str, outcome: Outcome) -> None:
    member = None if name is None else {"type": "name", "properties": {"name": name}}
    how, got = outcome(collection(feature(POINT), crs=member))
    assert how == "taken"
    assert got.report.crs == crs  # type: ignore[attr-defined]


def test_metres_in_a_geojson_are_asked_about_and_taken_with_the_answer(outcome: Outcome) -> None:
    data = collection(feature({"type": "Point", "coordinates": [39_542_000.0, 2_733_000.0]}))
    how, error = outcome(data)
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]
    how, got = outcome(data, crs="EPSG:4527")
    assert how == "taken"
    assert 117.4 < got.table["lon"].iloc[0] < 117.5  # type: ignore[attr-defined]


def test_latitude_first_is_asked_about(outcome: Outcome) -> None:
    polygon = mapping(shapely.transform(box(118.4, 24.7, 118.5, 24.8), lambda xy: xy[:, ::-1]))
    for data in (
        collection(feature({"type": "Point", "coordinates": [43.8, 87.6]})),
        collection(feature(polygon)),
    ):
        how, error = outcome(data)
        assert (how, error.about) == ("asked", "axes")  # type: ignore[attr-defined]
        how, got = outcome(data, axes="yx")
        assert how == "taken"
        assert got.table["lon"].iloc[0] > 80  # type: ignore[attr-defined]


def test_properties_of_every_kind_become_text_and_identifiers_stay(outcome: Outcome) -> None:
    one = feature(
        POINT, 编号="007", big=350583198001011234, ratio=0.1, whole=118.0, yes=True, no=False, nothing=None,
        many=[1, "二"], deep={"甲": 1}, na="NA", lon="不是坐标", flags="旗",
    )  # fmt: skip
    one["properties"]["geometry"] = "文字"  # type: ignore[index]
    data = collection({**one, "id": "0042"}, {**feature(POINT, 另="列"), "id": 43})
    how, got = outcome(data)
    assert how == "taken"
    row = got.table.iloc[0]  # type: ignore[attr-defined]
    assert (row["编号"], row["big"], row["ratio"], row["whole"]) == (
        "007",
        "350583198001011234",
        "0.1",
        "118",
    )
    assert (row["yes"], row["no"], row["nothing"], row["many"], row["deep"], row["na"]) == (
        "true",
        "false",
        "",
        '[1, "二"]',
        '{"甲": 1}',
        "NA",
    )
    assert (row["geometry (source)"], row["lon (source)"], row["flags (source)"]) == (
        "文字",
        "不是坐标",
        "旗",
    )
    assert got.table["id"].tolist() == ["0042", "43"]  # type: ignore[attr-defined]
    assert got.table["另"].tolist() == ["", "列"]  # type: ignore[attr-defined]


# --- GeoPackage ---------------------------------------------------------------------------------


def package(folder: Path, **layers: gpd.GeoDataFrame | pd.DataFrame) -> Path:
    path = folder / "layers.gpkg"
    for name, table in layers.items():
        gpd.GeoDataFrame(table).to_file(path, layer=name, driver="GPKG")
    return path


def firms(crs: object = "EPSG:4326", **columns: object) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries([Point(118.4, 24.7), Point(118.5, 24.8)], crs="EPSG:4326")
    return gpd.GeoDataFrame(
        {"名称": ["甲", "乙"], **columns},
        geometry=points.to_crs(crs) if crs else points.set_crs(None, allow_override=True),
    )


@pytest.mark.parametrize(
    "crs", ["EPSG:4326", "EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:3857", "EPSG:32650", "ESRI:102025"]
)
def test_a_layer_lies_where_its_system_says(crs: str, tmp_path: Path, outcome: Outcome) -> None:
    how, got = outcome(package(tmp_path, 企业=firms(crs)).read_bytes(), kind="firms")
    assert how == "taken"
    assert np.allclose(got.table["lon"], [118.4, 118.5], atol=1e-8)  # type: ignore[attr-defined]
    assert np.allclose(got.table["lat"], [24.7, 24.8], atol=1e-8)  # type: ignore[attr-defined]
    assert got.report.layer == "企业"  # type: ignore[attr-defined]
    assert "CRS_ASSUMED" not in {warning.code for warning in got.report.warnings}  # type: ignore[attr-defined]


def system(path: Path, number: int) -> bytes:
    """The same package, whose layers say that their system has this number."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE gpkg_contents SET srs_id = ?", (number,))
    connection.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (number,))
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize("number", [-1, 0, 99_999])
def test_a_layer_without_a_system_is_degrees_with_a_warning_or_asked_about(
    number: int, tmp_path: Path, outcome: Outcome
) -> None:
    how, got = outcome(system(package(tmp_path, a=firms()), number))
    assert how == "taken"
    assert "CRS_ASSUMED" in {warning.code for warning in got.report.warnings}  # type: ignore[attr-defined]
    (tmp_path / "layers.gpkg").unlink()
    how, error = outcome(system(package(tmp_path, a=firms("EPSG:4527")), number))
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]


def test_attributes_keep_their_last_digit_beside_missing_ones(tmp_path: Path, outcome: Outcome) -> None:
    table = firms(
        code=pd.array([350583198001011234, None], dtype="Int64"), zero=["007", "NA"], date=pd.to_datetime(["2009-03-01", None]),
        share=[0.1, np.nan], yes=[True, False], lon=[1.0, 2.0], lat=[3.0, 4.0],
    )  # fmt: skip
    how, got = outcome(package(tmp_path, a=table).read_bytes())
    assert how == "taken"
    assert got.table["code"].tolist() == ["350583198001011234", ""]  # type: ignore[attr-defined]
    assert got.table["zero"].tolist() == ["007", "NA"]  # type: ignore[attr-defined]
    assert got.table["share"].tolist() == ["0.1", ""]  # type: ignore[attr-defined]
    assert got.table["lon (source)"].tolist() == ["1", "2"]  # type: ignore[attr-defined]
    assert got.table["lon"].tolist() == [118.4, 118.5]  # type: ignore[attr-defined]


def test_a_table_of_attributes_is_a_table(tmp_path: Path, outcome: Outcome) -> None:
    table = pd.DataFrame({"名称": ["甲"], "lon": [118.4], "lat": [24.7], "precision": ["镇"]})
    how, got = outcome(package(tmp_path, a=table).read_bytes(), kind="firms")
    assert how == "taken"
    assert (got.table["lon"].tolist(), got.table["precision"].tolist()) == ([118.4], ["镇"])  # type: ignore[attr-defined]
    how, error = outcome(package(tmp_path / "", b=pd.DataFrame({"名称": ["甲"]})).read_bytes(), layer="b")
    assert (how, error.code) == ("refused", "NO_COLUMN")  # type: ignore[attr-defined]


def test_an_empty_layer_says_so(tmp_path: Path, outcome: Outcome) -> None:
    how, error = outcome(package(tmp_path, a=firms().iloc[:0]).read_bytes())
    assert (how, error.code) == ("refused", "NO_ROWS")  # type: ignore[attr-defined]


def raw(path: Path, *blobs: bytes | None) -> bytes:
    """The same package with more rows whose geometries were written by another hand."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")
    for number, blob in enumerate(blobs):
        connection.execute("INSERT INTO a (geom, 名称) VALUES (?, ?)", (blob, f"加{number}"))
    connection.execute("UPDATE gpkg_ogr_contents SET feature_count = (SELECT count(*) FROM a)")
    connection.commit()
    connection.close()
    return path.read_bytes()


def blob(wkb: bytes) -> bytes:
    return b"GP\0\x01" + struct.pack("<i", 4326) + wkb


ARC = struct.pack("<BII6d", 1, 8, 3, 118.0, 24.0, 118.1, 24.1, 118.2, 24.0)
ROUND = struct.pack("<BIIBII6d", 1, 10, 1, 1, 8, 3, 118.0, 24.0, 118.2, 24.2, 118.0, 24.0)


def test_arcs_are_straightened_and_broken_blobs_cost_their_rows(tmp_path: Path, outcome: Outcome) -> None:
    data = raw(
        package(tmp_path, a=firms()), blob(ARC), blob(ROUND), b"junk", blob(b"\x01\x03"), None,
        blob(struct.pack("<BI2d", 1, 1, float("nan"), 24.0)), blob(struct.pack("<BI2d", 1, 1, float("inf"), 24.0)),
    )  # fmt: skip
    how, got = outcome(data)
    assert how == "taken"
    assert got.table.geometry.geom_type.tolist() == ["Point", "Point", "LineString", "Polygon"]  # type: ignore[attr-defined]
    assert shapely.get_num_coordinates(got.table.geometry.iloc[2]) > 10  # type: ignore[attr-defined]
    assert got.report.rejected == 5  # type: ignore[attr-defined]


def test_a_count_that_the_package_keeps_is_not_believed(tmp_path: Path, outcome: Outcome) -> None:
    path = package(tmp_path, a=firms())
    raw(path, blob(ARC))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE gpkg_ogr_contents SET feature_count = 2")
    connection.commit()
    connection.close()
    how, got = outcome(path.read_bytes())
    assert how == "taken"
    assert got.report.rows_in == 3  # type: ignore[attr-defined]


def test_our_own_import_goes_on_where_it_was_and_a_likeness_does_not(
    tmp_path: Path, outcome: Outcome
) -> None:
    own = firms(
        source_row=[7, 9],
        lon=[118.4, 118.5],
        lat=[24.7, 24.8],
        precision=["镇", "点"],
        flags=["CRS_ASSUMED", ""],
    )
    how, got = outcome(package(tmp_path, a=own).read_bytes(), kind="firms")
    assert how == "taken"
    assert got.table["source_row"].tolist() == [7, 9]  # type: ignore[attr-defined]
    assert got.table["precision"].tolist() == ["镇", "点"]  # type: ignore[attr-defined]
    (tmp_path / "layers.gpkg").unlink()
    alike = own.assign(source_row=["甲", "乙"], flags=["红", "蓝"])
    how, got = outcome(package(tmp_path, a=alike).read_bytes(), kind="firms")
    assert how == "taken"
    assert got.table["source_row"].tolist() == [1, 2]  # type: ignore[attr-defined]
    assert got.table["flags (source)"].tolist() == ["红", "蓝"]  # type: ignore[attr-defined]


def test_a_polygon_that_crosses_itself_is_mended_once_and_flagged(outcome: Outcome) -> None:
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[118.4, 24.7], [118.5, 24.8], [118.5, 24.7], [118.4, 24.8], [118.4, 24.7]]],
    }
    how, got = outcome(collection(feature(bow_tie), feature(mapping(SHAPES[4]))), kind="areas")
    assert how == "taken"
    assert got.table["flags"].str.contains("REPAIRED").tolist() == [True, False]  # type: ignore[attr-defined]
    assert got.table.geometry.is_valid.all()  # type: ignore[attr-defined]
    assert got.table.geometry.iloc[0].area == pytest.approx(0.005)  # type: ignore[attr-defined]


def test_a_scribble_is_set_aside_and_a_large_outline_is_not(outcome: Outcome) -> None:
    rng = np.random.default_rng(1)
    scribble = Polygon(rng.random((3_000, 2)) + np.array([118, 24]))
    angle = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    coast = Polygon(
        np.column_stack([118 + np.cos(angle) * (1 + 0.1 * np.sin(500 * angle)), 24 + np.sin(angle)])
    )
    how, got = outcome(collection(feature(mapping(scribble)), feature(mapping(coast))), kind="areas")
    assert how == "taken"
    assert got.report.reasons == {"TOO_LARGE": 1}  # type: ignore[attr-defined]
