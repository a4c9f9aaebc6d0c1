"""What maps are sent, and that every code of the data has words in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo.params import describe
from layers.facilities import builtin_facilities
from planning.catalogue.places import place_rows, stone_rows
from planning.pipeline import make_plan
from planning.plan import Plan
from planning.samples import sample_scenario
from planning.stages.access import AccessParams
from planning.stages.clusters import ClusterParams
from planning.stages.dispersion import DispersionParams
from planning.stages.zoning import ZoningParams
from ui.labels import KINDS, OPTIONS, PARAMETERS, UNITS, facility_name, precision_text
from ui.map_layers import lines_layer, point_features, points_layer
from ui.map_places import access_layers, china_layers
from ui.map_plan import boundary_feature, cluster_layers, firm_layer, plan_layers, zoning_layers
from ui.place_words import place_words
from ui.text import translator

LATIN = re.compile(r"[A-Za-z]{4,}")


def words(lang: str) -> Callable[..., str]:
    """The translation that the pages use, without a session."""
    return lambda template, /, **fields: translator(lang)(template).format(**fields)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(sample_scenario("shuitou", "en"))


def layer(layers: list[Any], layer_id: str) -> Any:
    return next(one for one in layers if one.id == layer_id)


def test_points_and_lines_go_as_packed_numbers() -> None:
    points = points_layer("p", "P", [118.1234567, -1.0], [24.5, -2.25], category=[3, 0], names=["a", "b"])
    numbers = np.frombuffer(points.packed[:16], dtype="<i4")
    assert numbers.tolist() == [1181234567, -10000000, 245000000, -22500000]
    assert list(points.packed[16:]) == [3, 0]
    assert json.loads(points.names_json) == ["a", "b"]
    lines = lines_layer("l", "L", np.array([[1.0, 2.0, 3.0, 4.0]]))
    assert np.frombuffer(lines.packed, dtype="<i4").tolist() == [10000000, 30000000, 20000000, 40000000]
    assert lines.options["count"] == 2


def test_a_layer_is_sent_anew_only_when_it_changed() -> None:
    same = [points_layer("p", "P", [1.0], [2.0]).rev for _ in range(2)]
    assert same[0] == same[1]
    assert points_layer("p", "P", [1.0], [2.0000001]).rev != same[0]
    assert points_layer("p", "Q", [1.0], [2.0]).rev != same[0]


def test_features_keep_names_as_data() -> None:
    (feature,) = point_features([1.0], [2.0], ids=["x"], tips=["<b>"], radii=[3.0])
    assert feature["properties"] == {"id": "x", "tip": "<b>", "_r": 3.0}


def test_the_legend_of_the_firms_counts_them_all(plan: Plan) -> None:
    firms = plan.stack.firms
    kinds = [f"kind {number % 15:02d}" for number in range(len(firms))]
    made = firm_layer(firms.assign(industry=kinds), words("en"))
    assert made.name == "Firms (330)"
    assert [text for _, text in made.options["legend"]] == [f"kind {number:02d} (22)" for number in range(12)]
    assert made.options["note"] == "and 3 further industries"
    unknown = firm_layer(firms.drop(columns="industry"), words("en"))
    assert [text for _, text in unknown.options["legend"]] == ["industry unknown (330)"]


def test_zones_carry_their_shares_and_their_areas(plan: Plan) -> None:
    layers = zoning_layers(plan.zoning, words("en"), "en")
    zones = layer(layers, "zones")
    assert len(zones.options["legend"]) == len(plan.zoning.zones)
    first = plan.zoning.zones.iloc[0]
    assert zones.options["legend"][0][1] == f"Stone processing {first.share:.1%} ({first.share_target:.1%})"
    areas = sum(dict(one["properties"]["card"])["Area (ha)"] for one in zones.data["features"])
    assert areas == pytest.approx(plan.zoning.zones["area_m2"].sum() / 1e4, abs=0.3)
    names = [one["properties"]["_t"] for one in layer(layers, "zone-names").data["features"]]
    assert len(names) == len(set(names)) == len(plan.zoning.zones)


def test_the_outline_that_is_edited_is_the_park(plan: Plan) -> None:
    (feature,) = boundary_feature(plan.stack)["features"]
    back = plan.stack.area.to_metric(shape(feature["geometry"]))
    assert back.symmetric_difference(plan.stack.boundary).area < 0.01


def test_a_project_is_shown_as_far_as_it_is_made(plan: Plan) -> None:
    few = [one.id for one in plan_layers(plan.stack, None, None, words("en"), "en")]
    all_ = [one.id for one in plan_layers(plan.stack, plan.clusters, plan.zoning, words("en"), "en")]
    assert few == ["borders-minor", "borders", "firms", "outline"]  # the borders lie below
    assert set(few) < set(all_)
    assert [one.id for one in cluster_layers(plan.stack, None, words("en"))] == few


def test_the_map_of_access_looks_at_what_is_near(plan: Plan) -> None:
    layers = access_layers(plan.stack, plan.access, plan.clusters, words("zh"), "zh")
    facilities = layer(layers, "facilities")
    (south, west), (north, east) = facilities.options["fit"]
    inside = shapely.box(west, south, east, north)
    near = [one for one in facilities.data["features"] if shape(one["geometry"]).intersects(inside)]
    assert 0 < len(near) < len(facilities.data["features"]), "river ports lie 700 km away"
    assert east - west < 3
    cards = [value for one in facilities.data["features"] for _, value in one["properties"]["card"]]
    assert [value for value in cards if LATIN.search(value.replace("airportsdata", ""))] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_country_holds_every_placed_cluster_and_no_made_up_one(lang: str) -> None:
    layers = china_layers(words(lang), lang)
    stone = layer(layers, "stone").data["features"]
    assert {one["properties"]["id"] for one in stone} == {row["id"] for row in stone_rows()}
    for one in stone:
        card = dict(one["properties"]["card"])
        assert all(card.values())
    assert any("roads" in one.id and one.options["attribution"] for one in layers)


def test_every_word_of_the_places_is_chinese_on_a_chinese_page() -> None:
    texts = [row[key] for row in stone_rows() for key in ("scale", "dependency", "layout")]
    texts += [one[1] for feature in layer(china_layers(words("zh"), "zh"), "cities").data["features"]
              for one in feature["properties"]["card"] if one[0] == words("zh")("Role")]  # fmt: skip
    texts += [row["point_meaning"] for row in place_rows()]
    assert [text for text in texts if LATIN.search(place_words(text, words("zh")))] == []


def test_every_precision_of_the_facilities_and_the_ways_is_chinese(plan: Plan) -> None:
    texts = {
        *builtin_facilities()["precision"],
        *plan.access.table["precision"],
        *plan.stack.firms["precision"],
    }
    straight = make_plan(
        sample_scenario("shuitou").with_(template="", access=AccessParams(network="straight"))
    )
    texts |= {*straight.access.table["precision"]}
    assert [text for text in texts if LATIN.search(precision_text(text, words("zh")))] == []


def test_a_name_in_two_scripts_is_shown_in_the_readers() -> None:
    assert facility_name("云浮新港（西江） Yunfu", "zh") == "云浮新港（西江）"
    assert facility_name("云浮新港（西江） Yunfu", "en") == "Yunfu"
    assert facility_name("Quanzhou Airport (JJN)", "zh") == "泉州机场（JJN）"
    assert facility_name("Quanzhou Airport (JJN)", "en") == "Quanzhou Airport (JJN)"
    assert facility_name("某港", "en") == "某港"


@pytest.mark.parametrize("params", [ClusterParams, DispersionParams, AccessParams, ZoningParams])
def test_every_parameter_has_a_name_a_unit_and_options_in_words(params: type[Any]) -> None:
    for spec in describe(params):
        assert spec.name in PARAMETERS
        assert spec.unit in UNITS or not LATIN.search(spec.unit)
        assert set(spec.options) <= set(OPTIONS)


def test_every_kind_of_input_has_a_name() -> None:
    from planning.scenario import INPUT_KINDS

    assert set(INPUT_KINDS) <= set(KINDS)
