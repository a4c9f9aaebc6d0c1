"""Headline figures: the same names in the same order, each with its evidence, or the reason why it is unknown."""

from __future__ import annotations

import json
import string
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from planning.indicators import Indicator, headline_indicators, industry_table, location_precision
from planning.pipeline import make_plan
from planning.plan import Plan
from planning.provenance import PROVENANCE, synthetic_label
from planning.samples import sample_scenario
from planning.scenario import Scenario
from planning.stages.access import AccessParams
from planning.stages.clusters import ClusterParams, find_clusters
from ui.text import translator

NAMES = [
    "Firms accepted", "Firms in the study area", "Share inside the park", "Clusters",
    "Minutes from the park to the nearest port", "Functional zones",
]  # fmt: skip


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    folder = tmp_path_factory.mktemp("inputs")
    sample = sample_scenario("shuitou", "en")
    (folder / "few.csv").write_text(
        "id,name,lon,lat,precision\n"
        "1,a,118.417,24.716,镇\n2,b,118.418,24.717,镇\n3,c,118.5,24.7,点\n4,d,0,0,点\n5,e,121.5,31.2,点\n",
        encoding="utf-8",
    )
    (folder / "abroad.csv").write_text("name,lon,lat\na,2.35,48.86\n", encoding="utf-8")
    (folder / "island.geojson").write_text(shapely.to_geojson(shapely.box(112.33, 16.83, 112.34, 16.84)))
    firms = {"firms": str(folder / "few.csv")}
    park = {"boundary": sample.inputs["boundary"]}
    return {
        "whole": make_plan(sample),
        "firms": make_plan(Scenario(inputs=firms)),
        "park": make_plan(Scenario(inputs=park)),
        "few": make_plan(Scenario(inputs={**firms, **park}, within_km=30)),
        "abroad": make_plan(Scenario(inputs={"firms": str(folder / "abroad.csv"), **park})),
        "island": make_plan(Scenario(inputs={"boundary": str(folder / "island.geojson")})),
        "straight": make_plan(Scenario(inputs=park, access=AccessParams(network="straight"))),
    }


def figures(plan: Plan) -> dict[str, Indicator]:
    return {one.name: one for one in headline_indicators(plan)}


KINDS = ["whole", "firms", "park", "few", "abroad", "island", "straight"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_figure_has_its_evidence_or_its_reason(kind: str, plans: dict[str, Plan]) -> None:
    found = headline_indicators(plans[kind])
    assert [one.name for one in found] == NAMES
    for one in found:
        assert (one.value is None) == bool(one.unknown)
        if one.value is None:
            continue
        assert np.isfinite(one.value)
        for evidence in (one.inputs, one.precision, one.rule, one.source):
            assert evidence, one.name
        wanted = {name.partition(".")[0] for _, name, _, _ in string.Formatter().parse(one.rule) if name}
        assert wanted <= set(dict(one.fields))
        assert "2025" not in one.rule.format(**dict(one.fields))


@pytest.mark.parametrize("kind", KINDS)
def test_every_word_of_a_figure_has_its_chinese(kind: str, plans: dict[str, Plan]) -> None:
    chinese = translator("zh")
    for one in headline_indicators(plans[kind]):
        for words in filter(None, (one.name, one.unknown, one.rule)):
            assert chinese(words) != words


def test_figures_are_those_of_the_table(plans: dict[str, Plan]) -> None:
    found = figures(plans["few"])
    assert found["Firms accepted"].value == 4
    assert dict(found["Firms accepted"].fields) == {"rows_in": 5, "accepted": 4, "rejected": 1}
    assert found["Firms in the study area"].value == 3
    assert dict(found["Firms in the study area"].fields) == {"within": 30}
    assert found["Firms in the study area"].precision == "镇; 点"
    assert found["Share inside the park"].value == pytest.approx(100 * 2 / 3)
    assert found["Share inside the park"].unit == "%"
    assert found["Clusters"].value == 0
    whole = figures(plans["whole"])
    assert whole["Firms accepted"].value == whole["Firms in the study area"].value == 330
    assert whole["Share inside the park"].value == pytest.approx(100 * 120 / 330)
    assert whole["Functional zones"].value == 10
    assert dict(whole["Functional zones"].fields)["template"] == "stone"
    assert "石井" in str(dict(whole["Minutes from the park to the nearest port"].fields)["facility"])
    assert "not surveyed" in whole["Minutes from the park to the nearest port"].precision


def test_what_cannot_be_known_says_why(plans: dict[str, Plan]) -> None:
    reasons = {kind: {one.name: one.unknown for one in headline_indicators(plans[kind])} for kind in KINDS}
    assert reasons["firms"]["Share inside the park"] == "no park boundary is given"
    assert reasons["park"]["Firms accepted"] == reasons["park"]["Clusters"] == "no firm table is given"
    assert reasons["park"]["Functional zones"] == "no park template is chosen"
    assert reasons["abroad"]["Share inside the park"] == "no firm lies in the study area"
    assert reasons["abroad"]["Clusters"] == "no firm lies in the study area"
    assert reasons["island"]["Minutes from the park to the nearest port"] == "no port can be reached"
    assert figures(plans["abroad"])["Firms in the study area"].value == 0
    assert set(reasons["whole"].values()) == {""}


def test_a_straight_line_says_that_it_is_one(plans: dict[str, Plan]) -> None:
    port = figures(plans["straight"])["Minutes from the park to the nearest port"]
    assert dict(port.fields)["network"] == "straight"
    assert port.precision.startswith("straight line × detour factor")


def test_the_precision_names_the_most_frequent_first_whatever_the_order_of_the_rows() -> None:
    table = pd.DataFrame({"precision": ["b", "a", "c", "c", "d", "a", "b", "c"]})
    assert location_precision(table) == location_precision(table.iloc[::-1]) == "c; a; b"
    assert location_precision(table.iloc[:0]) == ""


def test_an_industrys_share_in_clusters_is_that_of_its_firms() -> None:
    origin = np.array([500_000, 2_730_000])
    xy = origin + np.array([(0, 0), (6, 0), (0, 8), (6, 8), (1_000, 0), (1_000, 0)])
    firms = gpd.GeoDataFrame(
        {
            "id": list("abcdef"), "name": "x", "source_row": range(6), "lon": 118.0, "lat": 24.0, "precision": "p",
            "synthetic": False, "in_area": True, "industry": ["石材"] * 4 + ["纺织", None],
        },
        geometry=shapely.points(xy), crs="EPSG:4548",
    )  # fmt: skip
    found = industry_table(find_clusters(firms, ClusterParams(radius_m=20.0, min_firms=3)))
    assert found["industry"].tolist() == ["石材", "纺织"]
    assert found["firms"].tolist() == [4, 1]
    assert found["clustered"].tolist() == [1.0, 0.0]
    assert industry_table(find_clusters(firms.drop(columns="industry"), ClusterParams())).empty


# --- where every figure came from ---------------------------------------------------------------


def facts(plan: Plan) -> pd.Series:
    return plan.provenance.set_index("parameter")["value"]


@pytest.mark.parametrize("kind", KINDS)
def test_provenance_names_parameters_inputs_and_the_plane(kind: str, plans: dict[str, Plan]) -> None:
    plan = plans[kind]
    assert list(plan.provenance.columns) == list(PROVENANCE.columns)
    assert plan.provenance.map(lambda cell: isinstance(cell, str)).all(axis=None)
    known = facts(plan)
    assert known["program"].startswith("parkplan ")
    assert known["data_fingerprint"] == plan.stack.fingerprint
    assert known["crs"] == plan.stack.area.crs_name
    assert float(known["scale_error"]) == pytest.approx(plan.stack.area.scale_error, abs=1e-6)
    for name, value in plan.scenario.clusters.to_mapping().items():
        assert known[f"clusters.{name}"] == str(value)
    for input_kind, report in plan.stack.reports.items():
        assert known[f"{input_kind}.sha256"] == report.sha256
        assert known[f"{input_kind}.rows"] == f"{report.rows_in} = {report.accepted} + {report.rejected}"
    assert not known.astype(str).str.contains("/tmp/|parkplan-job").any()


def test_a_synthetic_plan_says_so_and_a_real_one_does_not(plans: dict[str, Plan]) -> None:
    assert facts(plans["whole"])["synthetic"].startswith("Sample data: 330 of 330 firms are synthetic")
    assert "assum" in facts(plans["whole"])["notes"]
    assert "synthetic" not in facts(plans["few"])
    assert synthetic_label(plans["few"].stack) == ""
    assert "合成" in synthetic_label(plans["whole"].stack, translator("zh"))


def test_the_summary_is_plain_json_with_the_same_figures(plans: dict[str, Plan]) -> None:
    for kind in KINDS:
        summary = json.loads(json.dumps(plans[kind].summary(), allow_nan=False))
        counted = figures(plans[kind])["Firms in the study area"].value
        assert summary["area"]["firms_in_area"] == counted
        assert Path(summary["title"]).name == summary["title"]
