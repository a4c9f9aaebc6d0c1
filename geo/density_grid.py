"""The kernel of DBSCAN: cells so small that all points of one are neighbours, compiled by numba.

Cells have a side a little under radius / √2. A cell that weighs enough is core as a whole, and
core points of one cell share a cluster, so distances are tested only between cells at most two
apart, and only until the answer is known. Distances are taken from the coordinates as given.
Loading this module loads numba: it is imported where labels are wanted, never earlier.

One thread: with two, the prototype used the same time and more memory.
"""

# The types of what is compiled are those it is called with.
# mypy: allow-untyped-defs, allow-untyped-calls
# ruff: noqa: C901, PLR0912, SIM102 - compiled loops, for which functions are no help

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from geo.errors import CancelledError

__all__ = ["CELLS_ACROSS", "TooManyTests", "is_compiled", "label_points"]

CELLS_ACROSS = 2**31 - 8
"""More cells than this from west to east, or south to north, cannot be numbered here."""
# A thousandth under radius / √2: rounding never parts two neighbours of one cell.
_SIDE = 0.999 / 2**0.5
_BLOCK = 1_000_000
_MANY = 4096

_F = TypeVar("_F", bound=Callable)


class TooManyTests(Exception):  # noqa: N818 - it says what happened
    """The limit of distance tests was reached."""


def _compiled(function: _F) -> _F:
    """Compile at first use and keep the result: beside the file, else in the user's cache folder."""
    try:
        made = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder can be written: compiled once a process
        made = numba.njit(nogil=True)(function)
    return cast("_F", made)


@_compiled
def _bounds(xy):
    x0 = y0 = np.inf
    x1 = y1 = -np.inf
    for i in range(xy.shape[0]):
        x, y = xy[i, 0], xy[i, 1]
        x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
    return x0, x1, y0, y1


@_compiled
def _into_strips(xy, x0, inv, strips, xs, ys, order):
    """Counting sort into strips from west to east; returns where each begins."""
    begin = np.zeros(strips + 1, np.int64)
    for i in range(xy.shape[0]):
        begin[np.int64((xy[i, 0] - x0) * inv) + 1] += 1
    for r in range(strips):
        begin[r + 1] += begin[r]
    at = begin[:-1].copy()
    for i in range(xy.shape[0]):
        to = np.int64((xy[i, 0] - x0) * inv)
        p = at[to]
        at[to] = p + 1
        xs[p] = xy[i, 0]
        ys[p] = xy[i, 1]
        order[p] = i
    return begin


@_compiled
def _sort_strips(begin, y0, inv, across, xs, ys, order):
    """Sort each strip from south to north by cell, in place and stable."""
    longest = 0
    for r in range(begin.shape[0] - 1):
        longest = max(longest, begin[r + 1] - begin[r])
    cell = np.empty(longest, np.int64)
    to = np.empty(longest, np.int64)
    xt, yt, ot = np.empty(longest), np.empty(longest), np.empty(longest, order.dtype)
    table = np.zeros(across + 1, np.int64)
    for r in range(begin.shape[0] - 1):
        a, m = begin[r], begin[r + 1] - begin[r]
        if m == 0:
            continue
        for p in range(m):
            cell[p] = np.int64((ys[a + p] - y0) * inv)
        table[:] = 0
        for p in range(m):
            table[cell[p] + 1] += 1
        for c in range(across):
            table[c + 1] += table[c]
        for p in range(m):
            to[p] = table[cell[p]]
            table[cell[p]] += 1
        for p in range(m):
            q = to[p]
            xt[q], yt[q], ot[q] = xs[a + p], ys[a + p], order[a + p]
        for p in range(m):
            xs[a + p], ys[a + p], order[a + p] = xt[p], yt[p], ot[p]


@_compiled
def _make_cells(begin, y0, inv, xs, ys, order, weight, weighted):
    strips = begin.shape[0] - 1
    cells = 0
    for r in range(strips):
        last = np.int64(-1)
        for p in range(begin[r], begin[r + 1]):
            c = np.int64((ys[p] - y0) * inv)
            if c != last:
                cells += 1
                last = c
    row = np.empty(strips + 1, np.int64)
    first = np.empty(cells + 1, np.int32)
    north = np.empty(cells, np.int32)
    box = np.empty((cells, 4))
    mass = np.empty(cells)
    k = -1
    for r in range(strips):
        row[r] = k + 1
        last = np.int64(-1)
        for p in range(begin[r], begin[r + 1]):
            x, y = xs[p], ys[p]
            c = np.int64((y - y0) * inv)
            if c != last:
                k += 1
                last = c
                first[k], north[k], mass[k] = p, c, 0.0
                box[k, 0] = box[k, 1] = x
                box[k, 2] = box[k, 3] = y
            box[k, 0], box[k, 1] = min(box[k, 0], x), max(box[k, 1], x)
            box[k, 2], box[k, 3] = min(box[k, 2], y), max(box[k, 3], y)
            mass[k] += weight[order[p]] if weighted else 1.0
    row[strips] = k + 1
    first[cells] = xs.shape[0]
    return row, first, north, box, mass


@_compiled
def _least(x, y, box, j):
    """Square of the least distance from a point to the box of a cell."""
    dx = max(0.0, box[j, 0] - x, x - box[j, 1])
    dy = max(0.0, box[j, 2] - y, y - box[j, 3])
    return dx * dx + dy * dy


@_compiled
def _most(x, y, box, j):
    dx = max(abs(x - box[j, 0]), abs(x - box[j, 1]))
    dy = max(abs(y - box[j, 2]), abs(y - box[j, 3]))
    return dx * dx + dy * dy


@_compiled
def _find_core(a, b, strip, row, first, north, box, mass, xs, ys, order, weight, weighted, r2, least, core):
    """Mark the core points of strips a to b; returns the distance tests made."""
    strips = strip.shape[0]
    at = np.empty(5, np.int64)
    turn = np.array([2, 1, 3, 0, 4])
    tests = 0
    for r in range(a, b):
        for d in range(5):
            at[d] = row[r + d - 2] if 0 <= r + d - 2 < strips else 0
        for k in range(row[r], row[r + 1]):
            if mass[k] >= least:  # the places to look at are moved on when they are needed
                for p in range(first[k], first[k + 1]):
                    core[p] = 1
                continue
            c = north[k]
            for d in range(5):
                s = r + d - 2
                if 0 <= s < strips:
                    while at[d] < row[s + 1] and north[at[d]] < c - 2:
                        at[d] += 1
            for p in range(first[k], first[k + 1]):
                x, y = xs[p], ys[p]
                total = mass[k]
                for d in turn:
                    s = r + d - 2
                    if s < 0 or s >= strips or abs(strip[s] - strip[r]) > 2:
                        continue
                    j = at[d]
                    while total < least and j < row[s + 1] and north[j] <= c + 2:
                        if j != k and _least(x, y, box, j) <= r2:
                            if _most(x, y, box, j) <= r2:
                                total += mass[j]
                            else:
                                for q in range(first[j], first[j + 1]):
                                    tests += 1
                                    dx, dy = x - xs[q], y - ys[q]
                                    if dx * dx + dy * dy <= r2:
                                        total += weight[order[q]] if weighted else 1.0
                                        if total >= least:
                                            break
                        j += 1
                    if total >= least:
                        break
                core[p] = 1 if total >= least else 0
    return tests


@_compiled
def _root(parent, a):
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@_compiled
def _near_core(i, j, first, box, xs, ys, core, r2):
    """Core points of cell i within the radius of the box of cell j, once a run of equal places."""
    found = np.empty(first[i + 1] - first[i], np.int64)
    m = 0
    for p in range(first[i], first[i + 1]):
        if core[p] and (m == 0 or xs[p] != xs[found[m - 1]] or ys[p] != ys[found[m - 1]]):
            if _least(xs[p], ys[p], box, j) <= r2:
                found[m] = p
                m += 1
    found = found[:m]
    if m > 64:  # places side by side, to be looked at once
        found = found[np.argsort(xs[found])]
        n = 1
        for t in range(1, m):
            p, q = found[t], found[n - 1]
            if xs[p] != xs[q] or ys[p] != ys[q]:
                found[n] = p
                n += 1
        found = found[:n]
    return found


@_compiled
def _touch(i, j, first, box, xs, ys, core, r2):
    """Whether a core point of cell i is a neighbour of one of cell j, and the tests it took."""
    dx = max(abs(box[i, 1] - box[j, 0]), abs(box[j, 1] - box[i, 0]))
    dy = max(abs(box[i, 3] - box[j, 2]), abs(box[j, 3] - box[i, 2]))
    if dx * dx + dy * dy <= r2:
        return True, 0
    dx = max(0.0, box[j, 0] - box[i, 1], box[i, 0] - box[j, 1])
    dy = max(0.0, box[j, 2] - box[i, 3], box[i, 2] - box[j, 3])
    if dx * dx + dy * dy > r2:
        return False, 0
    tests = 0
    ni, nj = np.int64(first[i + 1] - first[i]), np.int64(first[j + 1] - first[j])
    if ni * nj <= _MANY:
        for p in range(first[i], first[i + 1]):
            if core[p] and _least(xs[p], ys[p], box, j) <= r2:
                for q in range(first[j], first[j + 1]):
                    if core[q]:
                        tests += 1
                        dx, dy = xs[p] - xs[q], ys[p] - ys[q]
                        if dx * dx + dy * dy <= r2:
                            return True, tests
        return False, tests
    some = _near_core(i, j, first, box, xs, ys, core, r2)
    others = _near_core(j, i, first, box, xs, ys, core, r2)
    tests = int(ni + nj)
    for p in some:
        for q in others:
            tests += 1
            dx, dy = xs[p] - xs[q], ys[p] - ys[q]
            if dx * dx + dy * dy <= r2:
                return True, tests
    return False, tests


@_compiled
def _join(a, b, strip, row, first, north, box, has_core, xs, ys, core, r2, parent, near):
    """Join cells of strips a to b with those north and east of them; `near`: the adjoining ones only."""
    strips = strip.shape[0]
    at = np.empty(3, np.int64)
    tests = 0
    for r in range(a, b):
        for d in range(3):
            at[d] = row[r + d] if r + d < strips else 0
        for k in range(row[r], row[r + 1]):
            if not has_core[k]:
                continue
            c = north[k]
            for d in range(3):
                s = r + d
                if s >= strips or strip[s] - strip[r] > 2:
                    break
                low = c + 1 if d == 0 else c - 2
                while at[d] < row[s + 1] and north[at[d]] < low:
                    at[d] += 1
                j = at[d]
                while j < row[s + 1] and north[j] <= c + 2:
                    adjoins = strip[s] - strip[r] < 2 and abs(north[j] - c) < 2
                    if has_core[j] and adjoins == near:
                        mine, other = _root(parent, k), _root(parent, j)
                        if mine != other:
                            touch, made = _touch(k, j, first, box, xs, ys, core, r2)
                            tests += made
                            if touch:
                                parent[max(mine, other)] = min(mine, other)
                    j += 1
    return tests


@_compiled
def _cells_with_core(first, core):
    found = np.zeros(first.shape[0] - 1, np.uint8)
    for k in range(found.shape[0]):
        for p in range(first[k], first[k + 1]):
            if core[p]:
                found[k] = 1
                break
    return found


@_compiled
def _number(parent, has_core, first, xs, ys, core):
    """Number of each cell's cluster, and the western-most core point of each cluster."""
    cells = parent.shape[0]
    name = np.full(cells, -1, np.int32)
    count = 0
    for k in range(cells):  # a root is the lowest of its cells, so it comes first
        if has_core[k]:
            top = _root(parent, k)
            if top == k:
                name[k] = count
                count += 1
            else:
                name[k] = name[top]
    west, south = np.full(count, np.inf), np.full(count, np.inf)
    for k in range(cells):
        if has_core[k]:
            g = name[k]
            for p in range(first[k], first[k + 1]):
                if core[p] and (xs[p] < west[g] or (xs[p] == west[g] and ys[p] < south[g])):
                    west[g], south[g] = xs[p], ys[p]
    return name, west, south


@_compiled
def _give(a, b, strip, row, first, north, box, has_core, name, rank, xs, ys, order, core, r2, labels):
    """Label the points of strips a to b: core by cell, border by the nearest core point, else −1."""
    strips = strip.shape[0]
    at = np.empty(5, np.int64)
    tests = 0
    for r in range(a, b):
        for d in range(5):
            at[d] = row[r + d - 2] if 0 <= r + d - 2 < strips else 0
        for k in range(row[r], row[r + 1]):
            others = False
            for p in range(first[k], first[k + 1]):
                if core[p]:
                    labels[order[p]] = rank[name[k]]
                else:
                    others = True
            if not others:
                continue
            c = north[k]
            for d in range(5):
                s = r + d - 2
                if 0 <= s < strips:
                    while at[d] < row[s + 1] and north[at[d]] < c - 2:
                        at[d] += 1
            for p in range(first[k], first[k + 1]):
                if core[p]:
                    continue
                x, y = xs[p], ys[p]
                best, bx, by, label = r2, np.inf, np.inf, np.int64(-1)
                for d in range(5):
                    s = r + d - 2
                    if s < 0 or s >= strips or abs(strip[s] - strip[r]) > 2:
                        continue
                    j = at[d]
                    while j < row[s + 1] and north[j] <= c + 2:
                        if has_core[j] and _least(x, y, box, j) <= best:
                            for q in range(first[j], first[j + 1]):
                                if not core[q]:
                                    continue
                                tests += 1
                                dx, dy = x - xs[q], y - ys[q]
                                gap = dx * dx + dy * dy
                                if gap < best or (
                                    gap == best and (xs[q] < bx or (xs[q] == bx and ys[q] < by))
                                ):
                                    best, bx, by, label = gap, xs[q], ys[q], rank[name[j]]
                        j += 1
                labels[order[p]] = label
    return tests


def is_compiled() -> bool:
    """Whether the last function of this file lies compiled beside it, or in the user's cache folder.

    A guess for a sentence to somebody who waits: numba itself looks closer.
    """
    last: Any = _give  # numba's wrapper, whose type says it is the function
    if last.signatures:
        return True
    folder, code = last.stats.cache_path, last.py_func.__code__
    if folder is None:
        return False
    made = Path(folder).glob(f"density_grid._give-{code.co_firstlineno}.*.nbi")
    written = Path(__file__).stat().st_mtime
    return any(one.stat().st_mtime >= written for one in made)


def label_points(
    xy: NDArray[np.float64],
    radius_m: float,
    least: float,
    weights: NDArray[np.float64] | None,
    test_limit: float,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[np.int64] | None:
    """Label points as `geo.density.dbscan` says; its docstring is the contract.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        East and north, metres, finite, n at least 1.
    radius_m : float
    least : float
    weights : ndarray of shape (n,), optional
        Sums are taken in row order: fractions come sorted, whole numbers as they are.
    test_limit : float
        Distance tests after which the work is given up.
    cancelled : callable, optional
        Asked about every million points.

    Returns
    -------
    ndarray of shape (n,), int64, or None
        None where the radius is too small against the extent to number the cells.

    Raises
    ------
    TooManyTests
    CancelledError

    Notes
    -----
    O(n) time and memory for a bounded number of points a cell that is not core as a whole;
    about 30 bytes a point and 60 a cell.
    """
    count = len(xy)
    radius_m = float(radius_m)  # whole numbers would be compiled for once more
    x0, x1, y0, y1 = _bounds(xy)
    side = radius_m * _SIDE
    if side <= 0 or not max(x1 - x0, y1 - y0) / side < CELLS_ACROSS:
        return None
    inv = 1.0 / side
    strips, across = int((x1 - x0) * inv) + 1, int((y1 - y0) * inv) + 1
    weighted = weights is not None
    weight = np.zeros(1) if weights is None else weights

    xs, ys = np.empty(count), np.empty(count)
    order = np.empty(count, dtype=np.int32 if count < 2**31 else np.int64)
    if strips * across <= 8 * count + 65_536:
        begin = _into_strips(xy, x0, inv, strips, xs, ys, order)
        strip = np.arange(strips)
        _sort_strips(begin, y0, inv, across, xs, ys, order)
    else:  # the grid is mostly empty: nothing the size of it is made
        number = ((xy[:, 0] - x0) * inv).astype(np.int64)
        order[:] = np.lexsort((((xy[:, 1] - y0) * inv).astype(np.int64), number))
        strip, begins = np.unique(number[order], return_index=True)
        begin = np.append(begins, count)
        xs[:], ys[:] = xy[order, 0], xy[order, 1]
    row, first, north, box, mass = _make_cells(begin, y0, inv, xs, ys, order, weight, weighted)

    r2 = radius_m * radius_m
    # Blocks of whole strips, so that someone who waits can change their mind.
    ends = np.unique(np.searchsorted(begin, np.arange(_BLOCK, count, _BLOCK))).tolist()
    blocks = list(zip([0, *ends], [*ends, len(strip)], strict=True))
    tests = 0

    def counted(made: int) -> None:
        nonlocal tests
        tests += made
        if tests > test_limit:
            raise TooManyTests
        if cancelled is not None and cancelled():
            raise CancelledError

    core = np.empty(count, dtype=np.uint8)
    grid = (strip, row, first, north, box)
    for a, b in blocks:
        counted(_find_core(a, b, *grid, mass, xs, ys, order, weight, weighted, r2, float(least), core))
    has_core = _cells_with_core(first, core)
    parent = np.arange(len(north), dtype=np.int32)
    for near in (True, False):  # the far ones are mostly joined by then
        for a, b in blocks:
            counted(_join(a, b, *grid, has_core, xs, ys, core, r2, parent, near))
    name, west, south = _number(parent, has_core, first, xs, ys, core)
    rank = np.empty(len(west), dtype=np.int64)
    rank[np.lexsort((south, west))] = np.arange(len(west))
    labels = np.empty(count, dtype=np.int64)
    for a, b in blocks:
        counted(_give(a, b, *grid, has_core, name, rank, xs, ys, order, core, r2, labels))
    return labels
