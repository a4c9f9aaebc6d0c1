"""Which stages of a chain are present, missing or unknown, and which links flow or are broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from geo.errors import N_, UsageError, nearest_name
from layers.sources.chains import Chain
from planning.chain.firms import stages_of_firms
from planning.chain.purchases import read_purchases
from planning.chain.states import ChainResult, LinkState, LinkStatement, StageState, StageStatement
from planning.three_valued import Interval

__all__ = ["judge_chain"]

_Units = Callable[[frozenset[str]], list[bool]]
"""Stages that are there → which of the things that are counted are there."""


def judge_chain(
    chain: Chain,
    firms: pd.DataFrame | None = None,
    *,
    complete: bool = False,
    statements: Sequence[StageStatement | LinkStatement] = (),
    purchases: pd.DataFrame | None = None,
) -> ChainResult:
    """Judge which stages and links of a chain there are.

    Parameters
    ----------
    chain : Chain
    firms : DataFrame of n firms, optional
        As in `stages_of_firms`: those of the place that is judged.
    complete : bool
        Whether the table holds every firm of the area: then a stage that no firm fits is missing,
        else it is unknown.
    statements : sequence of StageStatement or LinkStatement
        What sources say. They never overrule firms or purchases.
    purchases : DataFrame, optional
        As in `read_purchases`.

    Returns
    -------
    ChainResult

    Raises
    ------
    UsageError
        If a statement names no stage or no flow of the chain, or two contradict each other.
    SchemaError
        If the purchases lack a column.

    Notes
    -----
    A firm whose code fits several stages makes each possible, none certain, and one of them present:
    the lower bounds are the least over all ways to choose. A link is broken only where every firm
    that stands or may stand at its end has recorded purchases, all from known suppliers, none of
    them a firm that may stand at its start, or where a source says so; being at one place without
    records is never broken. O(n) and the number of least choices, small in chains of 20 stages.

    References
    ----------
    Counting rules: docs/clusters.md.
    """
    stated, stated_links = _statements(chain, statements)
    table = stages_of_firms(chain, firms) if firms is not None else _no_firms()
    possible, sure, choices = _who_stands_where(chain, table, stated)
    present = {key for key, ids in sure.items() if ids} | {key for key, one in stated.items() if one.present}
    choices = _settle(choices, present)
    present |= {key for choice in choices if len(choice) == 1 for key in choice}
    choices = [choice for choice in choices if len(choice) > 1]
    missing = {
        key
        for key in chain.stages
        if key not in present
        and ((key in stated and not stated[key].present) or (complete and not possible[key]))
    }
    least = _least(frozenset(present), choices)
    most = frozenset(set(chain.stages) - missing)
    stages = tuple(
        _stage_state(chain, key, present, missing, sure[key], possible[key], stated.get(key))
        for key in chain.stages
    )
    links = _links(chain, present, missing, sure, possible, stated_links, _bought(purchases, firms))
    return ChainResult(
        chain=chain,
        complete=complete,
        stages=stages,
        links=links,
        completeness=_shares(least, most, lambda here: [bool(slot & here) for slot in chain.slots]),
        stage_completeness=_shares(least, most, lambda here: [key in here for key in chain.core]),
        terminal_stages=_counts(least, most, lambda here: [key in here for key in chain.terminal]),
        link_completeness=_shares(
            least,
            most,
            lambda here: [any(here >= set(flow) for flow in slot) for slot in chain.flow_slots],
        ),
        flows_present=Interval(
            sum(one.state in ("present", "stated") for one in links),
            sum(one.state in ("present", "stated", "unknown") for one in links),
        ),
        disagreements=(
            *(key for key, one in stated.items() if not one.present and sure[key]),
            *(
                f"{one.start}→{one.end}"
                for one in links
                if (said := stated_links.get((one.start, one.end)))
                and one.state in ("present", "broken")
                and said.flows != (one.state == "present")
            ),
        ),
    )


def _no_firms() -> pd.DataFrame:
    return pd.DataFrame({"id": [], "stages": [], "certain": [], "by": []})


def _statements(
    chain: Chain, statements: Sequence[StageStatement | LinkStatement]
) -> tuple[dict[str, StageStatement], dict[tuple[str, str], LinkStatement]]:
    stages: dict[str, StageStatement] = {}
    links: dict[tuple[str, str], LinkStatement] = {}
    for one in statements:
        if isinstance(one, StageStatement):
            if one.stage not in chain.stages:
                near = nearest_name(one.stage, list(chain.stages))
                raise UsageError(
                    N_("“{name}” is no stage of the chain “{chain}”"),
                    hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                    where=one.stage,
                    name=one.stage,
                    chain=chain.key,
                    near=near,
                    known=", ".join(chain.stages),
                )
            if stages.setdefault(one.stage, one).present != one.present:
                raise _contradiction(one.stage)
        else:
            flow = (one.start, one.end)
            if flow not in chain.flows:
                raise UsageError(
                    N_("“{name}” is no flow of the chain “{chain}”"),
                    hint=N_("known are: {known}"),
                    where="→".join(flow),
                    name="→".join(flow),
                    chain=chain.key,
                    known=", ".join("→".join(one) for one in chain.flows),
                )
            if links.setdefault(flow, one).flows != one.flows:
                raise _contradiction("→".join(flow))
    return stages, links


def _contradiction(name: str) -> UsageError:
    return UsageError(
        N_("two statements about “{name}” contradict each other"),
        hint=N_("keep the one whose source you trust"),
        where=name,
        name=name,
    )


def _who_stands_where(
    chain: Chain, table: pd.DataFrame, stated: dict[str, StageStatement]
) -> tuple[dict[str, list[str]], dict[str, list[str]], list[frozenset[str]]]:
    """Firms that may stand at each stage, those that do, and what is open: sets of which one holds."""
    possible: dict[str, list[str]] = {key: [] for key in chain.stages}
    sure: dict[str, list[str]] = {key: [] for key in chain.stages}
    choices: set[frozenset[str]] = set()
    absent = {key for key, one in stated.items() if not one.present}
    for firm, stages, certain in zip(table["id"], table["stages"], table["certain"], strict=True):
        # A source that says that a stage is missing rules it out for firms that may stand elsewhere.
        open_ = tuple(key for key in stages if key not in absent) or tuple(stages)
        alone = certain or len(open_) == 1
        for key in stages if certain else open_:
            (sure if alone else possible)[key].append(str(firm))
        if not alone:
            choices.add(frozenset(open_))
    return possible, sure, sorted(choices, key=sorted)


def _settle(choices: Iterable[frozenset[str]], present: set[str]) -> list[frozenset[str]]:
    """Sets that nothing present answers, without those that hold a smaller one."""
    left = [choice for choice in choices if not choice & present]
    return [choice for choice in left if not any(other < choice for other in left)]


def _least(present: frozenset[str], choices: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """All least sets of stages that hold one of each choice."""
    states = {present}
    for choice in choices:
        grown = {state if state & choice else state | {key} for state in states for key in choice}
        states = {state for state in grown if not any(other < state for other in grown)}
    return list(states)


def _counts(least: Sequence[frozenset[str]], most: frozenset[str], units: _Units) -> Interval:
    return Interval(min(sum(units(state)) for state in least), sum(units(most)))


def _shares(least: Sequence[frozenset[str]], most: frozenset[str], units: _Units) -> Interval:
    total = len(units(most))
    if not total:
        return Interval(0.0, 1.0)
    counts = _counts(least, most, units)
    return Interval(counts.low / total, counts.high / total)


def _stage_state(
    chain: Chain,
    key: str,
    present: set[str],
    missing: set[str],
    sure: list[str],
    possible: list[str],
    stated: StageStatement | None,
) -> StageState:
    by_firms = bool(sure) or (key in present and not (stated and stated.present))
    by_table = key in missing and not stated
    said = stated if stated and not by_firms and (key in present or key in missing) else None
    return StageState(
        stage=key,
        role=chain.stages[key].role,
        state="present" if key in present else "missing" if key in missing else "unknown",
        witnesses=tuple(sorted(sure)),
        possible=tuple(sorted(possible)),
        origin="data" if by_firms or by_table else said.origin if said else "",
        quote=said.quote if said else "",
    )


def _bought(purchases: pd.DataFrame | None, firms: pd.DataFrame | None) -> pd.DataFrame | None:
    if purchases is None or firms is None:
        return None
    return read_purchases(purchases, firms["id"].astype(str))


def _links(
    chain: Chain,
    present: set[str],
    missing: set[str],
    sure: dict[str, list[str]],
    possible: dict[str, list[str]],
    stated: dict[tuple[str, str], LinkStatement],
    bought: pd.DataFrame | None,
) -> tuple[LinkState, ...]:
    result = []
    for start, end in chain.flows:
        said = stated.get((start, end))
        state, purchases = "unknown", 0
        if bought is not None:
            state, purchases = _recorded(bought, sure, possible, start, end)
        origin, quote = ("data" if state != "unknown" else ""), ""
        if missing & {start, end}:
            state, origin = "absent_end", "data"
        elif state == "broken" and not present >= {start, end}:
            state, origin = "unknown", ""
        if state == "unknown" and said and (said.flows or present >= {start, end}):
            state = "stated" if said.flows else "broken_stated"
            origin, quote = said.origin, said.quote
        result.append(
            LinkState(start=start, end=end, state=state, purchases=purchases, origin=origin, quote=quote)
        )
    return tuple(result)


def _recorded(
    bought: pd.DataFrame, sure: dict[str, list[str]], possible: dict[str, list[str]], start: str, end: str
) -> tuple[str, int]:
    """What the records show of a link: present, broken, or unknown."""
    from_start = bought["supplier"].isin(sure[start])
    by_end = bought["buyer"].isin(sure[end])
    flows = int((from_start & by_end).sum())
    if flows:
        return "present", flows
    buyers = {*sure[end], *possible[end]}
    rows = bought[bought["buyer"].isin(buyers)]
    unclear = rows["supplier"].isin(possible[start] + sure[start]) | rows["inside"].map(
        lambda cell: cell is None
    ).astype(bool)
    # A supplier inside that is none of the firms is one that nobody placed in the chain.
    strangers = rows["inside"].map(lambda cell: cell is True).astype(bool) & ~rows["supplier"].isin(
        {firm for ids in (*sure.values(), *possible.values()) for firm in ids}
    )
    whole = bool(sure[end]) and bool(sure[start]) and set(rows["buyer"]) == buyers
    return ("broken" if whole and not unclear.any() and not strangers.any() else "unknown"), 0
