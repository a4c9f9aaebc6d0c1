"""Clusters as blocks in space: what a table and a map say of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from geo import density
from geo.errors import CrsError, InfeasibleError, SchemaError
from planning.stages.clusters import ClusterParams, find_clusters


def firms_table(
    xy: np.ndarray, industry: list[str] | None = None, crs: str = "EPSG:4548"
) -> gpd.GeoDataFrame:
    """Firms at metric positions, as the import makes them."""
    count = len(xy)
    return gpd.GeoDataFrame(
        {
            "id": [str(n) for n in range(count)],
            "name": [f"合成企业 {n}" for n in range(count)],
            "source_row": np.arange(2, count + 2),
            "lon": np.linspace(118.0, 118.1, count),
            "lat": np.linspace(24.0, 24.1, count),
            "precision": "as given",
            "synthetic": True,
            "in_area": True,
            "industry": industry if industry is not None else ["石材"] * count,
        },
        geometry=shapely.points(xy),
        crs=crs,
    )


def _town(seed: int, centre: tuple[float, float], count: int, spread: tuple[float, float]) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 2)) * spread + centre


ORIGIN = (500_000.0, 2_730_000.0)


def test_two_towns_and_a_lone_firm() -> None:
    xy = np.vstack(
        [
            _town(1, ORIGIN, 40, (200, 200)),
            _town(2, (512_000, 2_730_000), 30, (200, 200)),
            [[540_000, 2_730_000]],
        ]
    )
    found = find_clusters(firms_table(xy), ClusterParams(radius_m=500.0, min_firms=5))
    assert found.clusters == 2
    assert found.noise == 1
    assert found.hulls["firms"].tolist() == [40, 30]
    assert (found.hulls["form"] == "block").all()


def test_a_row_of_firms_along_a_road_is_a_strip() -> None:
    xy = np.column_stack(
        [np.linspace(0, 8_000, 60) + ORIGIN[0], np.random.default_rng(1).normal(0, 60, 60) + ORIGIN[1]]
    )
    found = find_clusters(firms_table(xy), ClusterParams(radius_m=400.0, min_firms=3))
    assert found.hulls["form"].tolist() == ["strip"]
    assert found.hulls["axis_ratio"].iloc[0] > 20


def test_every_firm_of_a_cluster_lies_in_its_outline_and_the_measures_are_the_outlines() -> None:
    xy = np.vstack([_town(3, ORIGIN, 80, (400, 150)), _town(4, (503_000, 2_733_000), 50, (150, 300))])
    found = find_clusters(firms_table(xy), ClusterParams(radius_m=300.0, min_firms=4))
    for row in found.hulls.itertuples():
        members = found.firms[found.firms["cluster"] == row.cluster]
        assert members.within(row.geometry).all()
        assert row.area_m2 == row.geometry.area
        assert row.perimeter_m == row.geometry.length


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_the_order_of_the_rows_does_not_matter(method: str) -> None:
    xy = np.vstack([_town(5, ORIGIN, 60, (300, 300)), _town(6, (504_000, 2_731_000), 60, (900, 200))])
    firms = firms_table(xy)
    params = ClusterParams(radius_m=350.0, min_firms=6, method=method)
    first = find_clusters(firms, params)
    for seed in range(20):
        turned = find_clusters(firms.sample(frac=1, random_state=seed), params)
        assert turned.firms["cluster"].sort_index().tolist() == first.firms["cluster"].tolist()
        assert turned.hulls.geometry.to_wkb().tolist() == first.hulls.geometry.to_wkb().tolist()


def test_the_input_is_left_alone() -> None:
    firms = firms_table(_town(7, ORIGIN, 30, (100, 100)))
    before = firms.copy()
    find_clusters(firms, ClusterParams())
    assert firms.equals(before)


def test_one_industry_can_be_looked_at() -> None:
    xy = _town(8, ORIGIN, 30, (100, 100))
    firms = firms_table(xy, ["石材"] * 20 + ["纺织"] * 10)
    assert len(find_clusters(firms, ClusterParams(industry="纺织")).firms) == 10
    with pytest.raises(InfeasibleError, match="石材、纺织"):
        find_clusters(firms, ClusterParams(industry="软件"))


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
def test_no_firms_are_no_clusters(method: str) -> None:
    firms = firms_table(_town(9, ORIGIN, 3, (100, 100))).iloc[:0]
    found = find_clusters(firms, ClusterParams(method=method))
    assert (found.clusters, found.noise) == (0, 0)


def test_firms_at_one_address_have_an_outline_but_no_form() -> None:
    found = find_clusters(firms_table(np.tile(ORIGIN, (9, 1))), ClusterParams(radius_m=100.0, min_firms=5))
    assert found.hulls["form"].tolist() == ["point"]
    assert found.hulls["area_m2"].iloc[0] > 0


def test_two_addresses_lie_in_a_line_and_yet_are_no_strip() -> None:
    xy = np.vstack([np.zeros((6, 2)), np.tile((300.0, 400.0), (4, 1))]) + ORIGIN
    row = find_clusters(firms_table(xy), ClusterParams(radius_m=600.0, min_firms=5)).hulls.iloc[0]
    assert (row["form"], row["axis_ratio"]) == ("point", np.inf)
    # 500 m long, 100 m of margin around: a rectangle and a circle of 24 corners.
    circle = Point(0, 0).buffer(100.0, quad_segs=6)
    assert row["area_m2"] == pytest.approx(500 * 200 + circle.area)
    assert row["perimeter_m"] == pytest.approx(2 * 500 + circle.length)
    assert row["firms_per_km2"] == pytest.approx(10 / row["area_m2"] * 1e6)


def test_more_firms_at_the_same_addresses_change_density_and_ellipse_but_no_outline() -> None:
    corners = np.array([(0, 0), (400, 0), (400, 400), (0, 400)], dtype=float) + ORIGIN
    params = ClusterParams(radius_m=400.0, min_firms=3)
    once = find_clusters(firms_table(corners), params).hulls.iloc[0]
    crowd = np.vstack([corners, np.tile(corners[:2], (9, 1))])
    often = find_clusters(firms_table(crowd), params).hulls.iloc[0]
    assert often.geometry.equals(once.geometry)
    assert often["firms_per_km2"] == pytest.approx(once["firms_per_km2"] * 22 / 4)
    assert once["axis_ratio"] == pytest.approx(1.0)
    # Ten firms at each end of the southern side, one at each end of the northern: variances 200²
    # along it and 400² · (2/22)(20/22) across.
    assert often["axis_ratio"] == pytest.approx(200 / (400 * np.sqrt(40) / 22))


def test_hdbscan_knows_no_radius_and_neither_do_its_outlines() -> None:
    firms = firms_table(_town(3, ORIGIN, 60, (200, 200)))
    near, far = (
        find_clusters(firms, ClusterParams(method="hdbscan", radius_m=radius)) for radius in (10.0, 9_000.0)
    )
    assert near.hulls.geometry.to_wkb().tolist() == far.hulls.geometry.to_wkb().tolist()


def _roads(*lines: tuple[str | None, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Roads by class and corners, the corners counted from `ORIGIN`."""
    return gpd.GeoDataFrame(
        {"class": [name for name, _ in lines], "source_row": range(len(lines))},
        geometry=[LineString(np.array(corners) + ORIGIN) for _, corners in lines],
        crs="EPSG:4548",
    )


def _rectangle(long_m: float, wide_m: float) -> np.ndarray:
    """Ten firms: five on each long side of a rectangle, so that the axis ratio is known."""
    return np.array([(x * long_m, y * wide_m) for x in np.linspace(0, 1, 5) for y in (0, 1)]) + ORIGIN


# Five even steps of a length have a deviation of its √2/4, two ends one of a half: a rectangle
# of 1,000 m by 1,000 / (√2 r) m has the ratio r.
@pytest.mark.parametrize(
    ("ratio", "along", "form"),
    [
        (3.2, "all", "strip"),
        (3.2, "none", "strip"),
        (3.2, "unknown", "strip"),
        (2.5, "all", "strip"),
        (2.5, "half", "mixed"),
        (2.5, "none", "mixed"),
        (2.5, "unknown", "mixed"),
        (1.8, "all", "block"),
        (1.8, "none", "block"),
        (1.8, "unknown", "block"),
    ],
)
def test_ellipse_and_roads_make_a_form_as_the_table_of_the_stage_says(
    ratio: float, along: str, form: str
) -> None:
    wide_m = 1_000 / (np.sqrt(2) * ratio)
    lane = ("乡道", [(0.0, 0.0), (0.0, wide_m)])
    roads = {
        "all": _roads(lane, ("G324国道", [(0, 0), (1_000, 0)]), ("primary", [(0, wide_m), (1_000, wide_m)])),
        "half": _roads(lane, ("主干路", [(0, 0), (1_000, 0)])),
        "none": _roads(lane, ("主干路", [(0, 9_000), (1_000, 9_000)])),
        "unknown": None,
    }
    params = ClusterParams(radius_m=700.0, min_firms=3, near_road_m=50.0)
    found = find_clusters(firms_table(_rectangle(1_000, wide_m)), params, roads[along]).hulls.iloc[0]
    assert found["axis_ratio"] == pytest.approx(ratio)
    expected = {"all": 1.0, "half": 0.5, "none": 0.0, "unknown": np.nan}[along]
    assert found["near_main_road"] == pytest.approx(expected, nan_ok=True)
    assert found["form"] == form


def test_the_threshold_and_the_distance_count_as_reached_when_they_are_met() -> None:
    firms = firms_table(_rectangle(1_000, 1_000 / (np.sqrt(2) * 2.5)))
    roads = _roads(("主干路", [(0, -30), (1_000, -30)]))
    met = ClusterParams(radius_m=700.0, min_firms=3, near_road_m=30.0, road_share=0.5)
    assert find_clusters(firms, met, roads).hulls["form"].tolist() == ["strip"]
    for missed in (replace(met, near_road_m=29.9), replace(met, road_share=0.51)):
        assert find_clusters(firms, missed, roads).hulls["form"].tolist() == ["mixed"]


def test_roads_that_name_no_main_one_or_lie_elsewhere_say_nothing() -> None:
    firms = firms_table(_rectangle(1_000, 300))
    params = ClusterParams(radius_m=700.0, min_firms=3)
    for roads in (
        _roads(("乡道", [(0, 0), (1_000, 0)])),
        _roads((None, [(0, 0), (1_000, 0)])),
        _roads(("主干路", [(0, 0), (1_000, 0)])).drop(columns="class"),
        _roads(("主干路", [(0, 5_000), (1_000, 5_000)])),
        _roads(("主干路", [(0, 0), (1, 0)])).iloc[:0],
    ):
        assert find_clusters(firms, params, roads).hulls["near_main_road"].isna().all()


def test_roads_change_nothing_but_share_and_form() -> None:
    firms = firms_table(
        np.vstack([_town(1, ORIGIN, 40, (300, 150)), _town(2, (512_000, 2_730_000), 30, (200, 200))])
    )
    params = ClusterParams(radius_m=500.0)
    without = find_clusters(firms, params)
    found = find_clusters(firms, params, _roads(("primary", [(-900, 0), (900, 0)])))
    assert found.firms["cluster"].equals(without.firms["cluster"])
    same = [column for column in found.hulls if column not in ("near_main_road", "form")]
    assert found.hulls[same].equals(without.hulls[same])
    assert found.hulls["near_main_road"].notna().tolist() == [True, False]


def test_a_table_that_breaks_its_promise_is_told_everything_at_once() -> None:
    firms = firms_table(_town(1, ORIGIN, 5, (10, 10))).drop(columns=["id", "name"])
    with pytest.raises(SchemaError, match=r"“id”.*“name”"):
        find_clusters(firms, ClusterParams())


def test_degrees_are_not_metres() -> None:
    firms = firms_table(_town(1, (118, 24), 5, (0.1, 0.1)), crs="EPSG:4326")
    with pytest.raises(CrsError, match="not in metres"):
        find_clusters(firms, ClusterParams())


@given(
    places=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60),
    radius_m=st.sampled_from([100.0, 150.0, 400.0]),
    min_firms=st.integers(2, 7),
    method=st.sampled_from(["dbscan", "hdbscan"]),
)
@settings(max_examples=120, deadline=None)
def test_outlines_hold_their_firms_and_all_firms_are_counted(
    places: list[tuple[int, int]], radius_m: float, min_firms: int, method: str
) -> None:
    firms = firms_table(np.array(places, dtype=float) * 100.0 + ORIGIN)
    found = find_clusters(firms, ClusterParams(radius_m=radius_m, min_firms=min_firms, method=method))
    assert len(found.firms) == len(places)
    assert found.hulls["firms"].sum() + found.noise == len(places)
    assert found.hulls["cluster"].tolist() == list(range(found.clusters))
    assert (found.hulls["area_m2"] > 0).all()
    assert (found.hulls["perimeter_m"] > 0).all()
    assert set(found.hulls["form"]) <= {"strip", "block", "mixed", "point"}
    assert found.hulls.geometry.is_valid.all()
    for row in found.hulls.itertuples():
        members = found.firms[found.firms["cluster"] == row.cluster]
        assert shapely.covers(row.geometry, members.geometry.to_numpy()).all()
        assert row.firms_per_km2 == pytest.approx(row.firms / row.area_m2 * 1e6)
        assert (row.form == "point") == (len(np.unique(np.array(places)[members.index], axis=0)) < 3)


@pytest.mark.parametrize("method", ["dbscan", "hdbscan"])
@pytest.mark.parametrize(
    "xy",
    [
        np.tile(ORIGIN, (30, 1)),
        np.column_stack([np.arange(30.0) * 50, np.zeros(30)]) + ORIGIN,
        np.array([ORIGIN]),
    ],
)
def test_one_place_one_line_and_one_firm_are_no_accident(method: str, xy: np.ndarray) -> None:
    found = find_clusters(firms_table(xy), ClusterParams(radius_m=100.0, min_firms=3, method=method))
    assert found.hulls["firms"].sum() + found.noise == len(xy)
    assert np.isfinite(found.hulls["area_m2"]).all()


def test_a_radius_that_needs_too_much_work_is_refused_with_the_lever_to_pull(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(density, "TEST_LIMIT", 1_000)
    firms = firms_table(_town(1, ORIGIN, 3_000, (400, 400)))
    with pytest.raises(InfeasibleError, match="1,000 comparisons") as refused:
        find_clusters(firms, ClusterParams(radius_m=20.0, min_firms=50))
    assert "smaller radius" in refused.value.hint()
    assert refused.value.where == "radius_m"
    assert find_clusters(firms, ClusterParams(radius_m=50_000.0)).clusters == 1


def test_many_firms_at_one_address_cost_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(density, "TEST_LIMIT", 100_000)
    crowd = np.vstack([np.tile(ORIGIN, (20_000, 1)), _town(2, ORIGIN, 200, (300, 300))])
    found = find_clusters(firms_table(crowd), ClusterParams(radius_m=100.0, min_firms=5))
    assert found.hulls["firms"].max() >= 20_000
