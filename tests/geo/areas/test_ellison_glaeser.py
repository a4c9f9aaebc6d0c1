"""Ellison and Glaeser's γ: the worked cases, closed forms, the simulation, and what is unknown."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas.ellison_glaeser import ellison_glaeser
from geo.errors import CancelledError, InfeasibleError

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "areas_oracle.json").read_text())["vectors"]
EVEN = pd.Series(1.0, index=["N", "E", "S", "W"])


def index_of(sizes, areas, reference, **options):
    return ellison_glaeser(sizes, areas, pd.Series(reference), reference_name="test", **options)


@pytest.mark.parametrize("case", ["eg_all_in_one_region", "eg_proportional", "eg_mixed"])
def test_the_worked_cases(case) -> None:
    block = VECTORS[case]
    ours = index_of(block["plants"], block["region"], block["x"])
    assert ours.gamma == pytest.approx(block["gamma"], rel=1e-12)
    assert ours.g == pytest.approx(block["G"], rel=1e-12, abs=1e-15)
    assert ours.herfindahl == pytest.approx(block["H"], rel=1e-12)
    assert ours.z == pytest.approx(block["z"], rel=1e-9)
    assert ours.shares.tolist() == pytest.approx(block["s"])
    assert ours.reference.tolist() == pytest.approx(block["x"])


@given(
    st.lists(st.tuples(st.floats(1, 1e4), st.sampled_from("NESW")), min_size=2, max_size=12),
    st.floats(1e-2, 1e2),
    st.randoms(),
)
@settings(max_examples=30, deadline=None)
def test_neither_unit_nor_order_matters_draws_included(plants, factor, chance) -> None:
    x = pd.Series({"N": 5.0, "E": 1.0, "S": 3.0, "W": 2.0})
    mixed = list(plants)
    chance.shuffle(mixed)
    ours = index_of(*zip(*plants, strict=True), x, draws=50)
    theirs = index_of(
        [size * factor for size, _ in mixed], [area for _, area in mixed], x[::-1] * factor, draws=50
    )
    for name in ("gamma", "z", "chance_low", "chance_high"):
        assert getattr(theirs, name) == pytest.approx(getattr(ours, name), rel=1e-6, abs=1e-9)
    assert theirs.p_value == ours.p_value
    all_in_the_smallest = index_of([size for size, _ in plants], ["E"] * len(plants), x, draws=1)
    assert ours.gamma <= all_in_the_smallest.gamma + 1e-9
    assert ours.gamma >= -ours.herfindahl / (1 - ours.herfindahl) - 1e-9


@given(st.integers(2, 30))
@settings(max_examples=10, deadline=None)
def test_one_equal_plant_in_each_of_n_equal_areas_gives_minus_one_over_n_less_one(n) -> None:
    ours = index_of([4.0] * n, list(range(n)), [1.0] * n, draws=20)
    assert ours.gamma == pytest.approx(-1 / (n - 1), rel=1e-9)
    assert ours.g == pytest.approx(0, abs=1e-12)


def test_a_single_area_that_holds_all_plants_of_equal_areas_gives_one() -> None:
    ours = index_of([1.0] * 40, ["N"] * 40, EVEN)
    assert ours.gamma == pytest.approx(1)
    assert ours.p_value == pytest.approx(2 / 1000)
    assert ours.chance_low < 0 < ours.chance_high < 0.2


def test_the_draws_have_the_mean_and_variance_of_the_formula() -> None:
    sizes = np.random.default_rng(1).lognormal(0, 1, 25)
    x = pd.Series([0.5, 0.25, 0.15, 0.1])
    ours = index_of(sizes, [0] * 25, x, draws=100)
    chance = np.random.default_rng(2)
    z = sizes / sizes.sum()
    chosen = chance.choice(4, (20_000, 25), p=x)
    shares = np.stack([((chosen == area) * z).sum(axis=1) for area in range(4)], axis=1)
    g = ((shares - x.to_numpy()) ** 2).sum(axis=1)
    assert ours.expected_g == pytest.approx(g.mean(), rel=0.02)
    assert ours.sd_g == pytest.approx(g.std(), rel=0.03)


def test_random_choice_is_found_random_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(3)
    sizes = chance.lognormal(0, 1, 30)
    p = [index_of(sizes, chance.choice(list("NESW"), 30), EVEN, draws=199).p_value for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def test_the_sign_depends_on_the_reference_which_is_kept() -> None:
    plants, areas = [30, 30, 20, 20], ["N", "N", "E", "S"]
    against_city = index_of(plants, areas, {"N": 70, "E": 15, "S": 15})
    against_even = index_of(plants, areas, {"N": 10, "E": 45, "S": 45})
    assert against_city.gamma < 0 < against_even.gamma
    assert against_even.reference["N"] == pytest.approx(0.1)
    assert against_even.reference_name == "test"


def test_the_seed_decides_and_the_person_can_stop() -> None:
    sizes, areas = [5, 4, 3, 2, 1], ["N", "E", "E", "S", "W"]
    one, two, other = (index_of(sizes, areas, EVEN, seed=seed) for seed in (1, 1, 2))
    assert (one.chance_low, one.p_value) == (two.chance_low, two.p_value)
    assert (one.chance_low, one.chance_high, one.p_value) != (
        other.chance_low,
        other.chance_high,
        other.p_value,
    )

    def stop(_share, _sentence):
        raise CancelledError

    with pytest.raises(CancelledError):
        index_of(sizes, areas, EVEN, progress=stop)


@pytest.mark.parametrize(
    ("sizes", "areas", "says"),
    [
        ([5, None, 3], ["N", "E", "S"], "1 of 3 sizes are unknown"),
        (["100–299", "≥1000"], ["N", "E"], "“100–299” does not tell one"),
        ([5, 3], ["N", None], "1 of 2 plants lie in no area of the reference"),
        ([5, 3], ["N", "Nowhere"], "such as “Nowhere”"),
        ([5, 0], ["N", "E"], "at least 2 plants with a size, there are 1"),
        ([5, 3, 2], ["N", "E"], "3 plants with a size and 2 with an area"),
    ],
)
def test_what_is_unknown_is_said(sizes, areas, says) -> None:
    with pytest.raises(InfeasibleError, match=says):
        index_of(sizes, areas, EVEN)


def test_references_that_cannot_be_chosen_from_are_refused() -> None:
    with pytest.raises(InfeasibleError, match="a plant lies in “E”, where the reference has nothing"):
        index_of([5, 3], ["N", "E"], {"N": 1, "S": 2, "E": 0})
    with pytest.raises(InfeasibleError, match="1 areas are too few"):
        index_of([5, 3], ["N", "N"], {"N": 1, "E": 0})
    with pytest.raises(InfeasibleError, match="“N” is there more than once"):
        index_of([5, 3], ["N", "N"], pd.Series([1, 2], index=["N", "N"]))


def test_plants_without_staff_change_nothing() -> None:
    plain = index_of([5, 3, 2], ["N", "E", "N"], EVEN)
    with_empty = index_of([0, 5, 3, 0, 2], ["S", "N", "E", "W", "N"], EVEN)
    assert (with_empty.gamma, with_empty.p_value, with_empty.plants) == (plain.gamma, plain.p_value, 3)
