"""How the editions of 2011 and 2017 of GB/T 4754 differ: which code means what in which."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from data import CATALOGUES

__all__ = ["CodeEditions", "code_editions"]


@dataclass(frozen=True, slots=True)
class CodeEditions:
    """How the two editions of GB/T 4754 differ (data/catalogues/industry_editions.toml).

    Attributes
    ----------
    changed : mapping of str to (str, str)
        Code valid in both → what it means in 2011 and in 2017.
    moved : mapping of str to tuple of str
        Class of 2011 → classes of 2017, where that is not the same number alone.
    only : mapping of str to frozenset of str
        Edition → codes that the other does not have.
    divisions : mapping of str to (str, str)
        First two digits → the division that they mean in 2011 and in 2017, where that is another one.
    not_compared : frozenset of str
        First two digits of divisions whose classes are not compared between the editions, beside those
        of `divisions`.
    """

    changed: Mapping[str, tuple[str, str]]
    moved: Mapping[str, tuple[str, ...]]
    only: Mapping[str, frozenset[str]]
    divisions: Mapping[str, tuple[str, str]]
    not_compared: frozenset[str]

    def meanings(self, code: str) -> tuple[str, str] | None:
        """Return what a code, or else its division, means in 2011 and in 2017, where that differs."""
        return self.changed.get(code) or self.divisions.get(code[:2])

    def in_2017(self, code: str, edition: str) -> tuple[str, ...]:
        """Return the classes of 2017 that a code of an edition stands for, none where it is not known."""
        if code[:2] in self.divisions:
            return (code,) if edition == "2017" else ()
        if edition == "2011" and code[:2] in self.not_compared:
            return ()
        if edition == "2011" or (not edition and code in self.only["2011"]):
            unchanged = () if code in self.changed or code in self.only["2011"] else (code,)
            return self.moved.get(code, unchanged)
        return () if not edition and code in self.changed else (code,)


@functools.cache
def code_editions() -> CodeEditions:
    """Read the catalogue of editions."""
    table = tomllib.loads((CATALOGUES / "industry_editions.toml").read_text(encoding="utf-8"))
    return CodeEditions(
        changed={code: (old, new) for code, (old, new) in table["changed"].items()},
        moved={code: tuple(classes) for code, classes in table["moved"].items()},
        only={edition: frozenset(codes) for edition, codes in table["only"].items()},
        divisions={number: (old, new) for number, (old, new) in table["divisions"].items()},
        not_compared=frozenset(table["not_compared"]),
    )
