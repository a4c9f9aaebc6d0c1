"""Run the worker: a process of its own for each file, watched and killed when it must be."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from geo import errors
from geo.errors import N_, CancelledError, SourceError
from layers.sources.raw import LIMITS
from layers.sources.readers.formats import sniff
from layers.sources.worker import forkserver
from layers.sources.worker.lockdown import locked_environment

__all__ = ["Answer", "collect", "lockdown_status", "read_locked"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the worker left: its JSON, its table and, of a raster, the clean copy."""

    meta: dict[str, Any]
    table: pa.Table
    raster: bytes | None = None

    def cells(self) -> pd.DataFrame:
        """Cells as text, in the columns of the file."""
        columns = [str(column) for column in self.meta["columns"]]
        if not columns:
            return pd.DataFrame(index=pd.RangeIndex(self.table.num_rows))
        own = self.table.select([f"c{place}" for place in range(len(columns))])
        return own.rename_columns(columns).to_pandas()

    def source_rows(self) -> NDArray[np.int64]:
        """Physical line, row or feature of each row."""
        return np.asarray(self.table["source_row"].to_numpy(), dtype=np.int64)


def read_locked(path: Path, order: dict[str, Any], *, cancelled: Callable[[], bool] | None = None) -> Answer:
    """Have a locked-down worker read one file.

    Parameters
    ----------
    path : Path
        Copied into the job's own folder under a name of ours.
    order : dict
        Answers for the reader: layer, header, encoding.
    cancelled : callable, optional
        Asked five times a second; true kills the worker.

    Raises
    ------
    SourceError
        If the file cannot be taken, or the worker died or took too long over it.
    CancelledError
        If the person stopped the work.
    """
    with path.open("rb") as stream:
        warm = forkserver.start(sniff(stream.read(4_096)))
    if warm is not None:
        try:
            return _in(warm.job, path, order, lambda _: _run_warm(warm, cancelled))
        except forkserver.GoneError:
            _LOG.info("no server answers for “%s”: it is read by a worker that starts cold", path.name)
        finally:
            warm.close()
    with tempfile.TemporaryDirectory(prefix="parkplan-job-", ignore_cleanup_errors=True) as folder:
        return _in(Path(folder), path, order, lambda job: _run(job, cancelled))


def _in(job: Path, path: Path, order: dict[str, Any], run: Callable[[Path], int]) -> Answer:
    """Read a file in a job's folder."""
    shutil.copyfile(path, job / "input")
    (job / "job.json").write_text(json.dumps(order, ensure_ascii=False), encoding="utf-8")
    return collect(job, path.name, run(job))


def collect(job: Path, name: str, code: int = 0) -> Answer:
    """Take what a worker left in its folder.

    Parameters
    ----------
    job : Path
    name : str
        Of the file, for messages.
    code : int
        What the worker's process returned.

    Raises
    ------
    ParkError
        The worker's own, or one that says how it ended.
    """
    answer = job / "answer.json"
    if not answer.exists():
        raise _ended(code, job / "stderr", name)
    meta = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in meta:
        raise _rebuild(meta["error"], name)
    # Read into memory of ours: the folder is about to go, and columns stay as they lie in it.
    with pa.ipc.open_file(pa.py_buffer((job / "table.arrow").read_bytes())) as source:
        table = source.read_all()
    raster = (job / "raster.tif").read_bytes() if meta.get("raster") else None
    return Answer(meta=meta, table=table, raster=raster)


def lockdown_status() -> dict[str, str]:
    """Say what each layer of the lock-down answers on this machine, and which drivers GDAL knows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "probe.csv"
        path.write_text("name,lon,lat\nprobe,118,24\n", encoding="utf-8")
        status: dict[str, str] = read_locked(path, {"probe": True}).meta["lockdown"]
    return status


def _ended(code: int, log: Path, name: str) -> SourceError:
    """Say how a worker ended that left no answer."""
    printed = log.read_text(encoding="utf-8", errors="replace").strip() if log.exists() else ""
    if code == 1 and "Traceback" in printed:
        # Whoever writes a file can make any library stumble over it: the file is refused, and a log
        # that listens has what a developer needs.
        _LOG.info("the reader stumbled over “%s”:\n%s", name, printed)
        return SourceError(
            N_("“{name}” could not be read: the reader stumbled over it ({reason})"),
            hint=N_("save it again from the program that made it; if it opens there, report this"),
            code="UNREADABLE",
            where=name,
            name=name,
            reason=printed.splitlines()[-1].partition(":")[0][:80],
        )
    return SourceError(
        N_("reading “{name}” needed more than an import may use and was stopped"),
        hint=N_("check the file, or split it"),
        where=name,
        code="TOO_LARGE",
        name=name,
    )


def _run(job: Path, cancelled: Callable[[], bool] | None) -> int:
    code = Path(__file__).parents[3]
    environment = locked_environment(os.environ, job)
    environment["PYTHONPATH"] = str(code)
    with (job / "stderr").open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "layers.sources.worker.child"],
            cwd=job,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        try:
            return _watch(process, cancelled)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _run_warm(worker: forkserver.WarmWorker, cancelled: Callable[[], bool] | None) -> int:
    worker.run()
    return _watch(worker, cancelled)


def _watch(
    process: subprocess.Popen[bytes] | forkserver.WarmWorker, cancelled: Callable[[], bool] | None
) -> int:
    end = time.monotonic() + LIMITS.wall_s
    pause = 0.2 if cancelled is not None else 1.0
    while True:
        try:
            return process.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            if cancelled is not None and cancelled():
                raise CancelledError from None
            if time.monotonic() > end:
                raise SourceError(
                    N_("reading the file took longer than {limit} s and was stopped"),
                    hint=N_("split it"),
                    code="TOO_SLOW",
                    limit=LIMITS.wall_s,
                ) from None


def _rebuild(told: dict[str, Any], name: str) -> errors.ParkError:
    known = {"SourceError", "ChoiceError", "SchemaError", "CrsError", "GeometryError", "UsageError"}
    kind = getattr(errors, told["class"]) if told.get("class") in known else SourceError
    extra = {key: told[key] for key in ("about", "options", "preview") if key in told}
    fields = {
        str(key): value
        for key, value in told.get("fields", {}).items()
        if key not in {"message", "hint", "where", "code"}
    }
    error: errors.ParkError = kind(
        str(told["message"]),
        hint=str(told.get("hint", "")),
        where=f"{name} {told['where']}".strip() if told.get("where") else name,
        code=str(told.get("code", "")),
        **extra,
        **fields,
    )
    return error
