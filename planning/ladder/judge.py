"""Judge stage and radiation as far as is known: attained, ceiling, evidence, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.errors import N_, UsageError, nearest_name
from planning.ladder.facts import Facts
from planning.ladder.quantities import fields_of, label_of, quantity
from planning.ladder.rules import Facility, Level, Rules, Test
from planning.ladder.verdicts import NONE, CheckResult, EssayRow, EvidenceRow, Judgement, MissingRow, Verdict
from planning.three_valued import Interval, Truth, every, some

__all__ = ["judge", "judge_checks"]

NOT_RECORDED = N_("not recorded")
STRADDLES = N_("known in part: both sides of the threshold are possible")
UNFOUNDED = N_("its condition does not hold, so that nothing follows from it")
OPEN = N_("the first says no and the second does not confirm it")
UNDECIDED = N_("undecided itself")
NO_RULE = N_("no critical facilities are listed for this industry")


def judge(rules: Rules, facts: Facts, essays: Sequence[EssayRow] = ()) -> Judgement:
    """Judge stage and radiation of an industry, without and with the judgements of essays.

    Parameters
    ----------
    rules : Rules
        Of `load_ladder`.
    facts : Facts
    essays : sequence of EssayRow
        Their order does not matter.

    Returns
    -------
    Judgement

    Raises
    ------
    UsageError
        If a judgement is about no criterion, or the facts contradict each other.

    Notes
    -----
    Kleene's three-valued logic. Attained is the highest stage of which all criteria, and those of the
    stages below, hold; the ceiling is the highest that no criterion excludes. Knowing more never
    widens what the inputs alone allow: each test only goes from unknown to yes or no. Without any fact
    the answer is from none to the top.

    References
    ----------
    Kleene (1952), Introduction to Metamathematics, section 64. Rules: docs/clusters.md.
    """
    for row in essays:
        if row.criterion not in rules.criteria:
            near = nearest_name(row.criterion, list(rules.criteria))
            raise UsageError(
                N_("an essay judges “{name}”, which is no criterion"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=row.criterion,
                name=row.criterion,
                near=near,
                known=", ".join(rules.criteria),
            )
    known = facts.without_assumptions()
    plain = _verdict(rules, known, {})
    filled = _fill(essays)
    with_essays = _verdict(rules, known, filled)
    disagreements = tuple(
        row
        for row in essays
        if row.criterion not in filled or plain.criteria[row.criterion] is (not row.value)
    )
    return Judgement(
        from_inputs=plain,
        with_essays=with_essays,
        disagreements=disagreements,
        shown_only=facts.assumed(),
        rules=rules,
    )


def judge_checks(rules: Rules, facts: Facts) -> tuple[CheckResult, ...]:
    """Judge the criteria by which administrations recognise a cluster; they decide no stage.

    Parameters
    ----------
    rules : Rules
        Of `load_recognition`.
    facts : Facts

    Returns
    -------
    tuple of CheckResult
    """
    run = _Run(rules, facts.without_assumptions(), {})
    criteria = {key: run.criterion(key) for key in rules.criteria}
    return tuple(
        CheckResult(
            check=check,
            met=every(criteria[key] for key in check.criteria),
            verdict={key: criteria[key] for key in check.criteria},
            evidence=tuple(row for row in run.evidence if row.criterion in check.criteria),
            missing=tuple(row for row in run.missing if row.criterion in check.criteria),
        )
        for check in rules.checks.values()
    )


def _fill(essays: Sequence[EssayRow]) -> dict[str, EssayRow]:
    """Judgements that no other one contradicts."""
    said: dict[str, set[bool]] = {}
    for row in essays:
        said.setdefault(row.criterion, set()).add(row.value)
    # Of several that agree the first by its words stands, so that their order does not matter.
    ordered = sorted(essays, key=lambda row: (row.criterion, row.quote, row.origin))
    return {row.criterion: row for row in reversed(ordered) if len(said[row.criterion]) == 1}


def _verdict(rules: Rules, facts: Facts, essays: Mapping[str, EssayRow]) -> Verdict:
    run = _Run(rules, facts, essays)
    criteria = {key: run.criterion(key) for key in rules.criteria}
    stage = _climb(rules.stages, criteria, [True] * len(rules.stages))
    order = [NONE, *(level.id for level in rules.stages)]
    allowed: list[Truth] = []
    for level in rules.radiation:
        needed = order.index(level.stage) if level.stage else 0
        attained, ceiling = order.index(stage[0]) >= needed, order.index(stage[1]) >= needed
        allowed.append(True if attained else None if ceiling else False)
    return Verdict(
        criteria=criteria,
        stage=stage,
        radiation=_climb(rules.radiation, criteria, allowed),
        evidence=tuple(run.evidence),
        missing=tuple(run.missing),
    )


def _climb(
    levels: Sequence[Level], criteria: Mapping[str, Truth], allowed: Sequence[Truth]
) -> tuple[str, str]:
    attained = ceiling = NONE
    certain = True
    for level, precondition in zip(levels, allowed, strict=True):
        holds = every([precondition, *(criteria[key] for key in level.required)])
        if holds is False:
            break
        certain = certain and holds is True
        attained = level.id if certain else attained
        ceiling = level.id
    return attained, ceiling


@dataclass
class _Run:
    """Criteria as they are evaluated, with the rows that come of it."""

    rules: Rules
    facts: Facts
    essays: Mapping[str, EssayRow]
    results: dict[str, Truth] = field(default_factory=dict)
    evidence: list[EvidenceRow] = field(default_factory=list)
    missing: list[MissingRow] = field(default_factory=list)

    def criterion(self, key: str) -> Truth:
        rows: list[EvidenceRow] = []
        missing: list[MissingRow] = []
        value = self._evaluate(key, self.rules.criteria[key].test, rows, missing)
        essay = self.essays.get(key)
        if value is None and essay is not None:
            value = essay.value
            rows.append(
                EvidenceRow(
                    criterion=key,
                    indicator="",
                    label=N_("a judgement of an essay"),
                    value=essay.value,
                    met=essay.value,
                    origins=(essay.origin,),
                    source=essay.quote,
                )
            )
        self.results[key] = value
        self.evidence += rows
        if value is None:
            self.missing += missing
        return value

    def _evaluate(self, key: str, test: Test, rows: list[EvidenceRow], missing: list[MissingRow]) -> Truth:
        if test.kind in ("all", "any"):
            parts = [self._evaluate(key, part, rows, missing) for part in test.parts]
            return every(parts) if test.kind == "all" else some(parts)
        if test.kind == "confirm":
            return self._confirm(key, test, rows, missing)
        if test.kind == "access":
            return self._access(key, rows, missing)
        guard = test.only_if and self._evaluate(key, test.only_if, rows, missing)
        value = quantity(self.facts, test.name)
        if isinstance(value, Interval):
            met = value.compare(test.sign, self.rules.thresholds[test.threshold].value)
        else:
            met = value
        if value is not None:
            rows.append(self._row(key, test, value, met))
        if met is None:
            self._lacks(key, test.name, NOT_RECORDED if value is None else STRADDLES, missing)
        if test.only_if is None or guard is True:
            return met
        if guard is False:
            self._lacks(key, test.name, UNFOUNDED, missing)
        return None

    def _row(self, key: str, test: Test, value: Interval | Truth, met: Truth) -> EvidenceRow:
        told = [
            self.facts.source(name)
            for name in fields_of(test.name)
            if getattr(self.facts, name) not in (None, {})
        ]
        counts = [one.n for one in told if one.n is not None]
        limit = self.rules.thresholds.get(test.threshold)
        return EvidenceRow(
            criterion=key,
            indicator=test.name,
            label=label_of(test.name),
            value=value,
            met=met,
            sign=test.sign,
            threshold=limit.value if limit else None,
            unit=limit.unit if limit else "",
            threshold_origin=limit.origin if limit else "",
            n=min(counts) if counts else None,
            origins=tuple(dict.fromkeys(one.origin for one in told)),
            source="; ".join(dict.fromkeys(one.text for one in told if one.text)),
        )

    def _lacks(self, key: str, name: str, why: str, missing: list[MissingRow]) -> None:
        missing.append(
            MissingRow(criterion=key, indicator=name, label=label_of(name), fields=fields_of(name), why=why)
        )

    def _confirm(self, key: str, test: Test, rows: list[EvidenceRow], missing: list[MissingRow]) -> Truth:
        first, second = (self.results[one] for one in test.criteria)
        alone = bool(test.name) and getattr(self.facts, test.name) is True
        asked = test.criteria[1:] if alone else test.criteria
        for one in asked:
            told = self.rules.criteria[one]
            value = self.results[one]
            origins = tuple(
                dict.fromkeys(
                    origin for row in self.evidence if row.criterion == one for origin in row.origins
                )
            )
            if value is None:
                missing.append(
                    MissingRow(
                        criterion=key,
                        indicator=one,
                        label=told.name_en,
                        label_zh=told.name_zh,
                        fields=(),
                        why=UNDECIDED,
                    )
                )
            else:
                rows.append(
                    EvidenceRow(
                        criterion=key,
                        indicator=one,
                        label=told.name_en,
                        label_zh=told.name_zh,
                        value=value,
                        met=value,
                        origins=origins,
                    )
                )
        if alone:
            return second
        if first is False and second is True:
            confirming = self.rules.criteria[test.criteria[1]]
            missing.append(
                MissingRow(
                    criterion=key,
                    indicator=confirming.id,
                    label=confirming.name_en,
                    label_zh=confirming.name_zh,
                    fields=(),
                    why=OPEN,
                )
            )
        return None if first is False and second is not False else first

    def _access(self, key: str, rows: list[EvidenceRow], missing: list[MissingRow]) -> Truth:
        facilities = self.rules.access.get(self.facts.industry, ())
        if not facilities:
            missing.append(
                MissingRow(
                    criterion=key,
                    indicator="access",
                    label=N_("access"),
                    fields=("industry", "access"),
                    why=NO_RULE,
                )
            )
            return None
        return every([self._facility(key, one, rows, missing) for one in facilities])

    def _facility(
        self,
        key: str,
        facility: Facility,
        rows: list[EvidenceRow],
        missing: list[MissingRow],
    ) -> Truth:
        told = [row for row in self.facts.access if row.kind in facility.kinds]
        if len({row.measure for row in told}) > 1:
            raise UsageError(
                N_("“{name}”: straight-line and network distances are mixed"),
                hint=N_("give all kinds of this facility by one measure"),
                where=facility.id,
                name=facility.name_en,
            )
        results: list[Truth] = [None] * (len(facility.kinds) - len(told))
        source = self.facts.source("access")
        for row in told:
            limit = self.rules.thresholds.get(f"access.{self.facts.industry}.{facility.id}.{row.kind}")
            met = row.met if limit is None else None
            if limit is not None and row.value is not None and row.unit == limit.unit:
                met = row.value.compare(">=" if limit.unit == "feeders" else "<=", limit.value)
            results.append(met)
            if met is not None:
                rows.append(
                    EvidenceRow(
                        criterion=key,
                        indicator=row.kind,
                        label=facility.name_en,
                        label_zh=facility.name_zh,
                        value=row.value if row.value is not None else met,
                        met=met,
                        sign="" if limit is None else ">=" if limit.unit == "feeders" else "<=",
                        threshold=limit.value if limit else None,
                        unit=row.unit if limit else "",
                        threshold_origin=limit.origin if limit else "",
                        n=source.n,
                        origins=(source.origin,),
                        source=source.text,
                        measure=row.measure if limit else "",
                    )
                )
        near = some(results)
        if near is None:
            missing.append(
                MissingRow(
                    criterion=key,
                    indicator=facility.id,
                    label=facility.name_en,
                    label_zh=facility.name_zh,
                    fields=("access",),
                    why=NOT_RECORDED,
                )
            )
        return near
