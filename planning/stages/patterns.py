"""Describe how firms are spread: centres, neighbours, K and L, Kd, each with its conventions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial.distance import pdist
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError, UsageError
from geo.params import Params, check, choice, quantity, text
from geo.patterns.duranton_overman import KdTest
from geo.patterns.window import Floats, Progress, Window
from layers.tables import FIRMS
from planning.patterns.curves import Envelopes, kd_curve, kd_or_why_not, neighbour_curve, ripley_curves
from planning.patterns.figures import Curve, Measure, measure
from planning.patterns.spread import centre_measures, neighbour_measures, park_measure

__all__ = ["ALL", "PatternParams", "PatternResult", "describe_patterns"]

ALL = "all"
"""Stands for the industry where the firms of all industries are meant."""
_STEPS, _MOST_RADII, _SAMPLE = 50, 5_000, 2_000
_DIGITS = 6
"""Places are taken to the micrometre: their way through degrees left nanometres, which would part
firms at one place and move pairs that are just r apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternParams(Params):
    """Which statistics of the firms' places, by which conventions."""

    industry: str = text("", N_("Only firms whose industry is exactly this; empty takes each and all."))
    radii_m: str = text(
        "",
        N_(
            "Distances of the curves, FROM:TO:STEP in metres; empty: 50 steps up to a quarter of the shorter "
            "side of the study window, of Kd up to the median distance between all firms."
        ),
    )
    default_window: str = choice(
        "rectangle",
        ("rectangle", "hull"),
        N_("Study window where none is given: bounding rectangle or convex hull of the firms."),
    )
    ellipse: str = choice(
        "yuill",
        ("yuill", "sqrt2", "crimestat"),
        N_("Axes of the ellipse: one standard deviation, √2 of it, or √2 of it with n − 2 as divisor."),
    )
    donnelly_constant: float = quantity(
        0.0412, 0.0, 1.0, "", N_("Constant of Donnelly's correction: 0.0412 in spatstat, 0.041 in texts.")
    )
    duplicates: str = choice(
        "keep",
        ("keep", "once"),
        N_("Nearest neighbours: firms at one place are neighbours at distance 0, or a place counts once."),
    )
    intensity: str = choice(
        "spatstat",
        ("spatstat", "pairs", "points"),
        N_("K divides by n(n−1) (pairs) or n² (points); spatstat takes points for border, else pairs."),
    )
    draws: int = quantity(
        1_000, 1, 100_000, "", N_("Random choices of places behind the bands of Kd; more take longer.")
    )
    level: float = quantity(
        0.05, 0.001, 0.5, "", N_("Share of the random choices that may leave a global band of Kd.")
    )
    envelope_draws: int = quantity(
        99, 1, 10_000, "", N_("Random patterns behind the envelopes of K, L and G; never more than draws.")
    )
    envelope: str = choice(
        "pointwise",
        ("pointwise", "global"),
        N_("Envelope of K and L: least and largest at each distance, or the largest deviation anywhere."),
    )
    bandwidth_m: float = quantity(
        0.0, 0.0, 1_000_000.0, "m", N_("Bandwidth of Kd; 0 follows from the distances (R's nrd0).")
    )
    least_firms: int = quantity(11, 3, 1_000, "firms", N_("Fewer firms have no Kd."))
    near_centre_m: float = quantity(
        5_000.0, 0.0, 1_000_000.0, "m", N_("Firms at most this far from their mean centre are near it.")
    )
    around_park_m: float = quantity(
        1_000.0, 0.0, 100_000.0, "m", N_("Firms at most this far from a park stand in its surroundings.")
    )
    most_industries: int = quantity(
        10, 1, 1_000, "", N_("Industries, those with most firms, that get curves; more take longer.")
    )

    def __post_init__(self) -> None:
        """Check the distances too."""
        check(self)
        self.radii()

    def radii(self) -> Floats | None:
        """Return the distances that were asked for, metres; None where none were.

        Raises
        ------
        UsageError
            If they are not of the form FROM:TO:STEP.
        """
        if not self.radii_m.strip():
            return None
        try:
            low, high, step = map(float, self.radii_m.split(":"))
        except ValueError:
            low, high, step = np.nan, np.nan, np.nan
        if not (0 <= low < high < np.inf and 0 < step <= high - low):
            raise UsageError(
                N_("the distances “{radii}” are not of the form FROM:TO:STEP, in metres"),
                hint=N_("for example 0:250:5"),
                where="radii_m",
                radii=self.radii_m,
            )
        count = int((high - low) / step * (1 + 1e-12)) + 1
        if count > _MOST_RADII:
            raise UsageError(
                N_("“{radii}” are {count:,} distances, at most {most:,} are allowed"),
                hint=N_("take a larger step"),
                where="radii_m",
                radii=self.radii_m,
                count=count,
                most=_MOST_RADII,
            )
        return np.asarray(low + step * np.arange(count))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PatternResult:
    """All figures and curves, first those of all firms, and the window that they were judged in.

    Attributes
    ----------
    measures : tuple of Measure
    curves : tuple of Curve
    window : Window or None
        None where the firms span no area and none was given.
    window_kind : str
        given, rectangle, hull.
    firms, outside : int
        Firms in the window, and those beyond it, which are left out.
    industries, without_curves : tuple of str
        With most firms first; those beyond `most_industries` have no curves.
    params : PatternParams
    seed : int
    """

    measures: tuple[Measure, ...]
    curves: tuple[Curve, ...]
    window: Window | None
    window_kind: str
    firms: int
    outside: int
    industries: tuple[str, ...]
    without_curves: tuple[str, ...]
    params: PatternParams
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Firms of one industry, or of all."""

    industry: str
    xy: Floats
    unlocated: int


def describe_patterns(
    firms: gpd.GeoDataFrame,
    params: PatternParams,
    *,
    window: BaseGeometry | None = None,
    parks: BaseGeometry | None = None,
    unlocated: Sequence[str | None] = (),
    seed: int = 1,
    progress: Progress | None = None,
) -> PatternResult:
    """Describe the places of firms, of all and industry by industry.

    Parameters
    ----------
    firms : GeoDataFrame of n points, schema `FIRMS`
        In the metric CRS of the area; left unchanged.
    params : PatternParams
        More `draws` make the bands firmer and the work longer.
    window : Polygon or MultiPolygon, optional
        Study window, in the CRS of the firms; firms beyond it are left out. By default around the firms.
    parks : Polygon or MultiPolygon, optional
        All parks; without them the in-park share is unknown.
    unlocated : sequence of str or None
        Industry of each firm that has no place of its own: it widens the in-park share.
    seed : int
        Of each random pattern; a curve does not depend on which others are made.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError` to stop the work.

    Returns
    -------
    PatternResult

    Raises
    ------
    SchemaError, CrsError
        If `firms` breaks its schema.
    InfeasibleError
        If no firm has the industry asked for, or none lies in the window.

    Notes
    -----
    What cannot be known for an industry (too few firms, no window, no reference) is unknown with the
    reason, and so is what takes too long. Firms at one place are pairs at distance 0.

    References
    ----------
    In `geo.patterns`.
    """
    FIRMS.check(firms)
    xy = np.column_stack([firms.geometry.x, firms.geometry.y]).reshape(-1, 2).round(_DIGITS)
    area = _window(xy, window, params)
    inside = np.ones(len(xy), dtype=bool) if area is None else area.contains(xy)
    if not inside.any():
        raise InfeasibleError(
            N_("none of {count} located firms lies in the study window"),
            hint=N_("check the coordinate systems of both files, or give another window"),
            where="window",
            count=len(xy),
        )
    groups = _groups(firms, xy, inside, unlocated, params)
    named = tuple(group.industry for group in groups if group.industry != ALL)
    left_out = named[params.most_industries :]
    spread = [one for group in groups for one in _measures(group, area, parks, params)]
    drawn = [group for group in groups if group.industry not in left_out]
    curves: list[Curve] = []
    for place, group in enumerate(drawn):
        tell = _part(progress, place, len(drawn))
        curves += _curves(group, area, params, seed, tell)
        kd = _kd(group.xy, xy[inside], params, seed, tell)
        facts = {"draws": params.draws, "level": params.level, "seed": seed}
        curves.append(kd_curve(group.industry, kd, facts))
        spread += _indices(group.industry, kd, facts)
    return PatternResult(
        measures=tuple(spread),
        curves=tuple(curves),
        window=area,
        window_kind=params.default_window if window is None else "given",
        firms=int(inside.sum()),
        outside=int((~inside).sum()),
        industries=named,
        without_curves=left_out,
        params=params,
        seed=seed,
    )


def _window(xy: Floats, window: BaseGeometry | None, params: PatternParams) -> Window | None:
    if window is not None:
        return Window.of(shapely.transform(window, lambda places: places.round(_DIGITS)))
    points = shapely.multipoints(xy)
    shape = points.envelope if params.default_window == "rectangle" else points.convex_hull
    return Window.of(shape) if shape.area > 0 else None


def _groups(
    firms: gpd.GeoDataFrame,
    xy: Floats,
    inside: NDArray[np.bool_],
    unlocated: Sequence[str | None],
    params: PatternParams,
) -> list[_Group]:
    """All firms, then the industries, those with most firms first; or the one asked for."""
    everywhere = _Group(industry=ALL, xy=xy[inside], unlocated=len(unlocated))
    if "industry" not in firms or firms["industry"].notna().sum() == 0:
        if params.industry:
            raise InfeasibleError(
                N_("no firm has a known industry: the table needs a column {columns}"),
                hint=N_("add the column, or take all industries"),
                where="industry",
                columns="industry / industry_code (行业, 行业代码)",
            )
        return [everywhere]
    own = firms["industry"].astype(object)
    counts = own[inside].value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], str(name)))
    if params.industry and params.industry not in names:
        raise InfeasibleError(
            N_("no firm in the study window has the industry “{industry}”"),
            hint=N_("known are: {known}"),
            where="industry",
            industry=params.industry,
            known="、".join(map(str, names[:20])) or "–",
        )
    values = own.to_numpy()
    found = [
        _Group(
            industry=str(name),
            xy=xy[inside & (values == name)],
            unlocated=sum(one == name for one in unlocated),
        )
        for name in ([params.industry] if params.industry else names)
    ]
    return found if params.industry else [everywhere, *found]


def _measures(
    group: _Group, area: Window | None, parks: BaseGeometry | None, params: PatternParams
) -> Iterator[Measure]:
    industry, xy = group.industry, group.xy
    yield from centre_measures(industry, xy, scaling=cast("Any", params.ellipse), near_m=params.near_centre_m)
    yield from neighbour_measures(
        industry,
        xy,
        area,
        duplicates=cast("Any", params.duplicates),
        donnelly_constant=params.donnelly_constant,
    )
    yield park_measure(industry, xy, group.unlocated, parks, around_m=params.around_park_m)


def _curves(
    group: _Group, area: Window | None, params: PatternParams, seed: int, progress: Progress | None
) -> Iterator[Curve]:
    r_m = params.radii()
    if r_m is None:
        west, south, east, north = area.bounds if area is not None else (0, 0, 1, 1)
        r_m = np.linspace(0.0, min(east - west, north - south) / 4, _STEPS + 1)
    envelopes = Envelopes(
        draws=min(params.draws, params.envelope_draws), seed=seed, kind=cast("Any", params.envelope)
    )
    how = None if params.intensity == "spatstat" else cast("Any", params.intensity)
    yield from ripley_curves(group.industry, group.xy, area, r_m, envelopes, intensity=how, progress=progress)
    yield neighbour_curve(group.industry, group.xy, area, r_m, envelopes, progress)


def _kd(
    xy: Floats, reference_xy: Floats, params: PatternParams, seed: int, progress: Progress | None
) -> KdTest | InfeasibleError:
    d_m = params.radii()
    if d_m is None:
        some = reference_xy[:: max(1, len(reference_xy) // _SAMPLE)]
        reach = float(np.median(pdist(some))) if len(some) > 1 else 0.0
        d_m = np.linspace(0.0, reach or 1.0, _STEPS + 1)
    return kd_or_why_not(
        xy,
        reference_xy,
        d_m,
        bandwidth_m=params.bandwidth_m or None,
        draws=params.draws,
        level=params.level,
        least_firms=params.least_firms,
        seed=seed,
        progress=progress,
    )


def _indices(industry: str, kd: KdTest | InfeasibleError, facts: dict[str, Any]) -> Iterator[Measure]:
    """How far Kd leaves its global bands, as two numbers."""

    def known() -> KdTest:
        if isinstance(kd, InfeasibleError):
            raise kd
        return kd

    source = "Duranton & Overman (2005)"
    yield measure("localisation_gamma", industry, lambda: known().gamma, source=source, **facts)
    yield measure("dispersion_psi", industry, lambda: known().psi, source=source, **facts)


def _part(progress: Progress | None, place: int, count: int) -> Progress | None:
    """Map what one industry tells onto its part of the whole; within it, time is not known beforehand."""
    if progress is None:
        return None
    return lambda _, what: progress(place / count, what)
