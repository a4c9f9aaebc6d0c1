"""The statistics of an analysis as `statistics.json` and as tables."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pandas as pd

from geo.errors import N_
from geo.patterns.window import Floats, Window
from geo.schema import Column, TableSchema
from planning.analysis import Analysis
from planning.patterns.figures import Curve, Measure
from planning.provenance import position_labels, synthetic_label

__all__ = [
    "CURVES",
    "INDICATORS",
    "curve_table",
    "headline_figures",
    "headline_lines",
    "indicator_table",
    "statistics_json",
]

Translate = Callable[[str], str]
INDICATORS = TableSchema(
    name="indicators",
    meaning="one figure of one industry; exactly one of value, low and high, and unknown is filled",
    columns={
        "name": Column(meaning="name of the figure, as in statistics.json", kind="text"),
        "industry": Column(meaning="industry, or all", kind="text"),
        "value": Column(meaning="the value; of a centre its x (easting)", kind="number"),
        "value_y": Column(meaning="of a centre its y (northing)", kind="number"),
        "low": Column(meaning="lower end of an interval", kind="number"),
        "high": Column(meaning="upper end of an interval", kind="number"),
        "unit": Column(meaning="unit; empty: a share, an index", kind="text"),
        "unknown": Column(meaning="why it is unknown", kind="text"),
        "parameters": Column(meaning="conventions that it depends on, as JSON", kind="text"),
        "source": Column(meaning="where the formula stands", kind="text"),
    },
)
CURVES = TableSchema(
    name="curves",
    meaning="one distance of one curve of one industry",
    columns={
        "name": Column(meaning="name of the curve, as in statistics.json", kind="text"),
        "industry": Column(meaning="industry, or all", kind="text"),
        "correction": Column(meaning="edge correction: none, border, translation, isotropic", kind="text"),
        "r_m": Column(meaning="distance", unit="m", kind="number"),
        "value": Column(meaning="the curve there; empty where it is unknown", kind="number"),
        "low": Column(meaning="lower end of the band", kind="number"),
        "high": Column(meaning="upper end of the band", kind="number"),
        "band": Column(meaning="pointwise, global; empty: no band", kind="text"),
        "unit": Column(meaning="unit of value, low and high", kind="text"),
    },
)
_HEADLINES = (
    "mean_centre",
    "median_centre",
    "standard_distance",
    "nearest_neighbour_mean",
    "clark_evans",
    "clark_evans_donnelly",
    "in_park_share",
)


def statistics_json(analysis: Analysis, translate: Translate = str) -> dict[str, Any]:
    """Return `statistics.json` of the command line contract; unknown numbers are null."""
    found = analysis.patterns
    return {
        **_head(analysis, translate),
        "parameters": found.params.to_mapping() | {"seed": found.seed},
        "industries": list(found.industries),
        "without_curves": list(found.without_curves),
        "inputs": {
            **{
                "window" if kind == "boundary" else kind: report.sha256
                for kind, report in analysis.stack.reports.items()
            },
            **({"parks": analysis.parks_sha256} if analysis.parks_sha256 else {}),
        },
        "indicators": [_measure_json(one, translate) for one in found.measures],
        "curves": [_curve_json(one, translate) for one in found.curves],
    }


def headline_figures(analysis: Analysis, translate: Translate = str) -> dict[str, Any]:
    """Return what `parkplan analyse --json` prints: the figures of all firms, or of the one industry."""
    found = analysis.patterns
    first = found.measures[0].industry
    own = [one for one in found.measures if one.industry == first and one.name in _HEADLINES]
    return {
        **_head(analysis, translate),
        "industries": len(found.industries),
        "industry": first,
        "indicators": [_measure_json(one, translate) for one in own],
    }


def _head(analysis: Analysis, translate: Translate) -> dict[str, Any]:
    found, stack = analysis.patterns, analysis.stack
    return {
        "window": _window_json(found.window, found.window_kind),
        "crs": stack.area.crs_name,
        "firms": found.firms,
        "outside": found.outside,
        "unlocated": analysis.unlocated,
        "closed": 0 if stack.with_closed else stack.closed_in_area,
        "synthetic": synthetic_label(stack, translate),
        "notes": position_labels(stack, translate),
    }


def _window_json(window: Window | None, kind: str) -> dict[str, Any] | None:
    if window is None:
        return None
    return {
        "kind": kind,
        "area_m2": window.area_m2,
        "perimeter_m": window.perimeter_m,
        "bounds": list(window.bounds),
    }


def _measure_json(one: Measure, translate: Translate) -> dict[str, Any]:
    if one.unknown is not None:
        said: dict[str, Any] = {"unknown": one.unknown.message(translate)}
    elif one.interval is not None:
        said = {"interval": [one.interval.low, one.interval.high]}
    else:
        said = {"value": list(one.value) if isinstance(one.value, tuple) else one.value}
    return {
        "name": one.name,
        "industry": one.industry,
        **said,
        "unit": one.unit,
        "parameters": dict(one.parameters),
        "source": one.source,
    }


def _curve_json(one: Curve, translate: Translate) -> dict[str, Any]:
    return {
        "name": one.name,
        "industry": one.industry,
        "correction": one.correction,
        "r_m": _numbers(one.r_m),
        "value": _numbers(one.value),
        "low": _numbers(one.low),
        "high": _numbers(one.high),
        "band": one.band or None,
        "unit": one.unit,
        "parameters": dict(one.parameters),
        **({"unknown": one.unknown.message(translate)} if one.unknown is not None else {}),
    }


def _numbers(values: Floats) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def indicator_table(analysis: Analysis, translate: Translate = str) -> pd.DataFrame:
    """Return the figures as a table, schema `INDICATORS`."""
    rows = []
    for one in analysis.patterns.measures:
        x, y = one.value if isinstance(one.value, tuple) else (one.value, None)
        rows.append(
            {
                "name": one.name,
                "industry": one.industry,
                "value": x,
                "value_y": y,
                "low": None if one.interval is None else one.interval.low,
                "high": None if one.interval is None else one.interval.high,
                "unit": one.unit,
                "unknown": "" if one.unknown is None else one.unknown.message(translate),
                "parameters": json.dumps(dict(one.parameters), ensure_ascii=False),
                "source": one.source,
            }
        )
    numbers = dict.fromkeys(("value", "value_y", "low", "high"), "float64")
    return pd.DataFrame(rows, columns=list(INDICATORS.columns)).astype(numbers)


def curve_table(analysis: Analysis) -> pd.DataFrame:
    """Return the curves as a table, schema `CURVES`; what is unknown has no rows."""
    parts = [
        pd.DataFrame(
            {
                "name": one.name,
                "industry": one.industry,
                "correction": one.correction,
                "r_m": one.r_m,
                "value": one.value,
                "low": one.low if one.band else math.nan,
                "high": one.high if one.band else math.nan,
                "band": one.band,
                "unit": one.unit,
            }
        )
        for one in analysis.patterns.curves
        if len(one.r_m)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CURVES.columns))


def headline_lines(analysis: Analysis, translate: Translate = str) -> list[str]:
    """Return the headline figures for people, a line each."""
    found = analysis.patterns
    text = translate(
        N_("{firms} firms in the study window, {outside} beyond it, {unlocated} without a place")
    )
    lines = [text.format(firms=found.firms, outside=found.outside, unlocated=analysis.unlocated)]
    first = found.measures[0].industry
    for one in found.measures:
        if one.industry != first or one.name not in _HEADLINES:
            continue
        if one.unknown is not None:
            said = translate(N_("unknown: {why}")).format(why=one.unknown.message(translate))
        elif one.interval is not None:
            said = str(one.interval)
        else:
            numbers = one.value if isinstance(one.value, tuple) else (one.value,)
            said = ", ".join(f"{number:,.10g}" for number in numbers)
        lines.append(f"{one.name}: {said} {one.unit}".rstrip())
    return lines
