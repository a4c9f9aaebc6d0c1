"""Extracts of OpenStreetMap (ODbL) as they are handed round: the roads of a whole country, none lost."""

from __future__ import annotations

from pathlib import Path

import osmium
import pytest

from layers.sources.importer import ImportOptions, import_file
from layers.sources.readers.osm import ROADS


@pytest.mark.parametrize(
    "name", ["data/liechtenstein-2013-08-03.osm.pbf", "oracles/net/liechtenstein_roads.osm.pbf"]
)
def test_every_road_of_a_country_is_taken_with_all_its_nodes(shared: Path, name: str) -> None:
    path = shared / name
    if not path.is_file():
        pytest.skip(f"there is no {name}")
    got = import_file(path, ImportOptions(kind="roads"))
    ways = {
        str(way.id): len(way.nodes)
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY)
        if way.tags.get("highway") in ROADS and not (way.tags.get("area") == "yes" and way.is_closed())
    }
    taken = dict(zip(got.table["osm_id"], got.table.geometry.count_coordinates(), strict=True))
    assert taken == ways
    assert (got.report.rows_in, got.report.rejected) == (len(ways), 0)
    assert got.table["highway"].isin(ROADS).all()
