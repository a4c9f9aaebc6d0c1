"""Rows of a table that are no records: units below the header, the header once more, totals at the end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layers.sources.checked import Rows
from layers.sources.columns import header_cells, is_unit, plain_name

__all__ = ["reject_stray_rows"]

_TOTALS = (
    "合计",
    "总计",
    "小计",
    "共计",
    "合 计",
    "总 计",
    "小 计",
    "合　计",
    "Total",
    "total",
    "TOTAL",
    "Sum",
)
_TELLING = ("lon", "lat", "name", "id", "address", "industry")
"""Roles whose columns are looked at for a second header; most tables have two of them."""


def reject_stray_rows(rows: Rows, roles: Mapping[str, str], *, placed: bool) -> None:
    """Set aside, each by its own name, what would else be counted as a firm.

    ``UNITS_ROW``: the first row, where every filled cell is a unit (家, 度, 万元) and there are two or
    more. ``REPEATED_HEADER``: a row that has a column's name in two columns of known roles or more,
    and no number. ``TOTALS_ROW``: a row that begins with 合计 or the like, in a table whose rows need
    no place (`placed` is false); elsewhere it lacks coordinates and is rejected for that.

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
    begun = np.zeros(len(source), dtype=bool)
    for column in source.columns[:2]:
        rows.reject(source[column].isin(_TOTALS).to_numpy(dtype=bool) & ~begun, "TOTALS_ROW", str(column))
        begun |= (source[column] != "").to_numpy(dtype=bool)
