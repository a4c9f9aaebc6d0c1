"""How sure clusters are, as it is drawn: words and marks of the charts, and the way through the page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import expect

from planning.cluster_guides import VERDICTS, ClusterGuides
from planning.stages.clusters import ClusterParams
from ui.cluster_guides import curve_chart, settings_chart
from ui.text import translator


def words(lang: str) -> Any:
    return lambda template, **fields: translator(lang)(template).format(**fields)


SETTINGS = pd.DataFrame(
    {
        "radius_m": [800.0, 1_200.0] * 3,
        "min_points": [3, 3, 5, 5, 8, 8],
        "clusters": pd.array([2, 2, 2, pd.NA, 4, 9], dtype="Int64"),
        "noise_share": [0.01, 0.0, 0.02, float("nan"), 0.1, 0.5],
        "largest_share": [0.8, 0.9, 0.8, float("nan"), 0.4, 0.2],
        "rand_chosen": [0.97, 0.7, 1.0, float("nan"), 0.3, 0.01],
        "rand_neighbours": [1.0] * 6,
        "verdict": ["same", "roughly", "chosen", "refused", "other", "other"],
    }
)


def test_each_cell_says_its_figures_and_one_is_marked_as_chosen() -> None:
    spec = settings_chart(SETTINGS, words("en"))
    cells = spec["data"]["values"]
    assert [cell["clusters"] for cell in cells] == [*["2 clusters"] * 3, "–", "4 clusters", "9 clusters"]
    assert cells[2]["none"] == "2% in none"
    assert [cell["verdict"] for cell in cells].count("the chosen setting") == 1
    assert spec["encoding"]["x"]["sort"] == ["800", "1,200"]
    assert spec["encoding"]["y"]["sort"] == ["8", "5", "3"]


def test_the_legend_has_what_is_there_and_no_more_in_one_order() -> None:
    for part in (SETTINGS, SETTINGS[SETTINGS["verdict"] != "refused"]):
        scale = settings_chart(part, words("en"))["layer"][0]["encoding"]["color"]["scale"]
        assert len(scale["domain"]) == len(set(scale["range"])) == part["verdict"].nunique()
        assert scale["domain"][0] == "the chosen setting"


@pytest.mark.parametrize("radius_m", [677.0, None])
def test_the_curve_shows_the_suggested_radius_where_there_is_one(radius_m: float | None) -> None:
    guides = ClusterGuides(
        settings=SETTINGS,
        curve=pd.DataFrame({"share": [0.5, 1.0], "distance_m": [10.0, 900.0]}),
        radius_m=radius_m,
        radius_share=None,
        params=ClusterParams(),
    )
    rules = curve_chart(guides, words("zh"))["layer"][1]["data"]["values"]
    shown = [(800.0, "所选半径"), (677.0, "建议半径")][: 1 if radius_m is None else 2]
    assert [(rule["distance_m"], rule["what"]) for rule in rules] == shown


def test_every_verdict_is_a_word_in_both_languages() -> None:
    table = pd.concat([SETTINGS.head(1).assign(verdict=one) for one in VERDICTS])
    english, chinese = (
        settings_chart(table, words(lang))["layer"][0]["encoding"]["color"]["scale"]["domain"]
        for lang in ("en", "zh")
    )
    assert len({*english, *chinese}) == 2 * len(VERDICTS)


@pytest.mark.browser
def test_the_radius_that_is_suggested_can_be_taken_over(visitor: Any) -> None:
    page = visitor.open("clusters", "en").page
    page.get_by_text("How sure are these clusters?").click()
    visitor.settle()
    expect(page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)")).to_have_count(2)
    expect(page.get_by_text("hold at a larger radius, but not at a smaller one")).to_be_visible()
    page.get_by_role("button", name="Take 677 m as the radius").click()
    visitor.settle()
    expect(page.locator(".st-key-clusters_radius_m input")).to_have_value("677")
    expect(page.get_by_role("button", name="Take 677 m as the radius")).to_be_disabled()
    assert page.outside == []
