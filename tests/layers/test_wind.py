"""A wind rose: directions in every spelling, numbers in their ranges, the rest rejected by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import SchemaError
from layers.sources.importer import Imported, ImportOptions, import_file


def rose(folder: Path, text: str) -> Imported:
    path = folder / "rose.csv"
    path.write_text(text, encoding="utf-8")
    return import_file(path, ImportOptions(kind="wind"))


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        ("N", "0"), ("nnw", "337.5"), ("北", "0"), ("北东北", "22.5"), ("东北", "45"), ("东东北", "67.5"), ("东南风", "135"),
        ("南西南", "202.5"), ("西北西", "292.5"), ("西西北", "292.5"), ("西", "270"), ("ＳＷ", "225"), ("247.5", "247.5"),
        ("247.5°", "247.5"), ("静风", ""), ("C", ""), ("360", "360"),
    ],
)  # fmt: skip
def test_a_direction_is_read_in_every_spelling(tmp_path: Path, written: str, degrees: str) -> None:
    found = rose(
        tmp_path,
        f"风向,频率,平均风速\n{written},6.5%,2.1\n"
        if degrees == "0"
        else f"风向,频率,平均风速\n{written},6.5,2.1\n",
    )
    table = found.table
    assert (table["direction_deg"][0], table["frequency"][0], table["speed_m_s"][0]) == (
        degrees,
        "6.5",
        "2.1",
    )


def test_what_is_no_wind_is_rejected_by_name(tmp_path: Path) -> None:
    found = rose(tmp_path, "direction,frequency,speed\nN,6,2\nX,6,2\nE,-1,2\nS,6,fast\n400,6,2\nW,,2\n")
    assert found.report.accepted == 1
    assert found.report.rows_in == 6
    assert found.rejects[["source_row", "code", "column"]].to_numpy().tolist() == [
        [3, "BAD_WIND", "direction"],
        [4, "BAD_WIND", "frequency"],
        [5, "BAD_WIND", "speed"],
        [6, "BAD_WIND", "direction"],
        [7, "BAD_WIND", "frequency"],
    ]


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as refused:
        rose(tmp_path, "风向,频率\nN,6\n")
    assert refused.value.code == "NO_COLUMN"
    assert "speed_m_s" in str(refused.value)
