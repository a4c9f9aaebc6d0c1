"""The real places of the essays: central cities, counties, stone clusters. Never a made-up point."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from data import REFERENCE

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["load_places", "load_stone_clusters", "place_rows", "stone_rows"]


def place_rows() -> list[dict[str, str]]:
    """Return places with a position: id, names, role, lon, lat (degrees, WGS 84), precision, source.

    Plain rows, because the first page shows them before anything heavy is loaded.
    """
    return _rows("places.csv")


def stone_rows() -> list[dict[str, str]]:
    """Return the stone clusters with what the essay says of each; what it does not say is “unknown”."""
    return _rows("stone_clusters.csv")


def load_places() -> gpd.GeoDataFrame:
    """Return places with a position, WGS 84.

    Returns
    -------
    GeoDataFrame
        id, names, role, uncertainty_km, confidence, coord_source, point_meaning (an
        administrative seat is not the cluster), note.
    """
    return _points(place_rows())


def load_stone_clusters() -> gpd.GeoDataFrame:
    """Return the 24 stone clusters with what the essay says of each; what it does not say is “unknown”."""
    return _points(stone_rows())


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["lon"] and row["lat"]]


def _points(rows: list[dict[str, str]]) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd

    table = pd.DataFrame(rows).astype({"lon": float, "lat": float})
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
