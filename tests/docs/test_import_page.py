"""docs/import.md says what an import does: its numbers, names and claims are tried."""

import json
import re
from dataclasses import fields

import pytest

from geo.errors import ChoiceError, ParkError
from layers.sources.importer import ImportOptions, import_file
from layers.sources.options import with_mapping
from layers.sources.raw import LIMITS
from layers.sources.readers import formats
from layers.sources.report import REJECTED, WARNED
from scripts.pages import text

PAGE = text("docs/import.md")
UNITS = {
    "file": "file_mb",
    "rows": "rows",
    "columns": "columns",
    "characters in a cell": "cell_characters",
    "vertices in a shape": "vertices_per_shape",
    "vertices in a file": "vertices",
    "what is packed, unpacked": "inflated_mb",
    "files in a zip": "members",
    "entities of a drawing, blocks in place": "entities",
    "cells of a raster": "cells",
    "bands of a raster": "bands",
    "memory of the reader": "memory_mb",
    "processor time of the reader": "cpu_s",
    "time of the reader": "wall_s",
}


def test_the_limits_are_those_of_the_readers():
    told = dict(re.findall(r"^\| ([a-z, ]+) \| ([\d,]+)(?: MB| s)? \|$", PAGE, re.MULTILINE))
    assert {name: int(value.replace(",", "")) for name, value in told.items()} == {
        name: getattr(LIMITS, limit) for name, limit in UNITS.items()
    }
    assert set(UNITS.values()) == {one.name for one in fields(LIMITS)}


def test_every_format_that_is_told_apart_is_named():
    known = {kind for _, kind in formats._MAGIC} | {
        "geojson",
        "kml",
        "delimited",
        "(HTML)",
        "(XML)",
        "(OSM PBF)",
    }
    said = {
        "gpkg": "GeoPackage",
        "xlsx": "XLSX",
        "geojson": "GeoJSON",
        "kml": "KML",
        "delimited": "CSV",
        "dxf": "DXF",
        "tiff": "GeoTIFF",
        "(picture)": "pictures",
        "xls": "XLS",
        "parquet": "GeoParquet",
        "flatgeobuf": "FlatGeobuf",
    }
    said |= {
        "(Shapefile)": "a bare .shp",
        "(zip)": "archives",
        "(gzip)": "archives",
        "(7-Zip)": "archives",
        "(RAR)": "archives",
    }
    assert {kind for kind in known if said.get(kind, kind.strip("()")) not in PAGE} == set()


def test_every_code_that_the_page_names_is_one():
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+|DUPLICATE)`", PAGE))
    assert named - {*REJECTED, *WARNED} == set()
    assert set(WARNED) <= named


def test_the_keys_of_a_mapping_are_those_that_are_taken(tmp_path):
    (told,) = re.findall(r"`\[file\]` \(([^)]+)\)", PAGE)
    keys = re.findall(r"`(\w+)`", told)
    own = {"header": 2, "encoding": "utf-8", "crs": "WGS84", "units": "m", "locate": "address"}
    own |= {"code_edition": "2017", "dates": "dmy"}
    values = {key: own.get(key, "xy") for key in keys}
    lines = ['kind = "firms"', "[file]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    (tmp_path / "m.toml").write_text("\n".join(lines), encoding="utf-8")
    taken = with_mapping(ImportOptions(mapping=tmp_path / "m.toml"))
    assert all(getattr(taken, key) == value for key, value in values.items())
    assert set(keys) == {one.name for one in fields(ImportOptions)} - {"kind", "columns", "mapping"}


def take(tmp_path, content, name="a.csv", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return import_file(path, ImportOptions(**options))


HEAD = "编号,名称,经度,纬度\n"


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_each_delimiter_is_found(tmp_path, mark):
    table = take(tmp_path, (HEAD + "007,NA,118.4,24.7\n").replace(",", mark)).table
    assert table.loc[0, ["编号", "名称"]].tolist() == ["007", "NA"]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("118°25′30″", "24°42′"),
        ("东经118度25分30秒", "北纬24度42分"),
        ("１１８．４２５", "２４．７"),
        ("118.425E", "24.7N"),
    ],
)
def test_each_way_of_writing_a_coordinate_that_is_named(tmp_path, lon, lat):
    table = take(tmp_path, f"{HEAD}1,甲,{lon},{lat}\n").table
    assert table.loc[0, ["lon", "lat"]].tolist() == pytest.approx([118.425, 24.7])


@pytest.mark.parametrize(
    ("names", "crs"),
    [
        ("百度经度,百度纬度", "BD-09"),
        ("gcj02_lng,gcj02_lat", "GCJ-02"),
        ("wgs84_lon,wgs84_lat", "EPSG:4326"),
        ("经度,纬度", "EPSG:4326"),
    ],
)
def test_the_names_of_columns_state_a_system(tmp_path, names, crs):
    report = take(tmp_path, f"名称,{names}\n甲,118.4,24.7\n").report
    assert report.crs == crs
    assumed = "CRS_ASSUMED" in {one.code for one in report.warnings}
    assert assumed == (names == "经度,纬度")


def test_a_grid_is_asked_about_and_never_guessed(tmp_path):
    with pytest.raises(ChoiceError) as asked:
        take(tmp_path, "名称,东坐标,北坐标\n甲,441000,2734000\n")
    assert asked.value.code == "CRS_AMBIGUOUS"
    assert {"EPSG:4548"} <= {option["value"] for option in asked.value.options}


def test_a_header_of_two_rows_below_a_title_is_one_header(tmp_path):
    content = "某县企业名单,,,\n编号,名称,坐标,\n,,经度,纬度\n1,甲,118.4,24.7\n"
    imported = take(tmp_path, content)
    assert imported.roles["name"] == "名称"
    assert imported.table["source_row"].tolist() == [4]


def test_words_inside_a_name_find_the_coordinates(tmp_path):
    assert take(tmp_path, "名称,企业经度,企业纬度\n甲,118.4,24.7\n").roles["lon"] == "企业经度"
    with pytest.raises(ChoiceError) as asked:
        take(tmp_path, "名称,企业经度,企业纬度,仓库经度,仓库纬度\n甲,118.4,24.7,118.5,24.8\n")
    assert asked.value.about == "columns"


def test_a_clashing_column_is_kept_under_another_name(tmp_path):
    table = take(tmp_path, "名称,经度,纬度,flags\n甲,118.4,24.7,red\n").table
    assert table["flags (source)"].tolist() == ["red"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"AC1032" + b"\0" * 100, "DWG"),
        (b"  0\nSECTION\n  2\nHEADER\n", "DXF"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
        (b"PAR1" + b"\0" * 100, "Parquet"),
    ],
)
def test_what_is_not_read_is_refused_by_name_with_what_to_save(tmp_path, content, word):
    with pytest.raises(ParkError) as refused:
        take(tmp_path, content)
    assert word in refused.value.message()
    assert refused.value.hint()
