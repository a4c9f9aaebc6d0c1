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

__all__ = [
    "PROVENANCE",
    "REGISTERED",
    "SYNTHETIC",
    "address_label",
    "position_labels",
    "provenance_table",
    "synthetic_label",
]

SYNTHETIC = N_(
    "Sample data: {synthetic} of {firms} firms are synthetic, made by a generator; they are not real firms."
)
REGISTERED = N_(
    "The addresses of {registered} of {firms} firms are registered ones (注册地址): they may work elsewhere."
)
APPROXIMATE = N_(
    "Positions of {kinds} are approximate, up to 100 m off: their datum has no public tie to WGS 84."
)
SHIFTED = N_(
    "The firms look shifted by some 500 m against the roads or the counties of their addresses, as GCJ-02 or "
    "BD-09 would be: check the coordinate systems."
)
FITTED = N_("Positions of {kinds} are fitted to control points, RMS {rms:.3f} m.")
PROVENANCE = TableSchema(
    name="provenance",
    meaning="one fact: the program, a parameter, an input or a note",
    columns={
        "parameter": Column(
            meaning="name of the fact; dispersion.… clusters.… access.… and zoning.… are parameters",
            kind="text",
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


def position_labels(stack: LayerStack, translate: Callable[[str], str] = str) -> list[str]:
    """Sentences about positions that are not what they seem; they stand wherever these are shown."""
    reports = stack.reports
    noticed = {kind: {one.code for one in report.warnings} for kind, report in reports.items()}
    labels = []
    if rough := [kind for kind, codes in noticed.items() if "DATUM_APPROXIMATE" in codes]:
        labels.append(translate(APPROXIMATE).format(kinds=", ".join(map(translate, rough))))
    if any("LOOKS_SHIFTED" in codes for codes in noticed.values()):
        labels.append(translate(SHIFTED))
    fitted = {
        kind: one.transformation["rms_m"] for kind, one in reports.items() if "rms_m" in one.transformation
    }
    if fitted:
        kinds = ", ".join(map(translate, fitted))
        labels.append(translate(FITTED).format(kinds=kinds, rms=max(fitted.values())))
    return labels


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
        ("dispersion", scenario.dispersion),
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
