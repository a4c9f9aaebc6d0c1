"""One figure or one curve of an industry: known, known in part, or unknown with the reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geo.errors import InfeasibleError
from geo.patterns.window import Floats
from planning.three_valued import Interval

__all__ = ["Curve", "Measure", "measure"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """One figure of one industry: a value, an interval, or why it is unknown.

    Attributes
    ----------
    name, industry, unit : str
    parameters : mapping
        Conventions that the value depends on.
    source : str
        Where the formula stands.
    value : float, (float, float) or None
        A pair is x, y.
    interval : Interval or None
    unknown : InfeasibleError or None
    """

    name: str
    industry: str
    unit: str
    parameters: Mapping[str, Any]
    source: str
    value: float | tuple[float, float] | None = None
    interval: Interval | None = None
    unknown: InfeasibleError | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """One curve of one industry over distance, with its band where there is one.

    Attributes
    ----------
    name, industry, correction, unit : str
    r_m, value, low, high : ndarray
        Empty where unknown; ``nan`` where one distance is.
    band : str
        pointwise, global, or empty.
    parameters : mapping
    unknown : InfeasibleError or None
        Why there is no curve, or no band.
    """

    name: str
    industry: str
    correction: str
    unit: str
    parameters: Mapping[str, Any]
    r_m: Floats = field(default_factory=lambda: np.empty(0))
    value: Floats = field(default_factory=lambda: np.empty(0))
    low: Floats = field(default_factory=lambda: np.empty(0))
    high: Floats = field(default_factory=lambda: np.empty(0))
    band: str = ""
    unknown: InfeasibleError | None = None


def measure(
    name: str,
    industry: str,
    compute: Callable[[], float | tuple[float, float] | Interval],
    *,
    unit: str = "",
    source: str = "",
    **parameters: object,
) -> Measure:
    """Compute a figure; what is infeasible is unknown, with its sentence as the reason."""
    try:
        found = compute()
    except InfeasibleError as error:
        return Measure(
            name=name, industry=industry, unit=unit, parameters=parameters, source=source, unknown=error
        )
    exact = not isinstance(found, Interval)
    return Measure(
        name=name,
        industry=industry,
        unit=unit,
        parameters=parameters,
        source=source,
        value=found if not isinstance(found, Interval) else None,
        interval=None if exact else found,  # type: ignore[arg-type]
    )
