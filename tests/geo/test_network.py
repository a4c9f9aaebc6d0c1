"""Nearest facilities on a road graph: exact against networkx, and true about what cannot be reached."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pyproj
import pytest
import shapely

from geo import network
from geo.area import geodesic_distance_m
from geo.network import RoadGraph, nearest_roads, two_nearest


def graph(lon: list[float], lat: list[float], edges: list[tuple[int, int, float]]) -> RoadGraph:
    return RoadGraph(
        lon_deg=np.array(lon, dtype=float), lat_deg=np.array(lat, dtype=float),
        ends=np.array([(u, v) for u, v, _ in edges], dtype=np.int64).reshape(-1, 2),
        length_m=np.array([length for *_, length in edges], dtype=float),
    )  # fmt: skip


LITTLE = graph(
    [118.0, 118.1, 118.2, 118.1, 119.0, 119.1], [24.0, 24.0, 24.0, 24.1, 24.0, 24.0],
    [(0, 1, 10_000), (1, 2, 10_000), (1, 3, 11_000), (0, 3, 30_000), (4, 5, 10_000), (1, 0, 12_000), (2, 2, 5)],
)  # fmt: skip


def test_a_graph_drawn_by_hand() -> None:
    found = two_nearest(
        ([118.0, 118.1, 119.0], [24.0, 24.1, 24.0]), ([118.2, 118.1], [24.0, 24.1]), LITTLE, max_snap_m=1_000
    )
    assert found.facility.tolist() == [0, 1, -1]
    assert found.second.tolist() == [1, 0, -1]
    assert found.network_m.tolist()[:2] == [20_000, 0]  # the shorter of two parallel roads
    assert found.second_network_m.tolist()[:2] == [21_000, 21_000]
    assert np.isnan(found.network_m[2])
    assert found.access_m.tolist()[:2] == [0, 0]


def test_parts_that_no_road_joins_are_counted() -> None:
    assert LITTLE.components() == 2
    assert graph([118], [24], []).components() == 1
    assert graph([118, 119, 120], [24, 24, 24], [(0, 1, 1)]).components() == 2


def test_an_end_that_is_too_far_from_the_network_is_not_reached() -> None:
    geod = pyproj.Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(118.0, 24.0, 180, 900)
    far = geod.fwd(118.2, 24.0, 90, 1_100)
    found = two_nearest(([lon], [lat]), ([far[0], 118.1], [far[1], 24.1]), LITTLE, max_snap_m=1_000)
    assert found.facility.tolist() == [1]
    assert found.access_m[0] == pytest.approx(900, abs=1e-3)
    assert found.second.tolist() == [-1]
    assert two_nearest(([lon], [lat]), ([118.1], [24.1]), LITTLE, max_snap_m=800).facility.tolist() == [-1]


def test_without_facilities_or_origins_nothing_is_found() -> None:
    nobody: tuple[list[float], list[float]] = ([], [])
    for roads in (LITTLE, None):
        assert two_nearest(([118.0], [24.0]), nobody, roads, max_snap_m=1_000).facility.tolist() == [-1]
        assert two_nearest(nobody, ([118.0], [24.0]), roads, max_snap_m=1_000).facility.shape == (0,)
        one = two_nearest(([118.0], [24.0]), ([118.1], [24.0]), roads, max_snap_m=1_000)
        assert (one.facility.tolist(), one.second.tolist()) == ([0], [-1])


def test_two_facilities_at_one_place_are_first_and_second() -> None:
    for roads in (LITTLE, None):
        found = two_nearest(([118.0], [24.0]), ([118.1, 118.1], [24.1, 24.1]), roads, max_snap_m=1_000)
        assert (found.facility.tolist(), found.second.tolist()) == ([0], [1])
        assert found.network_m[0] == found.second_network_m[0]


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_agree_with_networkx(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_CHUNK", 7)
    rng = np.random.default_rng(seed)
    count, edges = 60, int(rng.integers(40, 120))
    lon, lat = rng.uniform(118, 119, count), rng.uniform(24, 25, count)
    ends = rng.integers(0, count, (edges, 2))
    straight = geodesic_distance_m(lon[ends[:, 0]], lat[ends[:, 0]], lon[ends[:, 1]], lat[ends[:, 1]])
    length = np.round(straight * rng.uniform(1.0, 1.6, edges) + 1)
    roads = RoadGraph(lon_deg=lon, lat_deg=lat, ends=ends, length_m=length)
    oracle = nx.MultiGraph()
    oracle.add_nodes_from(range(count))
    oracle.add_weighted_edges_from((int(u), int(v), float(w)) for (u, v), w in zip(ends, length, strict=True))
    assert roads.components() == nx.number_connected_components(oracle)
    origins, facilities = (rng.uniform([118, 24], [119, 25], (n, 2)) for n in (25, int(rng.integers(1, 20))))

    def snapped(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gap = np.array(
            [geodesic_distance_m(np.full(count, x), np.full(count, y), lon, lat) for x, y in places]
        )
        return gap.argmin(axis=1), gap.min(axis=1)

    limit = 12_000.0
    at, offset = snapped(origins)
    to, to_offset = snapped(facilities)
    total = np.full((len(origins), len(facilities)), np.inf)
    for column, node in enumerate(to):
        ways = nx.single_source_dijkstra_path_length(oracle, int(node))
        for row, own in enumerate(at):
            if int(own) in ways and offset[row] <= limit and to_offset[column] <= limit:
                total[row, column] = ways[int(own)] + offset[row] + to_offset[column]
    found = two_nearest(tuple(origins.T), tuple(facilities.T), roads, max_snap_m=limit)
    for rank, index, on_road, beside in (
        (0, found.facility, found.network_m, found.access_m), (1, found.second, found.second_network_m, found.second_access_m),
    ):  # fmt: skip
        if len(facilities) <= rank:
            assert (index == -1).all()
            continue
        wanted = np.sort(total, axis=1)[:, rank]
        reached = np.isfinite(wanted)
        assert ((index >= 0) == reached).all()
        assert np.allclose((on_road + beside)[reached], wanted[reached], rtol=0, atol=1e-6)
        rows = np.flatnonzero(reached)
        assert np.allclose(total[rows, index[rows]], wanted[rows], rtol=0, atol=1e-6)


def test_straight_lines_are_geodesics() -> None:
    rng = np.random.default_rng(4)
    origins, facilities = rng.uniform([73, 18], [135, 53], (30, 2)), rng.uniform([73, 18], [135, 53], (20, 2))
    found = two_nearest(tuple(origins.T), tuple(facilities.T), None, max_snap_m=1.0)
    geod = pyproj.Geod(ellps="WGS84")
    true = np.array([[geod.inv(*one, *other)[2] for other in facilities] for one in origins])
    assert (found.facility == true.argmin(axis=1)).all()
    assert np.allclose(found.network_m, true.min(axis=1), rtol=0, atol=1e-6)
    assert (found.second == np.argsort(true, axis=1)[:, 1]).all()
    assert (found.access_m == 0).all()


@pytest.mark.parametrize("places", [(118.0, 24.0, 118.5, 24.5), (75.0, 19.0, 134.0, 53.0)])
def test_the_nearest_road_is_that_of_many_tries(places: tuple[float, float, float, float]) -> None:
    """Over one county and over the whole country: north and south, a degree is not the same."""
    west, south, east, north = places
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(west, east, 60), rng.uniform(south, north, 60)
    lon, lat = np.r_[lon, lon + rng.uniform(-0.3, 0.3, 60)], np.r_[lat, lat + rng.uniform(-0.3, 0.3, 60)]
    ends = np.column_stack([np.arange(60), np.arange(60, 120)])
    roads = RoadGraph(lon_deg=lon, lat_deg=lat, ends=ends, length_m=np.ones(60))
    origins = np.column_stack([lon[:60], lat[:60]]) + rng.uniform(-0.4, 0.4, (60, 2))
    lines = shapely.linestrings(
        np.stack([np.column_stack([lon[ends[:, k]], lat[ends[:, k]]]) for k in (0, 1)], axis=1)
    )
    tries = shapely.get_coordinates(shapely.segmentize(lines, 0.0005))
    true = np.array(
        [
            geodesic_distance_m(np.full(len(tries), x), np.full(len(tries), y), *tries.T).min()
            for x, y in origins
        ]
    )
    found = nearest_roads(*origins.T, roads)
    assert np.allclose(found, true, rtol=0.003, atol=60.0)


def test_where_no_road_is_near_none_is_found() -> None:
    assert np.isnan(nearest_roads([80.0], [40.0], LITTLE)).all()
    assert nearest_roads([], [], LITTLE).shape == (0,)
