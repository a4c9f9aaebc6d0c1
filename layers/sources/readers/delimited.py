"""CSV, TSV and TXT: every byte decoded strictly, every line accounted for."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice

from geo.errors import N_, SourceError
from layers.sources.columns import header_row, joined_header
from layers.sources.raw import LIMITS, Problem, RawTable, fit_cells, unique_names
from layers.sources.readers.bulk import take_columns
from layers.sources.readers.encoding import decode
from layers.sources.readers.refusals import too_large
from layers.sources.readers.scanning import BLANKS, scan

__all__ = ["count_records", "read_delimited"]

_DELIMITERS = ",\t;|"
_HEAD = 30
"""Records among which the header is looked for."""


def read_delimited(
    data: bytes, *, encoding: str | None = None, header: int | None = None, geometry: str | None = None
) -> RawTable:
    """Read a delimited text file.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str, optional
        Stated by the user; by default BOM, strict UTF-8, strict GB 18030, else asked.
    header : int, optional
        Physical line of the column names, from 1.
    geometry : str, optional
        Column whose cells may be as long as an outline is.

    Raises
    ------
    SourceError
        If it is no text, is empty, has too many columns, or a quoted cell never ends.
    ChoiceError
        If two encodings are plausible.

    Notes
    -----
    A record's cells beyond the header must be empty, and none may be missing: otherwise the
    record is set aside as COLUMN_COUNT, because columns would shift in silence. O(n).
    """
    text, used = decode(data, encoding)
    if "\0" in text:
        raise SourceError(
            N_("the file holds NUL characters: it is no text table"), hint=N_("export it as CSV in UTF-8")
        )
    csv.field_size_limit(2**31 - 1)  # cells that are too large are set aside by ourselves
    delimiter = _delimiter(text)
    plain = data if used == "utf-8" and not data.startswith(BOM_UTF8) else text.encode("utf-8")
    found = scan(plain, delimiter)

    def records() -> Iterator[tuple[int, list[str]]]:
        return _records(text, delimiter) if found is None else found.records(plain, delimiter)

    table = RawTable(columns=[], rows=[], source_rows=[], encoding=used, format="CSV")
    rows = records()
    above, least = _take_header(table, rows, header or _header_line(list(islice(records(), _HEAD))))
    if found is None or not take_columns(table, plain, found, above, least, delimiter, geometry):
        for line, cells in rows:
            _take(table, line, cells, least, geometry)
    count, table.blank = count_records(text, delimiter) if found is None else (len(found), found.blank)
    table.records = count - above
    _drop_empty_columns(table, least)
    return table


def _header_line(head: list[tuple[int, list[str]]]) -> int:
    """Physical line of the column names."""
    if not head:
        raise SourceError(
            N_("the file is empty"), hint=N_("choose a file with a header and rows"), code="NO_ROWS"
        )
    if all(len(_trimmed(cells)) > LIMITS.columns for _, cells in head):
        raise too_large(LIMITS.columns, "columns")  # before each of a million cells is looked at
    return head[header_row([cells for _, cells in head], [number for number, _ in head])][0]


def _take_header(table: RawTable, rows: Iterator[tuple[int, list[str]]], start: int) -> tuple[int, int]:
    """Read up to the column names; return how many records that were and how many names are given."""
    before: list[list[str]] = []
    for line, cells in rows:
        before.append(cells)
        if line >= start:
            break
    if not before or line != start:
        raise SourceError(
            N_("line {line} holds no header"),
            hint=N_("give the line of the column names with --header N"),
            line=start,
        )
    names = joined_header(before, len(before) - 1)
    given = len(_trimmed(names))
    if given > LIMITS.columns:
        raise too_large(LIMITS.columns, "columns")
    table.columns = unique_names(names)
    return len(before), given


def count_records(text: str, delimiter: str) -> tuple[int, int]:
    """Count records and blank lines by following quotes alone, without the CSV parser.

    Returns
    -------
    records, blank : int

    Raises
    ------
    SourceError
        If a quoted cell never ends; says where it opens.

    Notes
    -----
    A quote opens a cell only at the cell's start (RFC 4180); elsewhere it is a character, as in
    118°25′30″. O(n).
    """
    records = blank = opened_at = 0
    inside = content = False
    empty = set(delimiter + '"' + BLANKS)
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        bare = line.rstrip("\n")
        content = content or not set(bare) <= empty
        if '"' in bare or inside:
            was = inside
            inside, holds_text = _quoted_after(bare, delimiter, inside)
            content = content or holds_text
            opened_at = number if inside and not was else opened_at
        if inside:
            continue
        records, blank = (records + 1, blank) if content else (records, blank + 1)
        content = False
    if inside:
        raise SourceError(
            N_("the quoted cell that opens in line {line} never ends"),
            hint=N_("close the quote, or double a quote that is meant"),
            where=f"line {opened_at}",
            code="COLUMN_COUNT",
            line=opened_at,
        )
    return records, blank


def _quoted_after(line: str, delimiter: str, inside: bool) -> tuple[bool, bool]:
    """Whether a quoted cell is still open at the end of a line, and whether quotes hold or are a text."""
    place, end = 0, len(line)
    holds_text = False
    while place <= end:
        if inside:
            close = line.find('"', place)
            holds_text = holds_text or bool(line[place : close if close >= 0 else end].strip(BLANKS))
            if close < 0:
                return True, holds_text
            if line.startswith('""', close):
                place, holds_text = close + 2, True
                continue
            inside, place = False, close + 1
        elif line.startswith('"', place) and (place == 0 or line[place - 1] == delimiter):
            inside, place = True, place + 1
            continue
        following = line.find(delimiter, place)
        cell_end = end if following < 0 else following
        holds_text = holds_text or '"' in line[place:cell_end]
        if following < 0:
            break
        place = following + 1
    return inside, holds_text


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield records that hold anything, with the physical line on which each starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(cell.strip(BLANKS) for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _take(table: RawTable, line: int, cells: list[str], least: int, geometry: str | None) -> None:
    """Take a record as it stands, or set it aside."""
    width = len(table.columns)
    if len(cells) > LIMITS.columns and any(cell.strip() for cell in cells[LIMITS.columns :]):
        raise too_large(LIMITS.columns, "columns")
    fitting = fit_cells(cells, width, least)
    code = "" if fitting is not None else "COLUMN_COUNT"
    if fitting is not None and any(
        len(cell) > LIMITS.cell_characters and name != geometry
        for name, cell in zip(table.columns, fitting, strict=True)
    ):
        code = "TOO_LARGE"
    if fitting is None or code:
        text = ",".join(fitting or cells)[:500]
        table.problems.append(Problem(source_row=line, code=code, column="", text=text))
        return
    if len(table.rows) >= LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    table.rows.append(fitting)
    table.source_rows.append(line)


def _trimmed(cells: list[str]) -> list[str]:
    """Header cells without the empty ones that trailing delimiters leave."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _drop_empty_columns(table: RawTable, least: int) -> None:
    """Forget columns behind the last named one that hold nothing in any row."""
    width = len(table.columns)
    while width > least and not any(cell.strip() for cell in _column(table, width - 1)):
        width -= 1
    if width < len(table.columns):
        table.columns = table.columns[:width]
        table.rows = [row[:width] for row in table.rows]
        table.cells = None if table.cells is None else table.cells[:width]


def _column(table: RawTable, place: int) -> Iterator[str]:
    if table.cells is not None:
        return (cell.as_py() for cell in table.cells[place])
    return (row[place] for row in table.rows)


def _delimiter(text: str) -> str:
    """Choose the delimiter that splits the first lines most, and most evenly."""
    sample = [line for line in text[:50_000].splitlines() if line.strip()][:20]
    best, most = ",", (0, 0)
    for mark in _DELIMITERS:
        counts = [len(cells) for cells in csv.reader(sample, delimiter=mark) if cells]
        if not counts:
            continue
        usual = max(set(counts), key=counts.count)
        score = (counts.count(usual) if usual > 1 else 0, usual)
        if score > most:
            best, most = mark, score
    return best
