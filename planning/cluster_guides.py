"""Whether clusters hold or are an artefact of the setting, and which radius the distances suggest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geo.density_guides import k_distances, sensitivity
from geo.errors import N_, InfeasibleError, UsageError
from geo.params import describe
from planning.stages.clusters import ClusterParams, of_industry

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["HOLDS", "ROUGHLY", "VERDICTS", "ClusterGuides", "judge_clusters"]

HOLDS = 0.8
ROUGHLY = 0.65
"""Adjusted Rand index from which two partitions agree well, and moderately (Steinley 2004)."""
VERDICTS = ("chosen", "same", "roughly", "other", "refused")
"""What a setting is beside the chosen one, in the order of a legend."""
_STEPS = (1 / 2, 2 / 3, 1.0, 3 / 2, 2.0)
_RUNS_TOGETHER = 0.9
_CURVE = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterGuides:
    """What a reader needs to judge a radius and a smallest number.

    Attributes
    ----------
    settings : DataFrame
        Columns of `geo.density_guides.sensitivity`, and `verdict`, one of `VERDICTS`.
    curve : DataFrame
        `share` of the firms (0–1, rising) whose `min_firms`-th neighbour, the firm itself counted,
        lies within `distance_m`; at most 401 rows, empty where there are too few firms.
    radius_m : float or None
        Suggested radius, three digits, rounded up; None where the curve does not bend.
    radius_share : float or None
        Share of the firms that are core at the suggested radius before it was rounded.
    params : ClusterParams
    """

    settings: pd.DataFrame
    curve: pd.DataFrame
    radius_m: float | None
    radius_share: float | None
    params: ClusterParams

    def findings(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what the table says: message templates with their fields, the verdict first."""
        table = self.settings
        chosen = table[table["verdict"] == "chosen"].iloc[0]
        if chosen["clusters"] == 0:
            return [(N_("With the chosen setting there is no cluster."), {}), *self._range()]
        if chosen["largest_share"] >= _RUNS_TOGETHER:
            sentence = N_(
                "One cluster holds {largest:.0%} of the firms: at this setting nearly everything runs "
                "together, which says little about the place."
            )
            return [(sentence, {"largest": chosen["largest_share"]}), *self._range()]
        near = self._one_step_away()
        if near.empty:
            return self._range()
        worst = near.loc[near["rand_chosen"].idxmin()]
        agreement = float(worst["rand_chosen"])
        if agreement >= HOLDS:
            sentence = N_(
                "The clusters hold: a step to the next radius or number changes little (least agreement "
                "{agreement:.2f}, at {radius:g} m and {number} firms)."
            )
        elif agreement >= ROUGHLY:
            sentence = N_(
                "The clusters hold in outline: a step to {radius:g} m and {number} firms changes some of "
                "them (agreement {agreement:.2f})."
            )
        elif worst["radius_m"] < chosen["radius_m"] and _agree_wider(near, chosen):
            sentence = N_(
                "The clusters hold at a larger radius, but not at a smaller one: at {radius:g} m and "
                "{number} firms they are others (agreement {agreement:.2f}). They are the coarse pattern; "
                "quote them with their radius."
            )
        else:
            sentence = N_(
                "The clusters depend on the setting: one step away, at {radius:g} m and {number} firms, "
                "they are others (agreement {agreement:.2f}). Do not quote them without it."
            )
        fields = {
            "agreement": agreement,
            "radius": float(worst["radius_m"]),
            "number": int(worst["min_points"]),
        }
        return [(sentence, fields), *self._range()]

    def _one_step_away(self) -> pd.DataFrame:
        table = self.settings
        radius = np.searchsorted(np.unique(table["radius_m"]), table["radius_m"])
        number = np.searchsorted(np.unique(table["min_points"]), table["min_points"])
        here = (table["verdict"] == "chosen").to_numpy()
        steps = np.abs(radius - radius[here]) + np.abs(number - number[here])
        return table[(steps == 1) & table["clusters"].notna().to_numpy()]

    def _range(self) -> list[tuple[str, dict[str, Any]]]:
        known = self.settings.dropna(subset="clusters")
        fields = {
            "low": int(known["clusters"].min()),
            "high": int(known["clusters"].max()),
            "least": float(known["noise_share"].min()),
            "most": float(known["noise_share"].max()),
        }
        sentence = N_(
            "Over the whole table there are {low} to {high} clusters, and {least:.0%} to {most:.0%} of the "
            "firms are in none."
        )
        return [(sentence, fields)]


def _agree_wider(near: pd.DataFrame, chosen: pd.Series[Any]) -> bool:
    wider = near.loc[near["radius_m"] > chosen["radius_m"], "rand_chosen"]
    return bool(len(wider) and wider.min() >= HOLDS)


def judge_clusters(
    firms: gpd.GeoDataFrame,
    params: ClusterParams,
    progress: Callable[[float, str], None] = lambda _share, _what: None,
) -> ClusterGuides:
    """Try half to twice the radius and the smallest number, and look at the distances to neighbours.

    Parameters
    ----------
    firms : GeoDataFrame of n points, schema `FIRMS`
        In the metric CRS of the area.
    params : ClusterParams
        The chosen setting.
    progress : callable, optional
        ``progress(share, what)``; may raise `CancelledError` to stop the work.

    Returns
    -------
    ClusterGuides

    Raises
    ------
    UsageError
        If the method is not DBSCAN: HDBSCAN takes no radius to try.
    InfeasibleError
        As `find_clusters`, and if there is no firm.

    Notes
    -----
    25 times the work of `find_clusters`: ten seconds of processor time for a million firms.

    References
    ----------
    Steinley, D. (2004). Properties of the Hubert-Arabie adjusted Rand index. Psychological
    Methods 9, 386–396: good from 0.8, moderate from 0.65.
    """
    if params.method != "dbscan":
        raise UsageError(
            N_("only DBSCAN has a radius whose effect can be tried"),
            hint=N_("choose DBSCAN to see how much clusters depend on it"),
            where="method",
        )
    chosen = of_industry(firms, params.industry)
    if chosen.empty:
        raise InfeasibleError(N_("there are no firms to cluster"), where="firms")
    xy = np.column_stack([chosen.geometry.x, chosen.geometry.y])
    what = N_("trying neighbouring settings")
    table = sensitivity(
        xy,
        _around("radius_m", params.radius_m),
        [int(number) for number in _around("min_firms", params.min_firms)],
        (params.radius_m, params.min_firms),
        progress=lambda share: progress(0.9 * share, what),
    )
    progress(0.9, N_("measuring distances to neighbours"))
    curve = pd.DataFrame({"share": [], "distance_m": []})
    radius = share = None
    if len(xy) >= params.min_firms:
        found = k_distances(xy, params.min_firms)
        # The highest distance of each step, and the ends of the curve.
        rank = np.unique(np.linspace(0, len(xy) - 1, _CURVE + 1).round().astype(int))
        curve = pd.DataFrame({"share": (rank + 1) / len(xy), "distance_m": found.distances_m[rank]})
        if np.isfinite(found.knee_m):
            radius, share = _rounded_up(found.knee_m), found.knee_share
    return ClusterGuides(
        settings=table.assign(verdict=_verdicts(table, params)),
        curve=curve,
        radius_m=radius,
        radius_share=share,
        params=params,
    )


def _around(name: str, value: float) -> list[float]:
    """Half to twice a value, two digits and in the range of its parameter; the value itself as it is."""
    spec = next(one for one in describe(ClusterParams) if one.name == name)
    assert spec.low is not None
    assert spec.high is not None
    tried = {value}
    for step in _STEPS:
        if step != 1:
            near = float(f"{value * step:.2g}")
            if isinstance(spec.default, int):
                near = float(math.floor(near) if step < 1 else math.ceil(near))
            tried.add(min(max(near, float(spec.low)), float(spec.high)))
    return sorted(tried)


def _rounded_up(value: float) -> float:
    power = 10.0 ** (np.floor(np.log10(value)) - 2)
    return float(f"{np.ceil(value / power - 1e-9) * power:.6g}")


def _verdicts(table: pd.DataFrame, params: ClusterParams) -> list[str]:
    found = []
    for row in table.itertuples():
        if (row.radius_m, row.min_points) == (params.radius_m, params.min_firms):
            found.append("chosen")
        elif row.clusters is pd.NA:
            found.append("refused")
        elif row.rand_chosen >= HOLDS:
            found.append("same")
        else:
            found.append("roughly" if row.rand_chosen >= ROUGHLY else "other")
    return found
