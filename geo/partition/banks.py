"""Banks: sets of atoms that hang together, with nothing or one atom alone between set and set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["find_banks", "link_strays", "split_at_necks"]

_STRAY = 0.01
"""A set of less than this share of the area is no bank if it borders anything."""
_SMALLEST = 0.08
_MOST = 3


def find_banks(linked: NDArray[np.int64], area_m2: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number the sets of atoms that links join, from the largest.

    Parameters
    ----------
    linked : ndarray of shape (k, 2)
    area_m2 : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
    """
    part = _parts(linked, len(area_m2))
    area = np.bincount(part, weights=area_m2)
    order = np.empty(len(area), dtype=np.int64)
    order[np.argsort(-np.round(area, 3), kind="stable")] = np.arange(len(area))
    return order[part]


def link_strays(
    linked: NDArray[np.int64],
    pairs: NDArray[np.int64],
    border_m: NDArray[np.float64],
    area_m2: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Links, and one more for each small set that borders a larger one: its longest border.

    Parameters
    ----------
    linked, pairs : ndarrays of shapes (k, 2), (m, 2)
    border_m : ndarray of shape (m,)
    area_m2 : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (l, 2)
    """
    bank = find_banks(linked, area_m2)
    area = np.bincount(bank, weights=area_m2)
    more = [linked]
    for number in np.flatnonzero(area < _STRAY * area.sum()):
        leaving = np.flatnonzero((bank[pairs] == number).sum(axis=1) == 1)
        if len(leaving):
            more.append(pairs[leaving[[np.argmax(np.round(border_m[leaving], 3))]]])
    return np.unique(np.vstack(more), axis=0)


def split_at_necks(
    bank: NDArray[np.int64], linked: NDArray[np.int64], area_m2: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Split banks that a single atom holds together, at the atom that parts them most evenly.

    Parameters
    ----------
    bank : ndarray of shape (n,)
    linked : ndarray of shape (k, 2)
    area_m2 : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,)
        Three banks at most are made.

    Notes
    -----
    O(n (n + k)) a split.
    """
    while bank.max(initial=0) + 1 < _MOST:
        best: tuple[float, NDArray[np.bool_]] | None = None
        for atom in range(len(area_m2)):
            own = bank == bank[atom]
            own[atom] = False
            within = linked[own[linked].all(axis=1)]
            part = np.where(own, _parts(within, len(area_m2)), -1)
            numbers = np.unique(part[own])
            if len(numbers) < 2:
                continue
            area = np.array([area_m2[part == number].sum() for number in numbers])
            small = numbers[np.argsort(-np.round(area, 3), kind="stable")[1]]
            share = float(area_m2[part == small].sum() / area_m2.sum())
            if share >= _SMALLEST and (best is None or share > best[0] + 1e-9):
                best = (share, part == small)
        if best is None:
            break
        bank = np.where(best[1], bank.max() + 1, bank)
    return bank


def _parts(linked: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    graph = coo_array(
        (np.ones(len(linked), dtype=np.int8), (linked[:, 0], linked[:, 1])), shape=(count, count)
    )
    part: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return part
