"""Tables promise: geometry types, columns with meaning and unit, metric coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import N_, CrsError, SchemaError

__all__ = ["Column", "TableSchema", "require_metric"]

Kind = Literal["text", "number", "count", "flag", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what it means, its unit, and whether a table may lack it."""

    meaning: str
    unit: str = ""
    kind: Kind = "any"
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSchema:
    """What a table of one name always holds.

    Attributes
    ----------
    name : str
        Name of the table, as in ``docs/tables.md``.
    meaning : str
        What one row is.
    geometry : frozenset of str
        Allowed geometry types; none for a table without geometry.
    columns : mapping of str to Column
        Columns besides the geometry.
    """

    name: str
    meaning: str = ""
    geometry: frozenset[str] = frozenset()
    columns: Mapping[str, Column] = field(default_factory=dict)

    def check(self, table: gpd.GeoDataFrame) -> None:
        """Say at once everything that is wrong with `table`.

        Parameters
        ----------
        table : GeoDataFrame
            In a metric CRS; left unchanged.

        Raises
        ------
        SchemaError
            If columns are missing or of the wrong kind, geometries are missing, empty,
            not finite or of another type, or the index repeats itself.
        CrsError
            If the table has no CRS, or one that is not in metres.

        Notes
        -----
        O(n) in the number of rows.
        """
        problems: list[str] = []
        for name, column in self.columns.items():
            if name not in table.columns:
                if column.required:
                    problems.append(f"no column “{name}” ({column.meaning})")
            elif column.kind in ("number", "count") and not pd.api.types.is_numeric_dtype(table[name]):
                problems.append(f"column “{name}” is not numeric")
        if not table.index.is_unique:
            problems.append("the index repeats itself")
        shapes = np.asarray(table.geometry.values, dtype=object)
        missing = np.asarray(shapely.is_missing(shapes)) | np.asarray(shapely.is_empty(shapes))
        if missing.any():
            rows = list(table.index[missing][:5])
            problems.append(f"{int(missing.sum())} rows without a geometry, first {rows}")
        names = set(np.asarray(table.geometry.geom_type)[~missing])
        if wrong := sorted(names - self.geometry):
            problems.append(f"geometry of type {', '.join(wrong)}, wanted {', '.join(sorted(self.geometry))}")
        bounds = shapely.bounds(shapes[~missing])
        if bounds.size and not np.isfinite(bounds).all():
            problems.append("coordinates that are not finite")
        if problems:
            raise SchemaError(
                N_("the table “{table}” breaks its promise: {problems}"),
                hint=N_("see docs/tables.md for the columns of “{table}”"),
                where=self.name,
                table=self.name,
                problems="; ".join(problems),
            )
        require_metric(table, self.name)


def require_metric(table: gpd.GeoDataFrame | gpd.GeoSeries, name: str) -> None:
    """Raise `CrsError` unless `table` has a projected CRS in metres."""
    crs = table.crs
    if crs is None:
        raise CrsError(
            N_("the table “{table}” has no coordinate system"),
            hint=N_("state it when the file is imported"),
            where=name,
            table=name,
        )
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info[:2]):
        raise CrsError(
            N_("the table “{table}” is in {crs}, which is not in metres"),
            hint=N_("bring it into the study area's CRS first"),
            where=name,
            table=name,
            crs=crs.name,
        )
