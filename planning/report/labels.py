"""Colours and short words that maps and pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from geo.errors import N_
from planning.catalogue.landuse import landuse_codes

__all__ = ["KIND_COLOURS", "KIND_NAMES", "SKETCH", "code_colour", "font_path", "industry_colours"]

_TOL = (
    "#4477AA",
    "#EE6677",
    "#228833",
    "#CCBB44",
    "#66CCEE",
    "#AA3377",
    "#BBBBBB",
    "#EE7733",
    "#009988",
    "#882255",
)
"""Paul Tol's bright and vibrant schemes: told apart by colour-blind readers."""
KIND_COLOURS = {
    "road": "#A3A3A3",
    "verge": "#A9D8A0",
    "water": "#338EC0",
    "kept": "#6E5A4B",
    "excluded": "#E8E4D8",
}
KIND_NAMES = {
    "road": N_("Roads"),
    "verge": N_("Verge"),
    "water": N_("Water"),
    "kept": N_("Kept buildings"),
    "excluded": N_("Excluded land"),
}
SKETCH = N_("Sketch (示意图), not a reviewed map")


def code_colour(code: str) -> str:
    """Colour of a land-use code."""
    known = landuse_codes().get(code)
    return known.colour if known is not None else "#CCCCCC"


def industry_colours(names: Sequence[str]) -> dict[str, str]:
    """Give each industry a colour; beyond ten they are grey."""
    return {name: _TOL[place] if place < len(_TOL) else "#999999" for place, name in enumerate(names)}


def font_path() -> Path | None:
    """Noto Sans SC as PyPI brings it; None when it is not installed."""
    try:
        path = resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
    except ModuleNotFoundError:
        return None
    return Path(str(path)) if path.is_file() else None
