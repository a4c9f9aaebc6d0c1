"""Firms that the register says are closed stay in tables and out of figures, unless they are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planning.indicators import headline_indicators
from planning.needs import lacking_columns
from planning.pipeline import load_stack, make_plan
from planning.plan import Plan
from planning.report.labels import map_notes
from planning.scenario import Scenario
from planning.summary import headlines, summarise

TABLE = """企业名称,经度,纬度,登记状态,成立日期,行业代码,主要产品,注册地址
甲,118.420,24.700,存续,2019/3/1,3032,大板,水头镇
乙,118.421,24.700,注销,43525,3032,,水头镇
丙,118.422,24.700,吊销，未注销,2001年,1711,,水头镇
丁,118.423,24.700,在业,,5920,,
"""


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("firms") / "firms.csv"
    path.write_text(TABLE, encoding="utf-8")
    return f"{path}::code-edition=2017"


@pytest.fixture(scope="module")
def plan(firms: str) -> Plan:
    return make_plan(Scenario(inputs={"firms": firms}))


def test_closed_firms_are_kept_and_left_out_of_figures(plan: Plan) -> None:
    assert plan.stack.firms is not None
    assert plan.stack.firms["closed"].tolist() == [False, True, True, False]
    assert plan.clusters is not None
    assert plan.clusters.firms["name"].tolist() == ["甲", "丁"]
    area = summarise(plan)["area"]
    assert (area["firms"], area["firms_in_area"], area["firms_closed"], area["with_closed"]) == (
        4,
        2,
        2,
        False,
    )
    figure = headline_indicators(plan)[1]
    assert figure.value == 2
    assert "2 closed ones are left out" in figure.rule.format(**dict(figure.fields))
    assert "2 firms are closed and left out; --with-closed counts them" in headlines(plan)


def test_closed_firms_count_when_they_are_asked_for(firms: str, plan: Plan) -> None:
    with_closed = load_stack(Scenario(inputs={"firms": firms}, with_closed=True))
    assert with_closed.firms_in_area is not None
    assert len(with_closed.firms_in_area) == 4
    assert with_closed.fingerprint != plan.stack.fingerprint


def test_the_scenario_keeps_the_choice() -> None:
    scenario = Scenario(with_closed=True)
    assert Scenario.from_mapping(scenario.to_mapping()).with_closed


def test_every_map_says_that_addresses_are_registered_ones(plan: Plan) -> None:
    said = "The addresses of 3 of 4 firms are registered ones (注册地址): they may work elsewhere."
    assert (said, False) in map_notes(plan, str)
    assert summarise(plan)["area"]["registered_addresses"] == 3


def test_firms_carry_chain_stage_and_date(plan: Plan) -> None:
    firms = plan.stack.firms
    assert firms is not None
    shown = firms[["industry", "code_edition", "chain", "stage", "chain_match", "founded"]].astype(object)
    assert shown.where(shown.notna(), None).to_numpy().tolist() == [
        ["3032", "2017", "stone", "slab", "3032 (2017)", "2019-03-01"],
        ["3032", "2017", "stone", "composite|product|slab", "3032 (2017)", "2019-03-01"],
        ["1711", "2017", "textile", "yarn", "1711 (2017)", "2001"],
        ["5920", "2017", None, None, None, None],
    ]


def test_what_lacks_a_column_is_unknown_and_says_which(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "bare.csv").write_text("name,lon,lat\na,118.42,24.7\n", encoding="utf-8")
    bare = make_plan(Scenario(inputs={"firms": str(tmp_path / "bare.csv")}))
    assert lacking_columns(plan.stack) == {}
    assert summarise(bare)["lacks"] == {
        "Spread of each industry": ["industry", "industry_code"],
        "Firms per township": ["township", "address"],
        "Main industry of a cluster": ["industry", "industry_code"],
        "Firms that are closed": ["status"],
    }
    assert "Firms that are closed: unknown, needs a column status" in headlines(bare)
    json.dumps(summarise(bare))
