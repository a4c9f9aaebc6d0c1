"""What bureaus and GIS people send besides CSV and GeoJSON: each read whole, asked about or refused by name."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from geo.errors import ParkError
from layers.sources.importer import import_file
from layers.sources.readers import archive, dbf
from layers.sources.readers.flatgeobuf import count_features
from layers.sources.readers.formats import sniff_file
from layers.sources.readers.kml import WHOLE_FILE
from tests.layers.conftest import zipped

Outcome = Callable[..., tuple[str, object]]
NAMES = ["甲石材有限公司", "NA", "丙"]


def firms(count: int = 3, **columns: Iterable[object]) -> gpd.GeoDataFrame:
    data = {
        "企业名": (NAMES * count)[:count],
        "编号": [f"{row:04d}" for row in range(1, count + 1)],
        **columns,
    }
    points = [Point(118.4 + row / 100, 24.7) for row in range(count)]
    return gpd.GeoDataFrame(data, geometry=points, crs=4490)


# --- XLS -----------------------------------------------------------------------------------------


def workbook(**sheets: list[list[object]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    formats = {dt.datetime: "YYYY-MM-DD HH:MM:SS", dt.date: "YYYY-MM-DD", dt.time: "HH:MM"}
    styles = {kind: xlwt.easyxf(num_format_str=text) for kind, text in formats.items()}
    for name, rows in sheets.items():
        sheet = book.add_sheet(name.removesuffix("_hidden"))
        sheet.visibility = int(name.endswith("_hidden"))
        for place, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    style = styles.get(type(value))
                    sheet.write(place, column, value, style) if style else sheet.write(place, column, value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


REGISTER: list[list[object]] = [
    ["某县企业名录"],
    ["编号", "名称", "经度", "纬度", "成立日期", "时刻", "规上"],
    ["007", "甲", 118.4, 24.0, dt.date(2019, 3, 1), dt.time(8, 30), True],
    [],
    [8, "NA", "118.5", 24.25, dt.datetime.fromisoformat("2019-03-01 12:30:15"), None, False],
    ["  ", None, None, None, None, None, None],
    [9, "丙", None, 24.5],
]


def test_an_old_workbook_is_read_as_a_new_one_would_be(outcome: Outcome) -> None:
    how, got = outcome(workbook(名录=REGISTER), kind="firms")
    assert how == "taken"
    assert got.report.format == "XLS"  # type: ignore[attr-defined]
    assert (got.report.rows_in, got.report.accepted, got.report.layer) == (3, 2, "名录")  # type: ignore[attr-defined]
    assert dict(got.report.reasons) == {"MISSING_COORD": 1}  # type: ignore[attr-defined]
    table = got.table  # type: ignore[attr-defined]
    assert table["编号"].tolist() == ["007", "8"]
    assert table["名称"].tolist() == ["甲", "NA"]
    assert table["source_row"].tolist() == [3, 5]
    assert table["成立日期"].tolist() == ["2019-03-01", "2019-03-01 12:30:15"]
    assert table["时刻"].tolist() == ["08:30:00", ""]
    assert table["规上"].tolist() == ["TRUE", "FALSE"]
    assert table["纬度"].tolist() == ["24", "24.25"]


def test_sheets_of_an_old_workbook_are_asked_about_and_hidden_ones_counted(outcome: Outcome) -> None:
    data = workbook(石材=REGISTER, 空=[], 鞋服=REGISTER)
    how, error = outcome(data)
    assert how == "asked"
    assert [option["value"] for option in error.options] == ["石材", "鞋服"]  # type: ignore[attr-defined]
    assert outcome(data, layer="鞋服")[0] == "taken"
    assert outcome(data, layer="空")[1].code == "NO_ROWS"  # type: ignore[attr-defined]
    assert outcome(data, layer="茶叶")[0] == "refused"
    how, got = outcome(workbook(石材=REGISTER, 旧_hidden=REGISTER))
    assert how == "taken"
    assert "SHEETS_LEFT_OUT" in {notice.code for notice in got.report.warnings}  # type: ignore[attr-defined]


def test_an_old_workbook_in_an_empty_corner_is_no_burden(outcome: Outcome) -> None:
    rows: list[list[object]] = [["名称", "lon", "lat"], ["甲", 118, 24]]
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(place, column, value)
    sheet.write(65_535, 0, "尾")
    sink = io.BytesIO()
    book.save(sink)
    how, got = outcome(sink.getvalue())
    assert how == "taken"
    assert got.report.rows_in == 2  # type: ignore[attr-defined]


def test_what_else_lies_in_such_a_container_is_called_by_its_name(outcome: Outcome) -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for inside, words in (("EncryptedPackage", "password"), ("WordDocument", "Word")):
        how, error = outcome(head + inside.encode("utf-16-le") + bytes(600))
        assert how == "refused"
        assert words in error.message()  # type: ignore[attr-defined]
    assert outcome(head)[0] == "refused"


# --- zipped shapefiles ---------------------------------------------------------------------------


def parts(
    folder: Path, table: gpd.GeoDataFrame, name: str = "in", encoding: str = "utf-8"
) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    table.to_file(folder / f"{name}.shp", encoding=encoding)
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"{name}.*"))}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("with_cpg", [True, False])
def test_a_zipped_shapefile_is_read_in_its_encoding(
    encoding: str, with_cpg: bool, tmp_path: Path, outcome: Outcome
) -> None:
    files = parts(tmp_path, firms(), encoding=encoding)
    if not with_cpg:
        del files["in.cpg"]
        files["in.dbf"] = files["in.dbf"][:29] + b"\0" + files["in.dbf"][30:]
    how, got = outcome(zipped(files), kind="firms")
    assert how == "taken"
    report = got.report  # type: ignore[attr-defined]
    assert (report.format, report.layer, report.encoding, report.crs) == (
        "Shapefile",
        "in",
        encoding,
        "EPSG:4490",
    )
    assert got.table["企业名"].tolist() == NAMES  # type: ignore[attr-defined]
    assert got.table["编号"].tolist() == ["0001", "0002", "0003"]  # type: ignore[attr-defined]
    assert np.allclose(got.table["lon"], [118.4, 118.41, 118.42])  # type: ignore[attr-defined]


def test_the_table_of_a_shapefile_keeps_digits_dates_and_truths(tmp_path: Path, outcome: Outcome) -> None:
    table = firms(
        3, whole=[1, 2**53 + 1, -5], share=[0.1, 1e-5, 3.0], day=pd.to_datetime(["2019-03-01", "2000-02-29", "2020-12-31"]).date,
        yes=[True, False, True],
    )  # fmt: skip
    how, got = outcome(zipped(parts(tmp_path, table)))
    assert how == "taken"
    assert got.table["whole"].tolist() == ["1", str(2**53 + 1), "-5"]  # type: ignore[attr-defined]
    assert [float(text) for text in got.table["share"]] == [0.1, 1e-5, 3.0]  # type: ignore[attr-defined]
    assert got.table["day"].tolist() == ["2019-03-01", "2000-02-29", "2020-12-31"]  # type: ignore[attr-defined]


def test_polygons_with_holes_arrive_as_geopandas_reads_them(tmp_path: Path, outcome: Outcome) -> None:
    shapes = [
        box(118, 24, 119, 25).difference(box(118.4, 24.4, 118.6, 24.6)),
        shapely.MultiPolygon([box(118, 24, 118.1, 24.1), box(118.2, 24, 118.3, 24.1)]),
        None,
    ]
    table = gpd.GeoDataFrame({"n": ["a", "b", "c"]}, geometry=shapes, crs=4326)
    files = parts(tmp_path, table)
    how, got = outcome(zipped(files), kind="areas")
    assert how == "taken"
    assert dict(got.report.reasons) == {"EMPTY_GEOMETRY": 1}  # type: ignore[attr-defined]
    judge = gpd.read_file(tmp_path / "in.shp")
    for ours, theirs in zip(got.table.geometry, judge.geometry[:2], strict=True):  # type: ignore[attr-defined]
        assert ours.equals(theirs)


class _Raw(zipfile.ZipInfo):
    """A member whose name is written without saying in which encoding, as Windows does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def test_chinese_names_inside_the_zip_are_read_as_windows_wrote_them(
    tmp_path: Path, outcome: Outcome
) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as packed:
        for name, content in parts(tmp_path, firms()).items():
            packed.writestr(_Raw(f"园区数据/石材企业{Path(name).suffix}"), content)
    how, got = outcome(sink.getvalue())
    assert how == "taken"
    assert got.report.layer == "石材企业"  # type: ignore[attr-defined]


def test_several_shapefiles_are_asked_about_also_of_one_name_in_two_folders(
    tmp_path: Path, outcome: Outcome
) -> None:
    files = parts(tmp_path, firms())
    two = {f"石材/{name}": content for name, content in files.items()}
    two |= {f"鞋服/{name}": content for name, content in parts(tmp_path / "b", firms(2)).items()}
    how, error = outcome(zipped(two))
    assert how == "asked"
    assert [option["value"] for option in error.options] == ["石材/in", "鞋服/in"]  # type: ignore[attr-defined]
    assert [row["rows"] for row in error.preview] == [3, 2]  # type: ignore[attr-defined]
    how, got = outcome(zipped(two), layer="鞋服/in")
    assert (how, got.report.rows_in) == ("taken", 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("ending", ["shp", "shx", "dbf"])
def test_a_part_that_is_missing_is_named(ending: str, tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms())
    del files[f"in.{ending}"]
    how, error = outcome(zipped(files))
    assert how == "refused"
    assert f".{ending}" in error.message()  # type: ignore[attr-defined]


def test_without_prj_the_system_is_assumed_or_asked_and_that_is_said(
    tmp_path: Path, outcome: Outcome
) -> None:
    files = parts(tmp_path, firms())
    del files["in.prj"]
    how, got = outcome(zipped(files))
    assert how == "taken"
    assert {"PRJ_MISSING", "CRS_ASSUMED"} <= {notice.code for notice in got.report.warnings}  # type: ignore[attr-defined]
    files = parts(tmp_path / "grid", firms().to_crs(4526))
    del files["in.prj"]
    how, error = outcome(zipped(files))
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]


def test_a_bare_shapefile_is_told_what_to_do(tmp_path: Path, outcome: Outcome) -> None:
    how, error = outcome(parts(tmp_path, firms())["in.shp"])
    assert how == "refused"
    assert all(f".{ending}" in error.hint() for ending in ("shx", "dbf", "prj"))  # type: ignore[attr-defined]


def test_deleted_rows_are_counted_not_lost(tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms())
    table = bytearray(files["in.dbf"])
    first, width = struct.unpack_from("<HH", table, 8)
    table[first + width] = ord("*")
    files["in.dbf"] = bytes(table)
    how, got = outcome(zipped(files))
    assert how == "taken"
    assert got.table["source_row"].tolist() == [1, 3]  # type: ignore[attr-defined]
    assert (got.report.rows_in, got.report.blank) == (2, 1)  # type: ignore[attr-defined]
    assert {"DELETED_ROWS": 1}.items() <= {one.code: one.count for one in got.report.warnings}.items()  # type: ignore[attr-defined]


def test_a_table_and_shapes_that_do_not_belong_together_are_refused(tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms())
    files["in.dbf"] = parts(tmp_path / "other", firms(2))["in.dbf"]
    how, error = outcome(zipped(files))
    assert (how, error.code) == ("refused", "COLUMN_COUNT")  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
def test_texts_and_names_that_were_cut_inside_a_character_are_read_to_there(
    tmp_path: Path, outcome: Outcome
) -> None:
    files = parts(tmp_path, firms(3, 企业注册地址=["街" * 90, "路", "巷"]), encoding="utf-8")
    how, got = outcome(zipped(files))
    assert how == "taken"
    columns = [name for name in got.table if name.startswith("企业")]  # type: ignore[attr-defined]
    assert columns == ["企业名", "企业注"]  # ten bytes hold three characters
    assert got.table["企业注"].tolist() == ["街" * 84, "路", "巷"]  # type: ignore[attr-defined]
    # GDAL cuts between characters; who cuts between bytes leaves half a one behind.
    at = files["in.dbf"].index(("街" * 84).encode()) + 249
    files["in.dbf"] = files["in.dbf"][:at] + b"-" + "街".encode()[:2] + files["in.dbf"][at + 3 :]
    how, got = outcome(zipped(files))
    assert got.table["企业注"].tolist() == ["街" * 83 + "-", "路", "巷"]  # type: ignore[attr-defined]
    assert {"TEXT_CUT": 1}.items() <= {one.code: one.count for one in got.report.warnings}.items()  # type: ignore[attr-defined]


def test_a_western_encoding_that_nobody_meant_is_asked_about(tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms(), encoding="gb18030")
    files["in.cpg"] = b"ISO-8859-1"
    how, error = outcome(zipped(files))
    assert (how, error.about) == ("asked", "encoding")  # type: ignore[attr-defined]
    how, got = outcome(zipped(files), encoding="gb18030")
    assert got.table["企业名"].tolist() == NAMES  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", [b"", b"\0\0", b"no such encoding", b"\xff\xfe"])
def test_a_cpg_that_names_no_encoding_is_as_good_as_none(
    name: bytes, tmp_path: Path, outcome: Outcome
) -> None:
    how, got = outcome(zipped({**parts(tmp_path, firms(), encoding="gb18030"), "in.cpg": name}))
    assert (how, got.report.encoding) == ("taken", "gb18030")  # type: ignore[attr-defined]


def test_a_cell_that_is_no_text_costs_its_row(tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms())
    at = files["in.dbf"].index("丙".encode())
    files["in.dbf"] = files["in.dbf"][:at] + b"\xff\xfe\xff" + files["in.dbf"][at + 3 :]
    how, got = outcome(zipped(files))
    assert how == "taken"
    assert dict(got.report.reasons) == {"UNDECODABLE_TEXT": 1}  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.text(max_size=12), st.integers(-(10**16), 10**17)), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_a_table_written_field_by_field_comes_back(rows: list[tuple[str, int]], encoding: str) -> None:
    cells = []
    for text, number in rows:
        plain = "".join(sign for sign in text if sign.isprintable() and sign not in "\0*")
        encoded = plain.encode(encoding, "ignore")[:40]
        cells.append((encoded.decode(encoding, "ignore").strip(), number))
    width = 1 + 48 + 18
    head = struct.pack("<BBBBIHH17xBxx", 3, 120, 1, 1, len(cells), 32 + 64 + 1, width, 0)
    head += struct.pack("<11sc4xBB14x", b"name", b"C", 48, 0) + struct.pack("<11sc4xBB14x", b"n", b"N", 18, 0)
    body = b"".join(
        b" " + text.encode(encoding).ljust(48) + str(number).rjust(18).encode() for text, number in cells
    )
    read = dbf.read_dbf(head + b"\r" + body + b"\x1a", encoding=encoding)
    assert read.columns == ["name", "n"]
    assert read.rows == [[text, str(number)] for text, number in cells]


# --- zip files -----------------------------------------------------------------------------------


def unsafe(folder: Path) -> dict[str, bytes]:
    files = parts(folder, firms())
    link = zipfile.ZipInfo("in.cpg")
    link.external_attr = 0o120777 << 16
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as packed:
        for name, content in files.items():
            packed.writestr(link if name == "in.cpg" else name, content)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("in.shp", b"")
    plain = bytearray(zipped(files))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = plain.find(mark)
        while place >= 0:
            plain[place + offset] |= 1
            place = plain.find(mark, place + 4)
    return {
        "climbs": zipped({**files, "../../in.cpg": b"x"}),
        "absolute": zipped({**files, "/etc/in.cpg": b"x"}),
        "drive": zipped({**files, "C:\\in.cpg": b"x"}),
        "link": linked.getvalue(),
        "twice": twice.getvalue(),
        "encrypted": bytes(plain),
    }


@pytest.mark.parametrize("how_unsafe", ["climbs", "absolute", "drive", "link", "twice", "encrypted"])
def test_a_zip_that_is_no_ordinary_one_is_refused(how_unsafe: str, tmp_path: Path, outcome: Outcome) -> None:
    how, error = outcome(unsafe(tmp_path)[how_unsafe])
    assert (how, error.code) == ("refused", "UNSAFE")  # type: ignore[attr-defined]


def test_a_zip_of_too_many_or_too_large_files_is_refused(tmp_path: Path, outcome: Outcome) -> None:
    files = parts(tmp_path, firms())
    many = zipped({**files, **{f"{number}.txt": b"" for number in range(1_001)}})
    assert outcome(many)[1].code == "TOO_LARGE"  # type: ignore[attr-defined]
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in files.items():
            if name != "in.shp":
                packed.writestr(name, content)
        with packed.open("in.shp", "w") as part:
            for _ in range(30):
                part.write(bytes(1_000_000))
    # The bytes of the member's header say little, as a bomb's would.
    lying = bytearray(sink.getvalue())
    place = lying.rfind(b"PK\x01\x02")
    lying[place + 24 : place + 28] = struct.pack("<I", 100)
    for data in (sink.getvalue(), bytes(lying)):
        assert outcome(data)[0] == "refused"


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"a.csv": b"name,lon,lat\n"}, "zip"),
        ({"word/document.xml": b"<x/>"}, "Word"),
        ({"x.gdb/a00000001.gdbtable": b"x"}, "File Geodatabase"),
        ({"inner.zip": b"PK"}, "zip"),
        ({"content.xml": b"<x/>"}, "OpenDocument"),
    ],
)
def test_other_archives_are_called_by_their_names(
    members: dict[str, bytes], words: str, outcome: Outcome
) -> None:
    how, error = outcome(zipped(members))
    assert how == "refused"
    assert words in error.message()  # type: ignore[attr-defined]


def test_a_zip_that_was_cut_off_says_so(tmp_path: Path, outcome: Outcome) -> None:
    data = zipped(parts(tmp_path, firms()))
    how, error = outcome(data[: len(data) // 2])
    assert how == "refused"
    assert "cut off" in error.message()  # type: ignore[attr-defined]


def test_mangled_zips_are_taken_asked_about_or_refused(tmp_path: Path, outcome: Outcome) -> None:
    chance = random.Random(1)
    data = zipped(parts(tmp_path, firms()))
    for _ in range(40):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        outcome(bytes(changed))


# --- KML -----------------------------------------------------------------------------------------


def placemark(name: str, geometry: str, more: str = "") -> str:
    return f"<Placemark><name>{name}</name>{more}{geometry}</Placemark>"


def document(*content: str, declared: str = "UTF-8", encoding: str = "utf-8") -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        f'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>企业</name>{"".join(content)}</Document></kml>'
    )
    return text.encode(encoding)


POINT = "<Point><coordinates>118.4,24.7,12</coordinates></Point>"
RING = "<LinearRing><coordinates>118,24 119,24 119,25 118,24</coordinates></LinearRing>"
HOLE = "<LinearRing><coordinates>118.6,24.2 118.7,24.2 118.7,24.3 118.6,24.2</coordinates></LinearRing>"
SHAPES = {
    "Point": POINT,
    "LineString": "<LineString><coordinates>118,24,0 119,24,0</coordinates></LineString>",
    "Polygon": f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs>{HOLE}</innerBoundaryIs></Polygon>",
    "MultiPoint": f"<MultiGeometry>{POINT}<Point><coordinates>119, 25</coordinates></Point></MultiGeometry>",
    "MultiPolygon": f"<MultiGeometry>{''.join(f'<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs></Polygon>' for ring in (RING, RING.replace(',24', ',20').replace(',25', ',21')))}</MultiGeometry>",
    "GeometryCollection": f"<MultiGeometry>{POINT}{RING}</MultiGeometry>",
    "gx:Track": "<gx:Track><when>2019-03-01</when><gx:coord>118 24 0</gx:coord><gx:coord>119 24 0</gx:coord></gx:Track>",
}
EXTENDED = (
    '<ExtendedData><Data name="编号"><value>0007</value></Data><SchemaData schemaUrl="#s">'
    '<SimpleData name="行业">石材</SimpleData></SchemaData></ExtendedData>'
)


def test_placemarks_are_rows_with_names_descriptions_and_their_own_data(outcome: Outcome) -> None:
    data = document(
        placemark(
            "甲", POINT, f"<description><![CDATA[<b>Placemark</b> <Placemark>]]></description>{EXTENDED}"
        ),
        "<!-- <Placemark> -->",
        placemark("乙", SHAPES["Polygon"]),
    )
    how, got = outcome(data)
    assert how == "taken"
    table = got.table  # type: ignore[attr-defined]
    assert (got.report.format, got.report.crs, got.report.layer) == ("KML", "EPSG:4326", "企业")  # type: ignore[attr-defined]
    assert table["name"].tolist() == ["甲", "乙"]
    assert table["编号"].tolist() == ["0007", ""]
    assert table["行业"].tolist() == ["石材", ""]
    assert table["description"].tolist() == ["<b>Placemark</b> <Placemark>", ""]
    assert table["source_row"].tolist() == [1, 2]
    assert table.geometry.iloc[1].area == pytest.approx(0.5 - 0.005)


@pytest.mark.skipif("KML" not in pyogrio.list_drivers(), reason="this GDAL reads no KML")
def test_geometries_are_those_that_gdal_reads(tmp_path: Path, outcome: Outcome) -> None:
    judged = {name: shape for name, shape in SHAPES.items() if name not in ("gx:Track", "GeometryCollection")}
    data = document(*(placemark(name, shape) for name, shape in judged.items()))
    (tmp_path / "in.kml").write_bytes(data)
    theirs = gpd.read_file(tmp_path / "in.kml", driver="KML").geometry.force_2d()
    how, got = outcome(data)
    assert how == "taken"
    for ours, other in zip(got.table.geometry, theirs, strict=True):  # type: ignore[attr-defined]
        assert shapely.normalize(ours) == shapely.normalize(other)


def test_tracks_and_broken_placemarks_are_accounted_for(outcome: Outcome) -> None:
    broken = [
        "<Point/>", "<Point><coordinates>118</coordinates></Point>", "<Point><coordinates>东,西</coordinates></Point>",
        "<LineString><coordinates>118,24</coordinates></LineString>", "<Polygon/>", "",
        "<Point><coordinates>nan,24</coordinates></Point>",
    ]  # fmt: skip
    data = document(placemark("好", SHAPES["gx:Track"]), *(placemark("坏", shape) for shape in broken))
    how, got = outcome(data)
    assert how == "taken"
    assert got.table.geometry.geom_type.tolist() == ["LineString"]  # type: ignore[attr-defined]
    assert got.report.rejected == len(broken)  # type: ignore[attr-defined]
    assert set(got.report.reasons) == {"INVALID_GEOMETRY", "EMPTY_GEOMETRY", "NONFINITE_COORD"} - (  # type: ignore[attr-defined]
        {"NONFINITE_COORD"} - set(got.report.reasons)  # type: ignore[attr-defined]
    )


FOLDERS = document(
    placemark("根", POINT),
    f"<Folder><name>石材</name>{placemark('甲', POINT)}<Folder><name>大型</name>{placemark('乙', POINT)}</Folder></Folder>",
    "<NetworkLink><Link><href>http://example.org/x.kml</href></Link></NetworkLink>",
)


def test_folders_are_asked_about_and_may_be_taken_together(outcome: Outcome) -> None:
    how, error = outcome(FOLDERS)
    assert how == "asked"
    assert [option["value"] for option in error.options] == [WHOLE_FILE, "企业", "石材", "石材/大型"]  # type: ignore[attr-defined]
    how, got = outcome(FOLDERS, layer="石材/大型")
    assert (how, got.table["name"].tolist(), got.table["source_row"].tolist()) == ("taken", ["乙"], [3])  # type: ignore[attr-defined]
    how, got = outcome(FOLDERS, layer=WHOLE_FILE)
    assert got.table["folder"].tolist() == ["企业", "石材", "石材/大型"]  # type: ignore[attr-defined]
    assert {"LINKS_NOT_FOLLOWED": 1}.items() <= {one.code: one.count for one in got.report.warnings}.items()  # type: ignore[attr-defined]
    assert outcome(FOLDERS, layer="茶叶")[0] == "refused"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("GBK", "gb18030"),
        ("UTF-8", "gb18030"),
        ("UTF-16", "utf-16"),
        ("gb2312", "gb18030"),
    ],
)
def test_a_document_is_read_in_the_encoding_that_it_is_in(
    declared: str, encoding: str, outcome: Outcome
) -> None:
    how, got = outcome(document(placemark("泉州石材厂", POINT), declared=declared, encoding=encoding))
    assert how == "taken"
    assert got.table["name"].tolist() == ["泉州石材厂"]  # type: ignore[attr-defined]


def test_a_document_type_an_empty_and_a_broken_document_are_refused(outcome: Outcome) -> None:
    bomb = document(placemark("&a;", POINT)).replace(b"<kml", b'<!DOCTYPE kml [<!ENTITY a "x">]><kml')
    assert outcome(bomb)[1].code == "UNSAFE"  # type: ignore[attr-defined]
    assert outcome(document())[1].code == "NO_ROWS"  # type: ignore[attr-defined]
    assert outcome(document(placemark("甲", POINT))[:-20])[0] == "refused"
    assert outcome(document("<Folder>" * 100_000))[0] == "refused"


def test_mangled_documents_are_taken_asked_about_or_refused(outcome: Outcome) -> None:
    chance = random.Random(2)
    for _ in range(150):
        changed = bytearray(FOLDERS)
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randint(0, 9)] = bytes(
                chance.choice(b"<>/\"'& 19.,aP!-") for _ in range(chance.randint(0, 9))
            )
        outcome(bytes(changed))


def test_a_kmz_is_its_documents_and_its_pictures_stay_packed(outcome: Outcome) -> None:
    one = zipped({"doc.kml": document(placemark("甲", POINT)), "images/a.png": b"\x89PNG"})
    how, got = outcome(one)
    assert (how, got.report.format, got.report.layer) == ("taken", "KMZ", "企业")  # type: ignore[attr-defined]
    two = zipped({"a.kml": document(placemark("甲", POINT)), "b.kml": document(placemark("乙", POINT))})
    how, error = outcome(two)
    assert how == "asked"
    assert [option["value"] for option in error.options] == [WHOLE_FILE, "a.kml", "b.kml"]  # type: ignore[attr-defined]
    assert outcome(two, layer="b.kml")[1].table["name"].tolist() == ["乙"]  # type: ignore[attr-defined]


# --- GeoParquet and FlatGeobuf -------------------------------------------------------------------


def parquet(table: gpd.GeoDataFrame, **options: object) -> bytes:
    sink = io.BytesIO()
    table.to_parquet(sink, **options)
    return sink.getvalue()


MIXED = [Point(118, 24), LineString([(118, 24), (119, 25)]), Polygon([(118, 24), (119, 24), (119, 25)]), None]


def mixed() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "名称": ["甲", "NA", "丙", "丁"],
            "code": ["0001", "0002", "0003", "0004"],
            "whole": pd.array([1, None, 2**60, -3], dtype="Int64"),
            "share": [0.1, None, 3.0, 1e20],
            "when": pd.to_datetime(["2019-03-01", "2019-03-01 12:30", None, None], format="mixed"),
        },
        geometry=MIXED,
        crs=4490,
    )


def test_geoparquet_keeps_texts_numbers_and_the_stated_system(outcome: Outcome) -> None:
    how, got = outcome(parquet(mixed()))
    assert how == "taken"
    report, table = got.report, got.table  # type: ignore[attr-defined]
    assert (report.format, report.crs, report.rows_in) == ("GeoParquet", "EPSG:4490", 4)
    assert dict(report.reasons) == {"EMPTY_GEOMETRY": 1}
    assert table["名称"].tolist() == ["甲", "NA", "丙"]
    assert table["code"].tolist() == ["0001", "0002", "0003"]
    assert table["whole"].tolist() == ["1", "", str(2**60)]
    assert table["share"].tolist() == ["0.1", "", "3"]
    assert table["when"].tolist() == ["2019-03-01 00:00:00", "2019-03-01 12:30:00", ""]
    assert [shape.geom_type for shape in table.geometry] == ["Point", "LineString", "Polygon"]


def test_a_system_left_out_is_wgs84_and_one_said_to_be_unknown_is_assumed(outcome: Outcome) -> None:
    for change, assumed in (("leave out", False), ("null", True)):
        table = pq.read_table(io.BytesIO(parquet(firms())))
        geo = json.loads(table.schema.metadata[b"geo"])
        if change == "null":
            geo["columns"]["geometry"]["crs"] = None
        else:
            del geo["columns"]["geometry"]["crs"]
        sink = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo).encode()}), sink)
        how, got = outcome(sink.getvalue())
        assert how == "taken"
        assert ("CRS_ASSUMED" in {one.code for one in got.report.warnings}) is assumed  # type: ignore[attr-defined]


def test_parquet_without_geometries_is_a_table_and_other_encodings_are_refused_by_name(
    outcome: Outcome,
) -> None:
    sink = io.BytesIO()
    pd.DataFrame({"名称": ["甲"], "lon": [118.4], "lat": [24.7]}).to_parquet(sink)
    how, got = outcome(sink.getvalue(), kind="firms")
    assert (how, got.report.format) == ("taken", "Parquet")  # type: ignore[attr-defined]
    how, error = outcome(parquet(firms(), geometry_encoding="geoarrow"))
    assert how == "refused"
    assert "point" in error.message()  # type: ignore[attr-defined]


def test_a_second_geometry_column_is_kept_as_text(outcome: Outcome) -> None:
    table = firms()
    table["centre"] = gpd.GeoSeries(table.geometry, crs=4490)
    how, got = outcome(parquet(table))
    assert how == "taken"
    assert got.table["centre"].iloc[0] == "POINT (118.4 24.7)"  # type: ignore[attr-defined]


def test_a_few_bytes_that_stand_for_gigabytes_are_refused(outcome: Outcome) -> None:
    text = pa.array(["街" * 30_000])
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, dtype=np.int32)), text)
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"name": column, "lon": np.full(100_000, 118.0), "lat": np.full(100_000, 24.0)}), sink
    )
    assert len(sink.getvalue()) < 2_000_000
    how, error = outcome(sink.getvalue())
    assert (how, error.code) == ("refused", "TOO_LARGE")  # type: ignore[attr-defined]


def flatgeobuf(folder: Path, table: gpd.GeoDataFrame, name: str = "层", **options: object) -> bytes:
    path = folder / "in.fgb"
    path.unlink(missing_ok=True)
    table.to_file(path, driver="FlatGeobuf", layer=name, **options)
    return path.read_bytes()


@pytest.mark.parametrize("index", ["YES", "NO"])
def test_flatgeobuf_is_read_with_and_without_index(index: str, tmp_path: Path, outcome: Outcome) -> None:
    table = mixed().iloc[:3]
    how, got = outcome(flatgeobuf(tmp_path, table, SPATIAL_INDEX=index))
    assert how == "taken"
    report = got.report  # type: ignore[attr-defined]
    assert (report.format, report.layer, report.crs, report.rows_in) == ("FlatGeobuf", "层", "EPSG:4490", 3)
    assert sorted(got.table["名称"]) == sorted(["甲", "NA", "丙"])  # type: ignore[attr-defined]
    assert sorted(got.table["whole"]) == sorted(["1", "", str(2**60)])  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 255, 256, 257, 1_000])
def test_features_of_a_flatgeobuf_are_counted_by_their_lengths(count: int, tmp_path: Path) -> None:
    for index in ("YES", "NO"):
        assert count_features(flatgeobuf(tmp_path, firms(count), SPATIAL_INDEX=index)) == ("层", count)


def test_a_flatgeobuf_that_was_cut_is_refused(tmp_path: Path, outcome: Outcome) -> None:
    data = flatgeobuf(tmp_path, firms(20))
    for less in (1, 5, 40, len(data) - 20):
        assert outcome(data[:-less])[0] == "refused"


# --- content, not name ---------------------------------------------------------------------------


def test_content_says_what_a_file_is(tmp_path: Path) -> None:
    book = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_excel(book, index=False)
    files = {
        "xls": workbook(a=REGISTER),
        "xlsx": book.getvalue(),
        "shapefile": zipped(parts(tmp_path / "s", firms())),
        "kml": document(placemark("甲", POINT)),
        "kmz": zipped({"images/a.png": b"", "doc.kml": document(placemark("甲", POINT))}),
        "parquet": parquet(firms()),
        "flatgeobuf": flatgeobuf(tmp_path, firms()),
        "(DWG)": b"AC1032" + bytes(100),
        "(Shapefile)": parts(tmp_path / "s", firms())["in.shp"],
    }
    for kind, data in files.items():
        path = tmp_path / "upload.geojson"
        path.write_bytes(data)
        assert sniff_file(path) == kind


def test_a_drawing_is_told_to_become_dxf(outcome: Outcome) -> None:
    how, error = outcome(b"AC1032" + bytes(100))
    assert how == "refused"
    assert "DXF R2010" in error.hint()  # type: ignore[attr-defined]


def mangled(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        changed[chance.randrange(len(changed))] = chance.choice([0, 1, 128, 255, chance.randrange(256)])
    return bytes(changed)


def test_in_the_locked_process_good_files_are_read_and_mangled_ones_end_in_a_sentence(tmp_path: Path) -> None:
    """What reads them are libraries of C, so that no other process should try."""
    shape = parts(tmp_path / "s", firms(), encoding="gb18030")
    whole: dict[str, Callable[[random.Random], bytes]] = {
        "XLS": lambda chance: mangled(workbook(a=REGISTER), chance),
        "GeoParquet": lambda chance: mangled(parquet(mixed()), chance),
        "FlatGeobuf": lambda chance: mangled(flatgeobuf(tmp_path, firms()), chance),
        "Shapefile": lambda chance: zipped(
            {name: mangled(part, chance) if chance.random() < 0.3 else part for name, part in shape.items()}
        ),
    }
    chance = random.Random(4)
    path = tmp_path / "upload"
    ends = set()
    for name, damage in whole.items():
        good = {
            "XLS": workbook(a=REGISTER), "GeoParquet": parquet(mixed()), "FlatGeobuf": flatgeobuf(tmp_path, firms()),
            "Shapefile": zipped(shape),
        }[name]  # fmt: skip
        path.write_bytes(good)
        assert import_file(path).report.format == name
        for _ in range(8):
            path.write_bytes(damage(chance))
            try:
                report = import_file(path).report
            except ParkError as error:
                ends.add((error.exit_code, error.code))
            else:
                assert report.rows_in == report.accepted + report.rejected
    assert {code for code, _ in ends} <= {3, 4}
    assert "UNREADABLE" not in {code for _, code in ends}


def test_a_zip_directory_longer_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "z"
    path.write_bytes(
        b"PK\x03\x04" + bytes(100) + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 9, 9, 2**31, 0, 0)
    )
    assert archive.kind_of_zip(path) == "shapefile"
