"""Which areas are neighbours: shared borders, the nearest k, or a distance; binary or row-standardised."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geo.areas.sizes import Floats
from geo.errors import N_, InfeasibleError
from geo.patterns.window import as_points

__all__ = ["Weights", "contiguity", "distance_band", "nearest_neighbours"]

Rule = Literal["queen", "rook", "nearest", "distance"]
_MOST_LINKS = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """Spatial weights w_ij of n areas; no area is its own neighbour.

    Attributes
    ----------
    matrix : csr_array of shape (n, n)
        In each row equal weights: 1, or one over the number of neighbours.
    ids : tuple of n labels
        One of each; they give names to islands and make seeded results independent of the row order.
    rule : {"queen", "rook", "nearest", "distance"}
    parameter : float
        The k of ``nearest``; otherwise metres: the reach, or the gap that still counts as touching.
    standardised : {"binary", "row"}
    """

    matrix: csr_array
    ids: tuple[Hashable, ...]
    rule: Rule
    parameter: float
    standardised: Literal["binary", "row"] = "binary"

    @property
    def neighbours(self) -> NDArray[np.int64]:
        """Number of neighbours of each area, shape (n,)."""
        return np.asarray(np.diff(self.matrix.indptr), dtype=np.int64)

    @property
    def islands(self) -> tuple[Hashable, ...]:
        """Labels of the areas without neighbours."""
        return tuple(self.ids[at] for at in np.flatnonzero(self.neighbours == 0))

    @property
    def island_names(self) -> str:
        """First five islands, for a sentence; empty where there are none."""
        names = [str(label) for label in self.islands]
        return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")

    def row_standardised(self) -> Weights:
        """Divide each row by its sum, so that neighbours are averaged; islands stay at 0."""
        share = 1 / np.maximum(np.repeat(self.neighbours, self.neighbours), 1)
        matrix = csr_array((share, self.matrix.indices, self.matrix.indptr), shape=self.matrix.shape)
        return replace(self, matrix=matrix, standardised="row")

    def among(self, chosen: ArrayLike) -> Weights:
        """Keep some areas and the links between them; those that lose all theirs are islands then.

        Parameters
        ----------
        chosen : array_like of shape (n,), bool
            Such as the areas whose value is known.
        """
        at = np.flatnonzero(np.asarray(chosen, dtype=bool))
        matrix = csr_array(self.matrix[at][:, at])
        matrix.data[:] = 1.0
        kept = replace(self, matrix=matrix, ids=tuple(self.ids[i] for i in at), standardised="binary")
        return kept.row_standardised() if self.standardised == "row" else kept


def contiguity(
    shapes: ArrayLike,
    *,
    ids: Sequence[Hashable] | None = None,
    rule: Literal["queen", "rook"] = "queen",
    gap_m: float = 0.0,
) -> Weights:
    """Neighbours by shared border.

    Parameters
    ----------
    shapes : array_like of n Polygon or MultiPolygon
        Metres.
    ids : sequence of n labels, optional
        0 to n − 1 where none are given.
    rule : {"queen", "rook"}
        ``queen``: any shared point; ``rook``: a shared stretch of border. Overlapping areas touch.
    gap_m : float
        With ``queen``: areas up to so far apart touch too. Drawn towns leave slits, and the corners
        of computed hexagons differ by nanometres.

    Returns
    -------
    Weights
        Binary and symmetric.

    Raises
    ------
    InfeasibleError
        If labels are not unique, or a gap is asked for with ``rook``.

    Notes
    -----
    Looks at the borders themselves, not at shared vertices. O(n log n) and the tests of pairs.
    """
    if gap_m < 0 or (gap_m and rule == "rook"):
        raise InfeasibleError(
            N_("a gap between areas can be bridged only by the rule “queen”, and cannot be negative"),
            hint=N_("use “queen”, or a gap of 0"),
        )
    areas = np.asarray(shapes, dtype=object).reshape(-1)
    tree = shapely.STRtree(areas)
    i, j = (
        tree.query(areas, predicate="dwithin", distance=gap_m) if gap_m else tree.query(areas, "intersects")
    )
    once = i < j
    i, j = i[once], j[once]
    if rule == "rook":
        long = shapely.length(shapely.intersection(areas[i], areas[j])) > 0
        i, j = i[long], j[long]
    return _weights(np.r_[i, j], np.r_[j, i], len(areas), ids, rule, gap_m)


def nearest_neighbours(xy: ArrayLike, k: int, *, ids: Sequence[Hashable] | None = None) -> Weights:
    """Give each area its k nearest others.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        A point of each area, metres.
    k : int
        From 1 to n − 1.
    ids : sequence of n labels, optional

    Returns
    -------
    Weights
        Binary; not symmetric as a rule. Among equally near ones smaller x, then y, then label count first.

    Raises
    ------
    InfeasibleError
        If there are not more than k areas, or labels are not unique.

    Notes
    -----
    k-d tree, O(n k log n).
    """
    points = as_points(xy)
    n = len(points)
    if not 1 <= k < n:
        raise InfeasibleError(
            N_("{count} areas do not have {rank} neighbours each"),
            hint=N_("choose fewer neighbours, or more areas"),
            code="TOO_FEW",
            count=n,
            rank=k,
        )
    labels = _labels(ids, n)
    # Sorted like this, a smaller position wins a tie.
    order = np.lexsort((_label_order(labels), points[:, 1], points[:, 0]))
    ordered = points[order]
    tree, found, left, fetch = cKDTree(ordered), np.empty((n, k), dtype=np.intp), np.arange(n), k + 9
    while len(left):
        fetch = min(fetch, n)
        distance, other = tree.query(ordered[left], k=fetch)
        distance[other == left[:, None]] = np.inf  # not oneself
        rank = np.lexsort((other, distance), axis=-1)
        distance, other = (np.take_along_axis(values, rank, axis=1) for values in (distance, other))
        found[left] = other[:, :k]
        # The last one fetched (before oneself, now at the end) may hide others as near as the k-th.
        is_open = (distance[:, k - 1] >= distance[:, :-1].max(axis=1)) & (fetch < n)
        left, fetch = left[is_open], fetch * 4
    return _weights(np.repeat(order, k), order[found.reshape(-1)], n, labels, "nearest", k)


def distance_band(xy: ArrayLike, reach_m: float, *, ids: Sequence[Hashable] | None = None) -> Weights:
    """Give each area all others at most `reach_m` away.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        A point of each area, metres.
    reach_m : float
        Exactly so far counts.
    ids : sequence of n labels, optional

    Returns
    -------
    Weights
        Binary and symmetric.

    Raises
    ------
    InfeasibleError
        If the reach makes more than 50 million links, or labels are not unique.

    Notes
    -----
    k-d tree, O(n log n + links).
    """
    points = as_points(xy)
    tree = cKDTree(points)
    links = int(tree.count_neighbors(tree, reach_m)) - len(points) if len(points) else 0
    if links > _MOST_LINKS:
        raise InfeasibleError(
            N_("areas up to {reach:.0f} m apart make {links} million links"),
            hint=N_("choose a smaller distance"),
            reach=reach_m,
            links=links // 1_000_000,
        )
    i, j = tree.query_pairs(reach_m, output_type="ndarray").T if len(points) else np.empty((2, 0), dtype=int)
    return _weights(np.r_[i, j], np.r_[j, i], len(points), ids, "distance", reach_m)


def _weights(
    i: ArrayLike, j: ArrayLike, n: int, ids: Sequence[Hashable] | None, rule: Rule, parameter: float
) -> Weights:
    rows, columns = np.asarray(i, dtype=np.int64), np.asarray(j, dtype=np.int64)
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    matrix.sort_indices()
    return Weights(matrix=matrix, ids=_labels(ids, n), rule=rule, parameter=float(parameter))


def _labels(ids: Sequence[Hashable] | None, n: int) -> tuple[Hashable, ...]:
    labels = tuple(range(n)) if ids is None else tuple(ids)
    if len(labels) != n or len(set(labels)) != n:
        raise InfeasibleError(
            N_("{count} areas need as many different labels, there are {total}"),
            hint=N_("give each area its own code"),
            count=n,
            total=len(set(labels)),
        )
    return labels


def _label_order(labels: tuple[Hashable, ...]) -> NDArray[np.intp]:
    """Rank of each label, by its text."""
    return np.argsort(np.argsort(np.array([str(label) for label in labels])))


def canonical_order(weights: Weights) -> NDArray[np.intp]:
    """Positions of the areas in the order of their labels, which no row order changes."""
    return np.argsort(np.array([str(label) for label in weights.ids]), kind="stable")


def known_values(values: ArrayLike, weights: Weights, fewest: int) -> Floats:
    """Return one known value for each area of `weights`.

    Raises
    ------
    InfeasibleError
        If one is unknown, there are fewer than `fewest`, all are the same, or no area has a neighbour.
    """
    y = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(y) != len(weights.ids):
        raise InfeasibleError(
            N_("there are {count} values for {total} areas"),
            hint=N_("give one value for each area, in the same order"),
            count=len(y),
            total=len(weights.ids),
        )
    unknown = np.flatnonzero(~np.isfinite(y))
    if len(unknown):
        raise InfeasibleError(
            N_("the values of {count} of {total} areas are unknown, “{example}” among them"),
            hint=N_("complete them, or leave those areas out and say how many"),
            code="UNKNOWN_SIZE",
            count=len(unknown),
            total=len(y),
            example=str(weights.ids[unknown[0]]),
        )
    if len(y) < fewest:
        raise InfeasibleError(
            N_("{count} areas are too few to be compared"),
            hint=N_("divide the study area into more areas, or take in its neighbours"),
            code="TOO_FEW",
            count=len(y),
        )
    if y.max() == y.min():
        raise InfeasibleError(
            N_("all areas have the same value, so none stands out"),
            hint=N_("choose another industry, area or measure of size"),
            code="TOO_FEW",
        )
    if not weights.matrix.nnz:
        raise InfeasibleError(
            N_("no area has a neighbour"),
            hint=N_("choose a larger distance, or count the nearest areas as neighbours"),
            code="TOO_FEW",
        )
    return y
