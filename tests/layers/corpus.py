"""Odd files as offices send them, each with the end that its import must have.

The files are made here, byte by byte where it matters; `tests.layers.test_corpus` imports every one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Odd", "accept", "ask", "refuse"]

Content = str | bytes | Callable[[Path], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A file and how its import ends.

    Attributes
    ----------
    name : str
        What is odd about it.
    content : str, bytes or callable
        A callable is given a folder to work in.
    answers : mapping
        Of `ImportOptions`.
    end : str
        accept, ask or refuse.
    code : str
        Of the question or refusal.
    about : str
        What is asked.
    accepted : int
    rejected : mapping of str to int
        Code → rows.
    warned : frozenset of str
        Codes that must be among the warnings.
    notices : mapping of str to int or None
        All warnings, code → rows.
    cells : mapping of str to list of str
        Column → its cells, in order.
    rows : list of int or None
        Source rows of what is accepted.
    blank : int or None
    places : list of (float, float) or None
        Longitude and latitude of what is accepted.
    """

    name: str
    content: Content
    answers: Mapping[str, Any]
    end: str
    code: str = ""
    about: str = ""
    accepted: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    warned: frozenset[str] = frozenset()
    cells: Mapping[str, list[str]] = field(default_factory=dict)
    rows: list[int] | None = None
    blank: int | None = None
    places: list[tuple[float, float]] | None = None
    notices: Mapping[str, int] | None = None

    def write(self, folder: Path) -> Path:
        """Make the file; its name says nothing of its format."""
        content = self.content(folder) if callable(self.content) else self.content
        path = folder / "upload"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def accept(
    name: str,
    content: Content,
    accepted: int,
    rejected: Mapping[str, int] | None = None,
    *,
    warned: tuple[str, ...] = (),
    cells: Mapping[str, list[str]] | None = None,
    rows: list[int] | None = None,
    blank: int | None = None,
    places: list[tuple[float, float]] | None = None,
    notices: Mapping[str, int] | None = None,
    **answers: Any,
) -> Odd:
    """Return a file of which this many rows are taken, and the others set aside for these reasons."""
    return Odd(
        name=name, content=content, answers=answers, end="accept", accepted=accepted, rejected=rejected or {},
        warned=frozenset(warned), cells=cells or {}, rows=rows, blank=blank,
        places=places, notices=notices,
    )  # fmt: skip


def ask(name: str, content: Content, about: str, **answers: Any) -> Odd:
    """Return a file that can be read in several ways, so that its owner is asked."""
    return Odd(name=name, content=content, answers=answers, end="ask", about=about)


def refuse(name: str, content: Content, code: str, **answers: Any) -> Odd:
    """Return a file that is refused as a whole."""
    return Odd(name=name, content=content, answers=answers, end="refuse", code=code)
