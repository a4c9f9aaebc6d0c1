"""What a user may say about a file: on the command line, behind its name, or in a mapping file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from geo.errors import N_, SourceError, UsageError, nearest_name
from geo.params import answer, choice
from layers.sources.coordinates import parse_crs

__all__ = ["KINDS", "MEANINGS", "ImportOptions", "parse_source_argument", "with_mapping"]

_POINTS = frozenset({"Point"})
_LINES = frozenset({"LineString", "MultiLineString"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_ANY = _POINTS | _LINES | _AREAS | {"MultiPoint", "GeometryCollection"}
KINDS: Mapping[str, frozenset[str]] = {
    "any": _ANY,
    "firms": _POINTS,
    "boundary": _AREAS,
    "roads": _LINES,
    "facilities": _POINTS,
    "parks": _AREAS,
    "areas": _AREAS,
    "water": _AREAS | _LINES,
    "exclusions": _AREAS,
    "flood": _AREAS,
    "housing": _AREAS | _POINTS,
    "buildings": _AREAS,
    "gates": _POINTS,
    "landuse": _AREAS,
    "corridors": _LINES | _AREAS,
    "power": _POINTS | _LINES,
    "rail": _LINES | _POINTS,
}
"""Kind → geometry types it takes. Kinds of areas and lines come from files with geometries."""
MEANINGS: Mapping[str, str] = {
    "any": "whatever the file holds, each geometry as it is",
    "firms": "firms, one point each; tables of columns are read too",
    "boundary": "outline of the park; several rows are parts of one park and may not overlap",
    "roads": "centre lines of existing roads: kept where they are; access takes its nearest road from them",
    "facilities": "ports, airports and the like with their kind, in place of the built-in ones",
    "parks": "outlines of parks",
    "areas": "administrative or statistical areas",
    "water": "water: areas, or lines that are taken as 10 m wide; never built on",
    "exclusions": "land on which nothing may be built, for example 永久基本农田 and 生态保护红线",
    "flood": "land that floods: never built on",
    "housing": "housing nearby, on the site or off it: zones wish to be near it or away from it",
    "buildings": "buildings that stay: cut out of the zones and kept",
    "gates": "gates of the park, with a kind (port, expressway, town, rail): moved onto the outline",
    "landuse": "present land use",
    "corridors": "corridors of pipes and lines",
    "power": "power lines and stations",
    "rail": "railways and stations",
}
"""Kind → what its rows are and what is done with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The answers that a user may give about a file; what is not answered is found or asked."""

    kind: str = choice("any", tuple(KINDS), "What the rows are; says which geometries are taken.")
    crs: str | None = answer(
        "Coordinate system of the coordinates: EPSG:n, WGS84, CGCS2000, GCJ-02, BD-09, or any definition "
        "that PROJ reads. Else the file's own; degrees without one are taken as WGS 84, all else is asked."
    )
    axes: str | None = answer(
        "yx: the column or coordinate taken for longitude or easting holds latitude or northing.",
        ("xy", "yx"),
    )
    layer: str | None = answer(
        "Layer of a GeoPackage or sheet of a workbook; asked when several hold something."
    )
    header: int | None = answer(
        "Line or row of the column names, from 1; else the first of ten in which two names are known."
    )
    encoding: str | None = answer(
        "Encoding of a text table, for example gb18030 or big5; else a byte order mark, UTF-8, GB 18030, "
        "each strictly, and asked when two make sense."
    )
    lon: str | None = answer("Column of the longitude or easting; else found by its name.")
    lat: str | None = answer("Column of the latitude or northing; else found by its name.")
    geometry: str | None = answer(
        "Column of a text table or workbook that holds geometries as well-known text (WKT)."
    )
    columns: Mapping[str, str] = answer("Role = column, for any role that is listed below.", none={})
    mapping: Path | None = answer(  # noqa: RUF009 - a field like those above
        "Mapping file with the answers of an earlier import; what is said beside it wins."
    )

    def __post_init__(self) -> None:
        """Check what can be checked without the file."""
        if self.kind not in KINDS:
            near = nearest_name(self.kind, list(KINDS))
            raise UsageError(
                N_("“{kind}” is no kind of table"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=self.kind,
                kind_=self.kind,
                near=near,
                known=", ".join(KINDS),
                kind=self.kind,
            )
        if self.axes not in (None, "xy", "yx"):
            raise UsageError(N_("the axes are “xy” or “yx”, not “{axes}”"), where="axes", axes=self.axes)
        if self.header is not None and self.header < 1:
            raise UsageError(
                N_("the header is in line 1 or below, not {header}"), where="header", header=self.header
            )
        if self.crs is not None:
            parse_crs(self.crs)


def parse_source_argument(source: str) -> tuple[Path, ImportOptions]:
    """Split ``FILE::key=value,key=value`` into a path and answers.

    Raises
    ------
    UsageError
        If a key is unknown; the nearest known one is told.
    """
    name, _, text = source.partition("::")
    known = {one.name: one for one in fields(ImportOptions)} | {"as": None, "column": None}
    answers: dict[str, Any] = {}
    columns: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key, equals, value = part.partition("=")
        if not equals or key not in known:
            near = nearest_name(key, list(known))
            raise UsageError(
                N_("unknown answer “{key}” behind “::”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=source,
                key=key,
                near=near,
                known=", ".join(sorted(known)),
            )
        if key in {"column", "columns"}:
            role, _, column = value.partition("=")
            columns[role] = column
        elif key == "header":
            if not value.isdigit():
                raise UsageError(
                    N_("the header is in line 1 or below, not {header}"), where=source, header=value
                )
            answers[key] = int(value)
        elif key == "mapping":
            answers[key] = Path(value)
        else:
            answers["kind" if key == "as" else key] = value
    path = Path(name)
    if path.is_dir():
        if not (path / "accepted.gpkg").is_file():
            raise SourceError(
                N_("“{name}” is a directory without an earlier import"),
                hint=N_("give a file, or the DIR of “parkplan import -o DIR”"),
                where=name,
                name=path.name,
            )
        stored = path / "mapping.toml"
        if stored.is_file() and "mapping" not in answers:
            columns = _stored_roles(stored) | columns
        path = path / "accepted.gpkg"
    return path, ImportOptions(**answers, columns=columns)


def _stored_roles(path: Path) -> dict[str, str]:
    return {str(role): str(column) for role, column in _read_mapping(path).get("columns", {}).items()}


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the mapping “{name}” cannot be read: {reason}"),
            hint=N_("docs/examples/mapping.toml shows one"),
            where=path.name,
            name=path.name,
            reason=error,
        ) from None


def with_mapping(options: ImportOptions) -> ImportOptions:
    """Lay what the user says over what the mapping file says."""
    if options.mapping is None:
        return options
    stored = _read_mapping(options.mapping)
    file = stored.get("file", {})
    known = {"crs", "axes", "layer", "header", "encoding"}
    for key in file:
        if key not in known:
            near = nearest_name(key, list(known))
            raise UsageError(
                N_("unknown key “{key}” in the mapping"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=options.mapping.name,
                key=key,
                near=near,
                known=", ".join(sorted(known)),
            )
    answers = {key: value for key, value in file.items() if getattr(options, key) is None and value != ""}
    columns = {
        **{str(role): str(column) for role, column in stored.get("columns", {}).items()},
        **options.columns,
    }
    if options.kind == "any" and stored.get("kind"):
        answers["kind"] = stored["kind"]
    return replace(options, **answers, columns=columns, mapping=None)
