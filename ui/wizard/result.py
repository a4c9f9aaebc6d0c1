"""What became of a file: an account that adds up, a map, what to take away."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from geo.errors import N_
from ui.downloads import clean_bytes, mapping_bytes, table_bytes, workbook_bytes
from ui.jobs import ask
from ui.maps import park_map
from ui.messages import guarded, in_app, plain
from ui.state import session
from ui.tables import show_cells, show_table
from ui.wizard.coordinates import system_name
from ui.wizard.file import layer_name
from ui.wizard.result_map import result_layers
from ui.words import _, language

if TYPE_CHECKING:
    from layers.sources.importer import Imported

__all__ = ["account", "offered", "show_details", "show_result"]

_PREVIEW_ROWS = 200
_REJECTS = ("source_row", "message", "column", "text", "code")
_REJECT_ROWS = 5
_ROW_PX = 35
_MAP_HEIGHT = 420
_ADDED = {
    "source_row": N_("Row of the source"),
    "lon": N_("Longitude (WGS 84)"),
    "lat": N_("Latitude (WGS 84)"),
    "precision": N_("Precision of the position"),
    "flags": N_("Noticed"),
}
"""Columns that every import adds → their headings."""
_WORKBOOK_ROWS = 50_000
"""Excel takes .3 ms a row to be made, more than all other formats together: above, CSV does."""
_ONE = N_("1 row = {accepted:,} accepted + {rejected:,} rejected")
_MANY = N_("{rows_in:,} rows = {accepted:,} accepted + {rejected:,} rejected")
_BLANK = N_("{blank:,} blank rows, which are no records")


def account(imported: Imported) -> str:
    """Every row is accepted or rejected; blank ones are said."""
    report = imported.report
    said = _(
        _ONE if report.rows_in == 1 else _MANY,
        rows_in=report.rows_in,
        accepted=report.accepted,
        rejected=report.rejected,
    )
    return " · ".join(filter(None, (said, _(_BLANK, blank=report.blank) if report.blank else "")))


@st.fragment
@guarded
def show_result(kind: str, imported: Imported, source: str, name: str) -> None:
    """Show the account, the map, what was noticed, and the files."""
    title = _("Result")
    st.markdown(f"**5 {title}** · {plain(account(imported))}")
    cells = _rejected(kind, imported, source)
    if len(imported.table.geometry.dropna()):
        park_map(
            result_layers(imported, cells, _),
            place=source,
            lang=language(),
            height=_MAP_HEIGHT,
            key="import_map",
        )
    _files(kind, imported, cells, name)
    show_details(kind, imported)


def show_details(kind: str, imported: Imported) -> None:
    """Show how the file was read, what was noticed about its rows, and the rows."""
    report = imported.report
    facts = {
        _("Format"): report.format,
        _("Coordinate system"): system_name(report.crs) if report.crs else "",
        _("Encoding"): report.encoding,
        _("Sheet or layer"): layer_name(report.layer),
    }
    st.caption(
        plain(" · ".join(_("{name}: {fact}", name=name, fact=fact) for name, fact in facts.items() if fact))
    )
    _quality(imported)
    if report.rejected:
        st.text(_("Rejected rows, with the reason:"))
        shown = imported.rejects.head(_PREVIEW_ROWS)
        shown = shown.assign(message=shown["message"].map(lambda said: in_app(_(said))))
        rows = min(len(shown), _REJECT_ROWS)
        show_table(shown, _REJECTS, height=_ROW_PX * (rows + 1) + 3, key=f"rejects_{kind}")
    st.text(_("Accepted rows:"))
    shown = pd.DataFrame(imported.table.drop(columns="geometry").head(_PREVIEW_ROWS))
    ours = {column: _(words) for column, words in _ADDED.items()}
    show_cells(shown, height=220, key=f"preview_{kind}", names=ours)
    if report.accepted > _PREVIEW_ROWS:
        st.caption(_("The first {shown:,} of {rows:,} rows.", shown=_PREVIEW_ROWS, rows=report.accepted))


def _quality(imported: Imported) -> None:
    """Say every code with its number of rows and its sentence; the rejected ones add up to the account."""
    from layers.sources.report import CODES

    report = imported.report
    parts = (
        (_("Rejected, by reason:"), report.reasons),
        (_("Kept, noticed and counted:"), {one.code: one.count for one in report.warnings}),
    )
    for heading, counts in parts:
        if not counts:
            continue
        st.text(heading)
        lines = [
            f"- **{count:,}** · {plain(in_app(_(CODES[code])))} ({plain(code)})"
            for code, count in counts.items()
        ]
        st.markdown("\n".join(lines))


def _rejected(kind: str, imported: Imported, source: str) -> pd.DataFrame | None:
    """The rejected rows in the columns of their file; None while they are read, or without any."""
    if not imported.report.rejected:
        return None
    results = session().results
    return ask(
        "import_rejects",
        ("rejects", kind, source),
        lambda _progress: results.rejected(source, kind, imported),
        N_("Reading the rejected rows"),
    )


def _files(kind: str, imported: Imported, cells: pd.DataFrame | None, name: str) -> None:
    from layers.sources.custom_crs import is_crs_file
    from planning.report.clean import CLEAN_FORMATS

    stem = name.rpartition(".")[0] or kind
    with st.container(horizontal=True, vertical_alignment="center", key="import_files"):
        st.text(_("Accepted rows:"))
        for ending in offered(len(imported.table)):
            title, mime = CLEAN_FORMATS[ending]
            _button(title, partial(clean_bytes, imported.table, kind, ending), f"{stem}{ending}", mime)
        st.space("small")
        st.text(_("Answers:"))
        _button("mapping.toml", partial(mapping_bytes, imported), "mapping.toml", "application/toml")
        if (crs := imported.options.crs) is not None and is_crs_file(crs):
            _button("crs.toml", partial(Path(crs).read_bytes), "crs.toml", "application/toml")
    if len(imported.table) > _WORKBOOK_ROWS:
        st.caption(
            _(
                "A file of so many rows takes a while to be made after the click. Excel files are made up to "
                "{most:,} rows; Excel opens the CSV too.",
                most=_WORKBOOK_ROWS,
            )
        )
    if cells is None:
        return
    said = cells.assign(reject_reason=cells["reject_reason"].map(_))
    with st.container(horizontal=True, vertical_alignment="center", key="reject_files"):
        st.text(_("Rejected rows, to be corrected and imported again"))
        makers = {".csv": table_bytes, ".xlsx": workbook_bytes}
        for ending in (one for one in offered(len(said)) if one in makers):
            (title, mime), make = CLEAN_FORMATS[ending], makers[ending]
            _button(title, partial(make, said), f"rejects-{stem}{ending}", mime, key=f"rejects{ending}")


def offered(rows: int) -> list[str]:
    """Endings of the formats in which so many rows may be taken away."""
    from planning.report.clean import CLEAN_FORMATS

    return [ending for ending in CLEAN_FORMATS if ending != ".xlsx" or rows <= _WORKBOOK_ROWS]


def _button(title: str, make: partial[bytes], file_name: str, mime: str, *, key: str = "") -> None:
    st.download_button(
        title,
        make,
        file_name=file_name,
        mime=mime,
        on_click="ignore",
        icon=":material/download:",
        key=f"take_{key or title}",
    )
