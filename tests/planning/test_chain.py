"""Chains in a place: what is present, what is missing, what nobody can know."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import SchemaError, UsageError
from layers.sources.chains import load_chain
from planning.chain.firms import stages_of_firms
from planning.chain.judge import judge_chain
from planning.chain.purchases import local_supply, partner_share, suppliers_in_reach
from planning.chain.states import LinkStatement, StageStatement
from planning.three_valued import Interval

STONE, TEXTILE = load_chain("stone"), load_chain("textile")
NAMED = ("monomer", "fibre", "yarn", "fabric", "nonwoven", "coated")
YONGAN = (
    *(StageStatement(stage=stage, present=True) for stage in NAMED),
    LinkStatement(start="fibre", end="yarn", quote="生产的纺织原料不能为我市的纺纱企业所用"),
)


def firms(*rows: tuple[str, str], edition: str = "2017") -> pd.DataFrame:
    """Firms f0, f1 … of a code and a product."""
    return pd.DataFrame(
        {
            "id": [f"f{place}" for place in range(len(rows))],
            "industry_code": [code for code, _ in rows],
            "code_edition": edition,
            "product": [product for _, product in rows],
        }
    )


def purchases(*rows: tuple[str, str], **more: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"buyer": [one for one, _ in rows], "supplier": [two for _, two in rows], **more})


def test_yongan_textile_from_the_text_has_six_of_ten() -> None:
    result = judge_chain(TEXTILE, statements=YONGAN)
    assert result.completeness == Interval(0.6, 1.0)
    assert result.stage_completeness == Interval(6 / 11, 1.0)
    assert result.terminal_stages == Interval(0, 3)
    assert result.link_completeness == Interval(0.5, 1.0)
    assert result.link("fibre", "yarn").state == "broken_stated"
    assert {one.state for one in result.links if (one.start, one.end) != ("fibre", "yarn")} == {"unknown"}
    assert {one.stage for one in result.stages if one.state == "missing"} == set()
    assert result.stage("garment").state == "unknown"
    assert result.flows_present == Interval(0, 6)


def test_nothing_known_is_nothing_said() -> None:
    result = judge_chain(TEXTILE)
    assert result.completeness == result.link_completeness == Interval(0.0, 1.0)
    assert {one.state for one in result.stages} == {"unknown"}


def test_a_code_of_several_stages_makes_one_of_them_present_and_none_certain() -> None:
    result = judge_chain(STONE, firms(("3032", "")))
    assert [result.stage(one).state for one in ("slab", "product", "composite")] == ["unknown"] * 3
    assert result.stage("slab").possible == ("f0",)
    slots = len(STONE.slots)
    assert result.completeness == Interval(1 / slots, 1.0)
    assert result.terminal_stages == Interval(0, 3)


@pytest.mark.parametrize(
    ("product", "present"),
    [("大板", {"slab"}), ("工程板、墓碑", {"product"}), ("大板及工程板", {"slab", "product"})],
)
def test_a_product_tells_the_stages_of_a_code_apart(product: str, present: set[str]) -> None:
    result = judge_chain(STONE, firms(("3032", product)))
    assert {one.stage for one in result.stages if one.state == "present"} == present


def test_editions_of_a_code_are_told_apart() -> None:
    assert set(stages_of_firms(STONE, firms(("3033", ""), edition="2011"))["stages"]) == {
        ("slab", "product", "composite")
    }
    assert stages_of_firms(STONE, firms(("3032", ""), edition="2011")).empty


def test_a_word_within_a_longer_one_names_no_stage() -> None:
    table = pd.DataFrame({"id": ["a", "b", "c"], "industry": "纺织", "product": ["涤纶纱", "PU革", "好产品"]})
    found = stages_of_firms(TEXTILE, table)
    assert list(found["stages"]) == [("yarn",), ("coated",), tuple(TEXTILE.stages)]
    assert list(found["certain"]) == [True, True, False]


def test_what_the_import_told_apart_stays_told_apart() -> None:
    table = firms(("3032", "")).drop(columns="product").assign(chain="stone", stage="slab")
    assert list(stages_of_firms(STONE, table)["stages"]) == [("slab",)]


def test_only_a_complete_table_or_a_source_makes_a_stage_missing() -> None:
    some = firms(("1711", ""), ("1789", ""))
    assert judge_chain(TEXTILE, some).stage("garment").state == "unknown"
    whole = judge_chain(TEXTILE, some, complete=True)
    assert whole.stage("garment").state == "missing"
    assert (whole.stage("coated").state, whole.stage("industrial").state) == ("unknown", "unknown")
    assert whole.completeness == Interval(0.2, 0.3)
    assert whole.terminal_stages == Interval(0, 1)
    assert whole.link("dye", "garment").state == "absent_end"
    said = judge_chain(TEXTILE, some, statements=[StageStatement(stage="coated", present=False)])
    assert (said.stage("coated").state, said.stage("industrial").state) == ("missing", "present")


def test_alternatives_count_once() -> None:
    one = judge_chain(TEXTILE, firms(("2822", "")), complete=True)
    both = judge_chain(TEXTILE, firms(("2822", ""), ("0131", "")), complete=True)
    assert one.completeness == both.completeness == Interval.exactly(0.1)
    assert (one.stage_completeness.low, both.stage_completeness.low) == (1 / 11, 2 / 11)


def test_two_open_codes_may_share_a_stage() -> None:
    # 3032 may be slab, product, composite; 3039 composite or recycled, which does not count.
    table = firms(("3032", ""), ("3039", ""))
    assert judge_chain(STONE, table).completeness.low == 1 / len(STONE.slots)


def test_firms_together_without_records_are_no_broken_link() -> None:
    table = firms(("2822", ""), ("1711", ""))
    assert judge_chain(TEXTILE, table, complete=True).link("fibre", "yarn").state == "unknown"


@pytest.mark.parametrize(
    ("bought", "inside", "state"),
    [
        ([("f1", "f0")], [None], "present"),
        ([("f1", "elsewhere")], [False], "broken"),
        ([("f1", "elsewhere")], [None], "unknown"),
        ([("f1", "a stranger here")], [True], "unknown"),
        ([("f2", "elsewhere")], [False], "unknown"),
        ([("f1", "f2")], [None], "broken"),
    ],
)
def test_a_link_is_broken_only_by_records_that_show_none(
    bought: list[tuple[str, str]], inside: list[object], state: str
) -> None:
    table = firms(("2822", ""), ("1711", ""), ("1712", ""))
    result = judge_chain(TEXTILE, table, purchases=purchases(*bought, inside=inside))
    assert result.link("fibre", "yarn").state == state


def test_a_spinner_without_records_leaves_the_link_unknown() -> None:
    table = firms(("2822", ""), ("1711", ""), ("1711", ""))
    result = judge_chain(TEXTILE, table, purchases=purchases(("f1", "far"), inside=[False]))
    assert result.link("fibre", "yarn").state == "unknown"


def test_a_statement_never_overrules_a_record_and_the_disagreement_is_told() -> None:
    table = firms(("2822", ""), ("1711", ""))
    statements = [LinkStatement(start="fibre", end="yarn"), StageStatement(stage="yarn", present=False)]
    result = judge_chain(TEXTILE, table, statements=statements, purchases=purchases(("f1", "f0")))
    assert (result.link("fibre", "yarn").state, result.stage("yarn").state) == ("present", "present")
    assert result.disagreements == ("yarn", "fibre→yarn")


def test_a_statement_about_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="did you mean “yarn”"):
        judge_chain(TEXTILE, statements=[StageStatement(stage="yarm", present=True)])
    with pytest.raises(UsageError, match="no flow"):
        judge_chain(TEXTILE, statements=[LinkStatement(start="yarn", end="fibre")])
    with pytest.raises(UsageError, match="contradict"):
        judge_chain(TEXTILE, statements=[StageStatement(stage="yarn", present=now) for now in (True, False)])


CODES = sorted({code for stage in STONE.stages.values() for code in stage.classes} | {"1711"})
ROWS = st.lists(
    st.tuples(st.sampled_from(CODES), st.sampled_from(["", "大板", "工程板", "人造石"])), max_size=7
)


@settings(deadline=None, max_examples=50)
@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_the_order_of_firms_does_not_matter(rows: list[tuple[str, str]], order: object) -> None:
    table = firms(*rows)
    shuffled = table.sample(frac=1, random_state=order.randrange(2**31))  # type: ignore[attr-defined]
    one, two = judge_chain(STONE, table), judge_chain(STONE, shuffled)
    assert (one.stages, one.links, one.completeness) == (two.stages, two.links, two.completeness)


@settings(deadline=None, max_examples=50)
@given(rows=ROWS, more=ROWS)
def test_more_firms_never_widen_an_interval(rows: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    one, two = judge_chain(STONE, firms(*rows)), judge_chain(STONE, firms(*rows, *more))
    for name in ("completeness", "stage_completeness", "terminal_stages", "link_completeness"):
        assert getattr(two, name).within(getattr(one, name)), name


@settings(deadline=None, max_examples=50)
@given(rows=st.lists(st.sampled_from(["3032", "3039", "5165", "1012"]), max_size=5))
def test_bounds_are_those_of_trying_every_choice(rows: list[str]) -> None:
    import itertools

    fits = [STONE.stages_of_class(code) for code in rows]
    counts = []
    for choice in itertools.product(*fits):
        here = set(choice)
        counts.append(sum(bool(slot & here) for slot in STONE.slots))
    result = judge_chain(STONE, firms(*((code, "") for code in rows)))
    assert result.completeness.low == min(counts) / len(STONE.slots)


def test_the_matching_rate_has_three_numbers() -> None:
    table = purchases(
        ("a", "b"), ("a", "x"), ("a", "x"), ("b", "y"),
        inside=[None, False, False, False], value_yuan=[600.0, 100.0, 200.0, 100.0],
    )  # fmt: skip
    found = local_supply(table, ["a", "b"], "county")
    assert (found.by_value, found.by_item, found.by_supplier) == tuple(
        map(Interval.exactly, (0.6, 0.25, 1 / 3))
    )
    assert (found.purchases, found.buyers, found.inside_pairs) == (4, 2, Interval.exactly(1))
    open_ = local_supply(table.assign(inside=[None, None, False, False]), ["a", "b"], "county")
    assert open_.by_item == Interval(0.25, 0.5)
    assert local_supply(table.iloc[:0], ["a"], "county").by_item is None
    assert local_supply(table.assign(value_yuan=[None, 1.0, 1.0, 1.0]), ["a"], "county").by_value is None


def test_no_pair_is_known_only_where_every_firm_is_recorded() -> None:
    table = purchases(("a", "x"), inside=[False])
    assert local_supply(table, ["a"], "park").inside_pairs == Interval.exactly(0)
    assert local_supply(table, ["a", "b"], "park").inside_pairs == Interval(0)
    assert partner_share(table, ["a", "b"]) == Interval(0, 1)
    assert partner_share(
        purchases(("a", "b"), ("b", "x"), inside=[None, False]), ["a", "b"]
    ) == Interval.exactly(1)
    assert partner_share(table, []) is None


def test_suppliers_of_a_lead_firm_are_counted_within_reach() -> None:
    table = firms(("1711", ""), ("2822", ""), ("2822", ""), ("1781", ""))
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy([0, 3000, 9000, 100], [0, 4000, 0, 0]), crs="EPSG:4548"
    )
    stages = stages_of_firms(TEXTILE, points)
    bought = purchases(("f0", "f1"), ("f0", "f2"), ("f0", "far"), inside=[None, None, False])
    row = suppliers_in_reach(TEXTILE, ["f0"], points, stages, 5000.0, bought).iloc[0]
    assert (row["suppliers"], row["in_reach"], row["unlocated"]) == (3, 1, 1)
    assert row["could_supply"] == ("f1",)
    silent = suppliers_in_reach(TEXTILE, ["f0"], points, stages, 9000.0).iloc[0]
    assert silent["suppliers"] is None
    assert silent["could_supply"] == ("f1", "f2")
    with pytest.raises(UsageError, match="not among the firms"):
        suppliers_in_reach(TEXTILE, ["nobody"], points, stages, 1.0)


def test_purchases_without_a_column_are_refused() -> None:
    with pytest.raises(SchemaError, match="supplier"):
        local_supply(pd.DataFrame({"buyer": ["a"]}), ["a"], "park")
