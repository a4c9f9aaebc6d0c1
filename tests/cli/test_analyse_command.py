"""`analyse`: the file of the contract against spatstat's answers, what is unknown, errors, repetition."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import ROOT, Command, polygon, ring, write_firms, write_geojson

ORACLE = json.loads((ROOT / "tests" / "data" / "patterns_oracle.json").read_text(encoding="utf-8"))
EAST, NORTH = 500_000, 3_300_000
METRES = "::crs=EPSG:4547"
SPATSTAT = {"none": "un", "border": "border", "translation": "trans", "isotropic": "iso"}
INDICATORS = {
    "mean_centre", "median_centre", "standard_distance", "ellipse_major", "ellipse_minor", "ellipse_bearing",
    "clark_evans", "clark_evans_donnelly", "in_park_share",
}  # fmt: skip
CURVES = {"ripley_k", "ripley_l", "nearest_neighbour", "duranton_overman_kd"}
FAST = ("--draws", "3", "--radii", "0:1000:250")


@pytest.fixture(scope="module")
def points(tmp_path_factory) -> Path:
    """The 200 points of the oracle as a firm table in metres, every third a haulier."""
    path = tmp_path_factory.mktemp("points") / "points.csv"
    rows = zip(ORACLE["points"]["x"], ORACLE["points"]["y"], strict=True)
    lines = [
        f"{place},{EAST + x},{NORTH + y},{'石材' if place % 3 else '物流'}"
        for place, (x, y) in enumerate(rows)
    ]
    path.write_text("编号,x,y,行业\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def analysed(door: Command, points, tmp_path):
    """Return the statistics.json of the oracle's points in their square, and what was printed."""
    square = polygon(*((EAST + x, NORTH + y) for x, y in ((0, 0), (1_000, 0), (1_000, 1_000), (0, 1_000))))
    window = write_geojson(tmp_path / "square.geojson", square)
    words = ["--lon", "x", "--lat", "y", "--radii", "0:250:5", "--draws", "5"]
    answer = door(
        "analyse",
        f"{points}{METRES}",
        *words,
        "--window",
        f"{window}{METRES}",
        "-o",
        tmp_path / "out",
        "--json",
    )
    assert answer.code == 0, answer.err
    return json.loads((tmp_path / "out" / "statistics.json").read_text(encoding="utf-8")), answer.json


def test_k_l_and_clark_evans_are_those_of_spatstat(analysed):
    statistics, _ = analysed
    assert statistics["window"]["kind"] == "given"
    assert statistics["window"]["bounds"] == [EAST, NORTH, EAST + 1_000, NORTH + 1_000]
    assert "4547" in statistics["crs"]
    curves = {
        (one["name"], one["correction"]): one for one in statistics["curves"] if one["industry"] == "all"
    }
    for correction, theirs in SPATSTAT.items():
        k = np.array(ORACLE["k"]["square"][theirs], dtype=float)
        ours = curves["ripley_k", correction]
        assert ours["r_m"] == ORACLE["k"]["square"]["r"]
        assert np.array(ours["value"], dtype=float) == pytest.approx(k, rel=1e-9, nan_ok=True)
        l_m = np.array(curves["ripley_l", correction]["value"], dtype=float)
        assert l_m == pytest.approx(np.sqrt(k / np.pi), rel=1e-9, nan_ok=True)
    found = {one["name"]: one.get("value") for one in statistics["indicators"] if one["industry"] == "all"}
    theirs = ORACLE["clark_evans"]["square"]["all"]
    assert found["clark_evans"] == pytest.approx(theirs["naive"], rel=1e-9)
    assert found["clark_evans_donnelly"] == pytest.approx(theirs["Donnelly"], rel=1e-9)


def test_the_file_is_that_of_the_contract(analysed):
    statistics, printed = analysed
    assert {"window", "crs", "indicators", "curves"} <= set(statistics)
    groups = {"all", "石材", "物流"}
    for industry in groups:
        assert {one["name"] for one in statistics["indicators"] if one["industry"] == industry} >= INDICATORS
        assert {one["name"] for one in statistics["curves"] if one["industry"] == industry} == CURVES
    for one in statistics["indicators"]:
        assert {"name", "industry", "unit", "parameters", "source"} <= set(one)
        assert len({"value", "interval", "unknown"} & set(one)) == 1
    for one in statistics["curves"]:
        assert {"name", "industry", "correction", "r_m", "value", "low", "high", "band"} <= set(one)
        assert len(one["r_m"]) == len(one["value"])
        assert len(one["low"]) == len(one["high"]) == (len(one["r_m"]) if one["band"] else 0)
        assert one["band"] in ("pointwise", "global") or one["unknown"]
    assert printed["firms"] == 200
    assert printed["industry"] == "all"
    assert all(one in statistics["indicators"] for one in printed["indicators"])


def test_tables_and_pictures_lie_beside_it(door: Command, firms, tmp_path):
    assert door("analyse", firms, *FAST, "-o", tmp_path / "out").code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "statistics.json", "indicators.csv", "curves.csv", "ripley_k.png", "ripley_l.png",
        "nearest_neighbour.png", "duranton_overman_kd.png",
    }  # fmt: skip
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_text(encoding="utf-8"))
    indicators = pd.read_csv(tmp_path / "out" / "indicators.csv")
    assert indicators["name"].tolist() == [one["name"] for one in statistics["indicators"]]
    curves = pd.read_csv(tmp_path / "out" / "curves.csv")
    assert len(curves) == sum(len(one["r_m"]) for one in statistics["curves"])


def test_the_window_by_default_is_a_named_rectangle(door: Command, firms):
    printed = door("analyse", firms, *FAST, "--json").json
    assert printed["window"]["kind"] == "rectangle"
    west, south, east, north = printed["window"]["bounds"]
    assert printed["window"]["area_m2"] == pytest.approx((east - west) * (north - south))
    assert printed["outside"] == 0


def test_firms_beyond_the_window_are_counted_and_left_out(door: Command, firms, tmp_path):
    window = write_geojson(tmp_path / "town.geojson", ring(118.405, 24.705, 0.01))
    whole = door("analyse", firms, *FAST, "--json").json
    part = door("analyse", firms, *FAST, "--window", window, "--json").json
    assert part["firms"] + part["outside"] >= whole["firms"]
    assert 0 < part["firms"] < whole["firms"]
    away = write_geojson(tmp_path / "away.geojson", ring(119.4, 25.7, 0.01))
    refused = door("analyse", firms, *FAST, "--window", away, "--json")
    assert refused.code == 5
    assert "study window" in refused.error["message"]


def test_the_share_in_parks_is_an_interval_and_without_parks_unknown(door: Command, firms, tmp_path):
    def share(*words):
        printed = door("analyse", firms, *FAST, *words, "--json").json
        return next(one for one in printed["indicators"] if one["name"] == "in_park_share")

    assert "parks" in share()["unknown"]
    parks = write_geojson(
        tmp_path / "parks.geojson", ring(118.405, 24.705, 0.002), ring(118.36, 24.66, 0.004)
    )
    low, high = share("--parks", parks)["interval"]
    assert 0 < low < high < 1


def test_one_industry_is_held_against_all_firms_and_kd_needs_others(door: Command, tmp_path):
    def kd(*words):
        assert door("analyse", *words, *FAST, "-o", tmp_path / "out", "--force").code == 0
        statistics = json.loads((tmp_path / "out" / "statistics.json").read_text(encoding="utf-8"))
        return [one for one in statistics["curves"] if one["name"] == "duranton_overman_kd"]

    (stone,) = kd(write_firms(tmp_path / "firms.csv"), "--industry", "石材")
    assert (stone["industry"], stone["band"]) == ("石材", "global")
    rows = (tmp_path / "firms.csv").read_text(encoding="utf-8").replace("物流", "石材")
    (tmp_path / "alone.csv").write_text(rows, encoding="utf-8")
    assert all("firms of other industries" in one["unknown"] or "all industries" in one["unknown"]
               for one in kd(tmp_path / "alone.csv"))  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_and_another_other_bands(door: Command, firms, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert door("analyse", firms, *FAST, "--seed", seed, "-o", tmp_path / name).code == 0
    first, same, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b", "c")
    )
    assert first == same
    assert first["curves.csv"] != other["curves.csv"]


def test_the_answers_are_in_the_language_asked_for(door: Command, firms):
    def why(lang):
        printed = door("analyse", firms, *FAST, "--json", "--lang", lang).json
        return next(one["unknown"] for one in printed["indicators"] if "unknown" in one)

    assert "园区" in why("zh")
    assert "park" in why("en")


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("missing.csv",), 3, "refused"),
        (("firms.csv", "--window", "missing.geojson"), 3, "refused"),
        (("firms.csv", "--parks", "missing.geojson"), 3, "refused"),
        (("firms.csv", "--industry", "石财"), 5, "infeasible"),
        (("metres.csv",), 4, "choice"),
    ],
)
def test_what_cannot_be_done_is_said_by_its_exit_code_and_leaves_nothing(
    door: Command, firms, tmp_path, monkeypatch, words, code, kind
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "metres.csv").write_text(f"name,x,y\na,{EAST},{NORTH}\n", encoding="utf-8")
    answer = door("analyse", *words, *FAST, "-o", "out", "--json")
    assert (answer.code, answer.error["kind"]) == (code, kind)
    assert not (tmp_path / "out").exists()


def test_a_question_about_the_window_is_answered_by_its_own_option(door: Command, firms, tmp_path):
    square = polygon((EAST, NORTH), (EAST + 9, NORTH), (EAST + 9, NORTH + 9), (EAST, NORTH + 9))
    path = tmp_path / "w.csv"
    wkt = ", ".join(f"{x} {y}" for x, y in square["coordinates"][0])
    path.write_text(f'wkt\n"POLYGON (({wkt}))"\n', encoding="utf-8")
    answer = door("analyse", firms, *FAST, "--window", path, "--json")
    assert answer.code == 4
    assert all(one["argument"].startswith("--window ") for one in answer.error["options"])


def test_stopped_from_the_keyboard_it_leaves_nothing(firms, tmp_path):
    out = tmp_path / "out"
    running = subprocess.Popen(
        [sys.executable, "-m", "parkplan", "analyse", firms, "--draws", "100000", "-o", out, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread
    )
    assert running.stderr is not None
    for line in running.stderr:
        if "random choices" in line:
            break
    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert '"error"' in printed
    assert {path.name for path in tmp_path.iterdir()} == {"firms.csv"}
