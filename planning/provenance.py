"""Where every figure came from: parameters, data fingerprint, precision, source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from geo.errors import N_
from geo.schema import Column, TableSchema
from geo.version import version
from layers.stack import LayerStack
from planning.catalogue.parks import ParkTemplate
from planning.scenario import Scenario
from planning.stages.access import AccessResult

__all__ = ["PROVENANCE", "REGISTERED", "SYNTHETIC", "address_label", "provenance_table", "synthetic_label"]

SYNTHETIC = N_(
    "Sample data: {synthetic} of {firms} firms are synthetic, made by a generator; they are not real firms."
)
REGISTERED = N_(
    "The addresses of {registered} of {firms} firms are registered ones (注册地址): they may work elsewhere."
)
PROVENANCE = TableSchema(
    name="provenance",
    meaning="one fact: the program, a parameter, an input or a note",
    columns={
        "parameter": Column(
            meaning="name of the fact; clusters.… access.… and zoning.… are parameters", kind="text"
        ),
        "value": Column(meaning="its value, as text", kind="text"),
        "source": Column(meaning="who said so", kind="text"),
    },
)


def synthetic_label(stack: LayerStack, translate: Callable[[str], str] = str) -> str:
    """Sentence that says how many firms were generated; empty when none was."""
    if not stack.synthetic or stack.firms is None:
        return ""
    return translate(SYNTHETIC).format(synthetic=int(stack.firms["synthetic"].sum()), firms=len(stack.firms))


def address_label(stack: LayerStack, translate: Callable[[str], str] = str) -> str:
    """Sentence that says that addresses are those of the register; empty where none is."""
    if not stack.registered_addresses or stack.firms is None:
        return ""
    return translate(REGISTERED).format(registered=stack.registered_addresses, firms=len(stack.firms))


def provenance_table(
    scenario: Scenario,
    stack: LayerStack,
    template: ParkTemplate | None,
    access: AccessResult | None,
    label: str,
) -> pd.DataFrame:
    """One row a fact: parameter, value, source.

    Returns
    -------
    DataFrame
        Columns parameter, value, source; all text.
    """
    rows: list[tuple[str, Any, str]] = [("program", f"parkplan {version()}", "program")]
    if label:
        rows.append(("synthetic", label, "generator"))
    if scenario.notes:
        rows.append(("notes", scenario.notes, "scenario"))
    rows += [
        ("title", scenario.title, "scenario"),
        ("seed", scenario.seed, "scenario"),
        ("template", template.key if template is not None else "", "scenario"),
        ("within_km", stack.within_km if stack.within_km is not None else "", "scenario"),
        ("with_closed", stack.with_closed, "scenario"),
        ("crs", stack.area.crs_name, "scenario" if scenario.crs else "chosen by the extent"),
        ("scale_error", f"{stack.area.scale_error:.6f}", "largest deviation of the CRS's point scale from 1"),
        ("data_fingerprint", stack.fingerprint, "sha256 of all inputs and answers"),
    ]
    for kind, report in stack.reports.items():
        rows += [
            (f"{kind}.sha256", report.sha256, "input file"),
            (f"{kind}.crs", report.crs, "input file"),
            (
                f"{kind}.rows",
                f"{report.rows_in} = {report.accepted} + {report.rejected}",
                "accepted + rejected",
            ),
        ]
    for section, params in (
        ("clusters", scenario.clusters),
        ("access", scenario.access),
        ("zoning", scenario.zoning),
    ):
        rows += [(f"{section}.{name}", value, "scenario") for name, value in params.to_mapping().items()]
    if template is not None:
        rows.append(("template.source", template.source, "template"))
    if access is not None:
        rows.append(("facilities", stack.facilities_source, "facilities table"))
        rows += [("access.note", note, "access stage") for note in access.notes]
    return pd.DataFrame(
        [(name, str(value), source) for name, value, source in rows], columns=list(PROVENANCE.columns)
    )
