"""Guides to a radius: distances, sensitivity and HDBSCAN, against definitions and scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from geo import density
from geo.density import dbscan
from geo.density_guides import adjusted_rand, hdbscan, k_distances, sensitivity
from geo.errors import CancelledError, InfeasibleError, RefusedError

LATTICE = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40)


@given(places=LATTICE, k=st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_the_kth_distance_is_that_of_the_definition(places: list[tuple[int, int]], k: int) -> None:
    xy = np.array(places, dtype=float)
    if len(xy) < k:
        with pytest.raises(InfeasibleError, match="no neighbour number"):
            k_distances(xy, k)
        return
    gaps = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
    expected = np.sort(np.sort(gaps, axis=1)[:, k - 1])
    assert np.allclose(k_distances(xy, k).distances_m, expected, rtol=1e-12, atol=0)


def test_the_knee_lies_where_a_drawn_curve_bends() -> None:
    # Eleven points a metre apart on a line, then one after 51 and one after 100.
    xy = np.column_stack([[*range(11), 61, 161], np.zeros(13)])
    found = k_distances(xy, 2)
    assert found.distances_m.tolist() == [1.0] * 11 + [51.0, 100.0]
    assert found.knee_m == 1.0
    assert found.knee_share == 11 / 13


def test_without_a_bend_no_radius_is_suggested() -> None:
    assert np.isnan(k_distances(np.zeros((9, 2)), 3).knee_m)
    assert np.isnan(k_distances(np.column_stack([np.arange(9), np.zeros(9)]), 2).knee_m)


def test_a_point_is_core_exactly_when_its_kth_neighbour_is_within_the_radius() -> None:
    xy = np.random.default_rng(2).integers(0, 40, (200, 2)).astype(float)
    found = k_distances(xy, 4).distances_m
    for radius in (1.0, 2.0, 3.0):
        model = DBSCAN(eps=radius, min_samples=4).fit(xy)
        assert (found <= radius).sum() == len(model.core_sample_indices_)


@given(seed=st.integers(0, 1000), n=st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_agreement_is_that_of_scikit_learn_with_noise_as_a_group(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.integers(-1, 4, n), rng.integers(-1, 3, n)
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-12)


def test_each_row_of_the_table_is_that_setting_and_the_chosen_one_agrees_with_itself() -> None:
    rng = np.random.default_rng(5)
    xy = np.vstack([rng.normal(centre, 60, (80, 2)) for centre in (0, 900, 5_000)]).round()
    table = sensitivity(xy, [300, 100, 1_000], [5, 10], chosen=(300, 5))
    assert table[["radius_m", "min_points"]].to_numpy().tolist() == [
        [r, m] for r in (100, 300, 1_000) for m in (5, 10)
    ]
    chosen = dbscan(xy, 300, 5)
    for row in table.itertuples():
        labels = dbscan(xy, row.radius_m, row.min_points)
        assert row.clusters == labels.max() + 1
        assert row.noise_share == (labels < 0).mean()
        assert row.largest_share == np.bincount(labels[labels >= 0]).max() / len(xy)
        assert row.rand_chosen == pytest.approx(adjusted_rand_score(labels, chosen))
    assert table.loc[table.radius_m.eq(300) & table.min_points.eq(5), "rand_chosen"].item() == 1.0
    corner = [adjusted_rand_score(dbscan(xy, 100, 5), dbscan(xy, *other)) for other in ((300, 5), (100, 10))]
    assert table["rand_neighbours"][0] == pytest.approx(np.mean(corner))
    assert np.isnan(sensitivity(xy, [300], [5])["rand_neighbours"][0])


@given(seed=st.integers(0, 1000), n=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_a_weight_counts_as_so_many_points(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    one, other, weight = rng.integers(-1, 400, n), rng.integers(-1, 3, n), rng.integers(1, 5, n)
    assert adjusted_rand(one, other, weight.astype(float)) == pytest.approx(
        adjusted_rand_score(one.repeat(weight), other.repeat(weight)), abs=1e-12
    )


def test_a_setting_that_needs_too_much_work_has_empty_cells_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xy = np.random.default_rng(4).normal(0, 400, (3_000, 2)).round(1)
    whole = sensitivity(xy, [50_000.0, 20.0], [5, 50], chosen=(50_000.0, 5))
    monkeypatch.setattr(density, "TEST_LIMIT", 1_000)
    partly = sensitivity(xy, [50_000.0, 20.0], [5, 50], chosen=(50_000.0, 5))
    refused = partly["clusters"].isna()
    assert refused.tolist() == [True, True, False, False]
    assert partly[refused].drop(columns=["radius_m", "min_points"]).isna().all(axis=None)
    pd.testing.assert_frame_equal(
        partly[~refused].drop(columns="rand_neighbours"), whole[~refused].drop(columns="rand_neighbours")
    )
    with pytest.raises(InfeasibleError, match="comparisons"):
        sensitivity(xy, [50_000.0], [5], chosen=(20.0, 5))


def test_whoever_waits_is_told_how_far_the_table_is_and_may_stop_it() -> None:
    told: list[float] = []
    sensitivity(np.eye(2), [1.0, 2.0], [2, 3], progress=told.append)
    assert told == sorted(told)
    assert told[0] == 0.0 < told[-1] < 1.0

    def enough(share: float) -> None:
        if share > 0.4:
            raise CancelledError

    with pytest.raises(CancelledError):
        sensitivity(np.eye(2), [1.0, 2.0], [2, 3], progress=enough)


def test_a_table_of_nothing_is_refused() -> None:
    for xy, radii in ((np.empty((0, 2)), [1.0]), (np.zeros((3, 2)), [])):
        with pytest.raises(RefusedError, match="needs firms"):
            sensitivity(xy, radii, [2])


def test_hdbscan_does_not_depend_on_the_order_of_the_rows_and_counts_from_the_west() -> None:
    rng = np.random.default_rng(9)
    xy = np.vstack(
        [rng.normal(centre, spread, (60, 2)) for centre, spread in ((9_000, 20), (0, 300))]
    ).round()
    labels = hdbscan(xy, 10)
    assert labels[np.argmin(xy[:, 0] + 1e9 * (labels < 0))] == 0
    assert labels[:60].max() > labels[60:].max() >= 0
    for turn in range(20):
        order = np.random.default_rng(turn).permutation(len(xy))
        assert (hdbscan(xy[order], 10) == labels[order]).all()


def test_hdbscan_of_few_points_is_noise() -> None:
    assert hdbscan(np.zeros((3, 2)), 5).tolist() == [-1] * 3
