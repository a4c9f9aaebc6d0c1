"""Systems that a file describes: EPSG and PROJ as oracles, every wrong key told with file and key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.area import geodesic_distance_m
from geo.datums import wgs84_to_bd09, wgs84_to_gcj02
from geo.errors import ChoiceError, UsageError
from layers.sources.coordinates import parse_crs, points_to_wgs84
from layers.sources.custom_crs import load_crs_file
from layers.sources.importer import Imported, import_source
from planning.output import write_import

Take = Callable[..., Imported]
ROOT = Path(__file__).parents[2]
PLACES = np.array([[118.30, 24.60], [118.50, 24.70], [118.62, 24.55], [118.41, 24.81], [118.55, 24.63]])
LON, LAT = PLACES.T


def written(folder: Path, **keys: object) -> Path:
    path = folder / "grid.toml"
    path.write_text(tomli_w.dumps(keys), encoding="utf-8")
    return path


def off_m(lon: np.ndarray, lat: np.ndarray) -> float:
    return float(geodesic_distance_m(lon, lat, LON, LAT).max())


def forward(definition: str | int) -> tuple[np.ndarray, np.ndarray]:
    turn = pyproj.Transformer.from_crs(4326, definition, always_xy=True)
    x, y = turn.transform(LON, LAT)
    return np.asarray(x), np.asarray(y)


@pytest.mark.parametrize(
    ("epsg", "keys"),
    [
        (4548, {"datum": "CGCS2000", "central_meridian": 117, "false_easting_m": 500_000}),
        (4527, {"datum": "CGCS2000", "central_meridian": 117, "false_easting_m": 500_000, "zone_prefix": 39}),
        (4509, {"datum": "CGCS2000", "central_meridian": "117°", "false_easting_m": 500_000}),
        (32650, {"datum": "WGS84", "central_meridian": 117, "false_easting_m": 500_000, "scale": 0.9996}),
    ],
)
def test_a_described_system_agrees_with_the_register(
    epsg: int, keys: dict[str, object], tmp_path: Path
) -> None:
    system = load_crs_file(written(tmp_path, **keys))
    assert off_m(*system.convert(*forward(epsg))) < 1e-4
    assert not system.approximate


@pytest.mark.parametrize(("datum", "epsg"), [("Xian80", 2384), ("Beijing54", 2436)])
def test_an_old_datum_alone_is_approximate_and_as_proj_has_it(datum: str, epsg: int, tmp_path: Path) -> None:
    system = load_crs_file(written(tmp_path, datum=datum, central_meridian=117, false_easting_m=500_000))
    x, y = np.array([640_000.0, 655_000.0]), np.array([2_720_000.0, 2_731_000.0])
    wanted = points_to_wgs84(x, y, parse_crs(f"EPSG:{epsg}"))
    assert np.abs(np.array(system.convert(x, y)) - wanted).max() * 111_320 < 0.01
    assert system.approximate


@given(
    meridian=st.floats(74, 135), east=st.floats(-1e6, 1e6), north=st.floats(-4e6, 1e6), scale=st.floats(0.999, 1.001),
    height=st.floats(0, 4_500), lon_off=st.floats(-1.5, 1.5), lat=st.floats(18, 53),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_a_citys_grid_comes_back_to_a_millimetre(
    meridian: float, east: float, north: float, scale: float, height: float, lon_off: float, lat: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    """PROJ makes the grid: the ellipsoid's axis longer by the height, its flattening the same."""
    lon = meridian + lon_off
    proj = pyproj.Proj(
        f"+proj=tmerc +lon_0={meridian!r} +k={scale!r} +x_0={east!r} +y_0={north!r} +a={6378137 + height!r} +rf=298.257222101"
    )
    x, y = proj(lon, lat)
    path = written(
        tmp_path_factory.getbasetemp(), datum="CGCS2000", central_meridian=meridian, false_easting_m=east,
        false_northing_m=north, scale=scale, projection_height_m=height,
    )  # fmt: skip
    back = load_crs_file(path).convert(np.array([x]), np.array([y]))
    assert geodesic_distance_m([lon], [lat], *back)[0] < 1e-3


def test_the_rotation_turns_the_grid_anticlockwise_about_its_origin(tmp_path: Path) -> None:
    keys = {"datum": "CGCS2000", "central_meridian": 118.5, "latitude_of_origin": 24.7}
    plain = load_crs_file(written(tmp_path, **keys))
    turned = load_crs_file(written(tmp_path, **keys, rotation=90))
    # What lay 1 km east of the origin has the coordinates 0, 1000 in a grid that is turned by 90°.
    assert np.allclose(
        turned.convert(np.array([0.0]), np.array([1000.0])),
        plain.convert(np.array([1000.0]), np.array([0.0])),
    )


@pytest.mark.parametrize("convention", ["position_vector", "coordinate_frame"])
def test_seven_parameters_agree_with_a_pipeline_of_proj(convention: str, tmp_path: Path) -> None:
    system = load_crs_file(
        written(
            tmp_path, name="local 80", datum="Xian80", central_meridian=118.5, false_easting_m=500_000,
            seven_parameters={
                "shift_m": [12.3, -45.6, 7.8], "rotation_arcsec": [0.4, -1.2, 2.3], "scale_ppm": -3.4, "convention": convention,
            },
        )
    )  # fmt: skip
    proj = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lon_0=118.5 +x_0=500000 +a=6378140 +rf=298.257 "
        "+step +proj=cart +a=6378140 +rf=298.257 "
        f"+step +proj=helmert +x=12.3 +y=-45.6 +z=7.8 +rx=0.4 +ry=-1.2 +rz=2.3 +s=-3.4 +convention={convention} "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    x, y = np.array([480_000.0, 512_345.6]), np.array([2_730_000.0, 2_741_234.5])
    wanted = proj.transform(x, y, np.zeros(2))[:2]
    assert np.abs(np.array(system.convert(x, y)) - wanted).max() * 111_320 < 1e-3
    assert not system.approximate
    assert system.note["convention"] == convention


def local_plane(turn_deg: float = 1.5, scale: float = 1.00002) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the places in a made-up grid of a town that is a similarity of EPSG:4548."""
    x, y = forward(4548)
    turned = (x - 640_000 + 1j * (y - 2_720_000)) * np.exp(1j * np.radians(turn_deg)) * scale
    return turned.real + 10_000, turned.imag + 20_000


@pytest.mark.parametrize("target", ["EPSG:4548", "EPSG:4527", "CGCS2000"])
def test_a_plane_fit_puts_the_points_where_they_are(target: str, tmp_path: Path) -> None:
    x, y = local_plane()
    to = forward(target) if target != "CGCS2000" else (LON, LAT)
    points = [
        {"name": f"P{place + 1}", "from": [float(x[place]), float(y[place])], "to": [float(to[0][place]), float(to[1][place])]}
        for place in range(3)
    ]  # fmt: skip
    system = load_crs_file(
        written(tmp_path, name="town", control={"fit": "plane", "target": target, "points": points})
    )
    # A longitude of another zone's plane bends a town by some centimetres.
    assert off_m(*system.convert(x, y)) < (0.001 if target != "CGCS2000" else 0.5)
    assert [point["name"] for point in system.note["points"]] == ["P1", "P2", "P3"]
    assert system.precision == f"fitted, RMS {system.note['rms_m']:.3f} m"


def test_four_given_parameters_do_what_the_fit_to_points_finds(tmp_path: Path) -> None:
    x, y = local_plane()
    east, north = forward(4548)
    points = [
        {"from": [float(a), float(b)], "to": [float(c), float(d)]}
        for a, b, c, d in zip(x, y, east, north, strict=True)
    ]
    note = load_crs_file(
        written(tmp_path, control={"fit": "plane", "target": "EPSG:4548", "points": points})
    ).note
    given = load_crs_file(
        written(
            tmp_path, plane={
                "target": "EPSG:4548", "shift_x_m": note["shift_x_m"], "shift_y_m": note["shift_y_m"],
                "scale": note["scale"], "rotation": note["rotation_deg"],
            },
        )
    )  # fmt: skip
    assert off_m(*given.convert(x, y)) < 1e-4
    assert note["rotation_deg"] == pytest.approx(-1.5)
    assert given.precision == ""


def test_seven_parameters_are_fitted_to_a_grid_on_an_old_datum(tmp_path: Path) -> None:
    back = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
        "+step +inv +proj=helmert +x=24 +y=-123 +z=-94 +rx=-0.02 +ry=0.25 +rz=0.13 +s=1.1 +convention=position_vector "
        "+step +inv +proj=cart +ellps=krass +step +proj=tmerc +lon_0=118.5 +x_0=500000 +ellps=krass"
    )
    x, y = (np.asarray(part) for part in back.transform(LON, LAT, np.zeros(len(LON)))[:2])
    points = [
        {"from": [float(x[place]), float(y[place])], "to": [float(LON[place]), float(LAT[place])]}
        for place in range(4)
    ]
    system = load_crs_file(
        written(
            tmp_path, datum="Beijing54", central_meridian=118.5, false_easting_m=500_000,
            control={"fit": "seven", "target": "CGCS2000", "points": points},
        )
    )  # fmt: skip
    assert off_m(*system.convert(x, y)) < 0.01
    assert system.note["rms_m"] < 0.01
    assert not system.approximate


PROJECTION = {"datum": "CGCS2000", "central_meridian": 118.5}
POINTS = [{"name": f"P{n}", "from": [1000.0 * n, 500.0 * n * n], "to": [640_000.0 + 1000 * n, 2_720_000.0 + 500 * n * n]} for n in range(5)]  # fmt: skip


def control(points: list[dict[str, object]], **more: object) -> dict[str, object]:
    return {"control": {"fit": "plane", "target": "EPSG:4548", "points": points, **more}}


@pytest.mark.parametrize(
    ("keys", "where", "words"),
    [
        ({"central_meridian": 118.5}, "datum", "missing"),
        ({**PROJECTION, "datum": "NAD83"}, "datum", "none of those"),
        ({**PROJECTION, "central_merdian": 1}, "central_merdian", "no such key"),
        ({**PROJECTION, "central_meridian": "east"}, "central_meridian", "angle"),
        ({**PROJECTION, "central_meridian": 18.5}, "central_meridian", "near China"),
        ({**PROJECTION, "false_easting_m": "x"}, "false_easting_m", "number"),
        ({**PROJECTION, "scale": 1.2}, "scale", "hundredth"),
        ({**PROJECTION, "projection_height_m": 99_999}, "projection_height_m", "height"),
        ({**PROJECTION, "zone_prefix": 3.5}, "zone_prefix", "whole number"),
        ({**PROJECTION, "name": 5}, "name", "text"),
        ({**PROJECTION, "seven_parameters": {"shift_m": [1, 2, 3]}}, "seven_parameters.convention", "missing"),
        ({**PROJECTION, "seven_parameters": {"shift_m": [1, 2], "rotation_arcsec": [0, 0, 0], "scale_ppm": 0,
          "convention": "position_vector"}}, "seven_parameters.shift_m", "three numbers"),
        ({**PROJECTION, "plane": {"target": "EPSG:4548", "shift_x_m": 0, "shift_y_m": 0}}, "datum", "no projection"),
        ({"plane": {"target": "WGS84", "shift_x_m": 0, "shift_y_m": 0}}, "plane.target", "projected"),
        ({"plane": 5}, "plane", "section"),
        ({**control(POINTS), "plane": {}}, "control", "one tie"),
        (control(POINTS, fit="best"), "control.fit", "seven"),
        (control(POINTS[:1]), "control.points", "too few"),
        (control([]), "control.points", "list of points"),
        (control([{"from": [1, 2]}]), "control.points, point 1, to", "a place is"),
        (control([POINTS[1], POINTS[1]]), "control.points", "coincide"),
        (control([*POINTS[:4], POINTS[4] | {"to": [644_005.0, 2_728_000.0]}]), "control.points", "“P4”"),
        (control([point | {"from": point["from"][::-1]} for point in POINTS]), "control.points", "exchanged"),
        (control([{key: point[key][::-1] for key in ("from", "to")} for point in POINTS]), "control.points", "exchanged"),
        (control(POINTS, target="EPSG:4527"), "control.points", "do not lie in China"),
        (control([point | {"colour": 1} for point in POINTS]), "control.points, point 1, colour", "no such key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_key(
    keys: dict[str, object], where: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as told:
        load_crs_file(written(tmp_path, **keys))
    assert told.value.where == f"grid.toml: {where}"
    assert words in told.value.message()


@pytest.mark.parametrize("content", [None, "no = toml = at all", "a" * 200_000])
def test_a_file_that_cannot_be_read_is_told_by_name(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "grid.toml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"“grid\.toml” cannot be read"):
        load_crs_file(path)


def firms(x: np.ndarray, y: np.ndarray, names: str = "东坐标,北坐标") -> bytes:
    lines = [f"企业{place},{a:.4f},{b:.4f}" for place, (a, b) in enumerate(zip(x, y, strict=True))]
    return "\n".join([f"名称,{names}", *lines]).encode()


def test_the_report_and_each_row_say_what_was_fitted(take: Take, tmp_path: Path) -> None:
    x, y = local_plane()
    east, north = forward(4548)
    points = [
        {"name": f"K{n}", "from": [float(x[n]), float(y[n])], "to": [float(east[n]) + 0.01 * (-1) ** n, float(north[n])]}
        for n in range(4)
    ]  # fmt: skip
    path = written(
        tmp_path, name="镇独立坐标", control={"fit": "plane", "target": "EPSG:4548", "points": points}
    )
    got = take(firms(x, y), kind="firms", crs=str(path))
    said = got.report.to_json()
    assert said["crs"] == "镇独立坐标"
    assert said["transformation"]["method"] == "plane similarity"
    assert 0 < said["transformation"]["rms_m"] < 0.02
    assert set(got.table["precision"]) == {f"fitted, RMS {said['transformation']['rms_m']:.3f} m"}
    assert all("CRS_CONVERTED" in flags for flags in got.table["flags"])
    assert off_m(got.table["lon"].to_numpy(), got.table["lat"].to_numpy()) < 0.05


def test_which_of_x_and_y_is_north_is_asked_in_a_towns_grid(take: Take, tmp_path: Path) -> None:
    """In a town's grid both are small numbers, and X is north on a survey but east in a GIS."""
    path = written(tmp_path, **PROJECTION, false_easting_m=20_000, false_northing_m=-2_700_000)
    x, y = np.array([11_000.0, 25_000.0]), np.array([9_000.0, 31_000.0])
    with pytest.raises(ChoiceError) as asked:
        take(firms(x, y, "X,Y"), kind="firms", crs=str(path))
    assert asked.value.about == "axes"
    assert {option["argument"] for option in asked.value.options} == {"--axes yx", "--axes xy"}
    plain = take(firms(x, y, "X,Y"), kind="firms", crs=str(path), axes="xy")
    turned = take(firms(y, x, "X,Y"), kind="firms", crs=str(path), axes="yx")
    named = take(firms(x, y), kind="firms", crs=str(path))
    assert plain.table["lon"].tolist() == turned.table["lon"].tolist() == named.table["lon"].tolist()
    assert all("AXES_EXCHANGED" in flags for flags in turned.table["flags"])


def test_an_import_carries_the_description_of_its_system_along(tmp_path: Path) -> None:
    path = written(tmp_path, name="town", **PROJECTION, false_easting_m=500_000)
    x, y = np.array([511_000.0, 525_000.0]), np.array([2_730_000.0, 2_731_000.0])
    (tmp_path / "firms.csv").write_bytes(firms(x, y))
    first = import_source(f"{tmp_path / 'firms.csv'}::crs={path}", "firms")
    write_import(first, tmp_path / "one")
    path.unlink()
    again = import_source(str(tmp_path / "firms.csv"), "firms", mapping=tmp_path / "one" / "mapping.toml")
    assert again.table["lon"].tolist() == first.table["lon"].tolist()
    assert again.report.crs == "town"


def test_the_example_describes_a_system_that_works(take: Take) -> None:
    path = ROOT / "docs" / "examples" / "crs.toml"
    system = load_crs_file(path)
    proj = pyproj.Proj(
        "+proj=tmerc +lon_0=118.41666666666667 +x_0=50000 +y_0=-2700000 +a=6378197 +rf=298.257222101"
    )
    x, y = proj(LON, LAT)
    got = take(firms(np.asarray(x), np.asarray(y)), kind="firms", crs=str(path))
    assert off_m(got.table["lon"].to_numpy(), got.table["lat"].to_numpy()) < 0.001
    assert got.report.crs == system.name
    assert got.report.transformation["method"] == "projection"
    assert set(got.table["precision"]) == {"as given"}


def test_every_section_that_the_example_shows_in_comments_is_taken(tmp_path: Path) -> None:
    lines = (ROOT / "docs" / "examples" / "crs.toml").read_text(encoding="utf-8").splitlines()
    starts = [place for place, line in enumerate(lines) if line.startswith("# [")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        section = "\n".join(line[2:] for line in lines[start:end] if line.startswith("# "))
        plane = "seven_parameters" not in section
        head = "" if plane else 'datum = "Xian80"\ncentral_meridian = 118.5\n'
        (tmp_path / "part.toml").write_text(head + section, encoding="utf-8")
        assert load_crs_file(tmp_path / "part.toml").note["method"] != "projection"
    assert len(starts) == 3


THREE, SIX, UTM = range(25, 46), range(13, 24), range(43, 54)
FAMILIES = {
    # first code, numbers of the zones, meridian of a zone, millions in front, scale, ellipsoid
    "CGCS2000 3° with its number": (4513, THREE, 3, 0, True, 1.0, "+ellps=GRS80"),
    "CGCS2000 3°": (4534, THREE, 3, 0, False, 1.0, "+ellps=GRS80"),
    "CGCS2000 6° with its number": (4491, SIX, 6, -3, True, 1.0, "+ellps=GRS80"),
    "CGCS2000 6°": (4502, SIX, 6, -3, False, 1.0, "+ellps=GRS80"),
    "Xi'an 80 3° with its number": (2349, THREE, 3, 0, True, 1.0, "+a=6378140 +rf=298.257"),
    "Xi'an 80 3°": (2370, THREE, 3, 0, False, 1.0, "+a=6378140 +rf=298.257"),
    "Xi'an 80 6° with its number": (2327, SIX, 6, -3, True, 1.0, "+a=6378140 +rf=298.257"),
    "Beijing 54 3° with its number": (2401, THREE, 3, 0, True, 1.0, "+ellps=krass"),
    "Beijing 54 6° with its number": (21413, SIX, 6, -3, True, 1.0, "+ellps=krass"),
    "UTM": (32643, UTM, 6, -183, False, 0.9996, "+ellps=WGS84"),
}
GEOGRAPHIC = {
    "WGS84": None,
    "CGCS2000": None,
    "EPSG:4610": None,
    "GCJ-02": wgs84_to_gcj02,
    "BD-09": wgs84_to_bd09,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_zone_comes_back_to_a_centimetre(family: str) -> None:
    """PROJ's plain projection makes eastings and northings; on an old datum the degrees are compared on it."""
    first, numbers, width, offset, numbered, scale, ellipsoid = FAMILIES[family]
    rng = np.random.default_rng(first)
    # Beijing 54 takes PROJ long, zone by zone the same way.
    for number in list(numbers)[:: 5 if "Beijing" in family else 1]:
        meridian = width * number + offset
        lon = np.clip(meridian + rng.uniform(-width / 2, width / 2, 50), 73.5, 135.0)
        lat = rng.uniform(18.2, 53.3, 50)
        prefix = 1_000_000 * number if numbered else 0
        x, y = pyproj.Proj(f"+proj=tmerc +lon_0={meridian} +k={scale} +x_0={prefix + 500_000} {ellipsoid}")(
            lon, lat
        )
        crs = parse_crs(f"EPSG:{first + number - numbers[0]}")
        assert crs.crs is not None
        base = parse_crs(f"EPSG:{crs.crs.geodetic_crs.to_epsg()}")  # type: ignore[union-attr]
        wanted = points_to_wgs84(lon, lat, base)
        assert geodesic_distance_m(*wanted, *points_to_wgs84(x, y, crs)).max() < 0.01
        assert crs.zone_prefix == (number if numbered else None)
        assert crs.approximate == ("Xi'an" in family or "Beijing" in family)


@given(
    name=st.sampled_from(list(GEOGRAPHIC)),
    lon=st.floats(73.6, 134.9),
    lat=st.floats(18.1, 53.4),
    yx=st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_every_datum_in_degrees_comes_back_through_a_table(
    take_once: Take, name: str, lon: float, lat: float, yx: bool
) -> None:
    there = GEOGRAPHIC[name]
    x, y = (float(part) for part in there(lon, lat)) if there else (lon, lat)
    first, second = (y, x) if yx else (x, y)
    got = take_once(
        f"名称,经度,纬度\n甲,{first!r},{second!r}\n".encode(),
        kind="firms",
        crs=name,
        axes="yx" if yx else "xy",
    )
    assert geodesic_distance_m(got.table["lon"], got.table["lat"], [lon], [lat])[0] < 0.01
    assert ("DATUM_APPROXIMATE" in got.table["flags"][0]) == (name == "EPSG:4610")
    assert ("CRS_CONVERTED" in got.table["flags"][0]) == (there is not None)


@pytest.fixture(scope="module")
def take_once(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """The same folder for every example of a property."""
    from tests.layers.conftest import take_bytes

    job = tmp_path_factory.mktemp("job")
    return lambda data, **answers: take_bytes(job, data, **answers)
