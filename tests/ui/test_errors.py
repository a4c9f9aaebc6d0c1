"""What is wrong with a file is one clear sentence, the same in the app and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cli
from planning.catalogue.parks import load_template

pytestmark = pytest.mark.browser
REFUSED, INFEASIBLE = 3, 5
BAD = {
    "no table at all": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "no column for the place": "名称,城市\n甲,乙\n".encode("gb18030"),
    "no row": b"name,lon,lat\n",
    "only bad rows": b"name,lon,lat\nA,,28\nB,117,\n",
}


@pytest.fixture(scope="module")
def clerk(guarded: Callable[..., Any], meet: Callable[..., Any]) -> Iterator[Any]:
    """Somebody with an empty project, who keeps it while one file after the other is refused."""
    with guarded() as page:
        yield meet(page).open("data").press("Start an empty project")


def error_of(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, str]]:
    """Exit code of a command, and the error that it prints."""
    capsys.readouterr()
    code = cli.main([*map(str, words), "--json", "--lang", "en"])
    return code, json.loads(capsys.readouterr().out)["error"]


def shown(clerk: Any) -> str:
    """The one error of the page, as a reader sees it."""
    (error,) = clerk.errors()
    return str(error).replace("\u2060", "")


@pytest.mark.parametrize("case", list(BAD))
def test_a_bad_table_gets_one_sentence_and_a_way_out(
    clerk: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, case: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(BAD[case])
    clerk.turn_to("data").upload(path, "Firms")
    code, error = error_of(capsys, "import", path, "--as", "firms", "-o", tmp_path / "out")
    assert code == REFUSED
    assert error["message"] in shown(clerk)
    assert error["hint"].partition("--")[0] in shown(clerk)
    assert "--" not in shown(clerk), "options of the command line are called by the names of the form"
    assert clerk.page.locator("[data-testid=stExpander]", has_text="bad.csv").count() == 0, (
        "nothing was taken"
    )


def test_a_boundary_that_crosses_itself_is_refused_with_its_place(
    clerk: Any, capsys: pytest.CaptureFixture[str], polygon_file: Callable[..., Path], tmp_path: Path
) -> None:
    bow = polygon_file(tmp_path / "bow.geojson", (117, 28), (117.02, 28.02), (117.02, 28), (117, 28.02))
    clerk.turn_to("data").upload(bow, "Park boundary")
    code, error = error_of(capsys, "import", bow, "--as", "boundary", "-o", tmp_path / "out")
    assert code == REFUSED
    assert "117.01" in shown(clerk)
    assert error["message"] in shown(clerk)


def test_a_park_too_small_for_its_template_is_told_what_it_needs(
    clerk: Any, capsys: pytest.CaptureFixture[str], polygon_file: Callable[..., Path], tmp_path: Path
) -> None:
    small = polygon_file(
        tmp_path / "small.geojson", (117, 28), (117.001, 28), (117.001, 28.001), (117, 28.001)
    )
    clerk.turn_to("data").upload(small, "Park boundary")
    clerk.turn_to("zoning").choose("Template", load_template("stone").title_en).press("Zone the site")
    code, error = error_of(capsys, "zone", "--boundary", small, "--template", "stone", "-o", tmp_path / "out")
    assert code == INFEASIBLE
    assert " ha" in error["message"]
    assert error["message"] in shown(clerk)
    assert error["hint"] in shown(clerk)
    assert clerk.map("map.hasLayer(park.edit)"), "the boundary is still there to be edited"


def test_a_file_that_is_no_scenario_leaves_what_is_open(clerk: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.parkplan"
    path.write_bytes(b"PK\x03\x04 nothing")
    clerk.turn_to("data").press("Start an empty project").turn_to("export").upload(path)
    assert "no scenario file" in shown(clerk)
    clerk.turn_to("data")
    assert "There is no data yet" in clerk.text()
