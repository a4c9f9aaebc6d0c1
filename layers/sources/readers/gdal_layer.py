"""One layer as GDAL reads it: every attribute as text, every geometry flat, nothing interpreted."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo.errors import N_, SourceError
from layers.sources.raw import RawTable

__all__ = ["Layer", "flat_shapes", "read_layer", "value_text"]

_ARCS = {8, 9, 10, 11, 12}
"""Circular string, compound curve, curve polygon, multi curve, multi surface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What GDAL says of a layer.

    Attributes
    ----------
    columns : list of str
    rows : list of list of str
        By feature number, rising.
    shapes : list of bytes or None, or None
        Well-known binary without heights; None for a table without geometries.
    crs : str
        Authority and code, or well-known text; empty where the file states none.
    """

    columns: list[str]
    rows: list[list[str]]
    shapes: list[bytes | None] | None
    crs: str

    def table(self, *, records: int, layer: str, format_: str) -> RawTable:
        """Return it as what a reader hands over, rows numbered as they lie.

        Parameters
        ----------
        records : int
            What a counter that is not GDAL found.
        layer, format_ : str
        """
        return RawTable(
            columns=self.columns,
            rows=self.rows,
            source_rows=list(range(1, len(self.rows) + 1)),
            shapes=self.shapes,
            records=records,
            crs=self.crs,
            encoding="utf-8",
            layer=layer,
            format=format_,
        )


def read_layer(path: Path, layer: str | None = None, *, name: str = "") -> Layer:
    """Read all features of a layer.

    Parameters
    ----------
    path : Path
    layer : str, optional
        Needed where the file has several.
    name : str, optional
        What messages call the layer, if not by `layer`.

    Raises
    ------
    SourceError
        If GDAL cannot read it.

    Notes
    -----
    Arcs become GDAL's approximation of them. O(n).
    """
    import pyogrio

    called = name or layer or ""
    try:
        # Through Arrow: whole numbers stay whole where others are missing, and every row is read
        # whatever number of them the file claims to hold.
        meta, table = pyogrio.raw.read_arrow(path, layer=layer, return_fids=True, datetime_as_string=True)
        columns = [str(column) for column in meta["fields"]]
        fids = table.column(meta["fid_column"]).to_numpy()
        values = [table.column(column).to_pylist() for column in columns]
        blobs: list[bytes | None] | None = None
        if meta["geometry_type"] is not None:
            blobs = table.column(meta["geometry_name"] or "wkb_geometry").to_pylist()
            _straighten(path, layer, fids, blobs)
    except MemoryError:
        raise
    except (pyogrio.errors.DataSourceError, RuntimeError, OSError, ValueError) as error:
        raise SourceError(
            N_("the layer “{layer}” cannot be read: {reason}"),
            where=called,
            layer=called,
            reason=(str(error).strip() or type(error).__name__).splitlines()[0][:200],
        ) from None
    except Exception:  # noqa: BLE001 - over a damaged file pyogrio's own code stumbles, too
        raise SourceError(
            N_("the layer “{layer}” is damaged"), hint=N_("export it again"), where=called, layer=called
        ) from None
    order = np.argsort(fids, kind="stable").tolist()
    return Layer(
        columns=columns,
        rows=[[value_text(column[place]) for column in values] for place in order],
        shapes=None if blobs is None else flat_shapes([blobs[place] for place in order]),
        crs=_crs(meta["crs"]),
    )


def flat_shapes(blobs: list[bytes | None]) -> list[bytes | None]:
    """Return geometries without heights; what is no geometry becomes None."""
    flat = shapely.force_2d(shapely.from_wkb(np.array(blobs, dtype=object), on_invalid="ignore"))
    return [None if shape is None else bytes(shapely.to_wkb(shape)) for shape in flat]


def value_text(value: Any) -> str:
    """Return a value as text: no ``.0`` behind whole numbers, nothing for what is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=value_text)
    return value.hex() if isinstance(value, bytes) else str(value)


def _straighten(path: Path, layer: str | None, fids: Any, blobs: list[bytes | None]) -> None:
    """Replace geometries with arcs by GDAL's approximation of them; all others stay."""
    import pyogrio

    bent = {int(fids[place]): place for place, blob in enumerate(blobs) if blob and _type(blob) in _ARCS}
    if bent:
        _, found, shapes, _ = pyogrio.raw.read(
            path, layer=layer, columns=[], fids=list(bent), return_fids=True
        )
        for fid, shape in zip(found.tolist(), shapes, strict=True):
            blobs[bent[fid]] = shape


def _type(blob: bytes) -> int:
    """Type of a well-known binary, without its flags for height and measure."""
    number = int.from_bytes(blob[1:5], "little" if blob[:1] == b"\x01" else "big")
    return (number & 0xFFFF) % 1_000


def _crs(stated: str | None) -> str:
    """The stated system; what GeoPackage calls undefined is none."""
    text = str(stated or "")
    return "" if "Undefined" in text[:40] else text
