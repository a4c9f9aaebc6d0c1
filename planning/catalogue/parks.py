"""Park templates: which zones, how much of each, what belongs together and where it goes.

One TOML file a template in ``data/catalogues/parks``; the file's name is its key. Users copy one
and change it: ``load_template("my.toml")``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import CATALOGUES
from geo.errors import N_, Phrase, SourceError, UsageError, nearest_name
from geo.known_keys import only_known_keys
from planning.catalogue.landuse import landuse

__all__ = ["LETTERS", "ParkTemplate", "Siting", "Zone", "is_template_file", "load_template", "template_names"]

FOLDER = CATALOGUES / "parks"
LETTERS = ("A", "E", "I", "O", "U", "X")
_TARGETS = ("housing", "water", "edge", "centre", "arterial")
_GATES = ("port", "expressway", "town", "rail")
_TOP = {
    "title_zh", "title_en", "quote", "example", "real_example", "source", "roads", "block_m",
    "road_density_km_per_km2", "road_code", "road_gb", "zones", "closeness",
}  # fmt: skip
_ZONE = {
    "id", "name_zh", "name_en", "code", "gb", "origin", "range", "target", "optional", "target_if_used",
    "max_pieces", "note", "alternatives", "rules", "rules_zh",
    "siting",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Siting:
    """One wish about where a zone lies.

    Attributes
    ----------
    rule : str
        ``near`` or ``away``.
    target : str
        housing, water, edge, centre, arterial, or ``gate:`` with kinds of gates.
    weight : float
        Its share in the zone's suitability.
    """

    rule: str
    target: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One functional zone of a template.

    Attributes
    ----------
    id, name_zh, name_en : str
    code, gb : str
        Land-use codes of 2023 and of GB 50137-2011.
    origin : str
        named by an essay, derived from it, or none (ours).
    range : tuple of float
        Usual shares of the net land of all zones.
    target : float
        Share wanted.
    max_pieces : int
        Pieces as a reader would count them, streets between bridged.
    rules : tuple of str
        Siting rules in the words of the sources.
    rules_zh : tuple of str
        The same in Chinese; empty, or as many.
    siting : tuple of Siting
        Those of them that the layout follows.
    """

    id: str
    name_zh: str
    name_en: str
    code: str
    gb: str
    origin: str
    range: tuple[float, float]
    target: float
    max_pieces: int = 1
    rules: tuple[str, ...] = ()
    rules_zh: tuple[str, ...] = ()
    siting: tuple[Siting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkTemplate:
    """A kind of park.

    Attributes
    ----------
    key : str
        Name of the file.
    title_zh, title_en, source : str
    zones : tuple of Zone
        Those that are used; their targets sum to 1.
    roads : tuple of float
        Usual share of roads in the gross land: its own range, outside the zones' sum.
    block_m : tuple of float
        Usual length of a block's side, metres.
    road_code, road_gb : str
    closeness : mapping of (str, str) to str
        Pair of zones → letter of Muther's scale.
    """

    key: str
    title_zh: str
    title_en: str
    source: str
    zones: tuple[Zone, ...]
    roads: tuple[float, float]
    block_m: tuple[float, float]
    road_code: str
    road_gb: str
    closeness: Mapping[tuple[str, str], str]

    def zone(self, zone_id: str) -> Zone:
        """Return one zone by its id."""
        return next(zone for zone in self.zones if zone.id == zone_id)

    def letter(self, one: str, two: str) -> str:
        """Letter of a pair of zones, in whichever order it stands; U where nothing is said."""
        return self.closeness.get((one, two)) or self.closeness.get((two, one), "U")


def template_names() -> list[str]:
    """Names of the built-in templates."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def is_template_file(name: str) -> bool:
    """Whether a template is named by its file."""
    return str(name).casefold().endswith(".toml")


def load_template(name: str | Path) -> ParkTemplate:
    """Return a built-in template by name, or one from a TOML file.

    Raises
    ------
    UsageError
        If there is no such template, or a key or value in it is wrong: file and key are told.
    SourceError
        If the file cannot be read or is no TOML.
    """
    text = str(name)
    if is_template_file(text):
        path = Path(text)
    else:
        path = FOLDER / f"{text}.toml"
        if text not in template_names():
            near = nearest_name(text, template_names())
            raise UsageError(
                N_("there is no template “{name}”"),
                hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                where="template",
                name=text,
                near=near,
                known=", ".join(template_names()),
            )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(
            N_("the template “{name}” cannot be read: {reason}"),
            hint=N_("check the path"),
            where=path.name,
            name=path.name,
            reason=error.strerror or str(error),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the template “{name}” is no TOML file: {reason}"),
            hint=N_("copy one from data/catalogues/parks"),
            where=path.name,
            name=path.name,
            reason=error,
        ) from None
    return _template(path.stem, path.name, values)


def _template(key: str, file: str, values: Mapping[str, Any]) -> ParkTemplate:
    only_known_keys(values, _TOP, file)
    for needed in ("title_zh", "title_en", "zones"):
        if needed not in values:
            raise _wrong(file, needed, N_("is missing"))
    zones = tuple(
        _zone(zone, f"{file} zones[{place}]")
        for place, zone in enumerate(_list(values["zones"], file, "zones"), start=1)
    )
    used = tuple(zone for zone in zones if zone.target > 0)
    if not used:
        raise _wrong(file, "zones", N_("holds no zone with a target"))
    names = [zone.id for zone in zones]
    if len(set(names)) != len(names):
        raise _wrong(file, "zones", N_("names a zone twice"))
    total = sum(zone.target for zone in used)
    if abs(total - 1) > 1e-6:
        raise UsageError(
            N_("{file}: the targets sum to {total:.4f}, not to 1"),
            hint=N_("change the targets of the zones; roads are not among them"),
            where=f"{file} target",
            file=file,
            total=total,
        )
    return ParkTemplate(
        key=key,
        title_zh=_text(values, "title_zh", file),
        title_en=_text(values, "title_en", file),
        source=str(values.get("source", "")),
        zones=used,
        roads=_range(values.get("roads", [0.1, 0.2]), f"{file} roads", 1.0),
        block_m=_range(values.get("block_m", [200, 500]), f"{file} block_m", 10_000.0),
        road_code=landuse(str(values.get("road_code", "1207"))).code,
        road_gb=landuse(str(values.get("road_gb", "S1"))).code,
        closeness=_closeness(values.get("closeness", {}), names, [zone.id for zone in used], file),
    )


def _zone(values: Any, where: str) -> Zone:
    if not isinstance(values, Mapping):
        raise _wrong(where, "zones", N_("must be a section"))
    only_known_keys(values, _ZONE, where)
    for needed in ("id", "name_zh", "name_en", "code", "gb", "target"):
        if needed not in values:
            raise _wrong(where, needed, N_("is missing"))
    target = values["target"]
    if isinstance(target, bool) or not isinstance(target, (int, float)) or not 0 <= target <= 1:
        raise _wrong(where, "target", N_("must be a share from 0 to 1"))
    pieces = values.get("max_pieces", 1)
    if isinstance(pieces, bool) or not isinstance(pieces, int) or not 1 <= pieces <= 3:
        raise _wrong(where, "max_pieces", N_("must be 1, 2 or 3"))
    for code in (values["code"], values["gb"]):
        landuse(str(code))
    rules, rules_zh = (
        tuple(map(str, _list(values.get(key, []), where, key))) for key in ("rules", "rules_zh")
    )
    if rules_zh and len(rules_zh) != len(rules):
        raise _wrong(where, "rules_zh", N_("must have as many entries as rules"))
    return Zone(
        id=_text(values, "id", where),
        name_zh=_text(values, "name_zh", where),
        name_en=_text(values, "name_en", where),
        code=str(values["code"]),
        gb=str(values["gb"]),
        origin=str(values.get("origin", "none")),
        range=_range(values.get("range", [0.0, 1.0]), f"{where} range", 1.0),
        target=float(target),
        max_pieces=pieces,
        rules=rules,
        rules_zh=rules_zh,
        siting=tuple(_siting(one, where) for one in _list(values.get("siting", []), where, "siting")),
    )


def _siting(values: Any, where: str) -> Siting:
    if not isinstance(values, Mapping) or set(values) != {"rule", "target", "weight"}:
        raise _wrong(where, "siting", N_("needs rule, target and weight"))
    rule, target, weight = values["rule"], str(values["target"]), values["weight"]
    if rule not in ("near", "away"):
        raise _wrong(where, "siting rule", N_("must be near or away"))
    kind, _, gates = target.partition(":")
    if kind == "gate":
        unknown = [gate for gate in gates.split() if gate not in _GATES]
        if unknown or not gates.split():
            raise _wrong(
                where, "siting target", N_("names a kind of gate other than port, expressway, town, rail")
            )
    elif target not in _TARGETS:
        raise _wrong(where, "siting target", N_("must be housing, water, edge, centre, arterial or gate:…"))
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight <= 10:
        raise _wrong(where, "siting weight", N_("must be above 0 and at most 10"))
    return Siting(rule=rule, target=target, weight=float(weight))


def _closeness(values: Any, known: list[str], used: list[str], file: str) -> dict[tuple[str, str], str]:
    if not isinstance(values, Mapping):
        raise _wrong(file, "closeness", N_("must be a section"))
    result: dict[tuple[str, str], str] = {}
    for pair, letter in values.items():
        one, _, two = str(pair).partition("-")
        for zone in (one, two):
            if zone not in known:
                near = nearest_name(zone, known)
                raise UsageError(
                    N_("{file}: closeness names the unknown zone “{zone}”"),
                    hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                    where=f"{file} closeness",
                    file=file,
                    zone=zone,
                    near=near,
                    known=", ".join(known),
                )
        if letter not in LETTERS:
            raise _wrong(file, f"closeness {pair}", N_("must be one of A, E, I, O, U, X"))
        if one in used and two in used:
            result[one, two] = str(letter)
    return result


def _wrong(file: str, key: str, why: str) -> UsageError:
    return UsageError(
        N_("{file}: “{key}” {why}"),
        hint=N_("copy one from data/catalogues/parks"),
        where=f"{file} {key}",
        file=file,
        key=key,
        why=Phrase(why),
    )


def _text(values: Mapping[str, Any], key: str, where: str) -> str:
    if not isinstance(values[key], str) or not values[key].strip():
        raise _wrong(where, key, N_("must be a text"))
    return str(values[key])


def _list(value: Any, where: str, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(where, key, N_("must be a list"))
    return value


def _range(value: Any, where: str, top: float) -> tuple[float, float]:
    fits = (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in value)
        and 0 <= value[0] <= value[1] <= top
    )
    if not fits:
        raise _wrong(where, "range", N_("must be two numbers, the smaller first"))
    return float(value[0]), float(value[1])
