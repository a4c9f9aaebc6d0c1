"""``parkplan import dem.tif --as terrain``."""

from __future__ import annotations

import rasterio

from tests.layers.test_terrain import HEIGHTS, dem


def test_terrain_is_imported_from_end_to_end_and_its_directory_again(door, tmp_path):
    (tmp_path / "dem.tif").write_bytes(dem(crs=None, unit="m"))
    answer = door("import", tmp_path / "dem.tif", "--as", "terrain", "-o", tmp_path / "one", "--json")
    assert answer.code == 4
    assert answer.json["error"]["about"] == "crs"
    assert not (tmp_path / "one").exists()
    answer = door(
        "import",
        tmp_path / "dem.tif",
        "--as",
        "terrain",
        "--crs",
        "EPSG:4527",
        "-o",
        tmp_path / "one",
        "--json",
    )
    assert answer.code == 0, answer.err
    told = answer.json
    assert {key: told[key] for key in ("kind", "width", "height", "bands", "crs", "min", "max")} == {
        "kind": "terrain", "width": 4, "height": 3, "bands": 1, "crs": "EPSG:4527", "min": 5.0, "max": 115.0,
    }  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["accepted.tif", "mapping.toml"]
    with rasterio.open(tmp_path / "one" / "accepted.tif") as source:
        assert (source.read(1) == HEIGHTS).all()
    again = door("import", tmp_path / "one", "-o", tmp_path / "two", "--json")
    assert again.code == 0, again.err
    assert (tmp_path / "one" / "accepted.tif").read_bytes() == (
        tmp_path / "two" / "accepted.tif"
    ).read_bytes()
    mapped = door("import", tmp_path / "dem.tif", "--mapping", tmp_path / "one" / "mapping.toml", "--json")
    assert mapped.json == told
    words = door("import", tmp_path / "one", "--lang", "zh")
    assert "12" in words.out
