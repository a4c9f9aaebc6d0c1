"""Concentration of sizes: the figures of the test vectors, bounds, and what is unknown."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas.concentration import concentration, concentration_ratio, gini, hhi, shannon_nat
from geo.errors import InfeasibleError

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "areas_oracle.json").read_text())["vectors"]
SIZES = st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda sizes: sum(sizes) > 1)


def test_the_five_firms_of_the_text() -> None:
    block = VECTORS["concentration"]
    ours = concentration(block["sizes"])
    assert ours.hhi == pytest.approx(block["HHI"], rel=1e-12)
    assert ours.hhi * 10_000 == pytest.approx(block["HHI_10000"], rel=1e-12)
    assert ours.hhi_normalised == pytest.approx(block["HHI_normalised"], rel=1e-12)
    assert ours.equivalents == pytest.approx(block["numbers_equivalent"], rel=1e-12)
    assert ours.shannon_nat == pytest.approx(block["entropy_shannon_nat"], rel=1e-12)
    assert ours.gini == pytest.approx(block["gini_size"], rel=1e-12)
    for largest in (1, 3, 4):
        ratio = concentration_ratio(block["sizes"], largest)
        assert ratio == pytest.approx(block[f"CR{largest}"], rel=1e-12)


@given(SIZES, st.floats(1e-3, 1e3), st.randoms())
@settings(max_examples=60, deadline=None)
def test_neither_unit_nor_order_matters_and_bounds_hold(sizes, factor, chance) -> None:
    mixed = [size * factor for size in sizes]
    chance.shuffle(mixed)
    n = len(sizes)
    for measure, low, high in ((hhi, 1 / n, 1), (gini, 0, 1 - 1 / n), (shannon_nat, 0, math.log(n))):
        value = measure(sizes)
        assert measure(mixed) == pytest.approx(value, rel=1e-9, abs=1e-9)
        assert low - 1e-9 <= value <= high + 1e-9


@given(SIZES, st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_splitting_every_firm_alike_divides_the_index(sizes, parts) -> None:
    assert hhi(sizes * parts) == pytest.approx(hhi(sizes) / parts, rel=1e-9)
    assert gini(sizes * parts) == pytest.approx(gini(sizes), rel=1e-9, abs=1e-9)


def test_equal_firms_and_a_monopoly_are_the_ends() -> None:
    equal, alone = concentration([7, 7, 7, 7]), concentration([0, 0, 9, 0])
    assert (equal.hhi, equal.hhi_normalised, equal.equivalents, equal.gini) == (0.25, 0, 4, 0)
    assert equal.shannon_nat == pytest.approx(math.log(4))
    assert (alone.hhi, alone.hhi_normalised, alone.gini, alone.shannon_nat) == (1, 1, 0.75, 0)


def test_one_firm_has_no_normalised_index() -> None:
    assert np.isnan(concentration([12]).hhi_normalised)


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ([5, None, 3, math.nan], "2 of 4 sizes are unknown"),
        ([5, -1], "a size cannot be negative: -1.0"),
        ([0, 0], "the total of all sizes is zero"),
        ([], "the total of all sizes is zero"),
        ([10, "100–299"], "“100–299” does not tell one"),
    ],
)
def test_what_is_unknown_is_said(sizes, says) -> None:
    with pytest.raises(InfeasibleError, match=says):
        hhi(sizes)


def test_the_share_of_more_firms_than_there_are_is_unknown() -> None:
    with pytest.raises(InfeasibleError, match="needs at least 4 firms, there are 3"):
        concentration_ratio([1, 2, 3], 4)
