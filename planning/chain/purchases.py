"""What firms buy of each other, by recorded purchases alone: matching rate, partners, suppliers in reach."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.errors import N_, SchemaError, UsageError
from layers.sources.chains import Chain
from planning.three_valued import Interval

__all__ = ["LocalSupply", "local_supply", "partner_share", "read_purchases", "suppliers_in_reach"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSupply:
    """Share of what firms buy that comes from inside a boundary (本地配套率): three different numbers.

    Attributes
    ----------
    boundary : str
        Inside of what: it is a part of the name of the figure.
    by_value, by_item, by_supplier : Interval or None
        Of the money, of the recorded purchases, of the different suppliers, 0–1. None is unknown:
        nothing is recorded, or a value or a supplier's name is missing.
    purchases, buyers : int
        What they are made from.
    inside_pairs : Interval
        Pairs of a buyer and a supplier inside.
    """

    boundary: str
    by_value: Interval | None
    by_item: Interval | None
    by_supplier: Interval | None
    purchases: int
    buyers: int
    inside_pairs: Interval


def read_purchases(table: pd.DataFrame, firms: Collection[str]) -> pd.DataFrame:
    """Return purchases by these firms with whether each supplier is inside.

    Parameters
    ----------
    table : DataFrame of n purchases
        ``buyer`` and ``supplier``: the id of a firm, or the name of somebody else, may be empty;
        ``inside`` (bool, may be empty), ``value_yuan`` and ``item`` where they are recorded. Left
        unchanged.
    firms : collection of str
        Ids of the firms inside the boundary.

    Returns
    -------
    DataFrame
        Rows whose buyer is one of the firms, with ``inside`` yes (True), no (False) or unknown (None).

    Raises
    ------
    SchemaError
        If there is no column ``buyer`` or ``supplier``.
    UsageError
        If a value is not above zero.
    """
    for column in ("buyer", "supplier"):
        if column not in table:
            raise SchemaError(N_("the table lacks the column “{column}”"), where=column, column=column)
    inside_ids = {str(one) for one in firms}
    rows = table.copy()
    for column in ("buyer", "supplier"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), "").astype(str).str.strip()
    if "value_yuan" in rows and (rows["value_yuan"] <= 0).any():
        raise UsageError(N_("the value of a purchase is not above zero"), where="value_yuan")
    # What a firm of several plants passes to itself is no purchase.
    rows = rows[rows["buyer"].isin(inside_ids) & (rows["supplier"] != rows["buyer"])]
    stated = rows["inside"] if "inside" in rows else pd.Series(None, index=rows.index, dtype=object)
    inside = stated.astype(object).map(lambda cell: None if pd.isna(cell) else bool(cell)).astype(object)
    inside[rows["supplier"].isin(inside_ids)] = True
    rows["inside"] = pd.Series(list(inside), index=rows.index, dtype=object)
    return rows


def local_supply(table: pd.DataFrame, firms: Collection[str], boundary: str) -> LocalSupply:
    """Return which share of recorded purchases comes from inside.

    Parameters
    ----------
    table : DataFrame
        As in `read_purchases`.
    firms : collection of str
        Ids of the firms inside the boundary.
    boundary : str
        What the boundary is: park, county, province …

    Returns
    -------
    LocalSupply

    Notes
    -----
    A purchase of which nobody knows whether the supplier is inside counts 0 at the lower end of each
    share and 1 at the upper end. O(n).
    """
    rows = read_purchases(table, firms)
    inside = rows["inside"].map(lambda cell: cell is True).astype(bool)
    open_ = rows["inside"].map(lambda cell: cell is None).astype(bool)
    items = _between(float(inside.sum()), float(open_.sum()), float(len(rows)))
    value = None
    if "value_yuan" in rows and rows["value_yuan"].notna().all():
        money = rows["value_yuan"].astype(float)
        value = _between(float(money[inside].sum()), float(money[open_].sum()), float(money.sum()))
    suppliers = None
    if (rows["supplier"] != "").all():
        certain, doubtful = set(rows["supplier"][inside]), set(rows["supplier"][open_])
        suppliers = _between(
            float(len(certain)), float(len(doubtful - certain)), float(rows["supplier"].nunique())
        )
    pairs = rows[inside][["buyer", "supplier"]].drop_duplicates()
    more = len(rows[open_][["buyer", "supplier"]].drop_duplicates())
    # Firms without a record may have partners too: none is known only where every firm is recorded.
    silent = len({str(one) for one in firms} - set(rows["buyer"]))
    return LocalSupply(
        boundary=boundary,
        by_value=value,
        by_item=items,
        by_supplier=suppliers,
        purchases=len(rows),
        buyers=int(rows["buyer"].nunique()),
        inside_pairs=Interval(len(pairs), np.inf if silent else len(pairs) + more),
    )


def _between(known: float, doubtful: float, total: float) -> Interval | None:
    return Interval(known / total, min((known + doubtful) / total, 1.0)) if total > 0 else None


def partner_share(table: pd.DataFrame, firms: Collection[str]) -> Interval | None:
    """Return the share of firms with a partner inside, as a buyer or a supplier.

    Parameters
    ----------
    table : DataFrame
        As in `read_purchases`.
    firms : collection of str

    Returns
    -------
    Interval or None
        Firms with a recorded pair, and beside them those that buy from somebody unknown or of which
        no purchase is recorded; None without firms.
    """
    ids = {str(one) for one in firms}
    if not ids:
        return None
    rows = read_purchases(table, ids)
    inside = rows[rows["inside"].map(lambda cell: cell is True).astype(bool)]
    paired = (set(inside["buyer"]) | set(inside["supplier"])) & ids
    doubtful = set(rows["buyer"][rows["inside"].map(lambda cell: cell is None).astype(bool)])
    silent = ids - set(rows["buyer"])
    if doubtful or silent:
        # Whoever they buy from may be any of the firms.
        return Interval(len(paired) / len(ids), 1.0)
    return Interval.exactly(len(paired) / len(ids))


def suppliers_in_reach(
    chain: Chain,
    leads: Sequence[str],
    firms: gpd.GeoDataFrame,
    stages: pd.DataFrame,
    radius_m: float,
    purchases: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """List lead firms with their recorded suppliers and the firms that could supply them, within reach.

    Parameters
    ----------
    chain : Chain
    leads : sequence of str
        Ids of the lead firms.
    firms : GeoDataFrame of n points
        ``id``; metric CRS. Left unchanged.
    stages : DataFrame
        Of `stages_of_firms`.
    radius_m : float
        Reach in a straight line, metres; growing it adds suppliers.
    purchases : DataFrame, optional
        As in `read_purchases`.

    Returns
    -------
    DataFrame, one row a lead firm in the order of `leads`
        ``lead``; ``suppliers``: recorded ones, empty (None) without records of this firm; ``in_reach``:
        those of them within the radius; ``unlocated``: those without a place here, outside firms among
        them; ``could_supply``: ids of firms within the radius that stand, or may stand, at a stage that
        flows into a stage of the lead: a possibility, no evidence of a flow; ``stages`` of the lead.

    Raises
    ------
    UsageError
        If a lead firm is not among the firms.
    """
    xy = firms.geometry.get_coordinates().to_numpy()
    ids = firms["id"].astype(str).to_numpy()
    places = {str(one): place for place, one in enumerate(ids)}
    at = dict(zip(stages["id"].astype(str), stages["stages"], strict=True))
    rows = None if purchases is None else read_purchases(purchases, ids)
    result: list[dict[str, object]] = []
    for lead in map(str, leads):
        if lead not in places:
            raise UsageError(N_("the lead firm “{name}” is not among the firms"), where=lead, name=lead)
        near = set(ids[np.hypot(*(xy - xy[places[lead]]).T) <= radius_m]) - {lead}
        bought = set() if rows is None else set(rows["supplier"][rows["buyer"] == lead]) - {""}
        recorded = rows is not None and bool((rows["buyer"] == lead).any())
        before = {start for start, end in chain.flows if end in at.get(lead, ())}
        result.append(
            {
                "lead": lead,
                "stages": at.get(lead, ()),
                "suppliers": len(bought) if recorded else None,
                "in_reach": len(bought & near) if recorded else None,
                "unlocated": len(bought - set(places)) if recorded else None,
                "could_supply": tuple(sorted(one for one in near if before & set(at.get(one, ())))),
            }
        )
    return pd.DataFrame(
        result, columns=["lead", "stages", "suppliers", "in_reach", "unlocated", "could_supply"]
    )
