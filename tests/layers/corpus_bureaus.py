"""Odd tables of firms as bureaus, registers and parks hand them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from openpyxl.worksheet.worksheet import Worksheet

from geo.datums import wgs84_to_bd09, wgs84_to_gcj02
from tests.layers.corpus import Odd, accept, ask, refuse
from tests.layers.corpus_books import book

__all__ = ["BUREAUS"]

HEAD = "企业名称,经度,纬度"
PLACE = (118.45, 24.72)
GCJ, BD = ([float(value) for value in turn(*PLACE)] for turn in (wgs84_to_gcj02, wgs84_to_bd09))
GRID = "企业名称,{},{}\n甲,2734680.5,39643681.2\n"


def lines(*rows: str | Sequence[object]) -> str:
    """A table of commas; rows in quotes or as cells."""
    return "".join(row if isinstance(row, str) else ",".join(map(str, row)) + "\n" for row in rows)


def beside(lon: str, lat: str, name: str | None = None) -> Odd:
    """Two firms, the second of which has its longitude 118.45 and latitude 24.72 written so."""
    both = {"lon": ["118.42", lon.strip('"')], "lat": ["24.71", lat.strip('"')]}
    return accept(
        name or f"a longitude written {lon!r}",
        f"{HEAD}\n甲,118.42,24.71\n乙,{lon},{lat}\n",
        2,
        places=[(118.42, 24.71), PLACE],
        cells={"经度": both["lon"], "纬度": both["lat"]} if name is None else {},
    )


def together(cell: str) -> Odd:
    """Two firms, the second of which has 118.45 and 24.72 written so in one cell."""
    quoted = '"' + cell.replace('"', '""') + '"'
    return accept(
        f"both coordinates written {cell!r}",
        f'企业名称,经纬度\n甲,"118.42,24.71"\n乙,{quoted}\n',
        2,
        places=[(118.42, 24.71), PLACE],
        cells={"经纬度": ["118.42,24.71", cell]},
    )


def named(lon: str, lat: str, where: Sequence[float]) -> Odd:
    """A firm whose columns' names say which web map its coordinates are of."""
    return accept(
        f"columns named {lon} and {lat}",
        f"企业名称,{lon},{lat}\n甲,{where[0]:.9f},{where[1]:.9f}\n",
        1,
        places=[PLACE],
    )


SPELLINGS = [
    beside("118-27-00", "24-43-12"), beside("118度27分00秒", "24度43分12秒"), beside("E：118.45", "N：24.72"),
    beside("东经：118°27′0″", "北纬：24°43′12″"), beside("118°27＇00＂", "24°43＇12＂"), beside("118º27´00´´", "24º43´12´´"),
    beside("118°27′00″.0", "24°43′12″.0"), beside("118°27.000′", "24°43.200′"), beside("118D27M00S", "24D43M12S"),
    beside("１１８．４５", "２４．７２"), beside("118。45", "24。72"), beside("'118.45", "'24.72"), beside("118.45，", "24.72；"),
    beside("\u200b118.45\u200b", "\u00a024.72\ufeff", "characters that nobody sees"),
    beside("\u200e118.45\u200e", "\u202a24.72\u202c", "marks of the direction of writing"),
    beside("118.45\u2060", "24.72\u00ad", "joiners and soft hyphens"),
    beside('="118.45"', '="24.72"', "numbers that are formulas for the sake of Excel"),
    together("118.45，24.72"), together("118.45、24.72"), together("（118.45，24.72）"), together("东经118.45，北纬24.72"),
    together("经度：118.45\n纬度：24.72"), together("N24°43′12″E118°27′00″"), together("东经118度27分0秒，北纬24度43分12秒"),
    together("坐标：118.45,24.72"), together("X=118.45,Y=24.72"), together("x:118.45 y:24.72"), together("POINT (118.45 24.72)"),
    together("SRID=4326;POINT(118.45 24.72)"),
    accept("dashes and slashes for nothing", f"{HEAD}\n甲,118.42,24.71\n乙,-,-\n丙,/,/\n丁,—,——\n戊,118.42,*\n", 1, {"MISSING_COORD": 4}),
    accept("dashes for both coordinates", '企业名称,经纬度\n甲,"118.42,24.71"\n乙,-\n丙,/\n', 1, {"MISSING_COORD": 2}),
    accept("a dot in the middle of the line", f"{HEAD}\n甲,118.42,24.71\n乙,118·45,24·72\n", 1, {"BAD_NUMBER": 1}),
    accept("dots for degrees and minutes", f"{HEAD}\n甲,118.42,24.71\n乙,118.27.00,24.43.12\n", 1, {"BAD_NUMBER": 1}),
    accept("minus signs of every kind", HEAD + "\n" + "".join(f"甲,{sign}118.42,24.71\n" for sign in "−－–‑﹣➖"), 5, {"BAD_NUMBER": 1}, warned=("OUTSIDE_CHINA",)),
]  # fmt: skip

SYSTEMS = [
    *(named(lon, lat, GCJ) for lon, lat in (("gd_lng", "gd_lat"), ("tx_lng", "tx_lat"), ("gdlng", "gdlat"), ("经度（国测局）", "纬度（国测局）"), ("高德X", "高德Y"), ("腾讯经度", "腾讯纬度"))),
    *(named(lon, lat, BD) for lon, lat in (("bd_x", "bd_y"), ("bdlng", "bdlat"), ("baiduX", "baiduY"), ("百度坐标X", "百度坐标Y"), ("经度（百度）", "纬度（百度）"))),
    *(accept(f"cells that name {word}", f"企业名称,经度,纬度,坐标系\n甲,118.45,24.72,{word}\n", 1, places=[PLACE], notices={}) for word in ("2000国家大地坐标系", "国家2000", "WGS-84")),
    *(accept(f"cells that name {word}", f"企业名称,经度,纬度,坐标系\n甲,{GCJ[0]:.9f},{GCJ[1]:.9f},{word}\n", 1, places=[PLACE]) for word in ("火星坐标系", "国测局坐标")),
    ask("cells that name a town's own system", "企业名称,经度,纬度,坐标系\n甲,118.45,24.72,地方坐标系\n", "crs"),
    ask("纵坐标X and 横坐标Y", GRID.format("纵坐标X", "横坐标Y"), "crs"),
    accept("纵坐标X and 横坐标Y, their system stated", GRID.format("纵坐标X", "横坐标Y"), 1, crs="EPSG:4527"),
    accept("X纵坐标 and Y横坐标, their system stated", GRID.format("X纵坐标", "Y横坐标"), 1, crs="EPSG:4527"),
]  # fmt: skip

TWO = [(118.42, 24.71), PLACE]
FIRMS = "甲,118.42,24.71\n乙,118.45,24.72\n"
LAYOUTS = [
    accept("numbers of the columns below the header", "序号,企业名称,经度,纬度\n1,2,3,4\n1,甲,118.42,24.71\n2,乙,118.45,24.72\n", 2, {"COLUMN_NUMBERS": 1}, places=TWO),
    accept("甲, 乙 and numbers below the header", "序号,企业名称,经度,纬度\n甲,乙,1,2\n1,甲,118.42,24.71\n2,乙,118.45,24.72\n", 2, {"COLUMN_NUMBERS": 1}, places=TWO),
    accept("an average of coordinates", f"{HEAD}\n{FIRMS}平均值,118.435,24.715\n", 2, {"TOTALS_ROW": 1}, places=TWO),
    accept("a sum of coordinates", f"{HEAD}\n{FIRMS}合计,236.87,49.43\n", 2, {"OUT_OF_RANGE": 1}, places=TWO),
    accept("totals with their count and a colon", "企业名称,产值\n甲,10\n小计：,10\n合 计（1家）,10\n共计1户,10\n", 1, {"TOTALS_ROW": 3}, kind="table"),
    accept("a record of small numbers", "a,b,c\n1,2,3\n", 1, kind="table"),
    accept("degrees among metres", "企业名称,东坐标,北坐标\n甲,643681.2,2734680.5\n乙,643700,2734700\n丙,118.42,24.71\n", 2, {"OUT_OF_RANGE": 1}, crs="EPSG:4548"),
    accept("more firms without a place, −9999, than with one", f"{HEAD}\n甲,118.42,24.71\n乙,-9999,-9999\n丙,9999,9999\n丁,-9999.0,-9999.00\n", 1, {"OUT_OF_RANGE": 3}, places=TWO[:1]),
    accept("metres among degrees", f"{HEAD}\n{FIRMS}丙,643681.2,2734680.5\n", 2, {"OUT_OF_RANGE": 1}, places=TWO),
    refuse("degrees, minutes and seconds run together", "企业名称,经度（度.分秒）,纬度（度.分秒）\n甲,118.2512,24.4236\n", "BAD_NUMBER"),
    accept("degrees, minutes and seconds in columns", "企业名称,经度（度）,经度（分）,经度（秒）,纬度（度）,纬度（分）,纬度（秒）\n甲,118,25,12,24,42,36\n乙,118,27,0,24,43,12.0\n丙,118,27,,24,43,\n丁,,,,,,\n", 2, {"BAD_NUMBER": 1, "MISSING_COORD": 1}, places=TWO),
    accept("degrees, minutes and seconds in columns without brackets", "企业名称,经度度,经度分,经度秒,纬度度,纬度分,纬度秒\n甲,118,25,12,24,42,36\n", 1, places=TWO[:1]),
    accept("degrees, minutes and seconds below merged cells", "企业名称,经度,,,纬度,,,备注\n,度,分,秒,度,分,秒,\n甲,118,25,12,24,42,36,x\n", 1, places=TWO[:1], cells={"备注": ["x"], "企业名称": ["甲"]}),
    ask("tables side by side", "企业名称,经度,纬度,企业名称,经度,纬度\n甲,118.42,24.71,乙,118.45,24.72\n", "columns"),
    accept("tables side by side, one of them stated", "企业名称,经度,纬度,企业名称,经度,纬度\n甲,118.42,24.71,乙,118.45,24.72\n", 1, lon="经度.2", lat="纬度.2", places=TWO[1:]),
    accept("footnotes as wide as the table", f"{HEAD}\n{FIRMS}注：坐标由地图查询,,\n填表人：张三,,\n", 2, {"MISSING_COORD": 2}, places=TWO),
    accept("footnotes of one cell", f"{HEAD}\n{FIRMS}注：坐标由地图查询\n", 2, {"COLUMN_COUNT": 1}, places=TWO),
]  # fmt: skip

REGISTER = "企业名称,统一社会信用代码,经度,纬度\n甲,{},118.42,24.71\n乙,{},118.45,24.72\n"
CODES = [
    accept("credit codes that Excel has shortened", REGISTER.format("9.13506E+17", "9.13506E+17"), 2, notices={"SHORTENED_CODE": 2, "BAD_CREDIT_CODE": 2, "CRS_ASSUMED": 2}, kind="firms"),
    accept("credit codes that Excel has cut to fifteen digits", book([["统一社会信用代码", *HEAD.split(",")], [350583198001011234, "甲", 118.42, 24.71], [3.5e17, "乙", 118.45, 24.72]]), 2, notices={"SHORTENED_CODE": 2, "BAD_CREDIT_CODE": 2, "CRS_ASSUMED": 2}, kind="firms"),
    accept("dashes for credit codes", REGISTER.format("-", "-"), 2, notices={"CRS_ASSUMED": 2}, kind="firms"),
    accept("words for no credit code", REGISTER.format("暂无", "无"), 2, notices={"CRS_ASSUMED": 2}, kind="firms"),
    accept("the number of the old register for a credit code", REGISTER.format("350583100012345", ""), 2, notices={"BAD_CREDIT_CODE": 1, "CRS_ASSUMED": 2}, kind="firms"),
    accept("credit codes with the marks of a text", REGISTER.format("'91350583MA2XN1AB0D", '="91350583MA2XN1AB0D"'), 2, notices={"CRS_ASSUMED": 2, "NEAR_DUPLICATE": 1}, kind="firms"),
    accept("identifiers that have an E of their own", "编号,企业名称,经度,纬度\n1E5,甲,118.42,24.71\n1E5,乙,118.45,24.72\n", 2, notices={"CRS_ASSUMED": 2, "DUPLICATE": 1}),
    accept("a dash for no status", "企业名称,经营状态,经度,纬度\n甲,存续,118.42,24.71\n乙,-,118.45,24.72\n丙,,118.4,24.7\n", 3, notices={"CRS_ASSUMED": 3}, kind="firms"),
    accept("firms out of business by other words", "企业名称,经营状态,经度,纬度\n甲,停业,118.42,24.71\n乙,歇业,118.45,24.72\n丙,存续,118.4,24.7\n丁,清算,118.5,24.73\n", 4, notices={"CLOSED_FIRM": 3, "CRS_ASSUMED": 4}, kind="firms"),
]  # fmt: skip


def formatted(place: str, number_format: str) -> Callable[[Worksheet], None]:
    def change(sheet: Worksheet) -> None:
        sheet[place].number_format = number_format

    return change


TABLE = "编号,企业名称,经度,纬度\n001,甲,118.42,24.71\n002,乙,118.45,24.72\n"
BIG5 = "編號,企業名稱,經度,緯度\n001,臺灣石材廠,118.42,24.71\n002,花蓮大理石,118.45,24.72\n"
FILES = [
    accept("leading zeros that a format shows", book([["编号", *HEAD.split(",")], [7, "甲", 118.42, 24.71]], change=formatted("A2", "000000")), 1, cells={"编号": ["000007"]}),
    accept("a coordinate formatted as a date", book([HEAD.split(","), ["甲", 118.42, 24.71], ["乙", 118.45, 24.72]], change=formatted("B2", "yyyy-mm-dd")), 1, {"BAD_NUMBER": 1}),
    accept("line breaks as XLSX escapes them", book([HEAD.split(","), ["甲_x000D_\n乙", 118.42, 24.71]]), 1, cells={"企业名称": ["甲\n乙"]}),
    accept("the mark of GB 18030", b"\x84\x31\x95\x33" + TABLE.encode("gb18030"), 2, cells={"编号": ["001", "002"]}),
    accept("the mark of UTF-8 twice", b"\xef\xbb\xbf" + TABLE.encode("utf-8-sig"), 2, cells={"编号": ["001", "002"]}),
    ask("Big5, unstated", BIG5.encode("big5"), "encoding"),
    ask("Big5 below a header of ASCII", "name,lon,lat\n臺灣石材廠,118.42,24.71\n".encode("big5"), "encoding"),
    accept("a table of tabs in GBK, as systems name XLS", TABLE.replace(",", "\t").encode("gbk"), 2, cells={"编号": ["001", "002"]}, places=TWO),
    accept("Excel's Unicode text", TABLE.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"), 2, places=TWO),
    refuse("a web page in one file, as XLS", 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\n<html><table></table></html>\n', "NOT_THIS_FORMAT"),
    refuse("a table of HTML in GBK, as XLS", "<table border=1><tr><th>企业名称</th></tr></table>".encode("gbk"), "NOT_THIS_FORMAT"),
    refuse("a table of XML of Excel 2003", '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "NOT_THIS_FORMAT"),
]  # fmt: skip

BUREAUS: list[Odd] = [*SPELLINGS, *SYSTEMS, *LAYOUTS, *CODES, *FILES]
