"""XLSX: streamed row by row, values as text, never more cells than the file really has."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from geo.errors import N_, ParkError, SourceError
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.sheets import Sheet, as_text, choose_sheet, sheet_table

__all__ = ["read_workbook"]

_RATIO = 1_000
_ONE_UNCOMPUTED = N_("cell {cell} holds a formula whose value was never computed")
_MANY_UNCOMPUTED = N_("cell {cell} and {more} more hold formulas whose values were never computed")


def read_workbook(data: bytes, *, layer: str | None = None, header: int | None = None) -> RawTable:
    """Read one sheet of an Excel workbook.

    Parameters
    ----------
    data : bytes
        The whole file.
    layer : str, optional
        Name of the sheet; asked when several sheets hold something.
    header : int, optional
        Row of the column names, from 1.

    Raises
    ------
    SourceError
        If it is no workbook, is empty, or would inflate beyond the limits.
    ChoiceError
        If several sheets hold something and none was chosen.
    """
    try:
        _guard(data)
        return _read(data, layer, header)
    except (ParkError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - zipfile and openpyxl raise whatever their parts raise
        raise SourceError(
            N_("the workbook cannot be read: {reason}"),
            hint=N_("save it again as XLSX"),
            reason=(str(error).strip() or type(error).__name__).splitlines()[0][:200],
        ) from None


def _read(data: bytes, layer: str | None, header: int | None) -> RawTable:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    own = {sheet.title: sheet for sheet in book.worksheets}
    sheets = [
        Sheet(title=title, is_hidden=sheet.sheet_state != "visible", rows=functools.partial(_rows, sheet))
        for title, sheet in own.items()
    ]
    chosen, hidden = choose_sheet(sheets, layer)
    table, start = sheet_table(chosen, header)
    table.format = "XLSX"
    found = _count(data, own[chosen.title]._worksheet_path, start)  # noqa: SLF001
    table.records = found.rows
    if found.uncomputed:
        raise SourceError(
            _ONE_UNCOMPUTED if len(found.uncomputed) == 1 else _MANY_UNCOMPUTED,
            hint=N_("open the workbook in Excel or WPS and save it"),
            where=chosen.title,
            cell=found.uncomputed[0],
            more=len(found.uncomputed) - 1,
        )
    if hidden:
        table.notes.append(("SHEETS_LEFT_OUT", len(hidden)))
    return table


def _guard(data: bytes) -> None:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise SourceError(N_("the workbook is damaged"), hint=N_("save it again as XLSX")) from None
    with archive:
        inflated = sum(member.file_size for member in archive.infolist())
        if "xl/workbook.xml" not in archive.namelist():
            raise SourceError(N_("this zip file is no Excel workbook"), hint=N_("save it as XLSX"))
        packed = max(1, sum(member.compress_size for member in archive.infolist()))
    if inflated > LIMITS.inflated_mb * 1_000_000 or (inflated > 10_000_000 and inflated / packed > _RATIO):
        raise SourceError(
            N_("the workbook would inflate to {size:.0f} MB"),
            hint=N_("split it"),
            code="TOO_LARGE",
            size=inflated / 1e6,
        )


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with their number; stops at the first that is absurdly wide."""
    sheet.reset_dimensions()
    zeros: dict[int, int] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if len(row) > LIMITS.columns and any(cell.value is not None for cell in row[LIMITS.columns :]):
            raise SourceError(
                N_("row {row} of the sheet has more than {limit:,} columns"),
                hint=N_("delete stray cells at the far right"),
                where=f"row {number}",
                code="TOO_LARGE",
                row=number,
                limit=LIMITS.columns,
            )
        cells = [_shown(cell, zeros) for cell in row[: LIMITS.columns]]
        if any(cells):
            yield number, cells


def _shown(cell: Any, zeros: dict[int, int]) -> str:
    """A cell as text, with the leading zeros that its format (0000) shows; `zeros` keeps them by style."""
    value = cell.value
    text = as_text(value)
    if type(value) is not int:
        return text
    style = cell._style_id  # noqa: SLF001 - to look a format up for each of a million cells costs seconds
    if style not in zeros:
        zeros[style] = len(cell.number_format) if set(cell.number_format) == {"0"} else 0
    return text.zfill(zeros[style])


@dataclass(slots=True)
class _Found:
    """What the XML of a sheet holds below the header."""

    rows: int = 0
    uncomputed: list[str] = field(default_factory=list)


def _count(data: bytes, path: str, header: int) -> _Found:
    """Count the rows below the header that hold anything, from the XML alone."""
    found = _Found()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        blank: set[str] = set()
        if "xl/sharedStrings.xml" in archive.namelist():
            with archive.open("xl/sharedStrings.xml") as stream:
                place = 0
                for _, item in ET.iterparse(stream):  # noqa: S314 - expat refuses entity bombs
                    if item.tag.endswith("}si"):
                        if not "".join(item.itertext()).strip():
                            blank.add(str(place))
                        place += 1
                        item.clear()
        number = 0
        with archive.open(path.lstrip("/")) as stream:
            for _, row in ET.iterparse(stream):  # noqa: S314
                if not row.tag.endswith("}row"):
                    continue
                number = int(row.get("r") or number + 1)
                if number >= header:
                    found.uncomputed += [str(cell.get("r")) for cell in row if _uncomputed(cell)]
                found.rows += number > header and any(_filled(cell, blank) for cell in row)
                row.clear()
    return found


def _uncomputed(cell: ET.Element) -> bool:
    """A formula beside which no value was stored: whoever wrote the file never computed it."""
    parts = {part.tag.rpartition("}")[2]: part.text or "" for part in cell}
    # A text may be empty; a number that is empty was never computed.
    return "f" in parts and ("v" not in parts or (not parts["v"] and cell.get("t") != "str"))


def _filled(cell: ET.Element, blank: set[str]) -> bool:
    for part in cell:
        text = "".join(part.itertext()).strip()
        if part.tag.endswith("}v") and text:
            return not (cell.get("t") == "s" and text in blank)
        if part.tag.endswith("}is") and text:
            return True
    return False
