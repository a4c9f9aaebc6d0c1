"""What a file is, told by its first bytes; the name of a file says nothing."""

from __future__ import annotations

import re
from pathlib import Path

from geo.errors import N_, SourceError
from layers.sources.readers.archive import first_name, kind_of_zip

__all__ = ["refuse", "sniff", "sniff_file"]

_MAGIC = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PK\x05\x06", "(zip)"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"\x09\x08\x10\x00\x00\x06", "xls"),
    (b"\x09\x08\x08\x00\x00\x05", "xls"),
    (b"AC10", "(DWG)"),
    (b"AutoCAD Binary DXF", "dxf"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"%PDF", "(PDF)"),
    (b"\x89PNG", "(picture)"),
    (b"\xff\xd8\xff", "(picture)"),
    (b"GIF8", "(picture)"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "(Arrow)"),
    (b"fgb\x03", "flatgeobuf"),
    (b"\x00\x00\x27\x0a", "(Shapefile)"),
    (b"\x1f\x8b", "(gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "(7-Zip)"),
    (b"Rar!", "(RAR)"),
    (b"MIME-Version:", "(HTML)"),  # a web page in one file, which Excel writes as XLS
)
_BLANK = b"\xef\xbb\xbf \t\r\n"
_RECORD = b"\x1e"
"""Stands before each text of a sequence of JSON (RFC 7464)."""
_ZIP = b"PK\x03\x04"
_KML = re.compile(rb"<(?:\w+:)?kml[\s>]")
_MARKUP = re.compile(rb"<[!?/A-Za-z]")
_DXF = re.compile(rb"(?:999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\nSECTION")
_PARCELS = re.compile(
    b"|".join(
        re.escape(f"{start}{title}{end}".encode(encoding))
        for start, end in ("[]", "［］", "【】")
        for title in ("属性描述", "地块坐标")
        for encoding in ("utf-8", "gb18030")
    )
)
"""Sections of a table of boundary points as land offices exchange it."""
_HINTS = {
    "(DWG)": N_("save it as DXF R2010"),
    "(Shapefile)": N_("zip it together with its .shx, .dbf, .prj and, if there is one, .cpg"),
    "(zip)": N_("unpack it; of archives only workbooks, KMZ and zipped shapefiles are read"),
    "(File Geodatabase)": N_("export its layer as GeoPackage"),
    "(XLSB)": N_("save it as XLSX"),
    "(HTML)": N_("a web page under the name of a table: open it in Excel or WPS and save it as XLSX"),
}


def sniff(head: bytes) -> str:
    """Tell the format by the first bytes.

    Parameters
    ----------
    head : bytes
        A few kilobytes are enough.

    Returns
    -------
    str
        A key of `kinds.READERS` or, for what is not read, a name in brackets. Of a zip file the
        first bytes allow no more than a guess; `sniff_file` knows.
    """
    if head.startswith(_ZIP):
        return first_name(head)
    for mark, kind in _MAGIC:
        if head.startswith(mark):
            return kind
    if b"OSMHeader" in head[:32]:
        return "pbf"
    text = _without_utf16(head).lstrip(_BLANK)
    if _PARCELS.match(text) or _PARCELS.match(_as_utf8(head)):
        return "parcels"
    if text.removeprefix(_RECORD).startswith((b"{", b"[")):
        return "geojson"
    if _MARKUP.match(text):
        return _markup(text.lower())
    return "dxf" if _DXF.match(text) else "delimited"


def _markup(text: bytes) -> str:
    start = text[:1_024]
    if any(mark in start for mark in (b"<html", b"<!doctype html")):
        return "(HTML)"
    if _KML.search(text):  # before the rest: its <Style> is no sign of a web page
        return "kml"
    return "(HTML)" if any(mark in start for mark in (b"<table", b"<meta", b"<style")) else "(XML)"


def sniff_file(path: Path) -> str:
    """Tell the format by the first bytes and, of a zip file, by the names of what is in it."""
    with path.open("rb") as stream:
        head = stream.read(4_096)
    return kind_of_zip(path) if head.startswith(_ZIP) else sniff(head)


def refuse(kind: str) -> SourceError:
    """Return the error for a format that is not read."""
    return SourceError(
        N_("the file's content is {format}, which is not read here"),
        hint=_HINTS.get(kind, N_("save it as CSV, XLSX, GeoJSON, GeoPackage or zipped shapefile")),
        format=kind.strip("()"),
    )


def _without_utf16(head: bytes) -> bytes:
    """ASCII characters of a UTF-16 text, so that one set of rules serves; other bytes as they are."""
    if head.startswith(b"\xff\xfe"):
        return head[2::2]
    return head[3::2] if head.startswith(b"\xfe\xff") else head


def _as_utf8(head: bytes) -> bytes:
    """UTF-16 with its mark as UTF-8; anything else as nothing."""
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return b""
    return head[: len(head) & ~1].decode("utf-16", "ignore").lstrip().encode("utf-8", "ignore")
