"""The process that opens what was uploaded. It sees one file and one folder, and no network.

Started by `layers.sources.worker.parent`; reads ``job.json``, writes ``table.arrow`` and ``answer.json``.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from geo.errors import N_, ParkError, SourceError
from layers.sources.columns import aliases
from layers.sources.raw import LIMITS, RawTable
from layers.sources.readers.formats import sniff_file
from layers.sources.readers.kinds import preload_reader, read_kind
from layers.sources.worker.drivers import driver_status
from layers.sources.worker.lockdown import harden

__all__ = ["do_job", "main", "warm_up"]


class _WithoutPandas(importlib.abc.MetaPathFinder):
    """pyarrow looks for pandas, which takes longer to load than most files take to read."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname, name=fullname)


def main() -> int:
    """Do one job and leave an answer, whatever happens."""
    _do_without_pandas()
    job = Path.cwd()
    order = json.loads((job / "job.json").read_text(encoding="utf-8"))
    do_job(job, order, _lock)
    return 0


def warm_up(kind: str) -> None:
    """Import what a format needs, in the server that forks workers; who reads the file says what fails."""
    _do_without_pandas()
    with contextlib.suppress(ParkError, ImportError):
        importlib.import_module("pyarrow")
        importlib.import_module("resource")
        preload_reader(kind)
    aliases()


def _do_without_pandas() -> None:
    if not any(isinstance(finder, _WithoutPandas) for finder in sys.meta_path):
        sys.meta_path.insert(0, _WithoutPandas())


def do_job(job: Path, order: dict[str, Any], lock: Callable[[Path], dict[str, str]]) -> None:
    """Read ``input`` in the job's folder; leave ``answer.json`` and, if all went well, ``table.arrow``.

    Parameters
    ----------
    job : Path
    order : dict
        layer, header, encoding, geometry: answers of the user. repair: whether crossing polygons are mended.
        probe: whether the drivers that GDAL knows are listed.
    lock : callable
        Takes the job's folder, closes every door of this process, and says what each answered.

    Notes
    -----
    An error that nobody expected of a reader is told as the file's, by its kind: whoever wrote the
    file can make any library stumble. The log beside the answer holds the traceback.
    """
    try:
        table, layers = _read(job, order, lock)
        _write(job, table)
        answer = _account(table, layers)
    except ParkError as error:
        answer = {"error": _error(error)}
    except MemoryError:
        answer = {"error": _error(_too_large())}
    # A file may hold halves of characters, which no encoding writes.
    text = json.dumps(answer, ensure_ascii=False, default=str)
    (job / "answer.json").write_bytes(text.encode("utf-8", "replace"))


def _lock(job: Path) -> dict[str, str]:
    layers = harden(job, memory_mb=LIMITS.memory_mb, cpu_s=LIMITS.cpu_s, file_mb=2 * LIMITS.file_mb)
    drivers = driver_status()
    return layers | {"drivers": drivers} if drivers else layers


def _read(
    job: Path, order: dict[str, Any], lock: Callable[[Path], dict[str, str]]
) -> tuple[RawTable, dict[str, str]]:
    path = job / "input"
    kind = sniff_file(path)
    preload_reader(kind)
    if order.get("geometry") is not None:
        for name in ("layers.sources.readers.geometry_column", "layers.sources.repair"):
            importlib.import_module(name)
    if order.get("probe"):  # both libraries that bring a GDAL
        for name in ("pyogrio", "rasterio.env"):
            importlib.import_module(name)
    layers = lock(job)
    if layers.get("drivers", "").startswith("missing") and not order.get("probe"):
        raise SourceError(
            N_("GDAL knows more drivers than an import may use, so nothing is opened: {drivers}"),
            hint=N_("run “parkplan doctor”, and install the versions of requirements.txt"),
            code="UNSAFE",
            drivers=layers["drivers"],
        )
    table = read_kind(kind, path, order)
    column = order.get("geometry")
    if column is None and table.shapes is None and table.raster is None and not order.get("placed"):
        from layers.sources.readers.geometry_column import find_geometry_column

        column = find_geometry_column(table, order.get("types", ()))
        table.notes += [("GEOMETRY_COLUMN", table.records)] if column is not None else []
    if column is not None:
        from layers.sources.readers.geometry_column import take_geometry_column

        table.lay_out_rows()
        take_geometry_column(table, column)
    if table.shapes is not None:
        from layers.sources.repair import repair_shapes

        repair_shapes(table, mend=bool(order.get("repair", True)))
    return table, layers


def _write(job: Path, table: RawTable) -> None:
    """Plain columns, no pickle: the parent reads text, whole numbers and well-known binary."""
    import pyarrow as pa

    columns: dict[str, Any] = {"source_row": pa.array(table.source_rows, pa.int64())}
    turned = table.cells or [list(cells) for cells in zip(*table.rows, strict=True)]
    for place in range(len(table.columns)):
        cells = turned[place] if turned else []
        columns[f"c{place}"] = (
            cells if isinstance(cells, pa.Array | pa.ChunkedArray) else pa.array(cells, pa.large_string())
        )
    if table.shapes is not None:
        columns["shape"] = pa.array(table.shapes, pa.large_binary())
    whole = pa.table(columns)
    with pa.OSFile(str(job / "table.arrow"), "wb") as sink, pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)


def _account(table: RawTable, layers: dict[str, str]) -> dict[str, Any]:
    return {
        "records": table.records,
        "blank": table.blank,
        "crs": table.crs,
        "encoding": table.encoding,
        "layer": table.layer,
        "format": table.format,
        "columns": table.columns,
        "has_shapes": table.shapes is not None,
        "problems": [[one.source_row, one.code, one.column, one.text] for one in table.problems],
        "repaired": table.repaired,
        "notes": table.notes,
        "raster": table.raster,
        "lockdown": layers,
    }


def _too_large() -> SourceError:
    return SourceError(
        N_("the file needs more memory than an import may use"), hint=N_("split it"), code="TOO_LARGE"
    )


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
