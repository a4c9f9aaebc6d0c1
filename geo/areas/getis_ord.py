"""Getis and Ord's G: where high or low values gather."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geo.areas.permutation import Tail, conditional_p, fdr
from geo.areas.weights import Weights, known_values
from geo.errors import N_, InfeasibleError
from geo.patterns.window import Progress

__all__ = ["GetisOrd", "getis_ord", "getis_ord_general"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GetisOrd:
    """Gi* or Gi of each area.

    Attributes
    ----------
    table : DataFrame by label
        value; z (standardised G: above 0 high values gather, below 0 low ones); p_value by conditional
        permutation; p_fdr (Benjamini–Hochberg over the areas). ``nan`` where unknown: p of islands,
        z of islands for Gi, and z of an area whose neighbours are all areas.
    star : bool
        Whether the area counts as its own neighbour (Gi*).
    islands : tuple of labels
    tail : str
    draws, seed : int
    weights : Weights
    """

    table: pd.DataFrame
    star: bool
    islands: tuple[Hashable, ...]
    tail: Tail
    draws: int
    seed: int
    weights: Weights


def getis_ord(
    values: ArrayLike,
    weights: Weights,
    *,
    star: bool = True,
    draws: int = 999,
    seed: int = 0,
    tail: Tail = "two-sided",
    progress: Progress | None = None,
) -> GetisOrd:
    """Compute Gi* (or Gi) as z-scores, with permutation chances.

    Parameters
    ----------
    values : array_like of shape (n,)
        Of the areas in the order of `weights`.
    weights : Weights
        Binary and row-standardised give the same: a scale cancels.
    star : bool
        Gi*: the area itself is in its neighbourhood, with the weight of a neighbour.
    draws, seed, tail, progress
        As `geo.areas.moran.moran`.

    Raises
    ------
    InfeasibleError
        With fewer than 4 areas, unknown values, values that are all the same, or no links.

    Notes
    -----
    z = (Σ w y − W ȳ) / (s √((n S1 − W²)/(n − 1))), W = Σ w, S1 = Σ w², s² = Σ y²/n − ȳ²; for Gi the
    area itself is left out of mean, s and n. O(links + draws · n).

    References
    ----------
    Ord, J. K. & Getis, A. (1995). Local spatial autocorrelation statistics: distributional issues and
    an application. Geographical Analysis 27, 286–306.
    """
    y = known_values(values, weights, 4)
    n = len(y)
    centred = y - y.mean()  # the same score, with less lost to rounding
    k = weights.neighbours.astype(np.float64)
    total = (weights.matrix != 0).astype(np.float64) @ centred
    if star:
        k, total, m = k + 1, total + centred, n
        mean, variance = np.zeros(n), np.full(n, (centred**2).sum() / n)
    else:
        m = n - 1
        mean = (centred.sum() - centred) / m
        variance = ((centred**2).sum() - centred**2) / m - mean**2
    spread = variance * (m * k - k**2) / (m - 1)
    is_known = (spread > 1e-20 * (centred**2).sum()) & (k > 0)
    z = np.full(n, np.nan)
    z[is_known] = (total - k * mean)[is_known] / np.sqrt(spread[is_known])
    p = conditional_p(y, weights, draws=draws, seed=seed, tail=tail, progress=progress)
    table = pd.DataFrame(
        {"value": y, "z": z, "p_value": p, "p_fdr": fdr(p)},
        index=pd.Index(weights.ids, tupleize_cols=False),
    )
    return GetisOrd(
        table=table, star=star, islands=weights.islands, tail=tail, draws=draws, seed=seed, weights=weights
    )


def getis_ord_general(values: ArrayLike, weights: Weights) -> float:
    """Compute the global G = Σ w_ij y_i y_j / Σ_{i≠j} y_i y_j of values that are not negative.

    Parameters
    ----------
    values : array_like of shape (n,)
    weights : Weights
        Binary: G is then the share of all products that lies between neighbours.

    Raises
    ------
    InfeasibleError
        As `getis_ord`; and on negative values, or a single area with a value above 0.

    References
    ----------
    Getis, A. & Ord, J. K. (1992). The analysis of spatial association by use of distance statistics.
    Geographical Analysis 24, 189–206.
    """
    y = known_values(values, weights, 2)
    if (y < 0).any() or (y > 0).sum() < 2:
        raise InfeasibleError(
            N_("the general G needs values of at least two areas above zero and none below"),
            hint=N_("use Moran’s I for values with a sign"),
        )
    return float(y @ (weights.matrix @ y) / (y.sum() ** 2 - (y**2).sum()))
