"""Co-agglomeration of two industries (Ellison, Glaeser and Kerr)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geo.areas.sizes import as_sizes, as_table, one_area
from geo.errors import N_, InfeasibleError

__all__ = ["coagglomeration", "coagglomeration_table"]


def coagglomeration(first: ArrayLike, second: ArrayLike, reference: ArrayLike) -> float:
    """Compute γᶜ = Σ (s_1r − x_r)(s_2r − x_r) / (1 − Σ x_r²).

    Parameters
    ----------
    first, second : array_like of shape (n,)
        Sizes or shares of two industries in the same n areas, n ≥ 2.
    reference : array_like of shape (n,)
        x: in the paper the mean of the shares of all industries, each industry counting once.

    Returns
    -------
    float
        Positive where both are over-represented in the same areas; does not need plant sizes.

    Raises
    ------
    InfeasibleError
        With fewer than 2 areas, a reference that lies in one of them, unknown sizes or totals of zero.

    References
    ----------
    Ellison, G., Glaeser, E. L. & Kerr, W. R. (2010). What causes industry agglomeration? Evidence from
    coagglomeration patterns. American Economic Review 100, 1195–1213.
    """
    shares = []
    for values in (first, second, reference):
        sizes = as_sizes(values)
        shares.append(sizes / sizes.sum())
    one, two, x = shares
    if not len(one) == len(two) == len(x):
        raise InfeasibleError(
            N_("the industry has {count} areas and the reference {total}"),
            hint=N_("use the same areas for both"),
            count=len(one) if len(one) != len(x) else len(two),
            total=len(x),
        )
    if (x > 0).sum() < 2:
        raise one_area(int((x > 0).sum()))
    return float(((one - x) * (two - x)).sum() / (1 - (x**2).sum()))


def coagglomeration_table(sizes: pd.DataFrame) -> pd.DataFrame:
    """Compute γᶜ of every pair of industries against the mean of their shares.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries)

    Returns
    -------
    DataFrame of shape (industries, industries)
        Symmetric. ``nan`` on the diagonal, and for an industry with an unknown size or none at all,
        which does not enter the mean either.

    Raises
    ------
    InfeasibleError
        With fewer than 2 areas, or industries that all lie in one.

    Notes
    -----
    O(areas · industries²).
    """
    table = as_table(sizes)
    values = table.to_numpy()
    total = values.sum(axis=0)
    known = total > 0  # false for an unknown total too
    s = values[:, known] / total[known]
    x = s.mean(axis=1) if known.any() else np.zeros(len(values))
    if (x > 0).sum() < 2:
        raise one_area(int((x > 0).sum()))
    off = s - x[:, None]
    gamma = off.T @ off / (1 - (x**2).sum())
    np.fill_diagonal(gamma, np.nan)
    names = table.columns[known]
    found = pd.DataFrame(gamma, index=names, columns=names)
    return found.reindex(index=table.columns, columns=table.columns)
