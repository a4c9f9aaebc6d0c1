"""Any table, in any format and encoding: each row comes back as it was, or is set aside with its place."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from geo.errors import ChoiceError
from layers.sources.importer import Imported

HEADER = ["企业编号", "企业名称", "经度", "纬度", "备注"]
# XML and SQLite hold no control characters; halves of surrogate pairs are no characters.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\ufffe\uffff"), max_size=10
)  # fmt: skip
texts = words | st.sampled_from(
    ["NA", "null", "None", "nan", "-", "", "007", "=1+1", '"', '""', "甲,乙", "a;b|c\td", "两\n行", "118°25′30″", "1e5", "TRUE"]
)  # fmt: skip
identifiers = st.integers(0, 10**18).map(str) | st.integers(0, 999).map("{:05d}".format) | texts
good = st.tuples(st.floats(73.5, 135), st.floats(18, 53.5))
firms = st.lists(st.tuples(identifiers, texts, good | st.none(), texts), min_size=1, max_size=12).filter(
    lambda rows: any(row[2] is not None for row in rows)
)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
Take = Callable[..., Imported]
Firms = list[tuple[str, str, tuple[float, float] | None, str]]


def cells(rows: Firms) -> list[list[str]]:
    return [
        [key, name, *(["", ""] if place is None else [repr(place[0]), repr(place[1])]), note]
        for key, name, place, note in rows
    ]


def as_csv(rows: Firms, delimiter: str, encoding: str, end: str) -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter, lineterminator=end).writerows([HEADER, *cells(rows)])
    return sink.getvalue().encode(encoding)


def as_workbook(rows: Firms) -> bytes:
    book = openpyxl.Workbook()
    for number, line in enumerate([HEADER, *cells(rows)], start=1):
        for column, text in enumerate(line, start=1):
            cell = book.active.cell(number, column, text)
            cell.data_type = "s"  # text, also where it looks like a formula
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def as_geojson(rows: Firms) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"企业编号": key, "企业名称": name, "备注": note},
            "geometry": None if place is None else {"type": "Point", "coordinates": place},
        }
        for key, name, place, note in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def as_package(rows: Firms) -> bytes:
    keys, names, places, notes = zip(*rows, strict=True)
    table = gpd.GeoDataFrame(
        {"企业编号": list(keys), "企业名称": list(names), "备注": list(notes)},
        geometry=[None if place is None else Point(place) for place in places], crs="EPSG:4326",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        table.to_file(Path(folder) / "t.gpkg", layer="企业", driver="GPKG")
        return (Path(folder) / "t.gpkg").read_bytes()


def imported(take: Take, data: bytes, encoding: str) -> Imported:
    """Import, and answer with the truth where the encoding is asked for."""
    try:
        return take(data, kind="firms")
    except ChoiceError as error:
        if error.about != "encoding":
            raise
        return take(data, kind="firms", encoding=encoding)


def comes_back(rows: Firms, got: Imported, *, stripped: bool = False) -> None:
    def kept(text: str) -> str:
        return text.strip() if stripped else text

    whole = [row for row in rows if row[2] is not None]
    assert got.report.rows_in == len(rows)
    assert got.report.accepted == len(whole)
    assert got.table["企业编号"].tolist() == [kept(row[0]) for row in whole]
    assert got.table["企业名称"].tolist() == [kept(row[1]) for row in whole]
    assert got.table["备注"].tolist() == [kept(row[3]) for row in whole]
    assert list(zip(got.table["lon"], got.table["lat"], strict=True)) == [row[2] for row in whole]
    assert len(got.rejects) == len(rows) - len(whole)
    assert set(got.rejects["code"]) <= {"MISSING_COORD", "EMPTY_GEOMETRY"}


def blank(row: tuple[str, str, tuple[float, float] | None, str]) -> bool:
    """A line of delimiters alone is a blank line, not a record."""
    return row[2] is None and not "".join((row[0], row[1], row[3])).strip(" \t\u3000")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@given(rows=firms, delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_a_delimited_table_comes_back(
    take: Take, encoding: str, rows: Firms, delimiter: str, end: str
) -> None:
    rows = [row for row in rows if not blank(row)]
    comes_back(rows, imported(take, as_csv(rows, delimiter, encoding, end), encoding))


@given(rows=firms)
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_a_workbook_comes_back(take: Take, rows: Firms) -> None:
    rows = [row for row in rows if row[2] is not None or "".join((row[0], row[1], row[3])).strip()]
    comes_back(rows, take(as_workbook(rows), kind="firms"), stripped=True)


@given(rows=firms)
@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
def test_a_geojson_comes_back(take: Take, rows: Firms) -> None:
    comes_back(rows, take(as_geojson(rows), kind="firms"))


@given(rows=firms)
@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
def test_a_geopackage_comes_back(take: Take, rows: Firms) -> None:
    comes_back(rows, take(as_package(rows), kind="firms"))
