"""Which reader opens which kind of file: one entry a format.

Used in the locked-down worker alone: what a reader needs is imported before the doors close.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from geo.errors import N_, SourceError
from layers.sources.raw import RawTable
from layers.sources.readers.formats import refuse

__all__ = ["READERS", "Reader", "preload_reader", "read_kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How a kind of file is read.

    Attributes
    ----------
    function : str
        ``module:function``, the module being one of this package; returns a `RawTable`.
    takes : "path" or "bytes"
        What the function is called with.
    answers : tuple of str
        Answers of the user that it takes by name: layer, header, encoding, geometry.
    libraries : tuple of str
        Modules that it imports while reading, and that must be there before the doors close.
    """

    function: str
    takes: Literal["path", "bytes"] = "bytes"
    answers: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


_REPAIR = "layers.sources.repair"
READERS: dict[str, Reader] = {
    "delimited": Reader(function="delimited:read_delimited", answers=("encoding", "header", "geometry")),
    "xlsx": Reader(
        function="workbook:read_workbook",
        answers=("layer", "header"),
        libraries=("openpyxl", "mimetypes"),
    ),
    "xls": Reader(
        function="legacy_workbook:read_legacy_workbook",
        takes="path",
        answers=("layer", "header"),
        libraries=("xlrd", "python_calamine"),
    ),
    "geojson": Reader(function="geojson:read_geojson", libraries=(_REPAIR,)),
    "kml": Reader(function="kml:read_kml", answers=("layer", "encoding"), libraries=(_REPAIR,)),
    "kmz": Reader(
        function="kml:read_kmz",
        takes="path",
        answers=("layer", "encoding"),
        libraries=(_REPAIR,),
    ),
    "shapefile": Reader(
        function="shapefile:read_shapefile",
        takes="path",
        answers=("layer", "encoding"),
        libraries=(_REPAIR, "pyogrio"),
    ),
    "flatgeobuf": Reader(
        function="flatgeobuf:read_flatgeobuf",
        takes="path",
        libraries=(_REPAIR, "pyogrio"),
    ),
    "parquet": Reader(
        function="geoparquet:read_geoparquet",
        takes="path",
        libraries=(_REPAIR, "pyarrow.parquet"),
    ),
    "gpkg": Reader(
        function="geopackage:read_geopackage",
        takes="path",
        answers=("layer",),
        libraries=(_REPAIR, "pyogrio"),
    ),
    "dxf": Reader(
        function="dxf:read_dxf",
        answers=("layer", "encoding", "units", "crs", "types"),
        libraries=(_REPAIR,),
    ),
    "tiff": Reader(function="raster:read_raster", takes="path", answers=("kind", "layer", "crs")),
    "pbf": Reader(
        function="osm:read_osm",
        takes="path",
        answers=("layer", "kind", "types"),
        libraries=(_REPAIR,),
    ),
    "parcels": Reader(
        function="parcel_text:read_parcels",
        answers=("encoding",),
        libraries=(_REPAIR,),
    ),
}
"""Kind of file, as `formats.sniff` names it → its reader."""


def preload_reader(kind: str) -> None:
    """Import what reading needs before the doors close.

    Raises
    ------
    SourceError
        If files of this kind are not read.
    """
    if kind not in READERS:
        raise refuse(kind)
    reader = READERS[kind]
    for library in ("pyarrow", *reader.libraries):
        importlib.import_module(library)
    _module(reader)


def read_kind(kind: str, path: Path, order: dict[str, Any]) -> RawTable:
    """Have the reader of this kind read a file.

    Parameters
    ----------
    kind : str
        One of `READERS`.
    path : Path
    order : dict
        Answers of the user; the reader gets those that it takes.

    Raises
    ------
    ParkError
        Whatever the reader has to say; see its own page.
    """
    reader = READERS[kind]
    read = getattr(_module(reader), reader.function.partition(":")[2])
    answers = {answer: order.get(answer) for answer in reader.answers}
    given = path if reader.takes == "path" else _filled(path.read_bytes())
    table: RawTable = read(given, **answers)
    return table


def _module(reader: Reader) -> ModuleType:
    return importlib.import_module(f"{__package__}.{reader.function.partition(':')[0]}")


def _filled(data: bytes) -> bytes:
    if not data.strip():
        raise SourceError(
            N_("the file is empty"), hint=N_("choose a file with a header and rows"), code="NO_ROWS"
        )
    return data
