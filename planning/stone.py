"""Stone clusters: do they live by a quarry or by a port, what do they make, and how many lie in the West."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.area import geodesic_distance_m
from geo.errors import N_, UsageError
from geo.params import Params, quantity
from planning.catalogue.places import stone_rows
from planning.three_valued import Interval, Truth, some

__all__ = [
    "DEPENDENCIES",
    "PRODUCTS",
    "SCALES",
    "WEST_12",
    "Dependency",
    "StoneParams",
    "WestCount",
    "judge_dependency",
    "nearest_km",
    "product_of",
    "scale_of",
    "stone_typology",
    "west_counts",
]

DEPENDENCIES = {
    "resource": N_("lives by its quarry (资源依托)"),
    "market": N_("lives by its market and port (市场依托)"),
    "both": N_("lives by both"),
    "neither": N_("near neither"),
    "unknown": N_("unknown"),
}
PRODUCTS = {
    "decorative marble & granite": N_("decorative marble and granite"),
    "stone carving": N_("stone carving"),
    "slate": N_("slate"),
    "unknown": N_("unknown"),
}
SCALES = {
    "national/international": N_("national or international"),
    "regional": N_("regional"),
}
WEST_12 = (
    "内蒙古", "广西", "重庆", "四川", "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆",
)  # fmt: skip
"""The twelve provinces of the West in official statistics."""
_MEASURES = ("straight line", "network")
_KINDS = ("quarry", "seaport", "river_port")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoneParams(Params):
    """How near a quarry or a port must be for a stone cluster to live by it."""

    quarry_km: float = quantity(
        20.0, 0.0, 1_000.0, "km", N_("A quarry farther than this supplies no cluster; ours, no standard.")
    )
    port_km: float = quantity(
        50.0,
        0.0,
        1_000.0,
        "km",
        N_("A seaport or river port farther than this serves no cluster; ours, no standard."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """What a stone cluster lives by, as far as distances tell.

    Attributes
    ----------
    label : str
        resource, market, both, or unknown: several are possible, or it is near neither.
    possible : tuple of str
        Those that the distances leave open, ``neither`` among them.
    near_quarry, near_seaport, near_river_port : bool or None
    quarry_km, seaport_km, river_port_km : Interval or None
        The evidence; None is not known.
    measure : str
        straight line or network.
    params : StoneParams
    """

    label: str
    possible: tuple[str, ...]
    near_quarry: Truth
    near_seaport: Truth
    near_river_port: Truth
    quarry_km: Interval | None
    seaport_km: Interval | None
    river_port_km: Interval | None
    measure: str
    params: StoneParams


def judge_dependency(
    *,
    quarry_km: Interval | None = None,
    seaport_km: Interval | None = None,
    river_port_km: Interval | None = None,
    measure: str = "straight line",
    params: StoneParams | None = None,
) -> Dependency:
    """Say whether a stone cluster lives by a quarry, a port, or both.

    Parameters
    ----------
    quarry_km, seaport_km, river_port_km : Interval, optional
        Distance to the nearest one, km. From 0 to a bound where a nearer one may lack coordinates;
        None where there is no layer.
    measure : str
        ``straight line`` or ``network``, the same for all three.
    params : StoneParams, optional

    Returns
    -------
    Dependency

    Raises
    ------
    UsageError
        If the measure is neither.

    Notes
    -----
    A river port serves as a seaport does: Yunfu, 170 km from the sea, buys its stone by the Xijiang.
    A distance that may lie on both sides of its threshold decides nothing.
    """
    if measure not in _MEASURES:
        raise UsageError(
            N_("“{name}”: distances are by “straight line” or “network”"), where="measure", name=measure
        )
    own = params or StoneParams()
    quarry = quarry_km.compare("<=", own.quarry_km) if quarry_km else None
    sea = seaport_km.compare("<=", own.port_km) if seaport_km else None
    river = river_port_km.compare("<=", own.port_km) if river_port_km else None
    port = some([sea, river])
    names = {
        (True, False): "resource",
        (False, True): "market",
        (True, True): "both",
        (False, False): "neither",
    }
    possible = tuple(
        name
        for (by_quarry, by_port), name in names.items()
        if quarry in (by_quarry, None) and port in (by_port, None)
    )
    return Dependency(
        # Near neither says where it does not lie, not what it lives by.
        label=possible[0] if len(possible) == 1 and possible != ("neither",) else "unknown",
        possible=possible,
        near_quarry=quarry,
        near_seaport=sea,
        near_river_port=river,
        quarry_km=quarry_km,
        seaport_km=seaport_km,
        river_port_km=river_port_km,
        measure=measure,
        params=own,
    )


def nearest_km(lon: Sequence[float], lat: Sequence[float], facilities: pd.DataFrame) -> pd.DataFrame:
    """Return the nearest facility of each place, in a straight line.

    Parameters
    ----------
    lon, lat : sequence of n float
        Degrees, WGS 84.
    facilities : DataFrame of m rows
        ``name``, ``lon``, ``lat``.

    Returns
    -------
    DataFrame of n rows
        ``name`` and ``km`` (geodesic); empty cells where there is no facility.

    Notes
    -----
    O(n m): places and ports are few. Of equally near ones the first by name.
    """
    if facilities.empty:
        return pd.DataFrame({"name": [None] * len(lon), "km": np.full(len(lon), np.nan)})
    table = facilities.sort_values("name", kind="stable")
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    n, m = len(x), len(table)
    own_x, own_y = np.repeat(x, m), np.repeat(y, m)
    far = geodesic_distance_m(own_x, own_y, np.tile(table["lon"], n), np.tile(table["lat"], n)).reshape(n, m)
    best = far.argmin(axis=1)
    return pd.DataFrame(
        {"name": table["name"].to_numpy(dtype=object)[best], "km": far[np.arange(n), best] / 1000.0}
    )


def stone_typology(
    facilities: pd.DataFrame,
    params: StoneParams | None = None,
    rows: Sequence[Mapping[str, str]] | None = None,
    network: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Put what distances say of each stone cluster beside what the essay says.

    Parameters
    ----------
    facilities : DataFrame
        ``kind`` (quarry, seaport, river_port), ``name``, ``lon``, ``lat``. A kind without rows is
        unknown, not far.
    params : StoneParams, optional
    rows : sequence of mapping, optional
        Clusters as `planning.catalogue.places.stone_rows` returns them, which are taken otherwise.
    network : DataFrame, optional
        Distances by road instead: index the id of a cluster; ``quarry_km``, ``seaport_km``,
        ``river_port_km`` and, where they are known, the names ``quarry`` … of what is nearest. A
        cluster or cell that it lacks is unknown: the two measures are never mixed.

    Returns
    -------
    DataFrame, one row a cluster in their order
        ``id``, ``name_zh``, ``province``, ``lon``, ``lat``; ``scale``, ``product``, ``layout`` and
        ``dependency_text`` as the essay says them, never changed; ``dependency`` and ``possible`` as the
        distances say; ``agrees`` (bool or None): whether the essay's tag is among what is possible;
        ``quarry``, ``quarry_km``, ``seaport``, ``seaport_km``, ``river_port``, ``river_port_km``;
        ``measure``; ``evidence``: the essay's words.

    Notes
    -----
    Straight-line distances are geodesic, from an administrative seat, which is not the cluster: they
    carry the error of that seat.
    """
    own = stone_rows() if rows is None else rows
    lon, lat = ([float(row[axis]) for row in own] for axis in ("lon", "lat"))
    ids = [row["id"] for row in own]
    near = {
        kind: nearest_km(lon, lat, facilities[facilities["kind"] == kind])
        if network is None
        else pd.DataFrame({"name": _cells(network, kind, ids), "km": _cells(network, f"{kind}_km", ids)})
        for kind in _KINDS
    }
    result: list[dict[str, object]] = []
    for place, row in enumerate(own):
        km = {kind: float(table["km"].iloc[place]) for kind, table in near.items()}
        quarry, sea, river = (None if np.isnan(km[kind]) else Interval.exactly(km[kind]) for kind in _KINDS)
        judged = judge_dependency(
            quarry_km=quarry,
            seaport_km=sea,
            river_port_km=river,
            measure="straight line" if network is None else "network",
            params=params,
        )
        text = row["dependency"]
        tag = _tag(text)
        result.append(
            {
                **{name: row[name] for name in ("id", "name_zh", "province")},
                "lon": lon[place],
                "lat": lat[place],
                **{name: row[name] for name in ("scale", "product", "layout")},
                "dependency_text": text,
                "dependency": judged.label,
                "possible": judged.possible,
                "agrees": None if tag == "unknown" else _agrees(tag, judged.possible),
                **{
                    name: value
                    for kind, table in near.items()
                    for name, value in ((kind, table["name"].iloc[place]), (f"{kind}_km", km[kind]))
                },
                "measure": judged.measure,
                "evidence": row["seed_evidence"],
            }
        )
    return pd.DataFrame(result)


def _cells(table: pd.DataFrame, column: str, ids: Sequence[str]) -> pd.Series:
    """Cells of a column by the ids of rows, empty where there is none."""
    empty = pd.Series(np.nan, index=list(ids), dtype=object)
    return (table[column].reindex(list(ids)) if column in table else empty).reset_index(drop=True)


def _tag(text: str) -> str:
    """The essay's tag as one of ours: 鄯善 has both, 云浮 was by its resource and is by its market."""
    return {"resource+market": "both"}.get(text, text.partition(" ")[0])


def _agrees(tag: str, possible: tuple[str, ...]) -> Truth:
    if tag not in possible:
        return False
    return True if len(possible) == 1 else None


def product_of(row: Mapping[str, str]) -> str:
    """Return what a cluster makes, a key of `PRODUCTS`; unknown where the essay does not say."""
    return row["product"] if row["product"] in PRODUCTS else "unknown"


def scale_of(row: Mapping[str, str]) -> str:
    """Return the rank of a cluster, a key of `SCALES`.

    Raises
    ------
    UsageError
        If it is none.
    """
    if row["scale"] not in SCALES:
        raise UsageError(
            N_("“{name}” is no rank of a cluster"),
            hint=N_("known are: {known}"),
            where=row["scale"],
            name=row["scale"],
            known=", ".join(SCALES),
        )
    return row["scale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WestCount:
    """How many clusters lie in the West, by one definition of it.

    Attributes
    ----------
    definition : str
        A message.
    clusters : tuple of str
        Ids.
    names : tuple of str
    total : int
        Clusters in all.
    """

    definition: str
    clusters: tuple[str, ...]
    names: tuple[str, ...]
    total: int

    @property
    def count(self) -> int:
        """Number of clusters in the West."""
        return len(self.clusters)


def west_counts(rows: Sequence[Mapping[str, str]] | None = None) -> tuple[WestCount, WestCount]:
    """Count the stone clusters of the West: as the essay does, and by the official twelve provinces.

    Parameters
    ----------
    rows : sequence of mapping, optional
        As in `stone_typology`.

    Returns
    -------
    (WestCount, WestCount)
        The essay's 4, and 7: it leaves out Guangxi and Inner Mongolia. Both are right by their own
        definition, so both are shown.
    """
    own = stone_rows() if rows is None else list(rows)
    groups = (
        (N_("the West as the essay counts it"), [row for row in own if row["seed_counts_as_west"] == "True"]),
        (
            N_("the twelve western provinces of official statistics"),
            [row for row in own if row["province"] in WEST_12],
        ),
    )
    return tuple(  # type: ignore[return-value] # two groups
        WestCount(
            definition=definition,
            clusters=tuple(row["id"] for row in found),
            names=tuple(row["name_zh"] for row in found),
            total=len(own),
        )
        for definition, found in groups
    )
