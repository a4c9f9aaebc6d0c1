"""Lay out a park's functional zones: road skeleton, atoms, slicing-tree search, exact coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.errors import N_, InfeasibleError
from geo.params import Params, quantity
from geo.partition.floorplan import Weights
from planning.catalogue.parks import ParkTemplate
from planning.zones.arrange import Effort, arrange
from planning.zones.coverage import coverage
from planning.zones.findings import assess
from planning.zones.ground import LEAST_ATOM_M2, Ground, SiteInputs, read_ground
from planning.zones.settle import settle
from planning.zones.streets import lay_streets

__all__ = ["SiteInputs", "ZoningParams", "ZoningResult", "zone_park"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoningParams(Params):
    """How hard to search, and what counts how much."""

    evaluations: int = quantity(
        2_000, 50, 100_000, "", N_("Slicing trees tried; more is slower and rarely much better.")
    )
    moves: int = quantity(
        8_000,
        0,
        200_000,
        "",
        N_("Moves of single blocks afterwards; more is slower and a little more compact."),
    )
    weight_share: float = quantity(4.0, 0.0, 20.0, "", N_("How much the shares of the zones count."))
    weight_compact: float = quantity(2.5, 0.0, 20.0, "", N_("How much compact zones count."))
    weight_siting: float = quantity(1.6, 0.0, 20.0, "", N_("How much the siting rules count."))
    weight_closeness: float = quantity(5.0, 0.0, 20.0, "", N_("How much the closeness letters count."))
    bridge_m: float = quantity(
        160.0, 0.0, 1_000.0, "m", N_("Main roads bridge water and gaps up to this long; 0 builds no bridge.")
    )

    def effort(self) -> Effort:
        """Return what the search takes of these."""
        return Effort(
            evaluations=self.evaluations,
            moves=self.moves,
            weights=Weights(
                share=self.weight_share,
                compact=self.weight_compact,
                suitability=self.weight_siting,
                together=self.weight_closeness,
            ),
        )


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
    ground = read_ground(inputs)
    _feasible(ground, template)
    tell(0.05, N_("laying the road skeleton"))
    atoms, angle = lay_streets(ground, template, params.bridge_m)
    tell(0.2, N_("arranging the zones"))
    found = arrange(
        ground,
        atoms,
        angle,
        template,
        params.effort(),
        seed,
        lambda share: tell(0.2 + 0.6 * share, N_("arranging the zones")),
    )
    tell(0.8, N_("dropping streets inside zones"))
    found, atoms, labels = settle(ground, atoms, found, seed, params.moves // 4)
    tell(0.95, N_("cutting the coverage"))
    made = coverage(ground, atoms, labels, template, found.allowed())
    _complete(made.zone_area_m2(), template)
    tell(0.98, N_("checking"))
    findings = assess(ground, atoms, labels, made, template, found.zone_fit())
    tell(1.0, N_("done"))
    return ZoningResult(**made.tables(ground, inputs.crs), **findings, params=params)


def _silent(share: float, what: str) -> None:
    """Take progress when nobody asks for it."""


def _feasible(ground: Ground, template: ParkTemplate) -> None:
    smallest = min(template.zones, key=lambda zone: zone.target)
    need = max(len(template.zones) * 1.5, 1.0 / smallest.target) * LEAST_ATOM_M2
    has = ground.core.area
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
            block=LEAST_ATOM_M2 / 1e4,
        )


def _complete(area_m2: Mapping[str, float], template: ParkTemplate) -> None:
    """No zone may have come to nothing."""
    empty = [zone for zone in template.zones if area_m2[zone.id] <= 0]
    if empty:
        raise InfeasibleError(
            N_(
                "of the {zones} zones of the template {template} {count} found no block with a way in, "
                "first {zone}, which takes {share:.1%}"
            ),
            hint=N_("draw a larger or less narrow site, or leave small zones out of the template"),
            where="boundary",
            zones=len(template.zones),
            template=template.key,
            count=len(empty),
            zone=empty[0].id,
            share=empty[0].target,
        )
