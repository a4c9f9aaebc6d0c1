"""Which county or city an address names, offline; nothing is taken that two units could be meant by.

An address is read from its beginning: province, city, county, each of which may be missing or written
short (福建泉州南安水头…). What follows, towns, streets and houses, is not looked up.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import REFERENCE
from layers.admin import units

__all__ = ["find_units"]

_HEAD = 40
"""Characters that an address's units can take up; what stands behind them is not looked at."""
_SPACES = r"[\s,，.。、;；:：\-－—_/|·•()（）\[\]【】〔〕<>《》\"'“”]+"
_LEADING = r"^(?:[0-9A-Za-z#*]+|邮编|(?:注册|经营|通讯|联系|生产|办公)?地址?|住所地?|中华人民共和国|中国)+"
# Behind a name these make a street or a market of it: 南安路, 南安市场.
_STREET = re.compile(r"[东西南北中]?(?:路|街(?!道)|大街|大道|巷|弄|胡同|场)")
_STREET_BEHIND = r"^[东西南北中]?(?:路|街|大街|大道|巷|弄|胡同|场)"
# Behind a short name of a county these make a town or a house of it: 惠安大厦, 安溪新村.
_THING = re.compile(
    r"[东西南北中上下前后内外新老大小一二三四五六七八九十]?"
    r"(?:路|街|大街|大道|道|巷|弄|里|胡同|镇|乡|村|屯|庄|湾|港|桥|湖|江|河|山|站|场|园|城|楼|院|厂|店|门|公司|集团"
    r"|大厦|广场|酒店|宾馆|饭店|商|国际|花园|小区|中心|大学|学院|公寓|银行|工业|开发|经济|高新)"
)
_SIMPLE = str.maketrans("臺灣縣區園義雲東蓮蘭別門觀", "台湾县区园义云东莲兰别门观")
"""Traditional characters in the names of Taiwan's, Hong Kong's and Macau's units."""
_FILLER = re.compile(r"(?:市辖区|(?:省|自治区)?直辖县级?(?:行政区划|行政单位)?|生产建设兵团)")
_LEVELS = {"province": 0, "city": 1, "county": 2}
_CITIES_OF_THEIR_OWN = frozenset({"110000", "120000", "310000", "500000", "810000", "820000"})
"""Municipalities and special administrative regions: cities without a province above them."""
_WHOLE, _SHORT, _ANOTHER_KIND = range(3)
"""How a word names a unit: as it is called, without its kind, or with that of former days (南海市)."""


class _Unit(NamedTuple):
    """A unit that a word may mean."""

    adcode: str
    level: int
    how: int


class _Reading(NamedTuple):
    """One way to read an address: where it ends, the unit, the words of the text."""

    end: int
    unit: _Unit
    words: tuple[str, ...]


def find_units(addresses: pd.Series) -> pd.DataFrame:
    """Find the smallest unit, county or city, that each address names beyond doubt.

    Parameters
    ----------
    addresses : Series of n texts

    Returns
    -------
    DataFrame
        Index of `addresses`; ``adcode`` (empty where none), ``level`` (county, city or empty),
        ``words`` (what of the text was understood, divided by blanks) and ``why``: empty, or why the
        address has no unit: ``unknown`` (it begins with no unit's name), ``province`` (it names no
        more than that), ``ambiguous`` (several units bear the name) or ``contradiction`` (a county of
        another city follows).

    Notes
    -----
    Municipalities (北京) and the two special administrative regions count as cities. Short names of
    counties count behind their city or province only, and never where a street, a town or a house
    is called so. Former names (海门市, 那曲地区) give today's unit, or the city where a unit's land went
    to several. Addresses in Latin letters are unknown. O(n): addresses that begin with whole names are
    looked up by Arrow, of the others each different beginning is read once.
    """
    text = addresses.fillna("").astype(str)
    told = _paths()
    place = _whole_path(text)
    rest = np.flatnonzero(place < 0)
    heads, number = _heads(text.iloc[rest])
    read = [_read(head) for head in heads]
    place[rest] = len(told) + number
    table = pd.DataFrame([*told.values(), *read], columns=["adcode", "level", "words", "why"], dtype=object)
    return table.take(place).set_axis(addresses.index)


def _heads(text: pd.Series) -> tuple[list[str], NDArray[np.int64]]:
    """Different beginnings of addresses in one spelling, and which of them each has."""
    plain = text.str.normalize("NFKC").str.replace(_SPACES, "", regex=True)
    plain = plain.str.replace(_LEADING, "", regex=True)
    # No unit's name holds a digit: house numbers are cut off, so that fewer texts differ.
    plain = plain.str.replace(r"[0-9A-Za-z].*$", "0", regex=True).str[:_HEAD]
    number, heads = pd.factorize(plain)
    return [str(head).translate(_SIMPLE) for head in heads], np.asarray(number, dtype=np.int64)


def _whole_path(text: pd.Series) -> NDArray[np.int64]:
    """Position in `_paths` of what an address begins with, where that is written in full; else -1.

    Most addresses are: a million of them take a second, which one by one would take a minute.
    """
    found = np.full(len(text), -1, dtype=np.int64)
    paths = pa.array(_paths(), pa.large_string())
    lengths = np.asarray(pc.utf8_length(paths))
    cells = pa.array(text, pa.large_string())
    open_ = np.arange(len(text))
    # Lengths that a few addresses have come first: most rows are done after three or four.
    few = _lengths_of(cells.slice(0, 1_000), paths, lengths)
    for length in [*few, *sorted(set(lengths.tolist()) - set(few))]:
        if not len(open_):
            break
        own = cells.take(pa.array(open_)) if len(open_) < len(text) else cells
        begin = pc.utf8_slice_codeunits(own, 0, length)
        hit = np.asarray(pc.fill_null(pc.index_in(begin, value_set=paths), -1), dtype=np.int64)
        behind = pc.utf8_slice_codeunits(own, length, length + 3)
        hit[np.asarray(pc.match_substring_regex(behind, _STREET_BEHIND))] = -1
        found[open_] = hit
        open_ = open_[hit < 0]
    return found


def _lengths_of(cells: pa.Array, paths: pa.Array, lengths: NDArray[np.int64]) -> list[int]:
    """Lengths of the paths with which some addresses begin, the most frequent first."""
    counts = {
        length: pc.sum(pc.is_in(pc.utf8_slice_codeunits(cells, 0, length), value_set=paths)).as_py() or 0
        for length in set(lengths.tolist())
    }
    return sorted((length for length in counts if counts[length]), key=lambda one: (-counts[one], one))


@functools.lru_cache(maxsize=1)
def _paths() -> dict[str, tuple[str, str, str, str]]:
    """Whole names of county, city and province in a row, and what they are read as.

    Left out are those that may go on to another name (in whichever text), and what would not be read so.
    """
    table = units()
    own = table[table["level"] == "county"]
    texts: dict[str, tuple[str, str, str, str]] = {}
    begins = {word[:length] for word in _words() for length in range(2, len(word))}
    for adcode, name, parent in zip(own.index, own["name"], own["parent"], strict=True):
        above = [table["name"].at[parent]]
        if parent[2:] != "0000":
            above = [above[0], table["name"].at[parent[:2] + "0000"] + above[0]]
        for text in (one + name for one in above):
            read = _read(text)
            if name not in begins and read[0] == adcode and read[2].endswith(name):
                texts[text] = read
    return {
        text: read
        for text, read in texts.items()
        if not any(text[:cut] in texts for cut in range(2, len(text)))
    }


def _read(text: str) -> tuple[str, str, str, str]:
    """Return adcode, level, words and why there is no unit."""
    readings = list(_readings(text, 0, None))
    if not readings:
        return "", "", "", "unknown"
    end = max(reading.end for reading in readings)
    best = {reading.unit.adcode: reading for reading in readings if reading.end == end}
    if len(best) > 1:
        return "", "", "", "ambiguous"
    _, (adcode, level, _), words = best.popitem()[1]
    understood = " ".join(words)
    if level < 2 and _names_elsewhere(text, end, adcode):
        return "", "", understood, "contradiction"
    if level == 0 and adcode not in _CITIES_OF_THEIR_OWN:
        return "", "", understood, "province"
    return adcode, "county" if level == 2 else "city", understood, ""


def _readings(text: str, start: int, above: _Unit | None) -> Iterator[_Reading]:
    """Every way to read units from a place on, each within the one before it."""
    lengths = _lengths().get(text[start : start + 2], ())
    for length in lengths:
        word = text[start : start + length]
        if len(word) < length:
            continue
        for unit in _words().get(word, ()):
            end = start + length
            if not _counts(text, end, unit, above):
                continue
            while unit.how == _WHOLE and text.startswith(word, end):  # 北京市北京市朝阳区
                end += length
            filler = _FILLER.match(text, end)
            below = list(_readings(text, filler.end() if filler else end, unit)) if unit.level < 2 else []
            street = _STREET.match(text, end) is not None
            if street:  # 唐山市路南区 goes on with a unit, 唐山路北段 with a street
                below = [reading for reading in below if reading.unit.how == _WHOLE]
            for reading in below:
                yield reading._replace(words=(word, *reading.words))
            if street:
                continue
            alone = unit.how == _SHORT and (above is None or unit.adcode in _CITIES_OF_THEIR_OWN)
            # 长春药店 and 北京大厦 may stand anywhere: a short name alone says too little.
            if not alone or end == len(text) or _is_a_province(unit):
                yield _Reading(end, unit, (word,))


def _is_a_province(unit: _Unit) -> bool:
    return unit.level == 0 and unit.adcode not in _CITIES_OF_THEIR_OWN


def _counts(text: str, end: int, unit: _Unit, above: _Unit | None) -> bool:
    """Whether a word can mean a unit here."""
    if above is not None and (unit.level <= above.level or not _within(unit.adcode, above.adcode)):
        return False
    if unit.how == _WHOLE or (unit.how == _SHORT and unit.level < 2):
        return True
    return above is not None and (unit.how == _ANOTHER_KIND or not _THING.match(text, end))


def _within(adcode: str, above: str) -> bool:
    return adcode.startswith(above[:2] if above.endswith("0000") else above[:4])


def _names_elsewhere(text: str, start: int, adcode: str) -> bool:
    """Whether the whole name of a unit of another city or province comes next."""
    return any(
        unit.how == _WHOLE and not _within(unit.adcode, adcode) and not _STREET.match(text, start + length)
        for length in _lengths().get(text[start : start + 2], ())
        if 2 < length <= len(text) - start
        for unit in _words().get(text[start : start + length], ())
    )


@functools.lru_cache(maxsize=1)
def _words() -> dict[str, tuple[_Unit, ...]]:
    """Word → the units that it may mean."""
    found: dict[str, dict[str, _Unit]] = {}

    def add(word: str, adcode: str, level: int, how: int) -> None:
        found.setdefault(word, {}).setdefault(adcode, _Unit(adcode, level, how))

    table = units()
    level_of = {adcode: _LEVELS[level] for adcode, level in table["level"].items()}
    named = list(zip(table.index, table["name"], table["short"], strict=True))
    for adcode, name, _ in named:
        add(name, adcode, level_of[adcode], _WHOLE)
    for name, adcode in _former():
        add(name, adcode, level_of[adcode], _WHOLE)
    for adcode, name, short in named:
        if short and "自治" in name and name[-1] in "州县旗":  # 延边州, 积石山县
            add(short + name[-1], adcode, level_of[adcode], _WHOLE)
    for adcode, _, short in named:
        if short:
            add(short, adcode, level_of[adcode], _SHORT)
    for adcode, _, short in named:
        if short and level_of[adcode] == 2:
            for kind in ("市", "县", "区"):
                taken = found.get(short + kind, {})
                if not any(one[:4] == adcode[:4] and taken[one].how == _WHOLE for one in taken):
                    add(short + kind, adcode, 2, _ANOTHER_KIND)
    return {word: tuple(one.values()) for word, one in found.items()}


@functools.lru_cache(maxsize=1)
def _lengths() -> dict[str, tuple[int, ...]]:
    """First two characters → how long the words are that begin so, the longest first."""
    found: dict[str, set[int]] = {}
    for word in _words():
        found.setdefault(word[:2], set()).add(len(word))
    return {begin: tuple(sorted(lengths, reverse=True)) for begin, lengths in found.items()}


def _former() -> list[tuple[str, str]]:
    table = pd.read_csv(REFERENCE / "admin_former.csv", dtype=str, keep_default_na=False)
    return list(zip(table["name"], table["adcode"], strict=True))
