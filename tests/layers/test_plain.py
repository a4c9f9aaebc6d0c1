"""Rejected rows can be corrected in the columns of their file and come back as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.sources.importer import import_source
from layers.sources.plain import read_plain, rejected_cells, rejected_places
from planning.report.clean import write_marked_csv, write_workbook

WRITERS = {".csv": write_marked_csv, ".xlsx": write_workbook}
GOOD = "000,好,118.40,24.70\n"


def rejected(path: Path, **answers: Any) -> tuple[pd.DataFrame, Any]:
    imported = import_source(str(path), "firms", **answers)
    said = ",".join(f"{key}={value}" for key, value in answers.items())
    plain = read_plain(f"{path}::{said}" if said else str(path), "firms")
    return rejected_cells(plain, imported), imported


def table(path: Path, rows: str) -> Path:
    path.write_text(f"编号,企业名称,经度,纬度\n{GOOD}{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", WRITERS)
def test_rejects_are_corrected_and_given_again(tmp_path: Path, ending: str) -> None:
    path = table(tmp_path / "a.csv", "007,=cmd(),,24.71\n008,NA,118.42,224.72\n009,丙,24.73,118.43\n")
    cells, _ = rejected(path)
    assert cells["编号"].tolist() == ["007", "008", "009"]
    assert cells["source_row"].tolist() == [3, 4, 5]
    assert cells["reject_code"].tolist() == ["MISSING_COORD", "OUT_OF_RANGE", "SWAPPED_AXES"]
    cells["经度"], cells["纬度"] = ["118.41", "118.42", "118.43"], ["24.71", "24.72", "24.73"]
    again = tmp_path / f"again{ending}"
    WRITERS[ending](again, cells)
    back = import_source(str(again), "firms")
    assert (back.report.accepted, back.report.rejected) == (3, 0)
    assert back.roles["id"] == "编号", "the codes of rejects are not taken for identifiers"
    assert back.table["编号"].tolist() == ["007", "008", "009"]
    names = back.table["企业名称"].tolist()
    assert names == (["=cmd()", "NA", "丙"] if ending == ".xlsx" else ["'=cmd()", "NA", "丙"])


def test_rejects_that_were_not_corrected_are_rejected_again_for_the_same_reason(tmp_path: Path) -> None:
    cells, _ = rejected(table(tmp_path / "a.csv", "007,甲,,24.71\n008,乙,118.42,24.72\n"))
    write_marked_csv(tmp_path / "b.csv", pd.concat([cells, cells.assign(经度="118.4")]))
    second, _ = rejected(tmp_path / "b.csv")
    assert second["reject_code"].tolist() == ["MISSING_COORD"]
    assert list(second.columns) == list(cells.columns), "reasons are not heaped up"


def test_a_row_with_too_many_cells_is_laid_into_the_columns_and_its_text_kept(tmp_path: Path) -> None:
    cells, _ = rejected(table(tmp_path / "a.csv", "007,甲,118.41,24.71,x,y\n"))
    (row,) = cells.to_dict("records")
    assert row["reject_code"] == "COLUMN_COUNT"
    assert (row["编号"], row["经度"], row["纬度"]) == ("007", "118.41", "24.71")
    assert "x" in row["reject_text"]


def test_rejected_shapes_come_as_text_that_can_be_imported(tmp_path: Path) -> None:
    shapes = [shapely.Point(118.4, 24.7), shapely.LineString([(118, 24), (119, 25)])]
    features = [
        {"type": "Feature", "properties": {"name": f"甲{place}"}, "geometry": json.loads(shapely.to_geojson(one))}
        for place, one in enumerate(shapes)
    ]  # fmt: skip
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    cells, _ = rejected(path)
    assert cells["reject_code"].tolist() == ["WRONG_GEOMETRY"]
    write_workbook(tmp_path / "b.xlsx", cells)
    back = import_source(str(tmp_path / "b.xlsx"), "roads", geometry="geometry")
    assert back.table.geometry.iloc[0].equals(shapes[1])


@pytest.mark.parametrize(("crs", "shift"), [("WGS84", 0.0), ("GCJ-02", 0.004)])
def test_a_reject_is_shown_where_it_lies_and_one_without_a_position_nowhere(
    tmp_path: Path, crs: str, shift: float
) -> None:
    rows = "007,甲,,24.71\n008,乙,24.72,118.42\n009,丙,0,0\n010,丁,甲,24.7\n"
    cells, imported = rejected(table(tmp_path / "a.csv", rows), crs=crs)
    lon, lat = rejected_places(cells, imported)
    at = cells["编号"].tolist().index("008")
    assert np.isnan(np.delete(lon, at)).all()
    assert lon[at] == pytest.approx(118.42 - shift, abs=0.002)
    assert lat[at] == pytest.approx(24.72, abs=0.004)


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
            lambda text: text.strip() == text and text != ""
        ),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
@settings(max_examples=25, deadline=None)
def test_any_text_of_a_reject_comes_back_from_a_workbook_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    cells = pd.DataFrame({"编号": [f"{place:03d}" for place in range(len(names))], "企业名称": names})
    cells["经度"], cells["纬度"] = "118.4", "24.7"
    write_workbook(folder / "a.xlsx", cells)
    back = read_plain(str(folder / "a.xlsx"), "firms")
    assert back.source["企业名称"].tolist() == names
