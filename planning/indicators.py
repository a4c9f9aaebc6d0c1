"""Headline figures of a plan, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from geo.errors import N_

if TYPE_CHECKING:
    from planning.plan import Plan
    from planning.stages.clusters import ClusterResult

__all__ = [
    "Indicator",
    "headline_indicators",
    "industry_table",
    "location_precision",
]

_AREA_RULES = {
    (True, False): N_("firms at most {within:g} km from the park"),
    (True, True): N_(
        "firms at most {within:g} km from the park; {coarse} known to their county or city alone are left out"
    ),
    (False, False): N_("all firms, or those in China when they are spread over continents"),
    (False, True): N_(
        "all firms, or those in China when they are spread over continents; {coarse} known to their "
        "county or city alone are left out"
    ),
}
"""Whether a distance is stated, and whether firms lack a point of their own → how firms were counted."""
_CLOSED_RULES = {
    (True, False): N_("firms at most {within:g} km from the park; {closed} closed ones are left out"),
    (True, True): N_(
        "firms at most {within:g} km from the park; {coarse} known to their county or city alone and "
        "{closed} closed ones are left out"
    ),
    (False, False): N_(
        "all firms, or those in China when they are spread over continents; {closed} closed ones are left out"
    ),
    (False, True): N_(
        "all firms, or those in China when they are spread over continents; {coarse} known to their "
        "county or city alone and {closed} closed ones are left out"
    ),
}
"""The same, where some are closed by their status."""
PORT_KINDS = ("port", "seaport", "river_port")


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One figure and its evidence.

    Attributes
    ----------
    name : str
        Message template.
    value : float or None
        None when it is unknown; `unknown` then says why.
    unit : str
        ``firms``, ``min``, ``%`` …; empty for a count of named things.
    inputs : str
        Which data it was made from.
    precision : str
        How far it can be trusted; a message template.
    rule : str
        How it was made; a message template filled with `fields`.
    source : str
        Where the data come from.
    unknown : str
        Message template; empty when the value is known.
    fields : tuple of (str, object)
        Values of the named fields of `rule`.
    """

    name: str
    value: float | None
    unit: str
    inputs: str
    precision: str
    rule: str
    source: str
    unknown: str = ""
    fields: tuple[tuple[str, object], ...] = ()


def headline_indicators(plan: Plan) -> list[Indicator]:
    """Return the six figures that an overview shows: three of the firms, clusters, access, zones.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of Indicator
        Always the same names in the same order; what cannot be known says why.
    """
    return [*_of_firms(plan), _of_clusters(plan), _of_access(plan), _of_zones(plan)]


def _of_firms(plan: Plan) -> list[Indicator]:
    firms = plan.stack.firms
    names = (N_("Firms accepted"), N_("Firms in the study area"), N_("Share inside the park"))
    if firms is None or "firms" not in plan.stack.reports:
        return [_unknown(name, N_("no firm table is given")) for name in names]
    report = plan.stack.reports["firms"]
    source = f"sha256 {report.sha256[:12]}…"
    near = plan.stack.firms_in_area
    assert near is not None
    closed = 0 if plan.stack.with_closed else plan.stack.closed_in_area
    coarse = next((one.count for one in report.warnings if one.code == "COUNTY_PRECISION"), 0)
    worst = location_precision(near)
    accepted = Indicator(
        name=names[0],
        value=float(report.accepted),
        unit="firms",
        inputs="firms",
        precision=N_("a count"),
        rule=N_("{rows_in} rows = {accepted} accepted + {rejected} rejected"),
        source=source,
        fields=(("rows_in", report.rows_in), ("accepted", report.accepted), ("rejected", report.rejected)),
    )
    in_area = Indicator(
        name=names[1],
        value=float(len(near)),
        unit="firms",
        inputs="firms, boundary" if plan.stack.boundary is not None else "firms",
        precision=worst or N_("a count"),
        rule=(_CLOSED_RULES if closed else _AREA_RULES)[plan.stack.within_km is not None, coarse > 0],
        source=source,
        fields=(
            ("within", plan.stack.within_km or 0.0),
            *((name, count) for name, count in (("coarse", coarse), ("closed", closed)) if count),
        ),
    )
    if plan.stack.boundary is None:
        return [accepted, in_area, _unknown(names[2], N_("no park boundary is given"))]
    if near.empty:
        return [accepted, in_area, _unknown(names[2], _why_none(plan))]
    inside = shapely.intersects_xy(plan.stack.boundary, near.geometry.x, near.geometry.y)
    share = Indicator(
        name=names[2],
        value=100.0 * float(np.mean(inside)),
        unit="%",
        inputs="firms, boundary",
        precision=worst,
        rule=N_("{inside} of {near} firms of the study area lie inside the boundary or on it"),
        source=source,
        fields=(("inside", int(np.sum(inside))), ("near", len(near))),
    )
    return [accepted, in_area, share]


def _why_none(plan: Plan) -> str:
    """Why no firm counts: none lies there, or no place is known better than to its county."""
    coarse = any(one.code == "COUNTY_PRECISION" for one in plan.stack.reports["firms"].warnings)
    if coarse:
        return N_("no firm of the study area has a place better known than its county or city")
    return N_("no firm lies in the study area")


def _of_clusters(plan: Plan) -> Indicator:
    name = N_("Clusters")
    if plan.clusters is None:
        return _unknown(name, N_("no firm table is given"))
    if plan.clusters.firms.empty:
        return _unknown(name, _why_none(plan))
    params = plan.clusters.params
    return Indicator(
        name=name,
        value=float(plan.clusters.clusters),
        unit="",
        inputs="firms",
        precision=location_precision(plan.clusters.firms),
        rule=N_("{method}: radius {radius:g} m, at least {min_firms} firms; {noise} firms in no cluster")
        if params.method == "dbscan"
        else N_("{method}: at least {min_firms} firms; {noise} firms in no cluster"),
        source=f"fingerprint {plan.stack.fingerprint[:12]}…",
        fields=(
            ("method", params.method.upper()),
            ("radius", params.radius_m),
            ("min_firms", params.min_firms),
            ("noise", plan.clusters.noise),
        ),
    )


def _of_access(plan: Plan) -> Indicator:
    name = N_("Minutes from the park to the nearest port")
    if plan.access is None or plan.stack.boundary is None:
        return _unknown(name, N_("no park boundary is given"))
    table = plan.access.table
    rows = table[(table["origin"] == "park") & table["kind"].isin(PORT_KINDS) & table["minutes"].notna()]
    if rows.empty:
        return _unknown(name, N_("no port can be reached"))
    best = rows.loc[rows["minutes"].astype(float).idxmin()]
    km = float(best["total_km"])
    return Indicator(
        name=name,
        value=float(best["minutes"]),
        unit="min",
        inputs="boundary, facilities",
        precision=str(best["precision"]),
        rule=N_("to {facility}, {km:.1f} km, network: {network}"),
        source=plan.stack.facilities_source,
        fields=(("facility", best["facility"]), ("km", km), ("network", best["network"])),
    )


def _of_zones(plan: Plan) -> Indicator:
    name = N_("Functional zones")
    if plan.zoning is None:
        why = (
            N_("no park boundary is given")
            if plan.stack.boundary is None
            else N_("no park template is chosen")
        )
        return _unknown(name, why)
    return Indicator(
        name=name,
        value=float(len(plan.zoning.zones)),
        unit="",
        inputs="boundary, template",
        precision=N_("areas are exact in the plan's coordinate system"),
        rule=N_("template {template}; the worst share is {error:.2f} percentage points off its target"),
        source=plan.template.source if plan.template is not None else "",
        fields=(
            ("template", plan.template.key if plan.template is not None else "–"),
            ("error", plan.zoning.share_error_pp),
        ),
    )


def _unknown(name: str, why: str) -> Indicator:
    return Indicator(name=name, value=None, unit="", inputs="", precision="", rule="", source="", unknown=why)


def location_precision(firms: pd.DataFrame) -> str:
    """Name the three most frequent precisions of the firms' locations, divided by semicolons."""
    counts = firms["precision"].astype(str).value_counts()
    return "; ".join(sorted(counts.index, key=lambda name: (-counts[name], name))[:3])


def industry_table(result: ClusterResult) -> pd.DataFrame:
    """How much of each industry lies in clusters.

    Returns
    -------
    DataFrame
        industry, firms, clustered (0–1); most firms first; empty when no industry is known.
    """
    firms = result.firms
    columns = ["industry", "firms", "clustered"]
    if "industry" not in firms or firms["industry"].notna().sum() == 0:
        return pd.DataFrame(columns=columns)
    known = pd.DataFrame(
        {
            "industry": firms["industry"].astype(object),
            "clustered": firms["cluster"] >= 0,
        }
    ).dropna(subset="industry")
    groups = known.groupby("industry", sort=True)
    table = groups.agg(firms=("clustered", "size"), clustered=("clustered", "mean")).reset_index()
    return table.sort_values(["firms", "industry"], ascending=[False, True], ignore_index=True)[columns]
