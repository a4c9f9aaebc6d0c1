"""Curves of an analysis as pictures: a panel an industry, bands shaded, how they were made at the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.errors import N_
from planning.analysis import Analysis
from planning.patterns.figures import Curve
from planning.provenance import address_label, position_labels, synthetic_label
from planning.report.typesetting import drawable, families, shortened, wrapped
from planning.stages.patterns import ALL

__all__ = ["CURVE_NAMES", "write_curve_pictures"]

CURVE_NAMES = {
    "ripley_k": N_("Ripley's K (m²)"),
    "ripley_l": N_("Besag's L (m)"),
    "nearest_neighbour": N_("Share of firms whose nearest neighbour is within r (G)"),
    "duranton_overman_kd": N_("Duranton and Overman's Kd (1/m)"),
}
WINDOW_NAMES = {
    "given": N_("study window as given"),
    "rectangle": N_("study window: bounding rectangle of the firms"),
    "hull": N_("study window: convex hull of the firms"),
}
_CORRECTIONS = {
    "none": (N_("no edge correction"), "#BBBBBB"),
    "border": (N_("border correction"), "#CCBB44"),
    "translation": (N_("translation correction"), "#228833"),
    "isotropic": (N_("isotropic correction"), "#4477AA"),
}
_BANDS = {
    "pointwise": N_("{draws} random patterns, least and largest at each distance"),
    "global": N_("global band of {draws} random draws"),
}
_WIDTH_IN, _PANEL_IN, _SIDE = 10.0, 3.0, 0.07
_TITLE_PT, _FOOT_PT, _TEXT_PT, _LEADING = 14.0, 8.0, 8.0, 1.45
_RED, _GREY = "#B00020", "#444444"

Translate = Callable[[str], str]


def write_curve_pictures(analysis: Analysis, folder: Path, *, translate: Translate = str) -> None:
    """Draw each kind of curve into a PNG of its name; one that is unknown throughout has none.

    Parameters
    ----------
    analysis : Analysis
    folder : Path
    translate : callable
        Translates message templates.

    Notes
    -----
    Of several edge corrections the last that has a band shows it; the others are in the tables. The same
    analysis gives the same bytes with the same matplotlib.
    """
    for name, title in CURVE_NAMES.items():
        known = [one for one in analysis.patterns.curves if one.name == name and len(one.value)]
        if known:
            _write(analysis, known, translate(title), folder / f"{name}.png", translate)


def _write(analysis: Analysis, curves: Sequence[Curve], title: str, path: Path, translate: Translate) -> None:
    industries = list(dict.fromkeys(one.industry for one in curves))
    columns = min(2, len(industries))
    rows = -(-len(industries) // columns)
    with rc_context({"font.family": families(), "axes.unicode_minus": False, "svg.hashsalt": "parkplan"}):
        line_pt = _WIDTH_IN * (1 - _SIDE) * 72
        foot = [
            (line, colour)
            for text, colour in _notes(analysis, translate)
            for line in wrapped(text, _FOOT_PT, line_pt)
        ]
        head_in, foot_in = 1.05, (len(foot) * _FOOT_PT * _LEADING + 44) / 72
        high = head_in + rows * _PANEL_IN + foot_in
        figure = Figure(figsize=(_WIDTH_IN, high), dpi=110, layout=None)
        FigureCanvasAgg(figure)
        wide = (1 - _SIDE / 2) / columns
        for place, industry in enumerate(industries):
            row, column = divmod(place, columns)
            low = (foot_in + (rows - 1 - row) * _PANEL_IN + 0.25) / high
            box = (column * wide + _SIDE, low, wide - _SIDE, (_PANEL_IN - 0.6) / high)
            axes = figure.add_axes(box)
            _panel(axes, [one for one in curves if one.industry == industry], translate)
            words = translate(N_("All firms")) if industry == ALL else industry
            axes.set_title(
                shortened(words, _TEXT_PT + 1, box[2] * _WIDTH_IN * 72),
                fontsize=_TEXT_PT + 1,
                loc="left",
                parse_math=False,
            )
        figure.legend(
            *figure.axes[0].get_legend_handles_labels(),
            loc="upper left",
            bbox_to_anchor=(_SIDE / 2, 1 - 0.5 / high),
            borderaxespad=0.0,
            borderpad=0.0,
            ncols=3,
            fontsize=_TEXT_PT,
            frameon=False,
        )
        figure.text(
            _SIDE / 2, 1 - 0.3 / high, drawable(title), fontsize=_TITLE_PT, va="center", parse_math=False
        )
        step = _FOOT_PT * _LEADING / 72 / high
        for place, (line, colour) in enumerate(foot):
            at = (foot_in - 0.45) / high - (place + 0.5) * step
            figure.text(_SIDE / 2, at, line, fontsize=_FOOT_PT, color=colour, va="center", parse_math=False)
        figure.savefig(path, format="png", metadata={"Software": None})


def _panel(axes: Axes, curves: Sequence[Curve], translate: Translate) -> None:
    banded = [one for one in curves if one.band]
    if banded:
        shown = banded[-1]
        label = translate(_BANDS[shown.band]).format(draws=shown.parameters["draws"])
        axes.fill_between(
            shown.r_m, shown.low, shown.high, color="#4477AA", alpha=0.18, linewidth=0, label=label
        )
    for one in curves:
        name, colour = _CORRECTIONS[one.correction]
        alone = len(curves) == 1
        axes.plot(
            one.r_m,
            one.value,
            color="#4477AA" if alone else colour,
            linewidth=1.3,
            label=None if alone else translate(name),
        )
    expected = {"ripley_k": lambda r: np.pi * r**2, "ripley_l": lambda r: r}.get(curves[0].name)
    if expected is not None:
        r_m = curves[0].r_m
        axes.plot(
            r_m,
            expected(r_m),
            color="#111111",
            linewidth=0.9,
            linestyle="--",
            label=translate(N_("complete randomness")),
        )
    axes.set_xlabel(translate(N_("distance r (m)")), fontsize=_TEXT_PT)
    axes.tick_params(labelsize=_TEXT_PT - 1)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.margins(x=0)


def _notes(analysis: Analysis, translate: Translate) -> list[tuple[str, str]]:
    """Sentences at the foot: labels of synthetic or inexact data, then the window and the source."""
    found, stack = analysis.patterns, analysis.stack
    notes = [(text, _RED) for text in [synthetic_label(stack, translate)] if text]
    notes += [(text, _GREY) for text in [address_label(stack, translate)] if text]
    notes += [(text, _GREY) for text in position_labels(stack, translate)]
    facts = [translate(WINDOW_NAMES[found.window_kind])]
    if found.window is not None:
        facts.append(translate(N_("{area:,.2f} km²")).format(area=found.window.area_m2 / 1e6))
    facts.append(translate(N_("{firms:,} firms, {outside:,} beyond the window left out")).format(
        firms=found.firms, outside=found.outside
    ))  # fmt: skip
    facts.append(
        translate(N_("CRS {crs} · data {fingerprint} · seed {seed}")).format(
            crs=stack.area.crs_name, fingerprint=stack.fingerprint[:12], seed=found.seed
        )
    )
    return [*notes, (" · ".join(facts), _GREY)]
