"""The language of this session: chosen in the address, by the switch, or by the browser."""

from __future__ import annotations

import streamlit as st

from ui.text import LANGUAGES, translator

__all__ = ["_", "language", "language_switch"]

_STATE = "language"
_SWITCH = "language_switch"
_PARAMETER = "lang"


def language() -> str:
    """Return ``zh`` or ``en``: the address first, then the choice made before, then the browser."""
    asked = st.query_params.get(_PARAMETER)
    if asked in LANGUAGES:
        st.session_state[_STATE] = asked
    elif _STATE not in st.session_state:
        locale = (st.context.locale or "zh").lower()
        st.session_state[_STATE] = "zh" if locale.startswith("zh") else "en"
    chosen: str = st.session_state[_STATE]
    return chosen


def _(template: str, /, **fields: object) -> str:
    """Translate a template into the session's language and fill it in."""
    text = translator(language())(template)
    return text.format(**fields) if fields else text


def language_switch() -> None:
    """Show the switch in the sidebar; the choice is written into the address, to be shared."""
    st.session_state[_SWITCH] = language()
    st.sidebar.segmented_control(
        "语言 / Language",
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        key=_SWITCH,
        on_change=_switched,
        required=True,
        label_visibility="collapsed",
    )


def _switched() -> None:
    st.session_state[_STATE] = st.session_state[_SWITCH]
    st.query_params[_PARAMETER] = st.session_state[_SWITCH]
