"""`zone` and the files of a plan: layers and columns to the letter, every square metre once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from planning.catalogue.parks import load_template
from tests.cli.conftest import Command, Ran

LAYERS = {
    "boundary": None,
    "land_use": ["kind", "zone", "code", "gb", "area_m2"],
    "zones": [
        "zone",
        "name_zh",
        "name_en",
        "code",
        "gb",
        "share_target",
        "share",
        "area_m2",
        "pieces",
        "pieces_allowed",
    ],
    "parcels": ["parcel", "zone", "code", "area_m2", "frontage_m"],
    "road_lines": ["road", "class", "width_m"],
    "gates": ["kind"],
    "adjacency": ["letter", "wanted", "met"],
    "provenance": ["parameter", "value", "source"],
}
KINDS = {"zone", "road", "verge", "water", "kept", "excluded"}
TABLES = {
    "balance.csv": [
        "code",
        "gb",
        "name_zh",
        "name_en",
        "area_ha",
        "area_mu",
        "share_of_construction",
        "share_of_total",
    ],
    "checks.csv": ["check", "object", "value", "unit", "limit", "verdict", "source"],
    "reasons.csv": ["zone", "rule", "value", "met", "weight", "sentence"],
}


def layer(ran: Ran, name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(ran.out / "plan.gpkg", layer=name)


def test_the_package_has_the_layers_and_columns_of_the_contract(ran: Ran):
    found = dict(pyogrio.list_layers(ran.out / "plan.gpkg"))
    assert set(found) == set(LAYERS)
    assert {name for name, kind in found.items() if kind is None} == {"adjacency", "provenance"}
    for name, columns in LAYERS.items():
        fields = list(pyogrio.read_info(ran.out / "plan.gpkg", layer=name)["fields"])
        assert [field for field in fields if field in (columns or fields)] == (columns or fields), name


def test_the_tables_have_the_columns_of_the_contract(ran: Ran):
    for name, columns in TABLES.items():
        assert list(pd.read_csv(ran.out / name).columns) == columns, name


def test_every_square_metre_of_the_park_is_in_exactly_one_row(ran: Ran):
    park, use = layer(ran, "boundary").geometry.iloc[0], layer(ran, "land_use")
    assert set(use["kind"]) <= KINDS
    assert {"zone", "road", "water", "kept"} <= set(use["kind"])
    assert shapely.coverage_is_valid(use.geometry.to_numpy())
    assert use.geometry.is_valid.all()
    assert use.geometry.area.sum() == pytest.approx(park.area, abs=0.01)
    assert shapely.union_all(use.geometry.to_numpy()).symmetric_difference(park).area == pytest.approx(
        0, abs=0.01
    )
    assert use["area_m2"].to_numpy() == pytest.approx(use.geometry.area.to_numpy(), abs=0.01)


def test_what_was_given_lies_where_it_was(ran: Ran):
    use = layer(ran, "land_use")
    for kind, name in (("water", "pond"), ("kept", "halls")):
        given = gpd.read_file(ran.out.parent / f"{name}.geojson").to_crs(use.crs).union_all()
        made = use[use["kind"] == kind].union_all()
        assert made.symmetric_difference(given).area < 0.01 * given.area


def test_the_zones_are_the_template_s_and_their_shares_are_those_of_the_net_land(ran: Ran):
    zones, use = layer(ran, "zones"), layer(ran, "land_use")
    template = load_template("stone")
    assert zones["zone"].tolist() == [zone.id for zone in template.zones]
    assert zones["share_target"].tolist() == [zone.target for zone in template.zones]
    net = use[use["kind"] == "zone"].groupby("zone")["area_m2"].sum()
    assert zones.set_index("zone")["area_m2"].to_dict() == pytest.approx(net.to_dict())
    assert zones["share"].tolist() == pytest.approx((zones["area_m2"] / net.sum()).tolist())
    assert zones["share"].sum() == pytest.approx(1)
    assert (zones["pieces"] <= zones["pieces_allowed"]).all()
    assert (zones["pieces_allowed"] <= 3).all()
    error = float((zones["share"] - zones["share_target"]).abs().max() * 100)
    assert ran.answer.json["zoning"]["share_error_pp"] == pytest.approx(error)


def test_the_parcels_are_the_net_land_of_the_zones(ran: Ran):
    parcels, zones = layer(ran, "parcels"), layer(ran, "zones")
    assert parcels["parcel"].is_unique
    own = parcels.groupby("zone")["area_m2"].sum()
    assert own.to_dict() == pytest.approx(zones.set_index("zone")["area_m2"].to_dict())
    assert (parcels["frontage_m"] > 0).all()


def test_roads_have_a_class_and_a_width_and_lie_on_road_land(ran: Ran):
    roads, use = layer(ran, "road_lines"), layer(ran, "land_use")
    assert set(roads["class"]) <= {"arterial", "collector", "local"}
    assert (roads["width_m"] > 0).all()
    land = use[use["kind"].isin(["road", "water", "kept"])].union_all().buffer(0.1)
    assert roads.geometry.length.sum() == pytest.approx(roads.intersection(land).length.sum(), rel=0.01)


def test_a_gate_keeps_its_kind_and_comes_onto_the_outline(ran: Ran):
    gates, park = layer(ran, "gates"), layer(ran, "boundary").geometry.iloc[0]
    assert gates["kind"].tolist() == ["port"]
    assert gates.distance(park.boundary).max() < 0.01


def test_the_balance_adds_up_to_the_park(ran: Ran):
    balance = pd.read_csv(ran.out / "balance.csv", dtype={"code": str})
    park = layer(ran, "boundary").geometry.iloc[0]
    rows, total = balance.iloc[:-1], balance.iloc[-1]
    assert total["area_ha"] * 1e4 == pytest.approx(park.area, abs=0.01)
    assert rows["area_ha"].sum() == pytest.approx(total["area_ha"])
    assert (balance["area_mu"] / balance["area_ha"]).to_numpy() == pytest.approx(15)
    assert rows["share_of_total"].sum() == pytest.approx(1)
    assert rows["share_of_construction"].sum() == pytest.approx(1)
    use = layer(ran, "land_use")
    by_code = use[use["code"] != ""].groupby("code")["area_m2"].sum() / 1e4
    assert rows.dropna(subset="code").groupby("code")["area_ha"].sum().to_dict() == pytest.approx(
        by_code.to_dict()
    )


def test_checks_and_reasons_speak_the_words_of_the_contract(ran: Ran):
    checks = pd.read_csv(ran.out / "checks.csv")
    assert set(checks["verdict"]) <= {"met", "broken", "not checked"}
    assert checks["source"].notna().all()
    # What is missing is unknown and said to be.
    unknown = checks[checks["check"].str.contains("flood|terrain|wind")]
    assert len(unknown) >= 3
    assert set(unknown["verdict"]) == {"not checked"}
    reasons = pd.read_csv(ran.out / "reasons.csv")
    assert set(reasons["zone"]) <= set(layer(ran, "zones")["zone"])
    assert reasons["sentence"].notna().all()


def test_the_provenance_names_every_input_by_its_bytes(ran: Ran):
    import hashlib

    facts = layer(ran, "provenance").set_index("parameter")["value"]
    for kind, name in (("firms", "firms.csv"), ("boundary", "park.geojson"), ("water", "pond.geojson")):
        assert facts[f"{kind}.sha256"] == hashlib.sha256((ran.out.parent / name).read_bytes()).hexdigest()
    assert facts["seed"] == "1"
    assert facts["template"] == "stone"
    assert facts["within_km"] == "12.5"


def test_zone_alone_writes_the_plan_of_the_whole_way_and_says_how_good_it_is(
    door: Command, plain: Ran, tmp_path
):
    inputs = plain.out.parent
    out = tmp_path / "out"
    words = ["--boundary", inputs / "park.geojson", "--template", "software", "--firms", inputs / "firms.csv"]
    answer = door("zone", *words, "-o", out, "--json", "--quiet")
    assert answer.code == 0, answer.err
    [plan] = answer.json["plans"]
    assert set(plan) == {"file", "score", "share_error_pp", "seconds"}
    assert plan["file"] == str(out / "plan.gpkg")
    assert 0 <= plan["score"] <= 1
    assert plan["seconds"] > 0
    files = ["balance.csv", "boundary.txt", "checks.csv", "plan.gpkg", "reasons.csv"]
    assert sorted(path.name for path in out.iterdir()) == files
    zones = gpd.read_file(out / "plan.gpkg", layer="zones")
    worst = float(np.abs(zones["share"] - zones["share_target"]).max() * 100)
    assert plan["share_error_pp"] == pytest.approx(worst)
    for name in ("balance.csv", "checks.csv", "reasons.csv"):
        assert (out / name).read_bytes() == (plain.out / name).read_bytes()


@pytest.mark.parametrize(
    "option",
    ["--water", "--exclusions", "--flood", "--housing", "--buildings", "--roads", "--gates", "--firms"],
)
def test_a_bad_file_for_any_input_is_named(door: Command, boundary, tmp_path, option):
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    answer = door(
        "zone",
        "--boundary",
        boundary,
        "--template",
        "software",
        option,
        bad,
        "-o",
        tmp_path / "out",
        "--json",
    )
    assert answer.code == 3
    assert "bad.geojson" in answer.error["where"] + answer.error["message"]
    assert not (tmp_path / "out").exists()
