"""Chains of an industry: their stages, what flows between them, and the codes and words of each.

One TOML file a chain in ``data/catalogues/chains``; the file's name is its key. Users copy one and
change it, or keep a folder of their own: ``load_chain("my.toml")``, ``load_chains("my folder")``.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data import CATALOGUES
from geo.errors import N_, Phrase, SourceError, UsageError, nearest_name
from geo.known_keys import only_known_keys
from layers.sources.editions import code_editions

__all__ = ["CORE_ROLES", "ROLES", "Chain", "Stage", "chains", "load_chain", "load_chains", "plain_text"]

FOLDER = CATALOGUES / "chains"
CORE_ROLES = ("R", "U", "M", "D", "T")
"""Roles of the stages that a chain's completeness counts."""
ROLES = {
    "R": N_("raw material"),
    "U": N_("upstream"),
    "M": N_("midstream"),
    "D": N_("downstream"),
    "T": N_("terminal product"),
    "E": N_("equipment"),
    "S": N_("service"),
    "C": N_("recycling"),
    "X": N_("market"),
}
_TOP = {"name_zh", "name_en", "source", "words", "alternatives", "flows", "stages"}
_STAGE = {"name_zh", "name_en", "role", "classes", "words", "quote", "note"}
_HINT = N_("copy one from data/catalogues/chains")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a chain.

    Attributes
    ----------
    id, name_zh, name_en : str
    role : str
        A key of `ROLES`.
    classes : mapping of str to str
        Class of GB/T 4754-2017 → its name.
    words : tuple of str
        Words of a product or industry that mean this stage.
    quote, note : str
        Words of an essay that name it; what to mind. Empty where there are none.
    """

    id: str
    name_zh: str
    name_en: str
    role: str
    classes: Mapping[str, str]
    words: tuple[str, ...]
    quote: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain of an industry.

    Attributes
    ----------
    key : str
        Name of its file.
    name_zh, name_en, source : str
    words : tuple of str
        Words that mean the chain without a stage.
    stages : mapping of str to Stage
    alternatives : tuple of tuple of str
        Groups of stages of which one is enough: they count once.
    flows : tuple of (str, str)
        From stage, to stage: the main line, not every sale.
    plain_words : tuple of (str, str)
        Word in plain letters, stage.
    """

    key: str
    name_zh: str
    name_en: str
    source: str
    words: tuple[str, ...]
    stages: Mapping[str, Stage]
    alternatives: tuple[tuple[str, ...], ...]
    flows: tuple[tuple[str, str], ...]
    plain_words: tuple[tuple[str, str], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # A table may hold a million products: the words are made plain once.
        words = tuple((plain_text(word), key) for key, stage in self.stages.items() for word in stage.words)
        object.__setattr__(self, "plain_words", words)

    @property
    def core(self) -> tuple[str, ...]:
        """Stages that count for completeness: raw material to terminal product."""
        return tuple(key for key, stage in self.stages.items() if stage.role in CORE_ROLES)

    @property
    def terminal(self) -> tuple[str, ...]:
        """Stages that make a terminal product."""
        return tuple(key for key, stage in self.stages.items() if stage.role == "T")

    @property
    def slots(self) -> tuple[frozenset[str], ...]:
        """Core stages, those of one group of alternatives together."""
        return tuple(dict.fromkeys(self._slot(stage) for stage in self.core))

    @property
    def flow_slots(self) -> tuple[frozenset[tuple[str, str]], ...]:
        """Flows, those of one group of alternatives into the same stage together."""
        places: dict[tuple[frozenset[str], str], set[tuple[str, str]]] = {}
        for start, end in self.flows:
            places.setdefault((self._slot(start), end), set()).add((start, end))
        return tuple(frozenset(flows) for flows in places.values())

    def stages_of_class(self, code: str) -> tuple[str, ...]:
        """Return the stages that a class of GB/T 4754-2017 fits."""
        return tuple(key for key, stage in self.stages.items() if code in stage.classes)

    @property
    def ambiguous_classes(self) -> dict[str, tuple[str, ...]]:
        """Classes that fit several stages: without a product text they name none for certain."""
        codes = dict.fromkeys(code for stage in self.stages.values() for code in stage.classes)
        fits = {code: self.stages_of_class(code) for code in codes}
        return {code: stages for code, stages in fits.items() if len(stages) > 1}

    def stages_of_words(self, text: str) -> tuple[str, ...]:
        """Return the stages that the words of a text mean; a word inside a longer one that fits is none."""
        plain = plain_text(text)
        held = [(word, stage) for word, stage in self.plain_words if word in plain]
        if len(held) > 1:
            words = {word for word, _ in held}
            within = {word for word in words if any(word != other and word in other for other in words)}
            held = [(word, stage) for word, stage in held if word not in within]
        return tuple(dict.fromkeys(stage for _, stage in held))

    def _slot(self, stage: str) -> frozenset[str]:
        group = next((group for group in self.alternatives if stage in group), (stage,))
        return frozenset(group)


def plain_text(text: str) -> str:
    """Return a text in small letters of half width, without spaces and the usual marks."""
    return re.sub(r"[\s、,，;；()（）]+", "", unicodedata.normalize("NFKC", text).casefold())


@functools.cache
def chains() -> Mapping[str, Chain]:
    """Return the chains that ship with the program, by key."""
    return load_chains(FOLDER)


def load_chains(folder: str | Path) -> dict[str, Chain]:
    """Read every chain of a folder.

    Raises
    ------
    UsageError
        If the folder holds no chain, a file is wrong, or two files have one key.
    SourceError
        If a file cannot be read or is no TOML.
    """
    paths = sorted(path for path in Path(folder).glob("*") if path.suffix.casefold() == ".toml")
    if not paths:
        raise UsageError(
            N_("the folder “{folder}” holds no chain"),
            hint=_HINT,
            where=str(folder),
            folder=Path(folder).name,
        )
    result: dict[str, Chain] = {}
    for path in paths:
        chain = load_chain(path)
        if chain.key in result:
            raise _wrong(path.name, "stem", N_("is the key of another chain of the folder"))
        result[chain.key] = chain
    return result


def load_chain(name: str | Path) -> Chain:
    """Return a chain of the program by its key, or one from a TOML file.

    Parameters
    ----------
    name : str or Path
        ``textile``, or a path that ends in ``.toml``.

    Raises
    ------
    UsageError
        If there is no such chain, or something in the file is wrong: file and key are told.
    SourceError
        If the file cannot be read or is no TOML.
    """
    path = Path(name)
    if path.suffix.casefold() != ".toml":
        known = chains()
        if str(name) not in known:
            near = nearest_name(str(name), list(known))
            raise UsageError(
                N_("there is no chain “{name}”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where="chain",
                name=str(name),
                near=near,
                known=", ".join(known),
            )
        return known[str(name)]
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(
            N_("the chain “{name}” cannot be read: {reason}"),
            hint=N_("check the path"),
            where=path.name,
            name=path.name,
            reason=error.strerror or str(error),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # A stage that stands twice is refused here already: TOML allows no key twice.
        raise SourceError(
            N_("the chain “{name}” is no TOML file: {reason}"),
            hint=_HINT,
            where=path.name,
            name=path.name,
            reason=error,
        ) from None
    return _chain(path.stem, path.name, values)


def _chain(key: str, file: str, values: Mapping[str, Any]) -> Chain:
    only_known_keys(values, _TOP, file)
    _needed(values, ("name_zh", "name_en", "stages"), file)
    sections = values["stages"]
    if not isinstance(sections, Mapping) or not sections:
        raise _wrong(file, "stages", N_("must hold a section a stage"))
    stages = {str(one): _stage(str(one), section, file) for one, section in sections.items()}
    if not any(stage.role in CORE_ROLES for stage in stages.values()):
        raise _wrong(file, "stages", N_("holds no stage that counts: roles R, U, M, D or T"))
    alternatives = tuple(
        _stages_named(group, stages, file, "alternatives") for group in _lists(values, file, "alternatives")
    )
    if any(len(set(group)) < 2 for group in alternatives):
        raise _wrong(file, "alternatives", N_("holds a group of fewer than two stages"))
    grouped = [stage for group in alternatives for stage in group]
    if len(set(grouped)) != len(grouped):
        raise _wrong(file, "alternatives", N_("names a stage twice"))
    for group in alternatives:
        if len({stages[stage].role in CORE_ROLES for stage in group}) > 1:
            raise _wrong(file, "alternatives", N_("joins a stage that counts and one that does not"))
    flows = tuple(_stages_named(flow, stages, file, "flows") for flow in _lists(values, file, "flows"))
    if any(len(flow) != 2 or flow[0] == flow[1] for flow in flows):
        raise _wrong(file, "flows", N_("must be pairs of two different stages"))
    if len(set(flows)) != len(flows):
        raise _wrong(file, "flows", N_("names a flow twice"))
    return Chain(
        key=key,
        name_zh=_text(values, "name_zh", file),
        name_en=_text(values, "name_en", file),
        source=str(values.get("source", "")),
        words=_texts(values, "words", file),
        stages=stages,
        alternatives=alternatives,
        flows=tuple((flow[0], flow[1]) for flow in flows),
    )


def _stage(key: str, values: Any, file: str) -> Stage:
    where = f"{file} stages.{key}"
    if not isinstance(values, Mapping):
        raise _wrong(file, f"stages.{key}", N_("must be a section"))
    only_known_keys(values, _STAGE, where)
    _needed(values, ("name_zh", "name_en", "role"), where)
    if values["role"] not in ROLES:
        raise _wrong(where, "role", N_("must be one of R, U, M, D, T, E, S, C, X"))
    classes = values.get("classes", {})
    if not isinstance(classes, Mapping):
        raise _wrong(where, "classes", N_("must be a section"))
    for code in classes:
        # Without a copy of the standard a code can be told by its form, division and edition alone.
        if not re.fullmatch(r"\d{4}", code) or not 1 <= int(code[:2]) <= 97:
            raise _code(where, code, N_("{file}: “{number}” is no class of GB/T 4754-2017: four digits"))
        if code in code_editions().only["2011"]:
            raise _code(where, code, N_("{file}: class {number} is of GB/T 4754-2011 alone"))
    return Stage(
        id=key,
        name_zh=_text(values, "name_zh", where),
        name_en=_text(values, "name_en", where),
        role=str(values["role"]),
        classes={str(code): str(name) for code, name in classes.items()},
        words=_texts(values, "words", where),
        quote=str(values.get("quote", "")),
        note=str(values.get("note", "")),
    )


def _stages_named(value: Any, stages: Mapping[str, Stage], file: str, key: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(file, key, N_("must be a list of lists of stages"))
    for stage in value:
        if stage not in stages:
            near = nearest_name(str(stage), list(stages))
            raise UsageError(
                N_("{file}: “{key}” names “{stage}”, which is no stage of the chain"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where=f"{file} {key}",
                file=file,
                key=key,
                stage=stage,
                near=near,
                known=", ".join(stages),
            )
    return tuple(map(str, value))


def _code(where: str, code: str, message: str) -> UsageError:
    return UsageError(
        message,
        hint=N_("codes of 2011 are in data/catalogues/industry_editions.toml with those of 2017"),
        where=f"{where} classes",
        file=where,
        number=code,
    )


def _needed(values: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in keys:
        if key not in values:
            raise _wrong(where, key, N_("is missing"))


def _text(values: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(values[key], str) or not values[key].strip():
        raise _wrong(where, key, N_("must be a text"))
    return str(values[key])


def _texts(values: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    listed = values.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(one, str) and plain_text(one) for one in listed):
        raise _wrong(where, key, N_("must be a list of texts"))
    return tuple(listed)


def _lists(values: Mapping[str, Any], where: str, key: str) -> list[Any]:
    listed = values.get(key, [])
    if not isinstance(listed, list):
        raise _wrong(where, key, N_("must be a list of lists of stages"))
    return listed


def _wrong(file: str, key: str, why: str) -> UsageError:
    return UsageError(
        N_("{file}: “{key}” {why}"), hint=_HINT, where=f"{file} {key}", file=file, key=key, why=Phrase(why)
    )
