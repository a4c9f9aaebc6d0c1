"""Kernel density of points on a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.signal import oaconvolve
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.patterns.window import Floats, Window, as_weights, points_inside

__all__ = ["Kernel", "Surface", "density_surface"]

Kernel = Literal["gaussian", "quartic"]
_REACH = {"gaussian": 6.0, "quartic": 1.0}
_MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Density on a grid, north up.

    Attributes
    ----------
    values : ndarray of shape (rows, columns)
        Points (or weight) per m² at the middle of each cell; ``nan`` outside a window whose edge
        was corrected for.
    transform : tuple of six floats
        a, b, c, d, e, f: x = a column + b row + c, y = d column + e row + f, as in `affine`.
    kernel : str
    bandwidth_m : float
        Gaussian: standard deviation. Quartic: radius.
    error : float
        Bound of what a point's kernel is moved by binning, as a share of the kernel's peak.
    points, outside : int
        Points used, and left out outside the window.
    """

    values: Floats
    transform: tuple[float, float, float, float, float, float]
    kernel: Kernel
    bandwidth_m: float
    error: float
    points: int
    outside: int


def density_surface(
    xy: ArrayLike,
    window: Window | BaseGeometry | tuple[float, float, float, float],
    *,
    cell_m: float,
    bandwidth_m: float,
    kernel: Kernel = "gaussian",
    weights: ArrayLike | None = None,
    edge: bool = False,
) -> Surface:
    """Spread each point by a kernel and add up, on the grid over the bounds of a window.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    window : polygon, or (west, south, east, north)
        Study window, metres; the grid starts in its north-west corner.
    cell_m, bandwidth_m : float
        Metres. A larger bandwidth makes a smoother surface.
    kernel : {"gaussian", "quartic"}
        exp(−u²/2)/(2π h²), cut at 6 h; or 3 (1 − u²)²/(π h²) within h.
    weights : array_like of shape (n,), optional
        Not negative.
    edge : bool
        Divide by the share of the kernel that lies in the window (uniform correction); the window
        is then seen in small cells.

    Raises
    ------
    InfeasibleError
        Without points, with a size that is not positive, or with a grid that is too fine.

    Notes
    -----
    Points are shared linearly among the nodes of a grid at least 16 times finer than the bandwidth
    (a whole part of the cell), then convolved by FFT: O(n + G log G). To the second order this moves
    a kernel by at most (δ/h)²/4 of its peak (Gaussian), or (δ/h)² (quartic), δ the fine cell.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation, ch. 4. Diggle, P. J. (1985). Applied Statistics 34, 138–147.
    """
    for name, value in (("cell_m", cell_m), ("bandwidth_m", bandwidth_m)):
        if not value > 0:
            raise InfeasibleError(N_("{name} must be greater than 0"), where=name, name=name)
    area = Window.of(window)
    everything = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    points, area, outside = points_inside(everything, area)
    if not len(points):
        raise InfeasibleError(
            N_("the density surface needs at least one located firm"),
            hint=N_("locate firms, or choose another industry"),
            code="TOO_FEW",
        )
    weight = as_weights(weights, len(everything))[area.contains(everything)]
    west, south, east, north = area.bounds
    columns, rows = math.ceil((east - west) / cell_m - 1e-9), math.ceil((north - south) / cell_m - 1e-9)
    # An odd number of parts, so that the middle of a cell is a node of the fine grid.
    parts = math.ceil(16 * cell_m / bandwidth_m)
    parts += 1 - parts % 2
    if columns * rows * parts**2 > _MOST_CELLS:
        raise InfeasibleError(
            N_("a grid of {cells:,.0f} cells is too fine"),
            hint=N_("choose larger cells, or a smaller window"),
            code="TOO_LARGE",
            cells=columns * rows * parts**2,
        )
    step = cell_m / parts
    shape = (rows * parts, columns * parts)
    across = (points[:, 0] - west) / step - 0.5
    down = (north - points[:, 1]) / step - 0.5
    fine = _shared(down, across, weight, shape)
    nodes = math.ceil(_REACH[kernel] * bandwidth_m / step)
    shapes = _kernel(np.arange(-nodes, nodes + 1, dtype=np.float64) * step, bandwidth_m, kernel)
    # The fine grid has one node around it, for points near its edge.
    smooth = np.maximum(oaconvolve(fine, shapes, mode="same"), 0.0)[1:-1, 1:-1]
    middle = parts // 2
    density = smooth[middle::parts, middle::parts]
    if edge:
        x = west + (np.arange(shape[1]) + 0.5) * step
        y = north - (np.arange(shape[0]) + 0.5) * step
        shapely.prepare(area.shape)
        inside = shapely.contains_xy(area.shape, *np.meshgrid(x, y)).astype(np.float64)
        mass = oaconvolve(inside, shapes * step * step, mode="same")[middle::parts, middle::parts]
        known = inside[middle::parts, middle::parts] > 0
        density = np.divide(density, mass, out=np.full(density.shape, np.nan), where=known)
    return Surface(
        values=density,
        transform=(cell_m, 0.0, west, 0.0, -cell_m, north),
        kernel=kernel,
        bandwidth_m=bandwidth_m,
        error=(step / bandwidth_m) ** 2 * (0.25 if kernel == "gaussian" else 1.0),
        points=len(points),
        outside=outside,
    )


def _kernel(offsets: Floats, bandwidth_m: float, kernel: Kernel) -> Floats:
    u2 = (offsets[:, None] ** 2 + offsets**2) / bandwidth_m**2
    if kernel == "gaussian":
        return np.asarray(np.exp(-u2 / 2) / (2 * math.pi * bandwidth_m**2))
    return np.asarray(3 / (math.pi * bandwidth_m**2) * np.maximum(1 - u2, 0.0) ** 2)


def _shared(down: Floats, across: Floats, weight: Floats, shape: tuple[int, int]) -> Floats:
    """Weight of points shared among the four nodes around each, with one more node on every side."""
    rows, columns = shape[0] + 2, shape[1] + 2
    row, column = np.floor(down).astype(np.intp), np.floor(across).astype(np.intp)
    in_row, in_column = down - row, across - column
    total = np.zeros(rows * columns)
    for r, share_r in ((0, 1 - in_row), (1, in_row)):
        for c, share_c in ((0, 1 - in_column), (1, in_column)):
            # A point on the far edge of the last cell belongs to the last node.
            at_row, at_column = np.minimum(row + r + 1, rows - 1), np.minimum(column + c + 1, columns - 1)
            total += np.bincount(
                at_row * columns + at_column, share_r * share_c * weight, minlength=len(total)
            )
    return total.reshape(rows, columns)
