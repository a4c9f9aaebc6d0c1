"""Every square metre of the site in exactly one row: one noded set of lines, polygonized once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geo.partition.atoms import GRID_M, Atoms
from geo.partition.slicing import components
from planning.catalogue.parks import ParkTemplate
from planning.zones.ground import CLASSES, Ground

__all__ = ["VERGE", "Coverage", "coverage"]

VERGE = ("1402", "G2")
_WATER = ("17", "E1")
_EXCLUDED = ("", "")
_LEAST_BLOCK_M2 = 600.0
_LEAST_WIDTH_M = 8.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coverage:
    """The pieces of the coverage, near the origin.

    Attributes
    ----------
    shapes : ndarray of Polygon or MultiPolygon
    kind, zone : lists of str
        zone, road, verge, water, kept, excluded; and the zone of the first.
    codes : list of (code, gb)
    atom : list of int
        Atom of a zone's piece; −1 for anything else.
    frontage_m : list of float
        Length of a piece's outline on a road.
    lines : list of (rank, LineString)
        Centre lines of the roads.
    widths : tuple of float
    pieces : dict of str to int
        Pieces of each zone as a reader would count them.
    template : ParkTemplate
    """

    shapes: NDArray[np.object_]
    kind: list[str]
    zone: list[str]
    codes: list[tuple[str, str]]
    atom: list[int]
    frontage_m: list[float]
    lines: list[tuple[int, LineString]]
    widths: tuple[float, float, float]
    pieces: dict[str, int]
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
        net = self.zone_area_m2()
        total = sum(net.values())
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
                    "share": net[zone.id] / total,
                    "area_m2": net[zone.id],
                    "pieces": self.pieces[zone.id],
                    "pieces_allowed": zone.max_pieces,
                    "geometry": shapely.multipolygons(
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
    lines: Sequence[tuple[int, LineString]],
    widths: tuple[float, float, float],
    template: ParkTemplate,
) -> Coverage:
    """Cut the site into zones, roads, verges, water, kept and excluded land.

    Notes
    -----
    All outlines are noded together and polygonized once; each face is then given to one row, so
    that nothing is left out and nothing counted twice. A block's leftovers that are too small or
    too thin to build on become verge. O(n log n) in the number of vertices.
    """
    buffers = [line.buffer(widths[rank] / 2, cap_style="square", join_style="mitre") for rank, line in lines]
    road = (
        shapely.union_all(buffers).intersection(ground.land).difference(ground.kept) if buffers else Polygon()
    )
    outlines = [ground.site.boundary, ground.land.boundary]
    outlines += [
        shape.boundary for shape in (ground.water, ground.excluded, ground.kept, road) if not shape.is_empty
    ]
    outlines += [shapely.get_exterior_ring(face) for face in atoms.faces]
    noded = shapely.get_parts(shapely.union_all(outlines, grid_size=GRID_M))
    faces = np.asarray(shapely.get_parts(shapely.polygonize(noded)), dtype=object)
    points = shapely.point_on_surface(faces)
    shapely.prepare(ground.site)
    inside = shapely.contains(ground.site, points)
    faces, points = faces[inside], points[inside]

    owner = np.full(len(faces), -1, dtype=np.int64)
    tree = shapely.STRtree(atoms.faces)
    found = tree.query(points, predicate="within")
    owner[found[0]] = found[1]
    for code, shape in ((-2, road), (-3, ground.excluded), (-4, ground.water), (-5, ground.kept)):
        if not shape.is_empty:
            shapely.prepare(shape)
            owner[shapely.contains(shape, points)] = code

    rows: list[tuple[str, str, tuple[str, str], int, BaseGeometry]] = []
    loose: list[Polygon] = list(faces[owner == -1])
    for place in range(len(atoms)):
        own = faces[owner == place]
        if not len(own):
            continue
        zone = template.zones[labels[place]]
        for part in sorted(shapely.get_parts(shapely.coverage_union_all(own)), key=lambda part: -part.area):
            fits = part.area >= _LEAST_BLOCK_M2 and not part.buffer(-_LEAST_WIDTH_M / 2).is_empty
            if fits:
                rows.append(("zone", zone.id, (zone.code, zone.gb), place, part))
            else:
                loose.append(part)
    road_code = (template.road_code, template.road_gb)
    for code, kind, codes in (
        (-2, "road", road_code),
        (-4, "water", _WATER),
        (-5, "kept", _EXCLUDED),
        (-3, "excluded", _EXCLUDED),
    ):
        own = faces[owner == code]
        if len(own):
            rows.append((kind, "", codes, -1, shapely.coverage_union_all(own)))
    if loose:
        rows.append(("verge", "", VERGE, -1, shapely.coverage_union_all(np.array(loose, dtype=object))))
    edge = next((shape.boundary for kind, _, _, _, shape in rows if kind == "road"), None)
    shapes = np.array([row[4] for row in rows], dtype=object)
    frontage = np.zeros(len(rows))
    if edge is not None:
        shapely.prepare(edge)
        is_zone = np.array([row[0] == "zone" for row in rows])
        frontage[is_zone] = shapely.length(shapely.intersection(shapely.boundary(shapes[is_zone]), edge))
    return Coverage(
        shapes=shapes,
        kind=[row[0] for row in rows],
        zone=[row[1] for row in rows],
        codes=[row[2] for row in rows],
        atom=[row[3] for row in rows],
        frontage_m=frontage.tolist(),
        lines=list(lines),
        widths=widths,
        pieces={
            zone.id: len(components(np.flatnonzero(labels == place).tolist(), atoms.linked, len(atoms)))
            for place, zone in enumerate(template.zones)
        },
        template=template,
    )
