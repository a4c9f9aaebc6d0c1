"""Odd files of the other formats: old workbooks, zipped shapefiles, KML, GeoParquet, FlatGeobuf, drawings, boundary points."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import xlwt
from rasterio.io import MemoryFile
from shapely.geometry import Point

from tests.layers.conftest import zipped
from tests.layers.corpus import Odd, accept, ask, refuse
from tests.layers.good_files import KML, PARCELS, good_files, members

__all__ = ["FORMATS", "RASTERS"]

GOOD = good_files()
SHAPES = members(GOOD["zipped shapefile"])
PLACE = "<Placemark><name>{0}</name><Point><coordinates>{1}</coordinates></Point></Placemark>"


def without(*endings: str) -> bytes:
    """The zipped shapefile without some of its files."""
    return zipped({name: content for name, content in SHAPES.items() if not name.endswith(endings)})


def renamed(pattern: str, new: str) -> bytes:
    return zipped({re.sub(pattern, new, name): content for name, content in SHAPES.items()})


def written(
    suffix: str, points: list[Point | None], system: str | None = "EPSG:4326", **options: object
) -> Callable[[Path], bytes]:
    """A file of a library's own format with these points."""

    def make(folder: Path) -> bytes:
        path = folder / f"made.{suffix}"
        table = gpd.GeoDataFrame(
            {"name": [f"甲{n}" for n in range(len(points))]}, geometry=points, crs=system
        )
        if suffix == "parquet":
            table.to_parquet(path, **options)
        else:
            table.to_file(path, driver="FlatGeobuf", **options)
        return path.read_bytes()

    return make


def kml(*content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(content)}</Document></kml>'


def old_book(*sheets: list[list[object]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for number, lines in enumerate(sheets, start=1):
        sheet = book.add_sheet(f"表{number}")
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                sheet.write(row, column, value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def heights(
    bands: int = 1, system: str | None = "EPSG:4527", kind: str = "float32", *, holes: int = 0
) -> bytes:
    """A raster of 4 by 3 cells of 30 m, of which the first ones are missing."""
    place = rasterio.Affine(30, 0, 39_542_000, 0, -30, 2_733_000)
    cells = np.arange(12, dtype=kind)
    cells[:holes] = 99
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=4, height=3, count=bands, dtype=kind, crs=system, transform=place, nodata=99
        ) as sink:  # fmt: skip
            for band in range(1, bands + 1):
                sink.write(cells.reshape(3, 4), band)
        return bytes(memory.read())


HEAD: list[object] = ["编号", "名称", "经度", "纬度"]
SECOND = PARCELS[PARCELS.index("4,1.0") :].replace("4,1.0,1,", "4,1.0,2,")
FIRM: list[object] = ["007", "NA", 118.4, 24.7]
HERE = Point(118.4, 24.7)
FORMATS: list[Odd] = [
    accept("an old workbook", old_book([HEAD, FIRM]), 1, cells={"编号": ["007"], "名称": ["NA"]}),
    accept("an old workbook with a title", old_book([["名录"], HEAD, FIRM]), 1, rows=[3]),
    accept("an old workbook with a bad row", old_book([HEAD, FIRM, ["8", "乙", "东经", 24.7]]), 1, {"BAD_NUMBER": 1}),
    ask("an old workbook of two sheets", old_book([HEAD, FIRM], [HEAD, FIRM]), "layer"),
    refuse("an old workbook of a header", old_book([HEAD]), "NO_ROWS"),
    refuse("an old workbook that breaks off", old_book([HEAD, FIRM])[:2_000], "NOT_THIS_FORMAT"),
    refuse("a container of something else", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), "NOT_THIS_FORMAT"),
    accept("a zipped shapefile", GOOD["zipped shapefile"], 3, cells={"id": ["001", "002", "003"], "name": ["甲", "乙", "丙"]}),
    accept("a shapefile without its system", without(".prj"), 3, warned=("CRS_ASSUMED",)),
    accept("a shapefile in a folder of the zip", renamed("^", "园区/"), 3),
    accept("a shapefile of capitals", renamed("^.*$", lambda found: found[0].upper()), 3),  # type: ignore[arg-type]
    accept("a shapefile with a map's notes beside it", zipped({**SHAPES, "in.qgz": b"x", "readme.txt": b"x"}), 3),
    refuse("a shapefile without its table", without(".dbf"), "NOT_THIS_FORMAT"),
    refuse("a shapefile without its shapes", without(".shp"), "NOT_THIS_FORMAT"),
    ask("two shapefiles", zipped({**SHAPES, **{name.replace("in.", "out."): content for name, content in SHAPES.items()}}), "layer"),
    refuse("a shapefile beside the folder", renamed("^", "../"), "UNSAFE"),
    refuse("a zip that breaks off", GOOD["zipped shapefile"][:-60], "NOT_THIS_FORMAT"),
    accept("KML", KML, 2),
    accept("KML with styles first", kml("<Style id='s'><LineStyle><width>2</width></LineStyle></Style>", PLACE.format("甲", "118.4,24.7,0")), 1),
    accept("KML with a place at 0, 0", kml(PLACE.format("甲", "118.4,24.7"), PLACE.format("乙", "0,0")), 1, {"NULL_ISLAND": 1}),
    accept("KML with a place of words", kml(PLACE.format("甲", "118.4,24.7"), PLACE.format("乙", "a,b")), 1, {"INVALID_GEOMETRY": 1}),
    accept("KML with a place of nothing", kml(PLACE.format("甲", "118.4,24.7"), "<Placemark><name>乙</name></Placemark>"), 1, {"EMPTY_GEOMETRY": 1}),
    accept("KML that calls a firm NA", kml(PLACE.format("NA", "118.4,24.7")), 1, cells={"name": ["NA"]}),
    refuse("KML without places", kml("<name>园</name>"), "NO_ROWS"),
    refuse("KML that breaks off", KML[:-40], "NOT_THIS_FORMAT"),
    accept("KMZ", GOOD["KMZ"], 2),
    accept("KMZ with pictures", zipped({"doc.kml": KML.encode(), "files/a.png": b"\x89PNG"}), 2),
    accept("GeoParquet", GOOD["GeoParquet"], 3),
    accept("GeoParquet in metres", written("parquet", [Point(500_000, 2_730_000)], "EPSG:4548"), 1),
    accept("GeoParquet with a place of nothing", written("parquet", [HERE, None]), 1, {"EMPTY_GEOMETRY": 1}),
    refuse("GeoParquet without rows", written("parquet", []), "NO_ROWS"),
    refuse("GeoParquet that breaks off", GOOD["GeoParquet"][:-20], "NOT_THIS_FORMAT"),
    accept("FlatGeobuf", GOOD["FlatGeobuf"], 3),
    accept("FlatGeobuf in metres", written("fgb", [Point(500_000, 2_730_000)], "EPSG:4548"), 1),
    refuse("FlatGeobuf that breaks off", GOOD["FlatGeobuf"][:-20], "NOT_THIS_FORMAT"),
    ask("a drawing of no stated system", GOOD["DXF"], "crs"),
    accept("a drawing, its system stated", GOOD["DXF"], 3, crs="EPSG:4548"),
    refuse("a drawing that breaks off", GOOD["DXF"][: len(GOOD["DXF"]) // 2], "NOT_THIS_FORMAT"),
    accept("boundary points", PARCELS.encode("gb18030"), 1),
    accept("boundary points in UTF-8", PARCELS, 1),
    accept("boundary points with a line of words", PARCELS.replace("J2,1,2733000.000", "J2,1,北") + SECOND, 1, {"BAD_NUMBER": 1}),
    refuse("boundary points without a parcel", PARCELS[: PARCELS.index("4,1.0")], "NO_ROWS"),
    refuse("boundary points that break off", PARCELS[: PARCELS.index("J2")], "EMPTY_GEOMETRY"),
    refuse("terrain as firms", GOOD["GeoTIFF"], "WRONG_GEOMETRY", kind="firms"),
]  # fmt: skip
"""Rows of a table, of whatever kind."""
RASTERS: list[Odd] = [
    accept("heights", heights(), 12),
    accept("heights with cells missing", heights(holes=5), 7),
    accept("heights in whole numbers", heights(kind="int16"), 12),
    ask("heights of two bands", heights(2), "layer"),
    ask("heights of no stated system", heights(system=None), "crs"),
    refuse("heights of missing cells alone", heights(holes=12), "NO_ROWS"),
    refuse("complex numbers", heights(kind="complex64"), "NOT_THIS_FORMAT"),
    refuse("heights that break off", heights()[:100], "NOT_THIS_FORMAT"),
    refuse("a table as heights", "名称,经度,纬度\n甲,118.4,24.7\n", "WRONG_GEOMETRY"),
]
"""Heights; the number is that of cells that have one."""
