"""Parameter sets become forms: range, unit and help are taken from where they are declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from geo.errors import ParkError
from geo.params import Parameter, Params, describe
from ui.labels import option_name, parameter_name, unit_name
from ui.messages import plain, show_error
from ui.words import _

__all__ = ["params_form"]

_P = TypeVar("_P", bound=Params)


def params_form(
    current: _P,
    *,
    key: str,
    leave_out: Collection[str] = (),
    known: Mapping[str, Sequence[str]] | None = None,
    columns: int = 1,
) -> _P | None:
    """Show a parameter set as a form.

    Parameters
    ----------
    current : Params
        Values that are shown first.
    key : str
        Distinguishes forms on one page.
    leave_out : collection of str
        Names of parameters that are not shown; they keep their values.
    known : mapping of str to sequence of str, optional
        Values to choose from for free-text parameters; the empty text means all.
    columns : int
        Widgets beside each other.

    Returns
    -------
    Params or None
        The new values when the form was sent and they are fit; None otherwise.
    """
    specs = [spec for spec in describe(type(current)) if spec.name not in leave_out]
    with st.form(f"form_{key}", border=True):
        places = st.columns(columns) if columns > 1 else [st.container()]
        values = dict(current.to_mapping())
        for count, spec in enumerate(specs):
            with places[count % columns]:
                values[spec.name] = _widget(spec, values[spec.name], f"{key}_{spec.name}", known or {})
        sent = st.form_submit_button(_("Apply"), type="primary", key=f"apply_{key}")
    if not sent:
        return None
    try:
        return type(current).from_mapping(values)
    except ParkError as error:
        show_error(error)
        return None


def _widget(spec: Parameter, value: Any, key: str, known: Mapping[str, Sequence[str]]) -> Any:
    unit = unit_name(spec.unit)
    name = parameter_name(spec.name)
    label = plain(f"{name} ({unit})" if unit else name)
    help_text = plain(_help(spec, unit))
    if spec.options:
        index = spec.options.index(value)
        return st.selectbox(
            label, spec.options, index=index, format_func=option_name, help=help_text, key=key
        )
    if isinstance(spec.default, bool):
        return st.checkbox(label, value=value, help=help_text, key=key)
    if spec.low is None or spec.high is None:
        if names := known.get(spec.name):
            choices = ["", *names]
            return st.selectbox(
                label,
                choices,
                index=choices.index(value) if value in choices else 0,
                format_func=lambda one: one or _("(all)"),
                help=help_text,
                key=key,
            )
        return st.text_input(label, value=value, help=help_text, key=key)
    if isinstance(spec.default, int):
        return st.number_input(label, int(spec.low), int(spec.high), int(value), 1, help=help_text, key=key)
    return st.number_input(
        label,
        float(spec.low),
        float(spec.high),
        float(value),
        _step(spec),
        help=help_text,
        key=key,
        format="%g",
    )


def _help(spec: Parameter, unit: str) -> str:
    text = _(spec.help)
    if spec.low is None:
        return text
    return f"{text} [{spec.low:g} – {spec.high:g}{' ' + unit if unit else ''}]"


def _step(spec: Parameter) -> float:
    """Return a step that a person would take: a tenth of the default's order of magnitude."""
    size = abs(float(spec.default)) or float(spec.high or 1.0) / 10
    power = 1.0
    while power * 10 <= size:
        power *= 10
    while power > size:
        power /= 10
    return power / 10 if size < 10 else power / 2
