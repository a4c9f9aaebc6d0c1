"""How far an industry's spread over areas departs from a reference: Hoover–Balassa, locational Gini."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geo.areas.concentration import hhi
from geo.areas.sizes import Floats, as_reference, as_sizes, as_table, one_area
from geo.errors import N_, InfeasibleError

__all__ = ["Localisation", "hoover_balassa", "localisation", "locational_gini"]


def hoover_balassa(sizes: ArrayLike, reference: ArrayLike) -> float:
    """Localisation ½ Σ |s_r − x_r|: the share of an industry that would have to move to match the reference.

    Parameters
    ----------
    sizes : array_like of shape (n,)
        Of one industry in n areas, n ≥ 2.
    reference : array_like of shape (n,)
        Sizes or shares of the same areas in the reference, such as all industries.

    Returns
    -------
    float
        0 (as the reference) to below 1.

    Raises
    ------
    InfeasibleError
        With fewer than 2 areas; on unknown or negative sizes, or a total of zero.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economics and
    Statistics 18, 162–171.
    """
    s, x = _shares(sizes, reference)
    return float(np.abs(s - x).sum() / 2)


def locational_gini(sizes: ArrayLike, reference: ArrayLike) -> float:
    """Locational Gini of Krugman, each area weighing its share of the reference.

    Parameters and errors are those of `hoover_balassa`. O(n log n).

    Returns
    -------
    float
        1 − Σ (X_k − X_{k−1})(S_k + S_{k−1}), areas in rising order of s_r/x_r: 0 to below 1.

    Notes
    -----
    Equal to the Gini of unweighted location quotients only where all areas are of one size.

    References
    ----------
    Krugman, P. (1991). Geography and Trade, ch. 2. MIT Press.
    """
    s, x = _shares(sizes, reference)
    with np.errstate(divide="ignore"):
        ratio = np.divide(s, x, out=np.zeros(len(s)), where=(s > 0) | (x > 0))
    order = np.argsort(ratio, kind="stable")
    curve = np.append(0.0, np.cumsum(s[order]))
    return float(1 - (x[order] * (curve[1:] + curve[:-1])).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Localisation:
    """Measures of each industry, with the reference they hold for.

    Attributes
    ----------
    values : DataFrame by industry
        hoover_balassa, locational_gini, hhi (Σ s², of the industry over the areas, with no reference);
        ``nan`` is unknown.
    unknown : mapping of industry to InfeasibleError
        Why.
    reference : Series by area
    reference_name : str
    """

    values: pd.DataFrame
    unknown: Mapping[str, InfeasibleError]
    reference: pd.Series
    reference_name: str


def localisation(
    sizes: pd.DataFrame,
    *,
    reference: pd.Series | None = None,
    reference_name: str = N_("all industries of the table"),
) -> Localisation:
    """Compute the measures of localisation for each industry of a table.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries)
    reference : Series by area, optional
        None: the sum over the industries of the table.
    reference_name : str
        For people; kept with the result.

    Raises
    ------
    InfeasibleError
        With fewer than 2 areas, or a reference that is unknown somewhere.
    """
    table = as_table(sizes)
    base = as_reference(table, reference)
    rows: dict[str, tuple[float, float, float]] = {}
    unknown: dict[str, InfeasibleError] = {}
    for industry in table.columns:
        own = table[industry].to_numpy()
        try:
            rows[industry] = (hoover_balassa(own, base), locational_gini(own, base), hhi(own))
        except InfeasibleError as reason:
            rows[industry] = (np.nan, np.nan, np.nan)
            unknown[industry] = reason
    values = pd.DataFrame.from_dict(
        rows, orient="index", columns=["hoover_balassa", "locational_gini", "hhi"], dtype=float
    )
    return Localisation(values=values, unknown=unknown, reference=base, reference_name=reference_name)


def _shares(sizes: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    own, other = as_sizes(sizes), as_sizes(reference)
    if len(own) != len(other):
        raise InfeasibleError(
            N_("the industry has {count} areas and the reference {total}"),
            hint=N_("use the same areas for both"),
            count=len(own),
            total=len(other),
        )
    if len(own) < 2:
        raise one_area(len(own))
    return own / own.sum(), other / other.sum()
