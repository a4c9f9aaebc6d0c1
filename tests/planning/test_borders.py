"""Borders on maps: what lies in the view, the South China Sea apart, and a label until the map is reviewed."""

from __future__ import annotations

import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from geo.area import StudyArea
from planning.report.borders import draw_borders
from planning.report.labels import border_label

NATION = StudyArea.around((75.0, 130.0), (20.0, 52.0))
TOWN = StudyArea.around((118.3, 118.5), (24.6, 24.8))


def drawn(area: StudyArea, half_m: float, centre: tuple[float, float], *, inset: bool = True) -> Axes:
    """Borders in a view that is so wide around a place."""
    axes = Figure(figsize=(10, 7)).add_axes((0, 0, 1, 1))
    x, y = shapely.get_coordinates(area.to_metric(shapely.Point(*centre)))[0]
    axes.set_xlim(x - half_m, x + half_m)
    axes.set_ylim(y - half_m, y + half_m)
    draw_borders(axes, area, "", str, inset=inset)
    assert axes.get_xlim() == pytest.approx((x - half_m, x + half_m))
    return axes


def test_a_view_of_the_country_has_the_south_china_sea_apart() -> None:
    axes = drawn(NATION, 2_400_000, (104.0, 36.0))
    assert len(axes.collections) == 1  # without cities and counties
    (small,) = axes.child_axes
    pieces = small.collections[0].get_segments()
    west, east = small.get_xlim()
    south, north = small.get_ylim()
    inside = [xy for xy in pieces if ((xy[:, 0] > west) & (xy[:, 0] < east) & (xy[:, 1] < north)).any()]
    assert len(inside) > 50
    assert min(xy[:, 1].min() for xy in inside) < south + 0.2 * (north - south)  # the southernmost reefs
    assert drawn(NATION, 2_400_000, (104.0, 36.0), inset=False).child_axes == []


def test_a_view_of_a_town_has_its_counties_and_a_park_alone_none() -> None:
    axes = drawn(TOWN, 60_000, (118.4, 24.7))
    assert len(axes.collections) == 2
    assert axes.child_axes == []
    assert list(drawn(TOWN, 5_000, (118.4, 24.7)).collections) == []


def test_without_a_review_number_the_borders_are_said_to_be_a_sketch() -> None:
    assert "示意图" in border_label("", str)
    assert "示意图" in border_label("  ", str)
    assert border_label(" GS(0000)1234 ", str).endswith("map review number GS(0000)1234")
