"""Neighbours of areas: cases drawn by hand, answers of spdep, and the same answer for any order of the rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from shapely.geometry import Polygon, box

from geo.areas.weights import contiguity, distance_band, nearest_neighbours
from geo.errors import GeometryError, InfeasibleError
from geo.patterns.counts import cell_polygons, count_in_cells

ORACLE = json.loads((Path(__file__).parents[2] / "data" / "areas_oracle.json").read_text())["moran_points"]
XY = np.column_stack([ORACLE["x"], ORACLE["y"]])
FOUR = [box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)]
LATTICE = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=25)


def links(weights) -> set:
    rows, columns = weights.matrix.nonzero()
    return {(weights.ids[i], weights.ids[j]) for i, j in zip(rows, columns, strict=True)}


def test_nearest_and_near_neighbours_are_those_of_spdep() -> None:
    nearest = nearest_neighbours(XY, 8)
    theirs = {(i, j - 1) for i, row in enumerate(ORACLE["knn8"]) for j in row}
    assert links(nearest) == theirs
    assert distance_band(XY, ORACLE["band"]).neighbours.tolist() == ORACLE["card"]


def test_a_corner_makes_queens_neighbours_and_not_rooks() -> None:
    names = ["sw", "se", "nw", "ne"]
    queen, rook = (contiguity(FOUR, ids=names, rule=rule) for rule in ("queen", "rook"))
    assert queen.neighbours.tolist() == [3, 3, 3, 3]
    assert links(queen) - links(rook) == {("sw", "ne"), ("ne", "sw"), ("se", "nw"), ("nw", "se")}
    assert (rook.rule, rook.standardised) == ("rook", "binary")


def test_borders_count_though_their_corners_do_not_meet() -> None:
    """A wide area beside two narrow ones, and one that lies in a hole of another."""
    ring = Polygon([(10, 0), (13, 0), (13, 3), (10, 3)], holes=[[(11, 1), (12, 1), (12, 2), (11, 2)]])
    shapes = [box(0, 0, 10, 3), box(2, 3, 5, 4), box(5, 3, 8, 4), ring, box(11, 1, 12, 2)]
    for rule in ("queen", "rook"):
        ours = contiguity(shapes, rule=rule)
        assert {(i, j) for i, j in links(ours) if i < j} == {(0, 1), (0, 2), (1, 2), (0, 3), (3, 4)}


def test_slits_are_bridged_where_told_and_overlaps_touch() -> None:
    shapes = [box(0, 0, 10, 10), box(10.5, 0, 20, 10), box(19, 0, 30, 10)]
    assert links(contiguity(shapes)) == {(1, 2), (2, 1)}
    assert links(contiguity(shapes, gap_m=1)) == {(0, 1), (1, 0), (1, 2), (2, 1)}
    with pytest.raises(InfeasibleError, match="only by the rule “queen”"):
        contiguity(shapes, rule="rook", gap_m=1)


def test_an_inner_hexagon_has_six_neighbours() -> None:
    x, y = np.meshgrid(np.arange(0, 3000, 50), np.arange(0, 3000, 50))
    cells = count_in_cells(np.column_stack([x.ravel(), y.ravel()]), size_m=500)
    shapes = cell_polygons(cells.centres, shape="hexagon", size_m=500)
    ours = contiguity(shapes, gap_m=0.01)
    inner = ((cells.centres > 600) & (cells.centres < 2300)).all(axis=1)
    assert inner.sum() >= 4
    assert (ours.neighbours[inner] == 6).all()


def test_islands_are_named_and_have_no_weight() -> None:
    ours = distance_band([[0, 0], [10, 0], [500, 500]], 10, ids=["a", "b", "islet"])
    assert ours.islands == ("islet",)
    assert ours.island_names == "islet"
    row = ours.row_standardised()
    assert row.matrix.sum(axis=1).tolist() == [1, 1, 0]
    assert row.standardised == "row"
    assert contiguity([*FOUR, box(9, 9, 10, 10)], ids=list("abcde")).islands == ("e",)


def test_exactly_so_far_is_near() -> None:
    assert distance_band([[0, 0], [3, 4], [6, 8.0001]], 5).neighbours.tolist() == [1, 1, 0]


@given(LATTICE, st.integers(1, 4), st.randoms())
@settings(max_examples=30, deadline=None)
def test_ties_and_shared_places_do_not_depend_on_the_order_of_rows(places, k, chance) -> None:
    k = min(k, len(places) - 1)
    ids = [f"{i:02d}" for i in range(len(places))]
    order = list(range(len(places)))
    chance.shuffle(order)
    ours = nearest_neighbours(places, k, ids=ids)
    mixed = nearest_neighbours([places[i] for i in order], k, ids=[ids[i] for i in order])
    assert links(ours) == links(mixed)
    # Nobody left out is nearer than somebody taken.
    distance = cdist(places, places)
    for i in range(len(places)):
        taken = ours.matrix[[i]].indices
        others = [j for j in range(len(places)) if j != i and j not in taken]
        assert len(taken) == k
        assert i not in taken
        assert distance[i, taken].max() <= distance[i, others].min(initial=np.inf) + 1e-12


def test_more_areas_at_one_place_than_are_fetched_at_once() -> None:
    places = [[0, 0]] * 40 + [[1, 0]] * 3
    ours = nearest_neighbours(places, 2, ids=[f"{i:02d}" for i in range(43)])
    assert links(ours) >= {("39", "00"), ("39", "01"), ("00", "01"), ("00", "02"), ("42", "40"), ("42", "41")}


def test_a_choice_of_areas_keeps_the_links_between_them() -> None:
    ours = contiguity(FOUR, ids=list("abcd"), rule="rook").row_standardised().among([True, True, False, True])
    assert links(ours) == {("a", "b"), ("b", "a"), ("b", "d"), ("d", "b")}
    assert ours.matrix.sum(axis=1).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: nearest_neighbours([[0, 0], [1, 1]], 2), "2 areas do not have 2 neighbours each"),
        (lambda: nearest_neighbours([[0, 0], [1, 1]], 1, ids=["a", "a"]), "2 areas need as many different"),
        (lambda: distance_band(np.zeros((8000, 2)), 1.0), "make 63 million links"),
    ],
)
def test_what_cannot_be_done_is_said(make, says) -> None:
    with pytest.raises(InfeasibleError, match=says):
        make()


def test_areas_without_a_place_are_refused() -> None:
    with pytest.raises(GeometryError, match="1 of 3 points have no coordinates"):
        distance_band([[0, 0], [1, np.nan], [2, 2]], 5)
