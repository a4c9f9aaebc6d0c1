"""What the dispersion's numbers say, in plain sentences; an interval stays one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.errors import N_

if TYPE_CHECKING:
    from planning.stages.dispersion import DispersionResult

__all__ = ["ALL_FIRMS", "NO_INDUSTRY", "Finding", "dispersion_findings"]

ALL_FIRMS = N_("All firms")
NO_INDUSTRY = N_("Firms of unknown industry")
_HALF = 0.5
"""From this share in the park on an industry counts as gathered: criterion C1a of the rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sentence.

    Attributes
    ----------
    sentence : str
        Message template.
    fields : dict
        Values of its named fields.
    """

    sentence: str
    fields: dict[str, Any]


def dispersion_findings(result: DispersionResult, scope: str = "all", industry: str = "") -> list[Finding]:
    """Say in sentences how one industry, or all firms, are spread.

    Parameters
    ----------
    result : DispersionResult
    scope, industry : str
        Which row of its tables.

    Returns
    -------
    list of Finding
        Where the firms stand to the park and what that means, distances, townships; empty without
        such a row or without firms.
    """
    table = result.industries
    rows = table[(table["scope"] == scope) & (table["industry"] == industry)]
    if rows.empty or not rows["firms"].iloc[0]:
        return []
    row = rows.iloc[0]
    towns = result.townships
    own = towns[(towns["scope"] == scope) & (towns["industry"] == industry)]
    return [*_park(row, result.params.around_m), *_distances(row), *_townships(own)]


def _park(row: pd.Series, around_m: float) -> list[Finding]:
    firms = int(row["firms"])
    unlocated = firms - int(row["located"])
    said = []
    if row["unknown"]:
        said.append(
            Finding(
                sentence=N_("How many of the {firms:,} firms stand in the park is unknown: {why}."),
                fields={"firms": firms, "why": row["unknown"]},
            )
        )
    else:
        low, high = int(row["outside_low"]), int(row["outside_high"])
        said.append(
            Finding(
                sentence=N_(
                    "{low:,} to {high:,} of {firms:,} firms stand outside the park and its surroundings "
                    "({around:,g} m)."
                )
                if low < high
                else N_(
                    "{high:,} of {firms:,} firms stand outside the park and its surroundings ({around:,g} m)."
                ),
                fields={"low": low, "high": high, "firms": firms, "around": around_m},
            )
        )
        said.append(_verdict(float(row["in_park_low"]), float(row["in_park_high"])))
    if unlocated:
        said.append(
            Finding(
                sentence=N_(
                    "{unlocated:,} of {firms:,} firms are known to their county or city alone: they count as "
                    "firms, not as located."
                ),
                fields={"unlocated": unlocated, "firms": firms},
            )
        )
    return said


def _verdict(low: float, high: float) -> Finding:
    fields = {"low": low, "high": high}
    one = f"{low:.0%}" == f"{high:.0%}"
    if high < _HALF:
        several = N_(
            "In the park: {low:.0%} to {high:.0%}, less than half; the firms are not gathered there."
        )
        single = N_("In the park: {high:.0%}, less than half; the firms are not gathered there.")
    elif low >= _HALF:
        several = N_("In the park: {low:.0%} to {high:.0%}, half or more; the firms are gathered there.")
        single = N_("In the park: {high:.0%}, half or more; the firms are gathered there.")
    else:
        return Finding(
            sentence=N_(
                "In the park: {low:.0%} to {high:.0%}; whether half of the firms are there is unknown."
            ),
            fields=fields,
        )
    return Finding(sentence=single if one else several, fields=fields)


def _distances(row: pd.Series) -> list[Finding]:
    if not row["located"]:
        return [
            Finding(
                sentence=N_(
                    "Distances are unknown: no firm has a place better known than its county or city."
                ),
                fields={},
            )
        ]
    fields = {"km": float(row["distance_km"]), "nearest": float(row["nearest_m"])}
    if pd.isna(row["nearest_m"]):
        return [Finding(sentence=N_("The one located firm is {km:.1f} km from the centre."), fields=fields)]
    sentence = N_(
        "Half of the located firms lie within {km:.1f} km of the centre; the nearest other firm is "
        "{nearest:,.0f} m away on average."
    )
    return [Finding(sentence=sentence, fields=fields)]


def _townships(own: pd.DataFrame) -> list[Finding]:
    known = own[own["township"] != ""]
    unknown = int(own.loc[own["township"] == "", "firms"].sum())
    if known.empty:
        return [Finding(sentence=N_("The townships of the firms are unknown."), fields={})]
    first = known.iloc[0]
    fields = {
        "townships": len(known),
        "township": str(first["township"]),
        "firms": int(first["firms"]),
        "share": float(first["share_of_industry"]),
        "unknown": unknown,
    }
    if len(known) == 1:
        sentence = N_("Known townships: one, {township}, with {firms:,} firms ({share:.0%}).")
    else:
        sentence = N_(
            "Known townships: {townships:,}; most firms are in {township}: {firms:,} ({share:.0%})."
        )
    said = [Finding(sentence=sentence, fields=fields)]
    if unknown:
        said.append(Finding(sentence=N_("The township of {unknown:,} firms is unknown."), fields=fields))
    return said
