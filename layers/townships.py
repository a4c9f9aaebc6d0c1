"""Which township each firm is in: its own column says so, else its address; nothing is guessed."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from layers.addresses import find_units
from layers.admin import units

__all__ = ["find_townships"]

_HEAD = 60
_SPACES = r"[\s,，.。、;；:：\-－—_/|·•()（）\[\]【】]+"
_TOWN = re.compile(r"([\u4e00-\u9fff]{2,9}?)((?<!大)街道|镇|(?<!之)乡|苏木)")
"""At least two characters before the kind: 古镇镇 is read whole, 乡镇企业 and 老乡 are none."""
_ZONE = re.compile(r"([\u4e00-\u9fff]{0,12}?)开发区")
_NO_NAME = re.compile(r"^(?:本|该|各|原|全|外)|(?:城乡|乡镇|村镇|集体)")
_BEFORE = re.compile(r".[路街巷弄号村屯组厂园区县市楼栋幢室].")
"""Inside a longer name these end a street, a village or a house that comes first: 朴里村水头镇."""
_LONGEST_SURE = 3


def find_townships(firms: pd.DataFrame) -> pd.DataFrame:
    """Find the township, street office or development zone of each firm.

    Parameters
    ----------
    firms : DataFrame of n rows
        With `township` and `address`, as in schema `FIRMS`; both may be missing.

    Returns
    -------
    DataFrame
        Index of `firms`; ``township`` (text, empty where unknown) and ``known``: ``column``,
        ``address`` or empty.

    Notes
    -----
    An address is read when its county or city is known beyond doubt (`layers.addresses`): what comes
    directly behind, up to 镇, 乡, 街道 or 苏木, is the township; 开发区 where none of these follows it.
    A street, a village or a house between makes it unknown. A cell of the column is cut down to its
    township in the same way, and taken as it is written where that does not work. A name that
    townships of several counties bear is given with its county, and is unknown where the county is.
    O(n): each different text is read once.
    """
    stated = _texts(firms, "township")
    from_column, county_of_column = _read(stated, alone=True)
    from_column = from_column.where(from_column != "", stated)
    from_address, county = _read(_texts(firms, "address"))
    in_column = from_column != ""
    name = from_column.where(in_column, from_address)
    county = county_of_column.where(county_of_column != "", county)
    known = np.where(in_column, "column", np.where(from_address != "", "address", ""))
    table = pd.DataFrame({"township": _told_apart(name, county), "known": known}, index=firms.index)
    table.loc[table["township"] == "", "known"] = ""
    return table


def _texts(firms: pd.DataFrame, column: str) -> pd.Series:
    if column not in firms:
        return pd.Series("", index=firms.index, dtype=object)
    cells = firms[column].fillna("").astype(str).str.normalize("NFKC")
    return cells.str.replace(_SPACES, "", regex=True)


def _read(texts: pd.Series, *, alone: bool = False) -> tuple[pd.Series, pd.Series]:
    """Township behind the county of each text, and the code of the county; empty where unclear.

    `alone`: a text may begin with the township, as the cells of a column for townships do.
    """
    if not (texts != "").any():
        return texts, texts
    number, different = pd.factorize(texts.str[:_HEAD])
    found = find_units(pd.Series(different, dtype=object))
    names = [
        _behind(text, words) if adcode or (alone and not words) else ""
        for text, words, adcode in zip(different, found["words"], found["adcode"], strict=True)
    ]
    counties = [
        adcode if level == "county" else ""
        for adcode, level in zip(found["adcode"], found["level"], strict=True)
    ]

    def placed(values: list[str]) -> pd.Series:
        return pd.Series(np.array([*values, ""], dtype=object)[number], index=texts.index)

    return placed(names), placed(counties)


def _behind(text: str, words: str) -> str:
    """Township in what follows the units that were understood; empty where unclear."""
    rest = text
    for word in words.split():
        _before, sign, rest = rest.partition(word)
        if not sign:
            return ""
        while rest.startswith(word):  # 南安市南安市水头镇
            rest = rest.removeprefix(word)
    zone = _ZONE.match(rest)
    town = _TOWN.match(rest)
    if zone is not None and _is_clear(zone[1]):
        further = _TOWN.match(rest, zone.end())
        if further is not None and _is_clear(further[1]):
            return further[0]
        if town is None or town.end() > zone.end():
            return zone[0]
    return town[0] if town is not None and _is_clear(town[1]) else ""


def _is_clear(name: str) -> bool:
    if _NO_NAME.search(name):
        return False
    return len(name) <= _LONGEST_SURE or _BEFORE.search(name) is None


def _told_apart(name: pd.Series, county: pd.Series) -> pd.Series:
    """Put the county before a name that townships of several counties bear."""
    sure = (name != "") & (county != "")
    counties = county[sure].groupby(name[sure]).nunique()
    shared = name.isin(counties.index[counties > 1])
    if not shared.any():
        return name
    titles = county.map(units()["name"]).fillna("")
    return name.mask(shared, (titles + name).where(county != "", ""))
