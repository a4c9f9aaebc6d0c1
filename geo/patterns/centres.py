"""Where a pattern has its middle, how far it spreads, and in which direction."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from geo.errors import N_, InfeasibleError
from geo.patterns.window import Floats, as_points, as_weights

__all__ = [
    "Ellipse",
    "Scaling",
    "deviational_ellipse",
    "mean_centre",
    "median_centre",
    "share_within",
    "standard_distance",
]

Scaling = Literal["yuill", "sqrt2", "crimestat"]
_STEPS = 100_000
_EXACT = 1e-12


def _weighted(xy: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    points = as_points(xy)
    weight = as_weights(weights, len(points))
    used = weight > 0
    if not used.any():
        raise InfeasibleError(
            N_("without a located firm of known weight there is no centre"),
            hint=N_("locate firms, or choose another industry"),
            code="TOO_FEW",
        )
    return points[used], weight[used]


def mean_centre(xy: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Weighted mean of the coordinates.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres, n ≥ 1.
    weights : array_like of shape (n,), optional
        Not negative.

    Returns
    -------
    ndarray of shape (2,)
        Metres.

    Raises
    ------
    InfeasibleError, GeometryError
        Without points, or with unknown coordinates.

    References
    ----------
    Ebdon, D. (1985). Statistics in Geography, 2nd ed., ch. 7.
    """
    points, weight = _weighted(xy, weights)
    origin = points[0]
    return np.asarray(origin + weight @ (points - origin) / weight.sum())


def standard_distance(xy: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Root of the mean squared distance to the mean centre, √(Σ w d² / Σ w), metres.

    Parameters, errors and source as `mean_centre`; one point, or all at one place, gives 0.
    """
    points, weight = _weighted(xy, weights)
    gap = points - mean_centre(points, weight)
    return float(math.sqrt(weight @ (gap**2).sum(axis=1) / weight.sum()))


def median_centre(xy: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Place with the smallest weighted sum of distances to all points.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres, n ≥ 1.
    weights : array_like of shape (n,), optional
        Not negative.

    Returns
    -------
    ndarray of shape (2,)
        Metres. Points on one line can have a whole stretch of such places: then its middle.

    Raises
    ------
    InfeasibleError, GeometryError
        Without points, or with unknown coordinates.

    Notes
    -----
    Weiszfeld's iteration with the step of Vardi and Zhang at data points; O(n) a step.

    References
    ----------
    Vardi, Y. & Zhang, C.-H. (2000). The multivariate L1-median and associated data depth.
    PNAS 97, 1423–1426.
    """
    points, weight = _weighted(xy, weights)
    places, where = np.unique(points, axis=0, return_inverse=True)
    weight = np.asarray(np.bincount(where.reshape(-1), weights=weight), dtype=np.float64)
    origin = places.mean(axis=0)
    local = places - origin
    size = float(np.abs(local).max())
    if size == 0 or len(places) == 1:
        return np.asarray(places[0])
    across, along = _axes(local, weight)
    direction = along[1]
    if math.sqrt(across) <= _EXACT * size * 100:
        return np.asarray(origin + _middle_of_line(local, weight, direction))
    here = weight @ local / weight.sum()
    for step in range(_STEPS):
        far = np.hypot(*(local - here).T)
        nearest = int(far.argmin())
        if (step % 10 == 0 or far[nearest] == 0) and _is_median(local, weight, nearest):
            return np.asarray(origin + local[nearest])
        new = _weiszfeld(local, weight, here, far)
        moved = float(np.hypot(*(new - here)))
        here = new
        if moved <= 1e-13 * size:
            break
    return np.asarray(origin + here)


def _axes(local: Floats, weight: Floats) -> tuple[float, tuple[float, Floats]]:
    """Variance across, and along with its direction."""
    gap = local - weight @ local / weight.sum()
    values, vectors = np.linalg.eigh((gap.T * weight) @ gap / weight.sum())
    return max(float(values[0]), 0.0), (float(values[1]), vectors[:, 1])


def _middle_of_line(local: Floats, weight: Floats, direction: Floats) -> Floats:
    order = np.argsort(local @ direction)
    reached = np.cumsum(weight[order]) / weight.sum()
    low = int(np.searchsorted(reached, 0.5 - _EXACT))
    high = low + 1 if abs(reached[low] - 0.5) <= _EXACT else low
    return np.asarray((local[order[low]] + local[order[high]]) / 2)


def _pull(local: Floats, weight: Floats, here: Floats, far: Floats) -> Floats:
    """Sum of the unit vectors from here to the points elsewhere, weighted."""
    away = far > 0
    return np.asarray((weight[away] / far[away]) @ (local[away] - here))


def _is_median(local: Floats, weight: Floats, index: int) -> bool:
    far = np.hypot(*(local - local[index]).T)
    return bool(np.hypot(*_pull(local, weight, local[index], far)) <= weight[index])


def _weiszfeld(local: Floats, weight: Floats, here: Floats, far: Floats) -> Floats:
    away = far > 0
    share = weight[away] / far[away]
    target = share @ local[away] / share.sum()
    at_place = float(weight[~away].sum())
    if at_place == 0:
        return np.asarray(target)
    pull = float(np.hypot(*_pull(local, weight, here, far)))
    stay = min(1.0, at_place / pull) if pull > 0 else 1.0
    return np.asarray((1 - stay) * target + stay * here)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Standard deviational ellipse.

    Attributes
    ----------
    centre : ndarray of shape (2,)
        Mean centre, metres.
    major_m, minor_m : float
        Half axes, metres.
    azimuth_deg : float
        Direction of the long axis, clockwise from north, 0–180; ``nan`` where the axes are equal.
    scaling : str
        How the axes were scaled.
    """

    centre: Floats
    major_m: float
    minor_m: float
    azimuth_deg: float
    scaling: Scaling

    @property
    def ratio(self) -> float:
        """Long over short axis: 1 round, inf a straight line, ``nan`` one place."""
        if self.major_m == 0:
            return math.nan
        return math.inf if self.minor_m == 0 else self.major_m / self.minor_m


def deviational_ellipse(
    xy: ArrayLike, weights: ArrayLike | None = None, *, scaling: Scaling = "yuill"
) -> Ellipse:
    """Ellipse of the standard deviations along and across the main direction.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    weights : array_like of shape (n,), optional
        Taken for frequencies: their sum stands for n.
    scaling : {"yuill", "sqrt2", "crimestat"}
        Axis = √(c Σ w t² / m) with t along the axis: ``yuill`` c = 1, m = n (one standard deviation);
        ``sqrt2`` c = 2, m = n; ``crimestat`` c = 2, m = n − 2.

    Raises
    ------
    InfeasibleError
        Without points; with ``crimestat`` for n ≤ 2.

    Notes
    -----
    The rotation tan θ = [Σx² − Σy² + √((Σx² − Σy²)² + 4(Σxy)²)] / (2 Σxy) is that of the first
    eigenvector of the scatter matrix, which is used here. O(n).

    References
    ----------
    Yuill, R. S. (1971). The standard deviational ellipse. Geografiska Annaler B 53, 28–39.
    Levine, N. (2015). CrimeStat IV, ch. 4.
    """
    points, weight = _weighted(xy, weights)
    total = float(weight.sum())
    factor = {"yuill": 1.0, "sqrt2": 2.0, "crimestat": 2.0}[scaling]
    divisor = total - 2 if scaling == "crimestat" else total
    if divisor <= 0:
        raise InfeasibleError(
            N_("CrimeStat's ellipse divides by n − 2: it needs more than 2 firms"),
            hint=N_("choose the scaling of Yuill"),
            code="TOO_FEW",
        )
    across, (along, direction) = _axes(points - points[0], weight)
    if across <= _EXACT * _EXACT * along:
        across = 0.0
    scale = factor * total / divisor
    azimuth = math.degrees(math.atan2(direction[0], direction[1])) % 180.0
    return Ellipse(
        centre=mean_centre(points, weight),
        major_m=math.sqrt(along * scale) if along > 0 else 0.0,
        minor_m=math.sqrt(across * scale),
        azimuth_deg=azimuth if along - across > _EXACT * along else math.nan,
        scaling=scaling,
    )


def share_within(
    xy: ArrayLike, centre: ArrayLike, distance_m: float, weights: ArrayLike | None = None
) -> float:
    """Share of the points (of their weight) at most `distance_m` from a centre, ends included.

    Raises
    ------
    InfeasibleError
        Without points: the share is unknown.
    """
    points, weight = _weighted(xy, weights)
    gap = points - np.asarray(centre, dtype=np.float64)
    return float(weight[np.hypot(gap[:, 0], gap[:, 1]) <= distance_m].sum() / weight.sum())
