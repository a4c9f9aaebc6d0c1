"""Odd extracts of OpenStreetMap, their blocks written here byte by byte (wiki.openstreetmap.org/wiki/PBF_Format)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from tests.layers.corpus import Odd, accept, ask, refuse

__all__ = ["EXTRACTS", "good_extract"]

Tags = dict[str, str]
Field = tuple[int, int | bytes]

NODES = {1: (118.40, 24.70), 2: (118.41, 24.70), 3: (118.41, 24.71), 4: (118.40, 24.71)}
WAYS: list[tuple[list[int], Tags]] = [
    ([1, 2, 3], {"highway": "primary", "name": "园区大道"}),
    ([3, 4], {"highway": "residential"}),
    ([1, 4], {"highway": "footway"}),
    ([1, 2, 3, 4, 1], {"landuse": "industrial"}),
]


def _number(value: int) -> bytes:
    """A varint; negative numbers are those of 64 bits."""
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _message(*fields: Field) -> bytes:
    """A protobuf message: numbers as varints, bytes with their length before them."""
    made = b""
    for tag, value in fields:
        if isinstance(value, bytes):
            made += _number(tag << 3 | 2) + _number(len(value)) + value
        else:
            made += _number(tag << 3) + _number(value)
    return made


def _packed(values: Sequence[int], *, differences: bool = False, signed: bool = False) -> bytes:
    if differences:
        values = [one - before for one, before in zip(values, [0, *values], strict=False)]
    if signed or differences:
        values = [one << 1 ^ one >> 63 for one in values]
    return b"".join(_number(one) for one in values)


def blob(kind: bytes, content: bytes, *, raw: bool = False, size: int | None = None) -> bytes:
    """A block of a file; `size` is what it says of its own length, unpacked."""
    body = (
        _message((1, content))
        if raw
        else _message((2, len(content) if size is None else size), (3, zlib.compress(content, 9)))
    )
    header = _message((1, kind), (3, len(body)))
    return struct.pack(">I", len(header)) + header + body


def header(*needed: bytes) -> bytes:
    return blob(b"OSMHeader", _message(*((4, one) for one in needed or (b"OsmSchema-V0.6", b"DenseNodes"))))


class Words:
    """The table of strings of a block; the first is empty."""

    def __init__(self) -> None:
        self.words = [b""]

    def of(self, word: str) -> int:
        if word.encode() not in self.words:
            self.words.append(word.encode())
        return self.words.index(word.encode())

    def tags(self, tags: Tags) -> list[Field]:
        keys, values = ([self.of(word) for word in part] for part in (tags.keys(), tags.values()))
        return [(2, _packed(keys)), (3, _packed(values))] if tags else []

    def block(self, *groups: bytes) -> bytes:
        """A primitive block of groups, in the usual steps of 1e-7 degrees."""
        return _message((1, _message(*((1, word) for word in self.words))), *((2, group) for group in groups))


def dense(nodes: dict[int, tuple[float, float]], *, drop: int = 0) -> bytes:
    """A group of nodes; `drop` leaves out the last latitudes."""
    lon, lat = ([round(place[axis] * 1e7) for place in nodes.values()] for axis in (0, 1))
    return _message(
        (2, _message(
            (1, _packed(list(nodes), differences=True)),
            (8, _packed(lat[: len(lat) - drop], differences=True)),
            (9, _packed(lon, differences=True)),
        ))
    )  # fmt: skip


def plain_nodes(nodes: dict[int, tuple[float, float]]) -> bytes:
    """A group of nodes one by one, as old software writes them."""
    return _message(
        *(
            (1, _message((1, number << 1), (8, round(lat * 1e7) << 1), (9, round(lon * 1e7) << 1)))
            for number, (lon, lat) in nodes.items()
        )
    )


def ways(words: Words, drawn: list[tuple[list[int], Tags]], *, versions: int = 1) -> bytes:
    made: list[Field] = []
    for number, (refs, tags) in enumerate(drawn, start=100):
        for version in range(1, versions + 1):
            info = _message((1, version), (2, version), (6, int(version == versions)))
            own: list[Field] = [*words.tags(tags), (4, info), (8, _packed(refs, differences=True))]
            made.append((3, _message((1, number), *own)))
    return _message(*made)


def relations(words: Words) -> bytes:
    members: list[Field] = [
        (8, _packed([words.of("outer")])), (9, _packed([100], differences=True)), (10, _packed([1])),
    ]  # fmt: skip
    return _message(
        (4, _message((1, 500), *words.tags({"type": "multipolygon", "landuse": "industrial"}), *members))
    )


def data(*contents: bytes, raw: bool = False) -> bytes:
    return b"".join(blob(b"OSMData", content, raw=raw) for content in contents)


def good_extract() -> bytes:
    """Two roads, a path and an area; the same bytes each time."""
    words = Words()
    drawn = ways(words, WAYS)
    return header() + data(words.block(dense(NODES)), words.block(drawn))


def _of_ways(drawn: list[tuple[list[int], Tags]], nodes: bytes | None = None, *, versions: int = 1) -> bytes:
    words = Words()
    group = ways(words, drawn, versions=versions)
    return data(*([] if nodes is None else [Words().block(nodes)]), words.block(group))


def _wrong_words() -> bytes:
    """A way whose tags are words that the block does not have."""
    road = _message((1, 100), (2, _packed([7])), (3, _packed([9])), (8, _packed([1, 2], differences=True)))
    return data(Words().block(dense(NODES)), Words().block(_message((3, road))))


_RELATIONS = Words()
_ONLY_RELATIONS = data(_RELATIONS.block(relations(_RELATIONS)))
_GOOD = good_extract()
_HEADER = header()
_ROADS = {"highway": ["primary", "residential"], "name": ["园区大道", ""]}
_HUGE = struct.pack(">I", 14) + _message((1, b"OSMData"), (3, 2**31 - 1))
_BOMB = blob(b"OSMData", bytes(200 << 20), size=200 << 20)
_SMALL_BOMB = blob(b"OSMData", bytes(200 << 20), size=1_000)

EXTRACTS: list[Odd] = [
    accept("an extract", _GOOD, 2, kind="roads", cells=_ROADS, warned=("WAYS_LEFT_OUT",)),
    ask("an extract of anything", _GOOD, "layer"),
    accept("an extract's areas", _GOOD, 1, kind="any", layer="multipolygons", cells={"landuse": ["industrial"]}),
    refuse("an extract's layer that is none", _GOOD, "NOT_THIS_FORMAT", layer="roads"),
    accept("an extract that is not packed", _HEADER + data(Words().block(plain_nodes(NODES)), raw=True) + _of_ways(WAYS[:2]), 2, kind="roads"),
    refuse("an extract with a block of something newer", _HEADER + blob(b"OSMNext", b"x") + _GOOD[len(_HEADER) :], "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract that breaks off in its header", _GOOD[:30], "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract that breaks off", _GOOD[:-20], "NOT_THIS_FORMAT", kind="roads"),
    accept("an extract with two bytes behind it", _GOOD + b"\0\0", 2, kind="roads"),
    refuse("an extract without its nodes", _HEADER + _of_ways(WAYS), "EMPTY_GEOMETRY", kind="roads"),
    accept("an extract with half its nodes", _HEADER + _of_ways(WAYS, dense({1: NODES[1], 2: NODES[2]})), 1, {"EMPTY_GEOMETRY": 1}, kind="roads", warned=("ROADS_CUT",)),
    refuse("an extract of relations", _HEADER + _ONLY_RELATIONS, "NO_ROWS", kind="roads"),
    refuse("an extract of nodes", _HEADER + data(Words().block(dense(NODES))), "NO_ROWS", kind="roads"),
    refuse("an extract of a header", _HEADER, "NO_ROWS", kind="roads"),
    refuse("an extract that needs what is not known", header(b"OsmSchema-V9.9") + _of_ways(WAYS, dense(NODES)), "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract whose header is of another kind", blob(b"OSMHeader", b"\xff" * 40) + _of_ways(WAYS, dense(NODES)), "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with fewer latitudes than nodes", _HEADER + _of_ways(WAYS, dense(NODES, drop=2)), "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract's areas with fewer latitudes than nodes", _HEADER + _of_ways(WAYS, dense(NODES, drop=1)), "NOT_THIS_FORMAT", layer="multipolygons"),
    refuse("an extract with words that it does not have", _HEADER + _wrong_words(), "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with a block of two gigabytes", _HEADER + _HUGE, "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with a header of a gigabyte", _HEADER + struct.pack(">I", 1 << 30), "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with a bomb", _HEADER + _BOMB, "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with a bomb that calls itself small", _HEADER + _SMALL_BOMB, "NOT_THIS_FORMAT", kind="roads"),
    refuse("an extract with its history", header(b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation") + _of_ways(WAYS, dense(NODES), versions=3), "NOT_THIS_FORMAT", kind="roads"),
]  # fmt: skip
