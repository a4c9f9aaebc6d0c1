"""Result files: whole, the same each time, safe to open, and read back by other programs."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UsageError
from planning.output import write_plan
from planning.pipeline import make_plan
from planning.plan import Plan
from planning.report.files import fresh_directory, safe_cell, write_json, write_package, write_table
from planning.report.html_map import html_map
from planning.report.picture import write_picture
from planning.report.typesetting import drawable, shortened, width_pt, wrapped
from planning.samples import sample_scenario
from planning.scenario import Scenario
from ui.text import translator

LONG = {
    "Chinese": "福建省南安市水头镇石材产业园区功能分区规划" * 15,
    "English": "a plan of functional zones for the stone industry of Shuitou " * 5,
    "one word": "x" * 300,
    "blanks": "   ",
}


def table(path: Path, count: int, industries: int, seed: int = 1) -> Path:
    rng = np.random.default_rng(seed)
    lon, lat = rng.normal(118.42, 0.05, count), rng.normal(24.72, 0.04, count)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "名称", "经度", "纬度", "行业"])
        for n in range(count):
            name = f"行业{n % industries}" if industries else ""
            writer.writerow([n, f"企业{n}", repr(float(lon[n])), repr(float(lat[n])), name])
    return path


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Plan]:
    """Plans that lack something, and plans that have too much of it."""
    folder = tmp_path_factory.mktemp("inputs")
    sample = sample_scenario("shuitou")
    boundary = {"boundary": sample.inputs["boundary"]}
    few = {"firms": str(table(folder / "few.csv", 400, 50))}
    many = {"firms": str(table(folder / "many.csv", 30_000, 4))}
    one = {"firms": str(table(folder / "one.csv", 1, 0))}
    whole = make_plan(sample)
    made = {
        "the sample": whole,
        "without firms": make_plan(sample.with_(inputs=boundary, notes="")),
        "without a boundary": make_plan(Scenario(title="五十个行业", inputs=few)),
        "without a template": make_plan(Scenario(inputs={**boundary, **few})),
        "thirty thousand firms": make_plan(Scenario(title="三万家企业", inputs={**many, **boundary})),
        "one firm": make_plan(Scenario(title="一家", inputs=one)),
    }
    for name, title in LONG.items():
        scenario = sample.with_(title=title, notes=title)
        made[f"a long title: {name}"] = Plan(
            scenario=scenario, stack=whole.stack, template=whole.template, clusters=whole.clusters, access=whole.access,
            zoning=whole.zoning, balance=whole.balance, provenance=whole.provenance, synthetic_label=whole.synthetic_label,
        )  # fmt: skip
    return made


KINDS = [
    "the sample", "without firms", "without a boundary", "without a template", "thirty thousand firms", "one firm",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "lang"),
    [(kind, lang) for kind in KINDS for lang in ("zh", "en") if (kind, lang) != (KINDS[4], "en")],
)
def test_every_plan_has_its_files_the_same_each_time(
    kind: str, lang: str, plans: dict[str, Plan], tmp_path: Path
) -> None:
    plan = plans[kind]
    written = [
        write_plan(plan, tmp_path / turn, translate=translator(lang), lang=lang) for turn in ("one", "two")
    ]
    names = {path.name for path in written[0]}
    wanted = {"map.html", "plan.png", "summary.json", "scenario.toml", "access.csv"}
    if plan.stack.firms is not None:
        wanted |= {"clusters.gpkg"}
    if plan.zoning is not None:
        wanted |= {"plan.gpkg", "boundary.txt", "balance.csv", "checks.csv", "reasons.csv"}
    assert names == wanted
    for first, second in zip(*written, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
    summary = json.loads((tmp_path / "one" / "summary.json").read_text(encoding="utf-8"))
    assert summary["area"]["firms"] == (None if plan.stack.firms is None else len(plan.stack.firms))
    page = (tmp_path / "one" / "map.html").read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in page
    if plan.stack.synthetic:
        assert ("合成" if lang == "zh" else "synthetic") in page
    if plan.stack.sketch:
        assert "示意图" in page
    width, height = size(tmp_path / "one" / "plan.png")
    assert width == 1430
    assert 900 < height < 1_500


def size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert zlib.crc32(data[12:29]) == struct.unpack(">I", data[29:33])[0]
    width, height = struct.unpack(">2I", data[16:24])
    return width, height


@pytest.mark.parametrize("kind", LONG)
def test_a_long_title_and_long_notes_stand_whole(kind: str, plans: dict[str, Plan], tmp_path: Path) -> None:
    plan = plans[f"a long title: {kind}"]
    write_picture(plan, tmp_path / "long.png", translate=translator("zh"), lang="zh")
    page = " ".join(html_map(plan, translate=translator("zh"), lang="zh").split())
    if plan.scenario.title.strip():
        assert page.count(" ".join(plan.scenario.title.split())) >= 3  # page title, heading, notes
        lines = wrapped(plan.scenario.notes, 8.5, 13 * 0.94 * 72)
        assert len(lines) > 1
        short = tmp_path / "short.png"
        write_picture(plans["the sample"], short, translate=translator("zh"), lang="zh")
        assert size(tmp_path / "long.png")[1] >= size(short)[1] + 15 * (len(lines) - 1)
    else:
        assert f"<h1>{translator('zh')('Park plan')}</h1>" in page


def ink(path: Path, box: tuple[float, float, float, float]) -> np.ndarray:
    """Dark pixels in a part of a picture: left, top, right, bottom as shares."""
    from matplotlib import image

    pixels = image.imread(path)[..., :3]
    high, wide = pixels.shape[:2]
    left, top, right, bottom = box
    part = pixels[int(top * high) : int(bottom * high), int(left * wide) : int(right * wide)]
    return np.asarray(part.min(axis=2) < 0.6)


def test_the_lowest_line_of_the_picture_keeps_clear_of_the_edge(
    plans: dict[str, Plan], tmp_path: Path
) -> None:
    for kind in ("the sample", "a long title: Chinese", "without a boundary"):
        write_picture(plans[kind], tmp_path / "p.png", translate=translator("zh"), lang="zh")
        assert not ink(tmp_path / "p.png", (0, 0.995, 1, 1)).any(), kind
        assert not ink(tmp_path / "p.png", (0.985, 0, 1, 1)).any(), kind
        assert ink(tmp_path / "p.png", (0.02, 0.9, 0.98, 1)).any(), kind


def test_chinese_in_the_picture_is_drawn_with_its_own_glyphs() -> None:
    text = "园区规划石材加工区物流展示亩㎡°′″–·…“”①"
    assert drawable(text) == text
    boxes = drawable("园区🏭한글\u0378")
    assert boxes == "园区□□□□"
    assert width_pt("园区", 10.0) == pytest.approx(20.0, abs=0.5)


@given(
    text=st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=80) | st.sampled_from(list(LONG.values())),
    size_pt=st.sampled_from([8.5, 18.0]), most_pt=st.sampled_from([60.0, 300.0]),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_lines_break_anywhere_but_lose_nothing(text: str, size_pt: float, most_pt: float) -> None:
    lines = wrapped(text, size_pt, most_pt)
    assert "".join("".join(lines).split()) == "".join(drawable(text).split())
    assert all(width_pt(line, size_pt) <= most_pt + 1e-6 or len(line.strip()) <= 2 for line in lines)
    short = shortened(text, size_pt, most_pt)
    assert width_pt(short, size_pt) <= most_pt
    assert drawable(text).startswith(short.removesuffix("…"))


# --- tables -------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "  =1", "\u3000=1",
    '=HYPERLINK("http://127.0.0.1")', "=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_disarmed(text: str, tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", pd.DataFrame({text: [text, "甲"], "值": [-1.5, 2], "混": [text, -3]}))
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        header, first, _ = csv.reader(stream)
    kept = "'" + text.replace("\r", "\n")
    assert header[0] == first[0] == first[2] == kept
    assert first[1] == "-1.5"  # numbers stay numbers
    book = openpyxl.Workbook()
    book.active.append(first)
    assert next(cell.data_type for cell in book.active[1]) == "s"


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_a_safe_cell_never_begins_like_a_formula_and_keeps_its_text(text: str) -> None:
    safe = safe_cell(text)
    assert safe.removeprefix("'") == text or safe == text
    assert not safe.strip(" \u3000").startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"))


def test_figures_that_are_no_numbers_do_not_get_into_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "j.json", {"x": float("inf")})


def test_a_geopackage_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"名称": ["甲'; DROP TABLE x;--", "=1+1", None], "n": [1, 2, 3], "x": [0.1, np.nan, np.inf], "有": [True, False, True]},
        geometry=[shapely.Point(118, 24), None, shapely.Point(119, 25)], crs="EPSG:4490",
    )  # fmt: skip
    mixed = gpd.GeoDataFrame(
        {"a": [1, 2]}, geometry=[shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (1, 1)])], crs=4548
    )
    parts = gpd.GeoDataFrame(
        {"a": [1, 2]},
        geometry=[
            shapely.box(0, 0, 1, 1),
            shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]),
        ],
        crs=4548,
    )
    nothing = gpd.GeoDataFrame({"a": pd.Series([], dtype="int64")}, geometry=[], crs=4548)
    plain = pd.DataFrame({"参数": ["甲", 1, None], "n": [1.5, 2.5, np.nan]})
    layers = {"点": points, "mixed": mixed, "parts": parts, "nothing": nothing, "plain": plain}
    for name in ("one.gpkg", "two.gpkg"):
        write_package(tmp_path / name, layers)
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()
    assert pyogrio.list_layers(tmp_path / "one.gpkg")[:, 0].tolist() == list(layers)
    back = gpd.read_file(tmp_path / "one.gpkg", layer="点")
    assert back.crs.to_epsg() == 4490
    assert back["名称"].tolist()[:2] == points["名称"].tolist()[:2]
    assert back.geometry.iloc[1] is None
    assert back["n"].tolist() == [1, 2, 3]
    assert gpd.read_file(tmp_path / "one.gpkg", layer="mixed").geometry.geom_type.tolist() == [
        "Polygon",
        "LineString",
    ]
    assert set(gpd.read_file(tmp_path / "one.gpkg", layer="parts").geometry.geom_type) == {"MultiPolygon"}
    assert len(gpd.read_file(tmp_path / "one.gpkg", layer="nothing")) == 0
    assert pyogrio.read_dataframe(tmp_path / "one.gpkg", layer="plain")["参数"].tolist()[:2] == ["甲", "1"]


def test_a_plan_is_read_back_with_its_areas_and_its_label(plans: dict[str, Plan], tmp_path: Path) -> None:
    plan = plans["the sample"]
    write_plan(plan, tmp_path / "out")
    assert plan.zoning is not None
    land = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="land_use")
    outline = gpd.read_file(tmp_path / "out" / "plan.gpkg", layer="boundary")
    assert land.crs == outline.crs == plan.stack.area.crs
    assert land.geometry.area.sum() == pytest.approx(outline.geometry.area.sum(), abs=1e-3)
    assert np.allclose(land["area_m2"], land.geometry.area, rtol=0, atol=1e-3)
    facts = pyogrio.read_dataframe(tmp_path / "out" / "plan.gpkg", layer="provenance").set_index("parameter")[
        "value"
    ]
    assert "synthetic" in facts["synthetic"]
    assert facts["data_fingerprint"] == plan.stack.fingerprint
    assert "2025" not in " ".join(
        facts.astype(str).drop(["data_fingerprint", *[key for key in facts.index if key.endswith("sha256")]])
    )
    firms = gpd.read_file(tmp_path / "out" / "clusters.gpkg", layer="firms")
    assert len(firms) == 330
    assert firms["synthetic"].all()


def test_a_failure_leaves_nothing_behind_and_takes_nothing_away(tmp_path: Path) -> None:
    kept = tmp_path / "out" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(UsageError, match="holds files"), fresh_directory(kept.parent):
        pass

    def fail() -> None:
        with fresh_directory(kept.parent, force=True) as folder:
            (folder / "half.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in kept.parent.iterdir()] == ["mine.txt"]
    with fresh_directory(kept.parent, force=True) as folder:
        (folder / "new.txt").write_text("new")
    assert sorted(path.name for path in kept.parent.iterdir()) == ["mine.txt", "new.txt"]
