"""Zip files: looked over before anything is unpacked, and unpacked by ourselves under names of ours."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS

__all__ = ["Archive", "first_name", "kind_of_zip", "open_archive"]

_TAIL, _DIRECTORY = 66_000, 4_000_000
"""Where the end record may stand, and the largest directory that is looked into."""
_RATIO, _RATIO_ABOVE = 1_000, 10_000_000
_PIECE = 1 << 20
_TELLING = {
    ".shp": "shapefile",
    ".kml": "kmz",
    ".gdbtable": "(File Geodatabase)",
    "xl/workbook.bin": "(XLSB)",
    "word/document.xml": "(Word)",
    "content.xml": "(OpenDocument)",
}
"""End of a name in a zip file → what the file is."""
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(slots=True)
class Archive:
    """A zip whose directory was found harmless.

    Attributes
    ----------
    members : dict of str to ZipInfo
        Name as its maker wrote it, folders included → where it lies. Folders themselves and the
        shadows that macOS adds are left out.
    """

    _zip: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    _inflated: int = field(default=0)

    def unpack(self, name: str, target: Path) -> None:
        """Unpack a member into a file of ours; what all members take together is limited.

        Raises
        ------
        SourceError
            If it inflates beyond the limits, is damaged, or packed in a way that is not read.
        """
        with target.open("wb") as sink:
            for piece in self._pieces(name):
                try:
                    sink.write(piece)
                except OSError:  # the process may write no larger file
                    raise _too_large(name) from None

    def read(self, name: str) -> bytes:
        """Unpack a member into memory, under the same limits."""
        return b"".join(self._pieces(name))

    def _pieces(self, name: str) -> Iterator[bytes]:
        info = self.members[name]
        if info.compress_type not in _PACKINGS:
            raise SourceError(
                N_("“{name}” is packed in a way that is not read here"),
                hint=N_("pack the files again as an ordinary zip"),
                where=name,
                name=name,
            )
        taken = 0
        try:
            with self._zip.open(info) as stream:
                while piece := stream.read(_PIECE):
                    # What the directory says of sizes may be a lie: what comes out is counted.
                    taken += len(piece)
                    self._inflated += len(piece)
                    steep = taken > _RATIO_ABOVE and taken > _RATIO * max(1, info.compress_size)
                    if steep or self._inflated > LIMITS.inflated_mb * 1_000_000:
                        raise _too_large(name)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise _damaged() from None


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a zip file and look its directory over.

    Raises
    ------
    SourceError
        If it is damaged, has more than 1,000 members, or one of them is encrypted, a link, twice
        there, or would lie outside the folder that it is unpacked into.
    """
    stream, names = _directory(path)
    with stream:
        if names > LIMITS.members:
            raise SourceError(
                N_("the zip file has more than {limit:,} files in it"),
                hint=N_("pack the files that are meant alone"),
                code="TOO_LARGE",
                limit=LIMITS.members,
            )
        with _opened(stream) as opened:
            yield Archive(opened, _look_over(opened))


def kind_of_zip(path: Path) -> str:
    """Tell by the names inside what a zip file holds; nothing is unpacked.

    Returns
    -------
    str
        ``xlsx``, ``shapefile`` or ``kmz``; else a name in brackets. A zip that cannot be looked into
        is left to the reader that its first name speaks for.
    """
    with path.open("rb") as stream:
        first = first_name(stream.read(4_096))
    try:
        whole, _ = _directory(path)
        with whole, _opened(whole) as opened:
            names = [name.lower() for name in opened.namelist() if not _is_shadow(name)]
    except SourceError:
        return first if first != "(zip)" else "shapefile"
    if "xl/workbook.xml" in names:
        return "xlsx"
    for ending, kind in _TELLING.items():
        if any(name.endswith(ending) for name in names):
            return kind
    return "shapefile" if any(name.endswith((".dbf", ".shx")) for name in names) else first


def first_name(head: bytes) -> str:
    """Guess by the name of the first member, which stands in the first bytes of a zip file."""
    length = int.from_bytes(head[26:28], "little")
    name = head[30 : 30 + length].lower()
    if name.startswith((b"xl/", b"_rels/", b"docprops/", b"[content_types]")):
        return "xlsx"
    if name.endswith((b".shp", b".shx", b".dbf", b".prj", b".cpg", b".sbn", b".sbx")):
        return "shapefile"
    return "kmz" if name.endswith(b".kml") else "(zip)"


def _directory(path: Path) -> tuple[IO[bytes], int]:
    """Open the file and count the members by its end record, before `zipfile` reads them all."""
    stream = path.open("rb")
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _TAIL))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    record = tail[end : end + 22] if end >= 0 else b""
    if len(record) < 22 or int.from_bytes(record[12:16], "little") > _DIRECTORY:
        stream.close()
        raise _damaged()
    stream.seek(0)
    return stream, int.from_bytes(record[10:12], "little")


def _opened(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise _damaged() from None


def _look_over(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        name = _written_name(info)
        parts = name.replace("\\", "/").split("/")
        reason = ""
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
            reason = N_("the zip file holds “{name}”, which would lie outside of it")
        elif stat.S_ISLNK(info.external_attr >> 16):
            reason = N_("the zip file holds “{name}”, which is a link")
        elif info.flag_bits & _ENCRYPTED:
            reason = N_("the zip file is encrypted")
        elif name in members:
            reason = N_("the zip file holds “{name}” twice")
        if reason:
            raise SourceError(
                reason,
                hint=N_("pack the files again as an ordinary zip"),
                where=name,
                code="UNSAFE",
                name=name,
            )
        if parts[-1] and not _is_shadow(name):
            members[name] = info
    return members


def _written_name(info: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: Chinese Windows writes GBK without saying so, macOS UTF-8."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_shadow(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def _too_large(name: str) -> SourceError:
    return SourceError(
        N_("the zip file would inflate to more than {limit} MB"),
        hint=N_("split it"),
        where=name,
        code="TOO_LARGE",
        limit=LIMITS.inflated_mb,
    )


def _damaged() -> SourceError:
    return SourceError(N_("the zip file is damaged or cut off"), hint=N_("pack the files again"))
