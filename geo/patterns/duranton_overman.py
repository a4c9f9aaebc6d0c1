"""Duranton and Overman's Kd: density of distances between firms, against all firms' places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import pdist

from geo.errors import N_, InfeasibleError
from geo.patterns.window import Floats, Progress, as_points, as_weights

__all__ = ["KdTest", "kd", "kd_test", "nrd0"]

Normalisation = Literal["density", "as_printed"]
_REACH = 8.0
_CHUNK = 2_000_000
_MOST_FIRMS = 10_000


def nrd0(distances: Floats) -> float:
    """Silverman's bandwidth 0.9 min(sd, IQR/1.34) n^(−1/5), as R's ``bw.nrd0``, over pair distances.

    Raises
    ------
    InfeasibleError
        If the distances do not differ: no bandwidth follows from them.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation, eq. 3.31.
    """
    spread = float(distances.std(ddof=1)) if len(distances) > 1 else 0.0
    low, high = np.quantile(distances, (0.25, 0.75)) if len(distances) else (0.0, 0.0)
    inner = float(high - low) / 1.34
    width = min(spread, inner) if inner > 0 else spread
    if not width > 0:
        raise InfeasibleError(
            N_("the distances between the located firms do not differ, so no bandwidth follows from them"),
            hint=N_("give a bandwidth, or choose a wider industry"),
            code="TOO_FEW",
        )
    return float(0.9 * width * len(distances) ** -0.2)


def kd(
    xy: ArrayLike,
    d_m: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    bandwidth_m: float | None = None,
    reflect: bool = True,
    normalisation: Normalisation = "density",
) -> Floats:
    """Kernel density of the distances between all pairs of points, each pair once.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Metres.
    d_m : array_like of shape (k,)
        Distances, metres.
    weights : array_like of shape (n,), optional
        A pair weighs the product of its two, as employment does in the weighted Kd.
    bandwidth_m : float, optional
        Standard deviation of the Gaussian kernel; None: `nrd0` over the pair distances.
    reflect : bool
        Fold what the kernel puts below 0 back.
    normalisation : {"density", "as_printed"}
        ``density`` integrates to 1; ``as_printed`` is eq. 1 of the paper with pairs counted once,
        half of it.

    Returns
    -------
    ndarray of shape (k,), 1/m

    Raises
    ------
    InfeasibleError
        With fewer than 2 or more than 10,000 points, without a bandwidth, or with weights that are all zero.

    Notes
    -----
    Exact; O(n² k).

    References
    ----------
    Duranton, G. & Overman, H. G. (2005). Testing for localization using micro-geographic data.
    Review of Economic Studies 72, 1077–1106.
    """
    points = as_points(xy)
    weight = as_weights(weights, len(points))
    if len(points) < 2:
        raise _too_few(len(points), 2)
    _refuse_too_many(len(points))
    distances = pdist(points)
    first, second = np.triu_indices(len(points), 1)
    pair_weight = weight[first] * weight[second]
    if not pair_weight.sum() > 0:
        raise _too_few(int((weight > 0).sum()), 2)
    width = nrd0(distances) if bandwidth_m is None else bandwidth_m
    wanted = np.asarray(d_m, dtype=np.float64)
    sums = _kernel_sums(wanted, distances, pair_weight, width, reflect=reflect)
    return np.asarray(sums / pair_weight.sum() * (1.0 if normalisation == "density" else 0.5))


def _kernel_sums(wanted: Floats, at: Floats, weight: Floats, width: float, *, reflect: bool) -> Floats:
    sums = np.zeros(len(wanted))
    step = max(1, _CHUNK // max(1, len(wanted)))
    for start in range(0, len(at), step):
        part = at[start : start + step]
        kernel = np.exp(-0.5 * ((wanted[:, None] - part) / width) ** 2)
        if reflect:
            kernel += np.exp(-0.5 * ((wanted[:, None] + part) / width) ** 2)
        sums += kernel @ weight[start : start + step]
    return sums / (width * math.sqrt(2 * math.pi))


def _refuse_too_many(count: int) -> None:
    """Pair distances of 10,000 firms take 0.4 GB; a draw of them half a second."""
    if count > _MOST_FIRMS:
        raise InfeasibleError(
            N_("Kd of {count:,} firms compares too many pairs; at most {most:,} firms are allowed"),
            hint=N_("choose a narrower industry or a smaller area"),
            code="TOO_LARGE",
            count=count,
            most=_MOST_FIRMS,
        )


def _too_few(count: int, least: int) -> InfeasibleError:
    return InfeasibleError(
        N_("Kd needs at least {least} located firms, there are {count}"),
        hint=N_("locate more firms, or choose a wider industry"),
        code="TOO_FEW",
        least=least,
        count=count,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KdTest:
    """Kd of an industry against random draws from the places of all firms.

    Attributes
    ----------
    d_m, kd : ndarray
        Distances, and Kd there (a density, 1/m).
    local_low, local_high, global_low, global_high : ndarray
        Bands at the level: at one distance, and at all together.
    global_shares : tuple of float
        Share of the draws that leave the lower and the upper global band anywhere: at most the level.
    localisation, dispersion : ndarray
        Γ(d) = max(Kd − upper global band, 0); Ψ(d) = max(lower − Kd, 0) where Γ is 0 everywhere, else 0.
    gamma, psi : float
        Their integrals over d, without unit.
    bandwidth_m : float
    firms, reference_firms, draws, seed : int
    """

    d_m: Floats
    kd: Floats
    local_low: Floats
    local_high: Floats
    global_low: Floats
    global_high: Floats
    global_shares: tuple[float, float]
    localisation: Floats
    dispersion: Floats
    gamma: float
    psi: float
    bandwidth_m: float
    firms: int
    reference_firms: int
    draws: int
    seed: int

    @property
    def localised(self) -> bool:
        """Above the upper global band anywhere."""
        return bool(self.localisation.any())

    @property
    def dispersed(self) -> bool:
        """Not localised, and below the lower global band anywhere."""
        return bool(self.dispersion.any())


def kd_test(
    xy: ArrayLike,
    reference_xy: ArrayLike,
    d_m: ArrayLike,
    *,
    bandwidth_m: float | None = None,
    draws: int = 1_000,
    level: float = 0.05,
    least_firms: int = 11,
    bins_per_bandwidth: int = 200,
    seed: int = 0,
    progress: Progress | None = None,
) -> KdTest:
    """Test whether firms are nearer to each other than a random choice of all firms' places.

    Parameters
    ----------
    xy : array_like of shape (n, 2)
        Firms of the industry, metres.
    reference_xy : array_like of shape (m, 2)
        Places of the firms of all industries, this one included, metres.
    d_m : array_like of shape (k,)
        Rising distances, metres; the paper goes from 0 to the median distance of all pairs.
    bandwidth_m : float, optional
        None: `nrd0` over the industry's pairs. The draws keep the industry's bandwidth.
    draws : int
        Random choices of n places, without putting back.
    level : float
        Each band (upper, lower) is left by this share of draws at most.
    least_firms : int
        Fewer firms give no answer (the paper: more than 10).
    bins_per_bandwidth : int
        Distances are counted in bins of bandwidth / this, which moves Kd by about 0.1/(this √p) of
        its peak, p being the pairs within a bandwidth: below 1e-4 for 200 and p > 25.

    Raises
    ------
    InfeasibleError
        With too few firms, more than 10,000, or fewer reference firms than firms: then it is unknown.

    Notes
    -----
    A global band is the k-th smallest (largest) draw at each distance, k being the highest rank with
    which no more than the level of the draws leave the band anywhere. O(draws · n²).

    References
    ----------
    Duranton & Overman (2005), as `kd`, sections 3 and 4.
    """
    points, reference = as_points(xy), as_points(reference_xy)
    if len(points) < least_firms:
        raise _too_few(len(points), least_firms)
    if len(reference) <= len(points):
        raise InfeasibleError(
            N_("Kd compares {count} firms with the firms of all industries, of which {reference} are known"),
            hint=N_("add the firms of other industries; until then it is unknown"),
            code="NO_REFERENCE",
            count=len(points),
            reference=len(reference),
        )
    _refuse_too_many(len(points))
    distances = pdist(points)
    width = nrd0(distances) if bandwidth_m is None else bandwidth_m
    wanted = np.asarray(d_m, dtype=np.float64)
    size = width / bins_per_bandwidth
    bins = math.ceil((float(wanted.max()) + _REACH * width) / size)
    middle = (np.arange(bins) + 0.5) * size
    smooth = np.exp(-0.5 * ((wanted[:, None] - middle) / width) ** 2)
    smooth += np.exp(-0.5 * ((wanted[:, None] + middle) / width) ** 2)
    smooth /= width * math.sqrt(2 * math.pi) * len(distances)

    def curve(gaps: Floats) -> Floats:
        counts = np.bincount(np.minimum(gaps / size, bins).astype(np.intp), minlength=bins + 1)[:bins]
        return np.asarray(smooth @ counts)

    observed = curve(distances)
    chance = np.random.default_rng(seed)
    curves = np.empty((draws, len(wanted)))
    for draw in range(draws):
        if progress is not None and draw % 10 == 0:
            progress(draw / draws, N_("random choices from the places of all firms"))
        curves[draw] = curve(pdist(reference[chance.choice(len(reference), len(points), replace=False)]))
    low, low_share = _global_band(curves, level)
    negated, high_share = _global_band(-curves, level)
    local_low, local_high = np.quantile(curves, (level, 1 - level), axis=0)
    localisation = np.maximum(observed + negated, 0.0)
    dispersion = np.zeros(len(wanted)) if localisation.any() else np.maximum(low - observed, 0.0)
    return KdTest(
        d_m=wanted,
        kd=observed,
        local_low=local_low,
        local_high=local_high,
        global_low=low,
        global_high=-negated,
        global_shares=(low_share, high_share),
        localisation=localisation,
        dispersion=dispersion,
        gamma=float(np.trapezoid(localisation, wanted)),
        psi=float(np.trapezoid(dispersion, wanted)),
        bandwidth_m=width,
        firms=len(points),
        reference_firms=len(reference),
        draws=draws,
        seed=seed,
    )


def _global_band(curves: Floats, level: float) -> tuple[Floats, float]:
    """Lower band that at most `level` of the curves fall below anywhere, and their share."""
    ordered = np.sort(curves, axis=0)
    # A curve's worst rank: how many curves lie strictly below it where it is lowest.
    worst = np.array([(ordered < one).sum(axis=0).min() for one in curves])
    allowed = level * len(curves)
    rank = 0
    while rank + 1 < len(curves) and (worst < rank + 1).sum() <= allowed:
        rank += 1
    band = ordered[rank]
    return np.asarray(band), float((curves < band).any(axis=1).mean())
