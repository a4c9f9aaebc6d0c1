"""Sizes (firms, staff, output) as checked numbers: what is unknown is said, never filled in."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.errors import N_, InfeasibleError

__all__ = ["Floats", "as_reference", "as_sizes", "as_table", "no_total", "one_area"]

Floats = NDArray[np.float64]


def as_sizes(values: ArrayLike) -> Floats:
    """Return sizes as an array of shape (n,), or say why nothing can be computed from them.

    Parameters
    ----------
    values : array_like of shape (n,)
        Firms, staff, output: known, not negative, in one unit.

    Raises
    ------
    InfeasibleError
        If a size is unknown, negative or no number (a size class is none), or all are zero.
    """
    sizes = _numbers(values)
    unknown = int((~np.isfinite(sizes)).sum())
    if unknown:
        raise InfeasibleError(
            N_("{count} of {total} sizes are unknown"),
            hint=N_("complete them, or leave those out and say how many"),
            code="UNKNOWN_SIZE",
            count=unknown,
            total=len(sizes),
        )
    if (sizes < 0).any():
        raise InfeasibleError(
            N_("a size cannot be negative: {size}"),
            hint=N_("correct it in the table"),
            size=float(sizes.min()),
        )
    if not sizes.sum() > 0:
        raise no_total()
    return sizes


def as_table(sizes: pd.DataFrame, *, areas: int = 2) -> pd.DataFrame:
    """Return a table of areas × industries as numbers, each area and industry once.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries)
        Unknown cells are ``nan`` and stay so.
    areas : int
        Fewest areas that make sense.

    Raises
    ------
    InfeasibleError
        If there are fewer, a label is there twice, or a size is negative or no number.
    """
    if len(sizes) < areas:
        raise one_area(len(sizes))
    for labels in (sizes.index, sizes.columns):
        if labels.has_duplicates:
            raise InfeasibleError(
                N_("“{label}” is there more than once in the table of areas and industries"),
                hint=N_("add up what belongs together first"),
                label=str(labels[labels.duplicated()][0]),
            )
    numbers = _numbers(sizes.to_numpy().reshape(-1)).reshape(sizes.shape)
    if (numbers < 0).any():
        raise InfeasibleError(
            N_("a size cannot be negative: {size}"),
            hint=N_("correct it in the table"),
            size=float(np.nanmin(numbers)),
        )
    return pd.DataFrame(numbers, index=sizes.index, columns=sizes.columns)


def as_reference(sizes: pd.DataFrame, reference: pd.Series | None) -> pd.Series:
    """Return what each area would hold by the reference: its total in the table where none is given.

    Parameters
    ----------
    sizes : DataFrame of shape (areas, industries), as `as_table` returns it
    reference : Series by area, or None

    Raises
    ------
    InfeasibleError
        If the reference is unknown for an area of the table, or has no total.
    """
    found = sizes.sum(axis=1, skipna=False) if reference is None else reference.reindex(sizes.index)
    return pd.Series(as_sizes(found.to_numpy()), index=sizes.index)


def no_total() -> InfeasibleError:
    """Nothing to share out."""
    return InfeasibleError(
        N_("the total of all sizes is zero, so there are no shares"),
        hint=N_("choose another industry, area or measure of size"),
        code="ZERO_TOTAL",
    )


def one_area(count: int) -> InfeasibleError:
    """Nothing to compare with."""
    return InfeasibleError(
        N_("{count} areas are too few to be compared"),
        hint=N_("divide the study area into more areas, or take in its neighbours"),
        code="TOO_FEW",
        count=count,
    )


def _numbers(values: ArrayLike) -> Floats:
    numbers = np.asarray(values, dtype=object).reshape(-1)
    numbers = np.where(pd.isna(numbers), np.nan, numbers)
    try:
        return np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError):
        example = next(value for value in numbers if not isinstance(value, (int, float, np.number)))
        raise InfeasibleError(
            N_("sizes are needed as numbers; “{example}” does not tell one"),
            hint=N_("size classes are not enough: give staff or output of each firm"),
            code="UNKNOWN_SIZE",
            example=str(example),
        ) from None
