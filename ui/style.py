"""The few rules of looks that Streamlit's theme cannot say."""

from __future__ import annotations

import streamlit as st

from ui.words import language

__all__ = ["apply_style"]

# A table's own download writes cells as they are: a firm called “=cmd()” would be a formula in a
# spreadsheet. Our downloads disarm such cells, so that button is taken away.
_RULES = """
[data-testid="stMainBlockContainer"] { padding: 2.6rem 2rem 2rem; max-width: 1600px; }
[data-testid="stElementToolbarButtonContainer"] button[aria-label*="Download as CSV"],
[data-testid="stElementToolbarButton"]:has(button[aria-label*="Download as CSV"]) { display: none; }
[data-testid="stMetricValue"] { font-size: 1.65rem; }
[data-testid="stMetric"] { padding: 0.5rem 0.7rem; min-height: 6.4rem; }
[data-testid="stMetricLabel"] * { white-space: normal !important; }
h1 { font-size: 1.7rem !important; padding: 0 0 0.2rem !important; }
h2 { font-size: 1.25rem !important; }
h3 { font-size: 1.05rem !important; }
.st-key-synthetic_label [data-testid="stAlertContainer"] { padding: 0.35rem 0.7rem; font-size: 0.86rem; }
"""

# Streamlit has no translations of its own words; the few that planners meet are replaced here.
_CHINESE = """
[data-testid="stFileUploaderDropzone"] button p { display: none; }
[data-testid="stFileUploaderDropzone"] button::after { content: "选择文件"; font-size: 0.95rem; }
[data-testid="stFileUploaderDropzoneInstructions"] > * { display: none; }
[data-testid="stFileUploaderDropzoneInstructions"]::after {
  content: "单个文件不超过 200 MB"; font-size: 0.85rem; }
"""


def apply_style() -> None:
    """Put the rules on the page."""
    rules = _RULES + (_CHINESE if language() == "zh" else "")
    st.html(f"<style>{rules}</style>")
