"""SCENARIO.toml: its keys, its paths, and what is said of a wrong one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo.errors import UsageError
from planning import load_scenario
from planning.scenario import Scenario
from tests.cli.conftest import Command, write_firms

WRONG = {
    "no TOML": ("template = ", 3, "no TOML file", ""),
    "no text": (b"\xff\xfe\x00", 3, "no TOML file", ""),
    "an unknown key": ("templat = 'stone'\n", 2, "unknown key “templat”", "“template”"),
    "an unknown section": ("[cluster]\n", 2, "unknown key “cluster”", "“clusters”"),
    "an unknown parameter": ("[clusters]\nradius = 3\n", 2, "unknown parameter “radius”", "“radius_m”"),
    "an unknown input": ("[inputs]\nfirm = 'f.csv'\n", 2, "unknown key “firm”", "“firms”"),
    "a later input": ("[inputs]\nterrain = 'f.tif'\n", 2, "unknown key “terrain”", ""),
    "an input without a file": ("[inputs]\nfirms = ''\n", 2, "names no file", ""),
    "a list for a file": ("[inputs]\nfirms = ['a.csv', 'b.csv']\n", 2, "must name a file", ""),
    "a value for a section": ("clusters = 3\n", 2, "[clusters]", ""),
    "a word for a number": ("within_km = 'far'\n", 2, "within_km", ""),
    "a number for a word": ("template = 3\n", 2, "template", ""),
    "true for a number": ("seed = true\n", 2, "seed", ""),
    "a decimal for a count": ("[clusters]\nmin_firms = 2.5\n", 2, "whole number", ""),
    "a number out of range": ("[clusters]\nradius_m = -1\n", 2, "radius_m", "from 1"),
    "no number": ("[clusters]\nradius_m = nan\n", 2, "finite", ""),
    "infinity": ("within_km = inf\n", 2, "finite", ""),
    "zero kilometres": ("within_km = 0\n", 2, "within_km", ""),
    "an unknown choice": ("[access]\nnetwork = 'coars'\n", 2, "network", "“coarse”"),
    "an unknown system": ("out_crs = 'EPSG:1'\n", 2, "unknown coordinate system", "EPSG:4548"),
    "degrees for metres": ("crs = 'EPSG:4326'\n", 2, "not a projected", "EPSG:4548"),
    "an unknown template": ("template = 'ston'\n[inputs]\nboundary = 'f.csv'\n", 2, "“ston”", "“stone”"),
    "a version to come": ("version = 2\nnews = 1\n", 2, "of version 2", "the program that wrote it"),
    "a version that is none": ("version = true\n", 2, "of version True", ""),
    "an unknown answer": ("[inputs]\nfirms = 'f.csv::crss=WGS84'\n", 2, "unknown answer “crss”", "“crs”"),
    "an answer without a value": ("[inputs]\nfirms = 'f.csv::WGS84'\n", 2, "key=value", ""),
    "a file that is not there": ("[inputs]\nfirms = 'none.csv'\n", 3, "there is no file “none.csv”", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_scenario_is_told_by_its_key(door: Command, tmp_path, name):
    text, code, words, hint = WRONG[name]
    write_firms(tmp_path / "f.csv", 6)
    path = tmp_path / "s.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if isinstance(text, str) and "[inputs]" not in text and code == 2:
        path.write_text(f"{text}\n[inputs]\nfirms = 'f.csv'\n", encoding="utf-8")
    answer = door("run", path, "-o", tmp_path / "out", "--json", "--quiet")
    assert answer.code == code, answer.err
    assert words in answer.error["message"]
    assert hint in answer.error["hint"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["none.toml", "folder", "firms.csv"])
def test_a_path_that_is_no_scenario_is_exit_3(door: Command, tmp_path, firms, place):
    (tmp_path / "folder").mkdir()
    answer = door("run", tmp_path / place, "-o", tmp_path / "out", "--json")
    assert answer.code == 3
    assert place in answer.error["message"]


def test_paths_in_a_scenario_begin_where_it_lies(door: Command, tmp_path, firms, monkeypatch):
    deep = tmp_path / "a::b" / "c d"
    deep.mkdir(parents=True)
    shutil.move(firms, deep.parent / "firms, 2024.csv")
    (deep.parent / "m.toml").write_text('[columns]\nname = "企业编号"\n', encoding="utf-8")
    door("import", deep.parent / "firms, 2024.csv", "-o", deep / "done")
    (deep / "s.toml").write_text(
        "[inputs]\nfirms = '../firms, 2024.csv::mapping=../m.toml'\n", encoding="utf-8"
    )
    (deep / "t.toml").write_text("[inputs]\nfirms = 'done'\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("s", "t"):
        answer = door("run", f"a::b/c d/{name}.toml", "-o", f"out-{name}", "--json", "--quiet")
        assert answer.code == 0, answer.err
        assert answer.json["area"]["firms"] == 61
    again = door("run", "out-t/scenario.toml", "-o", "again", "--json", "--quiet")
    assert again.code == 0, again.err
    assert again.json == answer.json
    assert load_scenario("out-s/scenario.toml").inputs == {
        "firms": "out-s/../a::b/firms, 2024.csv::mapping=out-s/../a::b/m.toml"
    }


def test_a_scenario_with_a_byte_order_mark_is_read(door: Command, tmp_path, firms):
    (tmp_path / "s.toml").write_bytes("[inputs]\nfirms = 'firms.csv'\n".encode("utf-8-sig"))
    assert door("run", tmp_path / "s.toml", "-o", tmp_path / "out", "--quiet").code == 0


def test_a_scenario_survives_its_own_file(tmp_path):
    scenario = Scenario(
        title="“引号” \"'\n换行",
        template="textile",
        seed=2**31 - 1,
        within_km=0.5,
        out_crs="EPSG:4548",
        inputs={"boundary": "b, c::d.geojson::layer=x\\,y", "firms": "f.csv"},
    )
    path = tmp_path / "s.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    read = load_scenario(path)
    assert read.near(tmp_path).to_mapping() == scenario.near(Path()).to_mapping() | {
        "inputs": {"firms": "f.csv", "boundary": "b, c::d.geojson::layer=x\\,y"}
    }


def test_the_order_in_which_inputs_were_chosen_is_no_difference():
    one = Scenario(inputs={"gates": "g", "firms": "f", "boundary": "b"})
    two = Scenario(inputs={"boundary": "b", "firms": "f", "gates": "g"})
    assert list(one.inputs) == list(two.inputs)
    assert one == two


@pytest.mark.parametrize(
    "changes",
    [{"seed": -1}, {"seed": 2**31}, {"within_km": float("nan")}, {"crs": "nonsense"}, {"inputs": {"x": "y"}}],
)
def test_a_scenario_made_in_python_is_checked_too(changes):
    with pytest.raises(UsageError):
        Scenario(**changes)
