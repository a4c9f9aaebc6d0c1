"""What can be said of a layout: adjacency, checks, reasons per zone, score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.partition.atoms import Atoms
from planning.catalogue.parks import ParkTemplate
from planning.zones.blocks import facing_pairs, near_pairs
from planning.zones.checks import check_layout
from planning.zones.coverage import Coverage
from planning.zones.ground import Ground
from planning.zones.reasons import reason_rows
from planning.zones.tables import ADJACENCY

__all__ = ["assess"]

_TOUCH_M = 30.0
_WANTED = {"A": "touch", "E": "touch", "I": "touch", "O": "near", "U": "none", "X": "apart"}


def assess(
    ground: Ground,
    atoms: Atoms,
    labels: NDArray[np.int64],
    made: Coverage,
    template: ParkTemplate,
    fit: NDArray[np.float64],
) -> dict[str, Any]:
    """Return adjacency, checks, reasons, share_error_pp and score of a layout."""
    adjacency = _adjacency(ground, atoms, labels, made, template)
    return {
        "adjacency": adjacency,
        "checks": check_layout(ground, made, template, adjacency),
        "reasons": reason_rows(ground, atoms, labels, template),
        "share_error_pp": made.share_error_pp(),
        "score": _score(adjacency, fit),
    }


def _score(adjacency: pd.DataFrame, fit: NDArray[np.float64]) -> float:
    """Half the closeness wishes that are met, half the mean siting suitability of the zones with rules."""
    wished = adjacency[adjacency["wanted"].isin(["touch", "apart"])]
    close = float((wished["met"] == "yes").mean()) if len(wished) else 1.0
    known = fit[~np.isnan(fit)]
    return round(0.5 * close + 0.5 * float(known.mean()), 6) if len(known) else round(close, 6)


def _adjacency(
    ground: Ground, atoms: Atoms, labels: NDArray[np.int64], made: Coverage, template: ParkTemplate
) -> pd.DataFrame:
    """Pairs of zones that the template names: their common border, and whether the wish is met."""
    ids = [zone.id for zone in template.zones]
    touch = np.zeros((len(ids), len(ids)))
    one, two = labels[atoms.pairs[:, 0]], labels[atoms.pairs[:, 1]]
    both = (one >= 0) & (two >= 0)
    np.add.at(touch, (one[both], two[both]), atoms.border_m[both])
    touch = touch + touch.T
    across = _across(ground, made)
    rows = []
    for (first, second), letter in template.closeness.items():
        border = touch[ids.index(first), ids.index(second)]
        wanted = _WANTED[letter]
        met = "–"
        if wanted == "touch":
            met = "yes" if border >= _TOUCH_M else "no"
        elif wanted == "apart":
            met = "yes" if border < 1.0 and frozenset((first, second)) not in across else "no"
        rows.append((first, second, letter, wanted, met, round(float(border), 1)))
    return pd.DataFrame(rows, columns=list(ADJACENCY.columns))


def _across(ground: Ground, made: Coverage) -> set[frozenset[str]]:
    """Pairs of zones whose blocks look at each other across a narrow water or a verge."""
    zone = np.array(made.zone)
    shapes, zone = made.shapes[zone != ""], zone[zone != ""]
    facing = facing_pairs(shapes, made.lines, ground.widths)
    near, _ = near_pairs(shapes, max(ground.widths) + 1.0, facing)
    return {frozenset((str(zone[one]), str(zone[two]))) for one, two in near}
