"""From any file to a checked table: each row accepted, or rejected with its reason."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.errors import N_, SourceError, UsageError
from geo.progress import Progress, stop_asked
from layers.sources.options import KINDS, ImportOptions, parse_source_argument, with_mapping
from layers.sources.raw import LIMITS
from layers.sources.report import ImportReport
from layers.sources.rows import READING, Imported, check_rows
from layers.sources.worker.parent import read_locked

__all__ = [
    "KINDS",
    "READING",
    "ImportOptions",
    "ImportReport",
    "Imported",
    "import_file",
    "import_source",
    "look_at",
    "parse_source_argument",
    "reading_order",
]


def import_file(
    path: str | Path, options: ImportOptions | None = None, *, progress: Progress | None = None
) -> Imported:
    """Read a file in the sandboxed worker and check every row.

    Parameters
    ----------
    path : path
        Any format of `kinds.READERS`; told by content, not by name.
    options : ImportOptions, optional
    progress : callable, optional
        Told how far the work is, about once a second; may raise `CancelledError` to stop it.

    Returns
    -------
    Imported
        The same bytes and options give the same result.

    Raises
    ------
    SourceError, SchemaError
        If the file is refused or no row of it is left.
    ChoiceError
        If two readings are plausible and none was chosen.

    Notes
    -----
    O(n) in the number of rows.
    """
    options = with_mapping(options or ImportOptions())
    path = Path(path)
    look_at(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    if options.kind == "terrain":
        raise UsageError(
            N_("“{name}” is to be terrain, which is no table"),
            hint=N_("import it with layers.sources.terrain, or parkplan import --as terrain"),
            where=path.name,
            name=path.name,
        )
    answer = read_locked(path, reading_order(options), cancelled=stop_asked(progress, READING))
    return check_rows(answer, options, path.name, sha256, progress)


def reading_order(options: ImportOptions) -> dict[str, Any]:
    """Return what the worker must know of the user's answers."""
    return {
        "layer": options.layer,
        "header": options.header,
        "encoding": options.encoding,
        "geometry": options.geometry,
        "kind": options.kind,
        "units": options.units,
        "crs": options.crs,
        "types": sorted(KINDS[options.kind]),
        # Whoever names the columns of coordinates wants no geometry of another column.
        "placed": bool(options.lon or options.lat or {"lon", "lat", "position"} & options.columns.keys()),
        # A crossing boundary is not mended: its owner is told where it crosses (layers.boundaries).
        "repair": options.kind != "boundary",
    }


def import_source(
    source: str, kind: str = "any", *, progress: Progress | None = None, **answers: Any
) -> Imported:
    """Import ``FILE``, ``FILE::key=value,…`` or the directory of an earlier import.

    Parameters
    ----------
    source : str
        As on the command line.
    kind : str
        What the table is taken for.
    progress : callable, optional
        See `import_file`.
    **answers
        Fields of `ImportOptions`; they win over those in `source`.
    """
    path, options = parse_source_argument(source)
    given = {name: value for name, value in answers.items() if value is not None}
    if "columns" in given:
        given["columns"] = {**options.columns, **given["columns"]}
    options = (
        replace(options, **given)
        if kind == "any" and options.kind != "any"
        else replace(options, kind=kind, **given)
    )
    return import_file(path, options, progress=progress)


def look_at(path: Path) -> None:
    """Refuse what is no file, is empty or is larger than an import may take.

    Raises
    ------
    SourceError
        With the name of the file.
    """
    if not path.exists():
        raise SourceError(
            N_("there is no file “{name}”"),
            hint=N_("check the path"),
            where=str(path),
            name=path.name,
            code="NO_FILE",
        )
    if not path.is_file():
        raise SourceError(N_("“{name}” is no file"), hint=N_("give a file"), where=str(path), name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise SourceError(
            N_("the file is empty"),
            hint=N_("choose a file with a header and rows"),
            where=path.name,
            code="NO_ROWS",
        )
    if size > LIMITS.file_mb * 1_000_000:
        raise SourceError(
            N_("the file has {size:.0f} MB, more than {limit} MB"),
            hint=N_("split it"),
            where=path.name,
            code="TOO_LARGE",
            size=size / 1e6,
            limit=LIMITS.file_mb,
        )
