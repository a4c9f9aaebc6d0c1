"""Tables as bureaus, map services, GIS exports and Excel users send them: taken whole, asked about or refused."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Callable

import numpy as np
import pyproj
import pytest

from geo.datums import wgs84_to_bd09, wgs84_to_gcj02

IDS = ["0012", "350583198001011234", "A-3", "0004"]
NAMES = ["NA", "null", '石材"老三"，有限公司', "-"]
LON = [118.425, 118.43, 118.4185, 118.0]
LAT = [24.703, 24.71, 24.6995, 24.0]
STAFF = ["１２０", "1,250", "", "3.0"]
HEADER = ["企业编号", "企业名称", "经度", "纬度", "职工人数"]


def rows(lon: list[object] | None = None, lat: list[object] | None = None) -> list[list[object]]:
    """The same four firms, with coordinates as somebody writes them."""
    return [list(row) for row in zip(IDS, NAMES, lon or LON, lat or LAT, STAFF, strict=True)]


def text(*lines: list[object], delimiter: str = ",", end: str = "\n") -> str:
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator=end).writerows(lines)
    return sink.getvalue()


def is_whole(got: object, lon: list[float] = LON, lat: list[float] = LAT) -> None:
    """Nothing moved, nothing lost: identifiers, names that look like nothing, and places."""
    table, roles = got.table, got.roles  # type: ignore[attr-defined]
    assert table[roles["id"]].tolist() == IDS
    assert table[roles["name"]].tolist() == NAMES
    assert np.allclose(table["lon"], lon, atol=1e-9, rtol=0)
    assert np.allclose(table["lat"], lat, atol=1e-9, rtol=0)


PLAIN = text(HEADER, *rows())
DMS = (
    ["118°25′30″", "118°25'48\"", "118度25分6.6秒", "E118°0′0″"],
    ["24°42′10.8″", "24°42'36\"", "24°41′58.2″", "北纬24°"],
)
WHOLE: dict[str, bytes] = {
    "utf-8": PLAIN.encode(),
    "utf-8 with a mark": PLAIN.encode("utf-8-sig"),
    "gb18030": PLAIN.encode("gb18030"),
    "utf-16, little end first": PLAIN.encode("utf-16"),
    "utf-16, big end first": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "Windows line ends": text(HEADER, *rows(), end="\r\n").encode(),
    "old Macintosh line ends": text(HEADER, *rows(), end="\r").encode(),
    "semicolons": text(HEADER, *rows(), delimiter=";").encode(),
    "tabs": text(HEADER, *rows(), delimiter="\t").encode(),
    "bars": text(HEADER, *rows(), delimiter="|").encode(),
    "no end of the last line": PLAIN.rstrip("\n").encode(),
    "blank lines everywhere": ("\n\n" + PLAIN.replace("\n", "\n,,,,\n\n")).encode(),
    "a title": text(["南安市石材企业名录"], HEADER, *rows()).encode("gb18030"),
    "a title as wide as the table": text(["南安市石材企业名录", "", "", "", ""], HEADER, *rows()).encode(),
    "two titles and a date": text(["名录"], ["填表单位：", "某局", "", "填表日期：", "3月"], HEADER, *rows()).encode(),
    "commas at the end of every line": PLAIN.replace("\n", ",,\n").encode(),
    "commas at the end of the header": PLAIN.replace("\n", ",,\n", 1).encode(),
    "commas at the end of the rows": text(HEADER, *([*row, "", ""] for row in rows())).encode(),
    "everything in quotes": "\n".join(
        ",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in [HEADER, *rows()]
    ).encode(),
    "a line break inside a heading": text([*HEADER[:2], "经度\n(°)", "纬度\n(°)", HEADER[4]], *rows()).encode(),
    "degree signs": text(HEADER, *rows([f"{x}°" for x in LON], [f"{y} °" for y in LAT])).encode(),
    "blanks around numbers": text(HEADER, *rows([f" {x} " for x in LON], [f"\u3000{y}\xa0" for y in LAT])).encode(),
    "full-width digits": text(
        HEADER, *rows([f"{x}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")) for x in LON])
    ).encode(),
    "scientific notation": text(HEADER, *rows([f"{x:.9E}" for x in LON], [f"{y:e}" for y in LAT])).encode(),
    "plus signs": text(HEADER, *rows([f"+{x}" for x in LON], [f"＋{y}" for y in LAT])).encode(),
    "degrees, minutes, seconds": text(HEADER, *rows(*DMS)).encode("gb18030"),
    "hemispheres behind": text(HEADER, *rows([f"{x}E" for x in LON], [f"{y}°N" for y in LAT])).encode(),
    "hemispheres in front": text(HEADER, *rows([f"E{x}" for x in LON], [f"北纬{y}" for y in LAT])).encode(),
    "a header of two rows": text(
        ["企业编号", "企业名称", "坐标", "", "职工人数"], ["", "", "经度", "纬度", ""], *rows()
    ).encode(),
    "a header of two rows, names below": text(
        ["", "企业", "坐标", "", ""], ["企业编号", "企业名称", "经度", "纬度", "职工人数"], *rows()
    ).encode(),
    "columns in another order": text(HEADER[::-1], *(row[::-1] for row in rows())).encode(),
}  # fmt: skip


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
def test_the_same_firms_come_out_however_they_are_written(
    data: bytes, outcome: Callable[..., tuple[str, object]]
) -> None:
    how, got = outcome(data, kind="firms")
    assert how == "taken"
    is_whole(got)
    assert (got.report.rows_in, got.report.accepted) == (4, 4)  # type: ignore[attr-defined]


NAMES_OF_COORDINATES = [
    ("经度", "纬度"), ("经度(°)", "纬度(°)"), ("经度（度）", "纬度（度）"), ("东经", "北纬"), ("经 度", "纬 度"),
    ("经度坐标", "纬度坐标"), ("LNG", "LAT"), ("Lng", "Lat"), ("lon", "lat"), ("Long", "Lat"), ("Longitude", "Latitude"),
    ("LONGITUDE (E)", "LATITUDE (N)"), ("Lon.", "Lat."), ("X", "Y"), ("x", "y"), ("X坐标", "Y坐标"), ("坐标X", "坐标Y"),
    ("坐标_X", "坐标_Y"), ("POINT_X", "POINT_Y"), ("coord_x", "coord_y"), ("x_coord", "y_coord"), ("XCoord", "YCoord"),
    ("GPS经度", "GPS纬度"), ("wgs84_lng", "wgs84_lat"), ("lng_wgs84", "lat_wgs84"), ("WGS84经度", "WGS84纬度"),
    ("企业经度", "企业纬度"), ("中心点经度", "中心点纬度"), ("地理位置-经度", "地理位置-纬度"), ("经度/Longitude", "纬度/Latitude"),
    ("经度（CGCS2000）", "纬度（CGCS2000）"), ("location.lng", "location.lat"), ("geo:lon", "geo:lat"), ("经度E", "纬度N"),
    ("经度(度分秒)", "纬度(度分秒)"), ("\ufeff经度", "纬度"),
]  # fmt: skip


@pytest.mark.parametrize(("lon", "lat"), NAMES_OF_COORDINATES)
def test_the_columns_are_found_by_the_names_that_people_give_them(
    lon: str, lat: str, outcome: Callable[..., tuple[str, object]]
) -> None:
    how, got = outcome(text([*HEADER[:2], lon, lat, HEADER[4]], *rows()).encode())
    assert how == "taken", got
    is_whole(got)


def shifted(system: Callable[..., tuple[np.ndarray, np.ndarray]]) -> list[list[object]]:
    lon, lat = system(LON, LAT)
    return rows([f"{x:.12f}" for x in lon], [f"{y:.12f}" for y in lat])


@pytest.mark.parametrize(
    ("lon", "lat", "system", "crs"),
    [
        ("百度经度", "百度纬度", wgs84_to_bd09, "BD-09"),
        ("bd09_lng", "bd09_lat", wgs84_to_bd09, "BD-09"),
        ("经度（BD-09）", "纬度（BD-09）", wgs84_to_bd09, "BD-09"),
        ("高德经度", "高德纬度", wgs84_to_gcj02, "GCJ-02"),
        ("gcj02_lng", "gcj02_lat", wgs84_to_gcj02, "GCJ-02"),
        ("经度(火星坐标)", "纬度(火星坐标)", wgs84_to_gcj02, "GCJ-02"),
    ],
)
def test_a_system_that_stands_in_a_columns_name_is_taken_at_its_word(
    lon: str, lat: str, system: Callable[..., tuple[np.ndarray, np.ndarray]], crs: str,
    outcome: Callable[..., tuple[str, object]],
) -> None:  # fmt: skip
    how, got = outcome(text([*HEADER[:2], lon, lat, HEADER[4]], *shifted(system)).encode())
    assert how == "taken"
    is_whole(got)
    assert got.report.crs == crs  # type: ignore[attr-defined]
    assert "CRS_ASSUMED" not in {warning.code for warning in got.report.warnings}  # type: ignore[attr-defined]


def test_columns_of_two_systems_make_no_pair(outcome: Callable[..., tuple[str, object]]) -> None:
    how, error = outcome(text([*HEADER[:2], "百度经度", "WGS84纬度", HEADER[4]], *rows()).encode())
    assert (how, error.about, error.code) == ("asked", "crs", "CRS_AMBIGUOUS")  # type: ignore[attr-defined]


def test_several_pairs_of_coordinates_are_asked_about(outcome: Callable[..., tuple[str, object]]) -> None:
    header = ["企业编号", "企业名称", "注册地经度", "注册地纬度", "生产地经度", "生产地纬度"]
    lines = [[*row[:4], 118.9, 24.9] for row in rows()]
    how, error = outcome(text(header, *lines).encode())
    assert (how, error.about) == ("asked", "columns")  # type: ignore[attr-defined]
    argument = shlex.split(error.options[1]["argument"])  # type: ignore[attr-defined]
    assert argument == ["--lon", "生产地经度", "--lat", "生产地纬度"]
    how, got = outcome(text(header, *lines).encode(), lon="生产地经度", lat="生产地纬度")
    assert how == "taken"
    assert got.table["lon"].tolist() == [118.9] * 4  # type: ignore[attr-defined]


def projected(epsg: int) -> tuple[list[str], list[str]]:
    east, north = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(LON, LAT)
    return [f"{x:.6f}" for x in east], [f"{y:.6f}" for y in north]


@pytest.mark.parametrize("epsg", [4527, 4548, 4509, 4498, 32650, 2363])
def test_survey_coordinates_are_asked_for_and_planners_x_is_north(
    epsg: int, outcome: Callable[..., tuple[str, object]]
) -> None:
    east, north = projected(epsg)
    data = text([*HEADER[:2], "X", "Y", HEADER[4]], *rows(north, east)).encode()
    how, error = outcome(data)
    assert (how, error.about) == ("asked", "crs")  # type: ignore[attr-defined]
    proposed = [option["argument"] for option in error.options]  # type: ignore[attr-defined]
    if epsg in (4527, 4548, 4498):
        assert f"--crs EPSG:{epsg} --axes yx" in proposed
    how, error = outcome(data, crs=f"EPSG:{epsg}")
    assert (how, error.about) == ("asked", "axes")  # type: ignore[attr-defined]
    how, got = outcome(data, crs=f"EPSG:{epsg}", axes="yx")
    assert how == "taken"
    assert np.allclose(got.table["lon"], LON, atol=2e-3 if epsg == 2363 else 1e-9)  # type: ignore[attr-defined]
    how, got = outcome(
        text([*HEADER[:2], "东坐标", "北坐标", HEADER[4]], *rows(east, north)).encode(), crs=f"EPSG:{epsg}"
    )
    assert how == "taken"
    assert np.allclose(got.table["lat"], LAT, atol=2e-3 if epsg == 2363 else 1e-9)  # type: ignore[attr-defined]


def test_thousands_separators_in_metres_are_read(outcome: Callable[..., tuple[str, object]]) -> None:
    east, north = projected(4548)
    grouped = rows([f"{float(x):,.6f}" for x in east], [f"{float(y):,.6f}" for y in north])
    how, got = outcome(text([*HEADER[:2], "东坐标", "北坐标", HEADER[4]], *grouped).encode(), crs="EPSG:4548")
    assert how == "taken"
    is_whole(got)


ASKED = {
    "swapped everywhere": (text(HEADER, *rows(LAT, LON)), "axes"),
    "swapped in the far west": (text(HEADER, *rows([43.8, 43.9, 44.0, 44.1], [87.6, 87.5, 87.4, 87.3])), "axes"),
    "decimal commas or thousands": (
        text([{"经度": "X", "纬度": "Y"}.get(name, name) for name in HEADER], *rows([f"{x:.3f}".replace(".", ",") for x in LON], [f"{y:.3f}".replace(".", ",") for y in LAT]), delimiter=";"),
        "crs",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "about"), ASKED.values(), ids=ASKED.keys())
def test_what_can_be_read_in_two_ways_is_asked_about(
    data: str, about: str, outcome: Callable[..., tuple[str, object]]
) -> None:
    how, error = outcome(data.encode(), kind="firms")
    assert (how, error.about) == ("asked", about)  # type: ignore[attr-defined]
    assert 1 <= len(error.preview) <= 5  # type: ignore[attr-defined]


def one_bad(lon: object, lat: object = 24.7) -> bytes:
    return text(HEADER, *rows(), ["9", "坏", lon, lat, ""]).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (one_bad(""), "MISSING_COORD"),
        (one_bad("   "), "MISSING_COORD"),
        (one_bad("无"), "BAD_NUMBER"),
        (one_bad("NA"), "BAD_NUMBER"),
        (one_bad("#N/A"), "BAD_NUMBER"),
        (one_bad("118,4251"), "BAD_NUMBER"),
        (one_bad("118.42.5"), "BAD_NUMBER"),
        (one_bad("118°61′"), "BAD_NUMBER"),
        (one_bad("nan"), "NONFINITE_COORD"),
        (one_bad("1e400"), "NONFINITE_COORD"),
        (one_bad(0, 0), "NULL_ISLAND"),
        (one_bad("0.0", "0.000"), "NULL_ISLAND"),
        (one_bad(24.7, 118.4), "SWAPPED_AXES"),
        (one_bad(43.8, 87.6), "SWAPPED_AXES"),
        (one_bad(1184, 24.7), "OUT_OF_RANGE"),
        (one_bad(118.4, 247), "OUT_OF_RANGE"),
        (text(HEADER, ["", "", "度", "度", "人"], *rows()).encode(), "UNITS_ROW"),
        (text(HEADER, *rows(), ["9", "多", 118, 24, "", "甲"]).encode(), "COLUMN_COUNT"),
        (text(HEADER, *rows(), ["9", "少", 118]).encode(), "COLUMN_COUNT"),
        (text(HEADER, *rows(), ["合计", "4家", "", "", "1373"]).encode(), "MISSING_COORD"),
    ],
)
def test_one_bad_row_costs_one_row(
    data: bytes, code: str, outcome: Callable[..., tuple[str, object]]
) -> None:
    how, got = outcome(data)
    assert how == "taken"
    is_whole(got)
    assert got.report.reasons == {code: 1}  # type: ignore[attr-defined]
    assert got.report.rows_in == 5  # type: ignore[attr-defined]


def test_a_row_of_another_zone_does_not_land_some_degrees_away(
    outcome: Callable[..., tuple[str, object]],
) -> None:
    east, north = projected(4527)
    data = text(HEADER, *rows(east, north), ["9", "邻带", "38" + east[0][2:], north[0], ""]).encode()
    how, got = outcome(data, crs="EPSG:4527")
    assert how == "taken"
    is_whole(got)
    assert got.report.reasons == {"OUT_OF_RANGE": 1}  # type: ignore[attr-defined]


REFUSED = {
    "commas of full width": (PLAIN.replace(",", "，"), "NO_COLUMN", {}),
    "degrees called metres": (PLAIN, "CRS_AMBIGUOUS", {"crs": "EPSG:4548"}),
    "metres called degrees": (text(HEADER, *rows(*projected(4548))), "OUT_OF_RANGE", {"crs": "WGS84"}),
    "a local engineering system": (PLAIN, "USAGE", {"crs": 'LOCAL_CS["厂区",UNIT["metre",1]]'}),
    "a web page": ("<html><table><tr><td>经度</td></tr></table></html>", "NOT_THIS_FORMAT", {}),
    "a drawing": ("  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "NOT_THIS_FORMAT", {}),
    "a missing header line": (PLAIN, "NOT_THIS_FORMAT", {"header": 99}),
    "a boundary out of a table": (PLAIN, "WRONG_GEOMETRY", {"kind": "boundary"}),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code", "answers"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_taken_is_refused_in_one_sentence(
    data: str, code: str, answers: dict[str, object], outcome: Callable[..., tuple[str, object]]
) -> None:
    how, error = outcome(data.encode(), **answers)
    assert (how, error.code) == ("refused", code)  # type: ignore[attr-defined]


def test_addresses_alone_are_asked_about(outcome: Callable[..., tuple[str, object]]) -> None:
    how, error = outcome(text(["编号", "名称", "地址"], ["1", "甲", "水头镇"]).encode())
    assert (how, error.about) == ("asked", "locate")  # type: ignore[attr-defined]


def test_a_column_without_a_heading_keeps_its_cells(outcome: Callable[..., tuple[str, object]]) -> None:
    lines = [[*row, f"备注{place}"] for place, row in enumerate(rows())]
    for header in ([*HEADER, ""], HEADER):
        how, got = outcome(text(header, *lines).encode())
        if header is HEADER:  # one cell more than the header has: which one, nobody can tell
            assert (how, got.code) == ("refused", "COLUMN_COUNT")  # type: ignore[attr-defined]
        else:
            is_whole(got)
            assert got.table["column 6"].tolist() == [f"备注{n}" for n in range(4)]  # type: ignore[attr-defined]


def test_merged_cells_below_the_first_stay_blank_and_are_filled_by_nobody(
    outcome: Callable[..., tuple[str, object]],
) -> None:
    lines = [["水头镇" if place == 0 else "", *row] for place, row in enumerate(rows())]
    _, got = outcome(text(["乡镇", *HEADER], *lines).encode())
    is_whole(got)
    assert got.table["乡镇"].tolist() == ["水头镇", "", "", ""]  # type: ignore[attr-defined]


def test_headings_that_repeat_or_differ_in_case_alone_are_told_apart(
    outcome: Callable[..., tuple[str, object]],
) -> None:
    header = [*HEADER, "备注", "备注", "Note", "note", "fid", "geom", "geometry", "source_row", "Flags"]
    lines = [[*row, *"abcdefghi"] for row in rows()]
    _, got = outcome(text(header, *lines).encode())
    is_whole(got)
    names = [name for name in got.table.columns if name != "geometry"]  # type: ignore[attr-defined]
    assert len({name.casefold() for name in names}) == len(names)
    kept = got.table.drop(columns="geometry").iloc[0].tolist()  # type: ignore[attr-defined]
    assert [
        cell for cell in kept if isinstance(cell, str) and len(cell) == 1 and cell in "abcdefghi"
    ] == list("abcdefghi")
