"""What every kind of workbook has: sheets, one of which is read, row by row, as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.arguments import as_argument
from layers.sources.columns import header_row, joined_header
from layers.sources.raw import LIMITS, RawTable, unique_names
from layers.sources.readers.refusals import no_layer, too_large

__all__ = ["Sheet", "as_text", "choose_sheet", "sheet_table"]


_EXACT = 1e15
"""Whole numbers below it are kept by Excel to the last digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of a workbook.

    Attributes
    ----------
    title : str
    is_hidden : bool
    rows : callable
        Yields the rows that hold anything, with their number from 1, from the top each time.
    """

    title: str
    is_hidden: bool
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def choose_sheet(sheets: Sequence[Sheet], layer: str | None) -> tuple[Sheet, list[Sheet]]:
    """Return the sheet that is meant, and hidden ones that hold something and are left out.

    Raises
    ------
    SourceError
        If there is no such sheet, or nothing in any.
    ChoiceError
        If several sheets hold something and none was chosen.
    """
    if layer is not None:
        chosen = next((sheet for sheet in sheets if sheet.title == layer), None)
        if chosen is None:
            raise no_layer(layer, [sheet.title for sheet in sheets])
        return chosen, []
    filled = [sheet for sheet in sheets if next(sheet.rows(), None) is not None]
    shown = [sheet for sheet in filled if not sheet.is_hidden]
    if not filled:
        raise _empty()
    if len(shown or filled) > 1:
        raise _which_sheet(shown or filled)
    chosen = (shown or filled)[0]
    return chosen, [sheet for sheet in filled if sheet is not chosen]


def sheet_table(sheet: Sheet, header: int | None) -> tuple[RawTable, int]:
    """Lay a sheet out as a table.

    Parameters
    ----------
    sheet : Sheet
    header : int, optional
        Row of the column names, from 1; found by the names where it is not stated.

    Returns
    -------
    table : RawTable
    start : int
        Row of the column names.
    """
    head: list[tuple[int, list[str]]] = []
    for numbered in sheet.rows():
        head.append(numbered)
        if len(head) == 30:
            break
    if not head:
        raise _empty()
    start = (
        header
        if header is not None
        else head[header_row([cells for _, cells in head], [number for number, _ in head])][0]
    )
    table = RawTable(columns=[], rows=[], source_rows=[], layer=sheet.title)
    width, last = 0, start
    above: list[str] = []
    for number, cells in sheet.rows():
        if number < start:
            above = cells
            continue
        if number == start:
            names = joined_header([above, cells], 1)
            while names and not names[-1]:
                names.pop()
            width = len(names)
            table.columns = unique_names(names)
            continue
        if not table.columns:
            break
        if len(table.rows) >= LIMITS.rows:
            raise too_large(LIMITS.rows, "rows")
        extra = cells[width:]
        if any(extra):  # a cell under no heading: give it one rather than lose it
            names = [f"column {width + place}" for place in range(1, len(extra) + 1)]
            table.columns += unique_names(names)
            for earlier in table.rows:
                earlier.extend([""] * len(extra))
            width = len(table.columns)
        table.rows.append((cells + [""] * width)[:width])
        table.source_rows.append(number)
        table.blank += number - last - 1
        last = number
    if not table.columns:
        raise SourceError(
            N_("line {line} holds no header"),
            hint=N_("give the line of the column names with --header N"),
            line=start,
        )
    return table, start


def as_text(value: object) -> str:
    """Return a cell as the text that Excel's user would expect: no ``.0``, ISO dates.

    A number of more than fifteen digits is written as 9.13e+17: Excel keeps no more of them.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) and abs(value) >= _EXACT:
        value = float(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    # A line break of Windows, as XLSX escapes it.
    return str(value).replace("_x000D_\n", "\n").replace("_x000D_", "\n").strip()


def _empty() -> SourceError:
    return SourceError(
        N_("the workbook is empty"), hint=N_("choose a file with a header and rows"), code="NO_ROWS"
    )


def _which_sheet(sheets: Sequence[Sheet]) -> ChoiceError:
    preview = []
    for sheet in sheets[:5]:
        first = next(sheet.rows())
        preview.append({"layer": sheet.title, "first row": ", ".join(first[1])[:200]})
    return ChoiceError(
        N_("the workbook has {count} sheets that hold something"),
        hint=N_("choose one"),
        about="layer",
        code="LAYER",
        options=[Option(sheet.title, sheet.title, as_argument({"layer": sheet.title})) for sheet in sheets],
        preview=preview,
        count=len(sheets),
    )
