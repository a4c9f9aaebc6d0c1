"""Workbooks as Excel and WPS users keep them: text stays text, formulas need their values, no sheet goes unsaid."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

HEADER: list[object] = ["统一社会信用代码", "企业名称", "经度", "纬度", "成立日期", "备注"]
HALF_PAST_TWELVE = dt.datetime(2009, 3, 1, 12, 30)  # noqa: DTZ001 - a workbook knows no zones
FIRMS: list[list[object]] = [
    ["007", "NA", 118.425, 24.703, dt.date(2009, 3, 1), None],
    ["91350583198001011234", "null", "118.43", " 24.71 ", HALF_PAST_TWELVE, "两\n行"],
    [8, "甲", 118, 24.0, "2009年", True],
    [3.5, "-", 1.18e2, 2.41e1, dt.time(8, 0), -1e-7],
]
Outcome = Callable[..., tuple[str, object]]


def workbook(*sheets: list[list[object]], states: tuple[str, ...] = (), **names: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for place, lines in enumerate(sheets):
        sheet = book.create_sheet(names.get(f"name{place}", f"表{place + 1}"))
        for line in lines:
            sheet.append(line)
        if place < len(states):
            sheet.sheet_state = states[place]
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def patched(data: bytes, member: str, change: Callable[[str], str]) -> bytes:
    """The same workbook with the XML of one part changed, as another program would have written it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()).encode() if name == member else content)
    return sink.getvalue()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def shared(data: bytes) -> bytes:
    """The same workbook with its texts in one list, as Excel and WPS keep them."""
    strings: list[str] = []

    def one(found: re.Match[str]) -> str:
        strings.append(found[2])
        return f'<c r="{found[1]}" t="s"><v>{len(strings) - 1}</v></c>'

    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name.startswith("xl/worksheets/"):
                content = re.sub(
                    r'<c r="(\w+)"[^>]* t="inlineStr"><is>(.*?)</is></c>', one, content, flags=re.DOTALL
                )
            content = content.replace(
                "</Types>", f'<Override PartName="/{STRINGS}" ContentType="{TYPE}"/></Types>'
            )
            if name == "xl/_rels/workbook.xml.rels":
                content = content.replace(
                    "</Relationships>",
                    f'<Relationship Id="rIdS" Type="{KIND}" Target="sharedStrings.xml"/></Relationships>',
                )
            new.writestr(name, content)
        items = "".join(f"<si>{text}</si>" for text in strings)
        new.writestr(STRINGS, f'<sst xmlns="{MAIN}" count="{len(strings)}">{items}</sst>')
    return sink.getvalue()


@pytest.mark.parametrize("kept", [bytes, shared], ids=["in the sheet", "in one list"])
def test_cells_become_the_text_that_their_owner_sees(
    kept: Callable[[bytes], bytes], outcome: Outcome
) -> None:
    how, got = outcome(kept(workbook([HEADER, *FIRMS])), kind="firms")
    assert how == "taken"
    table = got.table  # type: ignore[attr-defined]
    assert table["统一社会信用代码"].tolist() == ["007", "91350583198001011234", "8", "3.5"]
    assert table["企业名称"].tolist() == ["NA", "null", "甲", "-"]
    assert table["lon"].tolist() == [118.425, 118.43, 118.0, 118.0]
    assert table["lat"].tolist() == [24.703, 24.71, 24.0, 24.1]
    assert table["成立日期"].tolist() == ["2009-03-01", "2009-03-01 12:30:00", "2009年", "08:00:00"]
    assert table["备注"].tolist() == ["", "两\n行", "TRUE", "-1e-07"]


@pytest.mark.parametrize(
    "above",
    [
        [["某县企业名录"]],
        [["某县企业名录"], [], ["填表单位", "某局", "", "", "日期", "3月"]],
        [[], [], []],
        [[None, "企业", "坐标", None, None, None]],
    ],
)
def test_what_stands_above_the_header_is_passed_over(above: list[list[object]], outcome: Outcome) -> None:
    how, got = outcome(workbook([*above, HEADER, *FIRMS]))
    assert how == "taken"
    assert got.table["source_row"].tolist() == [len(above) + 2 + n for n in range(4)]  # type: ignore[attr-defined]


def test_a_header_of_two_rows_is_joined(outcome: Outcome) -> None:
    upper: list[object] = ["统一社会信用代码", "企业名称", "坐标", None, "成立日期", "备注"]
    lower: list[object] = [None, None, "经度", "纬度", None, None]
    how, got = outcome(workbook([["名录"], upper, lower, *FIRMS]))
    assert how == "taken"
    assert list(got.table.columns[:6]) == HEADER  # type: ignore[attr-defined]


def test_blank_rows_are_counted_and_merged_cells_stay_blank(outcome: Outcome) -> None:
    lines = [HEADER, FIRMS[0], [None] * 6, ["", " ", None], ["", "乙", 118.5, 24.8]]
    for data in (workbook(lines), shared(workbook(lines))):
        how, got = outcome(data)
        assert how == "taken"
        assert (got.report.rows_in, got.report.blank) == (2, 2)  # type: ignore[attr-defined]
        assert got.table["统一社会信用代码"].tolist() == ["007", ""]  # type: ignore[attr-defined]


def computed(data: bytes) -> bytes:
    """Formulas with the values beside them, as Excel stores them."""
    return patched(
        data, SHEET, lambda xml: re.sub(r"<c r=\"C2\"([^>]*)><v>118.425</v></c>", r'<c r="C2"\1><f>118+0.425</f><v>118.425</v></c>', xml)
    )  # fmt: skip


def test_a_formula_counts_with_its_stored_value(outcome: Outcome) -> None:
    data = computed(workbook([HEADER, *FIRMS]))
    assert b"<f>118+0.425</f>" in zipfile.ZipFile(io.BytesIO(data)).read(SHEET)
    how, got = outcome(data)
    assert how == "taken"
    assert got.table["lon"].tolist()[0] == 118.425  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (["1", "甲", "=118+0.4", 24.7], "cell C3 holds a formula"),
        (["1", "甲", "=118+0.4", "=24.7"], "cell C3 and 1 more hold formulas"),
        (["=A1", "=B1", "=C1", "=D1"], "cell A3 and 3 more hold formulas"),
    ],
)
def test_a_formula_that_was_never_computed_is_named_and_not_taken_for_a_blank(
    formula: list[object], said: str, outcome: Outcome
) -> None:
    how, error = outcome(workbook([HEADER[:4], FIRMS[0][:4], formula]))
    assert how == "refused"
    assert error.message().startswith(said)  # type: ignore[attr-defined]


def test_an_error_value_costs_one_row(outcome: Outcome) -> None:
    how, got = outcome(
        workbook([HEADER, *FIRMS, ["9", "坏", "#N/A", 24.7], ["10", "坏", "#REF!", "#VALUE!"]])
    )
    assert how == "taken"
    assert got.report.reasons == {"BAD_NUMBER": 2}  # type: ignore[attr-defined]


def test_a_hidden_sheet_is_not_read_and_not_kept_silent(outcome: Outcome) -> None:
    options: list[list[object]] = [["下拉选项"], ["石材"], ["纺织"]]
    data = workbook([HEADER, *FIRMS], options, [], states=("visible", "hidden", "veryHidden"))
    how, got = outcome(data)
    assert how == "taken"
    notices = {warning.code: warning.count for warning in got.report.warnings}  # type: ignore[attr-defined]
    assert notices["SHEETS_LEFT_OUT"] == 1
    how, error = outcome(data, layer="表2")
    assert (how, error.code) == ("refused", "NO_COLUMN")  # type: ignore[attr-defined]


def test_a_workbook_whose_only_sheet_is_hidden_is_read(outcome: Outcome) -> None:
    how, got = outcome(workbook([], [HEADER, *FIRMS], states=("visible", "hidden")))
    assert how == "taken"
    assert got.report.layer == "表2"  # type: ignore[attr-defined]


def test_sheets_are_asked_about_by_their_own_names(outcome: Outcome) -> None:
    data = workbook([HEADER, *FIRMS], [HEADER, *FIRMS[:1]], [], name0="石材 2", name1="a,b=c")
    how, error = outcome(data)
    assert (how, error.about) == ("asked", "layer")  # type: ignore[attr-defined]
    assert [option["value"] for option in error.options] == ["石材 2", "a,b=c"]  # type: ignore[attr-defined]
    assert outcome(data, layer="a,b=c")[1].report.accepted == 1  # type: ignore[attr-defined]


def test_a_cell_right_of_the_header_is_given_a_name_and_kept(outcome: Outcome) -> None:
    how, got = outcome(workbook([HEADER, *FIRMS[:3], [*FIRMS[3], "手写备注"]]))
    assert how == "taken"
    assert got.table["column 7"].tolist() == ["", "", "", "手写备注"]  # type: ignore[attr-defined]


def test_text_inside_the_sheet_itself_is_read(outcome: Outcome) -> None:
    data = patched(
        workbook([HEADER, *FIRMS]), SHEET,
        lambda xml: xml.replace("</sheetData>", '<row r="6"><c r="A6" t="inlineStr"><is><t>010</t></is></c><c r="B6" t="inlineStr"><is><r><t>分</t></r><r><t>段</t></r></is></c><c r="C6"><v>118.5</v></c><c r="D6" t="str"><v>24.5</v></c></row></sheetData>'),
    )  # fmt: skip
    how, got = outcome(data)
    assert how == "taken"
    assert got.table["企业名称"].tolist()[-1] == "分段"  # type: ignore[attr-defined]
    assert got.table["统一社会信用代码"].tolist()[-1] == "010"  # type: ignore[attr-defined]


BROKEN: dict[str, bytes] = {
    "no rows": workbook([HEADER]),
    "nothing": workbook([]),
    "a zip of something else": b"PK\x05\x06" + bytes(18),
    "cut off": workbook([HEADER, *FIRMS])[:-200],
    "XML that breaks off": patched(workbook([HEADER, *FIRMS]), SHEET, lambda xml: xml[:-200]),
    "strings that break off": patched(shared(workbook([HEADER, *FIRMS])), STRINGS, lambda xml: xml[:-50]),
    "a string that is not there": patched(shared(workbook([HEADER, *FIRMS])), SHEET, lambda xml: xml.replace("<v>0</v>", "<v>99</v>")),
    "a number that is none": patched(workbook([HEADER, *FIRMS]), SHEET, lambda xml: xml.replace("118.425", "1e")),
    "no sheet behind the name": patched(workbook([HEADER, *FIRMS]), "xl/_rels/workbook.xml.rels", lambda xml: xml.replace("sheet1.xml", "sheet9.xml")),
    "an entity bomb": patched(workbook([HEADER, *FIRMS]), SHEET, lambda xml: '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>' + xml.replace("<v>118.425</v>", "<v>&b;</v>")),
    "a file of the machine as an entity": patched(workbook([HEADER, *FIRMS]), SHEET, lambda xml: '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xml.replace("<v>118.425</v>", "<v>&a;</v>")),
}  # fmt: skip


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_workbook_is_refused_or_costs_its_broken_row(data: bytes, outcome: Outcome) -> None:
    how, got = outcome(data)
    if how == "taken":
        assert got.report.rejected == 1  # type: ignore[attr-defined]
    else:
        assert how == "refused"


def test_members_that_lie_about_their_size_are_not_believed(outcome: Outcome) -> None:
    data = bytearray(workbook([HEADER, *FIRMS]))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo(SHEET).file_size
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            if int.from_bytes(data[at + place : at + place + 4], "little") == size:
                data[at + place : at + place + 4] = (10).to_bytes(4, "little")
    how, _ = outcome(bytes(data))
    assert how == "refused"
