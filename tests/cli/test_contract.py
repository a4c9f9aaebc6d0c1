"""What holds of every command: one JSON object, exit codes, options everywhere, the words' language."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from layers.sources.options import KINDS as READ
from parkplan.options import ANSWERS, KINDS, SITE_INPUTS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyproj",
    "scipy",
    "sklearn",
    "pyarrow",
    "matplotlib",
    "streamlit",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Of the contract, for a later version: the command, then what is refused by name.
LATER = [
    *(
        (f"analyse f.csv --{name} x", f"--{name}")
        for name in ("areas", "value", "reference", "purchases", "chain")
    ),
    ("access f.csv --network roads.gpkg", "roads.gpkg"),
    ("access f.csv --weight time", "--weight"),
    ("access f.csv --undirected", "--undirected"),
    ("access f.csv --speeds s.toml", "--speeds"),
    ("access f.csv --matrix", "--matrix"),
    *(
        (f"zone --{name} f.tif", f"--{name}")
        for name in ("terrain", "wind", "landuse", "corridors", "power", "rail")
    ),
    *(
        (f"run --{name} f.tif", f"--{name}")
        for name in ("terrain", "wind", "landuse", "corridors", "power", "rail")
    ),
    ("zone --alternatives 3", "--alternatives"),
    ("run --alternatives=3", "--alternatives"),
    ("sites f.csv", "sites"),
    ("relocate f.csv", "relocate"),
    ("report f.csv", "report"),
]


@pytest.mark.parametrize(("line", "name"), LATER)
def test_what_a_later_version_takes_is_refused_by_name_and_never_passed_over(door, line, name):
    answer = door(*line.split(), "--json")
    assert answer.code == 2
    assert answer.error["kind"] == "usage"
    assert name in answer.error["message"]
    assert "later version" in answer.error["message"]
    assert answer.error["hint"]
    assert "later" not in door(*line.split(), "--lang", "zh", "--json").error["message"]


MISTAKES = [
    ("frobnicate", "there is no command", "known are: import"),
    ("clustr f.csv", "there is no command", "“cluster”"),
    ("import", "“FILE” is missing", "--help"),
    ("cluster", "“FIRMS” is missing", "--help"),
    ("import a.csv b.csv", "“b.csv” is one word too many", "quotes"),
    ("import f.csv --ass firms", "unknown option “--ass”", "“--as”"),
    ("import f.csv --as firm", "“firm” is no value of “--as”", "“firms”"),
    ("import f.csv --axes zx", "“zx” is no value of “--axes”", "“yx”"),
    ("import f.csv --header first", "needs a whole number, not “first”", "--help"),
    ("import f.csv --header 0", "line 1 or below", ""),
    ("import f.csv --header -3", "line 1 or below", ""),
    ("import f.csv --layer", "“--layer” needs a value", "NAME"),
    ("import f.csv --json=yes", "“--json” takes no value", "--help"),
    ("import f.csv --encoding utf-9", "unknown encoding “utf-9”", "gb18030"),
    ("import f.csv --encoding base64", "unknown encoding “base64”", "gb18030"),
    ("import f.csv --crs EPSG:99999999", "unknown coordinate system “EPSG:99999999”", "EPSG:n"),
    ("import f.csv --column industri=行业", "“industri” is no role", "“industry”"),
    ("import f.csv --column 行业", "ROLE=COL", "lon=经度"),
    ("import f.csv::crss=WGS84", "unknown answer “crss”", "“crs”"),
    ("import f.csv::WGS84", "key=value", "crs=GCJ-02"),
    ("cluster f.csv --radius wide", "needs a number, not “wide”", "--help"),
    ("cluster f.csv --radius 0", "radius_m", "from 1"),
    ("cluster f.csv --radius nan", "finite number", "from 1"),
    ("cluster f.csv --min-firms 2.5", "needs a whole number", "--help"),
    ("cluster f.csv --method kmeans", "“kmeans” is no value of “--method”", "dbscan"),
    ("analyse", "“FIRMS” is missing", "--help"),
    ("analyse f.csv --draws few", "needs a whole number, not “few”", "--help"),
    ("analyse f.csv --draws 0", "draws", "from 1"),
    ("analyse f.csv --radii 250", "not of the form FROM:TO:STEP", "0:250:5"),
    ("analyse f.csv --radii 0:1e9:1", "distances, at most 5,000", "step"),
    ("analyse f.csv --windw b.geojson", "unknown option “--windw”", "“--window”"),
    ("access f.csv --network coars", "“coars” is no value of “--network”", "“coarse”"),
    ("run --within 0 --firms f.csv -o x", "within_km", "km"),
    ("run --within -5 --firms f.csv -o x", "within_km", "km"),
    ("run --within nan --firms f.csv -o x", "within_km", "km"),
    ("run --firms f.csv -o x --seed -1", "the seed is -1", ""),
    ("doctor --seed 99999999999999999999", "the seed is 99999999999999999999", ""),
    ("run --seed 1.5 --firms f.csv -o x", "needs a whole number, not “1.5”", "--help"),
    ("run -o x", "nothing is given to run", "--sample"),
    ("run --firms f.csv", "no place is given for the files", "-o DIR"),
    ("run --sample shuito -o x", "there is no sample “shuito”", "“shuitou”"),
    ("run s.toml --sample shuitou -o x", "a scenario and a sample", "s.toml"),
    ("run --firms f.csv --template stone -o x", "“--boundary” is missing", "--help"),
    ("run --firms f.csv --boundary b.geojson --template ston -o x", "no template “ston”", "“stone”"),
    ("run --firms f.csv --out-crs EPSG:4326 -o x", "not a projected coordinate system", "EPSG:4548"),
    ("run --firms f.csv --out-crs nonsense -o x", "unknown coordinate system “nonsense”", "EPSG:4548"),
    ("zone --template stone -o x", "“--boundary” is missing", "--help"),
    ("zone --boundary b.geojson -o x", "“--template” is missing", "--help"),
    ("--json", "no command is given", "import"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message", "hint"), MISTAKES)
def test_wrong_usage_is_exit_2_with_one_sentence_and_the_way_out(
    door, tmp_path, monkeypatch, line, message, hint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.csv").write_text("name,lon,lat\na,118.4,24.7\n", encoding="utf-8")
    answer = door(*line.split(), "--json")
    assert answer.code == 2
    assert answer.error["kind"] == "usage"
    assert message in answer.error["message"]
    assert hint in answer.error["hint"]
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]
    chinese = door("--lang", "zh", *line.split(), "--json").error
    assert CHINESE.search(chinese["message"]), chinese["message"]


def test_an_empty_value_is_not_taken_for_no_value(door, tmp_path):
    for option in ("--boundary", "--firms", "--template", "-o"):
        answer = door("run", option, "", "--json")
        assert answer.code == 2
        assert "is empty" in answer.error["message"]


@pytest.mark.parametrize("order", ["before", "after"])
def test_options_of_every_command_stand_before_or_after_its_name(door, firms, tmp_path, order):
    everywhere = [
        "--json",
        "--lang",
        "zh",
        "--seed",
        "5",
        "--quiet",
        "--log",
        tmp_path / "log",
        "-o",
        tmp_path / "out",
    ]
    words = [*everywhere, "cluster", firms] if order == "before" else ["cluster", firms, *everywhere]
    answer = door(*words)
    assert answer.code == 0
    assert answer.json["firms"] > 0
    assert answer.err == ""
    assert (tmp_path / "out" / "clusters.gpkg").is_file()


def test_of_an_option_given_on_both_sides_the_last_one_counts(door):
    assert CHINESE.search(door("--lang", "en", "doctor", "--lang", "zh", "--bogus").err)


def test_the_language_is_that_of_the_environment_unless_it_is_stated(command):
    assert CHINESE.search(command("frob", env={"LC_ALL": "zh_CN.UTF-8"}).err)
    assert not CHINESE.search(command("frob", env={"LC_ALL": "de_DE.UTF-8"}).err)
    assert not CHINESE.search(command("frob", "--lang=en", env={"LC_ALL": "zh_CN.UTF-8"}).err)


def test_stdout_belongs_to_the_result_and_words_go_to_stderr(command, door, firms, tmp_path):
    answer = command("cluster", firms, "--json", "-o", tmp_path / "out")
    assert set(answer.json) >= {"firms", "clusters", "noise", "parameters"}
    assert "%" in answer.err
    quiet = door("cluster", firms, "--json", "--quiet")
    assert quiet.err == ""
    assert quiet.json == answer.json


def test_quiet_still_gives_the_result_and_the_error(door, firms):
    assert door("cluster", firms, "--quiet").out.count("\n") == 1
    refused = door("cluster", firms.parent / "none.csv", "--quiet")
    assert (refused.code, refused.out) == (3, "")
    assert "there is no file" in refused.err


def test_a_bug_is_exit_1_with_one_object_and_its_traceback_in_the_log_only(door, tmp_path, monkeypatch):
    def broken(_door):
        return 1 / 0

    monkeypatch.setitem(cli._COMMANDS, "doctor", broken)
    answer = door("doctor", "--json", "--log", tmp_path / "log")
    assert answer.code == 1
    assert answer.error["kind"] == "bug"
    assert str(tmp_path / "log") in answer.error["hint"]
    assert "Traceback" not in answer.err + answer.out
    assert "ZeroDivisionError" in (tmp_path / "log").read_text(encoding="utf-8")
    assert CHINESE.search(door("doctor", "--lang", "zh", "--json").error["message"])


def test_a_log_that_cannot_be_written_is_said_before_the_work(door, tmp_path):
    answer = door("doctor", "--json", "--log", tmp_path / "no" / "such" / "log")
    assert answer.code == 2
    assert "the log" in answer.error["message"]


def test_a_result_that_nobody_reads_is_no_bug(command, firms):
    script = f'"{sys.executable}" -m parkplan doctor --json | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_result_that_cannot_be_printed_is_not_exit_0():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "parkplan", "doctor", "--json"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "cannot be printed" in done.stderr


def test_a_name_in_a_file_cannot_speak_to_the_terminal(door, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("\x1b[2J\x1b]0;x\x07,b\n1,2\n", encoding="utf-8")
    answer = door("import", path)
    assert answer.code == 3
    assert "\x1b" not in answer.err
    assert "\\x1b[2J" in answer.err


def test_help_and_version_load_nothing_heavy():
    for words in (["--help"], ["run", "--help"], ["--version"], ["frob"]):
        code = f"import sys, cli\ntry:\n    cli.main({words!r})\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        loaded = {name.partition(".")[0] for name in done.stderr.split()}
        assert loaded & HEAVY == set()


def test_the_three_ways_to_call_it_are_one_command(command):
    script = Path(sys.executable).with_name("parkplan")
    ways = [[sys.executable, "-m", "parkplan"], [sys.executable, "cli.py"]] + (
        [[str(script)]] if script.exists() else []
    )
    said = {
        subprocess.run([*way, "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for way in ways
    }
    assert len(said) == 1


def test_the_options_of_the_door_are_those_of_the_core():
    from planning.scenario import INPUT_KINDS

    assert set(KINDS) == set(READ)
    assert set(INPUT_KINDS) == {"firms", "boundary", "facilities", *SITE_INPUTS}
    from dataclasses import fields

    from layers.sources.options import ImportOptions

    assert {*ANSWERS, "kind", "columns"} == {field.name for field in fields(ImportOptions)}
