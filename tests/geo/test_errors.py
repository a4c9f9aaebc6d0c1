"""Errors: one tree, one sentence, whole across process borders."""

from __future__ import annotations

import pickle

import pytest

from geo import errors
from geo.errors import ChoiceError, InfeasibleError, Option, ParkError, nearest_name


def test_each_kind_has_the_exit_code_of_the_contract() -> None:
    codes = {"usage": 2, "refused": 3, "choice": 4, "infeasible": 5}
    kinds = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, ParkError) and one is not ParkError
    ]
    assert len(kinds) >= 9
    for kind in kinds:
        assert kind.exit_code == codes[kind.kind]


def test_the_template_is_translated_before_it_is_filled() -> None:
    error = InfeasibleError("the lots need {need:.1f} ha", hint="lower a share", need=12.34)
    assert error.message() == "the lots need 12.3 ha"
    assert (
        error.message({"the lots need {need:.1f} ha": "地块需要 {need:.1f} 公顷"}.get) == "地块需要 12.3 公顷"
    )  # type: ignore[arg-type]


def test_braces_in_values_are_not_templates() -> None:
    assert ParkError("no column “{name}”", name="{oops}").message() == "no column “{oops}”"


def test_an_error_crosses_process_borders_whole() -> None:
    error = ChoiceError(
        "choose {what}",
        about="layer",
        options=[Option("a", "A", "--layer a")],
        preview=[{"x": 1}] * 9,
        what="one",
    )
    again = pickle.loads(pickle.dumps(error))
    assert again.to_json() == error.to_json()
    assert len(again.preview) == 5


@pytest.mark.parametrize(("wrong", "right"), [("stoen", "stone"), ("softwere", "software"), ("zzz", "")])
def test_the_nearest_name_is_found(wrong: str, right: str) -> None:
    assert nearest_name(wrong, ["stone", "software", "textile"]) == right
