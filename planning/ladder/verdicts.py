"""What a judgement of the ladder consists of: verdict, evidence, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from planning.ladder.rules import Check, Rules
from planning.three_valued import Interval, Truth

__all__ = [
    "NONE",
    "CheckResult",
    "EssayRow",
    "EvidenceRow",
    "Judgement",
    "MissingRow",
    "Verdict",
]

NONE = "none"
"""Below the lowest stage, or no radiation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EssayRow:
    """A judgement of an essay about one criterion: fills what the inputs leave unknown, replaces nothing.

    Attributes
    ----------
    criterion : str
    value : bool
    quote : str
    origin : str
    """

    criterion: str
    value: bool
    quote: str = ""
    origin: str = "essay"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One comparison that stands behind a criterion.

    Attributes
    ----------
    criterion : str
    indicator : str
        Name of the quantity, fact, criterion, facility; empty for a judgement of an essay.
    label : str
        What it is called, a message.
    label_zh : str
        The same in Chinese, where the name stands in a catalogue.
    value : Interval, bool or None
    sign, threshold, unit, threshold_origin
        What it was compared with; empty and None where with nothing.
    met : bool or None
    n : int or None
        Firms behind it, where that is recorded.
    origins : tuple of str
        data, calc, essay.
    source : str
        Their words.
    measure : str
        straight line or network, of a distance.
    """

    criterion: str
    indicator: str
    label: str
    value: Interval | Truth
    met: Truth
    sign: str = ""
    threshold: float | None = None
    unit: str = ""
    threshold_origin: str = ""
    n: int | None = None
    origins: tuple[str, ...] = ()
    source: str = ""
    measure: str = ""
    label_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """What would have to be known for a criterion to be decided.

    Attributes
    ----------
    criterion, indicator, label, label_zh : str
        As of an `EvidenceRow`.
    fields : tuple of str
        Facts that it follows from.
    why : str
        A message.
    """

    criterion: str
    indicator: str
    label: str
    fields: tuple[str, ...]
    why: str
    label_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say.

    Attributes
    ----------
    criteria : mapping of str to bool or None
    stage, radiation : (str, str)
        Attained and ceiling: ids of levels, or `NONE`.
    evidence : tuple of EvidenceRow
        Every decided criterion has one at least.
    missing : tuple of MissingRow
        Every undecided criterion has one at least.
    """

    criteria: Mapping[str, Truth]
    stage: tuple[str, str]
    radiation: tuple[str, str]
    evidence: tuple[EvidenceRow, ...]
    missing: tuple[MissingRow, ...]

    def evidence_of(self, criterion: str) -> tuple[EvidenceRow, ...]:
        """Return the rows of one criterion."""
        return tuple(row for row in self.evidence if row.criterion == criterion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict without and with the judgements of essays.

    Attributes
    ----------
    from_inputs, with_essays : Verdict
    disagreements : tuple of EssayRow
        Judgements that the inputs contradict, or that contradict each other: they decide nothing.
    shown_only : tuple of str
        Facts that a generator assumed: they decide nothing.
    rules : Rules
        With the thresholds that were used.
    """

    from_inputs: Verdict
    with_essays: Verdict
    disagreements: tuple[EssayRow, ...]
    shown_only: tuple[str, ...]
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Whether the criteria of an administration are met.

    Attributes
    ----------
    check : Check
    met : bool or None
        All of them.
    verdict : mapping of str to bool or None
    evidence, missing
        As of a `Verdict`.
    """

    check: Check
    met: Truth
    verdict: Mapping[str, Truth]
    evidence: tuple[EvidenceRow, ...]
    missing: tuple[MissingRow, ...]
