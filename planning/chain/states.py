"""What is said of a chain, and how it stands in one place: stages, links, completeness."""

from __future__ import annotations

from dataclasses import dataclass

from geo.errors import N_
from layers.sources.chains import Chain
from planning.three_valued import Interval

__all__ = [
    "LINK_STATES",
    "STAGE_STATES",
    "ChainResult",
    "LinkState",
    "LinkStatement",
    "StageState",
    "StageStatement",
]

STAGE_STATES = {
    "present": N_("present"),
    "missing": N_("missing"),
    "unknown": N_("unknown"),
}
LINK_STATES = {
    "present": N_("flows: a purchase is recorded"),
    "stated": N_("flows, as a source says"),
    "broken": N_("broken: purchase records show none"),
    "broken_stated": N_("broken, as a source says"),
    "unknown": N_("unknown: no purchase records"),
    "absent_end": N_("one of its ends is missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatement:
    """What a source says of a stage: it is there, or it is not. “Few” (少) says neither.

    Attributes
    ----------
    stage : str
    present : bool
    origin : str
        data, calc or essay.
    quote : str
        Its words.
    """

    stage: str
    present: bool
    origin: str = "essay"
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatement:
    """What a source says of a link: goods flow, or they do not.

    Attributes
    ----------
    start, end : str
        Stages.
    flows : bool
    origin, quote : str
    """

    start: str
    end: str
    flows: bool = False
    origin: str = "essay"
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageState:
    """One stage of the chain here.

    Attributes
    ----------
    stage, role : str
    state : str
        A key of `STAGE_STATES`.
    witnesses : tuple of str
        Ids of firms that stand at it for certain.
    possible : tuple of str
        Ids of firms that may stand at it.
    origin : str
        data, or that of the statement that decided; empty where nothing did.
    quote : str
        Words of the statement.
    """

    stage: str
    role: str
    state: str
    witnesses: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    origin: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """One flow of the chain here.

    Attributes
    ----------
    start, end : str
    state : str
        A key of `LINK_STATES`.
    purchases : int
        Recorded ones between firms of its two ends.
    origin, quote : str
        As of a stage.
    """

    start: str
    end: str
    state: str
    purchases: int = 0
    origin: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainResult:
    """A chain as it stands in one place.

    Attributes
    ----------
    chain : Chain
    complete : bool
        Whether the firm table was said to be complete for the area.
    stages : tuple of StageState
    links : tuple of LinkState
    completeness : Interval
        Core stages present, of all, alternatives once.
    stage_completeness : Interval
        The same, each stage by itself.
    terminal_stages : Interval
        Number of stages with a terminal product that are present.
    link_completeness : Interval
        Flows of which both ends are present, of all, those of alternatives into one stage once.
    flows_present : Interval
        Number of flows that are recorded or stated.
    disagreements : tuple of str
        Stages, or ``start→end``, of which a statement says something else than the records: the
        records stand.
    """

    chain: Chain
    complete: bool
    stages: tuple[StageState, ...]
    links: tuple[LinkState, ...]
    completeness: Interval
    stage_completeness: Interval
    terminal_stages: Interval
    link_completeness: Interval
    flows_present: Interval
    disagreements: tuple[str, ...] = ()

    def stage(self, key: str) -> StageState:
        """Return one stage."""
        return next(one for one in self.stages if one.stage == key)

    def link(self, start: str, end: str) -> LinkState:
        """Return one link."""
        return next(one for one in self.links if (one.start, one.end) == (start, end))
