"""What a file is, told by its first bytes; the name of a file says nothing."""

from __future__ import annotations

import re

from geo.errors import N_, SourceError

__all__ = ["refuse", "sniff"]

_MAGIC = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PK\x03\x04", "xlsx"),
    (b"PK\x05\x06", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "(XLS)"),
    (b"AC10", "(DWG)"),
    (b"AutoCAD Binary DXF", "(DXF)"),
    (b"II*\0", "(TIFF)"),
    (b"MM\0*", "(TIFF)"),
    (b"II+\0", "(TIFF)"),
    (b"MM\0+", "(TIFF)"),
    (b"%PDF", "(PDF)"),
    (b"\x89PNG", "(picture)"),
    (b"\xff\xd8\xff", "(picture)"),
    (b"GIF8", "(picture)"),
    (b"PAR1", "(Parquet)"),
    (b"fgb\x03", "(FlatGeobuf)"),
    (b"\x00\x00\x27\x0a", "(Shapefile)"),
    (b"\x1f\x8b", "(gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "(7-Zip)"),
    (b"Rar!", "(RAR)"),
)
_BLANK = b"\xef\xbb\xbf \t\r\n"
_MARKUP = re.compile(rb"<[!?/A-Za-z]")
_DXF = re.compile(rb"(?:999\s*\r?\n[^\n]*\n\s*)*0\s*\r?\nSECTION")
_HINTS = {
    "(DWG)": N_("save it as DXF R2010, then the outline as GeoJSON or GeoPackage"),
    "(XLS)": N_("save it as XLSX"),
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
        ``gpkg``, ``xlsx``, ``geojson``, ``delimited`` or, for what is not read, a name in brackets.
    """
    for mark, kind in _MAGIC:
        if head.startswith(mark):
            return kind
    if b"OSMHeader" in head[:32]:
        return "(OSM PBF)"
    text = _without_utf16(head).lstrip(_BLANK)
    if text.startswith((b"{", b"[")):
        return "geojson"
    if _MARKUP.match(text):
        start = text[:1_024].lower()
        page = any(mark in start for mark in (b"<html", b"<!doctype html", b"<table", b"<meta", b"<style"))
        return "(HTML)" if page else "(KML)" if b"<kml" in start else "(XML)"
    return "(DXF)" if _DXF.match(text) else "delimited"


def refuse(kind: str) -> SourceError:
    """Return the error for a format that is not read."""
    return SourceError(
        N_("the file's content is {format}, which is not read here"),
        hint=_HINTS.get(kind, N_("give CSV, XLSX, GeoJSON or GeoPackage")),
        format=kind.strip("()"),
    )


def _without_utf16(head: bytes) -> bytes:
    """ASCII characters of a UTF-16 text, so that one set of rules serves; other bytes as they are."""
    if head.startswith(b"\xff\xfe"):
        return head[2::2]
    return head[3::2] if head.startswith(b"\xfe\xff") else head
