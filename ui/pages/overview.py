"""Where the clusters and cities of China are, and how this project stands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from ui.frame import has_data, name_scenario, need_plan, need_stack, page_link, title_bar
from ui.map_places import china_layers
from ui.maps import park_map
from ui.messages import guarded
from ui.words import _, language

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.plan import Plan

__all__ = ["page"]

_MAP_HEIGHT = 470
_BREATH_S = 0.5
_FIRST = "first_visit"
_STEPS = (
    (
        N_("Official"),
        N_("See how scattered an industry is, and how far from ports and roads."),
        ("clusters", "access"),
    ),
    (N_("Planner"), N_("Draw or upload a park's boundary and get its functional zones."), ("zoning",)),
    (
        N_("Analyst"),
        N_("Upload a firm table: every row is accounted for. Take all results away."),
        ("data", "export"),
    ),
)


def page() -> None:
    """Show the country, which is there at once, and the project as soon as it is computed."""
    name, _right = title_bar(_("Parkplan · industrial park planning"))
    figures = st.container(horizontal=True, key="figures")
    project, country = st.columns([3, 2], gap="medium")
    with country:
        st.subheader(_("Clusters and central cities of China"), anchor=False)
        _country()
    with project:
        st.subheader(_("This project"), anchor=False)
        place = st.container()
    _first_steps()
    if not _loaded():
        with place:
            st.caption(_("reading the input files"))
            _go_on_soon()
        return
    name_scenario(name)
    with place:
        if not has_data():
            return
        stack = need_stack()
        plan = need_plan() if stack is not None else None
        if stack is not None:
            _project(stack, plan)
    if plan is not None:
        with figures:
            _figures(plan)


def _loaded() -> bool:
    """Whether what opens a session was loaded since the server's start; takes most of a second once."""
    return "planning.scenario" in sys.modules


@st.fragment(run_every=_BREATH_S)
def _go_on_soon() -> None:
    """Let the country reach the browser before the rest is loaded, on the first visit after a start."""
    if st.session_state.setdefault(_FIRST, 0):
        from planning import scenario  # noqa: F401

        st.rerun()
    st.session_state[_FIRST] += 1


@st.fragment
@guarded
def _country() -> None:
    layers = china_layers(_, language(), roads=_loaded())
    park_map(layers, lang=language(), height=_MAP_HEIGHT, key="country_map")
    st.caption(
        _(
            "Real places: the positions are from public gazetteers and the cited texts; each point's source "
            "and precision is shown when it is clicked. Sketch map, not a reviewed map of China."
        )
    )


def _project(stack: LayerStack, plan: Plan | None) -> None:
    """Show what is known: the inputs while the plan is made, then the plan."""
    from ui.map_plan import plan_layers

    clusters, zoning = (plan.clusters, plan.zoning) if plan is not None else (None, None)
    park_map(
        plan_layers(stack, clusters, zoning, _, language()),
        place=stack.fingerprint,
        lang=language(),
        height=_MAP_HEIGHT,
        key="project_map",
    )


def _figures(plan: Plan) -> None:
    from planning.indicators import headline_indicators
    from ui.evidence import figure

    for number, indicator in enumerate(headline_indicators(plan)):
        figure(indicator, key=f"headline_{number}")


def _first_steps() -> None:
    """Say where each of the three kinds of users begins."""
    st.subheader(_("Where to begin"), anchor=False)
    for column, (who, what, pages) in zip(st.columns(3), _STEPS, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.markdown(f"**{_(who)}**")
            st.text(_(what))
            with st.container(horizontal=True):
                for name in pages:
                    page_link(name)
