"""Which column plays which role, by a documented table of names in two languages."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence

from data import CATALOGUES

__all__ = ["aliases", "find_roles", "header_row", "joined_header", "plain_name", "stated_system"]

_NOISE = re.compile(r"[\s_\-./\\:：()（）\[\]【】°'\"]+")
_SYSTEMS = (
    (re.compile(r"bd[\s_-]?0?9|(?:^|[\s_-])bd(?:$|[\s_-])|百度|baidu"), "BD-09"),
    (re.compile(r"gcj|高德|火星|腾讯|amap|gaode|(?:^|[\s_-])mars"), "GCJ-02"),
    (re.compile(r"wgs|(?:^|[\s_-])gps|gps(?:$|[\s_-])"), "WGS84"),
    (re.compile(r"cgcs|国家2000|大地2000|2000坐标|天地图"), "CGCS2000"),
    (re.compile(r"(?:西安|xi.?an)[\s_-]?(?:19)?80"), "EPSG:4610"),
    (re.compile(r"(?:北京|beijing)[\s_-]?(?:19)?54"), "EPSG:4214"),
)
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


def stated_system(name: str) -> str | None:
    """The coordinate system that a column's name states: ``百度经度`` and ``bd09_lng`` say BD-09.

    Returns
    -------
    str or None
        ``BD-09``, ``GCJ-02``, ``WGS84``, ``CGCS2000`` or a geographic EPSG code; None if it says nothing.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return next((system for pattern, system in _SYSTEMS if pattern.search(folded)), None)


def joined_header(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Names of a header row; its blank cells take the name that stands in the row above.

    Where 坐标 is merged above 经度 and 纬度, the names beside it stand in the upper row alone. A
    title has one filled cell and names nothing.
    """
    names = [cell.strip() for cell in rows[place]]
    above = [cell.strip() for cell in rows[place - 1]] if place else []
    if sum(map(bool, above)) < 2 or all(names):
        return names
    above += [""] * (len(names) - len(above))
    return [name or upper for name, upper in zip(names, above, strict=False)]


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """Index of the row that holds the column names.

    The first row in which two roles are recognised; title rows above it are passed over. Where the
    coordinates are named one row further down only (a header of two rows), that row. Where no row
    is recognised, the first one is taken.
    """
    known = {name for names in aliases().values() for name in names}
    coordinates = {*aliases()["lon"], *aliases()["lat"]}
    plain = [{plain_name(cell) for cell in row} for row in rows[:10]]
    for place, names in enumerate(plain):
        if len(names & known) < 2:
            continue
        below = plain[place + 1] if place + 1 < len(plain) else set()
        two_rows = not names & coordinates and len(below & coordinates) >= 2
        return place + 1 if two_rows else place
    return 0
