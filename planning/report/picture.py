"""A plan as one picture: zoning at the left, figures at the right, firms below, its notes at the foot."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.errors import N_
from planning.plan import Plan
from planning.report.borders import draw_borders
from planning.report.labels import (
    KIND_COLOURS,
    KIND_NAMES,
    LEAST_AREA_M2,
    industry_groups,
    map_notes,
    zone_colours,
)
from planning.report.typesetting import drawable, families, shortened, width_pt, wrapped

__all__ = ["write_picture"]

_WIDTH_IN, _BODY_IN = 13.0, 7.4
_SIDE, _LEADING = 0.03, 1.45
_TITLE_PT, _FOOT_PT, _TABLE_PT = (18.0, 15.0, 12.0, 10.0), 8.5, 8.5
_ROAD_WIDTH = {"arterial": 0.9, "collector": 0.6, "local": 0.4}
_LEAST_M = 200.0
"""One firm alone is drawn with this much around it."""
_RED, _GREY = "#B00020", "#444444"

Translate = Callable[[str], str]


def write_picture(plan: Plan, path: Path, *, translate: Translate = str, lang: str = "zh") -> None:
    """Draw a plan into a PNG.

    Parameters
    ----------
    plan : Plan
    path : Path
    translate : callable
        Translates message templates.
    lang : str
        ``zh`` or ``en``: which of the catalogue's names are shown.

    Notes
    -----
    The picture grows with its title and its notes, which stand there whole. The same plan gives the
    same bytes with the same matplotlib.
    """
    with rc_context({"font.family": families(), "axes.unicode_minus": False, "svg.hashsalt": "parkplan"}):
        title_pt, title = _title(plan, translate)
        foot = [
            (line, colour)
            for text, warning in map_notes(plan, translate)
            for colour in [_RED if warning else _GREY]
            for line in wrapped(text, _FOOT_PT, _line_pt())
        ]
        head_in = (len(title) * title_pt * _LEADING + 16) / 72
        foot_in = (len(foot) * _FOOT_PT * _LEADING + 20) / 72
        high = head_in + _BODY_IN + foot_in
        figure = Figure(figsize=(_WIDTH_IN, high), dpi=110, layout=None)
        _Canvas(figure)
        low, top = foot_in / high, (foot_in + _BODY_IN) / high
        if plan.zoning is not None:
            _zoning(figure, plan, translate, lang, (low, top))
        else:
            _firms(figure.add_axes((_SIDE, low, 1 - 2 * _SIDE, top - low)), plan, translate, whole=True)
        _lines(figure, [(line, "black") for line in title], title_pt, 1 - 10 / 72 / high)
        _lines(figure, foot, _FOOT_PT, low - 8 / 72 / high)
        figure.savefig(path, format="png", metadata={"Software": None})


class _Canvas(FigureCanvasAgg):
    """GeoPandas asks for a drawing after each layer: the one at the end is enough."""

    def draw_idle(self, *_: object, **__: object) -> None:
        """Draw nothing yet."""


def _line_pt() -> float:
    return _WIDTH_IN * (1 - 2 * _SIDE) * 72


def _title(plan: Plan, translate: Translate) -> tuple[float, list[str]]:
    """Size and lines of the title: smaller where it is long, so that it stays a title."""
    text = plan.scenario.title.strip() or translate(N_("Park plan"))
    for size_pt in _TITLE_PT:
        lines = wrapped(text, size_pt, _line_pt())
        if len(lines) <= 2:
            break
    return size_pt, lines


def _lines(figure: Figure, lines: list[tuple[str, str]], size_pt: float, top: float) -> None:
    """Set lines of text below each other; `top` is a share of the figure's height."""
    step = size_pt * _LEADING / 72 / figure.get_figheight()
    for place, (line, colour) in enumerate(lines):
        figure.text(
            _SIDE,
            top - (place + 0.5) * step,
            line,
            fontsize=size_pt,
            color=colour,
            va="center",
            parse_math=False,
        )


def _zoning(
    figure: Figure, plan: Plan, translate: Translate, lang: str, between: tuple[float, float]
) -> None:
    assert plan.zoning is not None
    low, top = between
    high = top - low
    axes = figure.add_axes((_SIDE, low, 0.60, high))
    land = plan.zoning.land_use
    for kind, colour in KIND_COLOURS.items():
        own = land[land["kind"] == kind]
        if len(own):
            own.plot(ax=axes, color=colour, linewidth=0)
    zones = land[land["kind"] == "zone"]
    colours = zone_colours(dict(zip(plan.zoning.zones["zone"], plan.zoning.zones["code"], strict=True)))
    zones.plot(ax=axes, color=[colours[zone] for zone in zones["zone"]], edgecolor="#333333", linewidth=0.35)
    roads = plan.zoning.road_lines
    if len(roads):
        roads.plot(
            ax=axes,
            color="white",
            linewidth=[_ROAD_WIDTH[name] for name in roads["class"]],
            linestyle=(0, (6, 5)),
        )
    plan.zoning.boundary.boundary.plot(ax=axes, color=_RED, linewidth=1.6)
    gates = plan.zoning.gates
    if len(gates):
        axes.plot(
            gates.geometry.x,
            gates.geometry.y,
            linestyle="",
            marker="^",
            markersize=9,
            color="#111111",
            markeredgecolor="white",
            zorder=6,
        )
    for number, zone in enumerate(plan.zoning.zones.itertuples(), start=1):
        parts = sorted(zone.geometry.geoms, key=lambda part: part.area)
        spot = parts[-1].representative_point()
        circle = {
            "boxstyle": "circle,pad=0.25",
            "facecolor": "white",
            "edgecolor": "#333333",
            "linewidth": 0.6,
        }
        axes.text(spot.x, spot.y, str(number), ha="center", va="center", fontsize=9, bbox=circle, zorder=7)
    _frame(axes, translate)
    firms = plan.stack.firms_in_area
    with_firms = firms is not None and len(firms) > 0
    share = 0.6 if with_firms else 1.0
    _table(figure, plan, translate, lang, (0.655, low + high * (1 - share), 0.315, high * share))
    if with_firms:
        _firms(figure.add_axes((0.66, low, 0.31, high * 0.36)), plan, translate, whole=False)


def _table(
    figure: Figure, plan: Plan, translate: Translate, lang: str, box: tuple[float, float, float, float]
) -> None:
    """Zones and other land with their areas: the legend of the map, a row each, names in full."""
    assert plan.zoning is not None
    axes = figure.add_axes(box)
    axes.set_axis_off()
    width, height = box[2] * _WIDTH_IN * 72, box[3] * figure.get_figheight() * 72
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    zones, land = plan.zoning.zones, plan.zoning.land_use
    colours = zone_colours(dict(zip(zones["zone"], zones["code"], strict=True)))
    rows: list[tuple[str, str, list[str]]] = [
        (
            colours[zone.zone],
            f"{number}  {zone.name_zh if lang == 'zh' else zone.name_en}",
            [
                f"{zone.code}/{zone.gb}",
                f"{zone.area_m2 / 1e4:.2f}",
                f"{zone.share:.1%}",
                f"{zone.share_target:.1%}",
            ],
        )
        for number, zone in enumerate(zones.itertuples(), start=1)
    ]
    for kind, name in KIND_NAMES.items():
        area = float(land.loc[land["kind"] == kind, "area_m2"].sum())
        if area >= LEAST_AREA_M2:
            rows.append((KIND_COLOURS[kind], translate(name), ["", f"{area / 1e4:.2f}"]))
    rows.append(("", translate(N_("Total")), ["", f"{float(land['area_m2'].sum()) / 1e4:.2f}"]))
    head = [translate(word) for word in (N_("Code"), N_("Area (ha)"), N_("Share"), N_("Target"))]
    size, at = _TABLE_PT, [width]
    lines: list[list[str]] = []
    while True:  # smaller until all rows find room
        cells = [[*head], *(one for _, _, one in rows)]
        wide = [max(width_pt(line[k], size) for line in cells if len(line) > k) + size for k in range(4)]
        at = [width - sum(wide[k + 1 :]) for k in range(4)]
        lines = [wrapped(name, size, at[0] - wide[0] - 2.2 * size) for _, name, _ in rows]
        if (sum(map(len, lines)) + len(rows) * 0.5 + 2) * size * 1.25 <= height or size <= 4.0:
            break
        size *= 0.92
    y = size
    axes.text(0, y, translate(N_("Zone")), fontsize=size, va="center")
    for x, word in zip(at, head, strict=True):
        axes.text(x, y, word, fontsize=size, ha="right", va="center")
    for (colour, _, values), name_lines in zip(rows, lines, strict=True):
        y += size * 1.25 * 1.5
        if colour:
            axes.fill_between([0, size * 1.3], y - size * 0.65, y + size * 0.65, color=colour, linewidth=0)
        for x, value in zip(at, values, strict=False):
            axes.text(x, y, value, fontsize=size, ha="right", va="center")
        for place, line in enumerate(name_lines):
            y += size * 1.25 * (place > 0)
            axes.text(size * 1.8, y, line, fontsize=size, va="center", parse_math=False)


def _firms(axes: Axes, plan: Plan, translate: Translate, *, whole: bool) -> None:
    """Firms by industry and the clusters around them."""
    firms = plan.stack.firms_in_area
    if plan.clusters is not None and len(plan.clusters.hulls):
        plan.clusters.hulls.plot(ax=axes, facecolor="#F2C14E", alpha=0.28, edgecolor="#9A6B00", linewidth=0.7)
    if firms is not None and len(firms):
        size = 2.2 if len(firms) > 300 else 3.5
        most_pt = axes.get_position(original=True).width * _WIDTH_IN * 72 * (0.3 if whole else 0.6)
        for name, colour, own in reversed(industry_groups(firms, translate)):  # the most frequent on top
            axes.plot(
                own.geometry.x,
                own.geometry.y,
                linestyle="",
                marker="o",
                markersize=size,
                color=colour,
                label=shortened(name, 7.5, most_pt),
                alpha=0.8,
            )
        handles, labels = axes.get_legend_handles_labels()
        legend = axes.legend(
            handles[::-1], labels[::-1], fontsize=7.5, loc="upper left", framealpha=0.85, markerscale=2
        )
        for text in legend.get_texts():
            text.set_parse_math(False)
    if plan.stack.boundary is not None:
        outline = gpd.GeoSeries([plan.stack.boundary], crs=plan.stack.area.crs)
        outline.boundary.plot(ax=axes, color=_RED, linewidth=1.3)
    _frame(axes, translate, north=whole)
    draw_borders(axes, plan.stack.area, plan.scenario.map_number, translate, inset=whole)
    if not whole:
        axes.set_title(drawable(translate(N_("Firms and clusters"))), fontsize=9, loc="left")


def _frame(axes: Axes, translate: Translate, *, north: bool = True) -> None:
    """Equal scales, a scale bar in round metres and the north arrow."""
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#BBBBBB")
    axes.margins(0.04)
    axes.autoscale_view()
    (west, east), (south, top) = axes.get_xlim(), axes.get_ylim()
    south -= (top - south) * 0.07  # room for the scale bar
    box = axes.get_window_extent()
    wide = max(east - west, (top - south) * box.width / box.height, _LEAST_M)
    high = wide * box.height / box.width
    axes.set_xlim((west + east - wide) / 2, (west + east + wide) / 2)
    axes.set_ylim((south + top - high) / 2, (south + top + high) / 2)
    axes.set_aspect("equal")
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    length = _round_length((right - left) / 5)
    x, y = right - (right - left) * 0.03 - length, low + (high - low) * 0.035
    axes.plot([x, x + length], [y, y], color="#111111", linewidth=2.2, solid_capstyle="butt", zorder=8)
    word = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    axes.text(x + length / 2, y + (high - low) * 0.012, word, ha="center", va="bottom", fontsize=8, zorder=8)
    if north:
        axes.annotate(
            translate(N_("N")),
            xy=(0.965, 0.975),
            xytext=(0.965, 0.9),
            xycoords="axes fraction",
            ha="center",
            va="center",
            fontsize=11,
            arrowprops={"arrowstyle": "-|>", "color": "#111111", "linewidth": 1.4},
        )


def _round_length(about: float) -> float:
    power = 10 ** math.floor(math.log10(max(about, 1.0)))
    return float(max(step * power for step in (1, 2, 5) if step * power <= max(about, 1.0)))
