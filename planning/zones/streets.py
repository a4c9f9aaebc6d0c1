"""The streets of a layout: the skeleton before the zones are arranged, and what may go afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.partition.atoms import Atoms, cut_atoms, join_atoms
from geo.partition.districts import group_banks, split_bends
from geo.partition.frames import frame_directions
from geo.partition.joiner import Joiner
from geo.partition.skeleton import COLLECTOR, LOCAL, Street, lay_skeleton
from geo.shapes import polygon_parts
from planning.catalogue.parks import ParkTemplate
from planning.zones.blocks import road_surface
from planning.zones.ground import LEAST_ATOM_M2, Ground

__all__ = ["drop_streets", "lay_streets"]

_RATIOS = (1.25, 0.8)
"""Length over width of the blocks that are tried."""
_SPECK_M2 = 1.0
_GAP_M = 100.0
_LEAST_BLOCKS = 6.0
"""A district of its own holds so many blocks."""
_STAGES = ((LOCAL, 0.55), (LOCAL, 0.8), (COLLECTOR, 0.8), (COLLECTOR, 1.0))
"""Streets of which class go inside a zone, as long as no block is larger than this share of the
square of the longest usual block side; a later stage only where roads take more than is usual."""
_STRAIGHT_DEG = 20.0
_NO_HARM = 0.01


def lay_streets(ground: Ground, template: ParkTemplate, bridge_m: float) -> tuple[Atoms, float]:
    """Choose the frame with the squarest blocks and cut the land along its streets.

    Returns
    -------
    atoms : Atoms
    angle : float
        Direction of the frame, degrees.

    Raises
    ------
    InfeasibleError
        If there are fewer blocks than zones.
    """
    size = ground.core.area
    smallest = min(zone.target for zone in template.zones)
    wanted = min(max(60 + 12 * size / 1e6, 1.3 / smallest, 4.0 * len(template.zones)), 360.0)
    atom = max(size / wanted, LEAST_ATOM_M2)
    streets, angle = _skeleton(ground, atom)
    streets = _clear(ground, streets)
    atoms = cut_atoms(
        ground.core,
        streets,
        least_m2=0.45 * atom,
        least_width_m=0.35 * float(np.sqrt(atom)),
        bridge_m=bridge_m,
        gates=ground.gates,
        barred=ground.excluded,
        kept=ground.kept,
    )
    if len(atoms) < len(template.zones):
        raise InfeasibleError(
            N_("the site gives {atoms} blocks, fewer than the {zones} zones of the template {template}"),
            hint=N_("draw a larger or less narrow site, or leave small zones out of the template"),
            where="boundary",
            atoms=len(atoms),
            zones=len(template.zones),
            template=template.key,
        )
    return atoms, angle


def _skeleton(ground: Ground, atom_m2: float) -> tuple[list[Street], float]:
    """Streets of every district in its own frame, and the frame of the largest."""
    streets = [Street(line=line, rank=rank, hard=True) for line, rank in ground.roads]
    existing = shapely.union_all([street.line for street in streets]) if streets else None
    districts: list[BaseGeometry] = []
    for part in group_banks(polygon_parts(ground.core)):
        parts, cuts = (
            split_bends(part, _LEAST_BLOCKS * atom_m2) if part.geom_type == "Polygon" else ([part], [])
        )
        districts += parts
        streets += [Street(line=cut, rank=COLLECTOR) for cut in cuts]
    districts.sort(key=lambda shape: (-round(shape.area, 3), shape.bounds))
    angles = []
    for district in districts:
        angle, own = _district(ground, district, districts, atom_m2, streets, existing)
        angles.append(angle)
        streets += own
    return streets, angles[0]


def _clear(ground: Ground, streets: list[Street]) -> list[Street]:
    """Streets with what runs into a kept building cut out; existing roads stay as they are."""
    if ground.kept.is_empty:
        return streets
    around = [ground.kept.buffer(width / 2 + 1.0, join_style="mitre") for width in ground.widths]
    return [
        replace(street, line=part)
        for street in streets
        for part in shapely.get_parts(
            street.line if street.hard else street.line.difference(around[street.rank])
        )
    ]


def _district(
    ground: Ground,
    district: BaseGeometry,
    districts: list[BaseGeometry],
    atom_m2: float,
    laid: list[Street],
    existing: BaseGeometry | None,
) -> tuple[float, list[Street]]:
    """The frame and spacing with the squarest blocks, and its streets cut to the district."""
    edge = district.boundary.buffer(1.0)
    alone = len(districts) == 1
    gates = [gate for gate in ground.gates if edge.contains(gate)]
    marks = [] if alone else _arrivals(laid, edge)
    roads = None if existing is None else existing.intersection(district)
    if not alone and not gates and not _has_room(district, atom_m2):
        return frame_directions(district)[0], []
    best: tuple[float, float, list[Street]] | None = None
    for angle in frame_directions(district, roads):
        for ratio in _RATIOS:
            streets = lay_skeleton(
                district,
                angle,
                (2 * np.sqrt(atom_m2 * ratio), 2 * np.sqrt(atom_m2 / ratio)),
                gates=gates,
                marks=marks,
                roads=roads,
                blocked=ground.kept,
                alone=alone,
            )
            lines = [district.boundary, *(street.line for street in streets)]
            faces = np.asarray(
                shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))
            )
            squareness = _squareness(faces)
            if best is None or squareness > best[0] + 1e-6:
                best = (squareness, angle, streets)
    assert best is not None
    if alone:
        return best[1], best[2]
    room = (
        district.buffer(_GAP_M)
        .buffer(-_GAP_M)
        .difference(shapely.union_all([one for one in districts if one is not district]))
        if district.geom_type == "MultiPolygon"
        else district
    )
    room = room.buffer(0.02)
    return best[1], [
        replace(street, line=part)
        for street in best[2]
        for part in shapely.get_parts(street.line.intersection(room))
        if part.geom_type == "LineString" and part.length > 0.1
    ]


def _has_room(district: BaseGeometry, atom_m2: float) -> bool:
    """Whether a district is more than one block or a strip."""
    wide = district.buffer(-0.3 * float(np.sqrt(atom_m2)))
    return bool(district.area > 1.6 * atom_m2 and wide.area > 0.05 * district.area)


def _arrivals(laid: list[Street], edge: BaseGeometry) -> list[Point]:
    """Where streets that are laid already end on the edge of a district."""
    ends = [
        Point(street.line.coords[place])
        for street in laid
        if not street.hard and street.rank < LOCAL
        for place in (0, -1)
    ]
    return [end for end in ends if edge.contains(end)]


def _squareness(faces: NDArray[np.object_]) -> float:
    """How much of their smallest rectangles faces fill, squared, the large ones counting more."""
    faces = faces[shapely.area(faces) > _SPECK_M2]
    area = shapely.area(faces)
    share = area / shapely.area(shapely.minimum_rotated_rectangle(faces))
    return float((area * share**2).sum() / area.sum())


def drop_streets(
    ground: Ground, atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate
) -> tuple[Atoms, NDArray[np.int64]]:
    """Take streets out between blocks of one zone, as long as blocks stay walkable in size.

    Parameters
    ----------
    ground : Ground
    atoms : Atoms
    labels : ndarray of shape (n,)
        −1 for atoms that no block fits on: they join a neighbour where they can.
    template : ParkTemplate

    Returns
    -------
    atoms, labels
        Afterwards.

    Notes
    -----
    Whole runs go first, from where the street leaves the zone to where it leaves it again, then
    single blocks' sides. None goes that leaves a dead end or a bend.
    """
    joiner = Joiner(atoms.faces, atoms.edges)
    own = labels.copy()
    _absorb(joiner, own)
    side = template.block_m[1]
    for rank, share in _STAGES:
        largest = share * side**2
        for edges in [*_runs(joiner, atoms, own, rank), *_singles(joiner, atoms, own, rank)]:
            now = edges[joiner.kept[edges]]
            trial = joiner.trial(now, largest) if len(now) else None
            if trial is not None and trial.harm <= _NO_HARM and _one_zone(trial.groups, own):
                joiner.join(trial)
        joined, first = join_atoms(atoms, joiner)
        roads = road_surface(ground, joined.streets()).area / ground.site.area
        if roads <= template.roads[1]:
            break
    return joined, own[first]


def _one_zone(groups: tuple[tuple[int, ...], ...], labels: NDArray[np.int64]) -> bool:
    return all(len({int(labels[one]) for one in group}) == 1 for group in groups)


def _absorb(joiner: Joiner, labels: NDArray[np.int64]) -> None:
    """Join atoms that no block fits on to a neighbour, across the longest border that may go."""
    for place in np.flatnonzero(labels < 0).tolist():
        if joiner.group(place) != place:
            continue
        borders = [(other, joiner.border(place, other)) for other in joiner.neighbours(place)]
        borders.sort(key=lambda entry: (-round(joiner.length_m(entry[1]), 3), entry[0]))
        for other, border in borders:
            trial = joiner.trial(border) if labels[other] >= 0 else None
            if trial is not None:
                label = labels[other]
                joiner.join(trial)
                labels[list(trial.groups[0])] = label
                break


def _inside(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> NDArray[np.int64]:
    """Streets of a class, or lower ones, that have one zone on both sides."""
    one, two = joiner.sides[:, 0], joiner.sides[:, 1]
    edges = atoms.edges
    real = joiner.kept & ~edges.hard & (edges.rank <= LOCAL) & (edges.rank >= rank) & (one >= 0) & (two >= 0)
    found = np.flatnonzero(real)
    same = (labels[one[found]] == labels[two[found]]) & (labels[one[found]] >= 0) & (one[found] != two[found])
    return np.asarray(found[same])


def _runs(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> list[NDArray[np.int64]]:
    """Straight runs of streets inside one zone, the longest first."""
    edges = atoms.edges
    inside = _inside(joiner, atoms, labels, rank)
    at: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for edge in inside.tolist():
        xy = shapely.get_coordinates(edges.lines[edge])
        label = int(labels[joiner.sides[edge, 0]])
        for node, step in ((edges.ends[edge, 0], xy[1] - xy[0]), (edges.ends[edge, 1], xy[-2] - xy[-1])):
            bearing = float(np.degrees(np.arctan2(step[1], step[0])))
            at.setdefault((int(node), label), []).append((edge, bearing))
    run = {edge: edge for edge in inside.tolist()}
    members = {edge: [edge] for edge in inside.tolist()}
    for here in at.values():
        for place, (one, first) in enumerate(here):
            for two, second in here[place + 1 :]:
                turn = abs((first - second + 180.0) % 360.0 - 180.0)
                if turn >= 180.0 - _STRAIGHT_DEG and run[one] != run[two]:
                    low, high = sorted((run[one], run[two]))
                    for edge in members.pop(high):
                        run[edge] = low
                        members[low].append(edge)
    found = [np.array(sorted(own)) for own in members.values()]
    return sorted(found, key=lambda own: (-round(joiner.length_m(own), 3), own[0]))


def _singles(joiner: Joiner, atoms: Atoms, labels: NDArray[np.int64], rank: int) -> list[NDArray[np.int64]]:
    inside = _inside(joiner, atoms, labels, rank)
    order = np.argsort(-np.round(shapely.length(atoms.edges.lines[inside]), 3), kind="stable")
    return [np.array([edge]) for edge in inside[order]]
