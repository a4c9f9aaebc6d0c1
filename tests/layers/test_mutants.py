"""A thousand good files with something wrong in them: each is taken, asked about or refused; none stumbles.

They go through the warm workers, as uploads do: what reads them are libraries of C as well.
"""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from layers.sources.importer import ImportOptions, import_file
from layers.sources.terrain import import_terrain
from layers.sources.worker import forkserver
from tests.layers.conftest import ended, zipped
from tests.layers.good_files import ZIPPED, good_files, members

FILES = 1_000
ODD: list[object] = [
    None, True, False, 0, -1, 1e308, -0.0, 2**70, "", "甲", "118.4", "\ud800", "\0", [], {}, [[]], [None], ["Point"], {"type": "Point"},
    [1], [1, 2], [1, 2, 3, 4], ["a", "b"], [[[[1, 2]]]], "NaN", float("nan"), float("inf"), "name", "EPSG:4326", {"name": 5}, [{}] * 3,
]  # fmt: skip
GOOD = good_files()
KINDS = [*GOOD, "GeoJSON value by value"]


def places(node: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Ways to every value inside a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [*([way] if way else []), *(one for key, value in inner for one in places(value, (*way, key)))]


def with_something_odd(document: object, chance: random.Random) -> bytes:
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        way = chance.choice(places(document))
        node = document
        for key in way[:-1]:
            node = node[key]  # type: ignore[index]
        if chance.random() < 0.15:
            del node[way[-1]]  # type: ignore[attr-defined]
        else:
            node[way[-1]] = copy.deepcopy(chance.choice(ODD))  # type: ignore[index]
        if not places(document):
            break
    return json.dumps(document).encode()


def mangled(data: bytes, chance: random.Random) -> bytes:
    """Bytes overwritten, left out, doubled, cut off, or stretches of them exchanged."""
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(changed) or 1)
        to = min(len(changed), at + chance.randint(1, 12))
        what = chance.random()
        if what < 0.4:
            changed[at:to] = bytes(
                chance.choice(b'",;\t\n\r|<>/\x00\xff\xa1{}[]0123456789.eE+-' + b"0123456789 .," * 6)
                for _ in range(to - at)
            )
        elif what < 0.6:
            del changed[at:to]
        elif what < 0.8:
            changed[at:at] = changed[at:to] * chance.randint(1, 3)
        elif what < 0.85:
            del changed[at:]
        else:
            other = chance.randrange(len(changed) or 1)
            changed[at:to] = changed[other : other + to - at]
    return bytes(changed)


def mutant(kind: str, chance: random.Random) -> bytes:
    """One good file of a kind, changed; the first bytes, which say what it is, mostly stay."""
    if kind not in GOOD:
        return with_something_odd(json.loads(GOOD["GeoJSON"]), chance)
    data = GOOD[kind]
    if kind in ZIPPED and chance.random() < 0.8:
        inside = members(data)
        name = chance.choice(sorted(inside))
        return zipped({**inside, name: mangled(inside[name], chance)})
    kept = chance.choice([0, 16, 16, 16])
    return data[:kept] + mangled(data[kept:], chance)


def imported(path: Path, kind: str, chance: random.Random) -> object:
    if kind == "GeoTIFF":
        return import_terrain(str(path))
    kinds = ["any", "any", "firms", "boundary", "table"]
    if kind == "OSM PBF":  # of anything but roads the layer is asked first
        kinds = ["roads", "roads", "roads", "any"]
    return import_file(path, ImportOptions(kind=chance.choice(kinds)))


@pytest.mark.parametrize("kind", GOOD)
def test_each_good_file_is_taken(kind: str, tmp_path: Path) -> None:
    """Else a fuzz would try nothing but refusals."""
    path = tmp_path / "good"
    path.write_bytes(GOOD[kind])
    if kind == "GeoTIFF":
        assert import_terrain(str(path))
        return
    crs = "EPSG:4547" if kind == "DXF" else None
    of = "roads" if kind == "OSM PBF" else "any"
    how, got = ended(lambda: import_file(path, ImportOptions(crs=crs, kind=of)))
    assert how == "taken", got
    assert got.report.rejected == 0  # type: ignore[attr-defined]


def test_a_thousand_mutants_end_as_imports_end(tmp_path: Path) -> None:
    def one(number: int) -> tuple[str, str]:
        kind = KINDS[number % len(KINDS)]
        chance = random.Random(number)
        path = tmp_path / f"{number}"
        path.write_bytes(mutant(kind, chance))
        try:
            how, got = ended(lambda: imported(path, kind, chance))
        except BaseException as bug:
            bug.add_note(f"mutant {number} of {kind}")
            raise
        path.unlink()
        return kind, f"{how} {getattr(got, 'code', '')}"

    with ThreadPoolExecutor(2) as pool:
        ends = Counter(pool.map(one, range(FILES)))
    assert ends.total() == FILES
    for kind in KINDS:
        assert len([end for of, end in ends if of == kind]) > 1, kind  # not all alike
    # None was so bad that its server had to be given up.
    assert all(not server.is_gone for server in forkserver._servers._servers.values())
