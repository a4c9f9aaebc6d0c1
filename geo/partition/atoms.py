"""Atoms: the faces of one noded set of lines, so that they cover the land exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.skeleton import ARTERIAL, COLLECTOR, LOCAL, Street, street_union

__all__ = ["GRID_M", "Atoms", "border_streets", "bridges", "cut_atoms", "merge_atoms"]

GRID_M = 1e-6
"""Noding is snapped to this grid, metres: far below any survey, far above rounding errors."""
_ON_LINE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Atoms:
    """Faces and who borders whom.

    Attributes
    ----------
    faces : ndarray of n Polygon
        They cover the land without gap or overlap and share their vertices.
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
    pairs: NDArray[np.int64]
    border_m: NDArray[np.float64]
    arterial: NDArray[np.float64]
    linked: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of atoms."""
        return len(self.faces)


def cut_atoms(
    land: BaseGeometry,
    streets: Sequence[Street],
    *,
    least_m2: float,
    least_width_m: float,
    bridge_m: float,
) -> Atoms:
    """Cut land along streets; give slivers to the neighbour that suits them best.

    Parameters
    ----------
    land : Polygon or MultiPolygon
        Metres.
    streets : sequence of Street
    least_m2, least_width_m : float
        Smaller or thinner faces are merged into a neighbour, never across a hard street.
    bridge_m : float
        Main streets bridge gaps in the land up to this long.

    Returns
    -------
    Atoms

    Notes
    -----
    The faces come from one polygonize of one noded set of lines, so coverage holds by
    construction. Where merging would break the network of borders in two, the streets on the
    shortest way between the parts are kept. O(n²) for n faces in the merging, small in practice.
    """
    net = shapely.union_all([land.boundary, *(street.line for street in streets)], grid_size=GRID_M)
    faces = list(shapely.get_parts(shapely.polygonize([*shapely.get_parts(net)])))
    shapely.prepare(land)
    inside = shapely.contains(land, shapely.point_on_surface(np.array(faces, dtype=object)))
    first = [face for face, keep in zip(faces, inside, strict=True) if keep]
    protected = street_union(streets, hard=True)
    for _ in range(4):
        merged = _merge_small(list(first), least_m2, least_width_m, protected)
        missing = _missing_links(first, merged, land, streets, bridge_m)
        if missing is None:
            break
        protected = shapely.union_all([protected, missing])
    return _atoms(merged, land, streets, bridge_m)


def merge_atoms(
    atoms: Atoms,
    groups: Sequence[Sequence[int]],
    land: BaseGeometry,
    streets: Sequence[Street],
    bridge_m: float,
) -> Atoms:
    """Join atoms that belong together into one; the order is that of each group's first member."""
    taken = {member for group in groups for member in group}
    joined = {min(group): shapely.coverage_union_all(atoms.faces[list(group)]) for group in groups}
    faces: list[Polygon] = []
    for place, face in enumerate(atoms.faces):
        if place in joined:
            faces += list(shapely.get_parts(joined[place]))
        elif place not in taken:
            faces.append(face)
    return _atoms(faces, land, streets, bridge_m)


def border_streets(
    atoms: Atoms, streets: Sequence[Street], land: BaseGeometry
) -> list[tuple[int, LineString]]:
    """Streets that really separate atoms: (rank, line), cut where roads meet.

    A street that was merged away is not one; a border that no street made is not one either.
    """
    rings = [ring for face in atoms.faces for ring in (face.exterior, *face.interiors)]
    edges = np.asarray(shapely.get_parts(shapely.union_all(rings, grid_size=GRID_M)), dtype=object)
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    free = shapely.distance(middles, land.boundary) > _ON_LINE_M
    result: list[tuple[int, LineString]] = []
    for rank in (ARTERIAL, COLLECTOR, LOCAL):
        lines = street_union(streets, rank)
        if lines.is_empty:
            continue
        own = free & (shapely.distance(middles, lines) < _ON_LINE_M)
        free &= ~own
        merged = shapely.line_merge(shapely.union_all(edges[own])) if own.any() else shapely.LineString()
        result += [(rank, line) for line in shapely.get_parts(merged) if not line.is_empty]
    return result


def _merge_small(
    faces: list[Polygon], least_m2: float, least_width_m: float, protected: BaseGeometry
) -> list[Polygon]:
    guard = protected.buffer(_ON_LINE_M) if not protected.is_empty else None
    stuck: set[bytes] = set()
    while True:
        array = np.array(faces, dtype=object)
        area = shapely.area(array)
        core = shapely.area(shapely.buffer(array, -least_width_m / 2))
        bad = np.flatnonzero((area < least_m2) | (core < 0.05 * area))
        bad = bad[np.argsort(np.round(area[bad], 3), kind="stable")]
        tree = shapely.STRtree(array)
        for place in bad:
            if faces[place].wkb in stuck:
                continue
            best = _best_neighbour(array, int(place), tree, guard)
            if best is None:
                stuck.add(faces[place].wkb)
                continue
            other, union = best
            faces[other] = union
            del faces[place]
            break
        else:
            return faces


def _best_neighbour(
    faces: NDArray[np.object_], place: int, tree: shapely.STRtree, guard: BaseGeometry | None
) -> tuple[int, Polygon] | None:
    face = faces[place]
    best: tuple[float, int, Polygon] | None = None
    for other in sorted(tree.query(face, predicate="intersects")):
        if other == place:
            continue
        border = shapely.intersection(face, faces[other])
        length = border.length
        if length < 1.0:
            continue
        if guard is not None and border.intersection(guard).length > 0.3 * length:
            continue
        union = shapely.union(face, faces[other])
        if union.geom_type != "Polygon":
            continue
        box = shapely.minimum_rotated_rectangle(union).area
        quality = round(length * (union.area / box) ** 2, 6)
        if best is None or quality > best[0]:
            best = (quality, int(other), union)
    return None if best is None else (best[1], best[2])


def _missing_links(
    first: list[Polygon],
    merged: list[Polygon],
    land: BaseGeometry,
    streets: Sequence[Street],
    bridge_m: float,
) -> BaseGeometry | None:
    """Lines that merging took away but the network needs to be one; None when it is one."""
    atoms = _atoms(merged, land, streets, bridge_m, graph=False)
    own = [line for _, line in border_streets(atoms, streets, land)] + bridges(land, streets, bridge_m)
    if len(merged) < 2:
        return None
    all_atoms = _atoms(first, land, streets, bridge_m, graph=False)
    every = [line for _, line in border_streets(all_atoms, streets, land)] + bridges(land, streets, bridge_m)
    graph = nx.Graph()
    kept = shapely.union_all(own).buffer(2 * _ON_LINE_M) if own else shapely.GeometryCollection()
    noded = shapely.get_parts(shapely.union_all(every, grid_size=GRID_M)) if every else []
    for line in noded:
        start, end = (tuple(np.round(line.coords[place], 1)) for place in (0, -1))
        on = bool(own) and kept.covers(line)
        graph.add_edge(start, end, length=0.0 if on else line.length, line=line, kept=on)
    now = nx.Graph()
    now.add_edges_from((a, b) for a, b, data in graph.edges(data=True) if data["kept"])
    parts = sorted(nx.connected_components(now), key=lambda part: (-len(part), min(part)))
    added: list[LineString] = []
    if not own and every:
        return max(
            shapely.get_parts(shapely.line_merge(shapely.union_all(every))), key=lambda line: line.length
        )
    for part in parts[1:]:
        source, target = min(part), min(parts[0])
        if nx.has_path(graph, source, target):
            way = nx.shortest_path(graph, source, target, weight="length")
            added += [graph.edges[a, b]["line"] for a, b in pairwise(way) if not graph.edges[a, b]["kept"]]
    return shapely.union_all(added) if added else None


def bridges(land: BaseGeometry, streets: Sequence[Street], bridge_m: float) -> list[LineString]:
    """Pieces of main streets over gaps in the land, both ends on it."""
    if bridge_m <= 0 or land.geom_type == "Polygon":
        hull = land if not shapely.get_num_interior_rings(land) else shapely.Polygon(land.exterior)
    else:
        hull = shapely.convex_hull(land)
    if bridge_m <= 0:
        return []
    result = []
    for street in streets:
        if street.rank == LOCAL:
            continue
        gaps = street.line.intersection(hull).difference(land.buffer(0.01))
        for gap in shapely.get_parts(gaps):
            ends = (
                shapely.points([gap.coords[0], gap.coords[-1]])
                if gap.geom_type == "LineString" and not gap.is_empty
                else []
            )
            if len(ends) and 1.0 < gap.length <= bridge_m and (shapely.distance(land, ends) < 0.1).all():
                result.append(gap)
    return result


def _atoms(
    faces: list[Polygon],
    land: BaseGeometry,
    streets: Sequence[Street],
    bridge_m: float,
    *,
    graph: bool = True,
) -> Atoms:
    array = np.array(faces, dtype=object)
    empty = np.empty((0, 2), dtype=np.int64)
    if not graph:
        return Atoms(faces=array, pairs=empty, border_m=np.empty(0), arterial=np.empty(0), linked=empty)
    tree = shapely.STRtree(array)
    pairs = np.asarray(tree.query(array, predicate="intersects").T, dtype=np.int64)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    borders = (
        shapely.intersection(array[pairs[:, 0]], array[pairs[:, 1]])
        if len(pairs)
        else np.empty(0, dtype=object)
    )
    length = shapely.length(borders) if len(pairs) else np.empty(0)
    real = length > 1.0
    pairs, borders, length = pairs[real], borders[real], length[real]
    main = street_union(streets, ARTERIAL)
    share = np.zeros(len(pairs))
    if not main.is_empty and len(pairs):
        share = shapely.length(shapely.intersection(borders, main.buffer(_ON_LINE_M))) / length
    side = float(np.sqrt(np.median(shapely.area(array)))) if len(array) else 0.0
    linked = pairs[length >= min(40.0, 0.25 * side)]
    alone = set(range(len(array))) - set(linked.ravel().tolist())
    for place in sorted(alone):
        own = np.flatnonzero((pairs == place).any(axis=1))
        if len(own):
            linked = np.vstack([linked, pairs[own[np.argmax(length[own])]]])
    links = [linked]
    for gap in bridges(land, streets, bridge_m):
        one, two = (
            tree.query(shapely.Point(gap.coords[place]).buffer(6.0), predicate="intersects")
            for place in (0, -1)
        )
        links += [np.array([[min(a, b), max(a, b)]]) for a in one for b in two if a != b]
    return Atoms(
        faces=array, pairs=pairs, border_m=length, arterial=share, linked=np.unique(np.vstack(links), axis=0)
    )
