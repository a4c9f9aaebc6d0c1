"""A question of an import, with what each answer would mean."""

from __future__ import annotations

import streamlit as st

from geo.errors import N_, ChoiceError
from layers.sources.arguments import from_argument
from ui.messages import in_app, plain
from ui.tables import show_cells
from ui.wizard.draft import Draft, answer
from ui.words import _

__all__ = ["put_question", "question_name"]

_ABOUT = {
    "axes": N_("Order of the coordinates"),
    "code-edition": N_("Edition of the industry codes"),
    "columns": N_("Columns"),
    "crs": N_("Coordinate system"),
    "dates": N_("Order of day and month"),
    "encoding": N_("Encoding"),
    "header": N_("Row of the column names"),
    "layer": N_("Sheet or layer"),
    "locate": N_("Places by their addresses"),
    "units": N_("Unit of the drawing"),
}
_OTHER = "other"


def question_name(about: str) -> str:
    """What a question is about, in the reader's language."""
    about = about.replace("_", "-")
    return _(_ABOUT.get(about, about))


def put_question(draft: Draft, question: ChoiceError) -> None:
    """Ask; the answer goes into the draft."""
    st.warning(
        plain(" ".join(filter(None, (question.message(_), in_app(question.hint(_)))))),
        icon=":material/help:",
    )
    if question.preview:
        show_cells(question.preview, key=f"preview_{draft.stamp}")
    labels = {option["value"]: option["label"] for option in question.options}
    if question.about == "crs":
        labels[_OTHER] = N_("another system: choose it below")
    chosen = st.radio(
        question_name(question.about),
        list(labels),
        format_func=lambda value: plain(_(labels[value])),
        key=f"choice_{draft.stamp}",
    )
    if chosen == _OTHER:
        return
    if st.button(_("Use this"), type="primary", key=f"use_{draft.stamp}"):
        argument = next(one["argument"] for one in question.options if one["value"] == chosen)
        answer(draft, from_argument(argument))
        st.rerun()
