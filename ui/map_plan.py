"""What a project shows on a map: firms, clusters, the site, its zones and its outline."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from geo.errors import N_
from geo.units import ha, mu
from ui.labels import FORMS, VALUES
from ui.map_borders import stack_borders
from ui.map_layers import MapLayer, Words, geojson_layer, points_layer

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.clusters import ClusterResult
    from planning.stages.zoning import ZoningResult

__all__ = [
    "boundary_feature",
    "cluster_layers",
    "edit_words",
    "firm_layers",
    "hull_layer",
    "outline_layer",
    "plan_layers",
    "site_layers",
    "zoning_layers",
]

_CATEGORIES = 255
_LEGEND_INDUSTRIES = 12
_OUTLINE = {"color": "#B00020", "weight": 2.5, "fillOpacity": 0.0, "fill": False}
_GATE = {"color": "#fff", "fillColor": "#111", "fillOpacity": 1.0, "weight": 1.5}
_SITE: dict[str, tuple[str, dict[str, Any]]] = {
    "water": (N_("Water"), {"color": "#338EC0", "fillColor": "#338EC0", "fillOpacity": 0.5}),
    "exclusions": (N_("Excluded land"), {"color": "#888", "fillColor": "#bbb", "fillOpacity": 0.5}),
    "flood": (N_("Flood areas"), {"color": "#66CCEE", "fillColor": "#66CCEE", "fillOpacity": 0.4}),
    "housing": (N_("Housing and schools"), {"color": "#CCBB44", "fillColor": "#FFFF2D", "fillOpacity": 0.5}),
    "buildings": (N_("Kept buildings"), {"color": "#6E5A4B", "fillColor": "#6E5A4B", "fillOpacity": 0.8}),
    "roads": (N_("Existing roads"), {"color": "#555", "weight": 2.5, "fill": False}),
    "gates": (N_("Gates"), _GATE),
}


def firm_layers(stack: LayerStack, translate: Words) -> list[MapLayer]:
    """Firms of the study area by industry; nothing without firms."""
    firms = stack.firms_in_area
    return [firm_layer(firms, translate)] if firms is not None and len(firms) else []


def firm_layer(firms: gpd.GeoDataFrame, translate: Words) -> MapLayer:
    """Firms by industry; the legend counts each, and says how many it leaves out."""
    from planning.report.labels import industry_colours

    unknown = translate(N_("industry unknown"))
    names = (
        firms["industry"].fillna(unknown).astype(str)
        if "industry" in firms
        else firms["name"].map(lambda _: unknown)
    )
    counts = names.value_counts()
    order = counts.index.tolist()[:_CATEGORIES]
    colours = industry_colours(order)
    number = {name: place for place, name in enumerate(order)}
    legend = [(colours[name], f"{name} ({counts[name]:,})") for name in order[:_LEGEND_INDUSTRIES]]
    layer = points_layer(
        "firms",
        translate(N_("Firms ({count:,})"), count=len(firms)),
        firms["lon"],
        firms["lat"],
        category=names.map(lambda name: number.get(name, _CATEGORIES - 1)).to_numpy(),
        palette=[colours[name] for name in order] or ["#4477AA"],
        legend=legend,
        names=firms["name"].tolist(),
    )
    if more := len(counts) - len(legend):
        layer.options["note"] = translate(N_("and {more:,} further industries"), more=more)
    return layer


def site_layers(stack: LayerStack, translate: Words) -> list[MapLayer]:
    """What was given about the site: gates, roads, water, exclusions and so on."""
    found = []
    for kind, (name, style) in _SITE.items():
        table = stack.site.get(kind)
        if table is None or table.empty:
            continue
        tips = table["name"].astype(str).tolist() if "name" in table else None
        if kind == "gates" and tips is None:
            tips = [translate(VALUES.get(str(one), str(one))) for one in table["kind"]]
        found.append(geojson_layer(f"site-{kind}", translate(name), table, tips=tips, style=style))
    return found


def outline_layer(stack: LayerStack, translate: Words) -> list[MapLayer]:
    """The park's outline, labelled when it is a sketch."""
    from planning.report.labels import SKETCH

    if stack.boundary is None:
        return []
    table = gpd.GeoDataFrame(geometry=[stack.boundary.boundary], crs=stack.area.crs)
    note: dict[str, Any] = {"note": translate(SKETCH)} if stack.sketch else {}
    return [geojson_layer("outline", translate(N_("Park boundary")), table, style=_OUTLINE, **note)]


def edit_words(stack: LayerStack | None, translate: Words) -> dict[str, str]:
    """What the legend says of the outline that is being edited: its name, and that it is a sketch."""
    from planning.report.labels import SKETCH

    note = translate(SKETCH) if stack is not None and stack.sketch else ""
    return {"name": translate(N_("Park boundary, to be edited")), "note": note}


def hull_layer(result: ClusterResult, translate: Words) -> list[MapLayer]:
    """Outlines of the clusters; a click shows their figures."""
    hulls = result.hulls
    if hulls.empty:
        return []
    rows = list(hulls.itertuples())
    cards = [
        [
            [translate(N_("Firms")), row.firms],
            [translate(N_("Area (ha)")), round(ha(row.area_m2), 1)],
            [translate(N_("Firms per km²")), round(row.firms_per_km2, 1)],
            [translate(N_("Form")), translate(FORMS[row.form])],
            [translate(N_("Main industry")), row.industry or "–"],
        ]
        for row in rows
    ]
    return [
        geojson_layer(
            "hulls",
            translate(N_("Clusters")),
            hulls,
            ids=hulls["cluster"].tolist(),
            tips=[
                translate(N_("Cluster {cluster}: {firms} firms"), cluster=row.cluster, firms=row.firms)
                for row in rows
            ],
            cards=cards,
            style={"color": "#9A6B00", "fillColor": "#F2C14E", "fillOpacity": 0.25, "weight": 1.2},
        )
    ]


def cluster_layers(stack: LayerStack, result: ClusterResult | None, translate: Words) -> list[MapLayer]:
    """Clusters as far as they are found, firms and the park."""
    hulls = hull_layer(result, translate) if result is not None else []
    firms = [firm_layer(result.firms, translate)] if result is not None else firm_layers(stack, translate)
    return [*stack_borders(stack, translate), *hulls, *firms, *outline_layer(stack, translate)]


def zoning_layers(result: ZoningResult, translate: Words, lang: str) -> list[MapLayer]:
    """The land use of a layout by its standard colours; a click shows code and area."""
    from planning.report.labels import zone_colours

    names = {row.zone: row.name_zh if lang == "zh" else row.name_en for row in result.zones.itertuples()}
    colours = zone_colours(dict(zip(result.zones["zone"], result.zones["code"], strict=True)))
    zones = result.land_use[result.land_use["kind"] == "zone"].reset_index(drop=True)
    cards: list[list[list[Any]]] = [
        [
            [translate(N_("Code")), f"{row.code} / {row.gb}"],
            [translate(N_("Area (ha)")), round(ha(row.area_m2), 2)],
            [translate(N_("Area (mu)")), round(mu(row.area_m2), 1)],
        ]
        for row in zones.itertuples()
    ]
    legend = [
        [colours[row.zone], f"{_short(names[row.zone])} {row.share:.1%} ({row.share_target:.1%})"]
        for row in result.zones.itertuples()
    ]
    zone_layer = geojson_layer(
        "zones",
        translate(N_("Zones")),
        zones,
        ids=result.parcels["parcel"].tolist(),
        tips=[names[zone] for zone in zones["zone"]],
        cards=cards,
        colours=[colours[zone] for zone in zones["zone"]],
        legend=legend,
        heading=translate(N_("Zones, share (target):")),
        style={"color": "#333", "weight": 0.6, "fillOpacity": 0.85},
    )
    return [
        *_other_land(result, translate),
        zone_layer,
        _zone_names(result, translate, names),
        *_roads_and_gates(result, translate),
    ]


def _other_land(result: ZoningResult, translate: Words) -> list[MapLayer]:
    """What is no zone: roads, verges, water."""
    from planning.report.labels import KIND_COLOURS, KIND_NAMES

    other = result.land_use[result.land_use["kind"] != "zone"]
    if other.empty:
        return []
    kinds = [kind for kind in KIND_NAMES if (other["kind"] == kind).any()]
    tips = [
        translate(N_("{kind}, {ha:.2f} ha"), kind=translate(KIND_NAMES[row.kind]), ha=ha(row.area_m2))
        for row in other.itertuples()
    ]
    return [
        geojson_layer(
            "land-other",
            translate(N_("Roads, verges, water")),
            other,
            tips=tips,
            colours=[KIND_COLOURS[kind] for kind in other["kind"]],
            legend=[[KIND_COLOURS[kind], translate(KIND_NAMES[kind])] for kind in kinds],
            heading=translate(N_("Other land:")),
            style={"weight": 0, "fillOpacity": 0.9},
        )
    ]


def _roads_and_gates(result: ZoningResult, translate: Words) -> list[MapLayer]:
    found = []
    if len(result.road_lines):
        lines = result.road_lines
        tips = [
            f"{translate(VALUES[kind])}, {width:g} m"
            for kind, width in zip(lines["class"], lines["width_m"], strict=True)
        ]
        style = {"color": "#fff", "weight": 1.2, "dashArray": "6 5", "fill": False}
        found.append(
            geojson_layer(
                "road-lines", translate(N_("Road centre lines")), lines, tips=tips, style=style, visible=False
            )
        )
    if len(result.gates):
        tips = [translate(VALUES.get(str(kind), str(kind))) for kind in result.gates["kind"]]
        found.append(geojson_layer("gates", translate(N_("Gates")), result.gates, tips=tips, style=_GATE))
    return found


def _zone_names(result: ZoningResult, translate: Words, names: dict[str, str]) -> MapLayer:
    """Names of the zones, each on its largest block."""
    parcels = result.parcels
    largest = parcels.loc[parcels.groupby("zone", sort=False)["area_m2"].idxmax()]
    largest = largest.sort_values("area_m2", ascending=False, kind="stable")  # the first one wins the place
    spots = gpd.GeoDataFrame(
        {"zone": largest["zone"].to_numpy()},
        geometry=shapely.point_on_surface(largest.geometry.to_numpy()),
        crs=parcels.crs,
    )
    texts = [_short(names[zone]) for zone in spots["zone"]]
    return geojson_layer("zone-names", translate(N_("Names of the zones")), spots, texts=texts, fit=False)


def _short(name: str) -> str:
    """Return a zone's name without what stands in brackets or after a comma."""
    return re.split(r"[（(,:：]", name)[0].strip()


def plan_layers(
    stack: LayerStack,
    clusters: ClusterResult | None,
    zoning: ZoningResult | None,
    translate: Words,
    lang: str,
) -> list[MapLayer]:
    """A whole project, as far as it is made: land use, clusters, firms, boundary."""
    found = hull_layer(clusters, translate) if clusters is not None else []
    if zoning is not None:
        for one in zoning_layers(zoning, translate, lang):
            if one.id != "zone-names":
                one.options["legend"] = False  # they are small here; the page of the zones explains them
                found.append(one)
    below = stack_borders(stack, translate)
    return [*below, *found, *firm_layers(stack, translate), *outline_layer(stack, translate)]


def boundary_feature(stack: LayerStack) -> dict[str, Any] | None:
    """The park's outline as shapes that the map can edit; parts become shapes of their own."""
    if stack.boundary is None:
        return None
    degrees = stack.area.to_wgs84(stack.boundary)
    features = [
        {
            "type": "Feature",
            "properties": {"id": f"park-{place}"},
            "geometry": json.loads(shapely.to_geojson(part)),
        }
        for place, part in enumerate(shapely.get_parts(degrees), start=1)
    ]
    return {"type": "FeatureCollection", "features": features}
