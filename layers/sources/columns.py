"""Which column plays which role, by a documented table of names in two languages."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence

from data import CATALOGUES
from geo.errors import N_, ChoiceError, Option, SourceError

__all__ = [
    "aliases",
    "coordinate_pairs",
    "find_roles",
    "header_cells",
    "header_row",
    "holds_words",
    "is_registered_address",
    "is_unit",
    "joined_header",
    "plain_name",
    "stated_system",
]

_NOISE = re.compile(r"[\s_\-./\\:：()（）\[\]【】°'\"\ufeff]+")
_BEFORE = r"(?:^|(?<=[\u4e00-\u9fff])|(?<=^baidu)|(?<=^gaode)|(?<=^amap)|(?<=^bd)|(?<=^gcj)|(?<=^gd))"
"""What may stand before the letters of an axis: 高德X, baiduX, bdlng."""
_LON = re.compile(rf"经度|东经|{_BEFORE}(?:lon|lng|long|longitude|x)$")
_LAT = re.compile(rf"纬度|北纬|{_BEFORE}(?:lat|latitude|y)$")
_AFTER = r"(?:$|[\s_-]|(?=(?:lon|lng|lat|x$|y$)))"
_SYSTEMS = (
    (re.compile(rf"bd[\s_-]?0?9|(?:^|[\s_-])bd{_AFTER}|百度|baidu"), "BD-09"),
    (
        re.compile(
            rf"gcj|高德|火星|腾讯|国测局|amap|gaode|tencent|(?:^|[\s_-])(?:mars|(?:gd|tx|qq){_AFTER})"
        ),
        "GCJ-02",
    ),
    (re.compile(r"wgs|(?:^|[\s_-])gps|gps(?:$|[\s_-])"), "WGS84"),
    (re.compile(r"cgcs|国家2000|2000国家|大地2000|2000坐标|天地图"), "CGCS2000"),
    (re.compile(r"(?:西安|xi.?an)[\s_-]?(?:19)?80"), "EPSG:4610"),
    (re.compile(r"(?:北京|beijing)[\s_-]?(?:19)?54"), "EPSG:4214"),
)
_SIMPLER = str.maketrans(
    "經緯東編號稱業單機構產類別園區縣鎮鄉標狀態電話碼詳細點圖場廠區",
    "经纬东编号称业单机构产类别园区县镇乡标状态电话码详细点图场厂区",
)
"""Traditional characters of the words that name columns."""
_UNITS = re.compile(r"[(（\[【].*?[)）\]】]")
_DECIMAL = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d+\.\d+")
_UNIT_WORDS = {
    "家", "个", "户", "人", "名", "度", "°", "度分秒", "十进制度", "米", "m", "公里", "千米", "km",
    "亩", "公顷", "ha", "平方米", "m2", "平方公里", "km2", "立方米", "m3", "吨", "t", "万吨", "千克",
    "kg", "元", "千元", "万元", "百万元", "亿元", "%", "年", "月", "日", "时", "小时", "h", "分钟",
    "min", "台", "套", "件", "辆", "deg", "degree", "degrees", "person", "persons", "yuan", "cny",
}  # fmt: skip
_ANGLE_PARTS = ("度", "分", "秒")
_LOOKED_AT = 10
"""Rows at the top of a table among which its header is looked for."""


def _folded(name: str) -> str:
    """A name in half-width small letters and simplified characters."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_SIMPLER)


def plain_name(name: str) -> str:
    """Return a column name without case, units, spaces and punctuation, in half-width letters."""
    folded = _folded(name)
    return _NOISE.sub("", _UNITS.sub("", folded)) or _NOISE.sub("", folded)


@functools.cache
def _catalogue() -> dict[str, dict[str, tuple[str, ...]]]:
    table = tomllib.loads((CATALOGUES / "columns.toml").read_text(encoding="utf-8"))
    return {
        role: {key: tuple(plain_name(name) for name in names) for key, names in entry.items()}
        for role, entry in table.items()
    }


@functools.cache
def aliases() -> dict[str, tuple[str, ...]]:
    """Role → plain names, the best known first (data/catalogues/columns.toml)."""
    return {role: entry["names"] for role, entry in _catalogue().items()}


def header_cells(role: str, column: str) -> list[str]:
    """Texts that a second header would have in a role's column: its own name, and the names of the list."""
    table = tomllib.loads((CATALOGUES / "columns.toml").read_text(encoding="utf-8"))
    return [column, column.strip(), *table[role]["names"]]


def is_unit(cell: str) -> bool:
    """Whether a cell holds nothing but a unit: 万元, (人), 单位：吨/年."""
    text = unicodedata.normalize("NFKC", cell).casefold().strip().removeprefix("单位:")
    parts = text.strip("()[]【】 ").split("/")
    return all(part.strip() in _UNIT_WORDS for part in parts)


def holds_words(role: str, column: str) -> bool:
    """Whether a column's name holds words of a role, among others."""
    name = plain_name(column)
    return any(word in name for word in _catalogue().get(role, {}).get("words", ()))


def is_registered_address(column: str) -> bool:
    """Whether a column's name says that its addresses are those of the business register: 注册地址, 住所."""
    name = plain_name(column)
    return any(word in name for word in _catalogue()["address"]["registered"])


def find_roles(columns: Sequence[str], stated: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each role at most one column.

    A name of the list first, then the only column whose name holds words of the role. A column has one
    role; a credit code alone names the firm too where nothing else does.

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
    for role in aliases():
        if role in roles:
            continue
        free = [column for column in columns if column not in roles.values()]
        held = [column for column in free if holds_words(role, column)]
        if len(held) == 1:
            roles[role] = held[0]
    if "id" not in roles and "credit_code" in roles:
        roles["id"] = roles["credit_code"]
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
        words = [word for word in _NOISE.split(_folded(column)) if word]
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
    folded = _folded(name)
    return next((system for pattern, system in _SYSTEMS if pattern.search(folded)), None)


def joined_header(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Names of a header row; its blank cells take the name that stands in the row above.

    Where 坐标 is merged above 经度 and 纬度, the names beside it stand in the upper row alone. A
    title has one filled cell and names nothing. Where 度, 分, 秒 stand below a merged 经度, each takes its
    name too: 经度（度）.
    """
    names = [cell.strip() for cell in rows[place]]
    above = [cell.strip() for cell in rows[place - 1]] if place else []
    if _parts_of_angles(names):
        merged = [""]
        for own in above:
            merged.append(own or merged[-1])
        names = [
            f"{upper}（{name}）" if name in _ANGLE_PARTS else name
            for name, upper in zip(names, merged[1:] + merged[-1:] * len(names), strict=False)
        ]
    joined = [name or upper for name, upper in zip(names, above, strict=False)]
    if sum(map(bool, above)) < 2 or joined == names[: len(joined)]:
        return names
    return joined + (names[len(above) :] or above[len(names) :])


def _parts_of_angles(cells: Sequence[str]) -> bool:
    """Whether a row below a header names nothing but degrees, minutes and seconds of two angles."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) >= 4 and set(filled) <= set(_ANGLE_PARTS) and {"度", "分"} <= set(filled)


def header_row(rows: Sequence[Sequence[str]], numbers: Sequence[int] | None = None) -> int:
    """Index of the row that holds the column names.

    The first row in which two roles are recognised; title rows above it are passed over. Where the
    coordinates are named one row further down only (a header of two rows), that row. Where no row
    is recognised, the first one is taken, if it can be a header.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows that hold anything.
    numbers : sequence of int, optional
        Where each stands in the file, from 1; by default one below the other.

    Raises
    ------
    ChoiceError
        If a row further down has more known names, or the first row has far fewer cells than the
        next and no name in either is known.
    SourceError
        If the table begins with numbers: it has no header.
    """
    numbers = numbers or range(1, len(rows) + 1)
    known = {name for names in aliases().values() for name in names}
    coordinates = {*aliases()["lon"], *aliases()["lat"]}
    plain = [{plain_name(cell) for cell in row} - {""} for row in rows[:_LOOKED_AT]]
    counts = [len(names & known) for names in plain]
    first = next((place for place, count in enumerate(counts) if count >= 2), None)
    if first is None:
        return _unknown_header(rows, numbers)
    below = plain[first + 1] if first + 1 < len(plain) else set()
    if not plain[first] & coordinates and len(below & coordinates) >= 2:
        first += 1
    elif plain[first] & coordinates and first + 1 < len(rows) and _parts_of_angles(rows[first + 1]):
        first += 1
        counts[first] = counts[first - 1]
    better = [place for place in range(first + 1, len(counts)) if counts[place] > counts[first]]
    if better:
        raise _ask_header(rows, numbers, [first, better[0]])
    return first


def _unknown_header(rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> int:
    """The first row, where no name in it is known: unless it is a title, or a record already."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:_LOOKED_AT]]
    if not filled:
        return 0
    top = [unicodedata.normalize("NFKC", cell).strip() for cell in rows[0]]
    if sum(_DECIMAL.fullmatch(cell) is not None for cell in top) >= 2:
        raise SourceError(
            N_("line {line} holds numbers where the names of the columns should stand"),
            hint=N_("write a line of names above it, for example 名称, 经度, 纬度"),
            where=f"line {numbers[0]}",
            code="NO_HEADER",
            line=numbers[0],
        )
    if filled[0] == 1 and len(filled) > 2 and filled[1] > 2:
        raise _ask_header(rows, numbers, list(range(1, min(4, len(filled)))))
    return 0


def _ask_header(rows: Sequence[Sequence[str]], numbers: Sequence[int], places: Sequence[int]) -> ChoiceError:
    said = [", ".join(cell.strip() for cell in rows[place] if cell.strip())[:200] for place in places]
    return ChoiceError(
        N_("the names of the columns could stand in line {lines}"),
        hint=N_("choose the line that names them"),
        about="header",
        code="HEADER",
        options=[
            Option(str(numbers[place]), text, f"--header {numbers[place]}")
            for place, text in zip(places, said, strict=True)
        ],
        preview=[
            {"line": number, "cells": ", ".join(row)[:200]}
            for number, row in zip(numbers, rows, strict=False)
        ],
        lines=", ".join(str(numbers[place]) for place in places),
    )
