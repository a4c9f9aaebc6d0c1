"""Curves over distance: K and L, neighbours, Kd, with their bands as far as time allows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy.spatial.distance import pdist

from geo.errors import N_, InfeasibleError
from geo.patterns.duranton_overman import KdTest, kd_test, nrd0
from geo.patterns.nearest import nearest_distances
from geo.patterns.ripley import Correction, Intensity, l_envelope, ripley_k
from geo.patterns.window import Floats, Progress, Window
from planning.patterns.figures import Curve
from planning.patterns.spread import window_needed

__all__ = ["CORRECTIONS", "Envelopes", "kd_curve", "kd_or_why_not", "neighbour_curve", "ripley_curves"]

CORRECTIONS: tuple[Correction, ...] = ("none", "border", "translation", "isotropic")
_MOST_WORK = 200_000_000
"""Pairs that a curve looks at over all its draws: some ten seconds."""
_POLYGON_WORK = 200
"""Intersecting two polygons takes as long as this many pairs."""
_FIXED_WORK = 30_000
"""As many pairs a K costs however few firms there are."""
_MOST_DRAWN_PAIRS, _MOST_FIRMS = 10_000_000_000, 10_000
_MOST_CELLS, _MOST_BINS, _LEAST_BINS = 20_000_000, 200, 10
"""Numbers of the smoothing of Kd, and bins of a bandwidth: fewer where distances reach far beyond it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelopes:
    """How the bands of K, L and G are simulated.

    Attributes
    ----------
    draws, seed : int
    kind : str
        pointwise, or global: by the largest deviation of L from r.
    """

    draws: int
    seed: int
    kind: Literal["pointwise", "global"]


def ripley_curves(
    industry: str,
    xy: Floats,
    window: Window | None,
    r_m: Floats,
    envelopes: Envelopes,
    *,
    intensity: Intensity | None,
    progress: Progress | None = None,
) -> Iterator[Curve]:
    """K and L with each edge correction.

    Parameters
    ----------
    xy : ndarray of shape (n, 2)
        Metres, in the window.
    intensity : {"pairs", "points"}, optional
        None takes what spatstat takes for the correction.

    Yields
    ------
    Curve
        ``ripley_k`` (m²) and ``ripley_l`` (m) of a correction after each other. What would look at more
        than some 10⁸ pairs is unknown, its band before the curve.

    References
    ----------
    As `ripley_k` and `l_envelope`.
    """
    for correction in CORRECTIONS:
        how = intensity or ("points" if correction == "border" else "pairs")
        known = {"intensity": how, "draws": envelopes.draws, "seed": envelopes.seed}
        k = Curve(name="ripley_k", industry=industry, correction=correction, unit="m2", parameters=known)
        l_curve = replace(k, name="ripley_l", unit="m")
        try:
            area = window_needed(window)
            _allow(_work(correction, len(xy), _pairs_looked_at(xy, r_m), area), correction)
            found = ripley_k(xy, area, r_m, correction=correction, intensity=how)
        except InfeasibleError as error:
            yield replace(k, unknown=error)
            yield replace(l_curve, unknown=error)
            continue
        k = replace(k, r_m=r_m, value=found.k_m2)
        l_curve = replace(l_curve, r_m=r_m, value=found.l_m)
        try:
            expected = _work(correction, len(xy), _pairs_expected(len(xy), area, r_m), area)
            _allow(expected * envelopes.draws, correction, draws=envelopes.draws)
            band = l_envelope(
                xy,
                area,
                r_m,
                correction=correction,
                intensity=how,
                draws=envelopes.draws,
                seed=envelopes.seed,
                progress=progress,
            )
        except InfeasibleError as error:
            yield replace(k, unknown=error)
            yield replace(l_curve, unknown=error)
            continue
        low, high = (
            (band.low_m, band.high_m)
            if envelopes.kind == "pointwise"
            else (np.maximum(band.global_low_m, 0), band.global_high_m)
        )
        yield replace(k, low=np.pi * low**2, high=np.pi * high**2, band=envelopes.kind)
        yield replace(l_curve, low=low, high=high, band=envelopes.kind)


def _work(correction: Correction, count: int, pairs: float, window: Window) -> float:
    """What a K costs, in pairs looked at (some 50 ns each); measured on two cores of 2024."""
    edges = 0 if window.is_rectangle else len(window.edges)
    work = _FIXED_WORK + pairs + 0.1 * count * edges
    if correction == "isotropic":
        work += pairs + edges * (1_000 + 4 * count + 0.2 * pairs)
    if correction == "translation" and edges:
        work += _POLYGON_WORK * pairs
    return work


def _pairs_looked_at(xy: Floats, r_m: Floats) -> float:
    """Pairs in a strip as wide as the reach, which the search looks at."""
    x = np.sort(xy[:, 0])
    return float((np.searchsorted(x, x + r_m.max(), side="right") - np.arange(len(x)) - 1).sum())


def _pairs_expected(count: int, window: Window, r_m: Floats) -> float:
    west, _, east, _ = window.bounds
    share = min(float(r_m.max()) / (east - west), 1.0)
    return count * (count - 1) / 2 * share * (2 - share)


def _allow(work: float, correction: str, draws: int = 0) -> None:
    if work <= _MOST_WORK:
        return
    if draws:
        raise InfeasibleError(
            N_("the envelope with the correction “{correction}” takes too long: {draws} random patterns"),
            hint=N_("choose smaller distances, fewer draws, or a rectangular window"),
            code="TOO_LARGE",
            correction=correction,
            draws=draws,
        )
    raise InfeasibleError(
        N_("K with the correction “{correction}” takes too long: too many pairs of firms"),
        hint=N_("choose smaller distances, a narrower industry, or a smaller window"),
        code="TOO_LARGE",
        correction=correction,
    )


def neighbour_curve(
    industry: str,
    xy: Floats,
    window: Window | None,
    r_m: Floats,
    envelopes: Envelopes,
    progress: Progress | None = None,
) -> Curve:
    """Share of firms whose nearest neighbour is at most r away (G), without edge correction.

    The band is the least and largest share of as many random points; it is pointwise.
    """
    curve = Curve(
        name="nearest_neighbour",
        industry=industry,
        correction="none",
        unit="",
        parameters={"draws": envelopes.draws, "seed": envelopes.seed},
    )

    def shares(points: Floats) -> Floats:
        return np.asarray(
            np.searchsorted(np.sort(nearest_distances(points)), r_m, side="right") / len(points)
        )

    try:
        area = window_needed(window)
        curve = replace(curve, r_m=r_m, value=shares(xy))
        _allow(len(xy) * envelopes.draws * 20.0, "none", draws=envelopes.draws)
    except InfeasibleError as error:
        return replace(curve, unknown=error)
    chance = np.random.default_rng(envelopes.seed)
    drawn = np.empty((envelopes.draws, len(r_m)))
    for draw in range(envelopes.draws):
        if progress is not None:
            progress(draw / envelopes.draws, N_("random patterns in the study window"))
        drawn[draw] = shares(area.sample(len(xy), chance))
    return replace(curve, low=drawn.min(axis=0), high=drawn.max(axis=0), band="pointwise")


def kd_or_why_not(
    xy: Floats,
    reference_xy: Floats,
    d_m: Floats,
    *,
    bandwidth_m: float | None,
    draws: int,
    level: float,
    least_firms: int,
    seed: int,
    progress: Progress | None = None,
) -> KdTest | InfeasibleError:
    """Return Kd with its global bands, or why it is unknown; see `kd_test`."""
    try:
        width, bins = bandwidth_m, _MOST_BINS
        if least_firms <= len(xy) < len(reference_xy) and len(xy) <= _MOST_FIRMS:
            width, bins = _kd_fineness(xy, d_m, bandwidth_m, draws)
        return kd_test(
            xy,
            reference_xy,
            d_m,
            bandwidth_m=width,
            draws=draws,
            level=level,
            least_firms=least_firms,
            bins_per_bandwidth=bins,
            seed=seed,
            progress=progress,
        )
    except InfeasibleError as error:
        return error


def _kd_fineness(xy: Floats, d_m: Floats, bandwidth_m: float | None, draws: int) -> tuple[float, int]:
    """Bandwidth of Kd and bins of it, or the refusal of what takes too long or too much memory."""
    if math.comb(len(xy), 2) * draws > _MOST_DRAWN_PAIRS:
        raise InfeasibleError(
            N_("Kd of {count:,} firms takes too long with {draws:,} draws"),
            hint=N_("take fewer draws, or a narrower industry"),
            code="TOO_LARGE",
            count=len(xy),
            draws=draws,
        )
    width = bandwidth_m or nrd0(pdist(xy))
    reach = float(d_m.max())
    bins = int(_MOST_CELLS * width / ((reach + 8 * width) * len(d_m)))
    if bins < _LEAST_BINS:
        raise InfeasibleError(
            N_("the bandwidth {width:.3g} m is too fine for distances up to {most:,.0f} m"),
            hint=N_("give a larger bandwidth, or choose smaller distances"),
            code="TOO_LARGE",
            width=width,
            most=reach,
        )
    return width, min(bins, _MOST_BINS)


def kd_curve(industry: str, found: KdTest | InfeasibleError, parameters: Mapping[str, Any]) -> Curve:
    """Kd with its global bands as a curve; 1/m."""
    curve = Curve(
        name="duranton_overman_kd", industry=industry, correction="none", unit="1/m", parameters=parameters
    )
    if isinstance(found, InfeasibleError):
        return replace(curve, unknown=found)
    facts = {"bandwidth_m": found.bandwidth_m, "reference_firms": found.reference_firms}
    return replace(
        curve,
        parameters={**parameters, **facts},
        r_m=found.d_m,
        value=found.kd,
        low=found.global_low,
        high=found.global_high,
        band="global",
    )
