"""One metric CRS inside: the survey's zone in China, a plane of its own elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo.area import StudyArea, cgcs2000_zone, geodesic_area_m2, geodesic_distance_m
from geo.errors import CrsError, GeometryError


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (118.425, 24.703, 4548),
        (117.365, 25.974, 4548),
        (121.52, 38.87, 4550),
        (126.65, 45.75, 4551),
        (90.2, 42.9, 4539),
    ],
)
def test_a_park_in_china_gets_its_cgcs2000_zone(lon: float, lat: float, epsg: int) -> None:
    area = StudyArea.from_wgs84(box(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01))
    assert area.crs.to_epsg() == epsg
    assert area.scale_error < 4e-4


@given(lon=st.floats(75, 134), lat=st.floats(19, 53), size=st.floats(0.002, 0.05))
@settings(max_examples=60, deadline=None)
def test_area_agrees_with_the_ellipsoid_within_the_stated_scale_error(
    lon: float, lat: float, size: float
) -> None:
    boundary = box(lon, lat, lon + size, lat + size)
    area = StudyArea.from_wgs84(boundary)
    assert area.boundary is not None
    true_m2 = geodesic_area_m2(boundary)
    assert abs(area.boundary.area / true_m2 - 1) <= 2 * area.scale_error + 1e-5


@given(lon=st.floats(-179, 179), lat=st.floats(-70, 70))
@settings(max_examples=60, deadline=None)
def test_there_and_back_again_moves_nothing(lon: float, lat: float) -> None:
    boundary = box(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    area = StudyArea.from_wgs84(boundary)
    assert area.boundary is not None
    back = area.to_wgs84(area.boundary)
    assert shapely.hausdorff_distance(back, boundary) < 1e-8


def test_elsewhere_a_local_transverse_mercator_is_true_to_scale() -> None:
    area = StudyArea.around([-0.1, 0.2], [51.4, 51.6])
    assert area.scale_error < 1e-4
    assert "Mercator" in area.crs_name


def test_the_whole_of_china_is_seen_in_a_cone_with_its_error_stated() -> None:
    area = StudyArea.around([80.0, 130.0], [22.0, 50.0])
    assert "Lambert" in area.crs_name
    assert 0.001 < area.scale_error < 0.02


def test_a_hole_is_taken_off_the_geodesic_area() -> None:
    outer, hole = box(118, 24, 118.1, 24.1), box(118.02, 24.02, 118.04, 24.04)
    whole = geodesic_area_m2(outer)
    assert geodesic_area_m2(Polygon(outer.exterior, [hole.exterior])) == pytest.approx(
        whole - geodesic_area_m2(hole), rel=1e-12
    )


def test_a_degree_of_the_meridian_is_110_574_m_at_the_equator() -> None:
    assert geodesic_distance_m(0, 0, 0, 1) == pytest.approx(110_574.39, abs=0.01)


@pytest.mark.parametrize("bounds", [(500_000, 2_700_000, 500_100, 2_700_100), (np.nan, 1, 2, 3)])
def test_metres_are_not_taken_for_degrees(bounds: tuple[float, ...]) -> None:
    with pytest.raises(GeometryError, match="longitudes and latitudes"):
        StudyArea.around([bounds[0], bounds[2]], [bounds[1], bounds[3]])


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:0", "nonsense"])
def test_only_metres_are_taken_as_the_users_crs(crs: str) -> None:
    with pytest.raises(CrsError):
        StudyArea.from_wgs84(box(118, 24, 118.1, 24.1), crs)


@pytest.mark.parametrize(
    ("lon", "epsg"),
    [
        (73.42, 4534),
        (73.5, 4534),
        (115.5, 4548),
        (118.5, 4549),
        (118.499, 4548),
        (121.5, 4550),
        (134.9, 4554),
        (135.1, 4554),
    ],
)
def test_on_the_border_of_two_zones_the_eastern_one_is_taken(lon: float, epsg: int) -> None:
    area = StudyArea.around([lon], [39.0])
    assert area.crs.to_epsg() == epsg
    assert area.scale_error < 4e-4


@pytest.mark.parametrize(
    ("lon", "lat", "kind", "error"),
    [
        ((115.0, 121.0), (24.0, 30.0), "Gauss-Kruger", 2.1e-3),
        ((115.0, 121.1), (24.0, 30.0), "Lambert", 0.02),
        ((-74.1, -73.9), (40.6, 40.8), "Transverse Mercator", 1e-6),
        ((-5.0, 8.0), (42.0, 51.0), "Lambert", 0.004),
        ((100.0, 120.0), (-8.0, 8.0), "Mercator", 0.006),
        ((10.0, 10.5), (89.0, 90.0), "Transverse Mercator", 1e-6),
        ((73.5, 135.0), (18.0, 53.5), "Lambert", 0.033),
    ],
)
def test_the_plane_is_chosen_by_the_extent_and_states_its_error(
    lon: tuple[float, float], lat: tuple[float, float], kind: str, error: float
) -> None:
    area = StudyArea.around(lon, lat)
    assert kind in area.crs_name
    assert area.scale_error <= error


def test_the_error_that_a_plane_states_is_the_worst_of_its_lengths() -> None:
    area = StudyArea.around([75.0, 134.0], [20.0, 53.0])
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(75, 134, 2_000), rng.uniform(20, 53, 2_000)
    angle = rng.uniform(0, 2 * np.pi, 2_000)
    there = shapely.points(lon + 0.01 * np.cos(angle), lat + 0.01 * np.sin(angle))
    here = shapely.points(lon, lat)
    true_m = geodesic_distance_m(lon, lat, shapely.get_x(there), shapely.get_y(there))
    ends = [
        area.to_metric(gpd.GeoDataFrame(geometry=points, crs=4326)).geometry.to_numpy()
        for points in (here, there)
    ]
    off = np.abs(shapely.distance(*ends) / true_m - 1)
    assert off.max() <= area.scale_error * 1.001
    assert off.max() > area.scale_error * 0.8


@pytest.mark.parametrize(
    ("lon", "lat"), [((-150, 150), (-60, 70)), ((-180, 180), (-90, 90)), ((-120, 120), (-45, 45))]
)
def test_no_plane_holds_several_continents(lon: tuple[float, float], lat: tuple[float, float]) -> None:
    with pytest.raises(CrsError, match="too far apart"):
        StudyArea.around(lon, lat)


def test_there_is_no_zone_in_europe() -> None:
    with pytest.raises(CrsError, match="zones 25 to 45"):
        cgcs2000_zone(10.0)


def test_a_table_without_crs_is_not_guessed() -> None:
    area = StudyArea.from_wgs84(box(118, 24, 118.1, 24.1))
    with pytest.raises(CrsError):
        area.to_metric(gpd.GeoDataFrame(geometry=[shapely.Point(118, 24)]))


def test_proj_asks_nobody_whatever_the_environment_says():
    code = "import geo.area, pyproj.network as n; print(n.is_network_enabled())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], env={**os.environ, "PROJ_NETWORK": "ON"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
