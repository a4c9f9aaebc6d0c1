"""Points counted in squares and hexagons, and the quadrat test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.patterns.window import Floats, Window, as_points, as_weights, points_inside

__all__ = ["CellCounts", "Quadrats", "cell_polygons", "count_in_cells", "quadrat_test"]

Shape = Literal["square", "hexagon"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellCounts:
    """Cells that hold points, from the south-west.

    Attributes
    ----------
    cells : ndarray of shape (k, 2)
        Column and row of squares; axial q and r of hexagons.
    counts : ndarray of shape (k,)
        Points, or the sum of their weights.
    centres : ndarray of shape (k, 2)
        Metres.
    shape : str
    size_m : float
        Side of a square; distance between opposite sides of a hexagon.
    """

    cells: NDArray[np.int64]
    counts: Floats
    centres: Floats
    shape: Shape
    size_m: float


def count_in_cells(
    xy: ArrayLike,
    *,
    size_m: float,
    shape: Shape = "hexagon",
    origin: tuple[float, float] = (0.0, 0.0),
    weights: ArrayLike | None = None,
) -> CellCounts:
    """Count points in equal cells of the metric plane.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres; no points give no cells.
    size_m : float
        Side of a square, or width across the flats of a hexagon (pointed north).
    shape : {"hexagon", "square"}
    origin : tuple of float
        Corner of square (0, 0), or middle of hexagon (0, 0), metres.
    weights : array_like of shape (n,), optional
        Summed in place of 1 a point.

    Notes
    -----
    A square owns its west and south side. Axial hexagon coordinates rounded in the cube; O(n log n).

    References
    ----------
    Patel, A. (2013). Hexagonal grids, redblobgames.com/grids/hexagons.
    """
    if not size_m > 0:
        raise InfeasibleError(N_("{name} must be greater than 0"), where="size_m", name="size_m")
    points = as_points(xy)
    local = (points - origin) / size_m
    cells = np.floor(local).astype(np.int64) if shape == "square" else _hexagon(local)
    found, where = np.unique(cells, axis=0, return_inverse=True)
    counts = np.bincount(where.reshape(-1), weights=as_weights(weights, len(points)), minlength=len(found))
    return CellCounts(
        cells=found,
        counts=np.asarray(counts, dtype=np.float64),
        centres=_centres(found, shape, size_m, origin),
        shape=shape,
        size_m=size_m,
    )


def _hexagon(local: Floats) -> NDArray[np.int64]:
    r = local[:, 1] * 2 / math.sqrt(3)
    cube = np.column_stack([local[:, 0] - r / 2, r, -local[:, 0] - r / 2])
    near = np.round(cube)
    # The coordinate that was rounded most follows from the other two.
    worst = np.abs(near - cube).argmax(axis=1)
    rows = np.arange(len(near))
    near[rows, worst] -= near.sum(axis=1)
    return np.asarray(near[:, :2], dtype=np.int64)


def _centres(cells: NDArray[np.int64], shape: Shape, size_m: float, origin: tuple[float, float]) -> Floats:
    if shape == "square":
        return np.asarray((cells + 0.5) * size_m + origin)
    x = cells[:, 0] + cells[:, 1] / 2
    return np.asarray(np.column_stack([x, cells[:, 1] * math.sqrt(3) / 2]) * size_m + origin)


def cell_polygons(centres: Floats, *, shape: Shape, size_m: float) -> NDArray[np.object_]:
    """Outlines of cells around their centres, shape (k,)."""
    if shape == "square":
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size_m / 2
    else:
        angle = np.radians(np.arange(30, 390, 60))
        corners = np.column_stack([np.cos(angle), np.sin(angle)]) * size_m / math.sqrt(3)
    return np.asarray(shapely.polygons(centres[:, None, :] + corners))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrats:
    """Quadrat test of complete spatial randomness.

    Attributes
    ----------
    counts, expected : ndarray of shape (k,)
        Points in each cell, and by its share of the window's area.
    chi2, p_value : float
        Σ (O − E)²/E, and the chance of as much or more.
    freedom : int
        k − 1.
    outside : int
        Points left out outside the window. A smallest `expected` below 5 makes p a rough guide.
    """

    counts: Floats
    expected: Floats
    chi2: float
    p_value: float
    freedom: int
    outside: int


def quadrat_test(
    xy: ArrayLike, window: Window | BaseGeometry | tuple[float, float, float, float], *, size_m: float
) -> Quadrats:
    """Compare counts in squares, cut by the window, with what their areas lead one to expect.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    window : polygon, or (west, south, east, north)
        Study window; squares start in the south-west corner of its bounds.
    size_m : float
        Side of a square, metres.

    Raises
    ------
    InfeasibleError
        Without points, or with fewer than two cells.

    References
    ----------
    Baddeley, Rubak & Turner (2015). Spatial Point Patterns, sect. 6.4.
    """
    points, area, outside = points_inside(xy, window)
    if not size_m > 0:
        raise InfeasibleError(N_("{name} must be greater than 0"), where="size_m", name="size_m")
    west, south, east, north = area.bounds
    columns, rows = math.ceil((east - west) / size_m - 1e-9), math.ceil((north - south) / size_m - 1e-9)
    if columns * rows > 1_000_000:
        raise InfeasibleError(
            N_("a grid of {cells:,.0f} cells is too fine"),
            hint=N_("choose larger cells, or a smaller window"),
            code="TOO_LARGE",
            cells=columns * rows,
        )
    at = np.minimum(((points - (west, south)) // size_m).astype(np.intp), (columns - 1, rows - 1))
    counts = np.bincount(at[:, 1] * columns + at[:, 0], minlength=columns * rows).astype(np.float64)
    index = np.arange(columns * rows)
    grid = np.column_stack([index % columns, index // columns])
    tiles = cell_polygons(_centres(grid, "square", size_m, (west, south)), shape="square", size_m=size_m)
    share = shapely.area(shapely.intersection(tiles, area.shape)) / area.area_m2
    used = share > 1e-12
    if not len(points) or used.sum() < 2:
        raise InfeasibleError(
            N_("quadrats need at least one located firm and two cells in the study window"),
            hint=N_("choose smaller cells, or a larger window"),
            code="TOO_FEW",
        )
    observed, expected = counts[used], share[used] * len(points)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    freedom = int(used.sum()) - 1
    return Quadrats(
        counts=observed,
        expected=expected,
        chi2=statistic,
        p_value=float(chi2.sf(statistic, freedom)),
        freedom=freedom,
        outside=outside,
    )
