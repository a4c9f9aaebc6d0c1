"""Import: each row accepted, or rejected with its reason; nothing lost, nothing let in."""

from __future__ import annotations

import csv
import io
import json
import socket
import sqlite3
import threading
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyproj
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from geo.datums import wgs84_to_gcj02
from geo.errors import CancelledError, ChoiceError, GeometryError, SchemaError, SourceError, UsageError
from layers.boundaries import to_boundary
from layers.sources.importer import ImportOptions, import_file, import_source, parse_source_argument
from layers.sources.readers.delimited import count_records, read_delimited
from layers.sources.readers.encoding import decode
from layers.sources.worker.drivers import ALLOWED_DRIVERS
from layers.sources.worker.parent import lockdown_status


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


GOOD = "企业编号,企业名称,经度,纬度,行业\n0001,NA,118.425,24.703,石材\n0002,乙公司,118.43,24.71,石材\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_bureaus_table_is_read_whatever_its_encoding(tmp_path: Path, encoding: str) -> None:
    got = import_file(_file(tmp_path, "firms.csv", GOOD.encode(encoding)), ImportOptions(kind="firms"))
    assert (got.report.rows_in, got.report.accepted, got.report.rejected) == (2, 2, 0)
    assert got.table["企业编号"].tolist() == ["0001", "0002"]  # leading zeros stay
    assert got.table["企业名称"].tolist() == ["NA", "乙公司"]  # NA is a name
    assert got.table["source_row"].tolist() == [2, 3]
    assert got.roles["lon"] == "经度"
    assert {warning.code for warning in got.report.warnings} == {"CRS_ASSUMED"}


BAD_ROWS = {
    "MISSING_COORD": "丙,,24.7",
    "BAD_NUMBER": "丁,东经,24.7",
    "NULL_ISLAND": "戊,0,0",
    "NONFINITE_COORD": "己,inf,24.7",
    "OUT_OF_RANGE": "庚,190,24.7",
    "COLUMN_COUNT": "辛,118.4,24.7,多出一格",
    "SWAPPED_AXES": "壬,24.7,118.4",
}


def test_each_bad_row_has_its_reason_its_place_and_its_text(tmp_path: Path) -> None:
    good = [f"企业{place},118.4{place},24.7" for place in range(9)]
    text = "名称,经度,纬度\n" + "\n".join([*good, *BAD_ROWS.values()]) + "\n"
    got = import_file(_file(tmp_path, "mixed.csv", text))
    assert dict(got.report.reasons) == dict.fromkeys(BAD_ROWS, 1)
    assert got.report.rows_in == got.report.accepted + got.report.rejected == 16
    for number, (code, line) in enumerate(BAD_ROWS.items(), start=11):
        row = got.rejects.set_index("code").loc[code]
        assert row["source_row"] == number
        assert row["text"] == line


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("１１８．４２５", "２４．７"),
        ("118°25′30″", "24°42′00″"),
        ("东经118°25′30″", "北纬24°42'0\""),
        (" 118.425 ", "24.7°"),
    ],
)
def test_numbers_are_read_as_people_write_them(tmp_path: Path, lon: str, lat: str) -> None:
    got = import_file(_file(tmp_path, "n.csv", f"名称,经度,纬度\n甲,{lon},{lat}\n"))
    assert got.table["lon"].tolist() == pytest.approx([118.425])
    assert got.table["lat"].tolist() == pytest.approx([24.7])


def test_a_trailing_comma_does_not_shift_the_columns(tmp_path: Path) -> None:
    got = import_file(_file(tmp_path, "t.csv", "企业名称,经度,纬度\n甲,118.4,24.7,\n"))
    assert got.table["企业名称"].tolist() == ["甲"]


def test_a_title_above_the_header_is_passed_over(tmp_path: Path) -> None:
    text = "某县企业名录,,\n,,\n企业名称,经度,纬度\n甲,118.4,24.7\n"
    got = import_file(_file(tmp_path, "t.csv", text))
    assert (got.report.rows_in, got.report.accepted) == (1, 1)
    assert got.table["source_row"].tolist() == [4]


def test_a_cell_of_several_lines_keeps_its_place(tmp_path: Path) -> None:
    text = 'name,lon,lat\n"two\nlines",118.4,24.7\nnext,118.5,24.8\n'
    got = import_file(_file(tmp_path, "q.csv", text))
    assert got.table["source_row"].tolist() == [2, 4]


@pytest.mark.parametrize("crs", ["GCJ-02", "gcj02"])
def test_web_map_coordinates_are_converted_once(tmp_path: Path, crs: str) -> None:
    shifted = wgs84_to_gcj02(118.425, 24.703)
    path = _file(tmp_path, "g.csv", f"name,lng,lat\na,{shifted[0]:.12f},{shifted[1]:.12f}\n")
    got = import_file(path, ImportOptions(crs=crs))
    assert got.table["lon"].iloc[0] == pytest.approx(118.425, abs=1e-9)
    assert got.table["lat"].iloc[0] == pytest.approx(24.703, abs=1e-9)


def test_survey_coordinates_are_asked_for_then_taken(tmp_path: Path) -> None:
    east, north = pyproj.Transformer.from_crs(4326, 4527, always_xy=True).transform(118.425, 24.703)
    path = _file(tmp_path, "s.csv", f"name,x,y\na,{east},{north}\n")
    with pytest.raises(ChoiceError) as asked:
        import_file(path)
    assert asked.value.code == "CRS_AMBIGUOUS"
    assert asked.value.options[0]["argument"] == "--crs EPSG:4527"
    got = import_file(path, ImportOptions(crs="EPSG:4527"))
    assert got.table["lon"].iloc[0] == pytest.approx(118.425, abs=1e-9)


def test_swapped_columns_are_asked_about(tmp_path: Path) -> None:
    path = _file(tmp_path, "s.csv", "name,lon,lat\na,24.7,118.4\nb,24.8,118.5\n")
    with pytest.raises(ChoiceError, match="swapped"):
        import_file(path)
    assert import_file(path, ImportOptions(axes="yx")).table["lon"].tolist() == [118.4, 118.5]


def test_firms_abroad_are_accepted_and_flagged_by_country_before_coordinates(tmp_path: Path) -> None:
    rows = [
        ("a", "China", 114.1, 22.6),
        ("b", "CN", 118, 24),
        ("c", "CHINA", 120, 30),
        ("d", "Vietnam", 106, 21),
    ]
    text = "name,country,lat,lng\n" + "".join(f"{n},{c},{y},{x}\n" for n, c, x, y in rows)
    got = import_file(_file(tmp_path, "w.csv", text))
    abroad = got.table["flags"].str.contains("OUTSIDE_CHINA").tolist()
    assert abroad == [False, False, False, True]
    assert got.report.accepted == 4


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("", "NO_ROWS", "empty"),
        ("name,lon,lat\n", "NO_ROWS", "no row"),
        ("name,a,b\nx,1,2\n", "NO_COLUMN", "no column for longitude"),
        ('name,lon,lat\n"never ends,118,24\n', "COLUMN_COUNT", "never ends"),
        (b"name,lon,lat\n\xff\xff\xff,1,2\n", "UNDECODABLE_TEXT", "neither UTF-8 nor GB 18030"),
        (b"\x89PNG\r\n\x1a\n123", "NOT_THIS_FORMAT", "picture"),
        (b"AC1032....", "NOT_THIS_FORMAT", "DWG"),
        ("name,lon,lat\na,,\nb,,\n", "MISSING_COORD", "every one of the 2 rows"),
        ("{broken", "NOT_THIS_FORMAT", "no valid JSON"),
        ('{"a": 1}', "NOT_THIS_FORMAT", "no GeoJSON"),
        (b"SQLite format 3\x00garbage" * 50, "NOT_THIS_FORMAT", "damaged"),
        (b"PK\x03\x04garbage", "NOT_THIS_FORMAT", "damaged"),
    ],
)
def test_a_bad_file_gets_one_clear_sentence(
    tmp_path: Path, content: str | bytes, code: str, words: str
) -> None:
    with pytest.raises((SourceError, SchemaError)) as refused:
        import_file(_file(tmp_path, "input.csv", content))
    assert refused.value.code == code
    assert words in refused.value.message()
    assert refused.value.where.startswith("input.csv")


def test_a_missing_file_and_a_directory_are_no_bugs(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        import_file(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="no file"):
        import_file(tmp_path)
    with pytest.raises(SourceError, match="without an earlier import"):
        import_source(str(tmp_path))


def test_a_misnamed_column_is_told_its_neighbour(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="“经度”"):
        import_file(_file(tmp_path, "f.csv", GOOD), ImportOptions(lon="经渡"))


def test_answers_may_stand_behind_the_file_name(tmp_path: Path) -> None:
    path = _file(tmp_path, "f.csv", GOOD)
    got = import_source(f"{path}::crs=GCJ-02,encoding=utf-8", "firms")
    assert got.report.crs == "GCJ-02"
    with pytest.raises(UsageError, match="“crs”"):
        parse_source_argument(f"{path}::crss=WGS84")
    with pytest.raises(UsageError, match="EPSG:99999999"):
        import_source(f"{path}::crs=EPSG:99999999", "firms")


def _workbook(path: Path, *sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"表{number + 1}")
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_with_its_rows_and_its_text(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["企业名录"],
        ["编号", "名称", "经度", "纬度"],
        ["007", "甲", 118.4, 24.7],
        [None],
        [8, "乙", 118.5, 24.8],
    ]
    got = import_file(_workbook(tmp_path / "b.xlsx", rows, []))
    assert got.table["编号"].tolist() == ["007", "8"]
    assert got.table["source_row"].tolist() == [3, 5]
    assert (got.report.rows_in, got.report.blank) == (2, 1)


def test_several_sheets_are_asked_about_and_none_is_dropped(tmp_path: Path) -> None:
    rows: list[list[object]] = [["名称", "经度", "纬度"], ["甲", 118.4, 24.7]]
    path = _workbook(tmp_path / "b.xlsx", rows, [*rows, ["乙", 118.5, 24.8]])
    with pytest.raises(ChoiceError) as asked:
        import_file(path)
    assert [option["value"] for option in asked.value.options] == ["表1", "表2"]
    assert import_file(path, ImportOptions(layer="表2")).report.accepted == 2
    with pytest.raises(SourceError, match="no layer"):
        import_file(path, ImportOptions(layer="表3"))


def test_a_stray_cell_in_the_last_corner_does_not_exhaust_the_machine(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "name", "x"
    book.save(tmp_path / "corner.xlsx")
    with pytest.raises(SourceError) as refused:
        import_file(tmp_path / "corner.xlsx")
    assert refused.value.code == "TOO_LARGE"


SQUARE = [[118.40, 24.70], [118.42, 24.70], [118.42, 24.72], [118.40, 24.72], [118.40, 24.70]]
BOW_TIE = [[118.40, 24.70], [118.42, 24.72], [118.42, 24.70], [118.40, 24.72], [118.40, 24.70]]


def _geojson(folder: Path, *geometries: object, **more: object) -> Path:
    features = [
        {"type": "Feature", "properties": {"名称": f"甲{n}"}, "geometry": g} for n, g in enumerate(geometries)
    ]
    return _file(folder, "g.geojson", json.dumps({"type": "FeatureCollection", "features": features, **more}))


def test_one_broken_feature_costs_one_row(tmp_path: Path) -> None:
    got = import_file(
        _geojson(
            tmp_path,
            {"type": "Polygon", "coordinates": [SQUARE]},
            None,
            {"type": "Polygon", "coordinates": []},
            {"type": "Point", "coordinates": ["a", "b"]},
            {"type": "Nonsense"},
        )
    )
    assert (got.report.rows_in, got.report.accepted) == (5, 1)
    assert dict(got.report.reasons) == {"EMPTY_GEOMETRY": 2, "INVALID_GEOMETRY": 2}


def test_a_crossing_polygon_is_refused_as_a_boundary_and_repaired_as_anything_else(tmp_path: Path) -> None:
    path = _geojson(tmp_path, {"type": "Polygon", "coordinates": [BOW_TIE]})
    got = import_file(path)
    assert "REPAIRED_GEOMETRY" in {warning.code for warning in got.report.warnings}
    assert got.table.geometry.is_valid.all()
    with pytest.raises(GeometryError, match=r"crosses itself near 118\.41.*, 24\.71"):
        to_boundary(import_file(path, ImportOptions(kind="boundary")))


def test_a_boundary_of_two_parts_is_one_site_and_overlapping_outlines_are_refused(tmp_path: Path) -> None:
    east = [[x + 0.1, y] for x, y in SQUARE]
    apart = _geojson(
        tmp_path, {"type": "Polygon", "coordinates": [SQUARE]}, {"type": "Polygon", "coordinates": [east]}
    )
    assert to_boundary(import_file(apart, ImportOptions(kind="boundary"))).geom_type == "MultiPolygon"
    shifted = [[x + 0.005, y] for x, y in SQUARE]
    over = _geojson(
        tmp_path, {"type": "Polygon", "coordinates": [SQUARE]}, {"type": "Polygon", "coordinates": [shifted]}
    )
    with pytest.raises(GeometryError, match="overlap"):
        to_boundary(import_file(over, ImportOptions(kind="boundary")))


def test_a_line_is_no_boundary(tmp_path: Path) -> None:
    path = _geojson(tmp_path, {"type": "LineString", "coordinates": SQUARE})
    with pytest.raises(SchemaError) as refused:
        import_file(path, ImportOptions(kind="boundary"))
    assert refused.value.code == "WRONG_GEOMETRY"


def test_a_geopackage_in_metres_is_read_with_its_own_crs(tmp_path: Path) -> None:
    square = Polygon([(500_000, 2_730_000), (501_000, 2_730_000), (501_000, 2_731_000), (500_000, 2_731_000)])
    gpd.GeoDataFrame({"name": ["园"]}, geometry=[square], crs="EPSG:4548").to_file(
        tmp_path / "p.gpkg", layer="park"
    )
    got = import_file(tmp_path / "p.gpkg", ImportOptions(kind="boundary"))
    assert got.report.crs == "EPSG:4548"
    assert got.table["lon"].iloc[0] == pytest.approx(117.005, abs=0.001)


def test_layers_of_a_geopackage_are_asked_about(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(118, 24)], crs=4326)
    points.to_file(tmp_path / "p.gpkg", layer="一")
    points.to_file(tmp_path / "p.gpkg", layer="二")
    with pytest.raises(ChoiceError) as asked:
        import_file(tmp_path / "p.gpkg")
    assert {option["value"] for option in asked.value.options} == {"一", "二"}
    assert import_file(tmp_path / "p.gpkg", ImportOptions(layer="二")).report.accepted == 1


def test_a_geopackage_with_a_view_is_refused(tmp_path: Path) -> None:
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(118, 24)], crs=4326).to_file(
        tmp_path / "p.gpkg", layer="a"
    )
    connection = sqlite3.connect(tmp_path / "p.gpkg")
    connection.execute(
        "CREATE VIEW endless AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM t) SELECT x FROM t"
    )
    connection.commit()
    connection.close()
    with pytest.raises(SourceError) as refused:
        import_file(tmp_path / "p.gpkg", ImportOptions(layer="a"))
    assert refused.value.code == "UNSAFE"


def test_nothing_in_an_upload_reads_other_files_or_reaches_the_network(tmp_path: Path) -> None:
    secret = _file(tmp_path, "secret.csv", "name,lon,lat\nsecret,118,24\n")
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        port = canary.getsockname()[1]
        caught: list[object] = []

        def listen() -> None:
            while True:
                try:
                    caught.append(canary.accept())
                except OSError:
                    return

        thread = threading.Thread(target=listen)
        url = f"http://127.0.0.1:{port}/x"
        hostile = {
            "vrt.geojson": f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
            "curl.csv": f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/vsicurl/{url}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
            "alg.geojson": json.dumps(
                {"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}
            ),
            "link.geojson": json.dumps(
                {
                    "type": "FeatureCollection",
                    "crs": {"type": "link", "properties": {"href": url}},
                    "features": [],
                }
            ),
            "wfs.gpkg": f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>",
        }
        thread.start()
        for name, content in hostile.items():
            with pytest.raises(SourceError):
                import_file(_file(tmp_path, name, content))
        thread.join()
        assert caught == []


def test_the_lock_down_says_what_it_is() -> None:
    status = lockdown_status()
    assert set(status) == {"limits", "landlock", "seccomp", "drivers"}


def test_the_worker_knows_the_drivers_that_are_allowed_and_no_other() -> None:
    said = lockdown_status()["drivers"]
    known = set(said.removeprefix("on (").removesuffix(")").split(", "))
    assert said.startswith("on (")
    assert known <= ALLOWED_DRIVERS
    assert {"GPKG", "ESRI Shapefile", "FlatGeobuf", "GTiff", "OSM"} <= known


def test_the_same_bytes_and_answers_give_the_same_result(tmp_path: Path) -> None:
    path = _file(tmp_path, "f.csv", GOOD)
    one, two = import_file(path), import_file(path)
    assert one.report == two.report
    assert one.table.equals(two.table)


cell = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"), max_size=12
)
rows = st.lists(st.tuples(cell, st.floats(73, 135), st.floats(18, 53)), min_size=1, max_size=20)


@given(records=rows, encoding=st.sampled_from(["utf-8-sig", "gb18030"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_and_every_record_is_counted(
    records: list[tuple[str, float, float]], encoding: str
) -> None:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(["名称", "经度", "纬度"])
    writer.writerows(records)
    data = sink.getvalue().encode(encoding, errors="strict")
    table = read_delimited(data, encoding=None if encoding != "gb18030" else encoding)
    table.lay_out_rows()
    assert [row[0] for row in table.rows] == [name for name, _, _ in records]
    assert table.records == len(table.rows) + len(table.problems)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=200)
)
@settings(max_examples=300, deadline=None)
def test_any_text_reconciles_or_is_refused(text: str) -> None:
    try:
        table = read_delimited(text.encode())
    except (SourceError, ChoiceError):
        return
    table.lay_out_rows()
    assert table.records == len(table.rows) + len(table.problems)


def test_the_counter_and_the_parser_disagree_about_nothing_that_quotes_can_do() -> None:
    text = 'a,b\n"x\ny","z""w"\n1,5"\n"p",q\n\n"",""\n'
    assert count_records(text, ",") == (4, 2)
    assert decode(b"\xef\xbb\xbfa")[0] == "a"


def test_coordinates_survive_to_the_last_digit(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(100, 120, 50), rng.uniform(20, 50, 50)
    text = "name,lon,lat\n" + "".join(
        f"f{n},{x!r},{y!r}\n" for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    )
    got = import_file(_file(tmp_path, "r.csv", text))
    assert (got.table["lon"].to_numpy() == lon).all()
    assert (got.table["lat"].to_numpy() == lat).all()


def test_an_import_says_how_far_it_is_and_stops_at_any_step(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("name,lon,lat\n" + "a,118.4,24.7\n" * 300, encoding="utf-8")
    told: list[float] = []
    whole = import_file(path, progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert len(told) >= 5
    assert 0 <= told[0] < told[-1] <= 1
    assert whole.report.accepted == 300
    for last in range(len(told)):
        heard = 0

        def stop(_share: float, _what: str, last: int = last) -> None:
            nonlocal heard
            heard += 1
            if heard > last:
                raise CancelledError

        with pytest.raises(CancelledError):
            import_file(path, progress=stop)
