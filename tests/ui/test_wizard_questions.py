"""What a question of an import shows: every heading that is ours has words for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import layers.sources
from layers.sources.rows import OWN_COLUMNS
from ui.labels import PREVIEWS
from ui.tables import short_number
from ui.wizard.result import _ADDED, offered


def _headings() -> Iterator[str]:
    """Constant keys of the rows in previews: literals in a function that asks, its options left out."""
    for path in sorted(Path(layers.sources.__file__).parent.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            text = ast.unparse(function)
            if "ChoiceError(" not in text or "preview" not in text:
                continue
            parts = [node for node in ast.walk(function) if isinstance(node, ast.keyword | ast.Call)]
            shown = [one.value for one in parts if isinstance(one, ast.keyword) and one.arg == "preview"]
            shown += [
                one.args[0]
                for one in parts
                if isinstance(one, ast.Call) and ast.unparse(one.func) == "preview.append"
            ]
            for node in (one for part in shown for one in ast.walk(part)):
                if isinstance(node, ast.Dict):
                    yield from (str(key.value) for key in node.keys if isinstance(key, ast.Constant))


def test_every_heading_of_a_preview_has_words() -> None:
    found = set(_headings())
    assert {"code", "rows", "first row", "line", "date", "band", "x"} <= found, "the search finds them"
    assert found <= set(PREVIEWS)


def test_a_shown_number_is_cut_and_nothing_else() -> None:
    for text, shown in {
        "118.44523445872868": "118.4452344",
        "-24.71000000000001": "-24.7100000",
        "118.4452344": "118.4452344",
        "007": "007",
        "1.1234567890e-5": "1.1234567890e-5",
        "1.2.34567890123": "1.2.34567890123",
        "91350521MA0000000N": "91350521MA0000000N",
    }.items():
        assert short_number(text) == shown


def test_every_column_that_an_import_adds_has_a_heading() -> None:
    assert tuple(_ADDED) == OWN_COLUMNS


def test_a_workbook_is_offered_for_as_many_rows_as_one_can_wait_for() -> None:
    assert offered(50_000) == [".gpkg", ".parquet", ".csv", ".xlsx"]
    assert offered(50_001) == [".gpkg", ".parquet", ".csv"]
