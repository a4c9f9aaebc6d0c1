"""Measure how scattered each industry is: the share in the park, distances, firms per township."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point

from geo.area import StudyArea
from geo.errors import N_, UsageError
from geo.params import Params, check, quantity, text
from geo.patterns.centres import median_centre, standard_distance
from geo.patterns.nearest import nearest_distances
from geo.schema import Column, TableSchema
from layers.firms import has_a_point
from layers.tables import FIRMS
from layers.townships import find_townships

__all__ = [
    "INDUSTRIES",
    "TOWNSHIPS",
    "DispersionParams",
    "DispersionResult",
    "measure_dispersion",
    "standing",
]

_SCOPE = Column(
    meaning="all: every firm; industry: those of one industry; unknown: those whose industry is unknown",
    kind="text",
)
_INDUSTRY = Column(meaning="the industry; empty for all and for unknown", kind="text")
_NO_PARK = N_("no park boundary is given")

INDUSTRIES = TableSchema(
    name="dispersion",
    meaning="how an industry is spread: all firms first, then the industries, most firms first",
    columns={
        "scope": _SCOPE,
        "industry": _INDUSTRY,
        "firms": Column(meaning="firms that count", unit="firms", kind="count"),
        "located": Column(meaning="of these, firms at a point of their own", unit="firms", kind="count"),
        "in_park_low": Column(
            meaning="share in the park at least: located there over all, 0–1", kind="number"
        ),
        "in_park_high": Column(
            meaning="share in the park at most: those without a point counted too; empty as the one before "
            "where it is unknown",
            kind="number",
        ),
        "around_low": Column(meaning="share in the park or around it at least, 0–1", kind="number"),
        "around_high": Column(meaning="share in the park or around it at most, 0–1", kind="number"),
        "outside_low": Column(
            meaning="firms outside the park and its surroundings, at least", unit="firms", kind="number"
        ),
        "outside_high": Column(
            meaning="firms outside the park and its surroundings, at most", unit="firms", kind="number"
        ),
        "distance_km": Column(
            meaning="median distance of the located firms to the centre; empty without one",
            unit="km",
            kind="number",
        ),
        "nearest_m": Column(
            meaning="mean distance to the nearest other firm of the row; empty with fewer than two located",
            unit="m",
            kind="number",
        ),
        "standard_distance_m": Column(
            meaning="root of the mean squared distance to the mean centre of the row's located firms",
            unit="m",
            kind="number",
        ),
        "unknown": Column(meaning="why the shares in the park are unknown; empty where known", kind="text"),
    },
)
TOWNSHIPS = TableSchema(
    name="townships",
    meaning="firms of an industry in a township, in the order of the industries, most firms first",
    columns={
        "scope": _SCOPE,
        "industry": _INDUSTRY,
        "township": Column(meaning="township or street office; empty where it is unknown", kind="text"),
        "firms": Column(meaning="firms that count", unit="firms", kind="count"),
        "share_of_industry": Column(meaning="their share of the industry's firms, 0–1", kind="number"),
        "located": Column(meaning="of these, firms at a point of their own", unit="firms", kind="count"),
        "lon": Column(
            meaning="mean longitude of the located ones, WGS 84; empty without one", unit="deg", kind="number"
        ),
        "lat": Column(meaning="mean latitude of them, WGS 84", unit="deg", kind="number"),
        "known": Column(
            meaning="how the township is known: column, address, or both; empty where it is unknown",
            kind="text",
        ),
    },
)
_SCOPES = {"all": 0, "industry": 1, "unknown": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class DispersionParams(Params):
    """What counts as around the park, and from where distances are taken."""

    around_m: float = quantity(
        1_000.0,
        0.0,
        50_000.0,
        "m",
        N_("Firms at most this far from the park count as around it; growing it takes more of them in."),
    )
    centre: str = text(
        "",
        N_(
            "Centre from which distances are taken, as longitude,latitude in degrees (WGS 84); "
            "empty: the median centre of all located firms."
        ),
    )

    def __post_init__(self) -> None:
        """Check that the centre is a place."""
        check(self)
        self.centre_deg  # noqa: B018 - raises

    @property
    def centre_deg(self) -> tuple[float, float] | None:
        """Longitude and latitude of the centre; None where it is to be found.

        Raises
        ------
        UsageError
            If the text is no longitude and latitude.
        """
        if not self.centre.strip():
            return None
        try:
            lon, lat = (float(one) for one in self.centre.replace("，", ",").split(","))
        except ValueError:
            lon = lat = np.nan
        if not (abs(lon) <= 180 and abs(lat) < 90):
            raise UsageError(
                N_("“{centre}” is no longitude and latitude"),
                hint=N_("write it as 118.42,24.70"),
                where="centre",
                centre=self.centre,
            )
        return lon, lat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DispersionResult:
    """Table of the industries, table of the townships, and what they were measured with.

    Attributes
    ----------
    industries : DataFrame
        Schema `INDUSTRIES`.
    townships : DataFrame
        Schema `TOWNSHIPS`.
    firms : GeoDataFrame
        The firms that count, with ``located`` (flag) and ``township`` as it was found.
    centre_deg : tuple of float, or None
        Longitude and latitude of the centre; None without a located firm.
    params : DispersionParams
    """

    industries: pd.DataFrame
    townships: pd.DataFrame
    firms: gpd.GeoDataFrame
    centre_deg: tuple[float, float] | None
    params: DispersionParams


def measure_dispersion(
    firms: gpd.GeoDataFrame, area: StudyArea, params: DispersionParams
) -> DispersionResult:
    """Measure how each industry is spread over the area.

    Parameters
    ----------
    firms : GeoDataFrame of n points, schema `FIRMS`
        All that count. Those known to their county or city alone count as firms, not as located.
    area : StudyArea
        The CRS of `firms`; its boundary is the park.
    params : DispersionParams
        Raising `around_m` raises the share around the park.

    Returns
    -------
    DispersionResult

    Raises
    ------
    SchemaError, CrsError
        If `firms` breaks its schema.

    Notes
    -----
    A share is an interval: firms without a point may all stand outside or all inside, [in / n,
    (in + unlocated) / n]. The park's edge belongs to the park. O(n log n).

    References
    ----------
    In-park share as an interval: criterion C1a (园区集中率) of the project's rules. Standard
    distance: Ebdon, D. (1985). Statistics in Geography, 2nd ed., ch. 7.
    """
    FIRMS.check(firms)
    located = has_a_point(firms["precision"])
    townships = find_townships(firms)
    labelled = firms.assign(located=located, township=townships["township"])
    xy = np.column_stack([firms.geometry.x, firms.geometry.y]).reshape(-1, 2)
    centre = _centre(xy[located], area, params)
    groups = _groups(firms)
    measured = [
        {"scope": scope, "industry": industry}
        | _measure(xy[rows], located[rows], area, params.around_m, centre)
        for scope, industry, rows in groups
    ]
    industries = pd.DataFrame(measured, columns=list(INDUSTRIES.columns))
    return DispersionResult(
        industries=industries,
        townships=_township_table(labelled, townships["known"], groups),
        firms=labelled,
        centre_deg=None if centre is None else _degrees(centre, area),
        params=params,
    )


def standing(result: DispersionResult) -> pd.DataFrame:
    """Count where the firms of each industry stand: a whole that adds up to the firms.

    Returns
    -------
    DataFrame
        scope, industry; in_park, around, outside and unlocated, or located and unlocated where the
        shares in the park are unknown.
    """
    table = result.industries
    counts = table[["scope", "industry"]].copy()
    if (table["unknown"] != "").any():
        counts["located"] = table["located"]
    else:
        inside = (table["in_park_low"] * table["firms"]).round().astype(int)
        near = (table["around_low"] * table["firms"]).round().astype(int)
        counts = counts.assign(in_park=inside, around=near - inside, outside=table["located"] - near)
    return counts.assign(unlocated=table["firms"] - table["located"])


def _centre(
    located_xy: NDArray[np.float64], area: StudyArea, params: DispersionParams
) -> NDArray[np.float64] | None:
    if params.centre_deg is not None:
        lon, lat = params.centre_deg
        return np.asarray(area.metric_xy([lon], [lat])[0])
    return median_centre(located_xy) if len(located_xy) else None


def _degrees(centre: NDArray[np.float64], area: StudyArea) -> tuple[float, float]:
    place = area.to_wgs84(Point(centre))
    return place.x, place.y


def _groups(firms: gpd.GeoDataFrame) -> list[tuple[str, str, NDArray[np.int64]]]:
    """Scope, industry and positions of the rows: all, then the industries by their firms, then unknown."""
    everything = np.arange(len(firms))
    groups = [("all", "", everything)]
    if "industry" not in firms:
        return groups
    names = firms["industry"].astype(object).where(firms["industry"].notna(), "").astype(str).to_numpy()
    number, different = pd.factorize(names)
    order = np.argsort(number, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(number, minlength=len(different)))[:-1])
    own = [
        ("industry" if name else "unknown", str(name), rows)
        for name, rows in zip(different, parts, strict=len(different) > 0)
    ]
    return groups + sorted(own, key=lambda one: (_SCOPES[one[0]], -len(one[2]), one[1]))


def _measure(
    xy: NDArray[np.float64],
    located: NDArray[np.bool_],
    area: StudyArea,
    around_m: float,
    centre: NDArray[np.float64] | None,
) -> dict[str, object]:
    """The figures of one row."""
    count, own = len(xy), xy[located]
    figures: dict[str, object] = {"firms": count, "located": len(own)}
    figures |= _park_shares(own, count, area, around_m)
    far = np.hypot(*(own - centre).T) if centre is not None else np.empty(0)
    return figures | {
        "distance_km": float(np.median(far)) / 1_000 if len(far) else np.nan,
        "nearest_m": float(nearest_distances(own).mean()) if len(own) > 1 else np.nan,
        "standard_distance_m": standard_distance(own) if len(own) else np.nan,
    }


def _park_shares(own: NDArray[np.float64], count: int, area: StudyArea, around_m: float) -> dict[str, object]:
    names = ("in_park_low", "in_park_high", "around_low", "around_high", "outside_low", "outside_high")
    if area.boundary is None or not count:
        return dict.fromkeys(names, np.nan) | {
            "unknown": _NO_PARK if area.boundary is None else N_("no firm counts")
        }
    shapely.prepare(area.boundary)
    inside = int(shapely.intersects_xy(area.boundary, own).sum())
    near = int(shapely.dwithin(shapely.points(own), area.boundary, around_m).sum())
    unlocated = count - len(own)
    values = (
        inside / count,
        (inside + unlocated) / count,
        near / count,
        (near + unlocated) / count,
        float(count - near - unlocated),
        float(count - near),
    )
    return dict(zip(names, values, strict=True)) | {"unknown": ""}


def _township_table(
    firms: gpd.GeoDataFrame, known: pd.Series, groups: list[tuple[str, str, NDArray[np.int64]]]
) -> pd.DataFrame:
    located = firms["located"].to_numpy()
    plain = pd.DataFrame(
        {
            "township": firms["township"].to_numpy(),
            "located": located,
            "lon": firms["lon"].where(located).to_numpy(dtype=float),
            "lat": firms["lat"].where(located).to_numpy(dtype=float),
            "column": (known == "column").to_numpy(),
            "address": (known == "address").to_numpy(),
        }
    )
    tables = [_townships_of(plain.iloc[rows], scope, industry) for scope, industry, rows in groups]
    return pd.concat(tables, ignore_index=True)[list(TOWNSHIPS.columns)]


def _townships_of(rows: pd.DataFrame, scope: str, industry: str) -> pd.DataFrame:
    grouped = rows.groupby("township", sort=True)
    table = grouped.agg(
        firms=("located", "size"),
        located=("located", "sum"),
        lon=("lon", "mean"),
        lat=("lat", "mean"),
        column=("column", "any"),
        address=("address", "any"),
    ).reset_index()
    words = [
        "; ".join(name for name, told in (("column", one), ("address", other)) if told)
        for one, other in zip(table["column"], table["address"], strict=True)
    ]
    table = table.assign(
        scope=scope, industry=industry, known=words, share_of_industry=table["firms"] / max(len(rows), 1)
    )
    last = table["township"] == ""
    order = np.lexsort((table["township"], -table["firms"], last))
    return table.iloc[order]
