"""What a user may say about a file: on the command line, behind its name, or in a mapping file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from geo.errors import N_, SourceError, UsageError, nearest_name
from layers.sources.coordinates import parse_crs

__all__ = ["KINDS", "ImportOptions", "parse_source_argument", "with_mapping"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """The answers that a user may give about a file; what is not answered is found or asked."""

    kind: str = "any"
    crs: str | None = None
    axes: str | None = None
    layer: str | None = None
    header: int | None = None
    encoding: str | None = None
    lon: str | None = None
    lat: str | None = None
    geometry: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    mapping: Path | None = None

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
