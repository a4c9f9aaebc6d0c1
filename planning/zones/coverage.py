"""Every square metre of the site in exactly one row: one noded set of lines, polygonized once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.atoms import GRID_M, Atoms
from planning.catalogue.parks import ParkTemplate
from planning.zones.blocks import count_pieces, facing_pairs, is_block, road_surface
from planning.zones.ground import CLASSES, Ground

__all__ = ["VERGE", "Coverage", "coverage"]

VERGE = ("1402", "G2")
_LOOSE, _ROAD, _EXCLUDED, _WATER, _KEPT = -1, -2, -3, -4, -5
_LEAST_FRONTAGE_M = 12.0
"""A block needs a way in: land with less frontage than this is no block."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """The pieces of the coverage, near the origin.

    Attributes
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    kind, zone : lists of str
        zone, road, verge, water, kept, excluded; and the zone of the first.
    codes : list of (code, gb)
    frontage_m : list of float
        Length of a piece's outline on a road.
    lines : list of (rank, LineString)
        Centre lines of the roads.
    widths : tuple of float
    pieces, allowed : dicts of str to int
        Pieces of each zone as a reader would count them, and how many there may be.
    template : ParkTemplate
    """

    shapes: NDArray[np.object_]
    kind: list[str]
    zone: list[str]
    codes: list[tuple[str, str]]
    frontage_m: list[float]
    lines: list[tuple[int, LineString]]
    widths: tuple[float, float, float]
    pieces: dict[str, int]
    allowed: dict[str, int]
    template: ParkTemplate

    def area_m2(self, kind: str) -> float:
        """Area of one kind."""
        return float(
            sum(shape.area for shape, own in zip(self.shapes, self.kind, strict=True) if own == kind)
        )

    def zone_area_m2(self) -> dict[str, float]:
        """Net area of each zone, in the template's order."""
        areas = {zone.id: 0.0 for zone in self.template.zones}
        for shape, zone in zip(self.shapes, self.zone, strict=True):
            if zone:
                areas[zone] += shape.area
        return areas

    def shares(self) -> dict[str, float]:
        """Share of each zone in the net area of all, 0–1."""
        net = self.zone_area_m2()
        total = sum(net.values())
        return {zone: area / total for zone, area in net.items()}

    def share_error_pp(self) -> float:
        """Largest difference of a zone's share from its target, percentage points."""
        shares = self.shares()
        return float(max(abs(shares[zone.id] - zone.target) for zone in self.template.zones) * 100)

    def tables(self, ground: Ground, crs: pyproj.CRS) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers of `plan.gpkg` that have a geometry."""
        area = shapely.area(self.shapes)
        back = ground.back(self.shapes)
        land_use = gpd.GeoDataFrame(
            {
                "kind": self.kind,
                "zone": self.zone,
                "code": [code for code, _ in self.codes],
                "gb": [gb for _, gb in self.codes],
                "area_m2": area,
            },
            geometry=list(back),
            crs=crs,
        )
        net, shares = self.zone_area_m2(), self.shares()
        rows: list[dict[str, Any]] = []
        for zone in self.template.zones:
            own = [place for place, name in enumerate(self.zone) if name == zone.id]
            rows.append(
                {
                    "zone": zone.id,
                    "name_zh": zone.name_zh,
                    "name_en": zone.name_en,
                    "code": zone.code,
                    "gb": zone.gb,
                    "share_target": zone.target,
                    "share": shares[zone.id],
                    "area_m2": net[zone.id],
                    "pieces": self.pieces[zone.id],
                    "pieces_allowed": self.allowed[zone.id],
                    "geometry": MultiPolygon(
                        [part for place in own for part in shapely.get_parts(back[place])]
                    ),
                }
            )
        blocks = [place for place, name in enumerate(self.zone) if name]
        counts: dict[str, int] = {}
        names = []
        for place in blocks:
            counts[self.zone[place]] = counts.get(self.zone[place], 0) + 1
            names.append(f"{self.zone[place]}-{counts[self.zone[place]]:03d}")
        parcels = gpd.GeoDataFrame(
            {
                "parcel": names,
                "zone": [self.zone[place] for place in blocks],
                "code": [self.codes[place][0] for place in blocks],
                "area_m2": area[blocks],
                "frontage_m": [self.frontage_m[place] for place in blocks],
            },
            geometry=[back[place] for place in blocks],
            crs=crs,
        )
        roads = gpd.GeoDataFrame(
            {
                "road": [f"R{place:03d}" for place in range(1, len(self.lines) + 1)],
                "class": [CLASSES[rank] for rank, _ in self.lines],
                "width_m": [self.widths[rank] for rank, _ in self.lines],
            },
            geometry=list(ground.back(np.array([line for _, line in self.lines], dtype=object)))
            if self.lines
            else [],
            crs=crs,
        )
        gates = gpd.GeoDataFrame(
            {
                "gate": [f"G{place}" for place in range(1, len(ground.gates) + 1)],
                "kind": list(ground.gate_kinds),
            },
            geometry=list(ground.back(np.array(ground.gates, dtype=object))) if ground.gates else [],
            crs=crs,
        )
        boundary = gpd.GeoDataFrame(
            {"area_m2": [ground.site.area]},
            geometry=list(ground.back(np.array([ground.site], dtype=object))),
            crs=crs,
        )
        zones = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=crs)
        return {
            "boundary": boundary,
            "land_use": land_use,
            "zones": zones,
            "parcels": parcels,
            "road_lines": roads,
            "gates": gates,
        }


def coverage(
    ground: Ground,
    atoms: Atoms,
    labels: NDArray[np.int64],
    template: ParkTemplate,
    allowed: dict[str, int],
) -> Coverage:
    """Cut the site into zones, roads, verges, water, kept and excluded land.

    Parameters
    ----------
    ground : Ground
    atoms : Atoms
    labels : ndarray of shape (n,)
        Zone of each atom; −1: none, it becomes verge.
    template : ParkTemplate
    allowed : dict of str to int
        How many pieces each zone may have.

    Notes
    -----
    All outlines are noded together and polygonized once; each face is then given to one row, so
    that nothing is left out and nothing counted twice. What is too small, too thin or too far from
    a road to build on becomes verge. O(n log n) in the number of vertices.
    """
    lines = atoms.streets()
    faces, owner = _faces(ground, atoms, road_surface(ground, lines))
    blocks, atom, frontage, loose = _blocks(faces, owner, labels)
    zones = [template.zones[labels[place]] for place in atom]
    rows: list[tuple[str, tuple[str, str], BaseGeometry]] = []
    for code, kind, codes in (
        (_ROAD, "road", (template.road_code, template.road_gb)),
        (_WATER, "water", ("17", "E1")),
        (_KEPT, "kept", ("", "")),
        (_EXCLUDED, "excluded", ("", "")),
    ):
        own = faces[owner == code]
        if len(own):
            rows.append((kind, codes, shapely.coverage_union_all(own)))
    if len(loose):
        rows.append(("verge", VERGE, shapely.coverage_union_all(loose)))
    shapes = np.array([*blocks, *(shape for _, _, shape in rows)], dtype=object)
    return Coverage(
        shapes=shapes,
        kind=["zone"] * len(blocks) + [kind for kind, _, _ in rows],
        zone=[zone.id for zone in zones] + [""] * len(rows),
        codes=[(zone.code, zone.gb) for zone in zones] + [codes for _, codes, _ in rows],
        frontage_m=[*frontage, *([0.0] * len(rows))],
        lines=lines,
        widths=ground.widths,
        pieces=_pieces(ground, blocks, atom, labels, lines, template),
        allowed=allowed,
        template=template,
    )


def _faces(ground: Ground, atoms: Atoms, road: BaseGeometry) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Faces of the whole site, and what each is: an atom, or a code below zero."""
    shapes = (ground.site, ground.land, ground.water, ground.excluded, ground.kept, road)
    outlines = [shape.boundary for shape in shapes if not shape.is_empty]
    outlines += [shapely.get_exterior_ring(face) for face in atoms.faces]
    noded = shapely.get_parts(shapely.union_all(outlines, grid_size=GRID_M))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(noded)), dtype=object)
    points = shapely.point_on_surface(faces)
    shapely.prepare(ground.site)
    inside = shapely.contains(ground.site, points)
    faces, points = faces[inside], points[inside]
    owner = np.full(len(faces), _LOOSE, dtype=np.int64)
    found = shapely.STRtree(atoms.faces).query(points, predicate="within")
    owner[found[0]] = found[1]
    for code, shape in (
        (_ROAD, road), (_EXCLUDED, ground.excluded), (_WATER, ground.water), (_KEPT, ground.kept),
    ):  # fmt: skip
        if not shape.is_empty:
            shapely.prepare(shape)
            owner[shapely.contains(shape, points)] = code
    return faces, owner


def _blocks(
    faces: NDArray[np.object_], owner: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[list[Polygon], NDArray[np.int64], list[float], NDArray[np.object_]]:
    """Blocks, the atom and the frontage of each; and faces that are part of none."""
    parts: list[Polygon] = []
    atom: list[int] = []
    loose = [faces[owner == _LOOSE]]
    for place in range(len(labels)):
        own = faces[owner == place]
        if labels[place] < 0 or not len(own):
            loose.append(own)
            continue
        pieces = sorted(shapely.get_parts(shapely.coverage_union_all(own)), key=lambda part: -part.area)
        parts += pieces
        atom += [place] * len(pieces)
    outline = shapely.coverage_union_all(faces[owner == _ROAD]).boundary
    shapely.prepare(outline)
    along = shapely.length(shapely.intersection(shapely.boundary(parts), outline))
    good = np.array(
        [front >= _LEAST_FRONTAGE_M and is_block(part) for part, front in zip(parts, along, strict=True)]
    )
    everything = np.array(parts, dtype=object)
    loose.append(everything[~good])
    return (
        list(everything[good]),
        np.array(atom, dtype=np.int64)[good],
        along[good].tolist(),
        np.concatenate(loose),
    )


def _pieces(
    ground: Ground,
    blocks: list[Polygon],
    atom: NDArray[np.int64],
    labels: NDArray[np.int64],
    lines: list[tuple[int, LineString]],
    template: ParkTemplate,
) -> dict[str, int]:
    shapes = np.array(blocks, dtype=object)
    pairs = facing_pairs(shapes, lines, ground.widths)
    counts = {}
    for place, zone in enumerate(template.zones):
        own = np.flatnonzero(labels[atom] == place)
        inside = pairs[np.isin(pairs, own).all(axis=1)]
        counts[zone.id] = count_pieces(shapes[own], atom[own], np.searchsorted(own, inside))
    return counts
