"""What an import asks is answered in the app by the same answers as on the command line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import cli

pytestmark = pytest.mark.browser
SHEET = "厂, 1=2"


@pytest.fixture(scope="module")
def clerk(guarded: Callable[..., Any], meet: Callable[..., Any]) -> Iterator[Any]:
    """Somebody with an empty project."""
    with guarded() as page:
        yield meet(page).open("data").press("Start an empty project")


def printed(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    """The object that a command prints."""
    capsys.readouterr()
    cli.main([*map(str, words), "--json", "--quiet", "--lang", "en"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def answer(clerk: Any, place: int) -> None:
    """Choose an answer and send it; nothing is chosen before, so that no careless click accepts one."""
    question = clerk.page.locator(".st-key-import_question")
    assert question.get_by_role("button", name="Use this").is_disabled()
    assert question.get_by_role("radio", checked=True).count() == 0
    question.locator("[role=radiogroup] label").nth(place).click()
    clerk.settle().press("Use this")


def planners_x(folder: Path) -> Path:
    path = folder / "x.csv"
    rows = "".join(f"甲{place},{2_732_000 + 50 * place},{39_442_000 + 80 * place}\n" for place in range(6))
    path.write_text(f"名称,X,Y\n{rows}", encoding="utf-8")
    return path


def two_sheets(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in (SHEET, "二"):
        sheet = book.create_sheet(name)
        sheet.append(["名称", "经度", "纬度"])
        for place in range(len(name)):
            sheet.append([f"甲{place}", 118.4 + place / 100, 24.7])
    book.save(folder / "w.xlsx")
    return folder / "w.xlsx"


@pytest.mark.parametrize("make", [planners_x, two_sheets])
def test_a_question_is_answered_as_on_the_command_line(
    clerk: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path)
    question = printed(capsys, "import", path, "--as", "firms")["error"]
    option = question["options"][0]
    clerk.turn_to("data").upload(path, "Firms")
    clerk.see(question["message"].partition("(")[0].strip())
    answer(clerk, 0)
    clerk.alert(f"“{path.name}” is taken as")
    account = printed(capsys, "import", path, "--as", "firms", *shlex.split(option["argument"]))
    clerk.see(f"{account['rows_in']} rows = {account['accepted']} accepted + {account['rejected']} rejected")
    assert clerk.errors() == []
