"""The third step: which column plays which role, how sure that is, and what stands in it."""

from __future__ import annotations

import streamlit as st

from geo.errors import N_
from ui.labels import ROLES, role_name
from ui.messages import plain
from ui.tables import short_number
from ui.wizard.draft import answer
from ui.wizard.reading import Reading
from ui.words import _

__all__ = ["column_step", "columns_said"]

_ALWAYS = ("name", "lon", "lat")
_SAID = 4
_WIDTHS = [1.3, 2.2, 2.2, 1.1]
_NONE_FOUND = N_("not found")


def columns_said(reading: Reading) -> str:
    """The columns that were found."""
    if reading.imported is None and reading.question is None:
        return ""
    roles = reading.roles
    if not roles:
        return "" if reading.imported is None else _("none is needed: the shapes are in the file")
    shown = [f"{role_name(role)} = {column}" for role, column in list(roles.items())[:_SAID]]
    comma = _(N_(", "))
    more = len(roles) - len(shown)
    return comma.join(shown) + (_(" and {count} more", count=more) if more > 0 else "")


def column_step(reading: Reading) -> None:
    """Show roles with their columns, samples and how each was found; let them be changed."""
    cells = reading.cells
    if cells is None:
        st.caption(_("The columns are shown as soon as the file can be read."))
        return
    from layers.sources.recognised import CONFIDENCES, describe_roles

    draft, roles = reading.draft, reading.roles
    columns = [str(column) for column in cells.columns]
    found = {one.role: one for one in describe_roles(cells, roles)}
    listed = [*roles, *(role for role in _ALWAYS if role not in roles and _has_no_shapes(reading))]
    with st.form(f"columns_{draft.stamp}", border=False):
        _row([_("Role"), _("Column"), _("Samples"), _("Found by")])
        chosen: dict[str, str | None] = {}
        for role in listed:
            name, field, samples, sure = st.columns(_WIDTHS, vertical_alignment="center")
            name.caption(role_name(role))
            chosen[role] = field.selectbox(
                role_name(role),
                columns,
                index=columns.index(roles[role]) if roles.get(role) in columns else None,
                placeholder=_("no column"),
                label_visibility="collapsed",
            )
            samples.caption(plain(_samples(found[role].samples)) if role in found else "–")
            sure.caption(_(CONFIDENCES[found[role].confidence]) if role in found else _(_NONE_FOUND))
        left, right = st.columns(2)
        other = left.selectbox(
            _("A further role"),
            [role for role in ROLES if role not in listed],
            index=None,
            format_func=role_name,
            placeholder=_("none"),
        )
        its = right.selectbox(_("Its column"), columns, index=None, placeholder=_("no column"))
        if st.form_submit_button(_("Apply")):
            if other and its:
                chosen[other] = its
            answer(draft, _changes(chosen, roles))
            st.rerun()
    left_over = [column for column in columns if column not in roles.values()]
    if left_over:
        st.caption(_("Columns without a role are kept as they are:"))
        st.caption(plain(_shortened(left_over)))


def _changes(chosen: dict[str, str | None], roles: dict[str, str]) -> dict[str, str]:
    """What was chosen otherwise than it was found, as answers."""
    return {
        role if role in ("lon", "lat") else f"column={role}": column
        for role, column in chosen.items()
        if column and column != roles.get(role)
    }


def _has_no_shapes(reading: Reading) -> bool:
    """Whether the coordinates can only be in columns."""
    if reading.plain is not None:
        return reading.plain.shapes is None
    return "lon" in reading.roles


def _row(words: list[str]) -> None:
    for place, word in zip(st.columns(_WIDTHS), words, strict=True):
        place.caption(word)


def _samples(texts: tuple[str, ...]) -> str:
    return _shortened([short_number(text) for text in texts], 3)


def _shortened(texts: list[str], most: int = 12) -> str:
    shown = _(N_(", ")).join(text[:24] for text in texts[:most])
    return f"{shown} …" if len(texts) > most else shown
