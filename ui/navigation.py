"""The pages of the app, in the order of the way: one table for the sidebar and for links between pages."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from geo.errors import N_
from ui.words import _

__all__ = ["all_pages", "page_of"]

_PAGES = {
    "overview": (N_("Overview"), ":material/map:"),
    "data": (N_("Data"), ":material/table_view:"),
    "dispersion": (N_("Dispersion"), ":material/scatter_plot:"),
    "clusters": (N_("Clusters"), ":material/bubble_chart:"),
    "access": (N_("Access"), ":material/route:"),
    "zoning": (N_("Zoning"), ":material/dashboard:"),
    "export": (N_("Export"), ":material/download:"),
}
_FIRST = "overview"


def _run(name: str) -> Callable[[], None]:
    """Return a function that loads a page when it is looked at, so that the first one is there fast."""

    def run() -> None:
        import_module(f"ui.pages.{name}").page()

    run.__name__ = f"page_{name}"
    return run


def _to_first() -> None:
    st.switch_page(page_of(_FIRST), query_params=st.query_params.to_dict())


def page_of(name: str) -> StreamlitPage:
    """Return a page by its name, titled in the reader's language."""
    title, icon = _PAGES[name]
    address = "" if name == _FIRST else name
    return st.Page(_run(name), title=_(title), icon=icon, url_path=address, default=name == _FIRST)


def all_pages() -> list[StreamlitPage]:
    """Return the pages for the sidebar; people who type the first one's name find it too."""
    hidden = st.Page(_to_first, title=_("Overview"), url_path=_FIRST, visibility="hidden")
    return [*(page_of(name) for name in _PAGES), hidden]
