"""Where the records of a delimited text lie: found by counting bytes, a whole file at once.

The counter of a large table, independent of the parser that reads its cells. It follows quotes by
their parity, which tells the truth where every quote opens a cell, closes one, or is doubled in one
(RFC 4180). Texts with other quotes, as in 118°25'30", go to `delimited.count_records`, line by line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLANKS", "Scan", "cells_of", "scan"]

BLANKS = " \t\r\n\u3000"
"""Characters that alone make no cell full."""

_QUOTE, _FEED, _RETURN = 0x22, 0x0A, 0x0D
_HOLLOW = b'" \t\r\n\xe3\x80'
"""Bytes that a blank record may have, beside delimiters; the last two are in a Chinese space."""
_LONGEST_BLANK = 2_000

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """Records of a text, blank ones left out.

    Attributes
    ----------
    starts, ends : ndarray of shape (n,)
        Bytes where each begins and ends, its line end not included.
    lines : ndarray of shape (n,)
        Physical line on which each begins, from 1.
    cells : ndarray of shape (n,)
        How many it has.
    blank : int
        Records that hold nothing.
    broken_lines : bool
        Whether a line end stands inside a quoted cell.
    """

    starts: Places
    ends: Places
    lines: Places
    cells: Places
    blank: int
    broken_lines: bool

    def __len__(self) -> int:
        return len(self.starts)

    def records(self, data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Yield each record's physical line and its cells."""
        for start, end, line in zip(self.starts, self.ends, self.lines, strict=True):
            yield int(line), cells_of(data[start:end], delimiter)


def scan(data: bytes, delimiter: str) -> Scan | None:
    """Find the records of a text.

    Parameters
    ----------
    data : bytes
        UTF-8 without a byte order mark.
    delimiter : str
        One ASCII character.

    Returns
    -------
    Scan or None
        None where there is nothing, or quotes or line ends are irregular: such a text wants reading
        line by line.

    Notes
    -----
    O(n), without a Python step per record.
    """
    if not data or data.count(b"\r") != data.count(b"\r\n"):
        return None
    text = np.frombuffer(data, dtype=np.uint8)
    feeds, marks = np.flatnonzero(text == _FEED), np.flatnonzero(text == ord(delimiter))
    quotes = np.flatnonzero(text == _QUOTE)
    line_ends = feeds
    if len(quotes):
        if not _is_regular(text, quotes, ord(delimiter)):
            return None
        line_ends, marks = (_outside(places, quotes) for places in (feeds, marks))
    stops = line_ends if len(text) and text[-1] == _FEED else np.append(line_ends, len(text))
    starts = np.concatenate([[0], stops[:-1] + 1]) if len(stops) else stops
    ends = stops - ((stops > starts) & (text[np.maximum(stops - 1, 0)] == _RETURN))
    cells = 1 + np.diff(np.searchsorted(marks, np.concatenate([starts[:1], stops])))
    blank = _blank(data, text, starts, ends, delimiter)
    if blank is None:
        return None
    lines = 1 + np.searchsorted(feeds, starts)
    kept = ~blank
    return Scan(
        starts=starts[kept],
        ends=ends[kept],
        lines=lines[kept],
        cells=cells[kept],
        blank=int(blank.sum()),
        broken_lines=len(line_ends) < len(feeds),
    )


def _is_regular(text: NDArray[np.uint8], quotes: Places, delimiter: int) -> bool:
    """Whether every quote opens a cell, closes one, or is one of two inside."""
    if len(quotes) % 2:
        return False
    opens, closes = quotes[::2], quotes[1::2]
    before = text[np.maximum(opens - 1, 0)]
    after = text[np.minimum(closes + 1, len(text) - 1)]
    doubled = opens[1:] == closes[:-1] + 1
    starts_cell = (opens == 0) | (before == delimiter) | (before == _FEED)
    ends_cell = (closes == len(text) - 1) | np.isin(after, (delimiter, _FEED, _RETURN))
    return bool(
        (starts_cell | np.append(False, doubled)).all() and (ends_cell | np.append(doubled, False)).all()
    )


def _outside(places: Places, quotes: Places) -> Places:
    """Places that no quoted cell holds."""
    kept: Places = places[np.searchsorted(quotes, places) % 2 == 0]
    return kept


def _blank(
    data: bytes, text: NDArray[np.uint8], starts: Places, ends: Places, delimiter: str
) -> NDArray[np.bool_] | None:
    """Which records hold nothing; None where that is too long to tell."""
    empty = np.zeros(256, dtype=bool)
    empty[np.frombuffer(_HOLLOW + delimiter.encode(), dtype=np.uint8)] = True
    at, pending, finished = starts.copy(), np.arange(len(starts)), []
    for _ in range(_LONGEST_BLANK):  # nearly all records drop out at their first byte
        running = at[pending] < ends[pending]
        finished.append(pending[~running])
        pending = pending[running]
        pending = pending[empty[text[at[pending]]]]
        if not len(pending):
            break
        at[pending] += 1
    else:
        return None
    found = np.zeros(len(starts), dtype=bool)
    for place in np.concatenate(finished).tolist():
        found[place] = _holds_nothing(data[starts[place] : ends[place]], delimiter)
    return found


def _holds_nothing(record: bytes, delimiter: str) -> bool:
    """Whether a record of delimiters, quotes and blanks holds no character."""
    if b'"' not in record and b"\xe3" not in record and b"\x80" not in record:
        return True
    return not any(cell.strip(BLANKS) for cell in cells_of(record, delimiter))


def cells_of(record: bytes, delimiter: str) -> list[str]:
    """Cells of one record."""
    text = io.StringIO(record.decode("utf-8"), newline="")
    return next(csv.reader(text, delimiter=delimiter), [])
