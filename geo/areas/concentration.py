"""How much of a total the largest hold: Herfindahl–Hirschman, CR_n, Gini, Shannon."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.areas.sizes import as_sizes
from geo.errors import N_, InfeasibleError

__all__ = ["Concentration", "concentration", "concentration_ratio", "gini", "hhi", "shannon_nat"]


def hhi(sizes: ArrayLike) -> float:
    """Herfindahl–Hirschman index Σ p², shares p from 0 to 1 (times 10,000 in competition law).

    Parameters
    ----------
    sizes : array_like of shape (n,)
        Of firms, or of one industry in n areas. O(n).

    Returns
    -------
    float
        From 1/n (all equal) to 1 (one holds all).

    Raises
    ------
    InfeasibleError
        If a size is unknown or negative, or all are zero.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54, 761.
    """
    values = as_sizes(sizes)
    return float(((values / values.sum()) ** 2).sum())


def concentration_ratio(sizes: ArrayLike, largest: int) -> float:
    """CR_n: share of the n largest in the total.

    Parameters
    ----------
    sizes : array_like of shape (m,)
    largest : int
        n, at least 1.

    Raises
    ------
    InfeasibleError
        With fewer than n sizes: the ratio would be 1 whatever they are. Else as `hhi`.
    """
    values = as_sizes(sizes)
    if not 1 <= largest <= len(values):
        raise InfeasibleError(
            N_("the share of the {largest} largest needs at least {largest} firms, there are {count}"),
            hint=N_("ask for fewer of the largest"),
            code="TOO_FEW",
            largest=largest,
            count=len(values),
        )
    return float(np.sort(values)[-largest:].sum() / values.sum())


def gini(sizes: ArrayLike) -> float:
    """Gini coefficient Σ (2i − n − 1) x_i / (n Σ x), sizes in rising order.

    Parameters
    ----------
    sizes : array_like of shape (n,)
        Errors and cost as `hhi`, and O(n log n).

    Returns
    -------
    float
        From 0 (all equal) to 1 − 1/n; not corrected for small n.

    Notes
    -----
    Over location quotients this is the unweighted locational Gini (``gini.conc`` of R's REAT),
    which counts a hamlet as much as a city: prefer `geo.areas.localisation.locational_gini`.
    """
    values = np.sort(as_sizes(sizes))
    n = len(values)
    return float(((2 * np.arange(1, n + 1) - n - 1) * values).sum() / (n * values.sum()))


def shannon_nat(sizes: ArrayLike) -> float:
    """Shannon's entropy −Σ p ln p in nats, from 0 (one holds all) to ln n. Errors and cost as `hhi`.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal 27.
    """
    values = as_sizes(sizes)
    shares = values / values.sum()
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum()) + 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Measures of one set of sizes.

    Attributes
    ----------
    count : int
        Sizes, zeros among them.
    hhi, hhi_normalised : float
        The second is (H − 1/n)/(1 − 1/n), 0 to 1; ``nan`` for a single size.
    equivalents : float
        1/H: as many firms of equal size would give the same H.
    gini, shannon_nat : float
    """

    count: int
    hhi: float
    hhi_normalised: float
    equivalents: float
    gini: float
    shannon_nat: float


def concentration(sizes: ArrayLike) -> Concentration:
    """Compute all measures of concentration at once. Errors as `hhi`."""
    values = as_sizes(sizes)
    index, n = hhi(values), len(values)
    return Concentration(
        count=n,
        hhi=index,
        hhi_normalised=(index - 1 / n) / (1 - 1 / n) if n > 1 else math.nan,
        equivalents=1 / index,
        gini=gini(values),
        shannon_nat=shannon_nat(values),
    )
