"""XLS, the workbooks of Excel 97 to 2003 and of many a bureau's system: values as text, dates as dates."""

from __future__ import annotations

import datetime as dt
import functools
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from geo.errors import N_, ParkError, SourceError
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.sheets import Sheet, as_text, choose_sheet, sheet_table

__all__ = ["read_legacy_workbook"]

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_WORD = "WordDocument".encode("utf-16-le")


def read_legacy_workbook(path: Path, *, layer: str | None = None, header: int | None = None) -> RawTable:
    """Read one sheet of an XLS workbook.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Name of the sheet; asked when several sheets hold something.
    header : int, optional
        Row of the column names, from 1.

    Raises
    ------
    SourceError
        If it is no workbook, is encrypted, damaged or empty.
    ChoiceError
        If several sheets hold something and none was chosen.

    Notes
    -----
    xlrd reads the values; the rows are counted by calamine, which shares no line of code with it.
    """
    import xlrd

    data = path.read_bytes()
    _refuse_others(data)
    said = io.StringIO()  # xlrd would print what it thinks of a file
    try:
        with xlrd.open_workbook(file_contents=data, logfile=said, on_demand=True, ragged_rows=True) as book:
            sheets = [
                Sheet(
                    title=sheet.name,
                    is_hidden=sheet.visibility != 0,
                    rows=functools.partial(_rows, sheet, book.datemode),
                )
                for sheet in map(book.sheet_by_index, range(book.nsheets))
            ]
            chosen, hidden = choose_sheet(sheets, layer)
            table, start = sheet_table(chosen, header)
            table.format, table.encoding = "XLS", str(book.encoding or "")
        table.records = _count(data, chosen.title, start)
    except (ParkError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - both libraries raise whatever their parts raise
        raise SourceError(
            N_("the workbook cannot be read: {reason}"),
            hint=N_("save it again as XLSX"),
            reason=(str(error).strip() or type(error).__name__).splitlines()[0][:200],
        ) from None
    if hidden:
        table.notes.append(("SHEETS_LEFT_OUT", len(hidden)))
    return table


def _refuse_others(data: bytes) -> None:
    """Other things are kept in the same kind of container."""
    if _ENCRYPTED_PACKAGE in data:
        raise SourceError(
            N_("the workbook is encrypted with a password"),
            hint=N_("open it, take the password off and save it as XLSX"),
        )
    if _WORD in data:
        raise SourceError(N_("the file is a Word document"), hint=N_("save its table as XLSX"))


def _rows(sheet: Any, datemode: int) -> Iterator[tuple[int, list[str]]]:
    for place in range(sheet.nrows):
        kinds, values = sheet.row_types(place), sheet.row_values(place)
        cells = [_text(kind, value, datemode) for kind, value in zip(kinds, values, strict=True)]
        if any(cells):
            yield place + 1, cells


def _text(kind: int, value: Any, datemode: int) -> str:
    import xlrd

    if kind == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(value, datemode)
        except (xlrd.XLDateError, ValueError, OverflowError):
            return as_text(value)
        # Below one day it is a time of day, not one of the last day of 1899.
        return as_text(moment.time() if 0 <= value < 1 else _to_the_second(moment))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return as_text(bool(value))
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    text = as_text(value)
    if len(text) > LIMITS.cell_characters:  # more than a cell of Excel may hold
        raise SourceError(
            N_("a cell of the sheet holds more than {limit:,} characters"),
            hint=N_("save it again as XLSX"),
            code="TOO_LARGE",
            limit=LIMITS.cell_characters,
        )
    return text


def _to_the_second(moment: dt.datetime) -> dt.datetime:
    """A day's share as a floating number misses the second by a few millionths."""
    return (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


def _count(data: bytes, title: str, header: int) -> int:
    """Count the rows below the header that hold anything, with another library."""
    from python_calamine import CalamineWorkbook

    try:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(title)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which is no Exception
            raise
        raise ValueError(str(error)) from None
    return sum(
        number > header and any(cell != "" and str(cell).strip() for cell in row)
        for number, row in enumerate(rows.iter_rows(), start=1)
    )
