"""Firms counted per area, by points in polygons or by a code that each firm has."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.errors import N_, InfeasibleError

__all__ = ["AreaCounts", "area_of_points", "count_by_area"]


def area_of_points(xy: ArrayLike, shapes: ArrayLike, ids: Sequence[Hashable]) -> NDArray[np.object_]:
    """Tell in which area each point lies.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        In the coordinates of the shapes; what is not finite lies nowhere.
    shapes : array_like of m Polygon or MultiPolygon
        Towns, parks, or the cells of `geo.patterns.counts.cell_polygons`.
    ids : sequence of m labels

    Returns
    -------
    ndarray of shape (n,)
        Label, or None. On a border, or where areas overlap, the label whose text sorts first.

    Notes
    -----
    Each shape asks an index of the distinct places. O((n + hits) log n).
    """
    points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    found = np.full(len(points), None, dtype=object)
    labels = np.empty(len(ids), dtype=object)
    labels[:] = list(ids)
    order = np.argsort(np.array([str(label) for label in labels]), kind="stable")
    areas = np.asarray(shapes, dtype=object).reshape(-1)[order]
    at = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(at) and len(areas):
        # As complex numbers places sort ten times as fast as in rows.
        places, own = np.unique(points[at, 0] + 1j * points[at, 1], return_inverse=True)
        shapely.prepare(areas)
        tree = shapely.STRtree(shapely.points(places.real, places.imag))
        area, place = tree.query(areas, predicate="intersects")
        first = np.full(len(places), len(areas))
        np.minimum.at(first, place, area)
        inside = np.append(labels[order], [None])
        found[at] = inside[first[own]]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AreaCounts:
    """Firms, or the sum of their sizes, by area and industry.

    Attributes
    ----------
    table : DataFrame of shape (areas, industries)
        ``nan`` where the size of a firm is unknown, as the sum is then.
    firms : int
        Rows counted.
    without_area, without_industry, without_size : int
        Firms that lack one: the first two are in no cell, the third makes its cell unknown.
    elsewhere : int
        Firms whose area is not among those asked for.
    """

    table: pd.DataFrame
    firms: int
    without_area: int
    without_industry: int
    without_size: int
    elsewhere: int


def count_by_area(
    codes: ArrayLike,
    *,
    industries: ArrayLike | None = None,
    sizes: ArrayLike | None = None,
    areas: Sequence[Hashable] | None = None,
) -> AreaCounts:
    """Count firms, or add up their sizes, by area and industry.

    Parameters
    ----------
    codes : array_like of shape (n,)
        Area of each firm: a township column, county codes, cell numbers, or `area_of_points`. Spaces
        around a name do not count; None, ``nan`` and empty text are unknown.
    industries : array_like of shape (n,), optional
        One column, ``firms``, where none are given.
    sizes : array_like of shape (n,), optional
        Such as staff; 1 a firm where none are given. What is no number is unknown.
    areas : sequence of labels, optional
        Rows of the table, in this order, with zeros where no firm is. None: only areas with firms,
        sorted; statistics of neighbours need the empty ones too.

    Raises
    ------
    InfeasibleError
        If the columns are of different length.

    Notes
    -----
    O(n + areas · industries).
    """
    area = _labels(codes)
    industry = _labels(np.full(len(area), "firms") if industries is None else industries)
    if sizes is None:
        numbers = np.ones(len(area))
    else:
        given = pd.Series(np.asarray(sizes, dtype=object).reshape(-1))
        numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not len(area) == len(industry) == len(numbers):
        raise InfeasibleError(
            N_("the columns have {count}, {total} and {other} rows"),
            hint=N_("take them from one table"),
            count=len(area),
            total=len(industry),
            other=len(numbers),
        )
    counted = area.notna() & industry.notna()
    wanted = pd.Index(sorted(area[counted].unique(), key=str) if areas is None else list(areas)).unique()
    columns = pd.Index(sorted(industry[counted].unique(), key=str))
    row, column = wanted.get_indexer(area), columns.get_indexer(industry)
    inside = counted.to_numpy() & (row >= 0)
    cell = row[inside] * len(columns) + column[inside]
    sums = np.bincount(cell, weights=numbers[inside], minlength=len(wanted) * len(columns))
    return AreaCounts(
        table=pd.DataFrame(sums.reshape(len(wanted), len(columns)), index=wanted, columns=columns),
        firms=int(inside.sum()),
        without_area=int(area.isna().sum()),
        without_industry=int((area.notna() & industry.isna()).sum()),
        without_size=int(np.isnan(numbers[inside]).sum()),
        elsewhere=int((counted & ~inside).sum()),
    )


def _labels(values: ArrayLike) -> pd.Series:
    """Labels without spaces around them; unknown ones as None."""
    labels = np.asarray(values, dtype=object).reshape(-1)
    clean = [value.strip() if isinstance(value, str) else value for value in labels]
    series = pd.Series(clean, dtype=object)
    return series.where(series.notna() & (series != ""), None)
