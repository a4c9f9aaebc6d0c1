"""Where firms crowd together: parameters on the left, map and table on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from ui.cache import plan_key
from ui.forms import params_form
from ui.frame import has_data, head, need_stack
from ui.jobs import ask
from ui.map_layers import cluster_layers
from ui.maps import park_map
from ui.messages import guarded
from ui.state import change, session
from ui.tables import selected_row, show_table
from ui.words import _, language

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.clusters import ClusterResult

__all__ = ["page"]

_COLUMNS = (
    "cluster", "firms", "industry", "industry_share", "form", "axis_ratio",
    "area_m2", "perimeter_m", "firms_per_km2",
)  # fmt: skip


def page() -> None:
    """Choose how close firms must be, see which clusters that makes."""
    head(_("Clusters"))
    if not has_data():
        return
    stack = need_stack()
    if stack is None:
        return
    if stack.firms is None:
        st.info(_("There are no firms to cluster: upload a firm table on the page “Data”."))
        return
    controls, view = st.columns([1, 3], gap="medium")
    with controls:
        _parameters(stack)
    with view:
        result = _clusters()
        if result is not None:
            _result(stack, result)


def _parameters(stack: LayerStack) -> None:
    here = session()
    known = {"industry": industries(stack)}
    params = params_form(here.scenario.clusters, key="clusters", known=known)
    if params is not None and params != here.scenario.clusters:
        change(clusters=params)


def industries(stack: LayerStack) -> list[str]:
    """Industries of the firms in the area, in alphabetical order."""
    firms = stack.firms_in_area
    if firms is None or "industry" not in firms:
        return []
    return sorted(str(name) for name in firms["industry"].dropna().unique())


def _clusters() -> ClusterResult | None:
    here = session()
    scenario, results = here.scenario, here.results
    return ask(
        "clusters",
        plan_key(scenario),
        lambda progress: results.clusters(scenario, progress),
        N_("Finding clusters"),
    )


@st.fragment
@guarded
def _result(stack: LayerStack, result: ClusterResult) -> None:
    from planning.indicators import industry_table

    firms, clusters, noise = st.columns(3)
    firms.metric(_("Firms looked at"), f"{len(result.firms):,}", border=True)
    clusters.metric(_("Clusters"), f"{result.clusters:,}", border=True)
    noise.metric(_("Firms in no cluster"), f"{result.noise:,}", border=True)
    place = st.container()
    st.subheader(_("Clusters"), anchor=False)
    event = show_table(result.hulls, _COLUMNS, key="cluster_table", select=True)
    chosen = selected_row(event)
    with place:
        park_map(
            cluster_layers(stack, result, _),
            selected=[] if chosen is None else [str(result.hulls["cluster"].iloc[chosen])],
            lang=language(),
            height=430,
            key="cluster_map",
        )
    industries_of = industry_table(result)
    if len(industries_of):
        st.subheader(_("Dispersion by industry"), anchor=False)
        show_table(industries_of, list(industries_of.columns))
