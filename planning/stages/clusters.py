"""Find where firms crowd together: blocks in space, not yet chains in labour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.density import dbscan
from geo.density_guides import hdbscan
from geo.errors import N_, InfeasibleError
from geo.params import Params, choice, quantity, text
from geo.schema import Column, TableSchema
from geo.shapes import axis_ratio, hull
from layers.roads import main_roads
from layers.tables import FIRMS

__all__ = ["HULLS", "ClusterParams", "ClusterResult", "find_clusters", "of_industry"]

_MARGIN_M = 100.0
"""Widest margin of an outline around its firms."""
_TYPES = {
    **dict.fromkeys(("cluster", "firms"), "int64"),
    **dict.fromkeys(("area_m2", "perimeter_m", "firms_per_km2"), "float64"),
    **dict.fromkeys(("axis_ratio", "near_main_road", "industry_share"), "float64"),
}
HULLS = TableSchema(
    name="hulls",
    meaning="a cluster: the outline of its firms",
    geometry=frozenset({"Polygon", "MultiPolygon"}),
    columns={
        "cluster": Column(meaning="number of the cluster, from 0 in the west", kind="count"),
        "firms": Column(meaning="firms in it", unit="firms", kind="count"),
        "area_m2": Column(meaning="area of the outline", unit="m2", kind="number"),
        "perimeter_m": Column(meaning="length of the outline", unit="m", kind="number"),
        "firms_per_km2": Column(meaning="firms over area", unit="firms/km2", kind="number"),
        "axis_ratio": Column(
            meaning="long over short axis of the deviational ellipse; inf: in one line, empty: at one place",
            kind="number",
        ),
        "near_main_road": Column(
            meaning="share of its firms within near_road_m of a main road, 0–1; empty: no main road is "
            "given, or no road at all near the outline",
            kind="number",
        ),
        "form": Column(
            meaning="strip (带状), block (块状), mixed, or point: all firms at one or two places, which have "
            "no form",
            kind="text",
        ),
        "industry": Column(meaning="most frequent industry; empty where none is known", kind="text"),
        "industry_share": Column(meaning="its share of the firms, 0–1", kind="number"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterParams(Params):
    """How close and how many firms make a cluster, and when it is a strip."""

    radius_m: float = quantity(
        800.0, 1.0, 1_000_000.0, "m", N_("Firms closer than this are neighbours; growing it merges clusters.")
    )
    min_firms: int = quantity(
        5,
        2,
        10_000,
        "firms",
        N_("A firm with fewer neighbours, itself counted, is noise; growing it removes clusters."),
    )
    method: str = choice(
        "dbscan",
        ("dbscan", "hdbscan"),
        N_("DBSCAN takes one radius; HDBSCAN finds clusters of several densities and ignores the radius."),
    )
    industry: str = text("", N_("Only firms whose industry is exactly this; empty takes all."))
    concavity: float = quantity(
        0.3, 0.0, 1.0, "", N_("Outline of a cluster: 0 follows the firms closely, 1 is the convex hull.")
    )
    strip_ratio: float = quantity(
        3.0, 1.0, 100.0, "", N_("Ellipse at least this many times longer than wide: strip (带状).")
    )
    block_ratio: float = quantity(
        2.0,
        1.0,
        100.0,
        "",
        N_("Ellipse at most this many times longer than wide: block (块状); between the two, roads decide."),
    )
    near_road_m: float = quantity(
        300.0, 1.0, 10_000.0, "m", N_("Firms at most this far from a main road are along it.")
    )
    road_share: float = quantity(
        0.7,
        0.0,
        1.0,
        "",
        N_("Neither strip nor block by its ellipse: a strip when this share of firms is along, else mixed."),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterResult:
    """Label of each firm, outline of each cluster, and the parameters that made them.

    Attributes
    ----------
    firms : GeoDataFrame
        The firms that were looked at, with `cluster` (int, −1 is noise).
    hulls : GeoDataFrame
        One row a cluster, schema `HULLS`.
    params : ClusterParams
    """

    firms: gpd.GeoDataFrame
    hulls: gpd.GeoDataFrame
    params: ClusterParams

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.hulls)

    @property
    def noise(self) -> int:
        """Number of firms in no cluster."""
        return int((self.firms["cluster"] < 0).sum())


def find_clusters(
    firms: gpd.GeoDataFrame, params: ClusterParams, roads: gpd.GeoDataFrame | None = None
) -> ClusterResult:
    """Group firms by density and describe each group.

    Parameters
    ----------
    firms : GeoDataFrame of n points, schema `FIRMS`
        In the metric CRS of the area; left unchanged.
    params : ClusterParams
        Raising `radius_m` merges clusters, raising `min_firms` removes small ones.
    roads : GeoDataFrame of lines, optional
        Schema `ROADS`, in the firms' CRS. Without them no share along main roads is known; the
        built-in coarse roads are kilometres off and are not asked.

    Returns
    -------
    ClusterResult

    Raises
    ------
    SchemaError, CrsError
        If `firms` breaks its schema.
    InfeasibleError
        If no firm has the industry asked for, or the radius needs too much work.

    Notes
    -----
    O(n log n) for bounded neighbourhoods. The form of a cluster, from the axis ratio r of its
    ellipse and, where that leaves it open, the share s of its firms along main roads:

    ============================  ================  ==================
    ellipse                       s ≥ `road_share`  s less, or unknown
    ============================  ================  ==================
    r ≥ `strip_ratio`             strip             strip
    `block_ratio` < r < that      strip             mixed
    r ≤ `block_ratio`             block             block
    one or two places             point             point
    ============================  ================  ==================

    A round cluster stays a block however many roads cross it. Two places are always in one line,
    which says nothing of a form.
    """
    FIRMS.check(firms)
    chosen = of_industry(firms, params.industry)
    xy = np.column_stack([chosen.geometry.x, chosen.geometry.y]).reshape(-1, 2)
    if params.method == "hdbscan":
        labels = hdbscan(xy, params.min_firms)
    else:
        labels = dbscan(xy, params.radius_m, params.min_firms)
    labelled = chosen.assign(cluster=labels)
    hulls = _describe(labelled, xy, labels, params, roads)
    return ClusterResult(firms=labelled, hulls=hulls, params=params)


def of_industry(firms: gpd.GeoDataFrame, industry: str) -> gpd.GeoDataFrame:
    """Return the firms of one industry, all for the empty text. O(n).

    Raises
    ------
    InfeasibleError
        If no firm has it; says which there are.
    """
    if not industry:
        return firms
    known = firms["industry"].dropna().unique() if "industry" in firms else []
    if not len(known):
        raise InfeasibleError(
            N_("no firm has a known industry: the table needs a column {columns}"),
            hint=N_("add the column, or take all industries"),
            where="industry",
            columns="industry / industry_code (行业, 行业代码)",
        )
    chosen = firms[firms["industry"] == industry] if len(known) else firms.iloc[:0]
    if chosen.empty:
        raise InfeasibleError(
            N_("no firm has the industry “{industry}”"),
            hint=N_("known are: {known}"),
            where="industry",
            industry=industry,
            known="、".join(sorted(map(str, known))[:20]) or "–",
        )
    return chosen


def _describe(
    firms: gpd.GeoDataFrame,
    xy: NDArray[np.float64],
    labels: NDArray[np.int64],
    params: ClusterParams,
    roads: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    # HDBSCAN does not know the radius, so neither does the outline of its clusters.
    margin_m = _MARGIN_M if params.method == "hdbscan" else min(params.radius_m / 4, _MARGIN_M)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    members = [order[a:b] for a, b in pairwise(starts)]
    outlines = np.array([hull(xy[some], params.concavity, margin_m) for some in members], dtype=object)
    along = _shares_along(firms.geometry.to_numpy(), members, outlines, roads, params.near_road_m)
    industry = firms["industry"].to_numpy() if "industry" in firms else None
    rows = []
    for cluster, some in enumerate(members):
        outline, ratio = outlines[cluster], axis_ratio(xy[some])
        top, share = _most_frequent(industry[some]) if industry is not None else (None, float("nan"))
        places = len(np.unique(xy[some], axis=0))
        rows.append(
            {
                "cluster": cluster,
                "firms": len(some),
                "area_m2": outline.area,
                "perimeter_m": outline.length,
                "firms_per_km2": len(some) / outline.area * 1e6,
                "axis_ratio": ratio,
                "near_main_road": along[cluster],
                "form": "point" if places < 3 else _form(ratio, along[cluster], params),
                "industry": top,
                "industry_share": share,
                "geometry": outline,
            }
        )
    # Stated types: a table without rows has the columns of one with rows.
    table = pd.DataFrame(rows, columns=[*HULLS.columns, "geometry"]).astype(_TYPES)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=firms.crs)


def _shares_along(
    points: NDArray[np.object_],
    members: list[NDArray[np.int64]],
    outlines: NDArray[np.object_],
    roads: gpd.GeoDataFrame | None,
    within_m: float,
) -> list[float]:
    """Share of each cluster's firms within a distance of a main road; NaN where the roads do not say."""
    main = main_roads(roads)
    if roads is None or main is None:
        return [float("nan")] * len(members)
    along = _within(points, main, within_m)
    told = _within(outlines, roads, within_m)  # the roads that are given may end elsewhere
    return [
        float(along[some].mean()) if known else float("nan")
        for some, known in zip(members, told, strict=True)
    ]


def _within(shapes: NDArray[np.object_], roads: gpd.GeoDataFrame, distance_m: float) -> NDArray[np.bool_]:
    """Whether each shape is at most so far from one of the roads. O((n + m) log m) and what is found."""
    found = np.zeros(len(shapes), dtype=bool)
    found[shapely.STRtree(roads.geometry.to_numpy()).query(shapes, "dwithin", distance_m)[0]] = True
    return found


def _most_frequent(names: np.ndarray) -> tuple[str | None, float]:
    known = [str(name) for name in names if isinstance(name, str) and name]
    if not known:
        return None, float("nan")
    values, counts = np.unique(known, return_counts=True)
    best = int(np.argmax(counts))
    return str(values[best]), float(counts[best] / len(names))


def _form(ratio: float, along: float, params: ClusterParams) -> str:
    if ratio >= params.strip_ratio:
        return "strip"
    if ratio <= params.block_ratio:
        return "block"
    return "strip" if along >= params.road_share else "mixed"
