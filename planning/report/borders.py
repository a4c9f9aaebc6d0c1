"""Borders on a picture: what lies in the view, and the South China Sea apart where the country is seen."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from geo.area import WGS84, StudyArea
from geo.errors import N_
from layers.backdrop import border_lines, room_around
from planning.report.labels import BORDER_COLOUR, border_label
from planning.report.typesetting import drawable

__all__ = ["draw_borders"]

_SOUTH_SEA_DEG = (105.5, 2.5, 124.0, 23.5)
_INSET = (0.865, 0.1, 0.125, 0.27)
"""Left, bottom, width and height in shares of the picture."""
_WIDTHS = (0.8, 0.35)
_LEAST_VIEW_M = 15_000.0
"""Closer than this the borders are not exact enough to be shown."""


def draw_borders(
    axes: Axes, area: StudyArea, map_number: str, translate: Callable[[str], str], *, inset: bool
) -> None:
    """Draw the built-in borders below what is there, without changing the view.

    Parameters
    ----------
    axes : Axes
        With its limits set, metres in the area's CRS.
    area : StudyArea
    map_number : str
        Of the map's review; empty: not reviewed.
    translate : callable
    inset : bool
        Whether a view of the whole country gets the South China Sea apart, with its islands and dashes.
    """
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    if max(east - west, north - south) < _LEAST_VIEW_M:
        return
    edge = shapely.segmentize(shapely.box(west, south, east, north), (east - west) / 8)
    bounds = area.to_wgs84(edge).bounds
    if not np.isfinite(bounds).all():
        return
    room = room_around(bounds)
    main, minor = border_lines(None if room is None else bounds)
    for lines, width in zip((main, minor), _WIDTHS, strict=True):
        _draw(axes, area, lines, width)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    if not len(main) and not len(minor):
        return
    words = border_label(map_number, translate)
    axes.text(
        0.004,
        0.006,
        drawable(words),
        transform=axes.transAxes,
        fontsize=6,
        color=BORDER_COLOUR,
        zorder=9,
        parse_math=False,
    )
    if room is None and inset:
        _south_sea(axes, area, main, translate)


def _draw(axes: Axes, area: StudyArea, lines: NDArray[np.object_], width: float) -> None:
    if not len(lines):
        return
    metric = area.to_metric(gpd.GeoDataFrame(geometry=lines, crs=WGS84)).geometry.to_numpy()
    pieces = [xy for line in metric if np.isfinite(xy := shapely.get_coordinates(line)).all()]
    axes.add_collection(
        LineCollection(pieces, colors=BORDER_COLOUR, linewidths=width, zorder=0.5), autolim=False
    )


def _south_sea(
    axes: Axes, area: StudyArea, main: NDArray[np.object_], translate: Callable[[str], str]
) -> None:
    """A small map of the South China Sea in the lower right corner."""
    small = axes.inset_axes(_INSET, zorder=10)
    small.set_xticks([])
    small.set_yticks([])
    _draw(small, area, main, 0.6)
    sea = area.to_metric(shapely.segmentize(shapely.box(*_SOUTH_SEA_DEG), 1.0))
    west, south, east, north = sea.bounds
    small.set_xlim(west, east)
    small.set_ylim(south, north)
    small.set_aspect("equal", adjustable="datalim")
    small.set_title(translate(N_("South China Sea islands")), fontsize=6.5, pad=2)
