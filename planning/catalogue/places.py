"""The real places of the essays: central cities, counties, stone clusters. Never a made-up point."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from data import REFERENCE

__all__ = ["load_places", "load_stone_clusters"]


def load_places() -> gpd.GeoDataFrame:
    """Return places with a position, WGS 84.

    Returns
    -------
    GeoDataFrame
        id, names, role, uncertainty_km, confidence, coord_source, point_meaning (an
        administrative seat is not the cluster), note.
    """
    return _points(pd.read_csv(REFERENCE / "places.csv", dtype=str, keep_default_na=False))


def load_stone_clusters() -> gpd.GeoDataFrame:
    """Return the 24 stone clusters with what the essay says of each; what it does not say is “unknown”."""
    return _points(pd.read_csv(REFERENCE / "stone_clusters.csv", dtype=str, keep_default_na=False))


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    lon = pd.to_numeric(table["lon"], errors="coerce")
    lat = pd.to_numeric(table["lat"], errors="coerce")
    placed = lon.notna() & lat.notna()
    table = table.assign(lon=lon, lat=lat)[placed].reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
