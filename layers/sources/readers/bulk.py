"""The cells of a large delimited text, all at once: Arrow parses what lies evenly, we the rest.

Records with another number of cells than most are read one by one, as a small table is, and put
back between the others; so the result does not depend on which way a record went.
"""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from layers.sources.raw import LIMITS, Problem, RawTable, fit_cells
from layers.sources.readers.refusals import too_large
from layers.sources.readers.scanning import Scan, cells_of

__all__ = ["take_columns"]

_BLOCK = 4_000_000
_TEXT = 500


def take_columns(
    table: RawTable,
    data: bytes,
    found: Scan,
    above: int,
    least: int,
    delimiter: str,
    geometry: str | None,
) -> bool:
    """Take all records below the header into the columns of a table.

    Parameters
    ----------
    table : RawTable
        With its columns; gets `cells`, `source_rows` and `problems`.
    data : bytes
        UTF-8.
    found : Scan
        Of these bytes.
    above : int
        Records up to the header, it included.
    least : int
        Cells that a record has at least; others of the header may be left off at its end.
    delimiter : str
    geometry : str, optional
        Column whose cells may be of any length.

    Returns
    -------
    bool
        False, and nothing taken, where most records do not fit the header or there are none.

    Raises
    ------
    SourceError
        If there are too many rows or columns.

    Notes
    -----
    O(n); a Python step for each record that is uneven.
    """
    width = len(table.columns)
    counts = found.cells[above:]
    if not len(counts):
        return False
    usual = int(np.bincount(counts).argmax())
    if usual < least or usual > LIMITS.columns or width > LIMITS.columns:
        return False
    taken = _even_text(table, data, found, above, least, usual, delimiter)
    if taken is None:
        return False
    text, lines = taken
    if len(lines) > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    cells = _parse(text, usual, delimiter, found)
    good = np.ones(len(lines), dtype=bool)
    for place in range(width, usual):  # cells beyond the header must be empty
        good &= _is_blank(cells[place])
    _set_aside(table, cells, lines, ~good, "COLUMN_COUNT")
    large = np.zeros(len(lines), dtype=bool)
    for name, column in zip(table.columns, cells[:width], strict=False):
        if name != geometry:
            large |= good & _is_long(column)
    _set_aside(table, cells[:width], lines, large, "TOO_LARGE")
    good &= ~large
    if not good.all():
        keep = pa.array(good)
        cells, lines = [column.filter(keep) for column in cells], lines[good]
    missing = pa.array([""] * len(lines), pa.large_string()) if usual < width else None
    table.cells = [*cells[:width], *[missing] * (width - usual)]
    table.source_rows = lines
    return True


def _even_text(
    table: RawTable, data: bytes, found: Scan, above: int, least: int, usual: int, delimiter: str
) -> tuple[bytes, NDArray[np.int64]] | None:
    """Text in which every record has the usual number of cells, and the line of each.

    None where an uneven record is taken that has something beyond them.
    """
    starts, ends, lines = found.starts[above:], found.ends[above:], found.lines[above:]
    uneven = np.flatnonzero(found.cells[above:] != usual)
    width = len(table.columns)
    if len(uneven) == 0 and found.blank == 0:
        return data[starts[0] :], lines
    # Whole stretches of even records that follow each other without a blank one between.
    returns = np.frombuffer(data, dtype=np.uint8)[ends[:-1]] == ord("\r")
    gaps = 1 + np.flatnonzero(starts[1:] > ends[:-1] + 1 + returns)
    breaks = np.union1d(np.union1d(uneven, uneven + 1), gaps)
    breaks = np.union1d(breaks[(breaks > 0) & (breaks < len(starts))], [0, len(starts)])
    is_uneven = np.zeros(len(starts), dtype=bool)
    is_uneven[uneven] = True
    kept = np.ones(len(starts), dtype=bool)
    pieces: list[bytes] = []
    for first, last in zip(breaks[:-1].tolist(), breaks[1:].tolist(), strict=True):
        if not is_uneven[first]:
            pieces.append(data[starts[first] : ends[last - 1]])
            continue
        cells = cells_of(data[starts[first] : ends[first]], delimiter)
        fitting = fit_cells(cells, width, least)
        if fitting is None:
            text = ",".join(cells)[:_TEXT]
            line = int(lines[first])
            table.problems.append(Problem(source_row=line, code="COLUMN_COUNT", column="", text=text))
            kept[first] = False
        elif any(cell for cell in fitting[usual:]):
            table.problems.clear()
            return None
        else:
            pieces.append(_written((fitting + [""] * usual)[:usual], delimiter))
    return b"\n".join(pieces), lines[kept]


def _written(cells: list[str], delimiter: str) -> bytes:
    """A record as text again."""
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    return sink.getvalue().encode("utf-8")


def _parse(text: bytes, columns: int, delimiter: str, found: Scan) -> list[pa.ChunkedArray]:
    """Cells as text, column by column."""
    names = [f"c{place}" for place in range(columns)]
    longest = int((found.ends - found.starts).max()) + 2
    parsed = pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(
            column_names=names, use_threads=False, block_size=max(_BLOCK, 2 * longest)
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=found.broken_lines, ignore_empty_lines=False
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return [parsed[name] for name in names]


def _is_blank(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.equal(pc.utf8_trim_whitespace(column), ""), dtype=bool)


def _is_long(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Cells with more characters than one may have; a character has at least a byte."""
    limit = LIMITS.cell_characters
    if pc.max(pc.binary_length(column)).as_py() <= limit:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(pc.greater(pc.utf8_length(column), limit), dtype=bool)


def _set_aside(
    table: RawTable,
    cells: list[pa.ChunkedArray],
    lines: NDArray[np.int64],
    where: NDArray[np.bool_],
    code: str,
) -> None:
    """Make problems of some rows."""
    for place in np.flatnonzero(where).tolist():
        text = ",".join(column[place].as_py() for column in cells)[:_TEXT]
        table.problems.append(Problem(source_row=int(lines[place]), code=code, column="", text=text))
