"""Draw the park, choose a template, get its functional zones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from geo.errors import N_
from ui.cache import zoning_key
from ui.evidence import where_from
from ui.forms import params_form
from ui.frame import head, need_stack
from ui.jobs import ask, forget
from ui.labels import area_text, template_title, value_name
from ui.map_borders import border_layers, stack_borders
from ui.map_places import road_layer
from ui.map_plan import boundary_feature, edit_words, firm_layers, site_layers, zoning_layers
from ui.maps import park_map
from ui.messages import plain
from ui.state import change, session, set_drawn_boundary
from ui.words import _, language
from ui.zoning_tables import template_zones, zoning_tables

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.zoning import ZoningResult

__all__ = ["page"]

_WANTED = "zoning_wanted"
_DRAWN = "drawn_boundary"
_MAP_HEIGHT = 620


def page() -> None:
    """Show the map on which the boundary is drawn and the zones appear, and their tables."""
    place = head(_("Zoning"))
    controls, view = st.columns([3, 8], gap="medium")
    with controls:
        _template_choice()
        run = st.container()
        with st.expander(_("Parameters")):
            params = params_form(session().scenario.zoning, key="zoning")
        if params is not None and params != session().scenario.zoning:
            change(zoning=params)
    with run:  # progress beside the map, which stays where it is
        stack = need_stack() if session().scenario.inputs else None
        _run_button(stack)
        zoning = _zoning(stack)
    with view:
        _map(stack, zoning)
    if stack is not None and zoning is not None:
        zoning_tables(zoning)
        with place:
            _evidence(stack)


def _template_choice() -> None:
    from planning.catalogue.parks import load_template, template_names

    here = session()
    names = list(template_names())
    if here.scenario.template and here.scenario.template not in names:
        names.insert(0, here.scenario.template)  # a file of one's own that came with a scenario
    chosen = st.selectbox(
        _("Template"),
        names,
        index=names.index(here.scenario.template) if here.scenario.template else None,
        format_func=template_title,
        placeholder=_("choose a template"),
        key=f"template_choice_{here.edit_rev}",
    )
    if chosen is not None and chosen != here.scenario.template:
        change(template=chosen)
    if not session().scenario.template:
        return
    template = load_template(session().scenario.template)
    with st.popover(_("Zones of this template"), type="tertiary", icon=":material/list:"):
        template_zones(template)
        st.caption(plain(_("Source: {source}", source=value_name(template.source))))


def _run_button(stack: LayerStack | None) -> None:
    """Offer to zone the site; a plan that was made already is shown without asking."""
    here = session()
    bounded = stack is not None and stack.boundary is not None
    done = here.results.zoned(here.scenario) is not None
    if st.button(
        _("Zone the site"),
        type="primary",
        disabled=not (bounded and here.scenario.template) or done,
        key="run_zoning",
        width="stretch",
    ):
        st.session_state[_WANTED] = zoning_key(here.scenario)
        forget("zoning")
    if stack is None or stack.boundary is None:
        st.caption(_("Draw the boundary on the map with the polygon tool, or upload it on the page “Data”."))
        return
    if not here.scenario.template:
        st.caption(_("Choose a template."))
    elif done:
        st.caption(_("The zones are up to date with boundary, template and parameters."))
    st.text(_("Park: {area}", area=area_text(stack.boundary.area)))


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
    # something to find one's way by
    layers = [] if here.scenario.inputs else [*border_layers(_), road_layer(_)]
    if stack is not None:
        layers = [*stack_borders(stack, _), *firm_layers(stack, _), *site_layers(stack, _)]
    if zoning is not None:  # a layout brings the gates itself, moved onto the outline
        layers = [*(one for one in layers if one.id != "site-gates"), *zoning_layers(zoning, _, language())]
    answer = park_map(
        layers,
        edit=boundary_feature(stack) if stack is not None else None,
        edit_rev=here.edit_rev,
        edit_words=edit_words(stack, _),
        place=str(here.edit_rev),
        lang=language(),
        height=_MAP_HEIGHT,
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


def _evidence(stack: LayerStack) -> None:
    rules = [
        _("Zones: laid out by the template on a road skeleton; areas are those of the shapes."),
        _("Share: net area of a zone over the net area of all zones; roads are counted apart."),
        _("Balance: every square metre inside the boundary counts once."),
    ]
    precision = _("areas are exact in the plan's coordinate system")
    where_from(stack, ("boundary", "gates", "zoning"), rules=rules, precision=precision)
