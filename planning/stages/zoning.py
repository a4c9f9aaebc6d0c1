"""Lay out a park's functional zones: road skeleton, atoms, slicing-tree search, exact coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
import shapely.ops
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, GeometryError, InfeasibleError
from geo.params import Params, quantity
from geo.partition.atoms import GRID_M, Atoms, Joiner, cut_atoms
from geo.partition.frames import frame_directions, rotate
from geo.partition.skeleton import ARTERIAL, COLLECTOR, LOCAL, lay_skeleton
from geo.partition.slicing import Floorplan, Weights, search
from geo.shapes import polygon_parts
from planning.catalogue.parks import ParkTemplate
from planning.zones.coverage import coverage
from planning.zones.findings import assess
from planning.zones.ground import Ground
from planning.zones.siting import suitability

__all__ = ["SiteInputs", "ZoningParams", "ZoningResult", "zone_park"]

_LEAST_ATOM_M2 = 3_600.0
_WISHES = {"A": 1.0, "E": 0.7, "I": 0.45, "O": 0.15}
_WIDEST_M = (36.0, 24.0, 15.0)
_NARROWEST_M = (24.0, 18.0, 12.0)
_FULL_WIDTH_KM2 = 2.0
_SMALL_KM2 = 0.5
_MAIN_ROADS = (
    "高速",
    "快速",
    "主干",
    "国道",
    "省道",
    "arterial",
    "expressway",
    "motorway",
    "trunk",
    "primary",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoningParams(Params):
    """How hard to search, and what counts how much."""

    evaluations: int = quantity(
        2_500, 50, 100_000, "", N_("Slicing trees tried; more is slower and rarely much better.")
    )
    moves: int = quantity(
        4_000,
        0,
        200_000,
        "",
        N_("Moves of single blocks afterwards; more is slower and a little more compact."),
    )
    weight_share: float = quantity(4.0, 0.0, 20.0, "", N_("How much the shares of the zones count."))
    weight_compact: float = quantity(2.5, 0.0, 20.0, "", N_("How much compact zones count."))
    weight_siting: float = quantity(0.8, 0.0, 20.0, "", N_("How much the siting rules count."))
    weight_closeness: float = quantity(2.5, 0.0, 20.0, "", N_("How much the closeness letters count."))
    bridge_m: float = quantity(
        160.0, 0.0, 1_000.0, "m", N_("Main roads bridge water and gaps up to this long; 0 builds no bridge.")
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteInputs:
    """What is known of a site; what is None is unknown, and said to be.

    Attributes
    ----------
    site : Polygon or MultiPolygon
        The park's outline, metres.
    crs : pyproj.CRS
        Metric CRS of everything here.
    gates : GeoDataFrame of points, optional
        With `kind`: port, expressway, town or rail.
    roads : GeoDataFrame of lines, optional
        Existing roads: kept where they are.
    water, exclusions, flood : GeoDataFrame of polygons (water: lines too), optional
        Never built on.
    housing : GeoDataFrame, optional
        Sensitive neighbours.
    buildings : GeoDataFrame of polygons, optional
        Kept as they stand.
    firms : GeoDataFrame of points, optional
        Counted in the zones, for information.
    """

    site: BaseGeometry
    crs: pyproj.CRS
    gates: gpd.GeoDataFrame | None = None
    roads: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    exclusions: gpd.GeoDataFrame | None = None
    flood: gpd.GeoDataFrame | None = None
    housing: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    firms: gpd.GeoDataFrame | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZoningResult:
    """A layout: an exact coverage of the site, and what can be said of it.

    Attributes
    ----------
    boundary, land_use, zones, parcels, road_lines, gates : GeoDataFrame
        As in docs/tables.md, in the CRS of the inputs.
    adjacency, checks, reasons : DataFrame
    share_error_pp : float
        Largest difference of a zone's net share from its target, percentage points.
    score : float
        0–1: half the closeness wishes that are met, half the mean siting suitability.
    params : ZoningParams
    """

    boundary: gpd.GeoDataFrame
    land_use: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    road_lines: gpd.GeoDataFrame
    gates: gpd.GeoDataFrame
    adjacency: pd.DataFrame
    checks: pd.DataFrame
    reasons: pd.DataFrame
    share_error_pp: float
    score: float
    params: ZoningParams


def zone_park(
    inputs: SiteInputs,
    template: ParkTemplate,
    params: ZoningParams,
    *,
    seed: int,
    progress: Callable[[float, str], None] | None = None,
) -> ZoningResult:
    """Lay out the zones of a template on a site.

    Parameters
    ----------
    inputs : SiteInputs
        Left unchanged.
    template : ParkTemplate
    params : ZoningParams
    seed : int
        The only source of chance: equal inputs give bit-equal results.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError`.

    Returns
    -------
    ZoningResult

    Raises
    ------
    GeometryError
        If the site is no usable polygon.
    InfeasibleError
        If the land is too small for the template's smallest zone; says how much is needed.

    Notes
    -----
    Roads first: a grid in the site's own direction, anchored at gates, is noded with the outline
    and polygonized once; zones are unions of those faces, so coverage and road service hold by
    construction. O((evaluations + moves) · atoms).

    References
    ----------
    Otten, R. (1982). Automatic floorplan design. 19th Design Automation Conference, 261–267.
    Muther, R. (1973). Systematic Layout Planning. 2nd ed., Boston.
    """
    tell = progress or _silent
    tell(0.0, N_("preparing the site"))
    ground = _ground(inputs)
    _feasible(ground, template)
    tell(0.05, N_("laying the road skeleton"))
    atoms, angle = _skeleton(ground, template, params)
    tell(0.2, N_("arranging the zones"))
    labels, fit = _arrange(ground, atoms, angle, template, params, seed, tell)
    tell(0.9, N_("dropping streets inside zones"))
    atoms, labels = _drop_streets(atoms, labels, template)
    tell(0.95, N_("cutting the coverage"))
    lines = atoms.streets()
    made = coverage(ground, atoms, labels, lines, _widths(ground), template)
    tell(0.98, N_("checking"))
    findings = assess(ground, atoms, labels, made, template, fit)
    tell(1.0, N_("done"))
    return ZoningResult(**made.tables(ground, inputs.crs), **findings, params=params)


def _silent(share: float, what: str) -> None:
    """Take progress when nobody asks for it."""


def _ground(inputs: SiteInputs) -> Ground:
    """The site near the origin, with what may not be built on taken out."""
    if inputs.site.geom_type not in ("Polygon", "MultiPolygon") or inputs.site.is_empty:
        raise GeometryError(N_("the site is no polygon"), hint=N_("draw its outline"), code="WRONG_GEOMETRY")
    if not inputs.site.is_valid:
        raise GeometryError(N_("the outline of the site crosses itself"), hint=N_("draw it again"))
    west, south, _, _ = inputs.site.bounds
    origin = np.floor([west, south])

    def near(shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda xy: xy - origin)

    site = shapely.set_precision(near(inputs.site), GRID_M)

    def areas(table: gpd.GeoDataFrame | None, width_m: float = 0.0) -> BaseGeometry:
        if table is None or table.empty:
            return shapely.Polygon()
        shapes = [near(shape) for shape in table.geometry]
        shapes = [
            shape if shape.area else shape.buffer(width_m / 2) for shape in shapes if width_m or shape.area
        ]
        return shapely.union_all(shapes).intersection(site) if shapes else shapely.Polygon()

    water = areas(inputs.water, width_m=10.0)
    excluded = shapely.union_all([areas(inputs.exclusions), areas(inputs.flood)]).difference(water)
    kept = areas(inputs.buildings).difference(water).difference(excluded)
    land = site.difference(shapely.union_all([water, excluded]))
    parts = [part for part in polygon_parts(land) if part.area > 1_000.0]
    if not parts:
        raise InfeasibleError(
            N_("nothing of the site can be built on: {water:.1f} ha water, {excluded:.1f} ha excluded"),
            hint=N_("choose another site, or check the exclusion layers"),
            where="boundary",
            water=water.area / 1e4,
            excluded=excluded.area / 1e4,
        )
    land = shapely.set_precision(shapely.union_all(parts), GRID_M)
    roads: list[tuple[LineString, int]] = []
    if inputs.roads is not None:
        for row in inputs.roads.rename(columns={"class": "road_class"}).itertuples():
            roads.extend(
                (part, _rank(row))
                for part in shapely.get_parts(near(row.geometry).intersection(site))
                if part.geom_type == "LineString" and part.length > 20.0
            )
    gates, kinds = _gates(inputs, site, near)
    housing = None
    if inputs.housing is not None and not inputs.housing.empty:
        housing = shapely.union_all([near(shape) for shape in inputs.housing.geometry])
    return Ground(
        origin=origin,
        site=site,
        land=land,
        water=water,
        excluded=excluded,
        kept=kept,
        roads=tuple(roads),
        gates=tuple(gates),
        gate_kinds=tuple(kinds),
        housing=housing,
        given=tuple(
            name
            for name in ("gates", "roads", "water", "exclusions", "flood", "housing", "buildings")
            if getattr(inputs, name) is not None
        ),
    )


def _rank(row: Any) -> int:
    """Class of an existing road by its name: the main ones keep the widest right of way."""
    name = str(getattr(row, "road_class", "")).casefold()
    return ARTERIAL if any(word in name for word in _MAIN_ROADS) else COLLECTOR


def _gates(
    inputs: SiteInputs, site: BaseGeometry, near: Callable[[Any], Any]
) -> tuple[list[Point], list[str]]:
    """Gates on the outline: the nearest point of it to each gate that is given."""
    if inputs.gates is None or inputs.gates.empty:
        return [], []
    edge = site.boundary
    points = [shapely.ops.nearest_points(edge, near(shape.centroid))[0] for shape in inputs.gates.geometry]
    kinds = (
        [str(kind).strip().lower() for kind in inputs.gates["kind"]]
        if "kind" in inputs.gates
        else ["town"] * len(points)
    )
    return points, kinds


def _feasible(ground: Ground, template: ParkTemplate) -> None:
    smallest = min(template.zones, key=lambda zone: zone.target)
    need = max(len(template.zones) * 1.5, 1.0 / smallest.target) * _LEAST_ATOM_M2
    has = ground.land.area
    if has < need:
        raise InfeasibleError(
            N_(
                "the site has {has:.1f} ha of land to build on; the template {template} needs {need:.1f} ha, "
                "because its zone {zone} takes {share:.1%} and a block takes {block:.2f} ha"
            ),
            hint=N_("draw a larger site, or leave small zones out of the template"),
            where="boundary",
            has=has / 1e4,
            need=need / 1e4,
            template=template.key,
            zone=smallest.id,
            share=smallest.target,
            block=_LEAST_ATOM_M2 / 1e4,
        )


def _widths(ground: Ground) -> tuple[float, float, float]:
    """Rights of way by class; narrower on small sites, metres."""
    size = ground.land.area / 1e6
    share = min(max((size - _SMALL_KM2) / (_FULL_WIDTH_KM2 - _SMALL_KM2), 0.0), 1.0)
    arterial, collector, local = (
        float(round(narrow + (wide - narrow) * share))
        for narrow, wide in zip(_NARROWEST_M, _WIDEST_M, strict=True)
    )
    return arterial, collector, local


def _skeleton(ground: Ground, template: ParkTemplate, params: ZoningParams) -> tuple[Atoms, float]:
    """The frame, its lines and the atoms: of all directions the one with the squarest blocks."""
    size = ground.land.area
    smallest = min(zone.target for zone in template.zones)
    wanted = min(max(60 + 12 * size / 1e6, 1.3 / smallest, 4.0 * len(template.zones)), 360.0)
    atom = max(size / wanted, _LEAST_ATOM_M2)
    existing = shapely.union_all([line for line, _ in ground.roads]) if ground.roads else None
    best: tuple[float, Atoms, float] | None = None
    for angle in frame_directions(ground.site, existing):
        for ratio in (1.25, 0.8):
            spacing = (2 * np.sqrt(atom * ratio), 2 * np.sqrt(atom / ratio))
            streets = lay_skeleton(ground.land, angle, spacing, ground.gates, ground.roads)
            atoms = cut_atoms(
                ground.land,
                streets,
                least_m2=0.45 * atom,
                least_width_m=0.35 * float(np.sqrt(atom)),
                bridge_m=params.bridge_m,
                gates=ground.gates,
            )
            area = shapely.area(atoms.faces)
            square = area / shapely.area(shapely.minimum_rotated_rectangle(atoms.faces))
            quality = float((area * square**2).sum() / area.sum()) - 0.002 * abs(len(atoms) - wanted) / 10
            if best is None or quality > best[0] + 1e-9:
                best = (quality, atoms, angle)
    assert best is not None
    if len(best[1]) < len(template.zones):
        raise InfeasibleError(
            N_("the site gives {atoms} blocks, fewer than the {zones} zones of the template {template}"),
            hint=N_("draw a larger or less narrow site, or leave small zones out of the template"),
            where="boundary",
            atoms=len(best[1]),
            zones=len(template.zones),
            template=template.key,
        )
    return best[1], best[2]


def _arrange(
    ground: Ground,
    atoms: Atoms,
    angle: float,
    template: ParkTemplate,
    params: ZoningParams,
    seed: int,
    tell: Callable[[float, str], None],
) -> tuple[np.ndarray, np.ndarray]:
    """Which zone each atom gets; also how well each zone lies, NaN where no rule could be followed."""
    lines = atoms.streets()
    widths = _widths(ground)
    surface = shapely.union_all([line.buffer(widths[rank] / 2, cap_style="square") for rank, line in lines])
    net = shapely.area(shapely.difference(atoms.faces, shapely.union(surface, ground.kept)))
    fit, known = suitability(ground, atoms, template)
    ids = [zone.id for zone in template.zones]
    together = np.zeros((len(ids), len(ids)))
    apart = np.zeros((len(ids), len(ids)), dtype=bool)
    for (one, two), letter in template.closeness.items():
        i, j = ids.index(one), ids.index(two)
        if letter == "X":
            apart[i, j] = apart[j, i] = True
        else:
            together[i, j] = together[j, i] = _WISHES.get(letter, 0.0)
    centres = shapely.get_coordinates(shapely.centroid(atoms.faces))
    plan = Floorplan(
        area_m2=np.maximum(net, 1.0),
        uv=rotate(centres, -angle),
        pairs=atoms.pairs,
        border_m=atoms.border_m,
        arterial=atoms.arterial,
        linked=atoms.linked,
        target=np.array([zone.target for zone in template.zones]),
        suitability=fit,
        allowed=np.ones((len(atoms), len(ids)), dtype=bool),
        together=together,
        apart=apart,
        max_pieces=np.array([zone.max_pieces for zone in template.zones]),
        weights=Weights(
            share=params.weight_share,
            compact=params.weight_compact,
            suitability=params.weight_siting,
            together=params.weight_closeness,
        ),
    )
    labels, _ = search(
        plan,
        seed=seed,
        evaluations=params.evaluations,
        moves=params.moves,
        tick=lambda share: tell(0.2 + 0.7 * share, N_("arranging the zones")),
    )
    own = [fit[labels == place, place].mean() if known[place] else np.nan for place in range(len(ids))]
    return labels, np.array(own)


def _drop_streets(atoms: Atoms, labels: np.ndarray, template: ParkTemplate) -> tuple[Atoms, np.ndarray]:
    """Take local streets out between blocks of one zone, as long as blocks stay walkable in size."""
    largest = 0.55 * template.block_m[1] ** 2
    joiner = Joiner(atoms)
    for pair in np.argsort(-np.round(atoms.border_m, 3), kind="stable"):
        one, two = (int(place) for place in atoms.pairs[pair])
        if labels[one] != labels[two] or atoms.border_m[pair] < 20.0:
            continue
        a, b = joiner.group(one), joiner.group(two)
        if a == b or joiner.shapes[a].area + joiner.shapes[b].area > largest:
            continue
        border = joiner.border(a, b)
        if joiner.length_m(border, rank=LOCAL) < 0.9 * joiner.length_m(border):
            continue
        holes = len(joiner.shapes[a].interiors) + len(joiner.shapes[b].interiors)
        union = joiner.union(a, b)
        if union.geom_type == "Polygon" and len(union.interiors) <= holes and joiner.may_join(a, b):
            joiner.join(a, b)
    joined, first = joiner.result()
    return joined, labels[first]
