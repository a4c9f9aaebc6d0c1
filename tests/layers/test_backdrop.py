"""The backdrop of roads is a picture of the network, no piece twice."""

import numpy as np
import pytest

from layers.backdrop import road_segments
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
