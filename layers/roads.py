"""Which of the roads that a user gives are main ones."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

__all__ = ["MAIN_ROADS", "main_roads"]

MAIN_ROADS = (
    "高速",
    "快速",
    "主干",
    "国道",
    "省道",
    "arterial",
    "expressway",
    "motorway",
    "trunk",
    "primary",
)
"""A road whose class has one of these in it is a main one."""


def main_roads(roads: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the main roads of a table, or None where nothing says which they are. O(n).

    Parameters
    ----------
    roads : GeoDataFrame, optional
        Schema `ROADS`.

    Returns
    -------
    GeoDataFrame or None
        None without roads, and where no `class` names a main one: a table of lanes says nothing of
        the main road beside them.
    """
    if roads is None or "class" not in roads:
        return None
    names = (str(name).casefold() for name in roads["class"])
    chosen = roads[np.array([any(word in name for word in MAIN_ROADS) for name in names], dtype=bool)]
    usable = chosen[chosen.geometry.notna() & ~chosen.geometry.is_empty]
    return usable if len(usable) else None
