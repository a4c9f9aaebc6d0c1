"""Take the plan away, and open a scenario again."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import ParkError
from ui.downloads import everything, plan_downloads, saved_name
from ui.evidence import where_from
from ui.frame import has_data, head, need_plan
from ui.messages import plain, show_error
from ui.state import open_project_bytes, session
from ui.text import translator
from ui.words import _, language

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

__all__ = ["page"]

_OPENED = "opened_scenario"


def page() -> None:
    """Files of the plan on the left, the scenario file on the right."""
    place = head(_("Export"))
    files, scenario = st.columns([3, 2], gap="large")
    with scenario:
        _scenario_file()
    with files:
        if not has_data():
            return
        plan = need_plan()
        if plan is None:
            return
        st.subheader(_("Files of the plan"), anchor=False)
        translate = translator(language())
        for one in plan_downloads(plan, translate, language()):
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                st.text(_(one.title))
                st.download_button(
                    one.name,
                    one.make,
                    file_name=one.saved,
                    mime=one.mime,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download_{one.name}",
                )
        st.download_button(
            _("All files in one (ZIP)"),
            functools.partial(everything, plan, translate, language()),
            file_name=saved_name(plan.stack, "parkplan.zip"),
            mime="application/zip",
            on_click="ignore",
            type="primary",
            icon=":material/folder_zip:",
            key="download_all",
        )
        if plan.zoning is None:
            st.caption(_("There is no zoning yet: the files of the plan appear here once it is made."))
    with place:
        where_from(plan.stack, (*plan.stack.reports, "clusters", "access", "zoning"), access=plan.access)


def _scenario_file() -> None:
    from planning.project import SUFFIX, save_project

    st.subheader(_("Scenario file"), anchor=False)
    st.text(
        _("One file with the inputs, the parameters, the boundary and your edits, to go on later or pass on.")
    )
    scenario = session().scenario
    st.download_button(
        _("Save the scenario"),
        functools.partial(save_project, scenario),
        file_name=f"scenario{SUFFIX}",
        mime="application/zip",
        on_click="ignore",
        icon=":material/save:",
        key="download_scenario",
    )
    upload = st.file_uploader(_("Open a scenario file"), type=[SUFFIX.removeprefix(".")], key="open_scenario")
    if upload is None:
        return
    with st.container(key="upload_result"):
        _open(upload)


def _open(upload: UploadedFile) -> None:
    if st.session_state.get(_OPENED) == upload.file_id:
        st.success(plain(_("“{name}” is open.", name=upload.name)))
        return
    try:
        open_project_bytes(upload.getvalue())
    except ParkError as error:
        show_error(error)
        return
    st.session_state[_OPENED] = upload.file_id
    st.rerun()
