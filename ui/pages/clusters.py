"""Where firms crowd together: parameters on the left, map and table on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from geo.units import ha
from ui.cache import plan_key
from ui.cluster_guides import how_sure
from ui.evidence import where_from
from ui.forms import params_form
from ui.frame import has_data, head, need_stack, page_link
from ui.jobs import ask
from ui.map_plan import cluster_layers
from ui.maps import park_map
from ui.messages import guarded, plain
from ui.state import change, session
from ui.tables import selected_row, show_table
from ui.words import _, language

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.clusters import ClusterResult

__all__ = ["page"]

_COLUMNS = (
    "cluster", "firms", "industry", "industry_share", "form", "axis_ratio", "near_main_road", "area_ha",
    "firms_per_km2",
)  # fmt: skip
_MAP_HEIGHT = 500


def page() -> None:
    """Choose how close firms must be, see which clusters that makes."""
    place = head(_("Clusters"))
    if not has_data():
        return
    stack = need_stack()
    if stack is None:
        return
    if stack.firms is None:
        st.info(_("There are no firms to cluster: upload a firm table on the page “Data”."))
        page_link("data")
        return
    controls, view = st.columns([3, 8], gap="medium")
    with controls:
        _parameters(stack)
        result = _clusters()
    with view:
        _result(stack, result)
        if result is not None and len(result.firms):
            how_sure(stack, result.params)
    if result is not None:
        with place:
            _evidence(stack, result)


def _parameters(stack: LayerStack) -> None:
    here = session()
    known = {"industry": industries(stack)}
    hidden = () if known["industry"] or here.scenario.clusters.industry else ("industry",)
    params = params_form(here.scenario.clusters, key="clusters", known=known, leave_out=hidden)
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
def _result(stack: LayerStack, result: ClusterResult | None) -> None:
    """Show the clusters; while they are being found, the firms."""
    figures = st.container(horizontal=True)
    place = st.container()
    chosen = None
    if result is not None:
        with figures:
            st.metric(_("Firms looked at"), f"{len(result.firms):,}", border=True)
            st.metric(_("Clusters"), f"{result.clusters:,}", border=True)
            st.metric(_("Firms in no cluster"), f"{result.noise:,}", border=True)
        chosen = _tables(result)
    with place:
        park_map(
            cluster_layers(stack, result, _),
            selected=[] if chosen is None else [chosen],
            place=stack.fingerprint,
            lang=language(),
            height=_MAP_HEIGHT,
            key="cluster_map",
        )


def _tables(result: ClusterResult) -> str | None:
    """Show clusters and industries; return the number of the cluster that is chosen."""
    from planning.indicators import industry_table

    chosen = None
    st.subheader(_("Clusters"), anchor=False)
    if result.hulls.empty:
        st.info(_("No firms lie close enough together: raise the radius, or lower the fewest firms."))
    else:
        hulls = result.hulls.assign(area_ha=ha(result.hulls["area_m2"]))
        event = show_table(hulls, _COLUMNS, key="cluster_table", select=True)
        st.caption(_("Choose a row to see the cluster on the map."))
        row = selected_row(event)
        chosen = None if row is None else str(hulls["cluster"].iloc[row])
    shares = industry_table(result)
    if len(shares):
        st.subheader(_("Share in clusters by industry"), anchor=False)
        show_table(shares, list(shares.columns), names={"industry": _("Industry")})
    elif len(result.firms):
        figure, columns = _("Share in clusters by industry"), "industry / industry_code"
        st.caption(plain(_("{figure}: unknown, needs a column {columns}", figure=figure, columns=columns)))
    return chosen


def _evidence(stack: LayerStack, result: ClusterResult) -> None:
    from planning.indicators import location_precision

    rules = [
        _("Clusters: firms that lie close together, by the method and the distances below."),
        _("Area and density: of the outline around the cluster's firms. Form: its length to its width."),
        _form_rule(stack, result),
    ]
    where_from(stack, ("firms", "clusters"), rules=rules, precision=location_precision(result.firms))


def _form_rule(stack: LayerStack, result: ClusterResult) -> str:
    params = result.params
    said = _(
        "Strip from a ratio of {strip:g}, block up to {block:g}; between them a strip when {share:.0%} of "
        "the firms lie within {within:g} m of a main road, else mixed.",
        strip=params.strip_ratio,
        block=params.block_ratio,
        share=params.road_share,
        within=params.near_road_m,
    )
    if "roads" in stack.site:
        return said
    unknown = _("No roads are given, so the share along main roads is unknown.")
    return f"{said} {unknown}"
