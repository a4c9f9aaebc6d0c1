"""Colours and short words that maps and pictures share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geo.errors import N_
from planning.catalogue.landuse import landuse_codes
from planning.provenance import address_label, position_labels, synthetic_label

if TYPE_CHECKING:
    from planning.plan import Plan

__all__ = [
    "BORDER_COLOUR",
    "KIND_COLOURS",
    "KIND_NAMES",
    "LEAST_AREA_M2",
    "SKETCH",
    "border_label",
    "font_path",
    "industry_colours",
    "industry_groups",
    "map_notes",
    "zone_colours",
]

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
_REST = "#999999"
LEAST_AREA_M2 = 50.0
"""Land below this is not in a legend: it would be 0.00 ha."""
_WORTH_SAYING = 5e-4
"""Half a metre in a kilometre: what a national view is off, and a survey's zone is not."""
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
BORDER_COLOUR = "#8A8DB0"
_BORDERS = N_("Borders: sketch (示意图) to some 700 m, not reviewed, for internal use")
_REVIEWED = N_("Borders to some 700 m, map review number {number}")


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
    return {name: _TOL[place] if place < len(_TOL) else _REST for place, name in enumerate(names)}


def industry_groups(
    firms: gpd.GeoDataFrame, translate: Callable[[str], str]
) -> list[tuple[str, str, gpd.GeoDataFrame]]:
    """Firms by industry: name with its number of firms, colour, firms; the most frequent first.

    What has no colour of its own is one group at the end, so that every firm is drawn.
    """
    names = (
        firms["industry"].fillna("").astype(str) if "industry" in firms else pd.Series("", index=firms.index)
    )
    counts = names[names != ""].value_counts()
    order = sorted(counts.index, key=lambda name: (-counts[name], name))
    if len(order) > len(_TOL):
        order = order[: len(_TOL) - 1]
    groups = [
        (f"{name} ({counts[name]})", _TOL[place], firms[names == name]) for place, name in enumerate(order)
    ]
    rest = firms[~names.isin(order)]
    if len(rest):
        word = N_("Other industries ({count})") if order else N_("All firms ({count})")
        groups.append((translate(word).format(count=len(rest)), _REST, rest))
    return groups


def border_label(map_number: str, translate: Callable[[str], str]) -> str:
    """What stands beside the built-in borders: a sketch, until a review number is given for the map."""
    number = map_number.strip()
    return translate(_REVIEWED).format(number=number) if number else translate(_BORDERS)


def map_notes(plan: Plan, translate: Callable[[str], str]) -> list[tuple[str, bool]]:
    """Sentences that stand on every map, and whether each is a warning of made-up data.

    The labels of synthetic firms, registered addresses and positions that are not exact, the scenario's
    notes, and the source line.
    """
    label = synthetic_label(plan.stack, translate)
    notes = [(label, True)] if label else []
    if addresses := address_label(plan.stack, translate):
        notes.append((addresses, False))
    notes += [(text, False) for text in position_labels(plan.stack, translate)]
    if plan.scenario.notes:
        notes.append((plan.scenario.notes, bool(label)))
    source = [
        translate(N_("CRS {crs} · data {fingerprint} · seed {seed}")).format(
            crs=plan.stack.area.crs_name, fingerprint=plan.stack.fingerprint[:12], seed=plan.scenario.seed
        )
    ]
    if plan.stack.area.scale_error >= _WORTH_SAYING:
        source.append(
            translate(N_("lengths up to {share:.1%} off")).format(share=plan.stack.area.scale_error)
        )
    if plan.stack.sketch:
        source.append(translate(SKETCH))
    return [*notes, (" · ".join(source), False)]


def font_path() -> Path | None:
    """Noto Sans SC as PyPI brings it; None when it is not installed."""
    try:
        path = resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"
    except ModuleNotFoundError:
        return None
    return Path(str(path)) if path.is_file() else None
