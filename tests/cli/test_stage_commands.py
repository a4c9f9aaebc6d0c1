"""`cluster` and `access`: their layers, columns and headline figures, against software of others."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
from sklearn.cluster import DBSCAN

from tests.cli.conftest import OUTLINE, Command, polygon, ring, write_firms, write_geojson

ACCESS = [
    "origin", "kind", "facility", "network_km", "minutes", "access_m", "total_km", "second", "second_network_km",
    "second_minutes", "network", "precision",
]  # fmt: skip
FAR = "name,lon,lat\nin the ocean,145,10\nin the desert,0.5,0.5\n"


def test_clusters_are_two_layers_with_the_columns_of_the_contract(door: Command, firms, tmp_path):
    answer = door(
        "cluster", firms, "--radius", "500", "--min-firms", "4", "-o", tmp_path / "out", "--json"
    ).json
    path = tmp_path / "out" / "clusters.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == ["firms", "hulls"]
    table, hulls = gpd.read_file(path, layer="firms"), gpd.read_file(path, layer="hulls")
    assert "cluster" in table
    assert {"cluster", "firms", "area_m2", "perimeter_m", "form"} <= set(hulls.columns)
    assert set(hulls["form"]) <= {"strip", "block", "mixed", "point"}
    assert hulls["area_m2"].to_numpy() == pytest.approx(hulls.geometry.area.to_numpy())
    assert hulls["perimeter_m"].to_numpy() == pytest.approx(hulls.geometry.length.to_numpy())
    sizes = table[table["cluster"] >= 0].groupby("cluster").size()
    assert hulls.set_index("cluster")["firms"].to_dict() == sizes.to_dict()
    assert (answer["firms"], answer["clusters"], answer["noise"]) == (
        int(table["cluster"].notna().sum()), len(hulls), int((table["cluster"] == -1).sum())
    )  # fmt: skip
    assert {"radius_m": 500.0, "min_firms": 4}.items() <= answer["parameters"].items()


def test_noise_is_minus_one_and_the_labels_are_those_of_scikit_learn(door: Command, firms, tmp_path):
    door("cluster", firms, "--radius", "400", "--min-firms", "5", "-o", tmp_path / "out")
    table = gpd.read_file(tmp_path / "out" / "clusters.gpkg", layer="firms").dropna(subset="cluster")
    xy = np.column_stack([table.geometry.x, table.geometry.y])
    found = DBSCAN(eps=400, min_samples=5).fit(xy)
    ours, theirs = table["cluster"].to_numpy(), found.labels_
    assert (ours == -1).tolist() == (theirs == -1).tolist()
    # A firm at the edge of two clusters is theirs by the order of the rows, ours by distance.
    core = found.core_sample_indices_
    pairs = set(zip(ours[core].tolist(), theirs[core].tolist(), strict=True))
    assert len(pairs) == len({one for one, _ in pairs}) == len({two for _, two in pairs})


def test_one_industry_alone_is_clustered_and_the_others_are_empty(door: Command, firms, tmp_path):
    answer = door(
        "cluster", firms, "--industry", "物流", "--min-firms", "2", "-o", tmp_path / "out", "--json"
    ).json
    table = gpd.read_file(tmp_path / "out" / "clusters.gpkg", layer="firms")
    assert answer["firms"] == int((table["industry"] == "物流").sum())
    assert table.loc[table["industry"] != "物流", "cluster"].isna().all()
    wrong = door("cluster", firms, "--industry", "石财", "--json")
    assert wrong.code != 0
    assert "石材" in wrong.error["hint"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_firm_alone_is_noise_and_no_outline(door: Command, tmp_path, count):
    path = tmp_path / "f.csv"
    path.write_text(
        "name,lon,lat\n" + "".join(f"n{place},118.4,24.{place + 1}\n" for place in range(count)),
        encoding="utf-8",
    )
    answer = door("cluster", path, "-o", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["clusters"], answer.json["noise"]) == (0, count)
    assert len(gpd.read_file(tmp_path / "out" / "clusters.gpkg", layer="hulls")) == 0


def test_access_is_a_row_for_each_origin_and_kind_in_the_contract_s_columns(door: Command, tmp_path):
    firms = write_firms(tmp_path / "firms.csv", 12)
    answer = door("access", firms, "-o", tmp_path / "out", "--json").json
    table = pd.read_csv(tmp_path / "out" / "access.csv", dtype={"origin": str})
    assert list(table.columns) == ACCESS
    assert not table.duplicated(["origin", "kind"]).any()
    assert len(table) == table["origin"].nunique() * table["kind"].nunique()
    assert answer["origins"] == 13
    assert table["origin"].drop_duplicates().tolist()[:2] == ["0000", "0001"]  # as written, in source order
    assert answer["network"] == "coarse"
    assert answer["components"] == 1
    assert answer["unreached"] == int(table["facility"].isna().sum())
    reached = table[table["network_km"].notna()]
    assert (reached["total_km"] - reached["network_km"]).to_numpy() == pytest.approx(
        reached["access_m"].to_numpy() / 1000
    )
    assert reached["precision"].str.len().min() > 0
    both = reached.dropna(subset="second")
    assert (both["facility"] != both["second"]).all()


def test_the_number_of_parts_of_the_network_is_counted():
    from geo.network import RoadGraph

    graph = RoadGraph(
        lon_deg=np.array([118.0, 118.1, 120.0, 120.1, 122.0]),
        lat_deg=np.full(5, 24.0),
        ends=np.array([[0, 1], [2, 3]]),
        length_m=np.array([10_000.0, 10_000.0]),
    )
    from planning.stages.access import AccessParams, measure_access

    origins = gpd.GeoDataFrame(
        {"id": ["a"], "lon": [118.0], "lat": [24.0]}, geometry=gpd.points_from_xy([118.0], [24.0]), crs=4326
    )
    facilities = gpd.GeoDataFrame(
        {
            "id": ["f"],
            "name": ["f"],
            "kind": ["x"],
            "lon": [118.1],
            "lat": [24.0],
            "precision": [""],
            "source": [""],
        },
        geometry=gpd.points_from_xy([118.1], [24.0]),
        crs=4326,
    )
    assert measure_access(origins, facilities, AccessParams(), graph=graph).components == 3
    assert measure_access(origins, facilities, AccessParams(network="straight"), graph=graph).components == 0


def test_what_cannot_be_reached_is_an_empty_cell(door: Command, tmp_path):
    (tmp_path / "far.csv").write_text(FAR, encoding="utf-8")
    answer = door("access", tmp_path / "far.csv", "-o", tmp_path / "out", "--json").json
    table = pd.read_csv(tmp_path / "out" / "access.csv", keep_default_na=False, dtype=str)
    assert answer["unreached"] == len(table) > 0
    assert set(table["origin"]) == {"2", "3"}  # without an id: the source row
    assert (table.drop(columns=["origin", "kind"]) == "").all().all()


def test_straight_lines_are_geodesics_times_the_stated_factor(door: Command, tmp_path):
    (tmp_path / "o.csv").write_text("id,lon,lat\nh,118.4,24.7\n", encoding="utf-8")
    (tmp_path / "f.csv").write_text(
        "id,name,kind,lon,lat\nx,near,quay,118.5,24.7\ny,far,quay,119.4,24.7\nz,mill,mill,118.4,24.8\n",
        encoding="utf-8",
    )
    answer = door(
        "access",
        tmp_path / "o.csv",
        "--facilities",
        tmp_path / "f.csv",
        "--network",
        "straight",
        "-o",
        tmp_path / "out",
        "--json",
    ).json
    assert (answer["network"], answer["components"], answer["origins"], answer["unreached"]) == (
        "straight",
        0,
        1,
        0,
    )
    table = pd.read_csv(tmp_path / "out" / "access.csv").set_index("kind")
    assert set(table.index) >= {"quay", "mill"}
    straight_m = pyproj.Geod(ellps="WGS84").inv(118.4, 24.7, 118.5, 24.7)[2]
    quay = table.loc["quay"]
    assert (quay["facility"], quay["second"], quay["network"]) == ("near", "far", "straight")
    factor = float(quay["precision"].partition("× detour factor ")[2].partition(",")[0])
    assert quay["network_km"] == pytest.approx(straight_m / 1000 * factor)
    assert table.loc["mill", "second"] != table.loc["mill", "second"]  # there is no second: empty


def test_areas_and_lines_are_origins_by_a_point_on_them(door: Command, tmp_path):
    line = {"type": "LineString", "coordinates": [[118.4, 24.7], [118.5, 24.8]]}
    path = write_geojson(tmp_path / "o.geojson", polygon(*OUTLINE), line, ring(118.6, 24.8, 0.01))
    answer = door("access", path, "-o", tmp_path / "out", "--json").json
    assert answer["origins"] == 3
    assert pd.read_csv(tmp_path / "out" / "access.csv", dtype=str)["origin"].drop_duplicates().tolist() == [
        "1",
        "2",
        "3",
    ]


def test_two_origins_of_one_name_are_two_origins(door: Command, tmp_path):
    (tmp_path / "o.csv").write_text("id,lon,lat\na,118.4,24.7\na,118.9,24.9\n,118.8,24.8\n", encoding="utf-8")
    answer = door("access", tmp_path / "o.csv", "-o", tmp_path / "out", "--json").json
    table = pd.read_csv(tmp_path / "out" / "access.csv", dtype=str)
    assert answer["origins"] == 3
    assert len(table) == 3 * table["kind"].nunique()
    assert set(table["origin"]) == {"a", "4"}


def test_facilities_without_a_kind_are_refused_by_the_column_they_lack(door: Command, firms, tmp_path):
    (tmp_path / "f.csv").write_text("id,name,lon,lat\nx,near,118.5,24.7\n", encoding="utf-8")
    answer = door("access", firms, "--facilities", tmp_path / "f.csv", "--json")
    assert answer.code == 3
    assert answer.error["code"] == "NO_COLUMN"
    assert "kind" in answer.error["message"]
    stated = door("access", firms, "--facilities", f"{tmp_path / 'f.csv'}::column=kind=name", "--json")
    assert stated.code == 0
