"""How far park, clusters and firms are from ports, airports and roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from ui.cache import plan_key
from ui.forms import params_form
from ui.frame import has_data, head, need_stack
from ui.jobs import ask
from ui.map_layers import access_layers
from ui.maps import park_map
from ui.messages import guarded, plain
from ui.state import change, session
from ui.tables import show_table
from ui.words import _, language

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult

__all__ = ["page"]

_COLUMNS = (
    "origin", "kind", "facility", "total_km", "minutes", "network_km", "access_m",
    "second", "second_network_km", "second_minutes", "network", "precision",
)  # fmt: skip
_SHOWN_ROWS = 1000


def page() -> None:
    """Access from the park and the clusters, then from every firm."""
    head(_("Access"))
    if not has_data():
        return
    stack = need_stack()
    if stack is None:
        return
    here = session()
    with st.expander(_("Parameters")):
        params = params_form(here.scenario.access, key="access", columns=3)
    if params is not None and params != here.scenario.access:
        change(access=params)
        here = session()
    scenario, results = here.scenario, here.results
    result = ask(
        "access",
        plan_key(scenario),
        lambda progress: results.access(scenario, progress),
        N_("Measuring access"),
    )
    if result is not None:
        clusters = results.clusters(scenario, lambda _share, _what: None)
        _result(stack, result, clusters)


@st.fragment
@guarded
def _result(stack: LayerStack, result: AccessResult, clusters: ClusterResult | None) -> None:
    table = result.table
    firms = ~(table["origin"].eq("park") | table["origin"].str.startswith("cluster-"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        park_map(access_layers(stack, result, clusters, _), lang=language(), height=460, key="access_map")
    with right:
        st.subheader(_("From the park and the clusters"), anchor=False)
        show_table(table[~firms], _COLUMNS, height=400)
    for note in result.notes:
        st.caption(plain(_(note)))
    if firms.any():
        st.subheader(_("From each firm"), anchor=False)
        show_table(table[firms].head(_SHOWN_ROWS), _COLUMNS, height=300)
        if firms.sum() > _SHOWN_ROWS:
            st.caption(
                _(
                    "The first {shown:,} of {rows:,} rows; access.csv on the page “Export” has all of them.",
                    shown=_SHOWN_ROWS,
                    rows=int(firms.sum()),
                )
            )
