"""Blocks joined by giving up the streets between them, as far as the network bears it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Polygon

from geo.partition.edges import Edges
from geo.partition.joints import Joints
from geo.partition.skeleton import ARTERIAL

__all__ = ["Joiner", "Trial"]

_MAIN, _SHORT_M = 0.5, 60.0
"""Harm in giving up a main street, from some length on."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """What giving up some streets would do.

    Attributes
    ----------
    groups : tuple of (int, ...)
        Blocks that become one, the one whose number stays first.
    shapes : tuple of Polygon
        Of each of them.
    gone : ndarray of int
        Edges that go.
    harm : float
        How much untidier the network becomes; below zero: tidier.
    """

    groups: tuple[tuple[int, ...], ...]
    shapes: tuple[Polygon, ...]
    gone: NDArray[np.int64]
    harm: float


class Joiner:
    """Faces while some are joined: a street goes only if the network stays in as many pieces.

    Parameters
    ----------
    faces : ndarray of Polygon
    edges : Edges
        Between them. Both are left unchanged.

    Attributes
    ----------
    shapes : dict of int to Polygon
        Blocks, each under the number of its first face.
    kept : ndarray of shape (m,), bool
        Streets that are there.
    sides : ndarray of shape (m, 2)
        Blocks on either side of each edge.
    bank : ndarray of shape (m,)
        Part of the land that each edge lies on.
    """

    def __init__(self, faces: NDArray[np.object_], edges: Edges) -> None:
        self._edges = edges
        self._joints = Joints(edges)
        self._length = shapely.length(edges.lines)
        self._group = np.arange(len(faces))
        self.sides = edges.sides.copy()
        self.kept = edges.rank >= 0
        self._pieces = edges.pieces(self.kept)[0]
        self.shapes: dict[int, Polygon] = dict(enumerate(faces))
        self.bank = _banks(edges, len(faces))
        self._middles = shapely.STRtree(shapely.point_on_surface(faces))

    def group(self, face: int) -> int:
        """Block that a face is in."""
        return int(self._group[face])

    def neighbours(self, block: int) -> list[int]:
        """Blocks that border one, in order."""
        mine = (self.sides == block).any(axis=1)
        return [int(one) for one in np.unique(self.sides[mine]) if one not in (-1, block)]

    def border(self, one: int, two: int) -> NDArray[np.int64]:
        """Edges between two blocks."""
        found: NDArray[np.int64] = np.flatnonzero(
            (self.sides == one).any(axis=1) & (self.sides == two).any(axis=1)
        )
        return found

    def length_m(self, edges: NDArray[np.int64]) -> float:
        """Length of edges."""
        return float(self._length[edges].sum())

    def mess(self, node: int) -> float:
        """How untidy a node is now."""
        return self._joints.mess(node, self.kept)

    def trial(self, edges: NDArray[np.int64], largest_m2: float = np.inf) -> Trial | None:
        """What giving up edges would do, with all others between the same blocks; None if it may not be.

        Parameters
        ----------
        edges : ndarray of int
            Streets between blocks.
        largest_m2 : float
            No block may become larger.

        Notes
        -----
        Not allowed: to give up a hard street, to break the network in two, to take the last street
        from a gate or a bank, to wall a block in by another. O(m).
        """
        pairs = self.sides[edges]
        if not len(edges) or (pairs < 0).any():
            return None
        sets = _unite(pairs.tolist())
        if any(sum(self.shapes[one].area for one in own) > largest_m2 for own in sets):
            return None
        between = [np.isin(self.sides, own).all(axis=1) & self.kept for own in sets]
        gone = np.flatnonzero(np.any(between, axis=0) & (self.sides[:, 0] != self.sides[:, 1]))
        if self._edges.hard[gone].any():
            return None
        shapes = [self._union(own) for own in sets]
        harm = self._joints.harm(self.kept, gone)
        if any(shape is None for shape in shapes) or harm == np.inf or self._breaks(gone):
            return None
        lost = self._edges.rank[gone] == ARTERIAL
        return Trial(
            groups=tuple(sets),
            shapes=tuple(shape for shape in shapes if shape is not None),
            gone=gone,
            harm=harm + _MAIN * float(self._length[gone[lost]].sum() > _SHORT_M),
        )

    def _union(self, own: tuple[int, ...]) -> Polygon | None:
        """Blocks as one, if that is one polygon that walls in no other block."""
        shapes = [self.shapes[one] for one in own]
        union = shapely.coverage_union_all(shapes)
        if union.geom_type != "Polygon":
            return None
        if len(union.interiors) > sum(len(shape.interiors) for shape in shapes):
            holes = [Polygon(ring) for ring in union.interiors]
            if self._middles.query(holes, predicate="contains").size:
                return None
        return union

    def _breaks(self, gone: NDArray[np.int64]) -> bool:
        """Whether a bank loses its last street or the network falls into more pieces."""
        after = self.kept.copy()
        after[gone] = False
        if np.isin(self.bank[gone], self.bank[after], invert=True).any():
            return True
        return self._edges.pieces(after)[0] > self._pieces

    def join(self, trial: Trial) -> None:
        """Do what was tried, before anything else is done."""
        for own, shape in zip(trial.groups, trial.shapes, strict=True):
            for other in own[1:]:
                del self.shapes[other]
            self.shapes[own[0]] = shape
            self._group[np.isin(self._group, own)] = own[0]
            self.sides[np.isin(self.sides, own)] = own[0]
        self.kept[trial.gone] = False
        self._pieces = self._edges.pieces(self.kept)[0]


def _banks(edges: Edges, faces: int) -> NDArray[np.int64]:
    """Number of the part of the land that each edge lies on: faces that share an edge are on one."""
    one, two = edges.sides[(edges.sides >= 0).all(axis=1)].T
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, two)), shape=(faces, faces))
    part = connected_components(graph, directed=False)[1]
    bank: NDArray[np.int64] = part[edges.sides.max(axis=1)].astype(np.int64)
    return bank


def _unite(pairs: list[list[int]]) -> list[tuple[int, ...]]:
    """Sets of numbers that pairs connect, each in order, the sets by their first."""
    sets: dict[int, set[int]] = {}
    for one, two in pairs:
        union = sets.get(one, {one}) | sets.get(two, {two})
        for number in union:
            sets[number] = union
    distinct = {id(own): own for own in sets.values() if len(own) > 1}
    return sorted(tuple(sorted(own)) for own in distinct.values())
