"""Geometries that stand in a column of text: well-known text (WKT) or GeoJSON, one a row."""

from __future__ import annotations

import re
from collections.abc import Sequence

import shapely

from geo.errors import N_, ChoiceError, Option, SchemaError, nearest_name
from layers.sources.arguments import as_argument
from layers.sources.columns import find_roles
from layers.sources.raw import Problem, RawTable

__all__ = ["find_geometry_column", "take_geometry_column"]

_WKT = re.compile(
    r"\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*(?:ZM?|M)?\s*\(|\s*\{\s*\"(?:type|coordinates)\"",
    re.IGNORECASE,
)
_SAMPLE, _MOST = 200, 0.8


def find_geometry_column(table: RawTable, types: Sequence[str]) -> str | None:
    """Find the column that holds geometries as text, where the coordinates are not in columns of their own.

    Parameters
    ----------
    table : RawTable
        Without shapes; left as it is.
    types : sequence of str
        Types of geometries that are wanted; where points are, columns of longitude and latitude win.

    Returns
    -------
    str or None

    Raises
    ------
    ChoiceError
        If several columns hold geometries.
    """
    roles = find_roles(table.columns)
    if not types or ("Point" in types and "lon" in roles and "lat" in roles):
        return None
    if table.cells is not None:
        samples = [one.slice(0, _SAMPLE).to_pylist() for one in table.cells]
    else:
        samples = [list(one) for one in zip(*table.rows[:_SAMPLE], strict=True)]
    held = []
    for column, sample in zip(table.columns, samples, strict=False):
        filled = [cell for cell in sample if cell.strip()]
        if filled and sum(_WKT.match(cell) is not None for cell in filled) >= _MOST * len(filled):
            held.append(column)
    if len(held) > 1:
        raise ChoiceError(
            N_("{count} columns hold geometries"),
            hint=N_("choose one"),
            about="columns",
            code="COLUMNS",
            options=[Option(one, one, as_argument({"geometry": one})) for one in held],
            preview=[
                {column: str(cell)[:80] for column, cell in zip(table.columns, row, strict=False)}
                for row in zip(*(sample[:5] for sample in samples), strict=False)
            ],
            count=len(held),
        )
    return held[0] if held else None


def take_geometry_column(table: RawTable, column: str) -> None:
    """Give each record of a table the geometry that a column of it holds.

    Parameters
    ----------
    table : RawTable
        Its shapes are replaced. An empty cell is a record without geometry; a record whose cell is
        neither WKT nor GeoJSON becomes a problem.
    column : str
        Name of the column as written; it stays in the table as text.

    Raises
    ------
    SchemaError
        If there is no such column.

    Notes
    -----
    O(n). Heights are left out, as everywhere.
    """
    if column not in table.columns:
        near = nearest_name(column, table.columns)
        raise SchemaError(
            N_("there is no column “{column}” for the geometry"),
            hint=N_("did you mean “{near}”?") if near else N_("it has: {columns}"),
            where=column,
            column=column,
            near=near,
            columns=", ".join(table.columns[:30]),
        )
    place = table.columns.index(column)
    shapes: list[bytes | None] = []
    rows, source_rows = [], []
    for row, source_row in zip(table.rows, table.source_rows, strict=True):
        text = row[place].strip()
        try:
            shapes.append(_well_known_binary(text) if text else None)
        except (shapely.errors.ShapelyError, ValueError):
            table.problems.append(
                Problem(source_row=source_row, code="INVALID_GEOMETRY", column=column, text=text[:500])
            )
            continue
        rows.append(row)
        source_rows.append(source_row)
    table.rows, table.source_rows, table.shapes = rows, source_rows, shapes


def _well_known_binary(text: str) -> bytes:
    shape = shapely.from_geojson(text) if text.startswith("{") else shapely.from_wkt(text)
    return bytes(shapely.to_wkb(shapely.force_2d(shape)))
