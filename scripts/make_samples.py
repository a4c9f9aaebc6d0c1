"""Generate the built-in samples: synthetic firms around real places, from published totals and a seed.

    python scripts/make_samples.py

Every firm is made up and named so; positions, sizes and townships mean nothing. What is published
(number of firms, staff, how many stand in or around a park) is kept exactly; what is not published
is an assumption and is said to be one in ``sample.toml``. The same seed gives the same bytes.

The sample `seed_places` is not generated: it holds the real places of data/reference/places.csv.
"""

from __future__ import annotations

import csv
import json
from itertools import pairwise
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data"
SAMPLES = DATA / "samples"
SEED = 20_070
M_PER_DEG = 111_320.0
HEADER = [
    "企业编号",
    "企业名称",
    "行业",
    "行业代码",
    "行业代码版本",
    "乡镇",
    "经度",
    "纬度",
    "职工人数",
    "合成数据",
]
EDITION = "2017"
"""Of GB/T 4754, which the codes below are of."""
NAMES = {
    "stone": ("石材", "3032"),
    "textile": ("纺织", "1711"),
    "bamboo": ("林竹", "2041"),
    "cement": ("建材", "3011"),
    "software": ("软件", "6513"),
}


# The first word of a place's role → what it is, for the map's legend.
PLACE_KINDS = {
    "central_city": "中心城市 central city",
    "city": "城市 city",
    "benchmark city (infrastructure)": "城市 city",
    "county": "县市 county",
    "park": "园区 park",
    "township park": "园区 park",
    "reference_cluster": "参照集群 reference cluster",
    "stone_cluster": "石材集群 stone cluster",
}


def ring(centre: tuple[float, float], offsets_m: list[tuple[float, float]]) -> list[list[float]]:
    """Corners around a centre, metres east and north, as longitudes and latitudes."""
    squeeze = np.cos(np.radians(centre[1]))
    corners = [
        [round(centre[0] + x / M_PER_DEG / squeeze, 6), round(centre[1] + y / M_PER_DEG, 6)]
        for x, y in offsets_m
    ]
    return [*corners, corners[0]]


def around(
    rng: np.random.Generator,
    centre: tuple[float, float],
    count: int,
    spread_m: tuple[float, float],
    turn_deg: float = 0.0,
) -> np.ndarray:
    """Scatter points around a place; `spread_m` is the standard deviation along and across `turn_deg`."""
    local = rng.normal(size=(count, 2)) * spread_m
    angle = np.radians(turn_deg)
    local = local @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    squeeze = np.cos(np.radians(centre[1]))
    return np.column_stack(
        [centre[0] + local[:, 0] / M_PER_DEG / squeeze, centre[1] + local[:, 1] / M_PER_DEG]
    )


def inside(point: np.ndarray, polygon: list[list[float]]) -> bool:
    """Ray casting, so that the script needs numpy alone."""
    x, y = point
    found = False
    for (x1, y1), (x2, y2) in pairwise(polygon):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found = not found
    return found


def in_park(rng: np.random.Generator, polygon: list[list[float]], count: int) -> np.ndarray:
    """Even scatter inside a polygon."""
    corners = np.array(polygon)
    low, high = corners.min(axis=0), corners.max(axis=0)
    points: list[np.ndarray] = []
    while len(points) < count:
        candidate = rng.uniform(low, high)
        if inside(candidate, polygon):
            points.append(candidate)
    return np.array(points)


def staff(rng: np.random.Generator, count: int, total: int) -> np.ndarray:
    """Staff numbers of a usual, skewed shape that add up to a published total."""
    weight = rng.lognormal(0.0, 0.9, count)
    numbers = np.maximum(3, np.floor(weight / weight.sum() * total)).astype(int)
    numbers[np.argmax(numbers)] += total - numbers.sum()
    return numbers


def rows(
    industry: str, prefix: str, groups: list[tuple[str, np.ndarray]], people: np.ndarray | None
) -> list[list[object]]:
    name, code = NAMES[industry]
    made: list[list[object]] = []
    for town, points in groups:
        for lon, lat in points:
            number = len(made) + 1
            made.append(
                [f"{prefix}{number:04d}", f"合成企业 {name}-{number:04d}（synthetic）", name, code, EDITION, town, f"{lon:.6f}",
                 f"{lat:.6f}", "" if people is None else int(people[number - 1]), "是"]
            )  # fmt: skip
    return made


def feature(geometry: dict[str, object], **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def write(
    name: str,
    firms: list[list[object]],
    park: list[list[float]],
    title: str,
    gates: list[tuple[str, str, float, float]],
) -> None:
    folder = SAMPLES / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "firms.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(firms)
    outline = feature(
        {"type": "Polygon", "coordinates": [park]},
        id=name,
        name=title,
        sketch=True,
        note="示意图 sketch, not a reviewed map",
    )
    points = [
        feature({"type": "Point", "coordinates": [lon, lat]}, id=f"G{n}", kind=kind, name=label)
        for n, (kind, label, lon, lat) in enumerate(gates, 1)
    ]
    for file, features in (("park.geojson", [outline]), ("gates.geojson", points)):
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, indent=1)
        (folder / file).write_text(text + "\n", encoding="utf-8")


def shuitou() -> None:
    rng = np.random.default_rng(SEED)
    park = ring(
        (118.417, 24.716),
        [
            (-1150, -620),
            (-300, -780),
            (520, -700),
            (1130, -480),
            (1240, 240),
            (900, 800),
            (60, 910),
            (-760, 760),
            (-1290, 250),
        ],
    )
    gates = [
        ("port", "往石井港 to Shijing port", *park[2]),
        ("expressway", "往沈海高速 to G15", *park[6]),
        ("town", "水头镇区 Shuitou town", *park[4]),
    ]
    groups = [
        ("水头镇", in_park(rng, park, 118)),
        ("水头镇", around(rng, (118.404, 24.733), 96, (2600, 420), 38.0)),
        ("水头镇", around(rng, (118.395, 24.704), 54, (900, 700))),
        ("官桥镇", around(rng, (118.385, 24.822), 62, (1700, 800), 60.0)),
    ]
    write("shuitou", rows("stone", "S", groups, None), park, "水头石材园（示意）", gates)


def yongan() -> None:
    rng = np.random.default_rng(SEED + 1)
    park = ring(
        (117.356, 26.004),
        [
            (-780, -900),
            (80, -1120),
            (760, -820),
            (980, 120),
            (720, 980),
            (-90, 1240),
            (-820, 860),
            (-1020, -40),
        ],
    )
    gates = [
        ("expressway", "往高速公路 to the expressway", *park[3]),
        ("town", "永安城区 Yong'an", *park[1]),
        ("rail", "铁路货场 rail yard", *park[7]),
    ]
    towns = {
        "燕东街道": (117.368, 25.968),
        "曹远镇": (117.333, 26.033),
        "大湖镇": (117.324, 26.050),
        "吉山": (117.341, 25.949),
        "洪田镇": (117.249, 25.857),
        "安砂镇": (117.124, 26.031),
    }

    def scattered(shares: dict[str, int], spread: float) -> list[tuple[str, np.ndarray]]:
        return [(town, around(rng, towns[town], count, (spread, spread))) for town, count in shares.items()]

    textile = [
        ("尼葛园区", in_park(rng, park, 19)),
        ("尼葛园区周围", around(rng, (117.3690, 26.0130), 6, (120, 120))),
    ]
    textile += scattered(
        {"燕东街道": 15, "曹远镇": 8, "大湖镇": 7, "吉山": 6, "洪田镇": 5, "安砂镇": 4}, 420.0
    )
    bamboo = scattered(
        {"吉山": 26, "洪田镇": 34, "燕东街道": 12, "曹远镇": 9, "大湖镇": 10, "安砂镇": 15}, 900.0
    )
    cement = scattered({"曹远镇": 14, "大湖镇": 11, "安砂镇": 8, "洪田镇": 5}, 700.0)
    firms = rows("textile", "T", textile, staff(rng, 70, 6_767))
    firms += rows("bamboo", "F", bamboo, staff(rng, 106, 5_000))
    firms += rows("cement", "B", cement, staff(rng, 38, 6_630))
    write("yongan", firms, park, "尼葛纺织园（示意）", gates)


def dalian() -> None:
    rng = np.random.default_rng(SEED + 2)
    park = ring(
        (121.539, 38.889),
        [
            (-980, -560),
            (-240, -760),
            (640, -640),
            (1090, -90),
            (920, 620),
            (180, 840),
            (-640, 700),
            (-1110, 120),
        ],
    )
    gates = [("town", "大连市区 Dalian city", *park[3]), ("expressway", "往机场 to the airport", *park[5])]
    groups = [
        ("沙河口区", in_park(rng, park, 420)),
        ("甘井子区", around(rng, (121.515, 38.906), 260, (1500, 900), 20.0)),
        ("高新园区", around(rng, (121.512, 38.866), 210, (900, 450), 35.0)),
        ("西岗区", around(rng, (121.605, 38.912), 131, (700, 450))),
    ]
    people = np.sort(np.round(rng.lognormal(3.0, 0.7, 1_021)).clip(3, 99).astype(int))[::-1]
    people[0] = 4_300
    people[1:5] = rng.integers(2_050, 3_900, 4)
    people[5:8] = rng.integers(1_050, 1_950, 3)
    people[8:120] = rng.integers(100, 990, 112)
    write("dalian", rows("software", "D", groups, rng.permutation(people)), park, "大连软件园（示意）", gates)


def seed_places() -> None:
    """The real places, those without a published position too: the import says so of each."""
    folder = SAMPLES / "seed_places"
    folder.mkdir(parents=True, exist_ok=True)
    with (DATA / "reference" / "places.csv").open(encoding="utf-8", newline="") as stream:
        places = list(csv.DictReader(stream))
    with (folder / "places.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["编号", "名称", "英文名", "类别", "省份", "经度", "纬度", "坐标精度"])
        for place in places:
            kind = PLACE_KINDS.get(place["role"].partition(";")[0], "其他 other")
            precision = f"± {place['uncertainty_km']} km, {place['point_meaning']}; {place['coord_source']}"
            writer.writerow(
                [place["id"], place["name_zh"], place["name_en"], kind, place["province"], place["lon"], place["lat"],
                 precision if place["lon"] else "unlocated"]
            )  # fmt: skip


def main() -> None:
    shuitou()
    yongan()
    dalian()
    seed_places()


if __name__ == "__main__":
    main()
