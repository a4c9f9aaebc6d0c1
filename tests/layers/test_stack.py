"""From imported tables to one stack in metres: boundaries, firms in reach, facilities, gates."""

from __future__ import annotations

import json
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping

from geo.area import geodesic_distance_m
from geo.errors import CrsError, GeometryError, SchemaError
from layers.boundaries import to_boundary
from layers.facilities import builtin_facilities, to_facilities
from layers.sources.importer import Imported
from layers.stack import build_stack, study_area

Take = Callable[..., Imported]
PARK = box(118.40, 24.70, 118.42, 24.72)


def features(*shapes: shapely.Geometry, **members: object) -> bytes:
    made = [{"type": "Feature", "properties": {}, "geometry": mapping(shape)} for shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": made, **members}).encode()


def points(*places: tuple[float, float], header: str = "名称,经度,纬度", more: str = "") -> bytes:
    return (
        header + "\n" + "".join(f"企业{n},{x!r},{y!r}{more}\n" for n, (x, y) in enumerate(places))
    ).encode()


# --- boundaries ---------------------------------------------------------------------------------


def boundary(take: Take, *shapes: shapely.Geometry, **answers: object) -> Polygon | MultiPolygon:
    return to_boundary(take(features(*shapes), kind="boundary", **answers))


def test_parts_that_touch_are_one_outline_and_parts_that_do_not_are_several(take: Take) -> None:
    east, away = box(118.42, 24.70, 118.44, 24.72), box(118.5, 24.70, 118.52, 24.72)
    assert boundary(take, PARK, east).equals(box(118.40, 24.70, 118.44, 24.72))
    both = boundary(take, PARK, away)
    assert both.geom_type == "MultiPolygon"
    assert both.area == pytest.approx(2 * PARK.area)
    corner = box(118.42, 24.72, 118.44, 24.74)  # touches in one point: two parts
    assert boundary(take, PARK, corner).geom_type == "MultiPolygon"


def test_a_sliver_between_neighbours_is_drawing_and_an_overlap_is_a_question(take: Take) -> None:
    sliver = box(118.41999, 24.70, 118.44, 24.72)
    assert boundary(take, PARK, sliver).geom_type == "Polygon"
    for shape in (box(118.41, 24.70, 118.44, 24.72), box(118.405, 24.705, 118.41, 24.71), PARK):
        with pytest.raises(GeometryError, match="2 outlines that overlap"):
            boundary(take, PARK, shape)


def test_a_hole_stays_a_hole_and_heights_are_left_out(take: Take) -> None:
    ring = Polygon(PARK.exterior, [box(118.405, 24.705, 118.41, 24.71).exterior])
    high = shapely.force_3d(ring, 12.0)
    got = boundary(take, high)
    assert got.equals(ring)
    assert not got.has_z


@pytest.mark.parametrize("epsg", [4326, 4527])
def test_the_place_where_an_outline_crosses_itself_is_told_in_degrees(take: Take, epsg: int) -> None:
    bow_tie = Polygon([(118.40, 24.70), (118.42, 24.72), (118.42, 24.70), (118.40, 24.72)])
    turn = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    moved = shapely.transform(bow_tie, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))
    data = features(PARK, bow_tie) if epsg == 4326 else features(moved)
    with pytest.raises(GeometryError, match=r"crosses itself near 118\.41\d+, 24\.7[01]\d+") as told:
        to_boundary(take(data, kind="boundary", crs=f"EPSG:{epsg}"))
    assert told.value.where == ("feature 2" if epsg == 4326 else "feature 1")


def test_an_outline_without_area_or_of_a_thousand_parts_is_refused(take: Take) -> None:
    with pytest.raises(GeometryError, match=r"nothing|polygon"):
        to_boundary(gpd.GeoDataFrame(geometry=[None], crs=4326))
    with pytest.raises(GeometryError, match="no area"):
        to_boundary(gpd.GeoDataFrame(geometry=[Polygon()], crs=4326))
    many = [box(118 + n / 100, 24, 118.005 + n / 100, 24.005) for n in range(201)]
    with pytest.raises(GeometryError, match="201 outlines"):
        boundary(take, *many)


def test_a_spike_and_a_ring_that_runs_twice_are_told_as_crossings(take: Take) -> None:
    spike = Polygon(
        [(118.40, 24.70), (118.42, 24.70), (118.43, 24.70), (118.42, 24.70), (118.42, 24.72), (118.40, 24.72)]
    )
    with pytest.raises(GeometryError, match="crosses itself near"):
        boundary(take, spike)


# --- firms --------------------------------------------------------------------------------------


def test_firms_count_up_to_the_stated_distance_and_no_farther(take: Take) -> None:
    park = take(features(PARK), kind="boundary")
    geod = pyproj.Geod(ellps="WGS84")
    for within_km in (1.0, 30.0, 150.0, 400.0, 1_500.0):
        places = []
        for factor in (0.997, 1.003):
            for bearing in range(0, 360, 45):
                corner = min(
                    PARK.exterior.coords, key=lambda xy: abs(geod.inv(118.41, 24.71, *xy)[0] % 360 - bearing)
                )
                lon, lat, _ = geod.fwd(*corner, bearing, within_km * 1_000 * factor)
                places.append((lon, lat))
        stack = build_stack(
            {"boundary": park, "firms": take(points(*places), kind="firms", axes="xy")}, within_km=within_km
        )
        assert stack.firms is not None
        true_m = nearest_on_park(np.array(places))
        wanted = true_m <= within_km * 1_000
        clear = np.abs(true_m / (within_km * 1_000) - 1) > 5e-4  # the plane's own error
        assert (stack.firms["in_area"].to_numpy() == wanted)[clear].all(), within_km
        assert wanted.any()
        assert not wanted.all()


def nearest_on_park(places: np.ndarray) -> np.ndarray:
    """Geodesic distance to the outline, by trying many points of it."""
    edge = shapely.get_coordinates(shapely.segmentize(PARK.exterior, 0.0002))
    return np.array(
        [geodesic_distance_m(np.full(len(edge), x), np.full(len(edge), y), *edge.T).min() for x, y in places]
    )


def test_firms_all_over_the_world_are_kept_and_outside(take: Take) -> None:
    places = [
        (118.41, 24.71),
        (-61.6, -24.7),
        (-61.59, -24.71),
        (118.41, -24.71),
        (-180, 0),
        (0, 90),
        (298.0 - 360, 65.0),
        (28.4, 0.1),
    ]
    stack = build_stack(
        {"boundary": take(features(PARK), kind="boundary"), "firms": take(points(*places), kind="firms")},
        within_km=20_000,
    )
    assert stack.firms is not None
    assert np.isfinite(shapely.get_coordinates(stack.firms.geometry.to_numpy())).all()
    assert stack.firms["in_area"].tolist()[:2] == [True, False]
    notices = {warning.code: warning.count for warning in stack.reports["firms"].warnings}
    assert notices["OUTSIDE_CHINA"] == 7
    assert notices["OUTSIDE_STUDY_AREA"] == int((~stack.firms["in_area"]).sum())


def test_without_a_park_firms_of_many_countries_are_looked_at_in_china(take: Take) -> None:
    stack = build_stack(
        {
            "firms": take(
                points((118.4, 24.7), (121.5, 31.2), (77.2, 28.6), (-74, 40.7), (151.2, -33.9)), kind="firms"
            )
        }
    )
    assert stack.firms is not None
    # The box around China holds Delhi, its borders do not.
    assert stack.firms["in_area"].tolist() == [True, True, False, False, False]
    data = (
        points((118.4, 24.7), (121.5, 31.2), header="name,lon,lat,country", more=",China")
        + b"x,77.2,28.6,India\n"
    )
    named = build_stack({"firms": take(data, kind="firms")})
    assert named.firms is not None
    assert named.firms["in_area"].tolist() == [True, True, False]
    assert "Gauss-Kruger" in named.area.crs_name


def test_a_country_that_says_china_moves_no_firm_into_it(take: Take) -> None:
    data = points((118.4, 24.7), (121.5, 31.2), (-100.0, 40.0), header="name,lon,lat,country", more=",China")
    stack = build_stack({"firms": take(data, kind="firms")})
    assert stack.firms is not None
    assert stack.firms["in_area"].tolist() == [True, True, False]
    assert stack.area.scale_error < 0.002


def test_firms_abroad_alone_have_a_plane_of_their_own_or_none(take: Take) -> None:
    assert (
        "Mercator"
        in build_stack({"firms": take(points((-0.1, 51.5), (0.2, 51.4)), kind="firms")}).area.crs_name
    )
    with pytest.raises(CrsError, match="too far apart"):
        build_stack({"firms": take(points((-150, -60), (150, 70), (20, 5)), kind="firms")})


def test_a_firm_is_named_by_its_identifier_else_by_its_row_and_its_words_are_kept(take: Take) -> None:
    data = '编号,名称,经度,纬度,行业,乡镇,职工人数,状态,合成数据\n007,NA,118.4,24.7,石材,水头镇,"1,250",存续,是\n,乙,118.41,24.7,,,约30,,否\n'.encode()
    stack = build_stack({"firms": take(data, kind="firms")})
    assert stack.firms is not None
    first, second = (row._asdict() for row in stack.firms.itertuples())
    assert (
        first["id"],
        first["name"],
        first["industry"],
        first["township"],
        first["employees"],
        first["synthetic"],
    ) == ("007", "NA", "石材", "水头镇", 1250.0, True)
    assert (second["id"], second["name"], second["synthetic"]) == ("3", "乙", False)
    assert pd.isna(second["industry"])
    assert pd.isna(second["employees"])  # 约30 is no number, and unknown stays unknown
    assert stack.synthetic


def test_the_users_system_is_used_where_it_fits_and_refused_where_it_does_not(take: Take) -> None:
    park = take(features(PARK), kind="boundary")
    assert build_stack({"boundary": park}, crs="EPSG:4527").area.crs.to_epsg() == 4527
    assert build_stack({"boundary": park}, crs=32650).area.crs.to_epsg() == 32650
    for crs in ("EPSG:4326", "EPSG:32610", "EPSG:99999", "EPSG:2225"):
        with pytest.raises(CrsError):
            build_stack({"boundary": park}, crs=crs)


def test_there_must_be_a_firm_or_a_park() -> None:
    with pytest.raises(SchemaError, match="neither"):
        build_stack({})


def test_the_fingerprint_follows_what_was_given_and_not_the_order(take: Take) -> None:
    park, firms = take(features(PARK), kind="boundary"), take(points((118.4, 24.7)), kind="firms")
    one = build_stack({"boundary": park, "firms": firms}, within_km=30)
    assert one.fingerprint == build_stack({"firms": firms, "boundary": park}, within_km=30).fingerprint
    assert one.fingerprint != build_stack({"firms": firms, "boundary": park}, within_km=20).fingerprint
    assert one.fingerprint != build_stack({"boundary": park}, within_km=30).fingerprint
    assert study_area(to_boundary(park), None).boundary is not None


# --- facilities and the site's own layers -------------------------------------------------------


def test_the_users_facilities_keep_their_words_and_unknown_stays_unknown(take: Take) -> None:
    data = "编号,名称,类型,经度,纬度,坐标精度\nA,石井港,seaport,118.43,24.63,± 1 km\n,,,118.5,24.7,\nB,货场,rail_yard,118.6,24.8,\n".encode()
    got = take(data, kind="facilities")
    table = to_facilities(got.table, got.roles)
    assert table["id"].tolist() == ["A", "3", "B"]
    assert table["name"].tolist() == ["石井港", "3", "货场"]
    assert table["kind"].tolist() == ["seaport", "unknown", "rail_yard"]
    assert table["precision"].tolist() == ["± 1 km", "as given", "as given"]
    bare = take(points((118.4, 24.7)), kind="facilities")
    with pytest.raises(SchemaError, match="kind"):
        to_facilities(bare.table, bare.roles)


def test_builtin_facilities_have_a_kind_a_precision_a_source_and_no_repetition() -> None:
    table = builtin_facilities()
    assert set(table["kind"]) == {"seaport", "river_port", "airport"}
    assert table["id"].is_unique
    assert not table["precision"].eq("").any()
    assert not table["source"].eq("").any()
    assert table["precision"].str.contains("± ").all()
    assert table[table["id"].str.startswith("hand-")]["precision"].str.contains("not surveyed").all()
    assert table["lon"].between(73, 135).all()
    assert table["lat"].between(17, 54).all()


def test_layers_of_the_site_know_their_columns_by_the_names_that_people_give_them(take: Take) -> None:
    gates = (
        "名称,类型,经度,纬度\n东门,port,118.42,24.71\n西门,,118.40,24.71\n北门,大门,118.41,24.72\n".encode()
    )
    bare = points((118.41, 24.70))
    roads = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"道路等级": "高速公路", "路名": "G15"},
                    "geometry": mapping(LineString([(118.3, 24.7), (118.5, 24.73)])),
                }
            ],
        }
    ).encode()
    stack = build_stack(
        {
            "boundary": take(features(PARK), kind="boundary"),
            "gates": take(gates, kind="gates"),
            "roads": take(roads, kind="roads"),
        }
    )
    assert stack.site["gates"]["kind"].tolist() == ["port", "", "大门"]
    assert stack.site["roads"]["class"].tolist() == ["高速公路"]
    assert stack.site["roads"].crs == stack.area.crs
    without = build_stack(
        {"boundary": take(features(PARK), kind="boundary"), "gates": take(bare, kind="gates")}
    )
    assert "kind" not in without.site["gates"]


def test_a_layer_that_lies_nowhere_near_the_park_is_refused_and_not_ignored(take: Take) -> None:
    park = take(features(PARK), kind="boundary")
    lake = take(features(box(117.40, 24.70, 117.42, 24.72)), kind="water")
    with pytest.raises(GeometryError, match="nothing in “water” lies within 20 km") as refused:
        build_stack({"boundary": park, "water": lake})
    assert refused.value.where == "water"
    both = take(
        features(box(117.40, 24.70, 117.42, 24.72), box(118.41, 24.71, 118.415, 24.715)), kind="water"
    )
    assert len(build_stack({"boundary": park, "water": both}).site["water"]) == 2
    world = take(
        features(
            box(118.41, 24.71, 118.415, 24.715), box(-70, -80, -50, -60), Point(118.41, 24.71).buffer(0.001)
        ),
        kind="water",
    )
    assert np.isfinite(build_stack({"boundary": park, "water": world}).site["water"].total_bounds).all()
