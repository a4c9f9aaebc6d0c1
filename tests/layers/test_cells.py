"""Coordinates in every usual spelling: what they say, what is refused, what is asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sources.cells import (
    hold_decimal_commas,
    holds_pairs,
    parse_angle,
    parse_coordinates,
    parse_numbers,
    parse_pairs,
)
from layers.sources.importer import Imported

Take = Callable[..., Imported]

SPELLINGS = [
    "118.425", "１１８．４２５", "+118.425", "118.425°", "118.425度", "118.425°E", "E118.425", "东经118.425", "东经118.425°",
    "118°25′30″", "118°25'30\"", "118°25'30''", "118º25’30”", "118˚25′30″", "118°25′30", "118° 25′ 30″",
    "118度25分30秒", "东经118度25分30秒", "E118°25′30″", "118°25′30″E", "１１８°２５′３０″", "118°25.5′", "118d25m30s",
    "118-25-30", "118－25－30", "118–25–30", "118:25:30", "118：25：30", "118 25 30", "118-25-30E", "118\u00a025\u00a030", "118°25′29″.9999999",
]  # fmt: skip
PAIRS = [
    "118.42,24.71", "(118.42 24.71)", "118.42 24.71", "118.42，24.71", "118.42;24.71", "118.42/24.71", "118.42、24.71",
    "[118.42, 24.71]", "24.71,118.42", "24.71N 118.42E", "E118.42N24.71", "E118.42,N24.71", "24.71°N, 118.42°E",
    "经度:118.42 纬度:24.71", "纬度24.71 经度118.42", "东经118.42度，北纬24.71度", '{"lng":118.42,"lat":24.71}',
    '{"lat": 24.71, "lng": 118.42}', "118,42 24,71", "118,42;24,71", "118,42, 24,71", "118.42,24.71,35",
    "118°25′12″ 24°42′36″", "118°25'12\"E,24°42'36\"N", "N24°42′36″ E118°25′12″", "118-25-12,24-42-36",
    "118-25-12 24-42-36", "118 25 12 24 42 36", "118度25分12秒,24度42分36秒", "１１８．４２，２４．７１",
]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_usual_spelling_of_an_angle_is_read(text: str) -> None:
    read = parse_coordinates([text])
    assert read.codes.tolist() == [""]
    assert read.values[0] == pytest.approx(118.425, abs=1e-9)
    assert read.rewritten[0] == (text != "118.425")


@pytest.mark.parametrize("text", PAIRS)
def test_two_coordinates_in_one_cell_are_told_apart(text: str) -> None:
    read = parse_pairs([text])
    assert read.codes.tolist() == [""]
    assert read.sure
    assert (read.x[0], read.y[0]) == (pytest.approx(118.42, abs=1e-9), pytest.approx(24.71, abs=1e-9))
    assert holds_pairs([text])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MISSING_COORD"), ("  ", "MISSING_COORD"), ("无", "BAD_NUMBER"), ("118°61′", "BAD_NUMBER"), ("118°25′60″", "BAD_NUMBER"),
        ("118°25", "BAD_NUMBER"), ("118 25", "BAD_NUMBER"), ("118-25", "BAD_NUMBER"), ("118.42.5", "BAD_NUMBER"),
        ("E118.4E", "BAD_NUMBER"), ("inf", "NONFINITE_COORD"), ("NaN", "NONFINITE_COORD"), ("1e400", "NONFINITE_COORD"),
        ("2019-03-01x", "BAD_NUMBER"),
    ],
)  # fmt: skip
def test_what_says_nothing_sure_is_no_number(text: str, code: str) -> None:
    """Degrees with one more number and no sign (118°25) are minutes to one reader, decimals to another."""
    assert parse_coordinates([text]).codes.tolist() == [code]


@pytest.mark.parametrize(
    "text", ["118.42", "x,y", "118.42E 117E", "水头镇", "2019-03-01 12:30", "118.4224.71"]
)
def test_what_is_no_pair_is_told(text: str) -> None:
    assert parse_pairs([text]).codes.tolist() == ["BAD_NUMBER"]
    assert not holds_pairs([text])


def test_west_and_south_are_negative() -> None:
    texts = ["W70.5", "70°30′W", "西经70度30分", "-70.5", "-70°30′", "S70.5", "南纬70.5"]
    assert parse_coordinates(texts).values.tolist() == [-70.5] * 7


@pytest.mark.parametrize("text", ["2019/05", "1/2", "350583,350500", "12 34", "A-12,3", "13800001111"])
def test_dates_codes_and_fractions_are_no_pairs_of_coordinates(text: str) -> None:
    assert not holds_pairs([text] * 5)


def test_the_column_says_whether_a_comma_parts_decimals_or_thousands() -> None:
    assert parse_coordinates(["118,4251", "118,425"]).values.tolist() == [118.4251, 118.425]
    assert parse_coordinates(["500,123", "1,500,123.5"]).values.tolist() == [500123.0, 1500123.5]
    assert parse_coordinates(["118,425"]).values.tolist() == [118425.0]
    assert parse_coordinates(["118,425"], in_degrees=True).values.tolist() == [118.425]
    assert parse_coordinates(["118,4251"], in_degrees=False).codes.tolist() == ["BAD_NUMBER"]
    # Where other cells have points, a comma of another kind is a slip of the pen.
    assert parse_coordinates(["118.4251", "118,4251"]).codes.tolist() == ["", "BAD_NUMBER"]
    assert parse_numbers(["1,200", "35"])[0].tolist() == [1200.0, 35.0]
    assert parse_coordinates(["2 735 123.4", "542345.12米", "542345.12 m"]).values.tolist() == [
        2735123.4, 542345.12, 542345.12,
    ]  # fmt: skip


@given(
    st.integers(0, 179), st.integers(0, 59), st.floats(0, 59.9994), st.sampled_from(["°′″", "°'\"", "度分秒", "---", ":::", "dms"]),
    st.sampled_from(["", "E", "W"]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_degrees_minutes_and_seconds_come_back(
    degrees: int, minutes: int, seconds: float, signs: str, side: str
) -> None:
    first, second, third = signs
    text = f"{degrees}{first}{minutes}{second}{seconds:.4f}{third if third not in '-:' else ''}{side}"
    meant = (degrees + minutes / 60 + float(f"{seconds:.4f}") / 3600) * (-1 if side == "W" else 1)
    found = parse_angle(text)
    assert found is not None
    assert found == pytest.approx(meant, abs=1e-9)


@given(st.lists(st.tuples(st.floats(73.5, 135), st.floats(18, 53.5)), min_size=1, max_size=20), st.booleans())
@settings(max_examples=100, deadline=None)
def test_one_order_for_the_whole_column(places: list[tuple[float, float]], latitude_first: bool) -> None:
    texts = [f"{lat!r},{lon!r}" if latitude_first else f"{lon!r},{lat!r}" for lon, lat in places]
    read = parse_pairs(texts)
    if read.sure:
        assert list(zip(read.x, read.y, strict=True)) == places
    told = parse_pairs(texts, "y" if latitude_first else "x")
    assert list(zip(told.x, told.y, strict=True)) == places


def test_where_both_orders_could_be_meant_it_is_asked() -> None:
    assert parse_pairs(["87.6,43.8", "87.5,43.9"]).sure  # the other order lies in the Arctic Sea
    assert not parse_pairs(["30.5,50.5", "31.5,49.5"]).sure
    assert np.isclose(parse_pairs(["30.5,50.5"], "y").x, 50.5)


def table(*cells: str, header: str = "经纬度") -> bytes:
    lines = [f'{number},企业{number},"{cell}"' for number, cell in enumerate(cells, start=1)]
    return "\n".join([f"编号,名称,{header}", *lines]).encode()


@pytest.mark.parametrize("header", ["经纬度", "坐标", "备注"])
def test_a_column_of_pairs_is_found_by_its_name_or_by_what_it_holds(take: Take, header: str) -> None:
    got = take(table("118.42,24.71", "118.43，24.72", "24.73N 118.44E", "", header=header), kind="firms")
    assert got.table["lon"].tolist() == [118.42, 118.43, 118.44]
    assert got.table["lat"].tolist() == [24.71, 24.72, 24.73]
    assert got.rejects["code"].tolist() == ["MISSING_COORD"]
    assert got.roles["position"] == header
    assert got.table[header].tolist()[2] == "24.73N 118.44E"  # kept as it was written
    flags = got.table["flags"].tolist()
    assert "AXES_EXCHANGED" in flags[2]
    assert "REPAIRED_COORD" not in flags[0]


def test_pairs_of_a_web_map_say_so_by_their_name(take: Take) -> None:
    got = take(table("118.42,24.71", header="百度坐标"), kind="firms")
    assert got.report.crs == "BD-09"
    assert "CRS_CONVERTED" in got.table["flags"][0]


def test_a_rewritten_cell_is_flagged_in_its_row_alone(take: Take) -> None:
    data = "名称,经度,纬度\n甲,118°25′30″,24.7\n乙,118.4,24.7\n丙,１１８．４,24.8\n".encode()
    got = take(data, kind="firms")
    assert ["REPAIRED_COORD" in flags for flags in got.table["flags"]] == [True, False, True]
    assert got.table["经度"].tolist() == ["118°25′30″", "118.4", "１１８．４"]


def test_commas_that_part_three_digits_in_both_columns_are_doubtful_where_degrees_would_lie_in_china() -> (
    None
):
    assert hold_decimal_commas(["118,425", "", " 118,500 "], ["24,703", "24,800", ""])
    assert hold_decimal_commas(["１１８，４２５°"], ["24,703"])
    for lon, lat in (
        (["118,425", "118.5"], ["24,703"] * 2),
        (["542,000"], ["24,703"]),
        (["24,703"], ["118,425"]),
    ):
        assert not hold_decimal_commas(lon, lat)
    assert not hold_decimal_commas(["", ""], ["", ""])
    assert not hold_decimal_commas(["118,425", "39,542,000"], ["24,703", "24,703"])
