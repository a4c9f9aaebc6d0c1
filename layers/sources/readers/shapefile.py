"""Shapefiles in a zip: unpacked by ourselves, table and shapes read apart and counted against each other."""

from __future__ import annotations

import contextlib
import struct
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from geo.errors import N_, ChoiceError, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.archive import Archive, open_archive
from layers.sources.readers.dbf import read_dbf
from layers.sources.readers.gdal_layer import read_layer
from layers.sources.readers.refusals import no_layer, too_large, which_layer

__all__ = ["read_shapefile"]

_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
"""What is unpacked; other companions hold indexes and styles, which nobody needs here."""
_HEAD = 100
_CODE = b"\x00\x00\x27\x0a"


@dataclass(slots=True)
class _Parts:
    """Files that belong together: one name, several endings."""

    layer: str
    members: dict[str, str] = field(default_factory=dict)


def read_shapefile(path: Path, *, layer: str | None = None, encoding: str | None = None) -> RawTable:
    """Read one shapefile of a zip file.

    Parameters
    ----------
    path : Path
        The zip file; it may hold folders.
    layer : str, optional
        Name of the shapefile without its ending; asked when there are several.
    encoding : str, optional
        Of the texts in its table; else the .cpg, else found strictly, else asked.

    Raises
    ------
    SourceError
        If the zip is unsafe or damaged, or a part of the shapefile is missing.
    ChoiceError
        If there are several shapefiles and none was chosen, or two encodings are plausible.

    Notes
    -----
    The records are counted by the index (.shx), which neither reads the table nor the shapes.
    """
    with open_archive(path) as archive:
        parts = _choose(archive, layer)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            return _read(archive, parts, Path(folder), encoding)


def _read(archive: Archive, parts: _Parts, folder: Path, encoding: str | None) -> RawTable:
    for ending in ("shp", "shx", "prj"):
        if ending in parts.members:
            archive.unpack(parts.members[ending], folder / f"in.{ending}")
    if "prj" in parts.members:
        _respell(folder / "in.prj")
    count = _count(folder / "in.shx", folder / "in.shp")
    stated = (
        archive.read(parts.members["cpg"])[:40].decode("ascii", "ignore") if "cpg" in parts.members else ""
    )
    table = read_dbf(archive.read(parts.members["dbf"]), encoding=encoding, stated=stated)
    # The table stays where it is: GDAL reads the shapes alone, and numbers them as the table does.
    found = read_layer(folder / "in.shp", name=parts.layer)
    shapes = found.shapes or []
    if not len(table.rows) == len(shapes) == count:
        raise SourceError(
            N_("the shapefile “{layer}” has {shapes} shapes, but {rows} rows in its table"),
            hint=N_("export the shapefile again"),
            where=parts.layer,
            code="COLUMN_COUNT",
            layer=parts.layer,
            shapes=count,
            rows=len(table.rows),
        )
    read = RawTable(
        columns=table.columns, rows=[], source_rows=[], shapes=[], crs=found.crs, encoding=table.encoding,
        layer=parts.layer, format="Shapefile",
    )  # fmt: skip
    undecodable = set(table.undecodable)
    assert read.shapes is not None
    for place, row in enumerate(table.rows):
        if row is None:
            read.blank += 1
        elif place in undecodable:
            text = ",".join(row)[:500]
            read.problems.append(Problem(source_row=place + 1, code="UNDECODABLE_TEXT", column="", text=text))
        else:
            read.rows.append(row)
            read.source_rows.append(place + 1)
            read.shapes.append(shapes[place])
    read.records = count - read.blank
    read.notes += [("DELETED_ROWS", read.blank)] * bool(read.blank) + [("TEXT_CUT", table.cut)] * bool(
        table.cut
    )
    if "prj" not in parts.members:
        read.notes.append(("PRJ_MISSING", 1))
    return read


def _respell(path: Path) -> None:
    """Write a .prj in UTF-8, which is all that GDAL's callers take: Chinese names in it are GBK as a rule."""
    data = path.read_bytes()
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030", "latin-1"):
        with contextlib.suppress(UnicodeDecodeError):
            path.write_text(data.decode(encoding), encoding="utf-8")
            break


def _choose(archive: Archive, layer: str | None) -> _Parts:
    """Find the files that belong together, and the shapefile that is meant."""
    found: dict[str, _Parts] = {}
    for name in archive.members:
        stem, _, ending = name.rpartition(".")
        if stem and ending.lower() in _PARTS:
            parts = found.setdefault(stem.lower(), _Parts(layer=stem.replace("\\", "/").rpartition("/")[2]))
            parts.members[ending.lower()] = name
    shapefiles = {stem: parts for stem, parts in found.items() if "shp" in parts.members}
    if not shapefiles:
        lone = next(iter(found.values()), _Parts(layer=""))
        raise _lacks(lone, "shp")
    names = [parts.layer for parts in shapefiles.values()]
    for stem, parts in shapefiles.items():
        if names.count(parts.layer) > 1:  # the same name in two folders
            parts.layer = _written(parts, stem)
    if layer is None and len(shapefiles) > 1:
        raise _which(archive, list(shapefiles.values()))
    chosen = next((parts for parts in shapefiles.values() if layer in (None, parts.layer)), None)
    if chosen is None:
        raise no_layer(str(layer), (parts.layer for parts in shapefiles.values()))
    for ending in ("shx", "dbf"):
        if ending not in chosen.members:
            raise _lacks(chosen, ending)
    return chosen


def _written(parts: _Parts, stem: str) -> str:
    return parts.members["shp"][: len(stem)].replace("\\", "/")


def _count(index: Path, shapes: Path) -> int:
    """Number of records by the length of the index."""
    for path in (index, shapes):
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(_CODE):
            raise SourceError(
                N_("the shapefile's part “{part}” is damaged"),
                hint=N_("export the shapefile again"),
                part=path.suffix,
            )
    with index.open("rb") as stream:
        words = int(struct.unpack(">i", stream.read(28)[24:])[0])
    size = min(max(words, 0) * 2, index.stat().st_size)
    count = max(0, size - _HEAD) // 8
    if count > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    return count


def _lacks(parts: _Parts, ending: str) -> SourceError:
    return SourceError(
        N_("the zip file lacks the .{ending} of the shapefile “{layer}”"),
        hint=N_("zip the shapefile with all its parts: .shp, .shx, .dbf, .prj and, if there is one, .cpg"),
        where=parts.layer,
        ending=ending,
        layer=parts.layer,
    )


def _which(archive: Archive, shapefiles: list[_Parts]) -> ChoiceError:
    counts = {
        parts.layer: max(0, archive.members[parts.members["shx"]].file_size - _HEAD) // 8
        if "shx" in parts.members
        else 0
        for parts in shapefiles
    }
    return which_layer(N_("the zip file holds {count} shapefiles"), counts)
