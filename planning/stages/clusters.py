"""Find where firms crowd together: blocks in space, not yet chains in labour."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.density import dbscan
from geo.density_guides import hdbscan
from geo.errors import N_, InfeasibleError
from geo.params import Params, choice, quantity, text
from geo.schema import Column, TableSchema
from geo.shapes import axis_ratio, hull
from layers.tables import FIRMS

__all__ = ["HULLS", "ClusterParams", "ClusterResult", "find_clusters"]

_TYPES = {
    **dict.fromkeys(("cluster", "firms"), "int64"),
    **dict.fromkeys(("area_m2", "perimeter_m", "firms_per_km2", "axis_ratio", "industry_share"), "float64"),
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
        "form": Column(
            meaning="strip (带状), block (块状), mixed, or point: all firms at one place", kind="text"
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
        N_("Ellipse at most this many times longer than wide: block (块状); between the two: mixed."),
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


def find_clusters(firms: gpd.GeoDataFrame, params: ClusterParams) -> ClusterResult:
    """Group firms by density and describe each group.

    Parameters
    ----------
    firms : GeoDataFrame of n points, schema `FIRMS`
        In the metric CRS of the area; left unchanged.
    params : ClusterParams
        Raising `radius_m` merges clusters, raising `min_firms` removes small ones.

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
    O(n log n) for bounded neighbourhoods. The form looks at the ellipse alone: a cluster is a
    strip when its long axis is `strip_ratio` times the short one. Firms at one single place
    have no form: ``point``.
    """
    FIRMS.check(firms)
    chosen = _of_industry(firms, params.industry)
    xy = np.column_stack([chosen.geometry.x, chosen.geometry.y]).reshape(-1, 2)
    if params.method == "hdbscan":
        labels = hdbscan(xy, params.min_firms)
    else:
        labels = dbscan(xy, params.radius_m, params.min_firms)
    labelled = chosen.assign(cluster=labels)
    return ClusterResult(firms=labelled, hulls=_describe(labelled, xy, labels, params), params=params)


def _of_industry(firms: gpd.GeoDataFrame, industry: str) -> gpd.GeoDataFrame:
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
    firms: gpd.GeoDataFrame, xy: np.ndarray, labels: np.ndarray, params: ClusterParams
) -> gpd.GeoDataFrame:
    rows = []
    margin_m = min(params.radius_m / 4, 100.0)
    industry = firms["industry"].to_numpy() if "industry" in firms else None
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
    for cluster in range(labels.max(initial=-1) + 1):
        members = order[starts[cluster] : starts[cluster + 1]]
        outline = hull(xy[members], params.concavity, margin_m)
        ratio = axis_ratio(xy[members])
        top, share = _most_frequent(industry[members]) if industry is not None else (None, float("nan"))
        rows.append(
            {
                "cluster": cluster,
                "firms": len(members),
                "area_m2": outline.area,
                "perimeter_m": outline.length,
                "firms_per_km2": len(members) / outline.area * 1e6,
                "axis_ratio": ratio,
                "form": _form(ratio, params),
                "industry": top,
                "industry_share": share,
                "geometry": outline,
            }
        )
    # Stated types: a table without rows has the columns of one with rows.
    table = pd.DataFrame(rows, columns=[*HULLS.columns, "geometry"]).astype(_TYPES)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=firms.crs)


def _most_frequent(names: np.ndarray) -> tuple[str | None, float]:
    known = [str(name) for name in names if isinstance(name, str) and name]
    if not known:
        return None, float("nan")
    values, counts = np.unique(known, return_counts=True)
    best = int(np.argmax(counts))
    return str(values[best]), float(counts[best] / len(names))


def _form(ratio: float, params: ClusterParams) -> str:
    if np.isnan(ratio):
        return "point"
    if ratio >= params.strip_ratio:
        return "strip"
    return "block" if ratio <= params.block_ratio else "mixed"
