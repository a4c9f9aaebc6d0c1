"""The backdrop: roads are a picture of the network, no piece twice; borders those of the data."""

import numpy as np
import pytest
import shapely

from layers.admin import stored_outlines
from layers.backdrop import border_lines, border_segments, road_segments, room_around
from layers.facilities import coarse_roads

AROUND = (116.0, 23.0, 120.0, 27.0)


@pytest.fixture(scope="module")
def network():
    graph = coarse_roads()
    nodes = np.column_stack([graph.lon_deg, graph.lat_deg])
    return nodes[graph.ends[:, 0]], nodes[graph.ends[:, 1]]


def undirected(pieces):
    """Sort the ends of each piece, so that a piece and its reverse are one."""
    ends = pieces.reshape(-1, 2, 2)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    return np.where(turned[:, None, None], ends[:, ::-1], ends).reshape(-1, 4)


def test_within_bounds_the_pieces_are_the_edges_that_have_an_end_there(network):
    start, end = network
    west, south, east, north = AROUND
    inside = [
        (west <= one[:, 0]) & (one[:, 0] <= east) & (south <= one[:, 1]) & (one[:, 1] <= north)
        for one in network
    ]
    wanted = undirected(np.hstack([start, end])[inside[0] | inside[1]])
    wanted = np.unique(wanted[(wanted[:, :2] != wanted[:, 2:]).any(axis=1)].round(3), axis=0)
    found = np.unique(undirected(road_segments(AROUND)).round(3), axis=0)
    assert np.array_equal(found, wanted)


def test_of_the_whole_country_every_road_is_drawn_within_a_cell(network):
    drawn = {tuple(one) for one in undirected(road_segments()).round(1)}
    start, end = (np.floor(one * 10 + 0.5 + 1e-9) / 10 for one in network)
    moved = (start != end).any(axis=1)
    wanted = {tuple(one) for one in undirected(np.hstack([start, end])[moved]).round(1)}
    assert drawn == wanted


def test_no_piece_of_the_country_is_drawn_twice_or_has_no_length():
    pieces = undirected(road_segments()).round(1)
    assert len(np.unique(pieces, axis=0)) == len(pieces)
    assert (pieces[:, :2] != pieces[:, 2:]).any(axis=1).all()


def test_nothing_lies_in_the_ocean():
    assert road_segments((150.0, 10.0, 151.0, 11.0)).shape == (0, 4)


def test_the_whole_country_has_its_coast_taiwan_and_the_ten_dashes():
    main, minor = border_lines()
    assert len(minor) == 0
    whole = shapely.union_all(main)
    west, south, east, north = whole.bounds
    assert (west < 74, south < 4, east > 134, north > 53) == (True,) * 4
    assert whole.distance(shapely.Point(121.0, 22.0)) < 0.4  # the south of Taiwan
    assert whole.intersects(shapely.box(108.0, 3.0, 119.0, 12.0))  # islands and dashes far south


def test_within_bounds_the_borders_are_the_same_lines_cut():
    main, minor = border_lines(AROUND)
    assert len(minor) > 50
    frame = shapely.box(*AROUND).buffer(1e-9)
    assert all(frame.covers(line) for line in [*main, *minor])
    lines = stored_outlines()[1]
    inside = shapely.intersection(lines, shapely.box(*AROUND))
    assert shapely.length(main).sum() + shapely.length(minor).sum() == pytest.approx(
        shapely.length(inside).sum(), rel=1e-6
    )


def test_pieces_are_the_lines_without_a_gap_or_a_leap():
    for lines, pieces in zip(border_lines(AROUND), border_segments(AROUND), strict=True):
        length = np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum()
        assert length == pytest.approx(shapely.length(lines).sum())


def test_a_narrow_view_gets_room_around_it_and_a_wide_one_the_country():
    assert room_around((118.0, 24.0, 118.2, 24.1)) == (117.5, 23.5, 118.7, 24.6)
    assert room_around((110.0, 20.0, 125.0, 40.0)) is None
    assert room_around(None) is None
