"""Geometries that stand in a column of text: well-known text (WKT) or GeoJSON, one a row."""

from __future__ import annotations

import shapely

from geo.errors import N_, SchemaError, nearest_name
from layers.sources.raw import Problem, RawTable

__all__ = ["take_geometry_column"]


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
