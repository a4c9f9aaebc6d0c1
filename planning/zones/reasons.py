"""Why a zone lies where it does: a row for each rule, and its sentence in any language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_
from geo.partition.atoms import Atoms
from planning.catalogue.parks import ParkTemplate
from planning.zones.ground import Ground
from planning.zones.siting import target_shape
from planning.zones.tables import REASONS

__all__ = ["reason_rows", "reason_sentence"]

_TOUCH_M = 30.0
_NEAR = 0.25
"""A zone lies near something within this share of the site's diagonal."""
_TARGETS = {
    "housing": N_("housing"),
    "water": N_("water"),
    "edge": N_("the outline of the park"),
    "centre": N_("the middle of the park"),
}
_GATES = {
    "port": N_("port"),
    "expressway": N_("expressway"),
    "town": N_("town"),
    "rail": N_("rail"),
}


def reason_rows(
    ground: Ground, atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate
) -> pd.DataFrame:
    """Return one row for each siting rule of each zone.

    Returns
    -------
    DataFrame
        zone, rule, value (m; missing where it could not be measured), met (yes, no, not checked),
        weight, sentence (English).
    """
    west, south, east, north = ground.site.bounds
    near_m = _NEAR * float(np.hypot(east - west, north - south))
    rows: list[tuple[str, str, float | None, str, float]] = []
    for place, zone in enumerate(template.zones):
        shape = shapely.union_all(atoms.faces[labels == place])
        for wish in zone.siting:
            rule = f"{wish.rule} {wish.target}"
            if wish.target == "arterial":
                value = _on_arterial(atoms, labels == place)
                is_near = value > _TOUCH_M
            else:
                target = target_shape(ground, wish)
                if target is None:
                    rows.append((zone.id, rule, None, "not checked", wish.weight))
                    continue
                value = float(shapely.distance(shape, target))
                is_near = value < near_m
            met = "yes" if is_near == (wish.rule == "near") else "no"
            rows.append((zone.id, rule, round(value, 1), met, wish.weight))
        rows += [(zone.id, rule, None, "not checked", 0.0) for rule in zone.rules]
    return pd.DataFrame(
        [(*row, reason_sentence(row[0], row[1], row[2], row[1], _english)) for row in rows],
        columns=list(REASONS.columns),
    )


def reason_sentence(
    zone: str, rule: str, value: float | None, words: str, translate: Callable[..., str]
) -> str:
    """Say a row in the language of `translate`.

    Parameters
    ----------
    zone : str
        Name of the zone in that language.
    rule : str
        As in the table.
    value : float or None
        Metres.
    words : str
        The rule in that language, for rules that no layout follows.
    translate : callable
        ``translate(template, **fields)``.
    """
    wish, _, target = rule.partition(" ")
    said = _said(target, translate) if wish in ("near", "away") else ""
    unknown = value is None or pd.isna(value)
    if not said:
        return translate(N_("{zone}: “{rule}” is not checked by this layout"), zone=zone, rule=words)
    if unknown:
        return translate(N_("{zone}: not checked, {target} not given"), zone=zone, target=said)
    if target == "arterial":
        return translate(N_("{zone} has {length_m:.0f} m on arterial roads"), zone=zone, length_m=value)
    return translate(
        N_("{zone} lies {distance_m:.0f} m from {target}"), zone=zone, distance_m=value, target=said
    )


def _said(target: str, translate: Callable[..., str]) -> str:
    if target == "arterial":
        return translate(N_("arterial roads"))
    if target.startswith("gate:"):
        kinds = [translate(_GATES[kind]) for kind in target.removeprefix("gate:").split() if kind in _GATES]
        return translate(N_("gates ({kinds})"), kinds=translate(N_(", ")).join(kinds)) if kinds else ""
    return translate(_TARGETS[target]) if target in _TARGETS else ""


def _english(template: str, **fields: Any) -> str:
    return template.format(**fields)


def _on_arterial(atoms: Atoms, own: NDArray[np.bool_]) -> float:
    inside = own[atoms.pairs[:, 0]] | own[atoms.pairs[:, 1]]
    return float((atoms.border_m * atoms.arterial)[inside].sum())
