"""A plan as one HTML file that opens anywhere, without any request: Leaflet and all data inside."""

from __future__ import annotations

import base64
import html
import itertools
import json
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element

from geo.errors import N_, SourceError
from layers.backdrop import border_lines, room_around
from planning.plan import Plan
from planning.report.labels import (
    BORDER_COLOUR,
    KIND_COLOURS,
    KIND_NAMES,
    LEAST_AREA_M2,
    border_label,
    industry_groups,
    map_notes,
    zone_colours,
)

__all__ = ["escape", "html_map", "write_html_map"]

FIRM_LIMIT = 20_000
_LEAST_DEG = 0.005
_SPECIAL = {"\\": "&#92;", "`": "&#96;", "$": "&#36;", "{": "&#123;", "}": "&#125;"}
_URL = re.compile(r"url\(\s*['\"]?(images/[\w.@-]+)['\"]?\s*\)")
_STYLE = """
html, body { margin: 0; height: 100%; }
body { font-family: 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', 'PingFang SC', sans-serif; }
.leaflet-container { background: #f4f5f2; font: inherit; }
.pp-box { position: fixed; z-index: 1000; background: #ffffffee; border-radius: 6px; }
.pp-box { box-shadow: 0 1px 5px #0004; font-size: 13px; line-height: 1.5; color: #222; }
.pp-title { left: 54px; top: 10px; padding: 6px 12px; max-width: calc(100% - 330px); max-height: 40%; }
.pp-title { overflow: auto; }
.pp-title h1 { font-size: 17px; margin: 0; }
.pp-label { color: #b00020; font-weight: 600; }
.pp-legend { right: 10px; bottom: 26px; padding: 8px 12px; max-height: 60%; overflow: auto; }
.pp-legend div { display: flex; gap: 6px; align-items: center; white-space: nowrap; }
.pp-legend i { width: 14px; height: 14px; border: 1px solid #6668; flex: none; }
.pp-north { left: 10px; top: 86px; padding: 4px 8px; text-align: center; font-weight: 700; }
.pp-grid { color: #0006; font-size: 10px; white-space: nowrap; }
"""


def write_html_map(
    plan: Plan, path: Path, *, translate: Callable[[str], str] = str, lang: str = "zh"
) -> None:
    """Write the map of a plan; see `html_map`."""
    path.write_text(html_map(plan, translate=translate, lang=lang), encoding="utf-8")


def html_map(plan: Plan, *, translate: Callable[[str], str] = str, lang: str = "zh") -> str:
    """Return the map of a plan as one HTML document.

    Parameters
    ----------
    plan : Plan
    translate : callable
        Translates message templates.
    lang : str
        ``zh`` or ``en``: which of the catalogue's names are shown.

    Returns
    -------
    str
        Equal plans give equal text.

    Raises
    ------
    SourceError
        If Leaflet is not installed (``make env``).
    """
    area = plan.stack.area
    named = _numbered()
    chart = named(folium.Map(tiles=None, control_scale=True, prefer_canvas=True, zoom_control=True))
    chart.default_js = []
    chart.default_css = []
    legend: list[tuple[str, str]] = []
    bounds: list[tuple[float, float, float, float]] = []

    def layer(
        name: str,
        table: gpd.GeoDataFrame,
        style: Callable[[Any], dict[str, Any]],
        tips: list[str],
        *,
        show: bool = True,
        fit: bool = True,
    ) -> None:
        if table.empty:
            return
        degrees = area.to_wgs84(table)
        if fit:
            bounds.append(tuple(degrees.total_bounds))
        shapes = shapely.set_precision(degrees.geometry.to_numpy(), 1e-7, mode="pointwise")
        features = [
            {
                "type": "Feature",
                "properties": {"t": escape(tip), **{f"_{key}": value for key, value in style(row).items()}},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
            for row, shape, tip in zip(table.itertuples(), shapes, tips, strict=True)
        ]
        drawn = folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            name=escape(name),
            style_function=lambda feature: {
                key[1:]: value for key, value in feature["properties"].items() if key.startswith("_")
            },
            marker=named(folium.CircleMarker(radius=4, weight=1, fill=True, fill_opacity=0.85)),
            tooltip=named(folium.GeoJsonTooltip(fields=["t"], labels=False, sticky=True)),
            show=show,
            smooth_factor=0,
        )
        named(drawn).add_to(chart)

    _borders(plan, layer, legend, translate)
    if plan.zoning is not None:
        _zoning(plan, layer, legend, translate, lang)
    if plan.clusters is not None:
        hulls = plan.clusters.hulls
        words = translate(N_("Cluster {cluster}: {firms} firms, {area:.1f} ha"))
        tips = [
            words.format(cluster=row.cluster, firms=row.firms, area=row.area_m2 / 1e4)
            for row in hulls.itertuples()
        ]
        layer(translate(N_("Clusters")), hulls, lambda _: _style("#9A6B00", "#F2C14E", 0.25), tips)
        if len(hulls):
            legend.append(("#F2C14E", translate(N_("Clusters"))))
    note = _firms(plan, layer, legend, translate)
    if plan.stack.boundary is not None:
        outline = gpd.GeoDataFrame(geometry=[plan.stack.boundary.boundary], crs=area.crs)
        layer(
            translate(N_("Park boundary")),
            outline,
            lambda _: _style("#B00020", "#B00020", 0.0, weight=3),
            [plan.scenario.title or "–"],
        )
    west, south = (min(one[place] for one in bounds) for place in (0, 1)) if bounds else (73.0, 18.0)
    east, north = (max(one[place] for one in bounds) for place in (2, 3)) if bounds else (135.0, 54.0)
    if plan.stack.boundary is not None:
        west, south, east, north = area.to_wgs84(plan.stack.boundary.buffer(400)).bounds
    if east - west < _LEAST_DEG and north - south < _LEAST_DEG:  # one firm alone is no view
        west, east = west - _LEAST_DEG, east + _LEAST_DEG
        south, north = south - _LEAST_DEG, north + _LEAST_DEG
    _graticule(chart, named, west, south, east, north)
    named(folium.FitBounds([[south, west], [north, east]])).add_to(chart)
    named(folium.LayerControl(collapsed=False)).add_to(chart)
    root: Any = named(chart.get_root())
    root.html.add_child(Element(_furniture(plan, legend, note, translate)))
    return _self_contained(root.render(), plan, translate, lang)


def escape(text: object) -> str:
    """Make text inert in HTML and in the JavaScript template strings that folium writes.

    Notes
    -----
    HTML's five characters, then the five that end or fill a template string; control characters
    become U+FFFD. Plain HTML escaping is not enough: folium evaluates ``${…}``.
    """
    escaped = html.escape(" ".join(str(text).split("\n")), quote=True)
    for character, entity in _SPECIAL.items():
        escaped = escaped.replace(character, entity)
    return "".join("\ufffd" if ord(one) < 32 or one in "\u2028\u2029" else one for one in escaped)


def _style(line: str, fill: str, opacity: float, weight: float = 1.0) -> dict[str, Any]:
    return {"color": line, "fillColor": fill, "fillOpacity": opacity, "weight": weight}


def _borders(
    plan: Plan, layer: Callable[..., None], legend: list[tuple[str, str]], translate: Callable[[str], str]
) -> None:
    """The built-in borders, below everything else."""
    main, minor = border_lines(room_around(plan.stack.bounds_deg))
    words = border_label(plan.scenario.map_number, translate)
    for lines, weight in ((minor, 0.5), (main, 1.0)):
        table = gpd.GeoDataFrame(geometry=[shapely.MultiLineString(list(lines))], crs="EPSG:4490")
        if len(lines):
            style = _style(BORDER_COLOUR, BORDER_COLOUR, 0.0, weight) | {"interactive": False}
            layer(words, table, lambda _, style=style: style, [""], fit=False)
    if len(main) or len(minor):
        legend.append((BORDER_COLOUR, words))


def _zoning(
    plan: Plan,
    layer: Callable[..., None],
    legend: list[tuple[str, str]],
    translate: Callable[[str], str],
    lang: str,
) -> None:
    assert plan.zoning is not None
    land = plan.zoning.land_use
    names = {
        zone.zone: zone.name_zh if lang == "zh" else zone.name_en for zone in plan.zoning.zones.itertuples()
    }
    for kind, word in KIND_NAMES.items():
        own = land[land["kind"] == kind]
        if len(own):
            tips = [f"{translate(word)} {area / 1e4:.2f} ha" for area in own["area_m2"]]
            layer(
                translate(word),
                own,
                lambda _, kind=kind: _style(KIND_COLOURS[kind], KIND_COLOURS[kind], 0.9, 0.0),
                tips,
            )
            if own["area_m2"].sum() >= LEAST_AREA_M2:
                legend.append((KIND_COLOURS[kind], translate(word)))
    zones = land[land["kind"] == "zone"]
    colours = zone_colours(dict(zip(plan.zoning.zones["zone"], plan.zoning.zones["code"], strict=True)))
    tips = [
        f"{names[row.zone]} · {row.code}/{row.gb} · {row.area_m2 / 1e4:.2f} ha" for row in zones.itertuples()
    ]
    layer(translate(N_("Zones")), zones, lambda row: _style("#333333", colours[row.zone], 0.85, 0.6), tips)
    legend.extend(
        (colours[zone.zone], f"{names[zone.zone]} {zone.share:.1%}")
        for zone in plan.zoning.zones.itertuples()
    )
    lines = plan.zoning.road_lines
    layer(
        translate(N_("Road centre lines")),
        lines,
        lambda _: _style("#FFFFFF", "#FFFFFF", 0.0, 1.2),
        [f"{row[1]} {row[2]:g} m" for row in lines[["road", "class", "width_m"]].itertuples(index=False)],
        show=False,
    )
    gates = plan.zoning.gates
    layer(
        translate(N_("Gates")),
        gates,
        lambda _: _style("#FFFFFF", "#111111", 1.0, 1.5),
        [f"{row.gate} {row.kind}" for row in gates.itertuples()],
    )


def _firms(
    plan: Plan, layer: Callable[..., None], legend: list[tuple[str, str]], translate: Callable[[str], str]
) -> str:
    firms = plan.stack.firms_in_area
    if firms is None or firms.empty:
        return ""
    note = ""
    if len(firms) > FIRM_LIMIT:
        step = int(np.ceil(len(firms) / FIRM_LIMIT))
        note = translate(N_("every {step}th of {count} firms is drawn")).format(step=step, count=len(firms))
        firms = firms.iloc[::step]
    for name, colour, own in industry_groups(firms, translate):
        layer(
            f"{translate(N_('Firms'))} {name}",
            own,
            lambda _, colour=colour: _style(colour, colour, 0.85),
            [str(firm) for firm in own["name"]],
        )
        legend.append((colour, name))
    return note


def _numbered() -> Callable[[Any], Any]:
    """Give the elements of a page names that are the same each time: folium's own are random."""
    numbers = itertools.count(1)

    def named(element: Any) -> Any:
        element._id = f"{next(numbers):032x}"  # noqa: SLF001 - there is no other way
        return element

    return named


def _graticule(
    chart: folium.Map, named: Callable[[Any], Any], west: float, south: float, east: float, north: float
) -> None:
    """Thin lines of longitude and latitude: something to find one's way by without tiles."""
    span = max(east - west, north - south)
    step = next(
        value
        for value in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
        if span / value <= 8 or value == 20
    )
    group = named(folium.FeatureGroup(name="° ′ ″", control=False))
    low_x, high_x = west - 2 * span, east + 2 * span
    low_y, high_y = max(-85.0, south - 2 * span), min(85.0, north + 2 * span)
    for x in np.arange(np.ceil(low_x / step), np.floor(high_x / step) + 1) * step:
        named(_line([(low_y, x), (high_y, x)], color="#00000022", weight=1, interactive=False)).add_to(group)
    for y in np.arange(np.ceil(low_y / step), np.floor(high_y / step) + 1) * step:
        named(_line([(y, low_x), (y, high_x)], color="#00000022", weight=1, interactive=False)).add_to(group)
    group.add_to(chart)


def _line(points: list[tuple[float, float]], **options: Any) -> folium.PolyLine:
    return folium.PolyLine(points, **options)  # type: ignore[no-untyped-call]


def _furniture(plan: Plan, legend: list[tuple[str, str]], note: str, translate: Callable[[str], str]) -> str:
    """Title, label of synthetic data, source line, legend and north arrow; every text escaped."""
    lines = [f"<h1>{escape(plan.scenario.title.strip() or translate(N_('Park plan')))}</h1>"]
    lines += [
        f'<div class="pp-label">{escape(text)}</div>' if warning else f"<div>{escape(text)}</div>"
        for text, warning in map_notes(plan, translate)
    ]
    if note:
        lines.append(f"<div>{escape(note)}</div>")
    entries = "".join(
        f'<div><i style="background:{colour}"></i>{escape(text)}</div>' for colour, text in legend
    )
    return (
        f'<div class="pp-box pp-title">{"".join(lines)}</div>'
        f'<div class="pp-box pp-legend">{entries}</div>'
        f'<div class="pp-box pp-north">▲<br>{escape(translate(N_("N")))}</div>'
    )


def _vendor(name: str) -> bytes:
    path = resources.files("parkplan") / "frontend" / "vendor" / name
    if not path.is_file():
        raise SourceError(
            N_("the map library “{name}” is not installed"),
            hint=N_("run make env"),
            where=name,
            code="MISSING_ASSET",
            name=name,
        )
    return path.read_bytes()


def _self_contained(page: str, plan: Plan, translate: Callable[[str], str], lang: str) -> str:
    """Put Leaflet inside and take every address out."""
    css = _URL.sub(
        lambda found: f"url({_data_uri(found[1])})", _vendor("leaflet/leaflet.css").decode("utf-8")
    )
    script = _vendor("leaflet/leaflet.js").decode("utf-8").replace("//# sourceMappingURL=leaflet.js.map", "")
    page = page.replace("L.control.scale()", "L.control.scale({imperial: false})")
    page = re.sub(r"<script[^>]+src=[^>]*></script>|<link[^>]+href=[^>]*/?>", "", page)
    title = escape(plan.scenario.title.strip() or translate(N_("Park plan")))
    prefix = "\nL.Control.Attribution.prototype.options.prefix = 'Leaflet';"
    head = f"<title>{title}</title><style>{css}{_STYLE}</style><script>{script}{prefix}</script>"
    return page.replace("<head>", f"<head>{head}", 1).replace("<html>", f'<html lang="{lang}">', 1)


def _data_uri(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_vendor(f"leaflet/{name}")).decode("ascii")
