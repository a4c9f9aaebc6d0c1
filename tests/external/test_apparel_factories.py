"""932 real apparel factories of many countries, uploaded as they came (Open Apparel Registry, CC BY-SA 4.0)."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from shapely.geometry import box, mapping

from geo.area import geodesic_distance_m
from layers.sources.importer import Imported, ImportOptions, import_file
from planning.output import write_plan
from planning.pipeline import make_plan
from planning.plan import Plan
from planning.scenario import Scenario
from planning.stages.clusters import ClusterParams
from ui.text import translator

PARK = box(120.650, 27.955, 120.668, 27.971)
"""Drawn around the densest place that is no geocoder's fallback: shoe factories in Ouhai, Wenzhou."""
FALLBACK = (104.195397, 35.86166)
"""Where a geocoder puts what it knows to lie in China and no more."""
WITHIN_KM = 50.0
# Six factories stand within 2 km of each other there; the usual radius of 800 m is that of a town.
CLUSTERS = ClusterParams(radius_m=3_000.0, min_firms=5)


@pytest.fixture(scope="module")
def path(shared: Path) -> Path:
    return shared / "data" / "oar_geocoded_facilities.csv"


@pytest.fixture(scope="module")
def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def imported(path: Path) -> Imported:
    return import_file(path, ImportOptions(kind="firms"))


@pytest.fixture(scope="module")
def plan(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The whole way with a park that was drawn around a real concentration."""
    boundary = tmp_path_factory.mktemp("drawn") / "park.geojson"
    feature = {
        "type": "Feature",
        "properties": {"name": "瓯海鞋业园（示意）", "sketch": True},
        "geometry": mapping(PARK),
    }
    boundary.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    scenario = Scenario(
        title="瓯海鞋业园", template="textile", within_km=WITHIN_KM, clusters=CLUSTERS,
        inputs={"firms": str(path), "boundary": str(boundary)},
    )  # fmt: skip
    return make_plan(scenario)


@pytest.fixture(scope="module")
def nationwide(path: Path) -> Plan:
    """The same table without a park."""
    return make_plan(Scenario(title="全国", clusters=CLUSTERS, inputs={"firms": str(path)}))


def chinese(row: dict[str, str]) -> bool:
    return row["country"].upper() in {"CHINA", "CN"}


def test_every_row_is_accounted_for(imported: Imported, rows: list[dict[str, str]]) -> None:
    report = imported.report
    assert (report.rows_in, report.accepted, report.rejected) == (932, 932, 0)
    assert len(rows) == 932
    assert imported.table["source_row"].tolist() == list(range(2, 934))
    assert imported.table["name"].tolist() == [row["name"] for row in rows]
    assert imported.table["address"].tolist() == [row["address"] for row in rows]
    assert np.allclose(imported.table["lon"], [float(row["lng"]) for row in rows], rtol=0, atol=0)
    assert (imported.roles["lon"], imported.roles["country"]) == ("lng", "country")


def test_china_is_known_by_each_of_its_names_and_what_lies_abroad_is_kept_and_flagged(
    imported: Imported, rows: list[dict[str, str]]
) -> None:
    written = Counter(row["country"] for row in rows if chinese(row))
    assert written == {"China": 159, "CN": 142, "CHINA": 133}
    abroad = imported.table["flags"].str.contains("OUTSIDE_CHINA").to_numpy()
    home = np.array([chinese(row) for row in rows])
    assert home.sum() == 434
    assert not abroad[home].any()
    island = np.array([row["country"] in {"TW", "Taiwan"} for row in rows])
    assert (abroad == ~(home | island)).all()
    assert {warning.code: warning.count for warning in imported.report.warnings} == {
        "CENTROID_FALLBACK": 8, "CRS_ASSUMED": 932, "DUPLICATE": 2, "NEAR_DUPLICATE": 9,
        "OUTSIDE_CHINA": 468, "SAME_ADDRESS": 8,
    }  # fmt: skip


def test_metric_figures_use_the_firms_within_the_stated_distance(
    plan: Plan, rows: list[dict[str, str]]
) -> None:
    firms = plan.stack.firms
    assert firms is not None
    assert len(firms) == 932
    assert plan.stack.area.crs.to_epsg() == 4549
    edge = shapely.get_coordinates(shapely.segmentize(PARK.exterior, 0.0005))
    away = np.array(
        [
            geodesic_distance_m(
                np.full(len(edge), float(row["lng"])), np.full(len(edge), float(row["lat"])), *edge.T
            ).min()
            for row in rows
        ]
    )
    inside = np.array([PARK.contains(shapely.Point(float(row["lng"]), float(row["lat"]))) for row in rows])
    near = (away <= WITHIN_KM * 1_000) | inside
    assert (firms["in_area"].to_numpy() == near).all()
    assert near.sum() == 16
    notices = {warning.code: warning.count for warning in plan.stack.reports["firms"].warnings}
    assert notices["OUTSIDE_STUDY_AREA"] == 932 - 16
    assert plan.clusters is not None
    assert len(plan.clusters.firms) == 16
    assert plan.synthetic_label == ""
    share = np.mean(
        [PARK.covers(point) for point in plan.stack.area.to_wgs84(firms[firms["in_area"]]).geometry]
    )
    assert plan.clusters.hulls["firms"].tolist() == [6]
    assert share == pytest.approx(6 / 16)


def test_the_park_is_reached_zoned_and_written(plan: Plan, tmp_path: Path) -> None:
    assert plan.access is not None
    assert plan.zoning is not None
    park = plan.access.table[plan.access.table["origin"] == "park"].set_index("kind")
    assert "Wenzhou" in park.loc["seaport", "facility"]
    assert park.loc["seaport", "total_km"] < 15
    assert "(WNZ)" in park.loc["airport", "facility"]
    assert 10 < park.loc["airport", "total_km"] < 40
    assert park["precision"].ne("").all()
    assert plan.zoning.share_error_pp < 5
    land = plan.zoning.land_use
    assert land.geometry.area.sum() == pytest.approx(plan.stack.boundary.area, rel=1e-9)
    files = write_plan(plan, tmp_path / "out", translate=translator("zh"), lang="zh")
    assert {path.name for path in files} >= {
        "plan.gpkg",
        "clusters.gpkg",
        "map.html",
        "plan.png",
        "access.csv",
        "balance.csv",
        "summary.json",
    }
    back = gpd.read_file(tmp_path / "out" / "clusters.gpkg", layer="firms")
    assert len(back) == 932
    assert back["cluster"].notna().sum() == 16
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["area"]["firms_in_area"] == 16
    assert summary["import"]["firms"]["rows_in"] == 932
    assert "合成" not in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert "示意图" in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")


def test_without_a_park_the_country_is_seen_in_a_cone_whose_error_is_told(
    nationwide: Plan, tmp_path: Path
) -> None:
    area, firms = nationwide.stack.area, nationwide.stack.firms
    assert firms is not None
    assert firms["in_area"].sum() == 464
    assert "Lambert" in area.crs_name
    assert 0.005 < area.scale_error < 0.03
    own = firms[firms["in_area"]]
    geod = pyproj.Geod(ellps="WGS84")
    first, second = own.iloc[:-1], own.iloc[1:]
    true = geod.inv(first["lon"], first["lat"], second["lon"], second["lat"])[2]
    plane = shapely.distance(first.geometry.to_numpy(), second.geometry.to_numpy())
    far = true > 1_000
    assert np.abs(plane[far] / true[far] - 1).max() <= area.scale_error * 1.01
    write_plan(nationwide, tmp_path / "out", translate=translator("en"), lang="en")
    assert "lengths up to 2.7% off" in (tmp_path / "out" / "map.html").read_text(encoding="utf-8")


def test_the_largest_crowd_is_a_geocoders_fallback_and_shows_itself_as_one_place(nationwide: Plan) -> None:
    assert nationwide.clusters is not None
    hulls, firms = nationwide.clusters.hulls, nationwide.clusters.firms
    assert hulls["firms"].tolist() == [8, 5, 6]
    crowd = firms[firms["cluster"] == 0]
    assert {tuple(place) for place in crowd[["lon", "lat"]].to_numpy()} == {FALLBACK}
    assert hulls["form"].tolist()[0] == "point"


def test_every_firm_at_home_has_a_row_for_each_kind_of_facility(nationwide: Plan) -> None:
    assert nationwide.access is not None
    table = nationwide.access.table
    assert nationwide.access.components == 1
    firms = table[~table["origin"].str.startswith("cluster-")]
    assert firms.groupby("origin").size().eq(4).all()
    assert set(table["kind"]) == {"airport", "river_port", "road", "seaport"}
    reached = table[table["network"] == "coarse"]
    assert (reached["total_km"] > 0).all()
    assert table.loc[table["facility"].isna(), ["network_km", "minutes", "total_km"]].isna().all(axis=None)
    # No way is shorter than the straight line to where it leads, beyond what rounding to 100 m allows.
    lon, lat = (
        dict(zip(nationwide.stack.firms["id"], nationwide.stack.firms[name], strict=True))
        for name in ("lon", "lat")
    )
    known = nationwide.stack.facilities.drop_duplicates("name").set_index("name")
    rows = reached[~reached["origin"].str.startswith("cluster-")]
    there = known.loc[rows["facility"]]
    straight = (
        geodesic_distance_m(rows["origin"].map(lon), rows["origin"].map(lat), there["lon"], there["lat"])
        / 1_000
    )
    assert (rows["total_km"].to_numpy() > straight * 0.97 - 0.5).all()


def test_the_island_is_not_reached_over_the_strait(nationwide: Plan, rows: list[dict[str, str]]) -> None:
    assert nationwide.access is not None
    table = nationwide.access.table
    island = [str(place) for place, row in enumerate(rows, start=2) if row["country"] in {"TW", "Taiwan"}]
    own = table[table["origin"].isin(island) & table["kind"].isin(["seaport", "airport", "river_port"])]
    assert len(own) == 90
    assert pd.isna(own["facility"]).all()
