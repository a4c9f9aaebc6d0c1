"""Find every code that the program can say, by reading its source: for docs/codes.md."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo import errors
from geo.errors import ParkError
from layers.sources.report import REJECTED, WARNED

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("geo", "layers", "planning", "ui", "parkplan")
DOORS = ("cli.py", "app.py")
CLASSES: dict[str, type[ParkError]] = {
    name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, ParkError)
}


MAKERS = ROOT / "layers" / "sources" / "readers" / "refusals.py"
"""Functions that make errors for others: what is said stands where they are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One place that raises an error: its sentence and hint as templates, and what the doors make of it."""

    code: str
    kind: str
    exit_code: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code: what it does to a row, if anything, and the errors that carry it."""

    name: str
    row: tuple[str, str] | None
    errors: list[Said] = field(default_factory=list)


def codes() -> list[Code]:
    """Return every code of rows and errors, in alphabetical order."""
    said = sorted({one for path in sources() for one in find_errors(path)}, key=_order)
    rows = {code: ("the row is rejected", sentence) for code, sentence in REJECTED.items()}
    rows |= {code: ("the row is kept, flagged and counted", sentence) for code, sentence in WARNED.items()}
    names = sorted({*rows, *(one.code for one in said)})
    return [
        Code(name=name, row=rows.get(name), errors=[one for one in said if one.code == name])
        for name in names
    ]


def sources() -> list[Path]:
    """Return the program's files."""
    return [*(path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))),
            *(ROOT / door for door in DOORS)]  # fmt: skip


def find_errors(path: Path) -> Iterator[Said]:
    """Yield what a file raises: classes of `geo.errors` that are called or raised bare, and the bug."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    makers = _makers()
    for node in ast.walk(tree) if path != MAKERS else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
            cls, made = _made(makers[node.func.id], node)
            yield from _said(cls, made, known)
        elif isinstance(node, ast.Call) and (called := _class_of(node.func)) is not None:
            yield from _said(called, node, known)
        elif (
            isinstance(node, ast.Raise) and node.exc is not None and (bare := _class_of(node.exc)) is not None
        ):
            yield from _said(bare, None, known)
        elif isinstance(node, ast.Dict):
            yield from _bug(node)


@functools.cache
def _makers() -> dict[str, ast.FunctionDef]:
    """Functions of `MAKERS` by name; each returns one error."""
    tree = ast.parse(MAKERS.read_text(encoding="utf-8"))
    return {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef)}


def _made(maker: ast.FunctionDef, call: ast.Call) -> tuple[type[ParkError], ast.Call]:
    """The error that a maker returns to a caller: its parameters replaced by what it is given."""
    taken = maker.args
    given: dict[str, ast.expr] = {
        one.arg: value for one, value in zip(taken.kwonlyargs, taken.kw_defaults, strict=True) if value
    }
    given |= {one.arg: value for one, value in zip(taken.args, call.args, strict=False)}
    given |= {word.arg: word.value for word in call.keywords if word.arg}

    class Filled(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return given.get(node.id, node)

    returned = next(node.value for node in ast.walk(maker) if isinstance(node, ast.Return))
    made = Filled().visit(copy.deepcopy(returned))
    cls = _class_of(made.func)
    assert cls is not None
    return cls, made


def _class_of(node: ast.expr) -> type[ParkError] | None:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return CLASSES.get(name)


def _said(cls: type[ParkError], call: ast.Call | None, known: Mapping[str, ast.expr]) -> Iterator[Said]:
    words = {word.arg: word.value for word in call.keywords} if call is not None else {}
    first = call.args[0] if call is not None and call.args else None
    messages = _texts(first, known) if first is not None else [_default_message(cls)]
    found = _texts(words["code"], known) if "code" in words else [cls.default_code]
    hint = " / ".join(filter(None, _texts(words["hint"], known))) if "hint" in words else ""
    for message in filter(None, messages):
        for code in found:
            yield Said(code=code, kind=cls.kind, exit_code=cls.exit_code, message=message, hint=hint)


def _bug(node: ast.Dict) -> Iterator[Said]:
    """Yield the one answer that no class of ours makes: what is said of anything unexpected."""
    pairs = {
        key.value: value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
    }
    code = pairs.get("code")
    if {"kind", "message"} <= pairs.keys() and isinstance(code, ast.Constant):
        yield Said(code=str(code.value), kind="bug", exit_code=1, message="anything unexpected", hint="")


def _texts(node: ast.expr, known: Mapping[str, ast.expr]) -> list[str]:
    """Every text that an expression can be: a constant, N_("…"), a choice between two, a constant's name."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, known), *_texts(node.orelse, known)]
    if isinstance(node, ast.Name) and node.id in known:
        return _texts(known[node.id], known)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        return _texts(node.args[0], known)
    return []


def _default_message(cls: type[ParkError]) -> str:
    default = inspect.signature(cls).parameters["message"].default
    return default if isinstance(default, str) else ""


def _order(one: Said) -> tuple[str, int, str, str]:
    return one.code, one.exit_code, one.message, one.hint
