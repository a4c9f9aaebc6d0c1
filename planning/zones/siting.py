"""Which block suits which zone: the siting rules of a template as numbers from 0 to 1."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.partition.atoms import Atoms
from planning.catalogue.parks import ParkTemplate, Siting
from planning.zones.ground import Ground

__all__ = ["suitability", "target_shape"]

_REACH = 0.35
"""Share of the site's diagonal over which a wish fades to a third."""


def suitability(
    ground: Ground, atoms: Atoms, template: ParkTemplate
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How well each atom suits each zone.

    Returns
    -------
    fit : ndarray of shape (n, K)
        0–1; one half where nothing is known.
    known : ndarray of shape (K,), bool
        Whether at least one rule of the zone could be followed.
    """
    count = len(atoms)
    fit = np.full((count, len(template.zones)), 0.5)
    known = np.zeros(len(template.zones), dtype=bool)
    west, south, east, north = ground.site.bounds
    reach = _REACH * float(np.hypot(east - west, north - south))
    centres = shapely.centroid(atoms.faces)
    frontage = _frontage(atoms)
    for place, zone in enumerate(template.zones):
        total = np.zeros(count)
        weight = 0.0
        for wish in zone.siting:
            if wish.target == "arterial":
                value = frontage
            else:
                shape = target_shape(ground, wish)
                if shape is None:
                    continue
                value = np.exp(-shapely.distance(centres, shape) / reach)
            total += wish.weight * (value if wish.rule == "near" else 1.0 - value)
            weight += wish.weight
        if weight:
            fit[:, place] = total / weight
            known[place] = True
    return fit, known


def target_shape(ground: Ground, wish: Siting) -> BaseGeometry | None:
    """Return what a wish is about, as a shape; None when it is not known."""
    if wish.target == "edge":
        return ground.site.boundary
    if wish.target == "centre":
        return ground.land.centroid
    if wish.target == "housing":
        return ground.housing
    if wish.target == "water":
        return None if ground.water.is_empty else ground.water
    kinds = set(wish.target.partition(":")[2].split())
    gates = [gate for gate, kind in zip(ground.gates, ground.gate_kinds, strict=True) if kind in kinds]
    return shapely.union_all(gates) if gates else None


def _frontage(atoms: Atoms) -> NDArray[np.float64]:
    """1 for atoms that lie on an arterial with a quarter of their outline or more."""
    length = np.zeros(len(atoms))
    for column in (0, 1):
        np.add.at(length, atoms.pairs[:, column], atoms.border_m * atoms.arterial)
    return np.asarray(np.minimum(1.0, 4 * length / shapely.length(atoms.faces)))
