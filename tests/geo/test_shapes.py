"""Outlines and forms of point sets: they hold their points, and closed forms where there are any."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from geo.shapes import axis_ratio, hull, polygon_parts

ORIGIN = np.array([500_000.0, 2_730_000.0])
places = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=40)


@given(
    xy=places,
    ratio=st.sampled_from([0.0, 0.1, 0.3, 0.7, 1.0]),
    margin_m=st.sampled_from([0.25, 10.0, 100.0]),
    step_m=st.sampled_from([1.0, 37.5, 1_000.0]),
)
@settings(max_examples=300, deadline=None)
def test_an_outline_is_one_sound_polygon_that_holds_every_point(
    xy: list[tuple[int, int]], ratio: float, margin_m: float, step_m: float
) -> None:
    points = np.array(xy, dtype=float) * step_m + ORIGIN
    outline = hull(points, ratio, margin_m)
    assert outline.geom_type == "Polygon"
    assert outline.is_valid
    # A circle of 24 corners has 99 % of its area.
    assert outline.area >= 0.98 * math.pi * margin_m**2
    assert outline.covers(shapely.multipoints(points))
    convex = shapely.multipoints(points).convex_hull.buffer(margin_m * 1.001, quad_segs=64)
    assert convex.covers(outline)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0)] * 4,
        [(0, 0), (30, 40)],
        [(n * 7.0, n * 3.0) for n in range(9)],
        [(0, 0), (10, 0), (20, 0), (20, 0)],
        [(0, 0), (1e-9, 1e-9), (2e-9, 0)],
    ],
)
def test_points_that_span_no_area_have_an_outline_of_the_margins_width(
    points: list[tuple[float, float]],
) -> None:
    xy = np.array(points, dtype=float)
    length = shapely.length(LineString(xy)) if len({*points}) > 1 else 0.0
    outline = hull(xy + ORIGIN, 0.3, 50.0)
    assert outline.area == pytest.approx(length * 100.0 + math.pi * 50.0**2, rel=0.02)


@given(xy=places, seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_neither_order_nor_repetition_of_the_points_changes_the_outline(
    xy: list[tuple[int, int]], seed: int
) -> None:
    points = np.array(xy, dtype=float) * 10.0
    turned = np.random.default_rng(seed).permutation(np.vstack([points, points[:3]]))
    assert hull(points, 0.3, 20.0).wkb == hull(turned, 0.3, 20.0).wkb


@given(ratio=st.floats(1.0, 50.0), angle=st.floats(0, math.pi), size=st.floats(0.1, 5_000.0))
@settings(max_examples=100, deadline=None)
def test_the_axes_of_a_stretched_and_turned_cross_are_as_they_were_made(
    ratio: float, angle: float, size: float
) -> None:
    cross = np.array([(ratio, 0), (-ratio, 0), (0, 1), (0, -1)]) * size
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    assert axis_ratio(cross @ turn + ORIGIN) == pytest.approx(ratio, rel=1e-6)


def test_a_circle_is_round_a_line_endless_and_one_place_has_no_form() -> None:
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    assert axis_ratio(np.column_stack([np.cos(angle), np.sin(angle)]) * 300) == pytest.approx(1.0)
    assert axis_ratio(np.array([(0.0, 0.0), (3.0, 4.0), (6.0, 8.0)])) == math.inf
    assert math.isnan(axis_ratio(np.tile(ORIGIN, (5, 1))))


def test_polygons_are_found_in_whatever_holds_them() -> None:
    square = box(0, 0, 1, 1)
    assert polygon_parts(square) == [square]
    assert len(polygon_parts(MultiPolygon([square, box(2, 0, 3, 1)]))) == 2
    assert polygon_parts(GeometryCollection([Point(0, 0), square, LineString([(0, 0), (1, 1)])])) == [square]
    assert polygon_parts(Polygon()) == polygon_parts(Point(0, 0)) == []
