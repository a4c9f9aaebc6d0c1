"""What every page has: its title, the labels of what is made up, the way when there are no inputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_
from layers.samples import load_sample
from ui.cache import plan_key, stack_key
from ui.jobs import ask
from ui.messages import plain
from ui.state import has_session, session
from ui.words import _

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from layers.stack import LayerStack
    from planning.plan import Plan

__all__ = [
    "NO_DATA",
    "has_data",
    "head",
    "label_text",
    "labelled",
    "name_scenario",
    "need_plan",
    "need_stack",
    "page_link",
    "title_bar",
]

NO_DATA = N_("There is no data yet: upload firms or a boundary, or open a sample, on the page “Data”.")
SAMPLE = N_("Sample data (synthetic, not real firms): the firms were made by a generator.")


def head(title: str) -> DeltaGenerator:
    """Show the page's title and the open scenario's name; return the place at the right of it."""
    below, beside = title_bar(title)
    name_scenario(below)
    return beside


def title_bar(title: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Show a title; return the places below and at the right of it. Opens nothing."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", key="page_head"
    ):
        with st.container(width="content", gap=None):
            st.title(title, anchor=False)
            below = st.empty()
        return below, st.container(width="content")


def name_scenario(place: DeltaGenerator) -> None:
    """Put the open scenario's name in its place."""
    if name := session().scenario.title:
        place.caption(plain(name))


def label_text() -> str:
    """Sentences that say how far the data are made up: synthetic firms, and outlines that are sketches.

    Before anything is read, the first visit is known to open a sample.
    """
    if not has_session():
        return _(SAMPLE)
    here = session()
    stack: LayerStack | None = here.results.peek(("stack", stack_key(here.scenario)))
    if stack is None:
        label = _(SAMPLE) if here.sample and load_sample(here.sample).seed is not None else ""
        sketch = ""
    else:
        from planning.provenance import address_label, position_labels, synthetic_label
        from planning.report.labels import SKETCH

        said = (synthetic_label(stack, _), address_label(stack, _), *position_labels(stack, _))
        label = " ".join(filter(None, said))
        sketch = _("Park boundary: {what}.", what=_(SKETCH)) if stack.sketch else ""
    return " ".join(part for part in (label, here.scenario.notes, sketch) if part)


@contextmanager
def labelled() -> Iterator[None]:
    """Keep the label above a page, and right after the page has read its inputs."""
    with st.container(key="synthetic_label"):
        place = st.empty()
    before = label_text()
    _show(place, before)
    try:
        yield
    finally:
        if (after := label_text()) != before:
            _show(place, after)


def _show(place: DeltaGenerator, text: str) -> None:
    if text:
        place.warning(plain(text), icon=":material/science:")
    else:
        place.empty()


def has_data() -> bool:
    """Whether there is something to look at; says so on the page if not, with the way to get it."""
    inputs = session().scenario.inputs
    if "firms" in inputs or "boundary" in inputs:
        return True
    st.info(_(NO_DATA), icon=":material/upload_file:")
    page_link("data")
    return False


def page_link(name: str) -> None:
    """Lead to another page of the app."""
    from ui.navigation import page_of

    st.page_link(page_of(name), icon=":material/arrow_forward:")


def need_stack() -> LayerStack | None:
    """Return the inputs in one metric CRS; None while they are read or when they cannot be."""
    here = session()
    scenario, results = here.scenario, here.results
    return ask(
        "stack",
        stack_key(scenario),
        lambda progress: results.stack(scenario, progress),
        N_("Reading the inputs"),
    )


def need_plan() -> Plan | None:
    """Return the whole plan; None while it is made or when it cannot be."""
    here = session()
    scenario, results = here.scenario, here.results
    return ask(
        "plan",
        plan_key(scenario),
        lambda progress: results.plan(scenario, progress),
        N_("Computing the plan"),
    )
