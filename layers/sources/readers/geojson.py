"""GeoJSON, feature by feature: one broken feature costs one row, not the file."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
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
_SEPARATOR = "\x1e"
_AROUND = "\ufeff\x1e \t\r\n"
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


class _NoJson(str):
    """A line of a file of features that cannot be read."""

    __slots__ = ()


def read_geojson(data: bytes) -> RawTable:
    """Read a FeatureCollection, a Feature or a bare geometry (RFC 7946, and the older ``crs`` name).

    Features one a line (GeoJSONSeq, NDJSON), or each behind a record separator (RFC 8142), are read
    too; a line that is no JSON costs one row.

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
        lines = _sequence(text)
        if lines is not None:
            return _table(lines, _common_crs(lines.values()), encoding, "GeoJSONSeq")
        document = _load(text)
        features = dict(enumerate(_features(document), start=1))
        return _table(features, _crs(document), encoding, "GeoJSON")
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


def _sequence(text: str) -> dict[int, Any] | None:
    """Line or record → its feature, where the first of them is one by itself; None for other files."""
    marked = text.lstrip("\ufeff \t\r\n").startswith(_SEPARATOR)
    first, _, rest = text.strip(_AROUND).partition(_SEPARATOR if marked else "\n")
    if not rest.strip(_AROUND) or not _is_feature(_of_line(first)):
        return None
    parts = text.split(_SEPARATOR if marked else "\n")
    if len(parts) > 2 * LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    # The first separator has nothing before it: its record is number 1, as the first line is.
    numbered = enumerate(parts, start=0 if marked else 1)
    return {number: _of_line(part.strip(_AROUND)) for number, part in numbered if part.strip(_AROUND)}


def _of_line(line: str) -> Any:
    """A line's feature; the line itself, as text, where it is no JSON."""
    try:
        value = json.loads(line, parse_constant=float)
    except ValueError:
        return _NoJson(line)
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in _TYPES:
        return {"type": "Feature", "properties": {}, "geometry": value}
    return value


def _is_feature(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature"


def _common_crs(features: Iterable[Any]) -> str:
    systems = {_crs(feature) for feature in features if isinstance(feature, dict)}
    if len(systems) > 1:
        raise SourceError(
            N_("the features name different coordinate systems: {names}"),
            hint=N_("export them again in one system"),
            where="crs",
            names=", ".join(sorted(system or "-" for system in systems))[:200],
        )
    return systems.pop() if systems else ""


def _table(features: Mapping[int, Any], crs: str, encoding: str, kind: str) -> RawTable:
    """Features by the number of their row."""
    if len(features) > LIMITS.rows:
        raise too_large(LIMITS.rows, "rows")
    table = RawTable(
        columns=[], rows=[], source_rows=[], shapes=[], format=kind, encoding=encoding, crs=crs,
        records=len(features),
    )  # fmt: skip
    names: dict[str, int] = {}
    taken: list[dict[str, str]] = []
    shapes: list[bytes | None] = []
    for number, feature in features.items():
        try:
            shapes.append(_shape(feature))
        except ValueError as problem:
            code = "NOT_JSON" if isinstance(feature, _NoJson) else str(problem)
            table.problems.append(_problem(number, code, feature))
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
    column = "" if code in ("UNDECODABLE_TEXT", "NOT_JSON") else "geometry"
    is_text = isinstance(feature, _NoJson)
    text = (feature if is_text else json.dumps(feature, ensure_ascii=False, default=str))[:500]
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
    if isinstance(crs, dict) and (crs.get("type") == "link" or not isinstance(properties, dict)):
        raise SourceError(
            N_("the file points at a coordinate system outside itself"),
            hint=N_("remove its “crs” member and state the coordinate system here"),
            where="crs",
            code="UNSAFE",
        )
    # A bare text, and a code of EPSG without a name, are what older programs write.
    name = crs if isinstance(crs, str) else properties.get("name")
    if isinstance(crs, dict) and crs.get("type") == "EPSG" and name is None:
        name = f"EPSG:{properties.get('code')}"
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
