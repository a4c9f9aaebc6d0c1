"""Figures of how firms are spread: centres, ellipse, neighbours, share in parks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.patterns import centres
from geo.patterns.nearest import ClarkEvans, clark_evans
from geo.patterns.window import Floats, Window
from planning.patterns.figures import Measure, measure
from planning.three_valued import Interval

__all__ = ["centre_measures", "neighbour_measures", "park_measure", "window_needed"]


def centre_measures(
    industry: str, xy: Floats, *, scaling: centres.Scaling, near_m: float
) -> Iterator[Measure]:
    """Centres, standard distance, ellipse, and the share of firms near the mean centre."""

    def of_ellipse(pick: Callable[[centres.Ellipse], float]) -> Callable[[], float]:
        return lambda: pick(centres.deviational_ellipse(xy, scaling=scaling))

    yield measure("firms", industry, lambda: float(len(xy)), unit="firms")
    yield measure(
        "mean_centre", industry, lambda: _pair(centres.mean_centre(xy)), unit="m", source="Ebdon (1985)"
    )
    yield measure(
        "median_centre",
        industry,
        lambda: _pair(centres.median_centre(xy)),
        unit="m",
        source="Vardi & Zhang (2000)",
    )
    yield measure(
        "standard_distance", industry, lambda: centres.standard_distance(xy), unit="m", source="Ebdon (1985)"
    )
    for name, unit, pick in (
        ("ellipse_major", "m", _major),
        ("ellipse_minor", "m", _minor),
        ("ellipse_bearing", "deg", _bearing),
    ):
        yield measure(name, industry, of_ellipse(pick), unit=unit, source="Yuill (1971)", scaling=scaling)
    yield measure(
        "share_near_centre",
        industry,
        lambda: centres.share_within(xy, centres.mean_centre(xy), near_m),
        within_m=near_m,
    )


def _pair(place: Floats) -> tuple[float, float]:
    return float(place[0]), float(place[1])


def _major(ellipse: centres.Ellipse) -> float:
    return ellipse.major_m


def _minor(ellipse: centres.Ellipse) -> float:
    return ellipse.minor_m


def _bearing(ellipse: centres.Ellipse) -> float:
    if np.isnan(ellipse.azimuth_deg):
        raise InfeasibleError(N_("both axes of the ellipse are equal: it points nowhere"))
    return ellipse.azimuth_deg


def neighbour_measures(
    industry: str,
    xy: Floats,
    window: Window | None,
    *,
    duplicates: Literal["keep", "once"],
    donnelly_constant: float,
) -> Iterator[Measure]:
    """Mean distance to the nearest neighbour, and Clark and Evans' index without and with correction."""

    def index(correction: Literal["naive", "donnelly"]) -> ClarkEvans:
        return clark_evans(
            xy,
            window_needed(window),
            correction=correction,
            donnelly_constant=donnelly_constant,
            duplicates=duplicates,
        )

    yield measure(
        "nearest_neighbour_mean",
        industry,
        lambda: index("naive").mean_m,
        unit="m",
        source="Clark & Evans (1954)",
        duplicates=duplicates,
    )
    yield measure(
        "clark_evans",
        industry,
        lambda: index("naive").ratio,
        source="Clark & Evans (1954)",
        correction="none",
        duplicates=duplicates,
    )
    yield measure(
        "clark_evans_donnelly",
        industry,
        lambda: index("donnelly").ratio,
        source="Donnelly (1978)",
        constant=donnelly_constant,
        duplicates=duplicates,
    )


def window_needed(window: Window | None) -> Window:
    """Return the window, or say why there is none.

    Raises
    ------
    InfeasibleError
        If there is none.
    """
    if window is None:
        raise InfeasibleError(
            N_("the firms lie at one place or on one line, so no study window follows from them"),
            hint=N_("give a study window"),
        )
    return window


def park_measure(
    industry: str, xy: Floats, unlocated: int, parks: BaseGeometry | None, *, around_m: float
) -> Measure:
    """Share of the firms in parks: from those surely in one to those in, around or of unknown place."""

    def share() -> Interval:
        if parks is None:
            raise InfeasibleError(
                N_("without a layer of parks nobody can tell which firms stand in one"),
                hint=N_("give the parks"),
            )
        shapely.prepare(parks)
        points = shapely.points(xy)
        total = len(points) + unlocated
        inside = int(shapely.intersects(parks, points).sum())
        around = int(shapely.dwithin(parks, points, around_m).sum())
        return Interval(inside / total, (around + unlocated) / total)

    return measure("in_park_share", industry, share, around_m=around_m, unlocated=unlocated)
