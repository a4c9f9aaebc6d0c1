"""A question of an import, with what each answer would mean."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from geo.errors import N_, ChoiceError
from layers.sources.arguments import from_argument
from ui.labels import PREVIEWS, preview_name
from ui.messages import in_app, plain
from ui.tables import show_cells
from ui.wizard.coordinates import listed_system
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
_OURS = {"code-edition", "dates", "encoding", "header", "layer", "units"}
"""Questions whose previews have headings of the program; others show columns of the file."""
_DATES = {"dmy": N_("the day first"), "mdy": N_("the month first")}
_NORTH_FIRST = N_("{system}, X is north")
_STATE_SYSTEM = N_(
    "choose the system; or “another system”, to take one from the list, a code such as EPSG:4548, or a file "
    "of your own for a local grid"
)
_OTHER = "other"


def question_name(about: str) -> str:
    """What a question is about, in the reader's language."""
    about = about.replace("_", "-")
    return _(_ABOUT.get(about, about))


def put_question(draft: Draft, question: ChoiceError) -> bool:
    """Ask; the answer goes into the draft. Nothing is chosen beforehand: a click would accept it unread.

    Returns
    -------
    bool
        Whether the answer is none of those offered and is to be given in a step.
    """
    hint = _(_STATE_SYSTEM) if "--crs" in question.hint_template else in_app(question.hint(_))
    lines = [question.message(_), hint]
    st.warning("\n\n".join(plain(line) for line in lines if line), icon=":material/help:")
    if question.preview:
        names = {one: preview_name(one) for one in PREVIEWS} if question.about in _OURS else {}
        show_cells(question.preview, key=f"preview_{draft.stamp}", names=names)
    options = {option["value"]: option for option in question.options}
    chosen = st.radio(
        question_name(question.about),
        [*options, *([_OTHER] if question.about == "crs" else [])],
        index=None,
        format_func=lambda value: plain(_label(question.about, value, options)),
        key=f"choice_{draft.stamp}",
    )
    if chosen == _OTHER:
        return True
    used = st.button(_("Use this"), type="primary", disabled=chosen is None, key=f"use_{draft.stamp}")
    if used and chosen is not None:
        answer(draft, from_argument(options[chosen]["argument"]))
        st.rerun()
    return False


def _label(about: str, value: str, options: Mapping[str, Mapping[str, str]]) -> str:
    """What an answer says: systems by the names that they have in the list, others by their own words."""
    if value == _OTHER and value not in options:
        return _("another system: choose it below")
    if about == "crs":
        code, _space, axes = value.partition(" ")
        if (system := listed_system(code)) is not None:
            return _(_NORTH_FIRST, system=system) if axes == "yx" else system
    said = _DATES.get(value) if about == "dates" else None
    own = options[value]["label"]
    return _(said or own)
