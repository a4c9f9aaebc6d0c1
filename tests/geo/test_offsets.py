"""An offset like that of GCJ-02 is told where it is, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.datums import wgs84_to_bd09, wgs84_to_gcj02
from geo.offsets import find_area_shift, find_gcj02_shift

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


def counties(rng: np.random.Generator) -> np.ndarray:
    """Sixteen made-up counties of some 10 by 10 km that meet in crooked lines, in degrees."""
    side = 4
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), axis=-1)
    corners = corners * 10_000 + rng.normal(0, 1_500, corners.shape)

    def line(one: tuple[int, int], two: tuple[int, int]) -> np.ndarray:
        wave = np.sin(np.linspace(0, np.pi, 40)[:, None] * (1 + (sum(one) + 3 * sum(two)) % 5)) * 400
        return np.linspace(corners[one], corners[two], 40) + wave

    found = []
    for i in range(side):
        for j in range(side):
            ring = np.vstack(
                [
                    line((i, j), (i + 1, j)),
                    line((i + 1, j), (i + 1, j + 1)),
                    line((i, j + 1), (i + 1, j + 1))[::-1],
                    line((i, j), (i, j + 1))[::-1],
                ]
            )
            found.append(shapely.Polygon(to_degrees(ring)))
    return np.array(found, dtype=object)


def generalised(rng: np.random.Generator, areas: np.ndarray) -> np.ndarray:
    """The same with lines that lie wrong by 200 m, here this way and there that way, over some 3 km."""
    wave, phase = rng.normal(0, 1 / 3_000, (30, 2)) * M, rng.uniform(0, 7, (2, 30))
    size = rng.normal(0, 200 * np.sqrt(2 / 30), (2, 30)) / M

    def moved(xy: np.ndarray) -> np.ndarray:
        along = xy @ wave.T
        return xy + np.column_stack([np.sin(along + phase[axis]) @ size[axis] for axis in (0, 1)])

    return np.asarray(shapely.transform(areas, moved))


def inhabitants(
    rng: np.random.Generator, areas: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Firms in towns and between, and the county that each lies in; one of fifty names another one."""
    towns = rng.uniform(0, 40_000, (60, 2))[rng.integers(0, 60, count)] + rng.normal(0, 1_500, (count, 2))
    anywhere = rng.uniform(0, 40_000, (count, 2))
    lon, lat = to_degrees(np.where(rng.random((count, 1)) < 0.5, towns, anywhere)).T
    point, area = shapely.STRtree(areas).query(shapely.points(lon, lat), predicate="intersects")
    own = np.full(count, -1)
    own[point] = area
    return lon, lat, np.where(rng.random(count) < 0.02, rng.integers(0, 16, count), own)


def test_two_hundred_tables_in_place_are_never_said_to_be_shifted() -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        areas = counties(rng)
        lon, lat, own = inhabitants(rng, areas, int(rng.choice([30, 100, 300, 1_000, 4_000])))
        assert find_area_shift(lon, lat, own, generalised(rng, areas)) is None, seed


@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_firms_with_their_counties_tell_a_shift_and_which(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = counties(rng)
    lon, lat, own = inhabitants(rng, areas, 6_000)
    drawn = generalised(rng, areas)
    assert find_area_shift(*wgs84_to_gcj02(lon, lat), own, drawn) == "GCJ-02"
    assert find_area_shift(*wgs84_to_bd09(lon, lat), own, drawn) == "BD-09"


def test_few_firms_or_firms_of_no_known_county_decide_nothing() -> None:
    rng = np.random.default_rng(4)
    areas = counties(rng)
    lon, lat, own = inhabitants(rng, areas, 6_000)
    x, y = wgs84_to_gcj02(lon, lat)
    assert find_area_shift(x[:40], y[:40], own[:40], areas) is None
    assert find_area_shift(x, y, np.full(6_000, -1), areas) is None
    assert find_area_shift(x + 1, y, own, areas) is None
    assert find_area_shift([], [], np.zeros(0, dtype=int), areas) is None
    order = rng.permutation(6_000)
    assert find_area_shift(x[order], y[order], own[order], areas) == "GCJ-02"
