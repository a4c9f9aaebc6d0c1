"""Shares as they are once streets have gone: zones are moved a little until they are near their targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.partition.atoms import Atoms
from geo.partition.floorplan import Cost
from geo.partition.slicing import refine
from planning.zones.arrange import Arrangement
from planning.zones.blocks import net_blocks, road_surface
from planning.zones.dropping import drop_streets
from planning.zones.ground import Ground

__all__ = ["settle"]

_ROUNDS = 3
_GOOD = 0.002
"""A largest share error below this needs no further round."""
_LEAST = 0.3
"""A target is never bent below this share of itself."""


def settle(
    ground: Ground, atoms: Atoms, found: Arrangement, seed: int, moves: int
) -> tuple[Arrangement, Atoms, NDArray[np.int64]]:
    """Drop the streets that are not needed; where that shifts the shares, arrange for the shift.

    Returns
    -------
    found : Arrangement
        The best of a few rounds.
    atoms, labels
        After its streets have gone.

    Notes
    -----
    Large zones lose more streets than small ones and so gain net area. Each round aims beside the
    targets by as much as the last one missed them; no round may break a hard wish that is kept.
    """
    template = found.template
    target = np.array([zone.target for zone in template.zones])
    best: tuple[float, Arrangement, Atoms, NDArray[np.int64]] | None = None
    aim = target
    faults = Cost(found.plan).faults(found.labels[found.usable])
    for turn in range(_ROUNDS):
        joined, labels = drop_streets(ground, atoms, found.labels, template)
        shares = _shares(ground, joined, labels, len(target))
        error = float(np.abs(shares - target).max())
        if best is None or error < best[0] - 1e-9:
            best = (error, found, joined, labels)
        if error < _GOOD or turn == _ROUNDS - 1:
            break
        aim = np.maximum(aim + target - shares, _LEAST * target)
        plan = replace(found.plan, target=aim / aim.sum())
        own, _ = refine(plan, found.labels[found.usable], seed=seed + turn, moves=moves)
        if Cost(found.plan).faults(own) > faults:
            break
        found = found.relabelled(own)
    assert best is not None
    return best[1:]


def _shares(ground: Ground, atoms: Atoms, labels: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Share of each zone in the net area of all."""
    net = shapely.area(net_blocks(ground, atoms, road_surface(ground, atoms.streets())))
    own = labels >= 0
    area = np.bincount(labels[own], weights=net[own], minlength=count)
    return np.asarray(area / area.sum(), dtype=np.float64)
