"""Messages and their fields agree: a template that names a field its caller does not give would fail only when it is needed."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_FIELDS = {"hint", "where", "code"}


def texts(node: ast.expr) -> list[str]:
    """Every literal that a message argument may come to."""
    return [
        part.args[0].value
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id == "N_"
        and isinstance(part.args[0], ast.Constant)
    ]


def calls() -> list[tuple[str, set[str], set[str]]]:
    found = []
    for package in ("geo", "layers", "planning", "ui"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    not isinstance(node, ast.Call)
                    or not isinstance(node.func, ast.Name)
                    or not (node.func.id.endswith("Error") or node.func.id == "Phrase")
                ):
                    continue
                if any(keyword.arg is None for keyword in node.keywords):
                    continue
                hints = [keyword.value for keyword in node.keywords if keyword.arg == "hint"]
                wanted = {
                    name.partition(".")[0].partition("[")[0]
                    for argument in [*node.args[:1], *hints]
                    for text in texts(argument)
                    for _, name, _, _ in string.Formatter().parse(text)
                    if name
                }
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", wanted, given))
    return found


def test_there_are_messages_to_look_at() -> None:
    assert len(calls()) > 80


@pytest.mark.parametrize(
    ("place", "wanted", "given"), calls(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_field_of_a_message_is_given(place: str, wanted: set[str], given: set[str]) -> None:
    assert wanted <= given - NOT_FIELDS, place
