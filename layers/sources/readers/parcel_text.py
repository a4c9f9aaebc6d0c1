"""Tables of boundary points as land offices exchange them: [属性描述], then [地块坐标].

Each parcel has a line that ends in ``@`` (number of points, hectares, its number, name, shape, map
sheet, use …) and below it a line for each point: its name, the number of its ring, X north, Y east.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.refusals import too_large

__all__ = ["GRIDS", "HEADINGS", "read_parcels"]

HEADINGS = ("属性描述", "地块坐标")
_HEADING = re.compile(r"^\s*[\[【［]\s*(属性描述|地块坐标)\s*[\]】］]\s*$")
_COLUMNS = ["界址点数", "地块面积", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码"]
_HALF_WIDTH = str.maketrans("，．－＋＝０１２３４５６７８９　", ",.-+=0123456789 ")
_ENDS = ("@", "＠")
_DATUMS = (
    (re.compile(r"2000|cgcs", re.IGNORECASE), "2000"),
    (re.compile(r"(?:19)?80"), "80"),
    (re.compile(r"(?:19)?54"), "54"),
    (re.compile(r"wgs", re.IGNORECASE), "wgs84"),
)
_NATIONAL = re.compile(
    r"国家|中国|世界|大地|测量|参考|坐标系?|系统|年|高斯|克吕格|投影|[三六]?度|分?带|cgcs|wgs|china|geodetic|coordinate|system"
    r"|gauss|kr[uü]e?ger|gk|zone|[\W\d_]",
    re.IGNORECASE,
)
_SEATS = {"80": re.compile(r"西安|xi.?an", re.IGNORECASE), "54": re.compile(r"北京|beijing", re.IGNORECASE)}
"""Words that a national system may be named with; 广州2000 and 城市独立坐标系(2000) are towns' own."""
_WIDTHS = str.maketrans("三六", "36")
GRIDS = {
    ("2000", 3): (25, 4513, 4534), ("2000", 6): (13, 4491, 4502),
    ("80", 3): (25, 2349, 2370), ("80", 6): (13, 2327, 2338),
    ("54", 3): (25, 2401, 2422), ("54", 6): (13, 21413, 21453),
}  # fmt: skip
"""Datum and width of the zones in degrees → first zone, and its EPSG codes with its number in the easting
and without; the codes of the others follow one by one."""
_LAST = {3: 45, 6: 23}
_DEGREES = {"2000": "EPSG:4490", "80": "EPSG:4610", "54": "EPSG:4214", "wgs84": "EPSG:4326"}
_METRES = {"", "米", "m", "metre", "meter", "公尺"}
_AREA_TOLERANCE = 0.01


@dataclass(slots=True, kw_only=True)
class _Parcel:
    """A parcel while its lines are read: a fault is the first line that does not parse."""

    line: int
    cells: list[str]
    points: list[tuple[str, float, float]] = field(default_factory=list)
    """Ring, east, north."""
    fault: Problem | None = None


def read_parcels(data: bytes, *, encoding: str | None = None) -> RawTable:
    """Read the parcels of a table of boundary points.

    Parameters
    ----------
    data : bytes
    encoding : str, optional
        Else UTF-8 or GB 18030, whichever the whole file is, strictly.

    Returns
    -------
    RawTable
        A row is a parcel, its source row the line of its heading; a parcel with a line that does not
        parse is set aside whole, with the number of that line. The coordinate system is the one that
        the attributes state, and left open where they contradict the coordinates.

    Raises
    ------
    SourceError
        If nothing of it is such a table, or its unit is not metres or degrees.

    Notes
    -----
    Rings are put together by their numbers and ends: those inside another one are holes. O(n log n).
    """
    text, used = _decode(data, encoding)
    lines = re.split(r"\r\n|\r|\n", text)
    attributes, start = _attributes(lines)
    body = [(number, line.strip()) for number, line in enumerate(lines[start:], start=start + 1)]
    body = [(number, line) for number, line in body if line]
    parcels = _parcels(body)
    table = RawTable(
        columns=list(_COLUMNS), rows=[], source_rows=[], shapes=[], format="TXT 界址点", encoding=used
    )
    shapes: list[bytes | None] = []
    differing = 0
    in_degrees = _in_degrees(attributes, parcels)
    for parcel in parcels:
        if parcel.fault is not None:
            table.problems.append(parcel.fault)
            continue
        shape = _shape(parcel)
        if shape is None:
            table.problems.append(_fault(parcel.line, "EMPTY_GEOMETRY", "geometry", ",".join(parcel.cells)))
            continue
        differing += _differs(parcel, shape, in_degrees=in_degrees)
        shapes.append(bytes(shapely.to_wkb(shape)))
        table.rows.append((parcel.cells + [""] * len(_COLUMNS))[: len(_COLUMNS)])
        table.source_rows.append(parcel.line)
    table.shapes = shapes
    table.records = _count(text)
    table.crs = _system(attributes, parcels, in_degrees=in_degrees)
    if differing:
        table.notes.append(("PARCEL_DIFFERS", differing))
    if re.search(r"[1-9]", attributes.get("转换参数", "")):
        table.notes.append(("PARAMETERS_UNUSED", 1))
    return table


def _decode(data: bytes, encoding: str | None) -> tuple[str, str]:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for one in (encoding,) if encoding else ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(one), one.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise SourceError(
        N_("the text is neither UTF-8 nor GB 18030"), hint=N_("save it as UTF-8"), code="UNDECODABLE_TEXT"
    )


def _attributes(lines: list[str]) -> tuple[dict[str, str], int]:
    """Attributes by name, and the index of the line behind [地块坐标]."""
    attributes: dict[str, str] = {}
    for place, line in enumerate(lines):
        found = _HEADING.match(line)
        if found and found[1] == HEADINGS[1]:
            return attributes, place + 1
        name, equals, value = line.translate(_HALF_WIDTH).partition("=")
        if equals:
            attributes[name.strip()] = value.strip()
    raise SourceError(
        N_("the table of boundary points has no section [地块坐标]"),
        hint=N_("export it again, with its coordinates"),
        code="NO_ROWS",
    )


def _parcels(body: list[tuple[int, str]]) -> list[_Parcel]:
    parcels: list[_Parcel] = []
    for number, line in body:
        if line.endswith(_ENDS):
            heading = line if "," in line else line.translate(_HALF_WIDTH)
            parcels.append(_Parcel(line=number, cells=[cell.strip() for cell in heading[:-1].split(",")]))
            continue
        if not parcels:  # some offices write points alone
            parcels.append(_Parcel(line=number, cells=[]))
        parcel = parcels[-1]
        if parcel.fault is None:
            _add_point(parcel, number, line)
        if len(parcels) > LIMITS.rows:
            raise too_large(LIMITS.rows, "rows")
    return parcels


def _add_point(parcel: _Parcel, number: int, line: str) -> None:
    cells = [cell.strip() for cell in line.translate(_HALF_WIDTH).split(",")]
    while len(cells) > 4 and not cells[-1]:  # commas at the end
        cells.pop()
    if len(cells) != 4:
        parcel.fault = _fault(number, "COLUMN_COUNT", "", line)
        return
    for cell, column in zip(cells[2:], ("X", "Y"), strict=True):
        code = _reason(cell)
        if code:
            parcel.fault = _fault(number, code, column, line)
            return
    parcel.points.append((cells[1], float(cells[3]), float(cells[2])))


def _reason(cell: str) -> str:
    """Why a coordinate is none; empty where it is one."""
    if not cell:
        return "MISSING_COORD"
    if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", cell, re.ASCII):
        return "NONFINITE_COORD" if cell.lower().strip("+-") in ("nan", "inf", "infinity") else "BAD_NUMBER"
    return "" if math.isfinite(float(cell)) else "NONFINITE_COORD"


def _fault(number: int, code: str, column: str, line: str) -> Problem:
    return Problem(source_row=number, code=code, column=column, text=line[:500])


def _count(text: str) -> int:
    """Parcels, counted in the text alone: lines that end in @, and points that stand before the first."""
    body = re.split(r"[\[【［]\s*地块坐标\s*[\]】］][^\S\r\n]*", text, maxsplit=1)[1]
    headed = len(re.findall(r"[@＠][^\S\r\n]*(?=[\r\n]|$)", body))
    first = re.match(r"\s*([^\r\n]*\S)", body)
    return headed + (first is not None and not first[1].endswith(_ENDS))


def _shape(parcel: _Parcel) -> shapely.Geometry | None:
    kind = parcel.cells[4] if len(parcel.cells) > 4 else ""
    if kind == "点":
        parts = [shapely.Point(east, north) for _, east, north in parcel.points]
        return _one_or_many(parts, shapely.MultiPoint)
    rings = _rings(parcel.points, by_ends=kind != "线")
    if kind == "线":
        return _one_or_many(
            [shapely.LineString(ring) for ring in rings if len(set(ring)) >= 2], shapely.MultiLineString
        )
    areas = [shapely.Polygon(ring) for ring in rings if len(set(ring)) >= 3]
    return _nested(areas) if areas else None


def _one_or_many(
    parts: list[shapely.Geometry], several: Callable[[list[shapely.Geometry]], shapely.Geometry]
) -> shapely.Geometry | None:
    return None if not parts else parts[0] if len(parts) == 1 else several(parts)


def _rings(points: list[tuple[str, float, float]], *, by_ends: bool) -> list[list[tuple[float, float]]]:
    """Points of one ring after the other: a ring ends at its first point, or where its number ends."""
    rings: list[list[tuple[float, float]]] = []
    number, is_closed = "", True
    for ring, east, north in points:
        if ring != number or (by_ends and is_closed):
            rings.append([])
            number, is_closed = ring, False
        here = rings[-1]
        here.append((east, north))
        is_closed = len(here) > 3 and here[0] == here[-1]
    return rings


def _nested(areas: list[shapely.Geometry]) -> shapely.Geometry:
    """Areas of a parcel: a ring inside another one is a hole, whatever the order and the numbers."""
    if len(areas) == 1:
        return areas[0]
    array = np.array(areas, dtype=object)
    if not shapely.is_valid(array).all():  # left as drawn, for the check of shapes to judge
        return shapely.Polygon(areas[0].exterior, [area.exterior for area in areas[1:]])
    outer, inner = shapely.STRtree(array).query(array, predicate="contains")
    other = (outer != inner) & (shapely.area(array)[outer] > shapely.area(array)[inner])
    outer, inner = outer[other], inner[other]
    depth = np.bincount(inner, minlength=len(areas))
    fits = (depth[inner] % 2 == 1) & (depth[outer] == depth[inner] - 1)
    holes: dict[int, list[int]] = {}
    for out, into in zip(outer[fits].tolist(), inner[fits].tolist(), strict=True):
        holes.setdefault(out, []).append(into)
    parts = [
        shapely.Polygon(
            areas[place].exterior, [areas[into].exterior for into in sorted(holes.get(place, []))]
        )
        for place in range(len(areas))
        if depth[place] % 2 == 0
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _differs(parcel: _Parcel, shape: shapely.Geometry, *, in_degrees: bool) -> bool:
    """Whether a parcel states other points or another area than its lines draw.

    The number of points is written with the closing ones or without, the area in hectares or, by some
    programs, in square metres.
    """
    stated = parcel.cells[0] if parcel.cells else ""
    lines = len(parcel.points)
    closings = sum(ring[0] == ring[-1] for ring in _rings(parcel.points, by_ends=True) if len(ring) > 1)
    if stated.isdecimal() and not lines - closings <= int(stated) <= lines + closings:
        return True
    area = re.match(r"\d+(?:\.\d+)?", parcel.cells[1]) if len(parcel.cells) > 1 else None
    if in_degrees or area is None or float(area[0]) == 0 or not shape.area:
        return False
    shares = [float(area[0]) * unit / shape.area for unit in (10_000, 1)]
    rounding = 0.5 * 10 ** -len(area[0].partition(".")[2]) * 10_000 / shape.area
    return not any(abs(share - 1) <= _AREA_TOLERANCE + rounding for share in shares)


def _in_degrees(attributes: Mapping[str, str], parcels: list[_Parcel]) -> bool:
    unit = attributes.get("计量单位", "").strip().lower()
    points = [point for parcel in parcels for point in parcel.points]
    small = bool(points) and all(abs(east) <= 180 and abs(north) <= 180 for _, east, north in points)
    if unit not in _METRES and not (unit in ("度", "degree", "degrees") and small):
        raise SourceError(
            N_("the table's unit (计量单位) is “{unit}”, which is not read here"),
            hint=N_("export it in metres (米)"),
            where="计量单位",
            unit=unit,
        )
    return small


def _system(attributes: Mapping[str, str], parcels: list[_Parcel], *, in_degrees: bool) -> str:
    """The national system that is stated; empty where none is, or where the coordinates disagree."""
    named = attributes.get("坐标系", "")
    datum = next((datum for pattern, datum in _DATUMS if pattern.search(named)), None)
    if datum is None or _NATIONAL.sub("", _SEATS[datum].sub("", named) if datum in _SEATS else named):
        return ""
    if in_degrees:
        return _DEGREES[datum]
    width = re.search(r"[36]", attributes.get("几度分带", "").translate(_WIDTHS))
    zones = {int(east // 1e6) for parcel in parcels for _, east, _ in parcel.points}
    projection = attributes.get("投影类型", "")
    gauss = not projection or "高斯" in projection or "gauss" in projection.lower()
    grid = GRIDS.get((datum, int(width[0]))) if width else None
    if grid is None or width is None or not gauss or len(zones) != 1:
        return ""
    first, numbered, plain = grid
    prefix = zones.pop()
    stated = re.search(r"\d+", attributes.get("带号", ""))
    zone = int(stated[0]) if stated else prefix
    if not first <= zone <= _LAST[int(width[0])] or prefix not in (0, zone):
        return ""
    return f"EPSG:{(numbered if prefix else plain) + zone - first}"
