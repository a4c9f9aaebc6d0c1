"""Good files with something wrong in them, thousands of them: each is taken, asked about or refused; none stumbles."""

from __future__ import annotations

import copy
import io
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from shapely.geometry import Point, box

from tests.layers.conftest import zipped

Outcome = Callable[..., tuple[str, object]]
SEEDS = range(4)
EACH = 60
ODD: list[object] = [
    None, True, False, 0, -1, 1e308, -0.0, 2**70, "", "甲", "118.4", "\ud800", "\0", [], {}, [[]], [None], ["Point"], {"type": "Point"},
    [1], [1, 2], [1, 2, 3, 4], ["a", "b"], [[[[1, 2]]]], "NaN", float("nan"), float("inf"), "name", "EPSG:4326", {"name": 5}, [{}] * 3,
]  # fmt: skip
DOCUMENT = {
    "type": "FeatureCollection",
    "name": "层",
    "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
    "features": [
        {"type": "Feature", "id": 7, "properties": {"名称": "甲", "n": 1, "deep": {"a": [1]}}, "geometry": {"type": "Point", "coordinates": [118.4, 24.7]}},
        {"type": "Feature", "properties": {"名称": "乙"}, "geometry": {"type": "Polygon", "coordinates": [[[118, 24], [119, 24], [119, 25], [118, 24]]]}},
        {"type": "Feature", "properties": None, "geometry": {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [118, 24]}]}},
    ],
}  # fmt: skip


def places(node: object, way: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Ways to every value inside a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [*([way] if way else []), *(one for key, value in inner for one in places(value, (*way, key)))]


def with_something_odd(chance: random.Random) -> bytes:
    document = copy.deepcopy(DOCUMENT)
    for _ in range(chance.randint(1, 3)):
        way = chance.choice(places(document))
        node: object = document
        for key in way[:-1]:
            node = node[key]  # type: ignore[index]
        if chance.random() < 0.15:
            del node[way[-1]]  # type: ignore[attr-defined]
        else:
            node[way[-1]] = copy.deepcopy(chance.choice(ODD))  # type: ignore[index]
        if not isinstance(document, dict) or not places(document):
            break
    return json.dumps(document).encode()


def mangled(data: bytes, chance: random.Random) -> bytes:
    """Bytes overwritten, left out, doubled, cut off, or stretches of them exchanged."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(changed) or 1)
        to = min(len(changed), at + chance.randint(1, 12))
        what = chance.random()
        if what < 0.4:
            changed[at:to] = bytes(
                chance.choice(b'",;\t\n\r|<>/\x00\xff\xa1{}[]0123456789.eE+-') for _ in range(to - at)
            )
        elif what < 0.6:
            del changed[at:to]
        elif what < 0.8:
            changed[at:at] = changed[at:to] * chance.randint(1, 3)
        elif what < 0.9:
            del changed[at:]
        else:
            other = chance.randrange(len(changed) or 1)
            changed[at:to] = changed[other : other + to - at]
    return bytes(changed)


def workbook() -> dict[str, bytes]:
    book = openpyxl.Workbook()
    for line in (
        ["名录"],
        ["编号", "名称", "经度", "纬度"],
        ["007", "甲", 118.4, 24.7],
        [8, "乙", "118.5", 24.8],
        [None, None, None, 3],
    ):
        book.active.append(line)
    sink = io.BytesIO()
    book.save(sink)
    with zipfile.ZipFile(sink) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


TABLE = (
    '某县企业名录,,,\n企业编号,企业名称,经度,纬度\n0001,"甲,乙",118.425,24.703\n0002,"两\n行",118°25′30″,24°42′\n,,,\n0003,NA,１１８．５,24.8,\n'
).encode()


@pytest.mark.parametrize("seed", SEEDS)
def test_documents_with_odd_values(seed: int, outcome: Outcome) -> None:
    chance = random.Random(seed)
    ends = {
        outcome(with_something_odd(chance), kind=chance.choice(["any", "firms", "areas", "boundary"]))[0]
        for _ in range(EACH * 3)
    }
    assert {"taken", "refused"} <= ends


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("seed", SEEDS)
def test_tables_with_mangled_bytes(seed: int, encoding: str, outcome: Outcome) -> None:
    chance = random.Random(f"{seed}{encoding}")
    data = TABLE.decode().encode(encoding)
    for _ in range(EACH):
        outcome(mangled(data, chance), kind="firms")


@pytest.mark.parametrize("seed", SEEDS)
def test_workbooks_with_mangled_parts(seed: int, outcome: Outcome) -> None:
    chance = random.Random(seed)
    parts = workbook()
    for _ in range(EACH // 2):
        name = chance.choice(
            [
                "xl/worksheets/sheet1.xml",
                "xl/worksheets/sheet1.xml",
                "xl/workbook.xml",
                "xl/styles.xml",
                "[Content_Types].xml",
                "xl/_rels/workbook.xml.rels",
            ]
        )
        outcome(zipped({**parts, name: mangled(parts[name], chance)}))
        outcome(mangled(zipped(parts), chance))


def package(folder: Path) -> bytes:
    table = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"], "n": [1, 2]}, geometry=[Point(118, 24), box(118, 24, 119, 25)], crs=4326
    )
    table.to_file(folder / "p.gpkg", layer="层", driver="GPKG")
    connection = sqlite3.connect(folder / "p.gpkg")
    connection.execute("VACUUM")
    connection.close()
    return (folder / "p.gpkg").read_bytes()


def test_geopackages_with_mangled_pages(tmp_path: Path) -> None:
    """In the locked process alone: what reads them is a library of C."""
    from geo.errors import ParkError
    from layers.sources.importer import import_file

    chance = random.Random(1)
    data = package(tmp_path)
    ends = set()
    for _ in range(12):
        path = tmp_path / "m.gpkg"
        path.write_bytes(data[:16] + mangled(data[16:], chance))
        try:
            import_file(path)
        except ParkError as error:
            ends.add(error.exit_code)
        else:
            ends.add(0)
    assert ends <= {0, 3, 4}
