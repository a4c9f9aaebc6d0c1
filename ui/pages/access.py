"""How far park, clusters and firms are from ports, airports and roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from ui.cache import plan_key
from ui.evidence import where_from
from ui.forms import params_form
from ui.frame import has_data, head, need_stack
from ui.jobs import ask
from ui.labels import facility_name, precision_text
from ui.map_places import access_layers
from ui.maps import park_map
from ui.messages import guarded
from ui.state import change, session
from ui.tables import show_table
from ui.words import _, language

if TYPE_CHECKING:
    import pandas as pd

    from layers.stack import LayerStack
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult

__all__ = ["page"]

_SHORT = ("origin", "kind", "facility", "total_km", "minutes", "second", "second_minutes", "precision")
_LONG = (
    "origin", "kind", "facility", "total_km", "minutes", "network_km", "access_m",
    "second", "second_network_km", "second_minutes", "network", "precision",
)  # fmt: skip
_SHOWN_ROWS = 1000
_MAP_HEIGHT = 460


def page() -> None:
    """Access from the park and the clusters, then from every firm."""
    place = head(_("Access"))
    if not has_data():
        return
    stack = need_stack()
    if stack is None:
        return
    controls, view = st.columns([3, 8], gap="medium")
    with controls:
        params = params_form(session().scenario.access, key="access")
        if params is not None and params != session().scenario.access:
            change(access=params)
        here = session()
        scenario, results = here.scenario, here.results
        result = ask(
            "access",
            plan_key(scenario),
            lambda progress: results.access(scenario, progress),
            N_("Measuring access"),
        )
    with view:
        clusters = results.clusters(scenario, lambda _share, _what: None) if result is not None else None
        _map(stack, result, clusters)
    if result is not None:
        _tables(result)
        with place:
            _evidence(stack, result)


@st.fragment
@guarded
def _map(stack: LayerStack, result: AccessResult | None, clusters: ClusterResult | None) -> None:
    """Show what is reached; while that is measured, where it is measured from."""
    park_map(
        access_layers(stack, result, clusters, _, language()),
        place=f"{stack.fingerprint} {result is not None}",  # the facilities lie beyond the firms
        lang=language(),
        height=_MAP_HEIGHT,
        key="access_map",
    )


def _tables(result: AccessResult) -> None:
    table = _said(result.table)
    of_all = result.table["origin"].eq("park") | result.table["origin"].str.startswith("cluster-")
    if of_all.any():
        st.subheader(_("From the park and the clusters"), anchor=False)
        show_table(table[of_all], _SHORT)
    firms = table[~of_all]
    if firms.empty:
        return
    st.subheader(_("From each firm"), anchor=False)
    show_table(firms.head(_SHOWN_ROWS), _LONG, height=320)
    if len(firms) > _SHOWN_ROWS:
        st.caption(
            _(
                "The first {shown:,} of {rows:,} rows; access.csv on the page “Export” has all of them.",
                shown=_SHOWN_ROWS,
                rows=len(firms),
            )
        )


def _said(table: pd.DataFrame) -> pd.DataFrame:
    """The table with names and precisions in the reader's language."""
    lang = language()
    named = {
        column: [facility_name(name, lang) if isinstance(name, str) else None for name in table[column]]
        for column in ("facility", "second")
    }
    known = {text: precision_text(text) for text in table["precision"].unique()}
    return table.assign(**named, precision=table["precision"].map(known))


def _evidence(stack: LayerStack, result: AccessResult) -> None:
    rules = [_("Distances and minutes: to the nearest facility of each kind, along the network below.")]
    where_from(stack, ("firms", "boundary", "facilities", "access"), rules=rules, access=result)
