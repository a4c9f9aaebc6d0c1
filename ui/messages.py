"""Errors and notes on the page: one sentence, a hint, and nothing of it read as markup."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable
from typing import ParamSpec

import streamlit as st

from geo.errors import N_, ParkError
from ui.words import _

__all__ = ["WITH_CLOSED", "guarded", "in_app", "log_bug", "plain", "show_bug", "show_error", "show_note"]

LOG = logging.getLogger("parkplan")
WITH_CLOSED = N_("Closed firms count in figures too")
BUG = N_("Something went wrong inside the program. The details are in the server's log; your data is kept.")
_P = ParamSpec("_P")

# Streamlit reads messages as Markdown. A file or a firm may be called anything, so whatever
# Markdown, its GitHub extensions or Streamlit's own shortcodes would react to is disarmed.
_ACTIVE = re.compile(r"[\\`*\[\]<>$~|&]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_LINE_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))", re.MULTILINE)
_LINKED = re.compile(r":(?=[A-Za-z/]|[\w+-]+:)|(?<=[wW]{3})\.|@")
_OPTION = re.compile(r"(?P<option>--[a-z]+(?:-[a-z]+)*)(?: (?:[A-Z]+(?::n|\.toml)?|列)\b)?")
_WORD_JOINER = "\u2060"


def plain(text: str) -> str:
    r"""Return `text` so that Markdown shows it letter by letter.

    Examples
    --------
    >>> plain("*a* [b](c)")
    '\\*a\\* \\[b\\](c)'
    """
    escaped = _ACTIVE.sub(lambda match: "\\" + match.group(), text)
    escaped = _LINE_START.sub(_disarm_line_start, escaped)
    return _LINKED.sub(lambda match: match.group() + _WORD_JOINER, escaped)


def _disarm_line_start(match: re.Match[str]) -> str:
    indent, mark = match.groups()
    return indent.lstrip(" \t") + (mark + _WORD_JOINER if mark[0].isdigit() else "\\" + mark)


def show_error(error: BaseException) -> None:
    """Show a `ParkError` as its sentence and hint; anything else as a short apology."""
    if not isinstance(error, ParkError):
        show_bug()
        return
    message, hint = error.message(_), in_app(error.hint(_))
    if error.where and error.where not in message:
        message = _("{where}: {message}", where=error.where, message=message)
    lines = [plain(message)]
    if hint:
        lines.append("→ " + plain(hint))
    st.error("\n\n".join(lines))


def in_app(text: str) -> str:
    """Put the names of the form's fields where a sentence names options of the command line."""
    fields = {
        "--lon": _("Longitude or easting"),
        "--lat": _("Latitude or northing"),
        "--crs": _("Coordinate system"),
        "--encoding": _("Encoding"),
        "--layer": _("Sheet or layer"),
        "--header": _("Row of the column names"),
        "--column": _("A further role"),
        "--geometry": _("Column of geometries (WKT or GeoJSON)"),
        "--axes": _("Order of the coordinates"),
        "--locate": _("Rows without coordinates lie in the county of their address"),
        "--mapping": _("Answers of an earlier import (mapping.toml)"),
    }
    if "--with-closed" in text:
        return text.replace("--with-closed", _("“{field}” in the project's settings", field=_(WITH_CLOSED)))
    said = _OPTION.sub(
        lambda found: f"“{fields[found['option']]}”" if found["option"] in fields else found[0], text
    )
    where = _("in the steps of the import")
    return text if said == text else f"{said} ({where})"


def show_bug() -> None:
    """Apologise; the traceback went to the log."""
    st.error(_(BUG))


def log_bug(error: BaseException) -> None:
    """Write an unexpected error with its traceback into the server's log."""
    LOG.error("unexpected error", exc_info=error)


def show_note(text: str) -> None:
    """Show a grey note whose text may come from a file."""
    st.caption(plain(text))


def guarded(function: Callable[_P, None]) -> Callable[_P, None]:
    """Let a page or fragment fail with a sentence instead of a traceback."""

    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except ParkError as error:
            show_error(error)
        except Exception as error:  # noqa: BLE001 - a bug: loud in the log, short on the page
            log_bug(error)
            show_bug()

    return run
