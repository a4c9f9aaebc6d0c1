"""docs/cli.md: each row of its table is run, and the files and keys are those that it names."""

import json
import re
import shlex

import pytest

from scripts.pages import text

PAGE = text("docs/cli.md")
ROWS = {
    cells[0].strip("` ").split()[0]: cells[1:]
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [re.split(r"(?<!\\)\|", line.strip("|"))]
}
EXAMPLE = "docs/examples"
LINES = {
    "import": f"import {EXAMPLE}/firms.csv --as firms",
    "cluster": f"cluster {EXAMPLE}/firms.csv --radius 500",
    "analyse": f"analyse {EXAMPLE}/firms.csv --draws 2 --radii 0:1000:250",
    "access": f"access {EXAMPLE}/gates.geojson --network straight",
    "zone": f"zone --boundary {EXAMPLE}/boundary.geojson --template {EXAMPLE}/template.toml --gates {EXAMPLE}/gates.geojson",
}


def words(cell):
    return [word for code in re.findall(r"`([^`]+)`", cell) for word in code.split()]


@pytest.mark.parametrize("command", LINES)
def test_a_command_writes_the_files_and_prints_the_keys_that_are_told(parkplan, tmp_path, command):
    printed = json.loads(parkplan(*shlex.split(LINES[command]), "-o", tmp_path / "out", "--json"))
    _, files, keys = ROWS[command]
    if command == "import":  # of a plain table
        files, keys = re.split(r"[;,] ", files)[0], keys.partition(";")[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(words(files))
    told = words(keys)
    assert list(printed) == told[: len(printed)]
    if command == "zone":
        assert list(printed["plans"][0]) == told[len(printed) :]
        assert printed["files"] == sorted(str(tmp_path / "out" / name) for name in words(files))
    else:
        assert len(told) == len(printed)


def test_a_run_writes_the_files_that_are_told(example_plan):
    assert {path.name for path in example_plan.iterdir()} == set(words(ROWS["run"][1]))


def test_the_doctor_prints_the_keys_that_are_told(parkplan):
    printed = json.loads(parkplan("doctor", "--json"))
    assert list(printed) == words(ROWS["doctor"][2])


@pytest.mark.parametrize("command", ["import", "cluster", "analyse", "access"])
def test_without_a_directory_the_result_is_printed_alone(parkplan, command):
    assert json.loads(parkplan(*shlex.split(LINES[command]), "--json"))


def refused(parkplan, line, code, *more):
    error = json.loads(parkplan(*shlex.split(line), *more, "--json", code=code))["error"]
    return {"kind", "code", "message", "hint", "where"} - error.keys(), error


@pytest.mark.parametrize("command", ["zone", "run"])
def test_without_a_directory_nothing_is_laid_out(parkplan, command):
    line = LINES["zone"] if command == "zone" else f"run {EXAMPLE}/scenario.toml"
    assert refused(parkplan, line, 2)[1]["kind"] == "usage"


BAD = {
    2: (f"zone --boundary {EXAMPLE}/boundary.geojson --template stoen", "usage"),
    3: (f"import {EXAMPLE}/nothing.csv", "refused"),
    4: ("import {folder}/grid.csv", "choice"),
    5: ("zone --boundary {folder}/small.geojson --template stone", "infeasible"),
}


@pytest.mark.parametrize("code", BAD)
def test_each_exit_code_has_its_kind_and_leaves_nothing(parkplan, tmp_path, code):
    (tmp_path / "grid.csv").write_text("名称,东坐标,北坐标\n" + "甲,441000,2734000\n" * 7, encoding="utf-8")
    small = [[118.36, 24.735], [118.3605, 24.735], [118.3605, 24.7355], [118.36, 24.735]]
    (tmp_path / "small.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [small]}))
    line, kind = BAD[code]
    before = sorted(tmp_path.iterdir())
    missing, error = refused(parkplan, line.format(folder=tmp_path), code, "-o", tmp_path / "out")
    assert (missing, error["kind"]) == (set(), kind)
    assert f"| {code} | " in PAGE
    assert f"| {kind} |" in PAGE
    assert sorted(tmp_path.iterdir()) == before
    if kind == "choice":
        assert {"about", "options", "preview"} <= error.keys()
        assert len(error["preview"]) == 5
        answer = shlex.split(error["options"][0]["argument"])
        parkplan("import", tmp_path / "grid.csv", *answer, "--json")


def test_a_directory_that_holds_files_is_not_written_without_force(parkplan, tmp_path):
    (tmp_path / "own.txt").write_text("mine", encoding="utf-8")
    _, error = refused(parkplan, LINES["import"], 2, "-o", tmp_path)
    assert error["kind"] == "usage"
    parkplan(*shlex.split(LINES["import"]), "-o", tmp_path, "--force", "--quiet")
    assert (tmp_path / "own.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "accepted.gpkg").exists()


def test_an_earlier_import_and_answers_behind_a_name_serve_as_files(parkplan, tmp_path):
    parkplan(*shlex.split(LINES["import"]), "-o", tmp_path / "in", "--quiet")
    of_folder = json.loads(parkplan("cluster", tmp_path / "in", "--radius", 500, "--json"))
    of_file = json.loads(
        parkplan("cluster", f"{EXAMPLE}/firms.csv::crs=WGS84,lon=经度", "--radius", 500, "--json")
    )
    assert of_folder == of_file


def test_options_stand_before_or_after_the_name_of_the_command(parkplan):
    words = shlex.split(LINES["import"])
    assert parkplan("--json", "--lang", "zh", *words) == parkplan(*words, "--json", "--lang", "zh")
