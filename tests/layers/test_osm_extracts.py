"""OpenStreetMap extracts: roads counted by one program and read by another, layers asked about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

from geo.errors import ChoiceError
from layers.sources.importer import ImportOptions, import_file
from layers.sources.readers.osm import ROADS, read_osm

Outcome = Callable[..., tuple[str, object]]
NODES = {1: (118.40, 24.70), 2: (118.41, 24.70), 3: (118.41, 24.71), 4: (118.40, 24.71), 5: (118.42, 24.72)}


def extract(
    folder: Path,
    ways: list[tuple[list[int], dict[str, str]]],
    nodes: dict[int, tuple[float, float]] = NODES,
    tags: dict[int, dict[str, str]] | None = None,
) -> bytes:
    path = folder / "made.osm.pbf"
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in nodes.items():
            writer.add_node(
                osmium.osm.mutable.Node(id=number, location=place, tags=(tags or {}).get(number, {}))
            )
        for number, (refs, own) in enumerate(ways, start=100):
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=own))
    return path.read_bytes()


WAYS = [
    ([1, 2, 3], {"highway": "primary", "name": "园区大道", "oneway": "yes", "maxspeed": "60", "bridge": "yes", "layer": "1", "lanes": "4"}),
    ([3, 4, 1, 3], {"highway": "residential", "junction": "roundabout", "tunnel": "yes", "landuse": "industrial"}),
    ([1, 3], {"highway": "footway"}),
    ([1, 2, 3, 1], {"highway": "service", "area": "yes"}),
    ([2, 4], {"waterway": "river", "name": "溪"}),
    ([1, 2, 3, 4, 1], {"landuse": "industrial", "name": "工业用地"}),
    ([4, 5], {"highway": "construction"}),
    ([3, 5], {"highway": "unclassified"}),
]  # fmt: skip


def test_roads_come_with_class_name_direction_speed_and_level(tmp_path: Path) -> None:
    path = tmp_path / "x.pbf"
    path.write_bytes(extract(tmp_path, WAYS))
    got = import_file(path, ImportOptions(kind="roads"))
    assert (got.report.rows_in, got.report.accepted, got.report.layer, got.report.crs) == (
        3,
        3,
        "lines",
        "EPSG:4326",
    )
    first = got.table.iloc[0]
    assert {name: first[name] for name in ("osm_id", "name", "highway", "oneway", "maxspeed", "bridge", "tunnel", "layer")} == {
        "osm_id": "100", "name": "园区大道", "highway": "primary", "oneway": "yes", "maxspeed": "60", "bridge": "yes", "tunnel": "", "layer": "1",
    }  # fmt: skip
    assert got.roles["road_class"] == "highway"
    assert got.roles["name"] == "name"
    assert got.roles["oneway"] == "oneway"
    assert [round(value, 7) for value in shapely.get_coordinates(first.geometry).ravel()] == [
        118.40,
        24.70,
        118.41,
        24.70,
        118.41,
        24.71,
    ]
    assert got.table.geometry.geom_type.tolist() == ["LineString"] * 3
    assert {one.code: one.count for one in got.report.warnings} == {"WAYS_LEFT_OUT": 3}


def test_every_class_that_is_driven_on_is_a_road_and_no_other(tmp_path: Path, outcome: Outcome) -> None:
    ways = [
        ([1, 2], {"highway": value})
        for value in (*sorted(ROADS), "path", "steps", "proposed", "cycleway", "platform")
    ]
    how, got = outcome(extract(tmp_path, ways), kind="roads")
    assert how == "taken"
    assert got.table["highway"].tolist() == sorted(ROADS)  # type: ignore[attr-defined]


def test_roads_without_their_nodes_are_set_aside_and_those_cut_short_noticed(
    tmp_path: Path, outcome: Outcome
) -> None:
    ways = [
        ([1, 2], {"highway": "primary"}),
        ([7, 8], {"highway": "primary"}),
        ([1, 2, 9], {"highway": "primary"}),
        ([1, 9], {"highway": "primary"}),
    ]
    how, got = outcome(extract(tmp_path, ways), kind="roads")
    assert how == "taken"
    assert got.report.rows_in == 4  # type: ignore[attr-defined]
    assert got.report.reasons == {"EMPTY_GEOMETRY": 2}  # type: ignore[attr-defined]
    assert got.rejects["text"].tolist() == ["way 101", "way 103"]  # type: ignore[attr-defined]
    assert {one.code: one.count for one in got.report.warnings} == {"ROADS_CUT": 1}  # type: ignore[attr-defined]


def test_other_kinds_are_asked_for_the_layer_among_those_that_fit(tmp_path: Path, outcome: Outcome) -> None:
    data = extract(tmp_path, WAYS, tags={5: {"amenity": "fuel", "name": "油站"}})
    for kind, layers in (
        ("any", ["points", "lines", "multipolygons"]),
        ("water", ["lines", "multipolygons"]),
        ("facilities", ["points"]),
    ):
        how, error = outcome(data, kind=kind)
        assert (how, error.about) == ("asked", "layer")  # type: ignore[attr-defined]
        assert [one["argument"] for one in error.options] == [f"--layer {name}" for name in layers]  # type: ignore[attr-defined]
    for kind, layer, names in (
        ("landuse", "multipolygons", ["", "", "工业用地"]),
        ("facilities", "points", ["油站"]),
    ):
        how, got = outcome(data, kind=kind, layer=layer)
        assert how == "taken"
        assert sorted(got.table["name"]) == names  # type: ignore[attr-defined]
    how, got = outcome(data, kind="water", layer="lines")
    assert how == "taken"
    assert "river" in got.table["waterway"].tolist()  # type: ignore[attr-defined]
    how, error = outcome(data, kind="water", layer="河")
    assert how == "refused"


@pytest.mark.parametrize("keep", [40, 90, 150, -20])
def test_a_damaged_extract_is_refused(keep: int, tmp_path: Path, outcome: Outcome) -> None:
    data = extract(tmp_path, WAYS)
    how, _ = outcome(data[:keep], kind="roads")
    assert how == "refused"


def test_an_extract_without_a_road_says_so(tmp_path: Path, outcome: Outcome) -> None:
    how, error = outcome(extract(tmp_path, WAYS[4:6]), kind="roads")
    assert (how, error.code) == ("refused", "NO_ROWS")  # type: ignore[attr-defined]


def test_no_damage_loses_a_road_unseen(tmp_path: Path) -> None:
    data = extract(tmp_path, WAYS * 20)
    random = np.random.default_rng(7)
    ended = {"taken": 0, "refused": 0}
    (tmp_path / "job").mkdir()
    path = tmp_path / "job" / "input"
    from geo.errors import ParkError

    for _ in range(60):
        piece = bytearray(data)
        for place in random.integers(0, len(data), 3):
            piece[place] = int(random.integers(0, 256))
        path.write_bytes(piece)
        try:
            table = read_osm(path, kind="roads")
        except ChoiceError:
            raise
        except ParkError:
            ended["refused"] += 1
        else:
            assert table.records == len(table.rows) + len(table.problems)
            ended["taken"] += 1
    assert ended["refused"] > 0


@pytest.mark.parametrize(
    "columns",
    [
        {"name": "名称", "road_class": "道路等级", "oneway": "单行", "speed": "限速", "width": "红线宽度"},
        {"name": "name", "road_class": "fclass", "oneway": "oneway", "speed": "maxspeed", "width": "width"},
        {
            "name": "路名",
            "road_class": "highway",
            "oneway": "is_oneway",
            "speed": "设计速度",
            "width": "路宽",
        },
    ],
)
@pytest.mark.parametrize("ending", ["gpkg", "fgb"])
def test_roads_of_other_formats_have_their_roles_found(
    columns: dict[str, str], ending: str, tmp_path: Path, outcome: Outcome
) -> None:
    table = gpd.GeoDataFrame(
        {column: ["x"] for column in columns.values()},
        geometry=[shapely.LineString([NODES[1], NODES[2]])],
        crs=4326,
    )
    table.to_file(tmp_path / f"roads.{ending}", layer="道路")
    how, got = outcome((tmp_path / f"roads.{ending}").read_bytes(), kind="roads")
    assert how == "taken"
    assert dict(got.roles) == columns  # type: ignore[attr-defined]
