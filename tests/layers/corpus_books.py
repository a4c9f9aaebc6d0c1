"""Odd workbooks, and files of other formats that are refused by name."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from tests.layers.conftest import zipped
from tests.layers.corpus import Odd, accept, ask, refuse

__all__ = ["BOOKS", "OTHERS"]

HEAD = ["编号", "名称", "经度", "纬度"]
FIRM = ["007", "甲", 118.4, 24.7]
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


def book(
    *sheets: Sequence[Sequence[object]], change: Callable[[Worksheet], None] | None = None, mac: bool = False
) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    if mac:
        made.epoch = openpyxl.utils.datetime.MAC_EPOCH
    for number, lines in enumerate(sheets, start=1):
        sheet = made.create_sheet(f"表{number}")
        for line in lines:
            sheet.append(line)
        if change is not None:
            change(sheet)
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def states(*names: str) -> Callable[[Worksheet], None]:
    """Give the sheets of a book these states, in order."""
    left = list(names)

    def change(sheet: Worksheet) -> None:
        sheet.sheet_state = left.pop(0)

    return change


def merged(*places: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        for place in places:
            sheet.merge_cells(place)

    return change


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def patched(data: bytes, part: str, old: str, new: str) -> bytes:
    """Exchange a stretch of one part, by pattern."""
    inside = parts(data)
    text, count = re.subn(old, new, inside[part].decode(), flags=re.DOTALL)
    assert count, (part, old)
    return zipped({**inside, part: text.encode()})


def with_part(data: bytes, **more: bytes) -> bytes:
    return zipped({**parts(data), **{name.replace("__", "/"): content for name, content in more.items()}})


PLAIN = book([HEAD, FIRM])
TWO = [HEAD, FIRM, ["008", "乙", 118.5, 24.8]]
DATES = [
    "1",
    "甲",
    118.4,
    24.7,
    dt.datetime(2019, 3, 1),  # noqa: DTZ001
    dt.datetime(2019, 3, 1, 12, 30),  # noqa: DTZ001
    dt.time(8, 0),
    True,
]
CELL = r'<c r="B2"[^>]*>.*?</c>'


# Ten times ten times ten …: ten thousand million letters.
BOMB = (
    "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in itertools.pairwise("abcdefghij"))
    + "]>"
)


def text_cell(inside: str) -> bytes:
    """The plain book whose one name is written out in the sheet."""
    return patched(PLAIN, SHEET, CELL, f'<c r="B2" t="inlineStr"><is>{inside}</is></c>')


BOOKS: list[Odd] = [
    accept("a workbook", PLAIN, 1, cells={"编号": ["007"], "名称": ["甲"]}),
    accept("identifiers as numbers", book([HEAD, [8, "甲", 118.4, 24.7], [9.0, "乙", 118.4, 24.7], [1.5, "丙", 118.4, 24.7]]), 3, cells={"编号": ["8", "9", "1.5"]}),
    accept("identifiers of eighteen digits as text", book([HEAD, ["350583198001011234", "甲", 118.4, 24.7]]), 1, cells={"编号": ["350583198001011234"]}),
    accept("coordinates as text", book([HEAD, ["1", "甲", "１１８．４", "24°42′00″"]]), 1),
    accept("firms called NA in a workbook", book([HEAD, ["1", "NA", 118.4, 24.7], ["2", "null", 118.4, 24.7]]), 2, cells={"名称": ["NA", "null"]}),
    accept("dates, times and truth", book([[*HEAD, "成立", "登记", "开门", "在业"], DATES]), 1, cells={"成立": ["2019-03-01"], "登记": ["2019-03-01 12:30:00"], "开门": ["08:00:00"], "在业": ["TRUE"]}),
    accept("dates counted from 1904", book([[*HEAD, "成立"], DATES[:5]], mac=True), 1, cells={"成立": ["2019-03-01"]}),
    refuse("formulas that were never computed", book([HEAD, ["1", "甲", "=118+0.4", 24.7]]), "NOT_THIS_FORMAT"),
    accept("formulas that were computed", patched(PLAIN, SHEET, '<c r="C2"([^>]*)><v>118.4</v></c>', r'<c r="C2"\1><f>118+0.4</f><v>118.4</v></c>'), 1),
    accept("errors of formulas", book([HEAD, FIRM, ["2", "乙", "#N/A", 24.7], ["3", "丙", "#DIV/0!", "#REF!"]]), 1, {"BAD_NUMBER": 2}),
    ask("two sheets", book(TWO, TWO), "layer"),
    accept("two sheets, one of them stated", book(TWO, TWO[:2]), 2, layer="表1"),
    refuse("a stated sheet that is not there", book(TWO), "NOT_THIS_FORMAT", layer="表3"),
    accept("a second sheet that is empty", book(TWO, []), 2),
    accept("a hidden sheet", book(TWO, TWO, change=states("visible", "hidden")), 2, warned=("SHEETS_LEFT_OUT",)),
    accept("a sheet that is hidden well", book(TWO, TWO, change=states("visible", "veryHidden")), 2, warned=("SHEETS_LEFT_OUT",)),
    accept("a title over merged cells", book([["某县企业名录", None, None, None], *TWO], change=merged("A1:D1")), 2, rows=[3, 4]),
    accept("a header merged over two rows", book([["编号", "名称", "坐标", None], [None, None, "经度", "纬度"], FIRM], change=merged("A1:A2", "B1:B2", "C1:D1")), 1, rows=[3], cells={"编号": ["007"]}),
    accept("blank rows above the header", book([[], [], *TWO]), 2, rows=[4, 5]),
    accept("blank rows between", book([HEAD, [], FIRM, [None, " "], FIRM]), 2, rows=[3, 5], blank=2),
    accept("a note beside the table", book([HEAD, [*FIRM, "手写"]]), 1, cells={"column 5": ["手写"]}),
    accept("a row of units in a workbook", book([HEAD, [None, None, "度", "度"], FIRM]), 1, {"UNITS_ROW": 1}),
    accept("rows that a filter hides", book(TWO, change=lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True)), 2),
    accept("a dimension that lies", patched(PLAIN, SHEET, r"<dimension[^>]*/>", '<dimension ref="A1:XFD1048576"/>'), 1),
    accept("no dimension", patched(PLAIN, SHEET, r"<dimension[^>]*/>", ""), 1),
    refuse("a cell in the last corner", book(TWO, change=lambda sheet: sheet.cell(1_048_576, 16_384, "x") and None), "TOO_LARGE"),
    accept("text inside the sheet", text_cell("<t>甲</t>"), 1, cells={"名称": ["甲"]}),
    accept("text in pieces", text_cell("<r><t>甲</t></r><r><rPr><b/></rPr><t>乙</t></r>"), 1, cells={"名称": ["甲乙"]}),
    accept("text with its reading above", text_cell('<t>甲</t><rPh sb="0" eb="1"><t>jia</t></rPh>'), 1, cells={"名称": ["甲"]}),
    accept("rows without their numbers", patched(PLAIN, SHEET, r'<row r="\d+"', "<row"), 1),
    accept("cells without their places", patched(patched(PLAIN, SHEET, r'<c r="[A-D]\d"', "<c"), SHEET, r'<row r="\d+"', "<row"), 1),
    accept("a macro that is never run", with_part(PLAIN, xl__vbaProject_bin=b"\xd0\xcf\x11\xe0"), 1),
    accept("another file first in the zip", zipped({"a.bin": b"x", **parts(PLAIN)}), 1),
    accept("a link to another workbook", with_part(PLAIN, xl__externalLinks__externalLink1_xml=b"<x/>"), 1),
    refuse("a workbook without rows", book([HEAD]), "NO_ROWS"),
    refuse("a workbook without anything", book([]), "NO_ROWS"),
    refuse("a workbook that breaks off", PLAIN[:-300], "NOT_THIS_FORMAT"),
    refuse("a sheet that breaks off", patched(PLAIN, SHEET, r"</sheetData>.*", ""), "NOT_THIS_FORMAT"),
    refuse("entities without end", patched(PLAIN, SHEET, r"^(.*)<v>118.4</v>", BOMB + r"\1<v>&j;</v>"), "NOT_THIS_FORMAT"),
    refuse("a workbook of words that open nothing", zipped({BOOK: b"<x/>"}), "NOT_THIS_FORMAT"),
]  # fmt: skip

OTHERS: list[Odd] = [
    refuse("a PDF", b"%PDF-1.7\n%\xe2\xe3", "NOT_THIS_FORMAT"),
    refuse("a PNG", b"\x89PNG\r\n\x1a\n" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a JPEG", b"\xff\xd8\xff\xe0" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a GIF", b"GIF89a" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a DWG", b"AC1032" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a gzip", b"\x1f\x8b\x08" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a 7-Zip", b"7z\xbc\xaf\x27\x1c" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a RAR", b"Rar!\x1a\x07" + bytes(50), "NOT_THIS_FORMAT"),
    refuse("a web page", "<html><body><table><tr><td>名称</td></tr></table></body></html>", "NOT_THIS_FORMAT"),
    refuse("a web page under a blank line", "\n\n<!DOCTYPE html><html></html>", "NOT_THIS_FORMAT"),
    refuse("GML", '<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml"/>', "NOT_THIS_FORMAT"),
    refuse("a virtual layer", "<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>", "NOT_THIS_FORMAT"),
    refuse("a zip of a text", zipped({"readme.txt": b"x"}), "NOT_THIS_FORMAT"),
    refuse("an empty zip", b"PK\x05\x06" + bytes(18), "NOT_THIS_FORMAT"),
    refuse("a zip in a zip", zipped({"a.zip": PLAIN}), "NOT_THIS_FORMAT"),
    refuse("a program", b"\x7fELF\x02\x01\x01" + bytes(300), "NOT_THIS_FORMAT"),
    refuse("a shapefile without its others", b"\x00\x00\x27\x0a" + bytes(96), "NOT_THIS_FORMAT"),
]  # fmt: skip
