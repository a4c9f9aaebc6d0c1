"""Result tables on the page: headings in the reader's language, cells as plain text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from ui.labels import column_name, value_name

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["selected_row", "short_number", "show_cells", "show_table"]

_FORMATS = {
    "_m2": "%.0f",
    "_m": "%.0f",
    "_ha": "%.2f",
    "_mu": "%.1f",
    "_km": "%.1f",
    "_km2": "%.1f",
    "minutes": "%.0f",
}
_SHARES = {
    *("share", "share_target", "share_of_construction", "share_of_total"),
    *("industry_share", "clustered", "near_main_road", "share_of_industry"),
}
_WIDTHS: dict[str, Literal["small", "medium", "large"]] = {
    "facility": "medium",
    "message": "large",
    "met": "small",
    "second": "medium",
    "sentence": "large",
}
_LONG_NUMBER = re.compile(r"([+-]?\d+\.\d{7})\d+")
_CODES = {"form", "verdict", "kind", "origin", "network", "precision"}


def show_table(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    key: str | None = None,
    translate: Collection[str] = (),
    height: int | None = None,
    select: bool = False,
    names: Mapping[str, str] | None = None,
) -> Any:
    """Show some columns of a result table.

    Parameters
    ----------
    table : DataFrame
    columns : sequence of str
        Which, in which order; what the table lacks is left out.
    key : str, optional
        Needed for a table whose rows can be selected.
    translate : collection of str
        Further columns whose cells are codes.
    height : int, optional
        Pixels.
    select : bool
        Let one row be selected.
    names : mapping of str to str, optional
        Headings other than the usual ones.

    Returns
    -------
    object
        What `selected_row` reads.
    """
    shown = [column for column in columns if column in table.columns]
    data = table[shown].drop(columns="geometry", errors="ignore").copy()
    for column in _CODES.union(translate).intersection(shown):
        data[column] = [None if _is_missing(value) else value_name(value) for value in data[column]]
    config: dict[str, Any] = {}
    for column in shown:
        heading = (names or {}).get(column) or column_name(column)
        if column in _SHARES:
            data[column] = data[column].astype(float) * 100
            config[column] = st.column_config.NumberColumn(heading, format="%.1f %%")
        elif number_format := _format_of(column):
            config[column] = st.column_config.NumberColumn(heading, format=number_format)
        else:
            config[column] = st.column_config.Column(heading, width=_WIDTHS.get(column))
            if data[column].map(type).nunique() > 1:  # Arrow takes one type a column
                data[column] = ["–" if _is_missing(value) else str(value) for value in data[column]]
    options: dict[str, Any] = {"placeholder": "–"} | ({"height": height} if height else {})
    if select:
        options |= {"on_select": "rerun", "selection_mode": "single-row"}
    return st.dataframe(data, hide_index=True, column_config=config, key=key, **options)


def show_cells(
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    *,
    key: str,
    height: int | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Show the cells of somebody's file as text under the names that it has, or under `names`.

    Streamlit's own download would write a text such as ``=1+1`` as it is; the button is taken away
    (`ui.style`), and our downloads disarm such cells.
    """
    import pandas as pd

    shown = pd.DataFrame(rows)
    text = shown.astype(object).where(shown.notna(), "").astype(str)
    config = {column: st.column_config.Column(name) for column, name in (names or {}).items()}
    st.dataframe(
        text.map(short_number), hide_index=True, key=key, height=height or "auto", column_config=config
    )


def short_number(text: str) -> str:
    """Leave away what stands behind the seventh decimal of a number: of degrees, less than a centimetre.

    Examples
    --------
    >>> short_number("118.44523445872868"), short_number("118.445"), short_number("v1.23456789")
    ('118.4452344', '118.445', 'v1.23456789')
    """
    return found[1] if (found := _LONG_NUMBER.fullmatch(text)) else text


def selected_row(event: Any) -> int | None:
    """Position of the row that is selected, or None."""
    rows = event.selection.rows if event is not None else []
    return int(rows[0]) if rows else None


def _format_of(column: str) -> str:
    for ending, number_format in _FORMATS.items():
        if column.endswith(ending):
            return number_format
    return "%.2f" if column == "axis_ratio" else ""


def _is_missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - NaN is the value that is not itself
