"""Odd systems and odd parts of GIS files: definitions that point elsewhere, zones that do not fit, Chinese .prj files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyproj
from shapely.geometry import Point

from tests.layers.conftest import zipped
from tests.layers.corpus import Odd, accept, ask, refuse
from tests.layers.corpus_formats import SHAPES, written
from tests.layers.corpus_shapes import POINT, crs, package, text
from tests.layers.good_files import KML, PARCELS

__all__ = ["GIS"]

PLAIN = {"type": "Point", "coordinates": [540_412.5, 2_757_000.25]}
ZONED = {"type": "Point", "coordinates": [39_540_412.5, 2_757_000.25]}
GRID = "+proj=longlat +ellps=GRS80 +nadgrids={}"
TIED = (
    'GEOGCS["x",DATUM["y",SPHEROID["Krassowsky",6378245,298.3],EXTENSION["PROJ4_GRIDS","{}"]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)
TOWN = (
    'PROJCS["水头镇独立坐标系",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",50000.0],PARAMETER["False_Northing",-2700000.0],'
    'PARAMETER["Central_Meridian",118.5],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
LOCAL = 'LOCAL_CS["无",UNIT["Meter",1]]'


def shapefile(
    prj: str | bytes, *place: float, parts: dict[str, bytes] | None = None
) -> Callable[[Path], bytes]:
    """A shapefile of one point with this .prj; without a point, the usual one."""

    def make(folder: Path) -> bytes:
        made = dict(SHAPES)
        if place:
            table = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[Point(place)], crs=4326)
            table.to_file(folder / "in.shp", encoding="gb18030")
            made = {path.name: path.read_bytes() for path in sorted(folder.glob("in.*"))}
        return zipped({**made, "in.prj": prj.encode() if isinstance(prj, str) else prj, **(parts or {})})

    return make


def esri(code: int) -> str:
    return str(pyproj.CRS(code).to_wkt("WKT1_ESRI"))


def odd_parquet(system: Any) -> Callable[[Path], bytes]:
    """A GeoParquet file that says this of its system."""

    def make(folder: Path) -> bytes:
        import pyarrow.parquet as pq

        written("parquet", [Point(540_412, 2_757_000)], "EPSG:4548")(folder)
        table = pq.read_table(folder / "made.parquet")
        geo = json.loads(table.schema.metadata[b"geo"])
        geo["columns"]["geometry"]["crs"] = system
        pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(geo)}), folder / "made.parquet")
        return (folder / "made.parquet").read_bytes()

    return make


def parcels(system: str) -> str:
    return PARCELS.replace("2000国家大地坐标系", system)


def without_mark(folder: Path) -> bytes:
    data = package("层")(folder)
    return data[:68] + bytes(4) + data[72:]


GIS: list[Odd] = [
    refuse("GeoJSON that names a file of ours", text(POINT, crs=crs("docs/examples/crs.toml")), "CRS_AMBIGUOUS"),
    refuse("GeoJSON that names a grid", text(POINT, crs=crs(GRID.format("/etc/passwd"))), "CRS_AMBIGUOUS"),
    refuse("GeoJSON that names a grid to fetch", text(POINT, crs=crs(GRID.format("us_noaa_conus.tif"))), "CRS_AMBIGUOUS"),
    refuse("GeoJSON that names a list of systems", text(POINT, crs=crs("+init=/etc/passwd:root")), "CRS_AMBIGUOUS"),
    refuse("a .prj tied by a file", shapefile(TIED.format("/etc/passwd")), "CRS_AMBIGUOUS"),
    refuse("a .prj tied by an address", shapefile(TIED.format("http://127.0.0.1:9/a.tif")), "CRS_AMBIGUOUS"),
    refuse("GeoParquet that names a file of ours", odd_parquet("/etc/crs.toml"), "CRS_AMBIGUOUS"),
    accept("GeoParquet that names its system in a word", odd_parquet("EPSG:4548"), 1),
    ask("GeoParquet of no known system in metres", odd_parquet(None), "crs"),
    accept("a web map's .prj, grid and all", shapefile(str(pyproj.CRS(3857).to_wkt("WKT1_GDAL")), 13_180_228.1, 2_865_000), 1),
    accept("GeoJSON with heights above the sea", text(POINT, crs=crs("EPSG:4326+5773")), 1),
    ask("a zone's number in a system without", text(ZONED, crs=crs("EPSG:4548")), "crs"),
    ask("a system with a zone's number and none there", text(PLAIN, crs=crs("EPSG:4527")), "crs"),
    ask("another zone's number", text(ZONED, crs=crs("EPSG:4528")), "crs"),
    ask("a table with a zone's number too many", "name,横坐标,纵坐标\n甲,39540412.5,2757000.25\n", "crs", crs="EPSG:4548"),
    ask("a table of Xi'an 80 without its zone's number", "name,横坐标,纵坐标\n甲,540412.5,2757000.25\n", "crs", crs="EPSG:2363"),
    accept("a .prj with a Chinese name in GBK", shapefile(TOWN.encode("gbk"), 41_000, 58_000), 1),
    accept("a .prj with a Chinese name in UTF-8", shapefile(TOWN, 41_000, 58_000), 1),
    accept("a .prj in UTF-16", shapefile(esri(4548).encode("utf-16"), 540_412, 2_757_000), 1),
    accept("a .prj with a mark", shapefile("\ufeff" + esri(4548), 540_412, 2_757_000), 1),
    accept("a .prj of Xi'an 80 by Esri", shapefile(esri(2384), 540_412, 2_757_000), 1, warned=("DATUM_APPROXIMATE",)),
    ask("a .prj that ties to nothing", shapefile(LOCAL, 540_412, 2_757_000), "crs"),
    accept("a .cpg of another book", zipped({**SHAPES, "in.cpg": b"UTF-8"}), 3, cells={"name": ["甲", "乙", "丙"]}),
    ask("boundary points in a town's own 2000", parcels("广州2000坐标系"), "crs"),
    ask("boundary points in a town's system of 2000", parcels("城市独立坐标系(2000)"), "crs"),
    accept("boundary points in the national 2000", parcels("2000国家大地坐标系（CGCS2000）"), 1),
    accept("boundary points in Beijing's 54", parcels("1954年北京坐标系"), 1, warned=("DATUM_APPROXIMATE",)),
    accept("boundary points in three-degree zones, in words", parcels("CGCS2000").replace("分带=3", "分带=三度分带"), 1),
    accept("KML in UTF-8 that says GB 2312", KML.replace("UTF-8", "GB2312"), 2),
    refuse("KML with a document type behind a comment that is none", KML.replace("?>", "?><?x <!-- ?><!DOCTYPE a>", 1).replace("<Document>", "<!-- --><Document>"), "UNSAFE"),
    ask("a table that says CGCS2000 of metres", "name,CGCS2000经度,CGCS2000纬度\n甲,39540412.5,2757000.25\n", "crs"),
    accept("a GeoPackage without its mark", without_mark, 1, cells={"名称": ["甲"]}),
]  # fmt: skip
