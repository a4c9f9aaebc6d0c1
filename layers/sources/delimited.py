"""CSV, TSV and TXT: every byte decoded strictly, every line accounted for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.columns import header_row, joined_header
from layers.sources.raw import LIMITS, Problem, RawTable, unique_names

__all__ = ["count_records", "decode", "read_delimited"]

_DELIMITERS = ",\t;|"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


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
        If it is no text, is empty, or a quoted cell never ends.
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
    records, blank = count_records(text, delimiter)
    lines = _records(text, delimiter)
    head = [next_line for _, next_line in zip(range(30), _records(text, delimiter), strict=False)]
    if not head:
        raise SourceError(
            N_("the file is empty"), hint=N_("choose a file with a header and rows"), code="NO_ROWS"
        )
    start = header if header is not None else head[header_row([cells for _, cells in head])][0]
    before: list[list[str]] = []
    table = RawTable(columns=[], rows=[], source_rows=[], encoding=used, format="CSV", blank=blank)
    least = 0
    for line, cells in lines:
        if not table.columns:
            if line > start:
                break
            before.append(cells)
            if line == start:
                names = joined_header(before, len(before) - 1)
                least = len(_trimmed(names))
                table.columns = unique_names(names)
            continue
        _take(table, line, cells, least, geometry)
    if not table.columns:
        raise SourceError(
            N_("line {line} holds no header"),
            hint=N_("give the line of the column names with --header N"),
            line=start,
        )
    _drop_empty_columns(table, least)
    table.records = records - len(before)
    return table


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Decode all of `data` strictly; return the text and the encoding used."""
    if encoding is not None:
        try:
            return data.decode(encoding).removeprefix("\ufeff"), encoding.lower()
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(
                N_("the file is not in the encoding “{encoding}”: {reason}"),
                hint=N_("try utf-8 or gb18030"),
                where=encoding,
                code="UNDECODABLE_TEXT",
                encoding=encoding,
                reason=error,
            ) from None
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(name), name
            except UnicodeDecodeError as error:
                raise SourceError(
                    N_("the file says that it is {encoding}, but byte {byte} is not"),
                    hint=N_("save it again as UTF-8"),
                    code="UNDECODABLE_TEXT",
                    encoding=name,
                    byte=error.start,
                ) from None
    readings = {}
    for name in ("utf-8", "gb18030"):
        try:
            readings[name] = data.decode(name)
        except UnicodeDecodeError:
            continue
    if data.isascii():
        return readings["utf-8"], "utf-8"
    if (
        "utf-8" in readings
        and "gb18030" in readings
        and _common(readings["utf-8"]) < 0.3
        and _common(readings["gb18030"]) > 0.7
    ):
        raise _ask_encoding(readings)
    for name, text in readings.items():
        return text, name
    raise SourceError(
        N_("the text is neither UTF-8 nor GB 18030"),
        hint=N_("state its encoding, for example big5, with --encoding"),
        code="UNDECODABLE_TEXT",
    )


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
    empty = set(delimiter + '" \t\u3000')
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        bare = line.rstrip("\n")
        content = content or not set(bare) <= empty
        if '"' in bare or inside:
            was = inside
            inside, holds_quote = _quoted_after(bare, delimiter, inside)
            content = content or holds_quote
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
    """Whether a quoted cell is still open at the end of a line, and whether a quote is part of a text."""
    place, end = 0, len(line)
    holds_quote = False
    while place <= end:
        if inside:
            close = line.find('"', place)
            if close < 0:
                return True, holds_quote
            if line.startswith('""', close):
                place, holds_quote = close + 2, True
                continue
            inside, place = False, close + 1
        elif line.startswith('"', place) and (place == 0 or line[place - 1] == delimiter):
            inside, place = True, place + 1
            continue
        following = line.find(delimiter, place)
        cell_end = end if following < 0 else following
        holds_quote = holds_quote or '"' in line[place:cell_end]
        if following < 0:
            break
        place = following + 1
    return inside, holds_quote


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield records that hold anything, with the physical line on which each starts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if len(cells) > LIMITS.columns and any(cell.strip() for cell in cells[LIMITS.columns :]):
            raise _too_large(len(cells), LIMITS.columns, "columns")
        if any(cell.strip(" \t\u3000") for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _take(table: RawTable, line: int, cells: list[str], least: int, geometry: str | None) -> None:
    """Take a record as it stands: a cell too many or too few would shift the others in silence."""
    width = len(table.columns)
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if least <= len(cells) < width:  # the header ends in delimiters, this record does not
        cells = cells + [""] * (width - len(cells))
    code = ""
    if len(cells) != width:
        code = "COLUMN_COUNT"
    elif any(
        len(cell) > LIMITS.cell_characters and name != geometry
        for name, cell in zip(table.columns, cells, strict=True)
    ):
        code = "TOO_LARGE"
    if code:
        text = ",".join(cells)[:500]
        table.problems.append(Problem(source_row=line, code=code, column="", text=text))
        return
    if len(table.rows) >= LIMITS.rows:
        raise _too_large(len(table.rows) + 1, LIMITS.rows, "rows")
    table.rows.append(cells)
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
    while width > least and not any(row[width - 1].strip() for row in table.rows):
        width -= 1
    if width < len(table.columns):
        table.columns = table.columns[:width]
        table.rows = [row[:width] for row in table.rows]


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


def _common(text: str) -> float:
    """Share of the non-ASCII characters that are everyday Chinese (GB 2312, first level)."""
    other = [character for character in text if not character.isascii()][:5_000]
    everyday = 0
    for character in other:
        try:
            everyday += 0xB0 <= character.encode("gb2312")[0] <= 0xD7
        except UnicodeEncodeError:
            continue
    return everyday / len(other) if other else 1.0


def _ask_encoding(readings: dict[str, str]) -> ChoiceError:
    lines = {name: text.splitlines()[:5] for name, text in readings.items()}
    preview = [
        {name: lines[name][place][:200] for name in lines}
        for place in range(min(len(found) for found in lines.values()))
    ]
    return ChoiceError(
        N_("the text can be read as UTF-8 and as GB 18030"),
        hint=N_("choose the reading that makes sense"),
        about="encoding",
        code="UNDECODABLE_TEXT",
        options=[Option(name, name, f"--encoding {name}") for name in readings],
        preview=preview,
    )


def _too_large(count: int, limit: int, what: str) -> SourceError:
    return SourceError(
        N_("the file has more than {limit:,} {what}"),
        hint=N_("split it"),
        code="TOO_LARGE",
        limit=limit,
        what=what,
        count=count,
    )
