"""The import at hand, step by step: what is decided shows its answer, what is ambiguous is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from geo.errors import N_, ChoiceError, ParkError, SchemaError
from ui.jobs import ask
from ui.labels import kind_name
from ui.messages import plain, show_error
from ui.state import put_input, session, start_empty
from ui.wizard.columns import column_step, columns_said
from ui.wizard.coordinates import coordinate_step, coordinates_said
from ui.wizard.draft import Draft, answer, drop_draft
from ui.wizard.file import file_said, file_step, sheet_said, sheet_step
from ui.wizard.question import put_question, question_name
from ui.wizard.reading import Reading
from ui.wizard.result import account, show_result
from ui.words import _

if TYPE_CHECKING:
    from layers.sources.importer import Imported
    from layers.sources.plain import PlainTable

__all__ = ["wizard"]

_TAKEN = "import_taken"
_JOB = "import"
_READING = {"encoding": 1, "layer": 2, "header": 2, "units": 2}
"""What is asked before a file is read → its step."""
_UNDERSTANDING = {"columns": 3, "code-edition": 3, "dates": 3}
_COORDINATES = 4
_SAID_ON_QUESTION = {2: ("units",), 3: ("code_edition", "dates")}
"""Step → answers that only a question asks for."""
_ASSUMED = N_(
    "The file names no coordinate system: WGS 84 is taken. Points from Amap, Tencent or Baidu would then lie "
    "up to a kilometre off: if they are from there, say so in step 4."
)
_STEPS = (
    (N_("File"), file_said, file_step),
    (N_("Sheet or layer"), sheet_said, sheet_step),
    (N_("Columns"), columns_said, column_step),
    (N_("Coordinates"), coordinates_said, coordinate_step),
)


def wizard(draft: Draft) -> None:
    """Show the import at hand, and take it as an input as soon as it can be read."""
    with st.container(border=True, key="upload_result"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{kind_name(draft.kind)}** · {plain(draft.name)}")
            if st.button(_("Close"), key="close_import", icon=":material/close:"):
                drop_draft()
                st.rerun()
        outcome, steps = st.container(), st.container(gap="small")
        with st.container():
            reading = _attempt(draft)
        if reading is None:
            return
        with outcome:
            elsewhere = _outcome(reading)
        with steps:
            _steps(reading, elsewhere=elsewhere)
        if reading.imported is not None:
            with st.container(key="import_result"):
                show_result(draft.kind, reading.imported, draft.source, draft.name)


def _outcome(reading: Reading) -> bool:
    """Say above all steps what the file waits for or became; whether a step asks for the answer."""
    draft = reading.draft
    if reading.imported is not None:
        _take(draft)
        taken = _("“{name}” is taken as: {kind}.", name=draft.name, kind=kind_name(draft.kind))
        st.success("\n\n".join(map(plain, (taken, account(reading.imported)))))
        if any(one.code == "CRS_ASSUMED" for one in reading.imported.report.warnings):
            st.info(_(_ASSUMED), icon=":material/explore:")
    elif reading.question is not None:
        with st.container(border=True, key="import_question"):
            return put_question(draft, reading.question)
    elif reading.error is not None:
        show_error(reading.error)
        return True
    return False


def _attempt(draft: Draft) -> Reading | None:
    """Import the file with what was said so far; None while that is under way."""
    here = session()
    alone, results = here.scenario.with_(inputs={draft.kind: draft.source}), here.results
    failed: list[BaseException] = []
    imported: Imported | None = ask(
        _JOB,
        (draft.kind, draft.source),
        lambda progress: results.imported(alone, draft.kind, progress),
        N_("Importing the file"),
        failed.append,
    )
    if imported is not None:
        return Reading(draft=draft, imported=imported)
    if not failed:
        return None
    error = failed[0]
    if not isinstance(error, ParkError):
        return Reading(draft=draft, error=error)
    question = error if isinstance(error, ChoiceError) else None
    table = None
    if isinstance(error, SchemaError) or (question is not None and question.about not in _READING):
        table = _plain(draft)
    return Reading(draft=draft, error=error, question=question, plain=table)


def _plain(draft: Draft) -> PlainTable | None:
    """The columns of a file that cannot be understood yet."""
    results = session().results
    return ask(
        "import_plain",
        (draft.kind, draft.source),
        lambda _progress: results.plain(draft.source, draft.kind),
        N_("Reading the columns"),
        lambda _error: None,
    )


def _steps(reading: Reading, *, elsewhere: bool) -> None:
    asked = _asked(reading)
    for number, (title, said, body) in enumerate(_STEPS, start=1):
        here = number == asked
        _step(number, _(title), said(reading), reading, body, asked=here, expanded=here and elsewhere)


def _step(
    number: int,
    title: str,
    said: str,
    reading: Reading,
    body: Callable[[Reading], None],
    *,
    asked: bool,
    expanded: bool,
) -> None:
    known = bool(said)
    if asked:
        icon = ":material/help:"
    else:
        icon = ":material/check_circle:" if known else ":material/radio_button_unchecked:"
    heading = f"**{number} {title}**" + (f" · {plain(said)}" if known else "")
    with st.expander(heading, expanded=expanded, icon=icon):
        body(reading)
        _ask_again(reading.draft, _SAID_ON_QUESTION.get(number, ()))


def _ask_again(draft: Draft, keys: Sequence[str]) -> None:
    """Show what was said to questions that no form has a field for; let it be taken back."""
    said = {key: draft.answers[key] for key in keys if key in draft.answers}
    for key, value in said.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(plain(f"{question_name(key)}: {value}"))
            if st.button(_("Ask again"), key=f"again_{key}_{draft.stamp}"):
                answer(draft, {key: ""})
                st.rerun()


def _asked(reading: Reading) -> int:
    """The step that the file waits at; 0 when there is none."""
    if reading.question is not None:
        about = reading.question.about
        return _READING.get(about) or _UNDERSTANDING.get(about) or _COORDINATES
    if reading.imported is None and isinstance(reading.error, SchemaError) and reading.plain is not None:
        return 3
    return 0


def _take(draft: Draft) -> None:
    """Make the file an input of the project, once for each way in which it was read."""
    wanted = (draft.number, draft.kind, draft.source)
    here = session()
    if here.scenario.inputs.get(draft.kind) == draft.source:
        st.session_state[_TAKEN] = wanted
        return
    if st.session_state.get(_TAKEN) == wanted:  # it was taken, then removed or replaced by something else
        drop_draft()
        st.rerun()
    if draft.begin and here.sample:
        start_empty(title=draft.name.rpartition(".")[0] or draft.name)
    draft.begin = False
    put_input(draft.kind, draft.source, draft.name)
    st.session_state[_TAKEN] = wanted
    st.rerun()
