"""Atoms: faces of one noded set of lines, so that they cover the land exactly; joined where it helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.edges import GRID_M, Edges, node_streets
from geo.partition.skeleton import ARTERIAL, COLLECTOR, LOCAL, Street

__all__ = ["GRID_M", "Atoms", "Joiner", "cut_atoms"]

_BRIDGE_FOOT_M = 6.0


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
    linked : ndarray of shape (k, 2)
        Pairs that a reader would call one piece: a border long enough, or a bridge between them.
    """

    faces: NDArray[np.object_]
    edges: Edges
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    arterial: NDArray[np.float64]
    linked: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of atoms."""
        return len(self.faces)

    def streets(self) -> list[tuple[int, LineString]]:
        """Streets between atoms: (rank, line), cut where roads meet."""
        result: list[tuple[int, LineString]] = []
        for rank in (ARTERIAL, COLLECTOR, LOCAL):
            own = self.edges.lines[self.edges.rank == rank]
            if len(own):
                merged = shapely.line_merge(shapely.union_all(own))
                result += [(rank, line) for line in shapely.get_parts(merged)]
        return result


class Joiner:
    """Atoms while some are joined: a street goes only if the network stays in as many pieces.

    Parameters
    ----------
    atoms : Atoms
        Left unchanged.

    Attributes
    ----------
    shapes : dict of int to Polygon
        Faces of the groups, by the smallest atom in each.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._sides = atoms.edges.sides.copy()
        self._length = shapely.length(atoms.edges.lines)
        self._kept = atoms.edges.rank >= 0
        self._pieces = atoms.edges.pieces(self._kept)[0]
        self._group = np.arange(len(atoms))
        self.shapes: dict[int, Polygon] = dict(enumerate(atoms.faces))

    def group(self, atom: int) -> int:
        """Group that an atom is in."""
        return int(self._group[atom])

    def neighbours(self, group: int) -> list[int]:
        """Groups that border one, in order."""
        mine = (self._sides == group).any(axis=1)
        return [int(one) for one in np.unique(self._sides[mine]) if one not in (-1, group)]

    def border(self, one: int, two: int) -> NDArray[np.int64]:
        """Edges between two groups."""
        found: NDArray[np.int64] = np.flatnonzero(
            (self._sides == one).any(axis=1) & (self._sides == two).any(axis=1)
        )
        return found

    def length_m(self, edges: NDArray[np.int64], *, rank: int | None = None) -> float:
        """Length of edges, all or those of one rank."""
        own = edges if rank is None else edges[self._atoms.edges.rank[edges] == rank]
        return float(self._length[own].sum())

    def may_join(self, one: int, two: int) -> bool:
        """Whether no hard street lies between and the network stays in as many pieces as it is."""
        border = self.border(one, two)
        if not len(border) or self._atoms.edges.hard[border].any():
            return False
        kept = self._kept.copy()
        kept[border] = False
        return self._atoms.edges.pieces(kept)[0] <= self._pieces

    def union(self, one: int, two: int) -> Polygon:
        """Return the face that two groups would have."""
        return shapely.coverage_union_all([self.shapes[one], self.shapes[two]])

    def join(self, one: int, two: int) -> int:
        """Join two groups; the number of the group that stays."""
        border = self.border(one, two)
        low, high = min(one, two), max(one, two)
        self.shapes[low] = self.union(one, two)
        del self.shapes[high]
        self._group[self._group == high] = low
        self._sides[self._sides == high] = low
        self._kept[border] = False
        self._pieces = self._atoms.edges.pieces(self._kept)[0]
        return low

    def result(self) -> tuple[Atoms, NDArray[np.int64]]:
        """Return the groups as atoms, and the first atom of each."""
        first = np.array(sorted(self.shapes), dtype=np.int64)
        stays = self._sides[:, 0] != self._sides[:, 1]
        number = np.full(len(self._atoms), -1, dtype=np.int64)
        number[first] = np.arange(len(first))
        sides = self._sides[stays]
        edges = replace(
            self._atoms.edges,
            lines=self._atoms.edges.lines[stays],
            ends=self._atoms.edges.ends[stays],
            sides=np.where(sides >= 0, number[sides], -1),
            rank=self._atoms.edges.rank[stays],
            hard=self._atoms.edges.hard[stays],
        )
        return _atoms(np.array([self.shapes[place] for place in first], dtype=object), edges), first


def cut_atoms(
    land: BaseGeometry,
    streets: Sequence[Street],
    *,
    least_m2: float,
    least_width_m: float,
    bridge_m: float,
    gates: Sequence[Point] = (),
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
        Main streets bridge gaps in the land up to this long.
    gates : sequence of Point
        On the outline; a street comes to each.

    Returns
    -------
    Atoms

    Notes
    -----
    The faces come from one polygonize of one noded set of lines, so coverage holds by
    construction. Streets that join no other are given up, and no join may break the network in
    two, so it is one by construction too. O(n · m) for n joins and m edges.
    """
    faces, edges = node_streets(land, streets, gates, bridge_m)
    joiner = Joiner(_atoms(faces, edges))
    _drop_islands(joiner, land, edges)
    _join_small(joiner, least_m2, least_width_m)
    return joiner.result()[0]


def _drop_islands(joiner: Joiner, land: BaseGeometry, edges: Edges) -> None:
    """Give up streets that lead from outline to outline and join no other."""
    inner = edges.rank >= 0
    count, piece = edges.pieces(inner)
    if count < 2:
        return
    length = shapely.length(edges.lines)
    weight = np.bincount(piece[inner], weights=length[inner] + 1e9 * edges.hard[inner])
    stays: set[int] = set()
    for part in shapely.get_parts(land):
        here = np.unique(piece[inner & shapely.covers(part.buffer(0.05), edges.lines)])
        if len(here):
            stays.add(int(here[np.argmax(np.round(weight[here], 3))]))
    for number in range(count):
        own = np.flatnonzero(piece == number)
        if number in stays or edges.hard[own].any():
            continue
        for place in own:
            one, two = (joiner.group(int(side)) for side in edges.sides[place])
            if one != two and joiner.may_join(one, two):
                joiner.join(one, two)


def _join_small(joiner: Joiner, least_m2: float, least_width_m: float) -> None:
    def is_bad(shape: Polygon) -> bool:
        return bool(
            shape.area < least_m2 or shape.buffer(-least_width_m / 2, quad_segs=2).area < 0.05 * shape.area
        )

    bad = {place: shape.area for place, shape in joiner.shapes.items() if is_bad(shape)}
    while bad:
        place = min(bad, key=lambda one: (round(bad[one], 3), one))
        del bad[place]
        other = _best_neighbour(joiner, place)
        if other is None:
            continue
        bad.pop(other, None)
        group = joiner.join(place, other)
        if is_bad(joiner.shapes[group]):
            bad[group] = joiner.shapes[group].area


def _best_neighbour(joiner: Joiner, place: int) -> int | None:
    """Neighbour with which a face becomes the most rectangular, across the longest border."""
    ranked: list[tuple[float, int]] = []
    for other in joiner.neighbours(place):
        length = joiner.length_m(joiner.border(place, other))
        if length < 1.0:
            continue
        union = joiner.union(place, other)
        if union.geom_type == "Polygon":
            box = shapely.minimum_rotated_rectangle(union).area
            ranked.append((-round(length * (union.area / box) ** 2, 6), other))
    return next((other for _, other in sorted(ranked) if joiner.may_join(place, other)), None)


def _atoms(faces: NDArray[np.object_], edges: Edges) -> Atoms:
    inner = edges.rank >= 0
    sides = np.sort(edges.sides[inner], axis=1)
    length = shapely.length(edges.lines[inner])
    pairs, own = (
        np.unique(sides, axis=0, return_inverse=True)
        if len(sides)
        else (np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=np.int64))
    )
    border = np.bincount(own, weights=length, minlength=len(pairs)).astype(np.float64)
    main = np.bincount(own, weights=length * (edges.rank[inner] == ARTERIAL), minlength=len(pairs))
    real = border > 1.0
    pairs, border, main = pairs[real], border[real], main[real]
    side = float(np.sqrt(np.median(shapely.area(faces)))) if len(faces) else 0.0
    linked = pairs[border >= min(40.0, 0.25 * side)]
    for place in sorted(set(range(len(faces))) - set(linked.ravel().tolist())):
        near = np.flatnonzero((pairs == place).any(axis=1))
        if len(near):
            linked = np.vstack([linked, pairs[near[np.argmax(border[near])]]])
    links = [linked]
    tree = shapely.STRtree(faces)
    for gap in edges.bridges:
        one, two = (
            tree.query(Point(gap.coords[place]).buffer(_BRIDGE_FOOT_M), predicate="intersects")
            for place in (0, -1)
        )
        links += [np.array([[min(a, b), max(a, b)]]) for a in one for b in two if a != b]
    return Atoms(
        faces=faces,
        edges=edges,
        pairs=pairs,
        border_m=border,
        arterial=main / border,
        linked=np.unique(np.vstack(links), axis=0).astype(np.int64),
    )
