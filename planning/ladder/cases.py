"""Read what is known of an industry from a TOML file: the cases of the essays, or one of one's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data import REFERENCE
from geo.errors import N_, Phrase, SourceError, UsageError, nearest_name
from geo.known_keys import only_known_keys
from layers.sources.chains import load_chain
from planning.chain.judge import judge_chain
from planning.chain.states import ChainResult, LinkStatement, StageStatement
from planning.ladder.facts import FACTS, AccessRow, Facts, Source
from planning.ladder.verdicts import EssayRow
from planning.three_valued import Interval

__all__ = ["Case", "as_interval", "case_names", "load_case", "with_chain"]

FOLDER = REFERENCE / "seed_cases"
_TOP = {
    "title_zh", "title_en", "industry", "no_park", "shown_only", "facts", "chain", "access", "sources",
    "essay_rows",
}  # fmt: skip
_CHAIN = {"key", "present", "missing", "broken", "flows"}
_OF_CHAIN = ("completeness", "terminal_stages", "flows_present")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """An industry in one place.

    Attributes
    ----------
    key, title_zh, title_en : str
    facts : Facts
    essays : tuple of EssayRow
        Judgements of essays.
    shown_only : tuple of str
        Words that decide nothing.
    chain : ChainResult, optional
        Where the file says which stages there are.
    """

    key: str
    title_zh: str
    title_en: str
    facts: Facts
    essays: tuple[EssayRow, ...] = ()
    shown_only: tuple[str, ...] = ()
    chain: ChainResult | None = None


def case_names() -> list[str]:
    """Return the keys of the cases of the essays."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def as_interval(value: Any, where: str) -> Interval:
    """Read a number, or two: ``70``, ``[21, 29]``, ``[100, inf]``.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if isinstance(value, Interval):
        return value
    numbers = value if isinstance(value, list) else [value, value]
    if len(numbers) != 2 or not all(
        isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers
    ):
        raise _wrong(where, N_("must be a number or two, the smaller first"))
    return Interval(float(numbers[0]), float(numbers[1]))


def with_chain(facts: Facts, result: ChainResult, source: Source | None = None) -> Facts:
    """Return the facts with those of a chain: completeness, terminal stages, flows.

    Parameters
    ----------
    facts : Facts
    result : ChainResult
    source : Source, optional
        Computed, where nothing is said.
    """
    own = source or Source(origin="calc", text=result.chain.source)
    return replace(
        facts,
        completeness=result.completeness,
        terminal_stages=result.terminal_stages,
        flows_present=result.flows_present,
        sources={**facts.sources, **dict.fromkeys(_OF_CHAIN, own)},
    )


def load_case(name: str | Path) -> Case:
    """Return a case of the essays by its key, or one from a TOML file.

    Raises
    ------
    UsageError
        If there is no such case, or something in the file is wrong: file and key are told.
    SourceError
        If the file cannot be read or is no TOML.
    """
    path = Path(name)
    if path.suffix.casefold() != ".toml":
        if str(name) not in case_names():
            near = nearest_name(str(name), case_names())
            raise UsageError(
                N_("there is no case “{name}”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where="case",
                name=str(name),
                near=near,
                known=", ".join(case_names()),
            )
        path = FOLDER / f"{name}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the case “{name}” cannot be read: {reason}"),
            hint=N_("copy one from data/reference/seed_cases"),
            where=path.name,
            name=path.name,
            reason=error,
        ) from None
    return _case(path, values)


def _case(path: Path, values: Mapping[str, Any]) -> Case:
    file = path.name
    only_known_keys(values, _TOP, file)
    told = _section(values, "facts", file)
    only_known_keys(told, set(FACTS), f"{file} facts")
    try:
        sources = {
            str(key): Source(**one)
            for key, one in _section(values, "sources", file).items()
            if key != "chain"
        }
        access = tuple(
            AccessRow(
                **{**row, "value": as_interval(row["value"], f"{file} access") if "value" in row else None}
            )
            for row in values.get("access", [])
        )
        essays = tuple(EssayRow(**row) for row in values.get("essay_rows", []))
    except TypeError as error:
        raise _wrong(f"{file}: {error}", N_("is no entry of sources, access or essay_rows")) from None
    facts = Facts(
        industry=str(values.get("industry", "")),
        no_park=bool(values.get("no_park", False)),
        access=access,
        sources=sources,
        **{name: _fact(name, value, f"{file} facts.{name}") for name, value in told.items()},
    )
    chain = _chain(path, _section(values, "chain", file)) if "chain" in values else None
    if chain is not None:
        twice = [name for name in _OF_CHAIN if name in told]
        if twice:
            raise _wrong(
                f"{file} facts.{twice[0]}", N_("follows from the section chain and is given beside it")
            )
        source = _section(values, "sources", file).get("chain")
        facts = with_chain(facts, chain, Source(**source) if source else None)
    return Case(
        key=path.stem,
        title_zh=str(values.get("title_zh", path.stem)),
        title_en=str(values.get("title_en", path.stem)),
        facts=facts,
        essays=essays,
        shown_only=tuple(values.get("shown_only", ())),
        chain=chain,
    )


def _fact(name: str, value: Any, where: str) -> Any:
    kind = FACTS[name].kind
    if kind == "flag":
        if not isinstance(value, bool):
            raise _wrong(where, N_("must be true or false; left out where it is unknown"))
        return value
    if kind == "checklist":
        if not isinstance(value, Mapping) or not all(isinstance(one, bool) for one in value.values()):
            raise _wrong(where, N_("must say true or false of each entry; left out where it is unknown"))
        return dict(value)
    return as_interval(value, where)


def _chain(path: Path, values: Mapping[str, Any]) -> ChainResult:
    where = f"{path.name} chain"
    only_known_keys(values, _CHAIN, where)
    key = str(values.get("key", ""))
    chain = load_chain(path.parent / key if key.casefold().endswith(".toml") else key)
    statements: list[StageStatement | LinkStatement] = [
        *(
            StageStatement(stage=str(stage), present=name == "present")
            for name in ("present", "missing")
            for stage in values.get(name, [])
        ),
        *(
            LinkStatement(start=str(flow[0]), end=str(flow[1]), flows=name == "flows")
            for name in ("broken", "flows")
            for flow in _pairs(values.get(name, []), f"{where}.{name}")
        ),
    ]
    return judge_chain(chain, statements=statements)


def _pairs(value: Any, where: str) -> list[list[Any]]:
    if not isinstance(value, list) or not all(isinstance(one, list) and len(one) == 2 for one in value):
        raise _wrong(where, N_("must be a list of pairs of stages"))
    return value


def _section(values: Mapping[str, Any], key: str, file: str) -> Mapping[str, Any]:
    section = values.get(key, {})
    if not isinstance(section, Mapping):
        raise _wrong(f"{file} {key}", N_("must be a section"))
    return section


def _wrong(where: str, why: str) -> UsageError:
    return UsageError(
        N_("“{key}” {why}"),
        hint=N_("copy one from data/reference/seed_cases"),
        where=where,
        key=where,
        why=Phrase(why),
    )
