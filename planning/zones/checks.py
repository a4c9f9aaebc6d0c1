"""What was checked of a layout: a row each with what was found, what it may be and a verdict.

What cannot be checked because nothing is known of it is “not checked”, never “met”.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import N_
from planning.catalogue.parks import ParkTemplate
from planning.zones.coverage import Coverage
from planning.zones.ground import Ground
from planning.zones.tables import CHECKS

__all__ = ["check_layout"]

_FRONTAGE_M = 40.0
_GAP_M2 = 0.01
_THROUGH_M = 1.0


class _Rows:
    """Rows of the table, in the order in which they are told."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []

    def judge(
        self, check: str, thing: str, value: Any, unit: str, limit: Any, source: str, *, met: bool
    ) -> None:
        """Tell what was found and whether it may be."""
        self._rows.append((check, thing, value, unit, limit, "met" if met else "broken", source))

    def leave(self, check: str, thing: str, value: Any, unit: str, source: str) -> None:
        """Tell what is not judged, and why."""
        self._rows.append((check, thing, value, unit, None, "not checked", source))

    def table(self) -> pd.DataFrame:
        """All of them."""
        return pd.DataFrame(self._rows, columns=list(CHECKS.columns))


def check_layout(
    ground: Ground, made: Coverage, template: ParkTemplate, adjacency: pd.DataFrame
) -> pd.DataFrame:
    """Return the checks of a layout, schema `CHECKS`.

    Parameters
    ----------
    ground : Ground
    made : Coverage
    template : ParkTemplate
    adjacency : DataFrame
        Schema `ADJACENCY`.
    """
    rows = _Rows()
    _check_coverage(rows, ground, made)
    _check_network(rows, ground, made)
    _check_zones(rows, made, template, adjacency)
    _check_blocks(rows, ground, made, template)
    _check_barred(rows, ground, made)
    for check in (N_("terrain rules"), N_("wind rules"), N_("land-use rules"), N_("corridor rules")):
        rows.leave(check, "zones", None, "", N_("not given"))
    return rows.table()


def _check_coverage(rows: _Rows, ground: Ground, made: Coverage) -> None:
    gap = abs(float(shapely.area(made.shapes).sum()) - ground.site.area)
    valid = bool(shapely.coverage_is_valid(made.shapes))
    source = N_("construction")
    rows.judge(N_("coverage gap"), "site", round(gap, 6), "m2", _GAP_M2, source, met=gap <= _GAP_M2)
    rows.judge(N_("coverage overlap"), "site", 0.0 if valid else None, "m2", 0.0, source, met=valid)


def _check_network(rows: _Rows, ground: Ground, made: Coverage) -> None:
    parts, reached = _network(ground, made)
    source = N_("construction")
    rows.judge(N_("road network in one piece"), "roads", parts, "pieces", 1, source, met=parts == 1)
    check, gates = N_("gates reached by roads"), len(ground.gates)
    if "gates" in ground.given:
        rows.judge(check, "gates", reached, "gates", gates, source, met=reached == gates)
    else:
        rows.leave(check, "gates", None, "gates", N_("not given"))
    check = N_("new streets through kept buildings")
    if "buildings" in ground.given:
        through = _through(ground, made)
        # Where buildings stand too dense for streets between them, some go through.
        met = through < _THROUGH_M
        rows.judge(check, "roads", round(through, 1), "m", 0.0, N_("project default"), met=met)
    else:
        rows.leave(check, "roads", None, "m", N_("not given"))


def _network(ground: Ground, made: Coverage) -> tuple[int, int]:
    """Pieces of the road network, and gates that a road comes to."""
    lines = np.array([line for _, line in made.lines], dtype=object)
    if not len(lines):
        return 0, 0
    tips = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    nodes, number = np.unique(shapely.get_coordinates(tips), axis=0, return_inverse=True)
    one, two = number.reshape(2, -1)
    graph = coo_array((np.ones(len(lines)), (one, two)), shape=(len(nodes), len(nodes)))
    reach = made.widths[0] / 2 + 2.0
    reached = sum(float(shapely.distance(lines, gate).min()) <= reach for gate in ground.gates)
    return int(connected_components(graph, directed=False)[0]), int(reached)


def _through(ground: Ground, made: Coverage) -> float:
    """Length of streets that are no existing roads inside kept buildings, metres."""
    inside = shapely.union_all([line for _, line in made.lines]).intersection(ground.kept)
    old = shapely.union_all([line for line, _ in ground.roads]).buffer(_THROUGH_M)
    return float(inside.difference(old).length)


def _check_zones(rows: _Rows, made: Coverage, template: ParkTemplate, adjacency: pd.DataFrame) -> None:
    shares = made.shares()
    for zone in template.zones:
        pieces, allowed = made.pieces[zone.id], made.allowed[zone.id]
        source = N_("template, one more on each further bank")
        rows.judge(N_("pieces of a zone"), zone.id, pieces, "pieces", allowed, source, met=pieces <= allowed)
        share = shares[zone.id]
        low, high = zone.range
        rows.judge(
            N_("share of a zone"),
            zone.id,
            round(share, 4),
            "",
            f"{low:g}–{high:g}",
            N_("template, usual range"),
            met=low - 1e-9 <= share <= high + 1e-9,
        )
    error_pp = round(made.share_error_pp(), 3)
    rows.leave(N_("largest share error"), "zones", error_pp, "pp", N_("reported, not bound"))
    touching = int(((adjacency["wanted"] == "apart") & (adjacency["met"] == "no")).sum())
    rows.judge(
        N_("zones that must be apart and touch"),
        "zones",
        touching,
        "pairs",
        0,
        N_("template, letter X"),
        met=not touching,
    )


def _check_blocks(rows: _Rows, ground: Ground, made: Coverage, template: ParkTemplate) -> None:
    least = min(front for front, zone in zip(made.frontage_m, made.zone, strict=True) if zone)
    rows.judge(
        N_("least frontage of a block"),
        "blocks",
        round(least, 1),
        "m",
        _FRONTAGE_M,
        N_("project default"),
        met=least >= _FRONTAGE_M,
    )
    share = made.area_m2("road") / ground.site.area
    low, high = template.roads
    rows.judge(
        N_("share of roads in gross land"),
        "roads",
        round(share, 4),
        "",
        f"{low:g}–{high:g}",
        N_("template, usual range"),
        met=low <= share <= high,
    )


def _check_barred(rows: _Rows, ground: Ground, made: Coverage) -> None:
    barred = shapely.union_all([ground.water, ground.excluded])
    zones = made.shapes[np.array(made.kind) == "zone"]
    inside = float(shapely.area(shapely.intersection(zones, barred)).sum())
    for name, check in (
        ("exclusions", N_("zones on excluded land")),
        ("water", N_("zones on water")),
        ("flood", N_("zones on flood areas")),
    ):
        if name in ground.given:
            source = N_("construction")
            rows.judge(check, "zones", round(inside, 3), "m2", 0.0, source, met=inside < _GAP_M2)
        else:
            rows.leave(check, "zones", None, "m2", N_("not given"))
