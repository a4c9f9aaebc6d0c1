"""Rows without coordinates: asked about, located by their addresses when chosen, else rejected."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from geo.errors import ChoiceError, SchemaError, UsageError
from layers.admin import county_of, units
from layers.firms import has_a_point
from layers.sources.importer import Imported, ImportOptions, parse_source_argument
from layers.stack import build_stack
from planning.indicators import headline_indicators
from planning.output import import_mapping
from planning.pipeline import make_plan
from planning.plan import Plan
from planning.scenario import Scenario

Take = Callable[..., Imported]
ADDRESSES = """企业名称,地址
甲公司,福建省泉州市南安市水头镇1号
乙公司,泉州市
丙公司,鼓楼区中山路
丁公司,
"""
MIXED = """企业名称,经度,纬度,地址
甲公司,118.43,24.70,福建省泉州市惠安县
乙公司,,,福建省泉州市惠安县
丙公司,118.44,,福建省泉州市惠安县
丁公司,-,-,福建泉州南安
戊公司,,,福建省
己公司,一百,24.7,福建省泉州市惠安县
"""


def test_a_table_of_addresses_alone_is_a_choice(take: Take):
    with pytest.raises(ChoiceError) as asked:
        take(ADDRESSES.encode(), kind="firms")
    assert asked.value.about == "locate"
    assert [option["argument"] for option in asked.value.options] == ["--locate address"]
    assert len(asked.value.preview) == 4


def test_a_table_that_needs_no_place_or_other_shapes_is_not_asked(take: Take):
    assert len(take(ADDRESSES.encode(), kind="table").table) == 4
    with pytest.raises(SchemaError):
        take(ADDRESSES.encode(), kind="boundary")


def test_a_table_without_addresses_is_refused_as_before(take: Take):
    data = "企业名称,产值\n甲公司,3\n".encode()
    for answers in ({}, {"locate": "address"}):
        with pytest.raises(SchemaError):
            take(data, kind="firms", **answers)


def test_addresses_give_points_of_their_units_and_their_precision(take: Take):
    found = take(ADDRESSES.encode(), kind="firms", locate="address")
    table = found.table
    assert table["企业名称"].tolist() == ["甲公司", "乙公司"]
    assert table["precision"].tolist() == ["county", "city"]
    assert table["located_as"].tolist() == ["350583 福建省 泉州市 南安市", "350500 泉州市"]
    assert county_of(table["lon"], table["lat"])[0] == "350583"
    assert (table["lon"].iloc[1], table["lat"].iloc[1]) == tuple(units().loc["350500", ["lon", "lat"]])
    assert found.report.reasons == {"MISSING_COORD": 2}
    assert found.rejects["text"].tolist() == ["丙公司,鼓楼区中山路", "丁公司,"]
    assert found.report.rows_in == found.report.accepted + found.report.rejected == 4
    assert {one.code: one.count for one in found.report.warnings} == {
        "LOCATED_BY_CITY": 1,
        "LOCATED_BY_COUNTY": 1,
    }


def test_in_a_table_with_both_only_rows_without_coordinates_are_located(take: Take):
    plain = take(MIXED.encode(), kind="firms")
    assert plain.table["企业名称"].tolist() == ["甲公司"]
    found = take(MIXED.encode(), kind="firms", locate="address")
    table = found.table
    assert table["企业名称"].tolist() == ["甲公司", "乙公司", "丁公司"]
    assert table["precision"].tolist() == ["as given", "county", "county"]
    assert county_of(table["lon"], table["lat"]).tolist() == ["350583", "350521", "350583"]
    assert (table["lon"].iloc[0], table["lat"].iloc[0]) == (118.43, 24.70)
    # Half a coordinate and a wrong one keep their reasons; a province is no place.
    reasons = dict(zip(found.rejects["source_row"], found.rejects["code"], strict=True))
    assert reasons == {4: "MISSING_COORD", 6: "MISSING_COORD", 7: "BAD_NUMBER"}
    assert table["flags"].str.contains("CRS_ASSUMED").tolist() == [True, False, False]


def test_the_answer_is_an_option_a_suffix_and_a_key_of_mappings(take: Take, tmp_path):
    assert parse_source_argument("a.csv::locate=address")[1] == ImportOptions(locate="address")
    with pytest.raises(UsageError):
        ImportOptions(locate="town")
    found = take(ADDRESSES.encode(), kind="firms", locate="address")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(import_mapping(found), encoding="utf-8")
    again = take(ADDRESSES.encode(), mapping=mapping)
    assert again.table.equals(found.table)


@pytest.mark.parametrize("words", ["county", "City", " 县级 ", "区县"])
def test_a_precision_of_the_source_may_say_that_a_point_is_none(words):
    assert has_a_point(pd.Series([words, "as given", "town", "point", "± 5 km"])).tolist() == [
        False, True, True, True, True,
    ]  # fmt: skip


def _plan(imports: dict[str, Imported]) -> Plan:
    scenario = Scenario()
    return make_plan(scenario, build_stack(imports))


def test_firms_at_the_point_of_a_county_are_no_cluster(take: Take):
    here = "".join(f"甲{n}公司,,,福建省南安市\n" for n in range(50))
    spread = "".join(f"乙{n}公司,{118.40 + n * 0.002!r},24.70,\n" for n in range(8))
    data = f"企业名称,经度,纬度,地址\n{spread}{here}".encode()
    stack = build_stack({"firms": take(data, kind="firms", locate="address")})
    assert stack.firms is not None
    assert len(stack.firms) == 58
    assert stack.firms_in_area is not None
    assert len(stack.firms_in_area) == 8
    counts = {one.code: one.count for one in stack.reports["firms"].warnings}
    assert counts["COUNTY_PRECISION"] == 50
    assert "OUTSIDE_STUDY_AREA" not in counts
    plan = make_plan(Scenario(), stack)
    assert plan.clusters is not None
    assert len(plan.clusters.firms) == 8
    assert plan.clusters.clusters == 1
    assert set(plan.access.table["origin"]) & {f"{row}" for row in range(10, 60)} == set()
    told = {one.name: one for one in headline_indicators(plan)}["Firms in the study area"]
    assert told.value == 8
    assert dict(told.fields)["coarse"] == 50
    assert "{coarse}" in told.rule


def test_where_no_firm_has_a_point_figures_are_unknown_and_say_why(take: Take):
    plan = _plan({"firms": take(ADDRESSES.encode(), kind="firms", locate="address")})
    told = {one.name: one for one in headline_indicators(plan)}
    assert told["Clusters"].value is None
    assert "county or city" in told["Clusters"].unknown
    assert told["Firms in the study area"].value == 0
