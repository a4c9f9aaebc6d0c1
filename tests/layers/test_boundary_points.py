"""Tables of boundary points (界址点) as land offices exchange them: read by their own words, written so that they read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from geo.errors import CrsError
from layers.sources.raw import RawTable
from layers.sources.readers.parcel_text import GRIDS, read_parcels
from planning.report.parcel_text import grid_of, write_parcels_txt

Outcome = Callable[..., tuple[str, object]]
EAST, NORTH = 39_542_000.0, 2_733_000.0
HEAD = (
    "[属性描述]\n格式版本号=1.01版本\n数据产生单位=某市自然资源局\n数据产生日期=\n坐标系={datum}\n几度分带={width}\n"
    "投影类型=高斯克吕格\n计量单位={unit}\n带号={zone}\n精度=0.001\n转换参数={parameters}\n[地块坐标]\n"
)


def head(
    datum: str = "2000国家大地坐标系",
    width: str = "3",
    zone: str = "39",
    unit: str = "米",
    parameters: str = ",,,,,,",
) -> str:
    return HEAD.format(datum=datum, width=width, zone=zone, unit=unit, parameters=parameters)


def points(ring: int, corners: list[tuple[float, float]], first: int = 1) -> str:
    """North first, as the format has it."""
    return "".join(
        f"J{first + place},{ring},{north:.3f},{east:.3f}\n" for place, (east, north) in enumerate(corners)
    )


def square(x: float = 0, y: float = 0, side: float = 100) -> list[tuple[float, float]]:
    x, y = EAST + x, NORTH + y
    return [(x, y), (x, y + side), (x + side, y + side), (x + side, y), (x, y)]


ONE = "5,1.0000,1,地块一,面,,工业用地,,@\n" + points(1, square())


def shapes(table: RawTable) -> list[shapely.Geometry]:
    assert table.records == len(table.rows) + len(table.problems)
    assert table.shapes is not None
    return list(shapely.from_wkb(np.array(table.shapes, dtype=object)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_parcel_lies_where_its_own_words_say(encoding: str, ends: str, outcome: Outcome) -> None:
    how, got = outcome((head() + ONE).replace("\n", ends).encode(encoding), kind="boundary")
    assert how == "taken"
    assert got.report.crs == "EPSG:4527"  # type: ignore[attr-defined]
    assert got.report.warnings == ()  # type: ignore[attr-defined]
    assert got.table["source_row"].tolist() == [13]  # type: ignore[attr-defined]
    assert got.table["地块名称"].tolist() == ["地块一"]  # type: ignore[attr-defined]
    back = got.table.to_crs(4527).geometry.iloc[0]  # type: ignore[attr-defined]
    assert back.symmetric_difference(Polygon(square())).area < 1e-3


def test_parcels_rings_and_parts_are_told_apart() -> None:
    text = (
        head() + "10,0.96,1,有洞,面,,,,@\n" + points(1, square()) + points(2, square(40, 40, 20), 6)
        + "10,2.0,2,两块,面,,,,@\n" + points(1, square(200)) + points(2, square(400), 6)
        + "10,2.0,3,同号两块,面,,,,@\n" + points(1, square(600)) + points(1, square(800), 6)
        + "10,0.96,4,洞在前,面,,,,@\n" + points(1, square(1_040, 40, 20)) + points(2, square(1_000), 6)
        + "15,,5,洞中岛,面,,,,@\n" + points(1, square(1_200)) + points(2, square(1_210, 10, 80), 6) + points(3, square(1_220, 20, 60), 11)
        + "4,1.0,6,不闭合,面,,,,@\n" + points(1, square(1_400)[:-1])
    )  # fmt: skip
    table = read_parcels(text.encode())
    found = shapes(table)
    assert [shape.area for shape in found] == pytest.approx(
        [9_600, 20_000, 20_000, 9_600, 10_000 - 6_400 + 3_600, 10_000]
    )
    assert [shapely.get_num_geometries(shape) for shape in found] == [1, 2, 2, 1, 2, 1]
    assert shapely.is_valid(found).all()
    assert table.notes == []


def test_lines_and_points_stay_what_they_are() -> None:
    text = (
        head() + "3,,1,路,线,,,,@\n" + points(1, square()[:3]) + "1,,2,井,点,,,,@\n" + points(1, square()[:1])
    )
    assert [shape.geom_type for shape in shapes(read_parcels(text.encode()))] == ["LineString", "Point"]


@pytest.mark.parametrize(
    ("datum", "key"),
    [
        ("2000国家大地坐标系", "2000"), ("CGCS2000", "2000"), ("1980西安坐标系", "80"), ("80国家大地坐标系", "80"),
        ("西安80", "80"), ("北京54", "54"), ("1954年北京坐标系", "54"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("width", ["3", "6", "3度带"])
def test_every_datum_and_zone_is_the_system_that_proj_calls_so(datum: str, key: str, width: str) -> None:
    for zone in range(25, 46) if width[0] == "3" else range(13, 24):
        for offset, stated in ((zone * 1e6, str(zone)), (zone * 1e6, ""), (0.0, str(zone))):
            text = head(datum, width, stated) + "3,,1,,面,,,,@\n"
            text += "".join(
                f"J{n},1,{2_700_000 + y},{offset + 500_000 + x}\n"
                for n, (x, y) in enumerate([(0, 0), (0, 9), (9, 9)])
            )
            crs = pyproj.CRS(read_parcels(text.encode()).crs)
            values = {one.name: one.value for one in crs.coordinate_operation.params}  # type: ignore[union-attr]
            assert values["Longitude of natural origin"] == (3 * zone if width[0] == "3" else 6 * zone - 3)
            assert values["False easting"] == offset + 500_000
            assert {"2000": "CGCS2000", "80": "Xian 1980", "54": "Beijing 1954"}[key] in crs.name


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ({"zone": "38"}, "crs"), ({"datum": "某市独立坐标系"}, "crs"), ({"datum": ""}, "crs"), ({"width": ""}, "crs"),
        ({"zone": "99"}, "crs"),
    ],
)  # fmt: skip
def test_words_that_contradict_the_coordinates_are_no_system_and_asked(
    words: dict[str, str], about: str, outcome: Outcome
) -> None:
    how, error = outcome((head(**words) + ONE).encode(), kind="boundary")
    assert (how, error.about) == ("asked", about)  # type: ignore[attr-defined]


def test_degrees_are_read_north_first(outcome: Outcome) -> None:
    text = (
        head(unit="度", width="", zone="")
        + "4,,1,,面,,,,@\nJ1,1,24.7,118.4\nJ2,1,24.8,118.4\nJ3,1,24.8,118.5\nJ1,1,24.7,118.4\n"
    )
    how, got = outcome(text.encode(), kind="boundary")
    assert how == "taken"
    assert got.report.crs == "EPSG:4490"  # type: ignore[attr-defined]
    assert got.table.total_bounds.tolist() == [118.4, 24.7, 118.5, 24.8]  # type: ignore[attr-defined]


def test_east_first_is_asked_about_and_taken_with_the_answer(outcome: Outcome) -> None:
    text = (
        head()
        + "5,1.0,1,,面,,,,@\n"
        + "".join(f"J{n},1,{east},{north}\n" for n, (east, north) in enumerate(square()))
    )
    how, error = outcome(text.encode(), kind="boundary")
    assert how == "asked", error
    how, got = outcome(text.encode(), kind="boundary", axes="yx", crs="EPSG:4527")
    assert how == "taken"
    assert got.table.to_crs(4527).area.iloc[0] == pytest.approx(10_000, rel=1e-6)  # type: ignore[attr-defined]


BAD = {
    "a letter": ("J3,1,27331oo.000,39542100.000", "BAD_NUMBER"),
    "no east": ("J3,1,2733100.000,", "MISSING_COORD"),
    "three cells": ("J3,1,2733100.000", "COLUMN_COUNT"),
    "five cells": ("J3,1,2733100.000,39542100.000,5", "COLUMN_COUNT"),
    "words": ("以下空白", "COLUMN_COUNT"),
    "infinite": ("J3,1,inf,39542100.000", "NONFINITE_COORD"),
    "too large": ("J3,1,1e999,39542100.000", "NONFINITE_COORD"),
}


@pytest.mark.parametrize(("line", "code"), BAD.values(), ids=BAD.keys())
def test_a_line_that_does_not_parse_sets_its_parcel_aside_with_the_number_of_the_line(
    line: str, code: str, outcome: Outcome
) -> None:
    broken = ONE.splitlines()
    broken[3] = line
    text = head() + ONE + "\n".join(broken) + "\n" + ONE
    how, got = outcome(text.encode(), kind="any")
    assert how == "taken"
    assert (got.report.rows_in, got.report.accepted) == (3, 2)  # type: ignore[attr-defined]
    assert got.report.reasons == {code: 1}  # type: ignore[attr-defined]
    assert got.rejects["source_row"].tolist() == [12 + 6 + 4]  # type: ignore[attr-defined]
    assert got.rejects["text"].tolist() == [line]  # type: ignore[attr-defined]


def test_digits_of_full_width_blank_lines_and_last_commas_change_nothing(outcome: Outcome) -> None:
    text = (
        (head() + ONE).replace("J2,1,", "J２，１，").replace("J3,1", "\n  J3 , 1").replace("@\n", " ＠ \n\n")
    )
    text = text.replace("39542100.000\n", "39542100.000,,\n")
    how, got = outcome(text.encode(), kind="boundary")
    assert how == "taken"
    assert got.table.to_crs(4527).area.iloc[0] == pytest.approx(10_000, rel=1e-6)  # type: ignore[attr-defined]


def test_points_without_a_parcel_line_are_one_parcel() -> None:
    assert [shape.area for shape in shapes(read_parcels((head() + points(1, square())).encode()))] == [10_000]
    table = read_parcels((head() + "说明\n" + ONE).encode())
    assert (table.records, len(table.problems)) == (2, 1)


@pytest.mark.parametrize(
    ("heading", "differs"),
    [
        ("5,1.0000", False), ("4,1.0000", False), ("5,1", False), ("5,10000.0", False), ("5,", False), ("5,1.00公顷", False),
        ("50,1.0000", True), ("3,1.0000", True), ("5,2.0000", True), ("5,1.1000", True),
    ],
)  # fmt: skip
def test_a_parcel_that_states_another_outline_than_it_draws_is_noticed(heading: str, differs: bool) -> None:
    table = read_parcels((head() + heading + ",1,,面,,,,@\n" + points(1, square())).encode())
    assert table.notes == ([("PARCEL_DIFFERS", 1)] if differs else [])


def test_parameters_that_are_stated_and_not_used_are_said(outcome: Outcome) -> None:
    _, got = outcome((head(parameters="-102.5,0,0,0,0,0,0") + ONE).encode(), kind="boundary")
    assert [one.code for one in got.report.warnings] == ["PARAMETERS_UNUSED"]  # type: ignore[attr-defined]
    _, got = outcome((head(parameters="0,0,0,0.0,0,0,0") + ONE).encode(), kind="boundary")
    assert got.report.warnings == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (head(), "NO_ROWS"), ("[属性描述]\n坐标系=CGCS2000\n", "NO_ROWS"), (head(unit="公里") + ONE, "NOT_THIS_FORMAT"),
        (head() + "0,0,1,空,面,,,,@\n", "EMPTY_GEOMETRY"), (head() + "2,0,1,,面,,,,@\n" + points(1, square()[:2]), "EMPTY_GEOMETRY"),
    ],
)  # fmt: skip
def test_what_holds_no_outline_is_refused_by_name(text: str, code: str, outcome: Outcome) -> None:
    how, error = outcome(text.encode("gb18030"), kind="boundary")
    assert (how, error.code) == ("refused", code)  # type: ignore[attr-defined]


def test_bytes_that_are_no_text_are_refused(outcome: Outcome) -> None:
    how, error = outcome((head() + ONE).encode("gb18030") + b"\xff\xff", kind="boundary")
    assert (how, error.code) == ("refused", "UNDECODABLE_TEXT")  # type: ignore[attr-defined]


coordinate = st.integers(0, 900_000).map(lambda whole: whole / 1_000)
outline = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8, unique=True).map(
    lambda corners: shapely.convex_hull(shapely.MultiPoint([(EAST + x, NORTH + y) for x, y in corners]))
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(outline.filter(lambda shape: shape.area > 1), min_size=1, max_size=4), st.booleans())
def test_what_is_written_reads_back_to_the_last_digit(
    tmp_path: Path, outlines: list[Polygon], carries: bool
) -> None:
    code = 4527 if carries else 4548
    moved = [
        shapely.transform(shape, lambda xy: np.round(xy - (0 if carries else [39e6, 0]), 3))
        for shape in outlines
    ]
    write_parcels_txt(tmp_path / "out.txt", moved, pyproj.CRS(code))
    table = read_parcels((tmp_path / "out.txt").read_bytes())
    assert table.crs == "EPSG:4527"
    assert {code for code, _ in table.notes} <= {"PARCEL_DIFFERS"}
    for found, own in zip(shapes(table), outlines, strict=True):
        assert np.array_equal(
            np.round(shapely.get_coordinates(found), 3), np.round(shapely.get_coordinates(own), 3)
        )


def test_holes_and_parts_read_back_as_they_were(tmp_path: Path) -> None:
    place = box(0, 0, 100, 100).difference(box(10, 10, 20, 20)).difference(box(30, 30, 40, 40))
    both = MultiPolygon(
        [place, box(200, 0, 300, 100).difference(box(210, 10, 220, 20)), box(212, 12, 218, 18)]
    )
    own = shapely.transform(both, lambda xy: xy + np.array([EAST, NORTH]))
    write_parcels_txt(tmp_path / "out.txt", [own], pyproj.CRS(4527), names=["一,二@三\n四"])
    table = read_parcels((tmp_path / "out.txt").read_bytes())
    assert shapes(table)[0].equals(own)
    assert table.rows[0][3] == "一，二＠三 四"
    assert table.notes == []


def test_every_grid_that_is_read_is_written_and_no_other(tmp_path: Path) -> None:
    for (datum, width), (first, numbered, plain) in GRIDS.items():
        for code, carries in ((numbered, True), (plain, False)):
            assert grid_of(pyproj.CRS(code)) == (datum, width, first, carries)
    with pytest.raises(CrsError):
        write_parcels_txt(tmp_path / "out.txt", [box(0, 0, 1, 1)], pyproj.CRS(32650))
    assert not (tmp_path / "out.txt").exists()
