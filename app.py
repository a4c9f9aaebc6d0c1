"""The window: pages, language, and every error as a sentence. Run with ``streamlit run app.py``."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.backgrounds import background_setting
from ui.frame import labelled
from ui.messages import guarded
from ui.navigation import all_pages
from ui.style import apply_style
from ui.words import _, language_switch

ICON = Path(__file__).parent / "ui" / "icon.png"
SIDEBAR_PX = 250


def main() -> None:
    """Lay out the window and run the page that is asked for."""
    st.set_page_config(
        page_title=_("Parkplan"), page_icon=str(ICON), layout="wide", initial_sidebar_state=SIDEBAR_PX
    )
    apply_style()
    st.logo(str(ICON), size="large")
    chosen = st.navigation(all_pages(), position="sidebar")
    language_switch()
    background_setting()
    with labelled():
        guarded(chosen.run)()


main()
