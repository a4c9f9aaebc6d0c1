"""Ripley's K and Besag's L with edge corrections, and envelopes of random patterns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.patterns.pairs import close_pairs, isotropic_weights, translation_weights
from geo.patterns.window import Floats, Progress, Window, points_inside, repeated

__all__ = ["Correction", "Envelope", "Intensity", "RipleyK", "l_envelope", "ripley_k"]

Correction = Literal["none", "border", "translation", "isotropic"]
Intensity = Literal["pairs", "points"]
_MOST_WEIGHT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RipleyK:
    """K at some distances, with what went into it.

    Attributes
    ----------
    r_m, k_m2 : ndarray
        Distances, and K there; ``nan`` where no point is far enough from the border.
    points, outside, duplicates : int
        Points used, left out outside the window, and at the place of an earlier one (kept).
    correction, intensity : str
        Conventions used.
    """

    r_m: Floats
    k_m2: Floats
    points: int
    outside: int
    duplicates: int
    correction: Correction
    intensity: Intensity

    @property
    def l_m(self) -> Floats:
        """L = √(K/π); equals r for complete spatial randomness."""
        return np.asarray(np.sqrt(self.k_m2 / np.pi))


def ripley_k(
    xy: ArrayLike,
    window: Window | BaseGeometry | tuple[float, float, float, float],
    r_m: ArrayLike,
    *,
    correction: Correction = "isotropic",
    intensity: Intensity | None = None,
    strict_border: bool = True,
    most_weight: float = _MOST_WEIGHT,
) -> RipleyK:
    """Ripley's K: neighbours within r of a point, over the intensity.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    window : polygon, or (west, south, east, north)
        Study window, metres.
    r_m : array_like of shape (k,)
        Rising distances, metres; a pair at exactly r counts.
    correction : {"none", "border", "translation", "isotropic"}
        How the missing neighbours beyond the border are made up for.
    intensity : {"pairs", "points"}, optional
        ``pairs``: K = A/(n(n−1)) Σ w; ``points``: with n² in place of n(n−1). None takes what
        spatstat takes: ``points`` for ``border``, else ``pairs``.
    strict_border : bool
        With ``border``: a point counts at r if its border is farther than r (spatstat), not just as far.
    most_weight : float
        Weights are cut here (spatstat: 100).

    Raises
    ------
    InfeasibleError
        With fewer than 2 points in the window.

    Notes
    -----
    O(pairs within the largest r), times the edges of the window near them for ``isotropic``;
    ``translation`` intersects polygons once a pair.

    References
    ----------
    Ripley, B. D. (1977). JRSS B 39, 172–212. Ohser, J. (1983). Math. Operationsforsch. Statist. 14,
    63–71. Baddeley, Rubak & Turner (2015). Spatial Point Patterns, ch. 7.
    """
    points, area, outside = points_inside(xy, window)
    n = len(points)
    if n < 2:
        raise InfeasibleError(
            N_("K needs at least 2 located firms in the study window, there are {count}"),
            hint=N_("choose a larger window, or another industry"),
            code="TOO_FEW",
            count=n,
        )
    r = np.asarray(r_m, dtype=np.float64)
    how: Intensity = intensity or ("points" if correction == "border" else "pairs")
    border = area.border_distance(points)
    sums = np.zeros(len(r) + 1)
    # Ordered pairs that a point still has at r while its border is far enough: enter at d, leave at border.
    side: Literal["left", "right"] = "left" if strict_border else "right"
    gone_at = np.searchsorted(r, border, side=side)
    for i, j, d in close_pairs(points, float(r.max())):
        bins = _bins(r, d)
        if correction == "border":
            for one in (i, j):
                enters = bins < gone_at[one]
                sums += np.bincount(bins[enters], minlength=len(r) + 1)
                sums -= np.bincount(gone_at[one[enters]], minlength=len(r) + 1)
            continue
        if correction == "isotropic":
            weight = np.zeros(len(d))
            for one in (i, j):
                weight += 1.0
                cut = np.flatnonzero(border[one] < d)
                weight[cut] += isotropic_weights(points, one[cut], d[cut], area, most_weight) - 1
        elif correction == "translation":
            weight = 2 * translation_weights(points[j] - points[i], area, most_weight)
        else:
            weight = np.full(len(d), 2.0)
        sums += np.bincount(bins, weights=weight, minlength=len(r) + 1)
    total = np.cumsum(sums)[: len(r)]
    partners = (n - 1 if how == "pairs" else n) / area.area_m2
    if correction == "border":
        used = n - np.cumsum(np.bincount(gone_at, minlength=len(r) + 1))[: len(r)]
        k = np.divide(total, used * partners, out=np.full(len(r), np.nan), where=used > 0)
    else:
        k = total / (n * partners)
    return RipleyK(
        r_m=r,
        k_m2=k,
        points=n,
        outside=outside,
        duplicates=repeated(points),
        correction=correction,
        intensity=how,
    )


def _bins(r: Floats, distance: Floats) -> NDArray[np.intp]:
    """First r that is not below each distance; as `searchsorted`, faster where r rises evenly."""
    steps = np.diff(r)
    if len(r) < 3 or not np.allclose(steps, steps[0], rtol=1e-9, atol=0):
        return np.asarray(np.searchsorted(r, distance, side="left"))
    guess = np.clip(np.ceil((distance - r[0]) / steps[0]), 0, len(r) - 1).astype(np.intp)
    # Rounding can be one off either way.
    guess -= (guess > 0) & (r[guess - 1] >= distance)
    return np.asarray(guess + (r[guess] < distance))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """L of the firms beside that of as many random points in the same window.

    Attributes
    ----------
    observed : RipleyK
    low_m, high_m : ndarray
        Pointwise: smallest and largest simulated L at each r; two-sided level 2/(draws + 1) at one r.
    global_low_m, global_high_m : ndarray
        r ± the largest |L − r| of all draws over all r; level 1/(draws + 1) for the whole curve.
    p_value : float
        Of the largest |L − r| (maximum absolute deviation), rank among the draws.
    draws, seed : int
    """

    observed: RipleyK
    low_m: Floats
    high_m: Floats
    global_low_m: Floats
    global_high_m: Floats
    p_value: float
    draws: int
    seed: int


def l_envelope(
    xy: ArrayLike,
    window: Window | BaseGeometry | tuple[float, float, float, float],
    r_m: ArrayLike,
    *,
    correction: Correction = "isotropic",
    intensity: Intensity | None = None,
    draws: int = 99,
    seed: int = 0,
    progress: Progress | None = None,
) -> Envelope:
    """Compare L with simulated complete spatial randomness of the same number of points.

    Parameters, errors and cost (times `draws`) as `ripley_k`; `progress` may raise to stop.

    References
    ----------
    Ripley, B. D. (1981). Spatial Statistics, ch. 8. Baddeley et al. (2014). On tests of spatial
    pattern based on simulation envelopes. Ecological Monographs 84, 477–489.
    """
    area = Window.of(window)
    observed = ripley_k(xy, area, r_m, correction=correction, intensity=intensity)
    chance = np.random.default_rng(seed)
    curves = np.empty((draws, len(observed.r_m)))
    for draw in range(draws):
        if progress is not None:
            progress(draw / draws, N_("random patterns in the study window"))
        drawn = area.sample(observed.points, chance)
        curves[draw] = ripley_k(drawn, area, r_m, correction=correction, intensity=intensity).l_m
    r = observed.r_m
    known = np.isfinite(curves).all(axis=0) & np.isfinite(observed.l_m)
    if not known.any():
        raise InfeasibleError(
            N_("no firm lies far enough from the border of the study window for these distances"),
            hint=N_("choose smaller distances, or another edge correction"),
            code="TOO_FEW",
        )
    off = np.abs(curves - r)[:, known].max(axis=1)
    mine = float(np.abs(observed.l_m - r)[known].max())
    return Envelope(
        observed=observed,
        low_m=curves.min(axis=0),
        high_m=curves.max(axis=0),
        global_low_m=r - off.max(),
        global_high_m=r + off.max(),
        p_value=float((1 + (off >= mine).sum()) / (draws + 1)),
        draws=draws,
        seed=seed,
    )
