"""What the country shows on a map: the real places of the essays, ports and airports, coarse roads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.errors import N_
from ui.labels import VALUES, facility_name, precision_text
from ui.map_borders import border_layers
from ui.map_layers import MapLayer, Words, feature_layer, geojson_layer, lines_layer, point_features
from ui.place_words import place_words, source_words

if TYPE_CHECKING:
    from layers.stack import LayerStack
    from planning.stages.access import AccessResult
    from planning.stages.clusters import ClusterResult

__all__ = ["access_layers", "china_layers", "road_layer"]

Bounds = tuple[float, float, float, float]
_NEAR_KM = 150.0
_MARGIN_DEG = 0.5
_WIDE_DEG = 10.0
_COLOURS = {"seaport": "#0077BB", "river_port": "#33BBEE", "airport": "#AA3377"}
_OTHER = "#CCBB44"
_BIG, _SMALL = "#B00020", "#EE7733"
_WHOLE_COUNTRY = {"color": "#6b7d7375", "weight": 0.5, "maxZoom": 9}  # moved by up to 5 km
_AS_STORED = {"color": "#6b7d7375", "weight": 1.0, "maxZoom": 14}  # to about 100 m
_DOT = {"color": "#fff", "weight": 1, "fillOpacity": 0.95}


def road_layer(translate: Words, bounds_deg: Bounds | None = None) -> MapLayer:
    """The built-in coarse roads as a backdrop: of the whole country, or within bounds."""
    from layers.backdrop import road_segments

    return lines_layer(
        "roads-coarse",
        translate(N_("Main roads, coarse")),
        road_segments(bounds_deg),
        style=_WHOLE_COUNTRY if bounds_deg is None else _AS_STORED,
        attribution=translate(N_("Roads © OpenStreetMap contributors (ODbL)")),
        fit=False,
    )


def access_layers(
    stack: LayerStack,
    result: AccessResult | None,
    clusters: ClusterResult | None,
    translate: Words,
    lang: str,
) -> list[MapLayer]:
    """The park, the clusters and the facilities that are nearest to any of them."""
    from ui.map_plan import firm_layers, hull_layer, outline_layer

    found = hull_layer(clusters, translate) if clusters is not None else []
    if clusters is None or clusters.hulls.empty:
        found += firm_layers(stack, translate)
    found += outline_layer(stack, translate)
    if result is None:
        return found
    reached = result.table.dropna(subset="facility")
    near = stack.facilities[stack.facilities["name"].isin(reached["facility"])].reset_index(drop=True)
    if near.empty:
        return found
    closest = reached.groupby("facility")["total_km"].min().astype(float)
    close = near["name"].map(closest) <= max(_NEAR_KM, closest.min())
    west, south, east, north = near[close].total_bounds
    kinds = sorted(near["kind"].unique())
    colours = [_COLOURS.get(kind, _OTHER) for kind in near["kind"]]
    names = [facility_name(name, lang) for name in near["name"]]
    cards = [
        [
            [translate(N_("Kind")), translate(VALUES.get(row.kind, row.kind))],
            [translate(N_("Precision")), precision_text(row.precision, translate)],
            [translate(N_("Source")), translate(VALUES.get(row.source, row.source))],
        ]
        for row in near.itertuples()
    ]
    around = (west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG)
    wide = east - west > _WIDE_DEG
    backdrop = border_layers(translate, None if wide else around)
    if result.network == "coarse":
        backdrop.append(road_layer(translate, None if wide else around))
    return [
        *backdrop,
        *found,
        geojson_layer(
            "facilities",
            translate(N_("Nearest facilities")),
            near,
            ids=near["id"].tolist(),
            tips=names,
            cards=cards,
            colours=colours,
            radii=[6.0] * len(near),
            legend=[[_COLOURS.get(kind, _OTHER), translate(VALUES.get(kind, kind))] for kind in kinds],
            style=_DOT,
            fit=[[south, west], [north, east]],  # one far river port would hide all that is near
        ),
        geojson_layer(
            "facility-names",
            translate(N_("Names of the facilities")),
            near,
            texts=names,
            beside=True,
            fit=False,
        ),
    ]


def china_layers(translate: Words, lang: str, *, roads: bool = True) -> list[MapLayer]:
    """The real places of the essays, on the country's roads: never a made-up point."""
    from planning.catalogue.places import place_rows, stone_rows

    places = {row["id"]: row for row in place_rows()}
    stone = sorted(stone_rows(), key=lambda row: not _is_big(row))  # the big ones' names come first
    cities = sorted(filter(_is_city, places.values()), key=lambda row: "central" not in row["role"])
    words = {
        row["id"]: row["name_zh"]
        if lang == "zh"
        else places.get(row["id"], row).get("name_en", row["name_zh"])
        for row in [*stone, *cities]
    }
    return [
        *([*border_layers(translate), road_layer(translate)] if roads else []),
        feature_layer(
            "cities",
            translate(N_("Central cities, counties and parks")),
            _points(
                cities,
                tips=[words[row["id"]] for row in cities],
                cards=[
                    [[translate(N_("Role")), place_words(row["role"], translate)], *_origin(row, translate)]
                    for row in cities
                ],
                radii=[5.0 if "central" in row["role"] else 3.5 for row in cities],
            ),
            style=_DOT | {"fillColor": "#4477AA"},
        ),
        feature_layer(
            "stone",
            translate(N_("Stone clusters")),
            _points(
                stone,
                tips=[words[row["id"]] for row in stone],
                cards=[
                    [
                        [translate(N_("Scale")), place_words(row["scale"], translate)],
                        [translate(N_("Depends on")), place_words(row["dependency"], translate)],
                        [translate(N_("Layout")), place_words(row["layout"], translate)],
                        *_origin(places.get(row["id"], {}), translate),
                    ]
                    for row in stone
                ],
                colours=[_BIG if _is_big(row) else _SMALL for row in stone],
                radii=[8.0 if _is_big(row) else 5.0 for row in stone],
            ),
            style=_DOT,
            heading=translate(N_("Stone clusters:")),
            legend=[
                [_BIG, translate(N_("national and international"))],
                [_SMALL, translate(N_("regional"))],
            ],
        ),
        feature_layer(
            "place-names",
            translate(N_("Names of the places")),
            _points([*stone, *cities], texts=[words[row["id"]] for row in [*stone, *cities]]),
            beside=True,
            fit=False,
        ),
    ]


def _points(rows: Sequence[Mapping[str, str]], **given: Sequence[Any]) -> list[dict[str, Any]]:
    lon, lat = ([float(row[axis]) for row in rows] for axis in ("lon", "lat"))
    return point_features(lon, lat, ids=[row["id"] for row in rows], **given)


def _name(row: Mapping[str, str], places: Mapping[str, Mapping[str, str]], lang: str) -> str:
    return row["name_zh"] if lang == "zh" else places.get(row["id"], row).get("name_en", row["name_zh"])


def _is_big(row: Mapping[str, str]) -> bool:
    return "national" in row["scale"]


def _is_city(row: Mapping[str, str]) -> bool:
    words = row["role"].split(";")
    return words[0] in ("central_city", "city", "county", "park", "township park") or "park" in words


def _origin(row: Mapping[str, str], translate: Words) -> list[list[str]]:
    """Precision and source of a place's position."""
    meaning = place_words(row.get("point_meaning", ""), translate)
    about = row.get("uncertainty_km", "")
    precision = f"± {float(about):g} km; {meaning}" if about else meaning
    return [
        [translate(N_("Precision")), precision or translate(N_("unknown"))],
        [translate(N_("Source")), source_words(row.get("coord_source", ""), translate)],
    ]
