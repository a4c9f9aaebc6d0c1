"""The window: pages, language, and every error as a sentence. Run with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.frame import labelled
from ui.messages import guarded
from ui.style import apply_style
from ui.words import _, language_switch

ICON = Path(__file__).parent / "ui" / "icon.png"


def _overview() -> None:
    from ui.pages import overview

    overview.page()


def _overview_again() -> None:
    _overview()


def _data() -> None:
    from ui.pages import data

    data.page()


def _clusters() -> None:
    from ui.pages import clusters

    clusters.page()


def _access() -> None:
    from ui.pages import access

    access.page()


def _zoning() -> None:
    from ui.pages import zoning

    zoning.page()


def _export() -> None:
    from ui.pages import export

    export.page()


def main() -> None:
    """Lay out the window and run the page that is asked for."""
    st.set_page_config(
        page_title=_("Parkplan"), page_icon=str(ICON), layout="wide", initial_sidebar_state="expanded"
    )
    apply_style()
    pages = [
        st.Page(_overview, title=_("Overview"), icon=":material/map:", default=True),
        st.Page(_data, title=_("Data"), icon=":material/table_view:", url_path="data"),
        st.Page(_clusters, title=_("Clusters"), icon=":material/bubble_chart:", url_path="clusters"),
        st.Page(_access, title=_("Access"), icon=":material/route:", url_path="access"),
        st.Page(_zoning, title=_("Zoning"), icon=":material/dashboard:", url_path="zoning"),
        st.Page(_export, title=_("Export"), icon=":material/download:", url_path="export"),
        # The first page lives at “/”; people who type its name find it too.
        st.Page(_overview_again, title=_("Overview"), url_path="overview", visibility="hidden"),
    ]
    chosen = st.navigation(pages, position="sidebar")
    language_switch()
    with labelled():
        guarded(chosen.run)()


main()
