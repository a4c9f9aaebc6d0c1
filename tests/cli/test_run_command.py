"""`run`: all files, the summary's keys, and a scenario that runs again to the same bytes."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from layers.sources.arguments import split_source
from planning import load_scenario
from tests.cli.conftest import HASTE, OUTLINE, Command, Ran, polygon, write_firms, write_geojson

FILES = [
    "access.csv", "balance.csv", "boundary.txt", "checks.csv", "clusters.gpkg", "map.html", "plan.gpkg", "plan.png",
    "reasons.csv", "scenario.toml", "summary.json",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]


def differing(one: Path, two: Path) -> list[str]:
    """Names of files, hidden and nested ones too, that are not byte-equal in both folders."""
    names = {
        path.relative_to(folder) for folder in (one, two) for path in folder.rglob("*") if path.is_file()
    }
    return sorted(
        str(name)
        for name in names
        if not (
            (one / name).is_file()
            and (two / name).is_file()
            and (one / name).read_bytes() == (two / name).read_bytes()
        )
    )


def test_a_run_writes_all_files(ran: Ran):
    assert sorted(path.name for path in ran.out.iterdir()) == FILES


def test_the_summary_is_what_is_printed_and_has_the_keys_of_the_contract(ran: Ran):
    printed = ran.answer.json
    stored = json.loads((ran.out / "summary.json").read_text(encoding="utf-8"))
    assert printed == stored
    assert {"import", "clusters", "access", "zoning", "balance", "provenance"} <= set(stored)
    assert set(stored["import"]) == {"firms", "boundary", "water", "buildings", "gates"}
    firms = stored["import"]["firms"]
    assert firms["rows_in"] == firms["accepted"] + firms["rejected"] == 63
    assert {"firms", "clusters", "noise", "parameters"} <= set(stored["clusters"])
    assert {"network", "components", "origins", "unreached"} <= set(stored["access"])


def test_the_figures_of_the_summary_are_those_of_the_files(ran: Ran):
    summary = ran.answer.json
    clustered = gpd.read_file(ran.out / "clusters.gpkg", layer="firms")
    hulls = gpd.read_file(ran.out / "clusters.gpkg", layer="hulls")
    counted = clustered["cluster"].dropna()
    assert summary["clusters"]["firms"] == len(counted) == summary["area"]["firms_in_area"]
    assert summary["clusters"]["noise"] == int((counted < 0).sum())
    assert summary["clusters"]["clusters"] == len(hulls) == counted[counted >= 0].nunique()
    access = pd.read_csv(ran.out / "access.csv", dtype={"origin": str})
    assert summary["access"]["origins"] == access["origin"].nunique() == 1 + len(hulls) + len(counted)
    assert summary["access"]["unreached"] == int(access["facility"].isna().sum())
    zones = gpd.read_file(ran.out / "plan.gpkg", layer="zones")
    assert [zone["area_m2"] for zone in summary["zoning"]["zones"]] == zones["area_m2"].tolist()
    balance = pd.read_csv(ran.out / "balance.csv", dtype=str)
    assert [float(area) for area in balance["area_ha"]] == [row["area_ha"] for row in summary["balance"]]


def test_the_firms_outside_the_stated_distance_are_counted_and_do_not_count(ran: Ran):
    clustered = gpd.read_file(ran.out / "clusters.gpkg", layer="firms")
    plan = gpd.read_file(ran.out / "plan.gpkg", layer="boundary")
    metric = clustered.to_crs(plan.crs)
    near = metric.distance(plan.geometry.iloc[0]) <= 12_500
    assert clustered["cluster"].notna().tolist() == near.tolist()
    warnings = {one["code"]: one["count"] for one in ran.answer.json["import"]["firms"]["warnings"]}
    assert warnings["OUTSIDE_STUDY_AREA"] == int((~near).sum()) > 0


def test_the_written_scenario_runs_again_to_the_same_bytes(ran: Ran, command: Command):
    again = ran.out.parent / "again"
    answer = command("run", ran.out / "scenario.toml", "-o", again, "--json", "--quiet")
    assert answer.code == 0, answer.err
    assert answer.json == ran.answer.json
    assert differing(ran.out, again) == []


def test_a_moved_project_runs_where_it_lies(ran: Ran, door: Command, tmp_path, monkeypatch):
    shutil.copytree(ran.out.parent, tmp_path / "moved")
    monkeypatch.chdir(tmp_path / "moved")
    answer = door("run", "out/scenario.toml", "-o", tmp_path / "again", "--quiet")
    assert answer.code == 0, answer.err
    # Its inputs are named by their way from where it lies.
    assert differing(ran.out, tmp_path / "again") == ["scenario.toml"]


def test_options_and_a_scenario_that_says_the_same_give_the_same_files(
    door: Command, tmp_path, firms, boundary, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    text = """
        seed = 7
        within_km = 5
        [inputs]
        firms = "../firms.csv::column=name=企业编号"
        boundary = "../park.geojson"
        [clusters]
        radius_m = 300
        min_firms = 4
        [access]
        network = "straight"
    """
    (tmp_path / "deep" / "s.toml").write_text(text, encoding="utf-8")
    assert door("run", "deep/s.toml", "-o", "one", "--quiet").code == 0
    words = "run --firms firms.csv::column=name=企业编号 --boundary park.geojson --seed 7 --within 5 --radius 300 --min-firms 4 --network straight -o two --quiet"
    assert door(*words.split()).code == 0
    assert differing(tmp_path / "one", tmp_path / "two") == []


def test_what_is_said_beside_a_scenario_wins(door: Command, scenario, tmp_path):
    other = write_firms(tmp_path / "other.csv", 30, seed=9)
    words = ["--firms", other, "--within", "3", "--radius", "250", "--network", "straight", "--seed", "11"]
    answer = door("run", scenario, *words, "-o", tmp_path / "out", "--quiet", "--json").json
    assert answer["import"]["firms"]["rows_in"] == 33
    assert answer["area"]["within_km"] == 3
    assert answer["clusters"]["parameters"]["radius_m"] == 250
    assert answer["access"]["network"] == "straight"
    stored = tomllib.loads((tmp_path / "out" / "scenario.toml").read_text(encoding="utf-8"))
    assert (stored["seed"], stored["zoning"]["evaluations"]) == (11, 50)
    assert stored["inputs"] == {"firms": "../other.csv", "boundary": "../park.geojson"}


def test_the_seed_is_the_only_chance(door: Command, scenario, tmp_path):
    for name, seed in (("one", 1), ("two", 2)):
        door("run", scenario, "--seed", seed, "-o", tmp_path / name, "--quiet")
    assert "plan.gpkg" in differing(tmp_path / "one", tmp_path / "two")
    assert "clusters.gpkg" not in differing(tmp_path / "one", tmp_path / "two")


def test_a_run_without_a_park_has_clusters_and_access_only(door: Command, firms, tmp_path):
    answer = door("run", "--firms", firms, "-o", tmp_path / "out", "--quiet", "--json").json
    assert answer["zoning"] is None
    assert answer["balance"] is None
    assert answer["clusters"]["clusters"] == 2
    assert not {"plan.gpkg", "balance.csv"} & {path.name for path in (tmp_path / "out").iterdir()}


def test_a_run_without_firms_plans_the_park(door: Command, tmp_path, boundary):
    (tmp_path / "s.toml").write_text(
        f'template = "software"\n[inputs]\nboundary = "park.geojson"\n{HASTE}', encoding="utf-8"
    )
    answer = door("run", tmp_path / "s.toml", "-o", tmp_path / "out", "--quiet", "--json").json
    assert answer["clusters"] is None
    assert {row["origin"] for row in answer["access"]["table"]} == {"park"}
    assert not (tmp_path / "out" / "clusters.gpkg").exists()


def test_a_sample_s_run_carries_its_inputs_and_runs_again(door: Command, tmp_path):
    answer = door("run", "--sample", "seed_places", "-o", tmp_path / "out", "--json", "--quiet")
    assert answer.code == 0, answer.err
    stored = tomllib.loads((tmp_path / "out" / "scenario.toml").read_text(encoding="utf-8"))
    carried = {kind: split_source(source)[0] for kind, source in stored["inputs"].items()}
    assert carried == {"firms": "inputs/firms.csv"}
    assert (tmp_path / "out" / "inputs" / "firms.csv").is_file()
    shutil.move(tmp_path / "out", tmp_path / "moved")
    again = door("run", tmp_path / "moved" / "scenario.toml", "-o", tmp_path / "again", "--json", "--quiet")
    assert again.json == answer.json
    left = differing(tmp_path / "moved", tmp_path / "again")
    assert [name for name in left if not name.startswith("inputs/")] == ["scenario.toml"]


def test_the_language_changes_words_and_no_figure(door: Command, firms, tmp_path):
    said = {
        lang: door("run", "--firms", firms, "-o", tmp_path / lang, "--lang", lang, "--quiet", "--json").json
        for lang in ("zh", "en")
    }
    words = {lang: answer["import"]["firms"]["warnings"][0]["message"] for lang, answer in said.items()}
    assert words["en"].isascii()
    assert not words["zh"].isascii()
    for part in ("area", "clusters", "provenance"):
        assert said["zh"][part] == said["en"][part]
    assert "access.csv" not in differing(tmp_path / "zh", tmp_path / "en")


def test_a_template_of_one_s_own_is_found_from_here_and_from_the_scenario(
    door: Command, tmp_path, boundary, monkeypatch
):
    text = (ROOT / "data" / "catalogues" / "parks" / "software.toml").read_text(encoding="utf-8")
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "我的.toml").write_text(
        text.replace('title_en = "', 'title_en = "Mine: '), encoding="utf-8"
    )
    shutil.copy(boundary, tmp_path / "case")
    monkeypatch.chdir(tmp_path)
    scenario = tmp_path / "case" / "s.toml"
    scenario.write_text(
        f'template = "我的.toml"\n[inputs]\nboundary = "park.geojson"\n{HASTE}', encoding="utf-8"
    )
    assert door("run", "case/s.toml", "-o", "one", "--quiet").code == 0
    scenario.write_text(f'[inputs]\nboundary = "park.geojson"\n{HASTE}', encoding="utf-8")
    assert door("run", "case/s.toml", "--template", "case/我的.toml", "-o", "two", "--quiet").code == 0
    assert differing(tmp_path / "one", tmp_path / "two") == []
    stored = load_scenario(tmp_path / "one" / "scenario.toml")
    assert Path(stored.template).resolve() == tmp_path / "case" / "我的.toml"
    provenance = pyogrio.read_dataframe(tmp_path / "one" / "plan.gpkg", layer="provenance").set_index(
        "parameter"
    )
    assert provenance.loc["template", "value"] == "我的"


@pytest.mark.parametrize("out_crs", ["4527", "EPSG:32650"])
def test_the_plan_is_delivered_in_the_system_that_is_wanted(door: Command, scenario, tmp_path, out_crs):
    answer = door("run", scenario, "--out-crs", out_crs, "-o", tmp_path / "out", "--quiet", "--json")
    assert answer.code == 0, answer.err
    for name in ("plan.gpkg", "clusters.gpkg"):
        for layer, geometry in pyogrio.list_layers(tmp_path / "out" / name):
            if geometry is not None:
                table = gpd.read_file(tmp_path / "out" / name, layer=layer)
                assert table.crs.to_epsg() == int(out_crs.removeprefix("EPSG:")), layer
    use = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="land_use")
    park = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="boundary").geometry.iloc[0]
    assert use.geometry.is_valid.all()
    assert use.geometry.area.sum() == pytest.approx(park.area, abs=0.01)
    assert use["area_m2"].tolist() == pytest.approx(use.geometry.area.tolist(), abs=0.01)
    total = pd.read_csv(tmp_path / "out" / "balance.csv")["area_ha"].iloc[-1]
    assert total * 1e4 == pytest.approx(park.area, abs=0.01)


def test_a_system_of_another_part_of_the_world_is_refused(door: Command, scenario, tmp_path):
    answer = door("run", scenario, "--out-crs", "EPSG:32610", "-o", tmp_path / "out", "--json")
    assert answer.code == 3
    assert "does not fit the place" in answer.error["message"]


def test_the_inputs_stay_as_they_were(ran: Ran):
    for name in ("firms.csv", "park.geojson", "scenario.toml"):
        assert (ran.out.parent / name).is_file()
    assert (
        write_geojson(ran.out.parent / "copy.geojson", polygon(*OUTLINE), name="园").read_bytes()
        == (ran.out.parent / "park.geojson").read_bytes()
    )
