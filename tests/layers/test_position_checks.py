"""Positions that say little are flagged, counted and left where they are."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.datums import wgs84_to_bd09, wgs84_to_gcj02
from layers.admin import OUTLINE_M, counties, county_of, units
from layers.sources.checked import Rows
from layers.sources.importer import Imported
from layers.sources.position_checks import COUNTRY_POINTS, MANY_FIRMS, check_positions
from layers.stack import build_stack

Take = Callable[..., Imported]


def flags(
    places: list[tuple[float, float]], addresses: list[str] | None = None, kind: str = "firms"
) -> list[set[str]]:
    lon, lat = np.array(places, dtype=float).reshape(-1, 2).T
    texts = addresses if addresses is not None else [""] * len(places)
    rows = Rows.of(pd.DataFrame({"地址": pd.Series(texts, dtype="str")}), np.arange(1, len(places) + 1))
    rows.lon[:], rows.lat[:], rows.shapes[:] = lon, lat, shapely.points(lon, lat)
    check_positions(rows, {} if addresses is None else {"address": "地址"}, kind)
    assert np.array_equal(rows.lon, lon)
    assert rows.good.all()
    return [set(filter(None, text.split(";"))) for text in rows.flag_texts(np.ones(len(rows), dtype=bool))]


@pytest.mark.parametrize("place", COUNTRY_POINTS)
def test_the_point_of_a_whole_country_is_a_stand_in(place: tuple[float, float]) -> None:
    lon, lat = place
    assert "CENTROID_FALLBACK" in flags([place])[0]
    assert "CENTROID_FALLBACK" in flags([(lon + 5e-5, lat - 5e-5)])[0]
    assert "CENTROID_FALLBACK" not in flags([(lon + 3e-4, lat)])[0]


def test_the_point_of_every_unit_is_a_stand_in_in_any_map_datum() -> None:
    """A table that was located by its counties may have gone through a web map since."""
    table = units()
    for x, y in ((table["lon"], table["lat"]),):
        assert all("CENTROID_FALLBACK" in one for one in flags(list(zip(x, y, strict=True))))
    from geo.datums import bd09_to_wgs84, gcj02_to_wgs84

    for undo in (gcj02_to_wgs84, bd09_to_wgs84):
        x, y = undo(table["lon"], table["lat"])
        assert all("CENTROID_FALLBACK" in one for one in flags(list(zip(x, y, strict=True))))


def test_places_at_random_are_no_stand_ins() -> None:
    rng = np.random.default_rng(3)
    places = list(zip(rng.uniform(100, 118, 5_000), rng.uniform(24, 40, 5_000), strict=True))
    assert sum("CENTROID_FALLBACK" in one for one in flags(places)) == 0


def test_the_sea_is_told_from_the_shore() -> None:
    sea, shore, town, abroad = (119.5, 24.3), (118.0665, 24.4479), (118.425, 24.703), (126.98, 37.57)
    found = flags([sea, shore, town, abroad])
    assert ["IN_SEA" in one for one in found] == [True, False, False, False]


def test_many_firms_at_one_address_or_on_one_point_are_told() -> None:
    rng = np.random.default_rng(4)
    apart = [(118.4 + step, 24.7) for step in rng.uniform(0, 0.05, MANY_FIRMS)]
    assert all("SAME_ADDRESS" in one for one in flags([(118.4, 24.7)] * MANY_FIRMS))
    assert not any("SAME_ADDRESS" in one for one in flags([(118.4, 24.7)] * (MANY_FIRMS - 1)))
    assert all("SAME_ADDRESS" in one for one in flags(apart, [" 南安市水头镇一号"] * MANY_FIRMS))
    assert not any("SAME_ADDRESS" in one for one in flags(apart, [""] * MANY_FIRMS))
    assert not any("SAME_ADDRESS" in one for one in flags([(118.4, 24.7)] * MANY_FIRMS, kind="facilities"))


def test_a_point_in_another_county_than_its_address_is_told() -> None:
    nanan, jinjiang, fuzhou = (118.38, 24.96), (118.55, 24.72), (119.3, 26.08)
    places = [nanan, nanan, nanan, fuzhou, fuzhou, nanan]
    addresses = [
        "福建省泉州市南安市水头镇",
        "福建省晋江市陈埭镇",
        "福建省泉州市",
        "福建省泉州市",
        "福建省福州市",
        "无",
    ]
    found = flags(places, addresses)
    assert ["OTHER_COUNTY" in one for one in found] == [False, True, False, True, False, False]
    assert "OTHER_COUNTY" not in flags([jinjiang], ["福建省晋江市陈埭镇"])[0]


def test_beside_the_line_between_two_counties_nothing_is_said() -> None:
    """Outlines are generalised: within `OUTLINE_M` the neighbour may be meant."""
    table, codes = units(), counties().adcode
    place = int(np.flatnonzero(codes == "350583")[0])  # 南安
    own = counties().shapes[place]
    neighbour = counties().shapes[int(np.flatnonzero(codes == "350582")[0])]  # 晋江
    shared = shapely.line_interpolate_point(
        shapely.intersection(own.boundary, shapely.buffer(neighbour, 0.002)), 0.5, normalized=True
    )
    assert table.loc["350583", "name"] == "南安市"
    for step_deg, told in ((0.003, False), (0.05, True)):
        beyond = shapely.difference(shapely.buffer(shared, step_deg), own)
        lon, lat = shapely.get_coordinates(shapely.point_on_surface(shapely.intersection(beyond, neighbour)))[
            0
        ]
        if told:
            away = shapely.distance(own, shapely.Point(lon, lat))
            assert away * 100_000 > OUTLINE_M
        assert ("OTHER_COUNTY" in flags([(lon, lat)], ["福建省南安市"])[0]) == told


def test_kinds_whose_points_are_no_addresses_are_passed_over() -> None:
    assert flags([(104.195397, 35.86166)], kind="gates") == [set()]


def test_an_import_counts_what_it_flags(take: Take) -> None:
    lines = ["名称,经度,纬度,地址"]
    lines += [f"企业{number},104.195397,35.86166,中国" for number in range(8)]
    lines += ["好企业,118.38,24.96,福建省南安市", "海上企业,119.5,24.3,福建省南安市"]
    got = take("\n".join(lines).encode(), kind="firms")
    counts = {warning.code: warning.count for warning in got.report.warnings}
    assert counts["CENTROID_FALLBACK"] == counts["SAME_ADDRESS"] == 8
    assert counts["IN_SEA"] == 1
    assert got.report.accepted == 10
    assert got.table["lon"].tolist()[0] == 104.195397


def test_a_shifted_table_of_units_is_told_when_its_system_is_stated(take: Take) -> None:
    row = units().loc["350583"]
    for name, shift in (("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)):
        x, y = shift(row["lon"], row["lat"])
        got = take(f"名称,经度,纬度\n甲,{float(x)!r},{float(y)!r}\n".encode(), kind="firms", crs=name)
        assert "CENTROID_FALLBACK" in got.table["flags"][0]


@pytest.mark.parametrize("shifted", [False, True])
def test_firms_beside_the_users_roads_are_asked_whether_they_are_gcj02(take: Take, shifted: bool) -> None:
    rng = np.random.default_rng(7)
    at = np.cumsum(rng.uniform(0.003, 0.009, (2, 14)), axis=1)
    streets = [[(118.4, 24.7 + y), (118.48, 24.7 + y)] for y in at[0]] + [
        [(118.4 + x, 24.7), (118.4 + x, 24.78)] for x in at[1]
    ]
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString(street) for street in streets], crs=4326)
    gates = shapely.line_interpolate_point(
        rng.choice(roads.geometry.to_numpy(), 200), rng.uniform(0, 1, 200), normalized=True
    )
    lon, lat = shapely.get_coordinates(gates).T + rng.normal(0, 0.0003, (2, 200))
    if shifted:
        lon, lat = wgs84_to_gcj02(lon, lat)
    table = "\n".join(
        [
            "名称,经度,纬度",
            *(
                f"企业{n},{x!r},{y!r}"
                for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
            ),
        ]
    )
    stack = build_stack(
        {"firms": take(table.encode(), kind="firms"), "roads": take(roads.to_json().encode(), kind="roads")}
    )
    counts = {warning.code: warning.count for warning in stack.reports["firms"].warnings}
    assert counts.get("LOOKS_SHIFTED", 0) == (200 if shifted else 0)


@pytest.mark.parametrize("shift", [None, wgs84_to_gcj02, wgs84_to_bd09])
def test_firms_beside_the_lines_of_their_counties_are_asked_whether_they_are_gcj02(
    take: Take, shift: Callable[..., tuple[np.ndarray, np.ndarray]] | None
) -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(118.3, 118.8, 4_000), rng.uniform(24.6, 25.1, 4_000)
    known = units()
    names = {code: known["name"].get(code, "") for code in np.unique(county_of(lon, lat))}
    address = [
        f"福建省泉州市{names[code]}" if code.startswith("3505") else "" for code in county_of(lon, lat)
    ]
    if shift is not None:
        lon, lat = shift(lon, lat)
    table = pd.DataFrame(
        {"名称": [f"企业{n}" for n in range(4_000)], "经度": lon, "纬度": lat, "地址": address}
    )
    got = take(table.to_csv(index=False).encode(), kind="firms")
    counts = {warning.code: warning.count for warning in got.report.warnings}
    assert counts.get("LOOKS_SHIFTED", 0) == (0 if shift is None else 4_000)
    assert ("LOOKS_SHIFTED" in got.table["flags"][0]) == (shift is not None)
