"""Structure of an industry: shape of its talent, ladder of firm sizes, six factors. No score is made."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from geo.errors import N_, UsageError, nearest_name
from planning.three_valued import Interval, Truth, every, some, word

__all__ = [
    "DALIAN_EDGES",
    "FACTORS",
    "SHAPES",
    "SizeLadder",
    "TalentShape",
    "could_be_cumulative",
    "factor_sheet",
    "size_ladder",
    "stated_ladder",
    "talent_shape",
]

SHAPES = {
    "pyramid": N_("pyramid (金字塔型): the more junior, the more people"),
    "olive": N_("olive (橄榄型): most people in the middle"),
    "other": N_("another shape"),
    "unknown": N_("unknown"),
}
FACTORS = {
    "location": N_("conditions of the place (地域条件)"),
    "related_industries": N_("related industries (相关产业)"),
    "regional_environment": N_("environment of the region (区域环境)"),
    "large_firms": N_("large firms crowd together (大企业集聚)"),
    "demand": N_("demand of the market (市场需求)"),
    "government": N_("support of the government (政府支持)"),
}
"""The six factors of the essay on Dalian."""
DALIAN_EDGES = (0, 100, 1000, 2000, 4000)
"""Lower ends of the bins that the essay on Dalian uses, staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalentShape:
    """Shape of a talent structure. It is one of people by level, not of firms by size.

    Attributes
    ----------
    label : str
        A key of `SHAPES`.
    possible : tuple of str
        Shapes that the counts leave open.
    senior, middle, junior : Interval or None
    """

    label: str
    possible: tuple[str, ...]
    senior: Interval | None
    middle: Interval | None
    junior: Interval | None


def talent_shape(senior: Interval | None, middle: Interval | None, junior: Interval | None) -> TalentShape:
    """Say which shape the numbers of senior, middle and junior people make.

    Parameters
    ----------
    senior, middle, junior : Interval, optional
        Heads of a level; None is unknown.

    Returns
    -------
    TalentShape
        Pyramid: senior < middle < junior. Olive: middle above both. Unknown where the counts leave
        several shapes open; an essay's word for the shape is no count.

    Raises
    ------
    UsageError
        If a count is negative.
    """
    for name, count in (("senior", senior), ("middle", middle), ("junior", junior)):
        if count is not None and count.low < 0:
            raise UsageError(N_("“{name}” counts fewer than no people"), where=name, name=name)
    low, mid, top = (one or Interval(0.0) for one in (senior, middle, junior))
    pyramid = every([_less(low, mid), _less(mid, top)])
    olive = every([_less(low, mid), _less(top, mid)])
    other = _not(some([pyramid, olive]))
    # The middle of an olive is above the junior level, that of a pyramid below: never both.
    possible = tuple(
        name
        for name, holds in (("pyramid", pyramid), ("olive", olive), ("other", other))
        if holds is not False
    )
    return TalentShape(
        label=possible[0] if len(possible) == 1 else "unknown",
        possible=possible,
        senior=senior,
        middle=middle,
        junior=junior,
    )


def _less(one: Interval, two: Interval) -> Truth:
    if one.high < two.low:
        return True
    return False if one.low >= two.high else None


def _not(value: Truth) -> Truth:
    return None if value is None else not value


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLadder:
    """Firms by size, in bins that exclude each other.

    Attributes
    ----------
    table : DataFrame, one row a bin from the smallest
        ``from_staff``, ``to_staff`` (excluded; empty: no end), ``firms_low``, ``firms_high``.
    unknown : int
        Firms whose staff is not recorded: each may stand in any bin.
    """

    table: pd.DataFrame
    unknown: int


def size_ladder(employees: ArrayLike, edges: Sequence[float] = DALIAN_EDGES) -> SizeLadder:
    """Count firms by staff.

    Parameters
    ----------
    employees : array_like of n numbers
        Staff of each firm; NaN is not recorded.
    edges : sequence of float
        Lower ends of the bins, growing.

    Returns
    -------
    SizeLadder
        ``firms_high`` counts the firms of unknown size in each bin.

    Raises
    ------
    UsageError
        If the edges do not grow, or a firm lies below the lowest or is infinite.

    Notes
    -----
    O(n log k).
    """
    staff = np.asarray(employees, dtype=float).ravel()
    lower = _edges(edges)
    recorded = staff[~np.isnan(staff)]
    if np.any(recorded < lower[0]) or np.any(np.isinf(recorded)):
        raise UsageError(
            N_("a firm has fewer staff than the lowest bin, or no finite number"), where="employees"
        )
    counts = np.bincount(np.searchsorted(lower, recorded, side="right") - 1, minlength=len(lower))
    unknown = int(np.isnan(staff).sum())
    return SizeLadder(table=_ladder(lower, counts, counts + unknown), unknown=unknown)


def stated_ladder(counts: Mapping[float, Interval], total: Interval | None = None) -> SizeLadder:
    """Return a ladder from counts that a source states for bins.

    Parameters
    ----------
    counts : mapping of float to Interval
        Lower end of a bin → its firms.
    total : Interval, optional
        Firms in all; those that no bin names stand below the lowest stated end.

    Returns
    -------
    SizeLadder

    Raises
    ------
    UsageError
        If the total is smaller than the bins together, a count is negative or the ends do not grow.
    """
    lower = _edges(list(counts))
    spans = list(counts.values())
    if any(one.low < 0 for one in spans):
        raise UsageError(N_("a bin counts fewer than no firms"), where="counts")
    if total is not None:
        named = Interval(sum(one.low for one in spans), sum(one.high for one in spans))
        if total.high < named.low:
            raise UsageError(N_("the bins hold more firms than there are"), where="total")
        if lower[0] > 0:
            lower = np.concatenate([[0.0], lower])
            spans = [Interval(max(total.low - named.high, 0.0), total.high - named.low), *spans]
    low, high = (np.array([getattr(one, end) for one in spans]) for end in ("low", "high"))
    return SizeLadder(table=_ladder(lower, low, high), unknown=0)


def could_be_cumulative(counts: Sequence[float]) -> bool:
    """Tell whether stated counts could be “this size and above”: then they fall as the size grows.

    Parameters
    ----------
    counts : sequence of float
        From the smallest size to the largest. Dalian's 100, 3, 4, 1 cannot: they are bins.
    """
    return all(lower >= upper for lower, upper in itertools.pairwise(counts))


def _edges(edges: Sequence[float]) -> np.ndarray:
    lower = np.asarray(edges, dtype=float)
    if lower.size == 0 or np.any(np.diff(lower) <= 0) or not np.all(np.isfinite(lower)):
        raise UsageError(N_("the ends of the bins must grow"), where="edges")
    return lower


def _ladder(lower: np.ndarray, low: np.ndarray, high: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "from_staff": lower,
            "to_staff": np.append(lower[1:], np.nan),
            "firms_low": low.astype(float),
            "firms_high": high.astype(float),
        }
    )


def factor_sheet(answers: Mapping[str, Truth], evidence: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Lay out the six factors of a software cluster: yes, no or unknown each, with evidence; no score.

    Parameters
    ----------
    answers : mapping of str to bool or None
        Key of `FACTORS` → answer; what is left out is unknown.
    evidence : mapping of str to str, optional
        Key → words that it rests on.

    Returns
    -------
    DataFrame, one row a factor in the essay's order
        ``factor``, ``label`` (a message), ``answer`` (bool or None), ``said`` (a message), ``evidence``.

    Raises
    ------
    UsageError
        If a key is no factor, or a yes or no has no evidence.
    """
    told = evidence or {}
    for key in (*answers, *told):
        if key not in FACTORS:
            near = nearest_name(key, list(FACTORS))
            raise UsageError(
                N_("“{name}” is none of the six factors"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=key,
                name=key,
                near=near,
                known=", ".join(FACTORS),
            )
    for key, answer in answers.items():
        if answer is not None and not told.get(key, "").strip():
            raise UsageError(
                N_("the answer about “{name}” has no evidence"),
                hint=N_("say what it rests on, or leave it unknown"),
                where=key,
                name=key,
            )
    return pd.DataFrame(
        [
            {
                "factor": key,
                "label": label,
                "answer": answers.get(key),
                "said": word(answers.get(key)),
                "evidence": told.get(key, ""),
            }
            for key, label in FACTORS.items()
        ]
    ).astype({"answer": object})
