"""What this installation can do, and what it lacks: the answer of `parkplan doctor`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib import metadata, util
from pathlib import Path
from typing import Any

from geo.errors import N_, ParkError
from geo.version import version

__all__ = ["examine"]

_PACKAGES = (
    "geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "numpy", "pandas", "scipy", "scikit-learn",
    "pyarrow", "streamlit", "folium", "matplotlib", "openpyxl",
)  # fmt: skip
_ASSETS = (
    "leaflet/leaflet.js",
    "leaflet/leaflet.css",
    "geoman/leaflet-geoman.js",
    "geoman/leaflet-geoman.css",
)


def examine(translate: Callable[[str], str] = str) -> dict[str, Any]:
    """Look at versions, the reader's lock-down, fonts and front-end files.

    Parameters
    ----------
    translate : callable
        Translates message templates.

    Returns
    -------
    dict
        versions, lockdown, fonts, assets (name → what was found) and missing (sentences).
    """
    versions = {"parkplan": version(), "python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "missing"
    missing: list[str] = []
    if gone := [package for package in _PACKAGES if versions[package] == "missing"]:
        missing.append(
            translate(N_("Python packages are not installed: {packages}; run make env")).format(
                packages=", ".join(gone)
            )
        )
    lockdown = _lockdown()
    if any(answer.startswith("missing") for answer in lockdown.values()):
        missing.append(
            translate(
                N_("a layer of the reader's lock-down is missing: do not open this server to strangers")
            )
        )
    fonts = _fonts()
    if "missing" in fonts.values():
        missing.append(translate(N_("the Chinese font is not installed: run make env")))
    assets = _assets()
    if "missing" in assets.values():
        missing.append(translate(N_("front-end files are not installed, maps will not show: run make env")))
    return {
        "versions": versions,
        "lockdown": lockdown,
        "fonts": fonts,
        "assets": assets,
        "missing": missing,
    }


def _lockdown() -> dict[str, str]:
    """Ask the reader itself, which an installation that lacks something may not be able to start."""
    try:
        from layers.sources.worker.parent import lockdown_status

        return lockdown_status()
    except (ImportError, ParkError) as error:
        return {"reader": f"missing: {error}"}


def _home(module: str) -> Path | None:
    found = util.find_spec(module)
    return Path(found.origin).parent if found is not None and found.origin else None


def _fonts() -> dict[str, str]:
    home = _home("pylopdf_fonts_zh_cn")
    path = home / "NotoSansSC-Regular.otf" if home else None
    return {"Noto Sans SC": str(path) if path is not None and path.is_file() else "missing"}


def _assets() -> dict[str, str]:
    home = _home("parkplan")
    vendor = home / "frontend" / "vendor" if home else None
    return {
        name: "found" if vendor is not None and (vendor / name).is_file() else "missing" for name in _ASSETS
    }
