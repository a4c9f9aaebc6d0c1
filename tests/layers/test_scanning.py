"""Two ways through a delimited text, one result: by columns where it is regular, by lines where it is not."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import ChoiceError, SourceError
from layers.sources.raw import LIMITS
from layers.sources.readers import delimited
from layers.sources.readers.delimited import count_records, read_delimited
from layers.sources.readers.scanning import BLANKS, scan

piece = st.sampled_from(
    ["a", "企业", "118.4", '"', '""', ",", ",", "\n", "\n", "\r\n", " ", "\u3000", '"x,y"', '"x\ny"', '"a""b"', '"",""']
)  # fmt: skip


def outcome(text: str) -> Any:
    """Everything that reading gives, or the error's code and sentence."""
    try:
        table = read_delimited(text.encode())
    except (SourceError, ChoiceError) as error:
        return type(error), error.code, error.message()
    table.lay_out_rows()
    table.problems.sort(key=lambda problem: problem.source_row)
    return asdict(table)


def by_lines(text: str) -> Any:
    """The same by the reader that goes line by line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "scan", lambda *_: None)
        return outcome(text)


@given(st.lists(piece, max_size=60).map("".join))
@example("a,b\n1,2\n\n3,4\n")
@example('a,b\n"1\n2",3\n')
@example("a,b,\n1,2\n3,4,\n")
@example("a,b\n1,2,\n3,4,\n5,6,7\n")
@example("a,b,c\n1,2\n3\n4,5,6\n")
@example('","')
@example('"\n"')
@example('"a\n,",\n')
@settings(max_examples=300, deadline=None)
def test_both_ways_give_the_same(text: str) -> None:
    header = "name,lon,lat\n"
    assert outcome(header + text) == by_lines(header + text)
    assert outcome(text) == by_lines(text)


@given(st.lists(piece, max_size=60).map("".join))
@settings(max_examples=300, deadline=None)
def test_both_counters_agree_and_give_the_lines_of_the_parser(text: str) -> None:
    found = scan(text.encode(), ",")
    if found is None:
        return
    records, blank = count_records(text, ",")
    lines, count = [], 1
    reader = csv.reader(io.StringIO(text, newline=""))
    for cells in reader:
        if any(cell.strip(BLANKS) for cell in cells):
            lines.append((count, len(cells)))
        count = reader.line_num + 1
    assert list(zip(found.lines.tolist(), found.cells.tolist(), strict=True)) == lines
    assert (len(found), found.blank) == (records, blank)


def test_uneven_records_come_back_to_their_places() -> None:
    chance = random.Random(3)
    lines, expected, refused = ["编号,名称,经度,纬度"], [], []
    for number in range(2_000):
        cells = [f"{number:05d}", f"企业{number}", "118.4", "24.7"]
        kind = chance.choice(["even", "even", "even", "short", "long", "trailing", "blank", "quoted"])
        line = len(lines) + 1
        if kind == "blank":
            lines.append(chance.choice(["", ",,,", "  ", "\u3000,"]))
            continue
        if kind == "quoted":
            cells[1] = f'甲,"乙"{number}'
            lines.append(",".join([cells[0], '"' + cells[1].replace('"', '""') + '"', *cells[2:]]))
        else:
            lines.append(
                ",".join(cells[:3] if kind == "short" else [*cells, "x"] if kind == "long" else cells)
            )
            lines[-1] += ",," if kind == "trailing" else ""
        (refused if kind in ("short", "long") else expected).append((line, cells))
    table = read_delimited("\n".join(lines).encode("gb18030"))
    assert table.cells is not None
    table.lay_out_rows()
    assert list(zip(table.source_rows, table.rows, strict=True)) == expected
    assert [one.source_row for one in table.problems] == [line for line, _ in refused]
    assert {one.code for one in table.problems} == {"COLUMN_COUNT"}
    assert table.records == len(expected) + len(refused)
    assert table.records + table.blank == len(lines) - 1


def test_a_cell_as_long_as_it_may_be_stays_and_a_longer_one_is_set_aside() -> None:
    longest = "石" * LIMITS.cell_characters
    table = read_delimited(f"name,lon,lat\n{longest},1,2\n{longest}石,1,2\na,1,2\n".encode())
    table.lay_out_rows()
    assert [row[0] for row in table.rows] == [longest, "a"]
    assert [(one.source_row, one.code) for one in table.problems] == [(3, "TOO_LARGE")]


def test_quotes_that_open_no_cell_are_characters() -> None:
    text = "name,lon,lat\na,118°25'30\",24°30'0\"\nb,118.4,24.7\n"
    assert scan(text.encode(), ",") is None
    table = read_delimited(text.encode())
    assert table.rows[0] == ["a", "118°25'30\"", "24°30'0\""]
