"""The import that a person is at: a file of theirs and what they have said about it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import streamlit as st

from geo.errors import N_, UsageError
from layers.sources.arguments import file_answers, join_source, split_source
from ui.state import session

__all__ = ["Draft", "answer", "current_draft", "drop_draft", "only_given_files", "reopen", "take_draft"]

_STATE = "import_draft"
_NUMBERS = itertools.count()


@dataclass(slots=True, kw_only=True)
class Draft:
    """One file on its way in.

    Attributes
    ----------
    kind : str
        What its rows are.
    path : str
        Where it lies in the session's folder.
    name : str
        What the person calls it.
    answers : dict of str to str
        What was said, as it stands behind ``FILE::``.
    begin : bool
        Whether it begins a project in place of the sample that is open.
    upload : str
        Identifies the upload it came by; empty for an input that was opened again.
    number : int
        Tells drafts apart; forms of another one are other forms.
    """

    kind: str
    path: str
    name: str
    answers: dict[str, str] = field(default_factory=dict)
    begin: bool = False
    upload: str = ""
    number: int = field(default_factory=lambda: next(_NUMBERS))

    @property
    def source(self) -> str:
        """The file with the answers."""
        return join_source(self.path, self.answers)

    @property
    def stamp(self) -> str:
        """Part of the keys of this draft's forms: they begin anew when an answer has changed."""
        return f"{self.number}_{abs(hash((self.kind, self.source)))}"


def only_given_files(answers: Mapping[str, str], given: Collection[str]) -> None:
    """Refuse answers that name a file which the person did not give: it would be one of the server's.

    Raises
    ------
    UsageError
    """
    for key in file_answers(answers):
        if answers[key] not in given:
            raise UsageError(
                N_("“{name}” is the name of a file on the server"),
                hint=N_("give the file itself"),
                where=key,
                name=answers[key],
            )


def current_draft() -> Draft | None:
    """The import at hand, if there is one."""
    draft: Draft | None = st.session_state.get(_STATE)
    return draft


def take_draft(draft: Draft) -> None:
    """Begin with a file, in place of the one before."""
    st.session_state[_STATE] = draft


def drop_draft() -> None:
    """Put the import at hand away; what was taken of it stays."""
    st.session_state.pop(_STATE, None)


def reopen(kind: str) -> None:
    """Look again at an input of the open project, to see how it was read or to answer otherwise."""
    here = session()
    path, answers = split_source(here.scenario.inputs[kind])
    take_draft(Draft(kind=kind, path=path, name=here.names.get(kind, ""), answers=dict(answers)))


def answer(draft: Draft, given: Mapping[str, str]) -> None:
    """Take answers; an empty one takes back what was said."""
    draft.answers = {key: value for key, value in (draft.answers | dict(given)).items() if value}
