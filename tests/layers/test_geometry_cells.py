"""Geometries in cells: found by what they look like, asked where there are several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from geo.errors import ChoiceError
from layers.sources.importer import Imported, ImportOptions, import_file

Take = Callable[..., Imported]
SQUARE = "POLYGON ((118.4 24.7, 118.42 24.7, 118.42 24.72, 118.4 24.72, 118.4 24.7))"


def table(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize(
    "cell",
    ["POINT (118.4 24.7)", "point z(118.4 24.7 35)", '{""type"":""Point"",""coordinates"":[118.4,24.7]}'],
)
def test_a_column_of_geometries_needs_no_word(take: Take, cell: str) -> None:
    got = take(table("名称,备注,位置", f'甲,"a, b","{cell}"', '乙,,""', '丙,,"POINT (1"'), kind="firms")
    assert (got.table["lon"][0], got.table["lat"][0]) == (118.4, 24.7)
    assert sorted(got.rejects["code"]) == ["EMPTY_GEOMETRY", "INVALID_GEOMETRY"]
    assert {warning.code: warning.count for warning in got.report.warnings}["GEOMETRY_COLUMN"] == 3


def test_outlines_in_cells_make_a_boundary_by_the_real_reader(tmp_path: Path) -> None:
    path = tmp_path / "parks.csv"
    path.write_bytes(table("name,wkt", f'园区,"{SQUARE}"'))
    got = import_file(path, ImportOptions(kind="boundary"))
    assert got.table.geometry[0].equals(shapely.from_wkt(SQUARE))


def test_columns_of_longitude_and_latitude_win_where_points_are_wanted(take: Take) -> None:
    data = table("名称,经度,纬度,形状", f'甲,118.5,24.8,"{SQUARE}"')
    assert take(data, kind="firms").table.geometry[0].geom_type == "Point"
    assert take(data, kind="parks").table.geometry[0].geom_type == "Polygon"
    assert take(data, kind="parks", geometry="形状").table.geometry[0].geom_type == "Polygon"


def test_two_columns_of_geometries_are_asked_about(take: Take) -> None:
    data = table("名称,a,b", f'甲,"{SQUARE}","POINT (118.4 24.7)"')
    with pytest.raises(ChoiceError) as asked:
        take(data)
    assert [option["argument"] for option in asked.value.options] == ["--geometry a", "--geometry b"]
    assert asked.value.preview[0]["名称"] == "甲"
    assert take(data, geometry="b").table.geometry[0].geom_type == "Point"


def test_words_that_only_begin_like_geometries_are_words(take: Take) -> None:
    data = table("名称,经度,纬度", "Point Industries (南安),118.4,24.7", "Polygon 广告,118.5,24.8")
    assert take(data).report.accepted == 2
    got = take(table("名称,经纬度", 'Pointer (甲),"118.4,24.7"'), kind="firms")
    assert got.table["lon"].tolist() == [118.4]
