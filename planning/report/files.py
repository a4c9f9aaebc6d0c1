"""Write files so that they are whole or not there, and safe to open."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.errors import N_, ParkError, UsageError

__all__ = ["fresh_directory", "safe_cell", "write_json", "write_package", "write_table"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EPOCH = "1980-01-01T00:00:00.000Z"


@contextmanager
def fresh_directory(directory: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Give an empty folder beside `directory`; move its files there when all went well.

    Parameters
    ----------
    directory : path
        Where the files are wanted.
    force : bool
        Files of the same names are replaced; all others stay.

    Yields
    ------
    Path
        The folder to write into.

    Raises
    ------
    UsageError
        If `directory` holds files and `force` is not given, or cannot be written.

    Notes
    -----
    A failure leaves nothing behind and deletes nothing that was there.
    """
    target = Path(directory)
    if target.exists() and not target.is_dir():
        raise UsageError(
            N_("“{name}” is no directory"),
            hint=N_("give another -o DIR"),
            where=str(target),
            name=target.name,
        )
    if not force and target.is_dir() and any(target.iterdir()):
        raise UsageError(
            N_("the directory “{name}” holds files"),
            hint=N_("give another -o DIR, or --force"),
            where=str(target),
            name=target.name,
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from None
    try:
        yield folder
        for path in folder.iterdir():
            _sync(path)
        if not target.exists():
            folder.chmod(0o755)
            folder.rename(target)
        else:
            for path in sorted(folder.iterdir()):
                path.replace(target / path.name)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    ParkError
        If what is read back differs in number from what was written: a full disk, for example.

    Notes
    -----
    Equal tables give equal bytes: the dates that GDAL writes are set to a fixed one.
    """
    for name, table in layers.items():
        if isinstance(table, gpd.GeoDataFrame):
            own = table.copy()
            kinds = set(own.geometry.geom_type.dropna())
            single = kinds <= {"Polygon"} or kinds <= {"Point"} or kinds <= {"LineString"}
            pyogrio.write_dataframe(
                own,
                path,
                layer=name,
                driver="GPKG",
                promote_to_multi=not single and bool(kinds),
                geometry_type=None if kinds else "Unknown",
            )
        else:
            pyogrio.write_dataframe(_plain(table), path, layer=name, driver="GPKG")
    _settle(path)
    for name, table in layers.items():
        count = pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
        if count != len(table):
            raise ParkError(
                N_("“{file}” was not written whole: layer “{layer}” has {found} of {wanted} rows"),
                hint=N_("check the free space"),
                where=path.name,
                file=path.name,
                layer=name,
                found=count,
                wanted=len(table),
            )


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV in UTF-8; text that a spreadsheet would run is disarmed."""
    plain = pd.DataFrame(table).copy()
    for name in plain.columns:
        if not pd.api.types.is_numeric_dtype(plain[name]):
            plain[name] = plain[name].map(safe_cell)
    plain.columns = [safe_cell(str(name)) for name in plain.columns]
    plain.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def safe_cell(value: Any) -> Any:
    """Return text with an apostrophe before what a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + value
    return value


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
    """Set the dates inside to a fixed one, so that the same tables give the same bytes."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("UPDATE gpkg_contents SET last_change = ?", (_EPOCH,))
        connection.commit()
        connection.execute("VACUUM")
    finally:
        connection.close()


def _sync(path: Path) -> None:
    if path.is_file():
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(target: Path, error: OSError) -> UsageError:
    return UsageError(
        N_("“{name}” cannot be written: {reason}"),
        hint=N_("give another -o DIR, or free some space"),
        where=str(target),
        name=target.name,
        reason=error.strerror or str(error),
    )
