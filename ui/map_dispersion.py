"""The map of dispersion: firms of an industry, the park, and townships as circles by their firms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from geo.area import WGS84
from geo.errors import N_
from ui.map_borders import stack_borders
from ui.map_layers import MapLayer, Words, feature_layer, geojson_layer, point_features
from ui.map_plan import firm_layer, outline_layer

if TYPE_CHECKING:
    import pandas as pd

    from layers.stack import LayerStack
    from planning.stages.dispersion import DispersionResult

__all__ = ["dispersion_layers"]

_LARGEST_PX = 34.0
_CIRCLES = {"color": "#7A3E9D", "fillColor": "#B07CC6", "fillOpacity": 0.35, "weight": 1.2}
_AROUND = {"color": "#B00020", "weight": 1.2, "dashArray": "5 5", "fill": False}
_CENTRE = {"color": "#fff", "fillColor": "#111", "fillOpacity": 1.0, "weight": 1.5}


def dispersion_layers(
    stack: LayerStack, result: DispersionResult | None, scope: str, industry: str, translate: Words
) -> list[MapLayer]:
    """Townships by circles whose area grows with their firms, the firms, the park and the centre."""
    below = stack_borders(stack, translate)
    park = outline_layer(stack, translate)
    if result is None:
        return [*below, *park]
    own = result.firms[result.firms["located"].to_numpy()]
    if scope == "industry":
        own = own[own["industry"] == industry]
    elif scope == "unknown":
        own = own[own["industry"].isna()]
    firms = [firm_layer(own, translate)] if len(own) else []
    towns = result.townships
    towns = towns[(towns["scope"] == scope) & (towns["industry"] == industry)].reset_index(drop=True)
    return [
        *below,
        *_circles(towns, translate),
        *firms,
        *_around(stack, result, translate),
        *park,
        *_centre(result, translate),
    ]


def _circles(towns: pd.DataFrame, translate: Words) -> list[MapLayer]:
    drawn = towns[(towns["township"] != "") & towns["lon"].notna()]
    if drawn.empty:
        return []
    radii = (_LARGEST_PX * np.sqrt(drawn["firms"] / drawn["firms"].max())).round(1)
    rows = list(drawn.itertuples())
    features = point_features(
        drawn["lon"].tolist(),
        drawn["lat"].tolist(),
        ids=[str(row.Index) for row in rows],
        radii=radii.tolist(),
        tips=[
            translate(N_("{township}: {firms:,} firms"), township=row.township, firms=row.firms)
            for row in rows
        ],
        cards=[
            [
                [translate(N_("Township")), row.township],
                [translate(N_("Firms")), row.firms],
                [translate(N_("Share of the industry's firms")), f"{row.share_of_industry:.1%}"],
            ]
            for row in rows
        ],
    )
    note = translate(N_("area by firms, largest {firms:,}"), firms=int(drawn["firms"].max()))
    return [
        feature_layer("townships", translate(N_("Townships")), features, style=_CIRCLES, note=note, fit=False)
    ]


def _around(stack: LayerStack, result: DispersionResult, translate: Words) -> list[MapLayer]:
    if stack.boundary is None or not result.params.around_m:
        return []
    edge = stack.boundary.buffer(result.params.around_m).boundary
    name = translate(N_("Around the park, {around:,g} m"), around=result.params.around_m)
    table = gpd.GeoDataFrame(geometry=[edge], crs=stack.area.crs)
    return [geojson_layer("around", name, table, style=_AROUND, fit=False)]


def _centre(result: DispersionResult, translate: Words) -> list[MapLayer]:
    if result.centre_deg is None or not all(map(math.isfinite, result.centre_deg)):
        return []
    lon, lat = result.centre_deg
    spot = gpd.GeoDataFrame(geometry=gpd.points_from_xy([lon], [lat]), crs=WGS84)
    name = translate(N_("Centre of the distances"))
    return [geojson_layer("centre", name, spot, tips=[name], style=_CENTRE, fit=False)]
