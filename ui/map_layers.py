"""The kinds of map layers: plain functions from tables and positions to what the map is sent.

What is heavy is loaded where it is used: the first page shows named places before numpy is there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "MapLayer",
    "Words",
    "feature_layer",
    "geojson_layer",
    "lines_layer",
    "point_features",
    "points_layer",
]

Words = Callable[..., str]
"""Translates a message template and fills it in."""
NAMES_LIMIT = 50_000
_PROPERTIES = {"tips": "tip", "cards": "card", "colours": "_c", "radii": "_r", "texts": "_t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapLayer:
    """One layer of the map.

    Attributes
    ----------
    id, name : str
    kind : str
        geojson, points, lines or image.
    data : dict or None
        FeatureCollection in WGS 84; properties `id`, `tip`, `card` (rows of name and value), `_c`
        (fill), `_s` (line), `_w` (line width), `_r` (radius), `_t` (a text in place of a point).
    packed : bytes or None
        Points and lines: longitudes and latitudes (int32, 1e-7 degrees); points also categories (uint8).
    names_json : bytes or None
        Names of the points, for at most `NAMES_LIMIT`.
    options : dict
        style, legend, heading, note, visible, fit (false, or bounds), beside, palette, count, size,
        attribution, url …
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


def feature_layer(
    layer_id: str, name: str, features: Sequence[Mapping[str, Any]], **options: Any
) -> MapLayer:
    """Turn GeoJSON features (WGS 84) into a layer."""
    data = {"type": "FeatureCollection", "features": list(features)}
    return MapLayer(
        id=layer_id, kind="geojson", name=name, data=data, options=options, rev=_rev(name, data, options)
    )


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
    import shapely

    from geo.area import to_wgs84_table

    degrees = to_wgs84_table(table[[table.geometry.name]])
    shapes = shapely.set_precision(degrees.geometry.to_numpy(), 1e-7, mode="pointwise")
    given = {"tips": tips, "cards": cards, "colours": colours, "radii": radii, "texts": texts}
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape, properties in zip(shapes, _properties(len(shapes), ids, given), strict=True)
    ]
    return feature_layer(layer_id, name, features, **options)


def point_features(
    lon_deg: Sequence[float],
    lat_deg: Sequence[float],
    *,
    ids: Sequence[Any] | None = None,
    **given: Sequence[Any] | None,
) -> list[dict[str, Any]]:
    """Return points (degrees, WGS 84) as features; `given` are tips, cards, colours, radii, texts."""
    return [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "Point", "coordinates": [round(float(lon), 7), round(float(lat), 7)]},
        }
        for lon, lat, properties in zip(lon_deg, lat_deg, _properties(len(lon_deg), ids, given), strict=True)
    ]


def _properties(
    count: int, ids: Sequence[Any] | None, given: Mapping[str, Sequence[Any] | None]
) -> list[dict[str, Any]]:
    return [
        {"id": str(place if ids is None else ids[place])}
        | {_PROPERTIES[key]: values[place] for key, values in given.items() if values is not None}
        for place in range(count)
    ]


def points_layer(
    layer_id: str,
    name: str,
    lon_deg: ArrayLike,
    lat_deg: ArrayLike,
    *,
    category: ArrayLike | None = None,
    palette: Sequence[str] = ("#4477AA",),
    legend: Sequence[tuple[str, str]] = (),
    names: Sequence[str] | None = None,
    **options: Any,
) -> MapLayer:
    """Turn up to a few million positions (degrees, WGS 84) into a layer drawn on one canvas."""
    import numpy as np

    lon, lat = _packed_degrees(lon_deg), _packed_degrees(lat_deg)
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
    rev = _rev(name, _digest(packed), options)
    return MapLayer(
        id=layer_id, kind="points", name=name, packed=packed, names_json=listed, options=options, rev=rev
    )


def lines_layer(layer_id: str, name: str, segments_deg: NDArray[np.float64], **options: Any) -> MapLayer:
    """Turn straight pieces (m, 4: both ends in degrees, WGS 84) into a backdrop on one canvas."""
    import numpy as np

    ends = np.asarray(segments_deg, dtype=np.float64).reshape(-1, 2)
    packed = _packed_degrees(ends[:, 0]).tobytes() + _packed_degrees(ends[:, 1]).tobytes()
    options = {"count": len(ends), **options}
    rev = _rev(name, _digest(packed), options)
    return MapLayer(id=layer_id, kind="lines", name=name, packed=packed, options=options, rev=rev)


def _packed_degrees(values: ArrayLike) -> NDArray[np.int32]:
    import numpy as np

    return np.round(np.asarray(values, dtype=np.float64) * 1e7).astype("<i4")


def _digest(packed: bytes) -> str:
    return hashlib.blake2b(packed, digest_size=8).hexdigest()


def _rev(*parts: Any) -> str:
    return hashlib.blake2b(json.dumps(parts, default=str, sort_keys=True).encode(), digest_size=8).hexdigest()
