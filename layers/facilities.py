"""Facilities that industries live by: the built-in ports and airports, or the user's own table."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from data import REFERENCE
from geo.errors import N_, SchemaError
from geo.network import RoadGraph

__all__ = ["builtin_facilities", "chinese_names", "coarse_roads", "to_facilities"]

_FILES = ("ports.csv", "airports.csv")


@functools.cache
def _builtin() -> pd.DataFrame:
    return pd.concat(
        [pd.read_csv(REFERENCE / name, dtype={"id": str}, keep_default_na=False) for name in _FILES],
        ignore_index=True,
    )


def builtin_facilities() -> gpd.GeoDataFrame:
    """Return ports and airports of China, schema `FACILITIES`, in WGS 84, each with its precision."""
    table = _builtin()
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")


@functools.cache
def chinese_names() -> dict[str, str]:
    """Return name → Chinese name of the built-in ports and airports, for display; some have none."""
    table = pd.read_csv(REFERENCE / "facility_names_zh.csv", dtype=str).merge(_builtin(), on="id")
    return dict(zip(table["name"], table["name_zh"], strict=True))


@functools.cache
def coarse_roads() -> RoadGraph:
    """Return the built-in coarse road network of China (OpenStreetMap contributors, ODbL)."""
    return RoadGraph.load(REFERENCE / "china_roads_coarse.npz")


def to_facilities(table: gpd.GeoDataFrame, roles: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the user's own facilities, schema `FACILITIES`, in WGS 84.

    Parameters
    ----------
    table : GeoDataFrame
        As imported; left unchanged.
    roles : mapping of str to str
        Role → column; `kind` is needed.

    Raises
    ------
    SchemaError
        If no column says of what kind a facility is.
    """
    if "kind" not in roles:
        raise SchemaError(
            N_("the facilities have no column for their kind (类型, kind)"),
            hint=N_("add one with seaport, river_port, airport or a kind of your own"),
            where="facilities",
        )
    text = {role: table[column].astype(str).str.strip() for role, column in roles.items() if column in table}
    rows = table["source_row"].astype(str)
    ids = text.get("id", rows)
    ids = ids.where(ids != "", rows)
    names = text.get("name", ids)
    return gpd.GeoDataFrame(
        {
            "id": ids,
            "name": names.where(names != "", ids),
            "kind": text["kind"].where(text["kind"] != "", "unknown"),
            "lon": table["lon"],
            "lat": table["lat"],
            "precision": table["precision"],
            "source": "user's table",
        },
        geometry=table.geometry,
        crs=table.crs,
    )
