"""How scattered each industry is: one row an industry, a map, firms per township, in plain sentences."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from ui.cache import dispersion_key
from ui.evidence import where_from
from ui.forms import params_form
from ui.frame import has_data, head, need_stack, page_link
from ui.jobs import ask
from ui.map_dispersion import dispersion_layers
from ui.maps import park_map
from ui.messages import guarded, plain
from ui.state import change, session
from ui.tables import selected_row, show_table
from ui.words import _, language

if TYPE_CHECKING:
    import pandas as pd

    from layers.stack import LayerStack
    from planning.stages.dispersion import DispersionResult

__all__ = ["page"]

_INDUSTRY_COLUMNS = (
    "who", "firms", "located", "in_park", "around", "outside", "distance_km", "nearest_m",
    "standard_distance_m", "unknown",
)  # fmt: skip
_TOWNSHIP_COLUMNS = ("township", "firms", "share_of_industry", "located", "known")
_MAP_HEIGHT = 500
_BARS = 15
_COLOURS = {
    "in_park": "#1f6f8b",
    "around": "#8fc1d4",
    "outside": "#d9a441",
    "unlocated": "#b3b3b3",
}


def page() -> None:
    """Choose an industry on the left, see where its firms stand on the right."""
    place = head(_("Dispersion"))
    if not has_data():
        return
    stack = need_stack()
    if stack is None:
        return
    if stack.firms is None:
        st.info(_("There are no firms to measure: upload a firm table on the page “Data”."))
        page_link("data")
        return
    controls, view = st.columns([3, 8], gap="medium")
    with controls:
        _parameters()
        result = _dispersion()
    with view:
        _result(stack, result)
    if result is not None:
        with place:
            _evidence(stack, result)


def _parameters() -> None:
    here = session()
    params = params_form(here.scenario.dispersion, key="dispersion")
    if params is not None and params != here.scenario.dispersion:
        change(dispersion=params)


def _dispersion() -> DispersionResult | None:
    here = session()
    scenario, results = here.scenario, here.results
    return ask(
        "dispersion",
        dispersion_key(scenario),
        lambda progress: results.dispersion(scenario, progress),
        N_("Measuring the dispersion"),
    )


@st.fragment
@guarded
def _result(stack: LayerStack, result: DispersionResult | None) -> None:
    """Show the industry that is chosen; while it is measured, the park."""
    if result is not None and result.firms.empty:
        st.info(_("No firm lies in the study area: raise the study distance, or check the coordinates."))
        page_link("data")
        return
    scope, industry = _choice(result)
    findings, place = st.container(key="findings"), st.container()
    chosen = None
    if result is not None:
        with findings:
            _findings(result, scope, industry)
        chosen = _tables(stack, result, scope, industry)
    with place:
        park_map(
            dispersion_layers(stack, result, scope, industry, _),
            selected=[] if chosen is None else [chosen],
            place=f"{stack.fingerprint} {scope} {industry}",
            lang=language(),
            height=_MAP_HEIGHT,
            key="dispersion_map",
        )


def _choice(result: DispersionResult | None) -> tuple[str, str]:
    if result is None:
        return "all", ""
    rows: list[tuple[str, str]] = list(
        zip(result.industries["scope"], result.industries["industry"], strict=True)
    )
    return st.selectbox(
        _("Industry"), rows, format_func=lambda row: plain(_who(*row)), key="dispersion_industry"
    )


def _who(scope: str, industry: str) -> str:
    from planning.dispersion_findings import ALL_FIRMS, NO_INDUSTRY

    return {"all": _(ALL_FIRMS), "unknown": _(NO_INDUSTRY)}.get(scope, industry)


def _findings(result: DispersionResult, scope: str, industry: str) -> None:
    from planning.dispersion_findings import dispersion_findings

    st.subheader(plain(_who(scope, industry)), anchor=False)
    said = []
    for one in dispersion_findings(result, scope, industry):
        fields = {name: _(value) if name == "why" else value for name, value in one.fields.items()}
        said.append("• " + _(one.sentence, **fields))
    st.text("\n".join(said))


def _tables(stack: LayerStack, result: DispersionResult, scope: str, industry: str) -> str | None:
    """Show the industries side by side and the townships; return the township that is chosen."""
    chosen = _townships(stack, result, scope, industry)
    st.subheader(_("Industries side by side"), anchor=False)
    table = result.industries
    shown = table.assign(
        who=[_who(*row) for row in zip(table["scope"], table["industry"], strict=True)],
        in_park=[_range(*row) for row in zip(table["in_park_low"], table["in_park_high"], strict=True)],
        around=[_range(*row) for row in zip(table["around_low"], table["around_high"], strict=True)],
        outside=[
            _range(*row, form="{:,.0f}")
            for row in zip(table["outside_low"], table["outside_high"], strict=True)
        ],
        unknown=[_(why) for why in table["unknown"]],
    )
    columns = [one for one in _INDUSTRY_COLUMNS if one != "unknown" or table["unknown"].any()]
    show_table(shown, columns, key="industry_table")
    if "industry" not in result.firms or result.firms["industry"].isna().all():
        figure, needed = _("Spread of each industry"), "industry / industry_code"
        st.caption(plain(_("{figure}: unknown, needs a column {columns}", figure=figure, columns=needed)))
    _bars(result)
    _download(stack, table.assign(unknown=shown["unknown"]), "dispersion.csv", _("Industries (CSV)"))
    return chosen


def _townships(stack: LayerStack, result: DispersionResult, scope: str, industry: str) -> str | None:
    st.subheader(_("Firms per township"), anchor=False)
    towns = result.townships
    own = towns[(towns["scope"] == scope) & (towns["industry"] == industry)].reset_index(drop=True)
    if not (own["township"] != "").any():
        st.info(
            _(
                "The townships are unknown: the table needs a column 乡镇 (township), or addresses that "
                "name county and township."
            )
        )
        return None
    shown = own.assign(
        township=own["township"].where(own["township"] != "", _("unknown")), known=own["known"].map(_known)
    )
    event = show_table(shown, _TOWNSHIP_COLUMNS, key=f"township_table_{scope}_{industry}", select=True)
    st.caption(_("Choose a row to see the township on the map."))
    _download(stack, towns, "townships.csv", _("Townships (CSV)"))
    row = selected_row(event)
    return None if row is None else str(row)


def _known(codes: str) -> str:
    names = {"column": _("from its column"), "address": _("from the address")}
    return _("; ").join(names[code] for code in codes.split("; ") if code) or "–"


def _range(low: float, high: float, form: str = "{:.0%}") -> str:
    """Both ends of an interval, one where they read the same."""
    if low != low:  # noqa: PLR0124 - NaN is the value that is not itself
        return "–"
    one, other = form.format(low), form.format(high)
    return one if one == other else f"{one} – {other}"


def _bars(result: DispersionResult) -> None:
    """Where the firms of each industry stand, as stacked bars."""
    from planning.stages.dispersion import standing

    counts = standing(result)
    counts = counts[counts["scope"] != "all"] if (counts["scope"] != "all").any() else counts
    if len(counts) < 2 and result.industries["unknown"].iloc[0]:
        return
    names = {
        "in_park": _("in the park"),
        "around": _("around the park"),
        "outside": _("outside"),
        "unlocated": _("place unknown"),
        "located": _("located"),
    }
    kinds = [kind for kind in names if kind in counts and counts[kind].sum() > 0]
    if len(counts) > _BARS:
        st.caption(_("The {count} industries with the most firms:", count=_BARS))
    drawn = counts.head(_BARS)
    heading = _("Industry")
    bars = drawn.rename(columns=names)
    bars[heading] = [_who(*row) for row in zip(drawn["scope"], drawn["industry"], strict=True)]
    st.bar_chart(
        bars,
        x=heading,
        y=[names[kind] for kind in kinds],
        color=[_COLOURS.get(kind, "#4477AA") for kind in kinds],
        x_label="",
        y_label=_("Firms"),
        horizontal=True,
        sort=False,
        height=90 + 34 * len(drawn),
    )


def _download(stack: LayerStack, table: pd.DataFrame, name: str, title: str) -> None:
    from ui.downloads import saved_name, table_bytes

    st.download_button(
        title,
        functools.partial(table_bytes, table),
        file_name=saved_name(stack, name),
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{name}",
    )


def _evidence(stack: LayerStack, result: DispersionResult) -> None:
    from planning.indicators import location_precision

    centre = result.centre_deg
    unlocated = int((~result.firms["located"]).sum())
    rules = [
        _("Shares in the park: firms located there over all firms; at most: those without a place too."),
        _("Distance: median to the centre. Nearest: mean distance to the nearest other firm of it."),
        _("Standard distance: root of the mean squared distance from the mean centre of the industry."),
        _("Firms known to their county or city alone: {unlocated:,}.", unlocated=unlocated),
        _("Closed firms left out: {closed:,}.", closed=0 if stack.with_closed else stack.closed_in_area),
        _("Rows of the table that were rejected and are not counted: {rejected:,}.",
          rejected=stack.reports["firms"].rejected),
    ]  # fmt: skip
    if centre is not None:
        sentence = (
            N_("Centre, as given: {lon:.5f}°, {lat:.5f}°.")
            if result.params.centre
            else N_("Centre, the median centre of all located firms: {lon:.5f}°, {lat:.5f}°.")
        )
        rules.append(_(sentence, lon=centre[0], lat=centre[1]))
    where_from(
        stack,
        ("firms", "boundary", "dispersion"),
        rules=rules,
        precision=location_precision(result.firms),
    )
