"""The figures of a plan as one JSON object, as the command line contract names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.errors import N_
from geo.schema import Column, TableSchema
from planning.needs import lacking_columns
from planning.provenance import PROVENANCE, address_label, position_labels, synthetic_label
from planning.stages.access import ACCESS
from planning.stages.balance import BALANCE
from planning.stages.clusters import HULLS
from planning.zones.tables import CHECKS, ZONES

if TYPE_CHECKING:
    from planning.plan import Plan, Translate
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult
    from planning.stages.zoning import ZoningResult

__all__ = [
    "SUMMARY",
    "SUMMARY_TABLES",
    "access_json",
    "clusters_json",
    "headlines",
    "records",
    "summarise",
    "zoning_json",
]
SUMMARY: dict[str, Column] = {
    "title": Column(meaning="title of the scenario", kind="text"),
    "synthetic": Column(meaning="the label of synthetic firms; empty: none is", kind="text"),
    "notes": Column(meaning="what a reader must know beside the figures", kind="text"),
    "import": Column(meaning="kind of input → its account, as `parkplan import --json` prints it"),
    "area.crs": Column(meaning="metric coordinate system of the study area", kind="text"),
    "area.scale_error": Column(meaning="largest deviation of its point scale from 1", kind="number"),
    "area.within_km": Column(
        meaning="distance from the park within which firms count; null: no park", unit="km", kind="number"
    ),
    "area.firms": Column(meaning="firms accepted", unit="firms", kind="count"),
    "area.firms_in_area": Column(meaning="firms that count", unit="firms", kind="count"),
    "area.firms_closed": Column(
        meaning="firms near enough to count that are closed by their status", unit="firms", kind="count"
    ),
    "area.with_closed": Column(meaning="whether closed firms count in figures", kind="flag"),
    "area.registered_addresses": Column(
        meaning="firms whose address is where they are registered", unit="firms", kind="count"
    ),
    "area.boundary_m2": Column(meaning="area of the park; null: no park", unit="m2", kind="number"),
    "lacks": Column(meaning="figure that stays unknown → roles of columns of which one is needed"),
    "clusters.firms": Column(meaning="firms that were looked at", unit="firms", kind="count"),
    "clusters.clusters": Column(meaning="clusters", kind="count"),
    "clusters.noise": Column(meaning="firms in no cluster", unit="firms", kind="count"),
    "clusters.parameters": Column(meaning="parameters of the stage, as in parameters.md"),
    "clusters.table": Column(meaning="the rows of the layer hulls, without their shapes"),
    "access.network": Column(meaning="coarse or straight", kind="text"),
    "access.components": Column(meaning="parts of the network; 0 for straight lines", kind="count"),
    "access.origins": Column(meaning="origins", kind="count"),
    "access.unreached": Column(meaning="rows of access.csv without a facility", kind="count"),
    "access.parameters": Column(meaning="parameters of the stage, as in parameters.md"),
    "access.notes": Column(meaning="what a reader must know"),
    "access.table": Column(meaning="the rows of access.csv for the park and the clusters"),
    "zoning.score": Column(
        meaning="0–1: half the closeness wishes that are met, half the mean suitability of the sites",
        kind="number",
    ),
    "zoning.share_error_pp": Column(
        meaning="largest difference of a zone's net share from its target", unit="pp", kind="number"
    ),
    "zoning.zones": Column(meaning="the rows of the layer zones, without their shapes"),
    "zoning.checks": Column(meaning="the rows of checks.csv"),
    "zoning.parameters": Column(meaning="parameters of the stage, as in parameters.md"),
    "balance": Column(meaning="the rows of balance.csv"),
    "provenance": Column(meaning="the rows of the table provenance"),
}
"""Key of ``summary.json``, a point between levels → what it holds; a stage that did not run is null."""
SUMMARY_TABLES: dict[str, TableSchema] = {
    "clusters.table": HULLS,
    "access.table": ACCESS,
    "zoning.zones": ZONES,
    "zoning.checks": CHECKS,
    "balance": BALANCE,
    "provenance": PROVENANCE,
}
"""Keys that hold the rows of a table."""


def summarise(plan: Plan, translate: Translate = str) -> dict[str, Any]:
    """Return `summary.json`: import, clusters, access, zoning, balance, provenance.

    Parameters
    ----------
    plan : Plan
    translate : callable
        Translates message templates.
    """
    firms, counted = plan.stack.firms, plan.stack.firms_in_area
    return {
        "title": plan.scenario.title,
        "synthetic": plan.synthetic_label,
        "notes": plan.scenario.notes,
        "import": {kind: report.to_json(translate) for kind, report in plan.stack.reports.items()},
        "area": {
            "crs": plan.stack.area.crs_name,
            "scale_error": plan.stack.area.scale_error,
            "within_km": plan.stack.within_km,
            "firms": None if firms is None else len(firms),
            "firms_in_area": None if counted is None else len(counted),
            "firms_closed": None if firms is None else plan.stack.closed_in_area,
            "with_closed": plan.stack.with_closed,
            "registered_addresses": None if firms is None else plan.stack.registered_addresses,
            "boundary_m2": None if plan.stack.boundary is None else plan.stack.boundary.area,
        },
        "lacks": {translate(figure): list(roles) for figure, roles in lacking_columns(plan.stack).items()},
        "clusters": None if plan.clusters is None else clusters_json(plan.clusters),
        "access": None if plan.access is None else access_json(plan.access, translate),
        "zoning": None if plan.zoning is None else zoning_json(plan.zoning),
        "balance": None if plan.balance is None else records(plan.balance),
        "provenance": records(plan.provenance),
    }


def clusters_json(result: ClusterResult) -> dict[str, Any]:
    """Return what `parkplan cluster` prints, and a row a cluster."""
    return {
        "firms": len(result.firms),
        "clusters": result.clusters,
        "noise": result.noise,
        "parameters": result.params.to_mapping(),
        "table": records(pd.DataFrame(result.hulls.drop(columns="geometry"))),
    }


def access_json(result: AccessResult, translate: Translate = str) -> dict[str, Any]:
    """Return what `parkplan access` prints, and the rows of the park and the clusters."""
    table = result.table
    shown = table[table["origin"].eq("park") | table["origin"].str.startswith("cluster-")]
    return {
        "network": result.network,
        "components": result.components,
        "origins": result.origins,
        "unreached": result.unreached,
        "parameters": result.params.to_mapping(),
        "notes": [translate(note) for note in result.notes],
        "table": records(shown),
    }


def zoning_json(result: ZoningResult) -> dict[str, Any]:
    """Return the zones with their shares, and how far the shares are off."""
    return {
        "score": result.score,
        "share_error_pp": result.share_error_pp,
        "zones": records(pd.DataFrame(result.zones.drop(columns="geometry"))),
        "checks": records(result.checks),
        "parameters": result.params.to_mapping(),
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain JSON values; what is missing or not finite becomes None."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): _plain(value) for key, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    return value


def headlines(plan: Plan, translate: Translate = str) -> list[str]:
    """Return the plan in a few lines for people."""
    lines = [plan.scenario.title] if plan.scenario.title else []
    stack = plan.stack
    if stack.synthetic:
        lines.append(synthetic_label(stack, translate))
    if label := address_label(stack, translate):
        lines.append(label)
    lines += position_labels(stack, translate)
    if plan.scenario.notes:
        lines.append(plan.scenario.notes)
    for kind, report in stack.reports.items():
        lines.append(
            translate(N_("{kind}: {rows_in} rows = {accepted} accepted + {rejected} rejected")).format(
                kind=kind, rows_in=report.rows_in, accepted=report.accepted, rejected=report.rejected
            )
        )
    if stack.closed_in_area and not stack.with_closed:
        lines.append(
            translate(N_("{closed} firms are closed and left out; --with-closed counts them")).format(
                closed=stack.closed_in_area
            )
        )
    lines += [
        translate(N_("{figure}: unknown, needs a column {columns}")).format(
            figure=translate(figure), columns=" / ".join(roles)
        )
        for figure, roles in lacking_columns(stack).items()
    ]
    if plan.clusters is not None:
        counts = clusters_json(plan.clusters)
        lines.append(translate(N_("{firms} firms in {clusters} clusters, {noise} in none")).format(**counts))
    if plan.access is not None:
        park = plan.access.table[plan.access.table["origin"] == "park"]
        for row in records(park):
            if row["total_km"] is None:
                continue
            lines.append(
                translate(N_("nearest {kind}: {facility}, {km:.1f} km ({precision})")).format(
                    kind=translate(row["kind"]),
                    facility=row["facility"],
                    km=row["total_km"],
                    precision=row["precision"],
                )
            )
    if plan.zoning is not None:
        lines.append(
            translate(N_("{zones} zones, worst share {error:.2f} percentage points off its target")).format(
                zones=len(plan.zoning.zones), error=plan.zoning.share_error_pp
            )
        )
    return lines
