"""Stone clusters: what distances say stands beside what the essay says."""

from __future__ import annotations

import pandas as pd
import pytest

from data import REFERENCE
from geo.errors import UsageError
from planning.catalogue.places import stone_rows
from planning.stone import (
    StoneParams,
    judge_dependency,
    nearest_km,
    product_of,
    scale_of,
    stone_typology,
    west_counts,
)
from planning.three_valued import Interval

PORTS = pd.read_csv(REFERENCE / "ports.csv")
NEAR, FAR = Interval.exactly(5), Interval.exactly(500)


@pytest.mark.parametrize(
    ("quarry", "sea", "river", "label", "possible"),
    [
        (NEAR, FAR, FAR, "resource", ("resource",)),
        (FAR, NEAR, FAR, "market", ("market",)),
        (FAR, FAR, NEAR, "market", ("market",)),
        (NEAR, NEAR, None, "both", ("both",)),
        (FAR, FAR, FAR, "unknown", ("neither",)),
        (None, NEAR, FAR, "unknown", ("market", "both")),
        (None, FAR, FAR, "unknown", ("resource", "neither")),
        (NEAR, FAR, None, "unknown", ("resource", "both")),
        (FAR, Interval(0, 92.8), FAR, "unknown", ("market", "neither")),
        (None, None, None, "unknown", ("resource", "market", "both", "neither")),
    ],
)
def test_dependency_is_by_distance_to_quarry_and_ports(
    quarry: Interval | None,
    sea: Interval | None,
    river: Interval | None,
    label: str,
    possible: tuple[str, ...],
) -> None:
    found = judge_dependency(quarry_km=quarry, seaport_km=sea, river_port_km=river)
    assert (found.label, set(found.possible)) == (label, set(possible))


def test_raising_a_threshold_changes_the_answer_and_it_is_kept() -> None:
    near = judge_dependency(quarry_km=FAR, seaport_km=FAR, params=StoneParams(port_km=600))
    assert (near.label, near.params.port_km) == ("market", 600)
    with pytest.raises(UsageError, match="straight line"):
        judge_dependency(measure="as the crow flies")


@pytest.fixture(scope="module")
def typology() -> pd.DataFrame:
    return stone_typology(PORTS).set_index("id")


def test_without_quarries_no_cluster_is_called_by_its_resource(typology: pd.DataFrame) -> None:
    assert len(typology) == 24
    assert set(typology["dependency"]) == {"unknown"}
    assert typology["quarry_km"].isna().all()
    assert set(typology["measure"]) == {"straight line"}


def test_the_essays_tag_stands_beside_ours_as_it_was_written(typology: pd.DataFrame) -> None:
    told = {row["id"]: row["dependency"] for row in stone_rows()}
    assert typology["dependency_text"].to_dict() == told
    assert typology.loc["stone_shuitou", "possible"] == ("market", "both")
    # Shanshan is far from any port: that it lives by both is not what distances say.
    assert typology.loc["stone_shanshan", "agrees"] is False
    assert typology.loc["stone_shuitou", "agrees"] is None
    assert typology.loc["stone_fuding", "agrees"] is None


def test_shuitou_is_by_the_sea_and_yunfu_by_a_river(typology: pd.DataFrame) -> None:
    assert typology.loc["stone_shuitou", "seaport_km"] < 20
    assert typology.loc["stone_yunfu", "seaport_km"] > 100
    assert typology.loc["stone_yunfu", "river_port_km"] < 30
    assert typology.loc["stone_yunfu", "possible"] == ("market", "both")


def test_quarries_of_ones_own_decide() -> None:
    quarry = pd.DataFrame({"kind": ["quarry"], "name": ["here"], "lon": [119.95], "lat": [37.2]})
    table = stone_typology(pd.concat([PORTS, quarry])).set_index("id")
    assert table.loc["stone_laizhou", "dependency"] == "both"
    # The essay says resource: the disagreement is told, neither is overwritten.
    assert table.loc["stone_laizhou", "dependency_text"] == "resource"
    assert table.loc["stone_laizhou", "agrees"] is False
    assert table.loc["stone_shuitou", "dependency"] == "market"
    assert table.loc["stone_shuitou", "agrees"] is True


def test_distances_by_road_take_the_place_of_straight_lines_and_say_so() -> None:
    roads = pd.DataFrame(
        {"quarry_km": [3.0], "seaport_km": [80.0], "river_port_km": [900.0]}, index=["stone_laizhou"]
    )
    table = stone_typology(PORTS, network=roads).set_index("id")
    assert set(table["measure"]) == {"network"}
    assert (table.loc["stone_laizhou", "dependency"], table.loc["stone_laizhou", "agrees"]) == (
        "resource",
        True,
    )
    assert len(table.loc["stone_shuitou", "possible"]) == 4


def test_both_counts_of_the_west_are_told_with_their_definitions() -> None:
    essay, official = west_counts()
    assert (essay.count, official.count, essay.total) == (4, 7, 24)
    assert set(essay.clusters) < set(official.clusters)
    extra = set(official.names) - set(essay.names)
    assert {name[-2:] for name in extra} == {"岑溪", "贺州", "格尔"}
    assert essay.definition != official.definition


def test_products_and_ranks_are_those_of_the_essay() -> None:
    rows = stone_rows()
    products = pd.Series([product_of(row) for row in rows]).value_counts().to_dict()
    assert products == {"unknown": 17, "decorative marble & granite": 3, "stone carving": 2, "slate": 2}
    assert sum(scale_of(row) == "national/international" for row in rows) == 4
    with pytest.raises(UsageError, match="no rank"):
        scale_of({"scale": "global"})


def test_the_nearest_is_by_the_ellipsoid_and_nothing_is_near_nothing() -> None:
    table = pd.DataFrame({"name": ["b", "a"], "lon": [1.0, 0.0], "lat": [0.0, 0.0]})
    found = nearest_km([0.9, 0.1, 0.5], [0.0, 0.0, 0.0], table)
    assert found["name"].tolist() == ["b", "a", "a"]
    assert found["km"].iloc[0] == pytest.approx(11.1319491, rel=1e-8)
    assert nearest_km([0.0], [0.0], table.iloc[:0])["km"].isna().all()
