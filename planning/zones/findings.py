"""What can be said of a layout: adjacency, checks with verdicts, reasons per zone, score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.errors import N_
from geo.partition.atoms import Atoms
from planning.catalogue.parks import ParkTemplate
from planning.zones.coverage import Coverage
from planning.zones.ground import Ground
from planning.zones.reasons import reason_rows
from planning.zones.tables import ADJACENCY, CHECKS

__all__ = ["assess"]

_TOUCH_M = 30.0
_FRONTAGE_M = 40.0
_GAP_M2 = 0.01
_WANTED = {"A": "touch", "E": "touch", "I": "touch", "O": "near", "U": "none", "X": "apart"}


def assess(
    ground: Ground,
    atoms: Atoms,
    labels: NDArray[np.int64],
    made: Coverage,
    template: ParkTemplate,
    fit: NDArray[np.float64],
) -> dict[str, Any]:
    """Return adjacency, checks, reasons, share_error_pp and score of a layout."""
    adjacency = _adjacency(atoms, labels, template)
    net = made.zone_area_m2()
    total = sum(net.values())
    shares = {zone.id: net[zone.id] / total for zone in template.zones}
    error_pp = max(abs(shares[zone.id] - zone.target) for zone in template.zones) * 100
    reasons = reason_rows(ground, atoms, labels, template)
    checks = _checks(ground, made, template, shares, adjacency, error_pp)
    return {
        "adjacency": adjacency,
        "checks": checks,
        "reasons": reasons,
        "share_error_pp": float(error_pp),
        "score": _score(adjacency, fit),
    }


def _score(adjacency: pd.DataFrame, fit: NDArray[np.float64]) -> float:
    """Half the closeness wishes that are met, half the mean siting suitability of the zones with rules."""
    wished = adjacency[adjacency["wanted"].isin(["touch", "apart"])]
    close = float((wished["met"] == "yes").mean()) if len(wished) else 1.0
    known = fit[~np.isnan(fit)]
    return round(0.5 * close + 0.5 * float(known.mean()), 6) if len(known) else round(close, 6)


def _adjacency(atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate) -> pd.DataFrame:
    ids = [zone.id for zone in template.zones]
    touch = np.zeros((len(ids), len(ids)))
    one, two = labels[atoms.pairs[:, 0]], labels[atoms.pairs[:, 1]]
    np.add.at(touch, (one, two), atoms.border_m)
    touch = touch + touch.T
    rows = []
    for (first, second), letter in template.closeness.items():
        border = touch[ids.index(first), ids.index(second)]
        wanted = _WANTED[letter]
        met = "–"
        if wanted == "touch":
            met = "yes" if border >= _TOUCH_M else "no"
        elif wanted == "apart":
            met = "yes" if border < 1.0 else "no"
        rows.append(
            {
                "zone_a": first,
                "zone_b": second,
                "letter": letter,
                "wanted": wanted,
                "met": met,
                "border_m": round(float(border), 1),
            }
        )
    return pd.DataFrame(rows, columns=list(ADJACENCY.columns))


def _checks(
    ground: Ground,
    made: Coverage,
    template: ParkTemplate,
    shares: dict[str, float],
    adjacency: pd.DataFrame,
    error_pp: float,
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []

    def add(check: str, thing: str, value: Any, unit: str, limit: Any, verdict: str, source: str) -> None:
        rows.append(
            {
                "check": check,
                "object": thing,
                "value": value,
                "unit": unit,
                "limit": limit,
                "verdict": verdict,
                "source": source,
            }
        )

    def judge(met: bool) -> str:
        return "met" if met else "broken"

    total = float(shapely.area(made.shapes).sum())
    gap = abs(total - ground.site.area)
    valid = bool(shapely.coverage_is_valid(made.shapes))
    add(N_("coverage gap"), "site", round(gap, 6), "m2", _GAP_M2, judge(gap <= _GAP_M2), N_("construction"))
    add(N_("coverage overlap"), "site", 0.0 if valid else None, "m2", 0.0, judge(valid), N_("construction"))
    parts, unreached = _network(ground, made)
    add(N_("road network in one piece"), "roads", parts, "pieces", 1, judge(parts == 1), N_("construction"))
    if "gates" in ground.given:
        add(
            N_("gates reached by roads"),
            "gates",
            len(ground.gates) - unreached,
            "gates",
            len(ground.gates),
            judge(not unreached),
            N_("construction"),
        )
    else:
        add(N_("gates reached by roads"), "gates", None, "gates", None, "not checked", N_("not given"))
    for zone in template.zones:
        pieces = made.pieces[zone.id]
        add(
            N_("pieces of a zone"),
            zone.id,
            pieces,
            "pieces",
            made.allowed[zone.id],
            judge(pieces <= made.allowed[zone.id]),
            N_("template, one more on each further bank"),
        )
        share = shares[zone.id]
        low, high = zone.range
        add(
            N_("share of a zone"),
            zone.id,
            round(share, 4),
            "",
            f"{low:g}–{high:g}",
            judge(low - 1e-9 <= share <= high + 1e-9),
            N_("template, usual range"),
        )
    add(
        N_("largest share error"),
        "zones",
        round(error_pp, 3),
        "pp",
        None,
        "not checked",
        N_("reported, not bound"),
    )
    apart = adjacency[adjacency["wanted"] == "apart"]
    add(
        N_("zones that must be apart and touch"),
        "zones",
        int((apart["met"] == "no").sum()),
        "pairs",
        0,
        judge(bool((apart["met"] != "no").all())),
        N_("template, letter X"),
    )
    frontages = [front for front, zone in zip(made.frontage_m, made.zone, strict=True) if zone]
    least = min(frontages) if frontages else 0.0
    add(
        N_("least frontage of a block"),
        "blocks",
        round(least, 1),
        "m",
        _FRONTAGE_M,
        judge(least >= _FRONTAGE_M),
        N_("project default"),
    )
    road_share = made.area_m2("road") / ground.site.area
    low, high = template.roads
    add(
        N_("share of roads in gross land"),
        "roads",
        round(road_share, 4),
        "",
        f"{low:g}–{high:g}",
        judge(low <= road_share <= high),
        N_("template, usual range"),
    )
    for name, check in (
        ("exclusions", N_("zones on excluded land")),
        ("water", N_("zones on water")),
        ("flood", N_("zones on flood areas")),
    ):
        if name in ground.given:
            barred = shapely.union_all([ground.water, ground.excluded])
            inside = sum(
                shape.intersection(barred).area
                for shape, kind in zip(made.shapes, made.kind, strict=True)
                if kind == "zone"
            )
            add(
                check,
                "zones",
                round(float(inside), 3),
                "m2",
                0.0,
                judge(inside < _GAP_M2),
                N_("construction"),
            )
        else:
            add(check, "zones", None, "m2", 0.0, "not checked", N_("not given"))
    for check in (N_("terrain rules"), N_("wind rules"), N_("land-use rules"), N_("corridor rules")):
        add(check, "zones", None, "", None, "not checked", N_("not given"))
    return pd.DataFrame(rows, columns=list(CHECKS.columns))


def _network(ground: Ground, made: Coverage) -> tuple[int, int]:
    """Pieces of the road network, and gates that no road comes to."""
    lines = np.array([line for _, line in made.lines], dtype=object)
    if not len(lines):
        return 0, len(ground.gates)
    ends = shapely.get_coordinates(
        np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    )
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    one, two = number.reshape(2, -1)
    graph = coo_array((np.ones(len(lines)), (one, two)), shape=(len(nodes), len(nodes)))
    reach = made.widths[0] / 2 + 2.0
    unreached = sum(float(shapely.distance(lines, gate).min()) > reach for gate in ground.gates)
    return int(connected_components(graph, directed=False)[0]), int(unreached)
