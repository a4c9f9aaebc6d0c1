"""The tables of a plan, as they go into files: in the delivery CRS, labelled."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.schema import Column, TableSchema
from layers.stack import LayerStack
from layers.tables import FIRMS
from planning.plan import Plan
from planning.scenario import Scenario
from planning.stages.clusters import ClusterResult

__all__ = ["CLUSTERED", "cluster_layers", "plan_layers"]

CLUSTERED = TableSchema(
    name="firms",
    meaning=FIRMS.meaning,
    geometry=FIRMS.geometry,
    columns={
        **FIRMS.columns,
        "cluster": Column(
            meaning="number of the cluster, −1 in none; empty: not looked at, outside the area or of another "
            "industry than the one chosen",
            kind="count",
        ),
    },
)
_ORDER = ("boundary", "land_use", "zones", "parcels", "road_lines", "gates")


def plan_layers(plan: Plan) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Return the layers of ``plan.gpkg``.

    Parameters
    ----------
    plan : Plan
        With a zoning.
    """
    assert plan.zoning is not None
    area, out_crs = plan.stack.area, plan.scenario.out_crs or None
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {
        name: area.deliver(getattr(plan.zoning, name), out_crs) for name in _ORDER
    }
    layers["adjacency"] = plan.zoning.adjacency
    layers["provenance"] = plan.provenance
    return layers


def cluster_layers(
    result: ClusterResult, stack: LayerStack, scenario: Scenario
) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Return the layers of ``clusters.gpkg``: every accepted firm, and the hulls.

    Firms that were not looked at (outside the area, of another industry) have an empty `cluster`.
    """
    assert stack.firms is not None
    out_crs = scenario.out_crs or None
    labels = result.firms["cluster"].reindex(stack.firms.index).astype("Int64")
    firms = stack.firms.assign(cluster=labels)
    return {
        "firms": stack.area.deliver(firms, out_crs),
        "hulls": stack.area.deliver(result.hulls, out_crs),
    }
