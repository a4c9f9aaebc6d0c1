"""Coordinates as people write them in cells: numbers, degrees–minutes–seconds, two in one cell.

Plain numbers are read at once; what is left is put into one spelling by Arrow and matched by
patterns, so that a million odd cells take seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geo.area import CHINA_BOUNDS_DEG

__all__ = [
    "Cells",
    "Pairs",
    "hold_decimal_commas",
    "holds_pairs",
    "parse_angle",
    "parse_coordinates",
    "parse_numbers",
    "parse_pairs",
]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.object_]

_NUMBER = r"(?:\d+(?:\.\d*)?|\.\d+)"
_PLAIN = rf"^-?{_NUMBER}([eE][+-]?\d+)?$"
"""What Arrow reads as a number; whatever else may be one is looked at more closely."""
_GROUPED = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"
_SPACED = r"^[+-]?\d{1,3}(?: \d{3})+(?:\.\d+)?$"
_COMMA = r"^[+-]?\d+,\d+$"
_ONE_GROUP = r"^[+-]?\d{1,3},\d{3}$"
"""Either 118 425 or 118.425: the column says which."""
_UNIT = r"(?i)(?:^\+)|\s*(?:°|m|米)$"
_SIDE = r"[NSEW]|[东西]经?|[南北]纬?"
_DEGREES = (
    r"(?:[+-]?\s*\d{1,3}\s*[°d]\s*(?:\d{1,2}(?:\.\d+)?\s*['m]\s*(?:\d{1,2}(?:\.\d+)?\s*[\"s]?(?:\.\d+)?)?"
    r"|\d{1,2}(?:\.\d+)?\s*[\"s])?|[+-]?\d{1,3}[-:\s]+\d{1,2}[-:\s]+\d{1,2}(?:\.\d+)?"
    rf"|[+-]?{_NUMBER}°?)"
)
_ONE = rf"(?:(?:{_SIDE})[:\s]*{_DEGREES}|{_DEGREES}\s*(?:{_SIDE})|{_DEGREES})"
_LETTERED = rf"(?:(?:{_SIDE})[:\s]*{_DEGREES}|{_DEGREES}\s*(?:{_SIDE}))"
_PLAIN_PAIR = rf"^[\s(\[]*(?P<a>-?{_NUMBER})\s*[,\s]\s*(?P<b>-?{_NUMBER})[)\]\s]*$"
_HALVES = (
    r"^(?P<a>[^;|/\t、]+)[;|/\t、](?P<b>[^;|/\t、]+)$",
    r"^(?P<a>\d+,\d+)[,\s]\s*(?P<b>\d+,\d+)$",  # commas part decimals too
    r"^(?P<a>[^,]+),(?P<b>[^,]+)(?:,\s*-?[\d.]*\s*)?$",  # a height is left out, as everywhere
    rf"(?i)^(?P<a>{_ONE})\s+(?P<b>{_ONE})$",
    rf"(?i)^(?P<a>{_LETTERED})\s*(?P<b>{_LETTERED})$",
)
_HEAD = rf"(?i)^(?P<before>[+-])?\s*(?P<side>{_SIDE})?[:\s]*(?P<sign>[+-])?\s*"
_TAIL = r"\s*(?P<end>[NSEW东西南北])?$"
_MARKED = (
    rf"{_HEAD}(?P<deg>\d{{1,3}})\s*[°d]\s*(?:(?P<min>\d{{1,2}}(?:\.\d+)?)\s*['m]\s*"
    r"(?:(?P<sec>\d{1,2}(?:\.\d+)?)\s*[\"s]?(?P<frac>\.\d+)?)?|(?P<only>\d{1,2}(?:\.\d+)?)\s*[\"s])?" + _TAIL
)
_DASHED = rf"{_HEAD}(?P<deg>\d{{1,3}})[-:\s]+(?P<min>\d{{1,2}})[-:\s]+(?P<sec>\d{{1,2}}(?:\.\d+)?)" + _TAIL
_SIDED = rf"{_HEAD}(?P<deg>{_NUMBER})\s*°?" + _TAIL
_SPELLINGS = (
    # What is seen by nobody, and marks that make a text of a number in Excel: '118.4, ="118.4".
    (r"[\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{FEFF}]", ""),
    (r"^\s*=\"([^\"]*)\"\s*$", r"\1"),
    (r"^\s*['’‘`]|[,，、;；。]\s*$", ""),
    # Before compatibility forms are folded, which makes an o of a raised one and a blank of an accent.
    ("[º˚゜ﾟ∘]", "°"),
    ("´", "'"),
    (None, "NFKC"),
    ("[−–—‐‑‒]", "-"),
    (r"(\d)。(\d)", r"\1.\2"),  # typed in Chinese
    ("[′’‘´`ʹ]", "'"),
    ("[″”“〃ʺ]", '"'),
    ("''", '"'),
    ("度", "°"),
    ("分", "'"),
    ("秒", '"'),
)
_LABELS = (
    (r"(?i)^\s*(?:经纬度|坐标|位置|gps)\s*[:=]\s*", ""),
    (r"(?i)^\s*(?:srid=\d+\s*;\s*)?point\s*z?\s*(\(.*\))$", r"\1"),
    (r"(?i)^x\s*[:=]\s*(.+?)[,;\s]+y\s*[:=]\s*(.+)$", r"\1,\2"),
    (r"(?i)(?:东经|经°|longitude|long|lon|lng)\s*'?\s*[:=]?\s*", "E"),
    (r"(?i)(?:北纬|纬°|latitude|lat)\s*'?\s*[:=]?\s*", "N"),
)
_NO_VALUE = r"^(?:null|NULL|\\N|[-—–－]+|[/\\]+|\*+)$"
"""What people write where they have nothing."""
_SAMPLE, _MOST = 200, 0.8
_NONE = pa.scalar("", pa.large_string())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Numbers out of one column.

    Attributes
    ----------
    values : ndarray of shape (n,)
        NaN where there is none.
    codes : ndarray of shape (n,), str
        Empty, or MISSING_COORD, BAD_NUMBER, NONFINITE_COORD.
    rewritten : ndarray of shape (n,), bool
        Whether the cell was no plain number and had to be put into another spelling.
    """

    values: Floats
    codes: Codes
    rewritten: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Two coordinates out of each cell of one column, longitude or easting first.

    Attributes
    ----------
    x, y : ndarray of shape (n,)
    codes : ndarray of shape (n,), str
    rewritten : ndarray of shape (n,), bool
    exchanged : ndarray of shape (n,), bool
        Whether latitude stood first.
    sure : bool
        Whether letters or numbers say which comes first; if not, it has to be asked.
    """

    x: Floats
    y: Floats
    codes: Codes
    rewritten: Flags
    exchanged: Flags
    sure: bool


def parse_numbers(texts: Sequence[str] | pd.Series) -> tuple[Floats, Codes]:
    """Read decimal numbers and degrees–minutes–seconds; a comma parts thousands.

    Parameters
    ----------
    texts : sequence or Series of n str

    Returns
    -------
    values : ndarray of shape (n,)
        NaN where there is none.
    codes : ndarray of shape (n,)
        Empty, or MISSING_COORD, BAD_NUMBER, NONFINITE_COORD.
    """
    found = _parse(_arrow(texts), decimal_comma=False)
    return found.values, found.codes


def parse_coordinates(texts: Sequence[str] | pd.Series, *, in_degrees: bool | None = None) -> Cells:
    """Read a column of longitudes, latitudes, eastings or northings.

    Parameters
    ----------
    texts : sequence or Series of n str
    in_degrees : bool, optional
        Whether it is known that these are degrees, or that they are metres.

    Notes
    -----
    O(n). A comma parts decimals where the column says so: no cell has a point, and one has other than
    three digits behind its only comma. Where all have three (118,425), only whoever says that these
    are degrees makes it one; else it parts thousands.
    """
    return _parse(_arrow(texts), decimal_comma=False if in_degrees is False else None, degrees=in_degrees)


def hold_decimal_commas(lon: Sequence[str] | pd.Series, lat: Sequence[str] | pd.Series) -> bool:
    """Whether two columns hold nothing but numbers like 118,425 that as degrees would lie in China.

    Parameters
    ----------
    lon, lat : sequence or Series of n str
        Empty cells do not count.

    Notes
    -----
    118 425 m is as good a reading: 23,500 and 118,425 are places on a town's own grid too. O(1) where
    the first cells say otherwise, else O(n).
    """
    if len(lon) > _SAMPLE and not hold_decimal_commas(lon[:_SAMPLE], lat[:_SAMPLE]):
        return False
    halves = []
    for texts in (lon, lat):
        spelt = _spelt(_arrow(texts).unique())
        bare = pc.replace_substring_regex(spelt.filter(pc.not_equal(spelt, "")), _UNIT, "")
        if not len(bare) or not pc.all(pc.match_substring_regex(bare, _ONE_GROUP)).as_py():
            return False
        halves.append(pc.replace_substring(bare, ",", ".").cast(pa.float64()).to_numpy())
    west, south, east, north = CHINA_BOUNDS_DEG
    x, y = halves
    return bool(x.min() >= west and x.max() <= east and y.min() >= south and y.max() <= north)


def parse_angle(text: str) -> float | None:
    """Read one angle in degrees, or None where it is none."""
    found = _parse(pa.array([text], pa.large_string()), decimal_comma=False)
    return None if found.codes[0] else float(found.values[0])


def holds_pairs(texts: Sequence[str] | pd.Series) -> bool:
    """Whether most of the first filled cells of a column hold a longitude and a latitude in China each."""
    cells = _arrow(texts)
    filled = cells.filter(pc.not_equal(pc.utf8_trim_whitespace(cells), "")).slice(0, _SAMPLE)
    if not len(filled):
        return False
    found = _parse_pairs(filled)
    return bool(_in_china(found.x, found.y).mean() >= _MOST)


def parse_pairs(texts: Sequence[str] | pd.Series, first: str | None = None) -> Pairs:
    """Read ``118.42,24.71``, ``24.71N 118.42E``, ``(118.42 24.71)``, ``118°25′ 24°42′`` and the like.

    Parameters
    ----------
    texts : sequence or Series of n str
    first : {"x", "y"}, optional
        Which comes first in cells without letters. Else the numbers say it where they can: no latitude
        is above 90°, and where both could be latitudes only one order lies in China.
    """
    return _parse_pairs(_arrow(texts), first)


def _arrow(texts: Sequence[str] | pd.Series) -> pa.Array:
    cells = texts if isinstance(texts, pd.Series) else pd.Series(list(texts), dtype="str")
    plain = pa.array(cells, pa.large_string(), from_pandas=True)
    plain = plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
    return pc.fill_null(plain, "")


def _numbers(cells: pa.Array, where: pa.Array) -> Floats:
    values = pc.cast(pc.if_else(where, cells, None), pa.float64())
    return np.array(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _parse(cells: pa.Array, *, decimal_comma: bool | None, degrees: bool | None = None) -> Cells:
    values = _numbers(cells, pc.match_substring_regex(cells, _PLAIN))
    codes = np.full(len(values), "", dtype=object)
    rest = np.flatnonzero(~np.isfinite(values))  # plain numbers need no second look
    rewritten = np.zeros(len(values), dtype=bool)
    if len(rest):
        odd = cells.take(pa.array(rest))
        if decimal_comma is None:
            decimal_comma = _comma_is_decimal(cells, odd, degrees=bool(degrees))
        values[rest], codes[rest] = _parse_odd(odd, decimal_comma=decimal_comma)
        rewritten[rest] = codes[rest] == ""
    return Cells(values=values, codes=codes, rewritten=rewritten)


def _spelt(cells: pa.Array) -> pa.Array:
    """One spelling for what looks alike: full-width signs, dashes, primes, 度分秒."""
    for pattern, by in _SPELLINGS:
        if pattern is None:
            cells = pc.utf8_normalize(cells, form=by)
        else:
            cells = pc.replace_substring_regex(cells, pattern, by)
    return pc.utf8_trim_whitespace(cells)


def _parse_odd(cells: pa.Array, *, decimal_comma: bool) -> tuple[Floats, Codes]:
    spelt = _spelt(cells)
    bare = pc.replace_substring_regex(spelt, _UNIT, "")
    groups = pc.match_substring_regex(bare, _SPACED)
    commas = pc.match_substring_regex(bare, _GROUPED)
    if decimal_comma:
        comma = pc.match_substring_regex(bare, _COMMA)
        bare = pc.if_else(comma, pc.replace_substring(bare, ",", "."), bare)
        commas = pc.and_(commas, pc.invert(comma))
    bare = pc.if_else(commas, pc.replace_substring(bare, ",", ""), bare)
    bare = pc.if_else(groups, pc.replace_substring(bare, " ", ""), bare)
    values = _numbers(bare, pc.match_substring_regex(bare, _PLAIN))
    codes = np.full(len(values), "", dtype=object)
    nothing = pc.or_(pc.equal(spelt, ""), pc.match_substring_regex(spelt, _NO_VALUE))
    codes[np.asarray(nothing.to_numpy(zero_copy_only=False), dtype=bool)] = "MISSING_COORD"
    words = pc.match_substring_regex(bare, r"(?i)^[+-]?(nan|inf|infinity)$").to_numpy(zero_copy_only=False)
    codes[np.isinf(values) | words.astype(bool)] = "NONFINITE_COORD"
    rest = np.flatnonzero(np.isnan(values) & (codes == ""))
    if len(rest):
        values[rest], _ = _angles(spelt.take(pa.array(rest)))
        codes[rest[np.isnan(values[rest])]] = "BAD_NUMBER"
    values[codes != ""] = np.nan
    return values, codes


def _comma_is_decimal(cells: pa.Array, odd: pa.Array, *, degrees: bool) -> bool:
    bare = pc.replace_substring_regex(_spelt(odd), _UNIT, "")
    commas = bare.filter(pc.match_substring_regex(bare, _COMMA))
    if not len(commas) or pc.any(pc.match_substring_regex(bare, r",.*[,.]")).as_py():
        return False
    if pc.any(pc.match_substring_regex(cells, r"^-?\d*\.\d")).as_py():
        return False  # one column does not part its decimals in two ways
    return degrees or not pc.all(pc.match_substring_regex(commas, _ONE_GROUP)).as_py()


def _angles(spelt: pa.Array) -> tuple[Floats, NDArray[np.int8]]:
    """Degrees, NaN where there are none, and the axis that a letter names: 1 longitude, 2 latitude."""
    values = np.full(len(spelt), np.nan)
    axes = np.zeros(len(spelt), dtype=np.int8)
    for pattern in (_MARKED, _DASHED, _SIDED):
        todo = np.flatnonzero(np.isnan(values))
        if not len(todo):
            break
        found = pc.extract_regex(spelt.take(pa.array(todo)), pattern)
        matched = np.asarray(pc.is_valid(found).to_numpy(zero_copy_only=False), dtype=bool)
        if matched.any():
            at = todo[matched]
            values[at], axes[at] = _degrees(found.filter(pa.array(matched)))
    return values, axes


def _degrees(found: pa.Array) -> tuple[Floats, NDArray[np.int8]]:
    names = {found.type.field(place).name for place in range(found.type.num_fields)}

    def part(name: str) -> Floats:
        if name not in names:
            return np.zeros(len(found))
        texts = pc.struct_field(found, name)
        return np.nan_to_num(_numbers(texts, pc.not_equal(texts, "")))

    minutes, seconds = part("min"), part("sec") + part("only")
    if "frac" in names:  # 30″.5: the decimals stand behind the sign
        seconds = seconds + part("frac")
    degrees = part("deg") + minutes / 60 + seconds / 3600
    letters = pc.utf8_upper(
        pc.binary_join_element_wise(pc.struct_field(found, "side"), pc.struct_field(found, "end"), _NONE)
    )
    minus = pc.match_substring_regex(letters, "[SW南西]").to_numpy(zero_copy_only=False).astype(bool)
    signs = pc.binary_join_element_wise(
        pc.struct_field(found, "before"), pc.struct_field(found, "sign"), _NONE
    )
    minus ^= pc.equal(signs, "-").to_numpy(zero_copy_only=False).astype(bool)
    axes = np.zeros(len(found), dtype=np.int8)
    axes[pc.match_substring_regex(letters, "[EW东西]").to_numpy(zero_copy_only=False).astype(bool)] = 1
    axes[pc.match_substring_regex(letters, "[NS南北]").to_numpy(zero_copy_only=False).astype(bool)] = 2
    both = pc.greater(pc.utf8_length(pc.struct_field(found, "side")), 0).to_numpy(zero_copy_only=False)
    both = both & pc.greater(pc.utf8_length(pc.struct_field(found, "end")), 0).to_numpy(zero_copy_only=False)
    wrong = (minutes >= 60) | (seconds >= 60) | both.astype(bool)
    return np.where(wrong, np.nan, np.where(minus, -degrees, degrees)), axes


def _halves(cells: pa.Array) -> list[pa.Array]:
    """Both halves of each cell; null where it does not fall into two. Plain pairs need no second look."""
    found = pc.extract_regex(cells, _PLAIN_PAIR)
    plain = pc.is_valid(found)
    halves = [pc.if_else(plain, pc.struct_field(found, name), None) for name in "ab"]
    rest = np.flatnonzero(~np.asarray(plain.to_numpy(zero_copy_only=False), dtype=bool))
    if len(rest):
        odd = _split(_spelt(cells.take(pa.array(rest))))
        halves = [
            pc.replace_with_mask(half, pc.invert(plain), part) for half, part in zip(halves, odd, strict=True)
        ]
    return halves


def _split(spelt: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Both halves of each cell that is put into one spelling; null where it does not fall into two."""
    bare = pc.if_else(pc.starts_with(spelt, "{"), pc.replace_substring(spelt, '"', ""), spelt)
    for pattern, by in _LABELS:
        bare = pc.replace_substring_regex(bare, pattern, by)
    bare = pc.replace_substring_regex(bare, r"[()\[\]{}<>【】]", " ")
    bare = pc.utf8_trim_whitespace(bare)
    halves: list[pa.Array] = [pa.nulls(len(bare), pa.large_string())] * 2
    for pattern in _HALVES:
        found = pc.extract_regex(bare, pattern)
        for place, name in enumerate("ab"):
            half = pc.if_else(pc.is_valid(found), pc.utf8_trim_whitespace(pc.struct_field(found, name)), None)
            halves[place] = pc.coalesce(halves[place], half)
    return halves[0], halves[1]


def _parse_pairs(cells: pa.Array, first: str | None = None) -> Pairs:
    halves = _halves(cells)
    values, axes, codes, odd = [], [], np.full(len(cells), "", dtype=object), np.zeros(len(cells), dtype=bool)
    bare = pc.utf8_trim_whitespace(cells)
    nothing = pc.or_(pc.equal(bare, ""), pc.match_substring_regex(bare, _NO_VALUE))
    empty = np.asarray(nothing.to_numpy(zero_copy_only=False), dtype=bool)
    codes[empty] = "MISSING_COORD"
    codes[~empty & np.asarray(pc.is_null(halves[0]).to_numpy(zero_copy_only=False), dtype=bool)] = (
        "BAD_NUMBER"
    )
    for half in (pc.fill_null(one, "") for one in halves):
        read = _parse(half, decimal_comma=None, degrees=True)
        bad = (codes == "") & (read.codes != "")
        codes[bad] = read.codes[bad]
        values.append(read.values)
        axes.append(_letters(half))
        odd |= read.rewritten
    good = codes == ""
    lettered = (axes[0] + axes[1]) == 3
    codes[good & ~lettered & (axes[0] == axes[1]) & (axes[0] > 0)] = "BAD_NUMBER"  # two of one kind
    named = np.where((axes[0] == 2) | (axes[1] == 1), 2, np.where((axes[0] == 1) | (axes[1] == 2), 1, 0))
    unsaid = (codes == "") & (named == 0)
    y_first, sure = _order(values[0][unsaid], values[1][unsaid]) if first is None else (first == "y", True)
    exchanged = (named == 2) | ((named == 0) & y_first)
    x, y = np.where(exchanged, values[1], values[0]), np.where(exchanged, values[0], values[1])
    bad = codes != ""
    x[bad], y[bad] = np.nan, np.nan
    return Pairs(x=x, y=y, codes=codes, rewritten=odd & ~bad, exchanged=exchanged & ~bad, sure=sure)


def _letters(half: pa.Array) -> NDArray[np.int8]:
    axes = np.zeros(len(half), dtype=np.int8)
    # In 118d25m30s the last letter is no south.
    south = r"(?i)^[NS南北]|[N南北]$|^[^d]*s$|s\s*s$"
    for number, pattern in ((1, r"(?i)^[EW东西]|[EW东西]$"), (2, south)):
        axes[pc.match_substring_regex(half, pattern).to_numpy(zero_copy_only=False).astype(bool)] = number
    return axes


def _order(first: Floats, second: Floats) -> tuple[bool, bool]:
    """Whether latitude comes first in cells without letters, and whether that is sure."""
    if not len(first):
        return False, True
    if (np.maximum(np.abs(first), np.abs(second)) > 180).mean() > 0.5:
        return False, True  # no degrees: which is north is looked for where the system is known
    over = np.abs(first) > 90, np.abs(second) > 90
    if over[0].any() or over[1].any():
        return bool(over[1].sum() > over[0].sum()), True
    home = [_in_china(first, second).mean(), _in_china(second, first).mean()]
    return bool(home[1] > home[0]), bool(max(home) >= 0.5 and min(home) <= 0.05)


def _in_china(lon: Floats, lat: Floats) -> Flags:
    west, south, east, north = CHINA_BOUNDS_DEG
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
