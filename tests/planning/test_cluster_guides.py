"""What the table of settings and the distances say in a sentence, on patterns whose answer is known."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import density
from geo.density import dbscan
from geo.errors import CancelledError, InfeasibleError, UsageError
from planning.cluster_guides import HOLDS, ROUGHLY, VERDICTS, ClusterGuides, judge_clusters
from planning.stages.clusters import ClusterParams


def firms(xy: np.ndarray) -> gpd.GeoDataFrame:
    """Firms at metric positions, of which the guides read the place and the industry alone."""
    return gpd.GeoDataFrame({"industry": "石材"}, index=range(len(xy)), geometry=shapely.points(xy), crs=4548)


def lattice(side: int, step_m: float, west_m: float = 0.0) -> np.ndarray:
    return np.array(
        [(west_m + x * step_m, y * step_m) for x in range(side) for y in range(side)], dtype=float
    )


def verdict_of(guides: ClusterGuides, radius_m: float, number: int) -> str:
    table = guides.settings
    return str(table.loc[(table.radius_m == radius_m) & (table.min_points == number), "verdict"].item())


def said(guides: ClusterGuides) -> str:
    return " ".join(template.format(**fields) for template, fields in guides.findings())


def test_towns_far_apart_and_dense_hold_at_every_setting() -> None:
    xy = np.vstack([lattice(8, 30.0), lattice(8, 30.0, 50_000.0)])
    guides = judge_clusters(firms(xy), ClusterParams(radius_m=200.0, min_firms=5))
    assert guides.settings["radius_m"].unique().tolist() == [100, 130, 200, 300, 400]
    assert guides.settings["min_points"].unique().tolist() == [2, 3, 5, 8, 10]
    assert guides.settings["clusters"].eq(2).all()
    assert said(guides) == (
        "The clusters hold: a step to the next radius or number changes little (least agreement 1.00, at 130 m "
        "and 5 firms). Over the whole table there are 2 to 2 clusters, and 0% to 0% of the firms are in none."
    )


def test_clusters_that_fall_apart_at_a_smaller_radius_are_the_coarse_pattern() -> None:
    # Two pairs of towns: 180 m parts the towns of a pair, 50 km the pairs.
    xy = np.vstack([lattice(5, 20.0, west) for west in (0.0, 260.0, 50_000.0, 50_260.0)])
    guides = judge_clusters(firms(xy), ClusterParams(radius_m=200.0, min_firms=5))
    assert verdict_of(guides, 300.0, 5) == "same"
    assert verdict_of(guides, 130.0, 5) == "other"
    assert said(guides).startswith("The clusters hold at a larger radius, but not at a smaller one: at 130 m")
    agreement = guides.findings()[0][1]["agreement"]
    # Four towns of 25 against two of 50: 1,200 pairs stay, of 2,450 and of 1,200, among 4,950.
    chance = 2_450 * 1_200 / 4_950
    assert agreement == pytest.approx((1_200 - chance) / ((2_450 + 1_200) / 2 - chance))


def test_clusters_that_the_next_radius_melts_depend_on_the_setting() -> None:
    xy = np.vstack([lattice(5, 20.0, west) for west in (0.0, 330.0, 50_000.0, 50_330.0)])
    guides = judge_clusters(firms(xy), ClusterParams(radius_m=200.0, min_firms=5))
    assert verdict_of(guides, 130.0, 5) == "same"
    assert verdict_of(guides, 300.0, 5) == "other"
    assert said(guides).startswith("The clusters depend on the setting: one step away, at 300 m and 5 firms")


def test_no_cluster_and_one_cluster_of_all_are_said_first() -> None:
    few = judge_clusters(firms(lattice(3, 5_000.0)), ClusterParams())
    assert said(few).startswith("With the chosen setting there is no cluster.")
    one = judge_clusters(firms(lattice(9, 20.0)), ClusterParams())
    assert said(one).startswith("One cluster holds 100% of the firms")


def test_a_verdict_follows_from_the_agreement_and_one_setting_is_the_chosen_one() -> None:
    xy = np.random.default_rng(3).normal(0, 2_000, (400, 2)).round()
    table = judge_clusters(firms(xy), ClusterParams(radius_m=300.0, min_firms=6)).settings
    assert set(table["verdict"]) <= set(VERDICTS)
    chosen = table[table["verdict"] == "chosen"]
    assert chosen[["radius_m", "min_points"]].to_numpy().tolist() == [[300.0, 6]]
    assert chosen["clusters"].item() == dbscan(xy, 300.0, 6).max() + 1
    others = table[table["verdict"] != "chosen"]
    bands = pd.cut(
        others["rand_chosen"], [-2, ROUGHLY, HOLDS, 2], right=False, labels=["other", "roughly", "same"]
    )
    assert others["verdict"].tolist() == bands.tolist()


@pytest.mark.parametrize(("radius_m", "number"), [(1.0, 2), (1_000_000.0, 10_000), (1.3, 3)])
def test_at_the_ends_of_a_range_nothing_outside_it_is_tried(radius_m: float, number: int) -> None:
    params = ClusterParams(radius_m=radius_m, min_firms=number)
    table = judge_clusters(firms(lattice(4, 1.0)), params).settings
    for row in table.itertuples():
        ClusterParams(radius_m=row.radius_m, min_firms=row.min_points)  # raises if it is out of range
    assert table["verdict"].eq("chosen").sum() == 1


def test_the_suggested_radius_is_rounded_up_so_that_no_core_point_is_lost() -> None:
    xy = np.vstack([lattice(8, 33.33), np.random.default_rng(1).uniform(-30_000, 30_000, (20, 2))])
    guides = judge_clusters(firms(xy), ClusterParams(min_firms=4))
    # The fourth place from a corner, itself counted, lies across: 33.33 √2 = 47.136.
    assert guides.radius_m == 47.2
    assert guides.radius_share == pytest.approx(64 / 84)
    assert guides.curve["share"].is_monotonic_increasing
    assert guides.curve["distance_m"].is_monotonic_increasing
    assert guides.curve["share"].iloc[-1] == 1.0


def test_many_firms_make_a_short_curve_that_keeps_its_ends() -> None:
    xy = np.random.default_rng(2).normal(0, 900, (5_000, 2))
    curve = judge_clusters(firms(xy), ClusterParams()).curve
    assert len(curve) == 401
    assert curve["share"].iloc[[0, -1]].tolist() == [1 / 5_000, 1.0]


def test_fewer_firms_than_a_cluster_needs_have_no_curve_and_no_suggestion() -> None:
    guides = judge_clusters(firms(lattice(2, 10.0)), ClusterParams(min_firms=5))
    assert guides.curve.empty
    assert guides.radius_m is None


def test_a_setting_refused_for_its_work_is_named_and_left_out_of_the_sentences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xy = np.random.default_rng(4).normal(0, 400, (3_000, 2)).round(1)
    monkeypatch.setattr(density, "TEST_LIMIT", 30_000)
    guides = judge_clusters(firms(xy), ClusterParams(radius_m=3_000.0, min_firms=5))
    refused = guides.settings["verdict"] == "refused"
    assert (refused == guides.settings["clusters"].isna()).all()
    assert "Over the whole table there are 1 to" in said(guides)


def test_hdbscan_no_firm_and_an_unknown_industry_are_told_why() -> None:
    with pytest.raises(UsageError, match="only DBSCAN has a radius"):
        judge_clusters(firms(lattice(3, 9.0)), ClusterParams(method="hdbscan"))
    with pytest.raises(InfeasibleError, match="no firms"):
        judge_clusters(firms(np.empty((0, 2))), ClusterParams())
    with pytest.raises(InfeasibleError, match="石材"):
        judge_clusters(firms(lattice(3, 9.0)), ClusterParams(industry="软件"))


def test_whoever_waits_sees_it_move_and_may_stop_it() -> None:
    told: list[float] = []
    judge_clusters(firms(lattice(4, 9.0)), ClusterParams(), lambda share, _what: told.append(share))
    assert told == sorted(told)
    assert len(told) > 20

    def stop(_share: float, _what: str) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        judge_clusters(firms(lattice(4, 9.0)), ClusterParams(), stop)
