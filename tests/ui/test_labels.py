"""What is made up stays labelled whatever one does with it, and what is one's own is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from layers.samples import load_sample
from planning.project import save_project
from planning.samples import sample_scenario
from ui.downloads import plan_downloads

HALF_MINUTE_S = 60
OWN = "名称,行业,lon,lat\n" + "".join(f"厂{n},石材,118.4{n % 10},24.7{n % 7}\n" for n in range(20))


def steps(orders: list) -> None:
    """Do what a person does to a session; keep label, title and notes. Runs by itself, as a script."""
    import streamlit as st

    from ui import state
    from ui.frame import label_text

    for order, value in orders:
        if order == "language":
            st.session_state["language"] = value
        elif order == "draw":
            corner = (118.40, 24.70)
            ring = [corner, (118.42, 24.70), (118.42, 24.72), (118.40, 24.72), corner]
            shape = {"type": "Polygon", "coordinates": [ring]}
            state.set_drawn_boundary({"features": [{"geometry": shape}]}, "drawn")
        elif order == "firms":
            state.put_input("firms", str(state.keep_file("own.csv", value.encode())), "own.csv")
        else:
            getattr(state, order)(**value) if isinstance(value, dict) else getattr(state, order)(value)
    here = state.session()
    here.results.stack(here.scenario, lambda _share, _what: None)
    st.session_state["told"] = (label_text(), here.scenario.title, here.scenario.notes)


def told(*orders: tuple[str, Any]) -> tuple[str, str, str]:
    """Run the steps as a script of the app runs."""
    test = AppTest.from_function(steps, args=(list(orders),), default_timeout=HALF_MINUTE_S).run()
    assert not test.exception
    answer: tuple[str, str, str] = test.session_state["told"]
    return answer


SYNTHETIC = "330 of 330 firms are synthetic"
SKETCH = "Sketch (示意图)"


def test_a_sample_says_that_it_is_synthetic_and_its_outline_a_sketch() -> None:
    label, title, notes = told(("language", "en"), ("open_sample", "shuitou"))
    assert SYNTHETIC in label
    assert SKETCH in label
    assert notes == load_sample("shuitou").notes_en
    assert notes in label
    assert title == load_sample("shuitou").title_en


def test_another_language_and_other_parameters_leave_the_label() -> None:
    changed = ("change", {"within_km": 12.0})
    label, title, notes = told(("language", "en"), ("open_sample", "shuitou"), changed, ("language", "zh"))
    assert "合成" in label
    assert "示意图" in label
    assert (title, notes) == (load_sample("shuitou").title_zh, load_sample("shuitou").notes_zh)


def test_a_boundary_of_ones_own_is_no_sketch_but_the_firms_stay_synthetic() -> None:
    label, _, notes = told(("language", "en"), ("open_sample", "shuitou"), ("draw", None))
    assert SYNTHETIC in label
    assert SKETCH not in label
    assert notes == load_sample("shuitou").notes_en


def test_firms_of_ones_own_are_not_synthetic_but_the_outline_stays_a_sketch() -> None:
    label, title, notes = told(("language", "en"), ("open_sample", "shuitou"), ("firms", OWN))
    assert "synthetic" not in label
    assert SKETCH in label
    assert (title, notes) == ("", "")


def test_a_sample_that_was_saved_and_reopened_is_labelled_in_the_language_of_the_page() -> None:
    saved = save_project(sample_scenario("shuitou", "zh"))
    label, title, notes = told(("language", "en"), ("open_project_bytes", saved))
    assert SYNTHETIC in label
    assert SKETCH in label
    assert (title, notes) == (load_sample("shuitou").title_en, load_sample("shuitou").notes_en)


def test_real_places_are_never_called_synthetic() -> None:
    label, _, notes = told(("language", "en"), ("open_sample", "seed_places"))
    assert "synthetic" not in label
    assert notes in label


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Path]]:
    """Return the function that saves every file of a scenario's plan as the app does."""
    from planning.pipeline import make_plan

    def save(sample: str) -> dict[str, Path]:
        plan = make_plan(sample_scenario(sample, "en").with_(template=""))
        folder = tmp_path_factory.mktemp("downloads")
        found = {}
        for one in plan_downloads(plan, str, "en"):
            found[one.name] = folder / one.saved
            found[one.name].write_bytes(one.make())
        return found

    return save


def test_every_file_of_synthetic_firms_says_so_in_its_name(
    downloads: Callable[[str], dict[str, Path]],
) -> None:
    files = downloads("shuitou")
    assert {"clusters.gpkg", "map.html", "plan.png", "access.csv", "summary.json"} <= files.keys()
    assert all(path.name.startswith("synthetic-") for path in files.values())
    assert SYNTHETIC in files["map.html"].read_text(encoding="utf-8")
    assert SYNTHETIC in files["summary.json"].read_text(encoding="utf-8")


def test_files_of_real_places_do_not(downloads: Callable[[str], dict[str, Path]]) -> None:
    files = downloads("seed_places")
    assert not any("synthetic" in path.name for path in files.values())
    assert "synthetic" not in files["map.html"].read_text(encoding="utf-8")
