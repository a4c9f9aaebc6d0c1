"""A plan as one picture: zoning at the left, figures at the right, firms below."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geo.errors import N_
from planning.plan import Plan
from planning.provenance import synthetic_label
from planning.report.labels import KIND_COLOURS, KIND_NAMES, SKETCH, font_path, industry_colours, zone_colours

__all__ = ["write_picture"]

_ROAD_WIDTH = {"arterial": 0.9, "collector": 0.6, "local": 0.4}


def write_picture(plan: Plan, path: Path, *, translate: Callable[[str], str] = str, lang: str = "zh") -> None:
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
    The same plan gives the same bytes with the same matplotlib.
    """
    family = ["DejaVu Sans"]
    font = font_path()
    if font is not None:
        if not any(entry.fname == str(font) for entry in font_manager.fontManager.ttflist):
            font_manager.fontManager.addfont(str(font))
        family = [font_manager.FontProperties(fname=str(font)).get_name(), *family]
    with rc_context({"font.family": family, "axes.unicode_minus": False, "svg.hashsalt": "parkplan"}):
        figure = Figure(figsize=(13, 8.6), dpi=110, layout=None)
        FigureCanvasAgg(figure)
        if plan.zoning is not None:
            _zoning(figure, plan, translate, lang)
        else:
            _firms(figure.add_axes((0.03, 0.1, 0.94, 0.78)), plan, translate, whole=True)
        title = plan.scenario.title or translate(N_("Park plan"))
        figure.text(0.03, 0.955, title, fontsize=18, va="center", parse_math=False)
        _foot(figure, plan, translate)
        figure.savefig(path, format="png", metadata={"Software": None})


def _zoning(figure: Figure, plan: Plan, translate: Callable[[str], str], lang: str) -> None:
    assert plan.zoning is not None
    axes = figure.add_axes((0.03, 0.09, 0.60, 0.83))
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
    plan.zoning.boundary.boundary.plot(ax=axes, color="#B00020", linewidth=1.6)
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
    _frame(axes, plan.zoning.boundary, translate)
    _legend(figure, plan, translate, lang)
    if plan.stack.firms_in_area is not None and len(plan.stack.firms_in_area):
        _firms(figure.add_axes((0.66, 0.09, 0.32, 0.31)), plan, translate, whole=False)


def _legend(figure: Figure, plan: Plan, translate: Callable[[str], str], lang: str) -> None:
    assert plan.zoning is not None
    axes = figure.add_axes((0.655, 0.42, 0.335, 0.5))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    head = (
        translate(N_("Zone")),
        translate(N_("Code")),
        translate(N_("Area (ha)")),
        translate(N_("Share")),
        translate(N_("Target")),
    )
    at = (0.0, 0.56, 0.71, 0.84, 0.97)
    rows = len(plan.zoning.zones) + len(plan.zoning.land_use["kind"].unique()) + 2
    step = min(0.066, 0.98 / rows)
    y = 0.985
    for x, word in zip(at, head, strict=True):
        axes.text(x, y, word, fontsize=8.5, ha="left" if x == 0 else "right", va="center")
    colours = zone_colours(dict(zip(plan.zoning.zones["zone"], plan.zoning.zones["code"], strict=True)))
    for number, zone in enumerate(plan.zoning.zones.itertuples(), start=1):
        y -= step
        axes.fill_between(
            [0.0, 0.035], y - step * 0.32, y + step * 0.32, color=colours[zone.zone], linewidth=0
        )
        name = zone.name_zh if lang == "zh" else zone.name_en
        most = 14 if lang == "zh" else 24
        name = name if len(name) <= most else name[: most - 1] + "…"
        axes.text(0.05, y, f"{number}  {name}", fontsize=8.5, va="center", parse_math=False)
        for x, word in zip(
            at[1:],
            (
                f"{zone.code}/{zone.gb}",
                f"{zone.area_m2 / 1e4:.2f}",
                f"{zone.share:.1%}",
                f"{zone.share_target:.1%}",
            ),
            strict=True,
        ):
            axes.text(x, y, word, fontsize=8.5, ha="right", va="center")
    land = plan.zoning.land_use
    for kind, name in KIND_NAMES.items():
        area = float(land.loc[land["kind"] == kind, "area_m2"].sum())
        if area >= 50.0:
            y -= step
            axes.fill_between(
                [0.0, 0.035], y - step * 0.32, y + step * 0.32, color=KIND_COLOURS[kind], linewidth=0
            )
            axes.text(0.05, y, translate(name), fontsize=8.5, va="center")
            axes.text(at[2], y, f"{area / 1e4:.2f}", fontsize=8.5, ha="right", va="center")
    y -= step
    total = float(land["area_m2"].sum())
    axes.text(0.05, y, translate(N_("Total")), fontsize=8.5, va="center")
    axes.text(at[2], y, f"{total / 1e4:.2f}", fontsize=8.5, ha="right", va="center")


def _firms(axes: Axes, plan: Plan, translate: Callable[[str], str], *, whole: bool) -> None:
    """Firms by industry and the clusters around them."""
    firms = plan.stack.firms_in_area
    shown: list[gpd.GeoDataFrame] = []
    if plan.clusters is not None and len(plan.clusters.hulls):
        plan.clusters.hulls.plot(ax=axes, facecolor="#F2C14E", alpha=0.28, edgecolor="#9A6B00", linewidth=0.7)
        shown.append(plan.clusters.hulls)
    if firms is not None and len(firms):
        names = (
            firms["industry"].fillna("–").astype(str)
            if "industry" in firms
            else firms["name"].map(lambda _: "–")
        )
        order = names.value_counts().index.tolist()
        colours = industry_colours(order)
        for name in order[:10]:
            own = firms[names == name]
            axes.plot(
                own.geometry.x,
                own.geometry.y,
                linestyle="",
                marker="o",
                markersize=2.2 if len(firms) > 300 else 3.5,
                color=colours[name],
                label=f"{name} ({len(own)})",
                alpha=0.8,
            )
        legend = axes.legend(fontsize=7.5, loc="upper left", framealpha=0.85, markerscale=2)
        for text in legend.get_texts():
            text.set_parse_math(False)
        shown.append(firms)
    if plan.stack.boundary is not None:
        outline = gpd.GeoSeries([plan.stack.boundary], crs=plan.stack.area.crs)
        outline.boundary.plot(ax=axes, color="#B00020", linewidth=1.3)
        shown.append(gpd.GeoDataFrame(geometry=outline))
    _frame(axes, shown[0] if shown else plan.stack.site, translate, north=whole)
    if not whole:
        axes.set_title(translate(N_("Firms and clusters")), fontsize=9, loc="left")


def _frame(axes: Axes, _: object, translate: Callable[[str], str], *, north: bool = True) -> None:
    """Equal scales, a scale bar in round metres and the north arrow."""
    axes.set_xlabel("")
    axes.set_ylabel("")
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color("#BBBBBB")
    axes.margins(0.04)
    axes.autoscale_view()
    axes.apply_aspect()
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


def _foot(figure: Figure, plan: Plan, translate: Callable[[str], str]) -> None:
    label = synthetic_label(plan.stack, translate)
    lines = []
    if label:
        lines += [(label, "#B00020")] + ([(plan.scenario.notes, "#B00020")] if plan.scenario.notes else [])
    source = translate(N_("CRS {crs} · data {fingerprint} · seed {seed}")).format(
        crs=plan.stack.area.crs_name, fingerprint=plan.stack.fingerprint[:12], seed=plan.scenario.seed
    )
    if plan.stack.sketch:
        source += " · " + translate(SKETCH)
    lines.append((source, "#444444"))
    for place, (text, colour) in enumerate(lines):
        limit = 105 if sum(not one.isascii() for one in text) > 20 else 200
        short = text if len(text) <= limit else text[: limit - 1] + "…"
        figure.text(
            0.03, 0.06 - 0.026 * place, short, fontsize=8.5, color=colour, va="center", parse_math=False
        )
