"""Take a file from a person: keep it, import it, ask what is ambiguous, say what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from geo.errors import N_, ChoiceError, ParkError
from layers.sources.arguments import from_argument, join_source
from ui.jobs import ask, forget
from ui.labels import kind_name
from ui.messages import in_app, plain, show_error
from ui.state import keep_file, put_input, session, start_empty
from ui.words import _

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from layers.sources.importer import Imported

__all__ = ["upload_box"]

_ANSWERS = "upload_answers"
_TAKEN = "upload_taken"
_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
_SYSTEMS = ("WGS84", "CGCS2000", "GCJ-02", "BD-09")
_ABOUT = {
    "axes": N_("Order of the coordinates"),
    "crs": N_("Coordinate system"),
    "encoding": N_("Encoding"),
    "layer": N_("Sheet or layer"),
}


def upload_box(kinds: Sequence[str], *, key: str) -> None:
    """Show the way in for files of some kinds.

    Parameters
    ----------
    kinds : sequence of str
        Kinds of input that may be chosen; with one there is nothing to choose.
    key : str
        Distinguishes boxes.
    """
    chosen = kinds[0]
    if len(kinds) > 1:
        chosen = st.selectbox(_("What the file holds"), kinds, format_func=kind_name, key=f"{key}_kind")
    keep_sample = _keep_sample(key)
    file = st.file_uploader(
        _("File: CSV, Excel (XLSX), GeoJSON or GeoPackage"),
        key=f"{key}_file",
        help=_("The columns of longitude and latitude are found by their Chinese or English names."),
    )
    with st.expander(_("Import options"), icon=":material/tune:"):
        stated = _options(key)
    if file is None:
        return
    with st.container(key="upload_result"):
        _take(chosen, file, stated, keep_sample=keep_sample, key=key)


def _take(kind: str, file: UploadedFile, stated: dict[str, str], *, keep_sample: bool, key: str) -> None:
    answers = stated | st.session_state.get(_ANSWERS, {}).get(file.file_id, {})
    try:
        source = join_source(str(keep_file(file.name, file.getvalue())), answers)
    except ParkError as error:
        show_error(error)
        return
    _import(kind, source, file.name, file.file_id, keep_sample=keep_sample, key=key)


def _keep_sample(key: str) -> bool:
    """While a sample is open, ask whether the file replaces one of its inputs or begins a project."""
    if not session().sample:
        return True
    begin, replace = "begin", "replace"
    names = {
        begin: _("start a project of my own with this file"),
        replace: _("replace this one input in the open sample"),
    }
    chosen = st.radio(
        _("A sample is open:"), (begin, replace), format_func=names.__getitem__, key=f"{key}_mode"
    )
    return bool(chosen == replace)


def _options(key: str) -> dict[str, str]:
    left, right = st.columns(2)
    crs = left.selectbox(
        _("Coordinate system"),
        _SYSTEMS,
        index=None,
        accept_new_options=True,
        placeholder=_("found, or asked for"),
        help=_("A name of the list or a code such as EPSG:4548."),
        key=f"{key}_crs",
    )
    encoding = right.selectbox(
        _("Encoding"), _ENCODINGS, index=None, placeholder=_("found, or asked for"), key=f"{key}_encoding"
    )
    layer = left.text_input(_("Sheet or layer"), key=f"{key}_layer")
    header = right.number_input(_("Row of the column names"), 1, 1000, None, key=f"{key}_header")
    lon = left.text_input(_("Column of the longitude"), key=f"{key}_lon")
    lat = right.text_input(_("Column of the latitude"), key=f"{key}_lat")
    roles = st.text_area(
        _("Other columns, one “role=column” a line"),
        placeholder="industry=行业\nname=企业名称",
        height=80,
        key=f"{key}_roles",
    )
    answers = {
        "crs": crs or "",
        "encoding": encoding or "",
        "layer": layer,
        "header": "" if header is None else str(header),
        "lon": lon,
        "lat": lat,
    }
    return {name: value for name, value in answers.items() if value} | _roles(roles)


def _roles(text: str) -> dict[str, str]:
    """Each line is one answer ``column=role=name``; the keys only have to differ."""
    pairs = [line.partition("=") for line in text.splitlines() if "=" in line]
    return {f"column={role.strip()}": name.strip() for role, _equals, name in pairs}


def _import(kind: str, source: str, name: str, file_id: str, *, keep_sample: bool, key: str) -> None:
    here = session()
    wanted = (file_id, kind, source)
    job = f"import_{key}"
    if st.session_state.get(_TAKEN) == wanted and here.scenario.inputs.get(kind) == source:
        st.success(plain(_("“{name}” is taken as: {kind}.", name=name, kind=kind_name(kind))))
        return
    if st.session_state.get(_TAKEN) == wanted:  # it was taken, then removed or replaced by something else
        return
    alone, results = here.scenario.with_(inputs={kind: source}), here.results

    def refused(error: BaseException) -> None:
        if isinstance(error, ChoiceError):
            _choose(error, file_id, job)
        else:
            show_error(error)

    imported: Imported | None = ask(
        job,
        wanted,
        lambda progress: results.imported(alone, kind, progress),
        N_("Importing the file"),
        refused,
    )
    if imported is None:
        return
    if not keep_sample:
        start_empty(title=name.rpartition(".")[0] or name)
    put_input(kind, source, name)
    st.session_state[_TAKEN] = wanted
    st.rerun()


def _choose(error: ChoiceError, file_id: str, job: str) -> None:
    """Put the question of an import to the person, with what each answer would mean."""
    with st.container(border=True):
        st.warning(
            plain(" ".join(filter(None, (error.message(_), in_app(error.hint(_)))))), icon=":material/help:"
        )
        if error.preview:
            import pandas as pd

            st.dataframe(pd.DataFrame(error.preview).astype(str), hide_index=True)
        labels = {option["value"]: option["label"] for option in error.options}
        if error.about == "crs":
            labels["other"] = N_("another system")
        said = {option["value"]: from_argument(option["argument"]) for option in error.options}
        chosen = st.radio(
            _(_ABOUT.get(error.about, error.about)),
            list(labels),
            format_func=lambda value: plain(_(labels[value])),
            key=f"choice_{job}",
        )
        other = ""
        if chosen == "other":
            other = st.text_input(
                _("Code of the coordinate system"), placeholder="EPSG:4548", key=f"other_{job}"
            )
        if st.button(_("Use this"), type="primary", key=f"use_{job}"):
            answers: dict[str, dict[str, Any]] = st.session_state.setdefault(_ANSWERS, {})
            given = {error.about: other} if chosen == "other" else said[chosen]
            answers.setdefault(file_id, {}).update(given)
            forget(job)
            st.rerun()
