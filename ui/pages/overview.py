"""Where the clusters and cities of China are, and how this project stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from ui.frame import has_data, need_plan
from ui.labels import unit_name, value_name
from ui.map_layers import china_layers, plan_map_layers
from ui.maps import park_map
from ui.messages import guarded, plain
from ui.words import _, language

if TYPE_CHECKING:
    from planning.indicators import Indicator
    from planning.plan import Plan

__all__ = ["page"]

_MAP_HEIGHT = 430


def page() -> None:
    """Show the country, which is there at once, and the project as soon as it is computed."""
    st.title(_("Parkplan · industrial park planning"), anchor=False)
    figures = st.container()
    project, country = st.columns([3, 2], gap="medium")
    with country:
        st.subheader(_("Clusters and central cities of China"), anchor=False)
        _country()
    with project:
        st.subheader(_("This project"), anchor=False)
        place = st.container()
    with place:
        if not has_data():
            return
        plan = need_plan()
    if plan is None:
        return
    with figures:
        _figures(plan)
    with place:
        _project(plan)


@st.fragment
@guarded
def _country() -> None:
    park_map(china_layers(_), lang=language(), height=_MAP_HEIGHT, key="country_map")
    st.caption(
        _(
            "Real places: the positions are from public gazetteers and the cited texts; each point's source "
            "and precision is shown when it is clicked. Sketch map, not a reviewed map of China."
        )
    )


@st.fragment
@guarded
def _project(plan: Plan) -> None:
    park_map(plan_map_layers(plan, _, language()), lang=language(), height=_MAP_HEIGHT, key="project_map")


def _figures(plan: Plan) -> None:
    from planning.indicators import headline_indicators

    indicators = headline_indicators(plan)
    for place, indicator in zip(st.columns(len(indicators)), indicators, strict=True):
        with place:
            _figure(indicator)


def _figure(indicator: Indicator) -> None:
    st.metric(_(indicator.name), _shown(indicator), border=True)
    with st.popover(_("Where from"), width="stretch"):
        _evidence(indicator)


def _evidence(indicator: Indicator) -> None:
    if indicator.value is None:
        st.text(_("Unknown: {why}", why=_(indicator.unknown)))
        return
    st.text(_(indicator.rule, **dict(indicator.fields)))
    st.text(_("Data: {inputs}", inputs=indicator.inputs))
    st.text(_("Precision: {precision}", precision=value_name(indicator.precision)))
    st.text(_("Source: {source}", source=value_name(indicator.source)))


def _shown(indicator: Indicator) -> str:
    if indicator.value is None:
        return "–"
    number = f"{indicator.value:,.0f}" if indicator.unit != "%" else f"{indicator.value:.1f}%"
    unit = unit_name(indicator.unit) if indicator.unit not in ("%", "firms") else ""
    return plain(f"{number} {unit}".strip())
