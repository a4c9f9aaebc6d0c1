r"""How a file is named together with what is known of it: ``FILE::key=value,key=value``.

The command line, scenario files and the app name their inputs so. In a value ``\,`` is a comma and
``\\`` a backslash; any other backslash stands for itself. Each role of a column is an answer of its
own, ``column=industry=行业``, and kept here under the key ``column=industry``.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from geo.errors import N_, UsageError

__all__ = [
    "as_argument",
    "file_answers",
    "from_argument",
    "join_source",
    "move_source",
    "near_source",
    "split_source",
]

_MARK = "::"
_PIECE = re.compile(r"(?:\\[\\,]|[^,])+")
_ESCAPED = re.compile(r"\\([\\,])")
_TYPED = {"as", "kind", "crs", "axes", "units", "header", "encoding", "code_edition", "dates"}
"""Answers that are no names of somebody's file: blanks around them mean nothing."""


def split_source(source: str, base: Path | None = None) -> tuple[str, dict[str, str]]:
    r"""Split a source into the path of its file and the answers behind it.

    Parameters
    ----------
    source : str
        Path of a file or folder, then ``::`` and answers if there are any.
    base : Path, optional
        Where a relative path begins; by default the working directory.

    Returns
    -------
    path : str
    answers : dict of str to str
        In the order given; a repeated key keeps its last value.

    Raises
    ------
    UsageError
        If a piece of the answers is not of the form ``key=value``.

    Notes
    -----
    Names may hold ``::`` too: the longest beginning that exists is the file.

    Examples
    --------
    >>> split_source(r"a.csv::crs=GCJ-02,lon=x\,y,column=industry=行业")
    ('a.csv', {'crs': 'GCJ-02', 'lon': 'x,y', 'column=industry': '行业'})
    """
    path, text = _cut(source, base)
    answers: dict[str, str] = {}
    for piece in _PIECE.findall(text):
        if not piece.strip():
            continue
        key, equals, value = piece.partition("=")
        key = key.strip().replace("-", "_")  # as the option is written, or as its key
        if key in ("column", "columns"):
            role, equals, value = value.partition("=")
            key = f"column={role.strip()}"
        if not equals:
            raise UsageError(
                N_("“{piece}” behind “::” is not of the form key=value"),
                hint=N_("for example firms.csv::crs=GCJ-02,encoding=gb18030"),
                where=source,
                piece=piece.strip(),
            )
        value = _ESCAPED.sub(r"\1", value)
        answers.pop(key, None)
        answers[key] = value.strip() if key in _TYPED else value
    return path, answers


def join_source(path: str | Path, answers: Mapping[str, str]) -> str:
    r"""Return the source that `split_source` takes apart again; empty answers are left out.

    Examples
    --------
    >>> join_source("a.csv", {"crs": "GCJ-02", "lon": "x,y", "lat": ""})
    'a.csv::crs=GCJ-02,lon=x\\,y'
    """
    given = [f"{key}={_escape(value)}" for key, value in answers.items() if value]
    return f"{path}{_MARK}{','.join(given)}" if given else str(path)


def move_source(source: str, base: Path) -> str:
    """Return a source whose relative paths began in `base` as one that begins here."""
    if not source.strip():
        return source
    path, answers = split_source(source, base)
    moved = {key: str(base / value) if _is_file(key, value) else value for key, value in answers.items()}
    return join_source(base / path, moved)


def near_source(source: str, folder: Path) -> str:
    """Return a source with its paths as they look from `folder`, symbolic links followed."""
    path, answers = split_source(source)
    near = {
        key: near_path(value, folder) if _is_file(key, value) else value for key, value in answers.items()
    }
    return join_source(near_path(path, folder), near)


def file_answers(answers: Mapping[str, str]) -> list[str]:
    """Return the keys of those answers that name other files, which have to go where the source goes."""
    return [key for key, value in answers.items() if _is_file(key, value)]


def near_path(path: str, folder: Path) -> str:
    """Return a path as it looks from `folder`; absolute where there is no way between the two."""
    there = os.path.realpath(path)
    try:
        return Path(os.path.relpath(there, os.path.realpath(folder))).as_posix()
    except ValueError:  # another drive
        return there


def as_argument(answers: Mapping[str, str]) -> str:
    """Return answers as options of a command, ready to be pasted into a shell.

    Examples
    --------
    >>> as_argument({"layer": "sheet 1", "axes": "yx"})
    "--layer 'sheet 1' --axes yx"
    """
    words = []
    for key, value in answers.items():
        name, _, role = key.partition("=")
        text = shlex.quote(f"{role}={value}" if role else value)
        option = "--" + name.replace("_", "-")
        words.append(f"{option}={text}" if value.startswith("-") and not role else f"{option} {text}")
    return " ".join(words)


def from_argument(argument: str) -> dict[str, str]:
    """Return the answers that options of `import` give; the inverse of `as_argument`.

    Examples
    --------
    >>> from_argument("--crs EPSG:4527 --axes yx")
    {'crs': 'EPSG:4527', 'axes': 'yx'}
    """
    answers: dict[str, str] = {}
    words = iter(shlex.split(argument))
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        value = value if equals else next(words, "")
        if name == "column":
            role, _, value = value.partition("=")
            name = f"column={role}"
        else:
            name = name.replace("-", "_")
        answers[name] = value
    return answers


def _cut(source: str, base: Path | None) -> tuple[str, str]:
    """Cut at the mark behind the longest beginning that exists, else at the first mark."""
    cuts = [found.start() for found in re.finditer(f"(?={_MARK})", source)]
    for cut in [len(source), *reversed(cuts)]:
        if _exists(source[:cut], base):
            return source[:cut], source[cut + len(_MARK) :]
    path, _, text = source.partition(_MARK)
    return path, text


def _is_file(key: str, value: str) -> bool:
    """Whether an answer is the name of another file: a mapping, or what describes a coordinate system."""
    return key == "mapping" or (key == "crs" and value.strip().casefold().endswith(".toml"))


def _exists(path: str, base: Path | None) -> bool:
    try:
        return bool(path) and ((base or Path()) / path).exists()
    except (OSError, ValueError):  # a name too long for the file system, or one that holds NUL
        return False


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,")
