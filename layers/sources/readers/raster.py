"""GeoTIFF: one band of heights, looked over before a cell is read, and copied clean."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.crs
import rasterio.errors
import rasterio.windows
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError

from geo.errors import N_, ChoiceError, Option, SchemaError, SourceError
from layers.sources.arguments import as_argument
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.refusals import no_layer, too_large

__all__ = ["CLEAN", "read_raster"]

CLEAN = "raster.tif"
"""Name of the copy, beside the file that was read."""
_METRES = {"m", "metre", "metres", "meter", "meters", "米"}
_SMALL = {"int8", "uint8", "int16", "uint16", "float32"}
"""Types whose values a float32 holds exactly."""
_WINDOW_CELLS = 4_000_000
_BLOCK_BYTES = 1 << 30
_LOWEST_M, _HIGHEST_M = -500.0, 9_000.0
_FAULTS = (rasterio.errors.RasterioError, CPLE_BaseError, ValueError, OSError)
"""What rasterio raises at a broken file; some errors of GDAL it hands on as they are."""


@dataclass(slots=True)
class _Range:
    low: float = math.inf
    high: float = -math.inf
    valid: int = 0


def read_raster(
    path: Path, *, kind: str | None = None, layer: str | None = None, crs: str | None = None
) -> RawTable:
    """Read one band of heights, and leave a copy of it that holds nothing else.

    Parameters
    ----------
    path : Path
        The copy is written beside it, as `CLEAN`: one band, compressed, with the same cells, the
        coordinate system, the value for missing cells, and no other word of the file.
    kind : str, optional
        ``terrain``; a raster is of no other kind.
    layer : str, optional
        Number of the band, from 1; asked where there are several.
    crs : str, optional
        Well-known text of the coordinate system, in place of the file's own.

    Returns
    -------
    RawTable
        Without rows; `RawTable.raster` says what the copy holds.

    Raises
    ------
    SourceError, SchemaError
        If it is too large, lies nowhere, holds no heights or none in metres.
    ChoiceError
        If it has several bands.

    Notes
    -----
    O(n) in the cells of the band, some four million of them in memory at a time.
    """
    if kind != "terrain":
        raise SchemaError(
            N_("the file is a raster of cells, and no table of points, lines or areas"),
            hint=N_("import it with --as terrain"),
            code="WRONG_GEOMETRY",
        )
    try:
        with rasterio.open(path, driver="GTiff") as source:
            band = _look_over(source, layer)
            facts, notes = _copy(source, band, path.parent / CLEAN, crs)
    except _FAULTS as error:
        reason = " ".join(str(error).split())[:200].replace(str(path), path.name)
        if "File too large" in reason or "No space" in reason:
            raise SourceError(
                N_("the raster's copy is larger than an import may write"),
                hint=N_("cut it to the area, or make it coarser"),
                code="TOO_LARGE",
            ) from None
        raise SourceError(
            N_("the raster cannot be read: {reason}"), hint=N_("save it again as GeoTIFF"), reason=reason
        ) from None
    table = RawTable(columns=[], rows=[], source_rows=[], format="GeoTIFF", layer=str(band))
    table.crs, table.raster, table.notes = str(facts["crs"]), facts, notes
    return table


def _look_over(source: Any, layer: str | None) -> int:
    """Refuse what is too large or lies nowhere, by the header alone; return the band to read."""
    cells = source.width * source.height
    for count, limit, what in (
        (cells, LIMITS.cells, "cells"),
        (source.count, LIMITS.bands, "bands"),
        (math.prod(source.block_shapes[0]) * np.dtype(source.dtypes[0]).itemsize, _BLOCK_BYTES, "bytes"),
    ):
        if count > limit:
            raise too_large(limit, what, hint=N_("cut it to the area, or make it coarser"))
    if len(source.subdatasets) > 1:
        raise SourceError(
            N_("the file holds {count} rasters, and one is read"),
            hint=N_("save the one with the heights by itself"),
            count=len(source.subdatasets),
        )
    if source.transform.is_identity or source.transform.determinant == 0:
        raise SourceError(
            N_("the raster does not say where it lies"),
            hint=N_("save it as GeoTIFF with its coordinates; a world file beside it is not read"),
        )
    band = _band(source, layer)
    palette = source.colorinterp[band - 1] == rasterio.enums.ColorInterp.palette
    if palette or np.dtype(source.dtypes[band - 1]).kind not in "iuf":
        raise SourceError(
            N_("the raster holds no heights: its cells are {what}"),
            hint=N_("give a digital elevation model, one number a cell"),
            what="colours" if palette else source.dtypes[band - 1],
        )
    unit = (source.units[band - 1] or "").strip()
    if unit and unit.casefold() not in _METRES:
        raise SourceError(
            N_("the raster's heights are in “{unit}”"),
            hint=N_("convert them to metres"),
            where=unit,
            unit=unit,
        )
    return band


def _band(source: Any, layer: str | None) -> int:
    if layer is None and source.count > 1:
        described = [source.descriptions[number] or source.dtypes[number] for number in range(source.count)]
        raise ChoiceError(
            N_("the raster has {count} bands"),
            hint=N_("choose the one with the heights"),
            about="layer",
            code="LAYER",
            options=[
                Option(str(number), f"{number}: {text}", as_argument({"layer": str(number)}))
                for number, text in enumerate(described, start=1)
            ],
            preview=[{"band": number, "holds": text} for number, text in enumerate(described[:5], start=1)],
            count=source.count,
        )
    if layer is None:
        return 1
    if not layer.isdecimal() or not 1 <= int(layer) <= source.count:
        raise no_layer(layer, map(str, range(1, source.count + 1)))
    return int(layer)


def _copy(
    source: Any, band: int, path: Path, crs: str | None
) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    """Copy a band window by window; return what it holds, and what is to be noticed."""
    system = source.crs if crs is None else rasterio.crs.CRS.from_wkt(crs)
    scale, offset = source.scales[band - 1], source.offsets[band - 1]
    kind, nodata = source.dtypes[band - 1], source.nodatavals[band - 1]
    masked = any(
        flag in (rasterio.enums.MaskFlags.per_dataset, rasterio.enums.MaskFlags.alpha)
        for flag in source.mask_flag_enums[band - 1]
    )
    is_float = np.dtype(kind).kind == "f"
    if (scale, offset) != (1.0, 0.0) or (masked and not is_float):
        kind, nodata, is_float = "float32" if kind in _SMALL else "float64", math.nan, True
    elif is_float and nodata is None:
        nodata = math.nan
    found = _Range()
    profile = {
        "driver": "GTiff", "width": source.width, "height": source.height, "count": 1, "dtype": kind,
        "crs": system, "transform": source.transform, "nodata": nodata, "compress": "deflate",
        "tiled": True, "blockxsize": 256, "blockysize": 256, "bigtiff": "IF_SAFER",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as copy:
        for window in _windows(source, band):
            cells = source.read(band, window=window, masked=True)
            copy.write(_clean(cells, kind, nodata, (scale, offset), found), 1, window=window)
    if not found.valid:
        raise SourceError(N_("every cell of the raster is empty"), code="NO_ROWS")
    notes = [] if (source.units[band - 1] or "").strip() else [("HEIGHTS_IN_METRES", 1)]
    if found.low < _LOWEST_M or found.high > _HIGHEST_M:
        notes.append(("HEIGHTS_BEYOND_LAND", 1))
    a, b, c, d, e, f = tuple(source.transform)[:6]
    middle = (
        a * source.width / 2 + b * source.height / 2 + c,
        d * source.width / 2 + e * source.height / 2 + f,
    )
    epsg = None if system is None else system.to_epsg()
    return {
        "width": source.width,
        "height": source.height,
        "bands": source.count,
        "crs": f"EPSG:{epsg}" if epsg else system.to_wkt() if system else "",
        "nodata": "nan" if nodata is not None and math.isnan(nodata) else nodata,
        "min": found.low,
        "max": found.high,
        "valid": found.valid,
        "empty": source.width * source.height - found.valid,
        "cell": [math.hypot(a, d), math.hypot(b, e)],
        "middle": list(middle),
    }, notes


def _windows(source: Any, band: int) -> Iterator[rasterio.windows.Window]:
    """Strips of whole blocks, so that no block is unpacked twice."""
    block = source.block_shapes[band - 1][0]
    rows = max(1, _WINDOW_CELLS // source.width // block) * block
    for top in range(0, source.height, rows):
        yield rasterio.windows.Window(0, top, source.width, min(rows, source.height - top))


def _clean(
    cells: np.ma.MaskedArray[Any, Any],
    kind: str,
    nodata: float | None,
    linear: tuple[float, float],
    found: _Range,
) -> NDArray[Any]:
    """Cells as they are written: scaled, and missing ones as the value that says so."""
    values = np.asarray(cells.data)
    valid = ~np.ma.getmaskarray(cells)
    if values.dtype.kind == "f":
        valid &= np.isfinite(values)
    if linear != (1.0, 0.0):
        values = values * linear[0] + linear[1]
    values = values.astype(kind)
    if valid.any():
        found.low = min(found.low, float(values[valid].min()))
        found.high = max(found.high, float(values[valid].max()))
        found.valid += int(valid.sum())
    return values if nodata is None else np.where(valid, values, np.asarray(nodata, dtype=kind))
