"""Parameters check themselves, and a slip is told its neighbour."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from geo.errors import UsageError
from geo.params import Params, choice, describe, flag, quantity, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Params):
    radius_m: float = quantity(800.0, 1.0, 20_000.0, "m", "How near is near.")
    least: int = quantity(5, 2, 100, "firms", "How many are many.")
    method: str = choice("grid", ("grid", "tree"), "Which way.")
    strict: bool = flag(False, "Whether.")
    industry: str = text("", "Which.")


@pytest.mark.parametrize(
    "values",
    [
        {"radius_m": 0.5},
        {"radius_m": math.nan},
        {"radius_m": math.inf},
        {"radius_m": "800"},
        {"radius_m": True},
        {"least": 5.5},
        {"least": 1},
        {"method": "trea"},
        {"strict": 1},
        {"industry": 7},
    ],
)
def test_a_value_outside_its_declaration_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Sample(**values)  # type: ignore[arg-type]


def test_the_range_takes_its_ends() -> None:
    assert Sample(radius_m=1.0).radius_m == 1.0
    assert Sample(radius_m=20_000.0, least=2).least == 2


def test_a_misspelt_key_is_told_its_neighbour() -> None:
    with pytest.raises(UsageError, match="radius_m"):
        Sample.from_mapping({"radus_m": 5.0})


def test_a_misspelt_option_is_told_its_neighbour() -> None:
    with pytest.raises(UsageError, match="“tree”"):
        Sample.from_mapping({"method": "trea"})


def test_a_whole_number_in_a_file_serves_where_a_decimal_is_wanted() -> None:
    assert Sample.from_mapping({"radius_m": 500}).radius_m == 500.0


def test_the_set_survives_a_file() -> None:
    one = Sample(radius_m=1234.5, least=7, method="tree", strict=True, industry="石材")
    assert Sample.from_mapping(one.to_mapping()) == one


def test_the_declaration_is_read_once_for_all() -> None:
    assert [(spec.name, spec.unit) for spec in describe(Sample)][:2] == [
        ("radius_m", "m"),
        ("least", "firms"),
    ]
