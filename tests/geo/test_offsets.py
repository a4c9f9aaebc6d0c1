"""An offset like that of GCJ-02 is told where it is, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.datums import wgs84_to_gcj02
from geo.offsets import find_gcj02_shift

LON, LAT, M = 118.40, 24.70, 111_320.0


def roads(rng: np.random.Generator) -> np.ndarray:
    """Streets of a made-up town of 8 by 8 km: some 500 m apart, none straight, in degrees."""
    lines = []
    for axis in (0, 1):
        for offset in np.cumsum(rng.uniform(300, 900, 14)):
            along = np.linspace(0, 8_000, 30)
            across = offset + np.cumsum(rng.normal(0, 25, 30))
            xy = np.column_stack([along, across] if axis else [across, along])
            lines.append(shapely.LineString(to_degrees(xy)))
    return np.array(lines, dtype=object)


def to_degrees(xy_m: np.ndarray) -> np.ndarray:
    return np.column_stack([LON + xy_m[:, 0] / (M * np.cos(np.radians(LAT))), LAT + xy_m[:, 1] / M])


def firms(rng: np.random.Generator, lines: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Gates of firms, 10 to 80 m off a street."""
    at = shapely.line_interpolate_point(rng.choice(lines, count), rng.uniform(0, 1, count), normalized=True)
    step = to_degrees(
        rng.uniform(10, 80, (count, 1))
        * np.exp(1j * rng.uniform(0, 7, (count, 1))).view(float).reshape(-1, 2)
    )
    xy = shapely.get_coordinates(at) + step - [LON, LAT]
    return xy[:, 0], xy[:, 1]


@pytest.mark.parametrize("seed", range(12))
def test_points_in_gcj02_are_told_from_points_in_place(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = roads(rng)
    lon, lat = firms(rng, lines, 150)
    assert find_gcj02_shift(lon, lat, lines) is None
    assert find_gcj02_shift(*wgs84_to_gcj02(lon, lat), lines) == "points"


@pytest.mark.parametrize("seed", range(4))
def test_roads_in_gcj02_are_told_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lines = roads(rng)
    lon, lat = firms(rng, lines, 150)
    moved = shapely.transform(lines, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    assert find_gcj02_shift(lon, lat, moved) == "lines"


@pytest.mark.parametrize("seed", range(12))
def test_any_other_offset_and_places_anywhere_are_no_evidence(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    lines = roads(rng)
    lon, lat = firms(rng, lines, 150)
    turn, length = rng.uniform(0, 2 * np.pi), rng.uniform(200, 900)
    east, north = (to_degrees(np.array([[np.cos(turn), np.sin(turn)]]) * length) - [LON, LAT])[0]
    gcj = np.array(wgs84_to_gcj02(LON, LAT)) - [LON, LAT]
    if (
        np.hypot(east - gcj[0], north - gcj[1]) * M > 120
        and np.hypot(east + gcj[0], north + gcj[1]) * M > 120
    ):
        assert find_gcj02_shift(lon + east, lat + north, lines) is None
    anywhere = to_degrees(rng.uniform(0, 8_000, (300, 2)))
    assert find_gcj02_shift(anywhere[:, 0], anywhere[:, 1], lines) is None


def test_few_points_or_points_of_one_street_decide_nothing() -> None:
    rng = np.random.default_rng(1)
    lines = roads(rng)
    lon, lat = wgs84_to_gcj02(*firms(rng, lines, 15))
    assert find_gcj02_shift(lon, lat, lines) is None
    one = shapely.line_interpolate_point(lines[0], np.linspace(0, 0.2, 200), normalized=True)
    lon, lat = wgs84_to_gcj02(*shapely.get_coordinates(one).T)
    assert find_gcj02_shift(lon, lat, lines) is None
    assert find_gcj02_shift([], [], lines) is None
    assert find_gcj02_shift(lon, lat, np.array([], dtype=object)) is None


def test_far_from_the_roads_nothing_is_said() -> None:
    rng = np.random.default_rng(2)
    lines = roads(rng)
    lon, lat = firms(rng, lines, 150)
    assert find_gcj02_shift(lon + 1, lat, lines) is None
