"""What goes wrong with somebody's files: one sentence each that says what, where and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import HASTE, Command, polygon, write_geojson

CHINESE = re.compile(r"[\u4e00-\u9fff]")
BOW_TIE = ((118.40, 24.70), (118.42, 24.72), (118.42, 24.70), (118.40, 24.72))
TINY = ((118.40, 24.70), (118.4005, 24.70), (118.4005, 24.7005), (118.40, 24.7005))
GOOD = "name,lon,lat\na,118.4,24.7\n"


def _write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _collection(*shapes: object) -> str:
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features})


# name → file, what it holds, as what, the code, words of the sentence.
REFUSED = {
    "no file": ("none.csv", None, "firms", "NO_FILE", "there is no file"),
    "an empty file": ("f.csv", "", "firms", "NO_ROWS", "is empty"),
    "blank lines": ("f.csv", "\n \n\n", "firms", "NO_ROWS", "is empty"),
    "a header alone": ("f.csv", "name,lon,lat\n", "firms", "NO_ROWS", "a header but no row"),
    "a missing column": ("f.csv", "name,east\na,118.4\n", "firms", "NO_COLUMN", "no column for longitude"),
    "bad rows alone": ("f.csv", "name,lon,lat\na,,\nb,,\n", "firms", "MISSING_COORD", "every one of the 2 rows"),
    "no text": ("f.csv", b"name,lon,lat\n\xff\xff\xfe,1,2\n", "firms", "UNDECODABLE_TEXT", "neither UTF-8 nor GB 18030"),
    "a picture": ("f.csv", b"\x89PNG\r\n\x1a\n1234", "firms", "NOT_THIS_FORMAT", "picture"),
    "a drawing": ("f.dwg", b"AC1032" + bytes(100), "boundary", "NOT_THIS_FORMAT", "DWG"),
    "broken JSON": ("b.geojson", '{"type": "FeatureCollection", ', "boundary", "NOT_THIS_FORMAT", "no valid JSON"),
    "other JSON": ("b.geojson", '{"a": 1}', "boundary", "NOT_THIS_FORMAT", "no GeoJSON"),
    "no feature": ("b.geojson", _collection(), "boundary", "NO_ROWS", "no row"),
    "a table for an outline": ("b.csv", GOOD, "boundary", "WRONG_GEOMETRY", "without geometries"),
    "points for an outline": ("b.geojson", _collection({"type": "Point", "coordinates": [118.4, 24.7]}), "boundary", "WRONG_GEOMETRY", "of another type"),
    "a crossing outline": ("b.geojson", _collection(polygon(*BOW_TIE)), "boundary", "INVALID_GEOMETRY", "crosses itself near 118.41"),
    "outlines that overlap": ("b.geojson", _collection(polygon(*TINY), polygon(*TINY)), "boundary", "INVALID_GEOMETRY", "2 outlines that overlap"),
    "a flat outline": ("b.geojson", _collection(polygon((118.4, 24.7), (118.5, 24.8), (118.4, 24.7))), "boundary", "INVALID_GEOMETRY", ""),
    "a damaged package": ("p.gpkg", b"SQLite format 3\x00" + b"x" * 200, "firms", "NOT_THIS_FORMAT", ""),
    "a damaged workbook": ("w.xlsx", b"PK\x03\x04garbage", "firms", "NOT_THIS_FORMAT", "damaged"),
    "a quote without end": ("f.csv", 'name,lon,lat\n"a,118.4,24.7\n', "firms", "COLUMN_COUNT", "never ends"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_taken_is_exit_3(door: Command, tmp_path, name):
    file, content, kind, code, words = REFUSED[name]
    path = tmp_path / file if content is None else _write(tmp_path, file, content)
    answer = door("import", path, "--as", kind, "-o", tmp_path / "out", "--json")
    assert answer.code == 3, answer.err
    error = answer.error
    assert (error["kind"], error["code"]) == ("refused", code)
    assert words in error["message"]
    assert "\n" not in error["message"]
    assert file in error["where"] + error["message"]
    assert error["hint"]
    assert not (tmp_path / "out").exists()
    # The same in the doors that need it, and in Chinese.
    option = "--boundary" if kind == "boundary" else "--firms"
    again = door("run", option, path, "-o", tmp_path / "out", "--json", "--quiet", "--lang", "zh")
    assert again.code == 3
    assert again.error["code"] == code
    assert CHINESE.search(again.error["message"])
    assert CHINESE.search(again.error["hint"])


def _template(folder: Path, **targets: float) -> Path:
    zones = "\n".join(
        f'[[zones]]\nid = "{name}"\nname_zh = "{name}"\nname_en = "{name}"\ncode = "100102"\ngb = "M2"\ntarget = {target}\n'
        for name, target in targets.items()
    )
    return _write(folder, "t.toml", f'title_zh = "某"\ntitle_en = "some"\n{zones}')


TEMPLATES = {
    "shares that are too large": ({"a": 0.7, "b": 0.7}, 2, "sum to 1.4"),
    "a zone that is too small": ({"a": 0.9999, "b": 0.0001}, 5, "ha"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_impossible_template_is_told_with_its_numbers_and_the_lever(
    door: Command, tmp_path, boundary, name
):
    targets, code, words = TEMPLATES[name]
    path = _template(tmp_path, **targets)
    answer = door(
        "zone", "--boundary", boundary, "--template", path, "-o", tmp_path / "out", "--json", "--quiet"
    )
    assert answer.code == code
    assert answer.error["kind"] == {2: "usage", 5: "infeasible"}[code]
    assert words in answer.error["message"]
    assert answer.error["hint"]
    assert not (tmp_path / "out").exists()
    assert CHINESE.search(
        door(
            "zone",
            "--boundary",
            boundary,
            "--template",
            path,
            "-o",
            tmp_path / "out",
            "--json",
            "--lang",
            "zh",
        ).error["message"]
    )


def test_a_site_that_is_too_small_says_how_much_is_lacking(door: Command, tmp_path):
    tiny = write_geojson(tmp_path / "tiny.geojson", polygon(*TINY))
    answer = door(
        "zone", "--boundary", tiny, "--template", "stone", "-o", tmp_path / "out", "--json", "--quiet"
    )
    assert answer.code == 5
    assert answer.error["kind"] == "infeasible"
    assert len(re.findall(r"\d+\.\d+ ha", answer.error["message"])) >= 2
    assert answer.error["hint"]


def test_a_site_that_is_all_water_is_infeasible(door: Command, tmp_path, boundary):
    answer = door(
        "zone",
        "--boundary",
        boundary,
        "--water",
        boundary,
        "--template",
        "stone",
        "-o",
        tmp_path / "out",
        "--json",
        "--quiet",
    )
    assert answer.code == 5
    assert "water" in answer.error["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title_zh = ", "no TOML"),
        ('title_zh = "a"\n', "is missing"),
        ('title_zh = "a"\ntitle_en = "a"\nzones = []\n', "no zone"),
        ('title_zh = "a"\ntitle_en = "a"\nzons = []\n', "unknown key “zons”"),
    ],
)
def test_a_wrong_template_file_is_told_by_file_and_key(door: Command, tmp_path, boundary, text, words):
    path = _write(tmp_path, "我的.toml", text)
    answer = door("run", "--boundary", boundary, "--template", path, "-o", tmp_path / "out", "--json")
    assert answer.code in (2, 3)
    assert words in answer.error["message"]
    assert "我的.toml" in answer.error["message"] + answer.error["where"]


def test_a_template_file_that_is_not_there_is_said(door: Command, tmp_path, boundary):
    answer = door(
        "run", "--boundary", boundary, "--template", tmp_path / "none.toml", "-o", tmp_path / "out", "--json"
    )
    assert answer.code == 3
    assert "none.toml" in answer.error["message"]


def test_of_several_files_the_bad_one_is_named(door: Command, tmp_path, firms, boundary):
    bad = _write(tmp_path, "gates.csv", "name,lon,lat\na,,\n")
    (tmp_path / "s.toml").write_text(
        f'template = "stone"\n[inputs]\nfirms = "firms.csv"\nboundary = "park.geojson"\ngates = "gates.csv"\n{HASTE}',
        encoding="utf-8",
    )
    answer = door("run", tmp_path / "s.toml", "-o", tmp_path / "out", "--json")
    assert answer.code == 3
    assert bad.name in answer.error["where"] + answer.error["message"]


def test_a_sentence_for_people_says_where_once(door: Command, tmp_path):
    path = _write(tmp_path, "f.csv", "name,east\na,1\n")
    lines = door("import", path).err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("parkplan: ")
    assert lines[0].count("f.csv") == 1
    assert lines[1].startswith("  → ")
