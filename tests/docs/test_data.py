"""docs/data.md tells of every file in data/, and its figures are those of the files."""

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from scripts import make_admin, make_samples

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data"
PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip("`"): cells[1:]
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for cells in [[cell.strip() for cell in line.strip("|").split("|")]]
}


def number(text):
    return int(text.replace(",", ""))


def rows(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_every_file_is_told_of():
    named = {name for name in ROWS if (DATA / name).is_file()}
    folders = [name for name in ROWS if (DATA / name).is_dir()]
    files = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    files = {name for name in files if "__pycache__" not in name and name != "__init__.py"}
    left = {name for name in files - named if not any(name.startswith(f"{folder}/") for folder in folders)}
    assert left == set()
    assert {name for name in ROWS if not (DATA / name).exists()} == set()
    inside = {path.name for folder in folders for path in (DATA / folder).iterdir()}
    assert {name for name in inside if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize("name", [name for name in ROWS if name.endswith(".csv")])
def test_the_rows_of_a_table_are_counted(name):
    assert number(ROWS[name][0]) == len(rows(DATA / name))


def test_the_other_counts_are_right():
    columns = tomllib.loads((DATA / "catalogues/columns.toml").read_text(encoding="utf-8"))
    assert number(ROWS["catalogues/columns.toml"][0]) == len(columns)
    editions = tomllib.loads((DATA / "catalogues/industry_editions.toml").read_text(encoding="utf-8"))
    told = ROWS["catalogues/industry_editions.toml"]
    assert (number(told[0]), f"the {len(editions['moved'])} classes" in told[1]) == (
        len(editions["changed"]),
        True,
    )
    chains = [
        tomllib.loads(path.read_text(encoding="utf-8")) for path in (DATA / "catalogues/chains").iterdir()
    ]
    stages = sum(len(chain["stages"]) for chain in chains)
    told = ROWS["catalogues/chains"]
    assert (number(told[0]), f"their {stages} stages" in told[1]) == (len(chains), True)
    for name in ("ladder", "recognition"):
        rules = tomllib.loads((DATA / f"catalogues/{name}.toml").read_text(encoding="utf-8"))
        assert number(ROWS[f"catalogues/{name}.toml"][0]) == len(rules["criteria"])
    assert "with 26 thresholds" in ROWS["catalogues/ladder.toml"][1]
    assert number(ROWS["reference/seed_cases"][0]) == len(list((DATA / "reference/seed_cases").iterdir()))
    words = tomllib.loads((DATA / "catalogues/registry.toml").read_text(encoding="utf-8"))
    assert number(ROWS["catalogues/registry.toml"][0]) == sum(len(entry["words"]) for entry in words.values())
    with np.load(DATA / "reference/china_roads_coarse.npz") as roads:
        nodes, edges = map(number, re.findall(r"\d[\d,]*(?= )", ROWS["reference/china_roads_coarse.npz"][0]))
        assert (nodes, edges) == (len(roads["lon_e3"]), len(roads["u"]))


def test_administrative_units_are_as_told():
    levels = rows(DATA / "reference/admin_units.csv")["level"].value_counts()
    told = [number(one) for one in re.findall(r"\d[\d,]*", ROWS["reference/admin_units.csv"][1])]
    assert told[:3] == [levels["province"], levels["city"], levels["county"]]
    with np.load(DATA / "reference/admin_counties.npz") as counties:
        counted = map(number, re.findall(r"\d[\d,]*(?= )", ROWS["reference/admin_counties.npz"][0]))
        assert list(counted) == [len(counties["adcode"]), counties["xy"].shape[2]]
    with np.load(DATA / "reference/admin_outlines.npz") as outlines:
        assert number(ROWS["reference/admin_outlines.npz"][0].split()[0]) == len(outlines["kind"])
    assert (
        sum((DATA / f"reference/admin_{name}.npz").stat().st_size for name in ("counties", "outlines"))
        < 2.6e6
    )
    made_by_hand = number(re.search(r"(\d+) successors", " ".join(ROWS["reference/admin_former.csv"]))[1])
    assert made_by_hand == len(make_admin.FORMER)
    assert "ten older names" in " ".join(ROWS["reference/admin_former.csv"])
    assert len(make_admin.OLDER) == 10


def test_ports_places_and_clusters_are_as_told():
    ports = rows(DATA / "reference/ports.csv")
    told = " ".join(ROWS["reference/ports.csv"])
    kinds = ports["kind"].value_counts()
    assert f"{kinds['seaport']} seaports and {kinds['river_port']} river ports" in told
    by_hand = (ports["source"] == "located by hand").sum()
    assert f"{len(ports) - by_hand} from the World Port Index, {by_hand} that it lacks" in told
    places = rows(DATA / "reference/places.csv")
    assert f"{(places['lon'] != '').sum()} have a position" in " ".join(ROWS["reference/places.csv"])
    assert set(places.loc[places["lon"] == "", "point_meaning"]) == {"unlocated"}
    scale = rows(DATA / "reference/stone_clusters.csv")["scale"].value_counts()
    assert scale.to_dict() == {"regional": 20, "national/international": 4}


def test_classes_and_colours_are_counted_as_told():
    codes = rows(DATA / "catalogues/landuse_codes.csv")
    system = codes["system"].value_counts()
    source = codes["colour_source"].str.split(r"[ (]", n=1, regex=True).str[0].value_counts()
    told = " ".join(ROWS["catalogues/landuse_codes.csv"])
    assert (
        f"{system['MNR-2023-234']} of the 用地用海 guide of 2023, {system['GB50137-2011']} of GB 50137"
        in told
    )
    assert f"official for {source['official']} classes" in told
    assert f"inherited from the parent class for {source['inherited']}" in told


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("catalogues/parks/")])
def test_who_named_the_zones_of_a_template(name):
    template = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    origin = Counter(zone["origin"] for zone in template["zones"])
    assert number(ROWS[name][0]) == len(template["zones"])
    told = " ".join(ROWS[name]).replace("named by the essay", "named").replace("derived from it", "derived")
    assert f"{origin['named']} named, {origin['derived']} derived, {origin['none']} ours" in told
    assert "project default" in template["source"]


def test_the_generator_still_makes_the_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(make_samples, "SAMPLES", tmp_path)
    make_samples.main()
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(made) >= 9
    assert {
        path for path in made if (tmp_path / path).read_bytes() != (DATA / "samples" / path).read_bytes()
    } == set()


def firms(name):
    with (DATA / "samples" / name / "firms.csv").open(encoding="utf-8", newline="") as stream:
        return pd.DataFrame(csv.DictReader(stream))


def distance_m(name):
    """Distance of each firm from its park, metres."""
    table = firms(name)
    points = gpd.GeoSeries.from_xy(table["经度"].astype(float), table["纬度"].astype(float), crs=4326)
    park = gpd.read_file(DATA / "samples" / name / "park.geojson")
    metric = points.estimate_utm_crs()
    return points.to_crs(metric).distance(park.to_crs(metric).geometry[0])


def test_the_published_totals_are_kept():
    yongan = firms("yongan")
    staff = yongan["职工人数"].astype(int).groupby(yongan["行业"])
    assert staff.agg(["size", "sum"]).T.to_dict("list") == {
        "建材": [38, 6630],
        "林竹": [106, 5000],
        "纺织": [70, 6767],
    }
    away = distance_m("yongan")[yongan["行业"] == "纺织"]
    assert (away <= 1_000).sum() == 25
    dalian = firms("dalian")["职工人数"].astype(int)
    sizes = np.histogram(dalian, [0, 100, 1_000, 2_000, 4_000, 10_000])[0].tolist()
    assert sizes == [901, 112, 3, 4, 1]
    assert (len(dalian), dalian.sum()) == (1_021, 104_317)
    assert len(firms("shuitou")) == 330
    assert (distance_m("shuitou") == 0).sum() == 120


def test_the_industry_codes_of_the_samples_are_told():
    (sentence,) = re.findall(r"^The industry codes in the samples are .*$", PAGE, re.MULTILINE)
    used = set(pd.concat(map(firms, ("shuitou", "yongan", "dalian")))["行业代码"])
    assert set(re.findall(r"\b(\d{4}) [a-z]", sentence)) == used


@pytest.mark.parametrize("name", ["shuitou", "yongan", "dalian"])
def test_every_made_up_firm_says_so(name):
    table = firms(name)
    assert number(ROWS[f"samples/{name}"][0]) == len(table)
    assert table["企业名称"].str.fullmatch(r"合成企业 .*（synthetic）").all()
    assert (table["合成数据"] == "是").all()


def test_the_real_places_of_a_sample_are_those_of_the_reference():
    sample, reference = rows(DATA / "samples/seed_places/places.csv"), rows(DATA / "reference/places.csv")
    assert len(sample) == len(reference)
    assert set(sample["编号"]) == set(reference["id"])
