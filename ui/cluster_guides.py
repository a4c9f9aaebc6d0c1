"""How sure clusters are: the table of settings and the curve of distances, drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from geo.errors import N_
from ui.downloads import table_bytes
from ui.jobs import ask
from ui.messages import guarded, plain
from ui.state import change, session
from ui.words import _

if TYPE_CHECKING:
    import pandas as pd

    from layers.stack import LayerStack
    from planning.cluster_guides import ClusterGuides
    from planning.stages.clusters import ClusterParams
    from ui.map_layers import Words

__all__ = ["curve_chart", "how_sure", "settings_chart"]

_VERDICTS = {
    "chosen": N_("the chosen setting"),
    "same": N_("nearly the same clusters"),
    "roughly": N_("partly the same"),
    "other": N_("other clusters"),
    "refused": N_("too much work"),
}
# Blue to orange, told apart by colour-blind readers too; the words are in the legend.
_COLOURS = {
    "chosen": "#7fb6dc", "same": "#b9dbef", "roughly": "#f3e3b0", "other": "#f0a878", "refused": "#d5d5d5",
}  # fmt: skip
_INK = "#1c1c1c"
_ROW_PX = 46
_FRAME_PX = 120
"""Legend and axes: Streamlit counts them into the height of a chart."""
_CURVE_PX = 320


@st.fragment
@guarded
def how_sure(stack: LayerStack, params: ClusterParams) -> None:
    """Show, when it is opened, whether the clusters hold; what it needs is worked out then."""
    box = st.expander(_("How sure are these clusters?"), key="cluster_guides", on_change="rerun")
    if not box.open:
        return
    with box:
        if params.method != "dbscan":
            st.info(
                _("HDBSCAN takes no radius. Choose DBSCAN to see how much clusters depend on the setting.")
            )
            return
        guides = _guides(stack, params)
        if guides is not None:
            _settings(guides, stack)
            _distances(guides)


def _guides(stack: LayerStack, params: ClusterParams) -> ClusterGuides | None:
    from planning.cluster_guides import judge_clusters

    firms, results = stack.firms_in_area, session().results
    key = ("cluster_guides", stack.fingerprint, tuple(params.to_mapping().items()))
    if firms is None or firms.empty:
        return None
    return ask(
        "cluster_guides",
        key,
        lambda progress: results.make(key, lambda: judge_clusters(firms, params, progress)),
        N_("Trying neighbouring settings"),
    )


def _settings(guides: ClusterGuides, stack: LayerStack) -> None:
    said = [_(template, **fields) for template, fields in guides.findings()]
    st.markdown(f"**{plain(said[0])}** {plain(' '.join(said[1:]))}")
    st.vega_lite_chart(settings_chart(guides.settings, _), key="cluster_settings")
    st.caption(
        _(
            "Each cell: clusters, and share of firms in none. Colour: agreement with the chosen setting by "
            "the adjusted Rand index (1 the same, 0 as by chance), good from 0.8, moderate from 0.65 "
            "(Steinley 2004). Firms in no cluster count as one group, so many of them lift it."
        )
    )
    name = "cluster-settings.csv"
    table = guides.settings
    st.download_button(
        _("Download this table (CSV)"),
        data=lambda: table_bytes(table),
        file_name=f"synthetic-{name}" if stack.synthetic else name,
        mime="text/csv",
        on_click="ignore",
        key="cluster_settings_csv",
    )


def _distances(guides: ClusterGuides) -> None:
    if guides.curve.empty:
        st.info(_("There are fewer firms than the fewest of a cluster: no distances to show."))
        return
    params = guides.params
    st.subheader(_("Which radius do the distances suggest?"), anchor=False)
    st.vega_lite_chart(curve_chart(guides, _), key="cluster_curve")
    if guides.radius_m is None or guides.radius_share is None:
        st.caption(_("The curve does not bend: it suggests no radius."))
        return
    st.caption(
        _(
            "Distance of each firm to its neighbour number {number}, itself counted: as many firms as lie "
            "below a radius are dense at it. Suggested: {radius:,.0f} m, where the curve turns up "
            "(Kneedle, Satopää et al. 2011); {share:.0%} of the firms are dense there. Its weakness: one "
            "far firm moves it, and places of several densities have several bends of which it names one.",
            number=params.min_firms,
            radius=guides.radius_m,
            share=guides.radius_share,
        )
    )
    taken = guides.radius_m == params.radius_m
    label = _("Take {radius:,.0f} m as the radius", radius=guides.radius_m)
    if st.button(label, key="take_radius", disabled=taken, on_click=_take, args=(params, guides.radius_m)):
        st.rerun()


def _take(params: ClusterParams, radius_m: float) -> None:
    change(clusters=replace(params, radius_m=radius_m))
    st.session_state["clusters_radius_m"] = radius_m  # the form's own field shows it too


def settings_chart(table: pd.DataFrame, translate: Words) -> dict[str, Any]:
    """The table of settings as coloured cells, for Vega-Lite: radius across, smallest number up.

    Parameters
    ----------
    table : DataFrame
        `ClusterGuides.settings`.
    translate : callable
        Translates and fills message templates.
    """
    cells = []
    for row in table.itertuples():
        known = row.verdict != "refused"
        cells.append(
            {
                "radius": f"{row.radius_m:,g}",
                "number": str(row.min_points),
                "verdict": translate(_VERDICTS[row.verdict]),
                "clusters": _count(row.clusters, translate) if known else "–",
                "none": translate(N_("{share:.0%} in none"), share=row.noise_share) if known else "",
                "agreement": f"{row.rand_chosen:.2f}" if known else "–",
                "largest": f"{row.largest_share:.0%}" if known else "–",
            }
        )
    there = [verdict for verdict in _VERDICTS if verdict in set(table["verdict"])]
    tips = {
        "radius": N_("Neighbour radius (m)"),
        "number": N_("Fewest firms"),
        "clusters": N_("Clusters"),
        "none": N_("Firms in no cluster"),
        "largest": N_("Share of the largest cluster"),
        "agreement": N_("Agreement with the chosen setting"),
    }
    radii = [f"{one:,g}" for one in sorted({*table["radius_m"]})]
    numbers = [str(one) for one in sorted({*table["min_points"]}, reverse=True)]
    place = {
        "x": _ordinal("radius", translate(tips["radius"]), radii),
        "y": _ordinal("number", translate(tips["number"]), numbers),
        "tooltip": [
            {"field": field, "type": "nominal", "title": translate(title)} for field, title in tips.items()
        ],
    }
    colour = {
        "field": "verdict",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "top", "columns": 0, "labelLimit": 0, "symbolStrokeWidth": 0},
        "scale": {
            "domain": [translate(_VERDICTS[one]) for one in there],
            "range": [_COLOURS[one] for one in there],
        },
    }
    chosen = {"test": f"datum.verdict === {_quoted(translate(_VERDICTS['chosen']))}", "value": 3}
    words = {"type": "text", "fontSize": 12, "color": _INK}
    return {
        "data": {"values": cells},
        "width": "container",
        "height": _ROW_PX * table["min_points"].nunique() + _FRAME_PX,
        "encoding": place,
        "layer": [
            {
                "mark": {"type": "rect", "stroke": _INK},
                "encoding": {"color": colour, "strokeWidth": {"condition": chosen, "value": 0}},
            },
            {
                "mark": words | {"dy": -8, "fontWeight": "bold"},
                "encoding": {"text": {"field": "clusters", "type": "nominal"}},
            },
            {"mark": words | {"dy": 9}, "encoding": {"text": {"field": "none", "type": "nominal"}}},
        ],
    }


def _count(clusters: int, translate: Words) -> str:
    return translate(N_("1 cluster")) if clusters == 1 else translate(N_("{count} clusters"), count=clusters)


def curve_chart(guides: ClusterGuides, translate: Words) -> dict[str, Any]:
    """The rising distances with the chosen and the suggested radius, for Vega-Lite."""
    radii = [(guides.params.radius_m, translate(N_("chosen radius")))]
    if guides.radius_m is not None:
        radii.append((guides.radius_m, translate(N_("suggested radius"))))
    distance = {
        "field": "distance_m",
        "type": "quantitative",
        "title": translate(N_("Distance to neighbour number {number} (m)"), number=guides.params.min_firms),
    }
    share = {
        "field": "share",
        "type": "quantitative",
        "title": translate(N_("Share of the firms")),
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    kind = {
        "field": "what",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "top"},
        "scale": {"domain": [word for _radius, word in radii], "range": ["#2f7fb8", "#d9642a"][: len(radii)]},
    }
    return {
        "width": "container",
        "height": _CURVE_PX,
        "layer": [
            {
                "data": {"values": guides.curve.to_dict("records")},
                "mark": {"type": "line", "interpolate": "step-before", "color": "#808080"},
                "encoding": {"x": share, "y": distance},
            },
            {
                "data": {"values": [{"distance_m": radius, "what": word} for radius, word in radii]},
                "mark": {"type": "rule", "strokeDash": [6, 3], "size": 2, "tooltip": True},
                "encoding": {"y": distance, "color": kind},
            },
        ],
    }


def _ordinal(field: str, title: str, order: list[str]) -> dict[str, Any]:
    axis = {"labelAngle": 0, "ticks": False, "domain": False}
    return {"field": field, "type": "ordinal", "title": title, "sort": order, "axis": axis}


def _quoted(text: str) -> str:
    """A text as a literal of Vega's expressions."""
    import json

    return json.dumps(text)
