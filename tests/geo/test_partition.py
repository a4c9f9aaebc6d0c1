"""Dividing land: lines that dodge what stands, ways round corners, a cost kept up to date, a search."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box

from geo.partition.floorplan import Cost, Floorplan, Weights
from geo.partition.ledger import Ledger
from geo.partition.skeleton import lay_skeleton
from geo.partition.slicing import search
from geo.partition.ways import shortest_way


def hairline_building(turn_deg: float) -> Polygon:
    """Valid as it stands, but with sides so close that turning it may make them cross."""
    shape = Polygon([(0, 0), (90, 0), (90, 60), (40, 60), (40, 1e-6), (40 - 3e-6, 60), (0, 60)])
    return shapely.set_precision(affinity.rotate(shape, turn_deg, origin=(0, 0)), 1e-6)


def test_a_building_that_turning_would_break_is_dodged_all_the_same() -> None:
    land = box(-800, -600, 800, 600)
    tried = broken = 0
    for turn in range(0, 90, 3):
        building = shapely.geometry.MultiPolygon(
            [
                affinity.translate(part, 5.0, -20.0)
                for part in shapely.get_parts(hairline_building(turn))
                if part.geom_type == "Polygon"
            ]
        ).buffer(0)
        for angle in (7.3, 31.9, 61.7):
            tried += 1
            broken += not affinity.rotate(building, -angle, origin=(0, 0)).is_valid
            streets = lay_skeleton(land, angle, (420.0, 380.0), blocked=building)
            assert len(streets) > 8
    assert tried == 90


def test_lines_move_aside_for_a_building_but_not_the_main_line_of_a_gate() -> None:
    land = box(0, 0, 1000, 800)
    pillar = box(495, 300, 515, 420)
    free = lay_skeleton(land, 0.0, (250.0, 400.0), blocked=pillar)
    assert min(street.line.distance(pillar) for street in free) > 0.0
    gate = Point(505, 0)
    held = lay_skeleton(land, 0.0, (250.0, 400.0), gates=[gate], blocked=pillar)
    assert min(street.line.distance(gate) for street in held) == pytest.approx(0.0, abs=1e-9)


@given(angle=st.floats(0, 360), turn=st.floats(-90, 90))
@settings(max_examples=40, deadline=None)
def test_turning_land_and_frame_turns_the_skeleton(angle: float, turn: float) -> None:
    land = Polygon([(0, 0), (1300, 0), (1300, 500), (600, 900), (0, 900)])
    gate = Point(450, 0)
    there = lay_skeleton(land, angle, (330.0, 290.0), gates=[gate])
    turned = lay_skeleton(
        affinity.rotate(land, turn, origin=(0, 0)),
        angle + turn,
        (330.0, 290.0),
        gates=[affinity.rotate(gate, turn, origin=(0, 0))],
    )
    assert [street.rank for street in turned] == [street.rank for street in there]
    for one, two in zip(there, turned, strict=True):
        assert shapely.hausdorff_distance(affinity.rotate(one.line, turn, origin=(0, 0)), two.line) < 1e-6


def test_a_way_is_straight_where_that_is_possible() -> None:
    lines = np.array([LineString([(0, 90), (100, 90)]), LineString([(0, 10), (100, 10)])])
    way = shortest_way(Point(50, 60), lines, box(0, 0, 100, 100))
    assert way is not None
    assert shapely.get_coordinates(way).tolist() == [[50.0, 60.0], [50.0, 90.0]]


def test_a_way_goes_round_the_corner_of_an_l() -> None:
    land = Polygon([(0, 0), (400, 0), (400, 100), (100, 100), (100, 400), (0, 400)])
    goal = np.array([LineString([(380, 20), (380, 80)])])
    way = shortest_way(Point(50, 380), goal, land)
    assert way is not None
    assert land.buffer(0.06).covers(way)
    assert Point(way.coords[0]).distance(Point(50, 380)) < 1e-6
    assert Point(way.coords[-1]).distance(goal[0]) < 0.1
    shortest = np.hypot(100 - 50, 380 - 100) + np.hypot(380 - 100, 100 - 80)  # touching the corner
    assert shortest - 1 < way.length < 1.15 * shortest


def test_a_way_from_a_network_on_one_side_of_a_barrier_goes_through_the_gap() -> None:
    # The nearest places of the two are across the barrier; the gap is at its far end.
    land = box(0, 0, 1000, 200).difference(box(480, 0, 520, 165))
    west = shapely.MultiLineString([[(20, 50), (470, 50)], [(300, 20), (300, 190)], [(20, 120), (300, 120)]])
    east = np.array([LineString([(530, 50), (980, 50)]), LineString([(700, 20), (700, 190)])])
    way = shortest_way(west, east, land)
    assert way is not None
    assert land.buffer(0.06).covers(way)
    assert way.distance(west) < 1e-6
    assert min(shapely.distance(east, Point(way.coords[-1]))) < 0.1


def test_no_way_leads_to_land_that_is_cut_off() -> None:
    land = shapely.union_all([box(0, 0, 100, 100), box(200, 0, 300, 100)])
    assert shortest_way(Point(50, 50), np.array([LineString([(250, 20), (250, 80)])]), land) is None


def grid_plan(width: int, height: int, targets: list[float], seed: int = 0) -> Floorplan:
    """A floorplan of square blocks 100 m wide, with wishes drawn by chance."""
    chance = np.random.default_rng(seed)
    count, labels = width * height, len(targets)
    number = np.arange(count).reshape(height, width)
    pairs = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    wish = np.triu(chance.integers(0, 3, (labels, labels)), 1).astype(float)
    apart = np.triu(chance.random((labels, labels)) < 0.2, 1)
    wish[apart] = 0.0
    near = np.column_stack([number[0, :-2], number[0, 2:]])
    return Floorplan(
        area_m2=chance.uniform(8_000, 12_000, count),
        uv=np.column_stack([(number % width).ravel(), (number // width).ravel()]) * 100.0,
        bank=np.zeros(count, dtype=np.int64),
        pairs=pairs,
        border_m=np.full(len(pairs), 100.0),
        arterial=(chance.random(len(pairs)) < 0.2).astype(float),
        near=near,
        near_m=np.full(len(near), 60.0),
        linked=pairs,
        target=np.array(targets),
        suitability=chance.random((count, labels)),
        allowed=np.ones((count, labels), dtype=np.bool_),
        together=wish + wish.T,
        apart=apart | apart.T,
        max_pieces=chance.integers(1, 3, labels),
        weights=Weights(),
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_ledger_agrees_with_the_cost_after_any_moves(seed: int) -> None:
    plan = grid_plan(6, 5, [0.3, 0.25, 0.2, 0.15, 0.1], seed)
    cost = Cost(plan)
    chance = random.Random(seed)
    labels: NDArray[np.int64] = np.array([chance.randrange(5) for _ in range(30)])
    ledger = Ledger(cost, labels)
    assert ledger.value == pytest.approx(cost(labels), rel=1e-9)
    for _ in range(60):
        ledger.shift(chance.randrange(30), chance.randrange(5))
        assert ledger.value == pytest.approx(cost(np.array(ledger.labels)), rel=1e-9)


def test_a_search_finds_the_best_cut_of_a_small_grid() -> None:
    plan = replace(
        grid_plan(4, 4, [0.5, 0.5]),
        area_m2=np.full(16, 10_000.0),
        suitability=np.ones((16, 2)),
        together=np.zeros((2, 2)),
        apart=np.zeros((2, 2), dtype=np.bool_),
        arterial=np.zeros(24),
        max_pieces=np.ones(2, dtype=np.int64),
    )
    cost = Cost(plan)
    least = min(
        cost(np.array([number >> place & 1 for place in range(16)]))
        for number in range(1, 1 << 15)
        if number.bit_count() == 8
    )
    found, value = search(plan, seed=3, evaluations=400, moves=2_000)
    assert value == pytest.approx(cost(found), rel=1e-9) == pytest.approx(least, rel=1e-9)
    assert sorted(np.bincount(found).tolist()) == [8, 8]
