"""Which zone each atom gets: the search's problem made from ground, atoms and template."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.errors import N_, InfeasibleError
from geo.partition.atoms import Atoms
from geo.partition.banks import find_banks, link_strays, split_at_necks
from geo.partition.floorplan import MOST_PIECES, Cost, Floorplan, Weights
from geo.partition.frames import rotate
from geo.partition.slicing import search
from planning.catalogue.parks import ParkTemplate
from planning.zones.blocks import FACING_M, facing_pairs, near_pairs, net_blocks, road_surface
from planning.zones.ground import Ground
from planning.zones.siting import suitability

__all__ = ["Arrangement", "Effort", "arrange"]

_WISHES = {"A": 1.0, "E": 0.7, "I": 0.45, "O": 0.15}
_TRIES = 3
_LATER = 0.3
"""What share of the progress is left for further tries."""
_OTHER_SEED = 7_919


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How hard to search: slicing trees tried, moves of single atoms, and what counts how much."""

    evaluations: int
    moves: int
    weights: Weights


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrangement:
    """Zones on atoms.

    Attributes
    ----------
    labels : ndarray of shape (n,)
        Place of the zone in the template; −1 where no block fits on.
    plan : Floorplan
        The problem that was solved, on the usable atoms.
    usable : ndarray of int
        Those that a block fits on.
    fit : ndarray of shape (n, K)
        How well each atom suits each zone, 0–1; NaN where no rule of it could be followed.
    template : ParkTemplate
    """

    labels: NDArray[np.int64]
    plan: Floorplan
    usable: NDArray[np.int64]
    fit: NDArray[np.float64]
    template: ParkTemplate

    def zone_fit(self) -> NDArray[np.float64]:
        """How well each zone lies, shape (K,); NaN where no rule of it could be followed."""
        places = range(len(self.template.zones))
        return np.array([self.fit[self.labels == place, place].mean() for place in places])

    def allowed(self) -> dict[str, int]:
        """How many pieces each zone may have.

        The template's number, one more for each further bank that it lies on, three at most.
        """
        own = self.labels[self.usable]
        return {
            zone.id: min(zone.max_pieces + len(np.unique(self.plan.bank[own == place])) - 1, MOST_PIECES)
            for place, zone in enumerate(self.template.zones)
        }

    def relabelled(self, own: NDArray[np.int64]) -> Arrangement:
        """The same with other labels of the usable atoms."""
        labels = np.full(len(self.labels), -1, dtype=np.int64)
        labels[self.usable] = own
        return replace(self, labels=labels)


def arrange(
    ground: Ground,
    atoms: Atoms,
    angle: float,
    template: ParkTemplate,
    effort: Effort,
    seed: int,
    tell: Callable[[float], None],
) -> Arrangement:
    """Search for the best arrangement; again with another seed while a hard wish is not kept.

    Raises
    ------
    InfeasibleError
        If there are fewer blocks than zones.
    """
    lines = atoms.streets()
    blocks = net_blocks(ground, atoms, road_surface(ground, lines))
    usable = np.flatnonzero((shapely.area(blocks) > 0) & (_street_m(atoms) >= FACING_M))
    if len(usable) < len(template.zones):
        raise InfeasibleError(
            N_(
                "roads of {width:g} m and kept buildings leave {blocks} blocks, fewer than the {zones} zones "
                "of the template {template}"
            ),
            hint=N_("draw a larger or less narrow site, or leave small zones out of the template"),
            where="boundary",
            width=ground.widths[1],
            blocks=len(usable),
            zones=len(template.zones),
            template=template.key,
        )
    fit, known = suitability(ground, atoms, template)
    plan = _plan(ground, atoms, angle, template, usable, blocks[usable], fit[usable], effort.weights)
    plan, labels = _search(plan, effort, seed, tell)
    return Arrangement(
        labels=np.full(len(atoms), -1, dtype=np.int64),
        plan=plan,
        usable=usable,
        fit=np.where(known, fit, np.nan),
        template=template,
    ).relabelled(labels)


def _street_m(atoms: Atoms) -> NDArray[np.float64]:
    """Length of streets that each atom lies on, metres."""
    edges = atoms.edges
    length = np.where(edges.rank >= 0, shapely.length(edges.lines), 0.0)
    total = np.zeros(len(atoms))
    for side in (0, 1):
        inside = edges.sides[:, side] >= 0
        np.add.at(total, edges.sides[inside, side], length[inside])
    return total


def _search(
    plan: Floorplan, effort: Effort, seed: int, tell: Callable[[float], None]
) -> tuple[Floorplan, NDArray[np.int64]]:
    """Search; while a hard wish is broken again, with banks parted at their necks and another seed."""
    best: tuple[int, Floorplan, NDArray[np.int64]] | None = None
    for attempt in range(_TRIES):
        start = 1.0 - _LATER**attempt
        labels, _ = search(
            plan,
            seed=seed + _OTHER_SEED * attempt,
            evaluations=effort.evaluations,
            moves=effort.moves,
            tick=lambda share, start=start: tell(start + (1.0 - start) * (1.0 - _LATER) * share),  # type: ignore[misc]
        )
        faults = Cost(plan).faults(labels)
        if best is None or faults < best[0]:
            best = (faults, plan, labels)
        if not faults:
            break
        plan = replace(plan, bank=split_at_necks(plan.bank, plan.linked, plan.area_m2))
    assert best is not None
    return best[1], best[2]


def _plan(
    ground: Ground,
    atoms: Atoms,
    angle: float,
    template: ParkTemplate,
    usable: NDArray[np.int64],
    blocks: NDArray[np.object_],
    fit: NDArray[np.float64],
    weights: Weights,
) -> Floorplan:
    """The search's problem on the atoms that a block fits on."""
    ids = [zone.id for zone in template.zones]
    together = np.zeros((len(ids), len(ids)))
    apart = np.zeros((len(ids), len(ids)), dtype=bool)
    for (one, two), letter in template.closeness.items():
        i, j = ids.index(one), ids.index(two)
        if letter == "X":
            apart[i, j] = apart[j, i] = True
        else:
            together[i, j] = together[j, i] = _WISHES.get(letter, 0.0)
    number = np.full(len(atoms), -1, dtype=np.int64)
    number[usable] = np.arange(len(usable))
    both = (number[atoms.pairs] >= 0).all(axis=1)
    pairs = number[atoms.pairs[both]]
    area = shapely.area(blocks)
    linked = facing_pairs(blocks, atoms.streets(), ground.widths, pairs)
    linked = link_strays(linked, pairs, atoms.border_m[both], area)
    near, near_m = near_pairs(blocks, max(ground.widths) + 1.0, pairs)
    return Floorplan(
        area_m2=area,
        uv=rotate(shapely.get_coordinates(shapely.centroid(atoms.faces[usable])), -angle),
        bank=find_banks(linked, area),
        pairs=pairs,
        border_m=atoms.border_m[both],
        arterial=atoms.arterial[both],
        near=near,
        near_m=near_m,
        linked=linked,
        target=np.array([zone.target for zone in template.zones]),
        suitability=fit,
        allowed=np.ones((len(usable), len(ids)), dtype=bool),
        together=together,
        apart=apart,
        max_pieces=np.array([zone.max_pieces for zone in template.zones]),
        weights=weights,
    )
