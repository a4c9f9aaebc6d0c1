"""What helps to choose a radius, and to see whether clusters are an artefact of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.density import dbscan, finite_points
from geo.errors import N_, InfeasibleError, RefusedError

__all__ = [
    "HDBSCAN_LIMIT",
    "NeighbourDistances",
    "adjusted_rand",
    "hdbscan",
    "k_distances",
    "sensitivity",
]

HDBSCAN_LIMIT = 200_000
"""More points than this take minutes."""
_FIGURES = ("clusters", "noise_share", "largest_share", "rand_chosen", "rand_neighbours")


def hdbscan(xy: ArrayLike, min_points: int) -> NDArray[np.int64]:
    """Label points by density of several scales (HDBSCAN of scikit-learn), numbered from the west.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        East and north, metres.
    min_points : int
        Smallest cluster, and neighbours that make a point dense; at least 2. Growing it removes
        clusters.

    Returns
    -------
    ndarray of shape (n,), int64
        Cluster of each point, −1 for noise.

    Raises
    ------
    RefusedError
        If a coordinate is no finite number.
    InfeasibleError
        If there are more than `HDBSCAN_LIMIT` points.

    Notes
    -----
    The same points in any order get the same labels, since the library sees them sorted by x,
    then y. Within the library ties between equal distances go by that order: turning or mirroring
    a pattern with many ties, such as points on a lattice, may change a label. All points at one
    place are noise, as the library does not take all points for one cluster. O(n log n) on
    usual data, O(n²) at worst.

    References
    ----------
    Campello, R., Moulavi, D. & Sander, J. (2013). Density-based clustering based on hierarchical
    density estimates. PAKDD 2013, 160–172.
    """
    points = finite_points(xy)
    if len(points) > HDBSCAN_LIMIT:
        raise InfeasibleError(
            N_("HDBSCAN takes up to {limit:,} firms, not {count:,}"),
            hint=N_("use DBSCAN, or choose one industry"),
            where="method",
            limit=HDBSCAN_LIMIT,
            count=len(points),
        )
    labels = np.full(len(points), -1, dtype=np.int64)
    if len(points) < max(min_points, 2):
        return labels
    from sklearn.cluster import HDBSCAN  # a second to load, which other work need not wait for

    order = np.lexsort((points[:, 1], points[:, 0]))
    found = HDBSCAN(min_cluster_size=min_points, copy=True).fit_predict(points[order])
    member = found >= 0
    _, first, renamed = np.unique(found[member], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    labels[order[member]] = rank[renamed.reshape(-1)]
    return labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NeighbourDistances:
    """How far the k-th neighbour of each point is, and where that curve bends.

    Attributes
    ----------
    distances_m : ndarray of shape (n,)
        Distance to the k-th neighbour, the point itself counted, rising.
    knee_m : float
        Suggested radius; NaN where the curve does not bend.
    knee_share : float
        Share of the points whose k-th neighbour is at most that far, 0–1.
    """

    distances_m: NDArray[np.float64]
    knee_m: float
    knee_share: float


def k_distances(xy: ArrayLike, k: int) -> NeighbourDistances:
    """Distances to the k-th neighbour, the guide to a radius for `min_points` = k.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        East and north, metres.
    k : int
        Which neighbour, the point itself being the first: as `min_points` of `dbscan` counts.

    Returns
    -------
    NeighbourDistances
        A point is core at a radius exactly when its distance here is at most that.

    Raises
    ------
    RefusedError
        If a coordinate is no finite number or k is less than 1.
    InfeasibleError
        If there are fewer than k points.

    Notes
    -----
    The knee is Kneedle's for a convex rising curve, without smoothing: with rank x and distance y
    both scaled to 0–1, the point where x − y is largest (the lowest such rank). Its weakness: it
    depends on the largest distance, so that one far outlier moves it, and data of several
    densities have several bends of which it names one. It is where to begin looking, no proof.
    O(n log n); places that many points share are looked at once.

    References
    ----------
    Satopää, V., Albrecht, J., Irwin, D. & Raghavan, B. (2011). Finding a "kneedle" in a haystack.
    ICDCS Workshops, 166–171.
    """
    points = finite_points(xy)
    if k < 1:
        raise RefusedError(N_("the first neighbour is the point itself: choose 1 or more"), where="k")
    if len(points) < k:
        raise InfeasibleError(
            N_("{count:,} firms have no neighbour number {k:,}"),
            hint=N_("choose fewer firms to a cluster"),
            where="k",
            count=len(points),
            k=k,
        )
    places, counts = np.unique(points, axis=0, return_counts=True)
    # Whoever shares a place with k − 1 others has the k-th neighbour there: nothing to search.
    distance = np.zeros(len(places))
    alone = counts < k
    if alone.any():
        # Among any k places the k-th neighbour is found, shared or not.
        reach = min(k, len(places))
        tree = cKDTree(places)
        sought = np.flatnonzero(alone)
        for start in range(0, len(sought), 50_000):
            some = sought[start : start + 50_000]
            gaps, near = tree.query(places[some], k=np.arange(1, reach + 1))
            enough = np.argmax(np.cumsum(counts[near], axis=1) >= k, axis=1)
            distance[some] = gaps[np.arange(len(some)), enough]
    rising = np.sort(np.repeat(distance, counts))
    low, high = rising[0], rising[-1]
    if len(rising) < 3 or high == low:
        return NeighbourDistances(distances_m=rising, knee_m=float("nan"), knee_share=float("nan"))
    bend = np.linspace(0, 1, len(rising)) - (rising - low) / (high - low)
    knee = int(np.argmax(bend))
    if bend[knee] <= 0 or rising[knee] == 0:
        return NeighbourDistances(distances_m=rising, knee_m=float("nan"), knee_share=float("nan"))
    share = float(np.searchsorted(rising, rising[knee], side="right") / len(rising))
    return NeighbourDistances(distances_m=rising, knee_m=float(rising[knee]), knee_share=share)


def adjusted_rand(
    one: NDArray[np.int64], other: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> float:
    """Agreement of two labellings: 1 the same, about 0 as by chance (Hubert & Arabie 1985).

    Noise (−1) counts as one group of its own, as scikit-learn's function does when it is given
    −1: points that are noise in both agree. Two labellings without any pair to disagree on
    (all in one group, or each alone, in both) agree: 1. A point with a weight, a whole number,
    counts as so many points. O(n) when groups are few against points, else O(n log n).
    """
    width = int(other.max(initial=-1)) + 2
    groups = ((one + 1) * width + other + 1, one + 1, other + 1)
    both, mine, theirs = (_pairs_within(group, weights) for group in groups)
    count = float(len(one) if weights is None else weights.sum())
    total = count * (count - 1) / 2
    if total == 0:
        return 1.0
    chance = mine * theirs / total
    most = (mine + theirs) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def _pairs_within(group: NDArray[np.int64], weights: NDArray[np.float64] | None) -> float:
    """Pairs of points that share a group."""
    if group.max(initial=0) > 4 * len(group):  # numbers far apart: no table of that size is made
        group = np.unique(group, return_inverse=True)[1].reshape(-1)
    sizes = np.bincount(group, weights).astype(np.float64)
    return float((sizes * (sizes - 1)).sum()) / 2


def sensitivity(
    xy: ArrayLike,
    radii_m: Sequence[float],
    min_points: Sequence[int],
    chosen: tuple[float, int] | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Clusters for each radius and smallest number, to see whether they hold or are an artefact.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        East and north, metres; n at least 1.
    radii_m : sequence of float
    min_points : sequence of int
    chosen : (float, int), optional
        Radius and smallest number that the others are compared with; without it the middle ones.
    cancelled : callable, optional
        As for `dbscan`.
    progress : callable, optional
        Told before each setting what share of them is done, 0–1; it may raise to stop the work.

    Returns
    -------
    DataFrame
        A row for each pair, radii rising, then numbers rising: `radius_m`, `min_points`,
        `clusters` (Int64), `noise_share` and `largest_share` (of all points, 0–1), `rand_chosen`
        (adjusted Rand index against the chosen pair) and `rand_neighbours` (the mean of it
        against the pairs one step away in the table; NaN where there is none). A setting that
        needs too much work has empty cells.

    Raises
    ------
    RefusedError, InfeasibleError, CancelledError
        As `dbscan` for the chosen setting; `RefusedError` also without a point, a radius or a number.

    Notes
    -----
    The index counts noise as one group (`adjusted_rand`), so that much common noise lifts it.
    Places are collapsed and sorted once for all settings: O(n log n) and then O(m) a setting on
    m places, see `dbscan`.
    """
    points = finite_points(xy)
    radii, numbers = sorted(set(map(float, radii_m))), sorted(set(map(int, min_points)))
    if not len(points) or not radii or not numbers:
        raise RefusedError(N_("a table of settings needs firms, a radius and a smallest number"))
    places, counts = np.unique(points, axis=0, return_counts=True)
    weight = counts.astype(np.float64)
    setting = chosen or (radii[(len(radii) - 1) // 2], numbers[(len(numbers) - 1) // 2])
    asked = [(radius, number) for radius in radii for number in numbers]
    labels: dict[tuple[float, int], NDArray[np.int64] | None] = {}
    for done, (radius, number) in enumerate([setting, *(one for one in asked if one != setting)]):
        if progress is not None:
            progress(done / (len(asked) + 1))
        try:
            found = dbscan(places, radius, number, weight, cancelled=cancelled)
        except InfeasibleError:
            if done == 0:
                raise
            found = None
        labels[radius, number] = found
    rows = []
    for i, radius in enumerate(radii):
        for j, number in enumerate(numbers):
            around = [
                labels[radii[a], numbers[b]]
                for a, b in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1))
                if 0 <= a < len(radii) and 0 <= b < len(numbers)
            ]
            told = _one_setting(labels[radius, number], labels[setting], around, weight)
            rows.append({"radius_m": radius, "min_points": number, **told})
    return pd.DataFrame(rows).astype(dict.fromkeys(_FIGURES, "float64") | {"clusters": "Int64"})


def _one_setting(
    mine: NDArray[np.int64] | None,
    chosen: NDArray[np.int64] | None,
    around: Sequence[NDArray[np.int64] | None],
    weight: NDArray[np.float64],
) -> dict[str, float | None]:
    if mine is None or chosen is None:
        return dict.fromkeys(_FIGURES)
    sizes = np.bincount(mine + 1, weight, minlength=1)  # what is in no cluster comes first
    near = [adjusted_rand(mine, other, weight) for other in around if other is not None]
    values = (
        len(sizes) - 1,
        sizes[0] / weight.sum(),
        sizes[1:].max(initial=0) / weight.sum(),
        adjusted_rand(mine, chosen, weight),
        float(np.mean(near)) if near else float("nan"),
    )
    return dict(zip(_FIGURES, map(float, values), strict=True))
