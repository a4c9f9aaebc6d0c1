"""Colours and short words that maps and pictures share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from geo.errors import N_
from planning.catalogue.landuse import landuse_codes

__all__ = ["KIND_COLOURS", "KIND_NAMES", "SKETCH", "font_path", "industry_colours", "zone_colours"]

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


def zone_colours(zones: Mapping[str, str]) -> dict[str, str]:
    """Give each zone the colour of its land-use code, lighter for each further zone of one code.

    Parameters
    ----------
    zones : mapping of str to str
        Zone → code, in the template's order.
    """
    used: dict[str, int] = {}
    result = {}
    for zone, code in zones.items():
        known = landuse_codes().get(code)
        colour = known.colour if known is not None else "#CCCCCC"
        result[zone] = _lighter(colour, 1 - 0.55 ** used.get(colour, 0))
        used[colour] = used.get(colour, 0) + 1
    return result


def _lighter(colour: str, share: float) -> str:
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)


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
