"""The everyday view of dispersion: by hand, against the essay's numbers, and what may not be known."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.spatial.distance import cdist

from geo.area import StudyArea
from geo.errors import UsageError
from planning.dispersion_findings import dispersion_findings
from planning.pipeline import disperse_firms, load_stack
from planning.samples import sample_scenario
from planning.stages.dispersion import INDUSTRIES, TOWNSHIPS, DispersionParams, measure_dispersion
from ui.text import translator

PARK = StudyArea.from_wgs84(shapely.box(117.35, 26.00, 117.37, 26.02))
OPEN = StudyArea(boundary=None, crs=PARK.crs, scale_error=PARK.scale_error)
WEST, SOUTH, EAST, NORTH = PARK.boundary.bounds if PARK.boundary is not None else (0, 0, 0, 0)
MIDDLE = np.array([(WEST + EAST) / 2, (SOUTH + NORTH) / 2])


def table(xy: Any, **columns: Any) -> gpd.GeoDataFrame:
    points = gpd.GeoSeries(shapely.points(np.asarray(xy, dtype=float).reshape(-1, 2)), crs=PARK.crs)
    degrees = PARK.to_wgs84(gpd.GeoDataFrame(geometry=points)).geometry
    count = len(points)
    usual = {
        "id": [str(place) for place in range(count)],
        "name": "x",
        "source_row": np.arange(count),
        "lon": degrees.x,
        "lat": degrees.y,
        "precision": "as given",
        "synthetic": False,
        "in_area": True,
    }
    return gpd.GeoDataFrame(usual | columns, geometry=points, crs=PARK.crs)


def row(firms: gpd.GeoDataFrame, area: StudyArea = PARK, **params: Any) -> pd.Series:
    return measure_dispersion(firms, area, DispersionParams(**params)).industries.iloc[0]


def yongan() -> gpd.GeoDataFrame:
    """70 textile firms: 21 in or around the park as stated, 8 more somewhere in the county, 41 elsewhere."""
    near = MIDDLE + np.column_stack([np.linspace(-300, 300, 21), np.zeros(21)])
    far = MIDDLE + np.column_stack([np.linspace(9_000, 30_000, 49), np.full(49, 7_000)])
    precision = ["as given"] * 21 + ["县级"] * 8 + ["as given"] * 41
    return table(np.vstack([near, far]), industry="纺织", precision=precision)


def test_the_essays_range_is_said_as_a_range() -> None:
    result = measure_dispersion(yongan(), PARK, DispersionParams())
    textile = result.industries[result.industries["industry"] == "纺织"].iloc[0]
    assert (textile["firms"], textile["located"]) == (70, 62)
    assert (textile["outside_low"], textile["outside_high"]) == (41, 49)
    assert textile[["around_low", "around_high"]].tolist() == [21 / 70, 29 / 70]
    said = [one.sentence.format(**one.fields) for one in dispersion_findings(result, "industry", "纺织")]
    assert said[0] == "41 to 49 of 70 firms stand outside the park and its surroundings (1,000 m)."
    assert said[1] == "In the park: 30% to 41%, less than half; the firms are not gathered there."
    assert said[2].startswith("8 of 70 firms are known to their county or city alone")
    chinese = translator("zh")
    for one in dispersion_findings(result, "industry", "纺织"):
        assert chinese(one.sentence) != one.sentence
    told = chinese(dispersion_findings(result)[0].sentence).format(**dispersion_findings(result)[0].fields)
    assert {"41", "49", "70"} <= set(
        filter(str.isdigit, "".join(c if c.isdigit() else " " for c in told).split())
    )


def test_half_of_the_firms_decides_only_where_the_whole_range_does() -> None:
    inside, outside = MIDDLE, MIDDLE + np.array([20_000, 0])
    for places, coarse, words in (
        ([inside, inside, outside, outside], 0, "gathered there"),
        ([inside, outside, outside, outside], 1, "is unknown"),
        ([inside, outside, outside, outside], 0, "not gathered"),
    ):
        precision = ["county" if place >= 4 - coarse else "p" for place in range(4)]
        result = measure_dispersion(table(places, precision=precision), PARK, DispersionParams())
        assert words in dispersion_findings(result)[1].sentence


def test_distances_are_those_drawn_by_hand() -> None:
    firms = table(MIDDLE + np.array([(0, 0), (600, 0), (0, 800), (600, 800), (0, 0)]), industry=list("aaaab"))
    result = measure_dispersion(firms, PARK, DispersionParams())
    assert result.industries["scope"].tolist() == ["all", "industry", "industry"]
    own = result.industries.iloc[1]
    assert (own["industry"], own["firms"]) == ("a", 4)
    assert own["standard_distance_m"] == pytest.approx(500)
    assert own["nearest_m"] == pytest.approx(600)
    assert result.industries["nearest_m"].iloc[0] == pytest.approx((0 + 600 + 600 + 600 + 0) / 5)
    assert np.isnan(result.industries["nearest_m"].iloc[2])
    there = PARK.to_wgs84(shapely.Point(MIDDLE - (3_000, 0)))
    moved = row(firms.iloc[:1], centre=f"{there.x}, {there.y}")
    assert moved["distance_km"] == pytest.approx(3, abs=1e-6)


def test_the_edge_of_the_park_belongs_to_it_and_the_buffer_is_an_input() -> None:
    firms = table([(WEST, MIDDLE[1]), (EAST + 400, MIDDLE[1])])
    found = row(firms, around_m=300.0)
    edge = PARK.boundary.boundary.distance(firms.geometry.iloc[0]) if PARK.boundary is not None else 0
    assert found["in_park_low"] in (0.0, 0.5) if edge > 0 else found["in_park_low"] == 0.5
    assert found["around_low"] == 0.5
    assert row(firms, around_m=500.0)["around_low"] == 1.0


def test_without_a_park_the_share_is_unknown_and_says_why() -> None:
    result = measure_dispersion(yongan(), OPEN, DispersionParams())
    shares = ["in_park_low", "in_park_high", "around_low", "around_high", "outside_low", "outside_high"]
    assert result.industries[shares].isna().all(axis=None)
    assert set(result.industries["unknown"]) == {"no park boundary is given"}
    assert "unknown" in dispersion_findings(result)[0].sentence
    assert result.industries["distance_km"].notna().all()


def test_firms_without_a_point_widen_the_range_and_move_nothing() -> None:
    firms = yongan()
    known = row(firms[firms["precision"] != "县级"])
    found = row(firms)
    for figure in ("distance_km", "nearest_m", "standard_distance_m"):
        assert found[figure] == known[figure]
    nobody = measure_dispersion(firms.assign(precision="county"), PARK, DispersionParams())
    assert nobody.centre_deg is None
    assert nobody.industries[["in_park_low", "in_park_high"]].iloc[0].tolist() == [0.0, 1.0]
    assert nobody.townships[["lon", "lat"]].isna().all(axis=None)
    assert any("Distances are unknown" in one.sentence for one in dispersion_findings(nobody))


@settings(max_examples=25, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.floats(-4_000, 4_000), some.floats(-4_000, 4_000), some.booleans(), some.sampled_from("ab")
        ),
        min_size=1,
        max_size=30,
    ),
    some.floats(0, 3_000),
    some.randoms(use_true_random=False),
)
def test_whatever_the_unlocated_firms_do_the_share_stays_in_its_range(
    places: list[tuple[float, float, bool, str]], around_m: float, chance: Any
) -> None:
    xy = MIDDLE + np.array([one[:2] for one in places])
    industry = [one[3] for one in places]
    truth = table(xy, industry=industry)
    known = truth.assign(precision=["county" if one[2] else "p" for one in places])
    params = DispersionParams(around_m=around_m)
    found = measure_dispersion(known, PARK, params).industries
    real = measure_dispersion(truth, PARK, params).industries
    for low, high in (("in_park_low", "in_park_high"), ("around_low", "around_high")):
        assert (found[low] <= real[low] + 1e-12).all()
        assert (real[high] <= found[high] + 1e-12).all()
        assert (real[low] == real[high]).all()
    assert (found["around_low"] >= found["in_park_low"]).all()
    own = xy[[not one[2] for one in places]]
    if len(own) > 1:
        gaps = cdist(own, own) + np.diag([np.inf] * len(own))
        assert found["nearest_m"].iloc[0] == pytest.approx(gaps.min(axis=1).mean(), abs=1e-6)
    order = list(range(len(places)))
    chance.shuffle(order)
    again = measure_dispersion(known.iloc[order], PARK, params).industries
    pd.testing.assert_frame_equal(found, again, rtol=1e-9, atol=1e-9)


def test_rows_are_sorted_by_firms_and_unknown_industries_come_last() -> None:
    firms = table(MIDDLE + np.arange(12).reshape(6, 2), industry=[None, None, None, "b", "a", "b"])
    found = measure_dispersion(firms, PARK, DispersionParams()).industries
    assert found["industry"].tolist() == ["", "b", "a", ""]
    assert found["scope"].tolist() == ["all", "industry", "industry", "unknown"]
    assert found["firms"].tolist() == [6, 2, 1, 3]
    alone = measure_dispersion(firms.drop(columns="industry"), PARK, DispersionParams()).industries
    assert alone["scope"].tolist() == ["all"]


def test_townships_count_and_place_their_firms() -> None:
    xy = MIDDLE + np.array([(0, 0), (200, 0), (9_000, 0), (0, 0), (0, 0)])
    firms = table(
        xy,
        industry=["a", "a", "a", "b", "b"],
        township=["水头镇", None, "水头镇", None, None],
        address=[None, "福建省南安市水头镇", None, "福建省南安市官桥镇", "海边"],
        precision=["p", "p", "county", "p", "p"],
    )
    found = measure_dispersion(firms, PARK, DispersionParams()).townships
    assert found["township"].tolist() == ["水头镇", "官桥镇", "", "水头镇", "官桥镇", ""]
    assert found["firms"].tolist() == [3, 1, 1, 3, 1, 1]
    assert found["located"].tolist() == [2, 1, 1, 2, 1, 1]
    assert found["known"].tolist() == ["column; address", "address", "", "column; address", "address", ""]
    assert found["share_of_industry"].tolist() == pytest.approx([0.6, 0.2, 0.2, 1.0, 0.5, 0.5])
    assert found["lon"].iloc[0] == pytest.approx(firms["lon"].iloc[:2].mean())


def test_tables_without_rows_keep_their_columns() -> None:
    result = measure_dispersion(table(np.empty((0, 2)), industry=[]), PARK, DispersionParams())
    assert result.industries["firms"].tolist() == [0]
    assert result.industries["unknown"].tolist() == ["no firm counts"]
    assert list(result.industries.columns) == list(INDUSTRIES.columns)
    assert list(result.townships.columns) == list(TOWNSHIPS.columns)
    assert dispersion_findings(result) == []


@pytest.mark.parametrize("centre", ["118", "a,b", "200,10", "118,24,3", "nan,1"])
def test_a_centre_that_is_no_place_is_refused(centre: str) -> None:
    with pytest.raises(UsageError, match="longitude and latitude"):
        DispersionParams(centre=centre)
    assert DispersionParams(centre="118.42，24.7").centre_deg == (118.42, 24.7)


def test_the_sample_of_yongan_stands_outside_its_park() -> None:
    scenario = sample_scenario("yongan", "en")
    stack = load_stack(scenario)
    result = disperse_firms(stack, scenario)
    textile = result.industries[result.industries["industry"] == "纺织"].iloc[0]
    assert textile["firms"] == 70
    assert 41 <= textile["outside_low"] == textile["outside_high"] <= 49
    towns = result.townships
    for scope, industry in (("all", ""), ("industry", "纺织")):
        own = towns[(towns["scope"] == scope) & (towns["industry"] == industry)]
        assert own["share_of_industry"].sum() == pytest.approx(1)
