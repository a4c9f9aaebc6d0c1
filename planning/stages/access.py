"""Measure how far origins are from ports, airports and roads, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import N_, SchemaError
from geo.network import RoadGraph, TwoNearest, nearest_roads, two_nearest
from geo.params import Params, choice, quantity
from geo.schema import Column, TableSchema

__all__ = ["ACCESS", "COLUMNS", "AccessParams", "AccessResult", "measure_access"]

ACCESS = TableSchema(
    name="access",
    meaning="one origin and one kind of facility; what cannot be reached is empty",
    columns={
        "origin": Column(
            meaning="park, cluster-N, or a firm's or origin's id, else its source row", kind="text"
        ),
        "kind": Column(
            meaning="kind of the facilities, or road, or expressway where the user's roads say which",
            kind="text",
        ),
        "facility": Column(meaning="name of the nearest one; – for a road without a name", kind="text"),
        "network_km": Column(
            meaning="way along the network, or straight line × detour factor",
            unit="km",
            kind="number",
        ),
        "minutes": Column(
            meaning="network_km at the assumed speed and access_m at 20 km/h", unit="min", kind="number"
        ),
        "access_m": Column(
            meaning="straight from both ends to the network, or to the nearest road", unit="m", kind="number"
        ),
        "total_km": Column(meaning="network_km and access_m together", unit="km", kind="number"),
        "second": Column(meaning="name of the second nearest", kind="text"),
        "second_network_km": Column(meaning="network_km to the second nearest", unit="km", kind="number"),
        "second_minutes": Column(meaning="minutes to the second nearest", unit="min", kind="number"),
        "network": Column(meaning="coarse or straight; never mixed in one figure", kind="text"),
        "precision": Column(meaning="how far the figure can be trusted; of the way, then of the facility"),
    },
)
COLUMNS = list(ACCESS.columns)
_DETOURS = ((20.0, 1.35), (150.0, 1.3), (500.0, 1.2), (1_000.0, 1.18))
"""Length of a straight line, km, and the factor there; between two of them it falls evenly."""
_UNRELIABLE_KM = 20.0
_ACCESS_KMH = 20.0
_EXPRESSWAY = ("高速", "expressway", "motorway")
COARSE = N_("coarse road network, typically −12 to +5 %, gaps possible")
SHORT = N_("coarse road network: not reliable below 20 km")
STRAIGHT = N_("straight line × detour factor {factor:g}, ± 20 %")
DIRECT = N_("straight line to the nearest given road")
COARSE_ROAD = N_("straight line to the nearest road of the coarse network, class unknown, ± 1 km")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessParams(Params):
    """Along what distances are measured, and what is assumed."""

    network: str = choice(
        "coarse",
        ("coarse", "straight"),
        N_("The built-in coarse roads of China, or straight lines times a detour factor; never mixed."),
    )
    max_snap_km: float = quantity(
        20.0,
        0.1,
        200.0,
        "km",
        N_("Ends farther than this from the network are out of reach; growing it may jump straits."),
    )
    speed_kmh: float = quantity(
        60.0,
        5.0,
        150.0,
        "km/h",
        N_("Speed assumed on the network, for minutes; an assumption, not a measurement."),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccessResult:
    """One row per origin and kind of facility.

    Attributes
    ----------
    table : DataFrame
        Columns `COLUMNS`; what cannot be reached is empty.
    network : str
        coarse or straight.
    components : int
        Parts of the network; 0 for straight lines.
    origins : int
        Places that were measured from.
    unreached : int
        Rows without a facility.
    notes : tuple of str
        What a reader must know.
    params : AccessParams
    """

    table: pd.DataFrame
    network: str
    components: int
    origins: int
    unreached: int
    notes: tuple[str, ...]
    params: AccessParams


def measure_access(
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    params: AccessParams,
    *,
    graph: RoadGraph | None = None,
    roads: gpd.GeoDataFrame | None = None,
) -> AccessResult:
    """Find the nearest and second-nearest facility of each kind, and the nearest road.

    Parameters
    ----------
    origins : GeoDataFrame
        With `id`, `lon`, `lat` (degrees, WGS 84); in a metric CRS if `roads` are given.
    facilities : GeoDataFrame, schema `FACILITIES`
    params : AccessParams
    graph : RoadGraph, optional
        Needed for ``network="coarse"``.
    roads : GeoDataFrame, optional
        The user's roads in the origins' CRS: the nearest road is then taken from them.

    Returns
    -------
    AccessResult

    Raises
    ------
    SchemaError
        If origins lack id, lon or lat.

    Notes
    -----
    Network lengths and straight lines are never mixed in one figure: a row whose ends are too far
    from the network is empty. O(log k · m log n) for k facilities, m edges and n nodes.
    """
    missing = [name for name in ("id", "lon", "lat") if name not in origins]
    if missing:
        raise SchemaError(
            N_("the origins have no column “{column}”"), where="origins", column=", ".join(missing)
        )
    used = graph if params.network == "coarse" else None
    places = (origins["lon"].to_numpy(dtype=float), origins["lat"].to_numpy(dtype=float))
    tables = []
    for kind in sorted(facilities["kind"].unique()):
        own = facilities[facilities["kind"] == kind].reset_index(drop=True)
        found = two_nearest(places, (own["lon"], own["lat"]), used, max_snap_m=params.max_snap_km * 1_000)
        tables.append(_rows(origins, kind, own, found, params, routed=used is not None))
    tables += _roads(origins, places, graph, roads)
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)
    order = pd.Series(np.tile(np.arange(len(origins)), len(tables)))
    table = table.iloc[np.lexsort((table["kind"], order))].reset_index(drop=True)[COLUMNS]
    notes = [N_("Minutes assume one speed on the whole network; see the parameters.")]
    if used is not None:
        notes.append(N_("Roads: OpenStreetMap contributors (ODbL), reduced; no classes, no one-ways."))
    return AccessResult(
        table=table,
        network=params.network,
        components=used.components() if used is not None else 0,
        origins=len(origins),
        unreached=int(table["facility"].isna().sum()),
        notes=tuple(notes),
        params=params,
    )


def _rows(
    origins: gpd.GeoDataFrame,
    kind: str,
    facilities: gpd.GeoDataFrame,
    found: TwoNearest,
    params: AccessParams,
    *,
    routed: bool,
) -> pd.DataFrame:
    network_km, second_km = found.network_m / 1_000, found.second_network_m / 1_000
    if not routed:
        network_km, second_km = network_km * _detour(network_km), second_km * _detour(second_km)
    access_m = found.access_m if routed else np.where(found.facility >= 0, 0.0, np.nan)
    second_access = found.second_access_m if routed else 0.0
    total_km = network_km + access_m / 1_000
    names = facilities["name"].to_numpy(dtype=object)
    trust = facilities["precision"].to_numpy(dtype=object)
    reached = found.facility >= 0
    precision = [
        f"{_trust(total, network, routed=routed)}; {trust[place]}" if place >= 0 else ""
        for total, network, place in zip(total_km, found.network_m / 1_000, found.facility, strict=True)
    ]
    return pd.DataFrame(
        {
            "origin": origins["id"].astype(str).to_numpy(),
            "kind": kind,
            "facility": [names[place] if place >= 0 else None for place in found.facility],
            "network_km": network_km,
            "minutes": _minutes(network_km, access_m, params),
            "access_m": access_m,
            "total_km": total_km,
            "second": [names[place] if place >= 0 else None for place in found.second],
            "second_network_km": second_km,
            "second_minutes": _minutes(second_km, second_access, params),
            "network": np.where(reached, "coarse" if routed else "straight", ""),
            "precision": precision,
        }
    )


def _trust(total_km: float, straight_km: float, *, routed: bool) -> str:
    if not routed:
        return STRAIGHT.format(factor=round(float(_detour(np.array([straight_km]))[0]), 2))
    return SHORT if total_km < _UNRELIABLE_KM else COARSE


def _detour(straight_km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Factor without steps: what is farther along the straight line stays farther."""
    limits, factors = np.array(_DETOURS).T
    return np.asarray(np.interp(np.nan_to_num(straight_km), limits, factors), dtype=np.float64)


def _minutes(
    network_km: NDArray[np.float64], access_m: NDArray[np.float64] | float, params: AccessParams
) -> NDArray[np.float64]:
    return np.asarray(network_km / params.speed_kmh * 60 + np.asarray(access_m) / 1_000 / _ACCESS_KMH * 60)


def _roads(
    origins: gpd.GeoDataFrame,
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    graph: RoadGraph | None,
    roads: gpd.GeoDataFrame | None,
) -> list[pd.DataFrame]:
    """Straight distance to the nearest road: the user's if there are any, else the coarse ones."""
    if roads is not None and len(roads):
        tables = [_to_lines(origins, "road", roads)]
        fast = roads[_is_expressway(roads)]
        if len(fast):
            tables.append(_to_lines(origins, "expressway", fast))
        return tables
    if graph is None:
        return []
    distance = nearest_roads(*places, graph)
    near = distance <= 100_000
    return [
        _straight_rows(
            origins,
            "road",
            np.where(near, distance, np.nan),
            ["–" if one else None for one in near],
            COARSE_ROAD,
        )
    ]


def _is_expressway(roads: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    if "class" not in roads:
        return np.zeros(len(roads), dtype=bool)
    names = (str(name).casefold() for name in roads["class"])  # a missing class is no text
    return np.array([any(word in name for word in _EXPRESSWAY) for name in names], dtype=bool)


def _to_lines(origins: gpd.GeoDataFrame, kind: str, roads: gpd.GeoDataFrame) -> pd.DataFrame:
    lines, points = roads.geometry.to_numpy(), origins.geometry.to_numpy()
    place = shapely.STRtree(lines).nearest(points)
    columns: Mapping[str, pd.Series] = {
        name: roads[name].astype(object).where(roads[name].notna(), "").astype(str)
        for name in ("name", "class")
        if name in roads
    }
    names = [" ".join(columns[name].iloc[one] for name in columns).strip() or "–" for one in place]
    return _straight_rows(origins, kind, shapely.distance(points, lines[place]), names, DIRECT)


def _straight_rows(
    origins: gpd.GeoDataFrame,
    kind: str,
    distance_m: NDArray[np.float64],
    names: Sequence[str | None],
    precision: str,
) -> pd.DataFrame:
    reached = np.isfinite(distance_m)
    empty = np.full(len(origins), np.nan)
    return pd.DataFrame(
        {
            "origin": origins["id"].astype(str).to_numpy(),
            "kind": kind,
            "facility": names,
            "network_km": empty,
            "minutes": empty,
            "access_m": distance_m,
            "total_km": distance_m / 1_000,
            "second": None,
            "second_network_km": empty,
            "second_minutes": empty,
            "network": np.where(reached, "straight", ""),
            "precision": np.where(reached, precision, ""),
        }
    )
