"""Dates as registers and Excel write them, into ISO; what could be read in two ways is asked."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import N_, ChoiceError, Option
from layers.sources.distinct import distinct

__all__ = ["ORDERS", "parse_dates"]

ORDERS = ("dmy", "mdy")
"""Day or month first, where the year stands last."""

_TIME = re.compile(r"[ T]+\d{1,2}(?::\d{1,2}){1,2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?$")
_YEAR_FIRST = r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*(?:[-/.月]\s*(?P<d>\d{1,2})\s*日?|月)?"
_YEAR_LAST = r"(?P<a>\d{1,2})\s*[-/.]\s*(?P<b>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})"
_COMPACT = r"(?P<y>(?:1[89]|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})?"
_YEAR = r"(?P<y>(?:1[6-9]|20)\d{2})\s*年?"
_SERIAL = r"(?P<n>\d{5})(?:\.\d+)?"
_EXCEL = np.datetime64("1899-12-30")
"""Day 0 of Excel's serial dates after February 1900, when its calendar has a day too many."""


def parse_dates(text: pd.Series, order: str | None = None) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Read dates cell by cell.

    Parameters
    ----------
    text : Series of n str
        2019-03-01, 2019/3/1, 2019.3, 2019年3月1日, 20190301, 201903, 2019, Excel's serial numbers,
        1/3/2019; full-width digits and a time of day behind are taken too.
    order : {"dmy", "mdy"}, optional
        What stands first where the year stands last. Without it, rows of which one number is above
        12 say it for the column.

    Returns
    -------
    dates : Series of n str
        ``2019-03-01``, ``2019-03`` or ``2019``, as much as is known; empty where nothing is.
    bad : ndarray of n bool
        Cells that hold something else than a date. A year of two digits is none.

    Raises
    ------
    ChoiceError
        If the year stands last and day and month could be exchanged in the whole column.

    Notes
    -----
    Each different text is read once. O(n).
    """
    codes, cells = distinct(text)
    cells = cells.str.normalize("NFKC").str.strip().str.replace(_TIME, "", regex=True)
    found = pd.Series("", index=cells.index, dtype=object)
    for pattern in (_YEAR_FIRST, _COMPACT, _YEAR):
        parts = cells.str.extract(rf"^{pattern}$").reindex(columns=["y", "m", "d"])
        _take(found, parts)
    _take_serials(found, cells)
    last = cells.str.extract(rf"^{_YEAR_LAST}$")
    if last["y"].notna().any():
        _take(found, _ordered(last, cells, order))
    bad = ((cells != "") & (found == "")).to_numpy(dtype=bool)
    dates = pd.Series(found.to_numpy(dtype=object)[codes], index=text.index, dtype=object)
    return dates, bad[codes]


def _take(found: pd.Series, parts: pd.DataFrame) -> None:
    """Fill in those that are days, months or years of the calendar."""
    known = parts["y"].notna() & (found == "")
    parts = parts[known]
    month, day = parts["m"].notna(), parts["d"].notna()
    ones = parts[["m", "d"]].astype(object).fillna("1").astype(str)
    iso = parts["y"] + "-" + ones["m"].str.zfill(2) + "-" + ones["d"].str.zfill(2)
    real = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").notna() & (parts["y"] >= "1600")
    length = np.select([day, month], [10, 7], 4)
    cut = [one[:end] for one, end in zip(iso[real], length[real.to_numpy(dtype=bool)], strict=True)]
    found[real.index[real]] = cut


def _take_serials(found: pd.Series, cells: pd.Series) -> None:
    """Excel's numbers of days: five digits, 1927 to 2119."""
    number = pd.to_numeric(cells.str.extract(rf"^{_SERIAL}$")["n"], errors="coerce")
    fits = number.between(10_000, 80_000) & (found == "")
    days = _EXCEL + number[fits].to_numpy(dtype=np.int64).astype("timedelta64[D]")
    found[fits] = np.datetime_as_string(days, unit="D").astype(object)


def _ordered(last: pd.DataFrame, cells: pd.Series, order: str | None) -> pd.DataFrame:
    """Which of the two numbers is the day."""
    a, b = pd.to_numeric(last["a"]), pd.to_numeric(last["b"])
    day_first, month_first = ((a > 12) & (b <= 12)).any(), ((b > 12) & (a <= 12)).any()
    open_ = last["y"].notna() & (a <= 12) & (b <= 12) & (a != b)
    if order is None and open_.any() and day_first == month_first:
        raise _ask_order(cells[open_])
    first = order or ("dmy" if day_first else "mdy")
    # A number above 12 is the day, whatever the rest of the column does.
    days_are_first = np.where(a > 12, True, np.where(b > 12, False, first == "dmy"))
    return pd.DataFrame(
        {
            "y": last["y"],
            "m": last["b"].where(days_are_first, last["a"]),
            "d": last["a"].where(days_are_first, last["b"]),
        }
    )


def _ask_order(cells: pd.Series) -> ChoiceError:
    example = str(cells.iloc[0])
    return ChoiceError(
        N_("the date “{example}” could begin with the day or with the month"),
        hint=N_("say which; dates that begin with the year need no answer"),
        about="dates",
        code="BAD_DATE",
        options=[Option(one, one, f"--dates {one}") for one in ORDERS],
        preview=[{"date": str(cell)} for cell in cells.head(5)],
        example=example,
    )
