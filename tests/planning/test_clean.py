"""What is taken away of an import is whole, opens in other programs, and runs nothing there."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.cell import Cell

from planning.report.clean import CLEAN_FORMATS, write_clean, write_workbook

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://x")', "#N/A", "http://x"]  # fmt: skip


@pytest.fixture
def table() -> gpd.GeoDataFrame:
    count = len(FORMULAS)
    return gpd.GeoDataFrame(
        {"编号": [f"{place:03d}" for place in range(count)], "企业名称": FORMULAS, "source_row": np.arange(2, count + 2)},
        geometry=gpd.points_from_xy(118.4 + np.arange(count) / 100, np.full(count, 24.7)),
        crs="EPSG:4326",
    ).assign(lon=lambda rows: rows.geometry.x, lat=lambda rows: rows.geometry.y)  # fmt: skip


@pytest.mark.parametrize("ending", CLEAN_FORMATS)
def test_every_format_holds_every_row_and_keeps_leading_zeros(
    table: gpd.GeoDataFrame, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"t{ending}"
    write_clean(path, table, "firms")
    read = {
        ".gpkg": lambda: gpd.read_file(path, layer="firms"),
        ".parquet": lambda: gpd.read_parquet(path),
        ".csv": lambda: pd.read_csv(path, dtype={"编号": str}),
        ".xlsx": lambda: pd.read_excel(path, dtype={"编号": str}, engine="openpyxl"),
    }
    back = read[ending]()
    assert back["编号"].tolist() == table["编号"].tolist()
    assert np.allclose(back["lon"], table["lon"], rtol=0, atol=1e-12)
    if ending in (".gpkg", ".parquet"):
        assert back.crs.to_epsg() == 4326
        assert back.geometry.geom_equals(table.geometry).all()
        assert back["企业名称"].tolist() == FORMULAS


def test_a_workbook_holds_no_formula_no_link_and_no_error(table: gpd.GeoDataFrame, tmp_path: Path) -> None:
    write_clean(tmp_path / "t.xlsx", table, "firms")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    cells: list[Cell] = list(sheet["B"])[1:]
    assert [one.value for one in cells] == FORMULAS
    assert {one.data_type for one in cells} == {"s"}
    assert {one.hyperlink for one in cells} == {None}
    marked = {one.value for one in cells if one.quotePrefix}
    assert marked == {one for one in FORMULAS if one[0] not in "#h"}, "they stay text when they are edited"
    assert {one.data_type for one in sheet["C"][1:]} == {"n"}


def test_csv_begins_with_the_mark_that_excel_needs_and_runs_nothing(
    table: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    write_clean(tmp_path / "t.csv", table, "firms")
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False, skipinitialspace=False)
    assert all(text.startswith("'") or text[0] in "#h" for text in back["企业名称"])


def test_signs_that_a_workbook_cannot_hold_are_replaced(tmp_path: Path) -> None:
    write_workbook(tmp_path / "t.xlsx", pd.DataFrame({"a": ["x\x00\x0by", None, np.nan, np.inf, "z"]}))
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["x\ufffd\ufffdy", None, None, None, "z"]  # fmt: skip
