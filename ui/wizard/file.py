"""The first two steps: what kind of file it is, and which part of it is read."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from geo.errors import ParkError
from ui.messages import show_error
from ui.state import keep_file
from ui.wizard.draft import Draft, answer, only_given_files
from ui.wizard.reading import Reading
from ui.words import _

__all__ = ["file_said", "file_step", "layer_name", "sheet_said", "sheet_step"]

_MAPPING, _SYSTEM = "mapping.toml", "crs.toml"
_ALL = "*"
_ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")


def file_said(reading: Reading) -> str:
    """Format and encoding."""
    if reading.read_as is None:
        return reading.draft.answers.get("encoding", "")
    return " · ".join(filter(None, reading.read_as[:2]))


def file_step(reading: Reading) -> None:
    """Let the encoding be stated, and the answers of an earlier import be taken over."""
    draft = reading.draft
    encoding = st.selectbox(
        _("Encoding"),
        _ENCODINGS,
        index=_place(_ENCODINGS, draft.answers.get("encoding")),
        accept_new_options=True,
        placeholder=_("found, or asked for"),
        key=f"encoding_{draft.stamp}",
    )
    if (encoding or "") != draft.answers.get("encoding", ""):
        answer(draft, {"encoding": encoding or ""})
        st.rerun()
    given = st.file_uploader(
        _("Answers of an earlier import (mapping.toml)"),
        type=["toml"],
        accept_multiple_files=True,
        help=_(
            "A file of the same kind is then read the same way, here and by “parkplan import --mapping”. "
            "Where it names a system of your own, give that file (crs.toml) with it."
        ),
        key=f"mapping_{draft.number}",
    )
    if given and st.button(_("Use these answers"), key=f"use_mapping_{draft.number}"):
        _take_mapping(draft, {one.name: one.getvalue() for one in given})


def sheet_said(reading: Reading) -> str:
    """Sheet or layer, and the row of the names."""
    if reading.read_as is None:
        return reading.draft.answers.get("layer", "")
    header = reading.draft.answers.get("header")
    named = _("column names in row {row}", row=header) if header else ""
    return " · ".join(filter(None, (layer_name(reading.read_as[2]) or _("the whole file"), named)))


def layer_name(layer: str) -> str:
    """What a sheet or layer is called; the answer that takes every layer is said in words."""
    return _("all layers") if layer == _ALL else layer


def sheet_step(reading: Reading) -> None:
    """Let sheet or layer and the row of the names be stated."""
    draft = reading.draft
    said = draft.answers
    with st.form(f"sheet_{draft.stamp}", border=False):
        left, right = st.columns(2)
        layer = left.text_input(
            _("Sheet or layer"),
            said.get("layer", ""),
            placeholder=reading.read_as[2] if reading.read_as else "",
        )
        header = right.number_input(
            _("Row of the column names"),
            1,
            1000,
            int(said["header"]) if said.get("header", "").isdecimal() else None,
            placeholder=_("found"),
        )
        if st.form_submit_button(_("Apply")):
            answer(draft, {"layer": layer, "header": "" if header is None else str(header)})
            st.rerun()


def _take_mapping(draft: Draft, files: Mapping[str, bytes]) -> None:
    """Take over every answer of a mapping file; a system that it names is kept with this session's files."""
    from layers.sources.arguments import file_answers
    from layers.sources.options import ImportOptions, with_mapping

    with tempfile.TemporaryDirectory(prefix="parkplan-") as folder:
        systems = {name: content for name, content in files.items() if name == _SYSTEM}
        answers = next((content for name, content in files.items() if name not in systems), b"")
        for name, content in {**systems, _MAPPING: answers}.items():
            (Path(folder) / name).write_bytes(content)
        try:
            only_given_files(_plain_answers(answers), systems)
            options = ImportOptions(kind=draft.kind, mapping=Path(folder) / _MAPPING)
            found = with_mapping(options).to_answers()
        except ParkError as error:
            show_error(error)
            return
        found.pop("as", None)
        for key in file_answers(found):
            found[key] = str(keep_file(_SYSTEM, Path(found[key]).read_bytes()))
    answer(draft, found)
    st.rerun()


def _plain_answers(mapping: bytes) -> dict[str, str]:
    """Answers about the file as a mapping states them; none where it is no mapping, which is told later."""
    try:
        stored = tomllib.loads(mapping.decode("utf-8-sig")).get("file", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}
    items = stored.items() if isinstance(stored, dict) else ()
    return {key: value for key, value in items if isinstance(value, str)}


def _place(options: tuple[str, ...], value: str | None) -> int | None:
    return options.index(value) if value in options else None
