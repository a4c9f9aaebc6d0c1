"""Atoms: faces of one noded set of lines, so that they cover the land exactly; joined where it helps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.classes import settle_classes
from geo.partition.edges import GRID_M, Edges
from geo.partition.joiner import Joiner, Trial
from geo.partition.network import node_streets
from geo.partition.skeleton import ARTERIAL, Street

__all__ = ["GRID_M", "Atoms", "cut_atoms", "join_atoms"]

_TIDY_ROUNDS = 3
_CRUMB = 0.35
_LARGEST = 2.5
"""A block that is made to tidy the network up is at most this many times the median block."""
_UNTIDY = 1.0
"""How much of its squareness a union is worth less for each bend or dead end that it makes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Atoms:
    """Faces and who borders whom.

    Attributes
    ----------
    faces : ndarray of n Polygon
        They cover the land without gap or overlap and share their vertices.
    edges : Edges
        Between them: every edge that is not on the outline is a street.
    pairs : ndarray of shape (m, 2)
        Neighbours, i < j.
    border_m : ndarray of shape (m,)
        Length of the common border.
    arterial : ndarray of shape (m,)
        Share of that border on an arterial, 0–1.
    """

    faces: NDArray[np.object_]
    edges: Edges
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    arterial: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of atoms."""
        return len(self.faces)

    def streets(self) -> list[tuple[int, LineString]]:
        """Streets and bridges: (rank, line), cut where streets meet or change their class.

        Where lines meet, their ends are equal to the bit.
        """
        edges = self.edges
        streets = edges.rank >= 0
        spans = edges.spans(streets)
        lines = np.concatenate([edges.lines[streets], edges.bridges[spans]])
        ends = np.vstack([edges.ends[streets], edges.bridge_ends[spans]])
        rank = np.concatenate([edges.rank[streets], edges.bridge_rank[spans]])
        meeting = np.bincount(ends.ravel(), minlength=len(edges.nodes))
        low, high = np.full(len(edges.nodes), 9), np.full(len(edges.nodes), -1)
        for side in (0, 1):
            np.minimum.at(low, ends[:, side], rank)
            np.maximum.at(high, ends[:, side], rank)
        runs_on = (meeting == 2) & (low == high)
        chain = _chains(ends, runs_on)
        result: list[tuple[int, LineString]] = []
        for number in np.unique(chain):
            own = np.flatnonzero(chain == number)
            whole = shapely.line_merge(shapely.multilinestrings(list(lines[own])))
            result += [(int(rank[own[0]]), line) for line in shapely.get_parts(whole)]
        return sorted(result, key=lambda entry: (entry[0], entry[1].bounds))


def cut_atoms(
    land: BaseGeometry,
    streets: Sequence[Street],
    *,
    least_m2: float,
    least_width_m: float,
    bridge_m: float,
    gates: Sequence[Point] = (),
    barred: BaseGeometry | None = None,
    kept: BaseGeometry | None = None,
) -> Atoms:
    """Cut land along streets; give slivers to the neighbour that suits them best.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Metres.
    streets : sequence of Street
    least_m2, least_width_m : float
        Smaller or thinner faces are joined to a neighbour, never across a hard street.
    bridge_m : float
        Bridges between banks are at most this long.
    gates : sequence of Point
        On the outline; a street comes to each.
    barred : optional
        Where no new bridge may stand.
    kept : optional
        Buildings that new streets go round where they can.

    Returns
    -------
    Atoms

    Notes
    -----
    The faces come from one polygonize of one noded set of lines, so coverage holds by
    construction. No join may break the network in two, so it is one by construction too.
    O(n · m) for n joins and m edges.
    """
    faces, edges = node_streets(land, streets, gates, bridge_m, barred=barred, kept=kept)
    joiner = Joiner(faces, edges)
    _drop_islands(joiner, edges)
    _join_small(joiner, least_m2, least_width_m)
    _tidy(joiner, edges)
    return _after(joiner, edges)[0]


def join_atoms(atoms: Atoms, joiner: Joiner) -> tuple[Atoms, NDArray[np.int64]]:
    """Atoms after some were joined, and the first old atom of each new one."""
    return _after(joiner, atoms.edges)


def _drop_islands(joiner: Joiner, edges: Edges) -> None:
    """Give up short stretches that lead from outline to outline and join no other on their bank."""
    count, piece = edges.pieces(joiner.kept)
    if count < 2:
        return
    weight = shapely.length(edges.lines) + 1e9 * edges.hard
    inner = (edges.sides >= 0).all(axis=1)
    for number in np.unique(joiner.bank):
        here = (joiner.bank == number) & (piece >= 0)
        total = np.bincount(piece[here], weights=weight[here], minlength=count)
        for island in np.flatnonzero((total > 0) & (np.arange(count) != np.argmax(np.round(total, 3)))):
            trial = joiner.trial(np.flatnonzero(here & (piece == island) & inner))
            if trial is not None:
                joiner.join(trial)


def _join_small(joiner: Joiner, least_m2: float, least_width_m: float) -> None:
    """Join what is too small or too thin; the smallest first."""

    def is_thin(shape: Polygon) -> bool:
        return bool(shape.buffer(-least_width_m / 2, quad_segs=2).area < 0.05 * shape.area)

    def is_bad(shape: Polygon) -> bool:
        return shape.area < least_m2 or is_thin(shape)

    bad = {place: shape.area for place, shape in joiner.shapes.items() if is_bad(shape)}
    while bad:
        place = min(bad, key=lambda one: (round(bad[one], 3), one))
        del bad[place]
        # A strip does not get better by growing: only crumbs are joined to it.
        crumb = joiner.shapes[place].area < _CRUMB * least_m2
        trial = _best_join(joiner, place, None if crumb else is_thin)
        if trial is None:
            continue
        for other in trial.groups[0]:
            bad.pop(other, None)
        joiner.join(trial)
        union = trial.shapes[0]
        if union.area < _CRUMB * least_m2 or (union.area < least_m2 and not is_thin(union)):
            bad[trial.groups[0][0]] = union.area


def _best_join(joiner: Joiner, place: int, refuse: Callable[[Polygon], bool] | None = None) -> Trial | None:
    """The union that is squarest, has the longest common border and leaves the streets tidiest."""
    ranked: list[tuple[float, int, Trial]] = []
    around = joiner.shapes[place].length
    for other in joiner.neighbours(place):
        border = joiner.border(place, other)
        if joiner.length_m(border) < 1.0:
            continue
        trial = joiner.trial(border)
        if trial is None or (refuse is not None and refuse(trial.shapes[0])):
            continue
        square = trial.shapes[0].area / shapely.minimum_rotated_rectangle(trial.shapes[0]).area
        worth = square**2 * min(1.0, 3 * joiner.length_m(border) / around) - _UNTIDY * trial.harm
        ranked.append((-round(worth, 6), other, trial))
    return min(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def _tidy(joiner: Joiner, edges: Edges) -> None:
    """Give up streets whose going leaves fewer bends and dead ends."""
    largest = _LARGEST * float(np.median([shape.area for shape in joiner.shapes.values()]))
    for _ in range(_TIDY_ROUNDS):
        changed = False
        for node in range(len(edges.nodes)):
            if joiner.mess(node) <= 0:
                continue
            here = np.flatnonzero((edges.ends == node).any(axis=1) & joiner.kept & ~edges.hard)
            trials = [
                trial
                for edge in here
                if (trial := joiner.trial(np.array([edge]), largest)) is not None and trial.harm < -0.05
            ]
            if trials:
                joiner.join(min(trials, key=lambda trial: (round(trial.harm, 6), trial.groups)))
                changed = True
        if not changed:
            break


def _after(joiner: Joiner, edges: Edges) -> tuple[Atoms, NDArray[np.int64]]:
    first = np.array(sorted(joiner.shapes), dtype=np.int64)
    stays = joiner.kept | (edges.rank < 0)
    number = np.full(int(joiner.sides.max(initial=0)) + 1, -1, dtype=np.int64)
    number[first] = np.arange(len(first))
    sides = joiner.sides[stays]
    place = np.cumsum(stays) - 1
    now = replace(
        edges,
        lines=edges.lines[stays],
        ends=edges.ends[stays],
        sides=np.where(sides >= 0, number[sides], -1),
        rank=edges.rank[stays],
        hard=edges.hard[stays],
        gate_edges=tuple(place[own[stays[own]]] for own in edges.gate_edges),
    )
    return _atoms(np.array([joiner.shapes[one] for one in first], dtype=object), settle_classes(now)), first


def _atoms(faces: NDArray[np.object_], edges: Edges) -> Atoms:
    inner = (edges.sides >= 0).all(axis=1) & (edges.sides[:, 0] != edges.sides[:, 1])
    sides = np.sort(edges.sides[inner], axis=1)
    length = shapely.length(edges.lines[inner])
    pairs, own = (
        np.unique(sides, axis=0, return_inverse=True)
        if len(sides)
        else (np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.int64))
    )
    border = np.bincount(own, weights=length, minlength=len(pairs)).astype(np.float64)
    main = np.bincount(own, weights=length * (edges.rank[inner] == ARTERIAL), minlength=len(pairs))
    return Atoms(faces=faces, edges=edges, pairs=pairs, border_m=border, arterial=main / border)


def _chains(ends: NDArray[np.int64], runs_on: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of the chain that each line is part of: lines that meet where the street only runs on."""
    chain = np.arange(len(ends))
    at: dict[int, int] = {}
    for line, both in enumerate(ends.tolist()):
        for node in both:
            if not runs_on[node]:
                continue
            if node in at and chain[at[node]] != chain[line]:
                chain[chain == chain[line]] = chain[at[node]]
            at[node] = line
    return chain
