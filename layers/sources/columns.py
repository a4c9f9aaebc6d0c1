"""Which column plays which role, by a documented table of names in two languages."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence

from data import CATALOGUES

__all__ = ["aliases", "find_roles", "header_row", "plain_name"]

_NOISE = re.compile(r"[\s_\-./\\:：()（）\[\]【】°'\"]+")
_UNITS = re.compile(r"[(（\[【].*?[)）\]】]")


def plain_name(name: str) -> str:
    """Return a column name without case, units, spaces and punctuation, in half-width letters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NOISE.sub("", _UNITS.sub("", folded)) or _NOISE.sub("", folded)


@functools.cache
def aliases() -> dict[str, tuple[str, ...]]:
    """Role → plain names, the best known first (data/catalogues/columns.toml)."""
    table = tomllib.loads((CATALOGUES / "columns.toml").read_text(encoding="utf-8"))
    return {role: tuple(plain_name(name) for name in entry["names"]) for role, entry in table.items()}


def find_roles(columns: Sequence[str], stated: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each role at most one column, and each column at most one role.

    Parameters
    ----------
    columns : sequence of str
        Names as written.
    stated : mapping of str to str, optional
        Role → column as the user said; wins over the table of names.

    Returns
    -------
    dict
        Role → column.
    """
    roles = {role: column for role, column in (stated or {}).items() if column in columns}
    plain = {column: plain_name(column) for column in columns}
    for role, names in aliases().items():
        if role in roles:
            continue
        for name in names:
            match = next(
                (column for column in columns if plain[column] == name and column not in roles.values()), None
            )
            if match is not None:
                roles[role] = match
                break
    return roles


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Index of the row that holds the column names.

    The first row in which two roles are recognised; title rows above it are passed over. Where no
    row is recognised, the first one is taken.
    """
    known = {name for names in aliases().values() for name in names}
    for place, row in enumerate(rows[:10]):
        if sum(plain_name(cell) in known for cell in row) >= 2:
            return place
    return 0
