"""DBSCAN: exact against scikit-learn and stored answers, and blind to the order of the rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN
from sklearn.metrics import adjusted_rand_score

from geo import density
from geo.density import dbscan
from geo.errors import CancelledError, InfeasibleError, RefusedError

ORACLE = Path(__file__).parents[1] / "data" / "dbscan_oracle.json"


def _lattice(seed: int, n: int) -> np.ndarray:
    """Points on a 100 m lattice: ties at exactly the radius, and duplicates, on purpose."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 12, size=(n, 2)) * 100.0


@pytest.mark.parametrize("seed", range(25))
def test_core_points_noise_and_core_partition_are_those_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = _lattice(seed, 120) if seed % 2 else rng.normal(size=(150, 2)) * 400
    weights = rng.integers(1, 4, size=len(xy)).astype(float) if seed % 3 == 0 else None
    radius_m, least = (100.0, 4) if seed % 2 else (120.0, 5)
    ours = dbscan(xy, radius_m, least, weights)
    model = DBSCAN(eps=radius_m, min_samples=least).fit(xy, sample_weight=weights)
    core = np.zeros(len(xy), dtype=bool)
    core[model.core_sample_indices_] = True
    assert ((ours == -1) == (model.labels_ == -1)).all()
    assert (ours[core] >= 0).all()
    if core.any():
        assert adjusted_rand_score(ours[core], model.labels_[core]) == 1.0


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_rows_does_not_matter(seed: int, n: int) -> None:
    xy = _lattice(seed, n)
    labels = dbscan(xy, 150.0, 4)
    for turn in range(20):
        order = np.random.default_rng(turn).permutation(n)
        assert (dbscan(xy[order], 150.0, 4) == labels[order]).all()


def by_hand(xy: np.ndarray, radius: float, least: float, weights: np.ndarray | None) -> list[int]:
    """DBSCAN from its definition and our two rules, by comparing every point with every other.

    Coordinates are whole numbers, so that a distance equals the radius or does not.
    """
    weight = np.ones(len(xy)) if weights is None else weights
    gap = ((xy[:, None, :] - xy[None, :, :]) ** 2).sum(axis=2)
    near = gap <= radius**2
    core = (near * weight).sum(axis=1) >= least
    # West first, then south: the order in which clusters are numbered and ties are settled.
    order = sorted(np.flatnonzero(core), key=lambda one: tuple(xy[one]))
    labels = np.full(len(xy), -1)
    clusters = 0
    for start in order:
        if labels[start] >= 0:
            continue
        reached = [start]
        while reached:
            one = reached.pop()
            if labels[one] < 0:
                labels[one] = clusters
                reached.extend(np.flatnonzero(near[one] & core & (labels < 0)))
        clusters += 1
    for one in np.flatnonzero(~core):
        around = [other for other in order if near[one, other]]
        if around:
            labels[one] = labels[min(around, key=lambda other: (gap[one, other], *xy[other]))]
    return labels.tolist()


@given(
    places=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=45),
    radius=st.sampled_from([1.0, 2.0, 5.0, 2**0.5, 3.0]),
    least=st.integers(1, 8),
    weighted=st.booleans(),
    seed=st.integers(0, 100),
)
@settings(max_examples=400, deadline=None)
def test_labels_are_those_of_the_definition_on_a_lattice_of_ties_and_duplicates(
    places: list[tuple[int, int]], radius: float, least: int, weighted: bool, seed: int
) -> None:
    xy = np.array(places, dtype=float)
    weights = np.random.default_rng(seed).integers(0, 4, len(xy)).astype(float) if weighted else None
    assert dbscan(xy, radius, least, weights).tolist() == by_hand(xy, radius, least, weights)


def test_a_tie_between_two_clusters_goes_west_then_south() -> None:
    west, east = [(0.0, 0.0), *[(-3.0, 0.0)] * 4], [(10.0, 0.0), *[(13.0, 0.0)] * 4]
    middle = (5.0, 0.0)  # 5 m from the one core point of either cluster, and no core point itself
    assert dbscan([*east, middle, *west], 5.0, 6).tolist() == [1] * 5 + [0] + [0] * 5
    south, north = [(0.0, 0.0), *[(0.0, -3.0)] * 4], [(0.0, 10.0), *[(0.0, 13.0)] * 4]
    assert dbscan([*north, (0.0, 5.0), *south], 5.0, 6).tolist() == [1] * 5 + [0] + [0] * 5


def test_points_that_weigh_nothing_are_noise() -> None:
    assert dbscan([(0.0, 0.0)] * 3, 5.0, 1, [0.0, 0.0, 0.0]).tolist() == [-1] * 3
    assert dbscan([(0.0, 0.0), (1.0, 0.0)], 5.0, 2, [0.0, 2.0]).tolist() == [0, 0]


def test_weights_count_as_so_many_firms_at_one_place() -> None:
    rng = np.random.default_rng(3)
    xy = rng.integers(0, 12, (60, 2)) * 10.0
    times = rng.integers(1, 5, 60)
    once = dbscan(xy, 15.0, 6, times.astype(float))
    assert once.tolist() == dbscan(np.repeat(xy, times, axis=0), 15.0, 6)[np.cumsum(times) - 1].tolist()


def test_a_border_point_joins_its_nearest_core_point() -> None:
    west = np.array([[0, 0]] * 5 + [[1, 0.5]], dtype=float)
    east = np.array([[21, 0]] * 5 + [[20, 0.5]], dtype=float)
    border = np.array([[10.6, 0.5]])  # 9.6 m from the western core point, 9.4 m from the eastern one
    labels = dbscan(np.vstack([west, east, border]), 9.7, 6)
    assert labels.tolist() == [0] * 6 + [1] * 7


def test_a_tie_between_two_clusters_goes_to_the_western_core_point() -> None:
    west = np.array([[0, 0], [0, 0], [0, 0], [-1, 0]], dtype=float)
    east = np.array([[20, 0], [20, 0], [20, 0], [21, 0]], dtype=float)
    border = np.array([[10.0, 0.0]])
    for rows in (np.vstack([west, east, border]), np.vstack([border, east, west])):
        labels = dbscan(rows, 10.0, 4)
        at_border = labels[(rows == border).all(axis=1)][0]
        at_west = labels[(rows == [0.0, 0.0]).all(axis=1)][0]
        assert at_border == at_west == 0


def test_clusters_are_numbered_from_the_west() -> None:
    blob = np.array([[0, 0], [0, 1], [1, 0]], dtype=float)
    xy = np.vstack([blob + np.array(move) for move in ((500, 0), (0, 900), (250, -300))])
    assert dbscan(xy, 5.0, 3).tolist() == [2, 2, 2, 0, 0, 0, 1, 1, 1]


def test_points_at_exactly_the_radius_are_neighbours_and_a_point_counts_itself() -> None:
    xy = np.array([[0.0, 0.0], [100.0, 0.0]])
    assert dbscan(xy, 100.0, 2).tolist() == [0, 0]
    assert dbscan(xy, 99.999, 2).tolist() == [-1, -1]


def test_no_point_is_no_error() -> None:
    assert dbscan(np.empty((0, 2)), 10.0, 3).shape == (0,)


def _without_numba(xy: np.ndarray, radius_m: float, least: int, weights: np.ndarray | None = None) -> list:
    return density._label_by_trees(np.asarray(xy, dtype=float), radius_m, least, weights).tolist()


@pytest.mark.parametrize("seed", range(20))
def test_without_numba_the_labels_are_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xy = rng.integers(-40, 40, (400, 2)) * (1.0 if seed % 2 else 250.0)
    xy[rng.random(400) < 0.3] = xy[rng.integers(0, 400)]
    weights = rng.integers(0, 4, 400).astype(float) if seed % 3 else None
    for radius, least in ((5.0, 6), (1_250.0, 10), (1e-3, 2), (1e6, 3)):
        assert dbscan(xy, radius, least, weights).tolist() == _without_numba(xy, radius, least, weights)


def test_numba_missing_is_noticed_and_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geo.density_grid", None)
    assert dbscan([(0, 0), (1, 0), (9, 0)], 1.0, 2).tolist() == [0, 0, -1]


@pytest.mark.parametrize("shift", [(4e7, -4e7), (-4e7, 1e7), (-500.0, 3.0)])
def test_where_the_origin_lies_does_not_matter(shift: tuple[float, float]) -> None:
    xy = np.random.default_rng(4).integers(0, 3_000, (1_500, 2)).astype(float)
    for radius, least in ((50.0, 4), (100.0, 8), (1e-4, 2)):
        assert (dbscan(xy + shift, radius, least) == dbscan(xy, radius, least)).all()


def test_a_radius_of_any_size_is_taken() -> None:
    xy = np.random.default_rng(6).integers(0, 1_000, (500, 2)).astype(float)
    assert dbscan(xy, 1e9, 500).tolist() == [0] * 500
    assert dbscan(xy, 1e9, 501).tolist() == [-1] * 500
    for tiny in (0.0, 1e-300, 1e-9, 1e-3):
        apart = dbscan(np.vstack([xy, [[5_000, 5_000]] * 3]), tiny, 3)
        assert apart[-3:].tolist() == [apart.max()] * 3
        assert apart.max() >= 0
    with pytest.raises(RefusedError, match="not negative"):
        dbscan(xy, -1.0, 3)
    with pytest.raises(RefusedError, match="not negative"):
        dbscan(xy, float("nan"), 3)


def test_all_points_at_one_place_are_one_cluster() -> None:
    assert dbscan(np.full((10_000, 2), 3e6), 500.0, 5).tolist() == [0] * 10_000


def test_fractions_of_weight_add_up_alike_in_any_order() -> None:
    rng = np.random.default_rng(8)
    xy = rng.integers(0, 5, (80, 2)).astype(float)
    weights = rng.choice([0.1, 0.2, 0.3, 0.7], 80)
    labels = dbscan(xy, 1.0, 2, weights)
    for turn in range(20):
        order = np.random.default_rng(turn).permutation(80)
        assert (dbscan(xy[order], 1.0, 2, weights[order]) == labels[order]).all()


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_points_without_a_place_are_counted_and_refused(wrong: float) -> None:
    with pytest.raises(RefusedError, match="1 of 3 points have no place"):
        dbscan([(0.0, 0.0), (wrong, 1.0), (2.0, 2.0)], 5.0, 2)


@pytest.mark.parametrize("wrong", [[1.0], [1.0, -1.0], [1.0, float("nan")]])
def test_weights_that_are_none_are_refused(wrong: list[float]) -> None:
    with pytest.raises(RefusedError, match="needs a weight"):
        dbscan([(0.0, 0.0), (1.0, 0.0)], 5.0, 2, wrong)


def test_a_fiftieth_of_the_firms_at_one_address_is_no_trouble() -> None:
    rng = np.random.default_rng(7)
    xy = rng.uniform(0, 30_000, (100_000, 2)).round(1)
    xy[rng.choice(100_000, 2_000, replace=False)] = (15_000.0, 15_000.0)
    places, place_of, counts = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    labels = dbscan(xy, 100.0, 12)
    assert (labels == dbscan(places, 100.0, 12, counts.astype(float))[place_of.reshape(-1)]).all()


def test_thirty_thousand_firms_in_one_town_at_800_m_are_one_cluster() -> None:
    xy = np.random.default_rng(1).normal(size=(30_000, 2)) * 500
    labels = dbscan(xy, 800.0, 5)
    assert labels.max() == 0


def test_work_without_end_is_refused_and_says_what_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    xy = np.random.default_rng(1).normal(size=(3_000, 2))
    monkeypatch.setattr(density, "TEST_LIMIT", 10)
    with pytest.raises(InfeasibleError, match="comparisons") as caught:
        dbscan(xy, 0.1, 50)
    assert caught.value.code == "TOO_LARGE"
    assert "smaller radius" in str(caught.value)
    monkeypatch.setattr(density, "MEMORY_LIMIT_BYTES", 1_000_000)
    with pytest.raises(InfeasibleError, match="smaller radius"):
        _without_numba(xy, 1e6, 5)


def test_whoever_waits_can_stop() -> None:
    with pytest.raises(CancelledError):
        dbscan(np.zeros((10, 2)), 1.0, 2, cancelled=lambda: True)


def test_the_stored_answers_of_other_software_are_reproduced() -> None:
    stored = json.loads(ORACLE.read_text(encoding="utf-8"))
    xy = np.array(stored["points"])
    for case in stored["cases"]:
        labels = dbscan(xy, case["radius_m"], case["min_points"])
        core = np.array(case["core"], dtype=int)
        theirs = np.array(case["labels"])
        assert ((labels < 0) == (theirs < 0)).all()
        assert adjusted_rand_score(labels[core], theirs[core]) == 1.0


def test_whether_there_is_something_to_compile_is_known_before_it_is_compiled(tmp_path: Path) -> None:
    ask = "from geo.density import is_ready; print(is_ready())"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"  # nothing is compiled there
    dbscan([(0.0, 0.0)], 1.0, 1)
    assert density.is_ready()
