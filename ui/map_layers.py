"""From tables to map layers: plain functions, each with its own test."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geo.area import to_wgs84_table
from geo.errors import N_
from ui.labels import VALUES

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.plan import Plan
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult
    from planning.stages.zoning import ZoningResult

__all__ = [
    "MapLayer",
    "access_layers",
    "boundary_feature",
    "china_layers",
    "cluster_layers",
    "firm_layer",
    "geojson_layer",
    "plan_map_layers",
    "points_layer",
    "site_layers",
    "zoning_layers",
]

Words = Callable[..., str]
NAMES_LIMIT = 50_000
_CATEGORIES = 255
_OUTLINE = {"color": "#B00020", "weight": 2.5, "fillOpacity": 0.0, "fill": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLayer:
    """One layer of the map.

    Attributes
    ----------
    id, name : str
    kind : str
        geojson, points or image.
    data : dict or None
        FeatureCollection in WGS 84; properties `id`, `tip`, `card` (rows of name and value), `_c`
        (fill), `_s` (line), `_w` (line width), `_r` (radius), `_t` (a text in place of a point).
    packed : bytes or None
        Points: longitudes and latitudes (int32, 1e-7 degrees), categories (uint8).
    names_json : bytes or None
        Names of the points, for at most `NAMES_LIMIT`.
    options : dict
        style, legend, note, visible, palette, count, size, bounds, url …
    rev : str
        Changes when the content does.
    """

    id: str
    kind: str
    name: str
    data: dict[str, Any] | None = None
    packed: bytes | None = None
    names_json: bytes | None = None
    options: dict[str, Any] = field(default_factory=dict)
    rev: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return what is sent in the message."""
        sent = {"id": self.id, "kind": self.kind, "name": self.name, "rev": self.rev, **self.options}
        if self.data is not None:
            sent["data"] = self.data
        return sent


def geojson_layer(
    layer_id: str,
    name: str,
    table: gpd.GeoDataFrame,
    *,
    tips: Sequence[str] | None = None,
    cards: Sequence[Sequence[Sequence[Any]]] | None = None,
    ids: Sequence[Any] | None = None,
    colours: Sequence[str] | None = None,
    radii: Sequence[float] | None = None,
    texts: Sequence[str] | None = None,
    **options: Any,
) -> MapLayer:
    """Turn a table (any CRS) into a layer; values are data, never markup."""
    degrees = to_wgs84_table(table[[table.geometry.name]])
    shapes = shapely.set_precision(degrees.geometry.to_numpy(), 1e-7, mode="pointwise")
    features = []
    for place, shape in enumerate(shapes):
        properties: dict[str, Any] = {"id": str(ids[place]) if ids is not None else str(place)}
        for key, values in (("tip", tips), ("card", cards), ("_c", colours), ("_r", radii), ("_t", texts)):
            if values is not None:
                properties[key] = values[place]
        features.append(
            {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        )
    data = {"type": "FeatureCollection", "features": features}
    return MapLayer(
        id=layer_id, kind="geojson", name=name, data=data, options=options, rev=_rev(name, data, options)
    )


def points_layer(
    layer_id: str,
    name: str,
    lon_deg: Any,
    lat_deg: Any,
    *,
    category: Any = None,
    palette: Sequence[str] = ("#4477AA",),
    legend: Sequence[tuple[str, str]] = (),
    names: Sequence[str] | None = None,
    **options: Any,
) -> MapLayer:
    """Turn up to a few million positions (degrees, WGS 84) into a layer drawn on one canvas."""
    lon = np.round(np.asarray(lon_deg, dtype=np.float64) * 1e7).astype("<i4")
    lat = np.round(np.asarray(lat_deg, dtype=np.float64) * 1e7).astype("<i4")
    kind = np.zeros(len(lon), dtype=np.uint8) if category is None else np.asarray(category, dtype=np.uint8)
    packed = lon.tobytes() + lat.tobytes() + kind.tobytes()
    listed = None
    if names is not None and len(lon) <= NAMES_LIMIT:
        listed = json.dumps([str(one) for one in names], ensure_ascii=False).encode()
    options = {
        "count": len(lon),
        "palette": list(palette),
        "legend": [list(one) for one in legend],
        **options,
    }
    digest = hashlib.blake2b(packed, digest_size=8).hexdigest()
    return MapLayer(
        id=layer_id,
        kind="points",
        name=name,
        packed=packed,
        names_json=listed,
        options=options,
        rev=_rev(name, digest, options),
    )


def firm_layer(firms: gpd.GeoDataFrame, translate: Words) -> MapLayer:
    """Firms by industry."""
    from planning.report.labels import industry_colours

    names = (
        firms["industry"].fillna("–").astype(str) if "industry" in firms else firms["name"].map(lambda _: "–")
    )
    order = names.value_counts().index.tolist()[:_CATEGORIES]
    colours = industry_colours(order)
    number = {name: place for place, name in enumerate(order)}
    return points_layer(
        "firms",
        translate(N_("Firms ({count:,})"), count=len(firms)),
        firms["lon"],
        firms["lat"],
        category=names.map(lambda name: number.get(name, _CATEGORIES - 1)).to_numpy(),
        palette=[colours[name] for name in order] or ["#4477AA"],
        legend=[(colours[name], f"{name} ({int((names == name).sum())})") for name in order[:12]],
        names=firms["name"].tolist(),
    )


def site_layers(stack: LayerStack, translate: Words) -> list[MapLayer]:
    """What was given about the site: gates, roads, water, exclusions and so on."""
    names = {
        "water": (N_("Water"), {"color": "#338EC0", "fillColor": "#338EC0", "fillOpacity": 0.5}),
        "exclusions": (N_("Excluded land"), {"color": "#888", "fillColor": "#bbb", "fillOpacity": 0.5}),
        "flood": (N_("Flood areas"), {"color": "#66CCEE", "fillColor": "#66CCEE", "fillOpacity": 0.4}),
        "housing": (
            N_("Housing and schools"),
            {"color": "#CCBB44", "fillColor": "#FFFF2D", "fillOpacity": 0.5},
        ),
        "buildings": (N_("Kept buildings"), {"color": "#6E5A4B", "fillColor": "#6E5A4B", "fillOpacity": 0.8}),
        "roads": (N_("Existing roads"), {"color": "#555", "weight": 2.5, "fill": False}),
        "gates": (N_("Gates"), {"color": "#fff", "fillColor": "#111", "fillOpacity": 1.0, "weight": 1.5}),
    }
    found = []
    for kind, (name, style) in names.items():
        table = stack.site.get(kind)
        if table is None or table.empty:
            continue
        tips = table["name"].astype(str).tolist() if "name" in table else None
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


def hull_layer(result: ClusterResult, translate: Words) -> list[MapLayer]:
    """Outlines of the clusters; a click shows their figures."""
    hulls = result.hulls
    if hulls.empty:
        return []
    forms = {
        "strip": N_("strip (带状)"),
        "block": N_("block (块状)"),
        "mixed": N_("mixed"),
        "point": N_("one place"),
    }
    rows = list(hulls.itertuples())
    cards = [
        [
            [translate(N_("Firms")), row.firms],
            [translate(N_("Area (ha)")), round(row.area_m2 / 1e4, 1)],
            [translate(N_("Firms per km²")), round(row.firms_per_km2, 1)],
            [translate(N_("Form")), translate(forms[row.form])],
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


def cluster_layers(stack: LayerStack, result: ClusterResult, translate: Words) -> list[MapLayer]:
    """Clusters, firms and the park."""
    return [
        *hull_layer(result, translate),
        firm_layer(result.firms, translate),
        *outline_layer(stack, translate),
    ]


def zoning_layers(result: ZoningResult, translate: Words, lang: str) -> list[MapLayer]:
    """The land use of a layout by its standard colours; a click shows code and area."""
    from planning.report.labels import KIND_COLOURS, KIND_NAMES, zone_colours

    land = result.land_use
    found = []
    names = {row.zone: row.name_zh if lang == "zh" else row.name_en for row in result.zones.itertuples()}
    other = land[land["kind"] != "zone"]
    if len(other):
        kinds = [kind for kind in KIND_NAMES if (other["kind"] == kind).any()]
        found.append(
            geojson_layer(
                "land-other",
                translate(N_("Roads, verges, water")),
                other,
                tips=[
                    f"{translate(KIND_NAMES[row.kind])} {row.area_m2 / 1e4:.2f} ha"
                    for row in other.itertuples()
                ],
                colours=[KIND_COLOURS[kind] for kind in other["kind"]],
                legend=[[KIND_COLOURS[kind], translate(KIND_NAMES[kind])] for kind in kinds],
                style={"weight": 0, "fillOpacity": 0.9},
            )
        )
    zones = land[land["kind"] == "zone"].reset_index(drop=True)
    cards = [
        [
            [translate(N_("Code")), f"{row.code} / {row.gb}"],
            [translate(N_("Area (ha)")), round(row.area_m2 / 1e4, 2)],
            [translate(N_("Area (mu)")), round(row.area_m2 / 1e4 * 15, 1)],
        ]
        for row in zones.itertuples()
    ]
    colours = zone_colours(dict(zip(result.zones["zone"], result.zones["code"], strict=True)))
    legend = [
        [colours[row.zone], f"{names[row.zone]} {row.share:.1%} ({row.share_target:.1%})"]
        for row in result.zones.itertuples()
    ]
    found.append(
        geojson_layer(
            "zones",
            translate(N_("Zones")),
            zones,
            ids=result.parcels["parcel"].tolist(),
            tips=[names[zone] for zone in zones["zone"]],
            cards=cards,
            colours=[colours[zone] for zone in zones["zone"]],
            legend=legend,
            style={"color": "#333", "weight": 0.6, "fillOpacity": 0.85},
        )
    )
    found.append(_zone_names(result, translate, names))
    if len(result.road_lines):
        lines = result.road_lines
        tips = [
            f"{translate(kind)} {width:g} m"
            for kind, width in zip(lines["class"], lines["width_m"], strict=True)
        ]
        style = {"color": "#fff", "weight": 1.2, "dashArray": "6 5", "fill": False}
        found.append(
            geojson_layer(
                "road-lines", translate(N_("Road centre lines")), lines, tips=tips, style=style, visible=False
            )
        )
    if len(result.gates):
        gates = result.gates
        style = {"color": "#fff", "fillColor": "#111", "fillOpacity": 1.0, "weight": 1.5}
        found.append(
            geojson_layer(
                "gates",
                translate(N_("Gates")),
                gates,
                tips=[str(kind) for kind in gates["kind"]],
                style=style,
            )
        )
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
    texts = [re.split(r"[（(,:：]", names[zone])[0].strip() for zone in spots["zone"]]
    return geojson_layer("zone-names", translate(N_("Names of the zones")), spots, texts=texts)


def plan_map_layers(plan: Plan, translate: Words, lang: str) -> list[MapLayer]:
    """A whole plan: land use, clusters, firms, boundary."""
    found: list[MapLayer] = []
    if plan.clusters is not None:
        found += hull_layer(plan.clusters, translate)
    if plan.zoning is not None:
        found += [one for one in zoning_layers(plan.zoning, translate, lang) if one.id != "zone-names"]
    firms = plan.stack.firms_in_area
    if firms is not None and len(firms):
        found.append(firm_layer(firms, translate))
    return found + outline_layer(plan.stack, translate)


def access_layers(
    stack: LayerStack, result: AccessResult, clusters: ClusterResult | None, translate: Words
) -> list[MapLayer]:
    """The park, the clusters and the facilities that are nearest to any of them."""
    found = hull_layer(clusters, translate) if clusters is not None else []
    found += outline_layer(stack, translate)
    reached = set(result.table["facility"].dropna())
    near = stack.facilities[stack.facilities["name"].isin(reached)].reset_index(drop=True)
    if len(near):
        colours = {"seaport": "#0077BB", "river_port": "#33BBEE", "airport": "#AA3377"}
        kinds = sorted(near["kind"].unique())
        cards = [
            [
                [translate(N_("Kind")), translate(VALUES.get(row.kind, row.kind))],
                [translate(N_("Precision")), row.precision],
                [translate(N_("Source")), row.source],
            ]
            for row in near.itertuples()
        ]
        found.append(
            geojson_layer(
                "facilities",
                translate(N_("Nearest facilities")),
                near,
                ids=near["id"].tolist(),
                tips=near["name"].tolist(),
                cards=cards,
                colours=[colours.get(kind, "#CCBB44") for kind in near["kind"]],
                radii=[6.0] * len(near),
                legend=[[colours.get(kind, "#CCBB44"), translate(VALUES.get(kind, kind))] for kind in kinds],
                style={"color": "#fff", "weight": 1.5, "fillOpacity": 0.95},
            )
        )
    return found


def china_layers(translate: Words) -> list[MapLayer]:
    """The real places of the essays: stone clusters and central cities; never a made-up point."""
    from planning.catalogue.places import load_places, load_stone_clusters

    places = load_places()
    stone = load_stone_clusters()
    sources = dict(
        zip(
            places["id"],
            zip(places["coord_source"], places["uncertainty_km"], places["point_meaning"], strict=True),
            strict=True,
        )
    )

    def card(row: Any, *more: list[Any]) -> list[list[Any]]:
        source, uncertainty, meaning = sources.get(row.id, ("", "", ""))
        return [
            *more,
            [translate(N_("Precision")), f"± {uncertainty} km, {meaning}" if uncertainty else meaning],
            [translate(N_("Source")), source],
        ]

    cities = places[places["role"].str.contains("central_city|county|city;|park")].reset_index(drop=True)
    big = stone["scale"].str.contains("national")
    return [
        geojson_layer(
            "cities",
            translate(N_("Central cities, counties and parks")),
            cities,
            ids=cities["id"].tolist(),
            tips=cities["name_zh"].tolist(),
            cards=[card(row, [translate(N_("Role")), row.role]) for row in cities.itertuples()],
            radii=[5.0 if "central" in role else 3.5 for role in cities["role"]],
            style={"color": "#fff", "fillColor": "#4477AA", "fillOpacity": 0.95, "weight": 1},
            legend=[["#4477AA", translate(N_("City, county or park of the essays"))]],
        ),
        geojson_layer(
            "stone",
            translate(N_("Stone clusters")),
            stone,
            ids=stone["id"].tolist(),
            tips=stone["name_zh"].tolist(),
            cards=[
                card(
                    row,
                    [translate(N_("Scale")), row.scale],
                    [translate(N_("Depends on")), row.dependency],
                    [translate(N_("Layout")), row.layout],
                )
                for row in stone.itertuples()
            ],
            colours=["#B00020" if one else "#EE7733" for one in big],
            radii=[8.0 if one else 5.0 for one in big],
            style={"color": "#fff", "weight": 1, "fillOpacity": 0.95},
            legend=[
                ["#B00020", translate(N_("national and international"))],
                ["#EE7733", translate(N_("regional"))],
            ],
        ),
    ]


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


def _rev(*parts: Any) -> str:
    return hashlib.blake2b(json.dumps(parts, default=str, sort_keys=True).encode(), digest_size=8).hexdigest()
