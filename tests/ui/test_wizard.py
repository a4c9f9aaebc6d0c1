"""The import in the app: columns are chosen, the account adds up, rejects are corrected and come back."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyproj
import pytest

import cli
from layers.sources.columns import aliases
from ui.labels import ROLES
from ui.wizard.coordinates import gauss_kruger_systems

TABLE = """测点,单位,东,北,电话
001,甲厂,118.41,24.71,+86 595
002,=cmd(),118.42,24.72,2
003,乙厂,118.43,,3
004,丙厂,24.73,118.44,4
"""


@pytest.mark.browser
def test_columns_are_chosen_rows_taken_away_and_rejects_come_back_corrected(
    visitor: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(TABLE.replace("东", "甲向").replace("北", "乙向").encode("gb18030"))
    page = visitor.open("data").page
    visitor.press("Start an empty project").upload(path)
    assert len(visitor.errors()) == 1, "no column is known for the place"
    visitor.choose("Longitude or easting", "甲向").choose("Latitude or northing", "乙向")
    form = page.locator("[data-testid=stForm]", has=page.get_by_text("Found by", exact=True))
    form.get_by_role("button", name="Apply").click()
    visitor.alert("is taken as: Firms")
    visitor.see("4 rows = 2 accepted + 2 rejected")
    visitor.see("longitude or latitude is empty")
    page.locator(".pp-strip", has_text="Rejected, with a readable position (1 of 2)").wait_for()

    clean = {}
    files = page.locator(".st-key-import_files")
    for title, ending in (
        ("GeoPackage", "gpkg"),
        ("GeoParquet", "parquet"),
        ("CSV", "csv"),
        ("Excel", "xlsx"),
    ):
        clean[ending] = _take(page, files, title, tmp_path / f"clean.{ending}")
    assert gpd.read_file(clean["gpkg"], layer="firms")["测点"].tolist() == ["001", "002"]
    assert gpd.read_parquet(clean["parquet"])["单位"].tolist() == ["甲厂", "=cmd()"]
    assert clean["csv"].read_bytes().startswith(b"\xef\xbb\xbf")
    assert pd.read_csv(clean["csv"], dtype=str)["单位"].tolist() == ["甲厂", "'=cmd()"]
    assert {one.data_type for one in openpyxl.load_workbook(clean["xlsx"]).active["B"]} == {"s"}

    mapping = _take(page, files, "mapping.toml", tmp_path / "mapping.toml")
    assert tomllib.loads(mapping.read_text("utf-8"))["columns"]["lon"] == "甲向"
    assert _imported(capsys, path, "--mapping", str(mapping))["accepted"] == 2

    rejects = _take(page, page.locator(".st-key-reject_files"), "Excel", tmp_path / "rejects.xlsx")
    book = openpyxl.load_workbook(rejects)
    sheet = book.active
    names = [one.value for one in sheet[1]]
    assert names[:5] == ["测点", "单位", "甲向", "乙向", "电话"]
    sheet.cell(2, 4).value = "24.73"
    sheet.cell(3, 3).value, sheet.cell(3, 4).value = sheet.cell(3, 4).value, sheet.cell(3, 3).value
    book.save(rejects)
    visitor.upload(rejects)
    page.locator(".st-key-upload_result summary", has_text="1 File").click()
    page.locator(".st-key-upload_result [data-testid=stFileUploaderDropzoneInput]").first.set_input_files(
        mapping
    )
    visitor.settle().press("Use these answers")
    visitor.see("2 rows = 2 accepted + 0 rejected")
    assert visitor.errors() == []


def _take(page: Any, place: Any, name: str, target: Path) -> Path:
    with page.expect_download() as waited:
        place.get_by_role("button", name=name).click()
    waited.value.save_as(target)
    return target


def _imported(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    capsys.readouterr()
    cli.main(["import", *map(str, words), "--as", "firms", "--json", "--quiet"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_every_system_of_the_list_is_what_it_is_called() -> None:
    wanted = {"CGCS2000": "CGCS2000", "Xi'an 1980": "Xian 1980", "Beijing 1954": "Beijing 1954"}
    for code, (datum, width, zone, numbered) in gauss_kruger_systems().items():
        crs = pyproj.CRS(code)
        assert wanted[datum] in crs.name, code
        meridian = zone * 3 if width == 3 else zone * 6 - 3
        assert crs.coordinate_operation is not None
        values: dict[str, Any] = {one.name: one.value for one in crs.coordinate_operation.params}
        assert values["Longitude of natural origin"] == meridian, code
        assert values["False easting"] == 500_000 + (zone * 1_000_000 if numbered else 0), code
        assert ("3-degree" in crs.name) == (width == 3), code


def test_every_role_of_a_column_has_a_name_for_people() -> None:
    assert set(aliases()) <= set(ROLES)


@pytest.mark.browser
def test_a_register_is_taken_after_one_question_and_says_what_it_assumed(
    visitor: Any, tmp_path: Path
) -> None:
    path = tmp_path / "名录.csv"
    rows = [f"甲{n}厂,118.41{n}2345678901234,24.71,3032,{'注销' if n < 2 else '存续'}" for n in range(6)]
    path.write_text("\n".join(["企业名称,经度,纬度,行业代码,登记状态", *rows]), encoding="utf-8")
    visitor.open("data", "zh").press("新建空项目").upload(path)
    question = visitor.page.locator(".st-key-import_question")
    assert "“建筑用石加工”\n\n请说明代码属于哪一版" in question.inner_text()
    assert question.get_by_role("button", name="采用此项").is_disabled()
    question.locator("[role=radiogroup] label").nth(1).click()
    visitor.settle().press("采用此项")
    visitor.alert("6 行 = 采用 6 + 剔除 0")
    visitor.alert("文件未注明坐标系，按 WGS 84 处理")
    visitor.see("另有 2 家因已注销、吊销或迁出而不计入")
    assert "--" not in visitor.text(), "options of the command line"
    visitor.page.get_by_text("已注销、吊销或迁出的企业也计入指标", exact=True).click()
    visitor.page.locator(".st-key-apply_project button").click()
    visitor.see("6 家企业中有 6 家位于研究区内")
    assert visitor.errors() == []
