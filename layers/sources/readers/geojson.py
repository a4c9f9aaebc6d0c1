"""GeoJSON, feature by feature: one broken feature costs one row, not the file."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import shapely

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable
from layers.sources.readers.refusals import too_large

__all__ = ["read_geojson"]

_CRS_NAME = re.compile(
    r"(?:EPSG:{1,2}|urn:ogc:def:crs:EPSG:[^:]*:|urn:ogc:def:crs:)(?P<code>\w+)$", re.IGNORECASE
)
# Halves of surrogate pairs are no characters, and NUL ends a text in most of what would store it.
_UNWRITABLE = re.compile("[\ud800-\udfff\0]")
_NESTED = {"coordinates", "geometries"}
_TYPES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


def read_geojson(data: bytes) -> RawTable:
    """Read a FeatureCollection, a Feature or a bare geometry (RFC 7946, and the older ``crs`` name).

    Raises
    ------
    SourceError
        If it is no JSON, no GeoJSON, or points at a coordinate system elsewhere.

    Notes
    -----
    GDAL is not used: its driver follows a ``crs`` link over the network. O(n).
    """
    text, encoding = _decode(data)
    try:
        return _table(_load(text), encoding)
    except RecursionError:
        raise SourceError(
            N_("the file is nested deeper than any GeoJSON"), hint=N_("export it again as GeoJSON")
        ) from None


def _load(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=float)
    except ValueError as error:  # not JSONDecodeError alone: a number may have thousands of digits
        raise SourceError(
            N_("the file is no valid JSON: {reason}"), hint=N_("export it again as GeoJSON"), reason=error
        ) from None


def _table(document: Any, encoding: str) -> RawTable:
    features = _features(document)
    if len(features) > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    table = RawTable(
        columns=[], rows=[], source_rows=[], shapes=[], format="GeoJSON", encoding=encoding,
        crs=_crs(document), records=len(features),
    )  # fmt: skip
    names: dict[str, int] = {}
    taken: list[dict[str, str]] = []
    shapes: list[bytes | None] = []
    for number, feature in enumerate(features, start=1):
        try:
            shapes.append(_shape(feature))
        except ValueError as problem:
            table.problems.append(_problem(number, str(problem), feature))
            continue
        values = _properties(feature)
        if any(_UNWRITABLE.search(text) for pair in values.items() for text in pair):
            shapes.pop()
            table.problems.append(_problem(number, "UNDECODABLE_TEXT", feature))
            continue
        for name in values:
            names.setdefault(name, len(names))
        if len(names) > LIMITS.columns:
            raise too_large(LIMITS.columns, "columns", hint="")
        taken.append(values)
        table.source_rows.append(number)
    table.columns = list(names)
    table.rows = [[values.get(name, "") for name in names] for values in taken]
    table.shapes = shapes
    return table


def _decode(data: bytes) -> tuple[str, str]:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise SourceError(
        N_("the text is neither UTF-8 nor GB 18030"), hint=N_("save it as UTF-8"), code="UNDECODABLE_TEXT"
    )


def _problem(number: int, code: str, feature: Any) -> Problem:
    column = "" if code == "UNDECODABLE_TEXT" else "geometry"
    text = json.dumps(feature, ensure_ascii=False, default=str)[:500]
    return Problem(source_row=number, code=code, column=column, text=_UNWRITABLE.sub("\ufffd", text))


def _features(document: Any) -> list[Any]:
    if isinstance(document, dict):
        kind = document.get("type")
        if kind == "FeatureCollection" and isinstance(document.get("features"), list):
            return list(document["features"])
        if kind == "Feature":
            return [document]
        if isinstance(kind, str) and kind in _TYPES:
            return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise SourceError(
        N_("the file is JSON but no GeoJSON"), hint=N_("a GeoJSON file holds a FeatureCollection")
    )


def _crs(document: dict[str, Any]) -> str:
    crs = document.get("crs")
    if crs is None:
        return ""
    properties = crs.get("properties", {}) if isinstance(crs, dict) else {}
    if not isinstance(crs, dict) or crs.get("type") != "name" or not isinstance(properties, dict):
        raise SourceError(
            N_("the file points at a coordinate system outside itself"),
            hint=N_("remove its “crs” member and state the coordinate system here"),
            where="crs",
            code="UNSAFE",
        )
    name = properties.get("name")
    if not isinstance(name, str):
        raise SourceError(
            N_("the file's “crs” member names no coordinate system"),
            hint=N_("remove it and state the coordinate system here"),
            where="crs",
        )
    found = _CRS_NAME.search(name)
    code = found["code"].upper() if found else ""
    return (
        "EPSG:4326"
        if code in {"CRS84", "4326"} or "CRS84" in name.upper()
        else f"EPSG:{code}"
        if code.isdigit()
        else name
    )


def _shape(feature: Any) -> bytes | None:
    """Well-known binary of a feature's geometry; raises ValueError(code)."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else {}
    if geometry is None:
        raise ValueError("EMPTY_GEOMETRY")
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, ValueError, TypeError):
        shape = _again(geometry)
    if shape is None or shape.is_empty:
        raise ValueError("EMPTY_GEOMETRY")
    return bytes(shapely.to_wkb(shapely.force_2d(shape)))


def _again(geometry: Any) -> shapely.Geometry:
    """Try once more with east and north alone: GEOS takes neither measures nor numbers that are none."""
    flat = _flat(geometry)
    if flat == geometry:
        raise ValueError("INVALID_GEOMETRY")
    try:
        return shapely.from_geojson(json.dumps(flat))
    except (shapely.errors.GEOSException, ValueError, TypeError):
        raise ValueError("INVALID_GEOMETRY") from None


def _flat(node: Any) -> Any:
    """A geometry whose positions have two numbers; RFC 7946 lets a reader ignore those beyond three.

    Raises
    ------
    ValueError
        ``NONFINITE_COORD``, if a number is not finite.
    """
    if isinstance(node, dict):
        return {key: _flat(value) if key in _NESTED else value for key, value in node.items()}
    if not isinstance(node, list):
        return node
    if not node or not all(isinstance(number, int | float) for number in node):
        return [_flat(one) for one in node]
    if not all(math.isfinite(number) for number in node[:2]):
        raise ValueError("NONFINITE_COORD")
    return node[:2]


def _properties(feature: dict[str, Any]) -> dict[str, str]:
    properties = feature.get("properties") or {}
    values = (
        {str(name): _text(value) for name, value in properties.items()}
        if isinstance(properties, dict)
        else {}
    )
    if "id" in feature and "id" not in values:
        values["id"] = _text(feature["id"])
    return values


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
