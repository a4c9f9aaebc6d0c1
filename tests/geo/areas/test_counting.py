"""Firms counted by area: points in polygons, township names, and what has no place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geo.areas.counting import area_of_points, count_by_area
from geo.errors import InfeasibleError
from geo.patterns.counts import cell_polygons, count_in_cells

TOWNS = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 20, 10, 30)]


def test_points_lie_in_their_town_and_on_a_border_in_the_first() -> None:
    xy = [[5, 5], [10, 5], [15, 5], [5, 15], [5, 20], [np.nan, 5], [15, 5]]
    ours = area_of_points(xy, TOWNS, ["大湖镇", "曹远镇", "洪田镇"])
    assert ours.tolist() == ["大湖镇", "大湖镇", "曹远镇", None, "洪田镇", None, "曹远镇"]
    mixed = area_of_points(xy, TOWNS[::-1], ["洪田镇", "曹远镇", "大湖镇"])
    assert mixed.tolist() == ours.tolist()


def test_counts_in_hexagons_are_those_of_the_grid() -> None:
    xy = np.random.default_rng(0).uniform(0, 5000, (500, 2))
    cells = count_in_cells(xy, size_m=800)
    ids = [f"{q},{r}" for q, r in cells.cells]
    codes = area_of_points(xy, cell_polygons(cells.centres, shape="hexagon", size_m=800), ids)
    ours = count_by_area(codes, areas=ids)
    assert ours.table["firms"].tolist() == cells.counts.tolist()
    assert ours.firms == 500


def test_a_township_column_with_gaps_and_spaces() -> None:
    ours = count_by_area(
        ["曹远镇", " 曹远镇 ", "", None, "大湖镇", np.nan, "外地"],
        industries=["stone", "textile", "stone", "stone", None, "stone", "stone"],
        areas=["大湖镇", "曹远镇", "洪田镇"],
    )
    assert ours.table.to_dict("index") == {
        "大湖镇": {"stone": 0, "textile": 0},
        "曹远镇": {"stone": 1, "textile": 1},
        "洪田镇": {"stone": 0, "textile": 0},
    }
    assert (ours.firms, ours.without_area, ours.without_industry, ours.elsewhere) == (2, 3, 1, 1)


def test_an_unknown_size_makes_its_sum_unknown_and_no_other() -> None:
    ours = count_by_area(
        ["a", "a", "b", "b"], sizes=[10, None, 5, "100–299"], industries=["x", "y", "x", "y"]
    )
    assert ours.table.loc["a", "x"] == 10
    assert ours.table.loc["b", "x"] == 5
    assert ours.table["y"].isna().all()
    assert ours.without_size == 2


def test_counties_come_as_codes_of_text() -> None:
    codes = np.array(["350481", "350583", "350481", ""])
    assert count_by_area(codes).table["firms"].to_dict() == {"350481": 2, "350583": 1}


def test_columns_of_different_length_are_told() -> None:
    with pytest.raises(InfeasibleError, match="3, 2 and 3 rows"):
        count_by_area(["a", "b", "c"], industries=["x", "y"])


def test_no_firms_are_no_firms() -> None:
    ours = count_by_area([], areas=["a", "b"])
    assert (ours.firms, ours.table.shape) == (0, (2, 0))
    assert area_of_points(np.empty((0, 2)), TOWNS, list("abc")).tolist() == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", None, "far"]),
            st.sampled_from(["x", "y", None]),
            st.one_of(st.none(), st.integers(0, 100)),
        ),
        max_size=30,
    ),
    st.randoms(),
)
@settings(max_examples=40, deadline=None)
def test_every_firm_is_accounted_for_in_any_order(firms, chance) -> None:
    def count(rows):
        area, industry, size = ([row[i] for row in rows] for i in range(3))
        return count_by_area(area, industries=industry, sizes=size, areas=list("abc"))

    ours = count(firms)
    assert ours.firms + ours.without_area + ours.without_industry + ours.elsewhere == len(firms)
    known = [row for row in firms if row[2] is not None]
    assert count(known).table.to_numpy().sum() == sum(
        size for area, industry, size in known if area in {"a", "b", "c"} and industry
    )
    mixed = list(firms)
    chance.shuffle(mixed)
    pd.testing.assert_frame_equal(count(mixed).table, ours.table)
