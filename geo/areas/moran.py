"""Moran's I: do neighbouring areas have similar values, in all and around each one."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from geo.areas.permutation import Tail, conditional_p, fdr, rank_p
from geo.areas.sizes import Floats
from geo.areas.weights import Weights, canonical_order, known_values
from geo.errors import N_
from geo.patterns.window import Progress

__all__ = ["LocalMoran", "Moran", "local_moran", "moran"]

_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moran:
    """Global I with its chances.

    Attributes
    ----------
    i, expected : float
        Above `expected` = −1/(n − 1) neighbours are alike.
    variance, z, p_normal : float
        Under randomisation, and the two-sided normal p: a guide where values are not too skewed.
    p_value : float
        From the rank among the draws.
    tail : str
    draws, seed : int
    areas : int
        n, islands among them: their values count in mean and variance, and they have no neighbours.
    islands : tuple of labels
    weights : Weights
    """

    i: float
    expected: float
    variance: float
    z: float
    p_normal: float
    p_value: float
    tail: Tail
    draws: int
    seed: int
    areas: int
    islands: tuple[Hashable, ...]
    weights: Weights


def moran(
    values: ArrayLike,
    weights: Weights,
    *,
    draws: int = 999,
    seed: int = 0,
    tail: Tail = "two-sided",
    progress: Progress | None = None,
) -> Moran:
    """Compute I = (n / S0) Σ w_ij (y_i − ȳ)(y_j − ȳ) / Σ (y_i − ȳ)².

    Parameters
    ----------
    values : array_like of shape (n,)
        Of the areas in the order of `weights`: rates or location quotients rather than totals, as
        large areas have large totals.
    weights : Weights
    draws, seed : int
        Shuffles of the values over all areas.
    tail : {"two-sided", "folded", "greater", "less"}
    progress : callable, optional
        Told a share 0–1 and a sentence; raises to stop.

    Raises
    ------
    InfeasibleError
        With fewer than 4 areas, unknown values, values that are all the same, or no links.

    Notes
    -----
    The same for any order of the rows if `weights` has labels. O(draws · links).

    References
    ----------
    Moran, P. A. P. (1950). Notes on continuous stochastic phenomena. Biometrika 37, 17–23.
    Cliff, A. D. & Ord, J. K. (1981). Spatial Processes, pp. 42–46.
    """
    y = known_values(values, weights, 4)
    order = canonical_order(weights)
    matrix, z = csr_array(weights.matrix[order][:, order]), (y - y.mean())[order]
    scale = float(len(z) / matrix.sum() / (z @ z))
    observed = float(z @ (matrix @ z)) * scale
    drawn = _shuffled(matrix, z, draws, seed, progress) * scale
    slack = 1e-12
    p = rank_p((drawn >= observed - slack).sum(), (drawn <= observed + slack).sum(), draws, tail)
    expected, variance = -1 / (len(z) - 1), _variance(matrix, z)
    score = (observed - expected) / math.sqrt(variance) if variance > 0 else math.nan
    return Moran(
        i=observed,
        expected=expected,
        variance=variance,
        z=score,
        p_normal=math.erfc(abs(score) / math.sqrt(2)),
        p_value=float(p),
        tail=tail,
        draws=draws,
        seed=seed,
        areas=len(z),
        islands=weights.islands,
        weights=weights,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalMoran:
    """Local I of each area.

    Attributes
    ----------
    table : DataFrame by label
        value; lag (sum, or with row-standardised weights mean, of the neighbours); local_i; quadrant
        (high-high, low-low, high-low, low-high, own value first; empty for islands, and
        where a side is at the mean);
        p_value; p_fdr (Benjamini–Hochberg over the areas). ``nan`` for islands.
    islands : tuple of labels
    tail : str
    draws, seed : int
    weights : Weights
    """

    table: pd.DataFrame
    islands: tuple[Hashable, ...]
    tail: Tail
    draws: int
    seed: int
    weights: Weights


def local_moran(
    values: ArrayLike,
    weights: Weights,
    *,
    draws: int = 999,
    seed: int = 0,
    tail: Tail = "two-sided",
    progress: Progress | None = None,
) -> LocalMoran:
    """Compute I_i = z_i Σ_j w_ij z_j / m₂, with z = y − ȳ and m₂ = Σ z² / n.

    Parameters, errors and order as `moran`; chances by conditional permutation (`conditional_p`).

    Notes
    -----
    Row-standardised, the mean over the areas with neighbours is the global I. PySAL divides by n − 1
    in m₂, which makes its I_i smaller by (n − 1)/n and leaves p as it is. O(draws · n).

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27, 93–115.
    """
    y = known_values(values, weights, 4)
    z, is_island = y - y.mean(), weights.neighbours == 0
    around = weights.matrix @ z
    local = z * around / (z @ z / len(z))
    p = conditional_p(y, weights, draws=draws, seed=seed, tail=tail, flip=z < 0, progress=progress)
    # Rounding may leave a value beside the mean that is equal to it.
    rounding = 1e-12 * np.abs(y).max()
    at_mean = np.abs(z) <= rounding
    p[at_mean & ~is_island] = 1.0
    names = np.array(["low-low", "low-high", "high-low", "high-high"], dtype=object)
    quadrant = names[2 * (z > 0) + (around > 0)]
    quadrant[is_island | at_mean | (np.abs(around) <= rounding * np.maximum(weights.neighbours, 1))] = ""
    table = pd.DataFrame(
        {
            "value": y,
            "lag": np.where(is_island, np.nan, weights.matrix @ y),
            "local_i": np.where(is_island, np.nan, local),
            "quadrant": quadrant,
            "p_value": p,
            "p_fdr": fdr(p),
        },
        index=pd.Index(weights.ids, tupleize_cols=False),
    )
    return LocalMoran(
        table=table, islands=weights.islands, tail=tail, draws=draws, seed=seed, weights=weights
    )


def _shuffled(matrix: csr_array, z: Floats, draws: int, seed: int, progress: Progress | None) -> Floats:
    """Return Σ w z z of each draw, in blocks that bound the memory."""
    chance, found = np.random.default_rng(seed), np.empty(draws)
    block = max(1, _BLOCK // len(z))
    for start in range(0, draws, block):
        if progress is not None:
            progress(start / draws, N_("values reshuffled over the areas"))
        many = np.stack([chance.permutation(z) for _ in range(min(block, draws - start))], axis=1)
        found[start : start + many.shape[1]] = (many * (matrix @ many)).sum(axis=0)
    return found


def _variance(matrix: csr_array, z: Floats) -> float:
    """Variance of I under randomisation (Cliff and Ord, eq. 2.37)."""
    n, s0 = len(z), float(matrix.sum())
    s1 = float((csr_array(matrix + matrix.T) ** 2).sum() / 2)
    s2 = float(((matrix.sum(axis=0) + matrix.sum(axis=1)) ** 2).sum())
    kurtosis = n * float((z**4).sum()) / float(z @ z) ** 2
    even = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    skewed = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    return (even - skewed) / ((n - 1) * (n - 2) * (n - 3) * s0**2) - 1 / (n - 1) ** 2
