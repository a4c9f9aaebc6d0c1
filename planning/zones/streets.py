"""The streets of a layout before its zones are arranged: a skeleton in every district."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, InfeasibleError
from geo.partition.atoms import Atoms, cut_atoms
from geo.partition.districts import group_banks, split_bends
from geo.partition.frames import frame_directions
from geo.partition.skeleton import COLLECTOR, LOCAL, Street, lay_skeleton
from geo.shapes import polygon_parts
from planning.catalogue.parks import ParkTemplate
from planning.zones.ground import LEAST_ATOM_M2, Ground

__all__ = ["lay_streets"]

_RATIOS = (1.25, 0.8)
"""Length over width of the blocks that are tried."""
_SPECK_M2 = 1.0
_GAP_M = 100.0
"""Half the widest water between banks that one grid spans."""
_LEAST_BLOCKS = 6.0
"""A district of its own holds so many blocks."""
_ROOM = ((1.0, 0.75), (0.5, 0.0), (0.0, 0.0))
"""Streets keep their whole width free of kept buildings. Where that leaves less than the second
share of the blocks that are wanted, half of it; where there would be too few blocks for the zones,
because buildings stand too dense for streets between them, nothing."""


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
    atoms: Atoms | None = None
    for room, enough in _ROOM:
        draft = cut_atoms(
            ground.core,
            _clear(ground, streets, room),
            least_m2=0.45 * atom,
            least_width_m=0.35 * float(np.sqrt(atom)),
            bridge_m=bridge_m,
            gates=ground.gates,
            barred=ground.excluded,
            kept=ground.kept,
        )
        if atoms is None or len(draft) > len(atoms):
            atoms = draft
        if ground.kept.is_empty or len(atoms) >= max(enough * wanted, 1.5 * len(template.zones)):
            break
    assert atoms is not None
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


def _clear(ground: Ground, streets: list[Street], room: float) -> list[Street]:
    """Streets with what runs into a kept building cut out; existing roads stay as they are."""
    if ground.kept.is_empty or not room:
        return streets
    around = [ground.kept.buffer(room * width / 2 + 1.0, join_style="mitre") for width in ground.widths]
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
