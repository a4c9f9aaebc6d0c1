"""Values that may be known in part: intervals, and yes, no or unknown (Kleene's logic)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from geo.errors import N_, UsageError

__all__ = ["OPERATORS", "Interval", "Truth", "every", "share", "some", "word"]

Truth = bool | None
"""Yes, no, or None: unknown."""
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A number of which the bounds are known.

    Attributes
    ----------
    low, high : float
        Both included; may be infinite. They are one number where it is known.

    Raises
    ------
    UsageError
        If `low` is above `high`, or one is no number.
    """

    low: float = 0.0
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise UsageError(
                N_("the interval from {low:g} to {high:g} holds no number"),
                hint=N_("the lower bound comes first"),
                where=f"[{self.low:g}, {self.high:g}]",
                low=self.low,
                high=self.high,
            )

    @classmethod
    def exactly(cls, value: float) -> Interval:
        """Return the interval of one number."""
        return cls(float(value), float(value))

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.low == self.high

    def within(self, other: Interval) -> bool:
        """Whether no number of it lies outside another."""
        return other.low <= self.low and self.high <= other.high

    def compare(self, sign: str, threshold: float) -> Truth:
        """Return whether all of it (yes), none of it (no) or a part of it (unknown) meets a threshold."""
        holds = OPERATORS[sign]
        ends = (holds(self.low, threshold), holds(self.high, threshold))
        return None if ends[0] != ends[1] else ends[0]

    def __str__(self) -> str:
        return f"{self.low:g}" if self.exact else f"[{self.low:g}, {self.high:g}]"


def share(part: Interval, whole: Interval) -> Interval:
    """Return what share of a whole a part of it is, both known in part; [0, 1] of nothing."""
    low = part.low / whole.high if 0 < whole.high < math.inf else 0.0
    high = part.high / whole.low if whole.low > 0 else 1.0
    return Interval(min(low, 1.0), min(high, 1.0))


def every(values: Iterable[Truth]) -> Truth:
    """Kleene's and: no if one is no, else unknown if one is unknown; yes of none."""
    listed = list(values)
    if False in listed:
        return False
    return None if None in listed else True


def some(values: Iterable[Truth]) -> Truth:
    """Kleene's or: yes if one is yes, else unknown if one is unknown; no of none."""
    listed = list(values)
    if True in listed:
        return True
    return None if None in listed else False


def word(value: Truth) -> str:
    """Return the word for a truth value, a message."""
    return {True: N_("yes"), False: N_("no"), None: N_("unknown")}[value]
