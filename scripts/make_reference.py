"""Make data/reference from published packages and tables. Run by hand when a source changes.

    pip download --no-deps scgraph-data==2.0.0 airportsdata==20260905 -d WHEELS
    python scripts/make_reference.py --wheels WHEELS --ports UpdatedPub150.csv --places places.csv --stone stone_clusters.csv

Nothing here is needed at run time. Sources and licences: docs/data.md and NOTICE.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import zipfile
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
CHINA_BOX = (73.0, 17.5, 136.0, 54.0)
# World Port Index entries that lie in the wrong place, and ports across the strait.
WRONG = {"Chiwan", "Zhangzhou", "Haimen", "Suizhang Gang"}
OFFSHORE = {"Lon Shui Terminal"}  # tankers load there, 200 km out at sea
ACROSS = {
    "Su-Ao",
    "Hua-Lien Kang",
    "Kao-Hsiung",
    "Chi-Lung",
    "Mailiao",
    "Tan-Shui",
    "Tai-Chung Kang",
    "Peng-Hu Kang",
}
RIVER = {
    "Ankingcheng", "Wu Hu", "Changshu", "Nantong", "Jiangyin", "Changzhou", "Gaogang", "Yangzhou", "Zhangjiangang",
    "Zhenjiang", "Chung Ching", "Nanjing", "Hankow", "Taicang", "Wanxian",
}  # fmt: skip
BY_HAND = "located by hand, ± 5 km, not surveyed"
# id, name, kind, lon, lat: ports that the World Port Index lacks.
HAND_LOCATED = [
    ("shijing", "泉州港石井作业区 Shijing", "seaport", 118.435, 24.635),
    ("haicang", "厦门港海沧港区 Haicang", "seaport", 118.03, 24.45),
    ("shihu", "泉州港石湖作业区 Shihu", "seaport", 118.70, 24.80),
    ("weitou", "泉州港围头作业区 Weitou", "seaport", 118.591, 24.527),
    ("jiangyin_fz", "福州港江阴港区 Jiangyin (Fuzhou)", "seaport", 119.30, 25.43),
    ("luoyuanwan", "罗源湾港区 Luoyuan Bay", "seaport", 119.75, 26.38),
    ("sanduao", "宁德港三都澳港区 Sandu'ao", "seaport", 119.62, 26.68),
    ("laizhou", "莱州港 Laizhou", "seaport", 119.95, 37.40),
    ("qianwan", "青岛港前湾港区 Qianwan", "seaport", 120.20, 36.01),
    ("huanghua", "黄骅港 Huanghua", "seaport", 117.88, 38.32),
    ("dayaowan", "大连港大窑湾港区 Dayaowan", "seaport", 121.90, 39.01),
    ("nansha", "广州港南沙港区 Nansha", "seaport", 113.67, 22.65),
    ("dafeng", "盐城港大丰港区 Dafeng", "seaport", 120.80, 33.27),
    ("yunfu", "云浮新港（西江） Yunfu", "river_port", 112.02, 23.10),
    ("wuzhou", "梧州港（西江） Wuzhou", "river_port", 111.32, 23.46),
    ("yangluo", "武汉港阳逻港区 Yangluo", "river_port", 114.55, 30.66),
    ("luzhou", "泸州港 Luzhou", "river_port", 105.47, 28.90),
]


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (REFERENCE / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


def ports(path: Path) -> None:
    rows: list[list[object]] = []
    with path.open(encoding="utf-8", newline="") as stream:
        for port in csv.DictReader(stream):
            name = port["Main Port Name"].strip()
            if (
                port["Country Code"].strip() not in {"China", "Hong Kong", "Macau"}
                or name in WRONG | OFFSHORE | ACROSS
            ):
                continue
            kind = "river_port" if name in RIVER else "seaport"
            number = f"wpi-{int(float(port['World Port Index Number']))}"
            source = "World Port Index, NGA Pub. 150"
            rows.append(
                [
                    number,
                    name,
                    kind,
                    round(float(port["Longitude"]), 4),
                    round(float(port["Latitude"]), 4),
                    "± 2 km (one minute)",
                    source,
                ]
            )
    rows += [
        [f"hand-{key}", name, kind, lon, lat, BY_HAND, "located by hand"]
        for key, name, kind, lon, lat in HAND_LOCATED
    ]
    write(
        "ports.csv",
        ["id", "name", "kind", "lon", "lat", "precision", "source"],
        sorted(rows, key=lambda row: str(row[0])),
    )


def airports(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(member for member in archive.namelist() if member.endswith("airports.csv"))
        text = archive.read(name).decode("utf-8")
    rows: list[list[object]] = []
    for airport in csv.DictReader(io.StringIO(text)):
        if airport["country"] in {"CN", "HK", "MO"} and airport["iata"]:
            lon, lat = float(airport["lon"]), float(airport["lat"])
            coarse = round(lon, 1) == lon and round(lat, 1) == lat
            precision = "± 10 km (rounded)" if coarse else "± 1 km"
            rows.append(
                [
                    airport["iata"],
                    f"{airport['name']} ({airport['iata']})",
                    "airport",
                    lon,
                    lat,
                    precision,
                    "airportsdata 20260905",
                ]
            )
    write(
        "airports.csv",
        ["id", "name", "kind", "lon", "lat", "precision", "source"],
        sorted(rows, key=lambda row: str(row[0])),
    )


def literals(source: str) -> tuple[list[list[float]], list[dict[int, float]]]:
    """Nodes and neighbours out of the package's Python file, without running it."""
    found = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List):
            found[statement.targets[0].id] = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            for keyword in statement.value.keywords:
                if isinstance(keyword.value, ast.List):
                    found[keyword.arg] = ast.literal_eval(keyword.value)
    return found["nodes"], found["graph"]


def roads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        nodes, graph = literals(archive.read("scgraph_data/world_highways.py").decode("utf-8"))
    latlon = np.array(nodes)
    west, south, east, north = CHINA_BOX
    inside = (
        (latlon[:, 1] >= west) & (latlon[:, 1] <= east) & (latlon[:, 0] >= south) & (latlon[:, 0] <= north)
    )
    edges = [
        (u, int(v), km)
        for u, near in enumerate(graph)
        if inside[u]
        for v, km in near.items()
        if inside[int(v)]
    ]
    u, v = np.array([edge[0] for edge in edges]), np.array([edge[1] for edge in edges])
    km = np.array([edge[2] for edge in edges])
    count, label = connected_components(
        coo_matrix((np.ones(len(u)), (u, v)), shape=(len(nodes),) * 2), directed=False
    )
    largest = np.bincount(label[inside], minlength=count).argmax()
    keep = np.flatnonzero(inside & (label == largest))
    number = np.full(len(nodes), -1)
    number[keep] = np.arange(len(keep))
    own = (number[u] >= 0) & (number[v] >= 0)
    low, high = np.minimum(number[u], number[v])[own], np.maximum(number[u], number[v])[own]
    order = np.lexsort((km[own], high, low))
    low, high, length = low[order], high[order], km[own][order]
    first = np.r_[True, (np.diff(low) != 0) | (np.diff(high) != 0)] & (low != high)
    np.savez_compressed(
        REFERENCE / "china_roads_coarse.npz",
        lon_e3=np.round(latlon[keep, 1] * 1_000).astype(np.int32),
        lat_e3=np.round(latlon[keep, 0] * 1_000).astype(np.int32),
        u=low[first].astype(np.int32),
        v=high[first].astype(np.int32),
        length_m=np.round(length[first] * 1_000).astype(np.int32),
    )
    print(f"china_roads_coarse.npz: {len(keep)} nodes, {int(first.sum())} edges")


def tables(places: Path, stone: Path) -> None:
    wanted = [
        "id",
        "name_zh",
        "name_en",
        "province",
        "prefecture",
        "county",
        "lon",
        "lat",
        "uncertainty_km",
        "confidence",
        "coord_source",
        "point_meaning",
        "role",
        "note",
    ]
    with places.open(encoding="utf-8", newline="") as stream:
        write("places.csv", wanted, [[row[name] for name in wanted] for row in csv.DictReader(stream)])
    with stone.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        names = list(reader.fieldnames or [])
        write("stone_clusters.csv", names, [[row[name] for name in names] for row in reader])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("wheels", "ports", "places", "stone"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    ports(options.ports)
    airports(next(options.wheels.glob("airportsdata-*.whl")))
    tables(options.places, options.stone)
    roads(next(options.wheels.glob("scgraph_data-*.whl")))


if __name__ == "__main__":
    main()
