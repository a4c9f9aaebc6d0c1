"""One core behind the command line, the app's pages and Python: figure by figure the same."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal

from planning import load_scenario, make_plan
from planning.report.tables import cluster_layers, plan_layers
from planning.scenario import Scenario
from tests.cli.conftest import Command, Ran
from ui.cache import Results

LAYERS = ("boundary", "land_use", "zones", "parcels", "road_lines", "gates")


def silent(share: float, what: str) -> None:
    """Take the progress of work that nobody watches."""


@pytest.fixture(scope="module", params=["the app", "Python"])
def plan(request: pytest.FixtureRequest, ran: Ran):
    """The plan of the same scenario by another door."""
    scenario = load_scenario(ran.scenario)
    if request.param == "Python":
        return make_plan(scenario)
    results = Results()
    # Stage by stage, in the order in which a person may open the pages.
    results.zoning(scenario, silent)
    results.access(scenario, silent)
    results.clusters(scenario, silent)
    return results.plan(scenario, silent)


@pytest.mark.parametrize("name", LAYERS)
def test_each_layer_of_the_plan_is_the_same(ran: Ran, plan, name, tmp_path):
    from planning.report.files import write_package

    layers = plan_layers(plan)
    theirs = gpd.read_file(ran.out / "plan.gpkg", layer=name)
    write_package(tmp_path / "p.gpkg", {name: layers[name]})
    assert_geodataframe_equal(gpd.read_file(tmp_path / "p.gpkg", layer=name), theirs)
    assert len(layers[name]) == len(theirs) > 0


def test_the_clusters_are_the_same(ran: Ran, plan):
    for name, table in cluster_layers(plan.clusters, plan.stack, plan.scenario).items():
        theirs = gpd.read_file(ran.out / "clusters.gpkg", layer=name)
        assert table["cluster"].fillna(-9).tolist() == theirs["cluster"].fillna(-9).tolist()
        assert [one.equals(other) for one, other in zip(table.geometry, theirs.geometry, strict=True)] == [
            True
        ] * len(theirs)


@pytest.mark.parametrize("name", ["access", "balance"])
def test_the_tables_are_the_same(ran: Ran, plan, name, tmp_path):
    from planning.report.files import write_table

    table = plan.access.table if name == "access" else plan.balance
    write_table(tmp_path / f"{name}.csv", table)
    theirs = ran.out / f"{name}.csv"
    assert (tmp_path / f"{name}.csv").read_bytes() == theirs.read_bytes()
    assert_frame_equal(pd.read_csv(tmp_path / f"{name}.csv"), pd.read_csv(theirs))


def test_every_figure_of_the_summary_is_the_same(ran: Ran, plan):
    printed = json.loads(json.dumps(plan.summary(), default=str))
    assert printed == ran.answer.json


def test_the_app_s_files_are_those_of_the_command_line(ran: Ran, plan, tmp_path):
    from ui.downloads import everything

    archive = tmp_path / "all.zip"
    archive.write_bytes(everything(plan, str, "en"))
    import zipfile

    with zipfile.ZipFile(archive) as packed:
        theirs = {path.name: path.read_bytes() for path in ran.out.iterdir()}
        assert {name for name in packed.namelist() if "/" not in name} == set(theirs)
        for name in (
            "plan.gpkg",
            "clusters.gpkg",
            "access.csv",
            "balance.csv",
            "checks.csv",
            "reasons.csv",
            "summary.json",
        ):
            assert packed.read(name) == theirs[name], name


def test_the_command_with_three_files_is_the_app_with_three_files(plain: Ran):
    """``run --firms F --template T --boundary B``, as the contract writes it."""
    files = {"firms": "firms.csv", "boundary": "park.geojson"}
    inputs = {kind: str(plain.out.parent / name) for kind, name in files.items()}
    plan = Results().plan(Scenario(template="software", inputs=inputs), silent)
    assert json.loads(json.dumps(plan.summary(), default=str)) == plain.answer.json
    zones = gpd.read_file(plain.out / "plan.gpkg", layer="zones")
    assert zones["area_m2"].tolist() == plan.zoning.zones["area_m2"].tolist()


def test_a_choice_made_in_the_app_is_the_argument_of_the_command_line(door: Command, tmp_path):
    from layers.sources.arguments import from_argument, join_source

    path = tmp_path / "t.csv"
    path.write_text("名称,X,Y\n甲,2732000,39442000\n", encoding="utf-8")
    option = door("import", path, "--json").error["options"][0]
    source = join_source(path, from_argument(option["argument"]))  # what ui.uploads does with the answer
    results = Results()
    imported = results.imported(Scenario(inputs={"firms": source}), "firms", silent)
    answer = door(
        "import", path, *option["argument"].split(), "--as", "firms", "-o", tmp_path / "out", "--json"
    )
    assert imported.report.to_json() == {key: answer.json[key] for key in imported.report.to_json()}
    theirs = gpd.read_file(tmp_path / "out" / "accepted.gpkg")
    assert imported.table[["lon", "lat"]].to_numpy().tolist() == theirs[["lon", "lat"]].to_numpy().tolist()


def test_both_doors_refuse_with_the_same_sentence(door: Command, tmp_path):
    from geo.errors import ParkError

    bad = tmp_path / "bad.csv"
    bad.write_text("name,a,b\nx,1,2\n", encoding="utf-8")
    told = door("import", bad, "--as", "firms", "--json").error
    with pytest.raises(ParkError) as refused:
        Results().imported(Scenario(inputs={"firms": str(bad)}), "firms", silent)
    assert refused.value.to_json() == told
