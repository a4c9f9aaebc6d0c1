"""What a DXF drawing holds, counted tag by tag before anything is built from it.

A drawing repeats blocks inside blocks, in rows and columns: 255 bytes can stand for a thousand million
circles. So the entities are counted as they would be once every block is put in its place, and too
many are refused before the first is. The same count is what the reader's rows must come to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ezdxf.lldxf.encoding import decode_dxf_unicode

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS

__all__ = ["BYLAYER", "DRAWN", "Census", "decode_drawing", "take_census", "text_tags"]

DRAWN = frozenset({"POINT", "LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "LWPOLYLINE", "POLYLINE", "HATCH"})
"""Entities that have a place of their own on the ground; texts, dimensions and solids are left out."""
BYLAYER = "0"
"""Entities of a block on this layer lie on the layer of whatever the block is put in by."""
_PARTS = {"VERTEX", "SEQEND", "ATTRIB", "BLOCK", "ENDBLK", "ENDSEC", "EOF"}
_MESH = 16 | 64
_DEEPEST = 32
_CODEPAGES = {
    "936": "gb18030", "950": "cp950", "932": "cp932", "949": "cp949", "GB2312": "gb18030", "BIG5": "big5",
}  # fmt: skip
_HEADER_ENDS = 200_000
Tags = tuple[Sequence[int], Sequence[str]]
"""Group codes, and the value of each."""


@dataclass(slots=True)
class _Block:
    drawn: Counter[str] = field(default_factory=Counter)
    inserts: list[tuple[str, str, int]] = field(default_factory=list)
    """Name of the block, layer, number of copies."""
    left_out: int = 0
    spelt: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How many entities lie on each layer, every block in its place.

    Attributes
    ----------
    drawn : Counter of str
        Layer, in lower case as the names of layers are compared → entities that are read.
    left_out : int
        Entities that are not read: texts, dimensions, solids, meshes, pictures.
    spelt : dict of str to str
        Layer in lower case → as it is first written.
    """

    drawn: Counter[str]
    left_out: int
    spelt: dict[str, str]


def decode_drawing(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """Return a drawing's text and its encoding: the stated one, or the one its header names.

    Parameters
    ----------
    data : bytes
        Of a DXF of text.
    encoding : str, optional
        As the user says.

    Raises
    ------
    SourceError
        If the bytes are no text in that encoding.

    Notes
    -----
    Since AutoCAD 2007 (AC1021) a DXF is UTF-8; before, ``$DWGCODEPAGE`` names its code page, in China
    ANSI_936. Converters forget both: where the bytes do not fit, the other one is tried, strictly.
    """
    head = data[:_HEADER_ENDS]
    version = re.search(rb"\$ACADVER\s+1\s+(AC\d+)", head)
    page = re.search(rb"\$DWGCODEPAGE\s+3\s+(?:ANSI_|DOS|MS)?(\w+)", head, re.IGNORECASE)
    utf8 = version is not None and version[1] >= b"AC1021"
    stated = "" if page is None else page[1].decode("ascii").upper()
    paged = _CODEPAGES.get(stated, f"cp{stated}" if stated in _SINGLE_BYTE else "gb18030")
    tried = (encoding,) if encoding else ("utf-8", paged) if utf8 else (paged, "utf-8")
    for one in tried:
        try:
            return data.decode(one).lstrip("\ufeff"), one
        except UnicodeDecodeError:
            continue
    raise SourceError(
        N_("the drawing's text is not in the encoding that its header names"),
        hint=N_("state it with --encoding, for example --encoding gb18030"),
        code="UNDECODABLE_TEXT",
    )


_SINGLE_BYTE = {"874", *map(str, range(1250, 1259))}


def text_tags(text: str) -> Tags:
    """Group codes and values of a DXF of text.

    Raises
    ------
    SourceError
        If a group code is no number.
    """
    lines = text.split("\n")
    try:
        codes = list(map(int, lines[0 : len(lines) - 1 : 2]))
    except ValueError as error:
        raise SourceError(
            N_("the drawing is damaged: {reason}"), hint=N_("save it again as DXF R2010"), reason=error
        ) from None
    return codes, lines[1::2]


def take_census(tags: Tags) -> Census:
    """Count the entities of the model space on each layer, those of blocks as often as they are put there.

    Raises
    ------
    SourceError
        If there are more than `LIMITS.entities` (``TOO_LARGE``), or blocks that hold themselves
        (``UNSAFE``).

    Notes
    -----
    O(n) in the number of tags: a block is counted once, however often it is used.
    """
    blocks, model = _blocks(tags)
    counted: dict[str, tuple[Counter[str], int]] = {}

    def count(block: _Block, above: tuple[str, ...]) -> tuple[Counter[str], int]:
        drawn, left_out = block.drawn.copy(), block.left_out
        for name, layer, copies in block.inserts:
            if name in above or len(above) > _DEEPEST:
                raise SourceError(
                    N_("the drawing's block “{name}” holds itself, or blocks stand {depth} deep"),
                    hint=N_("explode the blocks, or save only what is needed"),
                    where=name,
                    code="UNSAFE",
                    name=name,
                    depth=_DEEPEST,
                )
            if name not in blocks:
                continue
            if name not in counted:
                counted[name] = count(blocks[name], (*above, name))
            for inner, number in counted[name][0].items():
                drawn[layer if inner == BYLAYER else inner] += number * copies
            left_out += counted[name][1] * copies
        return drawn, left_out

    drawn, left_out = count(model, ())
    if drawn.total() + left_out > LIMITS.entities:
        raise SourceError(
            N_("the drawing comes to {count:,} entities with its blocks in place, more than {limit:,}"),
            hint=N_("save only the layers that are needed"),
            code="TOO_LARGE",
            count=drawn.total() + left_out,
            limit=LIMITS.entities,
        )
    spelt = model.spelt
    for block in blocks.values():
        spelt = block.spelt | spelt
    return Census(drawn=drawn, left_out=left_out, spelt=spelt)


def _blocks(tags: Tags) -> tuple[dict[str, _Block], _Block]:
    """Entities of each block, by its name in lower case, and those of the model space."""
    codes, values = tags
    blocks: dict[str, _Block] = {}
    model = _Block()
    section, block = "", None
    starts = [place for place, code in enumerate(codes) if code == 0]
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        kind = values[start].strip()
        # The first value of a code is the entity's own; those of its extensions come later.
        body = dict(zip(reversed(codes[start + 1 : end]), reversed(values[start + 1 : end]), strict=True))
        if kind == "SECTION":
            section = body.get(2, "").strip()
        elif kind == "BLOCK" and section == "BLOCKS":
            block = blocks.setdefault(_name(body, 2), _Block())
        elif kind == "ENDBLK":
            block = None
        elif section == "BLOCKS" and block is not None:
            _add(block, kind, body)
        elif section == "ENTITIES" and _number(body, 67) != 1:  # 1: on a sheet of paper
            _add(model, kind, body)
    return blocks, model


def _add(block: _Block, kind: str, body: Mapping[int, str]) -> None:
    if kind in _PARTS:
        return
    layer = _name(body, 8) or BYLAYER
    block.spelt.setdefault(layer, decode_dxf_unicode(body.get(8, BYLAYER)).strip() or BYLAYER)
    if kind == "INSERT":
        copies = 1
        for count, spacing in ((70, 44), (71, 45)):
            if _number(body, spacing) != 0:
                copies *= max(int(_number(body, count)), 1)
        block.inserts.append((_name(body, 2), layer, copies))
    elif kind not in DRAWN or (kind == "POLYLINE" and int(_number(body, 70)) & _MESH):
        block.left_out += 1
    else:
        block.drawn[layer] += 1


def _name(body: Mapping[int, str], code: int) -> str:
    return decode_dxf_unicode(body.get(code, "")).strip().casefold()


def _number(body: Mapping[int, str], code: int) -> float:
    try:
        return float(body.get(code, "") or 0)
    except ValueError:
        return 0.0
