"""GeoPackage: looked over as a plain SQLite file first, then read by GDAL under lock and key."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from geo.errors import N_, SourceError
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.gdal_layer import read_layer
from layers.sources.readers.refusals import no_layer, too_large, which_layer

__all__ = ["read_geopackage"]

_RTREE = re.compile(
    r"""\s*CREATE\s+VIRTUAL\s+TABLE\s+(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|\S+)\s+USING\s+rtree\s*\(""",
    re.IGNORECASE,
)
_MARK_AT, _MARKS = 68, (b"GPKG", b"GP10", b"GP11")
_OWN_TRIGGERS = ("rtree_", "trigger_", "gpkg_", "fid_", "update_", "delete_", "insert_", "feature_count_")


def read_geopackage(path: Path, *, layer: str | None = None) -> RawTable:
    """Read one layer of a GeoPackage.

    Parameters
    ----------
    path : Path
        A copy that is ours to write to.
    layer : str, optional

    Raises
    ------
    SourceError
        If it is no GeoPackage, or holds views, foreign virtual tables or triggers.
    ChoiceError
        If it has several layers and none was chosen.
    """
    layers, count = _look_over(path, layer)
    chosen = layer if layer is not None else layers[0]
    _sign(path)
    return read_layer(path, chosen).table(records=count, layer=chosen, format_="GPKG")


def _sign(path: Path) -> None:
    """Write the mark of a GeoPackage into a copy that lacks it: GDAL goes by the mark, not by the tables."""
    with path.open("r+b") as stream:
        stream.seek(_MARK_AT)
        if stream.read(4) not in _MARKS:
            stream.seek(_MARK_AT)
            stream.write(_MARKS[0])


def _look_over(path: Path, layer: str | None) -> tuple[list[str], int]:
    """Refuse what a GeoPackage has no need of; list its layers and count the chosen one's rows."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        _refuse_what_runs(connection)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'gpkg_contents'").fetchone():
            raise SourceError(
                N_("this SQLite file is no GeoPackage"), hint=N_("export plain layers into a new GeoPackage")
            )
        found = connection.execute(
            "SELECT table_name, data_type FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
        ).fetchall()
        names = [str(name) for name, _ in found]
        if not names:
            raise SourceError(N_("the GeoPackage has no layer"), code="NO_ROWS")
        if layer is not None and layer not in names:
            raise no_layer(layer, names)
        counts = {name: _count(connection, name) for name in names}
        if layer is None and len(names) > 1:
            raise which_layer(N_("the GeoPackage has {count} layers"), counts)
        chosen = layer if layer is not None else names[0]
        if counts[chosen] > LIMITS.rows:
            raise too_large(LIMITS.rows, "rows")
        return names, counts[chosen]
    except sqlite3.Error as error:
        raise SourceError(
            N_("the GeoPackage is damaged: {reason}"), hint=N_("export it again"), reason=error
        ) from None
    finally:
        connection.close()


def _refuse_what_runs(connection: sqlite3.Connection) -> None:
    objects = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    for kind, name, sql in objects:
        virtual = sql.upper().lstrip().startswith("CREATE VIRTUAL") and not _RTREE.match(sql)
        foreign = kind == "trigger" and not name.lower().startswith(_OWN_TRIGGERS)
        if kind == "view" or virtual or foreign:
            raise SourceError(
                N_("the GeoPackage holds a {kind} “{name}”, which could run by itself"),
                hint=N_("export plain layers into a new GeoPackage"),
                where=name,
                code="UNSAFE",
                kind="virtual table" if virtual else kind,
                name=name,
            )


def _count(connection: sqlite3.Connection, name: str) -> int:
    quoted = name.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 - quoted above
