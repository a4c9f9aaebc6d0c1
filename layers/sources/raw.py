"""What a reader hands over: rows of text as they stand in the file, nothing interpreted yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["LIMITS", "Limits", "Problem", "RawTable", "fit_cells", "unique_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes above which a file is refused, so that one upload cannot stop everybody's work."""

    file_mb: int = 200
    rows: int = 2_000_000
    columns: int = 1_000
    cell_characters: int = 32_767
    vertices: int = 20_000_000
    vertices_per_shape: int = 1_000_000
    entities: int = 200_000
    cells: int = 200_000_000
    bands: int = 16
    inflated_mb: int = 500
    members: int = 1_000
    memory_mb: int = 4_096
    cpu_s: int = 120
    wall_s: int = 180


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row that cannot become a record: why, and how it read."""

    source_row: int
    code: str
    column: str
    text: str


@dataclass(slots=True, kw_only=True)
class RawTable:
    """Rows of text with the place where each stood in the file.

    Attributes
    ----------
    columns : list of str
        Names as written; repeated ones are told apart by `unique_names`.
    rows : list of list of str
        One list a record, as long as `columns`; empty where `cells` holds them.
    cells : list of pyarrow.Array, or None
        The same column by column, from a reader of large tables.
    source_rows : sequence of int
        Physical line, row or feature of each record, from 1, the header included.
    shapes : list of bytes or None, or None
        Well-known binary of each record's geometry; None where the file is a plain table.
    problems : list of Problem
        Records that did not fit.
    records : int
        What an independent counter found: must equal records + problems.
    blank : int
        Blank lines or rows, which are no records.
    crs : str
        Coordinate system that the file states, empty if none.
    encoding, layer, format : str
        How it was read.
    repaired : list of int
        Source rows whose polygons crossed themselves and were mended.
    notes : list of tuple (code, count)
        What was noticed about the file as a whole.
    raster : dict, or None
        What is known of a raster, whose cells are in a file of their own; such a table has no rows.
    """

    columns: list[str]
    rows: list[list[str]]
    source_rows: Any
    cells: list[Any] | None = None
    shapes: list[bytes | None] | None = None
    problems: list[Problem] = field(default_factory=list)
    records: int = 0
    blank: int = 0
    crs: str = ""
    encoding: str = ""
    layer: str = ""
    format: str = ""
    repaired: list[int] = field(default_factory=list)
    notes: list[tuple[str, int]] = field(default_factory=list)
    raster: dict[str, Any] | None = None

    def lay_out_rows(self) -> None:
        """Turn columns into rows, for work that goes record by record."""
        if self.cells is not None:
            self.rows = [list(row) for row in zip(*(one.to_pylist() for one in self.cells), strict=True)]
            self.source_rows = list(map(int, self.source_rows))
            self.cells = None


def fit_cells(cells: list[str], width: int, least: int) -> list[str] | None:
    """Cells of a record in the width of its header; None where one would shift in silence.

    Parameters
    ----------
    cells : list of str
    width : int
        Cells of the header.
    least : int
        Cells of the header that have a name: the others may be left off.
    """
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if least <= len(cells) < width:
        cells = cells + [""] * (width - len(cells))
    return cells if len(cells) == width else None


def unique_names(names: Sequence[str]) -> list[str]:
    """Tell repeated and empty column names apart: ``名称``, ``名称.2``, ``column 3``."""
    seen: set[str] = set()
    result = []
    for place, name in enumerate(names, start=1):
        base = name.strip() or f"column {place}"
        unique, count = base, 1
        while unique in seen:
            count += 1
            unique = f"{base}.{count}"
        seen.add(unique)
        result.append(unique)
    return result
