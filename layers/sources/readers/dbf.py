"""The table beside a shapefile (dBASE), as its bytes stand: numbers keep their digits, texts their zeros.

GDAL would read it too, but turns long numbers into floating ones, decodes with replacement
characters and passes over deleted rows in silence.
"""

from __future__ import annotations

import codecs
import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import N_, ChoiceError, Option, SourceError
from layers.sources.raw import LIMITS, unique_names
from layers.sources.readers.encoding import decode
from layers.sources.readers.refusals import too_large

__all__ = ["Table", "read_dbf"]

_CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
"""Language driver → encoding, of those that say Chinese; the others say what a program was set to."""
_NAMES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "65001": "utf-8", "950": "big5"}
_JULIAN = 1_721_425
"""Julian day of the last day before the year 1, with which Python's ordinals begin."""
_NAME_WIDTH = 10
_WESTERN = {"iso8859-1", "iso8859-15", "cp1252", "cp437", "cp850"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of a dBASE file.

    Attributes
    ----------
    columns : list of str
    rows : list of list of str, or of None
        One a record, in the order of the file; a row that its owner deleted is None.
    encoding : str
    cut : int
        Cells whose text fills the whole column and ends in half a character: cut by who wrote them.
    undecodable : list of int
        Records, from 0, with bytes that are no text in this encoding.
    """

    columns: list[str]
    rows: list[list[str] | None]
    encoding: str
    cut: int
    undecodable: list[int]


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int


def read_dbf(data: bytes, *, encoding: str | None = None, stated: str = "") -> Table:
    """Read all records.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str, optional
        What the user says.
    stated : str, optional
        What the .cpg beside it says.

    Raises
    ------
    SourceError
        If it is damaged, or in no encoding that is known.
    ChoiceError
        If two encodings are plausible.

    Notes
    -----
    The encoding is the user's, else the .cpg's, else that of the header where it says Chinese, else
    strict UTF-8, strict GB 18030, or asked; what most texts contradict is passed over. O(n).
    """
    fields, records, first, width = _header(data)
    body = np.frombuffer(data, dtype=np.uint8, count=records * width, offset=first).reshape(records, width)
    deleted = body[:, 0] == ord("*")
    columns = [
        np.ascontiguousarray(body[:, one.start : one.start + one.width])
        .view(f"S{one.width}")
        .ravel()
        .tolist()
        if records
        else []
        for one in fields
    ]
    written = [(one.name, _NAME_WIDTH) for one in fields]
    for one, cells in zip(fields, columns, strict=True):
        if one.kind == "C":
            written += [(cell, one.width) for cell in dict.fromkeys(cells)]
    used = _encoding(written, encoding, stated, data[29])
    cut = 0
    undecodable: set[int] = set()
    for place, one in enumerate(fields):
        if one.kind == "C":
            columns[place], halves, wrong = _texts(columns[place], one.width, used)
            cut += halves
            undecodable |= wrong
        else:
            columns[place] = [_value(one.kind, cell) for cell in columns[place]]
    rows = list(map(list, zip(*columns, strict=True)))
    return Table(
        columns=unique_names([_name(one.name, used) for one in fields]),
        rows=[None if gone else row for gone, row in zip(deleted.tolist(), rows, strict=True)],
        encoding=used,
        cut=cut,
        undecodable=sorted(undecodable),
    )


def _header(data: bytes) -> tuple[list[_Field], int, int, int]:
    if len(data) < 33:
        raise _damaged()
    records, first, width = struct.unpack_from("<IHH", data, 4)
    described = []
    for place in range(32, min(first, len(data)) - 31, 32):
        if data[place] == 0x0D:
            break
        described.append(struct.unpack_from("<11sc4xBB", data, place))
    sizes = [size for _, _, size, _ in described]
    if sum(sizes) + 1 < width:  # wide texts keep the upper half of their width where decimals would stand
        sizes = [size + (decimals << 8 if kind == b"C" else 0) for _, kind, size, decimals in described]
    fields, start = [], 1
    for (name, kind, _, _), size in zip(described, sizes, strict=True):
        fields.append(_Field(name.split(b"\0")[0], kind.decode("latin-1"), start, size))
        start += size
    if not fields or start > width or first + records * width > len(data) or not all(f.width for f in fields):
        raise _damaged()
    if records > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    return fields, records, first, width


def _encoding(texts: Sequence[tuple[bytes, int]], encoding: str | None, stated: str, driver: int) -> str:
    """Which encoding the texts are in, each with the width of its column; none of them is left out."""
    foreign = [(text, width) for text, width in texts if not text.isascii()]
    for said in (encoding, _codec(stated), _CODE_PAGES.get(driver)):
        if said is not None:
            try:
                used = codecs.lookup(said).name
            except LookupError:
                return decode(b"", said)[1]  # refuses, by the name that was given
            if said == encoding:
                return used
            if _mostly_not(foreign, used):  # a .cpg is often a leaf from another book
                continue
            if used in _WESTERN and foreign:
                _doubt(foreign, used)
            return used
    if not foreign:
        return "utf-8"
    for name in ("utf-8", "gb18030"):
        kept = [_whole(text, width, name) for text, width in foreign]
        if all(text is not None for text in kept):
            return decode(b"\n".join(text for text in kept if text))[1] if name == "utf-8" else name
    return decode(b"\n".join(text for text, _ in foreign))[1]


def _mostly_not(foreign: Sequence[tuple[bytes, int]], encoding: str) -> bool:
    """Whether most texts cannot be in an encoding that nobody but the file states."""
    return sum(_whole(text, width, encoding) is None for text, width in foreign) > 0.5 * len(foreign)


def _doubt(foreign: Sequence[tuple[bytes, int]], stated: str) -> None:
    """Ask where a Western encoding is stated, as programs do unasked, and the bytes read as Chinese too."""
    for name in ("utf-8", "gb18030"):
        kept = [_whole(text, width, name) for text, width in foreign]
        if all(text is not None for text in kept):
            raise ChoiceError(
                N_("the shapefile says that its texts are in {stated}, but they also read as {other}"),
                hint=N_("choose the reading that makes sense"),
                about="encoding",
                code="UNDECODABLE_TEXT",
                options=[Option(one, one, f"--encoding {one}") for one in (name, stated)],
                preview=[
                    {one: text.decode(one, "replace").strip()[:200] for one in (name, stated)}
                    for text in kept[:5]
                    if text is not None
                ],
                stated=stated,
                other=name,
            )


def _codec(stated: str) -> str | None:
    """Codec that a .cpg names; None where it names none."""
    name = stated.strip().lower().removeprefix("ansi").removeprefix("cp").strip(" -_")
    if not name:
        return None
    name = _NAMES.get(name, f"cp{name}" if name.isdigit() else name)
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):  # a name that is none, or holds NUL
        return None


def _strict(text: bytes, encoding: str) -> str | None:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None


def _whole(text: bytes, width: int, encoding: str) -> bytes | None:
    """The text without the half of a character that its column had no room for; None if it is no text."""
    for less in range(4 if len(text) >= width else 1):
        kept = text[: len(text) - less]
        if _strict(kept, encoding) is not None:
            return kept
    return None


def _name(name: bytes, encoding: str) -> str:
    kept = _whole(name, _NAME_WIDTH, encoding)
    return (name if kept is None else kept).decode(encoding, "replace").strip()


def _texts(cells: list[bytes], width: int, encoding: str) -> tuple[list[str], int, set[int]]:
    """Decode a column; count cells that were cut inside a character, name those that are no text."""
    known: dict[bytes, tuple[str, bool, bool]] = {}
    for cell in dict.fromkeys(cells):
        kept = _whole(cell, width, encoding)
        text = (cell if kept is None else kept).decode(encoding, "replace")
        bad = kept is None or "\0" in text
        known[cell] = (text.replace("\0", "\ufffd").strip(), kept is not None and kept != cell, bad)
    found = [known[cell] for cell in cells]
    wrong = {place for place, (_, _, no_text) in enumerate(found) if no_text}
    return [text for text, _, _ in found], sum(cut for _, cut, _ in found), wrong


def _value(kind: str, cell: bytes) -> str:
    """Text of a number, date, moment or truth; binary ones are those of Visual FoxPro."""
    if kind == "I" and len(cell) <= 4:
        return str(int.from_bytes(cell.ljust(4, b"\0"), "little", signed=True))
    if kind in "BO" and len(cell) <= 8:
        return repr(struct.unpack("<d", cell.ljust(8, b"\0"))[0])
    if kind in "@T" and len(cell) <= 8:
        day, milliseconds = struct.unpack("<ii", cell.ljust(8, b"\0"))
        if not 0 < day - _JULIAN < 3_000_000 or not 0 <= milliseconds < 86_400_000:
            return ""
        moment = dt.datetime.fromordinal(day - _JULIAN) + dt.timedelta(milliseconds=milliseconds)
        return moment.isoformat(sep=" ")
    text = cell.decode("latin-1").strip(" \0")
    if kind == "L":
        return {"T": "true", "Y": "true", "F": "false", "N": "false"}.get(text.upper(), "")
    if kind == "D" and len(text) == 8 and text.isdigit():
        return "" if text == "00000000" else f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return "" if text and not text.strip("*") else text  # asterisks: the number did not fit


def _damaged() -> SourceError:
    return SourceError(
        N_("the shapefile's table (.dbf) is damaged or cut off"), hint=N_("export the shapefile again")
    )
