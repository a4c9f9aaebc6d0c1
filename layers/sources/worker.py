"""The process that opens what was uploaded. It sees one file and one folder, and no network.

Started by `layers.sources.sandbox`; reads ``job.json``, writes ``table.arrow`` and ``answer.json``.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from geo.errors import N_, ParkError, SourceError
from layers.sources.lockdown import harden
from layers.sources.raw import LIMITS, RawTable

__all__ = ["main", "sniff"]

_MAGIC = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0", "(XLS)"),
    (b"AC10", "(DWG)"),
    (b"II*\0", "(TIFF)"),
    (b"MM\0*", "(TIFF)"),
    (b"II+\0", "(TIFF)"),
    (b"%PDF", "(PDF)"),
    (b"\x89PNG", "(picture)"),
    (b"\xff\xd8\xff", "(picture)"),
    (b"GIF8", "(picture)"),
    (b"PAR1", "(Parquet)"),
)
_PRELOADED = {
    "gpkg": ("layers.sources.geopackage", "pyogrio"),
    "xlsx": ("layers.sources.workbook", "openpyxl", "mimetypes"),
    "geojson": ("layers.sources.geojson",),
    "delimited": ("layers.sources.delimited",),
}


def sniff(head: bytes) -> str:
    """Tell the format by the first bytes; the name of a file says nothing.

    Returns
    -------
    str
        ``gpkg``, ``xlsx``, ``geojson``, ``delimited`` or, for what is not read, a name in brackets.
    """
    for mark, kind in _MAGIC:
        if head.startswith(mark):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"{", b"[")):
        return "geojson"
    if text.startswith(b"<"):
        return "(XML)"
    return "delimited"


def main() -> int:
    """Do one job and leave an answer, whatever happens."""
    job = Path.cwd()
    order = json.loads((job / "job.json").read_text(encoding="utf-8"))
    answer: dict[str, Any]
    try:
        table, layers = _read(job, order)
        _write(job, table)
        answer = {
            "records": table.records,
            "blank": table.blank,
            "crs": table.crs,
            "encoding": table.encoding,
            "layer": table.layer,
            "format": table.format,
            "columns": table.columns,
            "has_shapes": table.shapes is not None,
            "problems": [[one.source_row, one.code, one.column, one.text] for one in table.problems],
            "lockdown": layers,
        }
    except ParkError as error:
        answer = {"error": _error(error)}
    except MemoryError:
        answer = {
            "error": _error(
                SourceError(
                    N_("the file needs more memory than an import may use"),
                    hint=N_("split it"),
                    code="TOO_LARGE",
                )
            )
        }
    (job / "answer.json").write_text(json.dumps(answer, ensure_ascii=False, default=str), encoding="utf-8")
    return 0


def _read(job: Path, order: dict[str, Any]) -> tuple[RawTable, dict[str, str]]:
    path = job / "input"
    with path.open("rb") as stream:
        kind = sniff(stream.read(4_096))
    _import_reader(kind)
    layers = harden(job, memory_mb=LIMITS.memory_mb, cpu_s=LIMITS.cpu_s, file_mb=2 * LIMITS.file_mb)
    if kind == "gpkg":
        from layers.sources.geopackage import read_geopackage

        return read_geopackage(path, layer=order.get("layer")), layers
    data = path.read_bytes()
    if not data.strip():
        raise SourceError(
            N_("the file is empty"), hint=N_("choose a file with a header and rows"), code="NO_ROWS"
        )
    if kind == "xlsx":
        from layers.sources.workbook import read_workbook

        return read_workbook(data, layer=order.get("layer"), header=order.get("header")), layers
    if kind == "geojson":
        from layers.sources.geojson import read_geojson

        return read_geojson(data), layers
    from layers.sources.delimited import read_delimited

    if kind == "(XML)" and not _is_prose(data):
        raise _refuse(kind)
    return read_delimited(data, encoding=order.get("encoding"), header=order.get("header")), layers


def _is_prose(data: bytes) -> bool:
    return not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        (b"<?", b"<!", b"<OGR", b"<VRT", b"<GDAL", b"<WMS", b"<WFS", b"<kml", b"<gml", b"<gpx", b"<html")
    )


def _import_reader(kind: str) -> None:
    """Import what reading needs before the doors close; refuse what is not read."""
    if kind.startswith("(") and kind != "(XML)":
        raise _refuse(kind)
    for name in ("pyarrow", *_PRELOADED.get(kind, ())):
        importlib.import_module(name)


def _refuse(kind: str) -> SourceError:
    hints = {
        "(DWG)": N_("save it as DXF R2010"),
        "(XLS)": N_("save it as XLSX"),
    }
    return SourceError(
        N_("the file's content is {format}, which is not read here"),
        hint=hints.get(kind, N_("give CSV, XLSX, GeoJSON or GeoPackage")),
        format=kind.strip("()"),
    )


def _write(job: Path, table: RawTable) -> None:
    """Plain columns, no pickle: the parent reads text, whole numbers and well-known binary."""
    import pyarrow as pa

    columns: dict[str, Any] = {"source_row": pa.array(table.source_rows, pa.int64())}
    turned = list(zip(*table.rows, strict=True))
    for place in range(len(table.columns)):
        columns[f"c{place}"] = pa.array(list(turned[place]) if turned else [], pa.large_string())
    if table.shapes is not None:
        columns["shape"] = pa.array(table.shapes, pa.large_binary())
    whole = pa.table(columns)
    with pa.OSFile(str(job / "table.arrow"), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)


def _error(error: ParkError) -> dict[str, Any]:
    kept = {
        key: value if isinstance(value, (int, float, str, list)) else str(value)
        for key, value in error.fields.items()
    }
    crossed: dict[str, Any] = {
        "class": type(error).__name__,
        "message": error.template,
        "hint": error.hint_template,
        "where": error.where,
        "code": error.code,
        "fields": kept,
    }
    for name in ("about", "options", "preview"):
        if hasattr(error, name):
            crossed[name] = getattr(error, name)
    return crossed


if __name__ == "__main__":
    sys.exit(main())
