"""Write files so that they are whole or not there, and safe to open."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.errors import N_, UsageError

__all__ = ["check_directory", "fresh_directory", "safe_cell", "write_json", "write_package", "write_table"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE}
_LEAST_ROOM = 1_000_000
_EPOCH = "1980-01-01T00:00:00.000Z"
_COUNTERS = (24, 92)
"""Where a file of SQLite counts its changes, and where it notes at which count its size was right."""


def check_directory(directory: str | Path, *, force: bool = False) -> Path:
    """Look whether files may be put into a directory, before the work begins.

    Returns
    -------
    Path
        Where the directory really is, symbolic links followed.

    Raises
    ------
    UsageError
        If it is no directory, or holds files and `force` is not given.
    """
    try:
        target = Path(directory).resolve()
        if target.exists() and not target.is_dir():
            raise UsageError(
                N_("“{name}” is no directory"),
                hint=N_("give another -o DIR"),
                where=str(directory),
                name=target.name,
            )
        holds = target.is_dir() and any(target.iterdir())
    except (OSError, RuntimeError) as error:  # no right to look, a name too long, links in a circle
        raise _unwritable(Path(directory), error) from None
    if holds and not force:
        raise UsageError(
            N_("the directory “{name}” holds files"),
            hint=N_("give another -o DIR, or --force"),
            where=str(directory),
            name=target.name,
        )
    return target


@contextmanager
def fresh_directory(directory: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `directory`; move its files there when all went well.

    Parameters
    ----------
    directory : path
        Where the files are wanted; made if need be.
    force : bool
        Files of the same names are replaced; all others stay.

    Yields
    ------
    Path
        The folder to write into; it may get folders too.

    Raises
    ------
    UsageError
        If `directory` holds files and `force` is not given, or cannot be written.

    Notes
    -----
    A failure leaves nothing behind and deletes nothing that was there. A process that is killed may
    leave the folder, whose name begins with ``.parkplan-``, but no file in `directory` that is not
    whole. A directory that is a file system of its own holds that folder itself.
    """
    target = check_directory(directory, force=force)
    made: list[Path] = []
    folder = None
    try:
        made = _make(target.parent)
        folder = _beside(target)
        yield folder
        _put(folder, target, force=force)
        made = []
    except OSError as error:
        if folder is not None and not _is_about_writing(error, folder, target):
            raise
        raise _unwritable(Path(directory), error) from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        _remove(made)


def _make(parent: Path) -> list[Path]:
    """Make a folder with those above it; return the new ones, the innermost first."""
    new = [one for one in (parent, *parent.parents) if not one.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    return new


def _beside(target: Path) -> Path:
    """Make a folder from which files can be renamed into `target`."""
    place = target.parent
    if target.exists() and (
        place.stat().st_dev != target.stat().st_dev or not os.access(place, os.W_OK | os.X_OK)
    ):
        place = target
    folder = place / f".parkplan-{secrets.token_hex(4)}"
    folder.mkdir()
    return folder


def _put(folder: Path, target: Path, *, force: bool) -> None:
    """Rename what is in `folder` into place: all of it, or nothing."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        _sync(path)
    if not target.exists():
        folder.rename(target)
        return
    if not force and any(path != folder for path in target.iterdir()):
        check_directory(target)  # somebody put files there while this one was at work
    for path in files:
        if (place := target / path.relative_to(folder)).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    old = folder / ".old"
    done: list[tuple[Path, Path | None]] = []
    made: list[Path] = []
    try:
        for path in files:
            name = path.relative_to(folder)
            place, kept = target / name, old / name
            made += _make(place.parent)
            was_there = place.exists() or place.is_symlink()
            if was_there:
                kept.parent.mkdir(parents=True, exist_ok=True)
                place.rename(kept)
            done.append((place, kept if was_there else None))
            path.rename(place)
    except BaseException:
        for place, before in reversed(done):
            if before is None:
                place.unlink(missing_ok=True)
            else:
                before.replace(place)
        _remove(made)
        raise


def _remove(folders: list[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _is_about_writing(error: OSError, folder: Path, target: Path) -> bool:
    """Whether the disk is to blame, and not a file that the program lacks."""
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    ours = any(Path(name).is_relative_to(one) for name in names for one in (folder, target))
    return ours or error.errno in _NO_ROOM


def write_package(path: Path, layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]) -> None:
    """Write layers and tables without geometry into one GeoPackage, and count them again.

    Parameters
    ----------
    path : Path
        Must not exist.
    layers : mapping of str to GeoDataFrame or DataFrame
        In the order in which readers will list them.

    Raises
    ------
    UsageError
        If what is read back differs in number from what was written: a full disk, for example.

    OSError
        If the disk is full.

    Notes
    -----
    Equal tables give equal bytes: the dates that GDAL writes are set to a fixed one, as are SQLite's counts
    of writes, which may differ by one.
    """
    try:
        for name, table in layers.items():
            _write_layer(path, name, table)
        _settle(path)
        counts = {
            name: pyogrio.read_info(path, layer=name, force_feature_count=True)["features"] for name in layers
        }
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, sqlite3.Error) as error:
        if "full" in str(error) or shutil.disk_usage(path.parent).free < _LEAST_ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
        raise
    for name, table in layers.items():
        if counts[name] != len(table):
            raise UsageError(
                N_("“{file}” was not written whole: layer “{layer}” has {found} of {wanted} rows"),
                hint=N_("check the free space"),
                where=path.name,
                file=path.name,
                layer=name,
                found=counts[name],
                wanted=len(table),
            )


def _write_layer(path: Path, name: str, table: gpd.GeoDataFrame | pd.DataFrame) -> None:
    if not isinstance(table, gpd.GeoDataFrame):
        pyogrio.write_dataframe(_plain(table), path, layer=name, driver="GPKG")
        return
    kinds = np.unique(shapely.get_type_id(table.geometry.to_numpy()))
    names = [shapely.GeometryType(kind).name for kind in kinds if kind >= 0]
    family = {name.removeprefix("MULTI") for name in names}
    pyogrio.write_dataframe(
        table,
        path,
        layer=name,
        driver="GPKG",
        use_arrow=True,
        # A layer has one type where its shapes do; a mixture stays as it is.
        promote_to_multi=len(family) == 1 and len(names) > 1,
        geometry_type=None if len(family) == 1 else "Unknown",
    )


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV in UTF-8; text that a spreadsheet would run is disarmed."""
    plain = pd.DataFrame(table).copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]):
            plain[name] = plain[name].map(_one_line_end).map(safe_cell)
    plain.columns = [safe_cell(_one_line_end(str(name))) for name in plain.columns]
    plain.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def safe_cell(value: Any) -> Any:
    """Return text with an apostrophe before what a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + value
    return value


def _one_line_end(value: Any) -> Any:
    """A lone carriage return would end the row: the writer quotes only the line end that it uses."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON for people and programs; numbers are finite."""
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False, default=str) + "\n",
        encoding="utf-8",
    )


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Mixed columns as text: a GeoPackage column has one type."""
    plain = table.copy()
    for name in plain.columns:
        if (
            plain[name].dtype == object
            and not plain[name].dropna().map(lambda value: isinstance(value, str)).all()
        ):
            plain[name] = plain[name].map(lambda value: None if pd.isna(value) else str(value))
    return plain


def _settle(path: Path) -> None:
    """Set the dates inside and the count of writes to fixed ones: the same tables give the same bytes."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (_EPOCH,))
        connection.commit()
    finally:
        connection.close()
    with path.open("r+b") as stream:
        for place in _COUNTERS:
            stream.seek(place)
            stream.write(b"\0\0\0\1")


def _sync(path: Path) -> None:
    if path.is_file():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(target: Path, error: OSError | RuntimeError) -> UsageError:
    return UsageError(
        N_("“{name}” cannot be written: {reason}"),
        hint=N_("give another -o DIR, or free some space"),
        where=str(target),
        name=target.name,
        reason=getattr(error, "strerror", None) or str(error),
    )
