"""Access: a row for each origin and kind, empty where nothing is reached, each figure with its precision."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.area import StudyArea
from geo.errors import SchemaError
from geo.network import RoadGraph
from layers.facilities import builtin_facilities, coarse_roads
from planning.stages.access import COLUMNS, AccessParams, measure_access

GRAPH = RoadGraph(
    lon_deg=np.array([118.0, 118.2, 118.6, 120.0, 120.5]),
    lat_deg=np.array([24.0, 24.0, 24.0, 24.0, 24.0]),
    ends=np.array([[0, 1], [1, 2], [3, 4]]),
    length_m=np.array([21_000.0, 45_000.0, 52_000.0]),
)
"""Two roads that do not meet."""


def origins(*places: tuple[float, float], crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    lon, lat = np.array(places).T
    table = gpd.GeoDataFrame(
        {"id": [f"o{n}" for n in range(len(places))], "lon": lon, "lat": lat}, geometry=shapely.points(lon, lat), crs="EPSG:4326"
    )  # fmt: skip
    return table.to_crs(crs)


def facilities(*rows: tuple[str, str, float, float]) -> gpd.GeoDataFrame:
    name, kind, lon, lat = (list(column) for column in zip(*rows, strict=True))
    return gpd.GeoDataFrame(
        {"id": name, "name": name, "kind": kind, "lon": lon, "lat": lat, "precision": "± 1 km", "source": "test"},
        geometry=shapely.points(lon, lat), crs="EPSG:4326",
    )  # fmt: skip


FACILITIES = facilities(
    ("A", "seaport", 118.2, 24.0), ("B", "seaport", 118.6, 24.0), ("C", "airport", 120.5, 24.0)
)


def row(table: pd.DataFrame, origin: str, kind: str) -> pd.Series:
    return table.set_index(["origin", "kind"]).loc[(origin, kind)]


def test_ways_minutes_and_the_second_nearest_are_those_of_the_graph() -> None:
    found = measure_access(
        origins((118.0, 24.0), (120.0, 24.0)), FACILITIES, AccessParams(speed_kmh=60.0), graph=GRAPH
    )
    assert list(found.table.columns) == COLUMNS
    near = row(found.table, "o0", "seaport")
    assert (near["facility"], near["network_km"], near["minutes"], near["access_m"]) == ("A", 21.0, 21.0, 0.0)
    assert (near["second"], near["second_network_km"], near["second_minutes"]) == ("B", 66.0, 66.0)
    assert near["network"] == "coarse"
    assert near["precision"].endswith("; ± 1 km")
    away = row(found.table, "o1", "seaport")  # the other road does not meet this one
    assert pd.isna(away["facility"])
    assert away[["network_km", "minutes", "access_m", "total_km", "second_network_km"]].isna().all()
    assert (away["network"], away["precision"]) == ("", "")
    assert row(found.table, "o1", "airport")["network_km"] == 52.0
    assert found.components == 2
    assert found.unreached == 2


def test_the_way_to_the_network_is_straight_slow_and_told_apart() -> None:
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(118.0, 24.0, 0, 3_000)
    found = row(
        measure_access(origins((lon, lat)), FACILITIES, AccessParams(), graph=GRAPH).table, "o0", "seaport"
    )
    assert found["access_m"] == pytest.approx(3_000, abs=0.01)
    assert found["network_km"] == 21.0
    assert found["total_km"] == pytest.approx(24.0, abs=1e-4)
    assert found["minutes"] == pytest.approx(21.0 + 9.0, abs=1e-3)  # 3 km at 20 km/h
    none = measure_access(origins((lon, lat)), FACILITIES, AccessParams(max_snap_km=2.0), graph=GRAPH)
    assert none.unreached == 2


def test_short_ways_on_the_coarse_network_say_that_they_are_not_reliable() -> None:
    table = measure_access(
        origins((118.2, 24.0), (118.0, 24.0)), FACILITIES, AccessParams(), graph=GRAPH
    ).table
    assert "not reliable" in row(table, "o0", "seaport")["precision"]
    assert "not reliable" not in row(table, "o1", "seaport")["precision"]


def test_network_and_straight_line_are_never_mixed() -> None:
    places = origins((118.0, 24.0), (120.0, 24.0), (100.0, 40.0))
    for network in ("coarse", "straight"):
        table = measure_access(places, FACILITIES, AccessParams(network=network), graph=GRAPH).table
        ports = table[table["kind"].isin(["seaport", "airport"])]
        assert set(ports["network"]) <= {network, ""}
        assert (ports["network"] == "").equals(ports["facility"].isna())
    straight = measure_access(places, FACILITIES, AccessParams(network="straight"), graph=GRAPH)
    assert straight.components == 0
    assert straight.table["facility"].notna().sum() == 8  # no road within 100 km of the third
    far = row(straight.table, "o2", "seaport")
    assert 1.17 < far["network_km"] / (pyproj.Geod(ellps="WGS84").inv(100, 40, 118.2, 24)[2] / 1_000) < 1.19
    assert far["access_m"] == 0.0
    assert "straight line × detour factor 1.18" in far["precision"]


@given(st.floats(0.01, 4_000), st.floats(0.01, 4_000))
@settings(max_examples=200, deadline=None)
def test_what_is_farther_along_the_straight_line_stays_farther(one_km: float, other_km: float) -> None:
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd([100.0, 100.0], [30.0, 30.0], [90.0, 270.0], [one_km * 1_000, other_km * 1_000])
    own = facilities(("一", "mine", lon[0], lat[0]), ("二", "mine", lon[1], lat[1]))
    found = measure_access(origins((100.0, 30.0)), own, AccessParams(network="straight")).table.iloc[0]
    assert found["network_km"] <= found["second_network_km"]
    assert (
        1.18 * min(one_km, other_km) * (1 - 1e-9)
        <= found["network_km"]
        <= 1.35 * min(one_km, other_km) * (1 + 1e-9)
    )


def test_the_users_roads_are_the_nearest_ones_and_expressways_are_known_by_their_class() -> None:
    area = StudyArea.from_wgs84(shapely.box(117.99, 23.99, 118.01, 24.01))
    lines = [
        shapely.LineString([(118.0, 24.01), (118.1, 24.01)]),
        shapely.LineString([(118.0, 24.03), (118.1, 24.03)]),
    ]
    roads = gpd.GeoDataFrame(
        {"class": ["县道", "高速公路"], "name": ["X301", "G15"]}, geometry=lines, crs=4326
    )
    places = origins((118.05, 24.0), crs=area.crs)
    table = measure_access(places, FACILITIES, AccessParams(), graph=GRAPH, roads=area.to_metric(roads)).table
    near, fast = row(table, "o0", "road"), row(table, "o0", "expressway")
    assert (near["facility"], fast["facility"]) == ("X301 县道", "G15 高速公路")
    true_m = pyproj.Geod(ellps="WGS84").inv(118.05, 24.0, 118.05, 24.01)[2]
    # A line of 10 km that follows the parallel sags a metre beside the straight one of the plane.
    assert near["access_m"] == pytest.approx(true_m, abs=2.0)
    assert fast["total_km"] == pytest.approx(3 * true_m / 1_000, abs=2e-3 + 4e-4 * 3.3)
    assert pd.isna(near["minutes"])
    without = measure_access(
        places, FACILITIES, AccessParams(), graph=GRAPH, roads=area.to_metric(roads[["geometry"]])
    ).table
    assert set(without["kind"]) == {"road", "seaport", "airport"}
    assert row(without, "o0", "road")["facility"] == "–"


def test_a_road_without_class_or_name_is_a_road_and_no_expressway() -> None:
    start = origins((118.44, 24.70), crs="EPSG:4548")
    lines = [shapely.LineString([(lon, 24.6), (lon, 24.8)]) for lon in (118.45, 118.5)]
    table = gpd.GeoDataFrame({"class": [None, "高速"], "name": [None, "G15"]}, geometry=lines, crs=4326)
    found = measure_access(
        start, FACILITIES, AccessParams(), graph=GRAPH, roads=table.to_crs(start.crs)
    ).table
    assert row(found, "o0", "road")["facility"] == "–"
    assert row(found, "o0", "expressway")["facility"] == "G15 高速"


def test_rows_stand_by_origin_then_kind_whatever_the_order_of_the_facilities() -> None:
    places = origins((118.3, 24.0), (118.0, 24.0))
    first = measure_access(places, FACILITIES, AccessParams(), graph=GRAPH).table
    assert first["origin"].tolist() == ["o0"] * 3 + ["o1"] * 3
    assert first["kind"].tolist() == ["airport", "road", "seaport"] * 2
    for seed in range(20):
        turned = measure_access(
            places, FACILITIES.sample(frac=1, random_state=seed), AccessParams(), graph=GRAPH
        ).table
        pd.testing.assert_frame_equal(turned, first)


def test_an_origin_needs_a_name_and_a_place() -> None:
    with pytest.raises(SchemaError, match=r"“id, lon”"):
        measure_access(origins((118, 24)).drop(columns=["id", "lon"]), FACILITIES, AccessParams())


def test_origins_without_facilities_have_their_roads() -> None:
    found = measure_access(origins((118.0, 24.0)), FACILITIES.iloc[:0], AccessParams(), graph=GRAPH)
    assert found.table["kind"].tolist() == ["road"]
    alone = measure_access(origins((118.0, 24.0)), FACILITIES.iloc[:0], AccessParams(network="straight"))
    assert list(alone.table.columns) == COLUMNS
    assert alone.table.empty


def test_the_builtin_network_is_one_piece_and_its_ends_are_where_they_should_be() -> None:
    roads = coarse_roads()
    assert roads.components() == 1
    assert (roads.length_m > 0).all()
    found = measure_access(origins((118.425, 24.703)), builtin_facilities(), AccessParams(), graph=roads)
    assert found.components == 1
    port, airport = row(found.table, "o0", "seaport"), row(found.table, "o0", "airport")
    assert "石井" in port["facility"]
    assert "located by hand" in port["precision"]
    assert "(JJN)" in airport["facility"]
    assert 20 < airport["total_km"] < 50
