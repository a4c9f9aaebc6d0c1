"""Rows of a table that are no records: units or numbers of columns, the header once more, totals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow.compute as pc

from layers.sources.checked import Rows
from layers.sources.columns import header_cells, is_unit, plain_name
from layers.sources.distinct import as_arrow

__all__ = ["reject_placed_totals", "reject_stray_rows"]

_TOTALS = (
    r"(?i)^\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|汇\s*总|平\s*均[数值]?|(?:sub)?total|sum|average)"
    r"\s*(?:[(（]?\s*\d*\s*[家户个]?\s*[)）]?)\s*[:：]?\s*$"
)
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_LAST = 50
"""Rows at the end of a table of places among which averages and sums of coordinates are looked for."""
_NUMBERED = 5
"""Numbered columns of a table without places; fewer may be a record."""
_TELLING = ("lon", "lat", "name", "id", "address", "industry")
"""Roles whose columns are looked at for a second header; most tables have two of them."""


def reject_stray_rows(rows: Rows, roles: Mapping[str, str], *, placed: bool) -> None:
    """Set aside, each by its own name, what would else be counted as a firm.

    ``UNITS_ROW``: the first row, where every filled cell is a unit (家, 度, 万元) and there are two or
    more. ``REPEATED_HEADER``: a row that has a column's name in two columns of known roles or more,
    and no number. ``COLUMN_NUMBERS``: the first row, where the cells are 1, 2, 3 …, or 甲, 乙, 1, 2 …, as
    statistics number their columns. ``TOTALS_ROW``: a row that begins with 合计 or the like, in a table
    whose rows need no place (`placed` is false); elsewhere it lacks coordinates and is rejected for that.

    Notes
    -----
    O(n): whole columns are compared with a few words.
    """
    source = rows.source
    if not len(source):
        return
    filled = [text for cell in source.iloc[0] if (text := str(cell).strip())]
    if sum(map(is_unit, filled)) >= 2 and all(is_unit(text) or plain_name(text) == "" for text in filled):
        rows.reject(np.arange(len(source)) == 0, "UNITS_ROW")

    if _numbers_columns(filled) and (placed or len(filled) >= _NUMBERED):
        rows.reject(np.arange(len(source)) == 0, "COLUMN_NUMBERS")

    known = [role for role in _TELLING if role in roles][:2]
    again = np.arange(len(source)) if len(known) == 2 else np.zeros(0, dtype=np.int64)
    for role in known:
        cells = source[roles[role]].iloc[again] if len(again) < len(source) else source[roles[role]]
        again = again[cells.isin(header_cells(role, roles[role])).to_numpy(dtype=bool)]
    numbers = source.iloc[again].apply(lambda cells: cells.astype(str).str.contains(r"\d\.\d")).any(axis=1)
    hit = np.zeros(len(source), dtype=bool)
    hit[again[~numbers.to_numpy(dtype=bool)]] = True
    rows.reject(hit, "REPEATED_HEADER")

    if placed:
        return
    _reject_totals(rows, 0)


def reject_placed_totals(rows: Rows) -> None:
    """Set aside sums and averages that have coordinates, at the end of a table of places."""
    _reject_totals(rows, max(0, len(rows) - _LAST))


def _reject_totals(rows: Rows, start: int) -> None:
    begun = np.zeros(len(rows) - start, dtype=bool)
    for column in rows.source.columns[:2]:
        cells = as_arrow(rows.source[column].iloc[start:])
        total = pc.match_substring_regex(cells, _TOTALS).to_numpy(zero_copy_only=False).astype(bool)
        hit = np.zeros(len(rows), dtype=bool)
        hit[start:] = total & ~begun
        rows.reject(hit, "TOTALS_ROW", str(column))
        begun |= pc.not_equal(cells, "").to_numpy(zero_copy_only=False).astype(bool)


def _numbers_columns(filled: list[str]) -> bool:
    """Whether cells are 1, 2, 3 and so on, the first of them perhaps 甲, 乙 and so on."""
    stems = next((place for place, text in enumerate(filled) if text not in _STEMS), len(filled))
    return (
        len(filled) >= 3
        and filled[:stems] == list(_STEMS[:stems])
        and filled[stems:] == [str(number) for number in range(1, len(filled) - stems + 1)]
    )
