"""Facts for the ladder, computed from a firm table, a park and recorded purchases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import N_, UsageError
from layers.firms import has_a_point
from layers.sources.chains import Chain
from planning.chain.firms import stages_of_firms
from planning.chain.judge import judge_chain
from planning.chain.purchases import local_supply, partner_share, read_purchases
from planning.chain.states import ChainResult, LinkStatement, StageStatement
from planning.ladder.cases import with_chain
from planning.ladder.facts import AccessRow, Facts, Source
from planning.three_valued import Interval, Truth

__all__ = ["facts_of_firms", "firms_of_chain"]


def firms_of_chain(chain: Chain, firms: pd.DataFrame) -> pd.DataFrame:
    """Return the firms that stand, or may stand, at a core stage of a chain.

    Parameters
    ----------
    chain : Chain
    firms : DataFrame of n firms
        As in `stages_of_firms`. Left unchanged.

    Returns
    -------
    DataFrame
        Rows of `firms`. Makers of equipment and services belong to the chain and are no firms of the
        industry.
    """
    stages = stages_of_firms(chain, firms)
    core = set(chain.core)
    return firms.loc[stages.index[[bool(core & set(one)) for one in stages["stages"]]]]


def facts_of_firms(
    chain: Chain,
    firms: gpd.GeoDataFrame,
    *,
    park: BaseGeometry | None = None,
    no_park: bool = False,
    complete: bool = False,
    purchases: pd.DataFrame | None = None,
    boundary: str = "area",
    statements: Sequence[StageStatement | LinkStatement] = (),
    kd_localised: Truth = None,
    kd_firms: int | None = None,
    kd_against_all: Truth = None,
    access: Sequence[AccessRow] = (),
) -> tuple[Facts, ChainResult]:
    """Compute what a firm table tells of the stage of an industry; everything else stays unknown.

    Parameters
    ----------
    chain : Chain
        Its key names the access rules too.
    firms : GeoDataFrame of n firms of all industries
        Those of the area that are not closed; ``id``, ``precision``; ``above_scale`` (bool, may be
        empty) and the columns of `stages_of_firms` where they are known. Left unchanged.
    park : Polygon or MultiPolygon, optional
        All parks of the area, in the CRS of the firms. Without it the share in the park is unknown.
    no_park : bool
        The user declares that the area has no park.
    complete : bool
        Whether the table holds every firm of the area: else stages that no firm fits are unknown.
    purchases : DataFrame, optional
        As in `planning.chain.purchases.read_purchases`.
    boundary : str
        What the area is: a part of the name of the matching rate.
    statements : sequence, optional
        What sources say of stages and links.
    kd_localised, kd_firms, kd_against_all
        Result of Kd, the located firms that it took, and whether firms of all industries were its
        reference.
    access : sequence of AccessRow

    Returns
    -------
    (Facts, ChainResult)

    Raises
    ------
    UsageError
        If a park is given and denied.

    Notes
    -----
    Shares are those of the recorded firms. A firm without a point of its own counts for the park at
    the upper end alone. O(n).
    """
    if park is not None and no_park:
        raise UsageError(N_("a park is given where no park is declared"), where="no_park")
    own = firms_of_chain(chain, firms)
    result = judge_chain(chain, firms, complete=complete, statements=statements, purchases=purchases)
    count = len(own)
    table = Source(origin="data", text="firms", n=count)
    calc = Source(origin="calc", text="firms", n=count)
    facts = Facts(
        industry=chain.key,
        no_park=no_park,
        # That no firm is recorded says that there is none only of a table that is complete.
        firms=Interval.exactly(count) if count or complete else None,
        in_park=_in_park(own, park) if park is not None and (count or complete) else None,
        kd_localised=kd_localised,
        kd_firms=None if kd_firms is None else Interval.exactly(kd_firms),
        other_industries_located=kd_against_all,
        access=tuple(access),
        sources={
            "firms": table,
            "in_park": calc,
            "kd_localised": Source(origin="calc", text="Kd", n=kd_firms),
            "access": Source(origin="calc"),
        },
        **_sizes(own),
        **_purchases(own, firms, purchases, boundary),
    )
    return with_chain(facts, result, calc), result


def _in_park(own: gpd.GeoDataFrame, park: BaseGeometry) -> Interval:
    located = (
        has_a_point(own["precision"]) & ~own.geometry.is_empty.to_numpy() & own.geometry.notna().to_numpy()
    )
    points = own.geometry[located]
    inside = int(shapely.intersects_xy(park, points.x.to_numpy(), points.y.to_numpy()).sum())
    return Interval(inside, inside + int((~located).sum()))


def _sizes(own: pd.DataFrame) -> dict[str, Any]:
    if "above_scale" not in own or own.empty:
        return {}
    lead = int(own["above_scale"].eq(True).sum())
    blank = int(own["above_scale"].isna().sum())
    return {
        "lead_firms": Interval(lead, lead + blank),
        "size_missing_share": Interval.exactly(blank / len(own)),
    }


def _purchases(
    own: pd.DataFrame, firms: pd.DataFrame, purchases: pd.DataFrame | None, boundary: str
) -> dict[str, Any]:
    if purchases is None or own.empty:
        return {}
    # Suppliers inside may be of any industry; buyers are the firms of this one.
    inside = firms["id"].astype(str)
    rows = read_purchases(purchases, inside)
    bought = rows[rows["buyer"].isin(own["id"].astype(str))]
    supply = local_supply(bought, own["id"].astype(str), boundary)
    found: dict[str, Interval | None] = {
        "inside_pairs": supply.inside_pairs,
        "local_matching_rate": supply.by_value,
        "partner_share": partner_share(bought, own["id"].astype(str)),
    }
    if "above_scale" in own:
        leads = set(own["id"][own["above_scale"].eq(True)].astype(str))
        local = bought[
            bought["buyer"].isin(leads) & bought["inside"].map(lambda cell: cell is True).astype(bool)
        ]
        most = local.groupby("buyer")["supplier"].nunique().max() if len(local) else 0
        found["suppliers_of_one_lead_firm"] = Interval(float(most))
    return {name: value for name, value in found.items() if value is not None}
