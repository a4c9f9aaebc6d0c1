"""What goes in: a sample or one's own files, each row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_, ParkError
from ui.cache import stack_key
from ui.evidence import where_from
from ui.frame import NO_DATA, head, need_stack
from ui.jobs import ask
from ui.labels import crs_text, kind_name
from ui.messages import WITH_CLOSED, plain, show_error
from ui.state import change, open_sample, session, start_empty, take_away
from ui.wizard.draft import current_draft, drop_draft, reopen
from ui.wizard.flow import wizard
from ui.wizard.result import account, show_details
from ui.wizard.upload import upload_box
from ui.words import _, language

if TYPE_CHECKING:
    from layers.sources.importer import Imported
    from layers.stack import LayerStack
    from ui.jobs import Progress

__all__ = ["page"]


def page() -> None:
    """Open a sample or upload files on the left; what was taken is on the right."""
    place = head(_("Data"))
    ways, taken = st.columns([3, 7], gap="medium")
    with ways:
        _samples()
        _uploads()
        _settings()
    with taken:
        draft = current_draft()
        if draft is not None:
            st.subheader(_("Import"), anchor=False)
            wizard(draft)
        st.subheader(_("Inputs of this project"), anchor=False)
        stack = _inputs()
    if stack is not None:
        with place:
            where_from(stack, tuple(stack.reports))


def _samples() -> None:
    from layers.samples import load_sample, sample_names

    st.subheader(_("Built-in samples"), anchor=False)
    names = sample_names()
    titles = {}
    for name in names:
        sample = load_sample(name)
        titles[name] = sample.title_zh if language() == "zh" else sample.title_en
    here = session()
    chosen = st.selectbox(
        _("Sample"),
        names,
        index=names.index(here.sample) if here.sample in names else 0,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        key="sample_choice",
    )
    with st.container(horizontal=True):
        if st.button(_("Open the sample"), key="open_sample"):
            open_sample(chosen)
            drop_draft()
            st.rerun()
        if st.button(_("Start an empty project"), key="start_empty"):
            start_empty()
            drop_draft()
            st.rerun()


def _uploads() -> None:
    from planning.scenario import INPUT_KINDS

    st.subheader(_("Your files"), anchor=False)
    upload_box(INPUT_KINDS)


def _settings() -> None:
    here = session()
    st.subheader(_("Project"), anchor=False)
    with st.form("project_form"):
        title = st.text_input(_("Title"), here.scenario.title, max_chars=200)
        within_km = st.number_input(
            _("Study distance from the park (km)"),
            0.1,
            20000.0,
            float(here.scenario.within_km),
            step=5.0,
            format="%g",
            help=_("Firms farther from the park are kept and flagged, but metric figures leave them out."),
        )
        crs = st.text_input(
            _("Metric coordinate system"),
            here.scenario.crs,
            placeholder=_("chosen by the place"),
            help=_("In China the CGCS2000 3-degree zone is taken; or give a code such as EPSG:4548."),
        )
        number = st.text_input(
            _("Map review number (审图号)"),
            here.scenario.map_number,
            max_chars=80,
            help=_("Until there is one, every map says that its borders are a sketch for internal use."),
        )
        with_closed = st.checkbox(
            _(WITH_CLOSED),
            here.scenario.with_closed,
            help=_("Firms whose status says 注销, 吊销 or 迁出 are kept in any case."),
        )
        if st.form_submit_button(_("Apply"), key="apply_project"):
            change(
                title=title,
                within_km=within_km,
                crs=crs.strip(),
                map_number=number.strip(),
                with_closed=with_closed,
            )
            st.rerun()


def _inputs() -> LayerStack | None:
    """Show what was taken of each input; return them all together once that is possible."""
    here = session()
    if not here.scenario.inputs:
        st.info(_(NO_DATA), icon=":material/upload_file:")
        return None
    scenario, results = here.scenario, here.results

    def work(progress: Progress) -> dict[str, Imported | ParkError]:
        found: dict[str, Imported | ParkError] = {}
        for kind in scenario.inputs:
            try:
                found[kind] = results.imported(scenario, kind, progress)
            except ParkError as error:
                progress(0.0, "")  # stops here if the person has stopped the work
                found[kind] = error
        return found

    found = ask("inputs", stack_key(scenario), work, N_("Reading the inputs"))
    if found is None:
        return None
    draft = current_draft()
    for kind, one in found.items():
        if draft is not None and (draft.kind, draft.source) == (kind, scenario.inputs[kind]):
            _shown_above(kind, here.names)
        elif isinstance(one, ParkError):
            with st.container(border=True):
                st.markdown(f"**{kind_name(kind)}** · {plain(here.names.get(kind, ''))}")
                show_error(one)
                _remove_button(kind)
        else:
            _input(kind, one, here.names)
    return None if any(isinstance(one, ParkError) for one in found.values()) else _area()


def _shown_above(kind: str, names: Mapping[str, str]) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        said = _("shown above")
        st.markdown(f"**{kind_name(kind)}** · {plain(names.get(kind, ''))} · {said}")
        _remove_button(kind)


def _input(kind: str, imported: Imported, names: Mapping[str, str]) -> None:
    label = f"**{kind_name(kind)}** · {plain(names.get(kind, ''))} · {plain(account(imported))}"
    with st.expander(label, expanded=kind == "firms" and current_draft() is None):
        show_details(kind, imported)
        with st.container(horizontal=True):
            if st.button(_("Map, files, other answers"), key=f"reopen_{kind}", icon=":material/tune:"):
                reopen(kind)
                st.rerun()
            _remove_button(kind)


def _remove_button(kind: str) -> None:
    if st.button(_("Remove"), key=f"remove_{kind}", icon=":material/delete:"):
        take_away(kind)
        draft = current_draft()
        if draft is not None and draft.kind == kind:
            drop_draft()
        st.rerun()


def _area() -> LayerStack | None:
    """Say in which coordinate system everything is measured, and which firms count."""
    if not {"firms", "boundary"} & session().scenario.inputs.keys():
        return None
    stack = need_stack()
    if stack is None:
        return None
    st.caption(
        plain(
            _(
                "Measured in {crs}; largest scale error {error:.2f} ‰.",
                crs=crs_text(stack.area.crs_name),
                error=stack.area.scale_error * 1000,
            )
        )
    )
    counted = stack.firms_in_area
    if stack.firms is not None and counted is not None:
        said = [
            _(
                "{near:,} of {firms:,} firms count in metric figures (study area).",
                near=len(counted),
                firms=len(stack.firms),
            )
        ]
        if closed := 0 if stack.with_closed else stack.closed_in_area:
            said.append(_("{count:,} are left out as closed by their status.", count=closed))
        notices = stack.reports["firms"].warnings
        if coarse := next((one.count for one in notices if one.code == "COUNTY_PRECISION"), 0):
            said.append(_("{count:,} are left out as known to their county or city alone.", count=coarse))
        st.caption(plain(" ".join(said)))
    return stack
