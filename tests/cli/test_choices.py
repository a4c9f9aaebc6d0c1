"""Exit 4: what is asked, how it is answered, and that each offered answer is one."""

from __future__ import annotations

import shlex
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from tests.cli.conftest import OUTLINE, Command, polygon, write_geojson

ABOUT = {"encoding", "layer", "crs", "axes", "columns", "locate"}
SHEETS = ("厂 一,1=2", "-二", "it's 3")


def _workbook(folder: Path, sheets: tuple[str, ...] = SHEETS) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for count, name in enumerate(sheets, start=1):
        sheet = book.create_sheet(name)
        sheet.append(["名称", "经度", "纬度"])
        for row in range(count + 5):
            sheet.append([f"甲{row}", 118.4 + row / 1000, 24.7])
    path = folder / "w.xlsx"
    book.save(path)
    return path


def _package(folder: Path) -> Path:
    for name, lon in (("厂 一", 118.4), ("a'b", 118.5)):
        points = [shapely.Point(lon + place / 1000, 24.7) for place in range(6)]
        gpd.GeoDataFrame({"name": list("abcdef")}, geometry=points, crs=4326).to_file(
            folder / "p.gpkg", layer=name
        )
    return folder / "p.gpkg"


def _text(folder: Path, *rows: str, encoding: str = "utf-8") -> Path:
    path = folder / "t.csv"
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


def _grid(folder: Path, x: float, y: float, names: str = "name,x,y") -> Path:
    return _text(folder, names, *(f"n{place},{x + 100 * place},{y + 50 * place}" for place in range(8)))


ASKING = {
    "sheets of a workbook": ("layer", _workbook),
    "layers of a package": ("layer", _package),
    "addresses alone": ("locate", lambda folder: _text(folder, "名称,地址", *["甲,福建省南安市"] * 6)),
    "an encoding": ("encoding", lambda folder: _text(folder, "业,lon,lat", "统一石业,118.4,24.7", encoding="gb18030")),
    "east with its zone": ("crs", lambda folder: _grid(folder, 39_442_000, 2_732_000)),
    "a 6° zone": ("crs", lambda folder: _grid(folder, 20_442_000, 2_732_000)),
    "east without a zone": ("crs", lambda folder: _grid(folder, 442_000, 2_732_000)),
    "planners' X with its zone": ("crs", lambda folder: _grid(folder, 2_732_000, 39_442_000, "名称,X,Y")),
    "planners' X without a zone": ("crs", lambda folder: _grid(folder, 2_732_000, 442_000, "名称,X,Y")),
    "Web Mercator": ("crs", lambda folder: _grid(folder, 13_180_000, 2_836_000)),
    "swapped columns": ("axes", lambda folder: _text(folder, "name,lon,lat", *(f"n{place},24.7{place},118.4" for place in range(6)))),
    "swapped where both can be": ("axes", lambda folder: _text(folder, "name,lon,lat", *(f"n{place},39.{place},76.1" for place in range(6)))),
    "two pairs of columns": (
        "columns",
        lambda folder: _text(folder, "name,gps lon,gps lat,map lon,map lat", *(f"n{place},118.4,24.7,118.5,24.8" for place in range(6))),
    ),
}  # fmt: skip


def _asked(answer, about: str) -> list[str]:
    """Check the question's form; return the arguments that answer it."""
    assert answer.code == 4, answer.err
    error = answer.error
    assert error["kind"] == "choice"
    assert error["about"] == about in ABOUT
    assert error["options"]
    assert all({"argument", "label"} <= set(option) for option in error["options"])
    assert len({option["argument"] for option in error["options"]}) == len(error["options"])
    assert 0 < len(error["preview"]) <= 5
    assert all(isinstance(row, dict) for row in error["preview"])
    assert error["options"][0]["argument"] in answer.err
    return [option["argument"] for option in error["options"]]


@pytest.mark.parametrize("name", ASKING)
def test_each_offered_argument_answers_the_question(door: Command, tmp_path, name):
    about, make = ASKING[name]
    path = make(tmp_path)
    arguments = _asked(door("import", path, "--json"), about)
    for argument in arguments[:3]:
        answer = door("import", path, *shlex.split(argument), "--json")
        assert answer.code == 0, (argument, answer.err)
        assert answer.json["accepted"] >= 1


@pytest.mark.parametrize("name", ["planners' X with its zone", "planners' X without a zone"])
def test_planners_x_is_offered_as_north(door: Command, tmp_path, name):
    _, make = ASKING[name]
    arguments = _asked(door("import", make(tmp_path), "--json"), "crs")
    assert all(argument.endswith("--axes yx") for argument in arguments)


def test_one_question_after_the_other_is_answered_by_adding_arguments(door: Command, tmp_path):
    book = openpyxl.Workbook()
    for name in ("a b", "c"):
        sheet = book.create_sheet(name)
        sheet.append(["名称", "X", "Y"])
        sheet.append(["甲", 2_732_000, 39_442_000])
    book.save(tmp_path / "w.xlsx")
    words: list[object] = ["import", tmp_path / "w.xlsx"]
    for about in ("layer", "crs"):
        words += shlex.split(_asked(door(*words, "--json"), about)[0])
    assert door(*words, "--json").json["accepted"] == 1


@pytest.mark.parametrize("command", ["cluster", "access"])
def test_the_file_of_a_command_is_answered_by_the_same_arguments(door: Command, tmp_path, command):
    path = _workbook(tmp_path)
    for argument in _asked(door(command, path, "--json"), "layer"):
        assert door(command, path, *shlex.split(argument), "--json").code == 0


def test_an_input_beside_it_is_answered_by_naming_it_again(door: Command, tmp_path, firms):
    facilities = _text(
        tmp_path,
        "name,kind,X,Y",
        *(f"n{place},seaport,{2_732_000 + place},{39_442_000 + place}" for place in range(3)),
    )
    words = ["access", firms, "--facilities", facilities]
    arguments = _asked(door(*words, "--json"), "crs")
    assert arguments[0].startswith("--facilities ")
    answer = door(*words, *shlex.split(arguments[0]), "--json")
    assert answer.code == 0, answer.err


def test_in_a_run_the_argument_says_which_input_it_is_about(door: Command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _workbook(tmp_path)
    write_geojson(tmp_path / "b.geojson", polygon(*OUTLINE))
    words = ["run", "--boundary", "b.geojson", "--firms", "w.xlsx::column=name=名称", "-o", "out", "--quiet"]
    arguments = _asked(door(*words, "--json"), "layer")
    assert all(argument.startswith("--firms ") for argument in arguments)
    answer = door(*words, *shlex.split(arguments[0]), "--json")
    assert answer.code == 0, answer.err


def test_in_a_scenario_the_argument_leads_to_the_scenario_s_own_file(door: Command, tmp_path, monkeypatch):
    folder = tmp_path / "case, one"
    folder.mkdir()
    _workbook(folder)
    (folder / "s.toml").write_text('[inputs]\nfirms = "w.xlsx"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["run", "case, one/s.toml", "-o", tmp_path / "out", "--quiet"]
    argument = _asked(door(*words, "--json"), "layer")[0]
    assert door(*words, *shlex.split(argument), "--json").code == 0


def test_a_question_leaves_nothing_behind(door: Command, tmp_path):
    path = _workbook(tmp_path)
    for command in ("import", "cluster", "access"):
        assert door(command, path, "-o", tmp_path / "deep" / "out", "--json").code == 4
    assert [one.name for one in tmp_path.iterdir()] == ["w.xlsx"]


def test_longitude_and_latitude_without_a_system_never_ask(door: Command, tmp_path):
    path = _text(tmp_path, "name,lon,lat", "a,118.4,24.7")
    answer = door("import", path, "--json")
    assert answer.code == 0
    assert [one["code"] for one in answer.json["warnings"]] == ["CRS_ASSUMED"]


def test_coordinates_that_fit_no_usual_system_are_asked_for_without_a_guess(door: Command, tmp_path):
    answer = door("import", _grid(tmp_path, 5_000, 7_000), "--json")
    assert answer.code == 4
    assert answer.error["options"] == []
    assert "--crs" in answer.error["hint"]
