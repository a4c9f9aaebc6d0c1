"""FlatGeobuf: its features are counted by their lengths, then read by GDAL under lock and key."""

from __future__ import annotations

import struct
from pathlib import Path

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.gdal_layer import read_layer
from layers.sources.readers.refusals import too_large

__all__ = ["count_features", "read_flatgeobuf"]

_MAGIC = b"fgb\x03fgb"
_NAME, _FEATURES, _NODE_SIZE = 0, 8, 9
"""Places of fields in the header's table, as the format's schema numbers them."""
_NODE_BYTES = 40


def read_flatgeobuf(path: Path) -> RawTable:
    """Read the one layer of a FlatGeobuf file.

    Raises
    ------
    SourceError
        If it is damaged or has too many features.

    Notes
    -----
    O(n). Features lie in the order of their spatial index where the file has one; rows are numbered
    as they lie.
    """
    data = path.read_bytes()
    name, count = count_features(data)
    if count > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    del data
    return read_layer(path, name=name).table(records=count, layer=name, format_="FlatGeobuf")


def count_features(data: bytes) -> tuple[str, int]:
    """Name of the layer, and how many features follow its header, by their lengths alone.

    Raises
    ------
    SourceError
        If a length points outside the file.

    References
    ----------
    https://flatgeobuf.org (specification 3): magic, header, index, features, each behind its length.
    """
    if not data.startswith(_MAGIC) or len(data) < 12:
        raise _damaged()
    length = int.from_bytes(data[8:12], "little")
    header = data[12 : 12 + length]
    if len(header) != length:
        raise _damaged()
    try:
        stated = struct.unpack_from("<Q", header, place)[0] if (place := _field(header, _FEATURES)) else 0
        size = struct.unpack_from("<H", header, place)[0] if (place := _field(header, _NODE_SIZE)) else 16
        name = _string(header, place) if (place := _field(header, _NAME)) else ""
    except struct.error:
        raise _damaged() from None
    place = 12 + length + _index_bytes(stated, size)
    count = 0
    while place < len(data):
        if place + 4 > len(data):
            raise _damaged()
        place += 4 + int.from_bytes(data[place : place + 4], "little")
        count += 1
    if place != len(data):
        raise _damaged()
    return name, count


def _field(table: bytes, number: int) -> int:
    """Where a field of a FlatBuffers root table lies; 0 where it is left out."""
    (root,) = struct.unpack_from("<I", table, 0)
    (back,) = struct.unpack_from("<i", table, root)
    directory = root - back
    if directory < 0:
        raise struct.error
    (size,) = struct.unpack_from("<H", table, directory)
    if 4 + 2 * number + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", table, directory + 4 + 2 * number)
    return int(root + offset) if offset else 0


def _string(table: bytes, place: int) -> str:
    start = place + struct.unpack_from("<I", table, place)[0]
    (length,) = struct.unpack_from("<I", table, start)
    text = table[start + 4 : start + 4 + min(length, 1_000)].decode("utf-8", "replace")
    return text if text.isprintable() else ""


def _index_bytes(features: int, size: int) -> int:
    """Length of the packed Hilbert R-tree over so many features."""
    if size == 0 or features == 0:
        return 0
    size = max(2, size)
    nodes = level = features
    while True:  # a single feature has a root above it, too
        level = -(-level // size)
        nodes += level
        if level == 1:
            return nodes * _NODE_BYTES


def _damaged() -> SourceError:
    return SourceError(
        N_("the FlatGeobuf file is damaged or cut off"), hint=N_("export it again as FlatGeobuf")
    )
