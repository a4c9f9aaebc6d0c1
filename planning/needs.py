"""Which figures need more of a firm table than places, and which of them stay unknown."""

from __future__ import annotations

from geo.errors import N_
from layers.stack import LayerStack

__all__ = ["NEEDED_COLUMNS", "lacking_columns"]

NEEDED_COLUMNS: dict[str, tuple[str, ...]] = {
    N_("Spread of each industry"): ("industry", "industry_code"),
    N_("Firms per township"): ("township", "address"),
    N_("Main industry of a cluster"): ("industry", "industry_code"),
    N_("Firms that are closed"): ("status",),
}
"""Figure, a message template → roles of which one column will do."""


def lacking_columns(stack: LayerStack) -> dict[str, tuple[str, ...]]:
    """Say which figures stay unknown because the firm table lacks a column.

    Returns
    -------
    dict
        Name of the figure, a message template → roles of which one column would do; empty without
        a firm table.
    """
    firms = stack.firms
    if firms is None:
        return {}
    return {
        figure: roles
        for figure, roles in NEEDED_COLUMNS.items()
        if not any(role in firms and firms[role].notna().any() for role in roles)
    }
