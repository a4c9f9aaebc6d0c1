"""What a user may say about a file: on the command line, behind its name, or in a mapping file."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.errors import N_, CrsError, SourceError, UsageError, nearest_name
from geo.params import answer, choice
from layers.sources.arguments import split_source
from layers.sources.columns import aliases
from layers.sources.coordinates import parse_crs
from layers.sources.custom_crs import is_crs_file

__all__ = ["KINDS", "MEANINGS", "ImportOptions", "parse_source_argument", "with_mapping"]

_POINTS = frozenset({"Point"})
_LINES = frozenset({"LineString", "MultiLineString"})
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_ANY = _POINTS | _LINES | _AREAS | {"MultiPoint", "GeometryCollection"}
UNITS = ("m", "dm", "cm", "mm", "km", "ft", "in")
"""Units that a drawing may be in."""
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
    "terrain": frozenset(),
    "wind": frozenset(),
    "table": frozenset(),
}
"""Kind → geometry types it takes, none where rows have no place. Areas and lines come from shapes alone."""
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
    "terrain": "heights above sea level in metres, as a GeoTIFF of one band",
    "wind": "a wind rose: from where (direction_deg), how often (frequency), how fast (speed_m_s)",
    "table": "a table of anything: no row needs a place, and none is given one",
}
"""Kind → what its rows are and what is done with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The answers that a user may give about a file; what is not answered is found or asked."""

    kind: str = choice("any", tuple(KINDS), "What the rows are; says which geometries are taken.")
    crs: str | None = answer(
        "Coordinate system of the coordinates: EPSG:n, WGS84, CGCS2000, GCJ-02, BD-09, any definition that "
        "PROJ reads, or a file (FILE.toml) that describes one. Else the file's own; degrees without one are "
        "taken as WGS 84, all else is asked."
    )
    axes: str | None = answer(
        "yx: the column or coordinate taken for longitude or easting holds latitude or northing.",
        ("xy", "yx"),
    )
    layer: str | None = answer(
        "Layer, sheet of a workbook, shapefile of a zip or folder of a KML; asked when there are several."
    )
    units: str | None = answer(
        "Unit of a drawing's coordinates; else the drawing's own where its coordinates agree, and asked "
        "where they do not.",
        UNITS,
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
    locate: str | None = answer(
        "address: rows without coordinates lie at a point of the county or city that their address names; "
        "asked where a table has addresses and no coordinates.",
        ("address",),
    )
    geometry: str | None = answer(
        "Column that holds geometries as well-known text (WKT) or GeoJSON, in place of two coordinates."
    )
    code_edition: str | None = answer(
        "Edition of GB/T 4754 that industry codes are of; asked where a code means something else in each.",
        ("2011", "2017"),
    )
    dates: str | None = answer(
        "Whether dates that end with the year begin with the day (dmy) or the month (mdy); asked where "
        "a column leaves it open.",
        ("dmy", "mdy"),
    )
    columns: Mapping[str, str] = answer("Role = column, for any role that is listed below.", none={})
    mapping: Path | None = answer(  # noqa: RUF009 - a field like those above
        "Mapping file with the answers of an earlier import; what is said beside it wins."
    )

    def __post_init__(self) -> None:
        """Check what can be checked without the file."""
        if self.kind not in KINDS:
            raise _unknown(N_("“{name}” is no kind of table"), self.kind, list(KINDS), where="as")
        if self.axes not in (None, "xy", "yx"):
            raise UsageError(N_("the axes are “xy” or “yx”, not “{axes}”"), where="axes", axes=self.axes)
        if self.units not in (None, *UNITS):
            raise _unknown(N_("“{name}” is no unit of a drawing"), str(self.units), UNITS, where="units")
        for key, known in (
            ("code_edition", ("2011", "2017")),
            ("dates", ("dmy", "mdy")),
            ("locate", ("address",)),
        ):
            if (said := getattr(self, key)) not in (None, *known):
                raise _unknown(N_("“{name}” is no answer to this"), str(said), known, where=key)
        if self.header is not None and self.header < 1:
            raise _wrong_header(self.header)
        if self.encoding is not None:
            _check_encoding(self.encoding)
        if self.crs is not None:
            try:
                parse_crs(self.crs)
            except CrsError as error:  # of an option, not of a file
                raise UsageError(
                    error.template, hint=error.hint_template, where="crs", **error.fields
                ) from None
        for role in self.columns:
            if role not in aliases():
                raise _unknown(N_("“{name}” is no role of a column"), role, list(aliases()), where="column")

    def to_answers(self) -> dict[str, str]:
        """Return the answers as they stand behind ``FILE::``; see `parse_source_argument`."""
        plain = {key: getattr(self, key) for key in _ANSWERS if key not in ("as", "kind")}
        plain["as"] = self.kind if self.kind != "any" else None
        answers = {key: str(value) for key, value in plain.items() if value is not None}
        return answers | {f"column={role}": column for role, column in self.columns.items()}


_TEXTS = (
    "crs", "axes", "layer", "units", "encoding", "lon", "lat", "locate", "geometry", "code_edition", "dates",
)  # fmt: skip
_ANSWERS = (*_TEXTS, "header", "mapping", "as", "kind")
_ACCEPTED = ("accepted.gpkg", "accepted.tif")
_SECTIONS = ("file", "columns", "renamed")
"""Of a mapping: answers about the file; role → column; column → its name in accepted.gpkg."""


def parse_source_argument(source: str) -> tuple[Path, ImportOptions]:
    """Split ``FILE::key=value,key=value`` into a path and answers.

    Raises
    ------
    UsageError
        If a key or a role is unknown; the nearest known one is told.
    SourceError
        If a directory holds no earlier import, or its mapping cannot be read.

    See Also
    --------
    layers.sources.arguments : The syntax.
    """
    name, given = split_source(source)
    answers: dict[str, Any] = {}
    columns: dict[str, str] = {}
    for key, value in given.items():
        name_of_key, _, role = key.partition("=")
        if name_of_key == "column":
            columns[role] = value
        elif key not in _ANSWERS:
            raise _unknown(
                N_("unknown answer “{name}” behind “::”"), key, [*_ANSWERS, "column"], where=source
            )
        elif value:
            answers["kind" if key == "as" else key] = _typed(key, value)
    path = Path(name)
    if not path.is_dir():
        return path, ImportOptions(**answers, columns=columns)
    accepted = next((path / name for name in _ACCEPTED if (path / name).is_file()), None)
    if accepted is None:
        raise SourceError(
            N_("“{name}” is a directory without an earlier import"),
            hint=N_("give a file, or the DIR of “parkplan import -o DIR”"),
            where=name,
            name=path.name,
        )
    stored = path / "mapping.toml"
    if stored.is_file() and "mapping" not in answers:
        earlier = _read_mapping(stored)
        answers.setdefault("kind", earlier["kind"])
        for key in ("code_edition", "dates"):
            if key in earlier["file"]:
                answers.setdefault(key, earlier["file"][key])
        columns = earlier["columns"] | columns
        columns = {role: earlier["renamed"].get(column, column) for role, column in columns.items()}
    return accepted, ImportOptions(**answers, columns=columns)


def with_mapping(options: ImportOptions) -> ImportOptions:
    """Lay what the user says over what the mapping file says."""
    if options.mapping is None:
        return options
    stored = _read_mapping(options.mapping)
    answers = {key: value for key, value in stored["file"].items() if getattr(options, key) is None}
    if options.kind == "any":
        answers["kind"] = stored["kind"]
    columns = {**stored["columns"], **options.columns}
    return replace(options, **answers, columns=columns, mapping=None)


def _typed(key: str, value: str) -> Any:
    if key == "mapping":
        return Path(value)
    if key != "header":
        return value
    if not value.isdecimal():
        raise _wrong_header(value)
    return int(value)


def _wrong_header(value: object) -> UsageError:
    return UsageError(N_("the header is in line 1 or below, not {header}"), where="header", header=value)


def _check_encoding(name: str) -> None:
    try:
        known = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - the one way to tell
    except (LookupError, ValueError):
        known = False
    if not known:
        raise UsageError(
            N_("unknown encoding “{name}”"),
            hint=N_("try utf-8, gb18030 or big5"),
            where="encoding",
            name=name,
        )


def _read_mapping(path: Path) -> dict[str, Any]:
    """Return the sections of a mapping file, every key and value looked at; empty values left out."""
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the mapping “{name}” cannot be read: {reason}"),
            hint=N_("docs/examples/mapping.toml shows one"),
            where=path.name,
            name=path.name,
            reason=error,
        ) from None
    _check_keys(stored, ("kind", *_SECTIONS), path.name)
    sections: dict[str, Any] = {}
    for section in _SECTIONS:
        values = stored.get(section, {})
        if not isinstance(values, dict):
            raise UsageError(
                N_("“{name}” must be a section of the mapping, written [{name}]"),
                where=path.name,
                name=section,
            )
        sections[section] = {key: value for key, value in values.items() if value != ""}
    _check_keys(sections["file"], (*_TEXTS, "header"), path.name)
    kind = stored.get("kind") or "any"
    values = [("kind", "kind", kind)]
    values += [(section, *pair) for section in _SECTIONS for pair in sections[section].items()]
    for section, key, value in values:
        wanted: type = int if (section, key) == ("file", "header") else str
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise UsageError(
                N_("“{key}” in the mapping cannot be {value!r}"), where=path.name, key=key, value=value
            )
    crs = sections["file"].get("crs", "")
    if is_crs_file(crs):  # its path begins where the mapping lies
        sections["file"]["crs"] = str(path.parent / crs)
    return {"kind": kind, **sections}


def _check_keys(values: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in values:
        if key not in known:
            raise _unknown(N_("unknown key “{name}” in the mapping"), key, known, where=where)


def _unknown(message: str, name: str, known: Sequence[str], *, where: str) -> UsageError:
    near = nearest_name(name, known)
    return UsageError(
        message,
        hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
        where=where,
        name=name,
        near=near,
        known=", ".join(known),
    )
