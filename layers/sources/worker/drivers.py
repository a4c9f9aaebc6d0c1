"""Which drivers GDAL may register in the process that opens uploads: an allow-list.

GDAL itself can only be told what to leave out, and what there is differs from wheel to wheel: the
GDAL of pyogrio and that of rasterio are two, and each release brings drivers that no frozen list
names. So a process that opens nothing asks the installed wheels, once a version.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["ALLOWED_DRIVERS", "driver_status", "known_drivers", "skipped_drivers"]

ALLOWED_DRIVERS = frozenset({"ESRI Shapefile", "FlatGeobuf", "GPKG", "GTiff", "MEM", "Memory", "OSM"})
"""Drivers that a reader of ours uses, and the two that live in memory."""
_WHEELS = ("pyogrio", "rasterio")
_LISTING = """
import sys
sys.modules["pandas"] = sys.modules["geopandas"] = None
import pyogrio
from rasterio.env import Env
with Env() as environment:
    print("\\n".join(sorted({*pyogrio.list_drivers(), *environment.drivers()})))
"""


@functools.cache
def known_drivers() -> tuple[str, ...]:
    """Names of all drivers that the installed wheels would register.

    Raises
    ------
    subprocess.CalledProcessError
        If the wheels cannot be imported: then nothing that GDAL reads can be opened safely.

    Notes
    -----
    The answer is kept in the user's cache folder under the versions and places of the wheels.
    """
    kept = _cache_file()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        names = tuple(kept.read_text(encoding="utf-8").splitlines())
        if set(names) >= ALLOWED_DRIVERS - {"Memory"}:
            return names
    environment = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(("GDAL_", "OGR_"))
    }
    listed = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-P", "-c", _LISTING],
        env=environment | {"GDAL_DRIVER_PATH": "disable"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names = tuple(listed.splitlines())
    with contextlib.suppress(OSError):  # a cache that cannot be written costs half a second the next time
        _write_whole(kept, listed)
    return names


def skipped_drivers() -> str:
    """Return what ``GDAL_SKIP`` and ``OGR_SKIP`` must hold: all drivers but those that are allowed."""
    return ",".join(name for name in known_drivers() if name not in ALLOWED_DRIVERS)


def driver_status() -> str:
    """Compare what this process has registered with what is allowed.

    Returns
    -------
    str
        ``on (…)``, ``missing: …``, or nothing where no GDAL is loaded.
    """
    registered: set[str] = set()
    if "pyogrio" in sys.modules:
        import pyogrio

        registered |= set(pyogrio.list_drivers())
    if "rasterio" in sys.modules:
        from rasterio.env import Env

        with Env() as environment:
            registered |= set(environment.drivers())
    strange = sorted(registered - ALLOWED_DRIVERS)
    if strange:
        return f"missing: GDAL also knows {', '.join(strange)}"
    return f"on ({', '.join(sorted(registered))})" if registered else ""


def _cache_file() -> Path:
    parts = []
    for wheel in _WHEELS:
        found = importlib.util.find_spec(wheel)
        place = Path(found.origin) if found is not None and found.origin else Path(wheel)
        changed = place.stat().st_mtime_ns if place.exists() else 0
        parts += [wheel, importlib.metadata.version(wheel), str(place), str(changed)]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    stated = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    base = Path(stated or os.path.expanduser("~/.cache"))  # noqa: PTH111 - pathlib's raises without a home
    return base / "parkplan" / f"gdal-drivers-{key}.txt"


def _write_whole(path: Path, text: str) -> None:
    """Write beside and rename: two processes may start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as sink:
        sink.write(text)
    Path(beside).replace(path)
