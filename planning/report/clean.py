"""Tables that a person takes away: a checked one in four formats, rejected rows to be corrected."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import N_, UsageError
from planning.report.files import safe_cell, write_package, write_table

__all__ = ["CLEAN_FORMATS", "write_clean", "write_marked_csv", "write_workbook"]

_MOST_ROWS = 1_048_575  # of a sheet, below its header
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def write_clean(path: Path, table: gpd.GeoDataFrame, kind: str) -> None:
    """Write a checked table in the format that the file's ending names.

    Parameters
    ----------
    path : Path
        Ends with a key of `CLEAN_FORMATS`; must not exist.
    table : GeoDataFrame
        As an import returns it, EPSG:4326. CSV and XLSX keep lon and lat, no geometry.
    kind : str
        Names the layer of a GeoPackage.

    Raises
    ------
    UsageError
        If a sheet cannot hold so many rows.
    """
    _WRITERS[path.suffix](path, table, kind)


def write_marked_csv(path: Path, table: pd.DataFrame) -> None:
    """Write CSV in UTF-8 with a byte order mark, which Excel needs to see Chinese; formulas are disarmed."""
    write_table(path, table)
    content = path.read_bytes()
    path.write_bytes(_BYTE_ORDER_MARK + content)


def write_workbook(path: Path, table: pd.DataFrame) -> None:
    """Write one sheet; text stays text, whatever it begins with.

    Nothing is put before a text, so the sheet can be imported again as it is: a text that a spreadsheet
    would run is stored as text and marked so that it stays text when it is edited.

    Raises
    ------
    UsageError
        If a sheet cannot hold so many rows.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if len(table) > _MOST_ROWS:
        raise UsageError(
            N_("a sheet holds {most:,} rows, the table has {rows:,}"),
            hint=N_("take the CSV or the GeoPackage"),
            most=_MOST_ROWS,
            rows=len(table),
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")

    def cell(value: Any) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        if not isinstance(value, str):
            return value.item() if hasattr(value, "item") else value
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        made = WriteOnlyCell(sheet, text)
        made.data_type = "s"  # else “=1+1” is a formula and “#N/A” an error
        if safe_cell(text) != text:
            made.quotePrefix = True
        return made

    sheet.append([cell(str(name)) for name in table.columns])
    for row in table.itertuples(index=False, name=None):
        sheet.append([cell(value) for value in row])
    book.save(path)


def _flat(table: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.drop(columns=table.geometry.name))


def _parquet(path: Path, table: gpd.GeoDataFrame, _kind: str) -> None:
    table.to_parquet(path, index=False)


_WRITERS: Mapping[str, Callable[[Path, gpd.GeoDataFrame, str], None]] = {
    ".gpkg": lambda path, table, kind: write_package(path, {kind: table}),
    ".parquet": _parquet,
    ".csv": lambda path, table, _: write_marked_csv(path, _flat(table)),
    ".xlsx": lambda path, table, _: write_workbook(path, _flat(table)),
}
CLEAN_FORMATS: Mapping[str, tuple[str, str]] = {
    ".gpkg": ("GeoPackage", "application/geopackage+sqlite3"),
    ".parquet": ("GeoParquet", "application/vnd.apache.parquet"),
    ".csv": ("CSV", "text/csv"),
    ".xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
"""Ending → name and media type."""
