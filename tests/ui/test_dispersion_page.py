"""The page of dispersion: what the map is sent, and the sentences, chart and files in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layers.stack import LayerStack
from planning.pipeline import disperse_firms, load_stack
from planning.samples import sample_scenario
from planning.stages.dispersion import DispersionResult
from ui.map_dispersion import dispersion_layers
from ui.text import translator


def words(lang: str) -> Callable[..., str]:
    return lambda template, **fields: translator(lang)(template).format(**fields)


@pytest.fixture(scope="module")
def measured() -> tuple[LayerStack, DispersionResult]:
    scenario = sample_scenario("yongan", "zh")
    stack = load_stack(scenario)
    return stack, disperse_firms(stack, scenario)


def test_the_area_of_a_townships_circle_grows_with_its_firms(
    measured: tuple[LayerStack, DispersionResult],
) -> None:
    layers = {one.id: one for one in dispersion_layers(*measured, "industry", "纺织", words("zh"))}
    assert layers["firms"].options["count"] == 70
    circles = [one["properties"] for one in layers["townships"].data["features"]]  # type: ignore[index]
    firms = [int(re.findall(r"(\d+) 家", one["tip"])[0]) for one in circles]
    assert firms == sorted(firms, reverse=True)
    assert sum(firms) == 70
    areas = [one["_r"] ** 2 for one in circles]
    assert [area / areas[0] for area in areas] == pytest.approx([one / firms[0] for one in firms], rel=0.02)
    towns = measured[1].townships
    own = towns[towns["industry"] == "纺织"].reset_index(drop=True)
    assert [own["firms"].iloc[int(one["id"])] for one in circles] == firms  # the table's row marks its circle


def test_layers_without_an_answer_or_a_park_are_those_that_are_known(
    measured: tuple[LayerStack, DispersionResult],
) -> None:
    stack, result = measured
    assert "outline" in [one.id for one in dispersion_layers(stack, None, "all", "", words("en"))]
    ids = [one.id for one in dispersion_layers(stack, result, "all", "", words("en"))]
    assert ids[-5:] == ["townships", "firms", "around", "outline", "centre"]


@pytest.mark.browser
def test_sentences_chart_and_files_are_those_of_the_sample(visitor: Any, tmp_path: Path) -> None:
    visitor.open("dispersion", "en")
    visitor.see("195 of 330 firms stand outside the park and its surroundings (1,000 m).")
    chart = visitor.page.locator("[data-testid=stVegaLiteChart]")
    chart.locator("canvas, svg").first.wait_for()  # drawn under the page's rules, with nothing from elsewhere
    assert visitor.errors() == []
    towns = pd.read_csv(visitor.download("Townships (CSV)", tmp_path / "t.csv"), comment="#")
    assert towns.loc[towns["scope"] == "all", "firms"].sum() == 330
    visitor.enter("Around the park: up to", 0).press("Apply")
    visitor.see("210 of 330 firms stand outside the park and its surroundings (0 m).")


@pytest.mark.browser
def test_what_a_table_lacks_is_said(visitor: Any, firm_table: Path) -> None:
    visitor.open("data").upload(firm_table).turn_to("dispersion")
    visitor.see("How many of the 238 firms stand in the park is unknown: no park boundary is given.")
    visitor.alert("The townships are unknown")
    assert visitor.errors() == []
