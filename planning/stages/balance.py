"""The land-use balance (用地平衡表): what each class takes, with a total that is the boundary's area."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from geo.errors import N_
from geo.schema import Column, TableSchema
from geo.units import ha, mu
from planning.catalogue.landuse import landuse

__all__ = ["BALANCE", "make_balance"]

BALANCE = TableSchema(
    name="balance",
    meaning="a class of land use, and in the end the total, which is the boundary's area",
    columns={
        "code": Column(meaning="class of the 用地用海 classification of 2023", kind="text"),
        "gb": Column(meaning="class of GB 50137-2011", kind="text"),
        "name_zh": Column(meaning="Chinese name", kind="text"),
        "name_en": Column(meaning="English name", kind="text"),
        "area_ha": Column(meaning="area", unit="ha", kind="number"),
        "area_mu": Column(meaning="area, 15 mu (亩) to the hectare", unit="mu", kind="number"),
        "share_of_construction": Column(
            meaning="share of all land but water and excluded land, 0–1; empty for those two", kind="number"
        ),
        "share_of_total": Column(meaning="share of the boundary's area, 0–1", kind="number"),
    },
)
_NAMES = {
    "kept": ("保留建筑", N_("Kept buildings")),
    "excluded": ("禁止建设范围", N_("Excluded land")),
    "water": ("陆地水域", N_("Water")),
}
_NOT_CONSTRUCTION = ("water", "excluded")
TOTAL = ("合计", N_("Total"))


def make_balance(land_use: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add up a coverage by land-use class.

    Parameters
    ----------
    land_use : GeoDataFrame
        Columns kind, code, gb, area_m2, as in docs/tables.md; left unchanged.

    Returns
    -------
    DataFrame
        code, gb, name_zh, name_en, area_ha, area_mu, share_of_construction (0–1, empty for land
        that is not built on), share_of_total (0–1); the last row is the total.

    Notes
    -----
    Construction land is everything but water and excluded land. O(n).
    """
    total = float(land_use["area_m2"].sum())
    built = ~land_use["kind"].isin(_NOT_CONSTRUCTION)
    construction = float(land_use.loc[built, "area_m2"].sum())
    rows = []
    plain = pd.DataFrame(land_use[["kind", "code", "gb", "area_m2"]])
    plain["group"] = plain["kind"].where(plain["kind"].isin(list(_NAMES)), "")
    for (group, code, gb), own in plain.groupby(["group", "code", "gb"], sort=False):
        area = float(own["area_m2"].sum())
        name_zh, name_en = _NAMES[group] if group else (landuse(code).name_zh, landuse(code).name_en)
        rows.append(
            _row(
                code, gb, name_zh, name_en, area, None if group in _NOT_CONSTRUCTION else construction, total
            )
        )
    rows.sort(key=lambda row: (row["share_of_construction"] is None, str(row["code"]) or "~", str(row["gb"])))
    rows.append(_row("", "", *TOTAL, total, None, total))
    rows[-1]["share_of_construction"] = 1.0 if construction else None
    return pd.DataFrame(rows, columns=list(BALANCE.columns))


def _row(
    code: str,
    gb: str,
    name_zh: str,
    name_en: str,
    area_m2: float,
    construction_m2: float | None,
    total_m2: float,
) -> dict[str, object]:
    return {
        "code": code,
        "gb": gb,
        "name_zh": name_zh,
        "name_en": name_en,
        "area_ha": ha(area_m2),
        "area_mu": mu(area_m2),
        "share_of_construction": area_m2 / construction_m2 if construction_m2 else None,
        "share_of_total": area_m2 / total_m2,
    }
