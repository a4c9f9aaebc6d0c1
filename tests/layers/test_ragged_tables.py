"""Tables of any raggedness: every row is accepted or rejected with a reason, and the counts reconcile."""

from __future__ import annotations

import csv
import io
from contextlib import suppress

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import SourceError
from layers.sources.raw import RawTable
from layers.sources.readers.delimited import read_delimited
from layers.sources.readers.workbook import read_workbook

cell = st.one_of(
    st.sampled_from(["", " ", "NA", "0001", "118.4", "24.7", "１１８．４", "甲,乙", 'a"b', "x\ny", "=1+1"]),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6),
)
ragged = st.lists(st.lists(cell, max_size=7), max_size=12)
HEADER = ["企业名称", "经度", "纬度", "行业"]


def holds(row: list[str]) -> bool:
    return any(one.strip(" \t\r\n\u3000") for one in row)


def account(table: RawTable, rows: list[list[str]]) -> None:
    """Every record that holds something is read or set aside, once, in its place."""
    table.lay_out_rows()
    taken = [*table.source_rows, *(problem.source_row for problem in table.problems)]
    assert len(taken) == len(set(taken)) == table.records == sum(map(holds, rows))
    for row, cells in zip(table.source_rows, table.rows, strict=True):
        assert row > 1
        assert len(cells) == len(table.columns)


@given(rows=ragged, delimiter=st.sampled_from(",\t;"))
@settings(max_examples=200, deadline=None)
def test_a_ragged_text_table_reconciles(rows: list[list[str]], delimiter: str) -> None:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=delimiter)
    # Rows enough for the delimiter to be known by them.
    writer.writerows([HEADER, *(["甲", "118.4", "24.7", "石材"] for _ in range(20)), *rows])
    table = read_delimited(sink.getvalue().encode("gb18030"), encoding="gb18030", header=1)
    assert table.columns[:4] == HEADER
    account(table, [["甲"]] * 20 + rows)


@given(rows=ragged)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_ragged_workbook_reconciles(rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for row in rows:
        sheet.append([one or None for one in row] or [None])
    for line in sheet.iter_rows():
        for one in line:
            if one.value is not None:
                one.data_type = "s"  # text stays text, a formula's sign too
    sink = io.BytesIO()
    try:
        book.save(sink)
    except openpyxl.utils.exceptions.IllegalCharacterError:
        return
    if any(map(holds, rows)):
        account(read_workbook(sink.getvalue(), header=1), rows)
        return
    with suppress(SourceError):  # a header alone may be refused at once, or as a table without a row
        account(read_workbook(sink.getvalue(), header=1), rows)
