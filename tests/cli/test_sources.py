"""FILE, FILE::key=value and DIR, wherever a command takes a file; paths as people have them."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UsageError
from layers.sources.arguments import (
    as_argument,
    from_argument,
    join_source,
    move_source,
    near_source,
    split_source,
)
from tests.cli.conftest import Command, write_firms

WEIRD = [
    "经度,纬度=表 ：一.csv",
    "a::b.csv",
    "-dash.csv",
    "C:\\data\\firms.csv",
    "f.csv::crs=GCJ-02",
    "{x} 'c\"%",
]


@pytest.mark.parametrize("name", WEIRD)
def test_a_file_may_be_called_anything(door: Command, tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_firms(tmp_path / name)
    answer = door("import", f"./{name}::crs=GCJ-02,as=firms", "--json").json
    assert (answer["kind"], answer["crs"]) == ("firms", "GCJ-02")


def test_a_name_with_a_leading_dash_stands_behind_two_dashes(door: Command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_firms(tmp_path / "-dash.csv")
    assert door("import", "--json", "--", "-dash.csv").json["accepted"] == 61
    assert door("cluster", "--json", "--quiet", "--", "-dash.csv").code == 0
    assert door("cluster", "./-dash.csv", "-o=-out", "--quiet").code == 0
    assert (tmp_path / "-out" / "clusters.gpkg").is_file()
    assert (
        door("run", "--firms=-dash.csv", "-o", "-out", "--json").error["message"]
        == "the option “--output” needs a value"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux alone")
def test_a_name_that_is_no_text_is_read_and_kept_out_of_scenarios(door: Command, tmp_path):
    path = tmp_path / os.fsdecode(b"\xb3\xa7.csv")  # GB 2312, as an old archive unpacks it
    write_firms(path)
    assert door("import", path, "--json").json["accepted"] == 61
    missing = door("import", os.fsdecode(b"\xb3.csv"), "--json")
    assert (missing.code, missing.error["code"]) == (3, "NO_FILE")
    refused = door("run", "--firms", path, "-o", tmp_path / "out", "--json")
    assert (refused.code, refused.error["kind"]) == (2, "usage")
    assert "is no text" in refused.error["message"]


@pytest.mark.parametrize("folder", ["a::crs=WGS84", "园区::二, b=c"])
def test_a_folder_s_name_may_hold_the_mark(door: Command, tmp_path, folder):
    (tmp_path / "a").mkdir()
    (tmp_path / folder).mkdir()
    path = write_firms(tmp_path / folder / "f.csv")
    assert door("import", f"{path}::crs=BD-09", "--json").json["crs"] == "BD-09"
    door("import", path, "-o", tmp_path / folder / "done")
    assert door("import", f"{tmp_path / folder / 'done'}::as=gates", "--json").json["kind"] == "gates"


def test_a_file_that_is_not_there_is_said_without_its_answers(door: Command, tmp_path):
    error = door("import", f"{tmp_path / 'none.csv'}::crs=GCJ-02", "--json").error
    assert error["code"] == "NO_FILE"
    assert "“none.csv”" in error["message"]


COLUMNS = [" 经度,east=a::b:c\\", "--k'l\"m{o}\\,"]


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("way", ["option", "answer", "column", "mapping"])
def test_a_column_may_be_called_anything(door: Command, tmp_path, column, way):
    table = gpd.GeoDataFrame({column: ["118.4"], "纬": ["24.7"], "行业": ["石材"]}, geometry=[None], crs=4326)
    path = tmp_path / "t.gpkg"
    import pyogrio

    pyogrio.write_dataframe(table.drop(columns="geometry"), path, layer="l", driver="GPKG")
    if way == "option":
        words: list[object] = [path, f"--lon={column}", "--lat", "纬"]
    elif way == "column":
        words = [path, "--column", f"lon={column}", "--column", "lat=纬"]
    elif way == "answer":
        words = [join_source(path, {"lon": column, "lat": "纬", "column=industry": "行业"})]
    else:
        import tomli_w

        (tmp_path / "m, n.toml").write_text(
            tomli_w.dumps({"columns": {"lon": column, "lat": "纬"}}), encoding="utf-8"
        )
        words = [join_source(path, {"mapping": str(tmp_path / "m, n.toml")})]
    answer = door("import", *words, "-o", tmp_path / "out", "--json")
    assert answer.code == 0, answer.err
    assert gpd.read_file(tmp_path / "out" / "accepted.gpkg")["lon"].tolist() == [118.4]
    assert (
        tomllib.loads((tmp_path / "out" / "mapping.toml").read_text(encoding="utf-8"))["columns"]["lon"]
        == column
    )


def test_every_key_can_stand_behind_the_mark(door: Command, tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("某表\n名,甲,乙,界\n一,24.7,118.4,POINT (118.4 24.7)\n", encoding="gb18030")
    answers = "as=firms, crs=GCJ-02 ,axes=yx,header=2,encoding=GB18030,lon=甲,lat=乙,column=name=名"
    got = door("import", f"{path}::{answers}", "--json").json
    assert (got["kind"], got["crs"], got["encoding"], got["accepted"]) == ("firms", "GCJ-02", "gb18030", 1)
    assert door("import", f"{path}::header=2,geometry=界", "--json").json["accepted"] == 1


@pytest.mark.parametrize(
    "take",
    [
        "cluster {}",
        "access {}",
        "run --firms {}",
        "access {} --facilities {}",
    ],
)
def test_whoever_takes_a_file_takes_an_import_and_answers_too(
    door: Command, tmp_path, firms, take, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_firms(firms, 6, header=["企业编号", "类型", "经度", "纬度", "行业"])  # facilities need a kind
    door("import", firms, "--as", "firms", "-o", "done")
    said = []
    for source in ("firms.csv::crs=WGS84,encoding=utf-8", "done"):
        answer = door(
            *take.replace("{}", source).split(), "--json", "--quiet", "-o", "out", "--force", "--seed", "3"
        )
        assert answer.code == 0, answer.err
        said.append(
            {
                key: value
                for key, value in answer.json.items()
                if key in ("clusters", "access", "unreached", "origins", "firms")
            }
        )
    assert said[0] == said[1]


key = st.sampled_from(["crs", "lon", "lat", "layer", "mapping", "geometry", "column=industry", "column=id"])
value = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@given(st.dictionaries(key, value))
def test_what_is_joined_is_split_again(answers):
    answers = {name: text.strip() if name == "crs" else text for name, text in answers.items()}
    answers = {name: text for name, text in answers.items() if text}
    assert split_source(join_source("no such.csv", answers)) == ("no such.csv", answers)
    assert from_argument(as_argument(answers)) == answers


def test_a_source_moves_with_its_mapping(tmp_path):
    (tmp_path / "a").mkdir()
    write_firms(tmp_path / "a" / "f.csv")
    moved = move_source("f.csv::mapping=m.toml,lon=x\\,y", tmp_path / "a")
    assert moved == join_source(
        tmp_path / "a" / "f.csv", {"mapping": str(tmp_path / "a" / "m.toml"), "lon": "x,y"}
    )
    assert near_source(moved, tmp_path / "b" / "c") == "../../a/f.csv::mapping=../../a/m.toml,lon=x\\,y"
    assert move_source("/abs/f.csv", tmp_path) == "/abs/f.csv"
    assert Path(near_source(str(tmp_path / "f.csv"), tmp_path)) == Path("f.csv")


def test_an_answer_without_a_value_is_told():
    with pytest.raises(UsageError, match="key=value"):
        split_source("f.csv::crs")
    with pytest.raises(UsageError, match="key=value"):
        split_source("f.csv::column=industry")
    assert split_source("f.csv::") == ("f.csv", {})
    assert split_source("f.csv::,,") == ("f.csv", {})
    assert split_source("f.csv::crs=WGS84,crs=BD-09") == ("f.csv", {"crs": "BD-09"})
