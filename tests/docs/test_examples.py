"""Every example goes through the program for real, and the snippet of docs/cli.md runs as written."""

import json
import re
import tomllib

import pyogrio
import pytest

from layers.sources.options import KINDS
from planning.catalogue.parks import load_template
from planning.scenario import INPUT_KINDS, load_scenario
from scripts.pages import ROOT, blocks, shell_lines, text

EXAMPLES = ROOT / "docs" / "examples"
TABLE = {
    name: kind.strip(" `")
    for name, kind in re.findall(
        r"^\| \[([^\]]+)\]\([^)]+\) \| ([^|]+) \|", text("docs/examples/README.md"), re.MULTILINE
    )
}
NOT_IN_A_SCENARIO = ("wind",)
INPUTS = {name: kind for name, kind in TABLE.items() if kind in KINDS}


def test_the_table_names_every_example():
    assert set(TABLE) == {path.name for path in EXAMPLES.iterdir()} - {"README.md"}


def test_there_is_one_example_of_each_kind_that_a_scenario_takes():
    assert sorted(INPUTS.values()) == sorted([*INPUT_KINDS, *NOT_IN_A_SCENARIO])


@pytest.mark.parametrize("name", INPUTS)
def test_an_example_is_imported(parkplan, tmp_path, name):
    report = json.loads(
        parkplan("import", EXAMPLES / name, "--as", INPUTS[name], "-o", tmp_path / "in", "--json")
    )
    assert report["kind"] == INPUTS[name]
    assert report["rows_in"] == report["accepted"] + report["rejected"]
    assert report["reasons"] == ({"MISSING_COORD": 1} if name == "firms.csv" else {})
    if INPUTS[name] not in NOT_IN_A_SCENARIO:
        assert set(report["warnings"][0]) == {"code", "count", "message"}
    assert pyogrio.read_info(tmp_path / "in" / "accepted.gpkg")["features"] == report["accepted"]


def test_the_row_that_the_table_names_is_the_one_that_is_rejected(parkplan, tmp_path):
    line = re.search(r"(\d+) rows, .* the row in line (\d+) has no latitude", text("docs/examples/README.md"))
    report = json.loads(parkplan("import", EXAMPLES / "firms.csv", "-o", tmp_path / "in", "--json"))
    assert report["rows_in"] == int(line[1])
    rejects = (tmp_path / "in" / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejects[1].split(",")[:2] == [line[2], "MISSING_COORD"]


def test_the_mapping_answers_what_the_file_does_not_say(parkplan):
    words = ["import", EXAMPLES / "firms.csv", "--json"]
    plain = json.loads(parkplan(*words))
    mapped = json.loads(parkplan(*words, "--mapping", EXAMPLES / "mapping.toml"))
    assert [one["code"] for one in plain["warnings"]] == ["CRS_ASSUMED"]
    assert (mapped["kind"], mapped["warnings"]) == ("firms", [])


def test_a_mapping_that_an_import_writes_is_taken_by_the_next(parkplan, tmp_path):
    parkplan("import", EXAMPLES / "firms.csv", "--mapping", EXAMPLES / "mapping.toml", "-o", tmp_path / "one")
    written = tomllib.loads((tmp_path / "one" / "mapping.toml").read_text(encoding="utf-8"))
    example = tomllib.loads((EXAMPLES / "mapping.toml").read_text(encoding="utf-8"))
    assert written["kind"] == example["kind"]
    assert written["columns"] == example["columns"]
    again = parkplan(
        "import",
        EXAMPLES / "firms.csv",
        "--mapping",
        tmp_path / "one" / "mapping.toml",
        "-o",
        tmp_path / "two",
        "--json",
    )
    assert json.loads(again)["rejected"] == 1
    first, second = (tmp_path / one / "accepted.gpkg" for one in ("one", "two"))
    assert first.read_bytes() == second.read_bytes()


def test_the_template_differs_from_the_built_in_one_where_it_says(example_plan):
    own, stone = load_template(EXAMPLES / "template.toml"), load_template("stone")
    changed = {
        zone.id: (other.target, zone.target)
        for zone, other in zip(own.zones, stone.zones, strict=True)
        if zone.target != other.target
    }
    assert changed == {"processing": (0.47, 0.45), "green": (0.08, 0.1)}
    for old, new in changed.values():
        assert f"target = {new:g}   # {old:g} in the built-in one" in text("docs/examples/template.toml")
    zones = pyogrio.read_dataframe(example_plan / "plan.gpkg", layer="zones")
    assert dict(zip(zones["zone"], zones["share_target"], strict=True)) == {
        zone.id: zone.target for zone in own.zones
    }


def test_the_scenario_uses_every_example(example_plan):
    scenario = load_scenario(EXAMPLES / "scenario.toml")
    used = {source.partition("::")[0].rpartition("/")[2] for source in scenario.inputs.values()}
    assert used == {name for name, kind in INPUTS.items() if kind not in NOT_IN_A_SCENARIO}
    summary = json.loads((example_plan / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["import"]) == set(INPUT_KINDS)
    assert summary["synthetic"]
    assert "made up" in summary["notes"]


def test_the_layout_of_the_example_keeps_what_the_page_on_zoning_promises(example_plan):
    checks = json.loads((example_plan / "summary.json").read_text(encoding="utf-8"))["zoning"]["checks"]
    promised = {one["check"]: one["verdict"] for one in checks if one["source"] == "construction"}
    assert {name for name, verdict in promised.items() if verdict != "met"} == set()
    assert {"coverage gap", "zones on excluded land", "zones on water", "zones on flood areas"} <= set(
        promised
    )


def test_the_written_scenario_makes_the_same_plan_again(parkplan, example_plan, tmp_path):
    parkplan("run", example_plan / "scenario.toml", "-o", tmp_path / "again", "--quiet", "--lang", "en")
    for name in ("plan.gpkg", "clusters.gpkg", "access.csv", "balance.csv", "checks.csv", "reasons.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (example_plan / name).read_bytes(), name


def test_the_other_commands_that_readers_are_told_to_type_run(parkplan, tmp_path):
    pages = ("docs/examples/README.md", "README.md")
    commands = [words[1:] for page in pages for words in shell_lines(page) if words[0].endswith("parkplan")]
    commands = [words for words in commands if "docs/examples/scenario.toml" not in words]  # ran already
    assert [words[0] for words in commands] == ["import", "import", "run"]
    for place, words in enumerate(commands):
        at = words.index("-o") + 1
        folder = tmp_path / f"{place}-{words[at]}"
        parkplan(*words[:at], folder, *words[at + 1 :], "--quiet")
        wanted = {"plan.gpkg", "map.html"} if words[0] == "run" else {"accepted.gpkg", "mapping.toml"}
        assert wanted <= {path.name for path in folder.iterdir()}


def test_the_python_of_the_command_line_page_runs_as_written(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    (code,) = blocks("docs/cli.md", "python")
    names = {}
    exec(compile(code, "docs/cli.md", "exec"), names)
    assert capsys.readouterr().out == f"{names['plan'].balance}\n"
    assert len(names["plan"].balance) > 10
