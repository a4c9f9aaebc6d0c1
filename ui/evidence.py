"""Where a figure comes from: the facts of the plan's own provenance, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from geo.params import Params, describe
from ui.labels import (
    crs_text,
    facility_name,
    kind_name,
    option_name,
    parameter_name,
    precision_text,
    template_title,
    unit_name,
    value_name,
)
from ui.messages import plain
from ui.state import session
from ui.words import _, language

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.indicators import Indicator
    from planning.stages.access import AccessResult

__all__ = ["figure", "indicator_evidence", "where_from"]

_FACTS = {
    "program": N_("Program"),
    "seed": N_("Seed"),
    "template": N_("Template"),
    "template.source": N_("Source of the template"),
    "within_km": N_("Study distance from the park (km)"),
    "crs": N_("Metric coordinate system"),
    "scale_error": N_("Largest scale error"),
    "data_fingerprint": N_("Fingerprint of all data"),
    "facilities": N_("Ports and airports"),
}
_OF_INPUTS = {
    "sha256": N_("{kind}: fingerprint of the file"),
    "crs": N_("{kind}: coordinate system"),
    "rows": N_("{kind}: rows = accepted + rejected"),
}
_OF_ZONING = ("seed", "template")
_ALWAYS = ("data_fingerprint", "within_km", "crs", "scale_error", "program")


def where_from(
    stack: LayerStack,
    sections: Sequence[str],
    *,
    rules: Sequence[str] = (),
    precision: str = "",
    access: AccessResult | None = None,
) -> None:
    """Show a button that opens the provenance of what is on a page.

    Parameters
    ----------
    stack : LayerStack
        The inputs that the page looks at.
    sections : sequence of str
        Which facts: names of inputs (firms, boundary …) and of stages (clusters, access, zoning).
    rules : sequence of str
        Sentences that say how the figures are made.
    precision : str
        How far they can be trusted.
    access : AccessResult, optional
        Its notes are shown.
    """
    with st.popover(_("Where from"), type="tertiary", icon=":material/info:", key="where_from"):
        for rule in rules:
            st.text(rule)
        if precision:
            st.text(_("Precision: {precision}", precision=precision_text(precision)))
        for note in access.notes if access is not None else ():
            st.text(_(note))
        facts = _facts(stack, sections, access)
        st.table(
            {"fact": [plain(name) for name, _value in facts], "value": [plain(one) for _name, one in facts]},
            border="horizontal",
            hide_index=True,
            hide_header=True,
        )


def _facts(stack: LayerStack, sections: Sequence[str], access: AccessResult | None) -> list[tuple[str, str]]:
    from planning.catalogue.parks import load_template
    from planning.provenance import provenance_table

    scenario = session().scenario
    template = load_template(scenario.template) if scenario.template and "zoning" in sections else None
    table = provenance_table(scenario, stack, template, access, "")
    params = {
        "dispersion": scenario.dispersion,
        "clusters": scenario.clusters,
        "access": scenario.access,
        "zoning": scenario.zoning,
    }
    found: list[tuple[str, str]] = []
    for name, value in zip(table["parameter"], table["value"], strict=True):
        section, _dot, rest = name.partition(".")
        wanted = name in _ALWAYS or section in sections or ("zoning" in sections and section in _OF_ZONING)
        if not wanted or name == "access.note" or value == "":
            continue
        if section in params and rest:
            found.append(_parameter(params[section], rest, value))
        elif rest in _OF_INPUTS:
            found.append((_(_OF_INPUTS[rest], kind=kind_name(section)), _short(value)))
        elif name == "template" and template is not None:
            found.append((_(_FACTS[name]), template_title(scenario.template)))
        elif name == "template.source" and template is not None:
            found.append((_(_FACTS[name]), value_name(template.source)))
        elif name in _FACTS:
            found.append((_(_FACTS[name]), _value(name, value)))
    return found


def _parameter(params: Params, name: str, value: str) -> tuple[str, str]:
    """Name a parameter and its value as the form does."""
    spec = next(one for one in describe(type(params)) if one.name == name)
    unit = unit_name(spec.unit)
    if spec.options:
        said = option_name(value)
    elif spec.low is not None:
        said = f"{float(value):,g}"
    else:
        said = value
    return parameter_name(name), f"{said} {unit}".strip()


def _value(name: str, value: str) -> str:
    if name == "crs":
        return crs_text(value)
    if name == "scale_error":
        return f"{float(value) * 1000:.2f} ‰"
    return _short(value) if name == "data_fingerprint" else value_name(value)


def _short(value: str) -> str:
    """Return a digest's beginning; other values whole."""
    return f"{value[:12]}…" if len(value) == 64 else value


def figure(indicator: Indicator, *, key: str) -> None:
    """Show one figure in a frame, with where it comes from."""
    with st.container(border=True, height="stretch", key=f"figure_{key}", gap="xsmall"):
        st.metric(_(indicator.name), _shown(indicator))
        with st.popover(_("Where from"), type="tertiary", icon=":material/info:", key=f"where_{key}"):
            indicator_evidence(indicator)


def indicator_evidence(indicator: Indicator) -> None:
    """Say how a figure was made and how far it can be trusted, or why it is unknown."""
    if indicator.value is None:
        st.text(_("Unknown: {why}", why=_(indicator.unknown)))
        return
    fields = {name: _field(name, value) for name, value in indicator.fields}
    st.text(_(indicator.rule, **fields))
    kinds = [kind_name(part.strip()) for part in indicator.inputs.split(",")]
    st.text(_("Data: {inputs}", inputs=_(", ").join(kinds)))
    st.text(_("Precision: {precision}", precision=precision_text(indicator.precision)))
    st.text(_("Source: {source}", source=value_name(indicator.source)))


def _field(name: str, value: object) -> object:
    if name == "facility":
        return facility_name(value, language())
    if name == "template":
        return template_title(str(value))
    return value_name(value) if name == "network" else value


def _shown(indicator: Indicator) -> str:
    if indicator.value is None:
        return "–"
    number = f"{indicator.value:,.0f}" if indicator.unit != "%" else f"{indicator.value:.1f}%"
    unit = unit_name(indicator.unit) if indicator.unit not in ("%", "firms") else ""
    return plain(f"{number} {unit}".strip())
