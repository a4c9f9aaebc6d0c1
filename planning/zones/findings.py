"""What can be said of a layout: adjacency, checks with verdicts, reasons per zone, score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_
from geo.partition.atoms import Atoms
from planning.catalogue.parks import ParkTemplate, Siting
from planning.zones.coverage import Coverage
from planning.zones.ground import Ground
from planning.zones.siting import target_shape

__all__ = ["assess"]

_TOUCH_M = 30.0
_FRONTAGE_M = 40.0
_GAP_M2 = 0.01
_NEAR = 0.5
_WANTED = {"A": "touch", "E": "touch", "I": "touch", "O": "near", "U": "none", "X": "apart"}

NEAR_SENTENCE = N_("{zone} lies {distance_m:.0f} m from {target}")
FRONT_SENTENCE = N_("{zone} has {length_m:.0f} m on arterial roads")
UNKNOWN_SENTENCE = N_("{zone}: not checked, {target} is not given")
UNREAD_SENTENCE = N_("{zone}: not checked by this layout")


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
    reasons = _reasons(ground, atoms, labels, template)
    checks = _checks(ground, made, template, shares, adjacency, error_pp, atoms.edges.bridges)
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
    return pd.DataFrame(rows, columns=["zone_a", "zone_b", "letter", "wanted", "met", "border_m"])


def _reasons(ground: Ground, atoms: Atoms, labels: NDArray[np.int64], template: ParkTemplate) -> pd.DataFrame:
    west, south, east, north = ground.site.bounds
    diagonal = float(np.hypot(east - west, north - south))
    rows: list[dict[str, Any]] = []

    def add(
        zone: str, rule: str, value: float | None, met: str, weight: float, template_: str, **fields: Any
    ) -> None:
        rows.append(
            {
                "zone": zone,
                "rule": rule,
                "value": value,
                "met": met,
                "weight": weight,
                "sentence": template_.format(zone=zone, **fields),
            }
        )

    for place, zone in enumerate(template.zones):
        shape = shapely.union_all(atoms.faces[labels == place])
        for wish in zone.siting:
            name = f"{wish.rule} {wish.target}"
            if wish.target == "arterial":
                length = _on_arterial(atoms, labels == place)
                add(
                    zone.id,
                    name,
                    round(length, 1),
                    _yes((length > _TOUCH_M) == (wish.rule == "near")),
                    wish.weight,
                    FRONT_SENTENCE,
                    length_m=length,
                )
                continue
            target = target_shape(ground, wish)
            if target is None:
                add(zone.id, name, None, "not checked", wish.weight, UNKNOWN_SENTENCE, target=_said(wish))
                continue
            distance = float(shapely.distance(shape, target))
            near = distance < _NEAR * diagonal * 0.5
            add(
                zone.id,
                name,
                round(distance, 1),
                _yes(near == (wish.rule == "near")),
                wish.weight,
                NEAR_SENTENCE,
                distance_m=distance,
                target=_said(wish),
            )
        for rule in zone.rules:
            add(zone.id, rule, None, "not checked", 0.0, UNREAD_SENTENCE)
    return pd.DataFrame(rows, columns=["zone", "rule", "value", "met", "weight", "sentence"])


def _on_arterial(atoms: Atoms, own: NDArray[np.bool_]) -> float:
    inside = own[atoms.pairs[:, 0]] | own[atoms.pairs[:, 1]]
    return float((atoms.border_m * atoms.arterial)[inside].sum())


def _said(wish: Siting) -> str:
    return wish.target.replace("gate:", "gates of kind ") if wish.target.startswith("gate:") else wish.target


def _yes(met: bool) -> str:
    return "yes" if met else "no"


def _checks(
    ground: Ground,
    made: Coverage,
    template: ParkTemplate,
    shares: dict[str, float],
    adjacency: pd.DataFrame,
    error_pp: float,
    bridges: NDArray[np.object_],
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
    add("coverage gap", "site", round(gap, 6), "m2", _GAP_M2, judge(gap <= _GAP_M2), "construction")
    add("coverage overlap", "site", 0.0 if valid else None, "m2", 0.0, judge(valid), "construction")
    parts, unreached = _network(ground, made, bridges)
    add("road network in one piece", "roads", parts, "pieces", 1, judge(parts == 1), "construction")
    if "gates" in ground.given:
        add(
            "gates reached by roads",
            "gates",
            len(ground.gates) - unreached,
            "gates",
            len(ground.gates),
            judge(not unreached),
            "construction",
        )
    else:
        add("gates reached by roads", "gates", None, "gates", None, "not checked", "no gates are given")
    for zone in template.zones:
        pieces = made.pieces[zone.id]
        add(
            "pieces of a zone",
            zone.id,
            pieces,
            "pieces",
            zone.max_pieces,
            judge(pieces <= zone.max_pieces),
            f"template {template.key}",
        )
        share = shares[zone.id]
        low, high = zone.range
        add(
            "share of a zone",
            zone.id,
            round(share, 4),
            "",
            f"{low:g}–{high:g}",
            judge(low - 1e-9 <= share <= high + 1e-9),
            f"template {template.key}, usual range",
        )
    add("largest share error", "zones", round(error_pp, 3), "pp", None, "not checked", "reported, not bound")
    apart = adjacency[adjacency["wanted"] == "apart"]
    add(
        "zones that must be apart and touch",
        "zones",
        int((apart["met"] == "no").sum()),
        "pairs",
        0,
        judge(bool((apart["met"] != "no").all())),
        f"template {template.key}, letter X",
    )
    frontages = [front for front, zone in zip(made.frontage_m, made.zone, strict=True) if zone]
    least = min(frontages) if frontages else 0.0
    add(
        "least frontage of a block",
        "blocks",
        round(least, 1),
        "m",
        _FRONTAGE_M,
        judge(least >= _FRONTAGE_M),
        "project default",
    )
    road_share = made.area_m2("road") / ground.site.area
    low, high = template.roads
    add(
        "share of roads in gross land",
        "roads",
        round(road_share, 4),
        "",
        f"{low:g}–{high:g}",
        judge(low <= road_share <= high),
        f"template {template.key}, usual range",
    )
    for name, source in (
        ("exclusions", "三区三线"),
        ("water", "water"),
        ("flood", "flood"),
    ):
        if name in ground.given:
            barred = shapely.union_all([ground.water, ground.excluded])
            inside = sum(
                shape.intersection(barred).area
                for shape, kind in zip(made.shapes, made.kind, strict=True)
                if kind == "zone"
            )
            add(
                f"zones on {name}",
                "zones",
                round(float(inside), 3),
                "m2",
                0.0,
                judge(inside < _GAP_M2),
                source,
            )
        else:
            add(f"zones on {name}", "zones", None, "m2", 0.0, "not checked", f"{name} not given")
    for name in ("terrain", "wind", "landuse", "corridors"):
        add(f"{name} rules", "zones", None, "", None, "not checked", f"{name} not given")
    return pd.DataFrame(rows, columns=["check", "object", "value", "unit", "limit", "verdict", "source"])


def _network(ground: Ground, made: Coverage, bridges: NDArray[np.object_]) -> tuple[int, int]:
    """Pieces of the road network, and gates that no road comes to."""
    lines = [line for _, line in made.lines]
    if not lines:
        return 0, len(ground.gates)
    whole = shapely.union_all(lines)
    reach = made.widths[0] / 2 + 2.0
    unreached = sum(float(shapely.distance(gate, whole)) > reach for gate in ground.gates)
    joined = shapely.union_all([whole, *bridges]).buffer(0.5)
    return len(shapely.get_parts(joined)), int(unreached)
