"""Chances by reshuffling values over areas, and their correction for many areas."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import false_discovery_control

from geo.areas.sizes import Floats
from geo.areas.weights import Weights
from geo.errors import N_
from geo.patterns.window import Progress

__all__ = ["Tail", "conditional_p", "draws_to_pass", "fdr", "rank_p"]

Tail = Literal["two-sided", "folded", "greater", "less"]
"""``folded`` is the smaller one-sided p, as the pseudo p of GeoDa and PySAL: half of ``two-sided``."""


def rank_p(as_large: ArrayLike, as_small: ArrayLike, draws: int, tail: Tail) -> Floats:
    """Turn numbers of draws at least as large and at least as small into p, (count + 1)/(draws + 1).

    References
    ----------
    North, B. V. et al. (2002). A note on the calculation of empirical P values from Monte Carlo
    procedures. American Journal of Human Genetics 71, 439–441.
    """
    large, small = ((np.asarray(count) + 1) / (draws + 1) for count in (as_large, as_small))
    if tail == "greater":
        return np.asarray(large)
    if tail == "less":
        return np.asarray(small)
    folded = np.minimum(large, small)
    return np.asarray(folded if tail == "folded" else np.minimum(1.0, 2 * folded))


def conditional_p(
    y: Floats,
    weights: Weights,
    *,
    draws: int,
    seed: int,
    tail: Tail,
    flip: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Chance of a neighbourhood's sum when all values but the area's own are reshuffled.

    Parameters
    ----------
    y : ndarray of shape (n,)
    weights : Weights
        With equal weights in a row, only the number of neighbours counts.
    flip : ndarray of shape (n,), bool, optional
        Areas where a statistic falls as the sum rises (local Moran below the mean).

    Returns
    -------
    ndarray of shape (n,)
        ``nan`` for islands.

    Notes
    -----
    Local Moran, Gi and Gi* rise or fall with this sum, so their conditional chances are the same.
    A draw is one shuffle of all values: the first k of it without the area's own are k of the
    others at random, and running sums give them for all areas at once, O(draws · n) whatever k.
    Values are drawn from their sorted list, so the order of the rows does not matter.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27, 93–115.
    """
    n, k = len(y), weights.neighbours
    observed = (weights.matrix != 0).astype(np.float64) @ y
    stock = np.sort(y)
    own = np.searchsorted(stock, y)  # equal values stand for each other
    slack = 1e-12 * np.abs(y).sum()
    as_large, as_small = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    chance, position = np.random.default_rng(seed), np.empty(n, dtype=np.intp)
    for draw in range(draws):
        if progress is not None and draw % 50 == 0:
            progress(draw / draws, N_("values reshuffled over the areas"))
        shuffled = chance.permutation(n)
        position[shuffled] = np.arange(n)
        running = np.append(0.0, np.cumsum(stock[shuffled]))
        among = position[own] < k
        drawn = np.where(among, running[np.minimum(k + 1, n)] - y, running[k])
        as_large += drawn >= observed - slack
        as_small += drawn <= observed + slack
    if flip is not None:
        as_large, as_small = np.where(flip, as_small, as_large), np.where(flip, as_large, as_small)
    return np.where(k > 0, rank_p(as_large, as_small, draws, tail), np.nan)


def fdr(p_values: ArrayLike) -> Floats:
    """Adjust p-values so that, of what is called significant below α, about a share α is chance.

    Parameters
    ----------
    p_values : array_like of shape (n,)
        ``nan`` stays so and does not count.

    Returns
    -------
    ndarray of shape (n,)

    Notes
    -----
    From few draws the smallest p is too large for a few areas of many to pass: see `draws_to_pass`.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the Royal
    Statistical Society B 57, 289–300.
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        adjusted[known] = false_discovery_control(p[known])
    return adjusted


def draws_to_pass(areas: int, *, alpha: float = 0.05, tail: Tail = "two-sided") -> int:
    """Tell how many draws let a single area of many stay significant after `fdr`.

    Parameters
    ----------
    areas : int
        Number of areas tested, at least 1.
    alpha : float
        Above 0.
    tail : {"two-sided", "folded", "greater", "less"}

    Returns
    -------
    int
        m with floor ≤ α/n, the floor of p being 1/(m + 1), or twice that if two-sided. With 999 draws
        over 2,900 counties a hot spot of fewer than 116 of them can never pass.
    """
    floor = 2 if tail == "two-sided" else 1
    return max(1, math.ceil(floor * areas / alpha) - 1)
