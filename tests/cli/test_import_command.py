"""`import`: every row accounted for, the same files from the same bytes, an import that goes on."""

from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import polygon, ring, write_firms, write_geojson

FILES = ["accepted.gpkg", "mapping.toml", "rejects.csv"]
KEYS = {
    "kind",
    "rows_in",
    "accepted",
    "rejected",
    "reasons",
    "crs",
    "encoding",
    "layer",
    "warnings",
    "sha256",
}
OWN = ["source_row", "lon", "lat", "precision"]
SQUARE = ((118.40, 24.70), (118.42, 24.70), (118.42, 24.72), (118.40, 24.72))
BOW_TIE = ((118.40, 24.70), (118.42, 24.72), (118.42, 24.70), (118.40, 24.72))


def same_files(one: Path, two: Path) -> list[str]:
    """Names of files in both folders whose bytes differ, or that only one has."""
    names = {path.name for folder in (one, two) for path in folder.iterdir()}
    return [
        name
        for name in sorted(names)
        if not (
            (one / name).is_file()
            and (two / name).is_file()
            and (one / name).read_bytes() == (two / name).read_bytes()
        )
    ]


def test_the_account_has_the_keys_of_the_contract_and_adds_up(door, firms, tmp_path):
    answer = door("import", firms, "--as", "firms", "--json", "-o", tmp_path / "out").json
    assert set(answer) >= KEYS
    assert (answer["rows_in"], answer["accepted"], answer["rejected"]) == (63, 61, 2)
    assert answer["reasons"] == {"BAD_NUMBER": 1, "MISSING_COORD": 1}
    assert sum(answer["reasons"].values()) == answer["rejected"]
    assert {"code", "count", "message"} == set(answer["warnings"][0])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FILES
    with (tmp_path / "out" / "rejects.csv").open(encoding="utf-8", newline="") as sink:
        rejects = list(csv.reader(sink))
    assert rejects[0] == ["source_row", "code", "column", "text", "message"]
    assert [row[0] for row in rejects[1:]] == ["62", "63"]  # physical lines, the header is 1


def test_the_accepted_rows_are_one_layer_named_as_the_kind_in_source_order_and_as_text(door, firms, tmp_path):
    door("import", firms, "--as", "firms", "-o", tmp_path / "out")
    path = tmp_path / "out" / "accepted.gpkg"
    assert [name for name, _ in pyogrio.list_layers(path)] == ["firms"]
    table = gpd.read_file(path)
    assert table.crs.to_epsg() == 4326
    assert table["source_row"].tolist() == [*range(2, 62), 64]
    assert list(table.columns[:5]) == ["企业编号", "企业名称", "经度", "纬度", "行业"]
    assert [name for name in table.columns if name in OWN] == OWN
    assert table["企业编号"].tolist()[:2] == ["0000", "0001"]
    assert all(isinstance(text, str) for text in table["经度"])
    assert table.geometry.x.tolist() == table["lon"].tolist()


@pytest.mark.parametrize("kind", ["firms", "table"])
def test_the_same_bytes_and_options_give_the_same_files(command, door, firms, tmp_path, kind):
    """In another process too, whose sets and dictionaries are in another order."""
    assert door("import", firms, "--as", kind, "-o", tmp_path / "one").code == 0
    assert command("import", firms, "--as", kind, "-o", tmp_path / "two").code == 0
    assert same_files(tmp_path / "one", tmp_path / "two") == []


def _gauss_krueger(path: Path) -> Path:
    path.write_text("名称,X,Y\n甲,2732000.5,39442000.25\n乙,2733000,39443000\n", encoding="gb18030")
    return path


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "说明, 1=2 “三”"
    book.active.append(["随便"])
    sheet = book.create_sheet("厂 名录,2024=总 表")
    for row in (
        ["名录"],
        ["编号", "名称", "lon", "lat"],
        ["007", "甲", 118.4, 24.7],
        ["008", "乙", 118.5, 24.8],
    ):
        sheet.append(row)
    book.save(path)
    return path


ASKING = {
    "planners' X, GB 18030": (
        lambda folder: _gauss_krueger(folder / "g.csv"),
        ["--crs", "EPSG:4527", "--axes", "yx"],
    ),
    "a sheet with every sign": (
        lambda folder: _workbook(folder / "w.xlsx"),
        ["--layer", "厂 名录,2024=总 表"],
    ),
    "lon and lat": (
        lambda folder: write_firms(folder / "l.csv", header=["id", "name", "lon", "lat", "industry"]),
        [],
    ),
    "names that clash": (
        lambda folder: write_firms(folder / "c.csv", header=["fid", "Name", "LON", "lat", "name"]),
        ["--lon", "LON", "--column", "industry=name"],
    ),
    "roles by hand": (
        lambda folder: write_firms(folder / "r.csv", header=["a", "b", "c,1", "d=2", "e"]),
        ["--lon", "c,1", "--lat", "d=2", "--column", "industry=e", "--column", "id=a"],
    ),
}


@pytest.mark.parametrize("name", ASKING)
def test_the_mapping_given_back_makes_the_same_import(door, tmp_path, name):
    make, options = ASKING[name]
    path = make(tmp_path)
    first = door("import", path, "--as", "firms", *options, "-o", tmp_path / "one", "--json")
    assert first.code == 0, first.err
    again = door(
        "import", path, "--mapping", tmp_path / "one" / "mapping.toml", "-o", tmp_path / "two", "--json"
    )
    assert again.code == 0, again.err
    assert again.json == first.json
    assert same_files(tmp_path / "one", tmp_path / "two") == []


@pytest.mark.parametrize("name", ASKING)
def test_an_earlier_import_goes_on_with_its_rows_flags_and_roles(door, tmp_path, name):
    make, options = ASKING[name]
    door("import", make(tmp_path), "--as", "firms", *options, "-o", tmp_path / "one")
    again = door("import", tmp_path / "one", "-o", tmp_path / "two", "--json")
    assert again.code == 0, again.err
    assert again.json["kind"] == "firms"
    before, after = (gpd.read_file(tmp_path / out / "accepted.gpkg") for out in ("one", "two"))
    assert before.equals(after)
    roles = [_roles(tmp_path / out / "mapping.toml") for out in ("one", "two")]
    assert roles[0] == roles[1]


def _roles(mapping: Path) -> dict[str, str]:
    """Role → column of accepted.gpkg."""
    stored = tomllib.loads(mapping.read_text(encoding="utf-8"))
    return {role: stored.get("renamed", {}).get(column, column) for role, column in stored["columns"].items()}


def test_an_import_of_an_import_of_an_import_changes_nothing_more(door, firms, tmp_path):
    door("import", firms, "-o", tmp_path / "0")
    for step in range(3):
        door("import", tmp_path / f"{step}", "-o", tmp_path / f"{step + 1}")
    assert same_files(tmp_path / "2", tmp_path / "3") == []
    assert same_files(tmp_path / "1", tmp_path / "2") == []


def test_what_is_said_on_the_command_line_wins_over_the_mapping(door, firms, tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text('kind = "firms"\n[file]\ncrs = "GCJ-02"\n[columns]\nname = "行业"\n', encoding="utf-8")
    answer = door(
        "import",
        firms,
        "--mapping",
        mapping,
        "--crs",
        "BD-09",
        "--as",
        "facilities",
        "--column",
        "name=企业名称",
        "-o",
        tmp_path / "out",
        "--json",
    ).json
    assert (answer["kind"], answer["crs"]) == ("facilities", "BD-09")
    stored = tomllib.loads((tmp_path / "out" / "mapping.toml").read_text("utf-8"))
    assert stored["columns"]["name"] == "企业名称"
    assert stored["file"]["crs"] == "BD-09"


WRONG_MAPPINGS = {
    "no TOML": ("kind = ", 3),
    "an unknown section": ("[colums]\nname = 'a'\n", 2),
    "an unknown key": ("[file]\nlayr = 'a'\n", 2),
    "an unknown role": ("[columns]\nnam = '企业名称'\n", 2),
    "an unknown kind": ("kind = 'firm'\n", 2),
    "a number for a name": ("[columns]\nname = 3\n", 2),
    "a word for the header": ("[file]\nheader = 'first'\n", 2),
    "true for the header": ("[file]\nheader = true\n", 2),
    "a list for a section": ("file = [1]\n", 2),
    "a number for the kind": ("kind = 3\n", 2),
    "an unknown system": ("[file]\ncrs = 'EPSG:99999999'\n", 2),
    "a number for the system": ("[file]\ncrs = 4326\n", 2),
}


@pytest.mark.parametrize("name", WRONG_MAPPINGS)
def test_a_wrong_mapping_is_told_with_its_key(door, firms, tmp_path, name):
    text, code = WRONG_MAPPINGS[name]
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    answer = door("import", firms, "--mapping", tmp_path / "m.toml", "--json")
    assert answer.code == code
    assert answer.error["kind"] == {2: "usage", 3: "refused"}[code]


def test_a_mapping_that_is_not_there_is_refused(door, firms, tmp_path):
    answer = door("import", firms, "--mapping", tmp_path / "none.toml", "--json")
    assert answer.code == 3
    assert "none.toml" in answer.error["message"]


def test_a_table_of_anything_needs_no_place(door, tmp_path):
    path = tmp_path / "speeds.csv"
    path.write_text("class,car_kmh\nexpressway,100\narterial,60\n,\nlocal,30,9\n", encoding="utf-8")
    answer = door("import", path, "--as", "table", "-o", tmp_path / "out", "--json")
    assert answer.code == 0
    account = answer.json
    assert (account["rows_in"], account["accepted"], account["reasons"]) == (3, 2, {"COLUMN_COUNT": 1})
    assert account["warnings"] == []
    assert account["crs"] == ""
    layer = pyogrio.read_info(tmp_path / "out" / "accepted.gpkg")
    assert layer["layer_name"] == "table"
    table = gpd.read_file(tmp_path / "out" / "accepted.gpkg")
    assert table["car_kmh"].tolist() == ["100", "60"]
    assert table["source_row"].tolist() == [2, 3]
    assert table[["lon", "lat", "geometry"]].isna().all().all()
    assert door("import", tmp_path / "out", "--json").json["accepted"] == 2


WKT = {
    "well-known text": lambda shape: shape.wkt,
    "GeoJSON": shapely.to_geojson,
    "well-known text with heights": lambda shape: shapely.force_3d(shape, 5.0).wkt,
}


@pytest.mark.parametrize("form", WKT)
@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx"])
def test_a_column_of_geometries_is_read_as_geometries(door, tmp_path, form, kind):
    shapes = [
        shapely.from_geojson(json.dumps(polygon(*SQUARE))),
        shapely.from_geojson(json.dumps(ring(118.5, 24.8, 0.01))),
    ]
    rows = [
        ["名称", "界线"],
        *([f"园{place}", WKT[form](shape)] for place, shape in enumerate(shapes)),
        ["空", ""],
        ["坏", "POLYGON((1 2"],
    ]
    path = tmp_path / f"w.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as sink:
            csv.writer(sink, delimiter="\t" if kind == "tsv" else ",").writerows(rows)
    answer = door("import", path, "--as", "parks", "--geometry", "界线", "-o", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["reasons"] == {"EMPTY_GEOMETRY": 1, "INVALID_GEOMETRY": 1}
    table = gpd.read_file(tmp_path / "out" / "accepted.gpkg")
    assert table["source_row"].tolist() == [2, 3]
    assert [one.equals(other) for one, other in zip(table.geometry, shapes, strict=True)] == [True, True]
    assert table["界线"].tolist() == [row[1] for row in rows[1:3]]
    again = door("import", path, "--mapping", tmp_path / "out" / "mapping.toml", "-o", tmp_path / "again")
    assert again.code == 0
    assert same_files(tmp_path / "out", tmp_path / "again") == []


def test_a_long_outline_is_no_cell_too_large(door, tmp_path):
    shape = shapely.Point(118.4, 24.7).buffer(0.01, quad_segs=800)
    assert len(shape.wkt) > 100_000
    path = tmp_path / "w.csv"
    path.write_text(f'name,wkt\n园,"{shape.wkt}"\n', encoding="utf-8")
    assert door("import", path, "--as", "boundary", "--geometry", "wkt", "--json").json["accepted"] == 1
    refused = door("import", path, "--as", "table", "--json")
    assert refused.error["code"] == "TOO_LARGE"


def test_a_geometry_column_is_asked_for_by_its_name_and_in_its_system(door, tmp_path):
    square = shapely.box(500_000, 2_730_000, 501_000, 2_731_000)
    path = tmp_path / "w.csv"
    path.write_text(f'name,outline\n园,"{square.wkt}"\n', encoding="utf-8")
    misnamed = door("import", path, "--geometry", "outlin", "--json")
    assert misnamed.code == 3
    assert "“outline”" in misnamed.error["hint"]
    asked = door("import", path, "--as", "boundary", "--geometry", "outline", "--json")
    assert asked.code == 4
    answer = door("import", f"{path}::geometry=outline,crs=EPSG:4548", "--as", "boundary", "--json")
    assert answer.json["crs"] == "EPSG:4548"
    crossing = write_geojson(tmp_path / "x.geojson", polygon(*BOW_TIE))
    wkt = gpd.read_file(crossing).geometry.iloc[0].wkt
    path.write_text(f'name,outline\n园,"{wkt}"\n', encoding="utf-8")
    assert (
        "crosses itself near 118.41"
        in door("import", path, "--as", "boundary", "--geometry", "outline", "--json").error["message"]
    )
    assert (
        door("import", path, "--as", "parks", "--geometry", "outline", "--json").json["warnings"][-1]["code"]
        == "REPAIRED_GEOMETRY"
    )


def test_a_crossing_outline_is_refused_as_a_boundary_and_mended_as_anything_else(door, tmp_path):
    path = write_geojson(tmp_path / "b.geojson", polygon(*SQUARE), polygon(*BOW_TIE))
    refused = door("import", path, "--as", "boundary", "-o", tmp_path / "out", "--json")
    assert refused.code == 3
    assert "crosses itself near 118.41" in refused.error["message"]
    assert refused.error["where"] == "b.geojson feature 2"
    assert refused.error["hint"]
    assert not (tmp_path / "out").exists()
    for kind in ("any", "parks", "areas", "housing"):
        answer = door("import", path, "--as", kind, "--json").json
        assert answer["accepted"] == 2
        assert {"REPAIRED_GEOMETRY": 1}.items() <= {
            one["code"]: one["count"] for one in answer["warnings"]
        }.items()


def test_any_takes_each_geometry_as_it_is(door, tmp_path):
    shapes = [
        {"type": "Point", "coordinates": [118.4, 24.7]},
        {"type": "MultiPoint", "coordinates": [[118.4, 24.7], [118.5, 24.8]]},
        {"type": "LineString", "coordinates": [[118.4, 24.7], [118.5, 24.8]]},
        polygon(*SQUARE),
        {"type": "MultiPolygon", "coordinates": [polygon(*SQUARE)["coordinates"]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [118.4, 24.7]}]},
    ]
    path = write_geojson(tmp_path / "all.geojson", *shapes)
    assert door("import", path, "-o", tmp_path / "out", "--json").json["accepted"] == len(shapes)
    table = gpd.read_file(tmp_path / "out" / "accepted.gpkg")
    assert table.geom_type.tolist() == [shape["type"] for shape in shapes]
    inside = shapely.points(table["lon"], table["lat"])
    assert shapely.distance(table.geometry.to_numpy(), inside).max() < 1e-9


def test_a_foreign_package_keeps_columns_that_are_called_like_ours(door, tmp_path):
    table = gpd.GeoDataFrame(
        {
            "lon": ["east"],
            "precision": ["1:500"],
            "source_row": ["seven"],
            "flags": ["NO SUCH CODE"],
            "lat": ["x"],
        },
        geometry=[shapely.Point(118.4, 24.7)],
        crs=4326,
    )
    table.to_file(tmp_path / "foreign.gpkg", layer="l")
    answer = door("import", tmp_path / "foreign.gpkg", "-o", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    got = gpd.read_file(tmp_path / "out" / "accepted.gpkg").iloc[0]
    assert got["lon (source)"] == "east"
    assert got["source_row (source)"] == "seven"
    assert (got["source_row"], got["lon"]) == (1, 118.4)


@pytest.mark.parametrize(
    "header",
    [
        "fid,geom,geometry,lon,lat",
        "NAME,Name,name,lon,lat",
        'a b,"c,d","e""f",lon,lat',
        "select,from,where,lon,lat",
        "列:一,列=二,列::三,lon,lat",
        ",,x,lon,lat",
    ],
)
def test_any_heading_can_be_stored_and_read_back(door, tmp_path, header):
    path = tmp_path / "h.csv"
    path.write_text(f"{header}\n1,2,3,118.4,24.7\n4,5,6,118.5,24.8\n", encoding="utf-8")
    answer = door("import", path, "-o", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    table = gpd.read_file(tmp_path / "out" / "accepted.gpkg")
    assert [table.iloc[:, place].tolist() for place in range(3)] == [["1", "4"], ["2", "5"], ["3", "6"]]


cell = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
number = st.one_of(
    st.floats(73, 135).map(str),
    st.sampled_from(["", "0", "abc", "nan", "inf", "1e400", "１１８．５", "118°30′", "999"]),
)


@given(
    rows=st.lists(st.lists(st.one_of(cell, number), min_size=1, max_size=6), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t"),
)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_the_rows_hold_every_one_is_counted_once(door, tmp_path, rows, delimiter):
    path = tmp_path / "f.csv"
    with path.open("w", encoding="utf-8", newline="") as sink:
        csv.writer(sink, delimiter=delimiter).writerows(
            [["名称", "经度", "纬度"], ["好", "118.4", "24.7"], *rows]
        )
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    answer = door("import", path, "--as", "firms", "-o", tmp_path / "out", "--json")
    assert answer.code in (0, 2, 3, 4), answer.err
    if answer.code == 0:
        account = answer.json
        assert account["rows_in"] == account["accepted"] + account["rejected"]
        assert account["rejected"] == sum(account["reasons"].values())
        assert pyogrio.read_info(tmp_path / "out" / "accepted.gpkg")["features"] == account["accepted"]
        with (tmp_path / "out" / "rejects.csv").open(encoding="utf-8", newline="") as sink:
            assert len(list(csv.reader(sink))) == account["rejected"] + 1
