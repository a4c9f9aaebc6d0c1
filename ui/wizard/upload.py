"""The way in: what the file holds, and the file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.labels import kind_name
from ui.state import keep_file, session
from ui.wizard.draft import Draft, current_draft, drop_draft, take_draft
from ui.words import _

__all__ = ["upload_box"]

_SEEN = "import_seen"


def upload_box(kinds: Sequence[str]) -> None:
    """Show the uploader; a file that is given becomes the import at hand.

    Parameters
    ----------
    kinds : sequence of str
        Kinds of input that may be chosen.
    """
    kind = st.selectbox(_("What the file holds"), kinds, format_func=kind_name, key="import_kind")
    begin = _begin()
    file = st.file_uploader(
        _("File: a table, a drawing or map layers"),
        key="import_file",
        help=_(
            "CSV, TXT, Excel, GeoJSON, GeoPackage, zipped Shapefile, KML, GeoParquet, FlatGeobuf, DXF and "
            "others: told by the content. Columns are found by their Chinese or English names."
        ),
    )
    draft = current_draft()
    if file is None:
        if draft is not None and draft.upload:
            drop_draft()
        return
    if st.session_state.get(_SEEN) != file.file_id:
        st.session_state[_SEEN] = file.file_id
        path = keep_file(file.name, file.getvalue())
        take_draft(Draft(kind=kind, path=str(path), name=file.name, begin=begin, upload=file.file_id))
    elif draft is not None and draft.upload == file.file_id and draft.kind != kind:
        take_draft(Draft(kind=kind, path=draft.path, name=draft.name, begin=begin, upload=draft.upload))


def _begin() -> bool:
    """While a sample is open, ask whether the file replaces one of its inputs or begins a project."""
    if not session().sample:
        return False
    begin, replace = "begin", "replace"
    names = {
        begin: _("start a project of my own with this file"),
        replace: _("replace this one input in the open sample"),
    }
    chosen = st.radio(
        _("A sample is open:"), (begin, replace), format_func=names.__getitem__, key="import_mode"
    )
    return bool(chosen == begin)
