"""GDAL knows in the worker what a reader of ours needs, whatever the installed wheels bring."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geo.errors import SourceError
from layers.sources.importer import import_file
from layers.sources.worker import forkserver, parent
from layers.sources.worker.drivers import ALLOWED_DRIVERS, known_drivers, skipped_drivers
from layers.sources.worker.lockdown import locked_environment

ROOT = Path(__file__).parents[2]
REGISTERED = """
import json, pyogrio
from rasterio.env import Env
with Env() as environment:
    print(json.dumps([sorted(pyogrio.list_drivers()), sorted(environment.drivers())]))
"""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    known_drivers.cache_clear()
    yield
    known_drivers.cache_clear()


def registered(environment: Mapping[str, str]) -> list[set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", REGISTERED], env=environment, capture_output=True, text=True, check=True
    )
    return [set(names) for names in json.loads(done.stdout)]


def test_neither_gdal_registers_more_than_is_allowed(tmp_path: Path) -> None:
    vector, raster = registered(locked_environment(os.environ, tmp_path))
    assert vector <= ALLOWED_DRIVERS
    assert raster <= ALLOWED_DRIVERS
    assert {"GPKG", "ESRI Shapefile", "FlatGeobuf"} <= vector
    assert "GTiff" in raster


def test_the_drivers_are_those_of_both_installed_wheels() -> None:
    vector, raster = registered(os.environ)
    assert vector | raster == set(known_drivers())
    assert set(skipped_drivers().split(",")) == set(known_drivers()) - ALLOWED_DRIVERS


def test_the_answer_is_kept_and_a_damaged_one_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    monkeypatch.setenv(name, str(tmp_path))
    names = known_drivers()
    (kept,) = (tmp_path / "parkplan").iterdir()
    assert tuple(kept.read_text(encoding="utf-8").splitlines()) == names
    for damaged in (b"", b"GPKG\nVRT\n", b"\xff\xfe"):
        kept.write_bytes(damaged)
        known_drivers.cache_clear()
        assert known_drivers() == names
    kept.unlink()
    kept.parent.rmdir()
    (tmp_path / "parkplan").write_text("in the way of a folder")
    known_drivers.cache_clear()
    assert known_drivers() == names


def test_a_setting_of_the_user_hides_no_driver_from_the_list(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = known_drivers()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("GDAL_SKIP", "VRT,OGR_VRT,GPKG")
    monkeypatch.setenv("OGR_SKIP", "VRT,OGR_VRT,GPKG")
    known_drivers.cache_clear()
    assert known_drivers() == names


def test_a_worker_in_which_gdal_knows_more_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.gpkg"
    gpd.GeoDataFrame({"n": ["a"]}, geometry=[Point(118, 24)], crs=4326).to_file(path)
    monkeypatch.setattr(forkserver, "start", lambda _: None)
    monkeypatch.setattr(
        parent, "locked_environment",
        lambda environment, job: {**environment, "TMPDIR": str(job), "HOME": str(job)},
    )  # fmt: skip
    with pytest.raises(SourceError) as refused:
        import_file(path)
    assert refused.value.code == "UNSAFE"
