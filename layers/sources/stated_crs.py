"""The coordinate system that a table states row by row, in a column of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from geo.errors import N_, ChoiceError, CrsError, Option
from layers.sources.arguments import as_argument
from layers.sources.checked import Rows
from layers.sources.columns import stated_system
from layers.sources.coordinates import parse_crs
from layers.sources.distinct import distinct

__all__ = ["crs_by_cells"]

_SHOWN = 5
_EPSG = re.compile(r"(?i)epsg:\d{4,6}")


def crs_by_cells(rows: Rows, roles: Mapping[str, str]) -> str | None:
    """Return the system that all filled cells of the column of systems name.

    Parameters
    ----------
    rows : Rows
    roles : mapping of str to str
        The role crs is looked at.

    Returns
    -------
    str or None
        As `parse_crs` takes it; None where there is no such column or no cell says anything.

    Raises
    ------
    ChoiceError
        If the cells name several systems, or one that is not known.
    """
    if "crs" not in roles:
        return None
    texts = [text for text in distinct(rows.source[roles["crs"]])[1].str.strip() if text]
    named = {_system(text) for text in texts}
    if not texts or (len(named) == 1 and None not in named):
        return next(iter(named)) if texts else None
    known = sorted(system for system in named if system)
    raise ChoiceError(
        N_(
            "the column “{column}” names {systems} as coordinate system, and one is taken for the whole table"
        ),
        hint=N_("split the table by this column, or say which system all rows are in"),
        about="crs",
        code="CRS_AMBIGUOUS",
        where=roles["crs"],
        options=[Option(system, system, as_argument({"crs": system})) for system in known or ["WGS84"]],
        preview=[{roles["crs"]: text[:80]} for text in texts[:_SHOWN]],
        column=roles["crs"],
        systems="、".join(text[:40] for text in texts[:_SHOWN]),
    )


def _system(text: str) -> str | None:
    """What a cell names; no definition and no file of a stranger's table is opened."""
    if not _EPSG.fullmatch(text):
        return stated_system(text)
    try:
        parse_crs(text)
    except CrsError:
        return None
    return text
