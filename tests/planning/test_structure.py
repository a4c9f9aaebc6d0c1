"""Talent, sizes, factors: shapes and bins from counts, unknown where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UsageError
from planning.structure import (
    FACTORS,
    could_be_cumulative,
    factor_sheet,
    size_ladder,
    stated_ladder,
    talent_shape,
)
from planning.three_valued import Interval

EXACTLY = Interval.exactly


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ((1, 3, 9), "pyramid"),
        ((1, 9, 3), "olive"),
        ((3, 9, 1), "olive"),
        ((9, 3, 1), "other"),
        ((3, 3, 9), "other"),
        ((1, 9, 9), "other"),
        ((0, 0, 0), "other"),
    ],
)
def test_a_shape_is_by_the_heads_of_three_levels(counts: tuple[int, int, int], label: str) -> None:
    assert talent_shape(*map(EXACTLY, counts)).label == label


def test_a_missing_count_leaves_the_shape_unknown() -> None:
    assert talent_shape(None, EXACTLY(9), EXACTLY(3)).label == "unknown"
    assert talent_shape(None, EXACTLY(9), EXACTLY(3)).possible == ("olive", "other")
    assert talent_shape(None, None, None).possible == ("pyramid", "olive", "other")
    assert talent_shape(EXACTLY(1), Interval(2, 9), EXACTLY(5)).label == "unknown"
    assert talent_shape(EXACTLY(1), Interval(6, 9), EXACTLY(5)).label == "olive"
    # Nobody in the middle: whatever the other counts are, it is neither.
    assert talent_shape(None, EXACTLY(0), None).label == "other"
    with pytest.raises(UsageError, match="fewer than no people"):
        talent_shape(Interval(-1, 1), None, None)


LEVEL = st.tuples(st.integers(0, 4), st.integers(0, 3))


@given(levels=st.tuples(LEVEL, LEVEL, LEVEL))
def test_the_true_shape_is_always_among_the_possible(levels: tuple[tuple[int, int], ...]) -> None:
    import itertools

    spans = [Interval(low, low + more) for low, more in levels]
    found = talent_shape(*spans)
    worlds = itertools.product(*(range(low, low + more + 1) for low, more in levels))
    seen = {talent_shape(*map(EXACTLY, world)).label for world in worlds}
    assert seen <= set(found.possible)
    assert found.label == "unknown" or seen == {found.label}


def test_sizes_are_bins_and_the_unrecorded_may_stand_in_any() -> None:
    ladder = size_ladder([99, 100, 999, 1000, 1999, 2000, 4000, np.nan, np.nan])
    assert ladder.table["firms_low"].tolist() == [1, 2, 2, 1, 1]
    assert ladder.table["firms_high"].tolist() == [3, 4, 4, 3, 3]
    assert ladder.unknown == 2
    assert ladder.table["to_staff"].tolist()[:-1] == [100, 1000, 2000, 4000]
    assert size_ladder([]).table["firms_high"].sum() == 0


@given(staff=st.lists(st.integers(0, 10_000)), order=st.randoms(use_true_random=False))
def test_every_firm_stands_in_one_bin_whatever_the_order(staff: list[int], order: object) -> None:
    mixed = list(staff)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    one, two = size_ladder(staff).table, size_ladder(mixed).table
    assert one.equals(two)
    assert one["firms_low"].sum() == len(staff)


def test_dalians_ladder_is_of_bins_and_leaves_the_rest_below() -> None:
    assert not could_be_cumulative([100, 3, 4, 1])
    assert could_be_cumulative([100, 8, 5, 1])
    stated = {100: Interval(100), 1000: EXACTLY(3), 2000: EXACTLY(4), 4000: EXACTLY(1)}
    table = stated_ladder(stated, Interval(1000)).table
    assert table["from_staff"].tolist() == [0, 100, 1000, 2000, 4000]
    assert table["firms_low"].tolist() == [0, 100, 3, 4, 1]
    few = stated_ladder({100: EXACTLY(5), 1000: EXACTLY(1)}, EXACTLY(10)).table
    assert few["firms_low"].tolist() == few["firms_high"].tolist() == [4, 5, 1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: size_ladder([5], [10, 20]), "fewer staff than the lowest"),
        (lambda: size_ladder([5], [0, 0]), "must grow"),
        (lambda: size_ladder([np.inf]), "no finite number"),
        (lambda: stated_ladder({0: EXACTLY(5)}, EXACTLY(4)), "more firms than there are"),
        (lambda: stated_ladder({0: Interval(-1, 1)}), "fewer than no firms"),
        (lambda: factor_sheet({"markets": True}), "none of the six factors"),
        (lambda: factor_sheet({"demand": True}), "has no evidence"),
    ],
)
def test_what_cannot_be_is_refused(call, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=words):
        call()


def test_the_sheet_holds_six_factors_and_no_score() -> None:
    sheet = factor_sheet(
        {"demand": True, "government": False}, {"demand": "日本对华发包量", "government": "无"}
    )
    assert sheet["factor"].tolist() == list(FACTORS)
    assert sheet["answer"].tolist() == [None, None, None, None, True, False]
    assert sheet["said"].tolist() == ["unknown"] * 4 + ["yes", "no"]
    assert set(sheet.columns) == {"factor", "label", "answer", "said", "evidence"}
