"""Clusters by density: exact, in the plane, and independent of the order of the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.errors import N_, InfeasibleError, RefusedError

__all__ = ["MEMORY_LIMIT_BYTES", "TEST_LIMIT", "dbscan", "finite_points", "is_ready", "neighbour_pairs"]

TEST_LIMIT = 2e10
"""Distance tests after which the grid gives up: about 20 seconds of work."""
MEMORY_LIMIT_BYTES = 2_000_000_000
"""Without the grid: neighbour lists larger than this are refused before they are made."""
_BYTES_PER_PAIR = 16
_SAMPLE = 500


def dbscan(
    xy: ArrayLike,
    radius_m: float,
    min_points: int,
    weights: ArrayLike | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.int64]:
    """Label points by density (DBSCAN) so that no label depends on row order.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        East and north, metres.
    radius_m : float
        Points at most this far apart (ends included) are neighbours. Growing it merges clusters.
    min_points : int
        A core point has at least this many neighbours, itself included; with `weights`,
        at least this sum of weights. Growing it turns points into noise.
    weights : array_like of shape (n,), optional
        Weight of each point, not negative.
    cancelled : callable, optional
        Asked about every million points; the work ends when it says yes.

    Returns
    -------
    ndarray of shape (n,), int64
        Cluster of each point, −1 for noise.

    Raises
    ------
    RefusedError
        If a coordinate or weight is no finite number, or a weight or the radius is negative.
    InfeasibleError
        If the grid needs more than `TEST_LIMIT` distance tests, or, where numba is missing,
        the neighbour lists would not fit into `MEMORY_LIMIT_BYTES`.
    CancelledError
        If `cancelled` says so.

    Notes
    -----
    Core points, noise and the partition of the core points are those of Ester et al.
    What their text leaves to the order of the rows is settled here: a border point within
    reach of several clusters joins that of its nearest core point (ties: the core point with
    the smaller x, then the smaller y), and clusters are numbered by their western-most core
    point (ties: smaller y).

    The work is done on a grid (`geo.density_grid`): O(n) for a bounded number of points in a
    cell that is not core as a whole. Where numba is missing or refuses to load, scikit-learn
    does it: same labels, places collapsed first, O(m log m) time and O(m · k) memory for m
    places with k neighbours. The first call of an installation compiles the grid's code.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. & Xu, X. (1996). A density-based algorithm for
    discovering clusters in large spatial databases with noise. KDD-96, 226–231.
    Gunawan, A. (2013). A faster algorithm for DBSCAN. Master's thesis, TU Eindhoven: the grid.
    """
    points = finite_points(xy)
    if not radius_m >= 0:
        raise RefusedError(N_("a radius is a number that is not negative"), where="radius_m")
    if len(points) == 0:
        return np.empty(0, dtype=np.int64)
    weight = None
    if weights is not None:
        weight = np.require(weights, np.float64, ["C", "W"])
        if weight.shape != (len(points),) or not (np.isfinite(weight) & (weight >= 0)).all():
            raise RefusedError(
                N_("each point needs a weight that is a number and not negative"), where="weights"
            )
        if not weight.any():
            return np.full(len(points), -1, dtype=np.int64)
        if (weight % 1).any():
            # Fractions are summed in one order, whatever the order of the rows.
            order = np.lexsort((weight, points[:, 1], points[:, 0]))
            labels = np.empty(len(points), dtype=np.int64)
            labels[order] = _label(points[order], radius_m, min_points, weight[order], cancelled)
            return labels
    return _label(points, radius_m, min_points, weight, cancelled)


def is_ready() -> bool:
    """Whether `dbscan` can begin at once; no, where the grid's code is to be compiled first."""
    try:
        from geo import density_grid
    except ImportError:  # scikit-learn needs no preparation
        return True
    return density_grid.is_compiled()


def finite_points(xy: ArrayLike) -> NDArray[np.float64]:
    """Return coordinates as a contiguous (n, 2) array, or refuse those that are no places. O(n).

    Raises
    ------
    RefusedError
        If a coordinate is missing or infinite.
    """
    # Writable too: the grid's code would be compiled once more for an array that is not.
    points: NDArray[np.float64] = np.require(xy, np.float64, ["C", "W"]).reshape(-1, 2)
    if not np.isfinite(points).all():
        wrong = len(points) - int(np.isfinite(points).all(axis=1).sum())
        raise RefusedError(
            N_("{wrong:,} of {count:,} points have no place: a coordinate is missing or infinite"),
            hint=N_("leave out the firms without a place"),
            where="xy",
            wrong=wrong,
            count=len(points),
        )
    return points


def _label(
    points: NDArray[np.float64],
    radius_m: float,
    min_points: int,
    weight: NDArray[np.float64] | None,
    cancelled: Callable[[], bool] | None,
) -> NDArray[np.int64]:
    try:
        from geo import density_grid as grid  # loads numba: half a second that only clusters cost
    except ImportError:
        return _label_by_trees(points, radius_m, min_points, weight)
    try:
        labels = grid.label_points(points, radius_m, min_points, weight, TEST_LIMIT, cancelled)
    except grid.TooManyTests:
        raise InfeasibleError(
            N_(
                "a radius of {radius:g} m and {least:g} firms to a cluster need more than {limit:,.0f} "
                "comparisons of two places"
            ),
            hint=N_("choose a smaller radius, fewer firms to a cluster, or one industry or county"),
            where="radius_m",
            code="TOO_LARGE",
            radius=radius_m,
            least=min_points,
            limit=TEST_LIMIT,
        ) from None
    return _label_by_trees(points, radius_m, min_points, weight) if labels is None else labels


def _label_by_trees(
    points: NDArray[np.float64],
    radius_m: float,
    min_points: int,
    weight: NDArray[np.float64] | None,
) -> NDArray[np.int64]:
    # Sorted by x, then y: from here on an index is also the rank "from the west".
    places, place_of = np.unique(points, axis=0, return_inverse=True)
    place_of = place_of.reshape(-1)
    place_weight = np.bincount(place_of, weights=weight, minlength=len(places)).astype(np.float64)
    _refuse_if_too_dense(places, radius_m)

    from sklearn.cluster import DBSCAN  # a second to load, which other work need not wait for

    # The library refuses a radius of 0, at which only one place is a neighbour of itself.
    eps = radius_m or float(np.nextafter(0, 1))
    model = DBSCAN(eps=eps, min_samples=max(1, min_points), algorithm="kd_tree")
    model.fit(places, sample_weight=place_weight)
    core = np.zeros(len(places), dtype=bool)
    core[model.core_sample_indices_] = True
    labels = np.full(len(places), -1, dtype=np.int64)
    if core.any():
        # Rows are sorted from the west, so first appearance is the wanted order.
        _, first, renamed = np.unique(model.labels_[core], return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        labels[core] = rank[renamed.reshape(-1)]
        border = np.flatnonzero(~core & (model.labels_ >= 0))
        labels[border] = labels[_nearest_core(places, np.flatnonzero(core), border, radius_m)]
    return labels[place_of]


def neighbour_pairs(xy: NDArray[np.float64], radius_m: float) -> float:
    """Estimate how many ordered neighbour pairs a radius makes, from a fixed sample.

    O(s log n) for a sample of s = 500 points; off by 1–25 % on firm data.
    """
    step = max(1, len(xy) // _SAMPLE)
    sample = xy[::step]
    found = cKDTree(xy).query_ball_point(sample, radius_m, return_length=True)
    return float(np.mean(found)) * len(xy)


def _refuse_if_too_dense(places: NDArray[np.float64], radius_m: float) -> None:
    if len(places) ** 2 * _BYTES_PER_PAIR <= MEMORY_LIMIT_BYTES:
        return
    need = neighbour_pairs(places, radius_m) * _BYTES_PER_PAIR
    if need > MEMORY_LIMIT_BYTES:
        raise InfeasibleError(
            N_(
                "a radius of {radius:g} m gives {places:,} places some {pairs:,.0f} neighbour pairs, "
                "{need:.1f} GB where {limit:.1f} GB are allowed"
            ),
            hint=N_("choose a smaller radius, or fewer firms (one industry, one county)"),
            where="radius_m",
            code="TOO_LARGE",
            radius=radius_m,
            places=len(places),
            pairs=need / _BYTES_PER_PAIR,
            need=need / 1e9,
            limit=MEMORY_LIMIT_BYTES / 1e9,
        )


def _nearest_core(
    places: NDArray[np.float64], core: NDArray[np.int64], border: NDArray[np.int64], radius_m: float
) -> NDArray[np.int64]:
    """Index of the nearest core place of each border place; ties go to the western, southern one."""
    if border.size == 0:
        return border
    tree = cKDTree(places[core])
    # A whisker more than the radius: the tree rounds differently from the model's own tree.
    near = tree.query_ball_point(places[border], radius_m * (1 + 1e-9), return_sorted=True)
    counts = np.fromiter((len(found) for found in near), dtype=np.int64, count=len(near))
    candidates = core[np.concatenate([np.asarray(found, dtype=np.int64) for found in near])]
    owner = np.repeat(np.arange(len(border)), counts)
    gap = places[candidates] - places[border][owner]
    squared = gap[:, 0] ** 2 + gap[:, 1] ** 2
    order = np.lexsort((candidates, squared, owner))
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    nearest: NDArray[np.int64] = candidates[order][starts]
    return nearest
