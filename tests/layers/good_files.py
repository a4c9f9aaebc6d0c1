"""One small good file of each format, as other software writes it."""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
import zipfile
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import rasterio
import xlwt
from rasterio.io import MemoryFile
from shapely.geometry import LineString, Point, box

from tests.layers.conftest import zipped
from tests.layers.corpus_osm import good_extract

__all__ = ["ZIPPED", "good_files", "members"]

ZIPPED = ("XLSX", "zipped shapefile", "KMZ")
"""Formats whose files are zips of other files."""
LINES: list[list[object]] = [
    ["某县企业名录"],
    ["编号", "名称", "经度", "纬度", "成立"],
    ["007", "甲,乙", 118.4, 24.7, dt.date(2019, 3, 1)],
    [8, "NA", "118.5", 24.8, None],
    [None, "两\n行", "118°25′30″", "２４．７", None],
]
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>园</name>'
    "<Placemark><name>甲</name><ExtendedData><Data name='编号'><value>007</value></Data></ExtendedData>"
    "<Point><coordinates>118.4,24.7,12</coordinates></Point></Placemark>"
    "<Placemark><name>乙</name><Polygon><outerBoundaryIs><LinearRing><coordinates>118,24 119,24 119,25 118,24"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>"
)
PARCELS = (
    "[属性描述]\n格式版本号=1.01版本\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=39\n精度=0.001\n"
    "转换参数=,,,,,,\n[地块坐标]\n4,1.0,1,某园,面,,,,@\nJ1,1,2733000.000,39542000.000\nJ2,1,2733000.000,39543000.000\n"
    "J3,1,2734000.000,39543000.000\nJ1,1,2733000.000,39542000.000\n"
)


def good_files() -> dict[str, bytes]:
    """Return format → content; the same bytes each time but for times of making."""
    firms = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"], "id": ["001", "002", "003"], "n": [1, 2, 3]},
        geometry=[Point(118.4 + place / 10, 24.7) for place in range(3)],
        crs=4490,
    )
    mixed = firms.set_geometry([Point(118, 24), LineString([(118, 24), (119, 25)]), box(118, 24, 119, 25)])
    csv = '某县企业名录,,,\n企业编号,企业名称,经度,纬度\n0001,"甲,乙",118.425,24.703\n0002,"两\n行",118°25′30″,24°42′\n,,,\n0003,NA,１１８．５,24.8,\n'
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        firms.to_file(folder / "in.shp", encoding="gb18030")
        shapefile = {path.name: path.read_bytes() for path in sorted(folder.glob("in.*"))}
        mixed.to_file(folder / "p.gpkg", layer="层", driver="GPKG")
        pyogrio.write_dataframe(firms, folder / "f.fgb", driver="FlatGeobuf")
        mixed.to_parquet(folder / "p.parquet")
        return {
            "CSV": csv.encode(),
            "CSV in GB 18030": csv.encode("gb18030"),
            "CSV in UTF-16": csv.encode("utf-16"),
            "GeoJSON": json.dumps(json.loads(mixed.to_json()), ensure_ascii=False).encode(),
            "GeoJSONSeq": "\n".join(
                json.dumps(one) for one in json.loads(mixed.to_json())["features"]
            ).encode(),
            "XLSX": workbook(),
            "XLS": old_workbook(),
            "GeoPackage": (folder / "p.gpkg").read_bytes(),
            "zipped shapefile": zipped(shapefile),
            "KML": KML.encode(),
            "KMZ": zipped({"doc.kml": KML.encode()}),
            "GeoParquet": (folder / "p.parquet").read_bytes(),
            "FlatGeobuf": (folder / "f.fgb").read_bytes(),
            "DXF": drawing(),
            "boundary points": PARCELS.encode("gb18030"),
            "GeoTIFF": terrain(),
            "OSM PBF": good_extract(),
        }


def members(data: bytes) -> dict[str, bytes]:
    """Return what is in a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for line in LINES:
        book.active.append(line)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def old_workbook() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名录")
    for row, line in enumerate(LINES):
        for column, value in enumerate(line):
            if value is not None:
                sheet.write(row, column, str(value) if isinstance(value, dt.date) else value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def drawing() -> bytes:
    made = ezdxf.new("R2010")
    made.units = 6
    space = made.modelspace()
    space.add_lwpolyline([(542_000, 2_733_000), (543_000, 2_733_000), (543_000, 2_734_000)], close=True)
    space.add_circle((542_500, 2_733_500), 100)
    made.blocks.new("块").add_point((0, 0))
    space.add_blockref("块", (542_100, 2_733_100))
    sink = io.StringIO()
    made.write(sink)
    return sink.getvalue().encode()


def terrain() -> bytes:
    place = rasterio.Affine(30, 0, 39_542_000, 0, -30, 2_733_000)
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff", width=4, height=3, count=1, dtype="float32", crs="EPSG:4527", transform=place, compress="deflate"
        ) as sink:  # fmt: skip
            sink.write(np.arange(12, dtype=np.float32).reshape(1, 3, 4))
        return bytes(memory.read())
