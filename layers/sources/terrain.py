"""Terrain out of a file that somebody gave: a raster of heights, checked and copied clean by the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from geo.errors import N_, CrsError, SchemaError
from geo.progress import Progress, stop_asked
from layers.sources.coordinates import (
    Crs,
    ask_crs,
    ask_zone,
    in_china_box,
    parse_crs,
    points_to_wgs84,
    system_of_file,
)
from layers.sources.importer import look_at, reading_order
from layers.sources.options import ImportOptions, parse_source_argument, with_mapping
from layers.sources.report import CODES, Notice
from layers.sources.rows import READING
from layers.sources.worker.parent import Answer, read_locked

__all__ = ["ImportedTerrain", "import_terrain", "is_terrain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImportedTerrain:
    """A checked raster of heights.

    Attributes
    ----------
    data : bytes
        A GeoTIFF of one band in the file's own cells and coordinate system: nothing is resampled.
    facts : mapping
        width, height, bands, crs, nodata (``nan`` as text), min, max in metres, valid, empty: cells
        with and without a height, together width × height; cell: width and height of one.
    warnings : tuple of Notice
    format, layer, sha256 : str
        The band that was read is the layer.
    options : ImportOptions
    """

    data: bytes
    facts: Mapping[str, Any]
    warnings: tuple[Notice, ...]
    format: str
    layer: str
    sha256: str
    options: ImportOptions

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return the object that `parkplan import --as terrain --json` prints."""
        told = ("width", "height", "bands", "crs", "nodata", "min", "max", "valid", "empty", "cell")
        return {
            "kind": "terrain",
            **{name: self.facts[name] for name in told},
            "layer": self.layer,
            "format": self.format,
            "warnings": [warning.to_json(translate) for warning in self.warnings],
            "sha256": self.sha256,
        }


def is_terrain(source: str, kind: str | None) -> bool:
    """Whether a source is to be taken as terrain: said by the kind, by an answer or by a mapping."""
    if kind not in (None, "any"):
        return kind == "terrain"
    return with_mapping(parse_source_argument(source)[1]).kind == "terrain"


def import_terrain(source: str, *, progress: Progress | None = None) -> ImportedTerrain:
    """Read a GeoTIFF of heights in the sandboxed worker.

    Parameters
    ----------
    source : str
        ``FILE``, ``FILE::key=value,…`` or the directory of an earlier import; `crs` and `layer` (the
        number of the band) are answers that are used.
    progress : callable, optional
        Told how far the work is, about once a second; may raise `CancelledError` to stop it.

    Raises
    ------
    SourceError, SchemaError, CrsError
        If it is refused, is no GeoTIFF, or the system is one that no raster can be in.
    ChoiceError
        If it has several bands, or metres of no stated system.

    Notes
    -----
    Degrees of no stated system are taken as WGS 84 and flagged, as those of points are.
    """
    path, options = parse_source_argument(source)
    options = with_mapping(replace(options, kind="terrain"))
    look_at(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    stated = None if options.crs is None else _plain(parse_crs(options.crs))
    answer = _read(path, options, stated, progress)
    notes = [(str(code), int(count)) for code, count in answer.meta["notes"]]
    facts = answer.meta["raster"]
    x, y = (np.array([value], dtype=float) for value in facts["middle"])
    if not system_of_file(str(facts["crs"])):
        if abs(x[0]) > 180 or abs(y[0]) > 90:
            raise ask_crs(x, y, [{"x": float(x[0]), "y": float(y[0])}])
        stated = parse_crs("WGS84")
        answer = _read(path, options, stated, progress)
        facts = answer.meta["raster"]
        notes.append(("CRS_ASSUMED", 1))
    crs = stated or _plain(parse_crs(facts["crs"]))
    if crs.approximate:
        notes.append(("DATUM_APPROXIMATE", 1))
    question = ask_zone(x, y, crs, [{"x": float(x[0]), "y": float(y[0])}])
    if question is not None:
        raise question
    lon, lat = points_to_wgs84(x, y, crs)
    if not (abs(lon[0]) <= 180 and abs(lat[0]) <= 90):
        raise CrsError(
            N_("the raster's middle ({x:g}, {y:g}) cannot lie in {crs}"),
            hint=N_("give the system in which it was made, for example EPSG:4326"),
            where="crs",
            code="OUT_OF_RANGE",
            x=float(x[0]),
            y=float(y[0]),
            crs=crs.name,
        )
    if not in_china_box(lon, lat)[0]:
        notes.append(("OUTSIDE_CHINA", 1))
    assert answer.raster is not None
    return ImportedTerrain(
        data=answer.raster,
        facts=facts | {"crs": crs.name},
        warnings=tuple(Notice(code=code, count=count) for code, count in sorted(notes) if code in CODES),
        format=str(answer.meta["format"]),
        layer=str(answer.meta["layer"]),
        sha256=sha256,
        options=options,
    )


def _read(path: Path, options: ImportOptions, crs: Crs | None, progress: Progress | None) -> Answer:
    system = None if crs is None or crs.crs is None else crs.crs.to_wkt()
    order = reading_order(options) | {"crs": system}
    answer = read_locked(path, order, cancelled=stop_asked(progress, READING))
    if answer.raster is None:
        raise SchemaError(
            N_("“{name}” is no GeoTIFF, and terrain is read from nothing else"),
            hint=N_("export the heights as GeoTIFF"),
            where=path.name,
            code="WRONG_GEOMETRY",
            name=path.name,
        )
    return answer


def _plain(crs: Crs) -> Crs:
    """A system that a raster can be in: one that PROJ knows, without steps of our own."""
    if crs.crs is None:
        raise CrsError(
            N_("a raster cannot be in {crs}: its cells would no longer be a grid"),
            hint=N_("give the system in which it was made, for example EPSG:4326"),
            where="crs",
            crs=crs.name,
        )
    return crs
