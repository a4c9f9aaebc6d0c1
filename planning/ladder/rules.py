"""The rules of the ladder: criteria, thresholds, stages and facilities, read from TOML and checked.

``data/catalogues/ladder.toml`` holds the stages, ``recognition.toml`` the criteria of administrations;
a file of one's own may take the place of each.
"""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import CATALOGUES
from geo.errors import N_, Phrase, SourceError, UsageError, nearest_name
from planning.ladder.facts import FACTS
from planning.ladder.quantities import QUANTITIES
from planning.three_valued import OPERATORS

__all__ = [
    "THRESHOLD_ORIGINS",
    "Check",
    "Criterion",
    "Facility",
    "Level",
    "Rules",
    "Test",
    "Threshold",
    "load_ladder",
    "load_recognition",
]

THRESHOLD_ORIGINS = {
    "seed": N_("named by an essay"),
    "policy": N_("a policy document"),
    "literature": N_("a paper"),
    "project_default": N_("ours"),
    "user": N_("changed by the user"),
}
_KINDS = ("quantity", "yes", "all", "any", "confirm", "access")
_KEYS = {
    "quantity": {"quantity", "sign", "threshold", "only_if"},
    "yes": {"yes", "only_if"},
    "all": {"all"},
    "any": {"any"},
    "confirm": {"confirm", "second_alone_if"},
    "access": {"access"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that a criterion compares with.

    Attributes
    ----------
    value : float
    unit : str
    origin : str
        A key of `THRESHOLD_ORIGINS`.
    source : str
    """

    value: float
    unit: str = ""
    origin: str = "project_default"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What a criterion asks, in three-valued logic.

    Attributes
    ----------
    kind : str
        quantity: compare it with a threshold; yes: a fact holds; all, any: of `parts`; confirm: the
        first criterion, which a no of the second must confirm; access: every critical facility is near.
    name : str
        Quantity, or fact; of confirm a declaration by which the second criterion decides alone.
    sign, threshold : str
    parts : tuple of Test
    criteria : tuple of str
        Of confirm: first and second.
    only_if : Test, optional
        Unless it holds, nothing is known.
    """

    kind: str
    name: str = ""
    sign: str = ""
    threshold: str = ""
    parts: tuple[Test, ...] = ()
    criteria: tuple[str, ...] = ()
    only_if: Test | None = None

    def walk(self) -> Iterator[Test]:
        """Return it and all tests within."""
        yield self
        for part in (*self.parts, *((self.only_if,) if self.only_if else ())):
            yield from part.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion.

    Attributes
    ----------
    id, name_zh, name_en : str
    test : Test
    """

    id: str
    name_zh: str
    name_en: str
    test: Test


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A stage, or a level of radiation.

    Attributes
    ----------
    id, name_zh, name_en, quote : str
    required : tuple of str
        Criteria.
    signature : tuple of str
        Criteria that are typical of it and raise nothing.
    stage : str
        Stage that radiation of this level needs; empty where it needs none.
    """

    id: str
    name_zh: str
    name_en: str
    required: tuple[str, ...]
    signature: tuple[str, ...] = ()
    stage: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A facility that an industry cannot do without; of its kinds one is enough.

    Attributes
    ----------
    id, name_zh, name_en : str
    kinds : tuple of str
        Their thresholds are named ``access.<industry>.<id>.<kind>``, where there are any.
    """

    id: str
    name_zh: str
    name_en: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Criteria by which an administration recognises a cluster.

    Attributes
    ----------
    id, name_zh, name_en, source : str
    criteria : tuple of str
    """

    id: str
    name_zh: str
    name_en: str
    source: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Rules as they were read.

    Attributes
    ----------
    criteria : mapping of str to Criterion
        In an order in which each stands after those that it names.
    thresholds : mapping of str to Threshold
    stages, radiation : tuple of Level
        From the bottom.
    access : mapping of str to tuple of Facility
    checks : mapping of str to Check
    """

    criteria: Mapping[str, Criterion]
    thresholds: Mapping[str, Threshold]
    stages: tuple[Level, ...] = ()
    radiation: tuple[Level, ...] = ()
    access: Mapping[str, tuple[Facility, ...]] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)

    def with_thresholds(self, values: Mapping[str, float]) -> Rules:
        """Return the rules with other thresholds, which are marked as the user's.

        Raises
        ------
        UsageError
            If there is no such threshold, or the value is no number.
        """
        changed = dict(self.thresholds)
        for name, value in values.items():
            if name not in changed:
                near = nearest_name(name, list(changed))
                raise UsageError(
                    N_("there is no threshold “{name}”"),
                    hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                    where=name,
                    name=name,
                    near=near,
                    known=", ".join(changed),
                )
            if isinstance(value, bool) or not math.isfinite(value):
                raise UsageError(N_("the threshold “{name}” must be a number"), where=name, name=name)
            if value != changed[name].value:
                changed[name] = dataclasses.replace(changed[name], value=float(value), origin="user")
        return dataclasses.replace(self, thresholds=changed)

    def users_of(self, threshold: str) -> frozenset[str]:
        """Return the criteria that a threshold may change, those that rest on such criteria included."""
        users: set[str] = set()
        for criterion in self.criteria.values():
            for test in criterion.test.walk():
                if (
                    test.threshold == threshold
                    or (test.kind == "access" and threshold.startswith("access."))
                    or users & set(test.criteria)
                ):
                    users.add(criterion.id)
        return frozenset(users)


def load_ladder(path: str | Path | None = None) -> Rules:
    """Return the rules of stages and radiation.

    Parameters
    ----------
    path : path, optional
        A file of one's own; data/catalogues/ladder.toml else.

    Raises
    ------
    UsageError
        If the file names an unknown fact, threshold or criterion, or uses none of a threshold: file
        and key are told.
    SourceError
        If it cannot be read or is no TOML.
    """
    return _rules(Path(path) if path else CATALOGUES / "ladder.toml")


def load_recognition(path: str | Path | None = None) -> Rules:
    """Return the criteria by which administrations recognise clusters; as `load_ladder`."""
    return _rules(Path(path) if path else CATALOGUES / "recognition.toml")


def _rules(path: Path) -> Rules:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the rules “{name}” cannot be read: {reason}"),
            hint=N_("copy data/catalogues/ladder.toml"),
            where=path.name,
            name=path.name,
            reason=error,
        ) from None
    file = path.name
    try:
        thresholds = {str(key): Threshold(**one) for key, one in values.get("thresholds", {}).items()}
        access, more = _access(values.get("access", {}))
        criteria = {
            str(key): Criterion(
                id=str(key),
                name_zh=one["name_zh"],
                name_en=one["name_en"],
                test=_test(one["test"], f"{file} criteria.{key}"),
            )
            for key, one in values["criteria"].items()
        }
        stages = tuple(_level(one) for one in values.get("stages", []))
        radiation = tuple(_level(one) for one in values.get("radiation", []))
        checks = {
            str(key): Check(
                id=str(key),
                name_zh=one["name_zh"],
                name_en=one["name_en"],
                source=one.get("source", ""),
                criteria=tuple(one["criteria"]),
            )
            for key, one in values.get("checks", {}).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(file, str(error).strip("'"), N_("is missing, unknown or of another form")) from None
    rules = Rules(
        criteria=criteria,
        thresholds=thresholds | more,
        stages=stages,
        radiation=radiation,
        access=access,
        checks=checks,
    )
    _check(rules, file)
    return rules


def _level(values: Mapping[str, Any]) -> Level:
    lists = {key: tuple(values.get(key, ())) for key in ("required", "signature")}
    return Level(**{**values, **lists})


def _access(values: Mapping[str, Any]) -> tuple[dict[str, tuple[Facility, ...]], dict[str, Threshold]]:
    facilities: dict[str, tuple[Facility, ...]] = {}
    thresholds: dict[str, Threshold] = {}
    for industry, listed in values.items():
        facilities[industry] = tuple(
            Facility(id=one["id"], name_zh=one["name_zh"], name_en=one["name_en"], kinds=tuple(one["within"]))
            for one in listed
        )
        for one in listed:
            for kind, told in one["within"].items():
                if told:
                    number, unit = told.split()
                    thresholds[f"access.{industry}.{one['id']}.{kind}"] = Threshold(
                        value=float(number), unit=unit
                    )
    return facilities, thresholds


def _test(values: Mapping[str, Any], where: str) -> Test:
    kind = next((kind for kind in _KINDS if kind in values), "")
    if not kind:
        raise _wrong(where, "test", N_("must hold one of quantity, yes, all, any, confirm, access"))
    for key in values:
        if key not in _KEYS[kind]:
            raise _wrong(where, str(key), N_("is no part of such a test"))
    only_if = _test(values["only_if"], where) if "only_if" in values else None
    if kind in ("all", "any"):
        return Test(kind=kind, parts=tuple(_test(part, where) for part in values[kind]))
    if kind == "confirm":
        first, second = values["confirm"]
        return Test(kind=kind, criteria=(first, second), name=str(values.get("second_alone_if", "")))
    return Test(
        kind=kind,
        name=str(values[kind]),
        sign=str(values.get("sign", "")),
        threshold=str(values.get("threshold", "")),
        only_if=only_if,
    )


def _check(rules: Rules, file: str) -> None:
    known = {*FACTS, *QUANTITIES}
    seen: set[str] = set()
    used: set[str] = set()
    for criterion in rules.criteria.values():
        where = f"{file} criteria.{criterion.id}"
        for test in criterion.test.walk():
            if test.kind in ("quantity", "yes"):
                _named(test.name, known, where)
            if test.kind == "confirm" and test.name:
                _named(test.name, {"no_park"}, where)
            if test.kind == "quantity":
                _named(test.threshold, set(rules.thresholds), where)
                _named(test.sign, set(OPERATORS), where)
                used.add(test.threshold)
            for other in test.criteria:
                # Criteria stand after those that they name: so there is no circle.
                _named(other, seen, where)
        seen.add(criterion.id)
    for name, threshold in rules.thresholds.items():
        if threshold.origin not in THRESHOLD_ORIGINS:
            raise _wrong(file, f"thresholds.{name}", N_("has an origin that is not known"))
        if name not in used and not name.startswith("access."):
            raise _wrong(file, f"thresholds.{name}", N_("is used by no criterion"))
    _check_levels(rules, file)


def _check_levels(rules: Rules, file: str) -> None:
    known = set(rules.criteria)
    for level in (*rules.stages, *rules.radiation):
        for criterion_id in (*level.required, *level.signature):
            _named(criterion_id, known, f"{file} {level.id}")
        if level.stage:
            _named(level.stage, {stage.id for stage in rules.stages}, f"{file} {level.id}")
    for check in rules.checks.values():
        for criterion_id in check.criteria:
            _named(criterion_id, known, f"{file} checks.{check.id}")


def _named(name: str, known: set[str], where: str) -> None:
    if name not in known:
        near = nearest_name(name, sorted(known))
        raise UsageError(
            N_("{file}: “{key}” is not known"),
            hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
            where=where,
            file=where,
            key=name,
            near=near,
            known=", ".join(sorted(known)),
        )


def _wrong(file: str, key: str, why: str) -> UsageError:
    return UsageError(
        N_("{file}: “{key}” {why}"),
        hint=N_("copy data/catalogues/ladder.toml"),
        where=f"{file} {key}",
        file=file,
        key=key,
        why=Phrase(why),
    )
