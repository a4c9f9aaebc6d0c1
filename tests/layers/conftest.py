"""What tests of the import share: the reader and its checks in this process, without the lock-down."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from geo.errors import ChoiceError, ParkError, RefusedError, UsageError
from layers.sources.importer import Imported, ImportOptions, reading_order
from layers.sources.options import with_mapping
from layers.sources.rows import check_rows
from layers.sources.worker import child
from layers.sources.worker.parent import collect

Take = Callable[..., Imported]


def take_bytes(folder: Path, data: bytes, *, name: str = "upload", **answers: object) -> Imported:
    """Import bytes as `import_file` does, but without a process of its own for each of a thousand files."""
    options = with_mapping(ImportOptions(**answers))  # type: ignore[arg-type]
    for left in ("answer.json", "table.arrow"):
        (folder / left).unlink(missing_ok=True)
    (folder / "input").write_bytes(data)
    with warnings.catch_warnings():
        # A worker's warnings go into a log of its own; what it thinks of a file is in its answer.
        warnings.simplefilter("ignore", RuntimeWarning)
        child.do_job(folder, reading_order(options), lambda _: {})
    return check_rows(collect(folder, name), options, name, "0" * 64)


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip with these files, whatever their names say."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Return the function that imports bytes: ``take(data, kind="firms", crs=…)``."""
    job = tmp_path / "job"
    job.mkdir()

    def one(data: bytes, **answers: object) -> Imported:
        return take_bytes(job, data, **answers)

    return one


@pytest.fixture
def outcome(take: Take) -> Callable[..., tuple[str, object]]:
    """Return the function that says how an import ended: taken, asked or refused; all else is a failure."""

    return lambda data, **answers: ended(lambda: take(data, **answers))


def ended(work: Callable[[], object]) -> tuple[str, object]:
    """Import, and say how it ended; an account that does not add up is a failure, as all else is."""
    try:
        got = work()
    except ChoiceError as error:
        asked(error)
        return "asked", error
    except (RefusedError, UsageError) as error:
        told(error)
        return "refused", error
    if not isinstance(got, Imported):  # a raster has no rows to account for
        return "taken", got
    report = got.report
    assert report.rows_in == report.accepted + report.rejected
    assert report.accepted == len(got.table)
    assert report.rejected == len(got.rejects) == sum(report.reasons.values())
    if report.kind != "table":
        assert got.table["lon"].between(-180, 180).all()
        assert got.table["lat"].between(-90, 90).all()
    assert got.table["source_row"].is_unique
    return "taken", got


def asked(error: ChoiceError) -> None:
    """A question that can be answered."""
    told(error)
    # Of systems there are thousands: where none of the usual ones fits, none is proposed.
    assert error.options or error.about == "crs"
    assert all(option["argument"].startswith("--") for option in error.options)


def told(error: ParkError) -> None:
    """One clear sentence: filled in, of a length that is read, without paths or traces of a program."""
    sentence = error.message()
    assert 10 < len(sentence) < 700
    assert "\n" not in sentence.strip()
    for trace in ("Traceback", "parkplan-job", "/tmp/", "object at 0x"):
        assert trace not in sentence, sentence
    assert not re.search(r"\{[a-z_]+[}:!]", sentence), sentence
    assert error.code
    assert error.code != "UNREADABLE", "the reader stumbled"
