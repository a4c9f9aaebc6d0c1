"""The tables of a layout: zones, land-use balance, checks, reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.units import ha, mu
from ui.labels import number_text, unit_name, value_name
from ui.state import session
from ui.tables import show_table
from ui.words import _, language

if TYPE_CHECKING:
    import pandas as pd

    from planning.catalogue.parks import ParkTemplate
    from planning.stages.zoning import ZoningResult

__all__ = ["template_zones", "zoning_tables"]

_CHECKS = ("check", "object", "value", "unit", "limit", "verdict", "source")


def zoning_tables(zoning: ZoningResult) -> None:
    """Show what a layout holds and how far it does what was wanted."""
    zones, balance, checks, reasons = st.tabs([_("Zones"), _("Land-use balance"), _("Checks"), _("Reasons")])
    name = "name_zh" if language() == "zh" else "name_en"
    names = dict(zip(zoning.zones["zone"], zoning.zones[name], strict=True))
    with zones:
        st.caption(
            _("Worst share: {error:.2f} percentage points off its target.", error=zoning.share_error_pp)
        )
        areas = zoning.zones["area_m2"]
        show_table(
            zoning.zones.assign(area_ha=ha(areas), area_mu=mu(areas)),
            (name, "code", "gb", "share_target", "share", "area_ha", "area_mu", "pieces", "pieces_allowed"),
            names={"share": _("Share reached")},
        )
    with balance:
        show_table(
            session().results.balance(zoning),
            ("code", "gb", name, "area_ha", "area_mu", "share_of_construction", "share_of_total"),
        )
    with checks:
        show_table(_checks(zoning, names), _CHECKS, translate=("check", "source"))
    with reasons:
        _reasons(zoning, names)


def template_zones(template: ParkTemplate) -> None:
    """Show which zones a template has, and how much of each."""
    import pandas as pd

    name = "name_zh" if language() == "zh" else "name_en"
    rows = [
        {name: getattr(zone, name), "code": zone.code, "gb": zone.gb, "share_target": zone.target}
        for zone in template.zones
    ]
    show_table(pd.DataFrame(rows), (name, "code", "gb", "share_target"))


def _checks(zoning: ZoningResult, names: dict[str, str]) -> pd.DataFrame:
    table = zoning.checks
    return table.assign(
        object=[names.get(one, value_name(one)) for one in table["object"]],
        value=[number_text(value) for value in table["value"]],
        limit=[number_text(value) for value in table["limit"]],
        unit=[unit_name(unit) for unit in table["unit"]],
    )


def _reasons(zoning: ZoningResult, names: dict[str, str]) -> None:
    """Show the reasons that were looked at; below, folded, the rules that were not."""
    table = _said(zoning, names)
    open_ = table["met"] == "not checked"
    show_table(table[~open_], ("met", "sentence"), translate=("met",))
    if open_.any():
        with st.expander(_("Rules that this layout does not look at: {count}", count=int(open_.sum()))):
            show_table(table[open_], ("sentence",))


def _said(zoning: ZoningResult, names: dict[str, str]) -> pd.DataFrame:
    """The reasons in the reader's language."""
    from planning.catalogue.parks import load_template
    from planning.zones.reasons import reason_sentence

    words: dict[tuple[str, str], str] = {}
    if language() == "zh":
        for zone in load_template(session().scenario.template).zones:
            words |= {
                (zone.id, rule): said
                for rule, said in zip(zone.rules, zone.rules_zh or zone.rules, strict=True)
            }
    table = zoning.reasons
    return table.assign(
        sentence=[
            reason_sentence(
                names[row.zone], row.rule, row.value, words.get((row.zone, row.rule), row.rule), _
            )
            for row in table.itertuples()
        ]
    )
