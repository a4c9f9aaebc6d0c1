"""Odd text tables: encodings, delimiters, quotes, headers, numbers, systems."""

from __future__ import annotations

import pyproj

from tests.layers.corpus import Odd, accept, ask, refuse

__all__ = ["TEXTS"]

HEAD = "编号,名称,经度,纬度\n"
ROW = "1,甲,118.4,24.7\n"
ONE = HEAD + ROW
BIG5 = "編號,企業名稱,經度,緯度\n1,臺灣,118.4,24.7\n"
EAST, NORTH = (
    round(float(value), 3)
    for value in pyproj.Transformer.from_crs(4326, 4527, always_xy=True).transform(118.4, 24.7)
)
PLAIN_EAST = round(EAST - 39_000_000, 3)


def cells(lon: str, lat: str = "24.7") -> str:
    """A table whose second row has these coordinates; the first is good."""
    return f"{ONE}2,乙,{lon},{lat}\n"


ENCODINGS = [
    accept("UTF-8", ONE, 1, cells={"名称": ["甲"]}),
    accept("UTF-8 with its mark", b"\xef\xbb\xbf" + ONE.encode(), 1, cells={"编号": ["1"]}),
    accept("GB 18030", ONE.encode("gb18030"), 1, cells={"名称": ["甲"]}),
    accept("GBK with a name of the extension", (HEAD + "1,镕基堃,118.4,24.7\n").encode("gbk"), 1, cells={"名称": ["镕基堃"]}),
    accept("GB 18030 of four bytes", (HEAD + "1,㐀𠮷,118.4,24.7\n").encode("gb18030"), 1, cells={"名称": ["㐀𠮷"]}),
    accept("GBK in the thousandth row alone", (HEAD.replace("编号,名称,经度,纬度", "id,name,lon,lat") + ("1,a,118.4,24.7\n" * 1000) + "2,乙公司,118.4,24.7\n").encode("gb18030"), 1001),
    accept("UTF-16, little end first", b"\xff\xfe" + ONE.encode("utf-16-le"), 1, cells={"名称": ["甲"]}),
    accept("UTF-16, big end first", b"\xfe\xff" + ONE.encode("utf-16-be"), 1, cells={"名称": ["甲"]}),
    refuse("UTF-16 without its mark", ONE.encode("utf-16-le"), "NOT_THIS_FORMAT"),
    refuse("UTF-32", ONE.encode("utf-32"), "NOT_THIS_FORMAT"),
    refuse("UTF-16 of an odd number of bytes", b"\xff\xfe" + ONE.encode("utf-16-le") + b"a", "UNDECODABLE_TEXT"),
    refuse("a mark of UTF-8 before something else", b"\xef\xbb\xbf" + ONE.encode("gb18030"), "UNDECODABLE_TEXT"),
    accept("Big5, stated", BIG5.encode("big5"), 1, encoding="big5", cells={"企業名稱": ["臺灣"]}),
    accept("traditional characters in UTF-8", BIG5, 1, cells={"企業名稱": ["臺灣"]}),
    accept("Shift JIS, stated", "name,lon,lat\n東京,139.7,35.6\n".encode("shift_jis"), 1, encoding="shift_jis", warned=("OUTSIDE_CHINA",)),
    refuse("stated as UTF-8, and GBK", ONE.encode("gb18030"), "UNDECODABLE_TEXT", encoding="utf-8"),
    refuse("stated as ASCII, and Chinese", ONE, "UNDECODABLE_TEXT", encoding="ascii"),
    ask("one character that is two texts", "name,lon,lat\n露,118.4,24.7\n".encode("gb18030"), "encoding"),
    accept("one character, its encoding stated", "name,lon,lat\n露,118.4,24.7\n".encode("gb18030"), 1, encoding="gb18030", cells={"name": ["露"]}),
    accept("plain ASCII", "name,lon,lat\na,118.4,24.7\n", 1),
    accept("emoji and private characters", HEAD + "1,😀\ue000,118.4,24.7\n", 1, cells={"名称": ["😀\ue000"]}),
    refuse("a NUL in a cell", HEAD + "1,a\0b,118.4,24.7\n", "NOT_THIS_FORMAT"),
    refuse("a file of NULs", bytes(500), "NOT_THIS_FORMAT"),
]  # fmt: skip

DELIMITERS = [
    accept("semicolons", ONE.replace(",", ";"), 1),
    accept("tabs", ONE.replace(",", "\t"), 1),
    accept("bars", ONE.replace(",", "|"), 1),
    accept("tabs, and commas in names", (HEAD + "1,甲,118.4,24.7\n").replace(",", "\t").replace("甲", "甲,乙,丙"), 1, cells={"名称": ["甲,乙,丙"]}),
    accept("semicolons, and decimal points", "name;lon;lat\na;118.4;24.7\nb;118.5;24.8\n", 2),
    accept("semicolons, and three decimals behind commas", "名称;经度;纬度\n甲;118,425;24,703\n乙;118,500;24,800\n丙;;\n", 2, {"MISSING_COORD": 1}, warned=("CRS_ASSUMED", "REPAIRED_COORD"), cells={"lon": [118.425, 118.5], "lat": [24.703, 24.8], "经度": ["118,425", "118,500"]}),
    accept("tabs, and latitude first with three decimals behind commas", "name\tlatitude\tlongitude\na\t24,703\t118,425\n", 1, cells={"lon": [118.425]}),
    ask("semicolons, and X and Y with three digits behind commas", "name;X;Y\na;118,425;24,703\n", "crs"),
    accept("semicolons, and X and Y with three digits behind commas in degrees", "name;X;Y\na;118,425;24,703\n", 1, crs="WGS84", cells={"lon": [118.425]}),
    ask("degrees that are none with commas between thousands", "名称;经度;纬度\n甲;542,000;733,000\n", "crs"),
    accept("semicolons, and decimal commas", "name;lon;lat\na;118,4;24,7\nb;118,5;24,8\n", 2),
    refuse("full-width commas", ONE.replace(",", "，"), "NO_COLUMN"),
    refuse("blanks for delimiters", ONE.replace(",", " "), "NO_COLUMN"),
    refuse("one column", "经度\n118.4\n", "NO_COLUMN"),
    accept("Excel's line that names the delimiter", "sep=;\n" + ONE.replace(",", ";"), 1, rows=[3]),
    accept("lines that end as Windows ends them", ONE.replace("\n", "\r\n"), 1),
    accept("lines that end as a Macintosh ended them", ONE.replace("\n", "\r"), 1, rows=[2]),
    accept("lines that end in three ways", HEAD + "1,甲,118.4,24.7\r\n2,乙,118.4,24.7\r3,丙,118.4,24.7\n", 3, rows=[2, 3, 4]),
    accept("no end of the last line", ONE.rstrip(), 1),
    accept("characters that end lines elsewhere", HEAD + "1,甲\u2028乙\x0b丙\x85丁,118.4,24.7\n", 1, cells={"名称": ["甲\u2028乙\x0b丙\x85丁"]}),
]  # fmt: skip

QUOTES = [
    accept("a quoted delimiter", HEAD + '1,"甲,乙",118.4,24.7\n', 1, cells={"名称": ["甲,乙"]}),
    accept("doubled quotes", HEAD + '1,"甲""乙""",118.4,24.7\n', 1, cells={"名称": ['甲"乙"']}),
    accept("a cell of two lines", HEAD + '1,"甲\n乙",118.4,24.7\n2,丙,118.4,24.7\n', 2, rows=[2, 4], cells={"名称": ["甲\n乙", "丙"]}),
    accept("a quoted blank line", HEAD + '1,"甲\n\n乙",118.4,24.7\n', 1, rows=[2]),
    accept("a quote inside a cell", HEAD + '1,5" 管,118.4,24.7\n', 1, cells={"名称": ['5" 管']}),
    accept("seconds marked by quotes", HEAD + "1,甲,118°24'0\",24°42'0\"\n", 1),
    accept("everything quoted", '"编号","名称","经度","纬度"\n"001","甲","118.4","24.7"\n', 1, cells={"编号": ["001"]}),
    accept("a quoted empty cell", HEAD + '"","甲",118.4,24.7\n', 1, cells={"编号": [""]}),
    refuse("a quote that never ends", HEAD + '1,"甲,118.4,24.7\n' + ROW, "COLUMN_COUNT"),
    accept("a quoted header of two lines", '编号,名称,"经度\n(度)","纬度\n(度)"\n1,甲,118.4,24.7\n', 1, rows=[4]),
]  # fmt: skip

RAGGED = [
    accept("a row cut short", ONE + "2,乙,118.4\n", 1, {"COLUMN_COUNT": 1}),
    accept("a row with a cell too many", ONE + "2,乙,丙,118.4,24.7\n", 1, {"COLUMN_COUNT": 1}),
    accept("a trailing comma", HEAD + "1,甲,118.4,24.7,\n", 1, cells={"名称": ["甲"]}),
    accept("trailing commas in the header", HEAD.strip() + ",,\n" + ROW, 1),
    accept("trailing commas everywhere", HEAD.strip() + ",,\n" + ROW.strip() + ",,\n", 1),
    refuse("commas in every name, unquoted", HEAD + "1,甲,乙,118.4,24.7\n2,丙,丁,118.4,24.7\n", "COLUMN_COUNT"),
    accept("blank lines between", HEAD + "\n" + ROW + "\n\n" + "2,乙,118.5,24.8\n\n", 2, rows=[3, 6], blank=4),
    accept("lines of commas alone", HEAD + ",,,\n" + ROW + ",,,\n", 1, rows=[3], blank=2),
    accept("lines of blanks alone", HEAD + "   \n" + ROW + "\u3000\n", 1, rows=[3]),
    refuse("a header and nothing", HEAD, "NO_ROWS"),
    refuse("blanks alone", " \n\t\n  \n", "NO_ROWS"),
    refuse("a mark and nothing", b"\xef\xbb\xbf", "NO_ROWS"),
    refuse("nothing", b"", "NO_ROWS"),
]  # fmt: skip

HEADERS = [
    accept("a title above", "某县企业名录,,,\n" + ONE, 1, rows=[3]),
    accept("a title and a blank line above", "某县企业名录\n\n" + ONE, 1, rows=[4]),
    accept("a title, who made it and when", "某县企业名录,,,\n填表:某局,,,3月\n" + ONE, 1, rows=[4]),
    accept("a header of two rows", "编号,名称,坐标,\n,,经度,纬度\n" + ROW, 1, rows=[3], cells={"名称": ["甲"]}),
    accept("a row of units below", HEAD + ",,度,度\n" + ROW, 1, {"UNITS_ROW": 1}),
    accept("the header again on each page", ONE + HEAD + "2,乙,118.5,24.8\n", 2, {"REPEATED_HEADER": 1}),
    accept("a sum below", ONE + "合计,1,,\n", 1, {"MISSING_COORD": 1}),
    accept("a name twice", "名称,名称,经度,纬度\n甲,乙,118.4,24.7\n", 1, cells={"名称": ["甲"], "名称.2": ["乙"]}),
    accept("names that differ in case", "Name,name,lon,lat\na,b,118.4,24.7\n", 1),
    accept("a column without a name", "编号,,经度,纬度\n1,甲,118.4,24.7\n", 1, cells={"column 2": ["甲"]}),
    accept("units in the names", "名称,经度(°),纬度（度）\n甲,118.4,24.7\n", 1),
    accept("blanks in the names", " 名 称 , 经 度 , 纬 度 \n甲,118.4,24.7\n", 1),
    accept("full-width names", "ＮＡＭＥ,ＬＯＮ,ＬＡＴ\n甲,118.4,24.7\n", 1),
    accept("capitals", "NAME,LONGITUDE,LATITUDE\na,118.4,24.7\n", 1),
    accept("x and y", "name,X,Y\na,118.4,24.7\n", 1),
    accept("words around the names", "企业名称,企业经度,企业纬度\n甲,118.4,24.7\n", 1),
    refuse("no header", "1,甲,118.4,24.7\n2,乙,118.5,24.8\n", "NO_HEADER"),
    refuse("a header below the tenth line", "x,,,\n" * 11 + ONE, "NO_COLUMN"),
    accept("a header below the tenth line, stated", "x,,,\n" * 11 + ONE, 1, header=12, rows=[13]),
    refuse("a header stated below the end", ONE, "NOT_THIS_FORMAT", header=50),
    refuse("longitude without latitude", "名称,经度\n甲,118.4\n", "NO_COLUMN"),
    ask("two pairs of coordinates", "名称,起点经度,起点纬度,终点经度,终点纬度\n甲,118.4,24.7,118.5,24.8\n", "columns"),
    accept("two pairs, one of them stated", "名称,起点经度,起点纬度,终点经度,终点纬度\n甲,118.4,24.7,118.5,24.8\n", 1, lon="终点经度", lat="终点纬度"),
    refuse("a stated column that is not there", ONE, "NO_COLUMN", lon="东经", lat="北纬"),
    refuse("a thousand and one columns", ",".join(f"c{n}" for n in range(1_001)) + "\n" + "1," * 1_000 + "1\n", "TOO_LARGE"),
    accept("our own names in the source", "source_row,lon,lat,flags,precision\n9,118.4,24.7,x,y\n", 1, cells={"source_row (source)": ["9"], "flags (source)": ["x"]}),
]  # fmt: skip

WORDS = [
    accept("firms called NA", HEAD + "1,NA,118.4,24.7\n2,null,118.4,24.7\n3,nan,118.4,24.7\n4,None,118.4,24.7\n5,N/A,118.4,24.7\n", 5, cells={"名称": ["NA", "null", "nan", "None", "N/A"]}),
    accept("leading zeros", HEAD + "007,甲,118.4,24.7\n0000,乙,118.4,24.7\n", 2, cells={"编号": ["007", "0000"]}),
    accept("numbers of eighteen digits", HEAD + "350583198001011234,甲,118.4,24.7\n", 1, cells={"编号": ["350583198001011234"]}),
    accept("a number that Excel has shortened", HEAD + "3.50583E+17,甲,118.4,24.7\n", 1, cells={"编号": ["3.50583E+17"]}),
    accept("what looks like a formula", HEAD + '"=HYPERLINK(""http://x"")",@甲,118.4,24.7\n', 1, cells={"编号": ['=HYPERLINK("http://x")'], "名称": ["@甲"]}),
    accept("what looks like a date", HEAD + "1-2,3月4日,118.4,24.7\n", 1, cells={"编号": ["1-2"], "名称": ["3月4日"]}),
    accept("blanks around a name", HEAD + "1, 甲 ,118.4,24.7\n", 1, cells={"名称": [" 甲 "]}),
    accept("markup in a name", HEAD + "1,<script>alert(1)</script>,118.4,24.7\n", 1, cells={"名称": ["<script>alert(1)</script>"]}),
    accept("a cell of forty thousand characters", ONE + f"2,{'x' * 40_000},118.4,24.7\n", 1, {"TOO_LARGE": 1}),
    accept("a row twice", ONE + ROW, 2, warned=("DUPLICATE",)),
    accept("an identifier twice", ONE + "1,乙,118.5,24.8\n", 2, warned=("DUPLICATE",)),
    accept("no coordinates and none needed", "名称,产值\n甲,1\n乙,\n", 2, kind="table"),
    refuse("a table as a boundary", ONE, "WRONG_GEOMETRY", kind="boundary"),
]  # fmt: skip

NUMBERS = [
    accept("full-width digits", cells("１１８．４", "２４．７"), 2),
    accept("degrees, minutes, seconds", cells("118°24′00″", "24°42′00″"), 2),
    accept("degrees and minutes", cells("118°24′", "24°42′"), 2),
    accept("degrees in words", cells("东经118度24分0秒", "北纬24度42分0秒"), 2),
    accept("letters behind", cells("118.4E", "24.7N"), 2),
    accept("west and south", cells("118.4W", "24.7S"), 2, warned=("OUTSIDE_CHINA",)),
    accept("a degree sign", cells("118.4°", "24.7°"), 2),
    accept("blanks around a number", cells(" 118.4 ", "\u00a024.7\u3000"), 2),
    accept("a number with an exponent", cells("1.184e2", "2.47E1"), 2),
    accept("a plus sign", cells("+118.4", "＋24.7"), 2),
    accept("a minus sign of typography", cells("−118.4", "24.7"), 2, warned=("OUTSIDE_CHINA",)),
    accept("sixty minutes", cells("118°60′00″"), 1, {"BAD_NUMBER": 1}),
    accept("two points in a number", cells("118.4.5"), 1, {"BAD_NUMBER": 1}),
    accept("a hexadecimal number", cells("0x76"), 1, {"BAD_NUMBER": 1}),
    accept("a number with an underscore", cells("1_18"), 1, {"BAD_NUMBER": 1}),
    accept("a word", cells("不详"), 1, {"BAD_NUMBER": 1}),
    accept("an error of Excel", cells("#N/A", "#VALUE!"), 1, {"BAD_NUMBER": 1}),
    accept("a decimal comma", cells('"118,4"', '"24,7"'), 1, {"BAD_NUMBER": 1}),
    accept("infinity", cells("inf"), 1, {"NONFINITE_COORD": 1}),
    accept("minus infinity", cells("118.4", "-Infinity"), 1, {"NONFINITE_COORD": 1}),
    accept("not a number", cells("nan", "NaN"), 1, {"NONFINITE_COORD": 1}),
    accept("a number beyond all", cells("1e400"), 1, {"NONFINITE_COORD": 1}),
    accept("no longitude", cells(""), 1, {"MISSING_COORD": 1}),
    accept("no latitude", cells("118.4", " "), 1, {"MISSING_COORD": 1}),
    accept("no coordinates", cells("", ""), 1, {"MISSING_COORD": 1}),
    accept("0, 0", cells("0", "0"), 1, {"NULL_ISLAND": 1}),
    accept("0.000, -0.0", cells("0.000", "-0.0"), 1, {"NULL_ISLAND": 1}),
    accept("a longitude of 190", cells("190"), 1, {"OUT_OF_RANGE": 1}),
    accept("a latitude of 95", cells("118.4", "95"), 1, {"OUT_OF_RANGE": 1}),
    accept("a place in Vietnam", cells("106", "21"), 2),
    accept("a place in Paris", cells("2.35", "48.85"), 2, warned=("OUTSIDE_CHINA",)),
    refuse("no row with coordinates", HEAD + "1,甲,,\n2,乙,,\n", "MISSING_COORD"),
]  # fmt: skip

SYSTEMS = [
    accept("degrees of no stated system", ONE, 1, warned=("CRS_ASSUMED",)),
    accept("GCJ-02, stated", ONE, 1, crs="GCJ-02"),
    accept("BD-09, stated", ONE, 1, crs="BD-09"),
    accept("GCJ-02 by the names", "名称,gcj02_lng,gcj02_lat\n甲,118.4,24.7\n", 1),
    accept("BD-09 by the names", "名称,百度经度,百度纬度\n甲,118.4,24.7\n", 1),
    ask("two systems by the names", "名称,百度经度,高德纬度\n甲,118.4,24.7\n", "crs"),
    accept("Xi'an 80 in degrees", ONE, 1, crs="EPSG:4610", warned=("DATUM_APPROXIMATE",)),
    ask("metres of no stated system", f"名称,X,Y\n甲,{PLAIN_EAST},{NORTH}\n", "crs"),
    ask("metres with the number of a zone", f"名称,X,Y\n甲,{EAST},{NORTH}\n", "crs"),
    accept("metres with the number of a zone, stated", f"名称,X,Y\n甲,{EAST},{NORTH}\n", 1, crs="EPSG:4527"),
    accept("metres without a number, stated", f"名称,X,Y\n甲,{PLAIN_EAST},{NORTH}\n", 1, crs="EPSG:4548"),
    accept("thousands set apart", f'名称,X,Y\n甲,"{PLAIN_EAST:,}","{NORTH:,}"\n', 1, crs="EPSG:4548"),
    ask("north first", f"名称,X,Y\n甲,{NORTH},{PLAIN_EAST}\n", "axes", crs="EPSG:4548"),
    accept("north first, stated", f"名称,X,Y\n甲,{NORTH},{PLAIN_EAST}\n", 1, crs="EPSG:4548", axes="yx"),
    accept("a row of another zone", f"名称,X,Y\n甲,{EAST},{NORTH}\n乙,{EAST + 1e6},{NORTH}\n", 1, {"OUT_OF_RANGE": 1}, crs="EPSG:4527"),
    refuse("degrees stated as metres", ONE, "CRS_AMBIGUOUS", crs="EPSG:4548"),
    ask("latitude in the column of the longitude", HEAD + "1,甲,24.7,118.4\n2,乙,24.8,118.5\n", "axes"),
    accept("latitude in the column of the longitude, stated", HEAD + "1,甲,24.7,118.4\n2,乙,24.8,118.5\n", 2, axes="yx"),
    accept("one row swapped among many", HEAD + ROW * 5 + "2,乙,24.7,118.4\n", 5, {"SWAPPED_AXES": 1}),
    accept("well-known text", 'name,wkt\na,POINT (118.4 24.7)\nb,"POLYGON ((118 24, 119 24, 119 25, 118 24))"\n', 2, geometry="wkt"),
    accept("well-known text that breaks off", "name,wkt\na,POINT (118.4 24.7)\nb,POINT (118.4\n", 1, {"INVALID_GEOMETRY": 1}, geometry="wkt"),
    accept("well-known text of nothing", "name,wkt\na,POINT (118.4 24.7)\nb,POINT EMPTY\nc,\n", 1, {"EMPTY_GEOMETRY": 2}, geometry="wkt"),
]  # fmt: skip

TEXTS: list[Odd] = [*ENCODINGS, *DELIMITERS, *QUOTES, *RAGGED, *HEADERS, *WORDS, *NUMBERS, *SYSTEMS]
