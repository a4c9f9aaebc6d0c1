"""GeoJSON, feature by feature: one broken feature costs one row, not the file."""

from __future__ import annotations

import json
import re
from typing import Any

import shapely

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS, Problem, RawTable

__all__ = ["read_geojson"]

_CRS_NAME = re.compile(
    r"(?:EPSG:{1,2}|urn:ogc:def:crs:EPSG:[^:]*:|urn:ogc:def:crs:)(?P<code>\w+)$", re.IGNORECASE
)
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
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise SourceError(
                N_("the text is neither UTF-8 nor GB 18030"),
                hint=N_("save it as UTF-8"),
                code="UNDECODABLE_TEXT",
            ) from None
    try:
        document = json.loads(text, parse_constant=float)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SourceError(
            N_("the file is no valid JSON: {reason}"), hint=N_("export it again as GeoJSON"), reason=error
        ) from None
    features = _features(document)
    if len(features) > LIMITS.rows:
        raise SourceError(
            N_("the file has more than {limit:,} {what}"),
            hint=N_("split it"),
            code="TOO_LARGE",
            limit=LIMITS.rows,
            what="rows",
        )
    table = RawTable(
        columns=[], rows=[], source_rows=[], shapes=[], format="GeoJSON", encoding="utf-8",
        crs=_crs(document), records=len(features),
    )  # fmt: skip
    names: dict[str, int] = {}
    taken: list[dict[str, str]] = []
    shapes: list[bytes | None] = []
    for number, feature in enumerate(features, start=1):
        try:
            shapes.append(_shape(feature))
        except ValueError as problem:
            table.problems.append(
                Problem(
                    source_row=number,
                    code=str(problem),
                    column="geometry",
                    text=json.dumps(feature, ensure_ascii=False, default=str)[:500],
                )
            )
            continue
        values = _properties(feature)
        for name in values:
            names.setdefault(name, len(names))
        if len(names) > LIMITS.columns:
            raise SourceError(
                N_("the file has more than {limit:,} {what}"),
                code="TOO_LARGE",
                limit=LIMITS.columns,
                what="columns",
            )
        taken.append(values)
        table.source_rows.append(number)
    table.columns = list(names)
    table.rows = [[values.get(name, "") for name in names] for values in taken]
    table.shapes = shapes
    return table


def _features(document: Any) -> list[Any]:
    if isinstance(document, dict):
        kind = document.get("type")
        if kind == "FeatureCollection" and isinstance(document.get("features"), list):
            return list(document["features"])
        if kind == "Feature":
            return [document]
        if kind in _TYPES:
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
    name = str(properties.get("name", ""))
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
        raise ValueError("INVALID_GEOMETRY") from None
    if shape is None or shape.is_empty:
        raise ValueError("EMPTY_GEOMETRY")
    if shapely.get_num_coordinates(shape) > LIMITS.vertices_per_shape:
        raise ValueError("TOO_LARGE")
    return bytes(shapely.to_wkb(shapely.force_2d(shape)))


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
