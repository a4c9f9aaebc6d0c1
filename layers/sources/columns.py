"""Which column plays which role, by a documented table of names in two languages."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence

from data import CATALOGUES

__all__ = [
    "aliases",
    "coordinate_pairs",
    "find_roles",
    "header_row",
    "joined_header",
    "plain_name",
    "stated_system",
]

_NOISE = re.compile(r"[\s_\-./\\:：()（）\[\]【】°'\"\ufeff]+")
_LON = re.compile(r"经度|东经|^(?:lon|lng|long|longitude|x)$")
_LAT = re.compile(r"纬度|北纬|^(?:lat|latitude|y)$")
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
    if "lon" not in roles or "lat" not in roles:
        pairs = [
            pair
            for pair in coordinate_pairs(columns)
            if all(
                roles.get(role, column) == column for role, column in zip(("lon", "lat"), pair, strict=True)
            )
        ]
        if len(pairs) == 1:
            roles["lon"], roles["lat"] = pairs[0]
    return roles


def coordinate_pairs(columns: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of columns whose names hold longitude and latitude among other words: 企业经度, 企业纬度.

    Returns
    -------
    list of (str, str)
        Those that differ in that word alone; else, where there is one of each, these two.
    """
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for column in columns:
        words = [word for word in _NOISE.split(unicodedata.normalize("NFKC", column).casefold()) if word]
        rests = ["".join(pattern.sub("#", word) for word in words) for pattern in (_LON, _LAT)]
        named = ["#" in rest for rest in rests]
        if sum(named) == 1:  # a column that names both holds a pair in one cell
            found[named.index(True)].setdefault(rests[named.index(True)], column)
    lon, lat = found
    pairs = [(lon[rest], lat[rest]) for rest in lon if rest in lat]
    if not pairs and len(lon) == len(lat) == 1:
        pairs = [(next(iter(lon.values())), next(iter(lat.values())))]
    return pairs


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
    joined = [name or upper for name, upper in zip(names, above, strict=False)]
    if sum(map(bool, above)) < 2 or joined == names[: len(joined)]:
        return names
    return joined + (names[len(above) :] or above[len(names) :])


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
