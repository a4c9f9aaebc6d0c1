"""Moran and Getis–Ord: answers of spdep and PySAL, exact chances of small cases, order and seed, unknowns."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas.getis_ord import getis_ord, getis_ord_general
from geo.areas.moran import local_moran, moran
from geo.areas.permutation import draws_to_pass, fdr, rank_p
from geo.areas.weights import distance_band, nearest_neighbours
from geo.errors import CancelledError, InfeasibleError

ORACLE = json.loads((Path(__file__).parents[2] / "data" / "areas_oracle.json").read_text())
POINTS, PYSAL, VECTORS = ORACLE["moran_points"], ORACLE["esda"], ORACLE["vectors"]
XY = np.column_stack([POINTS["x"], POINTS["y"]])
Y = np.array(POINTS["value"], dtype=float)
CHAIN = distance_band([[i, 0] for i in range(5)], 1)
QUADRANTS = {1: "high-high", 2: "low-high", 3: "low-low", 4: "high-low"}


def close(ours, theirs, rtol=1e-9) -> None:
    np.testing.assert_allclose(np.asarray(ours, float), np.asarray(theirs, float), rtol=rtol, atol=1e-12)


def test_global_moran_is_that_of_spdep_and_pysal() -> None:
    ours = moran(Y, nearest_neighbours(XY, 8).row_standardised())
    stored = POINTS["moran_knn8"]
    close(
        [ours.i, ours.expected, ours.variance, ours.z, ours.p_normal],
        [*stored["estimate"].values(), stored["stat"], stored["p"]],
    )
    close([ours.i, ours.variance, ours.z], [PYSAL["moran"][key] for key in ("I", "VI_rand", "z_rand")])


def test_local_moran_is_that_of_pysal_but_for_n_less_one() -> None:
    weights = nearest_neighbours(XY, 8).row_standardised()
    ours = local_moran(Y, weights, draws=999, tail="folded")
    n = len(Y)
    close(ours.table["local_i"] * (n - 1) / n, PYSAL["local_i"])
    assert ours.table["quadrant"].tolist() == [QUADRANTS[q] for q in PYSAL["quadrant"]]
    assert ours.table["local_i"].mean() == pytest.approx(moran(Y, weights, draws=1).i, rel=1e-12)
    # Two simulations of 999 and 9999 draws: four standard errors at p = 1/2.
    assert np.abs(ours.table["p_value"] - PYSAL["p_sim_9999"]).max() < 4 * 0.5 * (1 / 999 + 1 / 9999) ** 0.5


@pytest.mark.parametrize(("star", "stored"), [(False, "localG_150"), (True, "localGstar_150")])
def test_local_g_is_that_of_spdep(star, stored) -> None:
    weights = distance_band(XY, POINTS["band"])
    theirs = np.array(POINTS[stored], dtype=float)
    for ours in (weights, weights.row_standardised()):
        close(getis_ord(Y, ours, star=star, draws=9).table["z"], theirs)


def test_the_chain_of_five() -> None:
    block = VECTORS["moran_chain5"]
    ours = moran(block["y"], CHAIN)
    close([ours.i, ours.expected], [block["I_binary"], block["EI"]])
    assert moran(block["y"], CHAIN.row_standardised()).i == pytest.approx(block["I_row_std"], rel=1e-12)


def test_the_six_points_of_pysal() -> None:
    block = VECTORS["getis_ord_6pts"]
    weights = distance_band(block["points"], block["threshold"])
    assert getis_ord_general(block["y"], weights) == pytest.approx(block["G_global"], rel=1e-12)
    plain, star = (getis_ord(block["y"], weights, star=star) for star in (False, True))
    close(plain.table["z"], block["Gi_z"])
    close(star.table["z"], block["Gi_star_z"])
    assert star.star


def test_global_chances_approach_those_of_all_orders() -> None:
    y = np.array([1.0, 2, 2, 7, 9])
    z = y - y.mean()
    every = np.array([2 * sum(p[i] * p[i + 1] for i in range(4)) for p in itertools.permutations(z)])
    own = 2 * (z[:-1] * z[1:]).sum()
    exact = {
        "greater": (every >= own - 1e-9).mean(),
        "less": (every <= own + 1e-9).mean(),
    }
    for tail, chance in exact.items():
        assert moran(y, CHAIN, draws=4999, tail=tail).p_value == pytest.approx(chance, abs=0.02)


def test_conditional_chances_approach_those_of_all_neighbourhoods() -> None:
    """Each area keeps its value; the others take turns as its neighbours. Values tie on purpose."""
    y = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    weights = nearest_neighbours(np.random.default_rng(0).uniform(0, 1, (10, 2)), 3)
    greater = getis_ord(y, weights, draws=9999, tail="greater").table["p_value"]
    moran_p = local_moran(y, weights, draws=9999, tail="greater").table["p_value"]
    for i in range(10):
        others = np.delete(y, i)
        sums = np.array([sum(chosen) for chosen in itertools.combinations(others, 3)])
        own = (weights.matrix @ y)[i]
        assert greater[i] == pytest.approx((sums >= own).mean(), abs=0.02)
        turned = (sums <= own).mean() if y[i] < y.mean() else (sums >= own).mean()
        assert moran_p[i] == pytest.approx(turned, abs=0.02)


@given(st.integers(0, 10_000), st.randoms(), st.floats(0.1, 10), st.floats(-5, 5))
@settings(max_examples=15, deadline=None)
def test_neither_order_nor_scale_matters_chances_included(seed, chance, factor, shift) -> None:
    random = np.random.default_rng(seed)
    xy, y = random.uniform(0, 100, (20, 2)), random.poisson(2, 20).astype(float)
    if y.max() == y.min():
        y[0] += 1
    ids = [f"{i:02d}" for i in range(20)]
    order = list(range(20))
    chance.shuffle(order)
    one = nearest_neighbours(xy, 4, ids=ids).row_standardised()
    two = nearest_neighbours(xy[order], 4, ids=[ids[i] for i in order]).row_standardised()
    first, second = moran(y, one, draws=49), moran((y * factor + shift)[order], two, draws=49)
    assert second.i == pytest.approx(first.i, rel=1e-9, abs=1e-9)
    assert second.p_value == first.p_value
    for measure, columns in ((local_moran, ["local_i", "p_value"]), (getis_ord, ["z", "p_value"])):
        ours = measure(y, one, draws=49).table
        theirs = measure(y[order], two, draws=49).table.loc[ours.index]
        close(theirs[columns], ours[columns])
        scaled = measure(y * factor + shift, one, draws=49).table
        close(scaled[columns[0]], ours[columns[0]], rtol=1e-6)


def test_two_halves_are_found_with_their_places() -> None:
    x, y = np.meshgrid(np.arange(10), np.arange(10))
    xy = np.column_stack([x.ravel(), y.ravel()])
    value = np.where(xy[:, 0] < 5, 1.0, 10.0) + np.random.default_rng(0).normal(0, 0.1, 100)
    weights = distance_band(xy, 1).row_standardised()
    whole = moran(value, weights)
    assert whole.i > 0.8
    assert whole.p_value == pytest.approx(2 / 1000)
    hot = getis_ord(value, weights, draws=1999).table
    inner = (xy[:, 0] >= 6) & (xy[:, 1] > 0) & (xy[:, 1] < 9)
    assert (hot["z"][inner] > 0).all()
    cold = local_moran(value, weights).table
    assert (cold["quadrant"][xy[:, 0] < 4] == "low-low").all()
    checkers = (xy.sum(axis=1) % 2).astype(float)
    assert moran(checkers, weights).i == pytest.approx(-1)


def test_chances_of_noise_are_even() -> None:
    random = np.random.default_rng(7)
    weights = nearest_neighbours(random.uniform(0, 1, (400, 2)), 6)
    p = local_moran(random.normal(size=400), weights, draws=499).table["p_value"]
    assert 0.02 <= (p <= 0.05).mean() <= 0.09
    assert (fdr(p) <= 0.05).sum() <= 2


def test_islands_are_named_and_stay_unknown() -> None:
    weights = distance_band([[0, 0], [1, 0], [2, 0], [3, 0], [90, 90]], 1, ids=["a", "b", "c", "d", "islet"])
    values = [1.0, 2, 4, 7, 3]
    whole, local, star = moran(values, weights), local_moran(values, weights), getis_ord(values, weights)
    assert whole.islands == local.islands == star.islands == ("islet",)
    assert whole.areas == 5
    assert local.table.loc["islet", ["lag", "local_i", "p_value", "p_fdr"]].isna().all()
    assert local.table.loc["islet", "quadrant"] == ""
    assert np.isfinite(star.table.loc["islet", "z"])
    assert np.isnan(star.table.loc["islet", "p_value"])
    assert np.isnan(getis_ord(values, weights, star=False).table.loc["islet", "z"])


def test_an_area_at_the_mean_has_no_quadrant_and_no_significance() -> None:
    ours = local_moran([1.0, 3, 5, 0, 6], CHAIN).table
    assert ours.loc[1, ["local_i", "p_value"]].tolist() == [0, 1]
    assert ours.loc[1, "quadrant"] == ""


def test_a_neighbourhood_of_everything_has_no_score() -> None:
    weights = distance_band([[i, 0] for i in range(5)], 9)
    assert getis_ord([1, 2, 3, 4, 9], weights).table["z"].isna().all()


def test_the_seed_decides_and_the_person_can_stop() -> None:
    weights = nearest_neighbours(XY, 8)
    for measure in (local_moran, getis_ord):
        one, two, other = (measure(Y, weights, draws=99, seed=seed).table["p_value"] for seed in (1, 1, 2))
        assert one.equals(two)
        assert not one.equals(other)

    def stop(_share, _sentence):
        raise CancelledError

    for measure in (moran, local_moran, getis_ord):
        with pytest.raises(CancelledError):
            measure(Y, weights, progress=stop)


def test_false_discoveries_as_benjamini_and_hochberg_printed_them() -> None:
    """Section 3.2 of the paper: 15 p-values, of which the first four are significant at 0.05."""
    p = np.array(
        [
            0.0001,
            0.0004,
            0.0019,
            0.0095,
            0.0201,
            0.0278,
            0.0298,
            0.0344,
            0.0459,
            0.3240,
            0.4262,
            0.5719,
            0.6528,
            0.7590,
            1.0,
        ]
    )
    adjusted = fdr(np.append(p[::-1], np.nan))
    assert ((adjusted[:-1] <= 0.05) == (p[::-1] <= 0.0095)).all()
    assert np.isnan(adjusted[-1])
    close(adjusted[11], 0.0095 * 15 / 4)
    assert np.isnan(fdr([np.nan, np.nan])).all()


@pytest.mark.parametrize("tail", ["two-sided", "greater", "less", "folded"])
@pytest.mark.parametrize("areas", [1, 20, 2900])
def test_so_many_draws_let_one_area_pass_and_fewer_do_not(areas, tail) -> None:
    draws = draws_to_pass(areas, tail=tail)
    for count, passes in ((draws, True), (draws - 2, False)):
        floor = float(rank_p(0, 0, count, tail))
        assert (fdr([floor] + [1.0] * (areas - 1))[0] <= 0.05 + 1e-12) == passes


def test_tails_of_a_rank() -> None:
    tails = {tail: float(rank_p(4, 95, 99, tail)) for tail in ("greater", "less", "folded", "two-sided")}
    assert tails == {"greater": 0.05, "less": 0.96, "folded": 0.05, "two-sided": 0.1}
    assert rank_p(60, 60, 99, "two-sided") == 1


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([1, 2, np.nan, 4, 5], "the values of 1 of 5 areas are unknown, “2” among them"),
        ([3, 3, 3, 3, 3], "all areas have the same value"),
        ([1, 2, 3], "there are 3 values for 5 areas"),
    ],
)
def test_what_is_unknown_is_said(values, says) -> None:
    for measure in (moran, local_moran, getis_ord, getis_ord_general):
        with pytest.raises(InfeasibleError, match=says):
            measure(values, CHAIN)


def test_too_few_areas_or_links_are_told() -> None:
    with pytest.raises(InfeasibleError, match="3 areas are too few"):
        moran([1, 2, 3], distance_band([[0, 0], [1, 0], [2, 0]], 1))
    with pytest.raises(InfeasibleError, match="no area has a neighbour"):
        moran([1, 2, 3, 4], distance_band([[0, 0], [9, 0], [18, 0], [27, 0]], 1))
    with pytest.raises(InfeasibleError, match="at least two areas above zero"):
        getis_ord_general([-1, 2, 3, 4, 5], CHAIN)
