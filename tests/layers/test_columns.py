"""Which row names the columns, which column plays which role, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from geo.errors import ChoiceError, SourceError
from layers.sources.columns import aliases, find_roles, header_row, is_unit
from layers.sources.recognised import describe_roles, find_by_content

FIRM_TABLE = {
    "firm_id": "id", "name": "name", "lon": "lon", "lat": "lat", "coord_quality": "precision", "address": "address",
    "township": "township", "gbt4754": "industry_code", "code_version": "code_version", "product": "product",
    "employees": "employees", "output_wan": "output", "above_scale": "above_scale", "founded": "founded", "park": "park",
    "hq_location": "hq_location", "functions": "functions", "area_mu": "area_mu", "freight_t_yr": "freight",
    "emission_class": "emission_class", "suppliers": "suppliers", "status": "status", "crs": "crs",
    "unified_social_credit_code": "credit_code",
}  # fmt: skip
CHINESE = {
    "企业编号": "id", "企业名称": "name", "经度": "lon", "纬度": "lat", "坐标精度": "precision", "经营地址": "address",
    "所在乡镇": "township", "行业代码": "industry_code", "行业代码版本": "code_version", "主要产品": "product",
    "从业人员": "employees", "工业总产值（万元）": "output", "是否规上": "above_scale", "成立日期": "founded",
    "所属园区": "park", "总部所在地": "hq_location", "职能": "functions", "占地面积（亩）": "area_mu",
    "年货运量（吨）": "freight", "排放等级": "emission_class", "供应商": "suppliers", "登记状态": "status",
    "统一社会信用代码": "credit_code",
}  # fmt: skip


@pytest.mark.parametrize("names", [FIRM_TABLE, CHINESE])
def test_every_column_of_a_firm_table_is_known(names: dict[str, str]) -> None:
    assert find_roles(list(names)) == {role: name for name, role in names.items()}


def test_no_name_belongs_to_two_roles_by_the_list_alone() -> None:
    seen: dict[str, str] = {}
    for role, names in aliases().items():
        for name in names:
            assert seen.setdefault(name, role) == role, name


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("法人企业名称(盖章)", "name"),
        ("2018年末从业人员", "employees"),
        ("企业注册地址（营业执照）", "address"),
        ("企业登记状态", "status"),
    ],
)
def test_a_column_is_found_by_words_in_its_name(column: str, role: str) -> None:
    assert find_roles([column, "备注"])[role] == column


def test_two_columns_that_hold_the_words_of_a_role_leave_it_open() -> None:
    assert "address" not in find_roles(["发货地址一", "收货地址二"])


CODES = ["91350100M000100Y43", "91110000600037341L", "914403001922038216", "91440300708461136T"]


def test_columns_of_registers_are_found_by_what_stands_in_them() -> None:
    table = pd.DataFrame(
        {"a": CODES, "b": ["存续", "注销", "在业", "吊销"], "c": ["3032", "1012", "1711", "2011"], "d": ["2018", "2019", "2020", "2021"],
         "e": ["118.4", "118.5", "118.6", "118.7"], "f": ["24.1", "24.2", "24.3", "24.4"]},
        dtype="str",
    )  # fmt: skip
    assert find_by_content(table, {}) == {"credit_code": "a", "status": "b", "industry_code": "c"}


def test_two_columns_that_look_alike_leave_the_role_open() -> None:
    assert find_by_content(pd.DataFrame({"a": CODES, "b": CODES}, dtype="str"), {}) == {}


def test_how_sure_a_column_is_and_samples_are_told(take: Callable[..., object]) -> None:
    lines = "\n".join(f"{code},甲{n},118.{n + 1},24.7,{n},水头" for n, code in enumerate(CODES * 2))
    got = take(
        f"代码甲,企业名称,企业经度,企业纬度,参保,乡\n{lines}\n".encode(),
        kind="firms",
        columns={"township": "乡"},
    )
    found = {one.role: (one.column, one.confidence, len(one.samples)) for one in got.findings.columns}
    assert found == {
        "township": ("乡", "stated", 1),
        "name": ("企业名称", "name", 5),
        "lon": ("企业经度", "words", 5),
        "lat": ("企业纬度", "words", 1),
        "credit_code": ("代码甲", "content", 4),
    }
    assert got.findings.to_json()["columns"][0] == {
        "role": "township", "column": "乡", "confidence": "stated", "samples": ["水头"],
    }  # fmt: skip


def test_an_identifier_taken_from_the_credit_code_and_pairs_by_content_are_told_as_such() -> None:
    table = pd.DataFrame(
        {"信用代码": CODES, "在哪": ["118.4,24.7", "118.5,24.7", "118.6,24.8", ""]}, dtype="str"
    )
    roles = {"credit_code": "信用代码", "id": "信用代码", "position": "在哪"}
    found = {one.role: one.confidence for one in describe_roles(table, roles)}
    assert found["id"] == "credit_code"
    assert found["position"] == "content"
    assert {one.confidence for one in describe_roles(table, {"id": "信用代码"})} == {"stated"}


HEADERS = [
    ([["企业名称", "经度", "纬度"], ["甲", "1", "2"]], 0),
    ([["名录"], ["企业名称", "经度", "纬度"]], 1),
    ([["编号", "名称", "坐标", ""], ["", "", "经度", "纬度"]], 1),
    ([["a", "b"], ["c", "d"]], 0),
    ([["年份", "2019", "2020"], ["甲", "1", "2"]], 0),
    ([["说明"], ["甲", "乙"]], 0),
]


@pytest.mark.parametrize(("rows", "place"), HEADERS)
def test_the_header_is_where_names_are_known(rows: list[list[str]], place: int) -> None:
    assert header_row(rows) == place


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ([["名称", "地址"], ["企业名称", "地址", "乡镇", "行业"]], ["3", "5"]),
        ([["某某表"], ["甲", "乙", "丙"], ["1", "2", "3"]], ["5", "8"]),
    ],
)
def test_two_rows_that_could_name_the_columns_are_asked_about(
    rows: list[list[str]], options: list[str]
) -> None:
    with pytest.raises(ChoiceError) as asked:
        header_row(rows, [3, 5, 8])
    assert asked.value.about == "header"
    assert [option["value"] for option in asked.value.options] == options
    assert asked.value.options[0]["argument"] == f"--header {options[0]}"


def test_a_table_without_a_header_is_refused() -> None:
    with pytest.raises(SourceError, match="where the names of the columns should stand") as refused:
        header_row([["甲", "118.42", "24.70"], ["乙", "118.43", "24.71"]])
    assert refused.value.code == "NO_HEADER"


@pytest.mark.parametrize("cell", ["家", "万元", "（人）", "单位：吨/年", "％", "㎡", "元/人"])
def test_units_are_known(cell: str) -> None:
    assert is_unit(cell)


@pytest.mark.parametrize("cell", ["甲", "118.4", "", "万元店", "NA"])
def test_what_is_no_unit_is_none(cell: str) -> None:
    assert not is_unit(cell)


HEAD = "企业名称,经度,纬度,乡镇"
ROW = "甲,118.4,24.7,水头"


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ([HEAD, "家,度,度,", ROW], {"UNITS_ROW": 1}),
        ([HEAD, "(个),(°),(°),/", ROW], {"UNITS_ROW": 1}),
        ([HEAD, ROW, HEAD, ROW.replace("甲", "乙")], {"REPEATED_HEADER": 1}),
        ([HEAD, "name,lon,lat,town", ROW], {"REPEATED_HEADER": 1}),
        ([HEAD, "家,118.5,24.7,", ROW], {}),
        ([HEAD, "名称,118.5,24.7,镇", ROW], {}),
    ],
)
def test_a_row_that_is_no_firm_is_set_aside_by_name(
    take: Callable[..., object], lines: list[str], reasons: dict[str, int]
) -> None:
    got = take("\n".join(lines).encode(), kind="firms")
    assert got.report.reasons == reasons
    assert got.report.rows_in == len(lines) - 1


def test_totals_of_a_table_without_places_are_no_records(take: Callable[..., object]) -> None:
    got = take("编号,名称,产值\n1,甲,5\n2,合计,7\n合计,,5\n,总计,5\n".encode(), kind="table")
    assert got.report.reasons == {"TOTALS_ROW": 2}
    assert got.table["名称"].tolist() == ["甲", "合计"]


def test_names_that_look_like_nothing_are_names(take: Callable[..., object]) -> None:
    got = take("编号,名称,经度,纬度\n007,NA,118.4,24.7\n008,null,118.5,24.7\n".encode(), kind="firms")
    assert got.table["名称"].tolist() == ["NA", "null"]
    assert got.table["编号"].tolist() == ["007", "008"]


POINTS = "名称,经度,纬度,坐标系\n甲,118.4,24.7,{}\n乙,118.5,24.7,{}\n丙,118.6,24.7,\n"


@pytest.mark.parametrize(
    ("cell", "crs"),
    [
        ("GCJ-02", "GCJ-02"),
        ("火星坐标", "GCJ-02"),
        ("百度坐标", "BD-09"),
        ("CGCS2000", "EPSG:4490"),
        ("EPSG:4490", "EPSG:4490"),
    ],
)
def test_a_system_that_all_rows_name_is_taken(take: Callable[..., object], cell: str, crs: str) -> None:
    got = take(POINTS.format(cell, cell).encode(), kind="firms")
    assert got.report.crs == crs
    assert "CRS_ASSUMED" not in {one.code for one in got.report.warnings}


@pytest.mark.parametrize("cells", [("GCJ-02", "WGS84"), ("本地", "本地"), ("x.toml", "x.toml")])
def test_rows_that_name_several_systems_or_an_unknown_one_are_asked_about(
    take: Callable[..., object], cells: tuple[str, str]
) -> None:
    data = POINTS.format(*cells).encode()
    with pytest.raises(ChoiceError, match="as coordinate system") as asked:
        take(data, kind="firms")
    assert asked.value.about == "crs"
    assert take(data, kind="firms", crs="WGS84").report.accepted == 3
