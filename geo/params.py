"""Parameters declared once: default, range, unit and help beside the algorithm.

The declaration feeds the check, the Streamlit widget, the scenario file and the
page ``docs/parameters.md``. Precedent: scikit-learn's ``_parameter_constraints``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

from geo.errors import N_, UsageError, nearest_name

__all__ = [
    "Parameter",
    "Params",
    "answer",
    "as_declared",
    "check",
    "choice",
    "describe",
    "flag",
    "quantity",
    "text",
]

_KEY = "parkplan"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What is known of one parameter before it has a value.

    Attributes
    ----------
    name : str
        Name of the field.
    default : float, int, bool, str or None
        Value when nobody says otherwise; None: it is found out or asked for.
    low, high : float or None
        Allowed range, both ends included; None for choices and flags.
    unit : str
        ``m``, ``firms``, ``km`` …; empty for a ratio, a choice or a flag.
    help : str
        One sentence: what it does, and what happens when it grows.
    options : tuple of str
        Allowed values of a choice; empty for numbers and flags.
    """

    name: str
    default: Any
    low: float | None
    high: float | None
    unit: str
    help: str
    options: tuple[str, ...] = ()


def quantity(default: float, low: float, high: float, unit: str, help: str) -> Any:  # noqa: A002
    """Declare a number with its allowed range (ends included), unit and help."""
    spec = {"low": low, "high": high, "unit": unit, "help": help, "options": ()}
    return dataclasses.field(default=default, metadata={_KEY: spec})


def choice(default: str, options: Sequence[str], help: str) -> Any:  # noqa: A002
    """Declare one of several named ways."""
    spec = {"low": None, "high": None, "unit": "", "help": help, "options": tuple(options)}
    return dataclasses.field(default=default, metadata={_KEY: spec})


def flag(default: bool, help: str) -> Any:  # noqa: A002
    """Declare a yes or no."""
    spec = {"low": None, "high": None, "unit": "", "help": help, "options": ()}
    return dataclasses.field(default=default, metadata={_KEY: spec})


def text(default: str, help: str) -> Any:  # noqa: A002
    """Declare a free text, for example the name of an industry."""
    spec = {"low": None, "high": None, "unit": "", "help": help, "options": ()}
    return dataclasses.field(default=default, metadata={_KEY: spec})


def answer(help: str, options: Sequence[str] = (), *, none: Any = None) -> Any:  # noqa: A002
    """Declare what a user may say and need not; `none` stands when it is left out."""
    spec = {"low": None, "high": None, "unit": "", "help": help, "options": tuple(options)}
    if isinstance(none, dict):
        return dataclasses.field(default_factory=dict, metadata={_KEY: spec})
    return dataclasses.field(default=none, metadata={_KEY: spec})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Base of every parameter set: checks itself when it is made.

    Raises
    ------
    UsageError
        If a value is of the wrong type, not finite, out of its range or not an option.
    """

    def __post_init__(self) -> None:
        """Check every value against its declaration."""
        check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, where: str = "") -> Self:
        """Make the set from a mapping, for example a section of a scenario file.

        Raises
        ------
        UsageError
            If a key is unknown (its nearest neighbour is named) or a value unfit.
        """
        specs = {spec.name: spec for spec in describe(cls)}
        for key in values:
            if key not in specs:
                near = nearest_name(key, list(specs))
                raise UsageError(
                    N_("unknown parameter “{key}”"),
                    hint=N_("did you mean “{near}”?") if near else N_("known are: {known}"),
                    where=where or key,
                    key=key,
                    near=near,
                    known=", ".join(specs),
                )
        return cls(**as_declared(cls, values))

    def to_mapping(self) -> dict[str, Any]:
        """Return name → value, in declared order."""
        return {spec.name: getattr(self, spec.name) for spec in describe(type(self))}


def describe(params: type[Any]) -> list[Parameter]:
    """Return the declarations of a parameter set, or of any dataclass that has some, in order."""
    return [
        Parameter(
            name=field.name,
            default=field.default if field.default is not dataclasses.MISSING else {},
            **field.metadata[_KEY],
        )
        for field in dataclasses.fields(params)
        if _KEY in field.metadata
    ]


def as_declared(params: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a file gives them with whole numbers where a decimal is declared made decimals."""
    decimal = {spec.name for spec in describe(params) if isinstance(spec.default, float)}
    return {
        key: float(value)
        if key in decimal and isinstance(value, int) and not isinstance(value, bool)
        else value
        for key, value in values.items()
    }


def check(params: Any) -> None:
    """Check every declared value of a dataclass.

    Raises
    ------
    UsageError
        If a value is of the wrong type, not finite, out of its range or not an option.
    """
    for spec in describe(type(params)):
        _check(spec, getattr(params, spec.name))


def _check(spec: Parameter, value: Any) -> None:
    fields: dict[str, Any] = {
        "name": spec.name,
        "value": value,
        "low": spec.low,
        "high": spec.high,
        "unit": spec.unit,
        "options": ", ".join(spec.options),
        "near": nearest_name(str(value), spec.options),
    }
    if spec.options:
        if value not in spec.options:
            raise UsageError(
                N_("“{value}” is no value of the parameter “{name}”"),
                hint=N_("did you mean “{near}”? Known are: {options}")
                if fields["near"]
                else N_("known are: {options}"),
                where=spec.name,
                **fields,
            )
        return
    if spec.low is None:
        if not isinstance(value, type(spec.default)):
            raise UsageError(
                N_("the parameter “{name}” cannot be {value!r}"),
                hint=N_("give a value like {default!r}"),
                where=spec.name,
                default=spec.default,
                **fields,
            )
        return
    whole = isinstance(spec.default, int)
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not number or (whole and not isinstance(value, int)):
        raise UsageError(
            N_("the parameter “{name}” needs a whole number, not {value!r}")
            if whole
            else N_("the parameter “{name}” needs a finite number, not {value!r}"),
            hint=N_("give a number from {low} to {high} {unit}"),
            where=spec.name,
            **fields,
        )
    assert spec.high is not None
    if not spec.low <= value <= spec.high:
        raise UsageError(
            N_("the parameter “{name}” is {value}, outside {low} to {high} {unit}"),
            hint=N_("give a number from {low} to {high} {unit}"),
            where=spec.name,
            **fields,
        )
