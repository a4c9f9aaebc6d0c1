"""GeoTIFF terrain: the cells that went in come out, what they are is asked or said, and nothing else of the file goes on."""

from __future__ import annotations

import io
import json
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.io import MemoryFile

from geo.errors import ChoiceError, ParkError, RefusedError
from layers.sources.importer import ImportOptions, import_file
from layers.sources.raw import LIMITS
from layers.sources.terrain import ImportedTerrain, import_terrain


def from_origin(west: float, north: float, width: float, height: float) -> rasterio.Affine:
    return rasterio.Affine(width, 0, west, 0, -height, north)


PLACE = from_origin(39_542_000.0, 2_733_000.0, 30.0, 30.0)
HEIGHTS = np.arange(12, dtype=np.float32).reshape(3, 4) * 10 + 5


def dem(
    cells: np.ndarray = HEIGHTS,
    crs: Any = "EPSG:4527",
    transform: Any = PLACE,
    unit: str | None = None,
    finish: Callable[[Any], object] | None = None,
    **profile: Any,
) -> bytes:
    """A GeoTIFF as another program writes it; `finish` gets it before it is closed."""
    bands = cells if cells.ndim == 3 else cells[None]
    with MemoryFile() as memory:
        given = {"dtype": cells.dtype, "crs": crs, "transform": transform, **profile}
        with memory.open(
            driver="GTiff", width=bands.shape[2], height=bands.shape[1], count=len(bands), **given
        ) as sink:
            sink.write(bands)
            if unit is not None:
                sink.units = [unit] * len(bands)
            if finish is not None:
                finish(sink)
        return bytes(memory.read())


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., ImportedTerrain]:
    def one(data: bytes, answers: str = "") -> ImportedTerrain:
        path = tmp_path / "a dem.tif"
        path.write_bytes(data)
        return import_terrain(f"{path}::{answers}" if answers else str(path))

    return one


def opened(terrain: ImportedTerrain) -> tuple[np.ma.MaskedArray, dict[str, Any]]:
    with rasterio.open(io.BytesIO(terrain.data)) as source:
        return source.read(1, masked=True), dict(source.profile) | {
            "tags": source.tags(),
            "descriptions": source.descriptions,
        }


def noticed(terrain: ImportedTerrain) -> set[str]:
    return {one.code for one in terrain.warnings}


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
@pytest.mark.parametrize("nodata", [None, 5.0])
@pytest.mark.parametrize(
    "layout",
    [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"compress": "lzw"}, {"bigtiff": "YES"}],
)
def test_the_cells_come_out_as_they_went_in(
    dtype: str, nodata: float | None, layout: dict[str, Any], tmp_path: Path
) -> None:
    from layers.sources.readers.raster import CLEAN, read_raster

    (tmp_path / "input").write_bytes(dem(HEIGHTS.astype(dtype), nodata=nodata, **layout))
    table = read_raster(tmp_path / "input", kind="terrain")
    facts = table.raster
    assert facts is not None
    with rasterio.open(tmp_path / CLEAN) as source:
        cells = source.read(1, masked=True)
        assert source.dtypes[0] == dtype
        assert source.transform == PLACE
        assert source.crs.to_epsg() == 4527
    assert np.array_equal(cells.data, HEIGHTS.astype(dtype))
    assert np.ma.getmaskarray(cells).sum() == (0 if nodata is None else 1)
    assert (facts["min"], facts["max"]) == (5.0 if nodata is None else 15.0, 115.0)
    assert facts["valid"] + facts["empty"] == facts["width"] * facts["height"] == 12


def test_the_account_names_what_the_raster_is(read: Callable[..., ImportedTerrain]) -> None:
    told = read(dem(unit="m")).to_json()
    assert told == {
        "kind": "terrain", "width": 4, "height": 3, "bands": 1, "crs": "EPSG:4527", "nodata": "nan", "min": 5.0, "max": 115.0,
        "valid": 12, "empty": 0, "cell": [30.0, 30.0], "layer": "1", "format": "GeoTIFF", "warnings": [], "sha256": told["sha256"],
    }  # fmt: skip
    json.dumps(told, allow_nan=False)


def test_missing_cells_are_missing_however_they_are_written(read: Callable[..., ImportedTerrain]) -> None:
    holes = HEIGHTS.copy()
    holes[0, 0], holes[1, 1] = math.nan, math.inf
    terrain = read(dem(holes, nodata=115.0))
    cells, _ = opened(terrain)
    assert np.ma.getmaskarray(cells).sum() == terrain.facts["empty"] == 3
    assert (terrain.facts["min"], terrain.facts["max"]) == (15.0, 105.0)


def test_a_mask_inside_the_file_is_kept(read: Callable[..., ImportedTerrain]) -> None:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        data = dem(HEIGHTS.astype("int16"), finish=lambda sink: sink.write_mask(HEIGHTS > 20))
    terrain = read(data)
    cells, profile = opened(terrain)
    assert profile["dtype"] == "float32"
    assert np.ma.getmaskarray(cells).sum() == 2
    assert cells.compressed().tolist() == HEIGHTS[HEIGHTS > 20].tolist()


def test_scale_and_offset_are_worked_in(read: Callable[..., ImportedTerrain]) -> None:
    def scaled(sink: Any) -> None:
        sink.scales, sink.offsets = (0.5,), (100.0,)

    terrain = read(dem(HEIGHTS.astype("int16"), nodata=5, finish=scaled))
    cells, _ = opened(terrain)
    assert cells.compressed().tolist() == (HEIGHTS.ravel()[1:] / 2 + 100).tolist()


def test_several_bands_are_asked_about_and_each_can_be_had(read: Callable[..., ImportedTerrain]) -> None:
    data = dem(np.stack([HEIGHTS, HEIGHTS + 1_000]))
    with pytest.raises(ChoiceError) as caught:
        read(data)
    assert caught.value.about == "layer"
    assert [one["argument"] for one in caught.value.options] == ["--layer 1", "--layer 2"]
    terrain = read(data, "layer=2")
    assert (terrain.facts["min"], terrain.facts["bands"], terrain.layer) == (1_005.0, 2, "2")
    for wrong in ("3", "0", "高程"):
        with pytest.raises(RefusedError):
            read(data, f"layer={wrong}")


def test_metres_of_no_system_are_asked_about_and_degrees_taken_with_a_warning(
    read: Callable[..., ImportedTerrain],
) -> None:
    with pytest.raises(ChoiceError) as caught:
        read(dem(crs=None))
    assert caught.value.about == "crs"
    assert "--crs EPSG:4527" in [one["argument"] for one in caught.value.options]
    terrain = read(dem(crs=None), "crs=EPSG:4527")
    assert terrain.facts["crs"] == "EPSG:4527"
    assert opened(terrain)[1]["crs"].to_epsg() == 4527
    degrees = read(dem(crs=None, transform=from_origin(118.0, 25.0, 1 / 3600, 1 / 3600)))
    assert "CRS_ASSUMED" in noticed(degrees)
    assert opened(degrees)[1]["crs"].to_epsg() == 4326
    with pytest.raises(RefusedError):
        read(dem(), "crs=GCJ-02")


def test_a_raster_that_cannot_lie_where_it_says_is_asked_about_or_refused(
    read: Callable[..., ImportedTerrain],
) -> None:
    with pytest.raises(ChoiceError) as caught:
        read(dem(crs="EPSG:4548"))  # the zone's number is in its eastings
    assert [one["argument"] for one in caught.value.options] == ["--crs EPSG:4527"]
    with pytest.raises(RefusedError) as refused:
        read(dem(crs="EPSG:4326"))
    assert refused.value.code == "OUT_OF_RANGE"


def test_what_is_assumed_or_strange_is_said(read: Callable[..., ImportedTerrain]) -> None:
    assert noticed(read(dem())) == {"HEIGHTS_IN_METRES"}
    assert noticed(read(dem(unit="metre"))) == set()
    unsaid = HEIGHTS.copy()
    unsaid[0, 0] = -9_999
    assert "HEIGHTS_BEYOND_LAND" in noticed(read(dem(unsaid, unit="m")))
    assert noticed(read(dem(unsaid, unit="m", nodata=-9_999))) == set()
    assert noticed(
        read(dem(unit="m", crs="EPSG:32631", transform=from_origin(500_000, 5_000_000, 30, 30)))
    ) == {"OUTSIDE_CHINA"}
    assert noticed(
        read(dem(unit="m", crs="EPSG:2387", transform=from_origin(542_000, 2_733_000, 30, 30)))
    ) == {"DATUM_APPROXIMATE"}


def test_the_copy_holds_no_other_word_of_the_file_and_is_the_same_each_time(
    read: Callable[..., ImportedTerrain],
) -> None:
    def sign(sink: Any) -> None:
        sink.update_tags(SECRET="甲机密公司")
        sink.set_band_description(1, "甲机密公司")

    data = dem(finish=sign)
    first, second = read(data), read(data)
    assert first.data == second.data
    _, profile = opened(first)
    assert "SECRET" not in profile["tags"]
    assert profile["descriptions"] == (None,)
    assert "甲机密".encode() not in first.data


def test_a_large_raster_is_read_in_strips(read: Callable[..., ImportedTerrain]) -> None:
    cells = np.add.outer(np.arange(2_100), np.arange(2_000) % 7).astype(np.int16)
    terrain = read(dem(cells, unit="m"))
    assert np.array_equal(opened(terrain)[0].data, cells)
    assert terrain.facts["min"] == float(cells.min())


def sparse(side: int) -> bytes:
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", width=side, height=side, count=1, dtype="uint8", crs="EPSG:4527", transform=PLACE,
                         tiled=True, blockxsize=1_024, blockysize=1_024, sparse_ok=True, bigtiff="YES"):  # fmt: skip
            pass
        return bytes(memory.read())


def nowhere() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return dem(transform=rasterio.Affine.identity())


@pytest.fixture(scope="module")
def refused() -> dict[str, tuple[bytes, str]]:
    palette = dem(HEIGHTS.astype("uint8"), photometric="palette")
    return {
        "a sparse raster of endless size": (sparse(60_000), "TOO_LARGE"),
        "a strip of endless size": (one_strip(), "TOO_LARGE"),
        "too many bands": (dem(np.zeros((LIMITS.bands + 1, 2, 2), "uint8")), "TOO_LARGE"),
        "no place": (nowhere(), "NOT_THIS_FORMAT"),
        "feet": (dem(unit="ft"), "NOT_THIS_FORMAT"),
        "complex numbers": (dem(HEIGHTS.astype("complex64")), "NOT_THIS_FORMAT"),
        "colours": (palette, "NOT_THIS_FORMAT"),
        "nothing but missing cells": (dem(np.full((3, 4), -9_999, "float32"), nodata=-9_999), "NO_ROWS"),
        "half a file": (dem(np.random.default_rng(2).random((300, 300)))[:200_000], "NOT_THIS_FORMAT"),
        "a header alone": (b"II*\0\x08\0\0\0", "NOT_THIS_FORMAT"),
        "a table": (b"name,lon,lat\na,118,24\n", "WRONG_GEOMETRY"),
        "a virtual raster": (
            b"<VRTDataset rasterXSize='1' rasterYSize='1'><VRTRasterBand dataType='Byte' band='1'/></VRTDataset>",
            "NOT_THIS_FORMAT",
        ),
        "a raster that writes": (
            b"<MRF_META><CachedSource><Source>/etc/passwd</Source></CachedSource><Raster><Size x='1' y='1'/></Raster></MRF_META>",
            "NOT_THIS_FORMAT",
        ),
    }


def one_strip() -> bytes:
    """One strip of 13 000² cells of eight bytes: under the limit of cells, and 1.3 GB to unpack at once."""
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=13_000,
            height=13_000,
            count=1,
            dtype="float64",
            crs="EPSG:4527",
            transform=PLACE,
            blockysize=13_000,
            compress="deflate",
            sparse_ok=True,
        ):
            pass
        return bytes(memory.read())


def test_what_is_no_terrain_is_refused_by_name(
    refused: dict[str, tuple[bytes, str]], read: Callable[..., ImportedTerrain]
) -> None:
    for name, (data, code) in refused.items():
        with pytest.raises(ParkError) as caught:
            read(data)
        assert caught.value.exit_code == 3, name
        assert caught.value.code == code, (name, caught.value)
        assert "parkplan-job" not in str(caught.value), name


def test_a_raster_is_no_table_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_bytes(dem())
    for kind in ("any", "boundary", "table"):
        with pytest.raises(RefusedError, match="--as terrain"):
            import_file(tmp_path / "dem.tif", ImportOptions(kind=kind))
