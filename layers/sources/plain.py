"""What a file holds before it is understood: its columns for a form, and the rejected rows cell by cell.

Read in the sandboxed worker like any import. The account of an import keeps only the text of what it
rejected; to be corrected and given again, a row is needed in the columns of its file.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import CrsError
from layers.sources.cells import parse_numbers
from layers.sources.coordinates import parse_crs, points_to_wgs84
from layers.sources.importer import Imported, parse_source_argument, reading_order
from layers.sources.options import with_mapping
from layers.sources.worker.parent import read_locked

__all__ = ["PlainTable", "read_plain", "rejected_cells", "rejected_places"]

_OURS = ("source_row", "reject_code", "reject_reason", "reject_text")
"""Columns of a table of rejects that are not the file's; taken off again when it comes back."""
_WHOLE_TEXT = 500
"""Longer texts of rejects were shortened, and are not taken apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainTable:
    """A file as it stands, n rows.

    Attributes
    ----------
    source : DataFrame
        Cells as text, in the columns of the file.
    source_row : ndarray of shape (n,)
        Physical line, row or feature of each.
    shapes : ndarray of shape (n,) or None
        Geometries as they came; None for a plain table.
    format, encoding, layer : str
        How it was read.
    """

    source: pd.DataFrame
    source_row: NDArray[np.int64]
    shapes: NDArray[np.object_] | None
    format: str = ""
    encoding: str = ""
    layer: str = ""


def read_plain(source: str, kind: str, *, cancelled: Callable[[], bool] | None = None) -> PlainTable:
    """Read a file without checking its rows.

    Parameters
    ----------
    source : str
        As on the command line: ``FILE`` or ``FILE::key=value,…``; answers about sheet, header and
        encoding count.
    kind : str
        What the table is taken for.

    Raises
    ------
    SourceError, ChoiceError
        As `import_source` does where the file cannot be read.

    Notes
    -----
    O(n).
    """
    path, options = parse_source_argument(source)
    options = with_mapping(options)
    answer = read_locked(path, reading_order(replace(options, kind=kind)), cancelled=cancelled)
    shapes = None
    if answer.meta["has_shapes"]:
        blobs = np.array(answer.table["shape"].to_pylist(), dtype=object)
        shapes = np.asarray(shapely.from_wkb(blobs, on_invalid="ignore"), dtype=object)
    return PlainTable(
        source=answer.cells().fillna(""),
        source_row=answer.source_rows(),
        shapes=shapes,
        **{key: str(answer.meta[key]) for key in ("format", "encoding", "layer")},
    )


def rejected_cells(plain: PlainTable, imported: Imported) -> pd.DataFrame:
    """Return the rejected rows in the columns of their file, ready to be corrected and imported.

    Parameters
    ----------
    plain : PlainTable
        The same file, read with the same answers.
    imported : Imported

    Returns
    -------
    DataFrame
        One row a reject, in the order of `Imported.rejects`: the file's columns as text; ``geometry``
        (WKT) where it has geometries; source_row, reject_code, reject_reason (message template);
        reject_text, the text of a row that did not fit the columns.

    Notes
    -----
    O(n). A row with too many or too few cells is laid into the columns from the left, and its whole
    text stands beside it. The reasons are left out again when the table is imported.
    """
    rejects = imported.rejects
    own = [column for column in plain.source.columns if column not in _OURS]
    place = pd.Series(np.arange(len(plain.source_row)), index=plain.source_row)
    place = place[~place.index.duplicated()].reindex(rejects["source_row"])
    known = place.notna().to_numpy()
    at = place.fillna(0).to_numpy(dtype=np.int64)
    cells = pd.DataFrame("", index=rejects.index, columns=own, dtype=object)
    if known.any():
        cells.loc[known] = plain.source[own].to_numpy(dtype=object)[at[known]]
    if plain.shapes is not None:
        texts = np.full(len(rejects), "", dtype=object)
        shapes = plain.shapes[at[known]] if known.any() else np.array([], dtype=object)
        texts[known] = [
            shapely.to_wkt(one, rounding_precision=9) if one is not None else "" for one in shapes
        ]
        cells["geometry"] = texts
    for row in np.flatnonzero(~known):
        text = str(rejects["text"].iloc[row])
        if rejects["code"].iloc[row] == "COLUMN_COUNT" and len(text) < _WHOLE_TEXT:
            parts = next(csv.reader([text]), [])[: len(own)]
            cells.iloc[row, : len(parts)] = parts
    return cells.assign(
        source_row=rejects["source_row"],
        reject_code=rejects["code"],
        reject_reason=rejects["message"],
        reject_text=rejects["text"].where(~known, ""),
    )


def rejected_places(
    cells: pd.DataFrame, imported: Imported
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude (degrees, WGS 84) of rejected rows that have readable ones, else NaN.

    Coordinates of 0, 0 mean nothing; those of a row with exchanged axes are exchanged back, which is
    where a person would look for it.
    """
    count = len(cells)
    lon, lat = np.full(count, np.nan), np.full(count, np.nan)
    source = {name: column for column, name in imported.renamed.items()}
    columns = [source.get(name, name) for name in map(imported.roles.get, ("lon", "lat")) if name]
    if len(columns) < 2 or not set(columns) <= set(cells.columns) or not count:
        return lon, lat
    x, y = (parse_numbers(cells[column].tolist())[0] for column in columns)
    code = cells["reject_code"].to_numpy()
    turned = (code == "SWAPPED_AXES") != (imported.options.axes == "yx")
    x, y = np.where(turned, y, x), np.where(turned, x, y)
    with np.errstate(invalid="ignore"):
        good = np.isfinite(x) & np.isfinite(y) & (code != "NULL_ISLAND")
    try:
        crs = parse_crs(imported.options.crs or imported.report.crs or "WGS84")
    except CrsError:
        return lon, lat
    if crs.in_degrees:
        good &= (np.abs(x) <= 180) & (np.abs(y) <= 90)
    if good.any():
        lon[good], lat[good] = points_to_wgs84(x[good], y[good], crs)
    on_earth = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return np.where(on_earth, lon, np.nan), np.where(on_earth, lat, np.nan)
