"""A plan: what the stages found for one scenario, and where every figure came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from geo.progress import Progress
from layers.stack import LayerStack
from planning.catalogue.parks import ParkTemplate
from planning.scenario import Scenario
from planning.stages.access import AccessResult
from planning.stages.clusters import ClusterResult
from planning.stages.zoning import ZoningResult

__all__ = ["Plan", "Progress", "Translate"]

Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """The results of one scenario.

    Attributes
    ----------
    scenario : Scenario
    stack : LayerStack
        The inputs, checked and in metres.
    template : ParkTemplate or None
    clusters : ClusterResult or None
        None without firms.
    access : AccessResult or None
    zoning : ZoningResult or None
        None without a boundary or a template.
    balance : DataFrame or None
        Land-use balance (用地平衡表).
    provenance : DataFrame
        parameter, value, source.
    synthetic_label : str
        Shown on every screen and export when firms were generated; empty otherwise.
    """

    scenario: Scenario
    stack: LayerStack
    template: ParkTemplate | None
    clusters: ClusterResult | None
    access: AccessResult | None
    zoning: ZoningResult | None
    balance: pd.DataFrame | None
    provenance: pd.DataFrame
    synthetic_label: str

    def summary(self, translate: Translate = str) -> dict[str, Any]:
        """Return `summary.json` of the command line contract."""
        from planning.summary import summarise

        return summarise(self, translate)
