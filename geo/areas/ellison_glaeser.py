"""Ellison and Glaeser's γ: concentration of an industry beyond that of its plants, against random choice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geo.areas.sizes import Floats, as_sizes, one_area
from geo.errors import N_, InfeasibleError
from geo.patterns.window import Progress

__all__ = ["EllisonGlaeser", "ellison_glaeser"]

_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EllisonGlaeser:
    """γ with everything it stands on.

    Attributes
    ----------
    gamma : float
        Above 0: more concentrated than plants that choose at random; the sign depends on `reference`.
    g, herfindahl : float
        G = Σ (s − x)², and H = Σ z² of the plant shares z.
    expected_g, sd_g, z : float
        Of G under random choice, and (G − E)/sd; z is ``nan`` where G cannot vary.
    chance_low, chance_high : float
        Between them lies γ of 95 of 100 draws in which every plant chooses an area with chances x.
    p_value : float
        Two-sided, from the rank of γ among the draws.
    draws, seed : int
    plants, areas : int
        Plants with a size above 0, and areas of the reference.
    shares, reference : Series by area
        s, and x.
    reference_name : str
    """

    gamma: float
    g: float
    herfindahl: float
    expected_g: float
    sd_g: float
    z: float
    chance_low: float
    chance_high: float
    p_value: float
    draws: int
    seed: int
    plants: int
    areas: int
    shares: pd.Series
    reference: pd.Series
    reference_name: str


def ellison_glaeser(
    plant_sizes: ArrayLike,
    plant_areas: ArrayLike,
    reference: pd.Series,
    *,
    reference_name: str,
    draws: int = 999,
    seed: int = 0,
    progress: Progress | None = None,
) -> EllisonGlaeser:
    """Compute γ = [G − (1 − Σx²) H] / [(1 − Σx²)(1 − H)] and its spread under random choice.

    Parameters
    ----------
    plant_sizes : array_like of shape (n,)
        Staff of each plant of one industry. Each must be known: H cannot be had from size classes.
    plant_areas : array_like of shape (n,)
        Area of each, as in the index of `reference`.
    reference : Series by area
        x as sizes or shares: staff of all industries, or another measure of what an area attracts.
    reference_name : str
        For people; kept with the result, as the sign of γ can depend on it.
    draws, seed : int
    progress : callable, optional
        Told a share 0–1 and a sentence; raises to stop.

    Raises
    ------
    InfeasibleError
        If the size or area of a plant is unknown, a plant lies where the reference has nothing,
        fewer than 2 plants have a size, or the reference lies in fewer than 2 areas.

    Notes
    -----
    Var(G) = 2 {H² [Σx² − 2Σx³ + (Σx²)²] − Σz⁴ [Σx² − 4Σx³ + 3(Σx²)²]}. The values 0.02 and 0.05 of the
    paper are no tests: use the interval. The order of the rows does not matter. O(draws · (n + areas)).

    References
    ----------
    Ellison, G. & Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing industries: a
    dartboard approach. Journal of Political Economy 105, 889–927. Cassey, A. J. & Smith, B. O. (2014).
    Simulating confidence for the Ellison–Glaeser index. Journal of Urban Economics 81, 85–103.
    """
    base = reference.sort_index()
    x = as_sizes(base.to_numpy())
    x = x / x.sum()
    where = _places(plant_areas, base)
    sizes = as_sizes(plant_sizes)
    if len(sizes) != len(where):
        raise InfeasibleError(
            N_("there are {count} plants with a size and {total} with an area"),
            hint=N_("give both for each plant"),
            count=len(sizes),
            total=len(where),
        )
    sizes, where = sizes[sizes > 0], where[sizes > 0]
    lost = base.index[where[x[where] == 0]]
    if len(lost):
        raise InfeasibleError(
            N_("a plant lies in “{area}”, where the reference has nothing"),
            hint=N_("choose a reference that holds the industry itself"),
            area=str(lost[0]),
        )
    if len(sizes) < 2:
        raise InfeasibleError(
            N_("the index needs at least 2 plants with a size, there are {count}"),
            hint=N_("choose a wider industry"),
            code="TOO_FEW",
            count=len(sizes),
        )
    if (x > 0).sum() < 2:
        raise one_area(int((x > 0).sum()))
    # In this order the draws do not depend on that of the rows.
    order = np.lexsort((where, -sizes))
    z, where = sizes[order] / sizes.sum(), where[order]
    s = np.bincount(where, weights=z, minlength=len(x))
    g, h, x2 = float(((s - x) ** 2).sum()), float((z**2).sum()), float((x**2).sum())
    expected, deviation = (1 - x2) * h, math.sqrt(max(_variance(z, x), 0.0))
    simulated = _gamma(_simulated_g(z, x, draws, seed, progress), h, x2)
    gamma = float(_gamma(np.array([g]), h, x2)[0])
    low, high = np.quantile(simulated, (0.025, 0.975))
    # G of plants of equal size falls on few values: as large means up to rounding.
    slack = 1e-9 * (1 + abs(gamma))
    ranks = ((simulated >= gamma - slack).sum(), (simulated <= gamma + slack).sum())
    return EllisonGlaeser(
        gamma=gamma,
        g=g,
        herfindahl=h,
        expected_g=expected,
        sd_g=deviation,
        z=(g - expected) / deviation if deviation > 0 else math.nan,
        chance_low=float(low),
        chance_high=float(high),
        p_value=min(1.0, 2 * (1 + int(min(ranks))) / (draws + 1)),
        draws=draws,
        seed=seed,
        plants=len(z),
        areas=len(x),
        shares=pd.Series(s, index=base.index),
        reference=pd.Series(x, index=base.index),
        reference_name=reference_name,
    )


def _places(plant_areas: ArrayLike, reference: pd.Series) -> np.ndarray:
    """Position of each plant's area in the index of the reference."""
    if reference.index.has_duplicates:
        raise InfeasibleError(
            N_("“{label}” is there more than once in the table of areas and industries"),
            hint=N_("add up what belongs together first"),
            label=str(reference.index[reference.index.duplicated()][0]),
        )
    areas = pd.Index(np.asarray(plant_areas).reshape(-1))
    where = reference.index.get_indexer(areas)
    missing = areas[where < 0]
    if len(missing):
        raise InfeasibleError(
            N_("{count} of {total} plants lie in no area of the reference, such as “{example}”"),
            hint=N_("locate them, or leave them out and say how many"),
            count=len(missing),
            total=len(areas),
            example=str(missing[0]),
        )
    return np.asarray(where)


def _gamma(g: Floats, h: float, x2: float) -> Floats:
    return np.asarray((g - (1 - x2) * h) / ((1 - x2) * (1 - h)))


def _variance(z: Floats, x: Floats) -> float:
    h, z4 = (z**2).sum(), (z**4).sum()
    x2, x3 = (x**2).sum(), (x**3).sum()
    return float(2 * (h**2 * (x2 - 2 * x3 + x2**2) - z4 * (x2 - 4 * x3 + 3 * x2**2)))


def _simulated_g(z: Floats, x: Floats, draws: int, seed: int, progress: Progress | None) -> Floats:
    """G of each draw; blocks bound the memory and leave the stream of random numbers as it is."""
    chance, steps = np.random.default_rng(seed), np.cumsum(x)
    steps /= steps[-1]  # so that no rounding leads past the last area that has a chance
    found = np.empty(draws)
    block = max(1, _BLOCK // max(len(z), len(x)))
    for start in range(0, draws, block):
        if progress is not None:
            progress(start / draws, N_("plants that choose their areas at random"))
        count = min(block, draws - start)
        chosen = np.searchsorted(steps, chance.random((count, len(z))), side="right")
        cell = (chosen + np.arange(count)[:, None] * len(x)).reshape(-1)
        s = np.bincount(cell, weights=np.tile(z, count), minlength=count * len(x)).reshape(count, len(x))
        found[start : start + count] = ((s - x) ** 2).sum(axis=1)
    return found
