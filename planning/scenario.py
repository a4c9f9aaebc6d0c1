"""A scenario: which inputs, which template, which parameters, which seed. A TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import tomli_w

from geo.area import metric_crs
from geo.errors import N_, CrsError, SourceError, UsageError, nearest_name
from geo.params import Params, as_declared, check, describe, flag, quantity, text
from layers.sources.arguments import move_source, near_path, near_source
from layers.stack import SITE_KINDS
from planning.catalogue.parks import is_template_file
from planning.stages.access import AccessParams
from planning.stages.clusters import ClusterParams
from planning.stages.dispersion import DispersionParams
from planning.stages.patterns import PatternParams
from planning.stages.zoning import ZoningParams

__all__ = ["INPUT_KINDS", "Scenario", "check_version", "load_scenario"]

VERSION = 1
INPUT_KINDS = ("firms", "boundary", "facilities", *SITE_KINDS)
_SECTIONS: dict[str, type[Params]] = {
    "dispersion": DispersionParams,
    "patterns": PatternParams,
    "clusters": ClusterParams,
    "access": AccessParams,
    "zoning": ZoningParams,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a person chose; everything else follows from it.

    Attributes
    ----------
    title : str
        Name for people.
    notes : str
        What a reader must know beside the figures, for example what a sample assumes.
    map_number : str
        Number under which the authorities reviewed the map (审图号); empty: the borders are a sketch.
    template : str
        Name of a built-in park template, or path of a TOML file; empty: no zoning.
    seed : int
        The only source of random numbers.
    within_km : float
        Firms farther than this from the park are outside the study area.
    with_closed : bool
        Whether firms that are closed by their status count in figures.
    crs, out_crs : str
        Metric CRS of the study area and of the delivered files; empty: chosen, and the same.
    inputs : mapping of str to str
        Kind → ``FILE`` or ``FILE::key=value,…`` as on the command line.
    dispersion, patterns, clusters, access, zoning
        Parameters of the stages.
    """

    title: str = text("", N_("Name for people."))
    notes: str = text(
        "", N_("What a reader must know beside the figures, for example what a sample assumes.")
    )
    map_number: str = text(
        "",
        N_(
            "Number under which the authorities reviewed the map (审图号); without one every map says that "
            "its borders are a sketch for internal use."
        ),
    )
    template: str = text(
        "", N_("Name of a built-in park template, or path of a TOML file; empty: no zoning.")
    )
    seed: int = quantity(1, 0, 2**31 - 1, "", N_("The only source of random numbers."))
    within_km: float = quantity(
        30.0,
        0.001,
        20_000.0,
        "km",
        N_("Firms farther than this from the park do not count; growing it takes more of them in."),
    )
    with_closed: bool = flag(
        False,
        N_("Whether firms that are closed by their status (注销, 吊销, 迁出) count in figures."),
    )
    crs: str = text(
        "", N_("Metric coordinate system of the study area, EPSG:n; empty: chosen by where it lies.")
    )
    out_crs: str = text(
        "", N_("Coordinate system of the delivered files, EPSG:n; empty: that of the study area.")
    )
    inputs: Mapping[str, str] = field(default_factory=dict)
    dispersion: DispersionParams = field(default_factory=DispersionParams)
    patterns: PatternParams = field(default_factory=PatternParams)
    clusters: ClusterParams = field(default_factory=ClusterParams)
    access: AccessParams = field(default_factory=AccessParams)
    zoning: ZoningParams = field(default_factory=ZoningParams)

    def __post_init__(self) -> None:
        """Check what the parameter sets don't check themselves."""
        for kind in self.inputs:
            if kind not in INPUT_KINDS:
                raise _unknown(kind, INPUT_KINDS, "inputs")
            if not self.inputs[kind].strip():
                raise UsageError(
                    N_("the input “{kind}” names no file"),
                    hint=N_("name one, or leave the input out"),
                    where="inputs",
                    kind=kind,
                )
        for written in (self.title, self.notes, self.map_number, self.template, *self.inputs.values()):
            if isinstance(written, str) and any("\ud800" <= letter <= "\udfff" for letter in written):
                raise UsageError(
                    N_("the name “{name}” is no text: a scenario cannot hold it"),
                    hint=N_("rename the file"),
                    where="inputs",
                    name=written.encode("utf-8", "backslashreplace").decode(),
                )
        # One order, so that the same choices give the same files in whatever order they were made.
        ordered = {kind: self.inputs[kind] for kind in INPUT_KINDS if kind in self.inputs}
        object.__setattr__(self, "inputs", ordered)
        check(self)
        for crs in filter(None, (self.crs, self.out_crs)):
            try:
                metric_crs(crs)
            except CrsError as error:  # of a choice, not of a file
                raise UsageError(
                    error.template, hint=error.hint_template, where=error.where, **error.fields
                ) from None

    @property
    def working_crs(self) -> str | None:
        """The coordinate system in which everything is measured, None for the one of the place.

        That of the delivered files wins: areas and lengths in a file are those of its shapes.
        """
        return self.out_crs or self.crs or None

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, base: Path | None = None, where: str = "") -> Self:
        """Make a scenario from parsed TOML; relative paths are taken from `base`.

        Raises
        ------
        UsageError
            If a key or a value is unknown or unfit; the nearest known name is told.
        """
        check_version(values, where)
        known = ("version", *(one.name for one in fields(cls)))
        for key in values:
            if key not in known:
                raise _unknown(key, known, where)
        sections: dict[str, Any] = {}
        for name, params in _SECTIONS.items():
            section = values.get(name, {})
            if not isinstance(section, Mapping):
                raise UsageError(
                    N_("“{name}” must be a section of the scenario, written [{name}]"), where=where, name=name
                )
            sections[name] = params.from_mapping(section, where=f"{where} [{name}]".strip())
        inputs = values.get("inputs", {})
        if not isinstance(inputs, Mapping) or not all(isinstance(one, str) for one in inputs.values()):
            raise UsageError(N_("“inputs” must name a file for each kind"), where=where)
        declared = {spec.name for spec in describe(cls)}
        plain = as_declared(cls, {key: value for key, value in values.items() if key in declared})
        if base is not None:
            inputs = {kind: move_source(source, base) for kind, source in inputs.items()}
            if is_template_file(plain.get("template", "")):
                plain["template"] = str(base / plain["template"])
        return cls(**plain, inputs=dict(inputs), **sections)

    def to_mapping(self) -> dict[str, Any]:
        """Return the scenario as plain values, ready for TOML or JSON."""
        return {
            "version": VERSION,
            "title": self.title,
            "notes": self.notes,
            "map_number": self.map_number,
            "template": self.template,
            "seed": self.seed,
            "within_km": self.within_km,
            "with_closed": self.with_closed,
            "crs": self.crs,
            "out_crs": self.out_crs,
            "inputs": dict(self.inputs),
            **{name: getattr(self, name).to_mapping() for name in _SECTIONS},
        }

    def to_toml(self) -> str:
        """Return the text of a scenario file."""
        return tomli_w.dumps(self.to_mapping())

    def near(self, folder: Path) -> Self:
        """Return a copy whose files are named as they look from a folder, to be written into it."""
        template = self.template
        return replace(
            self,
            inputs={kind: near_source(source, folder) for kind, source in self.inputs.items()},
            template=near_path(template, folder) if is_template_file(template) else template,
        )

    def with_(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def check_version(values: Mapping[str, Any], where: str) -> None:
    """Refuse a scenario of another version, before its keys are found strange.

    Raises
    ------
    UsageError
        If it says that it is of another version.
    """
    if (version := values.get("version", VERSION)) != VERSION or isinstance(version, bool):
        raise UsageError(
            N_("the scenario is of version {version}, this program reads version {known}"),
            hint=N_("open it with the program that wrote it"),
            where=where,
            version=version,
            known=VERSION,
        )


def load_scenario(path: str | Path) -> Scenario:
    """Read a scenario file; relative paths in it are relative to the file.

    Raises
    ------
    SourceError
        If the file is missing or no TOML (with line and column).
    UsageError
        If a key or value is unknown or unfit.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SourceError(
            N_("the scenario “{name}” cannot be read: {reason}"),
            hint=N_("check the path"),
            where=str(path),
            name=path.name,
            reason=error.strerror or str(error),
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(
            N_("the scenario “{name}” is no TOML file: {reason}"),
            hint=N_("docs/examples/scenario.toml shows one"),
            where=str(path),
            name=path.name,
            reason=error,
        ) from None
    return Scenario.from_mapping(values, base=path.parent, where=path.name)


def _unknown(key: str, known: tuple[str, ...], where: str) -> UsageError:
    near = nearest_name(key, known)
    return UsageError(
        N_("unknown key “{key}” in the scenario"),
        hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
        where=where or key,
        key=key,
        near=near,
        known=", ".join(known),
    )
