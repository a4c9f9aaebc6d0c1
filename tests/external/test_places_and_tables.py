"""The real places of the essays, and tables and networks of other people, as somebody would upload them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from sklearn.metrics import adjusted_rand_score

from data import REFERENCE
from geo.area import geodesic_distance_m
from geo.density import dbscan
from geo.errors import RefusedError
from geo.network import two_nearest
from layers.facilities import builtin_facilities, coarse_roads, to_facilities
from layers.sources.importer import ImportOptions, import_file
from layers.stack import build_stack
from planning.pipeline import make_plan
from planning.scenario import Scenario
from planning.stages.access import AccessParams, measure_access
from planning.stages.clusters import ClusterParams


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


# --- the places of the essays -------------------------------------------------------------------


def test_the_committed_places_are_those_of_the_study(shared: Path) -> None:
    for name in ("places", "stone_clusters"):
        ours, theirs = rows(REFERENCE / f"{name}.csv"), rows(shared / "domain" / f"{name}.csv")
        assert ours == [{key: row[key] for key in ours[0]} for row in theirs]


@pytest.mark.parametrize("name", ["places.csv", "places.geojson"])
def test_places_are_read_and_those_without_a_position_are_set_aside(shared: Path, name: str) -> None:
    got = import_file(shared / "domain" / name, ImportOptions(kind="firms"))
    assert (got.report.rows_in, got.report.accepted, got.report.rejected) == (65, 62, 3)
    lost = [row["id"] for row in rows(shared / "domain" / "places.csv") if not row["lon"]]
    assert [
        text.split(",")[0] if name.endswith("csv") else json.loads(text)["properties"]["id"]
        for text in got.rejects["text"]
    ] == lost
    abroad = got.table[got.table["flags"].str.contains("OUTSIDE_CHINA")]
    assert sorted(abroad["id"]) == ["jp_osaka", "jp_tokyo", "ref_sv"]
    assert got.roles["name"] == "name_zh"


def test_the_stone_clusters_are_seen_on_a_national_extent_with_ports_and_airports(shared: Path) -> None:
    plan = make_plan(
        Scenario(
            inputs={"firms": str(shared / "domain" / "stone_clusters.csv")},
            clusters=ClusterParams(radius_m=50_000.0, min_firms=3),
        )
    )  # fmt: skip
    assert plan.stack.firms is not None
    assert plan.stack.firms["in_area"].all()
    assert len(plan.stack.firms) == 24
    assert "Lambert" in plan.stack.area.crs_name
    assert 0.01 < plan.stack.area.scale_error < 0.03
    assert plan.clusters is not None
    assert plan.access is not None
    table = plan.access.table.set_index(["origin", "kind"])
    near = table.loc[("stone_shuitou", "seaport")]
    assert "石井" in near["facility"]
    assert "located by hand, ± 5 km" in near["precision"]
    assert near["total_km"] < 25
    assert near["total_km"] > 7.6  # the straight line of the study


def test_the_national_view_of_places_leaves_out_what_lies_abroad(shared: Path) -> None:
    stack = build_stack({"firms": import_file(shared / "domain" / "places.csv", ImportOptions(kind="firms"))})
    assert stack.firms is not None
    assert stack.firms["in_area"].sum() == 59
    assert stack.area.scale_error < 0.03


# --- tables of other people ---------------------------------------------------------------------


def test_power_plants_of_china_are_read_whole(shared: Path) -> None:
    got = import_file(shared / "data" / "wri_china_power_plants.csv", ImportOptions(kind="firms"))
    assert (got.report.rows_in, got.report.accepted) == (3_137, 3_126)
    assert got.report.reasons == {"MISSING_COORD": 11}
    theirs = rows(shared / "data" / "wri_china_power_plants.csv")
    assert sum(not row["Latitude"] for row in theirs) == 11
    ids = [row["Power Plant ID"] for row in theirs if row["Latitude"]]
    assert got.table["Power Plant ID"].tolist() == ids
    outside = got.table[got.table["flags"].str.contains("OUTSIDE_CHINA")]
    assert len(outside) == 3  # two in Hong Kong by their country, one 16 km beyond the border of Yunnan


def test_our_ports_are_where_the_world_port_index_has_them(shared: Path) -> None:
    got = import_file(shared / "data" / "wpi_UpdatedPub150.csv", ImportOptions(kind="facilities"))
    assert (got.report.rows_in, got.report.accepted) == (3_768, 3_768)
    index = got.table.set_index(got.table["World Port Index Number"].astype(float).astype(int))
    ports = builtin_facilities()
    ports = ports[ports["kind"].isin(["seaport", "river_port"])]
    indexed = ports[ports["id"].str.startswith("wpi-")]
    theirs = index.loc[indexed["id"].str.removeprefix("wpi-").astype(int)]
    away_m = geodesic_distance_m(indexed["lon"], indexed["lat"], theirs["lon"], theirs["lat"])
    assert away_m.max() < 10  # four decimals
    assert (indexed["name"].to_numpy() == theirs["Main Port Name"].str.strip().to_numpy()).all()
    assert len(indexed) == 65
    # Those located by hand are no ports of the index under another name at another place.
    hand = ports[ports["id"].str.startswith("hand-")]
    names = set(index["Main Port Name"].str.strip().str.casefold())
    ours = {name.rsplit(" ", 1)[-1].casefold() for name in hand["name"]}
    assert ours & names <= {"jiangyin"}  # (Fuzhou); the index has the one on the Yangtze
    with pytest.raises(RefusedError, match="kind"):
        to_facilities(got.table, got.roles)


@pytest.mark.parametrize(
    "name", ["Automotive", "FK2014_EGC", "Freiburg", "G.regions.industries", "Goettingen"]
)
def test_tables_without_a_place_are_refused_in_one_sentence(shared: Path, name: str) -> None:
    with pytest.raises(RefusedError) as refused:
        import_file(shared / "data" / "reat" / f"{name}.csv", ImportOptions(kind="firms"))
    assert refused.value.code == "NO_COLUMN"
    assert (
        refused.value.message()
        == f"“{name}.csv” has no column for longitude (经度, lon) and latitude (纬度, lat)"
    )
    table = import_file(shared / "data" / "reat" / f"{name}.csv", ImportOptions(kind="table"))
    assert table.report.accepted == len(rows(shared / "data" / "reat" / f"{name}.csv"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("data/transbigdata_G.graphml", "XML"), ("data/reat/Freiburg.rda", "gzip"),
        ("oracles/statistics/points200.json", "no GeoJSON"), ("oracles/net/china_highways_coarse.npz", "content is zip"),
    ],
)  # fmt: skip
def test_what_is_not_read_says_what_it_is(shared: Path, name: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        import_file(shared / name)
    assert refused.value.code == "NOT_THIS_FORMAT"


# --- networks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count"), [("liechtenstein_centrelines", 1_680), ("liechtenstein_degraded", 1_210)]
)
def test_centrelines_serve_as_the_roads_of_a_park_abroad(
    shared: Path, name: str, count: int, tmp_path: Path
) -> None:
    park = shapely.box(9.515, 47.135, 9.522, 47.141)  # Vaduz
    (tmp_path / "park.geojson").write_text(shapely.to_geojson(park))
    roads = import_file(shared / "oracles" / "net" / f"{name}.gpkg", ImportOptions(kind="roads"))
    assert roads.report.accepted == count
    stack = build_stack(
        {"boundary": import_file(tmp_path / "park.geojson", ImportOptions(kind="boundary")), "roads": roads}
    )
    assert "Transverse Mercator" in stack.area.crs_name
    lines = stack.site["roads"]
    metric = stack.area.to_metric(gpd.GeoDataFrame(geometry=[shapely.Point(9.5187, 47.138)], crs=4326))
    origin = metric.assign(id="park", lon=9.5187, lat=47.138)
    found = measure_access(origin, builtin_facilities(), AccessParams(), graph=coarse_roads(), roads=lines)
    rows_ = found.table.set_index("kind")
    assert rows_.loc["road", "access_m"] == pytest.approx(lines.distance(metric.geometry.iloc[0]).min())
    assert (
        rows_.loc[["seaport", "airport", "river_port"], "facility"].isna().all()
    )  # the network ends with China
    fast = lines[lines["class"].str.contains("motorway")]
    assert ("expressway" in rows_.index) == bool(len(fast))


def test_the_coarse_network_is_one_piece_and_as_long_as_other_people_say(shared: Path) -> None:
    graph = coarse_roads()
    assert graph.components() == 1
    theirs = rows(shared / "oracles" / "net" / "china_road_distances.csv")
    for row in theirs:
        found = two_nearest(
            ([float(row["o_lon"])], [float(row["o_lat"])]), ([float(row["d_lon"])], [float(row["d_lat"])]), graph, max_snap_m=20_000
        )  # fmt: skip
        km = float(found.network_m[0] + found.access_m[0]) / 1_000
        assert abs(km / float(row["ref_km"]) - 1) <= float(row["suggested_rel_tol"]), row["origin"]
        assert km == pytest.approx(float(row["coarse_graph_km"]), abs=1.5), row["origin"]


def test_the_coarse_network_is_that_of_the_study(shared: Path) -> None:
    graph = coarse_roads()
    with np.load(shared / "oracles" / "net" / "china_highways_coarse.npz", allow_pickle=False) as theirs:
        assert graph.length_m.sum() == pytest.approx(theirs["length_m"].astype(float).sum(), rel=0.1)


# --- statistics ---------------------------------------------------------------------------------


def test_labels_are_those_of_r(shared: Path) -> None:
    points = json.loads((shared / "oracles" / "statistics" / "points200.json").read_text(encoding="utf-8"))
    xy = np.column_stack([points["x"], points["y"]])
    theirs = json.loads((shared / "oracles" / "statistics" / "dbscan.json").read_text(encoding="utf-8"))
    stored = json.loads(
        (Path(__file__).parents[1] / "data" / "dbscan_oracle.json").read_text(encoding="utf-8")
    )
    assert len(stored["cases"]) == len(theirs) == 9
    for case in theirs.values():
        labels, wanted = dbscan(xy, case["eps"], case["minPts"]), np.array(case["labels"])
        assert ((labels < 0) == (wanted < 0)).all()
        core = np.array(case["core"], dtype=int) if "core" in case else np.flatnonzero(wanted >= 0)
        if len(core):
            assert adjusted_rand_score(labels[core], wanted[core]) > 0.999
    for case in stored["cases"]:
        same = theirs[f"{case['radius_m']} {case['min_points']}"]
        assert case["labels"] == same["labels"]
