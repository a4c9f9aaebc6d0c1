"""Draw the park, choose a template, get its functional zones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from geo.errors import N_
from ui.cache import zoning_key
from ui.forms import params_form
from ui.frame import head, need_plan, need_stack
from ui.jobs import ask, forget
from ui.labels import area_text, number_text, value_name
from ui.map_layers import boundary_feature, site_layers, zoning_layers
from ui.maps import park_map
from ui.messages import plain
from ui.state import change, session, set_drawn_boundary
from ui.tables import show_table
from ui.words import _, language

if TYPE_CHECKING:
    import pandas as pd

    from layers.stack import LayerStack
    from planning.plan import Plan
    from planning.stages.zoning import ZoningResult

__all__ = ["page"]

_CHECKS = ("check", "object", "value", "unit", "limit", "verdict", "source")
_REASONS = ("zone", "sentence", "met", "weight")
_WANTED = "zoning_wanted"
_DRAWN = "drawn_boundary"


def page() -> None:
    """Show the map on which the boundary is drawn and the zones appear, and their tables."""
    head(_("Zoning"))
    controls, view = st.columns([1, 3], gap="medium")
    with controls:
        _template_choice()
        run = st.container()
        with st.expander(_("Parameters")):
            params = params_form(session().scenario.zoning, key="zoning")
        if params is not None and params != session().scenario.zoning:
            change(zoning=params)
    with view:
        stack = need_stack() if session().scenario.inputs else None
        with run:
            _run_button(stack)
        zoning = _zoning(stack)
        _map(stack, zoning)
    if zoning is not None:
        _tables(zoning)


def _template_choice() -> None:
    from planning.catalogue.parks import load_template, template_names

    here = session()
    names = list(template_names())
    if here.scenario.template and here.scenario.template not in names:
        names.insert(0, here.scenario.template)  # a file of one's own that came with a scenario

    def title(name: str) -> str:
        template = load_template(name)
        return template.title_zh if language() == "zh" else template.title_en

    chosen = st.selectbox(
        _("Template"),
        names,
        index=names.index(here.scenario.template) if here.scenario.template else None,
        format_func=title,
        placeholder=_("choose a template"),
        key=f"template_choice_{here.edit_rev}",
    )
    if chosen is not None and chosen != here.scenario.template:
        change(template=chosen)
    if session().scenario.template:
        st.caption(plain(_("Source: {source}", source=load_template(session().scenario.template).source)))


def _run_button(stack: LayerStack | None) -> None:
    """Offer to zone the site; a plan that was made already is shown without asking."""
    here = session()
    ready = stack is not None and stack.boundary is not None and bool(here.scenario.template)
    done = here.results.zoned(here.scenario) is not None
    if st.button(
        _("Zone the site"), type="primary", disabled=not ready or done, key="run_zoning", width="stretch"
    ):
        st.session_state[_WANTED] = zoning_key(here.scenario)
        forget("zoning")
    if stack is None or stack.boundary is None:
        st.caption(_("Draw the boundary on the map with the polygon tool, or upload it on the page “Data”."))
    elif not here.scenario.template:
        st.caption(_("Choose a template."))
    elif stack.boundary is not None:
        st.caption(plain(_("Park: {area}", area=area_text(stack.boundary.area))))


def _zoning(stack: LayerStack | None) -> ZoningResult | None:
    here = session()
    scenario, results = here.scenario, here.results
    if stack is None or stack.boundary is None or not scenario.template:
        return None
    done = results.zoned(scenario)
    if done is not None:
        return done
    if st.session_state.get(_WANTED) != zoning_key(scenario):
        return None
    return ask(
        "zoning",
        zoning_key(scenario),
        lambda progress: results.zoning(scenario, progress),
        N_("Laying out the zones"),
    )


def _map(stack: LayerStack | None, zoning: ZoningResult | None) -> None:
    here = session()
    layers = site_layers(stack, _) if stack is not None else []
    if zoning is not None:  # a layout brings the gates itself, moved onto the outline
        layers = [*(one for one in layers if one.id != "site-gates"), *zoning_layers(zoning, _, language())]
    answer = park_map(
        layers,
        edit=boundary_feature(stack) if stack is not None else None,
        edit_rev=here.edit_rev,
        lang=language(),
        height=540,
        key="zoning_map",
    )
    _take_drawing(answer.drawings, here.edit_rev)


def _take_drawing(drawings: dict[str, Any] | None, rev: int) -> None:
    """Make what was newly drawn the boundary.

    The map remembers its last drawing. Right after the boundary came from elsewhere, that drawing
    is an old one and must not win.
    """
    text = json.dumps(drawings, sort_keys=True)
    seen_rev, seen = st.session_state.get(_DRAWN, (rev, None))
    st.session_state[_DRAWN] = (rev, text)
    if drawings is None or seen_rev != rev or seen == text:
        return
    set_drawn_boundary(drawings, _("drawn on the map"))
    st.rerun()


def _tables(zoning: ZoningResult) -> None:
    plan = need_plan()
    if plan is None:
        return
    name = "name_zh" if language() == "zh" else "name_en"
    zones, balance, checks, reasons = st.tabs([_("Zones"), _("Land-use balance"), _("Checks"), _("Reasons")])
    with zones:
        worst = _("Worst share: {error:.2f} percentage points off its target.", error=zoning.share_error_pp)
        st.caption(worst)
        show_table(
            zoning.zones, (name, "code", "gb", "share_target", "share", "area_m2", "pieces", "pieces_allowed")
        )
    with balance:
        if plan.balance is not None:
            show_table(
                plan.balance,
                ("code", "gb", name, "area_ha", "area_mu", "share_of_construction", "share_of_total"),
            )
    names = dict(zip(zoning.zones["zone"], zoning.zones[name], strict=True))
    with checks:
        table = zoning.checks.assign(
            object=[names.get(one, value_name(one)) for one in zoning.checks["object"]],
            value=[number_text(value) for value in zoning.checks["value"]],
            limit=[number_text(value) for value in zoning.checks["limit"]],
        )
        show_table(table, _CHECKS, translate=("check", "source"))
    with reasons:
        show_table(_reasons(zoning, plan, names), _REASONS, translate=("met",))


def _reasons(zoning: ZoningResult, plan: Plan, names: dict[str, str]) -> pd.DataFrame:
    """The reasons in the reader's language."""
    from planning.zones.reasons import reason_sentence

    words: dict[tuple[str, str], str] = {}
    if plan.template is not None and language() == "zh":
        for zone in plan.template.zones:
            words |= {
                (zone.id, rule): said
                for rule, said in zip(zone.rules, zone.rules_zh or zone.rules, strict=True)
            }
    table = zoning.reasons
    return table.assign(
        zone=[names[zone] for zone in table["zone"]],
        sentence=[
            reason_sentence(
                names[row.zone], row.rule, row.value, words.get((row.zone, row.rule), row.rule), _
            )
            for row in table.itertuples()
        ],
    )
