"""Administrative units: places that anybody can look up, and the outlines themselves as an oracle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from data import REFERENCE
from layers.admin import (
    BORDER_M,
    COAST_M,
    counties,
    county_of,
    off_land_m,
    sea_and_abroad,
    stored_outlines,
    units,
)
from layers.facilities import builtin_facilities

KNOWN = [
    ("350583", 118.42, 24.69, "Shuitou in Nan'an"),
    ("350481", 117.36, 25.97, "Yong'an"),
    ("110101", 116.4074, 39.9042, "Beijing"),
    ("370683", 119.94, 37.18, "Laizhou"),
    ("441900", 113.75, 23.02, "Dongguan, a city without counties"),
    ("820000", 113.55, 22.19, "Macau"),
    ("810101", 114.155, 22.281, "Central, Hong Kong"),
    ("710009", 121.517, 25.046, "Taipei"),
    ("460321", 112.335, 16.835, "Yongxing Island in the Paracels"),
    ("", 129.0, 35.2, "Pusan"),
    ("", 118.5, 23.9, "in the strait"),
    ("", float("nan"), 30.0, "nowhere"),
    ("", float("inf"), -5.0, "nowhere"),
    ("", -74.0, 40.7, "New York"),
]


@pytest.mark.parametrize(("adcode", "lon", "lat", "what"), KNOWN, ids=[row[3] for row in KNOWN])
def test_known_places_lie_in_their_counties(adcode, lon, lat, what):
    assert county_of([lon], [lat]).tolist() == [adcode]


def test_every_unit_has_a_parent_one_level_up_and_a_point_of_its_own():
    table = units()
    assert table.index.is_unique
    assert table["level"].value_counts().to_dict() == {"county": 2886, "city": 333, "province": 34}
    for level, above in (("county", {"city", "province"}), ("city", {"province"})):
        assert set(table.loc[table.loc[table["level"] == level, "parent"], "level"]) <= above
    found = county_of(table["lon"], table["lat"])
    own = table.index.isin(counties().adcode)
    assert (found[own] == table.index[own]).all()
    # The point of a city or province lies in a county of it.
    for code, county in zip(table.index[~own], found[~own], strict=True):
        width = 2 if code.endswith("0000") else 4
        assert county[:width] == code[:width]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_cells_of_the_grid_tell_the_same_as_the_outlines(seed):
    random = np.random.default_rng(seed)
    found = counties()
    # About a random stretch of outline, where a wrong cell would show.
    at = shapely.get_coordinates(found.shapes[random.integers(len(found.shapes))])
    lon, lat = (at[random.integers(len(at), size=300)] + random.normal(0, 0.03, (300, 2))).T
    point, county = found.tree.query(shapely.points(lon, lat), predicate="intersects")
    slow = np.full(300, "", dtype="U6")
    slow[point[::-1]] = found.adcode[county[::-1]]
    assert (county_of(lon, lat) == slow).all()


def test_the_order_of_points_does_not_matter():
    random = np.random.default_rng(4)
    lon, lat = random.uniform(100, 122, 5_000), random.uniform(20, 42, 5_000)
    turn = random.permutation(5_000)
    assert (county_of(lon, lat)[turn] == county_of(lon[turn], lat[turn])).all()


def test_the_distance_off_the_land_is_that_of_the_ellipsoid():
    random = np.random.default_rng(5)
    lon, lat = random.uniform(117.5, 120.5, 40), random.uniform(23.0, 26.0, 40)
    distance, _ = off_land_m(lon, lat)
    near = [shape for shape in counties().shapes if shapely.box(116, 21.5, 122, 27.5).intersects(shape)]
    shore = shapely.get_coordinates(shapely.segmentize(shapely.union_all(near), 0.002))
    for x, y, told in zip(lon, lat, distance, strict=True):
        if told:
            count = len(shore)
            best = Geod(ellps="GRS80").inv(np.full(count, x), np.full(count, y), *shore.T)[2].min()
            assert told == pytest.approx(best, rel=0.02, abs=150)
        else:
            assert county_of([x], [y])[0]


def test_the_sea_is_told_from_land_abroad():
    # Off Quanzhou, off Qingdao, in the Gulf of Tonkin; then Sinuiju, Mong Cai, Vladivostok, mid-ocean.
    lon = [118.95, 120.8, 108.9, 124.40, 107.95, 131.9, 140.0]
    lat = [24.55, 35.8, 21.0, 40.09, 21.54, 43.12, 25.0]
    assert sea_and_abroad(lon, lat)[0].tolist() == [True, True, True, False, False, False, False]
    # Sinuiju and Mong Cai lie within 2 km of the border.
    assert sea_and_abroad(lon, lat)[1].tolist()[3:6] == [False, False, True]


def test_squares_settle_what_distances_say():
    """Around the mouth of the Yalu, off Hong Kong and at random: coast, border and both."""
    random = np.random.default_rng(6)
    lon = np.concatenate(
        [random.normal(124.3, 0.3, 4_000), random.normal(114.2, 0.4, 4_000), random.uniform(75, 133, 4_000)]
    )
    lat = np.concatenate(
        [random.normal(39.9, 0.2, 4_000), random.normal(22.1, 0.2, 4_000), random.uniform(17, 52, 4_000)]
    )
    distance, by_coast = off_land_m(lon, lat)
    sea, abroad = sea_and_abroad(lon, lat)
    assert (sea == (by_coast & (distance > COAST_M) & (distance <= 100_000))).all()
    assert (abroad == (~by_coast & (distance > BORDER_M))).all()
    assert sea.sum() > 1_000
    assert abroad.sum() > 1_000


def test_places_across_a_border_are_abroad_and_those_on_this_side_are_not():
    # Hanoi, Khorgas west, Kanggye, Zabaikalsk; then Heihe, Dandong, Ruili, Taipei, Hong Kong, Macao, Aksai Chin.
    lon = [105.85, 80.2, 126.6, 117.3, 127.50, 124.39, 97.85, 121.56, 114.17, 113.55, 79.5]
    lat = [21.03, 44.2, 40.97, 49.75, 50.245, 40.12, 24.01, 25.03, 22.28, 22.19, 35.2]
    assert sea_and_abroad(lon, lat)[1].tolist() == [True] * 4 + [False] * 7


def test_ports_and_airports_lie_on_the_shore_or_near_it():
    built_in = builtin_facilities()
    distance, _ = off_land_m(built_in["lon"], built_in["lat"])
    airports = (built_in["kind"] == "airport").to_numpy()
    assert (distance[airports] <= COAST_M).mean() > 0.95
    assert (distance[~airports] < 10_000).all()


def test_outlines_for_maps_hold_taiwan_and_the_ten_dashes():
    kinds, lines = stored_outlines()
    assert len(lines) == len(kinds)
    assert sum(kinds == 5) == 10
    dashes = shapely.total_bounds(lines[kinds == 5])
    assert dashes[1] < 3.6
    assert dashes[3] > 24.5
    coast = lines[kinds == 3]
    around_taiwan = shapely.box(119.9, 21.8, 122.1, 25.4)
    assert shapely.length(coast[shapely.within(coast, around_taiwan)]).sum() > 8  # degrees, about 900 km
    assert shapely.intersects(coast, shapely.box(111, 3, 118, 12)).any()  # islands far south


def test_former_names_belong_to_units_of_today():
    table = pd.read_csv(REFERENCE / "admin_former.csv", dtype=str, keep_default_na=False)
    assert table["adcode"].isin(units().index).all()
    assert (table["name"].to_numpy() != units()["name"].loc[table["adcode"]].to_numpy()).all()
    assert not table.duplicated(["name", "adcode"]).any()
