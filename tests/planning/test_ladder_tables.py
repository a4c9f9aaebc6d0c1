"""What a firm table tells of a stage, and what it leaves open."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.area import StudyArea
from geo.errors import UsageError
from layers.firms import to_firms
from layers.sources.chains import load_chain
from layers.sources.importer import import_file
from planning.chain.judge import judge_chain
from planning.ladder.judge import judge
from planning.ladder.rules import load_ladder
from planning.ladder.tables import facts_of_firms, firms_of_chain
from planning.three_valued import Interval

TEXTILE, RULES = load_chain("textile"), load_ladder()
PARK = shapely.box(-10, -10, 10, 10)


@pytest.fixture
def firms() -> gpd.GeoDataFrame:
    """Two spinners in the park, one outside, a weaver without a point, and a maker of looms."""
    table = pd.DataFrame(
        {
            "id": list("abcde"),
            "industry_code": ["1711", "1711", "1711", "1712", "3551"],
            "code_edition": "2017",
            "precision": ["point", "point", "point", "county", "point"],
            "above_scale": [True, True, False, None, None],
        }
    )
    points = gpd.points_from_xy([0, 5, 100, 0, 1], [0, 5, 0, 0, 1])
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4548")


def test_firms_are_counted_with_those_that_may_stand_in_the_park(firms: gpd.GeoDataFrame) -> None:
    facts, result = facts_of_firms(TEXTILE, firms, park=PARK)
    assert (facts.firms, facts.in_park) == (Interval.exactly(4), Interval(2, 3))
    assert (facts.lead_firms, facts.size_missing_share) == (Interval(2, 3), Interval.exactly(0.25))
    assert facts.completeness == result.completeness == Interval(0.2, 1.0)
    verdict = judge(RULES, facts).from_inputs
    assert verdict.criteria["C1a"] is True
    assert verdict.evidence_of("C1a")[0].n == 4
    assert verdict.stage == (
        "dispersed",
        "agglomeration" if verdict.criteria["A3"] is None else "concentration",
    )


def test_makers_of_machines_are_no_firms_of_the_industry(firms: gpd.GeoDataFrame) -> None:
    assert firms_of_chain(TEXTILE, firms)["id"].tolist() == list("abcd")


def test_without_a_park_its_share_is_unknown_and_a_denied_park_is_refused(firms: gpd.GeoDataFrame) -> None:
    assert facts_of_firms(TEXTILE, firms)[0].in_park is None
    with pytest.raises(UsageError, match="no park is declared"):
        facts_of_firms(TEXTILE, firms, park=PARK, no_park=True)


def test_no_firm_of_an_incomplete_table_says_nothing(firms: gpd.GeoDataFrame) -> None:
    none = firms.iloc[:0]
    assert judge(RULES, facts_of_firms(TEXTILE, none, park=PARK)[0]).from_inputs.stage == ("none", "cluster")
    whole, _ = facts_of_firms(TEXTILE, none, park=PARK, complete=True)
    assert judge(RULES, whole).from_inputs.stage == ("none", "none")


def test_purchases_give_pairs_rate_partners_and_suppliers_of_a_lead(firms: gpd.GeoDataFrame) -> None:
    bought = pd.DataFrame(
        {
            "buyer": ["a", "a", "b", "e"],
            "supplier": ["e", "far", "a", "far"],
            "inside": [None, False, None, False],
            "value_yuan": [100.0, 300.0, 100.0, 9.0],
        }
    )
    facts, _ = facts_of_firms(TEXTILE, firms, purchases=bought)
    assert facts.inside_pairs == Interval(2)
    assert facts.local_matching_rate == Interval.exactly(0.4)
    assert facts.suppliers_of_one_lead_firm == Interval(1)
    assert facts.partner_share == Interval(0.5, 1.0)
    found = judge(RULES, facts).from_inputs.criteria
    assert (found["A6"], found["K2"], found["K3"], found["R3"]) == (True, True, True, None)


def test_kd_denies_concentration_only_with_a_low_share(firms: gpd.GeoDataFrame) -> None:
    many = pd.concat([firms.iloc[2:3]] * 20).assign(id=[f"w{place}" for place in range(20)])
    for park, c1 in ((PARK, False), (shapely.box(90, -10, 110, 10), True)):
        facts, _ = facts_of_firms(
            TEXTILE, many, park=park, kd_localised=False, kd_firms=20, kd_against_all=True
        )
        assert judge(RULES, facts).from_inputs.criteria["C1"] is c1
    with pytest.raises(UsageError, match="more firms than there are"):
        facts_of_firms(TEXTILE, firms, kd_localised=True, kd_firms=40)


def test_a_product_reaches_the_chain_from_the_imported_table(tmp_path: Path) -> None:
    path = tmp_path / "firms.csv"
    path.write_text(
        "名称,经度,纬度,行业代码2017,主要产品\n甲,118.42,24.70,3032,大板\n乙,118.43,24.71,3032,\n",
        encoding="utf-8",
    )
    firms = to_firms(import_file(path), StudyArea.around([118.42], [24.7]))
    result = judge_chain(load_chain("stone"), firms)
    assert result.stage("slab").witnesses == (firms["id"].iloc[0],)
    assert result.stage("product").possible == (firms["id"].iloc[1],)
